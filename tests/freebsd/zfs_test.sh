#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: zfs_test.sh BRIG
# What storage-zfs can do beyond other storages, on pools that are files: options, datasets that are
# lent to jails, streams from pool to pool, and pools that are away, full, read-only or locked.
. "$(dirname "$0")/lib.sh"

pool=brigone$$
other=brigtwo$$
if ! make_pool "$pool" || ! make_pool "$other"; then
    echo "1..0 # SKIP needs ZFS"
    exit 0
fi
cat >>"$BRIG_CONFIG" <<END
[storage.zfs]
driver = "storage-zfs"
dataset = "$pool/brig"
mountpoint = "$work/zfs"
[storage.other]
driver = "storage-zfs"
dataset = "$other/deep/brig"
mountpoint = "$work/zfs-other"
quota = "200M"
compression = "gzip-3"
properties = ["copies=2", "me:note=a b"]
END
zfs create -o mountpoint=none "$other/deep"

make_root "$work/root"
copy_program /sbin/zfs "$work/root"
echo hosts >"$work/root/etc/hosts"
brig image create base --storage zfs --from-dir "$work/root" >/dev/null
is "an image" 0 $?

id_of() { brig "${2:-image}" inspect "$1" | sed 's/.*"id":"\([^"]*\)".*/\1/'; }
run() { brig run --rm "$@" 2>&1; }
# property NAME DATASET
property() { zfs get -Hp -o value "$1" "$2" 2>/dev/null; }
container_id() { brig ps -a | awk -v name="$1" '$2 == name {print $1}'; }

image=$(id_of base)
is "it is a dataset with a snapshot" "$pool/brig/$image $pool/brig/$image@image" \
    "$(zfs list -Hr -t all -o name "$pool/brig" | sed 1d | xargs)"
is "that is not mounted" no "$(zfs get -H -o value mounted "$pool/brig/$image")"
is "and hidden from users" drwx------ "$(ls -ld "$work/zfs/$pool/brig" 2>/dev/null | awk '{print $1}')"
is "the parent is no file system to mount" "none off" \
    "$(property mountpoint "$pool/brig") $(property canmount "$pool/brig")"
like "the storage is listed" "*storage-zfs*" "$(brig storage ls | grep zfs)"
like "and inspected" "*$pool/brig*" "$(brig storage inspect zfs)"
inventory >"$work/before"

# Options.
brig create --name options --storage-opt quota=60M --storage-opt refquota=50M --storage-opt \
    reservation=4M --storage-opt refreservation=2M --storage-opt compression=zle --storage-opt \
    recordsize=16K --storage-opt atime=false --storage-opt properties=exec=on base true >/dev/null
is "a container with every option" 0 $?
brig start options >/dev/null && brig wait options >/dev/null
dataset=$pool/brig/$(container_id options)
is "has them" "62914560 52428800 4194304 2097152 zle 16384 off on" \
    "$(for name in quota refquota reservation refreservation compression recordsize atime exec; do
        property $name "$dataset"
    done | xargs)"
is "is a clone of the image" "$pool/brig/$image@image" "$(property origin "$dataset")"
like "which is in use" "*used by options*" "$(brig image rm base 2>&1)"
brig rm options; is "it goes" 0 $?
for option in recordsize=1000 compression=lz5 properties=mountpoint=/etc properties=jailed=on \
    properties=nosuch=on quota=x; do
    brig run --rm --storage-opt $option base true >/dev/null 2>&1
    is "$option is refused" 125 $?
done
brig volume create --storage other -o quota=10M vol >/dev/null
dataset=$other/deep/brig/$(id_of vol volume)
is "options of the storage and of the volume" "10485760 gzip-3 2 a b" \
    "$(for name in quota compression copies me:note; do property $name "$dataset"; done | xargs)"
brig volume rm vol
zfs destroy "$other/deep/brig"
same_as_before "nothing is left of options"

# What runs in it.
is "devices of the image do not work" 2 "$(run base sh -c 'echo >/dev/null && sh -c "exec cat /zero" 2>/dev/null; echo $?' | tail -n 1 | sed 's/[^0]/2/')"
is "a root of 8 at once" "1 2 3 4 5 6 7 8" "$(for i in 1 2 3 4 5 6 7 8; do
    brig run --rm base sh -c "echo $i" 2>&1 &
