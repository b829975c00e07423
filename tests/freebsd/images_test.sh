#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: images_test.sh BRIG
# Images from every source and to every format, on folders and, where the kernel has it, on ZFS: what
# goes in comes out as it was, whatever a file may be on FreeBSD.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
# Everything that a file can be.
odd=$work/root/odd
mkdir -p "$odd/folder" "$odd/sticky"
echo content >"$odd/file"
ln "$odd/file" "$odd/hard"
ln -s ../etc/passwd "$odd/link"
ln -s /nowhere/at/all "$odd/dangling"
mkfifo -m 640 "$odd/fifo"
mknod "$odd/device" c 1 3
echo owned >"$odd/owned"
chown 12:34 "$odd/owned"
cp /bin/echo "$odd/setuid"
chown 0:0 "$odd/setuid"
chmod 4751 "$odd/setuid"
chmod 2755 "$odd/folder"
chmod 1777 "$odd/sticky"
truncate -s 3m "$odd/sparse"
echo end >>"$odd/sparse"
echo flags >"$odd/flags"
chflags nodump,schg "$odd/flags"
setextattr user note "some words" "$odd/file"
long=$(jot -b x -s '' 200)
echo long >"$odd/$long"
printf 'x' >"$odd/a name with blanks"
printf 'x' >"$odd/$(printf 'caf\303\251')"
touch -t 200102030405.06 "$odd/file"

pool=brigimages$$
storages="dir copying"
if make_zfs_storage "$pool"; then
    storages="dir copying zfs"
fi

# about FOLDER: what its files are. ZFS marks all that was changed with uarch.
about() {
    (cd "$1" && find . -print | LC_ALL=C sort | while read -r file; do
        format='%N %Sp %u:%g %Sf'
        [ -d "$file" ] && [ ! -L "$file" ] || format="$format %z %m %l %Y"
        stat -f "$format" "$file" | sed 's/ uarch / - /; s/ uarch$/ -/; s/,uarch//; s/uarch,//'
    done)
}
field() { brig image inspect "$2" | sed "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/"; }
run() { brig run --rm "$@" 2>&1; }
# look IMAGE: where a container of it, "look", has its root.
look() {
    brig run -d --name look "$1" sleep 1000 >/dev/null
    brig export look 2>/dev/null | sed -n 's/.*path = "\([^"]*\)".*/\1/p' | head -n 1
}
# keeps_everything IMAGE HOW: its files are those of "$work/about"; then it goes.
keeps_everything() {
    root=$(look "$1")
    is "$storage: $2 keeps everything" "" "$(about "$root/odd" | diff "$work/about" - 2>&1)"
    brig rm -f look
    brig image rm "$1"
}

tar -C "$work/root" -cf "$work/root.tar" .
digest=$(sha256 -q "$work/root.tar")
mkdir "$work/www"
tar -C "$work/root" -cJf "$work/www/base.txz" .
printf 'base.txz\t%s\t10\tbase\t"Base"\ton\n' "$(sha256 -q "$work/www/base.txz")" >"$work/www/MANIFEST"
gzip -k "$work/root.tar"
# What is made once and stays.
for storage in $storages; do
    brig image create warm --storage "$storage" --from-dir "$work/root" >/dev/null
    brig run --rm warm true
    brig image rm warm
done
inventory >"$work/before"

