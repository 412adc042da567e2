"""What rustc says of a crate, one line each, tab-separated, as bench/graph-oracles.ts reads it:
  F path                                       a file that was compiled
  R path line name member path line            the name leads there; path "-" is outside the crate
  A path line name member path line            that would be right too
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


def blocks(opening):
    """Blocks that a line of the sources begins: (what it says, path, first line, last line)."""
    for folder, _, listed in os.walk(top):
        for page in listed:
            path = os.path.relpath(os.path.join(folder, page), top)[: -len(".html")]
            line_of(path, 1)
            for number, line in enumerate(texts[path], 1):
                found = opening.match(line)
                if not found:
                    continue
                head = line[: len(line) - len(line.lstrip())]
                last = next((at for at in range(number, len(texts[path])) if texts[path][at] == head + "}"), number)
                yield found, path, number, last + 1


# rustdoc names the method that the trait declares, also where the type of the value says whose implementation it is.
implementations, traits = {}, {}
for found, path, first, last in blocks(re.compile(r"\s*(?:unsafe )?impl\b.*?(\w+)(?:<.*>)? for ")):
    for at in range(first, last):
        method = re.search(r"\bfn (\w+)", line_of(path, at))
        if method:
            implementations.setdefault((found[1], method[1]), set()).add((path, at))
for found, path, first, last in blocks(re.compile(r"\s*(?:pub(?:\(.*?\))? )?(?:unsafe )?trait (\w+)")):
    for at in range(first, last):
        traits[(path, at)] = found[1]


def show_implementations(path, line, word, member, trait):
    for target, at in sorted(implementations.get((trait, word), ())):
        print("A", shown(path), line, word, member, shown(target), at, sep="\t")


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
                outer = re.search(r"/trait\.(\w+)\.html#(?:ty)?method\.", part[2])
                if outer:
                    show_implementations(path, line, word, member, outer[1])
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(path), inside[1]))[: -len(".html")] if inside[1] else path
            if target.startswith(".."):
                continue
            first, last = int(inside[2]), int(inside[3] or inside[2])
            if first == 1 and word in target.split(".")[0].split("/") or re.search(r"\bmod\s+\w+\s*[;{]", line_of(target, first)):
                continue
            # What a macro wraps begins with the macro; the name stands further on.
            named = re.compile(rf"\b(struct|enum|union|trait|type|const|static|fn|ref|macro_rules!)\s+(mut\s+)?{word}\b")
            at = next((one for one in range(first, last + 1) if named.search(line_of(target, one))), 0)
            # A name bound in a function, which a field or a method of the same line can share.
            if at == 0 and target == path and not re.search(rf"^\s*{word}\b\s*([({{,=]|$)", line_of(target, first)):
                continue
            at = at or first
            print("R", shown(path), line, word, member, shown(target), at, sep="\t")
            if (target, at) in traits:
                show_implementations(path, line, word, member, traits[(target, at)])
