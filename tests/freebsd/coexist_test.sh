#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: coexist_test.sh BRIG
# Beside other managers of jails: what jail(8), Bastille, iocage, pot and podman leave on a machine, made
# by hand in their manner, is never touched, also where brig wants the same names, and when it cleans up.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
echo "/sbin/nologin" >>"$work/root/etc/shells"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?

# Takes away what is theirs.
away() {
    [ -z "$limited" ] || rctl -r jail:web
    for jail in web 3f2a9c1b7d60 stack parent; do jail -r "$jail" 2>/dev/null; done
    umount "$work/plain/dev/fd" "$work/plain/dev" 2>/dev/null
    if kldstat -qm pf; then
        for anchor in rdr/web cni-rdr/podman pot-rdr/one bastille; do pfctl -q -a "$anchor" -F all 2>/dev/null; done
    fi
    [ -z "$pair" ] || ifconfig "$pair" destroy 2>/dev/null
    ifconfig cni-podman0 destroy 2>/dev/null
    if [ $made_lo -eq 0 ]; then ifconfig lo1 destroy; else ifconfig lo1 inet 10.17.89.10 -alias 2>/dev/null; fi
}
limited=
pair=
made_lo=1
trap 'away; clean_up' EXIT

pool=brigco$$
theirs_zfs=
if make_zfs_storage "$pool"; then
    theirs_zfs=yes
    # iocage, Bastille and podman: their datasets, properties, snapshots and clones.
    zfs create -o mountpoint="$work/iocage" -o org.freebsd.ioc:active=yes "$pool/iocage"
    zfs create -p "$pool/iocage/releases/13.2-RELEASE/root"
    zfs snapshot "$pool/iocage/releases/13.2-RELEASE/root@web"
    zfs create "$pool/iocage/jails"
    zfs clone -o org.freebsd.ioc:name=web "$pool/iocage/releases/13.2-RELEASE/root@web" "$pool/iocage/jails/web"
    zfs create -p -o mountpoint="$work/bastille" -o canmount=noauto "$pool/bastille/jails/db"
    zfs create "$pool/containers"
    # What somebody else keeps below the very dataset that brig uses.
    zfs create -o mountpoint=none "$pool/brig"
    zfs create "$pool/brig/somebodys"
    zfs snapshot "$pool/brig/somebodys@theirs"
fi
# A jail of jail(8), with mounts; one of ocijail, named as podman names them; one with a stack of its own.
cp -Rp "$work/root" "$work/plain"
jail -c name=web path="$work/plain" mount.devfs mount.fdescfs ip4=disable host.hostname=web persist \
    command=/bin/sh -c 'sleep 10000 &' >/dev/null 2>&1
jail -c name=3f2a9c1b7d60 path="$work/plain" ip4=disable persist
jail -c name=stack path=/ vnet persist
jail -c name=parent path=/ children.max=3 persist
jexec parent jail -c name=child path=/ persist 2>/dev/null
# Interfaces and addresses as Bastille, pot and podman have them.
ifconfig lo1 create 2>/dev/null; made_lo=$?
ifconfig lo1 inet 10.17.89.10/32 alias
ifconfig bridge77 create && ifconfig bridge77 name cni-podman0 >/dev/null && ifconfig cni-podman0 inet 10.88.0.1/16
pair=$(ifconfig epair create 2>/dev/null)
[ -z "$pair" ] || ifconfig "$pair" description "vnet host interface for Bastille jail db" >/dev/null
# Rules in anchors of theirs; brig's own are below brig/.
if kldstat -qm pf; then
    echo 'rdr pass inet proto tcp from any to any port 8080 -> 10.17.89.10 port 80' | pfctl -q -a rdr/web -f -
    echo 'nat on lo1 inet from 10.88.0.0/16 to any -> 127.0.0.1' | pfctl -q -a cni-rdr/podman -f -
    echo 'pass all' | pfctl -q -a pot-rdr/one -f -
    echo 'table <jails> { 10.17.89.10 }' | pfctl -q -a bastille -f -
fi
rctl -a jail:web:maxproc:deny=50 2>/dev/null && limited=yes

