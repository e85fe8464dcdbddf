#!/usr/bin/env python3
"""The page's memory: with a hundred events a second, most of them of accounts that are not in sight, it does not grow.

A minute of it each time; KEYFOLD_PAGE_MEMORY_S=3600 makes it an hour, and prints what there is every five minutes.
Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

import os
import time

import case

RATE = 100  # events a second
SECONDS = int(os.environ.get("KEYFOLD_PAGE_MEMORY_S", "60"))
WARM_S = 40  # until all code has run, and what is kept for a while only is forgotten for the first time
TOLD_S = 300
HEAP_MAX = 1_500_000  # bytes by which the heap may differ; 6,000 updates that are kept are several times as much
NODES_MAX = 1_000  # rows come and go while their order changes
LISTENERS_MAX = 200


def told(before, now):
    return (f"heap {now['heap'] / 1e6:.2f} MB ({(now['heap'] - before['heap']) / 1e6:+.2f}), nodes {now['nodes']} "
            f"({now['nodes'] - before['nodes']:+d}), listeners {now['listeners']} ({now['listeners'] - before['listeners']:+d})")


class Memory(case.PageTest):
    ACCOUNTS = 2_000
    HISTORY = ("--events", "10000", "--zipf", "0.2")

    def revenue(self):
        return self.system.get("/v1/groups?id=portfolio:all&kpis=revenue_t12m")["groups"][0]["kpis"]["revenue_t12m"]

    def shown(self, window):
        """The revenue of the first tile, in cents."""
        text = window.one(".tile .value").get_attribute("data-exact")
        return int("".join(digit for digit in text if digit.isdigit()))

    def test_it_does_not_grow(self):
        window = self.open("/?group=portfolio:all")
        window.until_there("table[role=grid] tbody th .row-name-text")
        window.until_there(".tile .value[data-exact]")
        accounts = [row["account_id"] for row in self.system.get("/v1/accounts?limit=1000&kpis=customers")["accounts"]]
        first = self.shown(window)
        sender = self.system.send_many(accounts, RATE * (WARM_S + SECONDS), RATE)
        try:
            window.until(lambda: self.shown(window) != first, "the first change")
            time.sleep(WARM_S)  # nothing tells when: it is a time that the page itself waits
            before, begin = window.memory(), time.monotonic()
            while (left := begin + SECONDS - time.monotonic()) > 0:
                time.sleep(min(left, TOLD_S))
                now = window.memory()
                print(f"after {time.monotonic() - begin:.0f} s: {told(before, now)}", flush=True)
        finally:
            sender.terminate()
            sender.wait()
        # It was live all the while.
        window.until(lambda: self.shown(window) == round(100 * self.revenue()), "the present value")
        self.assertEqual(window.errors(), [])
        self.assertLess(now["heap"] - before["heap"], HEAP_MAX, told(before, now))
        self.assertLess(now["nodes"] - before["nodes"], NODES_MAX, told(before, now))
        self.assertLess(now["listeners"] - before["listeners"], LISTENERS_MAX, told(before, now))

    def test_a_leak_would_be_found(self):
        window = self.open("/?group=portfolio:all")
        window.until_there(".tile .value[data-exact]")
        before = window.memory()
        window.run("""window.kept = Array.from({length: 6000}, (_, at) => ({account_id: `A${at}`, kpis: Array(50).fill(at / 7)}));
            for (let at = 0; at < 3000; ++at) window.kept.push(document.createElement("p"));
            window.kept.slice(-3000).forEach((one) => one.addEventListener("click", () => one));""")
        now = window.memory()
        self.assertGreater(now["heap"] - before["heap"], HEAP_MAX)
        self.assertGreater(now["nodes"] - before["nodes"], NODES_MAX)
        self.assertGreater(now["listeners"] - before["listeners"], LISTENERS_MAX)


if __name__ == "__main__":
    case.main()
