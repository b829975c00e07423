# SPDX-License-Identifier: BSD-2-Clause
# What every end-to-end test starts with: `. "$(dirname "$0")/lib.sh"`.
#
# BRIG_BUILD names the build tree. Each test has a state directory of its own with an image "base"
# made of a static busybox, and compares the machine before and after.
set -u

brig_program=$BRIG_BUILD/bin/brig
tests_dir=$(cd "$(dirname "$0")/.." && pwd)
test_name=$(basename "$0" .sh)
failures=0
checks=0

if [ "$(id -u)" != 0 ]; then
    echo "$test_name needs root"
    exit 77
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/brig-e2e.XXXXXX")
export BRIG_STATE=$work/state BRIG_RUN=$work/run BRIG_CONFIG=$work/brig.toml
: >"$BRIG_CONFIG"
# A sanitized brig is slow to start and must not be told off for what it does with descriptors.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}

brig() { "$brig_program" "$@"; }

pass() { checks=$((checks + 1)); }

fail() {
    checks=$((checks + 1))
    failures=$((failures + 1))
    echo "FAILED: $*" >&2
}

# expect WHAT WANTED GOT
expect() {
    if [ "$2" = "$3" ]; then pass; else fail "$1: wanted '$2', got '$3'"; fi
}

# expect_match WHAT PATTERN GOT: PATTERN is one of case(1).
expect_match() {
    # shellcheck disable=SC2254
    case $3 in
        $2) pass ;;
        *) fail "$1: wanted something like '$2', got '$3'" ;;
    esac
}

# expect_failure WHAT STATUS PATTERN COMMAND…: the status, and the message on standard error.
expect_failure() {
    what=$1 wanted=$2 pattern=$3
    shift 3
    message=$("$@" 2>&1 >/dev/null </dev/null)
    status=$?
    expect "$what: status" "$wanted" "$status"
    expect_match "$what: message" "$pattern" "$message"
}

# Everything on the machine that brig could leave behind.
inventory() {
    sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo | cut -d' ' -f1-4 | sort
    ls -A "$BRIG_RUN/containers" "$BRIG_RUN/names" 2>/dev/null
    ls -A "$BRIG_STATE/storage/volumes" 2>/dev/null
    for process in /proc/[0-9]*; do
        # shellcheck disable=SC2046
        set -- $(readlink "$process/ns/pid" "$process/ns/mnt" "$process/ns/net" 2>/dev/null)
        case $(cat "$process/comm" 2>/dev/null) in brig*) echo "process ${process#/proc/}" ;; esac
        [ $# -ne 3 ] || echo "namespaces $*"
    done | sort -u
}

# Waits until COMMAND… succeeds, at most 20 seconds.
wait_for() {
    tries=400
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { fail "timed out: $*"; return 1; }
        sleep 0.05
    done
}

finish() {
    brig recover >/dev/null 2>&1
    # A supervisor that has torn down its container still takes a moment to exit.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        inventory | LC_ALL=C sort >"$work/after"
        # Nothing may be left, and no mount of others may be lost. Processes of an earlier test may end.
        {
            LC_ALL=C comm -13 "$work/before" "$work/after" | sed 's/^/left: /'
            LC_ALL=C comm -23 "$work/before" "$work/after" | sed -n 's/^[0-9]*:/lost: &/p'
        } >"$work/difference"
        [ -s "$work/difference" ] || break
        sleep 0.5
    done
    if [ -s "$work/difference" ]; then
        fail "the machine is not as before:"
        cat "$work/difference" >&2
    fi
    rm -rf "$work"
    echo "$test_name: $((checks - failures)) of $checks checks passed"
    [ $failures -eq 0 ]
    exit $?
}

"$tests_dir/support/make_busybox_root.sh" "$work/root" >/dev/null || exit 1
brig image create base --from-dir "$work/root" >/dev/null || { rm -rf "$work"; exit 1; }
inventory | LC_ALL=C sort >"$work/before"
