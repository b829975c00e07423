#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: vnet_test.sh BRIG
# Networks of containers with stacks of their own: interfaces, addresses, routes, pf. An outside host is
# a jail of the test's own. Turns on pf and loads a main ruleset, both of which are put back.
# BRIG_CRASH_ROUNDS: how often a start and a stop are killed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/outside.sh"

rounds=${BRIG_CRASH_ROUNDS:-6}

make_network() { brig network create -d net-vnet "$@" >/dev/null; }

make_image_with_nc

make_outside
outside route -q add -net 10.77.0.0/16 192.0.2.1
outside route -q -6 add -net fd77::/16 2001:db8::1
sysctl net.inet.ip.forwarding=0 net.inet6.ip6.forwarding=0 >/dev/null
pfctl -q -e 2>/dev/null
net_inventory >"$work/net.before"

# ---- Hints ----

echo 'pass' | pfctl -q -f -
make_network --subnet 10.77.1.0/24 --subnet fd77:1::/64 -o nat=true \
    -o forwarding=true lan
is "a network" 0 $?
said=$(brig run --rm -n lan base true 2>&1)
like "the lines that pf.conf lacks are named" \
    '*nat-anchor "brig/?"*rdr-anchor "brig/?"*anchor "brig/?"*' "$said"
load_pf

# ---- Two containers ----

# The first one's jail is removed by hand below, where a connection that has ended holds its root.
shorten='sysctl -q net.inet.tcp.msl=100 >/dev/null'
listen='while :; do echo "$0" | nc -l 80; done'
listen6='while :; do echo "$0" | nc -6 -l 86; done'
brig run -d --name one -n lan --ip 10.77.1.11 --ip6 fd77:1::11 -p 8080:80 -p 8086:86 base \
    sh -c "$shorten; ($listen6) & $listen" one >/dev/null
is "a container starts" 0 $?
brig run -d --name two -n lan --ip 10.77.1.12 --ip6 fd77:1::12 base sleep 1000 >/dev/null
is "and another" 0 $?
is "the first reaches the second" yes "$(pings one 10.77.1.12)"
is "by IPv6, too" yes "$(pings one fd77:1::12)"
is "the second reaches the first" yes "$(pings two 10.77.1.11)"
is "the host reaches a container" yes "$(pings host 10.77.1.11)"
is "by IPv6, too" yes "$(pings host fd77:1::11)"
is "a container reaches the host" yes "$(pings one 10.77.1.1)"
is "by IPv6, too" yes "$(pings one fd77:1::1)"
is "and itself" yes "$(pings one 127.0.0.1)"
is "by IPv6, too" yes "$(pings one ::1)"
is "its interfaces" "lo0 pflog0 eth0" "$(brig exec one ifconfig -l | sed 's/^lo0 eth0/lo0 pflog0 eth0/')"
is "its description is the owner" 1 "$(ifconfig | grep -c "description: brig:.*:$(brig inspect one |
    sed 's/.*"id":"\([^"]*\)".*/\1/')$")"
like "the network is ready" '*"state":"ready"*' "$(brig network inspect lan)"

# ---- pf ----

is "what leaves has the host's address" yes "$(pings one 192.0.2.2)"
is "so the outside sees it" 192.0.2.1 "$(seen_by_outside one 192.0.2.2 90)"
is "by IPv6, too" 2001:db8::1 "$(seen_by_outside one 2001:db8::2 90)"
is "a published port, from outside" one "$(answers outside 192.0.2.1 8080)"
is "by IPv6, too" one "$(answers outside 2001:db8::1 8086)"
is "from the host by 127.0.0.1" one "$(answers host 127.0.0.1 8080)"
is "and by its address" one "$(answers host 192.0.2.1 8080)"
is "from a neighbour" one "$(answers two 192.0.2.1 8080)"
is "from the container itself" one "$(answers one 192.0.2.1 8080)"
said=$(brig run --rm -n lan -p 8080:80 base true 2>&1)
like "another container cannot have it" "*8080*" "$said"

# ---- Networks apart ----

make_network --subnet 10.77.2.0/24 --subnet fd77:2::/64 -o isolate=true other
brig run -d --name three -n other --ip 10.77.2.13 --ip6 fd77:2::13 base sleep 1000 >/dev/null
brig run -d --name four -n other --ip 10.77.2.14 --ip6 fd77:2::14 base sleep 1000 >/dev/null
is "another network cannot be reached" no "$(cannot_ping one 10.77.2.13)"
is "by IPv6 neither" no "$(cannot_ping one fd77:2::13)"
is "nor the other way round" no "$(cannot_ping three 10.77.1.11)"
is "but a published port" one "$(answers three 192.0.2.1 8080)"
is "isolated containers do not see each other" no "$(cannot_ping three 10.77.2.14)"
is "by IPv6 neither" no "$(cannot_ping three fd77:2::14)"
is "but the host" yes "$(pings three 10.77.2.1)"
make_network --subnet 10.77.3.0/24 --subnet fd77:3::/64 -o internal=true inside
brig run -d --name five -n inside --ip 10.77.3.15 --ip6 fd77:3::15 base sleep 1000 >/dev/null
brig run -d --name six -n inside --ip 10.77.3.16 --ip6 fd77:3::16 base sleep 1000 >/dev/null
is "an internal network reaches nobody outside" no "$(cannot_ping five 192.0.2.2)"
is "nor does the outside reach it" no "$(cannot_ping outside 10.77.3.15)"
is "but itself" yes "$(pings five 10.77.3.16)"
is "by IPv6, too" yes "$(pings five fd77:3::16)"

