#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: clang_tidy.sh BUILD_DIR [JOBS]
# Runs clang-tidy on every C++ source of ours that a Ninja build in BUILD_DIR has compiled.
#
# Most of clang-tidy's time goes into the headers of the libraries, again for every source. So the
# sources of a folder are looked at together, as one file that includes them; one whose names
# collide with those of the others is put off to the next such file. And a source that was found
# clean is not looked at again before it, a header of ours that it includes, or the configuration
# changes: BUILD_DIR/tidy has an empty file for the hash of all these.
set -eu

cd "$(dirname "$0")/.."
source_dir=$(pwd -P)
batch_size=10
tab=$(printf '\t')

hash_files() {
    if command -v sha256sum >/dev/null; then
        cat -- "$@" | sha256sum
    else
        cat -- "$@" | sha256
    fi | cut -d ' ' -f 1
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

# The flags of each source, its folder, itself, and the hash of what it depends on, for those that
# are not known to be clean.
stale_sources() {
    dependencies | while IFS= read -r line; do
        IFS=$tab
        set -f
        # shellcheck disable=SC2086
        set -- $line
        unset IFS
        hash=$(hash_files "$BUILD_DIR/tidy/configuration" "$@")
        [ -e "$BUILD_DIR/tidy/$hash" ] || printf '%s\t%s\n' "$1" "$hash"
    done | awk -F '\t' -v database="$BUILD_DIR/compile_commands.json" '
        BEGIN {
            while ((getline line <database) > 0) {
                if (line ~ /^ *"command":/) {
                    sub(/^ *"command": "/, "", line); sub(/",?$/, "", line)
                    sub(/ -o [^ ]* -c .*/, "", line)
                    sub(/^[^-]*/, "", line)
                    gsub(/\\"/, "\"", line); gsub(/\\\\/, "\\", line)
                    command = line
                } else if (line ~ /^ *"file":/) {
                    sub(/^ *"file": "/, "", line); sub(/",?$/, "", line)
                    flags[line] = command
                }
            }
        }
        { folder = $1; sub(/\/[^\/]*$/, "", folder); print flags[$1] "\t" folder "\t" $1 "\t" $2 }' |
        sort
}

# Writes BUILD_DIR/tidy/work/N.batch: the flags, then a line for each of up to $batch_size sources
# of one folder. Prints their names.
make_batches() {
    stale_sources | awk -F '\t' -v work="$BUILD_DIR/tidy/work" -v size="$batch_size" '
        $1 != flags || $2 != folder || count == size {
            if (file) close(file)
            file = work "/" ++number ".batch"
            print file
            print $1 >file
            flags = $1; folder = $2; count = 0
        }
        { ++count; print $3 "\t" $4 >file }'
}

# The first of the sources in $1 that does not compile together with those before it, if any.
find_collision() {
    (
        eval "set -- \"\$1\" $flags"
        together=$1
        shift
        clang++ "$@" -w -ferror-limit=1 -fsyntax-only "$together" 2>&1
    ) | sed -n 's/^\([^:]*\.cpp\):[0-9]*:[0-9]*: .*error: .*/\1/p' | head -n 1
}

# run_tidy FILE SOURCE: with the configuration of SOURCE's folder.
run_tidy() {
    configuration=$(clang-tidy --dump-config "$2" 2>/dev/null | sed '/^\.\.\.$/d')
    (
        eval "set -- \"\$1\" $flags"
        together=$1
        shift
        clang-tidy --quiet --config="$configuration" --checks=-bugprone-suspicious-include \
            --header-filter='/(engine|sdk|plugins|tests)/.*\.(h|hpp|cpp)$' "$together" -- "$@" 2>&1
    )
}

# check_batch BATCH
check_batch() {
    flags=$(head -n 1 "$1")
    tail -n +2 "$1" >"$1.left"
    together=${1%.batch}.cpp
    result=0
    while [ -s "$1.left" ]; do
        started=$(date +%s)
        mv "$1.left" "$1.now"
        : >"$1.left"
        while :; do
            cut -f 1 "$1.now" | sed 's/.*/#include "&"/' >"$together"
            collision=$(find_collision "$together")
            if [ -z "$collision" ] || [ "$(wc -l <"$1.now")" -eq 1 ]; then
                break
            fi
            grep -F "$collision$tab" "$1.now" >>"$1.left" ||
                { sed '1d' "$1.now" >>"$1.left" && sed '1q' "$1.now" >"$1.next" && mv "$1.next" "$1.now" && continue; }
            grep -vF "$collision$tab" "$1.now" >"$1.next" || true
            mv "$1.next" "$1.now"
        done
        names=$(cut -f 1 "$1.now" | sed "s:^$source_dir/::" | tr '\n' ' ')
        if run_tidy "$together" "$(head -n 1 "$1.now" | cut -f 1)" >"$1.found"; then
            cut -f 2 "$1.now" | while IFS= read -r hash; do
                : >"$BUILD_DIR/tidy/$hash"
            done
            echo "clean, $(($(date +%s) - started)) s: $names"
        else
            result=1
            echo "in $names"
            cat "$1.found"
        fi
    done
    return $result
}

if [ "${1-}" = --batch ]; then
    check_batch "$2"
    exit
fi

BUILD_DIR=$(cd "${1:?usage: clang_tidy.sh BUILD_DIR [JOBS]}" && pwd -P)
export BUILD_DIR
rm -rf "$BUILD_DIR/tidy/work"
mkdir -p "$BUILD_DIR/tidy/work"
find . -name .clang-tidy -not -path './build/*' | sort | {
    clang-tidy --version
    xargs cat
} >"$BUILD_DIR/tidy/configuration"
make_batches | tr '\n' '\0' | xargs -0 -r -n 1 -P "${2-1}" "$0" --batch
