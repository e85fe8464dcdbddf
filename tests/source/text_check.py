"""What every text of the repository keeps: an opening comment, nothing left to do, no tabs, clean ends of lines,
no name of a file that is not there."""

import ast
import posixpath
import re

from source_tree import Finding

# Put together here, so that this file keeps the rule, too.
_UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b|(?://|#)\s*X" + r"XX\b|\bX" + r"XX[:(]")
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )")
_MESSAGES = (
    (_UNFINISHED, "something is left to do: do it, or write down as a limit what is not done"),
    (re.compile(r"\t"), "a tab"),
    (re.compile(r"\r"), "a carriage return"),
    (re.compile(r"[ \t]+$"), "blanks at the end of the line"),
    (_CONFLICT, "the mark of a merge conflict"),
)


def _opening(file):
    """What is wrong with the first lines; None if they say what the file is."""
    if file.suffix == ".h":
        return None if file.text.startswith("// ") else "a header begins with a comment that says what it is"
    if file.is_python:
        return None if ast.get_docstring(ast.parse(file.text)) else "a module begins with a line that says what it is"
    if file.is_web:
        return None if file.text.startswith(("// ", "/* ")) else "a module begins with a comment that says what it is"
    if file.text.startswith("#!"):
        second = (file.text.split("\n") + [""])[1]
        return None if second.startswith("# ") else "a script says in its second line what it is"
    return None


# A page or a source file that a text names; where it is not found, the reader is left alone. Patterns (*_test.cc) and
# what a build makes are none.
_NAMED = re.compile(r"(?<![\w.*/<{$-])(?:\.\./)*(?:[\w-]+/)*[\w-]+\.md\b"
                    r"|(?<![\w.*/<{$-])(?:src|include|tests|proto|deploy|docs|tools|cmake)/[\w/.-]+\.(?:h|cc|py|proto|yaml|csv)\b"
                    r"|(?<=`)[a-z]+/\w+\.(?:h|cc)(?=`)")


def check_names(files):
    """Nothing names a file that is not there: from the root, from src/, or beside the file that names it."""
    paths = {file.path for file in files}
    for file in files:
        if file.path.startswith("tests/source/"):
            continue  # they speak of files that there might be
        for found in _NAMED.finditer(file.text):
            name = found.group()
            places = ("", "src", posixpath.dirname(file.path))
            if not any(posixpath.normpath(posixpath.join(place, name)) in paths for place in places):
                yield Finding(file.path, file.line_of(found.start()), f"there is no {name}")


def check(files):
    yield from check_names(files)
    for file in files:
        wrong = _opening(file)
        if wrong:
            yield Finding(file.path, 1, wrong)
        for number, line in enumerate(file.text.split("\n"), start=1):
            for pattern, message in _MESSAGES:
                if pattern.search(line):
                    yield Finding(file.path, number, message)
        if file.text and not file.text.endswith("\n"):
            yield Finding(file.path, file.text.count("\n") + 1, "no end of line at the end of the file")
