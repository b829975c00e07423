#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: freebsd.sh BRIG PROGRAMS [ROUNDS]
# How fast brig is on FreeBSD, beside jail(8) and zfs(8), in turns: medians and ratios. PROGRAMS is the
# folder of bench_time and bench_clone. Needs root and a machine that does nothing else.
set -u

brig_program=${1:?usage: $0 BRIG PROGRAMS [ROUNDS]}
programs=${2:?usage: $0 BRIG PROGRAMS [ROUNDS]}
rounds=${3:-51}
prefix=$(dirname "$(dirname "$(realpath "$brig_program")")")

work=$(mktemp -d /tmp/brig-bench.XXXXXX) || exit 1
pool=
export BRIG_STATE="$work/state" BRIG_RUN="$work/run" BRIG_CONFIG="$work/brig.toml"
: >"$BRIG_CONFIG"

clean_up() {
    for container in $("$brig_program" ps -a 2>/dev/null | awk 'NR > 1 {print $1}'); do
        "$brig_program" rm -f "$container" >/dev/null 2>&1
    done
    umount "$work/root/dev" 2>/dev/null
    umount "$work/run"
    [ -z "$pool" ] || zpool destroy -f "$pool"
    chflags -R 0 "$work" 2>/dev/null
    mount -p | grep -qF "$work" || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

mkdir "$work/run"
mount -t tmpfs tmpfs "$work/run"
. "$(dirname "$0")/../freebsd/root.sh"
make_root "$work/root"

# compare TITLE GOAL COMMAND... --- COMMAND...: the first is brig's. GOAL may be empty.
compare() {
    title=$1 goal=$2
    shift 2
    "$programs/bench_time" "$rounds" 1 "$@" >"$work/times" 2>"$work/err" || { cat "$work/err"; return; }
    for command in 0 1; do
        awk -v which=$command '$1 == which {print $2}' "$work/times" | sort -n |
            awk '{time[NR] = $1} END {printf "%.3f ", time[int((NR + 1) / 2)] / 1000000}'
    done | awk -v title="$title" -v goal="${goal:+(goal: at most $goal)}" \
        '{printf "%-44s %9.3f ms %9.3f ms   x %.3f   %s\n", title, $1, $2, $1 / $2, goal}'
    awk '$1 != "total" && $4 != 0 {bad++} END {if (bad) print "    " bad " of these failed"}' "$work/times"
}

echo "$(uname -srm), $(sysctl -n hw.ncpu) processors, $rounds rounds; brig, then the other"
jail_line="path=$work/root host.hostname=bench ip4=inherit ip6=inherit exec.clean exec.jail_user=root"
"$brig_program" image create base --from-dir "$work/root" >/dev/null 2>&1
printf 'bench {\n path = "%s";\n mount.devfs; ip4 = inherit; ip6 = inherit; exec.clean;\n exec.jail_user = root; command = "/usr/bin/true";\n}\n' \
    "$work/root" >"$work/jail.conf"
"$brig_program" import "$work/jail.conf" >/dev/null 2>&1

# What jail(8) does when the command has ended is to leave /dev mounted; to undo that takes another one.
# shellcheck disable=SC2086
compare "run --rm, against jail -c" 1.2 "$brig_program" run --rm base true --- \
    /usr/sbin/jail -q -c name=bench-{} $jail_line mount.nodevfs command=/usr/bin/true
compare "run --rm, against jail -c and -r of a file" 1.2 "$brig_program" run --rm base true --- \
    /bin/sh -c "jail -q -f $work/jail.conf -c bench; umount $work/root/dev"
compare "start -a of an imported one, against that" 1.2 "$brig_program" start -a bench --- \
    /bin/sh -c "jail -q -f $work/jail.conf -c bench; umount $work/root/dev"
"$brig_program" run -d --name sleeper base sh -c 'while :; do sleep 1000; done' >/dev/null
sleeper=$("$brig_program" ps | awk '$2 == "sleeper" {print $1}')
compare "exec, against jexec" "" "$brig_program" exec sleeper true --- \
    /usr/sbin/jexec "$sleeper" /usr/bin/true
"$brig_program" rm -f sleeper >/dev/null 2>&1

if kldstat -qm zfsctrl || kldload -n zfs; then
    pool=brigbench$$
    truncate -s 1g "$work/pool" && zpool create -m none "$pool" "$work/pool" || pool=
fi 2>/dev/null
if [ -n "$pool" ]; then
    printf '[storage.zfs]\ndriver = "storage-zfs"\ndataset = "%s/brig"\nmountpoint = "%s/zfs"\n' "$pool" "$work" >>"$BRIG_CONFIG"
    "$brig_program" image create zbase --storage zfs --from-dir "$work/root" >/dev/null 2>&1
    zfs snapshot "$pool/brig@nothing" 2>/dev/null
    # shellcheck disable=SC2086
    compare "run --rm on ZFS, against zfs and jail" 0.7 "$brig_program" run --rm zbase true --- /bin/sh -c \
        "zfs clone -o mountpoint=$work/theirs \$(zfs list -H -t snapshot -o name -r $pool/brig | grep @image) $pool/theirs &&
        jail -q -c name=bench path=$work/theirs ip4=inherit ip6=inherit exec.clean command=/usr/bin/true && zfs destroy $pool/theirs"
    "$programs/bench_clone" /sbin/zfs "$prefix/lib/brig/drivers" "$prefix/libexec/brig" "$pool/bench" "$work/bench" "$rounds"
fi

many=$((rounds * 2))
[ $many -le 100 ] || many=100
"$programs/bench_time" $many $many "$brig_program" run --rm base true >"$work/times"
awk -v n=$many '$1 == "total" {printf "%d containers at once: %.0f ms, %.3f ms for each\n", n, $2 / 1000000, $2 / 1000000 / n}
    $1 != "total" && $4 != 0 {bad++} END {if (bad) print "    " bad " of these failed"}' "$work/times"
