# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the tests of networks, after lib.sh, in a network namespace of their own, which plays the
# host: a second one, kept by a process, plays the outside, at the other end of a cable. Who listens at
# port 7 there answers "outside" and who asks.

talk=$BRIG_BUILD/tests/talk
host4=198.51.100.1 host6=2001:db8:1::1 out4=198.51.100.2 out6=2001:db8:1::2
outside=
servers=

beyond() { nsenter -t "$outside" -n "$@"; }

make_outside() {
    unshare --net sleep 600 &
    outside=$!
    wait_for sh -c "[ \"\$(readlink /proc/$outside/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
    ip link set lo up
    ip link add wire type veth peer name wire netns "$outside"
    ip addr add $host4/24 dev wire
    ip -6 addr add $host6/64 dev wire nodad
    ip link set wire up
    beyond sh -c "ip link set lo up; ip addr add $out4/24 dev wire; ip -6 addr add $out6/64 dev wire nodad; ip link set wire up
        ip route add 10.0.0.0/8 via $host4; ip -6 route add fd00::/8 via $host6"
    for at in "tcp $out4" "udp $out4" "tcp $out6" "udp $out6"; do
        # shellcheck disable=SC2086 # two words
        nsenter -t "$outside" -n "$talk" serve $at 7 outside &
        servers="$servers $!"
    done
}

remove_outside() {
    # shellcheck disable=SC2086 # one word for each
    kill $servers $outside
    # shellcheck disable=SC2086
    wait $servers $outside 2>/dev/null
}
