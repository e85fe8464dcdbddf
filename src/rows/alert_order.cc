#include "rows/alert_order.h"

namespace keyfold {

void AlertOrder::Put(RowNumber number, std::string_view key, const v1::LatestRow& latest) {
  Erase(number);
  if (latest.gone()) return;
  const v1::LatestAlert& alert = latest.alert();
  facts_[number] = {{alert.raised(), alert.severity(), alert.recorded_ms()}, key};
  order_.insert({{alert.recorded_ms(), key}, number});
}

void AlertOrder::Erase(RowNumber number) {
  const auto at = facts_.find(number);
  if (at == facts_.end()) return;
  order_.erase(Place{at->second.facts.recorded_ms, at->second.key});
  facts_.erase(at);
}

const AlertFacts* AlertOrder::Find(RowNumber number) const {
  const auto at = facts_.find(number);
  return at == facts_.end() ? nullptr : &at->second.facts;
}

void AlertOrder::VisitAfter(const std::optional<Place>& place, absl::FunctionRef<bool(RowNumber number)> visit) const {
  auto at = place.has_value() ? order_.upper_bound(*place) : order_.begin();
  while (at != order_.end() && visit(at->number)) ++at;
}

}  // namespace keyfold
