#!/usr/bin/env python3
"""Runs the tests of the page's modules, tests/web/*.test.ts, with Node's own test runner. Exit status 77: there is no Node."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LIBRARIES = "/usr/share/nodejs"

if shutil.which("node") is None or shutil.which("esbuild") is None:
    print("skipped: node or esbuild is not installed; tools/setup installs them")
    sys.exit(77)
tests = sorted(HERE.glob("*.test.ts"))
assert tests, "there are no tests"
with tempfile.TemporaryDirectory() as directory:
    subprocess.run(["esbuild", *map(str, tests), "--bundle", "--platform=node", "--format=cjs", "--jsx=automatic",
                    "--log-level=warning", f"--inject:{HERE / 'no_browser.ts'}",
                    "--define:process.env.NODE_ENV=\"production\"", f"--outdir={directory}"],
                   check=True, env=dict(os.environ, NODE_PATH=LIBRARIES))
    bundles = sorted(map(str, pathlib.Path(directory).glob("*.js")))
    sys.exit(subprocess.run(["node", "--test", *bundles], check=False, env=dict(os.environ, TZ="UTC")).returncode)
