"""Files stay readable (400 lines), functions fit a screen (70 lines), C++, Python, the page's source and scripts alike; a folder
of src/ can be known (3,000 lines)."""

import ast
import collections
import re

from source_tree import Finding

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FOLDER_LINES_MAX = 3_000

_TYPE = re.compile(r"^(?:typedef\s+)?(?:class|struct|union|enum)\b")
_SCOPE = re.compile(r'^(?:inline\s+)?namespace\b|^extern\b[^()]*$')
_LABEL = re.compile(r"^\s*(?:(?:public|private|protected)\s*:\s*)*")
_ATTRIBUTES = re.compile(r"^(?:\[\[[^\]]*\]\]\s*)+")


def _without_template(head):
    """The declaration without its template<…>, which may hold the word class."""
    while head.startswith("template"):
        depth, end = 0, len(head)
        for index, character in enumerate(head):
            depth += (character == "<") - (character == ">")
            if character == ">" and depth == 0:
                end = index + 1
                break
        head = head[end:].lstrip()
    return head


def _opens(head):
    """What a brace after `head` opens: "scope" (names inside), "function", or "data"."""
    head = _ATTRIBUTES.sub("", _without_template(_LABEL.sub("", head)).strip())
    if _SCOPE.match(head) or (_TYPE.match(head) and "(" not in head):
        return "scope"
    return "function" if "(" in head and not head.endswith("=") else "data"


def cpp_functions(file):
    """(first line, last line, how it begins) for each function outside of other functions."""
    code, scopes, begin, index = file.code, [], 0, 0
    while index < len(code):
        character = code[index]
        if character == "{":
            head = code[begin:index]
            kind = _opens(head)
            if kind == "scope":
                scopes.append(index)
                begin = index + 1
            else:
                close = _closing(code, index)
                # A member initializer a{1}, or a value in a default argument: the declaration goes on.
                goes_on = re.match(r"\s*[,{)]", code[close + 1:close + 200])
                if not goes_on:
                    if kind == "function":
                        start = begin + _LABEL.match(head).end()
                        yield file.line_of(start), file.line_of(close), " ".join(_LABEL.sub("", head).split())
                    begin = close + 1
                index = close
        elif character == "}" or character == ";":
            if character == "}" and scopes:
                scopes.pop()
            begin = index + 1
        index += 1


def _closing(code, opening):
    depth = 0
    for index in range(opening, len(code)):
        depth += (code[index] == "{") - (code[index] == "}")
        if depth == 0:
            return index
    return len(code) - 1


def python_functions(file):
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno, f"def {node.name}"


# Of a module; its last brace has a line for itself and is not indented.
_WEB_FUNCTION = re.compile(r"^(?:export )?(?:async )?function\b[^\n]*\n(?:(?!\}\n)[^\n]*\n)*\}", re.MULTILINE)


def web_functions(file):
    for match in _WEB_FUNCTION.finditer(file.text):
        yield file.line_of(match.start()), file.line_of(match.end()), match.group().split("\n")[0]


def check_folders(files):
    lines = collections.Counter()
    for file in files:
        if file.folder[0] == "src" and file.is_cpp:
            lines[file.folder[1]] += file.text.count("\n")
    for folder, count in sorted(lines.items()):
        if count > FOLDER_LINES_MAX:
            yield Finding(f"src/{folder}", 1, f"{count} lines, at most {FOLDER_LINES_MAX}: it wants to be two folders")


def check(files):
    yield from check_folders(files)
    for file in files:
        if not file.is_cpp and not file.is_python and not file.is_web and not file.text.startswith("#!"):
            continue
        lines = file.text.count("\n")
        if lines > FILE_LINES_MAX:
            yield Finding(file.path, FILE_LINES_MAX, f"{lines} lines, at most {FILE_LINES_MAX}: it wants to be two files")
        functions = (cpp_functions(file) if file.is_cpp else python_functions(file) if file.is_python
                     else web_functions(file) if file.is_web else ())
        for first, last, head in functions:
            if last - first + 1 > FUNCTION_LINES_MAX:
                yield Finding(file.path, first,
                              f"{last - first + 1} lines, at most {FUNCTION_LINES_MAX}: {head[:60]}")
