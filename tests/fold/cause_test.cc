// What an account's record says beside its values: what the account is, why there is a record, and since when one could
// know.
#include "fold/cause.h"

#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class CauseTest : public ShardTest {
 protected:
  // "EVENT invoice_issued at 2026-01-05"
  static std::string Describe(v1::KpiUpdate::Cause cause, const std::string& event, int64_t recorded_at_ms) {
    const std::string day = FormatDay(static_cast<Day>(recorded_at_ms / 86'400'000));
    return absl::StrCat(v1::KpiUpdate::Cause_Name(cause), event.empty() ? "" : " ", event, " at ", day);
  }
  static std::string CauseOf(const v1::KpiUpdate& update) {
    return Describe(update.cause(), update.cause_event(), update.recorded_at().seconds() * 1'000);
  }

  // Of the partials that were published since the last call, by group.
  std::map<std::string, std::string> CausesOfPartials() {
    std::map<std::string, std::string> causes;
    for (const OutputRecord& output : std::exchange(partials_, {})) {
      v1::GroupPartial partial;
      EXPECT_TRUE(partial.ParseFromString(*output.value));
      causes[partial.group_id()] = Describe(partial.cause(), partial.cause_event(), partial.recorded_at_ms());
    }
    return causes;
  }

  v1::AccountEvent Account(std::string_view day, const std::string& payload) {
    return At(day, payload, {.event_id = absl::StrCat("account ", log_.size())});
  }

  // Folds, and forgets what that publishes.
  void Fold() {
    FoldAll();
    Published();
    Partials();
  }
};

TEST_F(CauseTest, NamesEveryTypeOfEvent) {
  EXPECT_EQ(EventTypeName(v1::AccountEvent::kInvoiceIssued), "invoice_issued");
  EXPECT_EQ(EventTypeName(v1::AccountEvent::kFxRateSet), "fx_rate_set");
  EXPECT_EQ(EventTypeName(v1::AccountEvent::PAYLOAD_NOT_SET), "");
}

TEST_F(CauseTest, AnEventIsNamedAndItsRecordDated) {
  Append("2026-01-05", Invoice("A1", "2026-01-02", 100));
  FoldAll();
  EXPECT_EQ(CauseOf(UpdateOne()), "EVENT invoice_issued at 2026-01-05");
}

TEST_F(CauseTest, OfABatchTheLastEventThatChangedSomethingCounts) {
  Append("2026-01-05", Opened("A1"));
  Append("2026-01-05", Invoice("A1", "2026-01-02", 100));
  Append("2026-01-05T13:00:00Z", Opened("A1"));  // a duplicate
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_EQ(CauseOf(update), "EVENT invoice_issued at 2026-01-05");
  EXPECT_EQ(update.source_offset(), 1);
  EXPECT_EQ(update.recorded_at().seconds(), Milliseconds("2026-01-05") / 1'000);
}

TEST_F(CauseTest, TimeIsTheCauseWhereTheDateMoves) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  Fold();
  Append("2026-02-01", ClockAdvanced("2026-02-01"));
  FoldAll();
  EXPECT_EQ(CausesOfPartials(), (std::map<std::string, std::string>{{"portfolio:all", "TIME at 2026-02-01"}}));
  EXPECT_EQ(CauseOf(UpdateOne()), "TIME at 2026-02-01");
}

TEST_F(CauseTest, ARateIsTheCauseWhereItConvertsAmounts) {
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100, "USD"));
  Append("2026-01-05", Invoice("A2", "2026-01-05", 100));
  Fold();
  Append("2026-01-05T13:00:00Z", Rate("USD", "2026-01", 2));
  FoldAll();
  EXPECT_EQ(CausesOfPartials(), (std::map<std::string, std::string>{{"portfolio:all", "RATE at 2026-01-05"}}));
  EXPECT_EQ(CauseOf(UpdateOne()), "RATE at 2026-01-05");
}

