"""What a SCIP index says of its files, as bench/graph.ts --oracle reads it: files, edges through symbols between them, and usages
in other files of every definition that has any (`must` is `may`: there is one oracle).
usage: scip-oracle.py INDEX.scip [SOURCES-FOLDER] >ORACLE.json
Made for `npx @sourcegraph/scip-python index . --project-name X --project-version 1` (0.6.6) in a git repository, packages absent. It
says nothing of what is imported by way of a package's `__init__`, of code that cannot run, and of what untyped values hold.
"""
import json
import re
import sys
from collections import defaultdict


def fields(data):
    """Number and value of each field of a protobuf message: integers, and bytes of what has a length."""
    at = 0

    def integer():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = integer()
        if key & 7 == 2:
            size = integer()
            yield key >> 3, data[at:at + size]
            at += size
        else:
            yield key >> 3, integer()


def integers(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


index = open(sys.argv[1], "rb").read()
within = sys.argv[2] + "/" if len(sys.argv) > 2 else ""
definitions, uses = {}, defaultdict(set)
paths = []
for number, document in fields(index):
    if number != 2:
        continue
    parts = list(fields(document))
    path = next(value.decode() for number, value in parts if number == 1)
    if not path.startswith(within):
        continue
    paths.append(path)
    for number, occurrence in parts:
        if number != 2:
            continue
        said = dict(fields(occurrence))
        symbol = said.get(2, b"").decode()
        if not symbol or symbol.startswith("local "):
            continue
        line = next(integers(said[1])) + 1
        if said.get(3, 0) & 1:
            definitions.setdefault(symbol, (path, line))
        else:
            uses[symbol].add((path, line))

files = sorted(paths)
number_of = {path: number for number, path in enumerate(files)}
edges, references = set(), []
for symbol, lines in uses.items():
    if symbol not in definitions:
        continue
    path, line = definitions[symbol]
    outside = [(other, at) for other, at in lines if other != path]
    edges |= {(number_of[other], number_of[path]) for other, _ in outside}
    # `…/Class#method().`, `…/Class#attribute.`, `…/function().`, `…/Class#`; modules and parameters have no line of their own.
    name = re.search(r"(?:^|[/#])`?([\w]+)`?(?:\(\))?[.#]$", symbol)
    if not outside or not name:
        continue
    by_file = defaultdict(set)
    for other, at in outside:
        by_file[number_of[other]].add(at)
    said = {str(other): sorted(at) for other, at in sorted(by_file.items())}
    references.append({"path": number_of[path], "line": line, "symbol": name[1],
                       "member": int(bool(re.search(r"#`?\w+`?(?:\(\))?[.#]$", symbol))), "must": said, "may": said})
json.dump({"files": files, "symbol_file_edges": sorted(edges), "references": references}, sys.stdout)
