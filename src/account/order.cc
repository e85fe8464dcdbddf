// Orders: what was booked, and whether it was delivered when promised.
#include <optional>

#include "account/kinds.h"

namespace keyfold {
namespace {

using Lines = google::protobuf::RepeatedPtrField<v1::Line>;

// The first delivery, with the promise as it stood then.
struct Delivery {
  Day day;
  std::optional<Day> promised;
};

struct Order {
  const Lines* lines = nullptr;
  std::optional<Day> promised;
  std::optional<Delivery> delivery;
  std::optional<Day> cancelled;
};

void Apply(const v1::AccountEvent& event, const Calendar& calendar, Order& order, Ignored ignored) {
  switch (event.payload_case()) {
    case v1::AccountEvent::kOrderPlaced:
      order.lines = &event.order_placed().lines();
      order.promised = ParseDay(event.order_placed().promised_date());
      break;
    case v1::AccountEvent::kOrderChanged: {
      const v1::OrderChanged& change = event.order_changed();
      if (!change.lines().empty()) order.lines = &change.lines();
      if (!change.promised_date().empty()) order.promised = ParseDay(change.promised_date());
      if (change.lines().empty() && change.promised_date().empty()) ignored.Add(event, NoEffect::kNamesNothing);
      break;
    }
    case v1::AccountEvent::kOrderDelivered:
      if (order.delivery.has_value()) {
        ignored.Add(event, NoEffect::kAlreadyDelivered);
      } else {
        order.delivery = {DayOf(event, calendar), order.promised};
      }
      break;
    case v1::AccountEvent::kOrderCancelled:
      order.cancelled = DayOf(event, calendar);
      break;
    default:
      break;
  }
}

void AddDelivery(const Delivery& delivery, Contributions& contributions) {
  contributions.Add(Measure::kDeliveries, delivery.day, 1);
  if (!delivery.promised.has_value()) return;
  contributions.Add(Measure::kDeliveriesPromised, delivery.day, 1);
  if (delivery.day <= *delivery.promised) contributions.Add(Measure::kDeliveriesOnTime, delivery.day, 1);
}

}  // namespace

void ContributeOrder(Events events, const Calendar& calendar, Contributions& contributions, Ignored ignored) {
  Order order;
  for (const v1::AccountEvent* event : events) Apply(*event, calendar, order, ignored);

  if (order.delivery.has_value()) AddDelivery(*order.delivery, contributions);
  if (order.cancelled.has_value()) {
    contributions.Add(Measure::kOrdersCancelled, *order.cancelled, 1);
    return;
  }
  const Day placed = DayOf(*events.front(), calendar);
  contributions.Add(Measure::kOrders, placed, 1);
  for (const v1::Line& line : *order.lines) {
    contributions.Add(Measure::kBookings, CurrencyOf(line.net()), placed, line.net().minor());
  }
  // Late until it comes.
  if (!order.delivery.has_value() && order.promised.has_value()) {
    contributions.Add(Measure::kDeliveriesPromised, *order.promised + 1, 1);
  }
}

}  // namespace keyfold
