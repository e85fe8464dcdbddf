"""Every source is built and linked, every test runs: each file of src/ and tests/ belongs to a CMake target."""

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
    if re.search(r"\bkeyfold_tests\(", text):  # it takes all tests of its folder (cmake/targets.cmake)
        text += " *_test.cc"
    words = re.findall(r"[^\s()\"]+", text)
    return any(fnmatch.fnmatchcase(name, word.rsplit("/", 1)[-1]) for word in words if word.endswith((".cc", ".py")))


def _entered(text, folder):
    """Whether a CMakeLists.txt enters the folder: by name, or by a loop over folders."""
    words = set(re.findall(r"[^\s()\"]+", text))
    return "add_subdirectory" in text and folder in words


def _linked(lists, folder):
    """The folders of src/ whose libraries the one of `folder` is linked with, by way of others, too."""
    found, ahead = set(), [folder]
    while ahead:
        for calls in re.findall(r"target_link_libraries\(([^)]*)\)", lists.get(f"src/{ahead.pop()}", "")):
            new = {word.removeprefix("keyfold_") for word in calls.split() if word.startswith("keyfold_")} - found
            found |= new
            ahead += new
    return found


def _check_links(files, lists):
    """A library names what it includes: a linker that reads libraries in order misses it otherwise, and not all do."""
    linked = {}
    for file in files:
        top, folder = file.folder
        if top != "src" or not file.is_cpp:
            continue
        reached = linked.setdefault(folder, _linked(lists, folder) | {folder})
        for line, mark, header in file.includes():
            target = header.split("/")[0]
            if mark == '"' and f"src/{target}" in lists and target not in reached:
                yield Finding(file.path, line, f"src/{folder}/CMakeLists.txt does not link keyfold_{target}")


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
    yield from _check_links(files, lists)
