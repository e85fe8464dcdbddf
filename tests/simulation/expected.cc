#include "simulation/expected.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "fold/offline_fold.h"
#include "keyfold/v1/kpi_update.pb.h"
#include "kpi/group_sums.h"
#include "simulation/changed_check.h"
#include "state/account_reader.h"
#include "state/store_keys.h"
#include "state/stored_account.h"
#include "support/read_members.h"

namespace keyfold {

namespace {

std::string Describe(const v1::AccountAttributes& attributes) {
  return absl::StrCat(attributes.name(), "/", attributes.segment(), "/", attributes.manager_id(), "/",
                      attributes.parent_id(), "/", attributes.tier(), attributes.customer() ? ", customer" : "");
}

std::string Describe(const AccountAttributes& attributes, bool customer) {
  return absl::StrCat(attributes.name, "/", attributes.segment, "/", attributes.manager_id, "/", attributes.parent_id,
                      "/", attributes.tier, customer ? ", customer" : "");
}

Record RecordOf(const MemoryRecord& stored) {
  Record record;
  record.timestamp_ms = stored.timestamp_ms;
  record.key = *stored.key;
  if (stored.value.has_value()) record.value = *stored.value;
  return record;
}

}  // namespace

std::map<std::string, Published> LastPublished(const std::vector<MemoryRecord>& updates) {
  std::map<std::string, Published> last;
  std::map<std::string, int64_t> version;
  for (const MemoryRecord& record : updates) {
    const std::string& account_id = *record.key;
    const bool is_group = account_id.find(':') != std::string::npos;
    if (!record.value.has_value()) {
      // A group may get one more after a crash: its partials may have been compacted away that were published.
      const bool known = last.erase(account_id) == 1;
      EXPECT_TRUE(known || is_group) << "a tombstone for " << account_id << ", which was not published";
      continue;
    }
    v1::KpiUpdate update;
    EXPECT_TRUE(update.ParseFromString(*record.value));
    const auto before = version.find(account_id);
    if (before != version.end()) {
      EXPECT_GT(update.source_offset(), before->second) << account_id << " was published twice";
    }
    version[account_id] = update.source_offset();
    last[account_id] = {{update.kpis().begin(), update.kpis().end()},
                        {update.missing_rates().begin(), update.missing_rates().end()},
                        update.accounts(),
                        is_group ? "" : Describe(update.attributes())};
  }
  return last;
}

std::string HeaderOf(const MemoryRecord& record, std::string_view name) {
  for (const RecordHeader& header : record.headers) {
    if (header.name == name) return *header.value;
  }
  return "";
}

std::vector<std::string> WrongChanges(const Catalog& catalog, const RunResult& run) {
  std::vector<std::string> problems = WrongChanges(catalog, run.updates);
  const std::vector<std::string> of_groups = WrongChanges(catalog, run.group_updates);
  problems.insert(problems.end(), of_groups.begin(), of_groups.end());
  return problems;
}

std::multiset<std::string> DeadLetterPositions(const std::vector<MemoryRecord>& letters) {
  std::multiset<std::string> positions;
  for (const MemoryRecord& letter : letters) {
    positions.insert(HeaderOf(letter, "error.partition") + " " + HeaderOf(letter, "error.offset"));
  }
  return positions;
}

TimeOfLog FollowTime(const Catalog& catalog, const std::vector<MemoryRecord>& log) {
  const Decoder decoder(catalog.reporting_currency());
  const int64_t clock_ms = log.back().timestamp_ms;
  int64_t stream_time_ms = 0;
  TimeOfLog time;
  for (size_t offset = 0; offset < log.size(); ++offset) {
    if (std::holds_alternative<Rejection>(decoder.Decode(RecordOf(log[offset])))) continue;
    if (log[offset].timestamp_ms > std::max(stream_time_ms, clock_ms) + kAheadMsMax) {
      if (log[offset].value.has_value()) time.refused.insert(static_cast<int64_t>(offset));
      continue;
    }
    stream_time_ms = std::max(stream_time_ms, log[offset].timestamp_ms);
  }
  time.day = catalog.calendar().DayOf(stream_time_ms / 1000);
  return time;
}

std::map<std::string, Published> Folded(const Catalog& catalog, const std::vector<MemoryRecord>& log,
                                        const TimeOfLog& time) {
  MemoryStore store(MergeStored);
  OfflineFold fold(catalog, store);
  const Decoder decoder(catalog.reporting_currency());
  const auto ignore = [](int64_t, const Rejection&) {};
  for (size_t offset = 0; offset < log.size(); ++offset) {
    if (time.refused.contains(static_cast<int64_t>(offset))) continue;
    EXPECT_TRUE(fold.Add(decoder.Decode(RecordOf(log[offset])), 0, ignore).ok());
  }
  EXPECT_TRUE(fold.Flush(ignore).ok());
  std::map<std::string, Published> values;
  const auto add = [&](const FoldedValues& account) {
    Published& published = values[account.id];
    published.kpis = {account.kpis.begin(), account.kpis.end()};
    published.missing_rates = account.missing_rates;
    const auto spans = ReadAttributes(store, catalog.calendar(), account.id);
    published.attributes = Describe(AttributesAt(*spans, time.day), published.kpis.at("customers") > 0);
  };
  EXPECT_TRUE(fold.VisitAccounts(time.day, add).ok());
  return values;
}

std::map<std::string, Published> GroupsOfShards(const Catalog& catalog,
                                                const std::map<int32_t, ShardContents>& shards) {
  std::map<std::string, GroupSums> groups;
  std::optional<EvaluationDay> evaluation;
  for (const auto& [partition, contents] : shards) {
    MemoryStore store(MergeStored);
    StoreBatch batch;
    for (const auto& [key, value] : contents) batch.Put(key, value);
    EXPECT_TRUE(store.Write(batch).ok());
    v1::ShardMeta meta;
    EXPECT_TRUE(meta.ParseFromString(contents.at(MetaKey())));
    const Day day = catalog.calendar().DayOf(meta.stream_time_ms() / 1000);
    EXPECT_TRUE(!evaluation.has_value() || evaluation->day == day);
    if (!evaluation.has_value()) evaluation.emplace(catalog, day);
    const RateTable rates = *ReadRates(store);
    const std::vector<std::string> accounts = *ReadMembers(store, kAllAccountsGroup);
    for (const std::string& id : accounts) {
      if (ParseStoredAccount(id, contents.at(AccountKey(id)))->live_events() == 0) continue;
      const ComponentValues components = SumComponents(*evaluation, *ReadLedger(store, id), rates);
      const GroupDelta share(catalog, {components, EvaluateAccount(*evaluation, components)});
      const AccountAttributes attributes = AttributesAt(*ReadAttributes(store, catalog.calendar(), id), day);
      for (const std::string& group : GroupsOf(attributes)) groups.try_emplace(group, catalog).first->second += share;
    }
  }
  std::map<std::string, Published> published;
  for (const auto& [id, sums] : groups) {
    Published& values = published[id];
    for (const auto& [kpi, value] : PublishedKpis(catalog, sums.Evaluate(*evaluation), /*group=*/true)) {
      values.kpis[kpi] = value;
    }
    for (const auto& [currency, count] : sums.missing_rates) values.missing_rates.push_back(currency.code());
    values.accounts = sums.accounts;
  }
  return published;
}

}  // namespace keyfold
