#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: vnet_modes_test.sh BRIG
# net-vnet without a bridge of its own: on one that is there, by an interface that is moved in, routed. And
# what is done when something is taken away behind brig's back, and with bad input.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/outside.sh"

clean_up_all() {
    remove_networks
    for interface in brigtest0 brigcable0 brigport0; do
        ifconfig $interface destroy 2>/dev/null
    done
    jail -R brig-other 2>/dev/null
    clean_up_outside
}
trap clean_up_all EXIT

make_network() { brig network create -d net-vnet "$@" >/dev/null; }
refused() { # refused WHAT PATTERN COMMAND…
    what=$1 pattern=$2
    shift 2
    said=$("$@" 2>&1) && said="accepted: $said"
    like "$what" "$pattern" "$said"
}

make_image_with_nc
make_outside
outside route -q add -net 10.84.0.0/14 192.0.2.1
outside route -q -6 add -net fd84::/14 2001:db8::1
pfctl -q -e 2>/dev/null
load_pf
sysctl -q net.inet.ip.forwarding=1 net.inet6.ip6.forwarding=1 >/dev/null
net_inventory >"$work/net.before"

# ---- A bridge that is there, with another machine on it ----

ifconfig "$(ifconfig bridge create)" name brigtest0 >/dev/null
ifconfig brigtest0 inet 10.84.0.1/24 up
cable=$(ifconfig epair create)
ifconfig "$cable" name brigport0 >/dev/null
ifconfig brigtest0 addm brigport0
ifconfig brigport0 up
jail -c name=brig-other path=/ persist vnet
other=${cable%a}b
ifconfig "$other" vnet brig-other
jexec brig-other ifconfig "$other" inet 10.84.0.5/24 up
jexec brig-other ifconfig "$other" inet6 fd84::5/64 no_dad
make_network --subnet 10.84.0.0/24 --subnet fd84::/64 -o bridge=brigtest0 mine
refused "another machine's address" "*address 10.84.0.5 is in use by ??:??:??:??:??:?? on the wire behind 'brigtest0'*" \
    brig run --rm -n mine --ip 10.84.0.5 base true
refused "by IPv6, too" "*address fd84::5 is in use by *" brig run --rm -n mine --ip6 fd84::5 base true
refused "the host's own" "*address 10.84.0.1 is the host's own*" brig run --rm -n mine --ip 10.84.0.1 base true
brig run -d --name one -n mine --ip 10.84.0.6 --ip6 fd84::6 base sh -c "$(listens_udp 53) exec sleep 1000" one >/dev/null
is "on a bridge that is there" 0 $?
is "it reaches the host" yes "$(pings one 10.84.0.1)"
is "and the other machine" yes "$(pings one 10.84.0.5)"
is "by IPv6, too" yes "$(pings one fd84::5)"
is "by UDP" one "$(answers host 10.84.0.6 53 -u)"
brig rm -f one >/dev/null
brig network rm mine
is "the network goes" 0 $?
like "the bridge stays" "*inet 10.84.0.1*" "$(ifconfig brigtest0)"
jail -R brig-other
ifconfig brigport0 destroy
ifconfig brigtest0 destroy
wait_for sh -c "! jls -d name | grep -q brig-other"
nothing_left "all is as before" "$work/net.before"

# ---- An interface that is moved in ----

cable=$(ifconfig epair create)
ifconfig "$cable" name brigcable0 >/dev/null
net_inventory >"$work/net.cable"
make_network --subnet 10.85.0.0/24 --subnet fd85::/64 -o interface=brigcable0 moved
brig run -d --name two -n moved --ip 10.85.0.2 --ip6 fd85::2 base sleep 1000 >/dev/null
is "an interface is moved in" 0 $?
is "it is not here" "" "$(ifconfig -l | tr ' ' '\n' | grep brigcable0)"
like "but there" "*inet 10.85.0.2 *" "$(brig exec two ifconfig brigcable0)"
like "by IPv6, too" "*inet6 fd85::2 *" "$(brig exec two ifconfig brigcable0)"
refused "nobody has it twice" "*no interface 'brigcable0'*" brig run --rm -n moved base true
brig rm -f two >/dev/null
wait_for ifconfig brigcable0
nothing_left "it comes back under its name" "$work/net.cable"
brig run --rm -n moved base true
is "and can be moved in again" 0 $?
brig network rm moved
wait_for ifconfig brigcable0
ifconfig brigcable0 destroy

# ---- Routed ----

make_network --subnet 10.86.0.0/24 --subnet fd86::/64 -o mode=routed routed
make_network --subnet 10.87.0.0/24 --subnet fd87::/64 -o mode=routed apart
brig run -d --name three -n routed --ip 10.86.0.3 --ip6 fd86::3 -p 8080:80 -p 5353:53/udp base \
    sh -c "$(listens 80) $(listens_udp 53) exec sleep 1000" three >/dev/null
