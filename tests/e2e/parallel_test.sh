#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# 32 containers at once in one state directory, of each kind.
. "$(dirname "$0")/lib.sh"

start_all() {
    for i in $(seq 32); do
        # shellcheck disable=SC2086
        brig run $1 base echo "number $i" >"$work/out.$i" 2>&1 &
        eval "runner_$i=\$!"
    done
    for i in $(seq 32); do
        eval "wait \$runner_$i"; expect "$1 $i: status" 0 $?
        expect "$1 $i: output" "number $i" "$(cat "$work/out.$i")"
    done
}

start_all "--rm"
start_all "--rm -n none"
start_all ""
expect "all are kept" 32 "$(brig ps -a | grep -c 'stopped (0)')"
for container in $(brig ps -a | awk 'NR > 1 {print $1}'); do
    brig rm "$container" &
done
wait
expect "all are removed" 1 "$(brig ps -a | wc -l | tr -d ' ')"

# One name, many claimants: exactly one gets it.
for i in $(seq 8); do
    brig create --name same base true >/dev/null 2>&1 && echo won >>"$work/winners" &
done
wait
expect "one winner" 1 "$(wc -l <"$work/winners" | tr -d ' ')"
brig rm same

finish
