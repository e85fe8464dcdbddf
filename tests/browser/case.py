"""What tests of the page have in common: a system for all tests of a class, windows for each, and what is left of them
when one fails."""

import argparse
import os
import sys
import unittest

import browser
from system import COMPANY, System, deployment

_options = argparse.Namespace()


def main(module="__main__"):
    """Runs the tests of a module. Exit status 77: this machine has no broker or no browser; with CI=true that is 1."""
    parser = argparse.ArgumentParser(description=sys.modules[module].__doc__)
    parser.add_argument("--keyfold", required=True, help="the binary")
    parser.add_argument("--failures", default="browser-failures", help="where pictures of failures go")
    parser.add_argument("tests", nargs="*", help="only these")
    parser.parse_args(namespace=_options)
    _options.bootstrap = deployment.bootstrap_or_skip()
    if absent := browser.missing():
        print(f"NOT TESTED: there is no {' and no '.join(absent)}")
        sys.exit(1 if os.environ.get("CI") == "true" else deployment.SKIPPED)
    unittest.main(module=module, argv=[sys.argv[0], *_options.tests], verbosity=2)


class PageTest(unittest.TestCase):
    """`self.system` is there, and has `ACCOUNTS` accounts with a `HISTORY`; with `TOKENS` it asks for them, alerts go to
    `webhooks()`."""

    ACCOUNTS = 20
    TOKENS = False
    HISTORY = COMPANY

    @classmethod
    def webhooks(cls):
        return ()

    @classmethod
    def setUpClass(cls):
        cls.system = System(_options.keyfold, _options.bootstrap, cls.ACCOUNTS, cls.TOKENS, cls.webhooks(), cls.HISTORY)
        cls.addClassCleanup(cls._stop)
        cls.system.start()

    @classmethod
    def _stop(cls):
        problems = cls.system.stop()
        assert not problems, problems

    def run(self, result=None):
        """Windows are closed after the test, since a failed one is photographed first."""
        result = result if result is not None else self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        self._windows = []
        try:
            super().run(result)
            if len(result.failures) + len(result.errors) > before:
                for number, window in enumerate(self._windows):
                    window.save(_options.failures, f"{self.id().removeprefix('__main__.')}-{number}")
        finally:
            for window in self._windows:
                window.close()
        return result

    def open(self, path="/", **options):
        """A new window at a path of the page; options as of Browser()."""
        window = browser.Browser(**options)
        self._windows.append(window)
        window.go(self.system.url(path))
        return window

    def sign_in(self, token, path="/", **options):
        """A new window at a path of the page, of whoever has the token."""
        window = self.open(path, **options)
        window.sign_in(token)
        return window
