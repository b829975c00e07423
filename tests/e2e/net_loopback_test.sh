#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# net-loopback: addresses of their own for containers on the host's network stack. What such a jail
# may do with them is loopback_test.sh's. All of it in a network namespace of the test's.
if [ "${BRIG_TEST_NETWORK-}" != own ] && [ "$(id -u)" = 0 ]; then
    BRIG_TEST_NETWORK=own exec unshare --net sh "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/outside.sh"

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

# With somebody outside. Without nat he does not know the way back.
make_outside
beyond sh -c "ip route del 10.0.0.0/8; ip -6 route del fd00::/8"
talker() { name=$1; shift; start "$name" -m "$talk:/bin/talk:ro" "$@"; }
answers() { # answers NAME KIND ADDRESS PORT: it serves with its name
    brig exec "$1" sh -c "talk serve $2 $3 $4 $1 >/dev/null 2>&1 & exec true"
}
ask() { name=$1; shift; brig exec "$name" talk ask "$@" 2>&1; }
await() { wait_for "$talk" ask "$@"; }

# Another machine may have the address already.
ip link add port type veth peer name other netns "$outside"
ip link set port master host0 up
beyond sh -c "ip link set other up; ip addr add 192.0.2.12/24 dev other"
expect_failure "another machine's address" 125 "*address 192.0.2.12 is in use by ??:??:??:??:??:?? on the wire behind 'host0'*" brig run --rm -n lan:ip=192.0.2.12 base true
expect "nobody's" 192.0.2.10 "$(brig run --rm -n lan base /bin/probe bind tcp4 0.0.0.0 80 2>"$work/said")"
start one -n lan:ip=192.0.2.10
expect_failure "it is the only one left" 125 "*192.0.2.12 is in use by *no address is left in 192.0.2.0/24*" brig run --rm -n lan base true
brig rm -f one
expect "only the host's is left again" "192.0.2.1/24" "$(addresses dev host0)"
ip link del port

# What leaves has the host's address, of TCP and UDP, over IPv4 and IPv6; what stays keeps its own.
brig network create -d net-loopback --subnet 10.91.0.0/24 --subnet fd91::/64 -o nat=true out >/dev/null
talker n1 -n out:ip=10.91.0.1,ip6=fd91::1 -p 8080:80 -p 8081:80/udp -p 127.0.0.1:8082:80 -p 9000-9001:90-91 -p wire:8085:80
talker n2 -n out:ip=10.91.0.2,ip6=fd91::2 -J allow.raw_sockets
talker plain -n local:ip=10.88.0.1,ip6=fd88::1
for kind in tcp udp; do
    expect "nat, $kind" "outside $host4" "$(ask n1 $kind $out4 7)"
    expect "nat, $kind, IPv6" "outside $host6" "$(ask n1 $kind $out6 7)"
    expect "nat, $kind, of one with raw sockets" "outside $host4" "$(ask n2 $kind $out4 7)"
    expect_match "without nat nobody answers, $kind" "talk: *" "$(ask plain $kind $out4 7)"
done
for name in n1 n2 plain; do
    answers $name tcp 0.0.0.0 80; answers $name udp 0.0.0.0 80
    answers $name tcp :: 80; answers $name udp :: 80
done
answers n1 tcp 0.0.0.0 91
answers n2 tcp 0.0.0.0 8080
for address in 10.91.0.1 fd91::1 10.91.0.2 fd91::2 10.88.0.1; do await udp $address 80; done
await tcp 10.91.0.1 91
await tcp 10.91.0.2 8080
expect "neighbours see each other" "n2 10.91.0.1" "$(ask n1 tcp 10.91.0.2 80)"
expect "and those of other networks" "plain fd91::1" "$(ask n1 tcp fd88::1 80)"

# Ports, from everywhere.
expect "from outside" "n1 $out4" "$(beyond "$talk" ask tcp $host4 8080)"
expect "from outside, IPv6" "n1 $out6" "$(beyond "$talk" ask tcp $host6 8080)"
expect "from outside, UDP" "n1 $out4" "$(beyond "$talk" ask udp $host4 8081)"
expect "from outside, UDP, IPv6" "n1 $out6" "$(beyond "$talk" ask udp $host6 8081)"
expect "a range" "n1 $out4" "$(beyond "$talk" ask tcp $host4 9001)"
expect "on one interface" "n1 $out4" "$(beyond "$talk" ask tcp $host4 8085)"
expect_match "on the loopback, not from outside" "talk: *" "$(beyond "$talk" ask tcp $host4 8082 2>&1)"
expect "from the host itself" "n1 $host4" "$("$talk" ask tcp $host4 8080)"
for kind in "tcp 127.0.0.1 8080" "tcp 127.0.0.1 8082" "udp 127.0.0.1 8081"; do
    # shellcheck disable=SC2086 # three words
    expect "by its loopback: $kind" "n1 10.91.0.1" "$("$talk" ask $kind)"
done
expect "by its loopback, IPv6" "n1 fd91::1" "$("$talk" ask tcp ::1 8080)"
expect "from a neighbour" "n1 10.91.0.2" "$(ask n2 tcp $host4 8080)"
expect "from itself" "n1 10.91.0.1" "$(ask n1 tcp $host4 8080)"
expect "from another network" "n1 10.88.0.1" "$(ask plain udp $host4 8081)"
expect "a neighbour's port of that number is its own" "n2 10.91.0.1" "$(ask n1 tcp 10.91.0.2 8080)"
expect "the host's loopback is still not a container's" "n1 10.91.0.1" "$(ask n1 tcp 127.0.0.1 80)"
expect_failure "the port is another's" 3 "*port 8080 of the host is published by another container*" brig create -n out -p 8080:81 base true
"$talk" serve tcp 0.0.0.0 8090 host &
servers="$servers $!"
await tcp 127.0.0.1 8090
expect_failure "a program listens" 3 "*port 8090/tcp of the host is in use*" brig create -n out -p 8090:80 base true

# With an address translated on its way, a jail still has no other than its own.
escapes=0
for name in n1 n2; do
    for source in $host4 10.91.0.9 127.0.0.1; do
        for answer in "$(brig exec $name /bin/probe send udp4 $out4 7 $source)" "$(brig exec $name /bin/probe raw $source $out4)"; do
            case $answer in ok) escapes=$((escapes + 1)) ;; esac
        done
    done
done
expect "sent from another address" 0 $escapes

# A firewall that was reloaded.
nft flush ruleset
expect_match "the ports are gone" "talk: *" "$(beyond "$talk" ask tcp $host4 8080 2>&1)"
expect_match "which is seen" '*"state":"absent"*' "$(brig network inspect out)"
brig recover >/dev/null
expect "the ports are back" "n1 $out4" "$(beyond "$talk" ask tcp $host4 8080)"
expect "nat is back" "outside $host4" "$(ask n1 udp $out4 7)"
expect "nothing to mend" "" "$(brig recover)"
brig rm -f n1
expect "no port of a container is left" "" "$(nft list ruleset | grep dnat\ ip)"
brig rm -f n2
brig rm -f plain
brig network rm out
brig network prune >/dev/null

remove_outside

finish
