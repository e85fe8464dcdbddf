"""The source as the checks see it: paths with their text, and C++ without comments, strings and directives."""

import dataclasses
import functools
import os
import pathlib
import re

_SKIPPED = {"build", ".git", ".cache", "__pycache__", "node_modules"}
_SUFFIXES = {".cc", ".h", ".in", ".py", ".proto", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".html", ".js",
             ".ts", ".tsx", ".css", ".sh", ".xml", ".toml", ".service", ".sql", ".csv"}
# Comments, literals: what may hold braces, quotes and words that are no code. A ' between digits is none of them.
_NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a check refuses, where, and what to do about it."""

    path: str
    line: int
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


@dataclasses.dataclass(frozen=True)
class SourceFile:
    """One text file. `path` is relative to the root of the repository, with slashes."""

    path: str
    text: str

    @property
    def folder(self):
        """("src", "event") for src/event/decoder.h; ("src", "") for a file of src/ itself."""
        parts = self.path.split("/")
        return parts[0] if len(parts) > 1 else "", parts[1] if len(parts) > 2 else ""

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def is_cpp(self):
        return self.suffix in (".cc", ".h")

    @property
    def is_python(self):
        return self.suffix == ".py" or self.text.startswith("#!/usr/bin/env python3")

    @property
    def is_web(self):
        return self.suffix in (".ts", ".tsx", ".css")

    @functools.cached_property
    def code(self):
        """The C++ with comments, literals and directives blanked; lines stay where they are."""
        def blank(match):
            return re.sub(r"[^\n]", " ", match.group())
        return _DIRECTIVE.sub(blank, _NO_CODE.sub(blank, self.text))

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """(line, "<" or '"', what is included) for each #include."""
        return [(self.line_of(match.start()), match[1], match[2]) for match in _INCLUDE.finditer(self.text)]


def load(root):
    """All text files below `root` that are source: by their suffix, or scripts by their first line."""
    root = pathlib.Path(root)
    files = []
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = sorted(name for name in subdirectories if name not in _SKIPPED)
        for name in sorted(names):
            path = pathlib.Path(directory) / name
            if path.suffix in _SUFFIXES or (not path.suffix and path.read_bytes()[:2] == b"#!"):
                text = path.read_bytes().decode("utf-8", errors="replace")
                files.append(SourceFile(path.relative_to(root).as_posix(), text))
    return files
