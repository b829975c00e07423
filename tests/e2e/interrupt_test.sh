#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Ctrl-C at any moment of an import or a run: it ends soon, says so once, and leaves nothing.
. "$(dirname "$0")/lib.sh"

rounds=${BRIG_INTERRUPT_ROUNDS:-15}
seed=$(date +%s)
echo "seed $seed"

# random_delay SEED MILLISECONDS
random_delay() {
    awk -v seed="$1" -v span="$2" 'BEGIN {srand(seed); printf "%.4f", rand() * span / 1000}'
}

# milliseconds COMMAND…: how long it takes.
milliseconds() {
    begin=$(date +%s%N)
    "$@" >/dev/null 2>&1
    echo $((($(date +%s%N) - begin) / 1000000))
}

# interrupt SPAN COMMAND…: its status, when it gets SIGINT at some time in SPAN.
interrupt() {
    span=$1
    shift
    # A shell's background jobs ignore SIGINT unless told otherwise.
    env --default-signal=INT "$brig_program" "$@" >"$work/out" 2>"$work/err" </dev/null &
    runner=$!
    seed=$((seed + 1))
    sleep "$(random_delay $seed "$span")"
    kill -INT $runner 2>/dev/null
    wait $runner
}

# nothing_left WHAT: no volume, folder, mount or process that was not there before.
nothing_left() {
    brig ps >/dev/null 2>&1  # the next command looks after one that was ended outright
    inventory | LC_ALL=C sort >"$work/now"
    expect "$1" "" "$(LC_ALL=C comm -13 "$work/before" "$work/now" | grep -v '^namespaces ')"
}

mkdir "$work/large"
i=0
while [ $i -lt 2000 ]; do
    i=$((i + 1))
    echo "file $i" >"$work/large/$i"
done
dd if=/dev/zero of="$work/large/zeros" bs=1M count=24 2>/dev/null
tar -C "$work/large" -cf "$work/large.tar" .
rm -r "$work/large"

span=$(milliseconds brig image create large --from-tar "$work/large.tar")
brig image rm large
cancelled=0
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    interrupt "$span" image create large --from-tar "$work/large.tar"
    status=$?
    case $status in
        0) brig image rm large || fail "an import that was too fast cannot be removed" ;;
        1)
            cancelled=$((cancelled + 1))
            expect "import: one message" 1 "$(grep -c '^brig: creating image .large.: the import was cancelled' "$work/err")"
            expect "import: nothing on stdout" "" "$(cat "$work/out")"
            ;;
        130) ;;  # before there was anything to undo
        *) fail "import: status $status: $(cat "$work/err")" ;;
    esac
    nothing_left "import, status $status"
done
[ $cancelled -gt 0 ] || fail "no import was cancelled in the middle"

span=$(milliseconds brig run --rm base sleep 0.05)
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    case $((round % 3)) in
        0) set -- run --rm base sleep 0.05 ;;
        1) set -- run --rm --name interrupted -n none base sleep 0.05 ;;
        2) set -- run --rm -J "exec.prestart=sleep 0.02" base sleep 0.05 ;;
    esac
    interrupt "$span" "$@"
    status=$?
    case $status in 0 | 130) pass ;; *) fail "$*: status $status: $(cat "$work/err")" ;; esac
    nothing_left "$*: status $status"
done

# end_after_a_second SIGNAL OPTION…: the status of a run that gets SIGNAL while a hook goes on.
end_after_a_second() {
    signal=$1
    shift
    env --default-signal=INT "$brig_program" run --rm "$@" base sleep 600 >"$work/out" 2>"$work/err" </dev/null &
    runner=$!
    sleep 1
    kill -s "$signal" $runner
    wait $runner
}

# Hooks that would go on for ever, and one that does not listen to SIGTERM.
for hook in exec.prepare exec.prestart exec.created exec.start exec.poststart; do
    end_after_a_second INT -J "$hook=sleep 600"
    expect "$hook: status" 130 $?
    expect "$hook: one message" 1 "$(grep -c "^brig: .*$hook: .sleep 600. was interrupted" "$work/err")"
    nothing_left "$hook"
done
end_after_a_second TERM -J "exec.prestart=trap '' TERM; sleep 600; sleep 600"
expect "a stubborn hook: status" 143 $?
nothing_left "a stubborn hook"

finish
