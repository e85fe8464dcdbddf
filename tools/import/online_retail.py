#!/usr/bin/env python3
"""Turns the Online Retail data set (UCI, Chen et al. 2012) into account events, as JSON lines.

Invoices become invoice_issued, numbers that start with C credit_note_issued. Prices have three decimals, money has two:
the running total of each account is rounded half away from zero, and a line gets what its total has moved by. So no
account is ever more than half a penny from its exact total, however many lines it has.
"""

import argparse
import collections
import csv
import datetime
import decimal
import gzip
import json
import re
import sys
import zoneinfo

RECORD_BYTES_MAX = 1 << 20
UNKNOWN_ACCOUNT = "unknown"
SOURCE = "online-retail"
NUMBER = re.compile(r"[AC]?\d+")


class Document:
    """An invoice or a credit note: all lines of one number."""

    def __init__(self, number, account, country, instant):
        self.number = number
        self.account = account
        self.country = country
        self.instant = instant
        self.lines = []  # (stock code, quantity, exact total)

    @property
    def is_credit(self):
        return self.number.startswith("C")


class Importer:
    def __init__(self, zone):
        self.zone = zone
        self.imported = collections.Counter()
        self.rejected = collections.Counter()
        self.noted = collections.Counter()
        self.exact_total = decimal.Decimal(0)
        self.minor_total = 0
        self.documents = {}
        self._exact_by_account = collections.defaultdict(decimal.Decimal)
        self._minor_by_account = collections.defaultdict(int)
        self._countries = {}
        self._moves = collections.Counter()

    def take(self, row):
        """Reads a line of the file; counts what cannot be used."""
        number = row["InvoiceNo"].strip()
        if not NUMBER.fullmatch(number):
            self.rejected["invoice number of an unknown form"] += 1
            return
        try:
            quantity = int(row["Quantity"])
            price = decimal.Decimal(row["UnitPrice"])
            instant = datetime.datetime.strptime(row["InvoiceDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=self.zone)
        except (ValueError, decimal.InvalidOperation):
            self.rejected["quantity, price or date that is none"] += 1
            return
        account = row["CustomerID"].strip().removesuffix(".0") or UNKNOWN_ACCOUNT
        if price == 0 and (quantity < 0 or account == UNKNOWN_ACCOUNT):
            self.rejected["stock adjustment (price 0, and a negative quantity or no customer)"] += 1
            return
        if number.startswith("C") and quantity * price > 0:
            self.rejected["positive amount in a credit note"] += 1
            return
        self._note(number, account, quantity, price)
        self._add(number, account, row["Country"].strip(), instant, (row["StockCode"].strip(), quantity, quantity * price))

    def _note(self, number, account, quantity, price):
        self.noted["lines without a customer, booked on the account " + UNKNOWN_ACCOUNT] += account == UNKNOWN_ACCOUNT
        self.noted["lines given away (price 0)"] += price == 0
        self.noted["bad-debt adjustments (A...), imported as invoices"] += number.startswith("A")
        self.noted["lines of negative quantity without C, imported as invoiced"] += quantity < 0 and number[0] != "C"
        self.noted["lines of less than a penny's precision"] += (quantity * price * 100) % 1 != 0

    def _add(self, number, account, country, instant, line):
        document = self.documents.setdefault((number, account), Document(number, account, country, instant))
        if instant != document.instant:
            self.noted["lines with another time than their invoice, which keeps the earliest"] += 1
            document.instant = min(document.instant, instant)
        document.lines.append(line)
        self.exact_total += line[2]

    def events(self):
        """Yields the events in the order of their time."""
        for document in sorted(self.documents.values(), key=lambda one: (one.instant, one.number, one.account)):
            yield from self._account_events(document)
            event = self._document_event(document)
            if len(json.dumps(event)) > RECORD_BYTES_MAX:
                self.rejected["line of an invoice that is larger than a record may be"] += len(document.lines)
                continue
            self.imported["credit notes" if document.is_credit else "invoices"] += 1
            self.imported["lines"] += len(document.lines)
            yield event

    def _account_events(self, document):
        account, country = document.account, document.country
        known = self._countries.get(account)
        if known is None:
            self._countries[account] = country
            self.imported["accounts"] += 1
            name = "Sales without a customer" if account == UNKNOWN_ACCOUNT else f"Customer {account}"
            opened = {"name": name} if account == UNKNOWN_ACCOUNT else {"name": name, "region": country}
            yield envelope(f"opened:{account}", account, document.instant) | {"account_opened": opened}
        elif known != country and account != UNKNOWN_ACCOUNT:
            self._countries[account] = country
            self._moves[account] += 1
            self.noted["changes of a customer's country (account_classified)"] += 1
            event_id = f"classified:{account}:{self._moves[account]}"
            yield envelope(event_id, account, document.instant) | {"account_classified": {"region": country}}

    def _document_event(self, document):
        sign = -1 if document.is_credit else 1
        lines = []
        for index, (stock_code, quantity, exact) in enumerate(document.lines, start=1):
            minor = self._minor_of(document.account, exact)
            lines.append({"line_id": str(index), "product_id": stock_code, "sale_type": "BASE",
                          "quantity": str(sign * quantity * 1000),
                          "net": {"currency_code": "GBP", "minor": str(sign * minor)}})
        if document.is_credit:
            payload = {"credit_note_issued": {"credit_note_id": document.number, "lines": lines}}
        else:
            payload = {"invoice_issued": {"invoice_id": document.number, "lines": lines}}
        return envelope(f"document:{document.number}", document.account, document.instant) | payload

    def _minor_of(self, account, exact):
        self._exact_by_account[account] += exact
        rounded = int((self._exact_by_account[account] * 100).to_integral_value(decimal.ROUND_HALF_UP))
        minor = rounded - self._minor_by_account[account]
        self._minor_by_account[account] = rounded
        self.minor_total += minor
        return minor


def timestamp(instant):
    return instant.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def envelope(event_id, account, instant):
    return {"event_id": event_id, "account_id": account, "occurred_at": timestamp(instant), "source": SOURCE}


def rate_events(documents, rate):
    """A rate of GBP for every month that has a document: they come first."""
    first = min(document.instant for document in documents)
    for month in sorted({document.instant.strftime("%Y-%m") for document in documents}):
        yield {"event_id": f"fx:GBP:{month}", "occurred_at": timestamp(first), "source": SOURCE,
               "fx_rate_set": {"currency_code": "GBP", "month": month, "rate": rate}}


def report(importer):
    for title, counter in (("imported", importer.imported), ("of them", importer.noted), ("rejected", importer.rejected)):
        for what, count in sorted(counter.items()):
            if count:
                print(f"{title}: {count} {what}", file=sys.stderr)
    print(f"exact total of the lines taken: {importer.exact_total} GBP", file=sys.stderr)
    print(f"total of the events:            {decimal.Decimal(importer.minor_total) / 100} GBP", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="online_retail.csv, or .csv.gz")
    parser.add_argument("--out", default="-", help="file to write; - is standard output")
    parser.add_argument("--time-zone", default="Europe/London", help="of the times in the file (%(default)s)")
    parser.add_argument("--reporting-currency", default="GBP", help="any but GBP needs a rate (%(default)s)")
    parser.add_argument("--rate", type=float, help="units of the reporting currency for 1 GBP, in every month")
    arguments = parser.parse_args()
    if (arguments.reporting_currency != "GBP") != (arguments.rate is not None):
        parser.error("--rate goes with a --reporting-currency other than GBP")

    importer = Importer(zoneinfo.ZoneInfo(arguments.time_zone))
    opened = gzip.open if arguments.file.endswith(".gz") else open
    with opened(arguments.file, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            importer.take(row)

    out = sys.stdout if arguments.out == "-" else open(arguments.out, "w", encoding="utf-8")
    with out:
        if arguments.rate is not None and importer.documents:
            for event in rate_events(importer.documents.values(), arguments.rate):
                out.write(json.dumps(event) + "\n")
        for event in importer.events():
            out.write(json.dumps(event) + "\n")
    report(importer)


if __name__ == "__main__":
    main()
