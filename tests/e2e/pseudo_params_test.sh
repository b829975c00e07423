#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The pseudo-parameters of jail(8) other than the hooks: exec.consolelog, mount.fstab, depend,
# interface.
. "$(dirname "$0")/lib.sh"

ln -s /etc "$work/root/link"
brig image create linked --from-dir "$work/root" >/dev/null

# exec.consolelog
log=$work/console.log
expect "the output goes to the log" "" \
    "$(brig run --rm -J "exec.consolelog=$log" -J 'exec.start=echo start' -J 'exec.prestop=true' \
        -J 'exec.stop=echo stop' base sh -c 'echo out; echo err >&2' 2>&1)"
expect "… of every command in the jail" "start out err stop" "$(xargs <"$log")"
expect "… and of none on the host" "host" \
    "$(brig run --rm -J "exec.consolelog=$log" -J 'exec.prestart=echo host' base true)"
expect "it is private" 600 "$(stat -c %a "$log")"
expect_failure "a relative log" 125 "*exec.consolelog: console.log: not an absolute pathname*" \
    brig run --rm -J exec.consolelog=console.log base true
ln -s "$log" "$work/link"
expect_failure "a link" 125 "*exec.consolelog: *symbolic link*" \
    brig run --rm -J "exec.consolelog=$work/link" base true
mkfifo "$work/fifo"
expect_failure "a FIFO" 125 "*exec.consolelog: *is not a regular file*" \
    brig run --rm -J "exec.consolelog=$work/fifo" base true
chmod 666 "$log"
expect_failure "a log that others write" 125 "*may be written by others*" \
    brig run --rm -J "exec.consolelog=$log" base true

# mount.fstab
mkdir "$work/data data"
echo shared >"$work/data data/file"
cat >"$work/fstab" <<END
# for web
$work/data\\040data /mnt nullfs ro 0 0
tmpfs	/tmp	tmpfs	size=64k,mode=1777
END
expect "a file of mounts" "shared" "$(brig run --rm -J "mount.fstab=$work/fstab" base cat /mnt/file)"
expect "… read-only" "no" \
    "$(brig run --rm -J "mount.fstab=$work/fstab" base sh -c 'echo x >/mnt/file && echo yes || echo no' 2>/dev/null)"
expect "… with a tmpfs" "no" \
    "$(brig run --rm -J "mount.fstab=$work/fstab" base sh -c 'dd if=/dev/zero of=/tmp/x bs=1k count=128 2>/dev/null && echo yes || echo no')"
echo 'x /mnt' >>"$work/fstab"
expect_failure "a bad line" 125 "*$work/fstab:4: *missing information*" \
    brig run --rm -J "mount.fstab=$work/fstab" base true
expect_failure "no such file" 125 "*mount.fstab: '/nosuch' does not exist*" \
    brig run --rm -J mount.fstab=/nosuch base true
echo '/dev/sda1 /mnt ufs rw 0 0' >"$work/fstab"
expect_failure "another type" 125 "*file system type 'ufs'*" \
    brig run --rm -J "mount.fstab=$work/fstab" base true
expect_failure "… when the container is created" 3 "*unknown option 'late'*
*file system type 'ufs'*" brig create -J "mount.fstab=$work/fstab" -J 'mount=tmpfs /tmp tmpfs late' base true
expect_match "… but not for another host" "*ufs at /mnt*" \
    "$(brig run --dry-run --target freebsd-14 -J "mount.fstab=$work/fstab" base true)"
expect_failure "over the root" 125 "*Linux cannot mount on the root of a jail*" \
    brig run --rm -J "mount=$work /. nullfs ro" base true
expect_failure "a mount point that is a link" 125 "*is a symbolic link*" \
    brig run --rm -J 'mount=tmpfs /link tmpfs rw' linked true

