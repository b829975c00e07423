#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: loopback_ports_test.sh BRIG
# net-loopback with pf: NAT and published ports of jails on the host's network stack, with packets from
# outside, from the host, from the jail itself and from its neighbours, by both protocols.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/outside.sh"

make_image_with_nc
ifconfig lo0 inet 127.0.0.1/8 up
make_outside
pfctl -q -e 2>/dev/null
load_pf
net_inventory >"$work/net.before"

make_network() { brig network create -d net-loopback "$@" >/dev/null; }
make_network --subnet 10.88.0.0/24 --subnet fd88::/64 -o nat=true local
is "a network" 0 $?
make_network --subnet 10.89.0.0/24 --subnet fd89::/64 other

everything="$(listens 80) $(listens6 86) $(listens_udp 53) $(listens_udp6 56) $(listens 8099)"
brig run -d --name one -n local:ip=10.88.0.1,ip6=fd88::1 -p 8080:80 -p 8086:86 -p 5353:53/udp -p 5356:56/udp \
    -p 127.0.0.1:8081:80 -p 192.0.2.1:8082:80 -p "[2001:db8::1]:8083:86" -p brigup0:8084:80 -p 9000-9002:78-80 \
    base sh -c "$everything exec sleep 1000" one >"$work/out" 2>&1
is "a container with ports" "0 " "$? $(grep warning "$work/out")"
brig run -d --name two -n local:ip=10.88.0.2,ip6=fd88::2 base \
    sh -c "$everything $(listens 8080) $(listens6 8086) exec sleep 1000" two >/dev/null
brig run -d --name three -n other:ip=10.89.0.3,ip6=fd89::3 base \
    sh -c "$(listens 8080) $(listens6 8086) exec sleep 1000" three >/dev/null
is "its neighbours" 0 $?

# ---- NAT ----

is "the outside sees the host" 192.0.2.1 "$(seen_by_outside one 192.0.2.2 90)"
is "by IPv6, too" 2001:db8::1 "$(seen_by_outside one 2001:db8::2 90)"
is "what the host sends keeps its address" 192.0.2.1 "$(seen_by_outside host 192.0.2.2 90)"

# ---- Published ----

is "from outside" one "$(answers outside 192.0.2.1 8080)"
is "by IPv6, too" one "$(answers outside 2001:db8::1 8086)"
is "by UDP" one "$(answers outside 192.0.2.1 5353 -u)"
is "by UDP and IPv6" one "$(answers outside 2001:db8::1 5356 -u)"
is "of a range" one "$(answers outside 192.0.2.1 9002)"
does_not_answer "nobody listens there" outside 192.0.2.1 9001
is "on one address" one "$(answers outside 192.0.2.1 8082)"
is "on one IPv6 address" one "$(answers outside 2001:db8::1 8083)"
is "on an interface" one "$(answers outside 192.0.2.1 8084)"
does_not_answer "on the host's loopback: not from outside" outside 192.0.2.1 8081
is "but from the host" one "$(answers host 127.0.0.1 8081)"
is "from the host" one "$(answers host 192.0.2.1 8080)"
is "by 127.0.0.1" one "$(answers host 127.0.0.1 8080)"
is "by IPv6, too" one "$(answers host 2001:db8::1 8086)"
is "by UDP, too" one "$(answers host 192.0.2.1 5353 -u)"
is "on one address, from the host" one "$(answers host 192.0.2.1 8082)"
is "from the container itself" one "$(answers one 192.0.2.1 8080)"
is "by IPv6, too" one "$(answers one 2001:db8::1 8086)"
is "from a neighbour" one "$(answers two 192.0.2.1 8080)"
is "by IPv6, too" one "$(answers two 2001:db8::1 8086)"
is "by UDP, too" one "$(answers two 192.0.2.1 5353 -u)"
is "from another network" one "$(answers three 192.0.2.1 8080)"

# A container's own address is none of the host's that ports are published on.
is "a port of a neighbour's own" two "$(answers host 10.88.0.2 8080)"
is "by IPv6, too" two "$(answers host fd88::2 8086)"
is "from the container that publishes it" two "$(answers one 10.88.0.2 8080)"
is "of one on another network" three "$(answers one 10.89.0.3 8080)"
is "by IPv6, too" three "$(answers one fd89::3 8086)"
is "and its own" one "$(answers one 10.88.0.1 8099)"

brig run --rm -n local -p 8080:81 base true >"$work/out" 2>&1
like "another container cannot have it" "125 *port 8080 of the host is published by another container*" "$? $(cat "$work/out")"
nc -l 192.0.2.1 8090 </dev/null >/dev/null &
listener=$!
wait_for sh -c "sockstat -4l | grep -q 192.0.2.1:8090"
brig run --rm -n local -p 192.0.2.1:8090:80 base true >"$work/out" 2>&1
like "nor one of a program" "125 *port 8090/tcp of the host is in use*" "$? $(cat "$work/out")"
kill $listener

# ---- On an interface of the host's ----

make_network -o interface=brigup0 --subnet 192.0.2.0/24 -o range=192.0.2.10-192.0.2.12 wire
brig run -d --name four -n wire:ip=192.0.2.10 base sh -c "$(listens 80) exec sleep 1000" four >/dev/null
is "the outside reaches it" four "$(answers outside 192.0.2.10 80)"
is "and sees it" 192.0.2.10 "$(seen_by_outside four 192.0.2.2 90)"
brig rm -f four

# ---- Lost and put back ----

anchors() { pfctl -q -a brig -v -s Anchors 2>/dev/null; }
# lose WHAT: an anchor of the network's or of the attachment's is emptied.
lose() {
    for anchor in $(anchors); do
        if pfctl -q -a "$anchor" -s "$1" 2>/dev/null | grep -q "$2"; then pfctl -q -a "$anchor" -F "$1" 2>/dev/null; fi
    done
}
is "nothing to mend" "" "$(brig recover 2>&1)"
lose nat "rdr"
does_not_answer "ports that were lost" outside 192.0.2.1 8080
like "are mended" "*mended its attachment*" "$(brig recover 2>&1)"
is "and lead there again" one "$(answers outside 192.0.2.1 8080)"
lose nat "nat on"
like "lost NAT is mended" "*network local: mended*" "$(brig recover 2>&1)"
is "and works again" 192.0.2.1 "$(seen_by_outside one 192.0.2.2 90)"
is "nothing more to mend" "" "$(brig recover 2>&1)"

# ---- Ends ----

brig stop -t 0 one
does_not_answer "the port of one that is stopped" host 192.0.2.1 8080
brig start one >/dev/null
is "is back with it" one "$(answers outside 192.0.2.1 8080)"
for container in one two three; do brig rm -f $container; done
for network in local other wire; do
    brig network rm $network
    is "network $network goes" 0 $?
done
nothing_left "all is as before" "$work/net.before"

# ---- Without pf, or without the lines ----

echo pass | pfctl -q -f -
make_network --subnet 10.88.0.0/24 -o nat=true local
like "the lines that pf.conf lacks are named" '*add these lines to /etc/pf.conf*nat-anchor "brig/?"*' \
    "$(brig run --rm -n local base true 2>&1)"
load_pf
pfctl -q -d
brig network rm local
make_network --subnet 10.88.0.0/24 -o nat=true local
like "pf that is off is named" "*pf is off*pfctl -e*" "$(brig run --rm -n local base true 2>&1)"
pfctl -q -e
brig network rm local
nothing_left "all is as before" "$work/net.before"

echo "1..$number"
[ $failures -eq 0 ]