done | sort -n | xargs)"
same_as_before "nothing is left of 8 at once"
brig run -d --name busy base sleep 1000 >/dev/null
root=$work/zfs/$pool/brig/$(container_id busy)
is "it is mounted at its place" "$pool/brig/$(container_id busy)" "$(mount -p | awk -v at="$root" '$2 == at {print $1}')"
zfs snapshot "$pool/brig/$(container_id busy)@theirs"
brig stop -t 1 busy >/dev/null
like "a snapshot of somebody keeps it" "*theirs*" "$(brig rm busy 2>&1)"
is "its record stays" busy "$(brig ps -a | awk 'NR == 2 {print $2}')"
zfs hold keep "$pool/brig/$image@image"
zfs destroy "$pool/brig/$(container_id busy)@theirs"
brig rm busy; is "without it, it goes" 0 $?
like "a held snapshot keeps the image" "*held*" "$(brig image rm base 2>&1)"
zfs release keep "$pool/brig/$image@image"
zfs create -o mountpoint=none "$pool/brig/$image/child"
like "so does a dataset in it" "*child*" "$(brig image rm base 2>&1)"
zfs destroy "$pool/brig/$image/child"
zfs create -o mountpoint=none "$pool/brig/mine"
brig recover >/dev/null 2>&1; is "recover does not mind those of others" 0 $?
is "and leaves them alone" "$pool/brig/mine" "$(zfs list -H -o name "$pool/brig/mine")"
zfs destroy "$pool/brig/mine"
zfs mount "$pool/brig/$image" 2>/dev/null
is "an image that somebody mounted can be run" fine "$(run base echo fine)"
zfs unmount "$pool/brig/$image"
same_as_before "nothing is left of what others did"

# Snapshots.
brig create --name web base sh -c 'echo $(($(cat /root/n 2>/dev/null || echo 0) + 1)) >/root/n' >/dev/null
in_web() { brig start web >/dev/null && brig wait web >/dev/null; }
for name in one two three; do
    in_web
    brig snapshot create web $name >/dev/null
done
is "snapshots, the oldest first" "one two three" "$(brig snapshot ls web | awk 'NR > 1 {print $1}' | xargs)"
is "from each" "1 2 3" "$(for name in one two three; do run "web@$name" cat /root/n; done | xargs)"
is "since one" "C /root/n" "$(brig diff web one | grep -v ' /root$')"
brig create --name clone web@two true >/dev/null
like "a clone keeps what is newer, too" "*clone*" "$(brig rollback --force web one 2>&1)"
is "nothing is lost by that" "one two three" "$(brig snapshot ls web | awk 'NR > 1 {print $1}' | xargs)"
brig rm clone
brig rollback --force web one; is "without it they go" one "$(brig snapshot ls web | awk 'NR > 1 {print $1}')"
in_web
is "it goes on from there" 2 "$(brig snapshot create web again >/dev/null; run web@again cat /root/n)"
zfs promote "$pool/brig/$(container_id web)"
is "one that somebody promoted still runs" 0 "$(in_web; echo $?)"
zfs promote "$pool/brig/$image"
brig rm web; is "it goes with its snapshots" 0 $?
same_as_before "nothing is left of snapshots"

# Datasets that are lent to jails.
zfs create -o mountpoint=/lent -o canmount=noauto "$pool/lent"
lend() { brig run --rm -J zfs.dataset="$pool/lent" -J allow.mount -J allow.mount.zfs -J enforce_statfs=1 "$@" 2>&1; }
lend base zfs snapshot "$pool/lent@no" >/dev/null; is "one that is not for jails is only seen" 1 $?
zfs set jailed=on "$pool/lent"
is "inside it is seen, and nothing else" "$pool $pool/lent" "$(lend base zfs list -H -o name | xargs)"
is "is administered" "$pool/lent/inner" "$(lend base sh -c "zfs create -o canmount=noauto $pool/lent/inner && zfs list -H -o name $pool/lent/inner")"
is "is mounted" written "$(lend base sh -c "zfs mount $pool/lent && echo written >/lent/file && cat /lent/file")"
is "what was made stays" "$pool/lent/inner" "$(zfs list -H -o name "$pool/lent/inner")"
like "a dataset that is not there" "*nothing*" "$(brig run --rm -J zfs.dataset="$pool/nothing" base true 2>&1)"
brig run -d --name lender -J zfs.dataset="$pool/lent" -J allow.mount -J allow.mount.zfs -J enforce_statfs=1 base sh -c \
    "zfs mount $pool/lent; sleep 1000" >/dev/null
wait_for sh -c "mount -pv | grep -q '^$pool/lent'"
brig rm -f lender; is "one with a file system that it mounted goes" 0 $?
is "which is not mounted any more" "" "$(mount -pv | grep "^$pool/lent")"
zfs destroy -r "$pool/lent"
is "its own root" "$pool/brig" "$(brig run --rm --storage-opt jailed=true -J allow.mount -J allow.mount.zfs -J enforce_statfs=1 base sh -c 'zfs list -H -o name' 2>&1 | sed 's,/[^/]*$,,' | tail -n 1)"
brig create --name own --storage-opt jailed=true -J allow.mount -J allow.mount.zfs -J enforce_statfs=1 \
    base sh -c 'set -- $(zfs list -H -o name | sed -n \$p); zfs snapshot "$1@inside"; echo snapshot $?' >/dev/null
