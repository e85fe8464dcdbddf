// Amounts in other currencies, converted into the reporting currency (docs/kpis.md, "Currencies").
#ifndef KEYFOLD_KPI_CONVERSION_H_
#define KEYFOLD_KPI_CONVERSION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "account/contribution.h"
#include "base/calendar.h"
#include "base/currency.h"
#include "kpi/evaluation.h"
#include "kpi/rates.h"

namespace keyfold {

// A base component's amounts of one currency and month, which are converted and rounded as one.
struct Conversion {
  Currency currency;
  Month month = 0;             // of the amounts, which is that of the rate; of a stock, D's
  __int128 amount = 0;         // minor units of the currency
  std::optional<double> rate;  // nullopt: there is none, the amount was left out
  __int128 converted = 0;      // minor units of the reporting currency
};

// The conversions in a base component, by currency and month; amounts that come to nothing are none.
std::vector<Conversion> ConversionsIn(const EvaluationDay& evaluation, uint16_t slot,
                                      std::span<const Contribution> ledger, const RateTable& rates);

// An amount in minor units of `from`, in minor units of `to`: rounded half away from zero.
__int128 Convert(__int128 amount, double rate, Currency from, Currency to);

// The month whose rate an amount is converted with: that of its day, of a stock that of D.
Month RateMonth(const EvaluationDay& evaluation, const LedgerCell& cell);

}  // namespace keyfold

#endif  // KEYFOLD_KPI_CONVERSION_H_
