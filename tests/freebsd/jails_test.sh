#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: jails_test.sh BRIG
# A container and the jail that jail(8) makes of the line that `run --dry-run` prints, side by side: all
# that jls(8) knows of them, their mounts and their /dev are the same, for every parameter the kernel has.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
cp -Rp "$work/root" "$work/twin"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
trap 'devfs rule -s 61423 delset 2>/dev/null; clean_up' EXIT
devfs rule -s 61423 add path zero hide
inventory >"$work/before"

# about JAIL ROOT: what can be known of it, with its own name and root left out.
about() {
    jls -j "$1" -s | sed -e "s/$1/NAME/g" -e "s:$2:ROOT:g" | tr ' ' '\n' |
        grep -v -e '^jid=' -e '^parent=' -e '^cpuset.id=' -e '^dying=' -e '^path='
    mount -p | awk -v root="$2" 'index($2, root "/") == 1 {
        print "mount", $3, substr($2, length(root) + 1), $4 }' | sort
    jexec "$1" /bin/ls /dev 2>/dev/null | grep -v -e '^pts' -e '^ttyv'
}

# agree WHAT OPTION...
agree() {
    what=$1
    difference=
    shift
    line=$(brig run --dry-run "$@" base true 2>"$work/err" | sed -n 's/^ *\(jail -c .*\)/\1/p')
    line=$(echo "$line" | sed -e "s:$(echo "$line" | sed 's/.* path=\([^ ]*\).*/\1/'):$work/twin:g" -e 's/ command=.*/ persist/')
    twin=$(echo "$line" | sed 's/.* name=\([^ ]*\).*/\1/')
    id=$(brig run -d --rm "$@" base sleep 1000 2>>"$work/err")
    eval "$line" >>"$work/err" 2>&1
    root=$(jls -j "$id" path 2>>"$work/err")
    about "$id" "$root" >"$work/ours" 2>&1
    about "$twin" "$work/twin" >"$work/theirs" 2>&1
    [ -z "$id" ] || brig rm -f "$id" >/dev/null
    jail -r "$twin" >/dev/null 2>&1
    mount -p | awk -v root="$work/twin/" 'index($2, root) == 1 {print $2}' | sort -r |
        while read -r mounted; do umount "$mounted"; done
    if [ "$(grep -c = "$work/ours")" -gt 5 ] && difference=$(diff "$work/ours" "$work/theirs"); then
        ok "as jail(8): $what"
    else
        not_ok "as jail(8): $what" "$difference$(cat "$work/err")"
    fi
}

agree "the defaults"
agree "no network" -n none
agree "many parameters" -J securelevel=2 -J enforce_statfs=1 -J children.max=2 \
    -J devfs_ruleset=4 -J mount.fdescfs -J mount.procfs -J allow.mount -J allow.mount.tmpfs \
    -J osrelease=12.4-RELEASE -J host.hostname=web.example -J allow.raw_sockets \
    -J allow.chflags -J sysvshm=new

# Every permission, set alone and taken away alone.
sysctl -aN security.jail.param.allow | sed -e 's/^security.jail.param.//' -e 's/\.$//' | sort -u >"$work/allowed"
echo "# $(wc -l <"$work/allowed" | xargs) permissions"
# shellcheck disable=SC2046
agree "every permission" $(grep -vx allow "$work/allowed" | sed "s/^/-J /")
none=
while read -r name; do
    [ "$name" = allow ] || none="$none -J ${name%.*}.no${name##*.}"
done <"$work/allowed"
# shellcheck disable=SC2086
agree "no permission" $none
while read -r name; do
    [ "$name" = allow ] || agree "$name" -n none -J "$name"
done <"$work/allowed"
agree "allow.noset_hostname" -J allow.noset_hostname
agree "allow.noreserved_ports" -J allow.noreserved_ports
agree "allow.nosuser" -J allow.nosuser

# The others.
for value in 0 1 2; do agree "enforce_statfs=$value" -J enforce_statfs=$value; done
for value in -1 0 1 2 3; do agree "securelevel=$value" -J securelevel=$value; done
for value in 0 4 5 61423; do agree "devfs_ruleset=$value" -J devfs_ruleset=$value; done
agree "children.max" -J children.max=99
agree "osrelease and osreldate" -J osrelease=11.1-RELEASE -J osreldate=1101001
agree "names of the host" -J host.hostname=a.example -J host.domainname=b.example \
    -J host.hostid=4711 -J host.hostuuid=01234567-89ab-cdef-0123-456789abcdef
