"""What others have published of four public data sets (the repository carries none of them), and what an account's
ledger says of it."""

import dataclasses
import decimal
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data"
Decimal = decimal.Decimal


@dataclasses.dataclass(frozen=True)
class DataSet:
    """`files` are what is imported; the lookups are beside them. `totals`: (measure, currency) -> (value, tolerance), over
    all accounts, amounts in whole units. `accounts` are (account, measure, currency) -> value."""

    mapping: str
    files: tuple
    currency: str
    as_of: str
    number_of_accounts: int
    totals: dict
    accounts: dict
    summary: tuple  # what the summary of the import says

    def paths(self, data):
        return [str(pathlib.Path(data) / file) for file in self.files]

    def mapping_file(self):
        return str(ROOT / "deploy/mappings" / self.mapping)


SETS = (
    DataSet(
        mapping="northwind.yaml", files=("northwind/order_details.csv",), currency="USD", as_of="1998-12-31",
        number_of_accounts=89,
        # Each account's cents add up to its exact total, half a cent at most for each of 89; the exact sum is in the summary.
        totals={("revenue", "USD"): ("1265793.04", "0.05"), ("bookings", "USD"): ("1265793.04", "0.05"),
                ("deliveries", ""): ("809", "0"), ("deliveries_on_time", ""): ("772", "0")},
        accounts={("QUICK", "revenue", "USD"): "110277.31", ("ERNSH", "revenue", "USD"): "104874.98",
                  ("SAVEA", "revenue", "USD"): "104361.95"},
        summary=("2155 rows, 0 rejected", "exactly 1265793.0395", "830 order_placed", "809 order_delivered")),
    DataSet(
        mapping="maven_crm.yaml", files=("maven_crm/sales_pipeline.csv",), currency="USD", as_of="2018-12-31",
        number_of_accounts=85,
        totals={("won_amount", "USD"): ("10005534", "0"), ("opportunities_won", ""): ("4238", "0"),
                ("opportunities_lost", ""): ("2473", "0"),
                ("won_cycle_days", ""): ("219523", "250")},  # 51.8 days in the mean
        accounts={},
        summary=("8800 rows, 1088 rejected", "left out 500: prospecting, without a date", "4238 opportunity_won",
                 "2473 opportunity_lost")),
    DataSet(
        mapping="online_retail.yaml", files=("online_retail/online_retail.csv.gz",), currency="GBP", as_of="2011-12-31",
        number_of_accounts=4373,
        totals={("revenue", "GBP"): ("9747747.934", "0.02")},  # lines of a tenth of a penny
        accounts={("14646", "revenue", "GBP"): "279489.02", ("18102", "revenue", "GBP"): "256438.49",
                  ("17450", "revenue", "GBP"): "187482.17"},
        summary=("541909 rows, 0 rejected",)),
    DataSet(
        mapping="incident_log.yaml", files=("incident_log/incident_event_log.zip",), currency="EUR", as_of="2018-12-31",
        number_of_accounts=5245,
        totals={("escalations_opened", ""): ("24918", "0"), ("reopened", ""): ("331", "0")},
        accounts={},
        summary=("141712 rows, 0 rejected", "left out 5: a state named -100", "24918 escalation_opened",
                 "331 escalation_reopened")),
)


def of_measures(account, measure, currency):
    """What `--measures` says, amounts in whole units."""
    number = Decimal(account.get("measures", {}).get(measure, {}).get(currency, 0))
    return number / 100 if currency else number


class Comparison:
    """Prints what is compared, and remembers whether anything differs."""

    def __init__(self):
        self.failed = False

    def check(self, what, found, expected, tolerance=Decimal(0)):
        agrees = abs(found - expected) <= tolerance if isinstance(found, Decimal) else found == expected
        self.failed |= not agrees
        print(f"{'ok     ' if agrees else 'DIFFERS'} {what}: {found}, published {expected}")

    def check_accounts(self, data_set, accounts):
        """`accounts` are what `--measures` says of each."""
        self.check("accounts", len(accounts), data_set.number_of_accounts)
        for (measure, currency), (value, tolerance) in data_set.totals.items():
            total = sum((of_measures(account, measure, currency) for account in accounts.values()), Decimal(0))
            self.check(measure, total, Decimal(value), Decimal(tolerance))
        for (account, measure, currency), value in data_set.accounts.items():
            self.check(f"{account} {measure}", of_measures(accounts[account], measure, currency), Decimal(value))
