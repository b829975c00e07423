#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: zfs.sh BUILD
#
# The kit on storage-zfs of BUILD, in a pool of its own, which is a file. Nothing is left in it.
set -eu

build=$1
if ! zpool list -H -o name >/dev/null 2>&1; then
    echo "there is no ZFS: tests/support/zfs_daemon.sh start FOLDER"
    exit 77
fi
pool=brigkit$$
work=$(mktemp -d /tmp/brig-kit.XXXXXX)
trap 'zpool destroy -f "$pool" 2>/dev/null; rm -rf "$work"' EXIT
truncate -s 512M "$work/disk"
zpool create -o cachefile=none -m none "$pool" "$work/disk" 2>/dev/null
cat >"$work/options.toml" <<END
[options]
dataset = "$pool/brig"
mountpoint = "$work/mnt"
END
sh "${0%/*}/whole.sh" "$build" storage-zfs "$work/options.toml" --real --only "artifact.* core.* strict.* crash.*"
left=$(zfs list -H -o name -t all -r "$pool/brig" | grep -v "^$pool/brig$" || :)
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
