"""A type has one definition: the linker takes one of two that have the same name, and says nothing."""

import re

from source_tree import Finding

_UNNAMED = re.compile(r"^namespace \{$.*?^\}  // namespace$", re.MULTILINE | re.DOTALL)
_DEFINITION = re.compile(r"^(?:struct|class|enum class|enum) (\w+)\b(?!::)(?![^{;]*;)", re.MULTILINE)


def check(files):
    defined = {}
    for file in files:
        if not file.is_cpp or file.folder[0] not in ("src", "include"):
            continue
        unnamed = [match.span() for match in _UNNAMED.finditer(file.text)]
        for match in _DEFINITION.finditer(file.code):
            if any(begin < match.start() < end for begin, end in unnamed):
                continue
            where = defined.setdefault(match[1], file.path)
            if where != file.path:
                yield Finding(file.path, file.line_of(match.start()), f"{match[1]} is also defined in {where}")
