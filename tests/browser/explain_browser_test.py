#!/usr/bin/env python3
"""Why a number is what it is: what the panel shows adds up, at a date and since another, whatever is filtered.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

import re

import case
from selenium.webdriver.common.keys import Keys
from system import BIRKEN, ELBTAL

PANEL = "dialog[open]"


def cents(text):
    """"€1,234.56" -> 123456, "−€5.00" -> -500."""
    amount = int(re.sub(r"\D", "", text))
    return -amount if re.match(r"\s*[-−(]", text) else amount


class Explain(case.PageTest):
    def open_why(self, kpi, account, more="", **options):
        window = self.open(f"/?group=portfolio:all&why={kpi}&of={account}{more}", **options)
        window.until_there(f"{PANEL} .why-component[open] tfoot")
        return window

    def amounts(self, window):
        """Of the rows of the part that is open, and of its sum."""
        part = f"{PANEL} .why-component[open] table.lines"
        rows = [one.text for one in window.all(f"{part} tbody tr td.numeric")]
        (total,) = [one.text for one in window.all(f"{part} tfoot td.numeric")]
        return [cents(row) for row in rows if re.search(r"\d", row)], cents(total)

    def headline(self, window):
        """The exact value: what stands below the short one begins with it."""
        return cents(window.text(f"{PANEL} .why-headline p.muted").split(" ")[0].split("\u00a0")[0])

    def test_contributions_add_up_to_the_value(self):
        window = self.open_why("revenue_t12m", ELBTAL)
        rows, total = self.amounts(window)
        self.assertGreater(len(rows), 20)
        self.assertEqual(sum(rows), total)
        self.assertEqual(total, self.headline(window))
        known = self.system.get(f"/v1/accounts/{ELBTAL}")["kpis"]["revenue_t12m"]
        self.assertEqual(total, round(100 * known))

    def test_what_a_filter_shows_adds_up_too(self):
        window = self.open_why("revenue_t12m", ELBTAL)
        everything, _ = self.amounts(window)
        month = f"{PANEL} .why-component[open] .bar select"
        values = [one.get_attribute("value") for one in window.all(f"{month} option")]
        self.assertGreater(len(values), 3)
        window.one(month).send_keys(Keys.ARROW_DOWN)
        window.until(lambda: len(self.amounts(window)[0]) < len(everything), "fewer rows")
        rows, total = self.amounts(window)
        self.assertEqual(sum(rows), total)

    def test_what_changed_since_adds_up(self):
        since = self.system.last_day.replace(year=self.system.last_day.year - 1, day=1)
        window = self.open_why("revenue_t12m", ELBTAL, f"&since={since}")
        rows, total = self.amounts(window)
        self.assertEqual(sum(rows), total)
        now = self.headline(window)
        before = self.system.get(f"/v1/accounts/{ELBTAL}?as_of={since}")["kpis"]["revenue_t12m"]
        self.assertEqual(now - round(100 * before), total)

    def test_an_event_opens_and_the_panel_closes_where_one_was(self):
        window = self.open_why("revenue_t12m", ELBTAL)
        window.click(f"{PANEL} tbody button[aria-expanded=false]")
        window.until_there(f"{PANEL} tbody button[aria-expanded=true]")
        window.until_text(f"{PANEL} tbody", "erp")
        window.keys(Keys.ESCAPE)
        window.until(lambda: not window.all(PANEL), "the panel to close")
        self.assertNotIn("why=", window.url)
        window.driver.back()
        window.until_there(PANEL)
        self.assertEqual(window.errors(), [])

    def test_a_number_leads_to_its_why(self):
        window = self.open(f"/accounts/{BIRKEN}")
        window.click('article.account a.value[href*="why=nps"]')
        window.until_text(PANEL, "Net promoter score")
        self.assertIn(f"of={BIRKEN}", window.url)

    def test_what_is_undefined_says_why(self):
        window = self.open(f"/?group=portfolio:all&why=escalation_age_days&of={ELBTAL}")
        window.until_text(PANEL, "No escalation is open")


if __name__ == "__main__":
    case.main()