# ---- Two networks, and names ----

name=abcdefghijklmno
brig run -d --name seven -n "lan:ifname=$name" -n other base sleep 1000 >/dev/null
is "15 letters and a second network" "lo0 pflog0 $name eth0" \
    "$(brig exec seven ifconfig -l | sed 's/^lo0 a/lo0 pflog0 a/')"
is "the first one has the default route" yes "$(pings seven 192.0.2.2)"
brig run --rm -n "lan:ifname=${name}p" base true 2>/dev/null
is "16 letters are refused" no "$([ $? -eq 0 ] && echo yes || echo no)"
brig network disconnect other seven
is "one goes while it runs" "lo0 pflog0 $name" \
    "$(brig exec seven ifconfig -l | sed 's/^lo0 a/lo0 pflog0 a/')"
brig network connect other seven
is "and comes back" "lo0 pflog0 $name eth0" \
    "$(brig exec seven ifconfig -l | sed 's/^lo0 a/lo0 pflog0 a/')"

# ---- Routed ----

make_network --subnet 10.77.4.0/24 --subnet fd77:4::/64 -o mode=routed routed
brig run -d --name eight -n routed --ip 10.77.4.18 --ip6 fd77:4::18 base sleep 1000 >/dev/null
is "a routed container" 0 $?
brig run -d --name nine -n routed --ip 10.77.4.19 --ip6 fd77:4::19 base sleep 1000 >/dev/null
is "the host reaches it" yes "$(pings host 10.77.4.18)"
is "by IPv6, too" yes "$(pings host fd77:4::18)"
is "it reaches its neighbour" yes "$(pings eight 10.77.4.19)"
is "by IPv6, too" yes "$(pings eight fd77:4::19)"
is "and the outside it" yes "$(pings outside 10.77.4.18)"

# ---- Ends ----

brig rm -f two >/dev/null
is "a container that is removed leaves no interface" "" "$(ifconfig -l | tr ' ' '\n' | grep '^eth')"
jail -R "$(brig inspect one | sed 's/.*"jid":\([0-9]*\).*/\1/')"
wait_for sh -c "! jls -d name | grep -q one"
for container in one three four five six seven eight nine; do brig rm -f $container >/dev/null; done
is "nor does one whose jail was removed" "" "$(ifconfig -l | tr ' ' '\n' | grep -e '^eth' -e "^$name")"
for network in lan other inside routed; do
    brig network rm $network
    is "network $network goes" 0 $?
done
nothing_left "all is as before" "$work/net.before"
is "forwarding, too" 0 "$(sysctl -n net.inet.ip.forwarding)"

# ---- Killed ----

make_network --subnet 10.77.1.0/24 --subnet fd77:1::/64 -o nat=true lan
brig run --rm -n lan base true >/dev/null 2>&1
net_inventory >"$work/net.before"

# killed WHAT PREPARE COMMAND UNDO
killed() {
    span=$(eval "$2" >/dev/null 2>&1
        # shellcheck disable=SC2086
        /usr/bin/time -p -o "$work/time" "$brig_program" $3 >/dev/null 2>&1
        awk '$1 == "real" {print $2}' "$work/time"
        eval "$4" >/dev/null 2>&1)
    complaints=
    round=0
    while [ $round -lt "$rounds" ]; do
        round=$((round + 1))
        delay=$(echo "$span $round $rounds" | awk '{printf "%.3f", $1 * ($2 - 0.5) / $3}')
        eval "$2" >/dev/null 2>&1
        # shellcheck disable=SC2086
        "$brig_program" $3 >/dev/null 2>&1 </dev/null &
        victim=$!
        sleep "$delay"
        kill -KILL $victim 2>/dev/null
        wait $victim 2>/dev/null
        # A program that it ran may hold the container's lock a moment longer.
        tries=10
        until recovered=$(brig recover 2>&1) && eval "$4" >/dev/null 2>&1
            same_network_as "$work/net.before"; do
            tries=$((tries - 1))
            [ $tries -gt 0 ] || break
        done
        [ $tries -gt 0 ] || complaints="$complaints
after $delay of $span s: $(diff "$work/net.before" "$work/net.after")
recover said: $recovered"
    done
    is "$1" "" "$complaints"
}

killed "a start that is killed leaves nothing" : "run --rm -n lan -p 8080:80 base true" :
killed "a stop that is killed leaves nothing" \
    "brig run -d --name ten -n lan -p 8080:80 base sleep 1000" "rm -f ten" "brig rm -f ten"
is "all works after that" fine "$(brig run --rm -n lan base echo fine 2>&1)"
brig network rm lan
is "the network goes" 0 $?

echo "1..$number"
[ $failures -eq 0 ]
