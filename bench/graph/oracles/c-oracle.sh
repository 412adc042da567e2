#!/bin/sh
# What gcc says that each source of a tree of C depends on, through any chain of includes, as bench/graph-oracles.ts reads it:
# F and D lines. Conditions are those of this machine: what stands in other branches counts as one too many.
# usage: c-oracle.sh FOLDER SOURCES-FOLDER [-I…]
cd "$1" || exit 1
sources=$2
shift 2
find . -name '*.[ch]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' | sed 's/^\.\//F\t/'
find "$sources" -name '*.c' -o -name '*.cc' -o -name '*.cpp' | while read -r file; do
  gcc -MM -w "$@" "$file" 2>/dev/null | tr -d '\\' | tr ' ' '\n' | grep -E '\.(c|cc|cpp|h|hpp)$' | while read -r header; do
    printf 'D\t%s\t%s\n' "${file#./}" "$(realpath --relative-to=. "$header")"
  done
done
