# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the tests of networks, after lib.sh: an outside host, which is a jail of the test's own
# behind the host's interface brigup0, and pf with the lines that lead to brig's rules. Both are put
# back by remove_outside.

[ "$(sysctl -n kern.features.vimage 2>/dev/null)" = 1 ] || { echo "1..0 # SKIP no VIMAGE"; exit 0; }
command -v nc >/dev/null || { echo "1..0 # SKIP needs nc(1)"; exit 0; }
kldstat -qm pf || kldload pf || { echo "1..0 # SKIP no pf"; exit 0; }
if [ -n "$(pfctl -q -s nat -s rules 2>/dev/null)" ] && [ "${BRIG_TEST_PF-}" != yes ]; then
    echo "1..0 # SKIP pf has rules on this machine; BRIG_TEST_PF=yes puts others in their place meanwhile"
    exit 0
fi

forwarding=$(sysctl -n net.inet.ip.forwarding)
forwarding6=$(sysctl -n net.inet6.ip6.forwarding)
[ -e /etc/pf.os ] || { touch /etc/pf.os && made_pf_os=yes; }
pfctl -q -s info | grep -q 'Status: Enabled' && pf_was_on=yes
{ pfctl -q -s nat && pfctl -q -s rules; } >"$work/pf.before" 2>/dev/null

remove_outside() {
    jail -R brig-outside 2>/dev/null
    ifconfig brigup0 destroy 2>/dev/null
    pfctl -q -f "$work/pf.before"
    [ -n "${pf_was_on-}" ] || pfctl -q -d 2>/dev/null
    [ -z "${made_pf_os-}" ] || rm -f /etc/pf.os
    sysctl -q net.inet.ip.forwarding="$forwarding" net.inet6.ip6.forwarding="$forwarding6" >/dev/null
}

# What a test that ends in the middle leaves: containers, and then their networks.
remove_networks() {
    remove_containers
    brig network prune >/dev/null 2>&1
}

clean_up_outside() {
    remove_networks
    remove_outside
    clean_up
}
trap clean_up_outside EXIT

# 192.0.2.2 and 2001:db8::2; the host is 192.0.2.1 and 2001:db8::1.
make_outside() {
    jail -c name=brig-outside path=/ persist vnet
    outer=$(ifconfig epair create)
    inner=${outer%a}b
    ifconfig "$outer" name brigup0 >/dev/null
    ifconfig brigup0 inet 192.0.2.1/24 up
    ifconfig brigup0 inet6 2001:db8::1/64 no_dad
    ifconfig "$inner" vnet brig-outside
    outside ifconfig lo0 inet 127.0.0.1/8 up
    outside ifconfig "$inner" inet 192.0.2.2/24 up
    outside ifconfig "$inner" inet6 2001:db8::2/64 no_dad
}

outside() { jexec brig-outside "$@"; }

# The rules of pf that an administrator would have: brig's, and then those given.
load_pf() {
    { printf 'nat-anchor "brig/*"\nrdr-anchor "brig/*"\npass\nanchor "brig/*"\n'; printf '%s\n' "$@"; } |
        pfctl -q -f -
}

# Interfaces and rules: what networks leave on the host.
net_inventory() {
    ifconfig -l | tr ' ' '\n' | sort
    for anchor in $(pfctl -q -a brig -v -s Anchors 2>/dev/null); do
        pfctl -q -a "$anchor" -s nat 2>/dev/null
        pfctl -q -a "$anchor" -s rules 2>/dev/null
    done
    jls -d name
    ls -A "$BRIG_RUN/containers" 2>/dev/null
}

same_network_as() {
    looks=25
    until net_inventory >"$work/net.after" && cmp -s "$1" "$work/net.after"; do
        looks=$((looks - 1))
        [ $looks -gt 0 ] || return 1
        sleep 0.2
    done
}

# nothing_left WHAT FILE
nothing_left() {
    if same_network_as "$2"; then ok "$1"; else not_ok "$1" "$(diff "$2" "$work/net.after")"; fi
}

# pings WHO ADDRESS: WHO is a container, or host, or outside. The first packet may get lost while
# the neighbour is looked for.
pings() {
    case $1 in
        host) set -- "$2" ;;
        outside) set -- "$2" jexec brig-outside ;;
        *) set -- "$2" brig exec "$1" ;;
    esac
    target=$1
    shift
    tries=${patience:-6}
    until "$@" ping -c 1 -t 1 "$target" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo no; return; }
    done
    echo yes
}

cannot_ping() { patience=2 pings "$@"; }

# answers WHO ADDRESS PORT [-u]: what somebody who listens there says; with -u by UDP.
answers() {
    udp=${4-}
    case $1 in
        host) set -- "$2" "$3" ;;
        outside) set -- "$2" "$3" jexec brig-outside ;;
        *) set -- "$2" "$3" brig exec "$1" ;;
    esac
    where=$1
    port=$2
    shift 2
    tries=${patience:-5}
    until said=$("$@" sh -c "echo | nc $udp -w 2 $where $port" 2>/dev/null) && [ -n "$said" ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || break
    done
    echo "$said"
}

does_not_answer() { is "$1" "" "$(patience=1 answers "$2" "$3" "$4" ${5-})"; }

# Words of shell for a container that says its name, $0, to whoever connects to PORT.
listens() { echo "(while :; do echo \"\$0\" | nc -N -l $1; done) 2>/dev/null &"; }
listens6() { echo "(while :; do echo \"\$0\" | nc -6 -N -l $1; done) 2>/dev/null &"; }
listens_udp() { echo "(while :; do echo \"\$0\" | nc -u -w 1 -l $1; done) >/dev/null 2>&1 &"; }
listens_udp6() { echo "(while :; do echo \"\$0\" | nc -6 -u -w 1 -l $1; done) >/dev/null 2>&1 &"; }

# seen_by_outside WHO ADDRESS PORT: the address that WHO has for the outside, where it listens there.
seen_by_outside() {
    family=
    case $2 in *:*) family=-6 ;; esac
    # shellcheck disable=SC2086
    outside sh -c "nc -v $family -l $3 </dev/null >/dev/null 2>$work/seen" &
    listener=$!
    wait_for sh -c "jexec brig-outside sockstat -l -p $3 | grep -q nc"
    if [ "$1" = host ]; then
        nc -w 1 "$2" "$3" </dev/null
    else
        brig exec "$1" nc -w 1 "$2" "$3" </dev/null
    fi
    sleep 0.2
    kill $listener 2>/dev/null
    wait $listener 2>/dev/null
    sed -n 's/.*from \([^ ]*\) .*/\1/p' "$work/seen"
}
