#!/usr/bin/env python3
"""Ways through the page: addresses that can be mailed, back, language, theme, and the keyboard alone.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

from selenium.webdriver.common.keys import Keys

import case
from system import BIRKEN

TABLE = "table[role=grid]"
NAMES = f"{TABLE} tbody th .row-name-text"


class Ways(case.PageTest):
    def names(self, window):
        return [one.text for one in window.all(NAMES)]

    def test_an_address_says_all_of_a_view(self):
        first = self.open("/?group=portfolio:all&q=birken")
        first.until(lambda: self.names(first) == ["Birken Foods"], "the one account")
        address = first.url
        second = self.open(address.removeprefix(self.system.url("")))
        second.until(lambda: self.names(second) == ["Birken Foods"], "the same by its address")
        self.assertEqual(second.one(".bar-search").get_attribute("value"), "birken")

    def test_back_leads_where_one_was(self):
        window = self.open("/?group=portfolio:all")
        window.until(lambda: len(self.names(window)) >= self.ACCOUNTS, "all accounts")
        window.until_there('.scope option[value^="manager:"]')
        window.run("""const choice = document.querySelector(".scope select");
            const set = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set;
            set.call(choice, choice.querySelector('option[value^="manager:"]').value);
            choice.dispatchEvent(new Event("change", {bubbles: true}));""")
        window.until(lambda: 0 < len(self.names(window)) < self.ACCOUNTS, "one manager's accounts")
        window.driver.back()
        window.until(lambda: len(self.names(window)) >= self.ACCOUNTS, "all accounts again")
        window.driver.forward()
        window.until(lambda: 0 < len(self.names(window)) < self.ACCOUNTS, "the manager's accounts again")
        self.assertEqual(window.errors(), [])

    def test_an_address_that_there_is_not_says_so(self):
        window = self.open("/nowhere")
        window.until_text("main", "There is no such page.")

    def test_speaks_the_language_of_the_browser_and_the_chosen_one(self):
        window = self.open("/", language="de")
        window.until_text("#attention", "Handlungsbedarf")
        self.assertEqual(window.run("return document.documentElement.lang"), "de")
        window.click('button[lang="en"]')
        window.until_text("#attention", "Needs attention")
        self.assertEqual(window.run("return document.documentElement.lang"), "en")
        window.driver.refresh()
        window.until_text("#attention", "Needs attention")

    def colours(self, window):
        return window.run("const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]")

    def test_has_the_theme_of_the_system_and_the_chosen_one(self):
        light, dark = self.open("/", theme="light"), self.open("/", theme="dark")
        for window in (light, dark):
            window.until_there(".tile")
        of_light, of_dark = self.colours(light), self.colours(dark)
        self.assertNotEqual(of_light, of_dark)
        light.click('button[aria-label="Colours as the system has them"]')
        light.click('button[aria-label="Light colours"]')
        light.until(lambda: self.colours(light) == of_dark, "dark colours by choice")
        light.driver.refresh()
        light.until(lambda: self.colours(light) == of_dark, "dark colours after loading anew")

    def test_search_by_keyboard(self):
        window = self.open("/")
        window.until_there(".tile")
        window.keys("/")
        window.keys("birken")
        window.until_text('[role="option"][aria-selected="true"]', "Birken Foods")
        window.keys(Keys.ENTER)
        window.until(lambda: window.url.endswith(f"/accounts/{BIRKEN}"), "the account's address")

    def test_keys_are_listed_and_escape_closes(self):
        window = self.open("/")
        window.until_there(".tile")
        window.keys("?")
        window.until_text("dialog[open]", "Keys")
        window.keys(Keys.ESCAPE)
        window.until(lambda: not window.all("dialog[open]"), "the list to close")
        window.keys("f")
        window.until_there("#filters select")

    def test_the_table_is_one_stop_and_arrows_move_within(self):
        window = self.open("/?group=portfolio:all")
        window.until(lambda: len(self.names(window)) >= self.ACCOUNTS, "all accounts")
        in_table = 'return arguments[0].closest("table[role=grid]") !== null'
        window.tab_to(lambda element: window.run(in_table, element))
        spot = 'return document.activeElement.closest("[data-spot]").dataset.spot'
        self.assertEqual(window.run(spot), "-1:0")
        for key, expected in ((Keys.ARROW_DOWN, "0:0"), (Keys.ARROW_RIGHT, "0:1"), (Keys.ARROW_DOWN, "1:1"),
                              (Keys.HOME, "1:0"), (Keys.ARROW_UP, "0:0")):
            window.keys(key)
            window.until(lambda: window.run(spot) == expected, f"the focus at {expected}")
        window.keys(Keys.TAB)
        self.assertFalse(window.run('return document.activeElement.closest("table[role=grid]") !== null'))

    def test_every_stop_of_the_keyboard_can_be_seen(self):
        window = self.open("/")
        window.until(lambda: len(self.names(window)) >= 1, "the accounts")
        unseen = []
        for _ in range(30):
            window.keys(Keys.TAB)
            seen = window.run("""const one = document.activeElement, style = getComputedStyle(one);
                return one === document.body || style.outlineStyle !== "none" || style.boxShadow !== "none"
                    ? "" : one.outerHTML.slice(0, 120);""")
            if seen:
                unseen.append(seen)
        self.assertEqual(unseen, [])


if __name__ == "__main__":
    case.main()
