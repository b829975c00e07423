# SPDX-License-Identifier: BSD-2-Clause
# What tests of manuals, completions and the port start with. They only read: any user may run them.
set -u
export LC_ALL=C

source_dir=$(cd "$here/../.." && pwd)
# Some four hundred times it is only asked what it has; with sanitizers that takes minutes.
brig_program=$BRIG_RELEASE/bin/brig
[ -x "$brig_program" ] || brig_program=$BRIG_BUILD/bin/brig
# A brig with sanitizers keeps what it has until it ends.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
work=$(mktemp -d "${TMPDIR:-/tmp}/brig-package.XXXXXX")
trap 'rm -rf "$work"' EXIT
export BRIG_STATE=$work/state BRIG_RUN=$work/run BRIG_CONFIG=$work/brig.toml
: >"$BRIG_CONFIG"
failures=0
checks=0

brig() { "$brig_program" "$@"; }

# expect WHAT WANTED GOT; texts of several lines are shown as a difference.
expect() {
    checks=$((checks + 1))
    [ "$2" != "$3" ] || return 0
    failures=$((failures + 1))
    echo "FAILED: $1: wanted (-), got (+):" >&2
    printf '%s\n' "$2" >"$work/wanted"
    printf '%s\n' "$3" >"$work/got"
    diff -u "$work/wanted" "$work/got" | sed 1,2d >&2
}

# What the sources say that there is: the names of commands, and all long options of any command.
commands_in_sources() {
    sed -n -E 's/^ *\{"([a-z]+)", "[^"]*", [a-z_]+(, (true|false))*\},$/\1/p' \
        "$source_dir/engine/cli/command_table.cpp" | sort
}

options_in_sources() {
    cat "$source_dir"/engine/cli/*.cpp | tr -d '\n' |
        grep -oE '(options\.)?add\(\)\( *"[a-z0-9-]+(,[A-Za-z])?"' | sed -E 's/.*"([a-z0-9-]+).*/--\1/' | sort -u
}

# The verbs of a command: what its usage has as alternatives that begin with a word.
verbs_of() {
    brig "$1" --help | sed -n -E "1s/^usage: brig $1 //p" | sed 's/ | /\
/g' | sed -n -E 's/^([a-z]+)( .*)?$/\1/p'
}

# "COMMAND" or "COMMAND VERB", one a line, as the program has them.
all_commands() {
    commands_in_sources | while read -r command; do
        verbs=$(verbs_of "$command")
        if [ -z "$verbs" ]; then
            echo "$command"
        else
            echo "$verbs" | sed "s/^/$command /"
        fi
    done
}

# The long options that `brig WORD… --help` describes, but for --help and --json, which all have.
options_of() {
    brig "$@" --help 2>/dev/null | sed -n -E 's/^  (-. \[ )?(--[a-z0-9-]+).*/\2/p' | grep -vxE -e '--(help|json)' | sort
}

finish() {
    echo "$(basename "$0" .sh): $((checks - failures)) of $checks checks passed"
    [ $failures -eq 0 ]
    exit $?
}
