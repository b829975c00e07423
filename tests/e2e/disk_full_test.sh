#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The state directory is full, nearly full or read-only: one message with a hint, nothing left, and
# all is well when there is room again.
if [ "${BRIG_OWN_MOUNTS-}" != yes ]; then
    # The small file system is mounted where nobody else sees it.
    BRIG_OWN_MOUNTS=yes exec unshare --mount --propagation private sh "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

mkdir "$work/small" "$work/src"
echo content >"$work/src/file"
mount -t tmpfs -o size=8m,mode=700 tmpfs "$work/small" || exit 1
export BRIG_STATE=$work/small/state
brig image create base --from-dir "$work/root" >/dev/null || fail "cannot make the image"

# fill KIB: leaves so much room.
fill() {
    rm -f "$work/small/filler"
    filler=$(($(df -k --output=avail "$work/small" | tail -n 1) - $1))
    [ $filler -le 0 ] || dd if=/dev/zero of="$work/small/filler" bs=1024 count=$filler 2>/dev/null
}

volumes() { find "$BRIG_STATE/storage/volumes" -mindepth 1 -maxdepth 1 | wc -l; }

# attempt WHAT PATTERN COMMAND…: it succeeds, or says once what is missing and what to do. True if
# it succeeded.
attempt() {
    what=$1 pattern=$2
    shift 2
    before=$(volumes)
    "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ $status -ne 0 ] || return 0
    case $status in 1 | 125) pass ;; *) fail "$what: status $status" ;; esac
    expect_match "$what" "$pattern" "$(cat "$work/err")"
    expect "$what: one message" 1 "$(grep -v '^brig: warning' "$work/err" | grep -c '^brig: ')"
    expect "$what: one hint" 1 "$(grep -c '^hint: ' "$work/err")"
    # A container that is to stay, and ran, does stay.
    grep -q "^brig: ending " "$work/err" || expect "$what: no volume is left" "$before" "$(volumes)"
    return 1
}

remove_all() {
    for container in $(brig ps -a --json | tr '{' '\n' | sed -n 's/^"id":"\([^"]*\)".*/\1/p'); do
        brig rm "$container" || fail "$1: cannot remove $container"
    done
    for image in $(brig image ls | awk 'NR > 1 && $1 != "base" {print $3}'); do
        brig image rm "$image" || fail "$1: cannot remove image $image"
    done
}

no_room="brig: *hint: free some space*"
for room in 0 4 8 12 16 24 32 48 64 96 128 192 256 512; do
    fill $room
    attempt "$room KiB, image create" "$no_room" brig image create more --from-dir "$work/src"
    attempt "$room KiB, run --rm" "$no_room" brig run --rm base true
    attempt "$room KiB, create" "$no_room" brig create --name made base true
    attempt "$room KiB, run" "$no_room" brig run --name kept base true
    attempt "$room KiB, ps" "$no_room" brig ps -a
    rm -f "$work/small/filler"
    brig recover >"$work/recovered" 2>&1 || fail "$room KiB: recover: $(cat "$work/recovered")"
    remove_all "$room KiB"
    expect "$room KiB: one image" 1 "$(volumes)"
    expect "$room KiB: works again" fine "$(brig run --rm base echo fine)"
done

# A container that was running when the disk became full ends as always.
brig run -d --name running base sleep 1000 >/dev/null
fill 0
brig stop -t 5 running 2>"$work/err" || expect_match "stop" "$no_room" "$(cat "$work/err")"
rm -f "$work/small/filler"
brig rm -f running; expect "rm of the stopped one" 0 $?

# What there is can be looked at, though nothing can be written.
brig create --name seen base true >/dev/null
mount -o remount,ro "$work/small"
expect "read-only: ps" seen "$(brig ps -a | awk 'NR == 2 {print $2}')"
expect "read-only: image ls" base "$(brig image ls | awk 'NR == 2 {print $1}')"
read_only="brig: *[Rr]ead-only*hint: *"
for command in "image create more --from-dir $work/src" "create base true" "run base true" \
    "run --rm base true" "rm seen" "rename seen other" "image tag base other"; do
    # shellcheck disable=SC2086
    ! attempt "read-only, $command" "$read_only" brig $command || fail "read-only, $command: it went well"
done
mount -o remount,rw "$work/small"
expect "works again" fine "$(brig run --rm base echo fine)"
brig rm seen

umount "$work/small" || fail "something is still in use"
export BRIG_STATE=$work/state
finish
