#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig's own drivers in brig's process and in processes of their own: nobody can tell the difference.
. "$(dirname "$0")/lib.sh"

# A pool of its own, where there is ZFS.
pool=
if zpool list -H -o name >/dev/null 2>&1; then
    pool=brigsame$$
    truncate -s 256M "$work/disk"
    zpool create -o cachefile=none -m none "$pool" "$work/disk" 2>/dev/null || fail "no pool"
    trap 'zpool destroy -f "$pool"' EXIT
fi

# configure ISOLATION
configure() {
    {
        for driver in net-inherit net-loopback net-vnet storage-dir storage-zfs; do
            printf '[driver.%s]\nisolation = "%s"\n' $driver "$1"
        done
        cat <<END
[network.lan]
driver = "net-vnet"
subnet = "10.77.0.0/24"
[network.lo]
driver = "net-loopback"
subnet = "127.77.0.0/24"
END
        [ -z "$pool" ] || printf '[storage.zfs]\ndriver = "storage-zfs"\ndataset = "%s/brig"\nmountpoint = "%s/zfs"\n' \
            "$pool" "$work"
    } >"$BRIG_CONFIG"
}

# Ids, tags and what follows from them are another each time.
mask() {
    sed -E 's/ +/ /g; s/^[0-9]+: //; s/\bv[a-z0-9]{13}\b/NAME/g; s/[0-9a-f]{12}/ID/g; s/brl?[a-z0-9]{8,}/NAME/g; s/[0-9]{4}-[0-9-]*T[0-9:.]*Z/TIME/g
        s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s/"(pid|jid)": *[0-9]+/PID/g; s/PID [0-9]+/PID/g
        s/in-process|\bprocess\b/ISOLATION/g; s/10\.77\.0\.[0-9]+/ADDRESS/g
        s/127\.77\.0\.[0-9]+/ADDRESS/g; s/fe80:[0-9a-f:]*/LOCAL/g; s/ tentative//'
}

scenario() {
    brig driver ls
    for network in host none lan lo; do
        echo "== $network"
        brig run --dry-run -n $network base true
        brig run --rm -n $network base ip -o addr show
    done
    echo "== two networks, connected and disconnected"
    brig run -d --name web -n lan base sleep 1000 >/dev/null
    brig inspect web
    brig network connect lo web 2>&1
    brig network ls
    brig network disconnect lan web 2>&1
    brig exec web ip -o addr show 2>&1
    brig network connect lan web 2>&1
    brig exec web ip -o route show
    brig recover
    brig rm -f web
    storage dir
    [ -z "$pool" ] || storage zfs
    echo "== mistakes"
    brig run --rm -n lan:ip4=10.99.0.1 base true 2>&1
    brig run --rm -n lan:nosuch=1 base true 2>&1
    brig storage ls
    brig network rm lan 2>&1
}

# storage STORAGE
storage() {
    echo "== storage $1"
    brig image create own --storage "$1" --from-dir "$work/root" >/dev/null 2>&1
    brig create --name kept own sh -c 'echo changed >>/etc/motd; rm -f /etc/profile' >/dev/null
    brig start kept
    brig wait kept
    brig diff kept
    brig snapshot create kept one
    brig snapshot ls kept
    brig rollback kept one
    brig image create again --storage "$1" --from-container kept >/dev/null 2>&1
    brig run --rm again cat /etc/motd
    brig rm kept
    brig image rm again
    brig volume create --storage "$1" data >/dev/null
    brig run --rm -m data:/mnt own sh -c 'echo kept >/mnt/file'
    brig run --rm -m data:/mnt own cat /mnt/file
    brig volume rm data
    brig image rm own
}

interfaces=$(ip -o link | wc -l)
for isolation in in-process process; do
    configure $isolation
    scenario >"$work/$isolation.raw" 2>&1
    mask <"$work/$isolation.raw" >"$work/$isolation.out"
    brig network prune >/dev/null 2>&1
done
if diff -u "$work/in-process.out" "$work/process.out" >"$work/diff"; then
    pass
else
    fail "results differ: $(cat "$work/diff")"
fi
expect "no interface is left" "$interfaces" "$(ip -o link | wc -l)"
expect "the scenario was no failure" "" "$(grep -n "broke its\|crashed\|ended its own" "$work/process.out")"
expect_match "it saw containers run" "*ADDRESS*MAC*" "$(cat "$work/process.out")"
finish
