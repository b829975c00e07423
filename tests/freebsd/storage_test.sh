#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: storage_test.sh BRIG
# Volumes, mounts and snapshots on FreeBSD, on folders and, where the kernel has it, on ZFS.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
echo hosts >"$work/root/etc/hosts"
mkdir "$work/outside"
ln -s "$work/outside" "$work/root/out"

pool=brigtest$$
if make_zfs_storage "$pool"; then
    storages="dir copying zfs"
else
    storages="dir copying"
    echo "# no ZFS here"
fi

for storage in $storages; do
    brig image create "base-$storage" --storage "$storage" --from-dir "$work/root" >/dev/null
    is "$storage: an image" 0 $?
done
inventory >"$work/before"

for storage in $storages; do
    image=base-$storage
    run() { brig run --rm "$@" 2>&1; }
    since=
    [ "$storage" != copying ] || since=zero

    # Volumes.
    is "$storage: a volume" data "$(brig volume create --storage "$storage" data 2>&1)"
    is "$storage: is written to" "" "$(run -m data:/mnt "$image" sh -c 'echo one >/mnt/file')"
    is "$storage: and read elsewhere, where nothing was" one "$(run -m data:/new/place "$image" cat /new/place/file)"
    like "$storage: read only" "*ead-only*" "$(run -m data:/mnt:ro "$image" sh -c 'echo >/mnt/no')"
    brig create --name user -m data:/mnt "$image" true >/dev/null
    like "$storage: in use" "*volume 'data' is used by user*" "$(brig volume rm data 2>&1)"
    like "$storage: exported as a nullfs" "*mount = \"/*/mnt nullfs\"*" "$(brig export user 2>&1 | tr '\n' ' ')"
    brig rm user
    brig volume create --storage "$storage" fresh >/dev/null
    is "$storage: an empty one is populated" hosts "$(run -m fresh:/etc:populate "$image" cat /etc/hosts)"
    is "$storage: one that is not stays" one "$(run -m data:/etc:populate -J exec.system_jail_user -u 0 "$image" cat /etc/file 2>&1 | tail -n 1)"
    brig run -d --name busy -m data:/mnt "$image" sleep 1000 >/dev/null
    like "$storage: running counts" "*used by busy*" "$(brig volume rm data 2>&1)"
    brig rm -f busy
    like "$storage: inspected" '*"name":"data"*"storage":"'"$storage"'"*' "$(brig volume inspect data)"
    is "$storage: prune removes what nobody uses" fresh "$(brig volume create --storage "$storage" used >/dev/null
        brig create --name user -m used:/mnt -m data:/mnt2 "$image" true >/dev/null
        brig volume prune)"
    brig rm user
    is "$storage: twice in one container" "one one" "$(run -m data:/a -m data:/b:ro "$image" sh -c 'echo $(cat /a/file) $(cat /b/file)')"
    is "$storage: by -J, with its id" one "$(run -J "mount=$(brig volume inspect data | sed 's/.*"id":"\([^"]*\)".*/\1/') /mnt volume ro" "$image" cat /mnt/file)"

    # Bad input; nothing comes of it.
    like "$storage: no such volume" "*did you mean 'data'*" "$(brig create -m date:/x "$image" true 2>&1)"
    like "$storage: a target that leads up" "*'..'*" "$(run -m data:/a/../../b "$image" true)"
    like "$storage: an unknown option of a mount" "*unknown option 'rx'*" "$(run -m data:/a:rx "$image" true)"
    like "$storage: a source that is not there" "*$work/nothing*" "$(run -m "$work/nothing:/a" "$image" true)"
    like "$storage: a link on the way" "*/out/x*" "$(run -m data:/out/x "$image" true)"
    like "$storage: a file in the way" "*/etc/passwd*" "$(run -m data:/etc/passwd/x "$image" true)"
    is "$storage: nothing was made outside" "" "$(ls -A "$work/outside")"

    # Containers of a file, and many at once.
    mkdir -p "$work/shared"
    echo host >"$work/shared/file"
    cat >"$work/file.toml" <<END
