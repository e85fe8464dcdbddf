#!/usr/bin/python3
"""How soon the page shows something: a window with nothing in its cache opens the portfolio of a filled projection, again
and again.

Counted from when the address was entered, in milliseconds, medians of all windows: the first thing drawn, the first
figure of a tile, the first row of the table, and how many bytes had been sent until then. Broker, worker, gateway and
browser share the machine.
"""

import argparse
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "browser"))
import browser  # noqa: E402  (its folder is known only now)
import gateway  # noqa: E402
import measuring  # noqa: E402
import projection  # noqa: E402

FIRST = {"row": "table[role=grid] tbody tr:not([aria-hidden]) th .row-name-text", "tile": ".tile .value[data-exact]"}
COLUMNS = {"accounts": "accounts", "windows": "windows", "paint_ms": "first drawn ms", "tile_ms": "tile ms",
           "row_ms": "row ms", "row_max_ms": "slowest row ms", "sent_kb": "kB sent"}

# Notes when each of the elements is there for the first time: at the end of the frame that has it.
WATCH = """
    window.first = {};
    const watch = () => {
        for (const [name, css] of Object.entries(%s)) {
            if (!window.first[name] && document.querySelector(css)) window.first[name] = performance.now();
        }
        requestAnimationFrame(watch);
    };
    watch();""" % FIRST

LOOK = """
    const sent = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return {paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, ...window.first,
            sent: sent.reduce((sum, one) => sum + one.transferSize, 0)};"""


def look(url):
    window = browser.Browser()
    try:
        window.before_pages(WATCH)
        window.go(url)
        for css in FIRST.values():
            window.until_there(css)
        seen = window.until(lambda: window.run("return window.first.row && window.first.tile") and window.run(LOOK),
                            "a tile and a row")
        if window.errors():
            raise measuring.RunFailed(f"the page says: {window.errors()}")
        return seen
    finally:
        window.close()


def run(bench, arguments):
    if browser.missing():
        raise measuring.RunFailed(f"not installed: {', '.join(browser.missing())}")
    project = gateway.fill(bench, arguments)
    served = gateway.Gateway(bench, project, readers=10, tls=False)
    try:
        served.wait_until_ready()
        url = f"http://127.0.0.1:{served.port}/?group=portfolio:all"
        look(url)  # of the first window the browser's own start is a part
        seen = [look(url) for _ in range(arguments.windows)]
    finally:
        served.stop()
    project.close()
    median = {name: statistics.median(one[name] for one in seen) for name in seen[0]}
    result = {"accounts": arguments.accounts, "windows": len(seen), "paint_ms": round(median["paint"]),
              "tile_ms": round(median["tile"]), "row_ms": round(median["row"]),
              "row_max_ms": round(max(one["row"] for one in seen)), "sent_kb": round(median["sent"] / 1e3)}
    measuring.print_table(COLUMNS, [result])
    return {"benchmark": "page", **result}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    gateway.add_fill_flags(parser)
    parser.add_argument("--windows", type=int, default=11)
    projection.add_keyfold_flag(parser)
    projection.add_flags(parser)
    projection.main(run, parser.parse_args())


if __name__ == "__main__":
    main()
