#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig is killed at random moments, again and again; afterwards the machine is as before.
. "$(dirname "$0")/lib.sh"

rounds=${BRIG_CRASH_ROUNDS:-200}

# Kills are spread over the time that one run takes on this machine.
begin=$(date +%s%N)
brig run --rm base true
span=$((($(date +%s%N) - begin) / 1000000))
random_delay() {
    awk -v seed="$1" -v span="$span" 'BEGIN {srand(seed); printf "%.4f", rand() * span / 1000}'
}

seed=$(date +%s)
echo "seed $seed"
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    case $((round % 4)) in
        0) "$brig_program" run --rm --name crash base sh -c 'sleep 0.02; echo x > /root/x' >/dev/null 2>&1 & ;;
        1) "$brig_program" run --rm -n none base true >/dev/null 2>&1 & ;;
        2) "$brig_program" run --name "kept$round" base true >/dev/null 2>&1 & ;;
        3) "$brig_program" run -d --rm base sleep 0.05 >/dev/null 2>&1 & ;;
    esac
    runner=$!
    sleep "$(random_delay $((seed + round)))"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
done

# Whoever shares the state directory with one that is killed notices nothing.
round=0
while [ $round -lt $((rounds / 10)) ]; do
    round=$((round + 1))
    "$brig_program" run --name "killed$round" base sleep 1000 >/dev/null 2>&1 &
    runner=$!
    (sleep "$(random_delay $((seed - round)))"; kill -KILL $runner) &
    killer=$!
    expect "beside one that is killed" fine "$(brig run --rm base echo fine 2>&1)"
    expect "beside one that is killed, kept" fine "$(brig run --name "beside$round" base echo fine 2>&1)"
    wait $killer $runner 2>/dev/null
done

# The detached ones end by themselves; their supervisors were not the ones that were killed.
wait_for sh -c "[ -z \"\$($brig_program ps --json | tr -d '[]\n')\" ]"
brig recover >"$work/recovered" 2>&1; expect "recover" 0 $?
expect "nothing runs" "[]" "$(brig ps --json)"
for container in $(brig ps -a --json | tr '{' '\n' | sed -n 's/^"id":"\([^"]*\)".*/\1/p'); do
    brig rm "$container" || fail "cannot remove $container"
done
expect "a run after all that" "fine" "$(brig run --rm --name crash base echo fine)"

finish
