#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: params_test.sh BRIG
# Jail parameters on FreeBSD: the catalogue, what jail(8) itself performs, changes of a running
# container, and jail.conf(5) both ways, each compared with the kernel or with jail(8).
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
ifconfig lo7 create 2>/dev/null
ifconfig lo7 >"$work/lo7"
inventory >"$work/before"

jail_of() { brig ps | awk -v name="$1" '$2 == name {print $1}'; }

# kernel NAME PARAMETER…: what the kernel has.
kernel() {
    container=$(jail_of "$1")
    shift
    jls -j "$container" "$@" 2>&1
}

# The catalogue: all that the kernel has, and what jail(8) performs.
brig params --json | tr '{' '\n' | sed -n 's/.*"name":"\([^"]*\)".*/\1/p' | sort >"$work/known"
sysctl -aN security.jail.param | sed -e 's/^security.jail.param.//' -e 's/\.$//' | sort -u >"$work/kernel"
is "every parameter of the kernel is known" "" "$(comm -13 "$work/known" "$work/kernel" |
    grep -vx -e allow -e allow.mount -e children -e cpuset -e mac | xargs)"
for name in exec.consolelog mount.fstab vnet.interface zfs.dataset depend ip_hostname; do
    grep -qx "$name" "$work/known" || not_ok "$name is known" "it is not"
done
brig run --rm -J meta=x base true >"$work/out" 2>&1
status=$?
if sysctl -N security.jail.param.meta >/dev/null 2>&1; then
    is "one of FreeBSD 15" "0 " "$status $(cat "$work/out")"
    brig run -d --name keys -J meta.colour=red -J 'meta.two=x=y z' -J env.seen=1 base sleep 1000 >/dev/null
    is "its keys, in the kernel" "colour=red two=x=y z seen=1" "$(kernel keys meta | sort | xargs) $(kernel keys env)"
    is "env is seen inside" "seen=1" "$(brig exec keys sysctl -n security.jail.env)"
    brig update keys -J meta.colour=blue --unset meta.two >/dev/null 2>&1
    is "update of keys" "0 colour=blue" "$? $(kernel keys meta)"
    is "plan --diff of keys" "" "$(brig plan --diff keys | sed 1d)"
    brig rm -f keys
else
    like "one of a later release" "125 *unknown parameter: meta*" "$status $(cat "$work/out")"
fi
is "… is fine for that" 0 "$(brig run --dry-run --target freebsd-15 -J meta.key=x base true >/dev/null 2>&1; echo $?)"

# Bad values, in libjail's and the kernel's words.
refused() {
    what=$1 pattern=$2
    shift 2
    brig run --rm "$@" base true >"$work/out" 2>&1
    like "refused: $what" "125 $pattern" "$? $(cat "$work/out")"
}
refused "unknown" "*unknown parameter: allow.teleport*" -J allow.teleport
refused "no boolean" "*allow.mount*unknown boolean value*maybe*" -J allow.mount=maybe
refused "out of range" "*securelevel*" -J securelevel=9
refused "no address" "*ip4.addr*300.1.1.1*" -J ip4.addr=300.1.1.1
refused "read-only" "*dying*" -J dying
refused "the engine's" "*path*" -J path=/
refused "too many children" "*children.max*" -J children.max=-1
same_as_before "nothing is left of what was refused"

# What jail(8) performs.
log=$work/console.log
brig run --rm -J exec.consolelog="$log" -J 'exec.start=echo start' -J 'exec.stop=echo stop' \
    -J exec.prestop=true base sh -c 'echo out; echo err >&2' >"$work/out" 2>&1
is "exec.consolelog" "0 start out err stop" "$? $(xargs <"$log")"
is "exec.consolelog is private" 600 "$(stat -f %Lp "$log")"
ln -s "$log" "$work/link"
refused "a console log through a link" "*exec.consolelog: *symbolic link*" -J exec.consolelog="$work/link"
mkdir "$work/data data"
echo shared >"$work/data data/file"
printf '# for it\n%s/data\\040data /mnt nullfs ro 0 0\ntmpfs\t/tmp\ttmpfs\trw,size=1m\n' "$work" >"$work/fstab"
is "mount.fstab" "shared tmpfs" "$(brig run --rm -J mount.fstab="$work/fstab" -J enforce_statfs=1 base \
    sh -c 'cat /mnt/file; mount -p' 2>&1 | awk 'NR == 1 {print} $2 == "/tmp" {print $3}' | xargs)"
