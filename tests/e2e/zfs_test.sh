#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Containers on a ZFS pool of their own, which is a file.
. "$(dirname "$0")/lib.sh"

if ! zpool list -H -o name >/dev/null 2>&1; then
    echo "there is no ZFS: tests/support/zfs_daemon.sh start FOLDER"
    rm -rf "$work"
    exit 77
fi
pool=brige2e$$
truncate -s 256M "$work/disk"
zpool create -o cachefile=none -m none "$pool" "$work/disk" 2>/dev/null || { fail "no pool"; finish; }
trap 'zpool destroy -f "$pool" 2>/dev/null' EXIT

cat >"$BRIG_CONFIG" <<END
[storage.z]
driver = "storage-zfs"
dataset = "$pool/brig"
mountpoint = "$work/mnt"
quota = "64M"
END

# The datasets and snapshots of the pool, in one line.
datasets() { zfs list -H -o name -t all -r "$pool/brig" 2>/dev/null | sed "s|^$pool/brig||" | tr '\n' ' '; }
mounted() { grep -c " $work/mnt/" /proc/self/mountinfo; }

expect_match "the driver is listed" "*storage-zfs*" "$(brig driver ls)"
expect_match "the storage is listed" "*storage-zfs*" "$(brig storage ls | grep '^z ')"
brig image create zbase --from-dir "$work/root" --storage z; expect "image create" 0 $?
image=$(datasets)
expect_match "an image is a dataset with a snapshot" " /*@image " "$image"
expect "nothing of it is mounted" 0 "$(mounted)"

# Containers that are removed when they end.
expect "run" "hello" "$(brig run --rm zbase echo hello 2>&1)"
expect "it is gone" "$image" "$(datasets)"
expect "the root is writable" "new" "$(brig run --rm zbase sh -c 'echo new >/file && cat /file' 2>&1)"
expect "a clone does not see another's" 1 "$(brig run --rm zbase sh -c 'ls /file 2>/dev/null; echo $?')"
expect "the image's own devices do not work" 1 \
    "$(brig run --rm zbase sh -c 'mknod /zero c 1 5 2>/dev/null && head -c1 /zero >/dev/null 2>&1; echo $?')"

# Containers that are kept.
brig create --name kept zbase sh -c 'echo line >>/file; wc -l </file' >/dev/null; expect "create" 0 $?
expect "first start" 1 "$(brig start -a kept)"
expect "second start" 2 "$(brig start -a kept)"
expect "between starts nothing is mounted" 0 "$(mounted)"
expect_failure "an image in use stays" 1 "*" brig image rm zbase
brig rm kept; expect "rm" 0 $?
expect "nothing is left of it" "$image" "$(datasets)"

# An image goes although a container of it runs: its clones take over what they share with it.
brig image create zgone --from-dir "$work/root" --storage z >/dev/null
brig create --name one zgone cat /file >/dev/null
brig run -d --name other zgone sh -c 'echo kept >/file; sleep 1000' >/dev/null
wait_for sh -c "$brig_program diff other | grep -q /file"
if ! brig image rm --promote zgone 2>"$work/refused"; then
    expect_match "only zfs-fuse minds" "*is active, and this ZFS would unmount it*stop*" "$(tr '\n' ' ' <"$work/refused")"
    expect "what runs goes on" kept "$(brig exec other cat /file)"
    brig stop -t 1 other
    expect "rm --promote" 0 "$(brig image rm --promote zgone >/dev/null; echo $?)"
    brig start other >/dev/null
fi
expect "what was there stays" kept "$(brig exec other cat /file)"
brig rm one
expect "a clone outlives the other" kept "$(brig exec other cat /file)"
expect "its changes are still known" "A /file" "$(brig diff other)"
brig rm -f other
expect "nothing is left of all that" "$image" "$(datasets)"

# Killed in the middle.
for delay in 0.02 0.05 0.1 0.2 0.4; do
    "$brig_program" run --rm --name crash zbase sleep 1000 >/dev/null 2>&1 &
    runner=$!
    sleep $delay
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    brig recover >"$work/recovered" 2>&1 || { fail "recover"; cat "$work/recovered" >&2; }
    expect "nothing is left after $delay s" "$image" "$(datasets)"
    expect "nothing is mounted after $delay s" 0 "$(mounted)"
done
expect "a run after all that" "fine" "$(brig run --rm --name crash zbase echo fine 2>&1)"

# Several at once.
for i in 1 2 3 4 5 6 7 8; do
    brig run --rm zbase echo "number $i" >"$work/out.$i" 2>&1 &
    eval "runner_$i=\$!"
done
for i in 1 2 3 4 5 6 7 8; do
    eval "wait \$runner_$i"; expect "parallel $i: status" 0 $?
    expect "parallel $i: output" "number $i" "$(cat "$work/out.$i")"
done
expect "nothing is left of them" "$image" "$(datasets)"

# What is not brig's stays.
zfs create -o mountpoint=none "$pool/brig/mine"
zfs snapshot "$(zfs list -H -o name -t snapshot -r "$pool/brig" | sed 's/@.*//' | head -1)@theirs"
expect_failure "an image with a foreign snapshot stays" 1 "*@theirs*" brig image rm zbase
brig recover >/dev/null 2>&1
expect_match "so do foreign datasets" "*/mine *@theirs*" "$(datasets | tr ' ' '\n' | sort -r | tr '\n' ' ')"
zfs destroy "$(zfs list -H -o name -t snapshot -r "$pool/brig" | grep @theirs)"
zfs destroy "$pool/brig/mine"

# A pool that is gone is said to be.
zpool export "$pool"
expect_failure "an exported pool" 125 "*$pool*" brig run --rm zbase true
zpool import -d "$work" "$pool"
expect "it is back" "back" "$(brig run --rm zbase echo back 2>&1)"

brig image rm zbase; expect "image rm" 0 $?
expect "nothing is left" " " "$(datasets)"
zpool destroy "$pool"
trap - EXIT
finish