agree "host=inherit" -J host=inherit
for name in sysvmsg sysvsem sysvshm; do
    for value in disable new inherit; do agree "$name=$value" -n none -J $name=$value; done
done
agree "allow.sysvipc" -J allow.sysvipc
agree "source addresses" -J ip4.nosaddrsel -J ip6.nosaddrsel
for module in linux linux64; do
    if [ -n "$(sysctl -N security.jail.param.linux. 2>/dev/null)" ]; then break; fi
    kldload -nq $module 2>/dev/null
done
if sysctl -N security.jail.param.linux.osname >/dev/null 2>&1; then
    agree "linux" -J linux=new -J linux.osname=Lunix -J linux.osrelease=3.2.1 -J linux.oss_version=198144
    agree "linux.osrelease alone" -J linux.osrelease=5.4.0
    agree "linux=inherit" -J linux=inherit
else
    echo "# no Linux ABI here"
fi
if sysctl -N security.jail.param.zfs.mount_snapshot >/dev/null 2>&1; then
    agree "zfs.mount_snapshot" -J zfs.mount_snapshot=1
fi
for name in meta env; do
    if sysctl -N security.jail.param.$name >/dev/null 2>&1; then
        agree "$name" -J "$name=a=b c=d"
        agree "$name.KEY" -J $name.colour=red -J "$name.with=two words"
    fi
done

# What jail(8) mounts.
agree "no /dev" -J mount.nodevfs
agree "mount.fdescfs" -J mount.fdescfs
agree "mount.procfs" -J mount.procfs
mkdir "$work/data"
printf '%s /mnt nullfs ro 0 0\ntmpfs /tmp tmpfs rw,size=1m,mode=1777 0 0\n' "$work/data" >"$work/fstab"
sed "s: /: $work/twin/:" "$work/fstab" >"$work/fstab.twin"
# In jail.conf(5) an entry of a fstab(5) names a place of the host; in brig that of the container as well.
agree_fstab() {
    id=$(brig run -d -J mount.fstab="$work/fstab" base sleep 1000 2>"$work/err")
    jail -c name=twin path="$work/twin" mount.devfs mount.fstab="$work/fstab.twin" persist 2>>"$work/err"
    for each in "$(jls -j "$id" path)" "$work/twin"; do
        mount -p | awk -v root="$each" 'index($2, root "/") == 1 {
            print $1, $3, substr($2, length(root) + 1), $4 }' | sort
    done >"$work/mounts"
    jail -r twin
    umount "$work/twin/mnt" "$work/twin/tmp" "$work/twin/dev"
    brig rm -f "$id" >/dev/null
    is "as jail(8): mount.fstab" "6 3" "$(wc -l <"$work/mounts" | xargs) $(sort -u "$work/mounts" | wc -l | xargs)"
}
agree_fstab
agree "nullfs, by -J" -J "mount=$work/data /mnt nullfs ro 0 0"
same_as_before "nothing is left of the comparison"

# A ruleset of one's own, and what it is on another file system.
is "its own ruleset hides" "null" "$(brig run --rm -J devfs_ruleset=61423 base sh -c \
    'for each in null zero; do [ ! -e /dev/$each ] || echo $each; done' 2>&1 | xargs)"
for ruleset in 4 5; do
    jail -c path="$work/twin" mount.devfs devfs_ruleset=$ruleset command=/bin/ls /dev 2>/dev/null |
        grep -v pts | sort >"$work/theirs"
    umount "$work/twin/dev" 2>/dev/null
    brig run --rm -J devfs_ruleset=$ruleset base ls /dev 2>/dev/null | grep -v pts | sort >"$work/ours"
    is "devfs ruleset $ruleset: the same devices" "" "$(diff "$work/ours" "$work/theirs")"
done
brig run --rm -J devfs_ruleset=9999 base ls /dev >"$work/out" 2>&1
like "a ruleset that is not there" "125 *devfs ruleset 9999*hint: *" "$? $(cat "$work/out")"
devfs rule -s 61423 delset 2>/dev/null
same_as_before "nothing is left of the devices"

echo "1..$number"
[ $failures -eq 0 ]
