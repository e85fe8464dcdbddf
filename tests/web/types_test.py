#!/usr/bin/env python3
"""The page's types hold: TypeScript finds nothing. Exit status 77: it is not installed."""

import pathlib
import shutil
import subprocess
import sys

WEB = pathlib.Path(__file__).resolve().parents[2] / "web"

if shutil.which("tsc") is None:
    print("skipped: tsc is not installed; tools/setup installs it")
    sys.exit(77)
sys.exit(subprocess.run(["tsc", "--project", str(WEB)], check=False).returncode)
