#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# OCI images as skopeo and umoci write them come in, and what goes out is read by both.
. "$(dirname "$0")/lib.sh"

if ! command -v skopeo >/dev/null || ! command -v umoci >/dev/null; then
    echo "$test_name needs skopeo and umoci (Debian has packages of these names)"
    rm -rf "$work"
    exit 77
fi
cd "$work" || exit 1
umask 022

# quiet COMMAND…: its output only if it fails.
quiet() { "$@" >"$work/quiet" 2>&1 || fail "$*: $(cat "$work/quiet")"; }
volumes() { find "$BRIG_STATE/storage/volumes" -mindepth 1 -maxdepth 1 | wc -l; }
field() { brig image inspect "$2" | sed "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/"; }

# An image of two layers; the second takes files away.
quiet umoci init --layout layout
quiet umoci new --image layout:v1
quiet umoci unpack --image layout:v1 bundle
cp -a root/. bundle/rootfs/
mkdir -p bundle/rootfs/data/sub
echo 1 >bundle/rootfs/data/a
echo 2 >bundle/rootfs/data/sub/b
echo 3 >bundle/rootfs/gone
chown 12:34 bundle/rootfs/data/a
quiet umoci repack --refresh-bundle --image layout:v1 bundle
rm -r bundle/rootfs/data/sub bundle/rootfs/gone bundle/rootfs/data/a
mkdir bundle/rootfs/data/a
echo new >bundle/rootfs/data/new
quiet umoci repack --refresh-bundle --image layout:v1 bundle
quiet umoci config --image layout:v1 --config.user 0:0 --config.env FOO=bar --config.entrypoint /bin/sh \
    --config.cmd -c --config.cmd 'echo "$FOO" in $(pwd)' --config.workingdir /data --history.comment "some words"

# In from every form.
quiet skopeo copy oci:layout:v1 oci-archive:archive.tar:v1
quiet skopeo copy oci:layout:v1 docker-archive:docker.tar:some/name:v3
quiet skopeo copy --dest-compress-format zstd oci:layout:v1 oci:zstd:v1
gzip -k archive.tar
before=$(volumes)
for source in layout:v1 layout archive.tar archive.tar:v1 archive.tar.gz docker.tar docker.tar:some/name:v3 zstd; do
    brig image create in --from-oci "$source" >/dev/null; expect "$source: status" 0 $?
    expect "$source: its command" "bar in /data" "$(brig run --rm in)"
    expect "$source: files" "a
new" "$(brig run --rm in ls)"
    expect "$source: whiteout" "" "$(brig run --rm in -c 'ls /gone' 2>/dev/null)"
    brig image rm in
done
brig image create in --from-oci - <archive.tar >/dev/null; expect "standard input" 0 $?
expect_match "history" "*umoci repack*some words*brig image create: OCI image on standard input*" \
    "$(brig image history in | tr '\n' ' ')"
expect "platform" linux "$(field platform in | cut -d/ -f1)"
brig image rm in
for archive in archive.tar docker.tar archive.tar.gz; do
    brig image import in "$archive" >/dev/null; expect "import $archive" 0 $?
    expect "import $archive: it runs" "bar in /data" "$(brig run --rm in)"
    brig image rm in
done
tar -C root -cf root.tar .
brig image import in - --cmd /bin/true <root.tar >/dev/null; expect "import of a root" 0 $?
brig run --rm in; expect "its command" 0 $?
brig image rm in
expect "nothing is left of archives" "$before" "$(volumes)"

