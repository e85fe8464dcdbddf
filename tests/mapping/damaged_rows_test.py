#!/usr/bin/env python3
"""Of an export of which one row in a hundred is damaged only these are lost: each is named with its line, and what
remains adds up to the cent."""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

MAPPING = """
name: erp
columns: {quantity: integer, price: decimal, day: date}
account: customer
group: invoice
order: day
rows:
  - invoice_issued:
      at: min(day)
      invoice_id: invoice
      lines: {line_id: line, product_id: article, sale_type: BASE, quantity: quantity, net: {EUR: quantity * price}}
"""
ROWS = 20_000
LINES_OF_AN_INVOICE = 8

# What becomes of a line. A quote that does not end would swallow all lines after it, or up to the next quote.
DAMAGES = (
    lambda line: line.replace(",", ";"),
    lambda line: line[: len(line) // 3],
    lambda line: line + ",more",
    lambda line: '"' + line,
    lambda line: line.replace(",2026-", ',"2026-'),
    lambda line: line.replace("2026-01-", "2026-13-"),
    lambda line: line.replace(".", "x"),
    lambda line: line.replace("A-", "\udcff\udcfe"),
    lambda line: line.replace(",C", ",,C"),
    lambda line: "\0" * len(line),
)


def rows(chance):
    """Lines of the file, and the cents of each."""
    for number in range(ROWS):
        quantity, cents = chance.randrange(1, 9), chance.randrange(1, 100_000)
        invoice = number // LINES_OF_AN_INVOICE
        article = f'"A-{number % 50}, ""groß"""' if number % 3 == 0 else f"A-{number % 50}"
        yield (f"I{invoice},C{invoice % 40},2026-01-{1 + invoice % 28:02},{number},{article},{quantity},"
               f"{cents // 100}.{cents % 100:02}", quantity * cents)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keyfold", required=True)
    arguments = parser.parse_args()
    chance = random.Random(20_260_701)
    damaged, total, text = set(), 0, ["invoice,customer,day,line,article,quantity,price"]
    for index, (line, cents) in enumerate(rows(chance)):
        if chance.random() < 0.01:
            damaged.add(index + 2)
            line = chance.choice(DAMAGES)(line)
        else:
            total += cents
        text.append(line)
    with tempfile.TemporaryDirectory() as directory:
        export, mapping, rejected = (pathlib.Path(directory) / name for name in ("e.csv", "m.yaml", "rejected.jsonl"))
        export.write_text("\n".join(text) + "\n", encoding="utf-8", errors="surrogateescape")
        mapping.write_text(MAPPING, encoding="utf-8")
        command = [arguments.keyfold, "validate", "--map", str(mapping), str(export), "--rejected", str(rejected),
                   "--events", "-"]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
        lines = {row["line"] for row in map(json.loads, rejected.read_text(encoding="utf-8").splitlines())}
    found = sum(int(line["net"]["minor"]) for event in map(json.loads, result.stdout.splitlines())
                for line in event["invoice_issued"]["lines"])
    print(f"{ROWS} rows, {len(damaged)} damaged, {len(lines)} rejected; {found} cents")
    if result.returncode != 0 or lines != damaged or found != total:
        print(result.stderr)
        print(f"expected {total} cents; rejected, but not damaged: {sorted(lines - damaged)[:10]}; "
              f"damaged, but not rejected: {sorted(damaged - lines)[:10]}")
        sys.exit(1)


if __name__ == "__main__":
    main()