[container.site]
image = "$image"
command = ["sh", "-c", "cat /data/file /host/file >/data/seen; sleep 1000"]
mounts = [{volume = "data", target = "/data"}, {source = "$work/shared", target = "/host", read_only = true}]
params = { stop.timeout = 1 }
END
    brig up -f "$work/file.toml" >/dev/null; is "$storage: up" 0 $?
    wait_for sh -c "'$brig_program' run --rm -m data:/d '$image' cat /d/seen | grep -q host"
    is "$storage: sees both" "one host" "$(run -m data:/d "$image" cat /d/seen | xargs)"
    brig down --rm -f "$work/file.toml" >/dev/null; is "$storage: down" 0 $?
    for i in 1 2 3 4 5 6; do
        brig run --rm -m data:/d "$image" sh -c "echo $i >/d/n$i" >"$work/said$i" 2>&1 &
        eval "runner$i=$!"
    done
    # shellcheck disable=SC2154
    wait $runner1 $runner2 $runner3 $runner4 $runner5 $runner6
    is "$storage: all of six at once wrote" "1 2 3 4 5 6" "$(run -m data:/d "$image" sh -c 'cat /d/n*' | xargs)"
    is "$storage: and nobody complained" "" "$(cat "$work"/said*)"
    brig volume rm data used; is "$storage: they go" 0 $?

    # Paths of the host.
    is "$storage: a path of the host" host "$(run -m "$work/shared:/a/b:ro" "$image" cat /a/b/file)"
    like "$storage: a single file is refused" "*not a directory*" "$(run -m "$work/shared/file:/x" "$image" true)"

    # Snapshots.
    # shellcheck disable=SC2016
    brig create --name web "$image" sh -c 'echo $(($(cat /root/n 2>/dev/null || echo 0) + 1)) >/root/n; rm -f /etc/hosts; mkdir -p /new/dir; echo x >/new/dir/file' >/dev/null
    is "$storage: nothing has changed" "" "$(brig diff web 2>&1)"
    is "$storage: a snapshot" zero "$(brig snapshot create web zero 2>&1)"
    brig start web >/dev/null && brig wait web >/dev/null
    # What a copy was made from is not known since its first snapshot.
    changes=$(brig diff web $since 2>&1 | xargs)
    like "$storage: diff has what was added" "*A /new A /new/dir A /new/dir/file A /root/n*" "$changes"
    like "$storage: and deleted" "*D /etc/hosts*" "$changes"
    is "$storage: another one" one "$(brig snapshot create web one 2>&1)"
    like "$storage: rollback past it is refused" "*one*" "$(brig rollback web zero 2>&1)"
    brig rollback --force web zero; is "$storage: unless forced" 0 $?
    is "$storage: the content is that of then" "" "$(brig diff web $since 2>&1)"
    is "$storage: listed" zero "$(brig snapshot ls web | awk 'NR > 1 {print $1}')"
    is "$storage: run from one" hosts "$(run web@zero cat /etc/hosts)"
    brig create --name clone web@zero true >/dev/null
    if [ "$storage" != copying ]; then
        brig snapshot rm web zero 2>/dev/null; is "$storage: not while it is cloned" 1 $?
        brig rm web 2>/dev/null; is "$storage: nor its container" 1 $?
    fi
    brig rm clone web; is "$storage: both go together" 0 $?

    # Layer upon layer: each start covers, removes and replaces what those before have made.
    # shellcheck disable=SC2016
    brig create --name layers "$image" sh -c 'n=$(($(cat /root/n 2>/dev/null || echo 0) + 1))
        echo $n >/root/n; echo $n >/root/n$n; rm -rf /root/n$((n - 2)) /d; mkdir /d; echo $n >/d/f$n; rm -f /etc/hosts' >/dev/null
    for round in 1 2 3; do
        brig start layers >/dev/null && brig wait layers >/dev/null && brig snapshot create layers s$round >/dev/null
    done
    is "$storage: the first" "1 f1 n n1" "$(run layers@s1 sh -c 'cat /root/n; ls /d /root; ls /etc/hosts' 2>/dev/null | sed /:/d | xargs)"
    is "$storage: the third" "3 f3 n n2 n3" "$(run layers@s3 sh -c 'cat /root/n; ls /d /root; ls /etc/hosts' 2>/dev/null | sed /:/d | xargs)"
    for i in 1 2 3 4; do
        brig run --rm layers@s2 sh -c "echo $i >/root/n; cat /root/n /root/n2" >"$work/said$i" 2>&1 &
        eval "runner$i=$!"
    done
    # shellcheck disable=SC2154
    wait $runner1 $runner2 $runner3 $runner4
    is "$storage: four of one at once" "1 2 2 2 3 2 4 2" "$(cat "$work/said1" "$work/said2" "$work/said3" "$work/said4" | xargs)"
    is "$storage: which left it as it was" 2 "$(run layers@s2 cat /root/n)"
    brig image create "deep-$storage" --from-container layers >/dev/null; is "$storage: an image of it" 0 $?
    is "$storage: which has it all" "3 f3" "$(run "deep-$storage" sh -c 'cat /root/n; ls /d' | xargs)"
    if [ "$storage" = dir ]; then
        brig run -d --name deep "deep-$storage" sleep 1000 >/dev/null
        is "$storage: never a layer on a layer" "devfs nullfs unionfs" \
            "$(mount -pv | grep -F "$work" | awk '$3 != "zfs" {print $3}' | sort | xargs)"
        brig rm -f deep >/dev/null
    fi
    brig rm layers; brig image rm "deep-$storage"; is "$storage: all of them go" 0 $?

    # An image that is used goes; its containers keep what they share with it.
    brig image create "passing-$storage" --storage "$storage" --from-dir "$work/root" >/dev/null
    brig create --name first "passing-$storage" cat /etc/hosts >/dev/null
    brig run -d --name second "passing-$storage" sh -c 'echo kept >/file; sleep 1000' >/dev/null
    wait_for brig exec second cat /file
    if [ "$storage" != zfs ]; then brig stop -t 1 second >/dev/null; fi
    brig image rm --promote "passing-$storage" >/dev/null; is "$storage: image rm --promote" 0 $?
    is "$storage: what was not run is whole" hosts "$(brig start -a first 2>&1)"
    brig rm first
    if [ "$storage" = zfs ]; then
        is "$storage: what runs goes on" kept "$(brig exec second cat /file 2>&1)"
    else
        brig start second >/dev/null
        is "$storage: what ran runs again" hosts "$(brig exec second cat /etc/hosts 2>&1)"
    fi
    # Copies forget what they were made from.
    [ "$storage" = copying ] ||
        is "$storage: what it changed is known" "A /file" "$(brig diff second 2>&1 | grep file)"
    brig rm -f second

    # Killed in the middle.
    brig volume create --storage "$storage" data >/dev/null
    brig run --rm --name killed -m data:/mnt "$image" sleep 1000 >/dev/null 2>&1 &
    owner=$!
    wait_for is_running killed
    kill -9 "$(pgrep -P $owner -f brig || echo $owner)" 2>/dev/null
    kill -9 $owner 2>/dev/null
    wait $owner 2>/dev/null
    brig recover >/dev/null 2>&1
    wait_for no_container_runs
    is "$storage: no user is left" "" "$(ls -A "$BRIG_RUN/volumes" 2>/dev/null)"
    brig volume rm data; is "$storage: the volume can go" 0 $?
