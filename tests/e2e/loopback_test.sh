#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Jails on the host's network stack with addresses of their own. What holds was measured on FreeBSD.
# All of it in a network namespace of the test's, which is the host here.
if [ "${BRIG_TEST_NETWORK-}" != own ] && [ "$(id -u)" = 0 ]; then
    BRIG_TEST_NETWORK=own exec unshare --net sh "$0"
fi
. "$(dirname "$0")/lib.sh"

cc=$(command -v cc || command -v gcc) || { echo "$test_name needs a C compiler"; rm -rf "$work"; exit 77; }
"$cc" -O1 -static -o "$work/root/bin/probe" "$tests_dir/support/socket_probe.c" || exit 1
probe=$work/root/bin/probe
brig image rm base >/dev/null
brig image create base --from-dir "$work/root" >/dev/null || exit 1
inventory | LC_ALL=C sort >"$work/before"
printf '[network.ip4only]\ndriver = "net-inherit"\nip6 = "disable"\n' >"$BRIG_CONFIG"

ip link set lo up
for address in 127.77.0.5/32 127.77.0.6/32 127.77.0.7/32; do ip address add "$address" dev lo; done
for address in fd77:1::5/128 fd77:1::6/128 fd77:1::7/128; do ip address add "$address" dev lo nodad; done

