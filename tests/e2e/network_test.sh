#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# net-vnet with real packets: a network namespace of the test's own plays the host, a second one the outside.
[ -n "${BRIG_TEST_OUTSIDE-}" ] || exec env BRIG_TEST_OUTSIDE=1 unshare --net sh "$0" "$@"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/outside.sh"

make_outside

# What a network could leave on the host, but for what the kernel does in its own time.
network_inventory() {
    ip -o link | sed 's/^[0-9]*: //; s/@.*//; s/:.*//' | sort
    ip -o addr | awk '{print $2, $3, $4}' | grep -v fe80 | sort
    ip route show table all | grep -v fe80 | sort
    ip -6 route show table all | grep -v fe80 | sort
    nft list ruleset
    cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
}
network_inventory >"$work/network.before"

run() { brig run --rm -m "$talk:/bin/talk:ro" "$@" 2>&1; }
start() { name=$1; shift; brig run -d --name "$name" -m "$talk:/bin/talk:ro" "$@" >/dev/null || fail "start $name"; }
serve() { brig exec "$1" sh -c "talk serve $2 $3 $4 $1 >/dev/null 2>&1 & exec true"; }
ask() { brig exec "$1" talk ask "$2" "$3" "$4" 2>&1; }
ip_of() { brig inspect "$1" | sed "s/.*\"network\":\"$2\"[^}]*\"$3\":\"\([^\"]*\)\".*/\1/"; }
json() { brig inspect "$1" | tr ',{}' '\n\n\n'; }

# Making networks; what is wrong is refused, and nothing is kept of it.
expect "create says the name" "lan" "$(brig network create lan --subnet 10.77.0.0/24 --subnet fd77::/64)"
expect "two networks" "dmz" "$(brig network create dmz --subnet 10.78.0.0/24 --subnet fd78::/64)"
expect_failure "the name is taken" 1 "*there is a network 'lan' already*" brig network create lan
expect_failure "a hostile name" 3 '*the network name "../x"*' brig network create ../x
expect_failure "overlapping subnets" 3 "*10.77.0.128/25 overlaps with 10.77.0.0/24 of network 'lan'*" brig network create x --subnet 10.77.0.128/25
expect_failure "an address, no network" 3 "*'10.79.0.1/24' is an address in a network*10.79.0.0/24*" brig network create x --subnet 10.79.0.1/24
expect_failure "one address" 3 "*is one address*" brig network create x --subnet 10.79.0.0/32
expect_failure "one IPv6 address" 3 "*is one address*" brig network create x --subnet fd79::/128
expect_failure "a gateway outside" 3 "*'gateway': '10.80.0.1' is no address of a host in 10.79.0.0/24*" brig network create x --subnet 10.79.0.0/24 --gateway 10.80.0.1
expect_failure "the loopback network" 3 "*overlaps with 127.0.0.0/8*" brig network create x --subnet 127.9.0.0/24
expect_failure "a range outside" 3 "*'range'*is not within*" brig network create x --subnet 10.79.0.0/24 -o range=10.80.0.2-10.80.0.9
expect_failure "no such option" 3 "*no option 'subnett'*did you mean*" brig network create x -o subnett=10.79.0.0/24
expect_failure "no such driver" 4 "*no driver 'net-vnte'*" brig network create x -d net-vnte
expect_failure "a long name of an interface" 3 "*'bridge'*cannot be the name of an interface*" brig network create x -o bridge=sixteen-letters-
expect_failure "an interface and a bridge" 3 "*exclude each other*" brig network create x -o bridge=br0 -o interface=em0
expect_failure "internal, with nat" 3 "*exclude each other*" brig network create x --subnet 10.79.0.0/24 --internal -o nat=true
expect "nothing was made" "dmz lan host none" "$(brig network ls -q | tr '\n' ' ' | sed 's/ $//')"
brig network create taken --subnet 198.51.100.0/24 >/dev/null
expect_failure "the host's own subnet" 125 "*overlaps with 198.51.100.1/24 of the host's interface 'wire'*" brig run --rm -n taken base true
brig network rm taken
brig network create away -o bridge=nobridge >/dev/null
expect_failure "a bridge that is not there" 125 "*no bridge 'nobridge'*" brig run --rm -n away base true
brig network rm away
brig network create away -o bridge=wire --subnet 10.79.0.0/24 >/dev/null
expect_failure "an interface that is no bridge" 125 "*'wire' is no bridge*" brig run --rm -n away base true
brig network rm away

