"""Who may include whom: the arrows between folders, the libraries of the rims, include guards, no cycles."""

import re

from source_tree import Finding

# Folder of src/ -> the folders that it may include, besides itself. "ports" is include/keyfold, "proto" the contract.
ARROWS = {
    "base": set(),
    "event": {"base", "proto", "ports"},
    "expression": {"base"},
    "mapping": {"base", "proto", "event", "expression"},
    "account": {"base", "proto"},
    "formula": {"base", "account"},
    "kpi": {"base", "proto", "account", "formula"},
    "state": {"base", "proto", "ports", "account", "kpi"},
    "fold": {"base", "proto", "ports", "event", "account", "kpi", "state"},
    "engine": {"base", "proto", "ports", "event", "account", "kpi", "state", "fold"},
    "ask": {"base", "proto", "ports", "account", "formula", "kpi", "state", "fold"},
    "explain": {"base", "proto", "account", "formula", "kpi", "state", "fold", "ask"},
    "rows": {"base", "proto", "account", "kpi"},
    "live": {"base", "proto", "ports", "rows"},
    "store": {"base", "ports"},
    "kafka": {"base", "ports"},
    "intake": {"base", "ports", "event"},
    "posting": {"base", "ports", "intake", "kafka"},
    "config": {"base", "event", "kpi"},
    "embed": {"base", "ports", "kpi", "state", "fold", "engine", "store", "config"},
    "run": {"base", "proto", "ports", "event", "kpi", "state", "fold", "engine", "ask", "store", "kafka", "config",
            "gateway", "metrics", "peers", "schemas"},
    "lines": {"base", "proto", "event", "kpi", "state", "fold", "ask", "store", "config"},
    "report": {"base", "kpi"},
    "exports": {"base", "proto", "event", "expression", "mapping"},
    "importing": {"base", "proto", "ports", "account", "expression", "mapping", "exports", "store", "kafka", "config",
                  "lines", "report"},
    "mapped": {"base", "proto", "account", "ask", "mapping", "importing", "kafka", "config", "lines", "report", "run"},
    "rights": {"base", "config"},
    "sign_in": {"config"},
    "gateway": {"base", "config", "rights", "sign_in"},
    "page": {"gateway"},
    "client": {"base"},
    "webhooks": {"base", "proto", "ports", "live", "rows", "rights", "config", "client"},
    "feed": {"base", "ports", "event", "expression", "mapping", "engine", "intake", "exports", "kafka", "config", "metrics",
             "run"},
    "hooks": {"base", "event", "exports", "intake", "rights", "config"},
    "schemas": {"base", "proto", "config", "client"},
    "metrics": {"base", "ports", "event", "engine", "store", "gateway", "intake", "hooks", "rights"},
    "peers": {"base", "client", "gateway"},
    "shares": {"proto", "kpi", "state", "ask", "explain"},
    "api": {"base", "proto", "account", "formula", "kpi", "ask", "explain", "shares", "rows", "live", "rights", "sign_in",
            "gateway", "peers", "client", "webhooks", "intake", "hooks"},
    "serve": {"base", "ports", "kpi", "ask", "rows", "live", "store", "kafka", "config", "rights", "gateway", "client",
              "page", "peers", "api", "metrics", "run", "webhooks", "hooks", "posting"},
    "sample": {"base", "proto"},
    "company": {"base", "proto", "sample"},
    "demo": {"base", "proto", "ports", "sample", "company", "kafka", "config", "rights", "run", "serve"},
}
ARROWS["cli"] = set(ARROWS) | {"proto", "ports"}
PORTS_MAY = {"ports", "proto"}

# No I/O, no clock, no threads, no configuration files: they take valid values and return values.
PURE = {"base", "expression", "mapping", "account", "formula", "kpi", "intake"}
LAST_WORDS = "src/base/check.cc"  # says what did not hold before it ends the process
_IMPURE_HEADERS = {
    "atomic", "barrier", "chrono", "condition_variable", "csignal", "cstdio", "ctime", "filesystem", "fstream",
    "future", "iostream", "istream", "latch", "mutex", "random", "semaphore", "shared_mutex", "stop_token", "thread",
    "absl/time/clock.h"}
_IMPURE_CODE = re.compile(r"\b(?:absl::Now|std::getenv|getenv|system_clock|steady_clock|std::ofstream|std::ifstream)\b")

