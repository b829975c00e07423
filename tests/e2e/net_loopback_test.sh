#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# net-loopback: addresses of their own for containers on the host's network stack. What such a jail
# may do with them is loopback_test.sh's. All of it in a network namespace of the test's.
if [ "${BRIG_TEST_NETWORK-}" != own ] && [ "$(id -u)" = 0 ]; then
    BRIG_TEST_NETWORK=own exec unshare --net sh "$0"
fi
. "$(dirname "$0")/lib.sh"

cc=$(command -v cc || command -v gcc) || { echo "$test_name needs a C compiler"; rm -rf "$work"; exit 77; }
"$cc" -O1 -static -o "$work/root/bin/probe" "$tests_dir/support/socket_probe.c" || exit 1
brig image rm base >/dev/null
brig image create base --from-dir "$work/root" >/dev/null || exit 1
inventory | LC_ALL=C sort >"$work/before"

ip link set lo up
ip link add host0 type bridge
ip address add 192.0.2.1/24 dev host0
ip link set host0 up
configure() {
    cat >"$BRIG_CONFIG" <<END
[network.local]
driver = "net-loopback"
subnet = "${1:-10.88.0.0/29}"
subnet6 = "fd88::/64"
[network.pair]
driver = "net-loopback"
subnet = "127.88.0.4/31"
[network.lan]
driver = "net-loopback"
interface = "host0"
subnet = "192.0.2.0/24"
range = "192.0.2.10-192.0.2.12"
exclude = ["192.0.2.11"]
[network.bare]
driver = "net-loopback"
[network.away]
driver = "net-loopback"
interface = "nosuch0"
subnet = "192.0.2.0/24"
END
}
configure

addresses() { ip -o address show "$@" | awk '{print $4}' | grep -v ^fe80 | sort | xargs; }
interface_of() { ip -o link | sed -n "s/^[0-9]*: \(brlo[^:@]*\).*alias brig:[^:]*:n-$1\$/\1/p; s/^[0-9]*: \(brlo[^:@]*\).*alias brig:[^:]*:n-$1 .*/\1/p"; }
start() { # start NAME ARGUMENTS…
    name=$1
    shift
    brig run -d --name "$name" "$@" base sleep 1000 >/dev/null
}
at() { # at NAME: its addresses, as it sees them
    echo "$(brig exec "$1" /bin/probe bind tcp4 0.0.0.0 80) $(brig exec "$1" /bin/probe bind tcp6 :: 80)"
}

# Looking changes nothing.
expect_match "a plan" "*ip4.addr=10.88.0.1*ip6.addr=fd88::1*" "$(brig run --dry-run -n local:ip=10.88.0.1,ip6=fd88::1 base true)"
expect "makes no interface" "" "$(interface_of local)"

# Two containers, and what each has.
start one -n local:ip=10.88.0.1,ip6=fd88::1
start two -n local:ip=10.88.0.2,ip6=fd88::2
expect "the first address" "10.88.0.1 fd88::1" "$(at one)"
expect "the next" "10.88.0.2 fd88::2" "$(at two)"
interface=$(interface_of local)
expect_match "an interface of the network's own" "brlo*" "$interface"
expect "with both" "10.88.0.1/32 10.88.0.2/32 fd88::1/128 fd88::2/128" "$(addresses dev "$interface")"
expect_match "up" "*[<,]UP[,>]*" "$(ip link show "$interface")"
rm -f "$work/ready"
brig exec one /bin/probe serve tcp4 0.0.0.0 8080 /tmp/ready >"$work/served" &
server=$!
wait_for brig exec one test -s /tmp/ready
expect "one reaches the other" "10.88.0.2 10.88.0.1" "$(brig exec two /bin/probe connect tcp4 10.88.0.1 8080)"
wait $server
expect "who sees it" "10.88.0.1 10.88.0.2" "$(cat "$work/served")"
expect_match "what is recorded" '*"ip4":"10.88.0.1"*' "$(brig inspect one | tr -d '\n ')"

# Addresses of one's choice.
start five -n local:ip=10.88.0.5,ip6=fd88::5
expect "as it asked" "10.88.0.5 fd88::5" "$(at five)"
expect_failure "one that another has" 125 "*address 10.88.0.5 is another container's*" brig run --rm -n local:ip=10.88.0.5 base true
expect_failure "one of elsewhere" 125 "*'ip': 10.99.0.1 is not in 10.88.0.0/29*" brig run --rm -n local:ip=10.99.0.1 base true
expect_failure "the broadcast's" 125 "*'ip': 10.88.0.7 is no address of a host in 10.88.0.0/29*" brig run --rm -n local:ip=10.88.0.7 base true
expect_failure "of a protocol that is not there" 125 "*'ip6': network 'pair' has no 'subnet6'*" brig run --rm -n pair:ip6=fd88::9 base true
expect_failure "without a subnet" 125 "*network 'bare' has neither 'subnet' nor 'subnet6'*" brig run --rm -n bare base true
expect_failure "without its interface" 125 "*there is no interface 'nosuch0'*" brig run --rm -n away base true