# A container on it: address, gateway, routes, names; IPv6 as IPv4, and at once.
expect "the gateway answers" "0" "$(run -n lan base sh -c 'ping -c1 -W2 10.77.0.1 >/dev/null && ping -6 -c1 -W2 fd77::1 >/dev/null; echo $?')"
expect_match "lo and the interface are up" "*lo*UP*eth0*UP*" "$(run -n lan base ip link | tr '\n' ' ')"
expect_match "default routes" "*default via 10.77.0.1*default via fd77::1*" "$(run -n lan base sh -c 'ip route; ip -6 route' | tr '\n' ' ')"
expect_match "an address that it asks for" "*10.77.0.200/24*fd77::200/64*" "$(run -n lan --ip 10.77.0.200 --ip6 fd77::200 base ip addr | tr '\n' ' ')"
expect_failure "an address outside" 125 "*10.99.0.1 is not in 10.77.0.0/24*" brig run --rm -n lan:ip=10.99.0.1 base true
expect_failure "the gateway's address" 125 "*10.77.0.1 is the gateway's*" brig run --rm -n lan --ip 10.77.0.1 base true
expect_failure "the broadcast address" 125 "*10.77.0.255 is no address of a host*" brig run --rm -n lan --ip 10.77.0.255 base true
expect_match "a name of fifteen letters" "*fifteen-letters*" "$(run -n lan:ifname=fifteen-letters base ip link)"
expect_failure "a name of sixteen letters" 125 "*'ifname'*cannot be the name*" brig run --rm -n lan:ifname=sixteen--letters base true
expect_match "a link-layer address" "*02:00:5e:10:00:01*" "$(run -n lan:mac=02:00:5e:10:00:01 base ip link)"
expect_failure "one network twice" 125 "*a container is on a network once*" brig run --rm -n lan -n lan base true

start a -n lan base sleep 600
start b -n lan -n dmz base sleep 600
start c -n dmz base sleep 600
for name in a b c; do
    serve $name tcp 0.0.0.0 80
    serve $name udp 0.0.0.0 80
    serve $name tcp :: 80
    serve $name udp :: 80
done
a4=$(ip_of a lan ip4) a6=$(ip_of a lan ip6) b4=$(ip_of b lan ip4) b6=$(ip_of b lan ip6) c4=$(ip_of c dmz ip4) c6=$(ip_of c dmz ip6)
wait_for brig exec a talk ask udp "$b6" 80
for kind in tcp udp; do
    expect "$kind between two" "b $a4" "$(ask a $kind "$b4" 80)"
    expect "$kind between two, IPv6" "b $a6" "$(ask a $kind "$b6" 80)"
    expect "$kind on the second network" "c $(ip_of b dmz ip4)" "$(ask b $kind "$c4" 80)"
    expect "$kind from the host" "a 10.77.0.1" "$("$talk" ask $kind "$a4" 80)"
    expect "$kind from the host, IPv6" "a fd77::1" "$("$talk" ask $kind "$a6" 80)"
done
expect "the host from a container" "0" "$(brig exec a ping -c1 -W2 $host4 >/dev/null; echo $?)"
expect_match "a stack of its own has raw sockets" "*0% packet loss*" "$(brig exec a ping -c1 -W2 "$b4")"
expect_match "names" "*b*" "$(brig exec a ping -c1 -W2 b)"
expect "the names of those who share a network" "a b" "$(brig exec a awk '/^10/{print $NF}' /etc/hosts | sort | tr '\n' ' ' | sed 's/ $//')"
expect "and of no others" "b c" "$(brig exec c awk '/^10/{print $NF}' /etc/hosts | sort | tr '\n' ' ' | sed 's/ $//')"

