#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# From jail.conf(5) to containers and back: roots are used and never removed, all is made or nothing.
. "$(dirname "$0")/lib.sh"

jails=$work/jails
mkdir "$jails"
cp -a "$work/root" "$jails/web"
cp -a "$work/root" "$jails/db"
conf=$work/jail.conf

# root_sum NAME: everything in a root, but for times.
root_sum() {
    (cd "$jails/$1" && find . -type f -exec cksum {} + ; find . ! -type f) | LC_ALL=C sort | cksum
}

cat >"$conf" <<END
# Defaults of all.
\$jails = "$jails";
path = "\$jails/\$name";
exec.clean;
mount.devfs;

web {
    host.hostname = "\${name}.example";
    exec.start = "echo started >/tmp/started";
    exec.start += 'echo "it'\\''s \$HOME" >>/tmp/started';
    exec.prestart = 'echo \$JPATH >$work/prestart';
    exec.stop = "echo stopped >/tmp/stopped";
    allow.noset_hostname;
    ip4.addr = 127.0.0.1;
    jid = 7;                    // the kernel's
    allow.teleport;
    persist;
}
.include "conf.d/*.conf";
END
mkdir "$work/conf.d"
printf 'db { command = "sh -c '"'"'exit 3'"'"'"; mount.procfs; }\n' >"$work/conf.d/db.conf"
before=$(root_sum web)

# What would be made; nothing is.
plan=$(brig import "$conf" --dry-run 2>"$work/left-out")
expect "dry run" 0 $?
expect_match "dry run: root" "*web: root $jails/web*db: root $jails/db*" "$plan"
expect_match "dry run: origin" "*host.hostname=web.example*jail.conf:8:21*" "$plan"
expect_match "left out: jid" "*jail.conf:15:5: left out: jid: the kernel numbers the jails*" "$(cat "$work/left-out")"
expect_match "left out: unknown" "*jail.conf:16:5: left out: unknown parameter: allow.teleport*" "$(cat "$work/left-out")"
expect "dry run: nothing made" "" "$(brig ps -a | sed 1d)"

# One of them, then the other.
expect_failure "unknown jail" 4 "*has no jail \"wbe\"*did you mean 'web'*" brig import "$conf" wbe
id=$(brig import "$conf" web 2>/dev/null)
expect "one is imported" "web" "$(brig ps -a | awk 'NR > 1 {print $2}')"
expect "by its id" "$id" "$(brig ps -a | awk 'NR > 1 {print $1}')"
expect_failure "a name that is taken" 1 "*the name 'web' is taken*" brig import "$conf"
expect "nothing half imported" "web" "$(brig ps -a | awk 'NR > 1 {print $2}')"
brig import "$conf" db >/dev/null 2>&1
expect "the other is imported" 0 $?

# They run, as jail(8) would have them.
brig start web >/dev/null
expect "start" 0 $?
expect "the root is the one that was there" "it's /root" "$(sed -n 2p "$jails/web/tmp/started")"
expect "hooks know the path" "$jails/web" "$(cat "$work/prestart")"
expect "host name" "web.example" "$(brig exec web hostname)"
expect_match "origin" '*"host.hostname":{"values":*"origin":"*jail.conf:8:21"*' "$(brig inspect web)"
expect "no default network" "" "$(brig inspect web | grep -o '"networks":\[[^]]*"host"')"
brig stop web
expect "stop" 0 $?
expect "exec.stop ran inside" "stopped" "$(cat "$jails/web/tmp/stopped")"
expect "the command's status" 3 "$(brig start -a db; echo $?)"
rm -f "$jails/web/tmp/started" "$jails/web/tmp/stopped"

# Out and in again: the same.
for name in web db; do
    brig export "$name" >"$work/$name.conf"
    expect "export $name" 0 $?
    brig export "$name" --format json | sed 's/"origin":"[^"]*"//g' >"$work/$name.json"
done
expect_match "a line for a shell" "jail -c path=$jails/web name=web *'exec.stop=echo stopped >/tmp/stopped'*" \
    "$(brig export web --format jail)"
expect_match "TOML" "\[container.web\]*root = \"$jails/web\"*params = \[*" "$(brig export --format toml web)"
expect_failure "unknown format" 2 "*no format 'xml'*" brig export web --format xml
brig rm web db
expect "rm" 0 $?
expect "rm leaves the root alone" "$before" "$(root_sum web)"
[ -x "$jails/db/bin/sh" ] && pass || fail "rm took the root of db"
for name in web db; do
    brig import "$work/$name.conf" >/dev/null 2>"$work/left-out"
    expect "import $name again" 0 $?
    expect "nothing left out of $name" "" "$(grep 'left out' "$work/left-out")"
    brig export "$name" | diff "$work/$name.conf" - || fail "$name: another jail.conf after a round trip"
    brig export "$name" --format json | sed 's/"origin":"[^"]*"//g' | diff "$work/$name.json" - ||
        fail "$name: another container after a round trip"
