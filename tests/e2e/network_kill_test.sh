#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig is killed at every system call with which it, or a program that it has started, changes networks: then one
# `brig recover` brings the host back to what it was. A network namespace of the test's own plays the host.
[ -n "${BRIG_TEST_NETWORK-}" ] || exec env BRIG_TEST_NETWORK=1 unshare --net sh "$0" "$@"
kill_at_call=$BRIG_BUILD/tests/kill_at_call
# What is optimized makes the same calls, and takes a fifth of the time.
[ ! -x "${BRIG_RELEASE-}/bin/brig" ] || BRIG_BUILD=$BRIG_RELEASE
. "$(dirname "$0")/lib.sh"

ip link set lo up
host_state() {
    ip -o link | sed 's/^[0-9]*: //; s/[@:].*//' | sort
    ip -o addr | awk '$4 !~ /^fe80/ {print $2, $4}' | sort
    nft list ruleset
    brig network leases
    ls "$BRIG_RUN/containers" "$BRIG_RUN/names" "$BRIG_RUN/networks"
    cat /proc/sys/net/ipv4/ip_forward
    [ -z "${mover-}" ] || brig exec mover ip -o addr | awk '$4 !~ /^fe80/ {print $2, $4}'
}

nothing() { :; }

# The pairs of a container that is gone go with its network stack, which the kernel ends in its own time.
as_before() {
    host_state >"$work/host.after"
    cmp -s "$work/host.before" "$work/host.after"
}

# killed_everywhere WHAT PREPARE TIDY COMMAND…: PREPARE is done before each time, TIDY after it and its recovery.
killed_everywhere() {
    what=$1 prepare=$2 tidy=$3
    shift 3
    # Once whole: what is made on first use is there, and what the command leaves is seen.
    $prepare
    brig "$@" >/dev/null 2>&1
    $tidy
    brig recover >/dev/null
    sleep 1
    host_state >"$work/host.before"
    call=0
    status=0
    while [ $status -eq 0 ] && [ $call -lt 1000 ]; do
        call=$((call + 1))
        $prepare
        "$kill_at_call" $call "$brig_program" "$@" >/dev/null 2>&1
        status=$?
        brig recover >"$work/recovered" 2>&1 || fail "$what, call $call: recover: $(cat "$work/recovered")"
        $tidy
        wait_for as_before && continue
        difference=$(diff "$work/host.before" "$work/host.after")
        fail "$what, call $call: the host is not as before: $difference"
    done
    expect "$what: all calls" 3 $status
    expect "$what: there were some" 1 "$((call > 10))"
    echo "$what: killed at each of $((call - 1)) calls"
}

brig network create lan --subnet 10.77.0.0/24 --subnet fd77::/64 -o nat=true -o forwarding=true >/dev/null
brig network create routed --subnet 10.78.0.0/24 -o mode=routed >/dev/null
brig network create local -d net-loopback --subnet 10.79.0.0/24 --subnet fd79::/64 -o nat=true >/dev/null
brig run -d --name mover -n lan -p 8081:81 base sleep 10000 >/dev/null
mover=1

killed_everywhere "net-vnet" nothing nothing run --rm -n lan -p 8080:80 base true
killed_everywhere "net-loopback" nothing nothing run --rm -n local -p 8080:80 base true
apart() { brig network disconnect routed mover >/dev/null 2>&1; }
together() { brig network connect routed mover >/dev/null 2>&1; }
killed_everywhere "connect" nothing apart network connect routed mover
killed_everywhere "disconnect" together apart network disconnect routed mover
one_more() { brig run -d --name one -n lan -p 8080:80 base sleep 10000 >/dev/null; }
none_more() { brig rm -f one >/dev/null 2>&1; }
killed_everywhere "rm" one_more none_more rm -f one
abandoned() { "$kill_at_call" 60 "$brig_program" run --rm -n lan -p 8080:80 base true >/dev/null 2>&1; }
killed_everywhere "recover" abandoned nothing recover
fresh() {
    brig network create fresh --subnet 10.80.0.0/24 >/dev/null
    brig network create fresh-local -d net-loopback --subnet 10.81.0.0/24 >/dev/null
}
stale() { brig network rm fresh fresh-local >/dev/null; }
killed_everywhere "first use" fresh stale run --rm -n fresh base true
killed_everywhere "first use of net-loopback" fresh stale run --rm -n fresh-local base true

# Two hundred times on and off, without a leak.
together
apart
host_state >"$work/host.before"
cycle=0
while [ $cycle -lt 200 ]; do
    cycle=$((cycle + 1))
    brig network connect routed mover && brig network disconnect routed mover || fail "cycle $cycle"
done
host_state >"$work/host.after"
expect "after two hundred cycles" "" "$(diff "$work/host.before" "$work/host.after")"

# Who removes a container and its owner tear it down together.
round=0
while [ $round -lt 50 ]; do
    round=$((round + 1))
    brig run -d --name one -n local base sleep 10000 >/dev/null && brig rm -f one || fail "removed, round $round"
done

# Sixty-four at once: each has addresses of its own.
number=0
starters=
while [ $number -lt 64 ]; do
    number=$((number + 1))
    brig run -d --name "one-of-$number" -n lan base sleep 10000 >/dev/null 2>"$work/start.$number" &
    starters="$starters $!"
done
failed=0
for starter in $starters; do wait "$starter" || failed=$((failed + 1)); done
expect "sixty-four at once: failed" "0 " "$failed $(cat "$work"/start.*)"
brig network leases lan | grep one-of- >"$work/leases"
for kind in ip4 ip6; do
    expect "sixty-four at once: $kind" 64 "$(awk -v kind=$kind '$3 == kind {print $4}' "$work/leases" | sort -u | wc -l)"
done
expect "the names of all" 65 "$(brig exec mover grep -c "^10[.]77[.]" /etc/hosts)"
while [ $number -gt 0 ]; do
    echo "one-of-$number"
    number=$((number - 1))
done | xargs "$brig_program" rm -f
wait_for as_before
expect "sixty-four at once: nothing is left" "" "$(diff "$work/host.before" "$work/host.after")"

brig rm -f mover
brig network rm lan routed local
finish
