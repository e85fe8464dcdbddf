// Where contributions come from: the events' shares add up, and each measure has its rule.
#include "account/lineage.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"
#include "support/entity_generator.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Calendar& Berlin() {
  static const Calendar* const calendar = new Calendar(CalendarOf("Europe/Berlin"));
  return *calendar;
}

RC_GTEST_PROP(LineageTest, SharesAddUpToWhatTheEntityContributes, ()) {
  const EntityKind kind = kAllKinds[Pick(0, static_cast<int>(std::size(kAllKinds)))];
  const std::vector<v1::AccountEvent> events = PickEvents(kind);
  const auto sorted = InSortOrder(events);
  std::vector<Mention> mentions(static_cast<size_t>(kind == EntityKind::kStakeholder ? Pick(0, 4) : 0));
  for (Mention& mention : mentions) mention.seconds = (kGeneratedFrom + Pick(-95, 110)) * int64_t{86400};
  const EntityHistory history{sorted, mentions};
  std::vector<Contribution> shares;
  for (const EventShare& share : ContributeByEvent(kind, history, Berlin())) {
    RC_ASSERT((share.event != nullptr) != (share.mention != nullptr));
    RC_ASSERT(MayContribute(kind, share.contribution.cell.measure));
    shares.push_back(share.contribution);
  }
  RC_ASSERT(Summed(shares) == Contribute(kind, history, Berlin()));
}

TEST(LineageTest, AnEventsShareIsWhatItChanges) {
  const std::vector<v1::AccountEvent> events = {
      At("2025-03-01", "risk_flagged { risk_id: 'R' severity: HIGH }", {.event_id = "flagged"}),
      At("2025-03-02", "risk_flagged { risk_id: 'R' severity: LOW }", {.event_id = "milder"}),
      At("2025-03-05", "risk_cleared { risk_id: 'R' }", {.event_id = "cleared"}),
      At("2025-03-06", "risk_cleared { risk_id: 'R' }", {.event_id = "again"})};
  const auto sorted = InSortOrder(events);
  std::map<std::string, std::vector<std::string>> by_event;
  for (const EventShare& share : ContributeByEvent(EntityKind::kRisk, {sorted, {}}, Berlin())) {
    const LedgerCell& cell = share.contribution.cell;
    by_event[share.event->event_id()].push_back(
        absl::StrCat(std::string(MeasureName(cell.measure)), " ", FormatDay(cell.day), " ", share.contribution.amount));
  }
  EXPECT_THAT(by_event["flagged"], ElementsAre("risks_open 2025-03-01 1", "risks_severe 2025-03-01 1"));
  EXPECT_THAT(by_event["milder"], ElementsAre("risks_severe 2025-03-01 -1"));
  EXPECT_THAT(by_event["cleared"], ElementsAre("risks_open 2025-03-05 -1"));
  EXPECT_THAT(by_event["again"], IsEmpty());  // it is without effect
}

TEST(LineageTest, EveryMeasureHasASentence) {
  for (int number = 0; number <= kMeasureNumberMax; ++number) {
    const std::optional<Measure> measure = MeasureOf(static_cast<uint64_t>(number));
    EXPECT_TRUE(!measure.has_value() || !RuleOf(*measure).empty()) << number;
  }
  EXPECT_TRUE(MayContribute(EntityKind::kCreditNote, Measure::kRevenue));
  EXPECT_FALSE(MayContribute(EntityKind::kOrder, Measure::kRevenue));
}

}  // namespace
}  // namespace keyfold
