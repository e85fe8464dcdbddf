#include "ask/projection_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "keyfold/v1/stored_state.pb.h"
#include "state/account_reader.h"
#include "state/shard_meta.h"
#include "state/store_keys.h"
#include "state/stored_account.h"

namespace keyfold {
namespace {

// At which of the days the account belongs to the group. False: at none.
bool FindDays(std::span<const AttributeSpan> spans, std::string_view group_id, std::span<const Day> days,
              std::vector<uint8_t>& member) {
  std::vector<uint8_t> in_span = {static_cast<uint8_t>(BelongsTo({}, group_id))};  // before the first span
  for (const AttributeSpan& span : spans) in_span.push_back(BelongsTo(span.attributes, group_id) ? 1 : 0);
  bool any = false;
  for (size_t i = 0; i < days.size(); ++i) {
    const auto later = std::upper_bound(spans.begin(), spans.end(), days[i],
                                        [](Day day, const AttributeSpan& span) { return day < span.from; });
    member[i] = in_span[static_cast<size_t>(later - spans.begin())];
    any |= member[i] != 0;
  }
  return any;
}

std::string Instant(int64_t milliseconds) { return FormatInstant(absl::FromUnixMillis(milliseconds)); }

}  // namespace

std::string RangesOf(const std::vector<int32_t>& numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    absl::StrAppend(&text, text.empty() ? "" : ", ", numbers[i]);
    if (last > i) absl::StrAppend(&text, "-", numbers[last]);
    i = last + 1;
  }
  return text;
}

std::vector<int32_t> MissingPartitions(std::span<const ShardMoment> moments) {
  std::vector<int32_t> missing;
  int32_t next = 0;
  int32_t end = 0;
  for (const ShardMoment& moment : moments) {
    for (; next < moment.partition; ++next) missing.push_back(next);
    next = moment.partition + 1;
    end = std::max(end, moment.topic_partitions);
  }
  for (; next < end; ++next) missing.push_back(next);
  return missing;
}

AccountValues EvaluateAt(const EvaluationDay& evaluation, const AccountRecord& account) {
  ComponentValues components = SumComponents(evaluation, account.ledger, *account.rates);
  std::vector<double> values = EvaluateAccount(evaluation, components);
  return {std::move(components), std::move(values)};
}

absl::StatusOr<ProjectionReader> ProjectionReader::Open(const Catalog& catalog, std::vector<ShardSource> shards) {
  std::sort(shards.begin(), shards.end(),
            [](const ShardSource& a, const ShardSource& b) { return a.partition < b.partition; });
  auto opened = std::make_shared<Shards>();
  opened->sources = std::move(shards);
  opened->rates.resize(opened->sources.size());
  for (size_t i = 0; i < opened->sources.size(); ++i) KEYFOLD_RETURN_IF_ERROR(ReadMoment(catalog, i, *opened));
  return ProjectionReader(catalog, std::move(opened));
}

absl::Status ProjectionReader::ReadMoment(const Catalog& catalog, size_t index, Shards& shards) {
  const ShardSource& source = shards.sources[index];
  ShardMoment& moment = shards.moments.emplace_back();
  moment.partition = source.partition;
  moment.written_at = source.written_at;
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, source.store->Get(MetaKey()));
  if (!bytes.has_value()) return absl::OkStatus();
  v1::ShardMeta meta;
  if (!meta.ParseFromString(*bytes)) {
    return absl::DataLossError(absl::StrCat("shard ", source.partition, ": the meta record is damaged"));
  }
  if (meta.format_version() != kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat("shard ", source.partition, " has storage format ",
                                                      meta.format_version(), ", this version reads ", kFormatVersion));
  }
  if (meta.rebuilding()) {
    return absl::FailedPreconditionError(
        absl::StrCat("shard ", source.partition, " is being rebuilt, or a rebuild of it was interrupted"));
  }
  if (const std::optional<std::string> difference = DescribeDifference(meta, catalog)) {
    return absl::FailedPreconditionError(
        absl::StrCat("shard ", source.partition, " was ", *difference, ": query with the configuration of the worker"));
  }
  moment.stored = true;
  moment.next_offset = meta.next_offset();
  moment.stream_time_ms = meta.stream_time_ms();
  moment.topic_partitions = meta.topic_partitions();
  KEYFOLD_ASSIGN_OR_RETURN(shards.rates[index], ReadRates(*source.store));
  return absl::OkStatus();
}

absl::Status ProjectionReader::CheckComplete() const {
  const std::vector<int32_t> missing = MissingPartitions(moments());
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the shards of partitions ", RangesOf(missing),
                   " are not on this machine: a group's numbers need all of them; bring them together, or read the "
                   "groups from the roll-up topic"));
}

