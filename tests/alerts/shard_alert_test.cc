// Alerts of accounts: given a log, when it is folded, then flags that changed are published, once.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "state/commit_metadata.h"
#include "support/shard_world.h"

namespace keyfold {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class ShardAlertTest : public ShardTest {
 protected:
  // An event of A1, an account that is a customer once Open() was called.
  int64_t AppendOf(std::string_view when, std::string_view payload, Envelope envelope = {}) {
    if (envelope.event_id.empty()) envelope.event_id = absl::StrCat("event ", log_.size());
    return Append(when.substr(0, 10), At(when, payload, envelope));
  }
  void BeCustomer(std::string_view day = "2026-01-01") { Append(day, Opened("A1", day)); }
  void Escalate(std::string_view day) {
    AppendOf(day, "escalation_opened { escalation_id: 'E' severity: HIGH department: SALES }", {.event_id = "e"});
  }
  void Resolve(std::string_view day) { AppendOf(day, "escalation_resolved { escalation_id: 'E' }"); }
  void AdvanceTo(std::string_view day) { Append(day, ClockAdvanced(day)); }
  void Erase(std::string_view day) { AppendErasure(day, "A1"); }

  // Of the alerts of A1: what became of each since the last call, "contract_due raised".
  std::vector<std::string> FoldedAlerts() {
    FoldAll();
    for (const OutputRecord& output : outputs_) {
      if (output.topic == OutputTopic::kDeadLetters) ADD_FAILURE() << *output.headers.at(1).value;
    }
    std::vector<std::string> texts;
    for (const OutputRecord& output : std::exchange(alerts_, {})) {
      texts.push_back(output.key->substr(std::string("account/").size()));
      texts.back().erase(texts.back().find("/A1"));
      texts.back() += !output.value.has_value() ? " gone" : ParseAlert(*output.value).raised() ? " raised" : " cleared";
    }
    return texts;
  }

  // Opens the shard as a worker does that finds this commit of the group.
  void Resume(const CommittedOffset& commit) {
    Open();
    shard_->BeginReplay(commit);
    while (shard_->next_offset() < commit.offset.value_or(0)) {
      const Record record = RecordAt(shard_->next_offset());
      ASSERT_TRUE(shard_->Fold(std::span(&record, 1)).ok());
      ASSERT_TRUE(shard_->PrepareCommit().ok());
      ASSERT_TRUE(shard_->PostCommit().ok());
    }
    while (!*shard_->FinishReplay(1'000, [] { return false; })) {
    }
  }
};

// --- the shipped ones ------------------------------------------------------------------------------------------------

TEST_F(ShardAlertTest, ACustomerIsAtRisk) {
  AppendOf("2026-01-05", "risk_flagged { risk_id: 'R' severity: CRITICAL }");
  EXPECT_THAT(FoldedAlerts(), IsEmpty()) << "nobody can lose who is no customer";
  BeCustomer("2026-01-06");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("at_risk raised"));
  AppendOf("2026-01-07", "account_churned {}");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("at_risk cleared"));
}

TEST_F(ShardAlertTest, ASevereEscalationIsOpen) {
  Escalate("2026-01-05");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("severe_escalation_open raised"));
  Resolve("2026-01-06");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("severe_escalation_open cleared"));
}

TEST_F(ShardAlertTest, AContractIsDueUntilItIsRenewed) {
  BeCustomer();
  AppendOf("2026-01-05",
           "contract_signed { contract_id: 'C' start_date: '2026-01-01' end_date: '2026-06-30' annual_value { "
           "currency_code: 'EUR' minor: 100 } }");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  AdvanceTo("2026-04-02");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("contract_due raised"));
  AppendOf("2026-04-03", "contract_renewed { contract_id: 'C' end_date: '2027-06-30' }");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("contract_due cleared"));
}

