#!/usr/bin/env python3
"""Signing in: a manager's token shows the manager's accounts and nothing else, and leaves no trace in the browser.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

import case
from system import BIRKEN, MANAGER, NORDEN

NAMES = "table[role=grid] tbody th .row-name-text"


class Rights(case.PageTest):
    TOKENS = True

    def names(self, window):
        return {one.text for one in window.all(NAMES)}

    def own(self):
        """The names of the manager's accounts, as somebody who sees everything is told."""
        page = self.system.get(f"/v1/accounts?group={MANAGER.replace(' ', '%20')}&limit=1000")
        return {row["attributes"]["name"] for row in page["accounts"]}

    def test_a_manager_sees_the_own_accounts_only(self):
        window = self.sign_in(self.system.manager_token)
        own = self.own()
        self.assertIn("Birken Foods", own)
        self.assertLess(len(own), self.ACCOUNTS)
        window.until(lambda: self.names(window) == own, "the own accounts")
        window.until_there(".tile .value[data-exact]")
        self.assertNotIn("portfolio:all", [one.get_attribute("value") for one in window.all(".scope option")])

    def test_an_administrator_sees_all(self):
        window = self.sign_in(self.system.admin_token, "/?group=portfolio:all")
        window.until(lambda: len(self.names(window)) == self.ACCOUNTS, "all accounts")

    def test_others_accounts_are_not_there(self):
        window = self.sign_in(self.system.manager_token, f"/accounts/{NORDEN}")
        window.until(lambda: not window.all('input[name="token"]'), "the view")
        window.until(lambda: window.text("main") not in ("", "Loading …"), "an answer")
        self.assertNotIn("Norden Rail", window.text("body"))

    def test_what_others_do_does_not_move_the_page(self):
        window = self.sign_in(self.system.manager_token)
        before = window.until(lambda: window.one(".tile .value").get_attribute("data-exact"), "the revenue")
        window.until_text(".live", "live")
        self.system.send_invoice(NORDEN, 700_000)
        self.system.send_invoice(BIRKEN, 50_000)
        after = window.until(lambda: (now := window.one(".tile .value").get_attribute("data-exact")) != before and now,
                             "the own invoice")
        self.assertEqual(int("".join(filter(str.isdigit, after))) - int("".join(filter(str.isdigit, before))), 5_000_000)

    def test_a_token_leaves_no_trace(self):
        window = self.sign_in(self.system.manager_token)
        window.until_there(".tile .value[data-exact]")
        secret = self.system.manager_token
        kept = window.run("return [location.href, document.cookie, JSON.stringify(localStorage),"
                          " JSON.stringify(sessionStorage), document.documentElement.outerHTML].join('\\n')")
        self.assertNotIn(secret, kept)
        window.driver.refresh()
        window.until_there(".tile .value[data-exact]")  # still signed in
        window.until(lambda: [one for one in window.all(".top-end button") if one.text == "Sign out"], "the way out")[0].click()
        window.until_there('input[name="token"]')
        window.driver.refresh()
        window.until_there('input[name="token"]')

    def test_a_wrong_token_is_said(self):
        window = self.sign_in("kf_0123456789abcdef_" + "A" * 43)
        window.until_text('[role="alert"]', "This token is not known")


if __name__ == "__main__":
    case.main()
