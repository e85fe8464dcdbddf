#!/usr/bin/env python3
"""Whether everybody can use the page: axe-core on every view, in both themes and languages; narrow windows, zoom and large
text; reduced motion.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver, and Maven. Exit status 77: skipped.
"""

import axe
import case
from system import BIRKEN, deployment
from views import VIEWS, show


class Access(case.PageTest):
    TOKENS = True

    @classmethod
    def webhooks(cls):
        # Nobody is there: what was not delivered is shown, too.
        return [{"name": "nobody", "url": f"http://127.0.0.1:{deployment.free_port()}/", "secret": "a secret",
                 "severities": ["CRITICAL"], "attempts_max": 1}]

    def open(self, path="/", **options):
        """As somebody who sees every view."""
        window = super().open(path, **options)
        window.sign_in(self.system.admin_token)
        window.until_there(".top nav")
        return window

    def test_axe_finds_nothing(self):
        for theme in ("light", "dark"):
            for language in ("en", "de"):
                window = self.open("/", theme=theme, language=language)
                for view in VIEWS:
                    with self.subTest(view=view.name, theme=theme, language=language):
                        show(window, self.system, view)
                        self.assertEqual(axe.violations(window), [])

    def test_axe_would_find_something(self):
        window = self.open("/")
        show(window, self.system, VIEWS[0])
        window.run("""const one = document.createElement("button"); document.querySelector("main").append(one);""")
        self.assertTrue(any("button-name" in line for line in axe.violations(window)))

    def test_nothing_is_cut_off_or_scrolls_sideways(self):
        window = self.open("/")
        # 320 is 1280 at 400 %, 640 at 200 %.
        for width, scale in ((320, 4), (360, 2), (390, 3), (640, 2), (1280, 1), (1920, 1)):
            window.resize(width, 900, scale)
            for view in VIEWS:
                with self.subTest(view=view.name, width=width):
                    show(window, self.system, view)
                    self.assertIsNone(window.sideways())
                    if width >= 390:
                        self.assertEqual(window.cut_off(), [])

    def test_text_of_twice_the_size_breaks_nothing(self):
        window = self.open("/")
        for view in VIEWS:
            with self.subTest(view=view.name):
                show(window, self.system, view)
                window.run("document.documentElement.style.fontSize = '200%'")
                self.assertIsNone(window.sideways())

    def test_every_view_has_one_heading_a_title_and_no_errors(self):
        window = self.open("/")
        for view in VIEWS:
            with self.subTest(view=view.name):
                show(window, self.system, view)
                self.assertEqual(len(window.all("h1")), 1)
                self.assertRegex(window.driver.title, r".+ · Keyfold$")
        self.assertEqual(window.errors(), [])

    def test_no_view_is_left_out(self):
        window = self.open("/")
        window.until_there(".top nav a")
        paths = {view.path.split("?")[0] for view in VIEWS}
        for link in window.all(".top nav a"):
            self.assertIn(link.get_attribute("href").removeprefix(self.system.url("")).split("?")[0], paths)

    def moving(self, window):
        """How many animations there were within a moment after a change."""
        window.run("""window.moved = 0;
            document.addEventListener("animationstart", (event) => {
                window.moved += event.target.getAnimations().filter((one) => one.effect.getTiming().duration > 1).length;
            });""")
        before = window.one(".tile .value").get_attribute("data-exact")
        self.system.send_invoice(BIRKEN, 40_000)
        window.until(lambda: window.one(".tile .value").get_attribute("data-exact") != before, "the change")
        window.until(lambda: window.all(".value.flash"), "the mark of the change")
        return window.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
                          "() => done(window.moved))))")

    def test_an_account_fits_on_one_sheet(self):
        account, definitions = ([view for view in VIEWS if view.name == name][0] for name in ("account", "definitions"))
        for language in ("en", "de"):
            window = self.open("/", language=language)
            show(window, self.system, account)
            self.assertEqual(window.sheets(), 1)
            show(window, self.system, definitions)
            self.assertGreater(window.sheets(), 1)  # else they are not counted

    def test_pages_that_one_has_left_hold_no_connection(self):
        # The browser keeps pages for "back", and has six connections to a gateway for all of them.
        window = self.open("/?group=portfolio:all")
        for number in range(8):
            window.until_text(".live", "live")
            window.go(self.system.url(f"/?group=portfolio:all&q={number}"))
        window.until_text(".live", "live")
        window.until(lambda: self.system.streams() == 1, "the one stream")
        window.driver.back()
        window.until_text(".live", "live")
        window.until(lambda: self.system.streams() == 1, "the stream of the page before")

    def test_reduced_motion_is_respected(self):
        for reduced in (False, True):
            window = self.open("/?group=portfolio:all", reduced_motion=reduced)
            show(window, self.system, VIEWS[0])
            window.until_text(".live", "live")
            self.assertEqual(self.moving(window) == 0, reduced)


if __name__ == "__main__":
    case.main()