# What is wrong.
expect_failure "no such tag" 3 "*no image 'v2'*there is: v1*" brig image create no --from-oci layout:v2
expect_failure "another platform" 3 "*not for plan9/mips*--platform*" brig image create no --from-oci layout --platform plan9/mips
expect_failure "no layout" 3 "*no OCI image layout*" brig image create no --from-oci root
expect_failure "no archive of one" 3 "*no OCI image layout*" brig image create no --from-oci root.tar
expect_failure "not there" 4 "*there is no*" brig image create no --from-oci nowhere:v1
expect_failure "too large" 3 "*--max-size*" brig image create no --from-oci layout --max-size 100K
for blob in layout/blobs/sha256/*; do
    case $(head -c 2 "$blob" | od -An -tx1 | tr -d ' ') in 1f8b) last=$blob ;; esac
done
cp "$last" kept
printf 'X' | dd of="$last" bs=1 seek=100 conv=notrunc 2>/dev/null
expect_failure "a damaged layer" 3 "*SHA-256*" brig image create no --from-oci layout
rm "$last"
expect_failure "a missing layer" 3 "*is missing*" brig image create no --from-oci layout
cp kept "$last"
expect "nothing is left of failures" "$before" "$(volumes)"

# Out, and in again.
brig image create out:v7 --from-oci layout >/dev/null
brig image export out:v7 --format oci -o out.tar; expect "export" 0 $?
expect "it is private" 600 "$(stat -c %a out.tar)"
brig image export out:v7 --format oci >again.tar; expect "export to standard output" 0 $?
cmp out.tar again.tar || fail "two exports differ"
expect_failure "it replaces nothing" 1 "*there is a file*--force*" brig image export out:v7 --format oci -o out.tar
brig image export out:v7 --format oci --compress zstd --force -o out.tar; expect "--force" 0 $?
for compression in none gzip zstd; do
    brig image export out:v7 --format oci --compress $compression --force -o out.tar; expect "$compression" 0 $?
    quiet skopeo inspect --config oci-archive:out.tar
    expect_match "$compression: skopeo inspect" '*"FOO=bar"*' "$(tr -d ' \n' <quiet)"
    rm -rf unpacked out-layout
    quiet skopeo copy oci-archive:out.tar:v7 oci:out-layout:v7
    # umoci 0.4.7 knows no zstd.
    if [ $compression != zstd ]; then
        quiet umoci unpack --image out-layout:v7 unpacked
        expect "$compression: umoci unpack" new "$(cat unpacked/rootfs/data/new)"
    fi
    brig image create in --from-oci out.tar >/dev/null; expect "$compression: in again" 0 $?
    expect "$compression: it runs" "bar in /data" "$(brig run --rm in)"
    brig image export in --format tar | tar -tvf - >in.list
    brig image export out:v7 | tar -tvf - >out.list
    cmp in.list out.list || fail "$compression: what comes in is not what went out"
    brig image rm in
done
expect_match "the history goes on" "*umoci repack*some words*brig image create*" \
    "$(umoci stat --image out-layout:v7 | tr '\n' ' ')"
expect_failure "no xz in OCI" 3 "*xz*" brig image export out:v7 --format oci --compress xz -o x.tar

# Archives.
for name in x.tar x.tgz x.tar.xz x.tar.zst; do
    brig image export out:v7 -o $name; expect "export to $name" 0 $?
    expect "$name" new "$(tar -xOf $name data/new)"
    rm $name
done
expect_failure "no streams here" 1 "*storage 'dir' has no streams*" brig image export out:v7 --format stream -o x
expect_failure "nor into it" 1 "*can receive no streams*" brig image import in root.tar --format stream --storage dir
expect_failure "no such format" 2 "*zip*" brig image export out:v7 --format zip
expect_failure "a folder" 3 "*no ordinary file*" brig image export out:v7 -o root
expect_failure "in no folder" 1 "*nowhere*" brig image export out:v7 -o nowhere/x.tar
expect_failure "a full disk" 1 "*No space*hint: *" sh -c "$brig_program image export out:v7 >/dev/full"
expect "nothing is left of exports" "" "$(find . -maxdepth 1 -name '.*.brig-*'; ls -A "$BRIG_STATE/exports")"

# Killed on the way, at any time.
round=0
while [ $round -lt 6 ]; do
    round=$((round + 1))
    "$brig_program" image export out:v7 --format oci --compress zstd --force -o out.tar 2>/dev/null &
    victim=$!
    sleep 0.$round
    kill -KILL $victim 2>/dev/null
    wait $victim 2>/dev/null
done
brig recover >/dev/null
expect "nothing is left of one that was killed" "" "$(find . -maxdepth 1 -name '.*.brig-*'; ls -A "$BRIG_STATE/exports")"
quiet skopeo inspect oci-archive:out.tar

brig image rm out:v7
cd / || exit 1
finish