done

case $storages in
*zfs*)
    # While it runs.
    brig run -d --name live --storage-opt quota=50M base-zfs sh -c 'echo 1 >/root/n; sleep 1000' >/dev/null
    wait_for brig exec live cat /root/n
    is "zfs: a snapshot of a running container" now "$(brig snapshot create live now 2>&1)"
    is "zfs: has what was there" 1 "$(brig run --rm live@now cat /root/n 2>&1)"
    like "zfs: no rollback of a running one" "*running*" "$(brig rollback live now 2>&1)"
    is "zfs: its quota" 52428800 "$(zfs list -Hpr -o quota "$pool/brig" | sort -n | tail -n 1)"
    brig rm -f live
    brig volume create --storage zfs -o quota=5M small >/dev/null
    like "zfs: a quota holds" "*uota*" "$(brig run --rm -m small:/mnt base-zfs sh -c \
        'i=0; while [ $i -lt 20 ] && cat /bin/* /bin/* >>/mnt/f; do i=$((i + 1)); done' 2>&1)"
    brig volume rm small; is "zfs: a full volume can go" 0 $?
    brig image create other --storage zfs --from-dir "$work/root" >/dev/null
    zfs snapshot "$pool/brig/$(brig image inspect other | sed 's/.*"id":"\([^"]*\)".*/\1/')@foreign"
    like "zfs: a foreign snapshot is named and left alone" "*foreign*" "$(brig image rm other 2>&1)"
    zfs destroy "$pool/brig/$(brig image inspect other | sed 's/.*"id":"\([^"]*\)".*/\1/')@foreign"
    brig image rm other; is "zfs: without it the image goes" 0 $?
    ;;
esac
same_as_before "nothing is left"

# The records are lost: the data is not.
orphans=
for storage in $storages; do
    orphans="$orphans $(brig volume inspect "$(brig volume create --storage "$storage")" | sed 's/.*"id":"\([^"]*\)".*/\1/')"
    brig create --name "orphan-$storage" "base-$storage" true >/dev/null
done
rm -f "$BRIG_STATE"/brig.db*
message=$(brig recover 2>&1); is "recover says that something is left" 1 $?
for id in $orphans; do
    like "it names $id" "*volume '$id' on storage *brig volume rm $id*" "$message"
done
brig recover --yes >/dev/null 2>&1
is "--yes leaves volumes alone, and nothing else" "$(echo "$orphans" | wc -w | xargs)" \
    "$(brig recover 2>&1 | grep -c 'there is no record')"
for id in $orphans; do
    brig volume rm "$id"; is "by its id it goes" 0 $?
done
is "nothing is left of what was lost" "" "$(brig recover 2>&1)"
same_as_before "nothing at all"

for storage in $storages; do
    brig image rm "base-$storage"; is "$storage: the image goes" 0 $?
done
case $storages in
*zfs*) is "zfs: nothing but the parent is left" "$pool/brig" "$(zfs list -Hr -t all -o name "$pool" | sed 1d)" ;;
esac

echo "1..$number"
[ $failures -eq 0 ]