brig rename c cc
expect "a new name" "b cc" "$(brig exec b awk '/^10.78/{print $NF}' /etc/hosts | sort | tr '\n' ' ' | sed 's/ $//')"
brig rename cc c
expect_match "the plan says what it would get" "*network 'lan': 10.77.0.9, fd77::*" "$(brig run --dry-run -n lan --ip 10.77.0.9 base true)"

# Networks are apart, also when the host forwards.
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
seen=0
for target in "$c4" "$c6"; do
    for kind in tcp udp; do ask a $kind "$target" 80 >/dev/null 2>&1 && seen=$((seen + 1)); done
done
expect "attempts from one network to another that came through" 0 $seen
expect_match "without nat the outside sees the container itself" "outside $a4" "$(ask a tcp $out4 7)"

# Connected and disconnected while it runs.
brig network connect dmz a || fail "connect"
expect "another interface" "eth0 eth1" "$(brig exec a ip -o link | sed -n 's/^[0-9]*: \(eth[0-9]\).*/\1/p' | tr '\n' ' ' | sed 's/ $//')"
expect "the default route stays" "default via 10.77.0.1 dev eth0" "$(brig exec a ip route | sed -n 's/ onlink//; s/ $//; /^default/p')"
expect "now they meet" "c $(ip_of a dmz ip4)" "$(ask a tcp "$c4" 80)"
expect "and know each other" "a b c" "$(brig exec c awk '/^10/{print $NF}' /etc/hosts | sort | tr '\n' ' ' | sed 's/ $//')"
expect_failure "twice" 1 "*is on network 'dmz' already*" brig network connect dmz a
brig network disconnect lan a || fail "disconnect"
expect "the default route goes elsewhere" "default via 10.78.0.1 dev eth1" "$(brig exec a ip route | sed -n 's/ onlink//; s/ $//; /^default/p')"
expect "its address is free again" "" "$(brig network leases lan | grep -w a)"
expect "nobody there knows it" "b" "$(brig exec b awk '/^10.77/{print $NF}' /etc/hosts)"
expect_failure "not on it any more" 1 "*is not on network 'lan'*" brig network disconnect lan a
expect_failure "a jail without a stack of its own" 3 "*vnet jails cannot have IP address restrictions*" sh -c "'$brig_program' run -d --name h base sleep 60 >/dev/null; '$brig_program' network connect lan h"
brig rm -f h
brig network connect lan:ip=10.77.0.50 a
expect "with an address of one's choice" "10.77.0.50" "$(ip_of a lan ip4)"
brig network disconnect dmz a

# Leases stay with a container that is kept, and go with it.
brig create --name kept -n lan base true >/dev/null
lease=$(brig network leases lan | awk '$2 == "kept" && $3 == "ip4" {print $4}')
expect_match "an address from its creation" "10.77.0.*" "$lease"
brig start kept >/dev/null
expect "the same after a run" "$lease" "$(brig network leases lan | awk '$2 == "kept" && $3 == "ip4" {print $4}')"
expect_failure "nobody else gets it" 125 "*address $lease is another container's*" brig run --rm -n lan --ip "$lease" base true
expect_failure "a network in use" 1 "*used by a, b, kept*" brig network rm lan
brig rm kept
expect "freed with it" "" "$(brig network leases lan | grep -w kept)"
brig network create tiny --subnet 10.79.0.0/30 >/dev/null
start t1 -n tiny base sleep 600
expect_failure "no address left" 125 "*no address is left in 10.79.0.0/30*" brig run --rm -n tiny base true
expect_failure "a definition that is wrong now" 125 "*" brig run --rm -n tiny:ip=10.79.0.3 base true
brig rm -f t1
expect "room again" "0" "$(brig run --rm -n tiny base true; echo $?)"
brig network rm tiny
brig network create pair --subnet 10.79.0.0/31 >/dev/null
expect_match "a network of two addresses" "*10.79.0.1/31*" "$(run -n pair base ip addr | tr '\n' ' ')"
brig network rm pair

