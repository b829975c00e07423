#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: connections_test.sh BRIG
# What containers leave to the kernel when they end: TCP connections in TIME_WAIT and FIN_WAIT_2, which
# keep a jail dying and its root in use. They go with the container, at once, on every storage and network.
. "$(dirname "$0")/lib.sh"

command -v nc >/dev/null || { echo "1..0 # SKIP needs nc(1)"; exit 0; }

pool=brigconn$$
storages="default copying"
if make_zfs_storage "$pool"; then
    storages="$storages zfs"
fi
networks="host local"
brig network create -d net-loopback --subnet 10.88.0.0/24 --subnet fd88::/64 local >/dev/null
if [ "$(sysctl -n kern.features.vimage 2>/dev/null)" = 1 ]; then
    brig network create -d net-vnet --subnet 10.77.0.0/24 --subnet fd77::/64 lan >/dev/null
    networks="$networks lan"
fi

ifconfig lo0 inet 127.0.0.1/8 up
make_root_with_nc "$work/root"

msl=$(sysctl -n net.inet.tcp.msl)
# Where the kernel waits less for connections with itself (14): as for others.
msl_local=$(sysctl -qn net.inet.tcp.msl_local)
# wait_for_stragglers MSL MSL_LOCAL: how long TIME_WAIT takes, in milliseconds.
wait_for_stragglers() {
    sysctl -q net.inet.tcp.msl="$1" >/dev/null
    [ -z "$msl_local" ] || sysctl -q net.inet.tcp.msl_local="$2" >/dev/null
}
put_back() {
    wait_for_stragglers "$msl" "$msl_local"
    jail -R brig-control 2>/dev/null
    for network in local lan; do brig network rm $network >/dev/null 2>&1; done
    clean_up
}
trap put_back EXIT

# The server closes first: TIME_WAIT is its.
talk='echo said | nc -N -l 127.0.0.1 4567 & sleep 1; nc 127.0.0.1 4567 </dev/null; wait'
talk6='echo said | nc -6 -N -l ::1 4568 & sleep 1; nc -6 ::1 4568 </dev/null; wait'

# seconds COMMAND…: how long it takes; 100 more if it fails.
seconds() {
    begin=$(date +%s)
    "$@" >"$work/out" 2>&1 || begin=$((begin - 100))
    echo $(($(date +%s) - begin))
}
soon() { if [ "$1" -lt "${2:-25}" ]; then echo soon; else echo "after $1 s: $(cat "$work/out")"; fi; }

# What this is about: without brig such a jail stays.
wait_for_stragglers 4000 4000
jail -c name=brig-control path=/ persist ip4=inherit
like "a connection" "*said*" "$(jexec brig-control sh -c "$talk" 2>&1)"
jail -R brig-control
is "that has ended keeps its jail" brig-control "$(jls -d name | grep brig-control)"
wait_for sh -c '! jls -d name | grep -q brig-control'
wait_for_stragglers "$msl" "$msl"

for storage in $storages; do
    named=
    [ "$storage" = default ] || named="--storage $storage"
    # shellcheck disable=SC2086
    brig image create "base-$storage" $named --from-dir "$work/root" >/dev/null
    is "$storage: an image" 0 $?
    for network in $networks; do
        # The network's own interface is there from its first container on.
        brig run --rm -n "$network" "base-$storage" true >/dev/null 2>&1
        inventory >"$work/before"
        where="$storage, $network"
        is "$where: run --rm" soon "$(soon "$(seconds brig run --rm -n "$network" "base-$storage" sh -c "$talk")")"
        is "$where: a connection was made" said "$(cat "$work/out")"
        same_as_before "$where: leaves nothing"
        brig run -d --name web -n "$network" -J stop.timeout=1 "base-$storage" sh -c "sleep 1000" >/dev/null
        brig exec web sh -c "$talk" >/dev/null
        [ "$network" = host ] || brig exec web sh -c "$talk6" >/dev/null
        is "$where: stop" soon "$(soon "$(seconds brig stop web)")"
        brig start web >/dev/null
        brig exec web sh -c "$talk" >/dev/null
        is "$where: rm -f" soon "$(soon "$(seconds brig rm -f web)")"
        same_as_before "$where: leaves nothing"
    done
done

# ---- Half closed: the other side, which goes on, has not closed ----

mkfifo "$work/open"
exec 9<>"$work/open"
nc -l 127.0.0.1 4569 <&9 >/dev/null &
inventory >"$work/before"
brig run -d --name web base-default sh -c "sleep 1000 | nc 127.0.0.1 4569" >/dev/null
wait_for sh -c "sockstat -4c | grep -q ':4569 *127.0.0.1:'"
is "half closed: rm -f" soon "$(soon "$(seconds brig rm -f web)")"
same_as_before "half closed: leaves nothing"

# ---- What somebody uses is not taken away ----

brig run -d --name web base-default sleep 1000 >/dev/null
root=$(jls -j "$(brig ps | awk '$NF == "web" || $2 == "web" {print $1}')" path)
(cd "$root" && exec sleep 1000) &
user=$!
like "in use by a process of the host" "*in use*" "$(brig rm -f web 2>&1)"
is "which lives on" "" "$(kill -0 $user 2>&1)"
is "with its directory" yes "$(procstat files $user | grep -q " cwd v d .* $root" && echo yes)"
kill $user
wait $user 2>/dev/null
is "then it goes" soon "$(soon "$(seconds brig rm -f web)")"

for network in ${networks#host}; do
    brig network rm "$network"
    is "network $network goes" 0 $?
done

echo "1..$number"
[ $failures -eq 0 ]
