#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Volumes and mounts: data outlives containers, is never lost or overwritten, and nothing leaves the root.
. "$(dirname "$0")/lib.sh"

run() { brig run --rm "$@" 2>&1; }

# A life.
expect "create says the name" "data" "$(brig volume create data)"
expect "a container writes" "" "$(run -m data:/srv/data base sh -c 'echo one >/srv/data/file; mkdir /srv/data/dir')"
expect "another one reads" "one" "$(run -m data:/elsewhere base cat /elsewhere/file)"
expect_match "read only" "*Read-only*" "$(run -m data:/mnt:ro base touch /mnt/no)"
expect "twice in one container" "one one" "$(run -m data:/a -m data:/b:ro base sh -c 'echo $(cat /a/file) $(cat /b/file)')"
expect "by -J" "one" "$(run -J 'mount=data /mnt volume ro' base cat /mnt/file)"
expect "listed" "data" "$(brig volume ls -q)"
expect_match "inspected" '*"name":"data"*"storage":"dir"*"used_by":[]*' "$(brig volume inspect data)"
id=$(brig volume inspect data | sed 's/.*"id":"\([^"]*\)".*/\1/')
expect "found by its id" "one" "$(run -m "$id:/mnt" base cat /mnt/file)"
expect_match "without a name it is called after its id" "v-*" "$(brig volume create)"

# Bad input; nothing comes of it.
expect_failure "no such volume" 3 "*no volume 'date'*did you mean 'data'*" brig create -m date:/x base true
expect_failure "the name is taken" 1 "*there is a volume 'data' already*" brig volume create data
expect_failure "a name with a slash" 3 '*the volume name "../x" *' brig volume create ../x
expect_failure "an unknown option" 3 "*no option 'qouta'*" brig volume create -o qouta=1G other
expect_failure "no option at all" 3 "*write NAME=VALUE*" brig volume create -o clone other
expect_failure "no such storage" 4 "*no storage 'tank'*" brig volume create --storage tank other
expect_failure "no target" 2 "*-m data: write SOURCE:TARGET*" brig run --rm -m data base true
expect_failure "a relative target" 2 "*-m data:x: write*" brig run --rm -m data:x base true
expect_failure "a target that leads up" 125 "*contains '..'*" brig run --rm -m data:/a/../../b base true
expect_failure "an unknown option of a mount" 125 "*unknown option 'rx'*" brig run --rm -m data:/a:rx base true
expect_failure "a source that is not there" 125 "*$work/nothing*No such file*" brig run --rm -m "$work/nothing:/a" base true
expect "nothing was made" "2" "$(brig volume ls -q | wc -l)"

# Paths of the host.
mkdir "$work/shared" "$work/shared/below"
echo host >"$work/shared/file"
mount -t tmpfs none "$work/shared/below"
echo deep >"$work/shared/below/file"
expect "a directory" "host" "$(run -m "$work/shared:/mnt" base cat /mnt/file)"
expect "with what is mounted below" "deep" "$(run -m "$work/shared:/mnt" base cat /mnt/below/file)"
expect_match "read only, all of it" "*Read-only*" "$(run -m "$work/shared:/mnt:ro" base touch /mnt/below/no)"
expect "a file" "host" "$(run -m "$work/shared/file:/etc/a/b/c:ro" base cat /etc/a/b/c)"
expect "over a file" "host" "$(run -m "$work/shared/file:/etc/passwd:ro" -u 0 base cat /etc/passwd)"
expect "a relative path" "host" "$(cd "$work" && run -m ./shared:/mnt base cat /mnt/file)"
umount "$work/shared/below"
expect "targets are made in the root" "755 0:0" "$(run -m data:/deep/er/still base stat -c '%a %u:%g' /deep/er | head -n 1)"
expect "not in the image" "" "$(run base ls -d /deep 2>/dev/null | grep -x /deep)"

# A hostile image: links where a mount point is to be.
cp -a "$work/root" "$work/evil"
ln -s "$work/outside" "$work/evil/out"
ln -s /etc "$work/evil/in"
mkdir "$work/outside"
brig image create evil --from-dir "$work/evil" >/dev/null
expect_failure "a link on the way out" 125 "*/out/x*" brig run --rm -m data:/out/x evil true
expect_failure "a link at the end" 125 "*/out*" brig run --rm -m data:/out evil true
expect_failure "a link that stays inside" 125 "*/in/x*" brig run --rm -m data:/in/x evil true
expect_failure "a file there" 125 "*/etc/passwd*" brig run --rm -m data:/etc/passwd/x evil true
expect "nothing was made outside" "" "$(ls -A "$work/outside")"

# In use.
brig run -d --name user -m data:/mnt base sleep 1000 >/dev/null
brig create --name idle -m data:/mnt base true >/dev/null
expect_failure "in use" 1 "*volume 'data' is used by idle, user*brig rm idle user*" brig volume rm data
expect "prune leaves it" "" "$(brig volume prune | grep -x data)"
brig rm -f user
expect_failure "a container that was made counts" 1 "*is used by idle*" brig volume rm data
brig rm idle
expect "the data is there" "one" "$(run -m data:/mnt base cat /mnt/file)"

