"""A real browser for tests: Debian's Chromium, driven by its own driver. No test sleeps: each waits for what it wants."""

import base64
import json
import os
import re
import shutil
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import (NoSuchElementException, StaleElementReferenceException,
                                        ElementNotInteractableException)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

CHROMIUM, DRIVER = "chromium", "chromedriver"
WAIT_S = 20  # for what must come; the machine may be busy
_POLL_S = 0.02
# What the page asks for first, before it is known whether a token is wanted.
_WHO = re.compile("/v1/(session|catalog|status) - Failed to load resource: the server responded with a status of 401")
_NOT_YET = (NoSuchElementException, StaleElementReferenceException, ElementNotInteractableException)


def missing():
    """Which of the programs are not installed."""
    return [name for name in (CHROMIUM, DRIVER) if shutil.which(name) is None]


class Browser:
    """One window, of exactly the size that was asked for."""

    def __init__(self, width=1280, height=900, theme="light", language="en", reduced_motion=False, scale=1):
        self._profile = tempfile.TemporaryDirectory(prefix="keyfold-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which(CHROMIUM)
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", "--disable-extensions",
                         "--hide-scrollbars", "--force-color-profile=srgb", f"--lang={language}",
                         f"--accept-lang={language}", f"--user-data-dir={self._profile.name}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which(DRIVER)), options=options)
        self.driver.set_script_timeout(180)  # axe takes its time on a busy machine
        self._console = []
        self.resize(width, height, scale)
        motion = "reduce" if reduced_motion else "no-preference"
        self._command("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": motion}]})

    def _command(self, name, arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def close(self):
        self.driver.quit()
        self._profile.cleanup()

    def resize(self, width, height, scale=1):
        """In pixels of CSS. `scale` 2 and half the size is what zooming to 200 % does."""
        self._command("Emulation.setDeviceMetricsOverride",
                      {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})

    def before_pages(self, script):
        """Runs it in every page from now on, before its own scripts."""
        self._command("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    # --- looking

    def go(self, url):
        self.driver.get(url)

    @property
    def url(self):
        return self.driver.current_url

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def text(self, css):
        """What is written there; several elements are joined by line ends."""
        return "\n".join(element.text for element in self.all(css))

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition, what, seconds=WAIT_S):
        """What `condition` returns once it is true; elements that are not there, or no more, are not yet so."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if found := condition():
                    return found
            except _NOT_YET:
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s; at {self.url} it says:\n{self.text('body')[:2000]}")
            time.sleep(_POLL_S)

    def until_there(self, css, seconds=WAIT_S):
        return self.until(lambda: self.one(css), css, seconds)

    def until_text(self, css, part, seconds=WAIT_S):
        return self.until(lambda: part in self.text(css), f"{part!r} in {css}", seconds)

    # --- acting

    def click(self, css):
        self.until(lambda: self.one(css).click() or True, f"a click on {css}")

    def sign_in(self, token):
        """Where the page asks who this is."""
        self.until_there('input[name="token"]').send_keys(token, Keys.ENTER)

    def keys(self, *keys):
        """Typed wherever the focus is."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def tab_to(self, matches, tabs_max=200):
        """Presses Tab until the element with the focus fits. Returns how often; it fails when none does."""
        for count in range(1, tabs_max + 1):
            self.keys(Keys.TAB)
            if matches(self.driver.switch_to.active_element):
                return count
        raise AssertionError(f"no element that fits gets the focus within {tabs_max} tabs")

    # --- judging

    def console(self):
        """All that was written to the console since the window was opened."""
        self._console += self.driver.get_log("browser")
        return self._console

    def errors(self):
        """Errors of scripts, of the Content-Security-Policy, and what could not be loaded."""
        return [entry["message"] for entry in self.console() if entry["level"] == "SEVERE" and not _WHO.search(entry["message"])]

    def sideways(self):
        """By how many pixels the page scrolls sideways, and what sticks out."""
        return self.run("""
            const root = document.documentElement, beyond = root.scrollWidth - root.clientWidth;
            if (beyond <= 0) return null;
            const out = [...document.querySelectorAll("body *")].filter(
                (one) => one.getBoundingClientRect().right > root.clientWidth + 1);
            return beyond + " px: " + out.slice(0, 5).map((one) => one.tagName + "." + one.className).join(", ");""")

    def cut_off(self):
        """The tables and texts that one would have to scroll sideways to see whole."""
        return self.run("""
            return [...document.querySelectorAll(".scroll, .top nav, pre")].filter((one) => one.scrollWidth > one.clientWidth + 1).map(
                (one) => `${one.className} ${one.innerText.slice(0, 60)}: ${one.scrollWidth} in ${one.clientWidth} px`);""")

    def memory(self):
        """What the page holds once all that nobody needs is gone: bytes of the heap, nodes of documents, listeners."""
        self._command("Performance.enable", {})
        for _ in range(2):  # what the first look frees may have held something else
            self._command("HeapProfiler.collectGarbage", {})
        metrics = {one["name"]: one["value"] for one in self._command("Performance.getMetrics", {})["metrics"]}
        return {"heap": int(metrics["JSHeapUsedSize"]), "nodes": int(metrics["Nodes"]),
                "listeners": int(metrics["JSEventListeners"])}

    def sheets(self):
        """How many sheets of A4 it takes to print the page."""
        printed = self._command("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
        return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed)))

    def save(self, folder, name):
        """A picture, the console and the document, for whoever looks for the fault."""
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, name)
        self.driver.save_screenshot(path + ".png")
        with open(path + ".console.json", "w", encoding="utf-8") as file:
            json.dump({"url": self.url, "console": self.console()}, file, indent=1)
        with open(path + ".html", "w", encoding="utf-8") as file:
            file.write(self.driver.page_source)
