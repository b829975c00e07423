#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: rules.sh RULES.hpp DRIVER.h
#
# What reports cite as the words of brig/driver.h stands there, whatever its lines.
set -eu

words() {
    tr -s ' \n' '  ' <"$2" | sed "$1"
}

header=$(words 's| \* | |g; s|/\*\*<* | |g; s| \*/| |g; s/  */ /g' "$2")
missing=$(words 's/\\"/\&quot;/g; s/" "//g' "$1" |
    tr ';' '\n' | sed -n 's/^.*constexpr const char\* k[A-Za-z]* = "\(.*\)"$/\1/p' |
    sed 's/&quot$/\&quot;/; s/&quot;/"/g' |
    while IFS= read -r rule; do
        case $header in
            *"$rule"*) ;;
            *) printf '%s\n' "$rule" ;;
        esac
    done)
[ -z "$missing" ] || { echo "not in $2:"; echo "$missing"; exit 1; }