# Ports, from everywhere.
brig network create web --subnet 10.80.0.0/24 --subnet fd80::/64 -o nat=true -o forwarding=true >/dev/null
start w -n web -p 8080:80 -p 8081:80/udp -p 127.0.0.1:8082:80 -p "[$host6]:8083:80" -p 9000-9002:80-82 base sleep 600
serve w tcp 0.0.0.0 80; serve w udp 0.0.0.0 80; serve w tcp :: 80; serve w tcp 0.0.0.0 82
start v -n web base sleep 600
wait_for "$talk" ask tcp 127.0.0.1 8082
expect "from outside" "w $out4" "$(beyond "$talk" ask tcp $host4 8080)"
expect "from outside, IPv6" "w $out6" "$(beyond "$talk" ask tcp $host6 8080)"
expect "from outside, UDP" "w $out4" "$(beyond "$talk" ask udp $host4 8081)"
expect "a range" "w $out4" "$(beyond "$talk" ask tcp $host4 9002)"
expect "on one address" "w $out6" "$(beyond "$talk" ask tcp $host6 8083)"
expect_match "not on another" "talk: *" "$(beyond "$talk" ask tcp $host4 8083 2>&1)"
expect_match "on the loopback, not from outside" "talk: *" "$(beyond "$talk" ask tcp $host4 8082 2>&1)"
expect_match "from the host itself" "w *" "$("$talk" ask tcp $host4 8080)"
expect_match "by its loopback" "w *" "$("$talk" ask tcp 127.0.0.1 8080)"
expect_match "by its loopback alone" "w *" "$("$talk" ask tcp 127.0.0.1 8082)"
expect_match "hairpin" "w *" "$(ask v tcp $host4 8080)"
expect_match "hairpin, to itself" "w *" "$(ask w tcp $host4 8080)"
expect_match "hairpin, UDP" "w *" "$(ask v udp $host4 8081)"
expect_match "hairpin, IPv6" "w *" "$(ask v tcp $host6 8080)"
expect_match "from another network of brig" "w *" "$(ask b tcp $host4 8080)"
expect "the outside sees the host" "outside $host4" "$(ask v tcp $out4 7)"
expect "the outside sees the host, UDP" "outside $host4" "$(ask v udp $out4 7)"
expect "the outside sees the host, IPv6" "outside $host6" "$(ask v tcp $out6 7)"
expect_failure "the port is another's" 3 "*port 8080 of the host is published by another container*" brig create -n web -p 8080:81 base true
expect_failure "also on one address" 3 "*port 8080 of the host*" brig create -n web -p 127.0.0.1:8080:81 base true
expect "UDP is no TCP" "0" "$(brig run --rm -n web -p 8080:81/udp base true >/dev/null 2>&1; echo $?)"
"$talk" serve tcp 0.0.0.0 8090 host &
listener=$!
wait_for "$talk" ask tcp 127.0.0.1 8090
expect_failure "a program listens" 3 "*port 8090/tcp of the host is in use*" brig create -n web -p 8090:80 base true
kill $listener
for bad in 80 0:80 70000:80 80:80/sctp a:b:80 1-3:1-2 "8090:80;flush" '$(x):80' ::; do
    expect_failure "-p $bad" 3 "*" brig create -n web -p "$bad" base true
done
expect_failure "on a network that cannot" 3 "*none of the container's networks publishes ports*" brig create -n host -p 80:80 base true
expect "all of it in one table" "table inet brig" "$(nft list tables)"

# A firewall that was reloaded, a bridge and a pair that were removed, an address that is gone.
nft flush ruleset
expect_match "the ports are gone" "talk: *" "$(beyond "$talk" ask tcp $host4 8080 2>&1)"
expect_match "which is seen" '*"state":"absent"*' "$(brig network inspect web)"
expect_match "and mended" "*mended its attachment to network 'web'*" "$(brig recover)"
expect "the ports are back" "w $out4" "$(beyond "$talk" ask tcp $host4 8080)"
expect "nat is back" "outside $host4" "$(ask v tcp $out4 7)"
bridge=$(ip -o addr | awk '$4 == "10.80.0.1/24" {print $2}')
ip link del "$bridge"
expect_match "a bridge that was removed" "*mended*" "$(brig recover)"
expect "is there again" "w $out4" "$(beyond "$talk" ask tcp $host4 8080)"
ip addr del 10.80.0.1/24 dev "$bridge"
expect_match "an address that was removed" "*mended*" "$(brig recover)"
expect "is there again, too" "0" "$(brig exec v ping -c1 -W2 10.80.0.1 >/dev/null; echo $?)"
brig exec w ip addr flush dev eth0
expect_match "the inside" "*mended its attachment*" "$(brig recover)"
expect "as before" "w $out4" "$(beyond "$talk" ask tcp $host4 8080)"
expect "nothing to mend" "" "$(brig recover)"
brig rm -f v w
expect "no rule of a container is left" "" "$(nft list ruleset | grep dnat\ ip)"

