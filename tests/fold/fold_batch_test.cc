// Which events an entity takes: duplicates, revisions, conflicts, the limit, erasure.
#include "fold/fold_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "event/limits.h"
#include "state/entity_numbers.h"
#include "state/store_keys.h"
#include "store/memory_store.h"
#include "support/default_catalog.h"
#include "support/event_builder.h"
#include "support/read_entity.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FoldBatchTest : public ::testing::Test {
 protected:
  // What becomes of an event: "applied", "duplicate", "superseded", or the rejection's code.
  std::string Apply(const v1::AccountEvent& event) {
    Record record;
    record.key = event.account_id();
    record.value = values_.emplace_back(event.SerializeAsString());
    const DecodedRecord& decoded = decoded_.emplace_back(decoder_.Decode(record));
    if (!std::holds_alternative<ValidEvent>(decoded)) AbortTest(std::get<Rejection>(decoded).message);
    const auto result = batch_->Apply(std::get<ValidEvent>(decoded), 0, offset_++);
    EXPECT_TRUE(result.ok()) << result.status();
    if (const auto* rejection = std::get_if<Rejection>(&*result)) {
      message_ = rejection->message;
      return std::string(RejectionCodeName(rejection->code));
    }
    switch (std::get<FoldOutcome>(*result)) {
      case FoldOutcome::kApplied:
        return "applied";
      case FoldOutcome::kDuplicate:
        return "duplicate";
      case FoldOutcome::kSuperseded:
        return "superseded";
    }
    return "";
  }

  // Ends the batch, stores it and begins the next one.
  std::map<std::string, AccountChange> Finish() {
    StoreBatch writes;
    auto changes = batch_->Finish(writes, rates_);
    EXPECT_TRUE(changes.ok()) << changes.status();
    std::map<std::string, AccountChange> by_account;
    for (AccountChange& change : *changes) by_account.emplace(change.account->id(), std::move(change));
    accounts_.EndBatch();
    accounts_.TakeChanges(writes);
    EXPECT_TRUE(store_.Write(writes).ok());
    accounts_.Trim();
    batch_.emplace(accounts_);
    decoded_.clear();
    values_.clear();
    return by_account;
  }

  v1::StoredEntity Stored(const EntityRef& entity) const { return *ReadEntity(store_, "A1", entity); }

  const Catalog catalog_ = DefaultCatalog();
  const Decoder decoder_{*Currency::Parse("EUR")};
  MemoryStore store_{MergeStored};
  MemoryBudget budget_{1 << 20};
  AccountTable accounts_{store_, catalog_, budget_};
  RateTable rates_;
  std::deque<std::string> values_;     // of the batch's records
  std::deque<DecodedRecord> decoded_;  // of the batch
  std::optional<FoldBatch> batch_{std::in_place, accounts_};
  int64_t offset_ = 0;
  std::string message_;  // of the last rejection
};

v1::AccountEvent Delivered(const std::string& event_id, const std::string& order_id = "O", uint32_t revision = 0,
                           bool retracted = false) {
  return At("2026-01-05", "order_delivered { order_id: '" + order_id + "' }",
            {.event_id = event_id, .revision = revision, .retracted = retracted});
}

v1::AccountEvent MeetingHeld(const std::string& event_id, const std::string& stakeholder_id, uint32_t revision = 0) {
  return At("2026-01-05",
            "meeting_held { meeting_id: 'M' kind: NEGOTIATION stakeholder_ids: '" + stakeholder_id + "' }",
            {.event_id = event_id, .revision = revision});
}

// --- duplicates, revisions, conflicts --------------------------------------------------------------------------------

TEST_F(FoldBatchTest, TheSameRecordAgainIsADuplicate) {
  EXPECT_EQ(Apply(Delivered("e")), "applied");
  EXPECT_EQ(Apply(Delivered("e")), "duplicate");
  Finish();
  EXPECT_EQ(Apply(Delivered("e")), "duplicate");
  EXPECT_THAT(Finish(), IsEmpty());
}

TEST_F(FoldBatchTest, LowerRevisionsAreIgnored) {
  EXPECT_EQ(Apply(Delivered("e", "O", 2)), "applied");
  EXPECT_EQ(Apply(Delivered("e", "O", 1)), "superseded");
  EXPECT_EQ(Apply(Delivered("e", "O", 1, /*retracted=*/true)), "superseded");
  Finish();
  EXPECT_EQ(Apply(Delivered("e", "O", 0)), "superseded");
  EXPECT_THAT(Finish(), IsEmpty());
  ASSERT_THAT(Stored({EntityKind::kOrder, "O"}).events(), SizeIs(1));
  EXPECT_EQ(Stored({EntityKind::kOrder, "O"}).events(0).event().revision(), 2u);
}