like "where it makes a snapshot" "*snapshot 0*" "$(brig start -a own 2>&1)"
like "that keeps it" "*inside*" "$(brig rm own 2>&1)"
zfs destroy "$pool/brig/$(container_id own)@inside"
brig rm own; is "until it is destroyed" 0 $?
same_as_before "nothing is left of lending"

# From pool to pool.
is "a stream" 0 "$(brig image export base --format stream -o "$work/stream"; echo $?)"
is "into the other pool" 0 "$(brig image import copy "$work/stream" --format stream --storage other >/dev/null; echo $?)"
is "it runs there" hosts "$(run copy cat /etc/hosts)"
is "with the options of that storage" gzip-3 "$(property compression "$other/deep/brig/$(id_of copy)")"
is "by a pipe, back" 0 "$(brig image export copy --format stream | brig image import back - --format stream --storage zfs >/dev/null; echo $?)"
is "it runs here, too" hosts "$(run back cat /etc/hosts)"
brig image export base | bsdtar -tvf - | sort >"$work/list.base"
brig image export back | bsdtar -tvf - | sort >"$work/list.back"
is "nothing of it was changed" "" "$(diff "$work/list.base" "$work/list.back")"
like "no stream for folders" "*can receive no streams*" "$(brig image import no "$work/stream" --format stream --storage dir 2>&1)"
size=$(stat -f %z "$work/stream")
for kept in 0 100 312 $((size / 2)) $((size - 1)); do
    head -c $kept "$work/stream" | brig image import no - --format stream --storage other >/dev/null 2>"$work/err"
    is "cut after $kept bytes" "3 1" "$? $(grep -c '^brig: .*' "$work/err")"
done
zfs send -R "$pool/brig/$image@image" >"$work/replicated"
like "a replication" "*" "$(brig image import no "$work/replicated" --format stream --storage other 2>&1)"
is "is refused" "" "$(brig image ls | grep '^no ')"
brig image rm back
brig image rm copy
zfs destroy "$other/deep/brig"
rmdir "$work/zfs-other/$other/deep/brig"
same_as_before "nothing is left of streams"

# From datasets of the host.
zfs create -o mountpoint="$work/theirs" -o compression=off "$pool/theirs"
tar -C "$work/root" -cf - . | tar -C "$work/theirs" -xf -
echo old >"$work/theirs/etc/version"
zfs snapshot "$pool/theirs@rel"
echo new >"$work/theirs/etc/version"
zfs create -V 8M "$pool/block"
# theirs: their snapshots, and all that is set on them.
theirs() { zfs list -Hr -t all -o name,userrefs "$pool/theirs"; zfs get -Hpr -s local,received -o name,property,value all "$pool/theirs"; }
theirs >"$work/theirs.before"
version() { run "$1" cat /etc/version; }
brig image create rel --storage zfs --from-zfs "$pool/theirs@rel" >/dev/null; is "an image of a snapshot" 0 $?
dataset=$pool/brig/$(id_of rel)
is "is a clone" "$pool/theirs@rel" "$(property origin "$dataset")"
is "has what the snapshot has" old "$(version rel)"
like "says where it is from" "*dataset $pool/theirs@rel*" "$(brig image ls | grep '^rel ')"
is "theirs is as it was" "" "$(theirs | diff "$work/theirs.before" -)"
brig image create now --storage zfs --from-zfs "$pool/theirs" >/dev/null; is "of a dataset as it is" 0 $?
snapshot=$(property origin "$pool/brig/$(id_of now)")
is "by a snapshot that goes with it" "$pool/theirs@brig-$(id_of now) on" "$snapshot $(property defer_destroy "$snapshot")"
echo newer >"$work/theirs/etc/version"
is "has what was there then" new "$(version now)"
like "it keeps the dataset" "*dependent clones*" "$(zfs destroy -r "$pool/theirs" 2>&1)"
brig create --name heir now cat /etc/version >/dev/null
brig image rm --promote now; is "it can go before its container" 0 $?
is "which has it all" new "$(brig start -a heir 2>&1)"
brig rm heir; is "and goes" 0 $?
wait_for sh -c "! zfs list '$snapshot'"
is "the snapshot is gone" "" "$(theirs | diff "$work/theirs.before" -)"
brig image create copied --storage zfs --from-zfs "$pool/theirs" --copy >/dev/null; is "a copy" 0 $?
is "is no clone" - "$(property origin "$pool/brig/$(id_of copied)")"
is "it has what there is" newer "$(version copied)"
brig image create far --storage other --from-zfs "$pool/theirs@rel" >/dev/null; is "into another pool" 0 $?
is "it is a copy" "- old" "$(property origin "$other/deep/brig/$(id_of far)") $(version far)"
brig image create near --storage other --from-zfs "$pool/theirs" >/dev/null; is "without a snapshot" 0 $?
is "as it is" newer "$(version near)"
like "a volume" "*is a volume*" "$(brig image create no --storage zfs --from-zfs "$pool/block" 2>&1)"
like "none that is there" "*there is no dataset '$pool/none'*" "$(brig image create no --storage zfs --from-zfs "$pool/none" 2>&1)"
like "nor such a snapshot" "*there is no snapshot '$pool/theirs@none'*" "$(brig image create no --storage zfs --from-zfs "$pool/theirs@none" 2>&1)"
like "no such pool" "*the pool 'brignone' is not there*" "$(brig image create no --storage zfs --from-zfs brignone/x 2>&1)"
like "one of brig" "*belongs to brig*" "$(brig image create no --storage zfs --from-zfs "$pool/brig/$image" 2>&1)"
like "into folders" "*cannot take a ZFS dataset*" "$(brig image create no --storage dir --from-zfs "$pool/theirs" 2>&1)"
is "are refused" "" "$(brig image ls | grep '^no ')"
brig image rm rel copied far near; is "they go" 0 $?
is "theirs is as it was before them" "" "$(theirs | diff "$work/theirs.before" -)"
zfs destroy "$pool/block"
zfs destroy -r "$pool/theirs"; is "and can be destroyed" 0 $?
rmdir "$work/theirs"
zfs destroy "$other/deep/brig"
rmdir "$work/zfs-other/$other/deep/brig"
same_as_before "nothing is left of theirs"

