#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The state lies on an overlay, as inside of Docker, where no other overlay can be written to:
# without any configuration containers get copies of their images.
if [ "${BRIG_OWN_MOUNTS-}" != yes ]; then
    BRIG_OWN_MOUNTS=yes exec unshare --mount --propagation private sh "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

mkdir "$work/lower" "$work/tmpfs" "$work/overlay"
mount -t tmpfs tmpfs "$work/tmpfs" && mkdir "$work/tmpfs/upper" "$work/tmpfs/work" || exit 1
mount -t overlay -o "lowerdir=$work/lower,upperdir=$work/tmpfs/upper,workdir=$work/tmpfs/work" \
    overlay "$work/overlay" || exit 1
outer_state=$BRIG_STATE
export BRIG_STATE=$work/overlay/state

brig image create base --from-dir "$work/root" >/dev/null; expect "image create" 0 $?
expect "run --rm" fine "$(brig run --rm base sh -c 'echo fine >/new && cat /new')"
brig run --name kept base sh -c 'cat /new; echo mine >/new' 2>/dev/null; expect "run" 0 $?
expect "what it changed is known" "A /new" "$(brig diff kept)"
expect "started again, it has what it wrote" mine "$(brig start -a kept)"
brig run --rm base test ! -e /new; expect "the image has not" 0 $?
brig rm kept; expect "rm" 0 $?
expect "one volume, the image's" 1 "$(find "$BRIG_STATE/storage/volumes" -mindepth 1 -maxdepth 1 | wc -l)"

umount "$work/overlay" || fail "something is still in use"
umount "$work/tmpfs"
export BRIG_STATE=$outer_state
finish
