"""Every source is built and every test runs: each file of src/ and tests/ belongs to a CMake target."""

import fnmatch
import re

from source_tree import Finding

_COMMENT = re.compile(r"#[^\n]*")


def _lists(files):
    """Folder -> its CMakeLists.txt without comments."""
    return {file.path.removesuffix("/CMakeLists.txt"): _COMMENT.sub("", file.text)
            for file in files if file.path.endswith("/CMakeLists.txt")}


def _named(text, name):
    """Whether a CMakeLists.txt names the file, or has a pattern for it."""
    words = re.findall(r"[^\s()\"]+", text)
    return any(fnmatch.fnmatchcase(name, word.rsplit("/", 1)[-1]) for word in words if word.endswith((".cc", ".py")))


def _entered(text, folder):
    """Whether a CMakeLists.txt enters the folder: by name, or by a loop over folders."""
    words = set(re.findall(r"[^\s()\"]+", text))
    return "add_subdirectory" in text and folder in words


def check(files):
    lists = _lists(files)
    for top in ("src", "tests"):
        for folder in sorted({file.folder[1] for file in files if file.folder[0] == top and file.suffix == ".cc"}):
            if f"{top}/{folder}" not in lists:
                yield Finding(f"{top}/{folder}", 1, "sources without a CMakeLists.txt: they are not built")
            elif not _entered(lists.get(top, ""), folder):
                yield Finding(f"{top}/CMakeLists.txt", 1, f"{top}/{folder} is not in the list: it is not built")
    for file in files:
        top, folder = file.folder
        test = top == "tests" and file.path.endswith("_test.py")
        if (top in ("src", "tests") and file.suffix == ".cc") or test:
            text = lists.get(file.path.rsplit("/", 1)[0], lists.get(f"{top}/{folder}"))
            if text is not None and not _named(text, file.path.rsplit("/", 1)[-1]):
                yield Finding(file.path, 1, f"no target of {top}/{folder}/CMakeLists.txt has this file")
            elif text is None and test:
                yield Finding(file.path, 1, f"tests/{folder} has no CMakeLists.txt: the test never runs")