# A pool that is away.
zpool export "$pool"
for command in "run --rm base true" "image create no --storage zfs --from-dir $work/root" "volume create --storage zfs no"; do
    # shellcheck disable=SC2086
    like "away: $command" "*the pool '$pool' is not there*" "$(brig $command 2>&1)"
done
is "the default storage works" 0 "$(brig volume create here >/dev/null 2>&1; echo $?)"
brig volume rm here
zpool import -o readonly=on -d "$work" "$pool"
like "read-only: nothing is made" "*read-only*" "$(run base true)"
zpool export "$pool"
zpool import -d "$work" "$pool"
is "it is back" back "$(run base echo back)"
same_as_before "nothing is left of a pool that was away"

# A parent that is locked.
if echo password | zfs create -o encryption=on -o keyformat=passphrase -o mountpoint=none "$other/locked" 2>/dev/null; then
    printf '[storage.locked]\ndriver = "storage-zfs"\ndataset = "%s/locked/brig"\nmountpoint = "%s/zfs-locked"\n' "$other" "$work" >>"$BRIG_CONFIG"
    brig image create secret --storage locked --from-dir "$work/root" >/dev/null; is "encrypted: an image" 0 $?
    is "it runs" hosts "$(run secret cat /etc/hosts)"
    zfs unload-key "$other/locked"; is "nothing of it is mounted, so its key can go" 0 $?
    like "locked" "*locked*zfs load-key*" "$(run secret true | tr '\n' ' ')"
    like "nor a new one" "*locked*" "$(brig volume create --storage locked no 2>&1)"
    like "nor an image of it" "*'$other/locked' is encrypted and locked*" "$(brig image create no --storage zfs --from-zfs "$other/locked" 2>&1)"
    echo password | zfs load-key "$other/locked" >/dev/null
    is "with its key it runs" hosts "$(run secret cat /etc/hosts)"
    brig image rm secret; is "it goes" 0 $?
    zfs destroy -r "$other/locked"
fi

# One that is full.
brig volume create --storage zfs data >/dev/null
run -m data:/mnt base sh -c 'cat /dev/urandom >/mnt/f' >/dev/null 2>&1
zpool sync "$pool"
like "full: no image" "*o space*" "$(brig image create no --storage zfs --from-dir "$work/root" 2>&1)"
brig volume rm data; is "the volume can go" 0 $?
zpool sync "$pool"
wait_for sh -c "[ \"\$(zpool get -Hp -o value freeing $pool)\" = 0 ]"
is "then there is room again" fine "$(run base echo fine)"
same_as_before "nothing is left of a full pool"

brig image rm base; is "the image goes" 0 $?
is "nothing but the parent is left" "$pool/brig" "$(zfs list -Hr -t all -o name "$pool" | sed 1d)"

echo "1..$number"
[ $failures -eq 0 ]
