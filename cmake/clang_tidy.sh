#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: clang_tidy.sh BUILD_DIR [JOBS]
# Runs clang-tidy on every C++ source of ours that a Ninja build in BUILD_DIR has compiled.
#
# Most of clang-tidy's time goes into the headers of the libraries, again for every source. So
# sources that are compiled alike are looked at together, as one file that includes them; one whose
# names collide with those of the others is put off to the next such file. And a source that was found
# clean is not looked at again before it, a header of ours that it includes, or the configuration
# changes: BUILD_DIR/tidy has an empty file for the hash of all these.
set -eu

cd "$(dirname "$0")/.."
source_dir=$(pwd -P)
batch_size=12
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
        # Ninja has some paths as they are seen from the build folder.
        function absolute(path) {
            if (path !~ /^\//) path = build path
            while (sub(/\/[^\/]+\/\.\.\//, "/", path)) {}
            return path
        }
        function done() { if (line != "" && !seen[source]++) print line; line = "" }
        /^[^ ]/ { done(); first = 1; next }
        /^ / {
            path = absolute(substr($0, 5))
            if (index(path, ours) != 1 || index(path, build) == 1) { first = 0; next }
            if (first) { source = path; first = 0; if (path ~ /\.cpp$/) line = path }
            else if (line != "") line = line "\t" path
        }
        END { done() }'
}

# The flags of each source, some of which only the compiler of BUILD_DIR may know, itself, and the
# hash of what it depends on, for those that are not known to be clean.
stale_sources() {
    dependencies | while IFS= read -r line; do
        IFS=$tab
        set -f
        # shellcheck disable=SC2086
        set -- $line
        unset IFS
        hash=$(hash_files "$BUILD_DIR/tidy/configuration" "$@")
        [ -e "$BUILD_DIR/tidy/$hash" ] || printf '%s\t%s\n' "$1" "$hash"
    done | awk -F '\t' -v ours="$source_dir/" -v database="$BUILD_DIR/compile_commands.json" '
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
        # Tests have settings of their own, also where they are compiled like the rest.
        {
            kind = index($1, ours "tests/") == 1 ? "test" : "product"
            print kind "\t" flags[$1] "\t" $1 "\t" $2
        }' |
        sort
}

# Makes a folder BUILD_DIR/tidy/work/N for up to $batch_size sources with the same flags: `flags`,
# and `sources` with their hashes. Prints its name.
make_batches() {
    stale_sources | awk -F '\t' -v work="$BUILD_DIR/tidy/work" -v size="$batch_size" '
        $1 != kind || $2 != flags || count == size {
            batch = work "/" ++number
            print batch
            system("mkdir -p " batch)
            print $2 >(batch "/flags")
            kind = $1; flags = $2; count = 0
        }
        { ++count; print $3 "\t" $4 >(batch "/sources") }'
}

# The nearest settings above a source, if they are not those of the whole tree, have to lie above
# the file that includes it.
take_settings() {
    folder=$(dirname "$1")
    while [ "$folder" != "$source_dir" ]; do
        if [ -e "$folder/.clang-tidy" ]; then
            cp "$folder/.clang-tidy" .
            return
        fi
        folder=$(dirname "$folder")
    done
}

# Writes together.cpp with the sources in `now`.
include_all() {
    cut -f 1 now | sed 's/.*/#include "&"/' >together.cpp
}

# Puts off to `left` what does not compile together with the sources before it.
put_off_collisions() {
    include_all
    while [ "$(wc -l <now)" -gt 1 ]; do
        collision=$(clang++ "$@" -w -ferror-limit=1 -fsyntax-only together.cpp 2>&1 |
            sed -n 's/^\([^:]*\.cpp\):[0-9]*:[0-9]*: .*error: .*/\1/p')
        [ -n "$collision" ] || return 0
        grep -F "$collision$tab" now >>left || sed 1d now >>left
        sort -o left left
        comm -23 now left >next
        mv next now
        include_all
    done
}

# check_batch FOLDER
check_batch() {
    cd "$1"
    eval "set -- $(cat flags)"
    sort sources >left
    take_settings "$(head -n 1 left | cut -f 1)"
    result=0
    while [ -s left ]; do
        started=$(date +%s)
        mv left now
        : >left
        put_off_collisions "$@"
        names=$(cut -f 1 now | sed "s:^$source_dir/::" | tr '\n' ' ')
        if clang-tidy --quiet --checks=-bugprone-suspicious-include \
            --header-filter='/(engine|sdk|plugins|tests)/.*\.(hpp|cpp)$' \
            together.cpp -- "$@" -Wno-unused-command-line-argument >found 2>&1; then
            for hash in $(cut -f 2 now); do
                : >"$BUILD_DIR/tidy/$hash"
            done
            echo "clean, $(($(date +%s) - started)) s: $names"
        else
            result=1
            echo "found, $(($(date +%s) - started)) s: $names"
            cat found >>findings
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
if [ -z "$(dependencies | head -n 1)" ]; then
    echo "clang_tidy.sh: no source of ours was compiled in $BUILD_DIR" >&2
    exit 1
fi
if make_batches | tr '\n' '\0' | xargs -0 -r -n 1 -P "${2-1}" "$0" --batch; then
    exit
fi
# Last, where they are seen.
cat "$BUILD_DIR"/tidy/work/*/findings
exit 1