TEST_F(FoldBatchTest, ARetractionNeedsAHigherRevisionThanWhatItWithdraws) {
  EXPECT_EQ(Apply(Delivered("e", "O", 1)), "applied");
  EXPECT_EQ(Apply(Delivered("e", "O", 1, /*retracted=*/true)), "conflict");
  EXPECT_EQ(Apply(Delivered("e", "O", 2, /*retracted=*/true)), "applied");
  EXPECT_EQ(Finish().at("A1").live_events, 0);
}

TEST_F(FoldBatchTest, AHigherRevisionAfterARetractionBringsTheEventBack) {
  EXPECT_EQ(Apply(Delivered("e", "O", 0)), "applied");
  EXPECT_EQ(Apply(Delivered("e", "O", 1, /*retracted=*/true)), "applied");
  EXPECT_EQ(Finish().at("A1").live_events, 0);
  EXPECT_EQ(Apply(Delivered("e", "O", 2)), "applied");
  const AccountChange back = Finish().at("A1");
  EXPECT_EQ(back.live_events, 1);
  EXPECT_FALSE(Stored({EntityKind::kOrder, "O"}).events(0).event().retracted());
}

TEST_F(FoldBatchTest, TheSameIdInAnotherEntityIsAnotherFact) {
  EXPECT_EQ(Apply(Delivered("e", "O")), "applied");
  EXPECT_EQ(Apply(Delivered("e", "P")), "applied");
  EXPECT_EQ(Apply(At("2026-01-05", "invoice_cancelled { invoice_id: 'O' }", {.event_id = "e"})), "applied");
  EXPECT_EQ(Apply(At("2026-01-05", "order_delivered { order_id: 'O' }", {.event_id = "e", .account_id = "A2"})),
            "applied");
  EXPECT_EQ(Finish().at("A1").live_events, 3);
}

// Two ids with the same hash, found by trying.
std::pair<std::string, std::string> OrdersOfOneHash() {
  std::unordered_map<uint32_t, std::string> seen;
  for (int i = 0;; ++i) {
    const std::string id = "O" + std::to_string(i);
    const auto [at, is_new] = seen.try_emplace(EntityHash({EntityKind::kOrder, id}), id);
    if (!is_new) return {at->second, id};
  }
}

TEST_F(FoldBatchTest, EntitiesOfOneHashAreKeptApart) {
  const auto [first, second] = OrdersOfOneHash();
  EXPECT_EQ(Apply(Delivered("e", first)), "applied");
  EXPECT_EQ(Apply(Delivered("e", second)), "applied") << "its namesake is not written yet, nor even finished";
  EXPECT_EQ(Apply(Delivered("e", first)), "duplicate");
  Finish();
  EXPECT_EQ(Apply(Delivered("e", second)), "duplicate");
  EXPECT_EQ(Apply(Delivered("f", first)), "applied");
  Finish();
  EXPECT_THAT(Stored({EntityKind::kOrder, first}).events(), SizeIs(2));
  EXPECT_THAT(Stored({EntityKind::kOrder, second}).events(), SizeIs(1));
}

TEST_F(FoldBatchTest, OtherContentUnderTheSameRevisionIsAConflictAndTheFirstStays) {
  EXPECT_EQ(Apply(Delivered("e")), "applied");
  v1::AccountEvent other = Delivered("e");
  other.set_source("elsewhere");
  EXPECT_EQ(Apply(other), "conflict");
  EXPECT_THAT(message_, HasSubstr("'e' revision 0"));
  EXPECT_EQ(Apply(At("2026-01-06", "order_delivered { order_id: 'O' }", {.event_id = "e"})), "conflict");
  EXPECT_EQ(Apply(At("2026-01-05", "order_cancelled { order_id: 'O' }", {.event_id = "e"})), "conflict");
  EXPECT_EQ(Finish().at("A1").cause.offset, 0);
  EXPECT_EQ(Stored({EntityKind::kOrder, "O"}).events(0).event().source(), "");
}

TEST_F(FoldBatchTest, TheCorrelationIdIsNoContent) {
  v1::AccountEvent event = Delivered("e");
  event.set_correlation_id("first");
  EXPECT_EQ(Apply(event), "applied");
  event.set_correlation_id("second");
  EXPECT_EQ(Apply(event), "duplicate");
  event.clear_correlation_id();
  EXPECT_EQ(Apply(event), "duplicate");
  event.set_source("elsewhere");
  EXPECT_EQ(Apply(event), "conflict");
  EXPECT_EQ(Finish().at("A1").correlation_id, "first");
}

