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
trap 'zpool destroy -f "$pool" 2>/dev/null; zpool destroy -f "${pool}b" 2>/dev/null' EXIT

cat >"$BRIG_CONFIG" <<END
[storage.z]
driver = "storage-zfs"
dataset = "$pool/brig"
mountpoint = "$work/mnt"
quota = "64M"
END

# The datasets and snapshots of the pool, in one line.
datasets() { zfs list -H -o name -t all -r "$pool/brig" 2>/dev/null | sed "s|^$pool/brig||" | tr '\n' ' '; }
# zfs-fuse takes a moment to let go of what was just unmounted, and calls that busy.
zfs_destroy() { wait_for sh -c 'zfs destroy "$@" 2>/dev/null' destroy "$@"; }
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
for delay in 0.05 0.1 0.2 0.3; do
    "$brig_program" diff kept >/dev/null 2>&1 &
    looker=$!
    sleep $delay
    kill -KILL $looker 2>/dev/null
    wait $looker 2>/dev/null
    brig recover >/dev/null 2>&1 || fail "recover after a diff"
    expect "a diff that is killed after $delay s leaves nothing mounted" 0 "$(mounted)"
    expect_match "nor a dataset" "* /????????????*" "$(datasets | grep -v '\.view')"
done
expect "diff" "A /file" "$(brig diff kept)"
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
zfs_destroy "$pool/brig/mine"

# Images of datasets that are there already.
theirs=$pool/theirs
zfs create -o mountpoint="$work/theirs" "$theirs"
(cd "$work/root" && tar cf - .) | (cd "$work/theirs" && tar xf -)
echo old >"$work/theirs/version"
zfs snapshot "$theirs@rel"
echo new >"$work/theirs/version"
sync -f "$work/theirs"
# What is set on theirs, and which snapshots it has but those that go with their clones.
facts() {
    zfs get -H -s local -r -o name,property,value all "$theirs" | grep -v @brig-
    zfs get -H -r -o name,value defer_destroy "$theirs" | grep -v 'on$'
}
facts >"$work/facts"
unchanged() { facts | diff "$work/facts" - >&2; expect "theirs is as it was $1" 0 $?; }

brig image create rel --from-zfs "$theirs@rel" --storage z --cmd cat --cmd /version
expect "image create --from-zfs of a snapshot" 0 $?
expect "it is a clone" "$theirs@rel" "$(zfs get -H -o value origin "$pool/brig/$(brig image inspect rel | sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' | head -1)")"
expect_match "it says where it is from" "*dataset $theirs@rel*" "$(brig image ls | grep '^rel ')"
expect "it runs" "old" "$(brig run --rm rel 2>&1)"
brig image create now --from-zfs "$theirs" --storage z; expect "of a dataset as it is" 0 $?
echo newer >"$work/theirs/version"
expect "it runs, too" "new" "$(brig run --rm now cat /version 2>&1)"
brig image create copied --from-zfs "$theirs@rel" --copy --storage z; expect "a copy" 0 $?
expect "the copy runs" "old" "$(brig run --rm copied cat /version 2>&1)"
unchanged "with its images"
truncate -s 128M "$work/disk2"
zpool create -o cachefile=none -m none "${pool}b" "$work/disk2" 2>/dev/null
zfs create -o mountpoint="$work/far" "${pool}b/far"
(cd "$work/root" && tar cf - .) | (cd "$work/far" && tar xf -)
sync -f "$work/far"
brig image create far --from-zfs "${pool}b/far" --storage z; expect "a dataset of another pool" 0 $?
expect "nothing is left there" "${pool}b ${pool}b/far " "$(zfs list -H -o name -t all -r "${pool}b" | tr '\n' ' ')"
zpool destroy -f "${pool}b"
expect "it runs without that pool" "here" "$(brig run --rm far echo here 2>&1)"
brig image rm rel now copied far; expect "rm of them" 0 $?
unchanged "without them"
expect "all of them is gone" "$image" "$(datasets)"
expect_failure "no such dataset" 4 "*there is no dataset '$pool/none'*" brig image create x --from-zfs "$pool/none" --storage z
expect_failure "no such snapshot" 4 "*there is no snapshot '$theirs@none'*" brig image create x --from-zfs "$theirs@none" --storage z
expect_failure "no such pool" 1 "*the pool 'nosuchpool' is not there*" brig image create x --from-zfs nosuchpool/x --storage z
expect_failure "not a name" 3 "*'a b'*" brig image create x --from-zfs "a b" --storage z
expect_failure "brig's own" 1 "*belongs to brig itself*" brig image create x --from-zfs "$(zfs list -H -o name -t snapshot -r "$pool/brig" | head -1)" --storage z
expect_failure "a storage without ZFS" 1 "*(storage-dir) cannot take a ZFS dataset*" brig image create x --from-zfs "$theirs" --storage dir
expect_failure "a limit that would not be kept" 3 "*--max-size*" brig image create x --from-zfs "$theirs" --storage z --max-size 1G
expect_failure "a copy of something else" 2 "*--copy*" brig image create x --from-dir "$work/root" --copy --storage z
for copy in "" --copy; do
    for delay in 0.05 0.1 0.2 0.3 0.5; do
        "$brig_program" image create crash --from-zfs "$theirs" $copy --storage z >/dev/null 2>&1 &
        maker=$!
        sleep $delay
        kill -KILL $maker 2>/dev/null
        wait $maker 2>/dev/null
        brig recover >"$work/recovered" 2>&1 || { fail "recover"; cat "$work/recovered" >&2; }
        brig image rm crash >/dev/null 2>&1  # if it was that fast
        expect "nothing is left after $delay s $copy" "$image" "$(datasets)"
    done
done
unchanged "after all that"
expect "without a snapshot of brig's" 0 "$(zfs list -H -o name -t snapshot -r "$theirs" | grep -c @brig-)"
name=$(brig volume create --storage z -o origin="$theirs@rel" mine); expect "a data volume of it" 0 $?
expect "it has the data" "old" "$(brig run --rm -m "mine:/mnt" zbase cat /mnt/version 2>&1)"
brig volume rm mine; expect "volume rm" 0 $?
zfs_destroy -r "$theirs"

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
