#!/usr/bin/env python3
"""Webhooks in the view of alerts: what a receiver has refused is there with the reason, and is sent again by keyboard, in
both languages; nobody but administrators sees it.

Needs KEYFOLD_TEST_KAFKA=host:port, Chromium and its driver. Exit status 77: skipped.
"""

import http.server
import threading

from selenium.webdriver.common.keys import Keys

import case

REFUSING, TAKING = "refusing", "taking"


class Receiver(http.server.ThreadingHTTPServer):
    """Takes what is posted to /taking, and what is posted to /refusing once `takes_all` is set."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.takes_all = threading.Event()

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        taken = self.path == f"/{TAKING}" or self.server.takes_all.is_set()
        self.send_response(204 if taken else 503)
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Webhooks(case.PageTest):
    TOKENS = True

    @classmethod
    def webhooks(cls):
        cls.receiver = Receiver()
        cls.receiver.start()
        cls.addClassCleanup(cls.receiver.server_close)
        cls.addClassCleanup(cls.receiver.shutdown)
        return [{"name": name, "url": f"http://127.0.0.1:{cls.receiver.server_port}/{name}", "secret": "a secret",
                 "severities": ["CRITICAL"], "attempts_max": 1} for name in (REFUSING, TAKING)]

    def setUp(self):
        """All that `refusing` is sent is dead."""
        self.receiver.takes_all.clear()

    def state(self, name):
        return next(one for one in self.system.get("/v1/webhooks")["webhooks"] if one["name"] == name)

    def part(self, window, name):
        return window.until_there(f'article[aria-labelledby="webhook-{name}"]')

    def open_alerts(self, **options):
        window = self.sign_in(self.system.admin_token, "/alerts", **options)
        window.until(lambda: self.state(REFUSING)["dead"] > 0 and self.state(TAKING)["delivered"] > 0, "attempts", seconds=60)
        return window

    def read(self, window):
        """The state of `refusing`, and what the page says of it: read again if an attempt was made meanwhile."""
        def read_once():
            before = self.state(REFUSING)
            window.driver.refresh()
            text = self.part(window, REFUSING).text
            return (before, text) if self.state(REFUSING) == before else None
        return window.until(read_once, "a page and a state without an attempt between them")

    def test_1_what_was_not_delivered_says_why(self):
        window = self.open_alerts()
        state, text = self.read(window)
        self.assertIn(f"{state['dead']} not delivered", text)
        self.assertIn("it was answered with 503", text)
        self.assertIn("Severe escalation open", text)
        self.assertIn("Gets\nCritical", text)
        window.until(lambda: "Birken Foods" in self.part(window, REFUSING).text, "accounts by their names")
        taking = self.part(window, TAKING).text
        self.assertIn("delivers", taking)
        self.assertNotIn("Send again", taking)

    def test_2_says_so_in_german(self):
        window = self.open_alerts(language="de")
        state, text = self.read(window)
        self.assertIn(f"{state['dead']} nicht zugestellt", text)
        self.assertIn("Erneut senden", text)

    def test_3_a_manager_is_told_nothing_of_it(self):
        window = self.sign_in(self.system.manager_token, "/alerts")
        window.until_there("main table tbody tr")
        window.until(lambda: not window.all("[aria-busy=true], p.empty[role=status]"), "all of it")
        self.assertEqual(window.all(".webhook"), [])
        asked = window.run("return performance.getEntriesByType('resource').map((one) => one.name)")
        self.assertEqual([one for one in asked if "/v1/webhooks" in one], [])
        self.assertEqual(window.errors(), [])

    def test_4_is_sent_again_by_keyboard(self):
        window = self.open_alerts()
        self.receiver.takes_all.set()
        dead = self.read(window)[0]["dead"]
        window.tab_to(lambda element: element.get_attribute("aria-label") == f"Send again to {REFUSING}")
        window.keys(Keys.ENTER)
        window.until(lambda: f"{dead} alert" in self.part(window, REFUSING).text, "what was sent again")
        window.until(lambda: "delivers" in self.part(window, REFUSING).text, "its delivery")
        self.assertEqual(self.state(REFUSING)["dead"], 0)
        self.assertNotIn("Send again", self.part(window, REFUSING).text)
        # The button has gone: the focus is where it was, not at the top of the page.
        self.assertEqual(window.driver.switch_to.active_element.text, REFUSING)
        self.assertEqual(window.errors(), [])


if __name__ == "__main__":
    case.main()
