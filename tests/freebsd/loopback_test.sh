#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: loopback_test.sh BRIG
# net-loopback on FreeBSD: addresses of their own for jails on the host's network stack, whose kernel
# restricts them. What it says is compared with ifconfig(8) and jls(8).
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
ifconfig lo0 inet 127.0.0.1/8 up
ifconfig lo7 create 2>/dev/null
ifconfig lo7 inet 192.0.2.1/24 up
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
interface = "lo7"
subnet = "192.0.2.0/24"
range = "192.0.2.10-192.0.2.12"
exclude = ["192.0.2.11"]
END
}
configure
ifconfig -l | xargs -n 1 | sort >"$work/interfaces"
inventory >"$work/before"

start() { # start NAME ARGUMENTS…
    name=$1
    shift
    brig run -d --name "$name" "$@" base sleep 1000 >/dev/null
}
# addresses INTERFACE
addresses() {
    ifconfig "$1" 2>/dev/null | awk '$1 ~ /^inet/ && $2 !~ /^fe80/ {print $2}' | sort | xargs
}
interface_of() {
    for each in $(ifconfig -l); do
        ifconfig "$each" | grep -q "description: brig:[^:]*:n-$1\$" && echo "$each"
    done
}
# kernel NAME PARAMETER…
kernel() {
    container=$(brig ps | awk -v name="$1" '$2 == name {print $1}')
    shift
    jls -j "$container" "$@" 2>&1
}

like "a plan" "*ip4.addr=10.88.0.1*ip6.addr=fd88::1*" "$(brig run --dry-run -n local:ip=10.88.0.1,ip6=fd88::1 base true)"
is "makes no interface" "" "$(interface_of local)"

start one -n local:ip=10.88.0.1,ip6=fd88::1
start two -n local:ip=10.88.0.2,ip6=fd88::2
interface=$(interface_of local)
like "an interface of the network's own" "lo[1-9][0-9][0-9][0-9]*" "$interface"
is "with the addresses of both" "10.88.0.1 10.88.0.2 fd88::1 fd88::2" "$(addresses "$interface")"
like "alone, without a network" "*10.88.0.1 netmask 0xffffffff*" "$(ifconfig "$interface")"
like "in use at once" "*fd88::1 prefixlen 128*" "$(ifconfig "$interface" inet6 | grep -v tentative)"
like "up" "*<UP,*" "$(ifconfig "$interface")"
is "what the kernel has" "10.88.0.1 fd88::1" "$(kernel one ip4.addr ip6.addr)"
is "what the jail sees" "10.88.0.1 fd88::1" \
    "$(brig exec one ifconfig "$interface" | awk '$1 ~ /^inet/ && $2 !~ /^fe80/ {print $2}' | xargs)"
is "and nothing of the host's" "" "$(brig exec one ifconfig lo0 | awk '$1 == "inet" {print $2}')"
like "no raw sockets" "*not permitted*" "$(brig exec one ping -c 1 10.88.0.2 2>&1)"
start five -n local:ip=10.88.0.5,ip6=fd88::5 -J allow.raw_sockets
is "as it asked" "10.88.0.5 fd88::5" "$(kernel five ip4.addr ip6.addr)"
like "reaches the others" "*1 packets received*" "$(brig exec five ping -c 1 10.88.0.1 2>&1)"
like "from its own" "*assign requested address*" "$(brig exec five ping -c 1 -S 10.88.0.2 10.88.0.1 2>&1)"
brig run --rm -n local:ip=10.88.0.5 base true >"$work/out" 2>&1
like "an address of another" "125 *address 10.88.0.5 is another container's*" "$? $(cat "$work/out")"

brig stop -t 0 two
is "addresses go with the end" "10.88.0.1 10.88.0.5 fd88::1 fd88::5" "$(addresses "$interface")"
brig start two >/dev/null
is "and come back" "10.88.0.2 fd88::2" "$(kernel two ip4.addr ip6.addr)"
configure 10.99.0.0/24
brig rm -f two
is "gone although configured otherwise" "10.88.0.1 10.88.0.5 fd88::1 fd88::5" "$(addresses "$interface")"
configure
ifconfig "$interface" inet 10.88.0.1 -alias
brig recover >/dev/null
is "put back" "10.88.0.1 10.88.0.5 fd88::1 fd88::5" "$(addresses "$interface")"
brig rm -f one
brig rm -f five
is "none is left" "" "$(addresses "$interface")"

start one -n pair
start two -n pair
is "a network of two" "127.88.0.4 127.88.0.5" "$(for name in one two; do kernel $name ip4.addr; done | sort | xargs)"
brig run --rm -n pair base true >"$work/out" 2>&1
like "has no third" "125 *no address is left in 127.88.0.4/31*" "$? $(cat "$work/out")"
brig rm -f one
brig rm -f two

start one -n lan
start two -n lan
is "beside the host's, without what is excluded" "192.0.2.1 192.0.2.10 192.0.2.12" "$(addresses lo7)"
brig run --rm -n lan:ip=192.0.2.1 base true >"$work/out" 2>&1
like "the host's own" "125 *address 192.0.2.1 is the host's own, on 'lo7'*" "$? $(cat "$work/out")"
brig rm -f one
brig rm -f two
is "only the host's is left" 192.0.2.1 "$(addresses lo7)"

brig network create -d net-loopback --subnet 10.90.0.0/24 made >/dev/null
start one -n made:ip=10.90.0.1
made=$(interface_of made)
is "a created network" 10.90.0.1 "$(addresses "$made")"
brig rm -f one
brig network rm made
is "goes with its interface" "" "$(interface_of made)"

round=0
while [ $round -lt 5 ]; do
    round=$((round + 1))
    "$brig_program" run --rm -n local base sleep 5 >/dev/null 2>&1 &
    runner=$!
    sleep "$(awk -v round=$round 'BEGIN {printf "%.2f", round * 0.4}')"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    brig recover >/dev/null
    is "killed, round $round" "" "$(addresses "$interface")"
done

# The configuration no longer has them.
: >"$BRIG_CONFIG"
brig recover >/dev/null
ifconfig "$interface" destroy 2>/dev/null
ifconfig "$(interface_of pair)" destroy 2>/dev/null
ifconfig -l | xargs -n 1 | sort >"$work/interfaces-after"
is "the host's interfaces" "" "$(diff "$work/interfaces" "$work/interfaces-after")"
same_as_before "nothing is left"
ifconfig lo7 destroy

echo "1..$number"
[ $failures -eq 0 ]
