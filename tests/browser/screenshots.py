#!/usr/bin/env python3
"""Pictures of every view, at 390, 1280 and 1920 pixels, in both themes, to be looked at.

    screenshots.py --keyfold build/dev/bin/keyfold --bootstrap 127.0.0.1:9092 --out DIR [--language de]
    screenshots.py --url http://127.0.0.1:8080 --out DIR          of a page that runs, such as that of tools/demo
"""

import argparse
import datetime
import os

import browser
from system import System
from views import VIEWS, show

WIDTHS = (390, 1280, 1920)
HEIGHT_MAX = 6_000


class Running:
    """A page that somebody else has started."""

    def __init__(self, url, token):
        self._url = url.rstrip("/")
        self.admin_token = token
        self.last_day = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)

    def url(self, path):
        return self._url + path


def take(system, folder, theme, language, only):
    window = browser.Browser(theme=theme, language=language)
    try:
        if system.admin_token:
            window.go(system.url("/"))
            window.sign_in(system.admin_token)
            window.until_there(".top nav")
        for width in WIDTHS:
            for view in VIEWS:
                if (only and view.name not in only) or (view.name == "tokens" and not system.admin_token):
                    continue
                window.resize(width, 900)
                show(window, system, view)
                # The whole view, however long it is.
                height = window.run("return document.documentElement.scrollHeight")
                window.resize(width, min(max(height, 900), HEIGHT_MAX))
                path = os.path.join(folder, f"{view.name}-{width}-{theme}-{language}.png")
                window.driver.save_screenshot(path)
                print(path)
    finally:
        window.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--url")
    parser.add_argument("--token", help="an administrator's, for a page that asks; without it there are none of the tokens")
    parser.add_argument("--keyfold")
    parser.add_argument("--bootstrap")
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--language", default="en")
    parser.add_argument("views", nargs="*", help="only these")
    options = parser.parse_args()
    if not options.url and not (options.keyfold and options.bootstrap):
        parser.error("--url, or --keyfold and --bootstrap")
    os.makedirs(options.out, exist_ok=True)
    system = Running(options.url, options.token) if options.url else System(
        options.keyfold, options.bootstrap, options.accounts, tokens=True).start()
    try:
        for theme in ("light", "dark"):
            take(system, options.out, theme, options.language, options.views)
    finally:
        if not options.url:
            system.stop()


if __name__ == "__main__":
    main()