# First part of a third-party header -> the folders that may know it. Who needs another library adds it here.
_EVERYWHERE = set(ARROWS) | {"ports"}
THIRD_PARTY = {
    "absl": _EVERYWHERE,
    "google": _EVERYWHERE - {"base", "expression", "exports", "ports", "store", "kafka"},  # Protobuf
    "librdkafka": {"kafka"},
    "rocksdb": {"store"},
    "httplib.h": {"gateway"},
    "microhttpd.h": {"gateway"},
    "civetweb.h": {"gateway"},
    "boost": {"gateway"},  # Asio, Beast
    "curl": {"client"},
    "prometheus": {"metrics"},
    "openssl": {"gateway", "rights"},
    "zlib.h": {"gateway"},
    "archive.h": {"exports"},
    "archive_entry.h": {"exports"},
    "CLI": {"cli", "config", "mapped"},
    "yaml-cpp": {"kpi", "config", "mapping"},
    "nlohmann": {"api", "ask", "cli", "event", "gateway", "importing", "kafka", "lines", "peers", "rights", "run", "schemas", "serve"},
    "spdlog": {"api", "cli", "feed", "gateway", "kafka", "posting", "rights", "run", "serve", "store", "webhooks"},
    "xxhash.h": {"engine", "event", "importing", "kpi", "live", "mapping", "state", "store"},
}
# In tests, the libraries of a rim belong to the tests of that rim; the others are free.
_TESTS_OF_LIBRARY = {
    "librdkafka": {"kafka", "broker", "simulation", "bench"},
    "rocksdb": {"store", "bench"},
    "httplib.h": {"gateway", "browser"},
}
# Folders of tests that stand for no folder of src/: they may join anything.
_SUPPORT = {"support", "contract"}
_STANDARD = re.compile(r"^[a-z_0-9]+$")  # <vector>


# What must not come by way of another header: which headers of Abseil include which others differs between its versions.
_DECLARED_BY = {
    "absl/algorithm/container.h": re.compile(r"absl::c_\w+"),
    "absl/container/btree_map.h": re.compile(r"absl::btree_map\b"),
    "absl/container/flat_hash_map.h": re.compile(r"absl::flat_hash_map\b"),
    "absl/container/inlined_vector.h": re.compile(r"absl::InlinedVector\b"),
    "absl/strings/ascii.h": re.compile(r"absl::(?:Ascii\w+|Strip\w+Whitespace|ascii_\w+)"),
    "absl/strings/escaping.h": re.compile(r"absl::(?:\w*Base64\w+|BytesToHexString|HexStringToBytes)\b"),
    "absl/strings/match.h": re.compile(r"absl::(?:StartsWith|EndsWith|StrContains|EqualsIgnoreCase)\b"),
    "absl/strings/numbers.h": re.compile(r"absl::SimpleAto\w+"),
    "absl/strings/str_cat.h": re.compile(r"absl::Str(?:Cat|Append)\b"),
    "absl/strings/str_format.h": re.compile(r"absl::Str(?:Append)?Format\b"),
    "absl/strings/str_join.h": re.compile(r"absl::StrJoin\b"),
    "absl/strings/str_replace.h": re.compile(r"absl::StrReplaceAll\b"),
    "absl/strings/str_split.h": re.compile(r"absl::StrSplit\b"),
    "absl/time/clock.h": re.compile(r"absl::(?:Now|SleepFor)\b"),
}


def _folder_of(header, paths):
    """The folder that a quoted include stands for; None if the file is not of this project."""
    if header.startswith("keyfold/v1/"):
        return "proto" if f"proto/{header.removesuffix('.pb.h')}.proto" in paths else None
    if f"include/{header}" in paths:
        return "ports"
    if f"src/{header}" in paths:
        return header.split("/")[0]
    if f"tests/{header}" in paths:
        return "tests"
    return None


def _refuse(path, owner, header, mark, target):
    """Why a file of folder `owner` of src/ or include/ may not include this; None if it may."""
    if target == "tests":
        return f'{owner} includes "{header}" of the tests'
    if target is not None:
        allowed = PORTS_MAY if owner == "ports" else ARROWS[owner]
        return None if target == owner or target in allowed else f'{owner} must not include {target} ("{header}")'
    first = header.split("/")[0]
    if owner in PURE and header in _IMPURE_HEADERS and path != LAST_WORDS:
        return f"{owner} is pure: no <{header}>"
    if first in THIRD_PARTY:
        return None if owner in THIRD_PARTY[first] else f"{owner} must not know {first} ({header})"
    if mark == '"':
        return f'"{header}" is no file of this project (third-party headers: tests/source/include_check.py)'
    if _STANDARD.match(header):
        return None
    if header.endswith(".h") and first not in ("gtest", "gmock", "rapidcheck", "rapidcheck.h", "benchmark"):
        return f"{owner} is pure: no <{header}>" if owner in PURE | {"event", "ports"} else None
    return f"<{header}>: a library that tests/source/include_check.py does not know, or knows for tests only"