// --- the limit -------------------------------------------------------------------------------------------------------

class FullEntityTest : public FoldBatchTest {
 protected:
  // Fills an entity with kEventsPerEntityMax events, every second of them retracted.
  void Fill(const std::string& payload) {
    for (int i = 0; i < kEventsPerEntityMax; ++i) {
      ASSERT_EQ(Apply(At("2026-01-05", payload, {.event_id = absl::StrCat("f", i), .retracted = i % 2 == 1})),
                "applied");
    }
    Finish();
  }

  // Everything stored.
  std::map<std::string, std::string> Contents() const { return {store_.contents().begin(), store_.contents().end()}; }
};

TEST_F(FullEntityTest, OneEventMoreIsTooLarge) {
  Fill("order_delivered { order_id: 'O' }");
  EXPECT_EQ(Apply(Delivered("one more")), "too_large");
  EXPECT_THAT(message_, HasSubstr("'O' already has 10000 events"));
  EXPECT_THAT(Finish(), IsEmpty());
  EXPECT_THAT(Stored({EntityKind::kOrder, "O"}).events(), SizeIs(kEventsPerEntityMax));
}

TEST_F(FullEntityTest, ItsEventsCanStillBeCorrected) {
  Fill("order_delivered { order_id: 'O' }");
  EXPECT_EQ(Apply(Delivered("f0")), "duplicate");
  EXPECT_EQ(Apply(Delivered("f0", "O", 1, /*retracted=*/true)), "applied");
  EXPECT_EQ(Apply(Delivered("f1", "O", 1)), "applied");
  EXPECT_EQ(Apply(Delivered("one more")), "too_large");  // retracted ones count
  EXPECT_EQ(Apply(Delivered("one more", "P")), "applied");
}

TEST_F(FullEntityTest, AMeetingThatNamesAFullStakeholderIsRejectedAsAWhole) {
  Fill("stakeholder_left { stakeholder_id: 'S' }");
  const std::map<std::string, std::string> before = Contents();
  v1::AccountEvent meeting = MeetingHeld("m", "R");
  meeting.mutable_meeting_held()->add_stakeholder_ids("S");
  meeting.mutable_meeting_held()->add_stakeholder_ids("T");
  EXPECT_EQ(Apply(meeting), "too_large");
  EXPECT_THAT(message_, HasSubstr("'S'"));
  EXPECT_THAT(Finish(), IsEmpty());
  EXPECT_TRUE(Contents() == before);
}

TEST_F(FullEntityTest, ARevisionThatJoinsAFullStakeholderLeavesTheMeetingAsItWas) {
  Fill("stakeholder_left { stakeholder_id: 'S' }");
  EXPECT_EQ(Apply(MeetingHeld("m", "R")), "applied");
  Finish();
  const std::map<std::string, std::string> before = Contents();
  EXPECT_EQ(Apply(MeetingHeld("m", "S", 1)), "too_large");
  EXPECT_THAT(Finish(), IsEmpty());
  EXPECT_TRUE(Contents() == before);
  EXPECT_EQ(Apply(MeetingHeld("m", "T", 1)), "applied");  // the revision was not used up
}

