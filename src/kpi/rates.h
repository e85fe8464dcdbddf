// Exchange rates.
#ifndef KEYFOLD_KPI_RATES_H_
#define KEYFOLD_KPI_RATES_H_

#include <map>
#include <optional>
#include <string_view>

#include "account/entity.h"
#include "base/calendar.h"
#include "base/currency.h"

namespace keyfold {

// Monthly average rates: units of the reporting currency for one unit of a currency.
class RateTable {
 public:
  void Set(Currency currency, Month month, double rate) { rates_[currency][month] = rate; }
  void Clear(Currency currency, Month month);

  // The month's rate, else the latest earlier one; nullopt: there is none.
  std::optional<double> Find(Currency currency, Month month) const;

  bool empty() const { return rates_.empty(); }
  friend bool operator==(const RateTable&, const RateTable&) = default;

 private:
  std::map<Currency, std::map<Month, double>> rates_;
};

// Applies the history of a rate entity, whose id is "<currency>:<month>": its last live event decides, none clears the
// rate.
void SetRate(const EntityHistory& history, std::string_view entity_id, RateTable& rates);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_RATES_H_
