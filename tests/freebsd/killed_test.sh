#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: killed_test.sh BRIG
# brig is killed at moments that are spread over every command that deals with storage; afterwards
# `brig recover` leaves what was there before, and what the command makes can be made and removed.
# BRIG_CRASH_ROUNDS: how often each of them is killed; BRIG_CRASH_STORAGES: dir, zfs.
. "$(dirname "$0")/lib.sh"

rounds=${BRIG_CRASH_ROUNDS:-6}

make_root "$work/root"
mkdir "$work/tiny" "$work/tiny/etc"
echo x >"$work/tiny/etc/file"
pool=brigkill$$
storages=dir
if make_zfs_storage "$pool"; then
    storages="dir zfs"
fi
storages=${BRIG_CRASH_STORAGES:-$storages}

seconds_for() { /usr/bin/time -p -o "$work/time" "$@" >"$work/out" 2>&1; awk '$1 == "real" {print $2}' "$work/time"; }

# killed WHAT PREPARE COMMAND UNDO: the last three are words of shell; COMMAND is brig's. What PREPARE
# and COMMAND made, UNDO removes, if it is there.
killed() {
    what=$1 prepare=$2 command=$3 undo=$4
    inventory | sort >"$work/before"
    # shellcheck disable=SC2086
    { eval "$prepare"; } >/dev/null 2>&1
    # shellcheck disable=SC2086
    span=$(seconds_for "$brig_program" $command)
    { eval "$undo"; } >/dev/null 2>&1
    complaints=
    round=0
    while [ $round -lt "$rounds" ]; do
        round=$((round + 1))
        delay=$(echo "$span $round $rounds" | awk '{printf "%.3f", $1 * ($2 - 0.5) / $3}')
        { eval "$prepare"; } >/dev/null 2>&1
        # shellcheck disable=SC2086
        "$brig_program" $command >/dev/null 2>&1 </dev/null &
        victim=$!
        sleep "$delay"
        kill -KILL $victim 2>/dev/null
        wait $victim 2>/dev/null
        recovered=$(brig recover 2>&1) || complaints="$complaints
after $delay of $span s: recover: $recovered"
        { eval "$undo"; } >"$work/undone" 2>&1
        # What was killed may have children that take a moment to end.
        tries=25
        until inventory | sort >"$work/after" && cmp -s "$work/before" "$work/after"; do
            tries=$((tries - 1))
            if [ $tries -eq 0 ]; then
                complaints="$complaints
after $delay of $span s: $(diff "$work/before" "$work/after")
undo said: $(cat "$work/undone")"
                brig recover --yes >/dev/null 2>&1
                break
            fi
            sleep 0.2
        done
    done
    is "$what" "" "$complaints"
}