# The end of a container, and of its lease.
brig stop -t 0 two
expect "its addresses are gone" "10.88.0.1/32 10.88.0.5/32 fd88::1/128 fd88::5/128" "$(addresses dev "$interface")"
expect_failure "nobody gets what is kept" 125 "*address 10.88.0.2 is another container's*" brig run --rm -n local:ip=10.88.0.2 base true
brig start two >/dev/null
expect "back with the same" "10.88.0.2 fd88::2" "$(at two)"
configure 10.99.0.0/24
brig rm -f two
expect "gone although configured otherwise" "10.88.0.1/32 10.88.0.5/32 fd88::1/128 fd88::5/128" "$(addresses dev "$interface")"
configure
start two -n local:ip=10.88.0.2
expect_match "and free again" "10.88.0.2 fd88::?*" "$(at two)"
for name in one two five; do brig rm -f "$name"; done
expect "none is left" "" "$(addresses dev "$interface")"
expect "the interface stays" "$interface" "$(interface_of local)"

# No address left; a network of two has two.
start one -n pair
start two -n pair
expect "of two" "127.88.0.4 127.88.0.5" "$(for name in one two; do brig exec $name /bin/probe bind tcp4 0.0.0.0 80; done | sort | xargs)"
expect "without IPv6" EPROTONOSUPPORT "$(brig exec one /bin/probe bind tcp6 :: 80)"
expect_failure "no third" 125 "*no address is left in 127.88.0.4/31*" brig run --rm -n pair base true
brig rm -f one
brig rm -f two

# Aliases of an interface of the host.
start one -n lan
start two -n lan
expect "beside the host's, without what is excluded" "192.0.2.1/24 192.0.2.10/32 192.0.2.12/32" "$(addresses dev host0)"
expect_failure "no third" 125 "*no address is left in 192.0.2.0/24*" brig run --rm -n lan base true
expect_failure "the host's own" 125 "*address 192.0.2.1 is the host's own, on 'host0'*" brig run --rm -n lan:ip=192.0.2.1 base true
brig rm -f one
brig rm -f two
expect "only the host's is left" "192.0.2.1/24" "$(addresses dev host0)"

# What was taken away behind brig's back is put back.
start one -n local:ip=10.88.0.1,ip6=fd88::1
ip address del 10.88.0.1/32 dev "$interface"
brig recover >"$work/recovered"
expect "an address" "10.88.0.1/32 fd88::1/128" "$(addresses dev "$interface")"
ip link set "$interface" down
brig recover >/dev/null
expect_match "up again" "*[<,]UP[,>]*" "$(ip link show "$interface")"
brig rm -f one

# A network that was created goes with all that it has.
brig network create -d net-loopback --subnet 10.90.0.0/24 made >/dev/null
start one -n made:ip=10.90.0.1
made=$(interface_of made)
expect "in use" "10.90.0.1/32" "$(addresses dev "$made")"
expect_failure "not while it is used" 1 "*" brig network rm made
brig rm -f one
brig network rm made
expect "its interface is gone" "" "$(interface_of made)"

# Somebody else's of that name is left alone.
brig network create -d net-loopback --subnet 10.90.0.0/24 made >/dev/null
ip link add "$made" type bridge
expect_failure "a stranger's" 125 "*interface '$made' is there already and does not belong to this network*" brig run --rm -n made base true
expect "is left alone" "$made" "$(ip -o link show "$made" | sed 's/^[0-9]*: \([^:]*\):.*/\1/')"
ip link del "$made"
brig network rm made

# Killed anywhere, it leaves nothing.
round=0
while [ $round -lt 20 ]; do
    round=$((round + 1))
    "$brig_program" run --rm -n local base sleep 1 >/dev/null 2>&1 &
    runner=$!
    sleep "$(awk -v round=$round 'BEGIN {printf "%.4f", round * 0.025}')"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    brig recover >/dev/null || fail "recover after round $round"
    expect "round $round: no address" "" "$(addresses dev "$interface")"
done
expect "no lease" "" "$(brig network leases local | awk 'NR > 1')"

expect_failure "published ports" 3 "*publishes no ports*net-vnet*" sh -c "'$brig_program' network create -d net-loopback --subnet 10.199.0.0/24 published >/dev/null; '$brig_program' create -n published -p 80:80 base true"
brig network rm published

finish
