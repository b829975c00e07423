#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh [--brig PROGRAM] [--crashes N] [--list] [TEST...]
# Tests an installed brig on this FreeBSD, as root, with nothing but the base system: every *_test.sh
# beside this file, or those that are named. Prints TAP: a subtest for each, and at the end that the
# machine is as it was. The exit status is 0 if all is well, 1 if not, 2 if nothing could be tested.
# docs/testing-on-freebsd.md says what is touched meanwhile.
set -u

folder=$(cd "$(dirname "$0")" && pwd -P)
program=
tests=

usage() {
    echo "usage: $0 [--brig PROGRAM] [--crashes N] [--list] [TEST...]" >&2
    exit 2
}

cannot() {
    echo "Bail out! $1"
    echo "run.sh: $1" >&2
    exit 2
}

all_tests() {
    for file in "$folder"/*_test.sh; do basename "$file" _test.sh; done
}

while [ $# -gt 0 ]; do
    case $1 in
        --brig) [ $# -ge 2 ] || usage; program=$2; shift ;;
        --brig=*) program=${1#*=} ;;
        --crashes) [ $# -ge 2 ] || usage; BRIG_CRASH_ROUNDS=$2; shift ;;
        --crashes=*) BRIG_CRASH_ROUNDS=${1#*=} ;;
        --list) all_tests; exit ;;
        -*) usage ;;
        *)
            [ -f "$folder/$1_test.sh" ] || cannot "there is no test '$1'; --list has their names"
            tests="$tests $1"
            ;;
    esac
    shift
done
case ${BRIG_CRASH_ROUNDS-1} in '' | *[!0-9]* | 0) cannot "--crashes takes a number from 1 on" ;; esac
[ -z "${BRIG_CRASH_ROUNDS-}" ] || export BRIG_CRASH_ROUNDS
[ "$(uname -s)" = FreeBSD ] || cannot "this is no FreeBSD"
[ "$(id -u)" = 0 ] || cannot "tests of jails need root"
[ -n "$program" ] || program=$(command -v brig) || program=/usr/local/bin/brig
[ -x "$program" ] || cannot "there is no program '$program'; name brig's with --brig"
program=$(realpath "$program")
"$program" --version >/dev/null || cannot "'$program' does not run"
[ -n "$tests" ] || tests=$(all_tests)
unset BRIG_STATE BRIG_RUN BRIG_CONFIG

scratch=$(mktemp -d /tmp/brig-suite.XXXXXX) || exit 2
running=

# A shell cleans up when what it waits for has ended. Not timeout(1), which would wait for everything
# that a test left running.
end_test() {
    kill -TERM "$running" 2>/dev/null
    pkill -TERM -P "$running"
    wait "$running"
}
interrupted() {
    [ -z "$running" ] || end_test
    exit 130
}
trap 'rm -rf "$scratch"' EXIT
trap interrupted INT TERM HUP

# section NAME COMMAND...: its output, each line with NAME before it.
section() {
    title=$1
    shift
    "$@" 2>/dev/null | sed "s|^|$title: |"
}

files_below() {
    for each; do
        [ ! -e "$each" ] || find -x "$each" ! -path "$scratch*" -exec stat -f '%N %Sp %u:%g %z %Sf' {} +
    done
}

# Names, not numbers that only grow (jids, file system ids), nor what the kernel counts.
machine() {
    section jail jls -d name path
    mount -pv | awk '{print "mount:", $1, $2, $3, $4}' | sort
    section interface ifconfig -a | grep -v -e status: -e media: -e 'ether '
    netstat -rn -f inet | awk 'NF > 3 {print "route:", $1, $2, $3, $4}' | sort
    netstat -rn -f inet6 | awk 'NF > 3 {print "route6:", $1, $2, $3, $4}' | sort
    if kldstat -qm pf; then
        section pf pfctl -s info | awk '/Status:/ {print $1, $2, $3}'
        section pf pfctl -a '*' -s nat
        section pf pfctl -a '*' -s rules
        section pf pfctl -s Tables
        section anchor pfctl -v -s Anchors
    fi
    if kldstat -qm zfsctrl; then
        section pool zpool list -H -o name,health
        section dataset zfs list -H -t all -o name,origin,mounted,mountpoint
    fi
    section rctl rctl
    for ruleset in $(devfs rule showsets 2>/dev/null); do
        section "devfs $ruleset" devfs rule -s "$ruleset" show
    done
    section memory-disk mdconfig -l
    section ipc ipcs -a | awk '$2 ~ /^[mqs]$/ || $1 ~ /^[mqs]$/ {print $1, $2, $5}'
    section sysctl sysctl kern.hostname kern.domainname kern.securelevel net.inet.ip.forwarding \
        net.inet6.ip6.forwarding net.inet.ip.portrange security.jail vfs.usermount kern.racct.enable \
        kern.maxfiles kern.elf64.aslr net.link.bridge net.inet.tcp.msl net.inet.tcp.msl_local
    ps -ax -o jid,command | awk '$1 > 0 {print "process:", $0}'
    section process pgrep -fl "^$program|brig-supervisor|brig-driver-host"
    section file files_below /etc /usr/local/etc /var/db/brig /var/run/brig /var/log/brig /boot/loader.conf
    section temporary find /tmp /var/tmp -maxdepth 1 -name 'brig-*' ! -path "$scratch*"
}

# A supervisor or an interface may take a moment to go, and pf removes what it does not need any more
# when it comes to it.
machine_is_as_before() {
    looks=75
    until machine >"$scratch/after" && cmp -s "$scratch/before" "$scratch/after"; do
        looks=$((looks - 1))
        [ $looks -gt 0 ] || return 1
        sleep 0.2
    done
}

number=0
failed=0
checks=0

# show: what has been added to the subtest's output. A file, not a pipe, which something that a test
# leaves behind could keep open.
show() {
    lines=$(wc -l <"$scratch/out")
    [ "$lines" -le "$shown" ] || sed -n "$((shown + 1)),${lines}s/^/    /p" "$scratch/out"
    shown=$((lines))
}

# result NAME STATUS: of the subtest whose output is in $scratch/out.
result() {
    number=$((number + 1))
    checks=$((checks + $(grep -c -e '^ok ' -e '^not ok ' "$scratch/out")))
    skipped=$(sed -n 's/^1\.\.0 # SKIP *//p' "$scratch/out")
    if [ -n "$skipped" ]; then
        echo "ok $number - $1 # SKIP $skipped"
    elif [ "$2" -eq 0 ] && grep -q '^1\.\.[0-9]' "$scratch/out" && ! grep -q '^not ok ' "$scratch/out"; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        [ "$2" -lt 2 ] || echo "# ended with status $2"
        failed=$((failed + 1))
    fi
}

