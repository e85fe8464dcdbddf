#!/usr/bin/env python3
"""Builds the page: web/ -> a folder of files that any web server could serve, and, with --embed, a C++ file that holds them.

    web/build.py [--esbuild COMMAND] [--readable] [--embed FILE.cc] DIRECTORY

Needs esbuild and React, both from Debian's packages (tools/setup): no Node, no download. Less than a second. What it
writes depends on the sources alone.
"""

import argparse
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WEB = pathlib.Path(__file__).resolve().parent
LIBRARIES = "/usr/share/nodejs"  # where Debian puts what is written for Node
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def bundle(esbuild, directory, readable):
    """Writes /assets/main-HASH.js and .css and the icon; returns their names by what they were made from."""
    metafile = pathlib.Path(directory) / "meta.json"
    command = [esbuild, str(WEB / "src/main.tsx"), str(WEB / "src/style/main.css"), str(WEB / "icon.svg"),
               "--bundle", "--format=esm", "--target=es2021", "--jsx=automatic", "--loader:.svg=copy",
               "--entry-names=[name]-[hash]", f"--outdir={directory}/assets", f"--outbase={WEB}",
               "--define:process.env.NODE_ENV=\"production\"", f"--metafile={metafile}", "--log-level=warning",
               "--charset=utf8", "--legal-comments=eof"]
    if not readable:
        command.append("--minify")
    subprocess.run(command, check=True, env=dict(os.environ, NODE_PATH=LIBRARIES), cwd=WEB)
    outputs = json.loads(metafile.read_text("utf-8"))["outputs"]
    metafile.unlink()
    names = {}
    for path, output in outputs.items():
        # A copied file has no entry point; its input names it.
        made_from = output.get("entryPoint") or next(iter(output["inputs"]))
        names[made_from] = "/assets/" + pathlib.Path(path).name
    return names


def write_page(directory, names):
    text = (WEB / "index.html").read_text("utf-8")
    for made_from, name in names.items():
        text = text.replace("{" + made_from + "}", name)
    if "{" in text:
        sys.exit("build: index.html names what was not built: " + text[text.index("{"):].split("\n")[0])
    (pathlib.Path(directory) / "index.html").write_text(text, "utf-8")


def literal(data):
    """The bytes as lines of a C++ string literal."""
    lines = []
    for begin in range(0, len(data), 60):
        text = "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
                       for byte in data[begin:begin + 60])
        lines.append(f'    "{text}"')
    return "\n".join(lines) or '    ""'


def embed(directory, target):
    entries, arrays = [], []
    for file in sorted(pathlib.Path(directory).rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        packed = gzip.compress(data, 9, mtime=0)
        if len(packed) >= len(data):
            packed = b""
        path = "/" + file.relative_to(directory).as_posix()
        number = len(entries)
        arrays.append(f"constexpr std::string_view kBody{number}(\n{literal(data)},\n    {len(data)});\n"
                      f"constexpr std::string_view kGzip{number}(\n{literal(packed)},\n    {len(packed)});\n")
        entries.append(f'    {{"{"/" if path == "/index.html" else path}", "{TYPES[file.suffix]}", kBody{number}, '
                       f'kGzip{number}, "{hashlib.sha256(data).hexdigest()[:32]}"}},\n')
    pathlib.Path(target).write_text(
        '// Made by web/build.py.\n#include "page/page_file.h"\n\nnamespace keyfold {\nnamespace {\n\n'
        + "\n".join(arrays) + "\nconstexpr PageFile kFiles[] = {\n" + "".join(entries)
        + "};\n\n}  // namespace\n\nstd::span<const PageFile> PageFiles() { return kFiles; }\n\n}  // namespace keyfold\n",
        "ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", help="what is in it is replaced")
    parser.add_argument("--esbuild", default="esbuild")
    parser.add_argument("--readable", action="store_true", help="not minified")
    parser.add_argument("--embed", metavar="FILE.cc")
    options = parser.parse_args()
    target = pathlib.Path(options.directory).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as directory:
        write_page(directory, bundle(options.esbuild, directory, options.readable))
        if options.embed:
            embed(directory, options.embed)
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(directory, target)


if __name__ == "__main__":
    main()
