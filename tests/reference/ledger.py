"""Contributions: integers at (measure, currency, day)."""

from decimal import ROUND_HALF_UP, Decimal


def rounded(value):
    """A finite double to an integer, half away from zero."""
    return int(Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if abs(value) < 2.0**53 else int(value)


class Ledger:
    """An account's contributions. Cells add modulo 2^64, so that the order never matters."""

    def __init__(self):
        self.cells = {}  # measure -> {(currency, day): value}

    def add(self, measure, day, value, currency=""):
        """+value @ day."""
        cells = self.cells.setdefault(measure, {})
        cells[currency, day] = (cells.get((currency, day), 0) + value + 2**63) % 2**64 - 2**63

    def money(self, measure, day, money, sign=1):
        if money is not None:
            self.add(measure, day, sign * money["minor"], money["currency_code"])

    def during(self, measure, first, end, value=1, currency=""):
        """+value over [first, end); end None is open-ended, and nothing at all when end <= first."""
        if end is not None and end <= first:
            return
        self.add(measure, first, value, currency)
        if end is not None:
            self.add(measure, end, -value, currency)

    def money_during(self, measure, first, end, money):
        if money is not None:
            self.during(measure, first, end, money["minor"], money["currency_code"])


def pieces(steps, end=None):
    """Steps [(day, state)] in fold order, where a change takes effect on its day -> (first, end, state) of each piece.

    Of several changes on one day the last one holds, for [day, day) is nothing at all.
    """
    for index, (day, state) in enumerate(steps):
        following = steps[index + 1][0] if index + 1 < len(steps) else end
        if following is None or day < following:
            yield day, following, state
