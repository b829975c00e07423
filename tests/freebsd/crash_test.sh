#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: crash_test.sh BRIG
# brig is killed with SIGKILL at random moments of starting, running and ending containers, on every
# storage and network that works here; each time `brig recover` leaves nothing behind.
# BRIG_CRASH_ROUNDS: how often, 100 unless set. BRIG_CRASH_SEED: to have the same moments again.
. "$(dirname "$0")/lib.sh"

rounds=${BRIG_CRASH_ROUNDS:-100}
seed=${BRIG_CRASH_SEED:-$$}
echo "# BRIG_CRASH_SEED=$seed"

make_root "$work/root"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
images=base
pool=brigcrash$$
if make_zfs_storage "$pool"; then
    brig image create zbase --storage zfs --from-dir "$work/root" >/dev/null
    is "an image on ZFS" 0 $?
    images="base zbase"
fi
networks="host none"
brig network create -d net-loopback --subnet 10.79.0.0/24 loop >/dev/null 2>&1 && networks="$networks loop"
brig network create -d net-vnet --subnet 10.79.1.0/24 lan >/dev/null 2>&1 && networks="$networks lan"
# What a network's containers share stays as long as the network.
for network in $networks; do
    brig run --rm -n "$network" base true >/dev/null 2>&1 || not_ok "a container on network $network" "$?"
done
brig create --name kept base sh -c 'echo x >>/root/x; sleep 0.3' >/dev/null
brig volume create data >/dev/null

all_of_it() {
    inventory
    ifconfig -l | tr ' ' '\n' | sort
    ifconfig | awk '$1 == "inet" || $1 == "inet6" {print $1, $2}' | sort
    kldstat -qm pf && pfctl -q -v -s Anchors 2>/dev/null
}
all_of_it >"$work/before"

# random MOST: a number below it.
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$(((seed / 65536) % $1))
}
pick() {
    random $#
    shift "$drawn"
    picked=$1
}

# How long a run takes here, to spread the moments over it.
begin=$(date +%s)
brig run --rm base sleep 0.3; brig run --rm base sleep 0.3
span=$((($(date +%s) - begin) * 500 + 500))

round=0
dirty=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    # shellcheck disable=SC2086
    pick $images; image=$picked
    # shellcheck disable=SC2086
    pick $networks; network=$picked
    pick "run --rm" "run -d --rm" "run --rm" "start" "run --name made" "create --name made" "run -d --name made" "rm -f"
    verb=$picked
    # shellcheck disable=SC2086
    case $verb in
        start) set -- start -a kept ;;
        "rm -f") brig run -d --name made -n "$network" "$image" sleep 1000 >/dev/null 2>&1; set -- rm -f made ;;
        *) set -- $verb -n "$network" -J mount.procfs -m data:/mnt "$image" sh -c 'echo x >/root/x; sleep 0.3' ;;
    esac
    random "$span"
    delay=$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))
    "$brig_program" "$@" >/dev/null 2>&1 </dev/null &
    victim=$!
    sleep "$delay"
    kill -KILL $victim 2>/dev/null
    wait $victim 2>/dev/null
    # Half of the times the background's supervisor is killed, too.
    random 2
    [ $drawn -eq 0 ] || pkill -KILL -f "^$brig_program.*(made|$image)" 2>/dev/null
    brig recover >"$work/out" 2>&1 || not_ok "recover after $* was killed at $delay s" "$(cat "$work/out")"
    brig rm -f made >/dev/null 2>&1
    wait_for no_container_runs
    tries=40
    until all_of_it >"$work/after" && cmp -s "$work/before" "$work/after"; do
        tries=$((tries - 1))
        if [ $tries -eq 0 ]; then
            dirty=$((dirty + 1))
            not_ok "round $round: nothing is left of $* killed at $delay s" "$(diff "$work/before" "$work/after")"
            cp "$work/after" "$work/before"
            break
        fi
        sleep 0.25
    done
done
is "$rounds times killed, and nothing left" 0 $dirty
is "all works after that" fine "$(brig run --rm base echo fine 2>&1)"
is "start of the one that was killed most" 0 "$(brig start -a kept >/dev/null 2>&1; echo $?)"
brig rm kept; is "it goes" 0 $?
brig network prune >/dev/null; is "the networks go" "" "$(ifconfig -l | tr ' ' '\n' | grep -e '^brig' -e '^br-')"

echo "1..$number"
[ $failures -eq 0 ]
