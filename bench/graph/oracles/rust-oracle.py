"""What rustc says of a crate, one line each, tab-separated, as bench/graph-oracles.ts reads it:
  F path                                       a file that was compiled
  R path line name member path line            the name leads there; path "-" is outside the crate
rustdoc links names in its pages of sources to their definitions: types, functions, constants, macros and methods, not fields.
Modules are left out, being files. What stands in branches of `cfg` that did not hold was not compiled.
usage: rust-oracle.py FOLDER CRATE-NAME CRATE-ROOT [rustdoc arguments: --edition, --cfg, --extern, -L] with a nightly rustdoc
"""
import html
import os
import re
import subprocess
import sys
import tempfile

root, name, crate = os.path.realpath(sys.argv[1]), sys.argv[2], sys.argv[3]
base = os.path.dirname(os.path.join(root, crate))
pages = tempfile.mkdtemp(prefix="rust-oracle-")
subprocess.run(
    ["rustdoc", "+nightly", "-Z", "unstable-options", "--generate-link-to-definition", "--document-private-items", "--crate-type", "lib",
     "--cap-lints", "allow", "--crate-name", name, "-o", pages, *sys.argv[4:], os.path.join(root, crate)],
    check=True, stdout=sys.stderr)
top = os.path.join(pages, "src", name)
PARTS = re.compile(r'<a href=#\d+ id=(\d+)[^>]*>\d+</a>|<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.S)
texts = {}


def line_of(path, number):
    if path not in texts:
        with open(os.path.join(base, path), encoding="utf-8") as file:
            texts[path] = file.read().split("\n")
    return texts[path][number - 1] if 0 < number <= len(texts[path]) else ""


def shown(path):
    return os.path.relpath(os.path.join(base, path), root)


for folder, _, listed in sorted(os.walk(top)):
    for page in sorted(listed):
        if not page.endswith(".rs.html"):
            continue
        path = os.path.relpath(os.path.join(folder, page), top)[: -len(".html")]
        print("F", shown(path), sep="\t")
        with open(os.path.join(folder, page), encoding="utf-8") as file:
            code = file.read()
        line, at = 0, code.find("<code>")
        for part in PARTS.finditer(code, max(at, 0)):
            if part[1]:
                line = int(part[1])
                continue
            written = html.unescape(re.sub(r"<[^>]*>", "", part[3])).strip().rstrip("!")
            word = re.split(r"::", written)[-1]
            if not re.fullmatch(r"(r#)?\w+", word) or not re.search(rf"\b{word}\b", line_of(path, line)):
                continue
            member = "1" if re.search(r"\.\s*(<[^>]*>)*\s*$", code[max(0, part.start() - 60): part.start()]) else "0"
            inside = re.fullmatch(r"((?:\.\./|[\w./-])*\.rs\.html)?#(\d+)(?:-(\d+))?", part[2])
            if part[2].startswith("http") or not inside:
                print("R", shown(path), line, word, member, "-", 0, sep="\t")
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(path), inside[1]))[: -len(".html")] if inside[1] else path
            if target.startswith(".."):
                continue
            first, last = int(inside[2]), int(inside[3] or inside[2])
            if first == 1 and word in target.split(".")[0].split("/") or re.search(r"\bmod\s+\w+\s*[;{]", line_of(target, first)):
                continue
            # What a macro wraps begins with the macro; the name stands further on.
            named = re.compile(rf"\b(struct|enum|union|trait|type|const|static|fn|ref|macro_rules!)\s+(mut\s+)?{word}\b")
            at = next((one for one in range(first, last + 1) if named.search(line_of(target, one))), first)
            print("R", shown(path), line, word, member, shown(target), at, sep="\t")
