#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;

v1::AccountEvent Booked(std::string_view when, std::string_view kind, int64_t minor) {
  return At(when, absl::StrCat("cost_booked { cost_id: 'C' kind: ", std::string(kind), Money("amount", minor), "}"));
}

TEST(CostTest, AcquisitionIsNotService) {
  EXPECT_THAT(Contributed(EntityKind::kCost, {Booked("2025-03-01", "ACQUISITION", 70)}),
              ElementsAre("acquisition_cost EUR +70 @ 2025-03-01"));
}

TEST(CostTest, EveryOtherKindIsService) {
  for (const char* kind : {"COST_TO_SERVE", "SALES", "LOGISTICS", "SUPPORT", "RESEARCH"}) {
    EXPECT_THAT(Contributed(EntityKind::kCost, {Booked("2025-03-01", kind, 70)}),
                ElementsAre("service_cost EUR +70 @ 2025-03-01"))
        << kind;
  }
}

TEST(CostTest, BookedAgainTakesTheNewAmountOnTheFirstDay) {
  EXPECT_THAT(
      Contributed(EntityKind::kCost, {Booked("2025-04-01", "SALES", -5), Booked("2025-03-01", "ACQUISITION", 7)}),
      ElementsAre("service_cost EUR -5 @ 2025-03-01"));
}

}  // namespace
}  // namespace keyfold