# What is theirs.
theirs() {
    jls -d name path | grep -v -e "$BRIG_STATE" -e "$work/zfs" | sort
    mount -pv | grep -F "$work/plain" | awk '{print $1, $2, $3}'
    ifconfig lo1; ifconfig cni-podman0
    [ -z "$pair" ] || ifconfig "$pair"
    [ -z "$theirs_zfs" ] || zfs list -H -t all -o name,origin,mounted,org.freebsd.ioc:active -r "$pool" | grep -v -e "^$pool	" -e "^$pool/brig	" -e "$pool/brig/[0-9a-v]"
    kldstat -qm pf && for anchor in rdr/web cni-rdr/podman pot-rdr/one; do
        pfctl -q -a "$anchor" -s nat; pfctl -q -a "$anchor" -s rules
    done
    kldstat -qm pf && pfctl -q -a bastille -t jails -T show
    rctl 2>/dev/null | grep jail:web
    ps -ax -o command -J "$(jls -j web jid)" | grep sleep
}
untouched() {
    theirs >"$work/theirs.now" 2>&1
    is "$1" "" "$(diff "$work/theirs" "$work/theirs.now")"
}
theirs >"$work/theirs" 2>&1
is "there is something" 1 "$(grep -c '^3f2a9c1b7d60 ' "$work/theirs")"

# Names that are taken.
brig run -d --name web base sleep 1000 >"$work/out" 2>&1
like "a container with the name of a jail" "0 *" "$? $(cat "$work/out")"
is "exec is in the container" "$(brig ps | awk '$2 == "web" {print $1}')" "$(brig exec web hostname)"
brig stop web; brig rm web
untouched "web, the jail, goes on"
brig rm -f 3f2a9c1b7d60 >"$work/out" 2>&1
like "a jail is no container" "[1-9]* *" "$? $(cat "$work/out")"
brig exec stack id >"$work/out" 2>&1; like "exec: neither" "12[0-9] *stack*" "$? $(cat "$work/out")"
brig stop parent >/dev/null 2>&1; brig kill child >/dev/null 2>&1
untouched "nor can it be stopped or killed as one"

# Networks that are taken.
brig network create -d net-vnet --subnet 10.88.0.0/16 lan >"$work/out" 2>&1
if brig network inspect lan >/dev/null 2>&1; then
    brig run --rm -n lan base true >"$work/out" 2>&1
    like "the subnet of somebody's bridge" "*10.88.0*" "$(cat "$work/out")"
    brig network rm lan >/dev/null 2>&1
fi
untouched "somebody's bridge"
if brig network create -d net-loopback --subnet 10.17.89.0/24 loop >"$work/out" 2>&1; then
    brig run --rm -n loop --ip 10.17.89.10 base true >"$work/out" 2>&1
    like "an address that somebody has" "[1-9]* *10.17.89.10*" "$? $(cat "$work/out")"
    brig run --rm -n loop --ip 10.17.89.11 base true; is "one that nobody has" 0 $?
    brig network rm loop; is "the network goes" 0 $?
fi
untouched "somebody's address"

# On ZFS, beside what others keep below the same dataset.
if [ -n "$theirs_zfs" ]; then
    brig image create zbase --storage zfs --from-dir "$work/root" >/dev/null; is "an image on ZFS" 0 $?
    brig run --rm zbase true; is "a container on it" 0 $?
    brig image create taken --from-zfs "$pool/iocage/jails/web" --storage zfs >/dev/null 2>&1
    brig run --rm taken true >/dev/null 2>&1
    brig image rm taken >/dev/null 2>&1
    untouched "datasets of others"
    like "what is not brig's cannot be removed as an image" "[1-9]*" "$(brig image rm somebodys 2>/dev/null; echo $?)"
fi

# Cleaning up means one's own.
brig run --rm --name crash base sleep 1000 &
runner=$!
wait_for is_running crash
kill -KILL "$(pgrep -P $runner -f run || echo $runner)" 2>/dev/null
kill -KILL $runner 2>/dev/null; wait $runner 2>/dev/null
brig recover --yes >"$work/out" 2>&1
untouched "recover --yes"
rm -f "$BRIG_STATE"/brig.db*
brig recover --yes >"$work/out" 2>&1
untouched "recover --yes without records"
brig network prune >/dev/null 2>&1; brig volume prune >/dev/null 2>&1; brig image prune >/dev/null 2>&1
brig stop --all >/dev/null 2>&1; brig start --all >/dev/null 2>&1
untouched "prune, stop --all, start --all"
[ -z "$theirs_zfs" ] || brig image rm zbase >/dev/null 2>&1
brig image rm base >/dev/null 2>&1
untouched "the images go"

echo "1..$number"
[ $failures -eq 0 ]