brig run -d --name four -n apart --ip 10.87.0.4 --ip6 fd87::4 base sleep 1000 >/dev/null
is "two routed networks" 0 $?
is "the outside reaches one" yes "$(pings outside 10.86.0.3)"
is "the host does" yes "$(pings host 10.86.0.3)"
is "by IPv6, too" yes "$(pings host fd86::3)"
is "a port of it" three "$(answers outside 192.0.2.1 8080)"
is "by UDP" three "$(answers outside 192.0.2.1 5353 -u)"
is "from the host" three "$(answers host 192.0.2.1 8080)"
is "the other network cannot reach it" no "$(cannot_ping four 10.86.0.3)"
is "by IPv6 neither" no "$(cannot_ping four fd86::3)"
is "nor the other way round" no "$(cannot_ping three 10.87.0.4)"
is "but the port" three "$(answers four 192.0.2.1 8080)"
brig rm -f three >/dev/null
brig rm -f four >/dev/null
brig network rm routed
brig network rm apart
nothing_left "nothing is left of them" "$work/net.before"

# ---- Taken away behind brig's back ----

make_network --subnet 10.84.1.0/24 --subnet fd84:1::/64 -o nat=true lan
brig run -d --name five -n lan --ip 10.84.1.5 --ip6 fd84:1::5 -p 8080:80 base \
    sh -c "$(listens 80) exec sleep 1000" five >/dev/null
is "a container" five "$(answers outside 192.0.2.1 8080)"
bridge=$(ifconfig -a | awk '/^[^ \t]/ {name = $1; sub(":", "", name)} /inet 10.84.1.1 / {print name}')
# mended WHAT COMMAND…
mended() {
    what=$1
    shift
    "$@" >/dev/null
    like "$what: recover says so" "*mended*" "$(brig recover 2>&1)"
    is "$what: there again" five "$(answers outside 192.0.2.1 8080)"
    is "$what: by IPv6" yes "$(pings host fd84:1::5)"
}
mended "a bridge that was destroyed" ifconfig "$bridge" destroy
pair=$(ifconfig -a | awk '/^[^ \t]/ {name = $1; sub(":", "", name)} /description: brig:/ {print name}' | grep -v "$bridge" | head -n 1)
mended "a pair that was destroyed" ifconfig "$pair" destroy
mended "an address that was taken away" ifconfig "$bridge" inet 10.84.1.1 -alias
for anchor in $(pfctl -q -a brig -v -s Anchors); do pfctl -q -a "$anchor" -F all >/dev/null 2>&1; done
like "rules that were flushed are missed" '*"state":"*' "$(brig network inspect lan | grep -v '"state":"ready"')"
mended "rules that were flushed" true
is "nothing more to mend" "" "$(brig recover 2>&1)"

# ---- Killed while it connects ----

make_network --subnet 10.84.2.0/24 apart
brig network connect apart five && brig network disconnect apart five
is "on and off" 0 $?
net_inventory >"$work/net.five"
round=0
complaints=
while [ $round -lt 10 ]; do
    round=$((round + 1))
    verb=connect
    [ $((round % 2)) -eq 1 ] || { verb=disconnect; brig network connect apart five; }
    "$brig_program" network $verb apart five >/dev/null 2>&1 &
    victim=$!
    sleep "0.$((round * 7 % 10))"
    kill -KILL $victim 2>/dev/null
    wait $victim 2>/dev/null
    brig recover >/dev/null 2>&1
    brig network disconnect apart five >/dev/null 2>&1
    same_network_as "$work/net.five" || complaints="$complaints
round $round, $verb: $(diff "$work/net.five" "$work/net.after")"
done
is "killed ten times" "" "$complaints"
is "it still answers" five "$(answers outside 192.0.2.1 8080)"

# ---- Bad input ----

make_network --subnet 10.84.3.0/24 -o bridge=nosuch0 bad
refused "a bridge that is not there" "*no bridge 'nosuch0'*" brig run --rm -n bad base true
brig network rm bad
make_network --subnet 10.84.3.0/24 -o bridge=lo0 bad
refused "what is no bridge" "*'lo0' is no bridge*" brig run --rm -n bad base true
brig network rm bad
make_network --subnet 192.0.2.0/24 bad
refused "the host's own subnet" "*overlaps with 192.0.2.1/24 of the host's interface 'brigup0'*" brig run --rm -n bad base true
brig network rm bad

brig rm -f five >/dev/null
brig network rm lan
brig network rm apart
nothing_left "all is as before, at the end" "$work/net.before"

echo "1..$number"
[ $failures -eq 0 ]