is "mount" shared "$(brig run --rm -J "mount=$work/data\\040data /mnt nullfs ro 0 0" base cat /mnt/file 2>&1)"
is "a read-only mount" 1 "$(brig run --rm -J mount.fstab="$work/fstab" base \
    sh -c 'echo x 2>/dev/null >/mnt/file; echo $?' 2>/dev/null | sed 's/[1-9][0-9]*/1/')"
echo "/nowhere /mnt nullfs rw 0 0" >>"$work/fstab"
refused "a mount that fails" "*/nowhere*" -J mount.fstab="$work/fstab"
same_as_before "what was mounted before it is gone"
is "exec.system_user" nobody "$(brig run --rm -J exec.system_user=nobody -J "exec.prestart=id -un" base true 2>/dev/null)"
brig run --rm -J exec.timeout=1 -J 'exec.prestart=sleep 600 & sleep 600' base true >"$work/out" 2>&1
like "exec.timeout" "125 *exec.prestart*" "$? $(cat "$work/out")"
is "exec.timeout ends the whole group" "" "$(ps -ax -o command | grep '^sleep 600')"
is "exec.clean" "no HOME" "$(FOREIGN=1 "$brig_program" run --rm base sh -c 'echo ${FOREIGN:-no} ${HOME:+HOME}' 2>/dev/null)"
is "exec.noclean" 1 "$(FOREIGN=1 "$brig_program" run --rm -J exec.noclean base sh -c 'echo $FOREIGN' 2>/dev/null)"
brig run -d --name rules -J mount.devfs -J devfs_ruleset=5 base sleep 1000 >/dev/null
is "devfs_ruleset" 5 "$(kernel rules devfs_ruleset)"
brig rm -f rules
same_as_before "nothing is left of these"

# Addresses on an interface of the host, through jail.conf(5): no network of brig's.
cat >"$work/jail.conf" <<END
path = "$work/jails/\$name";
mount.devfs;
exec.clean;
exec.poststop = "echo \$name >>$work/poststop";
web {
    host.hostname = "\${name}.example";
    interface = lo7;
    ip4.addr = 127.7.7.1, 127.7.7.2;
    ip6.addr = "fd00:7::1/64";
    allow.raw_sockets;
    command = "sleep 1000";
}
db { depend = web; ip4 = inherit; command = "sh -c 'exit 3'"; }
stack { vnet; vnet.interface = "epair7b"; command = "sleep 1000"; }
END
mkdir "$work/jails"
for name in web db stack; do cp -Rp "$work/root" "$work/jails/$name"; done
brig import "$work/jail.conf" >"$work/ids" 2>"$work/err"
is "import" "0 3" "$? $(wc -l <"$work/ids" | xargs)"
brig start web >"$work/out" 2>&1; is "start of an imported one" 0 $? || cat "$work/out"
is "its addresses" "127.7.7.1 127.7.7.2 fd00:7::1" "$(kernel web ip4.addr ip6.addr | tr ',' ' ')"
is "… on the interface" "127.7.7.1 127.7.7.2 fd00:7::1" \
    "$(ifconfig lo7 | awk '$1 ~ /^inet/ && $2 !~ /^fe80/ {print $2}' | xargs)"
is "… and its host name" web.example "$(brig exec web hostname)"
is "its dependent" 3 "$(brig start -a db; echo $?)"
brig stop web; is "stop" 0 $?
is "the interface is as it was" "" "$(ifconfig lo7 | diff "$work/lo7" - | grep '^[<>].*127.7')"
is "exec.poststop of both" "db web" "$(xargs <"$work/poststop")"
brig start db >"$work/out" 2>&1
like "what it depends on does not run" "*'web' does not run*" "$(cat "$work/out")"