std::string ProjectionReader::Describe() const {
  std::vector<int32_t> partitions;
  int64_t latest_ms = -1;
  for (const ShardMoment& moment : shards_->moments) {
    partitions.push_back(moment.partition);
    latest_ms = std::max(latest_ms, moment.stream_time_ms);
  }
  std::string behind;
  std::string moments;
  for (const ShardMoment& moment : shards_->moments) {
    absl::StrAppend(&moments, moments.empty() ? "; seen at offset " : ", ", moment.partition, ": ",
                    moment.stored ? absl::StrCat(moment.next_offset) : "nothing stored",
                    moment.stored && moment.written_at > absl::InfinitePast()
                        ? absl::StrCat(" stored ", FormatInstant(moment.written_at))
                        : "");
    const bool folded = moment.stream_time_ms >= 0;
    if (latest_ms < 0 || (folded && DayOf(moment) == StreamDay(catalog_->calendar(), latest_ms))) continue;
    absl::StrAppend(&behind, behind.empty() ? "; behind: " : ", ", moment.partition, " (",
                    folded ? Instant(moment.stream_time_ms) : "nothing folded", ")");
  }
  return absl::StrCat(partitions.size(), partitions.size() == 1 ? " shard: " : " shards: ", RangesOf(partitions),
                      ", stream time ", latest_ms < 0 ? "none" : Instant(latest_ms), behind, moments);
}

std::string ProjectionReader::WhyNotFound() const {
  std::vector<int32_t> partitions;
  for (const ShardMoment& moment : moments()) {
    if (!moment.stored) partitions.push_back(moment.partition);
  }
  if (partitions.empty()) return "";
  return absl::StrCat("; nothing is stored yet of partition", partitions.size() == 1 ? " " : "s ", RangesOf(partitions),
                      ": it may be there when their worker has flushed what it folds");
}

absl::StatusOr<Day> ProjectionReader::LatestDay() const {
  std::optional<Day> latest;
  for (const ShardMoment& moment : moments()) {
    if (moment.stream_time_ms >= 0) latest = std::max(latest.value_or(DayOf(moment)), DayOf(moment));
  }
  if (!latest.has_value()) return absl::FailedPreconditionError("the shards have not folded anything yet");
  return *latest;
}

absl::StatusOr<bool> ProjectionReader::IsLive(size_t index, std::string_view account_id) const {
  KEYFOLD_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, shards()[index].store->Get(AccountKey(account_id)));
  if (!bytes.has_value()) return false;
  KEYFOLD_ASSIGN_OR_RETURN(const v1::StoredAccount stored, ParseStoredAccount(account_id, *bytes));
  return stored.live_events() > 0;
}

absl::StatusOr<std::optional<AccountRecord>> ProjectionReader::ReadAccount(std::string_view account_id) const {
  for (size_t i = 0; i < shards().size(); ++i) {
    KEYFOLD_ASSIGN_OR_RETURN(const bool live, IsLive(i, account_id));
    if (!live) continue;
    AccountRecord account;
    account.id = std::string(account_id);
    account.rates = &shards_->rates[i];
    account.shard = i;
    KEYFOLD_ASSIGN_OR_RETURN(account.attributes, ReadAttributes(*shards()[i].store, catalog_->calendar(), account_id));
    KEYFOLD_ASSIGN_OR_RETURN(account.ledger, ReadLedger(*shards()[i].store, account_id));
    return account;
  }
  return std::nullopt;
}

absl::Status ProjectionReader::VisitMembers(std::string_view group_id, std::span<const Day> days,
                                            const Visitor& visit) const {
  std::vector<uint8_t> member(days.size());
  for (size_t i = 0; i < shards().size(); ++i) {
    const ShardStore& store = *shards()[i].store;
    KEYFOLD_RETURN_IF_ERROR(keyfold::VisitMembers(store, group_id, [&](std::string_view account_id) -> absl::Status {
      KEYFOLD_ASSIGN_OR_RETURN(const bool live, IsLive(i, account_id));
      if (!live) return absl::OkStatus();
      AccountRecord account;
      KEYFOLD_ASSIGN_OR_RETURN(account.attributes, ReadAttributes(store, catalog_->calendar(), account_id));
      if (!FindDays(account.attributes, group_id, days, member)) return absl::OkStatus();
      account.id = std::string(account_id);
      account.rates = &shards_->rates[i];
      account.shard = i;
      KEYFOLD_ASSIGN_OR_RETURN(account.ledger, ReadLedger(store, account_id));
      visit(account, member);
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace keyfold