done
eval "set -- $(brig export web --format jail)"
expect "the shell reads the command line back" "exec.stop=echo stopped >/tmp/stopped" \
    "$(for word; do case $word in exec.stop=*) echo "$word" ;; esac; done)"
brig rm web db

# jail(8) names mount points as the host sees them.
mkdir "$work/data" && echo kept >"$work/data/note"
printf '%s %s/web/home nullfs ro 0 0\n' "$work/data" "$jails" >"$work/web.fstab"
printf 'web { path = "%s/web"; mount = "%s %s/web/mnt nullfs ro 0 0"; mount += "tmpfs %s tmpfs rw";
  mount.fstab = "%s/web.fstab"; command = "cat /mnt/note /home/note"; }\n' \
    "$jails" "$work/data" "$jails" "$work/data" "$work" >"$work/mounts.conf"
brig import "$work/mounts.conf" >/dev/null 2>"$work/left-out"
expect_match "what is mounted elsewhere" "*mounts.conf:1:*left out: mount: '$work/data' is not in the jail's root*" \
    "$(cat "$work/left-out")"
expect "mounts in the jail" "kept kept" "$(brig start -a web | xargs)"
brig export web >"$work/web.conf"
brig rm web
expect_match "they go out as they came" "*mount = \"$work/data $jails/web/mnt nullfs ro 0 0\";*mount.fstab = \"$work/web.fstab\";*" \
    "$(cat "$work/web.conf")"
printf '%s /data nullfs ro 0 0\n' "$work/data" >>"$work/web.fstab"
expect_failure "a file that mounts elsewhere" 3 "*web.conf:*mount.fstab: '/data' is not in the jail's root*" \
    brig import "$work/web.conf"
expect_match "those of an image's container, for jail(8)" "*'mount=$work/data /*/tree/mnt nullfs ro'*" \
    "$(brig run --dry-run -J "mount=$work/data /mnt nullfs ro" base true)"

# A container of an image goes out as well.
brig create --name image-web -J allow.raw_sockets base true >/dev/null
expect_match "export of an image's" "image-web {*# image: base*allow.raw_sockets;*command = true;*" \
    "$(brig export image-web)"
brig export image-web >"$work/image.conf"
brig rm image-web
mkdir -p "$BRIG_STATE/storage/volumes/x"
sed 's|path = .*|path = "'"$BRIG_STATE"'/storage/volumes/x";|' "$work/image.conf" >"$work/own.conf"
expect_failure "a root that is brig's" 3 "*belongs to brig itself*" brig import "$work/own.conf"
rmdir "$BRIG_STATE/storage/volumes/x"

# Mistakes, all at once, and nothing is made.
printf 'web {\n  path = "%s/web"\n}\nb { x = ; $y = $nosuch; }\n' "$jails" >"$work/bad.conf"
expect_failure "syntax" 3 "*bad.conf:3:1: unexpected \"}\"*
*bad.conf:4:9: unexpected \";\"*" brig import "$work/bad.conf"
printf 'web { path = "%s/web"; allow.mount = maybe; }\nb { path = /nowhere; }\nc { }\n' "$jails" >"$work/bad.conf"
expect_failure "no path" 3 "*bad.conf:3:1: jail \"c\" has no path*" brig import "$work/bad.conf"
expect_failure "values and roots" 3 "*bad.conf:1:*allow.mount: unknown boolean value \"maybe\"*
*bad.conf:2:5: the root '/nowhere' is not a directory*" brig import "$work/bad.conf" web b
printf 'a.b { path = "%s/web"; }\n' "$jails" >"$work/bad.conf"
expect_failure "a jail in a jail" 3 "*bad.conf:1:1*holds a dot*" brig import "$work/bad.conf"
chmod o+w "$conf"
expect_failure "a file of anybody" 3 "*may be written by anyone*chmod o-w*" brig import "$conf"
expect_failure "no file" 4 "*there is no file '$work/nosuch.conf'*" brig import "$work/nosuch.conf"
expect "nothing was made" "" "$(brig ps -a | sed 1d)"
expect "nothing was touched" "$before" "$(root_sum web)"

finish
