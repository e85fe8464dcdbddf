#include "fold/offline_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "state/store_keys.h"
#include "store/memory_store.h"
#include "support/default_catalog.h"
#include "support/published.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class OfflineFoldTest : public ::testing::Test {
 protected:
  // Adds the next record.
  void Add(const v1::AccountEvent& event) {
    const MemoryRecord stored = RecordOf("2026-01-05", event);
    Record record;
    record.key = stored.key;
    record.value = stored.value;
    AddDecoded(decoder_.Decode(record));
  }
  void AddDecoded(DecodedRecord decoded) {
    const absl::Status added = fold_.Add(std::move(decoded), offset_++, [this](int64_t offset, const Rejection& why) {
      rejections_.emplace_back(offset, RejectionCodeName(why.code));
    });
    ASSERT_TRUE(added.ok()) << added;
  }
  void Flush() {
    const absl::Status flushed = fold_.Flush([this](int64_t offset, const Rejection& why) {
      rejections_.emplace_back(offset, RejectionCodeName(why.code));
    });
    ASSERT_TRUE(flushed.ok()) << flushed;
  }

  std::vector<std::string> Accounts() const {
    std::vector<std::string> ids;
    const absl::Status visited =
        fold_.VisitAccounts(kDay, [&ids](const FoldedValues& account) { ids.push_back(account.id); });
    EXPECT_TRUE(visited.ok()) << visited;
    return ids;
  }

  // By id: members, and a KPI.
  std::vector<std::pair<std::string, std::pair<int64_t, double>>> Groups(const std::string& kpi) const {
    std::vector<std::pair<std::string, std::pair<int64_t, double>>> groups;
    const absl::Status visited = fold_.VisitGroups(kDay, [&](const FoldedValues& group) {
      const std::map<std::string, double> kpis(group.kpis.begin(), group.kpis.end());
      groups.emplace_back(group.id, std::pair(group.accounts, kpis.at(kpi)));
    });
    EXPECT_TRUE(visited.ok()) << visited;
    return groups;
  }

  static constexpr Day kDay = 20'458;  // 2026-01-05
  const Catalog catalog_ = DefaultCatalog();
  const Decoder decoder_{*Currency::Parse("EUR")};
  MemoryStore store_{MergeStored};
  OfflineFold fold_{catalog_, store_};
  int64_t offset_ = 0;
  std::vector<std::pair<int64_t, std::string>> rejections_;
};

TEST_F(OfflineFoldTest, CountsWhatBecameOfRecords) {
  v1::AccountEvent invoice = Invoice("A1", "2026-01-05", 100);
  invoice.set_revision(1);
  v1::AccountEvent lower = invoice;
  lower.set_revision(0);
  v1::AccountEvent conflict = invoice;
  conflict.set_source("elsewhere");
  for (const v1::AccountEvent& event : {invoice, invoice, lower, conflict}) Add(event);
  AddDecoded(Erasure{"A2"});
  AddDecoded(Rejection{RejectionCode::kUndecodable, "not JSON"});
  Flush();
  EXPECT_EQ(fold_.counts().applied, 1);
  EXPECT_EQ(fold_.counts().duplicates, 1);
  EXPECT_EQ(fold_.counts().superseded, 1);
  EXPECT_EQ(fold_.counts().rejected, 2);
  EXPECT_EQ(fold_.counts().erasures, 1);
  EXPECT_THAT(rejections_, ElementsAre(Pair(3, "conflict"), Pair(5, "undecodable")));
}

TEST_F(OfflineFoldTest, SeveralEventsOfARecordCountEach) {
  const std::string one =
      R"({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "time": "2026-01-05T00:00:00Z")";
  const std::string list = "[" + one + R"(, "data": {"account_id": "A", "account_churned": {}}}, )" + one + "}]";
  Record record;
  record.key = "A";
  record.value = list;
  record.headers = {{"content-type", "application/cloudevents-batch+json"}};
  AddDecoded(decoder_.Decode(record));
  Flush();
  EXPECT_EQ(fold_.counts().applied, 1);
  EXPECT_THAT(rejections_, ElementsAre(Pair(0, "undecodable")));
  EXPECT_THAT(Accounts(), ElementsAre("A"));
}

