"""What clang says of C and C++ sources, one line each, tab-separated, as bench/graph-oracles.ts reads it:
  F path                                       a file that was read
  R path line name member path line            the name leads there, to the definition where one was read; path "-" is outside
  A path line name member path line            that would be right too
usage: c-references-oracle.py FOLDER SOURCES-FOLDER [-I...] [-std=...] with Debian's python3-clang and libclang1 (14). Conditions are those of this
machine; files with errors are read as far as clang can. Macros are left out: clang expands them first.
"""
import os
import re
import sys

from clang import cindex
from clang.cindex import CursorKind, StorageClass

root = os.path.realpath(sys.argv[1])
sources, arguments = sys.argv[2], sys.argv[3:]
os.chdir(root)
READ = (".c", ".h", ".cc", ".cpp", ".hpp", ".hh", ".cxx", ".hxx")
SKIPPED = {CursorKind.PARM_DECL, CursorKind.TEMPLATE_TYPE_PARAMETER, CursorKind.TEMPLATE_NON_TYPE_PARAMETER,
           CursorKind.TEMPLATE_TEMPLATE_PARAMETER, CursorKind.LABEL_STMT, CursorKind.NAMESPACE, CursorKind.NAMESPACE_ALIAS}
FUNCTIONS = {CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR, CursorKind.DESTRUCTOR,
             CursorKind.FUNCTION_TEMPLATE, CursorKind.CONVERSION_FUNCTION, CursorKind.LAMBDA_EXPR}
MEMBERS = {CursorKind.FIELD_DECL, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR, CursorKind.DESTRUCTOR}
names, definitions, references, files = {}, {}, {}, set()


def inside(name):
    if name not in names:
        path = os.path.realpath(name) if name else ""
        names[name] = os.path.relpath(path, root) if path.startswith(root + os.sep) else None
    return names[name]


def place(cursor):
    location = cursor.location
    path = inside(location.file.name) if location.file else None
    # A `.def` and the like is C only where it is included.
    return (path, location.line) if path and path.endswith(READ) else None


def is_local(cursor):
    """A variable of a function."""
    parent = cursor.semantic_parent
    return cursor.kind == CursorKind.VAR_DECL and parent is not None and parent.kind in FUNCTIONS


def is_defined(cursor):
    """C's `struct server server;` is no definition to clang, only tentatively."""
    return cursor.is_definition() or (cursor.kind == CursorKind.VAR_DECL and cursor.storage_class != StorageClass.EXTERN)


def targets(target):
    """Of `typedef struct client { } client` both may be meant."""
    found = [target]
    if target.kind in (CursorKind.TYPEDEF_DECL, CursorKind.TYPE_ALIAS_DECL):
        tagged = target.underlying_typedef_type.get_declaration()
        if tagged.spelling == target.spelling:
            found.append(tagged)
    # A constructor is called by the name of its class, and is that.
    if target.kind == CursorKind.CONSTRUCTOR and target.semantic_parent is not None:
        found.append(target.semantic_parent)
    return [(one.get_usr(), place(one.canonical)) for one in found]


def read(top, done):
    """`done`: files that an earlier source included; their names are known already."""
    stack = list(top.get_children())
    while stack:
        cursor = stack.pop()
        at = place(cursor)
        if at is None or at[0] in done:
            continue
        files.add(at[0])
        if is_defined(cursor) and cursor.get_usr():
            definitions.setdefault(cursor.get_usr(), at)
        if not cursor.kind.is_declaration():
            target = cursor.referenced
            # What has no name for other sources is a set of overloads that only an instance of a template decides on.
            if target is None or target == cursor or target.kind in SKIPPED or is_local(target) or not target.get_usr():
                pass
            elif target.spelling:
                member = "1" if target.kind in MEMBERS else "0"
                name = target.spelling.split("<")[0]
                references[(at[0], at[1], name, member)] = targets(target)
        stack.extend(cursor.get_children())


index = cindex.Index.create()
done = set()
for folder, _, listed in sorted(os.walk(sources)):
    for name in sorted(listed):
        if not name.endswith((".c", ".cc", ".cpp")):
            continue
        before = set(done)
        try:
            unit = index.parse(os.path.join(folder, name), arguments)
        except cindex.TranslationUnitLoadError:
            continue
        read(unit.cursor, before)
        done |= {path for path in files if path.endswith((".h", ".hpp", ".inc"))}
for path in sorted(files):
    print("F", path, sep="\t")
texts = {path: open(path, encoding="latin-1").read().split("\n") for path in files}
for (path, line, name, member), found in references.items():
    # What a macro made does not stand there.
    if not re.search(rf"\b{re.escape(name)}\b", texts[path][line - 1]):
        continue
    for kind, (usr, declared) in zip("RA", found):
        to = definitions.get(usr) or declared
        print(kind, path, line, name, member, to[0] if to else "-", to[1] if to else 0, sep="\t")
        # A declaration and its definition are one thing.
        if declared and declared != to:
            print("A", path, line, name, member, declared[0], declared[1], sep="\t")
