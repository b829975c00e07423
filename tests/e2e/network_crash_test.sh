#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig is killed at random moments while it makes, changes and removes networks; then there is nothing that recovery does
# not find. A network namespace of the test's own plays the host.
[ -n "${BRIG_TEST_NETWORK-}" ] || exec env BRIG_TEST_NETWORK=1 unshare --net sh "$0" "$@"
. "$(dirname "$0")/lib.sh"

rounds=${BRIG_CRASH_ROUNDS:-60}
ip link set lo up

network_inventory() {
    ip -o link | sed 's/^[0-9]*: //; s/@.*//; s/:.*//' | sort
    ip -o addr | awk '{print $2, $4}' | sort
    ip route show table all | grep -v fe80 | sort
    nft list ruleset
    cat /proc/sys/net/ipv4/ip_forward
}
network_inventory >"$work/network.before"

brig network create lan --subnet 10.77.0.0/24 --subnet fd77::/64 -o nat=true -o forwarding=true >/dev/null
brig network create routed --subnet 10.78.0.0/24 -o mode=routed >/dev/null
brig network create local -d net-loopback --subnet 10.79.0.0/24 >/dev/null

# Kills are spread over the time that one run takes on this machine.
begin=$(date +%s%N)
brig run --rm -n lan -p 8080:80 base true
span=$((($(date +%s%N) - begin) / 1000000))
seed=$(date +%s)
echo "seed $seed"
random_delay() {
    awk -v seed="$1" -v span="$span" 'BEGIN {srand(seed); printf "%.4f", rand() * span / 1000}'
}

brig run -d --name mover -n lan base sleep 1000 >/dev/null
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    case $((round % 7)) in
        0) set -- run --rm -n lan -p 8080:80 base true ;;
        1) set -- run --rm -n lan -n routed base true ;;
        2) set -- run --rm -n local base true ;;
        3) set -- network connect routed mover ;;
        4) set -- network disconnect routed mover ;;
        5) set -- run --name "kept$round" -n lan --ip 10.77.0.33 -p 8082:80 base true ;;
        6) set -- recover ;;
    esac
    "$brig_program" "$@" >/dev/null 2>&1 &
    runner=$!
    sleep "$(random_delay $((seed + round)))"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    [ $((round % 7)) -ne 5 ] || brig rm -f "kept$round" >/dev/null 2>&1
done

brig recover >"$work/recovered" 2>&1
expect "recover" 0 $?
expect "nothing is left to recover" "" "$(brig recover 2>&1)"
expect "the one that was moved about goes on" "0" "$(brig exec mover ping -c1 -W2 10.77.0.1 >/dev/null; echo $?)"
expect "its network was never half changed" "0" "$(brig network disconnect routed mover >/dev/null 2>&1; brig network connect routed mover; echo $?)"
brig rm -f mover
for container in $(brig ps -a --json | tr '{' '\n' | sed -n 's/^"id":"\([^"]*\)".*/\1/p'); do
    brig rm -f "$container" || fail "cannot remove $container"
done
expect "no lease is left" "" "$(brig network leases | tail -n +2)"
expect "no rule of a container is left" "" "$(nft list ruleset | grep 'dnat ip')"

# Everything is found by its tag, also when nothing is known of the network any more.
brig network create gone --subnet 10.80.0.0/24 >/dev/null
brig run --rm -n gone base true
rm "$BRIG_STATE/networks/gone.toml"
expect "the bridge of a network that is no more" "1" "$(ip -o addr | grep -c 10.80.0.1/24)"
expect_match "is removed" "*network gone: undid*" "$(brig recover)"
expect "with its address" "0" "$(ip -o addr | grep -c 10.80.0.1/24)"

brig network rm lan routed local
for _ in 1 2 3 4 5 6 7 8 9 10; do
    network_inventory >"$work/network.after"
    cmp -s "$work/network.before" "$work/network.after" && break
    sleep 0.2
done
expect "interfaces, addresses, routes and rules are as before" "" "$(diff "$work/network.before" "$work/network.after")"
finish