# jail(8) makes the same jail of what is exported.
brig start web >/dev/null
kernel web -s | tr ' ' '\n' | grep -v -e ^jid= -e ^name= -e ^cpuset.id= -e ^parent= | sort >"$work/ours"
brig stop web
brig export web >"$work/exported.conf"
jail -f "$work/exported.conf" -c web >"$work/out" 2>&1 &
runner=$!
wait_for jls -j web
jls -j web -s | tr ' ' '\n' | grep -v -e ^jid= -e ^name= -e ^cpuset.id= -e ^parent= | sort >"$work/theirs"
jail -f "$work/exported.conf" -r web >/dev/null 2>&1
wait $runner
is "as jail(8): the export" "" "$(diff "$work/ours" "$work/theirs" 2>&1)"
brig export web --format json | sed 's/"origin":"[^"]*"//g' >"$work/web.json"
brig rm web db
[ -x "$work/jails/web/bin/sh" ]; is "rm leaves the root" 0 $?
brig import "$work/exported.conf" >/dev/null 2>&1
is "export and import" "" "$(brig export web --format json | sed 's/"origin":"[^"]*"//g' | diff "$work/web.json" - 2>&1)"
brig rm web

# A network stack of its own, with an interface that is lent.
if ifconfig epair7 create >/dev/null 2>&1; then
    brig start stack >"$work/out" 2>&1
    like "vnet" "0 ????????????" "$? $(cat "$work/out")"
    is "vnet.interface: inside" epair7b "$(jexec "$(jail_of stack)" ifconfig -l 2>/dev/null |
        tr ' ' '\n' | grep epair || brig exec stack ifconfig -l | tr ' ' '\n' | grep epair)"
    is "vnet.interface: not outside" "" "$(ifconfig -l | tr ' ' '\n' | grep epair7b)"
    brig stop stack
    is "vnet.interface: back" epair7b "$(ifconfig -l | tr ' ' '\n' | grep epair7b)"
    "$brig_program" start -a stack >/dev/null 2>&1 &
    runner=$!
    wait_for is_running stack
    kill -KILL $runner; wait $runner 2>/dev/null
    brig recover >/dev/null 2>&1
    is "vnet.interface: back after a crash" epair7b "$(ifconfig -l | tr ' ' '\n' | grep epair7b)"
    ifconfig epair7a destroy
else
    echo "# no epair(4) here: vnet.interface is not tested"
fi
brig rm -f stack >/dev/null 2>&1
same_as_before "nothing is left of the imported"

# Changes of a running container.
brig run -d --name web -J securelevel=1 base sleep 1000 >/dev/null
ping() { brig exec web ping -c 1 -t 60 127.0.0.1 2>&1; }
like "before" "*Operation not permitted*" "$(ping)"
brig update web -J allow.raw_sockets >"$work/out" 2>&1
is "update" 0 $?
like "allow.raw_sockets takes effect" "*1 packets received*" "$(ping)"
is "… in the kernel" true "$(kernel web allow.raw_sockets)"
brig update web --unset allow.raw_sockets >/dev/null 2>&1
is "--unset" "0 false" "$? $(kernel web allow.raw_sockets)"
brig update web -J host.hostname=new.name >/dev/null 2>&1
is "host.hostname" new.name "$(brig exec web hostname)"
brig update web -J vnet >"$work/out" 2>&1
like "vnet" "3 *vnet cannot be changed after creation*" "$? $(cat "$work/out")"
brig update web -J allow.chflags -J vnet >/dev/null 2>&1
is "… and then nothing is changed" "3 false" "$? $(kernel web allow.chflags)"
brig update web -J children.max=3 -J enforce_statfs=1 >/dev/null 2>&1
is "children.max" "3 1" "$(kernel web children.max enforce_statfs)"
brig exec web jail -c path=/ name=kid persist >"$work/out" 2>&1
like "a jail in it" "0 *.kid" "$? $(jls -n name | grep -F .kid)"
is "plan --diff" "" "$(brig plan --diff web | sed 1d)"
brig stop web; is "stop with a jail in it" 0 $?
brig start web >/dev/null
is "kept for the next start" "new.name false 3 1" \
    "$(brig exec web hostname) $(kernel web allow.raw_sockets children.max securelevel)"
brig rm -f web
same_as_before "nothing is left of the changes"

# Killed in the middle of an update: the old values or the new ones.
brig run -d --name web base sleep 1000 >/dev/null
for delay in 0.02 0.05 0.1 0.15 0.2 0.3; do
    "$brig_program" update web -J children.max=9 -J host.hostname=other >/dev/null 2>&1 &
    runner=$!
    sleep $delay
    kill -KILL $runner 2>/dev/null; wait $runner 2>/dev/null
    brig recover >/dev/null 2>&1
    noted=$(brig export web --format json | grep -c '"children.max=9"')
    is "update killed after $delay s" "$((noted * 9))" "$(kernel web children.max)"
    brig update web --unset children.max --unset host.hostname >/dev/null 2>&1
done
brig rm -f web
same_as_before "nothing is left of the killed"

ifconfig lo7 destroy
echo "1..$number"
[ $failures -eq 0 ]