for storage in $storages; do
    brig image create "base-$storage" --storage "$storage" --from-dir "$work/root" >/dev/null
    is "$storage: an image" 0 $?
    image=base-$storage
    brig image export "$image" --format oci -o "$work/image.oci" --force
    brig image export "$image" --format tar -o "$work/image.tar" --force
    brig volume create --storage "$storage" "data-$storage" >/dev/null
    data=data-$storage
    # The folder that a dataset is mounted on stays as long as the dataset.
    brig run --rm -m "$data:/mnt" "$image" true
    brig create --name "web-$storage" "$image" sh -c 'echo x >>/root/n; rm -f /etc/group' >/dev/null
    web=web-$storage
    brig snapshot create "$web" zero >/dev/null
    brig start "$web" >/dev/null && brig wait "$web" >/dev/null

    killed "$storage: image create --from-dir" : \
        "image create new --storage $storage --from-dir $work/root" "brig image rm new"
    killed "$storage: image create --from-tar" : \
        "image create new --storage $storage --from-tar $work/image.tar" "brig image rm new"
    killed "$storage: image create --from-oci" : \
        "image create new --storage $storage --from-oci $work/image.oci" "brig image rm new"
    killed "$storage: image create --from-container" : \
        "image create new --storage $storage --from-container $web" "brig image rm new"
    killed "$storage: image export --format tar" : \
        "image export $image --format tar -o $work/out.tar" "rm -f $work/out.tar"
    killed "$storage: image export --format oci" : \
        "image export $image --format oci --compress none -o $work/out.tar" "rm -f $work/out.tar"
    killed "$storage: image rm" "brig image create new --storage $storage --from-dir $work/tiny" \
        "image rm new" "brig image rm new"
    killed "$storage: image rm --promote" \
        "brig image create new --storage $storage --from-dir $work/tiny; brig create --name made new true" \
        "image rm --promote new" "brig image rm --promote new; brig rm made; brig image prune"
    killed "$storage: create" : "create --name made $image true" "brig rm made"
    killed "$storage: rm" "brig create --name made $image true" "rm made" "brig rm made"
    killed "$storage: run --rm" : "run --rm $image true" :
    killed "$storage: run" : "run --name ran -m $data:/mnt $image true" "brig rm ran"
    killed "$storage: run -d" : "run -d --name ran -m $data:/mnt $image sleep 1000" "brig rm -f ran"
    killed "$storage: stop" "brig run -d --name ran -m $data:/mnt $image sleep 1000" "stop -t 1 ran" \
        "brig rm -f ran"
    killed "$storage: populate" "brig volume create --storage $storage fresh" \
        "run --rm -m fresh:/etc:populate $image true" "brig volume rm fresh"
    killed "$storage: volume create" : "volume create --storage $storage v" "brig volume rm v"
    killed "$storage: volume rm" "brig volume create --storage $storage v" "volume rm v" "brig volume rm v"
    killed "$storage: snapshot create" : "snapshot create $web one" "brig snapshot rm $web one"
    killed "$storage: snapshot rm" "brig snapshot create $web one" "snapshot rm $web one" \
        "brig snapshot rm $web one"
    killed "$storage: rollback" "brig snapshot create $web one; brig start $web; brig wait $web" \
        "rollback --force $web zero" "brig rollback --force $web zero"
    killed "$storage: run from a snapshot" : "run --rm $web@zero true" :
    killed "$storage: diff" : "diff $web" :
    killed "$storage: recover" \
        "$brig_program run --rm -m $data:/mnt $image sleep 1000 & sleep 1.5; kill -KILL \$!; wait \$!" \
        "recover" :
    if [ "$storage" = zfs ]; then
        brig image export "$image" --format stream -o "$work/image.stream"
        killed "zfs: image import --format stream" : \
            "image import new $work/image.stream --format stream --storage zfs" "brig image rm new"
        killed "zfs: image export --format stream" : \
            "image export $image --format stream -o $work/out.stream" "rm -f $work/out.stream"
        zfs create -o mountpoint="$work/theirs" "$pool/theirs"
        echo x >"$work/theirs/file"
        zfs snapshot "$pool/theirs@rel"
        for source in theirs theirs@rel; do
            killed "zfs: image create --from-zfs $source" : \
                "image create new --storage zfs --from-zfs $pool/$source" "brig image rm new"
            killed "zfs: image create --from-zfs $source --copy" : \
                "image create new --storage zfs --from-zfs $pool/$source --copy" "brig image rm new"
        done
        zfs destroy -r "$pool/theirs"
        killed "zfs: snapshot create of one that runs" "brig run -d --name live $image sleep 1000" \
            "snapshot create live s" "brig rm -f live"
    fi
    is "$storage: all works after that" fine "$(brig run --rm -m "$data:/mnt" "$image" echo fine 2>&1)"
    brig rm "$web"; is "$storage: the container goes" 0 $?
    brig volume rm "$data"; is "$storage: so does the volume" 0 $?
    brig image rm "$image"; is "$storage: and the image" 0 $?
done
is "nothing is left on the storage" "" "$(ls -A "$BRIG_STATE/storage/volumes")"
case $storages in
*zfs*) is "nor in the pool" "$pool/brig" "$(zfs list -Hr -t all -o name "$pool" | sed 1d)" ;;
esac

echo "1..$number"
[ $failures -eq 0 ]
