"""Sums of contributions over windows, in the reporting currency."""

import civil
from currencies import DIGITS
from ledger import rounded

STOCKS = frozenset((
    "customer", "key_account", "potential", "importance", "stakeholders", "decision_makers", "decision_makers_met",
    "escalations_open", "escalations_open_since", "escalations_severe_open", "contracts_active", "contract_value",
    "quotes_open", "quotes_open_amount", "opportunities_open", "pipeline", "pipeline_weighted", "pipeline_overdue",
    "initiatives_active", "risks_open", "risks_severe", "plans_active", "plan_baseline", "plan_target_growth",
    "plan_min_margin", "plan_start", "plan_end"))
# Summed first and converted with the rate of D's month: stocks, and what is due.
_AT_RATE_OF_D = STOCKS | {"contract_value_due"}


class Rates:
    """Monthly rates: that month's, else the latest earlier one."""

    def __init__(self, table, reporting_currency):
        self.reporting_currency = reporting_currency
        self._months = {}
        for (currency, month), rate in table.items():
            self._months.setdefault(currency, {})[civil.month_of(civil.parse_month(month))] = rate

    def convert(self, minor, currency, month):
        """minor units of the currency -> minor units of the reporting currency, None without a rate."""
        if currency == self.reporting_currency:
            return minor
        months = self._months.get(currency, {})
        earlier = [candidate for candidate in months if candidate <= month]
        if not earlier:
            return None
        return rounded(minor * months[max(earlier)] * 10.0 ** (DIGITS[self.reporting_currency] - DIGITS[currency]))


def int64(value):
    """A component outside int64 is undefined (None)."""
    return value if value is not None and -2**63 <= value < 2**63 else None


class Sums:
    """An account's base components at D. `missing` collects the currencies of non-zero amounts without a rate."""

    def __init__(self, ledger, rates, windows):
        self._cells, self._rates, self.windows = ledger.cells, rates, windows
        self.missing = set()

    def by_currency(self, measure, window, monthly):
        """{(currency, month): sum of the window's days}; month None where months do not matter."""
        first, last = window
        sums = {}
        for (currency, day), value in self._cells.get(measure, {}).items():
            if (first is None or day >= first) and day <= last:
                key = currency, civil.month_of(day) if monthly else None
                sums[key] = sums.get(key, 0) + value
        return sums

    def sum(self, measure, window):
        """sum(measure, window) as int64, None where it is undefined."""
        total = 0
        flow = measure not in _AT_RATE_OF_D
        for (currency, month), minor in self.by_currency(measure, window, flow).items():
            if currency == "":
                total += minor
                continue
            converted = self._rates.convert(minor, currency, month if flow else civil.month_of(self.windows.day))
            if converted is not None:
                total += converted
            elif minor != 0:
                self.missing.add(currency)
        return int64(total)

    def stock(self, measure):
        return self.sum(measure, self.windows.total())

    def convertible(self, measure, window):
        """Whether no non-zero amount has to be left out."""
        before, self.missing = self.missing, set()
        self.sum(measure, window)
        complete, self.missing = not self.missing, before | self.missing
        return complete

    def histogram(self, window):
        """{bin: count} of the resolution times."""
        bins = {}
        for measure in self._cells:
            if measure.startswith("resolution_hist["):
                count = self.sum(measure, window)
                if count:
                    bins[int(measure[len("resolution_hist["):-1])] = count
        return bins

    def measures(self):
        """Each measure's sum over all days <= D in its own currency, zeros left out."""
        result = {}
        for measure in self._cells:
            sums = self.by_currency(measure, self.windows.total(), False)
            kept = {currency: value for (currency, _), value in sums.items() if value != 0}
            if kept:
                result[measure] = kept
        return result
