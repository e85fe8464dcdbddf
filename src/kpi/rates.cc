#include "kpi/rates.h"

#include <iterator>

#include "keyfold/v1/account_event.pb.h"

namespace keyfold {

void RateTable::Clear(Currency currency, Month month) {
  const auto rates = rates_.find(currency);
  if (rates == rates_.end()) return;
  rates->second.erase(month);
  if (rates->second.empty()) rates_.erase(rates);
}

std::optional<double> RateTable::Find(Currency currency, Month month) const {
  const auto rates = rates_.find(currency);
  if (rates == rates_.end()) return std::nullopt;
  const auto later = rates->second.upper_bound(month);
  if (later == rates->second.begin()) return std::nullopt;
  return std::prev(later)->second;
}

void SetRate(const EntityHistory& history, std::string_view entity_id, RateTable& rates) {
  const Currency currency = *Currency::Parse(entity_id.substr(0, 3));
  const Month month = *ParseMonth(entity_id.substr(4));
  if (history.events.empty()) {
    rates.Clear(currency, month);
  } else {
    rates.Set(currency, month, history.events.back()->fx_rate_set().rate());
  }
}

}  // namespace keyfold