TEST_F(ShardAlertTest, AKeyAccountHasNoExecutiveReview) {
  AppendOf("2026-01-01", "key_account_designated { tier: KEY }");
  AdvanceTo("2026-03-31");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  AdvanceTo("2026-04-01");
  EXPECT_THAT(FoldedAlerts(), Contains("executive_review_missing raised"));
  AppendOf("2026-04-02", "meeting_held { meeting_id: 'M' kind: EXECUTIVE_REVIEW }");
  EXPECT_THAT(FoldedAlerts(), Contains("executive_review_missing cleared"));
}

TEST_F(ShardAlertTest, RevenueFallsByMoreThanTheParameterSays) {
  BeCustomer("2025-01-01");
  Append("2025-02-01", Invoice("A1", "2025-02-01", 100'000));
  Append("2026-02-02", Invoice("A1", "2026-02-02", 90'000));
  EXPECT_THAT(FoldedAlerts(), Not(Contains("revenue_falling raised"))) << "a tenth less is no more than a tenth";
  AppendOf("2026-02-02", "invoice_cancelled { invoice_id: 'I2026-02-0290000' }");
  Append("2026-02-02", Invoice("A1", "2026-02-02", 89'999));
  EXPECT_THAT(FoldedAlerts(), Contains("revenue_falling raised"));
}

TEST_F(ShardAlertTest, APlanIsMissedByItsMarginOrByItsRevenue) {
  BeCustomer("2025-01-01");
  AppendOf("2026-01-01", "invoice_issued { invoice_id: 'I'" + LineOf("BASE", 100'000, 65'000) + "}");
  AppendOf("2026-01-02",
           "plan_approved { plan_id: 'P' start_date: '2026-01-01' end_date: '2026-12-31' target_growth: 0.5 "
           "min_margin: 0.3 baseline_revenue { currency_code: 'EUR' minor: 100000 } }");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  AdvanceTo("2026-06-01");  // 120,600 were wanted by now
  EXPECT_THAT(FoldedAlerts(), ElementsAre("plan_off_track raised"));
  AppendOf("2026-06-01", "invoice_issued { invoice_id: 'J'" + LineOf("BASE", 20'000, 20'000) + "}");
  EXPECT_THAT(FoldedAlerts(), UnorderedElementsAre("margin_below_floor raised", "plan_off_track cleared"));
}

TEST_F(ShardAlertTest, DecisionMakersAreNotMet) {
  BeCustomer();
  AppendOf("2026-01-02", "stakeholder_identified { stakeholder_id: 'S' role: DECISION_MAKER }");
  AppendOf("2026-01-02", "meeting_held { meeting_id: 'M' kind: OPERATIONAL stakeholder_ids: 'S' }");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  AdvanceTo("2026-04-02");  // 90 days later
  EXPECT_THAT(FoldedAlerts(), Contains("decision_makers_not_met raised"));
}

TEST_F(ShardAlertTest, AForecastIsFarOff) {
  BeCustomer();
  AppendOf("2026-01-10", "forecast_submitted { period: '2026-02' revenue { currency_code: 'EUR' minor: 200 } }");
  Append("2026-02-05", Invoice("A1", "2026-02-05", 100));
  EXPECT_THAT(FoldedAlerts(), IsEmpty()) << "the month is not over";
  AdvanceTo("2026-03-01");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("forecast_far_off raised"));
}

TEST_F(ShardAlertTest, SomebodyWouldNotRecommend) {
  BeCustomer();
  AppendOf("2026-01-05", "survey_answered { response_id: 'N' kind: NPS score: 6 }");
  EXPECT_THAT(FoldedAlerts(), Contains("nps_detractors raised"));
  AdvanceTo("2026-04-05");
  EXPECT_THAT(FoldedAlerts(), Contains("nps_detractors cleared"));
}

// --- what is told, and when ------------------------------------------------------------------------------------------

TEST_F(ShardAlertTest, TheRecordNamesItsCauseAndWhatTheFormulaReads) {
  const int64_t offset = AppendOf("2026-01-05", "risk_flagged { risk_id: 'R' severity: CRITICAL }");
  BeCustomer("2026-01-01");
  FoldAll();
  ASSERT_EQ(alerts_.size(), 1u);
  const v1::KpiAlert alert = ParseAlert(*alerts_[0].value);
  EXPECT_EQ(alert.cause(), v1::KpiUpdate::EVENT);
  EXPECT_EQ(alert.source_partition(), kPartition);
  EXPECT_EQ(alert.source_offset(), offset + 1);
  EXPECT_EQ(alert.severity(), v1::KpiAlert::HIGH);
  ASSERT_EQ(alert.inputs_size(), 2);
  EXPECT_EQ(alert.inputs(0).id(), "health_score");
  EXPECT_FALSE(alert.inputs(0).has_value());
  EXPECT_EQ(alert.inputs(1).id(), "risks_severe");
  EXPECT_EQ(alert.inputs(1).value(), 1);
}

TEST_F(ShardAlertTest, ARecordThatLeavesItRaisedSaysNothing) {
  Escalate("2026-01-05");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("severe_escalation_open raised"));
  AppendOf("2026-01-05", "escalation_opened { escalation_id: 'F' severity: CRITICAL department: SALES }");
  AdvanceTo("2026-01-06");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  EXPECT_FALSE(Published().empty());
}

// However the batches are cut, it ends as it is.
TEST_F(ShardAlertTest, WhatComesAndGoesInOneBatchIsNothing) {
  Escalate("2026-01-05T10:00:00Z");
  Resolve("2026-01-05T11:00:00Z");
  EXPECT_EQ(FoldBatch(), 2u);
  EXPECT_THAT(alerts_, IsEmpty());
}

TEST_F(ShardAlertTest, TimeRaisesAndClearsByTheSweep) {
  BeCustomer();
  AppendOf("2026-01-05",
           "contract_signed { contract_id: 'C' start_date: '2026-01-01' end_date: '2026-06-30' annual_value { "
           "currency_code: 'EUR' minor: 100 } }");
  AdvanceTo("2026-04-02");
  FoldAll();
  ASSERT_EQ(alerts_.size(), 1u);
  EXPECT_EQ(ParseAlert(*alerts_[0].value).cause(), v1::KpiUpdate::TIME);
  EXPECT_THAT(Alerts(), ElementsAre("account/contract_due/A1 raised @ 2026-04-02 by 2"));
  AdvanceTo("2026-07-01");
  FoldAll();
  EXPECT_THAT(Alerts(), ElementsAre("account/contract_due/A1 cleared @ 2026-07-01 by 3"));
}

// A rate moves amounts, and so may flags.
TEST_F(ShardAlertTest, ARateRaisesByTheSweep) {
  BeCustomer("2025-01-01");
  Append("2025-01-01", Rate("USD", "2025-01", 1.0));
  Append("2025-02-01", Invoice("A1", "2025-02-01", 100'000));
  Append("2026-02-02", Invoice("A1", "2026-02-02", 100'000, "USD"));
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  Append("2026-02-02", Rate("USD", "2026-02", 0.5));
  log_.back().key = std::nullopt;
  FoldAll();
  ASSERT_FALSE(alerts_.empty());
  EXPECT_EQ(ParseAlert(*alerts_[0].value).cause(), v1::KpiUpdate::RATE);
  EXPECT_THAT(FoldedAlerts(), Contains("revenue_falling raised"));
}

TEST_F(ShardAlertTest, AnErasedAccountHasNoRecordOfAnAlert) {
  BeCustomer();
  Escalate("2026-01-05");
  FoldAll();
  Erase("2026-01-05");
  alerts_.clear();
  const std::vector<std::string> gone = FoldedAlerts();
  EXPECT_EQ(gone.size(), catalog_.alerts().size()) << "also of those that were cleared long ago";
  EXPECT_THAT(gone, Contains("severe_escalation_open gone"));
  Erase("2026-01-05");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
  Escalate("2026-01-05");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("severe_escalation_open raised"));
}

// What was cleared before the erasure is gone, too, and what is raised after it is the last word.
TEST_F(ShardAlertTest, ErasureAndAFreshStartInOneBatch) {
  BeCustomer();
  Escalate("2026-01-05");
  FoldAll();
  alerts_.clear();
  Erase("2026-01-05");
  Escalate("2026-01-05");
  EXPECT_EQ(FoldBatch(), 2u);
  const std::vector<std::string> texts = Alerts();
  EXPECT_THAT(texts, Contains("account/severe_escalation_open/A1 gone"));
  EXPECT_THAT(texts, Contains("account/contract_due/A1 gone"));
  EXPECT_EQ(texts.back(), "account/severe_escalation_open/A1 raised @ 2026-01-05 by 3");
}

TEST_F(ShardAlertTest, AnAccountWhoseLastEventIsRetractedIsGone) {
  Escalate("2026-01-05");
  FoldAll();
  alerts_.clear();
  AppendOf("2026-01-05", "escalation_opened { escalation_id: 'E' }",
           {.event_id = "e", .revision = 1, .retracted = true});
  EXPECT_THAT(FoldedAlerts(), Contains("severe_escalation_open gone"));
  AppendOf("2026-01-05", "escalation_opened { escalation_id: 'E' severity: HIGH department: SALES }",
           {.event_id = "e", .revision = 2});
  EXPECT_THAT(FoldedAlerts(), ElementsAre("severe_escalation_open raised"));
}

// --- what was published is not known ---------------------------------------------------------------------------------

TEST_F(ShardAlertTest, AGapIsFoldedAgainWithoutARepetition) {
  BeCustomer();
  FoldAll();
  const MemoryStore before = disk_;
  Escalate("2026-01-01");
  FoldAll();
  const CommittedOffset commit{commit_.next_offset, commit_.metadata};
  disk_ = before;
  alerts_.clear();
  Resume(commit);
  EXPECT_FALSE(shard_->sweeping());
  Resolve("2026-01-02");
  EXPECT_THAT(FoldedAlerts(), ElementsAre("severe_escalation_open cleared"));
}

// The group's commit says nothing: an alert may have been raised that is not any more.
TEST_F(ShardAlertTest, AfterALossEveryAlertIsTold) {
  Escalate("2026-01-05");
  FoldAll();
  alerts_.clear();
  Resume({commit_.next_offset, ""});
  ASSERT_TRUE(shard_->sweeping());
  SweepSlice(1'000);
  EXPECT_EQ(alerts_.size(), catalog_.alerts().size());
  for (const OutputRecord& output : alerts_) {
    const v1::KpiAlert alert = ParseAlert(*output.value);
    EXPECT_EQ(alert.cause(), v1::KpiUpdate::RECOVERY);
    EXPECT_EQ(alert.raised(), alert.alert() == "severe_escalation_open");
  }
  alerts_.clear();
  while (shard_->sweeping()) SweepSlice(1'000);
  AppendOf("2026-01-05", "escalation_opened { escalation_id: 'F' severity: CRITICAL department: SALES }");
  EXPECT_THAT(FoldedAlerts(), IsEmpty());
}

// A sweep that was given up in a gap may have raised what is down again: nobody knows how far it came.
TEST_F(ShardAlertTest, ASweepThatWasGivenUpInAGapLeavesNothingRaised) {
  BeCustomer();
  AppendOf("2026-01-05", "survey_answered { response_id: 'N' kind: NPS score: 6 }");
  FoldAll();
  const MemoryStore before = disk_;
  const size_t batches_until = log_.size();
  AdvanceTo("2026-04-04");
  AdvanceTo("2026-04-05");
  ASSERT_EQ(FoldBatch(), 1u);
  ASSERT_EQ(FoldBatch(), 1u);
  ASSERT_EQ(log_.size(), batches_until + 2);
  disk_ = before;
  Resume({commit_.next_offset, commit_.metadata});
  alerts_.clear();
  while (shard_->sweeping()) SweepSlice(1'000);
  EXPECT_THAT(Alerts(), Contains("account/nps_detractors/A1 cleared @ 2026-04-05 by 3"));
}

}  // namespace
}  // namespace keyfold
