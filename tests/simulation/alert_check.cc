#include "simulation/alert_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "fold/alerts.h"
#include "fold/cause.h"
#include "keyfold/v1/alert.pb.h"
#include "kpi/group_sums.h"
#include "simulation/expected.h"
#include "state/account_reader.h"
#include "state/store_keys.h"
#include "state/stored_account.h"
#include "support/default_catalog.h"
#include "support/read_members.h"

namespace keyfold {
namespace {

constexpr char kGroupAlerts[] =
    "  - {id: loses_money, formula: margin < 0, severity: LOW, rollup: {formula: margin < 0}}\n"
    "  - {id: sold_today, formula: 'sum(revenue, day) > 0', severity: LOW, rollup: {formula: 'sum(revenue, day) > "
    "0'}}\n";

void AddRaised(const Catalog& catalog, const Update& update, std::set<std::string>& keys) {
  for (const std::string& alert : RaisedAlerts(catalog, update)) keys.insert(AlertKey(alert, update.id, update.group));
}

bool IsLive(const ShardContents& contents, const std::string& account_id) {
  const auto bytes = contents.find(AccountKey(account_id));
  return bytes != contents.end() && ParseStoredAccount(account_id, bytes->second)->live_events() > 0;
}

// Of the accounts of one shard; adds their shares to the groups.
void AddRaisedOf(const EvaluationDay& evaluation, const ShardContents& contents,
                 std::map<std::string, GroupSums>& groups, std::set<std::string>& keys) {
  const Catalog& catalog = *evaluation.catalog;
  MemoryStore store(MergeStored);
  StoreBatch batch;
  for (const auto& [key, value] : contents) batch.Put(key, value);
  EXPECT_TRUE(store.Write(batch).ok());
  const RateTable rates = *ReadRates(store);
  const std::vector<std::string> accounts = *ReadMembers(store, kAllAccountsGroup);
  for (const std::string& id : accounts) {
    if (!IsLive(contents, id)) continue;
    const ComponentValues components = SumComponents(evaluation, *ReadLedger(store, id), rates);
    const std::vector<double> values = EvaluateAccount(evaluation, components);
    Update update;
    update.id = id;
    update.after = &values;
    update.customer = components.base[catalog.customer_slot()] > 0;
    AddRaised(catalog, update, keys);
    const GroupDelta share(catalog, {components, values});
    const AccountAttributes attributes = AttributesAt(*ReadAttributes(store, catalog.calendar(), id), evaluation.day);
    for (const std::string& group : GroupsOf(attributes)) groups.try_emplace(group, catalog).first->second += share;
  }
}

}  // namespace

Catalog CatalogWithGroupAlerts() {
  absl::StatusOr<Catalog> catalog = Catalog::Parse(DefaultCatalogYaml() + kGroupAlerts, "catalog.yaml", {});
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return *std::move(catalog);
}

std::vector<std::string> WrongAlerts(const std::vector<MemoryRecord>& alerts) {
  std::vector<std::string> problems;
  std::map<std::string, bool> raised;
  std::map<std::string, int64_t> version;
  for (const MemoryRecord& record : alerts) {
    if (!record.value.has_value()) {
      raised.erase(*record.key);
      continue;
    }
    v1::KpiAlert alert;
    EXPECT_TRUE(alert.ParseFromString(*record.value));
    const std::string name = absl::StrCat(*record.key, " by ", alert.source_offset());
    const auto before = version.find(*record.key);
    if (before != version.end() && alert.source_offset() <= before->second) problems.push_back(name + " is too late");
    version[*record.key] = alert.source_offset();
    bool& is_raised = raised[*record.key];
    if (is_raised == alert.raised() && !IsAfresh(alert.cause())) problems.push_back(name + " repeats the one before");
    is_raised = alert.raised();
  }
  return problems;
}

std::set<std::string> RaisedAtLast(const RunResult& run) {
  std::set<std::string> raised;
  for (const std::vector<MemoryRecord>* alerts : {&run.alerts, &run.group_alerts}) {
    for (const MemoryRecord& record : *alerts) {
      raised.erase(*record.key);
      v1::KpiAlert alert;
      if (record.value.has_value() && alert.ParseFromString(*record.value) && alert.raised())
        raised.insert(*record.key);
    }
  }
  return raised;
}

std::set<std::string> RaisedByShards(const Catalog& catalog, const RunResult& run) {
  std::set<std::string> raised;
  std::map<std::string, GroupSums> groups;
  Day latest = 0;
  for (const auto& [partition, contents] : run.shards) {
    v1::ShardMeta meta;
    EXPECT_TRUE(meta.ParseFromString(contents.at(MetaKey())));
    const Day day = catalog.calendar().DayOf(meta.stream_time_ms() / 1000);
    latest = std::max(latest, day);
    AddRaisedOf(EvaluationDay(catalog, day), contents, groups, raised);
  }
  const EvaluationDay evaluation(catalog, latest);
  for (const auto& [id, sums] : groups) {
    const std::vector<double> values = sums.Evaluate(evaluation);
    Update update;
    update.id = id;
    update.group = true;
    update.after = &values;
    AddRaised(catalog, update, raised);
  }
  return raised;
}

std::vector<std::string> WrongAlerts(const Catalog& catalog, const RunResult& run) {
  std::vector<std::string> problems = WrongAlerts(run.alerts);
  for (std::string& problem : WrongAlerts(run.group_alerts)) problems.push_back(std::move(problem));
  const std::set<std::string> actual = RaisedAtLast(run);
  const std::set<std::string> expected = RaisedByShards(catalog, run);
  for (const std::string& key : actual) {
    if (!expected.contains(key)) problems.push_back(key + " is raised in the end, and ought not to be");
  }
  for (const std::string& key : expected) {
    if (!actual.contains(key)) problems.push_back(key + " ought to be raised in the end");
  }
  return problems;
}

}  // namespace keyfold