# Inside one's own network, and alone.
brig network create in --internal --subnet 10.81.0.0/24 >/dev/null
start i1 -n in base sleep 600
start i2 -n in base sleep 600
serve i2 tcp 0.0.0.0 80
wait_for brig exec i1 talk ask tcp "$(ip_of i2 in ip4)" 80
expect "internal: each other" "i2 $(ip_of i1 in ip4)" "$(ask i1 tcp "$(ip_of i2 in ip4)" 80)"
expect_match "internal: not the outside" "talk: *" "$(ask i1 tcp $out4 7)"
expect_match "internal: not from outside" "talk: *" "$(beyond "$talk" ask tcp "$(ip_of i2 in ip4)" 80 2>&1)"
brig rm -f i1 i2
brig network create alone --subnet 10.82.0.0/24 --subnet fd82::/64 -o isolate=true -o nat=true >/dev/null
start s1 -n alone base sleep 600
start s2 -n alone base sleep 600
for where in 0.0.0.0 ::; do serve s2 tcp $where 80; serve s2 udp $where 80; done
wait_for "$talk" ask tcp "$(ip_of s2 alone ip6)" 80
seen=0
for target in "$(ip_of s2 alone ip4)" "$(ip_of s2 alone ip6)"; do
    for kind in tcp udp; do ask s1 $kind "$target" 80 >/dev/null 2>&1 && seen=$((seen + 1)); done
    brig exec s1 ping -c1 -W1 "$target" >/dev/null 2>&1 && seen=$((seen + 1))
done
expect "isolated: attempts that came through" 0 $seen
expect "isolated: the outside" "outside $host4" "$(ask s1 tcp $out4 7)"
expect_match "isolated: the host" "s2 *" "$("$talk" ask tcp "$(ip_of s2 alone ip4)" 80)"
brig rm -f s1 s2

# Routed, without a bridge.
brig network create routed --subnet 10.83.0.0/24 --subnet fd83::/64 -o mode=routed >/dev/null
start r1 -n routed base sleep 600
start r2 -n routed -p 8084:80 base sleep 600
serve r2 tcp 0.0.0.0 80; serve r2 tcp :: 80
wait_for brig exec r1 talk ask tcp "$(ip_of r2 routed ip6)" 80
expect "routed: each other" "r2 $(ip_of r1 routed ip4)" "$(ask r1 tcp "$(ip_of r2 routed ip4)" 80)"
expect "routed: the outside sees it" "outside $(ip_of r1 routed ip4)" "$(ask r1 tcp $out4 7)"
expect "routed: from outside" "r2 $out6" "$(beyond "$talk" ask tcp "$(ip_of r2 routed ip6)" 80)"
expect "routed: a port" "r2 $out4" "$(beyond "$talk" ask tcp $host4 8084)"
expect "routed: no bridge" "" "$(ip -o addr | grep ' 10.83.0.1/24')"
brig rm -f r1 r2

