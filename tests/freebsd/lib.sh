# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the tests of whole containers on FreeBSD: a folder for everything, checks as in TAP, and
# an image of a few programs. $1 is the brig to test.
set -u

brig_program=${1:?usage: $0 BRIG}
brig_program=$(command -v "$brig_program") || { echo "Bail out! there is no $1"; exit 2; }
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

. "$(dirname "$0")/root.sh"

umask 022
work=$(mktemp -d /tmp/brig-smoke.XXXXXX) || exit 1
export BRIG_STATE="$work/state" BRIG_RUN="$work/run" BRIG_CONFIG="$work/brig.toml"
# The copying clone is there beside the default one.
cat >"$BRIG_CONFIG" <<END
[storage.copying]
driver = "storage-dir"
path = "$work/copying"
clone = "copy"
END

number=0
failures=0
pools=

brig() { "$brig_program" "$@"; }

ok() {
    number=$((number + 1))
    echo "ok $number - $1"
}

# not_ok WHAT DETAIL
not_ok() {
    number=$((number + 1))
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

# is WHAT WANTED GOT
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted '$2', got '$3'"; fi
}

# like WHAT PATTERN GOT: PATTERN is one of case.
like() {
    # shellcheck disable=SC2254
    case $3 in
        $2) ok "$1" ;;
        *) not_ok "$1" "wanted something like '$2', got '$3'" ;;
    esac
}

# wait_for COMMAND…: until it succeeds, at most 30 seconds.
wait_for() {
    tries=150
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "# timed out: $*"; return 1; }
        sleep 0.2
    done
}

no_container_runs() { [ "$(brig ps | wc -l)" -eq 1 ]; }

is_running() { brig ps | grep -q " $1 .*running"; }

# What a container could leave behind.
inventory() {
    jls -d name
    # -v: also what df(1) does not show.
    mount -pv | grep -F "$work" | awk '{print $1, $2, $3}'
    for folder in "$BRIG_RUN/containers" "$BRIG_RUN/names" "$BRIG_RUN/volumes" \
        "$BRIG_STATE/storage/volumes" "$BRIG_STATE/downloads" "$BRIG_STATE/exports" \
        "$work/copying/volumes" "$work"/zfs*/*/brig "$work"/zfs*/*/*/brig; do
        ls -A "$folder" 2>/dev/null
    done
    for each_pool in $pools; do
        zfs list -H -t all -o name,origin,mounted,brig:owner,brig:receiving -r "$each_pool"
    done
    ps -ax -o command | grep -F "$brig_program" | grep -vF -e grep -e "$(basename "$0")"
    ps -ax -o jid,command | awk '$1 > 0'
}

# make_pool NAME: a ZFS pool, which is a file. False where the kernel has no ZFS.
make_pool() {
    kldstat -qm zfsctrl 2>/dev/null || kldload -n zfs 2>/dev/null || return 1
    truncate -s 300m "$work/$1.pool" && zpool create -m none "$1" "$work/$1.pool" || return 1
    pools="$pools $1"
}

# make_zfs_storage POOL: the storage zfs, on a pool of that name. False where the kernel has no ZFS.
make_zfs_storage() {
    make_pool "$1" &&
        printf '[storage.zfs]\ndriver = "storage-zfs"\ndataset = "%s/brig"\nmountpoint = "%s/zfs"\n' \
            "$1" "$work" >>"$BRIG_CONFIG"
}

# same_as_before WHAT
same_as_before() {
    inventory >"$work/after"
    if difference=$(diff "$work/before" "$work/after"); then
        ok "$1"
    else
        not_ok "$1" "$difference"
    fi
}

# A root with nc(1).
make_root_with_nc() {
    make_root "$1"
    copy_program "$(command -v nc)" "$1"
    cp "$(command -v nc)" "$1/bin/"
}

# The image base, which has nc(1), too.
make_image_with_nc() {
    make_root_with_nc "$work/root"
    brig image create base --from-dir "$work/root" >/dev/null
    is "an image" 0 $?
}

remove_containers() {
    for container in $(brig ps -a 2>/dev/null | awk 'NR > 1 {print $1}'); do
        brig rm -f "$container" >/dev/null 2>&1
    done
}

clean_up() {
    remove_containers
    umount "$work/small" 2>/dev/null
    brig recover >/dev/null 2>&1
    for each_pool in $pools; do zpool destroy -f "$each_pool"; done
    pools=
    chflags -R 0 "$work" 2>/dev/null
    mount -p | grep -qF "$work" || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
