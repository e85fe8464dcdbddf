"""axe-core, which finds what keeps people with disabilities from using a page (https://github.com/dequelabs/axe-core).
Maven fetches the jar that it lies in; it is no part of the product."""

import fcntl
import functools
import os
import shutil
import subprocess
import sys
import zipfile

_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)
_FOLDER = os.path.join(_ROOT, "build", "axe")
_POM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "axe.d", "pom.xml")
_SCRIPT = "axe.min.js"
# WCAG 2.2 AA, and what is good practice besides.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _fetch(script):
    os.makedirs(_FOLDER, exist_ok=True)
    # Of two tests that start together one fetches, the other waits for it.
    with open(os.path.join(_FOLDER, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(script):
            return
        jars = os.path.join(_FOLDER, "jars")
        subprocess.run(["mvn", "--batch-mode", "--quiet", "--file", _POM, "dependency:copy-dependencies",
                        f"-DoutputDirectory={jars}"], check=True, stdout=sys.stderr)
        (jar,) = os.listdir(jars)
        with zipfile.ZipFile(os.path.join(jars, jar)) as archive:
            archive.extract(_SCRIPT, _FOLDER + ".new")
        os.replace(os.path.join(_FOLDER + ".new", _SCRIPT), script)
        shutil.rmtree(_FOLDER + ".new")


@functools.cache
def source():
    """The script. CalledProcessError: Maven could not get it."""
    script = os.path.join(_FOLDER, _SCRIPT)
    if not os.path.exists(script):
        _fetch(script)
    with open(script, encoding="utf-8") as file:
        return file.read()


def violations(window):
    """What axe finds on the page as it is now, each as one line that says where."""
    window.run(source())
    found = window.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then((result) => done(result.violations), (error) => done(String(error)));
        """, _TAGS)
    if isinstance(found, str):
        raise AssertionError("axe failed: " + found)
    return [f"{rule['id']} ({rule['impact']}): {rule['help']}: " +
            "; ".join(f"{node['target']} {node['failureSummary']}" for node in rule["nodes"][:5]) for rule in found]
