#!/usr/bin/env python3
"""An importer that is killed at ten random places and started again loses and doubles nothing; the same file again sends
nothing, a newer export of the same data only what differs.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import tempfile
import time

import deployment

MAPPING = """
name: erp
columns: {quantity: integer, price: decimal, day: date}
account: customer
group: invoice
order: day
once:
  - account_opened: {at: min(day), name: customer}
rows:
  - invoice_issued:
      at: min(day)
      invoice_id: invoice
      lines: {line_id: row, product_id: article, sale_type: BASE, quantity: quantity, net: {EUR: quantity * price}}
"""
INVOICES = 60_000
ACCOUNTS = 500
KILLS = 10


def lines_of(invoice):
    """The lines of an invoice: article, quantity, cents."""
    return [(article, 1 + (invoice + article) % 5, 100 + (invoice * 7 + article) % 900) for article in range(1 + invoice % 3)]


def write_export(path, changed=()):
    """An export; invoices of `changed` have a line more."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("invoice,customer,day,article,quantity,price\n")
        for invoice in range(INVOICES):
            rows = lines_of(invoice) + ([(99, 1, 1)] if invoice in changed else [])
            for article, quantity, cents in rows:
                out.write(f"I{invoice},C{invoice % ACCOUNTS},2026-01-{1 + invoice % 28:02},A{article},{quantity},"
                          f"{cents // 100}.{cents % 100:02}\n")


def revenue(changed=()):
    lines = sum(quantity * cents for invoice in range(INVOICES) for _, quantity, cents in lines_of(invoice))
    return lines + len(changed)


class Importer:
    def __init__(self, target, directory):
        self.target = target
        self.mapping = str(pathlib.Path(directory) / "erp.yaml")
        pathlib.Path(self.mapping).write_text(MAPPING, encoding="utf-8")
        self.export = str(pathlib.Path(directory) / "export.csv")
        self.arguments = ["produce", "--map", self.mapping, self.export, "--timestamps", "occurred_at"]

    def run(self):
        """To its end; what it says."""
        return self.target.call(*self.arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stderr

    def differing(self):
        """What the ledger does not have as the export does: account and period, with the cents."""
        command = [self.target.keyfold, "reconcile", "--map", self.mapping, self.export, "--format", "json",
                   *self.target.flags, "--state_directory", str(pathlib.Path(self.target.directory) / "state")]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
        found = [(line["account_id"], line["period"], line["export"] - line["ledger"])
                 for line in map(json.loads, result.stdout.splitlines())]
        if result.returncode != (1 if found else 0):
            found.append(result.stderr)
        return sorted(found)

    def kill_after(self, seconds):
        """False: it was through by then."""
        command = [self.target.keyfold, *self.arguments, *self.target.flags, "--state_directory",
                   str(pathlib.Path(self.target.directory) / "state")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(timeout=seconds)
                return False
            except subprocess.TimeoutExpired:
                process.kill()
                return True


def published_revenue(target, problems):
    """The cents of all accounts' last updates, after folding what there is on the topic."""
    if target.start("--until-end").wait(timeout=600) != 0:
        problems.append("run failed: " + target.last_words())
    last = {key: json.loads(payload) for key, payload in target.updates()}
    if len(last) != ACCOUNTS:
        problems.append(f"{len(last)} accounts, expected {ACCOUNTS}")
    if target.dead_letters():
        problems.append(f"{len(target.dead_letters())} dead letters")
    return sum(round(update["kpis"]["clv_historic"] * 100) for update in last.values())


def expect(problems, what, found, expected):
    print(f"{what}: {str(found)[:200]}")
    if found != expected:
        problems.append(f"{what}: {found}, expected {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    chance = random.Random(17)
    problems = []
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        target.call("topics", "--create", "--create-time", "--partitions", "4", stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
        importer = Importer(target, directory)
        write_export(importer.export)
        begin = time.monotonic()
        subprocess.run([arguments.keyfold, "validate", "--map", importer.mapping, importer.export], check=True,
                       stderr=subprocess.DEVNULL)
        whole = time.monotonic() - begin
        kills = sum(importer.kill_after(chance.uniform(0.2, 1) * whole) for _ in range(KILLS))
        print(f"killed {kills} times")
        importer.run()
        expect(problems, "revenue", published_revenue(target, problems), revenue())
        again = importer.run().splitlines()[-1]
        expect(problems, "again", again.split(": ", 1)[1],
               f"0 new, 0 corrected, 0 retracted; {INVOICES + ACCOUNTS} were sent before")
        expect(problems, "differs from the ledger", importer.differing(), [])
        changed = {chance.randrange(INVOICES) for _ in range(100)}
        write_export(importer.export, changed)
        cents = collections.Counter(f"C{invoice % ACCOUNTS}" for invoice in changed)
        expect(problems, "differs before it is sent", importer.differing(),
               sorted((account, "2026-01", count) for account, count in cents.items()))
        newer = importer.run().splitlines()[-1]
        expect(problems, "a newer export", newer.split(": ", 1)[1],
               f"0 new, {len(changed)} corrected, 0 retracted; {INVOICES + ACCOUNTS - len(changed)} were sent before")
        expect(problems, "its revenue", published_revenue(target, problems), revenue(changed))
        expect(problems, "differs after it was folded", importer.differing(), [])
    deployment.conclude(problems)


if __name__ == "__main__":
    main()