TEST_F(CauseTest, ANewNameIsPublishedThoughNoValueChanges) {
  Append("2026-01-05", Account("2026-01-01", "account_opened { name: 'Alt' }"));
  FoldAll();
  EXPECT_EQ(UpdateOne().attributes().name(), "Alt");
  Append("2026-01-05", Account("2026-01-02", "account_classified { name: 'Neu' industry: 'Chemie' }"));
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_EQ(update.attributes().name(), "Neu");
  EXPECT_EQ(update.attributes().industry(), "Chemie");
  EXPECT_THAT(update.changed(), IsEmpty());
  EXPECT_EQ(CauseOf(update), "EVENT account_classified at 2026-01-05");
  Append("2026-01-05", Account("2026-01-03", "account_classified { name: 'Neu' }"));
  FoldAll();
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(CauseTest, EveryRecordCarriesWhatTheAccountIs) {
  Append("2026-01-05", Account("2026-01-01", "account_opened { name: 'N' segment: 'S' region: 'R' }"));
  Append("2026-01-05", Account("2026-01-01T13:00:00Z", "manager_assigned { manager_id: 'M' }"));
  Append("2026-01-05", Account("2026-01-01T14:00:00Z", "key_account_designated { tier: GROWTH }"));
  Fold();
  Open();  // from what is stored
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  const v1::AccountAttributes attributes = UpdateOne().attributes();
  EXPECT_EQ(attributes.name(), "N");
  EXPECT_EQ(attributes.segment(), "S");
  EXPECT_EQ(attributes.region(), "R");
  EXPECT_EQ(attributes.industry(), "");
  EXPECT_EQ(attributes.manager_id(), "M");
  EXPECT_EQ(attributes.tier(), "GROWTH");
  EXPECT_TRUE(attributes.customer());
  EXPECT_TRUE(attributes.key_account());
  Append("2026-01-05", Account("2026-01-02", "account_churned {}"));
  FoldAll();
  const v1::AccountAttributes churned = UpdateOne().attributes();
  EXPECT_FALSE(churned.customer());
  EXPECT_FALSE(churned.key_account());
  EXPECT_EQ(churned.name(), "N");
}

TEST_F(CauseTest, WhatIsDatedAheadComesWithTime) {
  Append("2026-01-05", Account("2026-01-01", "account_opened { name: 'Alt' }"));
  Append("2026-01-05", Account("2026-01-07", "account_classified { name: 'Neu' }"));
  FoldAll();
  EXPECT_EQ(UpdateOne().attributes().name(), "Alt");
  Append("2026-01-08", ClockAdvanced("2026-01-08"));
  FoldAll();
  const v1::KpiUpdate update = UpdateOne();
  EXPECT_EQ(update.attributes().name(), "Neu");
  EXPECT_EQ(CauseOf(update), "TIME at 2026-01-08");
}

TEST_F(CauseTest, AGroupTellsWhatItsMembersDoFromWhoItsMembersAre) {
  Append("2026-01-05", ClockAdvanced("2026-01-05"));
  Fold();
  Append("2026-01-05", Account("2026-01-01", "manager_assigned { manager_id: 'M1' }"));
  FoldAll();
  EXPECT_THAT(CausesOfPartials(), ElementsAre(Pair("manager:M1", "MEMBERSHIP manager_assigned at 2026-01-05"),
                                              Pair("portfolio:all", "MEMBERSHIP manager_assigned at 2026-01-05")));
  Append("2026-01-05", Invoice("A1", "2026-01-05", 100));
  FoldAll();
  EXPECT_THAT(CausesOfPartials(), ElementsAre(Pair("manager:M1", "EVENT invoice_issued at 2026-01-05"),
                                              Pair("portfolio:all", "EVENT invoice_issued at 2026-01-05")));
  // A new name is none of a group's business.
  Append("2026-01-05", Account("2026-01-01T13:00:00Z", "account_opened { name: 'N' }"));
  Fold();
  Append("2026-01-05", Account("2026-01-02", "account_classified { name: 'Neu' }"));
  FoldAll();
  EXPECT_THAT(CausesOfPartials(), IsEmpty());
  Append("2026-01-05", Account("2026-01-02T13:00:00Z", "manager_assigned { manager_id: 'M2' }"));
  FoldAll();
  EXPECT_THAT(CausesOfPartials(), ElementsAre(Pair("manager:M1", "MEMBERSHIP manager_assigned at 2026-01-05"),
                                              Pair("manager:M2", "MEMBERSHIP manager_assigned at 2026-01-05")));
  AppendErasure("2026-01-05", "A1");
  FoldAll();
  EXPECT_THAT(CausesOfPartials(), ElementsAre(Pair("manager:M2", "MEMBERSHIP at 2026-01-05"),
                                              Pair("portfolio:all", "MEMBERSHIP at 2026-01-05")));
}

}  // namespace
}  // namespace keyfold
