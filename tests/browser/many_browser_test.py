#!/usr/bin/env python3
"""Many accounts: the table has the rows in sight and few others, a scroll draws those that come and no others, every account
is reached, what is not read yet has its room, and little is asked and sent before there is something to see.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

import signal

import case

ROWS = "table[role=grid] tbody tr:not([aria-hidden])"
ROWS_MAX = 60  # 900 px are 24 rows; what is drawn beyond is less than as many
SENT_MAX = 300_000  # bytes before the first rows are there
ASKED_MAX = 12  # requests until then, with the page itself
PAGE = 1_000  # accounts that are read at once, after the first ones
STEP = 4 * 37  # pixels of the rows that are drawn together

# Scrolls to a place; returns once the rows there are drawn, with the names that are.
SCROLL = """
    const [top, done] = [arguments[0], arguments[arguments.length - 1]], grid = document.querySelector(".grid");
    grid.scrollTop = top;
    const twice = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
    const look = () => {
        const box = grid.getBoundingClientRect();
        const middle = document.elementFromPoint(box.left + 40, box.top + box.height / 2);
        if (!middle?.closest("tr:not([aria-hidden])") || grid.querySelector("td > .muted")) return twice(look);
        done([...grid.querySelectorAll("tbody .row-name")].map((one) => decodeURIComponent(one.pathname.split("/").pop())));
    };
    twice(look);"""

# Each number that is written costs one look at this.
COUNT = """
    const made = Object.getOwnPropertyDescriptor(Intl.NumberFormat.prototype, "format");
    window.written = 0;
    Object.defineProperty(Intl.NumberFormat.prototype, "format", {
        ...made, get() { window.written += 1; return made.get.call(this); }});"""


class Many(case.PageTest):
    ACCOUNTS = 1_500
    HISTORY = ("--events", "7500", "--zipf", "0.2")

    def open_all(self):
        window = self.open("/?group=portfolio:all&sort=id")
        window.until_there(f"{ROWS} th .row-name-text")
        window.until(lambda: window.text(".table-count") == f"{self.total():,} accounts", "the rows")
        window.run('document.querySelector(".grid").scrollIntoView()')
        return window

    def total(self):
        return self.system.get("/v1/accounts?group=portfolio:all&limit=1")["total"]

    def scroll(self, window, top):
        return window.driver.execute_async_script(SCROLL, top)

    def test_few_rows_exist_and_every_account_is_reached(self):
        window = self.open_all()
        self.assertGreater(self.total(), 5 * ROWS_MAX)
        height = window.run('return document.querySelector(".grid").scrollHeight')
        seen = set()
        for top in range(0, height, 500):
            seen.update(self.scroll(window, top))
            self.assertLessEqual(len(window.all(ROWS)), ROWS_MAX)
        self.assertEqual(len(seen), self.total())
        self.assertLess(window.run('return document.querySelectorAll(".grid *").length'), 50 * ROWS_MAX)
        self.assertEqual(window.errors(), [])

    def test_a_scroll_draws_the_rows_that_come(self):
        window = self.open_all()
        window.run(COUNT)
        self.scroll(window, 100 * STEP)  # all rows are others than before
        everything = window.run("return window.written")
        self.assertGreater(everything, 100)
        for step in range(1, 6):
            window.run("window.written = 0")
            self.scroll(window, (100 + step) * STEP)
            self.assertLess(window.run("return window.written"), everything / 3)

    def test_little_is_sent_before_there_is_something_to_see(self):
        window = self.open("/?group=portfolio:all")
        window.until_there(f"{ROWS} th .row-name-text")
        sent = window.run("""return [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
            .reduce((sum, one) => sum + one.transferSize, 0)""")
        self.assertGreater(sent, 50_000)  # else they do not count
        self.assertLess(sent, SENT_MAX)

    def test_what_one_sees_first_is_asked_first(self):
        window = self.open("/")  # no group is named, none was looked at before
        window.until_there(".tile-past svg")
        asked = window.run("""return performance.getEntriesByType("resource").map((one) =>
            ({path: one.name.replace(location.origin, ""), start: one.startTime, end: one.responseEnd}))""")
        first = next(one for one in asked if one["path"].startswith("/v1/accounts?group=") and "sort=" in one["path"])
        self.assertLess(len([one for one in asked if one["start"] <= first["start"]]), ASKED_MAX)
        later = [one for one in asked if one["path"].startswith(("/v1/alerts", "/v1/due", "/v1/stream"))
                 or "/series?" in one["path"] or "prefix=" in one["path"]]
        self.assertGreater(len(later), 6)
        self.assertEqual([one["path"] for one in later if one["start"] < first["end"]], [])

    def test_rows_that_are_not_read_yet_have_their_room(self):
        window = self.open_all()
        last = self.total() - 1
        self.assertGreater(last, PAGE + 60 + 200)  # else all of them are read at once
        gateway = self.system.gateway.process
        gateway.send_signal(signal.SIGSTOP)
        try:
            window.run('document.querySelector(".grid").scrollTop = arguments[0]', last * 37)
            window.until(lambda: not window.all(ROWS), "rows to go")
            middle = window.run("""const box = document.querySelector(".grid").getBoundingClientRect();
                return document.elementFromPoint(box.left + 40, box.top + box.height / 2).parentElement.className""")
            self.assertEqual(middle, "gap")
        finally:
            gateway.send_signal(signal.SIGCONT)
        window.until(lambda: window.all(f'{ROWS}[aria-rowindex="{last + 2}"]'), "the last row")
        self.assertLessEqual(len(window.all(ROWS)), ROWS_MAX)
        self.assertEqual(window.errors(), [])


if __name__ == "__main__":
    case.main()