# Killed while it is used.
brig run --rm --name killed -m data:/mnt base sleep 1000 >/dev/null 2>&1 &
owner=$!
wait_for sh -c "'$brig_program' ps | grep -q killed"
kill -9 "$(cat /proc/$owner/task/$owner/children 2>/dev/null | cut -d' ' -f1)" 2>/dev/null || kill -9 $owner
wait $owner 2>/dev/null
wait_for sh -c "! '$brig_program' ps | grep -q killed"
brig recover >/dev/null
expect "no user is left" "" "$(ls -A "$BRIG_RUN/volumes" 2>/dev/null)"
expect "the data is there" "one" "$(run -m data:/mnt base cat /mnt/file)"

# Populate only if it is really empty.
brig volume create fresh >/dev/null
expect "an empty one is populated" "root" "$(run -m fresh:/etc:populate base sh -c 'cut -d: -f1 /etc/passwd | head -n 1')"
run -m fresh:/etc:populate base sh -c 'echo mine >/etc/passwd'
expect "the second time it stays" "mine" "$(run -u 0 -m fresh:/etc:populate base cat /etc/passwd)"
brig volume create hidden >/dev/null
run -m hidden:/v base sh -c 'echo secret >/v/.dot'
expect "dot files count" ".dot" "$(run -u 0 -m hidden:/etc:populate base ls -A /etc)"
brig volume create nowhere >/dev/null
expect "nothing there to populate from" "" "$(run -m nowhere:/not/there:populate base ls -A /not/there)"
expect_match "without populate the volume hides the image's" "0" "$(brig volume create plain >/dev/null; run -u 0 -m plain:/etc base ls -A /etc | wc -l)"
# A copy that broke off is begun anew; a finished one is completed without replacing what came meanwhile.
brig volume create broken >/dev/null
tree=$(brig export --format json "$(brig create -m broken:/mnt base true)" 2>/dev/null | tr '",' '\n\n' | grep "/v-.*/tree" | cut -d' ' -f1 | head -n 1)
expect_match "where it is" "$BRIG_STATE/*" "$tree"
mkdir "$tree/.brig-populate" && echo half >"$tree/.brig-populate/passwd"
expect "half a copy is thrown away" "1" "$(run -m broken:/etc:populate base sh -c 'grep -c ^root /etc/passwd; ls -A /etc | grep brig')"
mkdir "$tree/.brig-populated" && echo late >"$tree/.brig-populated/late" && echo replaced >"$tree/.brig-populated/passwd"
expect "a finished one is completed" "late 1" "$(run -m broken:/etc:populate base sh -c 'echo $(cat /etc/late) $(grep -c ^root /etc/passwd)')"

# TOML.
cat >"$work/file.toml" <<END
[container.web]
image = "base"
command = ["sh", "-c", "cat /data/file /host/file >/data/seen; sleep 1000"]
mounts = [{volume = "data", target = "/data"}, {source = "$work/shared", target = "/host", read_only = true}]
END
expect "up" 0 "$(brig up -f "$work/file.toml" >/dev/null 2>&1; echo $?)"
wait_for sh -c "'$brig_program' run --rm -m data:/d base cat /d/seen | grep -q host"
brig down -f "$work/file.toml" >/dev/null
expect_match "exported for jail(8)" "*mount = \"$BRIG_STATE/*/tree/data nullfs\"*" "$(brig export web)"
brig rm web
printf '[container.x]\nimage = "base"\nmounts = [{volume = "data", source = "/x", target = "/y"}]\n' >"$work/bad.toml"
expect_failure "a source and a volume" 3 "*has a source and a volume*" brig config check -f "$work/bad.toml"

# 16 at a time on one volume.
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    brig run --rm -m data:/d base sh -c "echo $number >/d/n$number" >"$work/said$number" 2>&1 &
done
wait
expect "all of them wrote" "16" "$(run -m data:/d base sh -c 'ls /d | grep -c "^n"')"
expect "nobody complained" "" "$(cat "$work"/said*)"

# The record is lost: the data is not.
brig rm $(brig ps -a --json | tr ',' '\n' | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p') >/dev/null 2>&1
brig create --name orphan base true >/dev/null
rm -f "$BRIG_STATE"/brig.db*
message=$(brig recover 2>&1); expect "recover says that something is left" 1 $?
expect_match "it names what it leaves alone" "*volume '$id' on storage 'dir', of which there is no record*brig volume rm $id*" "$message"
expect_match "roots as well" "*(to remove it: brig recover --yes)*" "$message"
expect "nothing is lost" "one" "$(cat "$BRIG_STATE/storage/volumes/$id/tree/file")"
brig recover --yes >/dev/null 2>&1
expect "--yes leaves volumes alone" "one" "$(cat "$BRIG_STATE/storage/volumes/$id/tree/file")"
brig volume rm "$id"; expect "by its name it goes" 0 $?
for left in $(brig recover 2>&1 | sed -n 's/.*brig volume rm \(v-[0-9a-f]*\).*/\1/p'); do brig volume rm "$left"; done
expect "nothing is left" "" "$(brig recover 2>&1)"
brig image rm evil

finish
