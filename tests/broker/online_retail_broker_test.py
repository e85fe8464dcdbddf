#!/usr/bin/env python3
"""A year of a real wholesaler's invoices through a real Kafka: importer -> produce -> run -> published updates, and the
revenues that others have published come out.

Needs KEYFOLD_TEST_KAFKA=host:port, kcat, and the Online Retail data, which the repository does not carry. Exit status
77: skipped.
"""

import argparse
import decimal
import json
import pathlib
import subprocess
import sys
import tempfile

import deployment

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAST_DAY = "2011-12-09"
PUBLISHED_TOTAL = decimal.Decimal("9747747.934")
PUBLISHED_CUSTOMERS = {"14646": "279489.02", "18102": "256438.49", "17450": "187482.17"}
ACCOUNTS = 4373  # customers, and the account of the sales without one
# Half a penny for each of the four accounts that have lines of less than a penny's precision.
ROUNDING_MAX = decimal.Decimal("0.02")
RUN_SECONDS_MAX = 600


def money(number):
    """A published amount: pounds with two decimals, exactly."""
    return decimal.Decimal(str(number)).quantize(decimal.Decimal("0.01"))


def revenue_published(update):
    # The data know no cost, so that what customers have brought in is all their revenue, of every day up to D.
    return money(update["kpis"]["clv_historic"])


def revenue_queried(target, customer):
    """What the shard on disk says about the last day of the data."""
    answer = target.call("query", customer, "--measures", "--as-of", LAST_DAY, stdout=subprocess.PIPE).stdout
    account = json.loads(answer)
    return decimal.Decimal(account["measures"]["revenue"]["GBP"]) / 100


class Comparison:
    def __init__(self):
        self.failed = False

    def check(self, what, found, expected, tolerance=0):
        agrees = found == expected if tolerance == 0 else abs(found - expected) <= tolerance
        self.failed |= not agrees
        print(f"{'ok    ' if agrees else 'DIFFERS'} {what}: {found}, expected {expected}")


def import_and_run(target, data, directory):
    events = str(pathlib.Path(directory) / "events.jsonl")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    importer = [sys.executable, str(ROOT / "tools/import/online_retail.py"), data, "--out", events]
    subprocess.run(importer, check=True, **quiet)
    target.call("topics", "--create", "--create-time", "--partitions", "4", **quiet)
    # The records carry the time of their invoices, so that D moves through the year as it did.
    target.call("produce", events, "--timestamps", "occurred_at", **quiet)
    return target.start("--until-end").wait(timeout=RUN_SECONDS_MAX)


def last_updates(target):
    """The last update of every account, and how often one was published at or before the version before it."""
    last, not_rising = {}, 0
    for key, payload in target.updates():
        update = json.loads(payload)
        not_rising += key in last and int(update["source_offset"]) <= int(last[key]["source_offset"])
        last[key] = update
    return last, not_rising


def compare(target):
    comparison = Comparison()
    last, not_rising = last_updates(target)
    comparison.check("accounts", len(last), ACCOUNTS)
    comparison.check("updates out of order, or published twice", not_rising, 0)
    comparison.check("dead letters", len(target.dead_letters()), 0)
    comparison.check("greatest D", max(update["as_of"] for update in last.values()), LAST_DAY)
    comparison.check("missing rates", sorted({code for update in last.values() for code in update["missing_rates"]}), [])
    total = sum(map(revenue_published, last.values()))
    comparison.check("revenue of all accounts", total, PUBLISHED_TOTAL, ROUNDING_MAX)
    for customer, revenue in PUBLISHED_CUSTOMERS.items():
        expected = decimal.Decimal(revenue)
        comparison.check(f"customer {customer}, published", revenue_published(last[customer]), expected)
        comparison.check(f"customer {customer}, queried", revenue_queried(target, customer), expected)
    return not comparison.failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    parser.add_argument("--data", default=str(ROOT.parent / "shared/data/online_retail/online_retail.csv.gz"))
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.data).is_file():
        print(f"NOT TESTED: there is no {arguments.data}")
        sys.exit(deployment.SKIPPED)
    bootstrap = deployment.bootstrap_or_skip()
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory, ["--reporting_currency", "GBP"])
        status = import_and_run(target, arguments.data, directory)
        print("  " + target.run_log().strip().splitlines()[-1])
        if status != 0:
            print(f"run ended with status {status}")
        agrees = status == 0 and compare(target)
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