for storage in $storages; do
    # Sources.
    brig image create base --storage "$storage" --from-dir "$work/root" >/dev/null
    is "$storage: --from-dir" 0 $?
    is "$storage: its source" "directory $work/root" "$(field source base)"
    is "$storage: runs" content "$(run base cat /odd/hard)"
    root=$(look base)
    about "$work/root/odd" >"$work/about"
    is "$storage: --from-dir keeps everything" "" "$(about "$root/odd" | diff "$work/about" - 2>&1)"
    # unionfs shows none, storage-dir keeps them.
    [ "$storage" != dir ] || root=$BRIG_STATE/storage/volumes/$(field id base)/layers/1/tree
    is "$storage: and extended attributes" "some words" "$(getextattr -q user note "$root/odd/file" 2>&1)"
    is "$storage: hard links" "$(stat -f %i "$root/odd/file")" "$(stat -f %i "$root/odd/hard")"
    brig rm -f look
    for source in root.tar root.tar.gz www/base.txz; do
        brig image create other --storage "$storage" --from-tar "$work/$source" >/dev/null
        is "$storage: --from-tar $source" 0 $?
        keeps_everything other "$source"
    done
    brig image create other --storage "$storage" --from-tar - --cmd /usr/bin/true --env A=b <"$work/root.tar" >/dev/null
    is "$storage: from standard input" 0 $?
    brig run --rm other; is "$storage: with a command" 0 $?
    brig image rm other
    brig image create other --storage "$storage" --from-url "file://$work/www/base.txz" >/dev/null
    is "$storage: --from-url, as a release is" "0 content" "$? $(run other cat /odd/file)"
    brig image rm other
    brig image create other --storage "$storage" --from-url "file://$work/root.tar" --sha256 "$digest" >/dev/null
    is "$storage: --from-url --sha256" 0 $?
    is "$storage: its digest" "sha256:$digest" "$(field digest other)"
    brig image rm other
    like "$storage: another digest" "*not what it should be*" \
        "$(brig image create no --storage "$storage" --from-url "file://$work/root.tar" --sha256 "$(jot -b 0 -s '' 64)" 2>&1)"
    like "$storage: nobody listens" "*hint: *" \
        "$(brig image create no --storage "$storage" --from-url http://127.0.0.1:1/x --sha256 "$digest" 2>&1)"
    head -c 3000000 "$work/root.tar" >"$work/cut.tar"
    like "$storage: an archive that is cut" "brig: *" "$(brig image create no --storage "$storage" --from-tar "$work/cut.tar" 2>&1)"
    like "$storage: too much in it" "*--max-size*" "$(brig image create no --storage "$storage" --from-tar "$work/root.tar" --max-size 1M 2>&1)"
    like "$storage: not there" "*" "$(brig image create no --storage "$storage" --from-dir "$work/nothing" 2>&1)"
    is "$storage: nothing is left of those" "base" "$(brig image ls | awk 'NR > 1 {print $1}' | xargs)"

    # Out, and in again.
    for compression in none gzip xz zstd; do
        brig image export base --format tar --compress $compression --force -o "$work/out.tar"
        is "$storage: export, $compression" 0 $?
        brig image import again "$work/out.tar" --storage "$storage" >/dev/null
        is "$storage: import, $compression" 0 $?
        keeps_everything again "$compression"
    done
    for compression in none gzip zstd; do
        brig image export base --format oci --compress $compression --force -o "$work/out.oci"
        is "$storage: export as OCI, $compression" 0 $?
        brig image create again --storage "$storage" --from-oci "$work/out.oci" >/dev/null
        is "$storage: --from-oci, $compression" 0 $?
        keeps_everything again "OCI, $compression"
    done
    brig image export base --format oci --compress zstd --force -o "$work/again.oci"
    cmp -s "$work/out.oci" "$work/again.oci"; is "$storage: the same bytes every time" 0 $?
    mkdir "$work/layout"
    tar -C "$work/layout" -xf "$work/out.oci"
    brig image create again --storage "$storage" --from-oci "$work/layout" >/dev/null
    is "$storage: a layout in a folder" 0 $?
    like "$storage: is for this platform" "freebsd/*" "$(field platform again)"
    like "$storage: history" "*directory $work/root*OCI image*" "$(brig image history again | xargs)"
    like "$storage: for another platform" "*plan9*" "$(brig image create no --storage "$storage" --from-oci "$work/layout" --platform plan9/mips 2>&1)"
    brig image rm again
    for blob in "$work"/layout/blobs/sha256/*; do
        case $(head -c 4 "$blob" | od -An -tx1 | tr -d ' ') in 28b52ffd) printf X | dd of="$blob" bs=1 seek=100 conv=notrunc 2>/dev/null ;; esac
    done
    like "$storage: a damaged layer" "*SHA-256*" "$(brig image create no --storage "$storage" --from-oci "$work/layout" 2>&1)"
    rm -rf "$work/layout"

    # From a container.
    brig run --name maker -e C=d base sh -c 'echo made >/root/made; rm /odd/owned; echo more >>/odd/file' >/dev/null
    brig image create committed --storage "$storage" --from-container maker --workdir /root >/dev/null
    is "$storage: --from-container" 0 $?
    is "$storage: has what was made" "made content more" "$(run committed sh -c 'echo $(cat made /odd/file)')"
    is "$storage: and not what was removed" 1 "$(run committed sh -c 'ls /odd/owned 2>/dev/null; echo $?')"
    like "$storage: with the command" '*"command":[[]"sh",*' "$(brig image inspect committed)"
    brig rm maker
    brig run -d --name busy committed sleep 1000 >/dev/null
    like "$storage: not of one that runs" "*'busy' is running*" "$(brig image create no --storage "$storage" --from-container busy 2>&1)"
    like "$storage: in use" "*used by busy*" "$(brig image rm committed 2>&1)"
    brig rm -f busy
    brig image rm committed

    # Names.
    id=$(field id base)
    brig image tag base second:v1; is "$storage: tag" "$id" "$(field id second:v1)"
    like "$storage: by id with two names" "*base:latest, second:v1*" "$(brig image rm "$id" 2>&1)"
    brig image rm second:v1
    brig image create base --storage "$storage" --from-dir "$work/root" >/dev/null
    is "$storage: prune" "$id" "$(brig image prune)"
    brig image rm base; is "$storage: rm, with immutable files in it" 0 $?
    same_as_before "$storage: nothing is left"
done
chflags -R 0 "$work/root"

echo "1..$number"
[ $failures -eq 0 ]
