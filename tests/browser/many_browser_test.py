#!/usr/bin/env python3
"""Many accounts: the table has the rows in sight and few others, a scroll draws those that come and no others, every account
is reached, and little is sent before there is something to see.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

import case

ROWS = "table[role=grid] tbody tr:not([aria-hidden])"
ROWS_MAX = 60  # 900 px are 24 rows; what is drawn beyond is less than as many
SENT_MAX = 300_000  # bytes before the first rows are there
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
    ACCOUNTS = 600
    HISTORY = ("--events", "4000", "--zipf", "0.2")

    def open_all(self):
        window = self.open("/?group=portfolio:all&sort=id")
        window.until_there(f"{ROWS} th .row-name-text")
        window.until(lambda: window.text(".table-count") == f"{self.total()} accounts", "all of them read", seconds=60)
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


if __name__ == "__main__":
    case.main()
