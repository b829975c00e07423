#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Programs that embed the engine: the C interface, the examples of docs/, and what
# docs/embedding.md promises.
. "$(dirname "$0")/lib.sh"

programs=$BRIG_BUILD/bin

# expect_success WHAT COMMAND…: what it says is shown if it fails.
expect_success() {
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        pass
    else
        fail "$what: status $?"
        cat "$work/said" >&2
    fi
}

# What docs/embedding.md shows is what is compiled.
for example in hello.cpp hello.c; do
    awk -v mark="<!-- file: docs/examples/$example -->" '
        $0 == mark { found = 1; next }
        found && /^```/ { if (inside) exit; inside = 1; next }
        inside' "$tests_dir/../docs/embedding.md" >"$work/shown"
    expect "docs/embedding.md shows $example" "$(cat "$tests_dir/../docs/examples/$example")" \
        "$(cat "$work/shown")"
    expect "what $example prints" "Hello World" "$("$programs/$(echo $example | tr . _)" 2>&1)"
done

# In C, with a state of its own. Its leaks are looked for.
expect_success "C interface" env ASAN_OPTIONS=detect_leaks=1 \
    "$programs/c_api_test" "$work/root" "$work/c-state" "$work/c-run"
expect "nothing of it is left" "" "$(find "$work/c-run/containers" "$work/c-state/storage/volumes" -mindepth 1)"

expect_success "threads, signals, descriptors" "$programs/embedding_tests"

# The job runner.
"$programs/job_runner_cpp" 50 base sh -c 'echo "I am job $JOB"; echo error >&2; exit $((JOB % 5))' \
    >"$work/jobs" 2>"$work/errors"
expect "some jobs failed" 1 $?
expect "and say nothing else" "" "$(cat "$work/errors")"
for job in $(seq 50); do
    printf 'job %s: status %s\nI am job %s\nerror\n' "$job" $((job % 5)) "$job"
done >"$work/wanted"
expect "what each wrote, and how it ended" "$(cat "$work/wanted")" "$(cat "$work/jobs")"
expect_failure "no image" 1 "job_runner: *no image 'nothing'*" "$programs/job_runner_cpp" 1 nothing true
began=$(date +%s)
expect_success "something is left running" "$programs/job_runner_cpp" 1 base sh -c 'sleep 60 & echo done'
[ $(($(date +%s) - began)) -lt 30 ] || fail "the job runner waits for what its job left behind"

# Several such programs and brig, on one state at once, watched by the monitor.
brig run -d --name early base sleep 100 >/dev/null
"$programs/monitor_cpp" >"$work/seen" 2>&1 &
monitor=$!
wait_for grep -q "early is running" "$work/seen"
runners=
for i in 1 2 3; do
    "$programs/job_runner_cpp" 8 base true >"$work/runner.$i" 2>&1 &
    runners="$runners $!"
    brig run --rm --name "single-$i" base sh -c 'exit 4' 2>"$work/single.$i" &
    runners="$runners $!"
done
for runner in $runners; do
    wait "$runner"
done
for i in 1 2 3; do
    expect "runner $i" 8 "$(grep -c 'status 0' "$work/runner.$i")"
    wait_for grep -q "^single-$i died with status 4" "$work/seen"
done
brig kill -s KILL early >/dev/null
wait_for grep -q "^early died with status 137, 0 containers are running" "$work/seen"
expect "every start" 27 "$(grep -c ' started, ' "$work/seen")"
expect "every end" 28 "$(grep -c ' died ' "$work/seen")"
kill "$monitor"
wait "$monitor" 2>/dev/null
brig rm early

finish
