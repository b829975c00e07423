#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: finds.sh BRIG DRIVER CONFIG ONLY REASON [TEST…]
#
# The kit finds exactly TEST… broken in a driver, among the tests that match ONLY, and says REASON.
# Without TEST it finds nothing. A name that ends in * stands for one or more tests.
set -eu

brig=$1 driver=$2 config=$3 only=$4 reason=$5
shift 5
report=$("$brig" driver check "$driver" --config "$config" --only "$only" --jobs 2) && status=0 || status=$?
failed=$(printf '%s\n' "$report" | sed -n 's/^FAIL  //p')
problems=0

complain() {
    echo "$*"
    problems=1
}

for name in $failed; do
    expected=no
    for pattern; do
        # shellcheck disable=SC2254 # it is a pattern
        case $name in $pattern) expected=yes ;; esac
    done
    [ $expected = yes ] || complain "$name should have passed"
done
for pattern; do
    found=no
    for name in $failed; do
        # shellcheck disable=SC2254 # it is a pattern
        case $name in $pattern) found=yes ;; esac
    done
    [ $found = yes ] || complain "$pattern should have failed"
done
if [ $# -eq 0 ]; then
    [ "$status" = 0 ] || complain "the status is $status, not 0"
else
    [ "$status" = 1 ] || complain "the status is $status, not 1"
    case $report in
        *"$reason"*) ;;
        *) complain "the report does not say: $reason" ;;
    esac
    case $report in
        *"again: brig driver check "*) ;;
        *) complain "the report does not say how to run it again" ;;
    esac
fi
case $report in
    *" 0 passed"*) complain "no test has passed" ;;
esac
[ $problems = 0 ] || { printf '%s\n' "$report"; exit 1; }
