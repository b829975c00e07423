#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: clang_tidy.sh BUILD_DIR [JOBS]
# Runs clang-tidy on every source of ours that a Ninja build in BUILD_DIR has compiled. A file that
# was found clean is not looked at again before it, a header of ours that it includes, or the
# configuration changes: BUILD_DIR/tidy remembers a hash of all of these.
set -eu

cd "$(dirname "$0")/.."
source_dir=$(pwd -P)

hash_files() {
    if command -v sha256sum >/dev/null; then
        cat -- "$@" | sha256sum
    else
        cat -- "$@" | sha256
    fi | cut -d ' ' -f 1
}

# check_one FILE HEADER…
check_one() {
    name=${1#"$source_dir/"}
    clean=$BUILD_DIR/tidy/$(hash_files "$BUILD_DIR/tidy/configuration" "$@")
    if [ -e "$clean" ]; then
        return
    fi
    started=$(date +%s)
    if clang-tidy -p "$BUILD_DIR" --quiet "$1" >"$clean.$$" 2>&1; then
        rm -f "$clean.$$"
        : >"$clean"
        echo "$name: clean, $(($(date +%s) - started)) s"
    else
        echo "$name:"
        cat "$clean.$$"
        rm -f "$clean.$$"
        return 1
    fi
}

# One line for each source: itself and its headers, separated by tabs. Ninja knows them.
dependencies() {
    ninja -C "$BUILD_DIR" -t deps | awk -v ours="$source_dir/" -v build="$BUILD_DIR/" '
        function done() { if (line != "" && !seen[source]++) print line; line = "" }
        /^[^ ]/ { done(); first = 1; next }
        /^ / {
            path = substr($0, 5)
            if (path !~ /^\//) path = build path
            if (index(path, ours) != 1 || index(path, build) == 1) { first = 0; next }
            if (first) { source = path; first = 0; if (path ~ /\.cpp$/) line = path }
            else if (line != "") line = line "\t" path
        }
        END { done() }'
}

if [ "${1-}" = --one ]; then
    tab=$(printf '\t')
    IFS=$tab
    set -f
    # shellcheck disable=SC2086
    set -- $2
    check_one "$@"
    exit
fi

BUILD_DIR=$(cd "${1:?usage: clang_tidy.sh BUILD_DIR [JOBS]}" && pwd -P)
export BUILD_DIR
mkdir -p "$BUILD_DIR/tidy"
find . -name .clang-tidy -not -path './build/*' | sort | {
    clang-tidy --version
    xargs cat
} >"$BUILD_DIR/tidy/configuration"
dependencies | tr '\n' '\0' | xargs -0 -n 1 -P "${2-1}" "$0" --one