# An existing bridge, which stays; an interface that is moved in and comes back.
ip link add mybridge type bridge
ip link set mybridge up
ip addr add 10.84.0.1/24 dev mybridge
brig network create mine -o bridge=mybridge --subnet 10.84.0.0/24 --subnet fd84::/64 --gateway 10.84.0.1 >/dev/null
expect_match "on another's bridge" "*10.84.0.*" "$(run -n mine base ip addr)"
expect "reaches its host" "0" "$(run -n mine base ping -c1 -W2 10.84.0.1 >/dev/null; echo $?)"
ip link add port type veth peer name other netns "$outside"
ip link set port master mybridge up
beyond sh -c "ip link set other up; ip addr add 10.84.0.5/24 dev other; ip -6 addr add fd84::5/64 dev other nodad"
expect_failure "another machine's address" 125 "*address 10.84.0.5 is in use by ??:??:??:??:??:?? on the wire behind 'mybridge'*" brig run --rm -n mine --ip 10.84.0.5 base true
expect_failure "another machine's address, IPv6" 125 "*address fd84::5 is in use by *" brig run --rm -n mine --ip6 fd84::5 base true
expect "nobody's" "0" "$(brig run --rm -n mine --ip 10.84.0.6 --ip6 fd84::6 base true; echo $?)"
brig network rm mine
brig network create mine -o bridge=mybridge --subnet 10.84.0.0/24 -o probe=false >/dev/null
expect "without asking" "0" "$(brig run --rm -n mine --ip 10.84.0.5 base true; echo $?)"
brig network rm mine
ip link del port
expect_match "which stays" "*10.84.0.1*" "$(ip -o addr show dev mybridge)"
ip link del mybridge
ip link add cable0 type veth peer name cable1
brig network create moved -o interface=cable0 --subnet 10.85.0.0/24 >/dev/null
expect_match "an interface moved in" "*cable0*10.85.0.*" "$(run -n moved base ip addr | tr '\n' ' ')"
wait_for ip link show dev cable0
expect "nobody has it twice" "1" "$(start m1 -n moved base sleep 600; brig run --rm -n moved base true 2>&1 | grep -c "no interface 'cable0'")"
brig rm -f m1
wait_for ip link show dev cable0
ip link del cable0
brig network rm moved

# A definition that changed is applied, or refused while it is in use.
brig network create change --subnet 10.86.0.0/24 >/dev/null
start old -n change base sleep 600
sed -i 's/10.86.0.0/10.87.0.0/' "$BRIG_STATE/networks/change.toml"
expect_failure "refused while in use" 125 "*is in use with 10.86.0.1/24*configured with 10.87.0.1/24*" brig run --rm -n change base true
brig rm -f old
expect_match "applied then" "*10.87.0.*" "$(run -n change base ip addr)"
brig network rm change

# Killed: the pair and the lease go with the container; at once again under its old name.
start k -n lan base sleep 600
kill -9 "$(json k | sed -n 's/"jid"://p')"
wait_for sh -c "! '$brig_program' ps | grep -qw k"
brig start k >/dev/null
expect_match "started again" "*10.77.0.*" "$(ip_of k lan ip4)"
for process in $(brig ps -a | awk '$2 == "k" {print $1}' | xargs -I{} sh -c 'grep -l {} /proc/[0-9]*/cmdline 2>/dev/null' | sed 's,/proc/\([0-9]*\)/.*,\1,'); do
    kill -9 "$process" 2>/dev/null
done
brig rm -f k
for _ in 1 2 3; do expect "one after the other" "0" "$(brig run --rm -n lan base true; echo $?)"; done

# Many at once, none of them with another's address.
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32; do
    brig run --rm -n lan base sh -c 'ip -o -4 addr show dev eth0' >"$work/parallel.$number" 2>&1 &
    pids="${pids-} $!"
done
for pid in $pids; do wait "$pid"; done
expect "32 at once: all have one" 32 "$(cat "$work"/parallel.* | grep -c 'inet 10.77.0')"

# All of it away; the machine as it was.
brig rm -f a b c
expect "leases are gone" "" "$(brig network leases | tail -n +2)"
brig network rm lan dmz web in alone routed
echo 0 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
for _ in 1 2 3 4 5 6 7 8 9 10; do
    network_inventory >"$work/network.after"
    cmp -s "$work/network.before" "$work/network.after" && break
    sleep 0.2
done
expect "interfaces, addresses, routes and rules are as before" "" "$(diff "$work/network.before" "$work/network.after")"
expect "nothing in the run folder" "" "$(ls "$BRIG_RUN/networks" 2>/dev/null)"
remove_outside

finish