TEST_F(FullEntityTest, MeetingsCountAmongAStakeholdersEvents) {
  for (int i = 0; i < kEventsPerEntityMax; ++i) {
    const std::string meeting_id = absl::StrCat("M", i % 1'000);
    const std::string payload =
        absl::StrCat("meeting_held { meeting_id: '", meeting_id, "' kind: NEGOTIATION stakeholder_ids: 'S' }");
    ASSERT_EQ(Apply(At("2026-01-05", payload, {.event_id = absl::StrCat("f", i / 1'000)})), "applied");
  }
  Finish();
  const v1::AccountEvent identified = At("2026-01-05", "stakeholder_identified { stakeholder_id: 'S' role: USER }");
  EXPECT_EQ(Apply(identified), "too_large");
  EXPECT_EQ(Apply(MeetingHeld("one more", "S")), "too_large");
  v1::AccountEvent revised = MeetingHeld("f0", "S", 1);
  revised.mutable_meeting_held()->set_meeting_id("M0");
  EXPECT_EQ(Apply(revised), "applied");  // it is among them already
  v1::AccountEvent leaving = MeetingHeld("f1", "T", 1);
  leaving.mutable_meeting_held()->set_meeting_id("M0");
  EXPECT_EQ(Apply(leaving), "applied");  // makes room for one
  EXPECT_EQ(Apply(identified), "applied");
  EXPECT_EQ(Apply(MeetingHeld("one more", "S")), "too_large");
}

// --- erasure ---------------------------------------------------------------------------------------------------------

TEST_F(FoldBatchTest, ErasureInTheMiddleOfABatchForgetsWhatCameBefore) {
  EXPECT_EQ(Apply(Delivered("stored")), "applied");
  Finish();
  EXPECT_EQ(Apply(Delivered("before")), "applied");
  ASSERT_TRUE(batch_->Erase("A1", 0, offset_++).ok());
  EXPECT_EQ(Apply(Delivered("after")), "applied");
  const AccountChange change = Finish().at("A1");
  EXPECT_TRUE(change.erased);
  EXPECT_TRUE(change.edited);
  EXPECT_EQ(change.live_events, 1);
  EXPECT_EQ(change.cause.offset, 3);
  ASSERT_THAT(Stored({EntityKind::kOrder, "O"}).events(), SizeIs(1));
  EXPECT_EQ(Stored({EntityKind::kOrder, "O"}).events(0).event().event_id(), "after");
}

TEST_F(FoldBatchTest, WhatWasReadAheadIsForgottenToo) {
  EXPECT_EQ(Apply(Delivered("stored")), "applied");
  Finish();
  const v1::AccountEvent after = Delivered("after");
  batch_->Announce(after);
  ASSERT_TRUE(batch_->ReadAnnounced().ok());
  ASSERT_TRUE(batch_->Erase("A1", 0, offset_++).ok());
  EXPECT_EQ(Apply(after), "applied");
  Finish();
  EXPECT_THAT(Stored({EntityKind::kOrder, "O"}).events(), SizeIs(1));
}

TEST_F(FoldBatchTest, EventIdsOfAnErasedAccountAreTakenAnew) {
  EXPECT_EQ(Apply(Delivered("e", "O", 5)), "applied");
  ASSERT_TRUE(batch_->Erase("A1", 0, offset_++).ok());
  EXPECT_EQ(Apply(Delivered("e", "O", 0)), "applied");
  Finish();
  ASSERT_TRUE(batch_->Erase("A1", 0, offset_++).ok());
  Finish();
  EXPECT_THAT(store_.contents(), IsEmpty());
  EXPECT_EQ(Apply(Delivered("e", "O", 0)), "applied");
}

TEST_F(FoldBatchTest, ErasureLeavesOtherAccountsAlone) {
  EXPECT_EQ(Apply(At("2026-01-05", "order_delivered { order_id: 'O' }", {.account_id = "A"})), "applied");
  EXPECT_EQ(Apply(At("2026-01-05", "order_delivered { order_id: 'O' }", {.account_id = "A11"})), "applied");
  EXPECT_EQ(Apply(Delivered("e")), "applied");
  Finish();
  ASSERT_TRUE(batch_->Erase("A1", 0, offset_++).ok());
  EXPECT_THAT(Finish(), ElementsAre(::testing::Key("A1")));
  EXPECT_THAT(Stored({EntityKind::kOrder, "O"}).events(), IsEmpty());
  EXPECT_THAT(ReadEntity(store_, "A", {EntityKind::kOrder, "O"})->events(), SizeIs(1));
  EXPECT_THAT(ReadEntity(store_, "A11", {EntityKind::kOrder, "O"})->events(), SizeIs(1));
}

// --- rates -----------------------------------------------------------------------------------------------------------

TEST_F(FoldBatchTest, TheLatestLiveRateHoldsAndNoneClearsIt) {
  const auto rate = [this](const char* day, double value, uint32_t revision, bool retracted) {
    return Apply(At(day, absl::StrCat("fx_rate_set { currency_code: 'USD' month: '2026-01' rate: ", value, " }"),
                    {.event_id = day, .account_id = "", .revision = revision, .retracted = retracted}));
  };
  const auto found = [this] {
    EXPECT_THAT(Finish(), IsEmpty());  // of no account
    return rates_.Find(*Currency::Parse("USD"), *ParseMonth("2026-01"));
  };
  EXPECT_EQ(rate("2026-02-02", 2, 0, false), "applied");
  EXPECT_EQ(rate("2026-02-01", 1, 0, false), "applied");  // arrives later, was set earlier
  EXPECT_EQ(found(), 2.0);
  EXPECT_EQ(rate("2026-02-02", 2, 1, true), "applied");
  EXPECT_EQ(found(), 1.0);
  EXPECT_EQ(rate("2026-02-01", 1, 1, true), "applied");
  EXPECT_EQ(found(), std::nullopt);
}

}  // namespace
}  // namespace keyfold