# compare WHAT: with the machine before, which is then what it is like now.
compare() {
    number=$((number + 1))
    if machine_is_as_before; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        diff "$scratch/before" "$scratch/after" | sed -n 's/^\([<>]\)/# \1/p'
        failed=$((failed + 1))
        cp "$scratch/after" "$scratch/before"
    fi
}

# Modules that tests need are there before the first look: they bring interfaces and sysctls, and it
# is not safe to take them away again.
for module in zfs pf if_epair if_bridge nullfs tmpfs fdescfs procfs unionfs linux linux64 linprocfs sysvshm sysvmsg sysvsem; do
    kldload -nq "$module" 2>/dev/null
done
machine >"$scratch/before"

echo "TAP version 14"
# shellcheck disable=SC2086
set -- $tests
echo "1..$(($# * 2))"
echo "# $(uname -srm) $(uname -i), $("$program" --version)"
for test; do
    echo "# Subtest: $test"
    sh "$folder/${test}_test.sh" "$program" >"$scratch/out" 2>&1 </dev/null &
    running=$!
    shown=0
    seconds=0
    while kill -0 $running 2>/dev/null; do
        show
        sleep 1
        seconds=$((seconds + 1))
        if [ $seconds -eq 7200 ]; then
            echo "# $test takes more than two hours: it is ended"
            end_test
        fi
    done
    wait $running
    status=$?
    running=
    show
    result "$test" $status
    compare "$test left the machine as it was"
done
echo "# $# tests, $checks checks, $failed failures"
[ $failed -eq 0 ]
