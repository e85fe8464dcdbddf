#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/contributed.h"

namespace keyfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Order(const std::vector<v1::AccountEvent>& events) {
  return Contributed(EntityKind::kOrder, events);
}

std::string Promise(std::string_view date) { return absl::StrCat(" promised_date: '", std::string(date), "' "); }

v1::AccountEvent Placed(std::string_view when, const std::string& fields = "") {
  return At(when, absl::StrCat("order_placed { order_id: 'O' ", fields, "}"));
}
v1::AccountEvent Changed(std::string_view when, const std::string& fields) {
  return At(when, absl::StrCat("order_changed { order_id: 'O' ", fields, "}"));
}
v1::AccountEvent Delivered(std::string_view when) { return At(when, "order_delivered { order_id: 'O' }"); }
v1::AccountEvent OrderCancelled(std::string_view when) { return At(when, "order_cancelled { order_id: 'O' }"); }

TEST(OrderTest, BooksEachLineOnTheDayItWasPlaced) {
  EXPECT_THAT(Order({Placed("2025-03-01", LineOf("BASE", 100, 1) + LineOf("BUNDLE", 50, 1) +
                                              LineOf("BASE", 7, 1, "JPY") + LineOf("BASE", -30, 1))}),
              ElementsAre("bookings EUR +120 @ 2025-03-01", "bookings JPY +7 @ 2025-03-01", "orders +1 @ 2025-03-01"));
}

TEST(OrderTest, ChangeReplacesAllLinesAndKeepsTheDay) {
  EXPECT_THAT(Order({Placed("2025-03-01", LineOf("BASE", 100, 1) + LineOf("BASE", 50, 1)),
                     Changed("2025-04-01", LineOf("BASE", 70, 1))}),
              ElementsAre("bookings EUR +70 @ 2025-03-01", "orders +1 @ 2025-03-01"));
}

TEST(OrderTest, ChangeWithoutLinesOrDateLeavesThem) {
  EXPECT_THAT(
      Order({Placed("2025-03-01", LineOf("BASE", 100, 1) + Promise("2025-03-20")), Changed("2025-03-02", "")}),
      ElementsAre("bookings EUR +100 @ 2025-03-01", "orders +1 @ 2025-03-01", "deliveries_promised +1 @ 2025-03-21"));
}

TEST(OrderTest, PlacingAgainOverwritesEverythingButTheDay) {
  EXPECT_THAT(Order({Placed("2025-03-01", LineOf("BASE", 100, 1) + Promise("2025-03-20")),
                     Placed("2025-03-05", LineOf("BASE", 40, 1))}),
              ElementsAre("bookings EUR +40 @ 2025-03-01", "orders +1 @ 2025-03-01"));
}

TEST(OrderTest, CancelledCountsOnlyThat) {
  EXPECT_THAT(
      Order({Placed("2025-03-01", LineOf("BASE", 100, 1) + Promise("2025-03-20")), OrderCancelled("2025-07-01")}),
      ElementsAre("orders_cancelled +1 @ 2025-07-01"));
}

TEST(OrderTest, DeliveryBeforeCancellationStays) {
  EXPECT_THAT(Order({Placed("2025-03-01", LineOf("BASE", 100, 1) + Promise("2025-03-20")), Delivered("2025-03-20"),
                     OrderCancelled("2025-07-01")}),
              ElementsAre("orders_cancelled +1 @ 2025-07-01", "deliveries +1 @ 2025-03-20",
                          "deliveries_promised +1 @ 2025-03-20", "deliveries_on_time +1 @ 2025-03-20"));
}

TEST(OrderTest, NothingCountsAfterCancellation) {
  EXPECT_THAT(
      Order({Placed("2025-03-01"), OrderCancelled("2025-03-05"), Delivered("2025-03-06"), Placed("2025-03-07")}),
      ElementsAre("orders_cancelled +1 @ 2025-03-05"));
}

TEST(OrderTest, AtTheSameInstantTheCancellationComesLast) {
  EXPECT_THAT(Order({OrderCancelled("2025-03-01"), Delivered("2025-03-01"), Placed("2025-03-01")}),
              ElementsAre("orders_cancelled +1 @ 2025-03-01", "deliveries +1 @ 2025-03-01"));
}

TEST(OrderTest, OnTimeUpToThePromisedDay) {
  EXPECT_THAT(
      Order({Placed("2025-03-01", Promise("2025-03-20")), Delivered("2025-03-21")}),
      ElementsAre("orders +1 @ 2025-03-01", "deliveries +1 @ 2025-03-21", "deliveries_promised +1 @ 2025-03-21"));
}

TEST(OrderTest, OnlyAPromiseKnownAtDeliveryCounts) {
  EXPECT_THAT(Order({Placed("2025-03-01"), Delivered("2025-03-10"), Changed("2025-03-11", Promise("2025-03-20"))}),
              ElementsAre("orders +1 @ 2025-03-01", "deliveries +1 @ 2025-03-10"));
  EXPECT_THAT(Order({Placed("2025-03-01", Promise("2025-03-05")), Changed("2025-03-09", Promise("2025-03-20")),
                     Delivered("2025-03-10"), Changed("2025-03-11", Promise("2025-03-02"))}),
              ElementsAre("orders +1 @ 2025-03-01", "deliveries +1 @ 2025-03-10", "deliveries_promised +1 @ 2025-03-10",
                          "deliveries_on_time +1 @ 2025-03-10"));
}

TEST(OrderTest, FirstDeliveryCounts) {
  EXPECT_THAT(Order({Placed("2025-03-01"), Delivered("2025-03-12"), Delivered("2025-03-10")}),
              ElementsAre("orders +1 @ 2025-03-01", "deliveries +1 @ 2025-03-10"));
}

TEST(OrderTest, LateUntilItComes) {
  EXPECT_THAT(Order({Placed("2025-03-01", Promise("2025-02-20"))}),
              ElementsAre("orders +1 @ 2025-03-01", "deliveries_promised +1 @ 2025-02-21"));
}

TEST(OrderTest, NothingWithoutAPlacementAndNothingBeforeIt) {
  EXPECT_THAT(
      Order({Delivered("2025-03-10"), Changed("2025-03-11", LineOf("BASE", 1, 1)), OrderCancelled("2025-03-12")}),
      IsEmpty());
  EXPECT_THAT(Order({OrderCancelled("2025-02-01"), Delivered("2025-02-10"), Placed("2025-03-01")}),
              ElementsAre("orders +1 @ 2025-03-01"));
}

}  // namespace
}  // namespace keyfold