def _refuse_in_tests(folder, header, mark, target):
    """The same for a file of tests/`folder`: it may include what it tests, and what that may include."""
    first = header.split("/")[0]
    if target is None:
        if first in _TESTS_OF_LIBRARY and folder not in _TESTS_OF_LIBRARY[first]:
            return f"tests/{folder} must not know {first} ({header})"
        if mark == '"' and first not in THIRD_PARTY and first not in ("gtest", "gmock"):
            return f'"{header}" is no file of this project'
        return None
    if target == "tests":
        allowed = folder not in ARROWS or first in _SUPPORT | ARROWS[folder] | {folder}
        return None if allowed else f'tests/{folder} must not include tests/{first} ("{header}")'
    if folder in PURE and target not in ARROWS[folder] | {folder}:
        return f'tests/{folder} must not include {target} ("{header}")'
    return None


def check_arrows(files):
    paths = {file.path for file in files}
    for file in files:
        top, folder = file.folder
        if not file.is_cpp or top not in ("src", "include", "tests"):
            continue
        if top == "src" and folder not in ARROWS:
            yield Finding(file.path, 1, f"src/{folder} is not in the table of tests/source/include_check.py")
            continue
        for line, mark, header in file.includes():
            target = _folder_of(header, paths)
            if top == "tests":
                reason = _refuse_in_tests(folder, header, mark, target)
            else:
                reason = _refuse(file.path, "ports" if top == "include" else folder, header, mark, target)
            if reason:
                yield Finding(file.path, line, reason)
        if top == "src" and folder in PURE and file.path != LAST_WORDS:
            for match in _IMPURE_CODE.finditer(file.code):
                yield Finding(file.path, file.line_of(match.start()), f"{folder} is pure: no {match.group()}")


def check_declarations(files):
    """A file includes what it uses of Abseil itself, or its own header does."""
    included = {file.path: {header for _, _, header in file.includes()} for file in files if file.is_cpp}
    for file in files:
        if not file.is_cpp:
            continue
        headers = included[file.path] | included.get(file.path.removesuffix(".cc") + ".h", set())
        for header, use in _DECLARED_BY.items():
            found = use.search(file.code)
            if found and header not in headers:
                yield Finding(file.path, file.line_of(found.start()), f'{found.group()} needs #include "{header}"')


def _cycle(edges):
    """One cycle of the graph as a list that ends where it begins, or None."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for target in sorted(edges.get(node, ())):
            found = visit(target)
            if found:
                return found
        path.pop()
        done.add(node)
        return None

    for start in sorted(edges):
        found = visit(start)
        if found:
            return found
    return None


def check_cycles(files):
    paths = {file.path for file in files}
    folders, headers = {}, {}
    for file in files:
        top, folder = file.folder
        if not file.is_cpp or top not in ("src", "include", "tests"):
            continue
        for _, _, header in file.includes():
            target = next((path for path in (f"src/{header}", f"include/{header}", f"tests/{header}")
                           if path in paths), None)
            if target is None:
                continue
            headers.setdefault(file.path, set()).add(target)
            if top == "src" and target.startswith("src/") and header.split("/")[0] != folder:
                folders.setdefault(folder, set()).add(header.split("/")[0])
    for edges, what in ((folders, "folders"), (headers, "files")):
        cycle = _cycle(edges)
        if cycle:
            where = cycle[0] if what == "files" else f"src/{cycle[0]}"
            yield Finding(where, 1, f"{what} include each other in a circle: {' -> '.join(cycle)}")


def expected_guard(path):
    """src/event/decoder.h -> KEYFOLD_EVENT_DECODER_H_; the tests' guards say tests."""
    for prefix in ("src/", "include/keyfold/"):
        path = path.removeprefix(prefix)
    return "KEYFOLD_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"


def check_guards(files):
    for file in files:
        if file.suffix != ".h" or file.folder[0] not in ("src", "include", "tests"):
            continue
        guard = expected_guard(file.path)
        found = re.search(r"^#ifndef (\w+)\n#define (\w+)\n", file.text, re.MULTILINE)
        if not found or {found[1], found[2]} != {guard}:
            line = file.line_of(found.start()) if found else 1
            yield Finding(file.path, line, f"the include guard should be {guard}")
        elif not re.search(rf"^#endif  // {guard}\n*\Z", file.text, re.MULTILINE):
            yield Finding(file.path, file.text.count("\n"), f"the file should end with: #endif  // {guard}")


def check(files):
    yield from check_arrows(files)
    yield from check_declarations(files)
    yield from check_cycles(files)
    yield from check_guards(files)