TEST_F(OfflineFoldTest, AccountsWithoutLiveEventsAreNotVisited) {
  v1::AccountEvent retracted = Opened("B");
  Add(Opened("C"));
  Add(retracted);
  Add(Opened("A"));
  Add(Opened("D"));
  Flush();
  EXPECT_THAT(Accounts(), ElementsAre("A", "B", "C", "D"));
  retracted.set_revision(1);
  retracted.set_retracted(true);
  Add(retracted);
  AddDecoded(Erasure{"A"});
  AddDecoded(Erasure{"D"});
  Add(Opened("D"));
  Flush();
  EXPECT_THAT(Accounts(), ElementsAre("C", "D"));
}

TEST_F(OfflineFoldTest, TheLastDayIsThatOfTheLatestEventThatWasNotRejected) {
  EXPECT_EQ(fold_.LastDay(), std::nullopt);
  Add(At("2026-01-05T23:30:00Z", "account_opened {}"));  // the 6th in Berlin
  Add(Opened("A1", "2026-01-02"));
  v1::AccountEvent conflict = Opened("A1", "2026-03-01");
  Add(conflict);
  Flush();
  EXPECT_EQ(fold_.LastDay(), kDay + 1);
  Add(ClockAdvanced("2026-02-01"));
  Flush();
  EXPECT_EQ(fold_.LastDay(), *ParseDay("2026-02-01"));
}

TEST_F(OfflineFoldTest, GroupsAddUpTheirAccounts) {
  Add(At("2026-01-01", "account_opened { segment: 'ENT' region: 'north' parent_id: 'A1' }", {.account_id = "A1"}));
  Add(At("2026-01-01", "account_opened { segment: 'ENT' parent_id: 'A1' }", {.account_id = "A2"}));
  Add(At("2026-01-01", "key_account_designated { tier: KEY }", {.account_id = "A2"}));
  Add(At("2026-01-01", "manager_assigned { manager_id: 'M7' }", {.account_id = "A2"}));
  Add(At("2026-01-06", "manager_assigned { manager_id: 'later' }", {.account_id = "A1"}));
  Add(Invoice("A1", "2026-01-05", 100));
  Add(Invoice("A2", "2026-01-05", 250));
  Flush();
  EXPECT_THAT(Groups("revenue_ytd"),
              ElementsAre(Pair("manager:M7", Pair(1, 2.5)), Pair("parent:A1", Pair(2, 3.5)),
                          Pair("portfolio:all", Pair(2, 3.5)), Pair("portfolio:key", Pair(1, 2.5)),
                          Pair("region:north", Pair(1, 1.0)), Pair("segment:ENT", Pair(2, 3.5)),
                          Pair("tier:KEY", Pair(1, 2.5))));
}

TEST_F(OfflineFoldTest, EventsWithoutEffectAreVisitedByAccount) {
  Add(At("2026-01-03", "escalation_resolved { escalation_id: 'E' }", {.event_id = "1", .account_id = "B"}));
  Add(At("2026-01-03", "account_churned {}", {.event_id = "2", .account_id = "A"}));
  for (int order = 0; order < 40; ++order) {  // more than a page
    const std::string delivered = absl::StrCat("order_delivered { order_id: '", order, "' }");
    Add(At("2026-01-04", delivered, {.event_id = "3", .account_id = "A"}));
  }
  Add(At("2026-01-02", "order_placed { order_id: '7' }", {.event_id = "4", .account_id = "A"}));
  Add(At("2026-01-03", "account_reactivated {}", {.event_id = "5", .account_id = "A"}));
  Flush();
  std::map<std::string, int> counts;
  const absl::Status visited =
      fold_.VisitWithoutEffect([&](const std::string& account_id, const EntityRef& entity, const WithoutEffect& found) {
        EXPECT_NE(entity.id, "7");
        ++counts[absl::StrCat(account_id, " ", std::string(EntityKindName(entity.kind)), " ", found.event->event_id(),
                              " ", std::string(NoEffectName(found.reason)))];
      });
  EXPECT_TRUE(visited.ok()) << visited;
  EXPECT_THAT(counts, ElementsAre(Pair("A account 2 no_customer", 1), Pair("A order 3 never_founded", 39),
                                  Pair("B escalation 1 never_founded", 1)));
}

TEST_F(OfflineFoldTest, NoAccountsNoGroups) {
  Add(Rate("USD", "2026-01", 2));
  Flush();
  EXPECT_THAT(Accounts(), IsEmpty());
  EXPECT_THAT(Groups("revenue_ytd"), IsEmpty());
}

}  // namespace
}  // namespace keyfold
