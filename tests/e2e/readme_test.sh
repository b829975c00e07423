#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The commands of README.md do what it says: every ```console block after a line "<!-- tested -->".
#
# A line "$ COMMAND" is run, what follows up to the next one is what it prints on both channels. An
# ellipsis stands for anything, line ends included; ids are all the same. The block after a line
# "<!-- file: NAME -->" becomes that file.
. "$(dirname "$0")/lib.sh"

readme=$tests_dir/../README.md
PATH=$BRIG_BUILD/bin:$PATH
export PATH
cd "$work" || exit 1

awk -v folder="$work" '
    /^<!-- file: / { name = folder "/" $3; next }
    name && /^```/ { if (inside) { close(name); name = "" } inside = !inside; next }
    inside { print >name }' "$readme"

# Writes each command to N.command and what it is to print to N.wanted; prints how many.
awk -v folder="$work" '
    /^<!-- tested -->$/ { marked = 1; next }
    marked && /^```console$/ { inside = 1; marked = 0; next }
    /^```$/ { inside = 0; next }
    inside && /^\$ / {
        if (count) { close(file ".command"); close(file ".wanted") }
        file = folder "/" ++count
        print substr($0, 3) >(file ".command")
        printf "" >(file ".wanted")
        next
    }
    inside { print >(file ".wanted") }
    END { print count + 0 }' "$readme" >"$work/count"

mask() {
    sed -E 's/[0-9a-f]{12}/ID/g' "$1"
}

number=0
count=$(cat "$work/count")
[ "$count" -gt 0 ] || fail "README.md has no tested commands"
while [ $number -lt "$count" ]; do
    number=$((number + 1))
    sh "$work/$number.command" </dev/null >"$work/$number.got" 2>&1
    pattern=$(mask "$work/$number.wanted" | sed 's/[][*?\\]/\\&/g; s/…/*/g')
    expect_match "README: $(cat "$work/$number.command")" "$pattern" "$(mask "$work/$number.got")"
done

finish