# depend
brig create --name db base sleep 1000 >/dev/null
brig create --name web -J depend=db base sleep 1000 >/dev/null
brig create --name front -J depend=web base sleep 1000 >/dev/null
expect_failure "what it depends on does not run" 1 "*depend: container 'db' does not run*" brig start web
brig start front web db >/dev/null
expect "they start in order" "db front web" "$(brig ps | awk 'NR > 1 {print $2}' | sort | xargs)"
brig stop -t 1 db
expect "stopping one stops those that depend on it" "" "$(brig ps | awk 'NR > 1 {print $2}')"
brig start db web front >/dev/null
brig stop -t 1 db web front
expect "all stop" "" "$(brig ps | awk 'NR > 1 {print $2}')"
expect_failure "nothing like it" 125 "*no container 'nosuch'*" brig run --rm -J depend=nosuch base true
expect_failure "itself" 125 "*'me' depends on itself: me -> me*" \
    brig run --rm --name me -J depend=me base true
brig create --name one -J depend=two base true >/dev/null
brig create --name two -J depend=one base true >/dev/null
expect_failure "a loop" 3 "*'two' depends on itself: two -> one -> two*" brig start one two
expect_failure "a loop, one by one" 3 "*depends on itself*" brig start two
brig rm -f one two front web db

# Addresses: in a network namespace that stands for the host's.
cat >"$work/addresses" <<'END'
ip link add host0 type veth peer name peer0
ip link set host0 up
ip addr add 192.0.2.1/24 dev host0
show() { ip -o addr show host0 | awk '{print $4}' | grep -v ^fe80 | xargs; }
echo "before: $(show)"
"$1" run --rm -J 'ip4.addr=host0|192.0.2.9/24' -J 'ip6.addr=2001:db8::9' -J interface=host0 \
    -J 'exec.prestart=ip -o addr show host0' base true |
    awk '{print $4}' | grep -v ^fe80 | xargs echo "during:"
echo "after: $(show)"
"$1" run --rm -J 'ip4.addr=host0|192.0.2.1' base true
echo "another's: $(show)"
"$1" run --rm -J 'ip4.addr=host0|192.0.2.9' base sleep 1000 &
runner=$!
until show | grep -q 192.0.2.9; do sleep 0.05; done
kill -KILL $runner
wait $runner 2>/dev/null
# The jail ends on its own time, and the container is locked until then.
tries=200
while show | grep -q 192.0.2.9 && [ $tries -gt 0 ]; do
    "$1" recover >/dev/null
    tries=$((tries - 1))
done
echo "crash: $(show)"
"$1" run --rm -J 'ip4.addr=host0|192.0.2.9' -J exec.prestart=false base true 2>/dev/null
echo "failure: $(show)"
END
expect "addresses come and go" "before: 192.0.2.1/24
during: 192.0.2.1/24 192.0.2.9/24 2001:db8::9/128
after: 192.0.2.1/24
another's: 192.0.2.1/24
crash: 192.0.2.1/24
failure: 192.0.2.1/24" "$(unshare -n sh "$work/addresses" "$brig_program" 2>&1 |
    grep -v 'warning: ip[46].addr: recorded')"
expect_match "ip_hostname" "*ip4.addr=127.0.0.1*" \
    "$(brig run --dry-run -J ip_hostname -J host.hostname=localhost base true)"
expect_failure "a name that nobody knows" 125 "*ip_hostname: *" \
    brig run --rm -J ip_hostname -J host.hostname=nosuch.invalid base true
expect_failure "no such interface" 125 "*no interface 'nosuch0' on the host*" \
    brig run --rm -J 'ip4.addr=nosuch0|192.0.2.9' base true
expect_failure "no name of an interface" 125 "*interface: \"../x\" cannot be the name of an interface*" \
    brig run --rm -J interface=../x base true
expect_failure "datasets" 125 "*zfs.dataset: ZFS delegates datasets to jails of FreeBSD only*" \
    brig run --rm -J zfs.dataset=tank/x base true

brig image rm linked
finish