groups() { find /sys/fs/cgroup -type d -name brig 2>/dev/null | while read -r group; do ls -d "$group"/*/; done 2>/dev/null; }
groups_before=$(groups)

# Runs COMMAND… in the background with its output in FILE, and waits for READY to be written.
# serve FILE READY COMMAND…
serve() {
    file=$1 ready=$2
    shift 2
    rm -f "$ready"
    "$@" >"$file" 2>&1 &
    server=$!
    wait_for test -s "$ready"
}

for jail in l1 l2; do mkdir -p "$work/shared/$jail"; done
start() { # start NAME PARAMETERS…
    name=$1
    shift
    brig run -d --name "$name" -m "$work/shared/$name:/mnt" "$@" base sleep 1000 >/dev/null
}
start l1 -J ip4.addr=127.77.0.5 -J ip6.addr=fd77:1::5
start l2 -J ip4.addr=127.77.0.6
l1() { brig exec l1 /bin/probe "$@" </dev/null; }
l2() { brig exec l2 /bin/probe "$@" </dev/null; }

expect_match "enforced" "ip4.addr * enforced *" "$(brig params ip4.addr | awk '$1 == "ip4.addr" {$1 = $1; print}')"
expect_match "the jail shows its address" '*"ip4.addr":{"values":?"127.77.0.5"?*' \
    "$(brig inspect l1 | tr -d '\n ')"

# A socket that is bound to nothing in particular, or to the loopback, has the jail's address.
for kind in tcp4 udp4; do
    expect "$kind to the wildcard" 127.77.0.5 "$(l1 bind $kind 0.0.0.0 8090)"
    expect "$kind to the loopback" 127.77.0.5 "$(l1 bind $kind 127.0.0.1 8085)"
    expect "$kind to its own" 127.77.0.5 "$(l1 bind $kind 127.77.0.5 8085)"
    expect "$kind to a neighbour's" EADDRNOTAVAIL "$(l1 bind $kind 127.77.0.6 8085)"
    expect "$kind to the host's" EADDRNOTAVAIL "$(l1 bind $kind 127.0.0.2 8085)"
done
for kind in tcp6 udp6; do
    expect "$kind to the wildcard" fd77:1::5 "$(l1 bind $kind :: 8090)"
    expect "$kind to the loopback" fd77:1::5 "$(l1 bind $kind ::1 8085)"
    expect "$kind to a neighbour's" EADDRNOTAVAIL "$(l1 bind $kind fd77:1::6 8085)"
    expect "$kind to IPv4's wildcard" ::ffff:127.77.0.5 "$(l1 bind $kind 0.0.0.0 8085)"
    expect "$kind to a neighbour's, mapped" EADDRNOTAVAIL "$(l1 bind $kind 127.77.0.6 8085)"
done

# So two jails and the host listen on one port, and each gets its own.
serve "$work/l1" "$work/shared/l1/ready" brig exec l1 /bin/probe serve tcp4 0.0.0.0 8090 /mnt/ready
first=$server
serve "$work/l2" "$work/shared/l2/ready" brig exec l2 /bin/probe serve tcp4 0.0.0.0 8090 /mnt/ready
second=$server
serve "$work/host" "$work/ready" "$probe" serve tcp4 127.0.0.1 8090 "$work/ready"
expect "a jail reaches the other" "127.77.0.6 127.77.0.5" "$(l2 connect tcp4 127.77.0.5 8090)"
wait $first
expect "who sees where it comes from" "127.77.0.5 127.77.0.6" "$(cat "$work/l1")"
expect "the host reaches a jail" 127.77.0.6 "$("$probe" connect tcp4 127.77.0.6 8090 | cut -d' ' -f2)"
wait $second
expect "and the host itself" 127.0.0.1 "$("$probe" connect tcp4 127.0.0.1 8090 | cut -d' ' -f2)"
wait "$server"
serve "$work/l1" "$work/shared/l1/ready" brig exec l1 /bin/probe serve tcp6 :: 8082 /mnt/ready
expect "IPv6 likewise" "fd77:1::5" "$("$probe" connect tcp6 fd77:1::5 8082 | cut -d' ' -f2)"
wait "$server"

# The jail's loopback is its own address, and the host's is out of its reach.
serve "$work/l1" "$work/shared/l1/ready" brig exec l1 /bin/probe serve tcp4 0.0.0.0 8083 /mnt/ready
expect "the host finds nothing on its loopback" ECONNREFUSED "$("$probe" connect tcp4 127.0.0.1 8083)"
expect "the jail finds itself" "127.77.0.5 127.77.0.5" "$(l1 connect tcp4 127.0.0.1 8083)"
wait "$server"
serve "$work/host" "$work/ready" "$probe" serve tcp4 127.0.0.1 8084 "$work/ready"
expect "nothing of the host's" ECONNREFUSED "$(l1 connect tcp4 127.0.0.1 8084)"
expect "nor by no address" ECONNREFUSED "$(l1 connect tcp4 0.0.0.0 8084)"
expect "nor in the guise of IPv6" ECONNREFUSED "$(l1 connect tcp6 127.0.0.1 8084)"
kill "$server"
serve "$work/host" "$work/ready" "$probe" serve tcp6 ::1 8084 "$work/ready"
expect "nor over IPv6" ECONNREFUSED "$(l1 connect tcp6 ::1 8084)"
kill "$server"

# Datagrams.
serve "$work/host" "$work/ready" "$probe" serve udp4 127.77.0.7 8086 "$work/ready"
expect "a datagram is sent" ok "$(l1 send udp4 127.77.0.7 8086)"
wait "$server"
expect "from the jail's address" 127.77.0.5 "$(cat "$work/host")"
serve "$work/host" "$work/ready" "$probe" serve udp6 fd77:1::7 8086 "$work/ready"
l1 send udp6 fd77:1::7 8086 >/dev/null
wait "$server"
expect "over IPv6, too" fd77:1::5 "$(cat "$work/host")"
serve "$work/host" "$work/ready" "$probe" serve udp4 127.77.0.7 8086 "$work/ready"
l1 send udp6 127.77.0.7 8086 >/dev/null
wait "$server"
expect "and in disguise" 127.77.0.5 "$(cat "$work/host")"
expect "a source of another in the message" EADDRNOTAVAIL "$(l1 send udp4 127.77.0.7 8086 127.77.0.6)"

# A socket that listen(2) itself binds is bound to all addresses, but gets what is the jail's only.
serve "$work/l1" "$work/shared/l1/ready" brig exec l1 /bin/probe listen-unbound tcp4 /mnt/ready
port=$(cat "$work/shared/l1/ready")
"$probe" connect tcp4 127.77.0.7 "$port" >"$work/other" &
other=$!
expect "through the jail's address" 127.77.0.5 "$("$probe" connect tcp4 127.77.0.5 "$port" | cut -d' ' -f2)"
wait "$server"
kill $other 2>/dev/null
expect_match "through another's never" "127.77.0.5 *" "$(cat "$work/l1")"

# Raw sockets.
expect "none" EPERM "$(l1 raw 127.77.0.5 127.77.0.6)"
expect "no ping" EPERM "$(l1 ping 127.77.0.5 127.77.0.6)"
brig rm -f l2
start l2 -n ip4only -J ip4.addr=127.77.0.6 -J allow.raw_sockets
expect "with allow.raw_sockets" ok "$(l2 raw 127.77.0.6 127.77.0.7)"
expect "ping" ok "$(l2 ping 127.77.0.6 127.77.0.7)"
expect "not from another address" EPERM "$(l2 raw 127.77.0.5 127.77.0.7)"
expect "not to the host's loopback" EPERM "$(l2 raw 127.77.0.6 127.0.0.1)"

# Whatever a hostile process may think of.
serve "$work/tcp" "$work/ready" "$probe" serve tcp4 127.0.0.1 8099 "$work/ready"
tcp=$server
serve "$work/udp" "$work/ready" "$probe" serve udp4 127.0.0.1 8099 "$work/ready"
udp=$server
serve "$work/tcp6" "$work/ready" "$probe" serve tcp6 ::1 8099 "$work/ready"
tcp6=$server
serve "$work/udp6" "$work/ready" "$probe" serve udp6 ::1 8099 "$work/ready"
udp6=$server
expect_match "hostile" "[4-9][0-9] attempts, 0 escapes" "$(l1 hostile 127.77.0.5 127.77.0.6 8099)"
expect_match "hostile, with raw sockets" "[4-9][0-9] attempts, 0 escapes" "$(l2 hostile 127.77.0.6 127.77.0.5 8099)"
expect "nobody came to the host" "" "$(cat "$work/tcp" "$work/udp" "$work/tcp6" "$work/udp6")"
kill $tcp $udp $tcp6 $udp6

# A family without an address.
brig rm -f l2
start l2 -n ip4only -J ip4.addr=127.77.0.6
expect "there is no IPv6" EPROTONOSUPPORT "$(l2 bind tcp6 :: 80)"
expect "but IPv4" 127.77.0.6 "$(l2 bind tcp4 0.0.0.0 80)"
brig rm -f l2
start l2 -J ip4.addr=127.77.0.6
expect "or all of the host's" "::" "$(l2 bind tcp6 :: 80)"
expect "without IPv4 in disguise" EADDRNOTAVAIL "$(l2 bind tcp6 127.77.0.5 80)"

# Other addresses take effect at once.
expect "before" EADDRNOTAVAIL "$(l1 bind tcp4 127.77.0.7 80)"
brig update l1 -J ip4.addr=127.77.0.7 >/dev/null
expect "a second address" 127.77.0.7 "$(l1 bind tcp4 127.77.0.7 80)"
expect "the first stays the first" 127.77.0.5 "$(l1 bind tcp4 0.0.0.0 80)"
expect_match "what comes from a start" "ip4.addr * at the next start *" \
    "$(brig run -d --name l3 base sleep 1000 >/dev/null; brig update l3 -J ip4.addr=127.77.0.7 | awk '$1 == "ip4.addr" {$1 = $1; print}')"
brig rm -f l3

# Clashes are refused, as before.
expect_failure "an address of another jail" 125 "*IPv4 addresses clash*" brig run --rm -J ip4.addr=127.77.0.5 base true

# Nothing is left, however it ends.
brig rm -f l1
brig rm -f l2
expect "no control group" "$groups_before" "$(groups)"
round=0
while [ $round -lt 20 ]; do
    round=$((round + 1))
    "$brig_program" run --rm -J ip4.addr=127.77.0.5 -J ip6.addr=fd77:1::5 base sleep 1 >/dev/null 2>&1 &
    runner=$!
    sleep "$(awk -v round=$round 'BEGIN {printf "%.4f", round * 0.02}')"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    brig recover >/dev/null || fail "recover after round $round"
    expect "round $round: no control group" "$groups_before" "$(groups)"
done
runners=
for i in 5 6 7; do
    brig run --rm -J "ip4.addr=127.77.0.$i" base true &
    runners="$runners $!"
done
for runner in $runners; do wait "$runner" || fail "one of three at once"; done
expect "after three at once" "$groups_before" "$(groups)"


# Where cgroup2 is not mounted it is not mounted afterwards either; where it cannot be written to, a
# jail does not run without what was asked for.
groups_at=$(awk '/ - cgroup2 / {print $5}' /proc/self/mountinfo | head -n 1)
elsewhere() { # elsewhere CHANGE…: a run, after a change to mounts that only it sees
    unshare --mount sh -c "$1; \"\$@\"" sh "$brig_program" run --rm -J ip4.addr=127.77.0.5 base \
        /bin/probe bind tcp4 0.0.0.0 80 2>&1
}
if [ -n "$groups_at" ]; then
    expect "not mounted" 127.77.0.5 "$(elsewhere "umount -l '$groups_at'")"
    expect_match "read-only" "*make the control group *: Read-only file system*hint: *cgroup2*" \
        "$(elsewhere "mount -o remount,bind,ro '$groups_at'")"
    brig recover >/dev/null || fail "something is left to be recovered"
    expect "nothing is left" "$groups_before" "$(groups)"
fi

finish
