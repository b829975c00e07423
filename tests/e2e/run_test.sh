#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A container in the foreground: output, status, identity, environment, what it sees.
. "$(dirname "$0")/lib.sh"

run() { brig run --rm base "$@" 2>&1; }

expect "hello" "Hello World" "$(run echo "Hello World")"
expect "stdout and stderr stay apart" "out" "$(brig run --rm base sh -c 'echo out; echo err >&2' 2>/dev/null)"

run sh -c 'exit 7'; expect "exit status" 7 $?
run sh -c 'kill -TERM $$'; expect "ended by a signal" 143 $?
run nosuchcommand >/dev/null; expect "no such command" 127 $?
run /etc/passwd >/dev/null; expect "not executable" 126 $?
run /etc >/dev/null; expect "a directory" 126 $?

expect "stdin is passed with -i" "typed" "$(echo typed | brig run --rm -i base cat)"
expect "stdin is empty without -i" "" "$(echo typed | brig run --rm base cat)"

expect "hostname is the id" 1 "$(run hostname | grep -c '^[0-9a-f]\{12\}$')"
expect "hostname" "myhostname" "$(brig run --rm -J host.hostname=myhostname base hostname)"
expect "only its own processes" "1" "$(run sh -c 'ls /proc | grep -c "^[0-9]*$"' | awk '{print ($1 <= 4)}')"
expect "root is the container's" "yes" "$(run sh -c '[ -e /proc/1/root/etc/debian_version ] && echo no || echo yes')"

expect "root by default" "0:0" "$(run sh -c 'echo $(id -u):$(id -g)')"
expect "by name" "65534" "$(brig run --rm -u nobody base id -u)"
expect "by number" "4242" "$(brig run --rm -u 4242 base id -u)"
expect "user and group" "4242:33" "$(brig run --rm -u 4242:33 base sh -c 'echo $(id -u):$(id -g)')"
expect "-J exec.jail_user is stronger than -u" "0" "$(brig run --rm -u nobody -J exec.jail_user=root base id -u)"

expect "environment is clean" "HOME PATH SHELL TERM USER" \
    "$(SECRET=1 TERM=dumb brig run --rm base env | cut -d= -f1 | grep -v '^PWD$\|^SHLVL$\|^_$' | sort | xargs)"
expect "environment of -e" "b c" "$(brig run --rm -e A='b c' base sh -c 'echo "$A"')"
expect "exec.noclean passes the environment" "1" "$(SECRET=1 brig run --rm -J exec.noclean base sh -c 'echo $SECRET')"
expect "starts at home" "/root" "$(run pwd)"
expect "workdir" "/tmp" "$(brig run --rm -w /tmp base pwd)"
expect "workdir: no home is asked for" "/tmp" "$(brig run --rm -u nobody -w /tmp base pwd 2>&1)"

expect "/dev" "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero" "$(run ls /dev | xargs)"
expect "without /dev" "" "$(brig run --rm -J mount.nodevfs base ls /dev)"
expect "without /dev, the other spelling" "" "$(brig run --rm -J mount.devfs=false base ls /dev)"
expect "/dev again" "yes" "$(brig run --rm -J mount.nodevfs -J mount.devfs=true base sh -c '[ -c /dev/null ] && echo yes')"

brig run --rm base sh -c 'echo changed > /etc/motd; rm /etc/group'
expect "the image is untouched" "yes" "$(run sh -c '[ ! -e /etc/motd ] && [ -e /etc/group ] && echo yes')"

# What a jailed root may not do.
expect_match "no raw sockets" "*ermission denied*" "$(run ping -c1 -W1 127.0.0.1 | tr 'O' 'o' | sed 's/operation not permitted/permission denied/')"
expect "raw sockets when allowed" 1 "$(brig run --rm -J allow.raw_sockets base ping -c1 -W1 127.0.0.1 | grep -c '1 packets received')"
run mknod /tmp/x c 1 1 >/dev/null; expect "no device nodes" 1 $?
run mount -t tmpfs x /tmp >/dev/null; expect "no mounts" 1 $?
run reboot -f >/dev/null 2>&1; expect "no reboot" 1 $?
expect_match "no clock" "*can't set date*" "$(run date -s 2001-01-01)"
run sh -c 'dmesg' >/dev/null; expect "no kernel messages" 1 $?
run sh -c 'echo b > /proc/sysrq-trigger' >/dev/null 2>&1; expect "no sysrq" 1 $?

# Networks.
expect "network none has lo only" "lo" "$(brig run --rm -n none base ls /sys/class/net 2>/dev/null || brig run --rm -n none base ifconfig -a | awk '/^[a-z]/{print $1}')"

# Hooks see who they are for, in jail(8)'s order.
hook() { echo "$1=echo $2 \$JNAME \${JID:+jid} \$JPATH >> $work/hooks"; }
brig run --rm -J "$(hook exec.prestart prestart)" -J "$(hook exec.poststart poststart)" \
    -J "$(hook exec.prestop prestop)" -J "$(hook exec.poststop poststop)" base true
expect "order of hooks" "prestart poststart prestop poststop" "$(cut -d' ' -f1 "$work/hooks" | xargs)"
expect "JID once there is one" "poststart prestop" "$(grep ' jid ' "$work/hooks" | cut -d' ' -f1 | xargs)"
brig run --rm -J 'exec.prestart=false' base echo no >"$work/out" 2>"$work/err"; expect "a failing hook" 125 $?
expect_match "says which" "*exec.prestart*'false'*" "$(cat "$work/err")"

# The plan.
expect_match "dry run" "*jail -c path=*name=*ip4=inherit*ip6=inherit*command=echo 'Hello World'*" \
    "$(brig run --dry-run base echo "Hello World")"

finish
