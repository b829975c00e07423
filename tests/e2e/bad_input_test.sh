#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each mistake gets one clear message with a hint and the right exit status, and leaves nothing.
. "$(dirname "$0")/lib.sh"

expect_failure "unknown image" 125 "*no image 'bsae'*did you mean 'base'*" brig run --rm bsae true
expect_failure "unknown network" 125 "*no network 'hots'*did you mean 'host'*" brig run --rm -n hots base true
expect_failure "unknown user" 125 "*no user 'nobdy'*" brig run --rm -u nobdy base true
expect_failure "unknown group" 125 "*no group 'nogrp'*" brig run --rm -u root:nogrp base true
expect_failure "unknown container" 4 "*no container 'web'*" brig stop web
expect_failure "unknown driver" 4 "*no driver 'zfs'*" brig driver inspect zfs
expect_failure "unknown command" 2 "*no command 'rnu'*" brig rnu
expect_failure "unknown option" 2 "*--nmae*" brig run --nmae x base true
expect_failure "no image at all" 2 "*usage:*" brig run --rm
expect_failure "empty name" 2 "*--name*" brig run --name "" base true
expect_failure "name with a dot" 125 "*dot*" brig run --rm --name a.b base true
expect_failure "name that is a number" 125 "*number*" brig run --rm --name 123 base true
expect_failure "over-long name" 125 "*64*" brig run --rm --name "$(printf '%0100d' 1 | tr 0 a)" base true
expect_failure "empty image" 125 "*" brig run --rm "" true
expect_failure "empty command" 125 "*no command*" brig run --rm base ""
expect_failure "missing workdir" 125 "*nowhere*" brig run --rm -w /nowhere base true
expect_failure "bad environment" 125 "*NAME=value*" brig run --rm -e novalue base true

expect_failure "unknown parameter" 125 "*allow.raw_socket*allow.raw_sockets*" brig run --rm -J allow.raw_socket base true
expect_failure "misspelt value" 125 '*allow.raw_sockets: unknown boolean value "maybe"*' brig run --rm -J allow.raw_sockets=maybe base true
expect_failure "not a number" 125 '*children.max: non-integer value "abc"*' brig run --rm -J children.max=abc base true
expect_failure "out of range" 125 "*enforce_statfs*" brig run --rm -J enforce_statfs=7 base true
expect_failure "path is ours" 125 "*path*" brig run --rm -J path=/ base true
expect_failure "name is ours" 125 "*name*--name*" brig run --rm -J name=x base true
expect_failure "command is ours" 125 "*command*" brig run --rm -J command=x base true
expect_failure "read-only" 125 "*children.cur*read-only*" brig run --rm -J children.cur=1 base true
expect_failure "blanks" 125 "*blank*" brig run --rm -J " allow.raw_sockets" base true
expect_failure "contradiction" 125 "*ip4*none*" brig run --rm -n none -J ip4=inherit base true
expect_failure "vnet on a shared stack" 125 "*vnet*" brig run --rm -J vnet base true
expect_failure "several at once" 125 "*foo*
*bar*" brig run --rm -J foo -J bar=1 base true

printf '[engine]\nstroage = "dir"\n[network.x]\ndrivr = "net-inherit"\n' >"$BRIG_CONFIG"
expect_failure "configuration" 125 "*brig.toml:2:1*stroage*storage*
*brig.toml:3:10*" brig run --rm base true
expect_failure "configuration, another command" 3 "*brig.toml:2:1*" brig ps
printf '[engine\n' >"$BRIG_CONFIG"
expect_failure "syntax" 3 "*brig.toml:1:*" brig ps
: >"$BRIG_CONFIG"
expect_failure "missing file" 3 "*nosuch.toml*" brig --config "$work/nosuch.toml" ps

# Drivers that are none.
mkdir "$work/drivers"
head -c 100 "$BRIG_BUILD/lib/brig/drivers/net-inherit.so" >"$work/drivers/net-cut.so"
printf 'not a driver' >"$work/drivers/net-text.so"
printf '[engine]\ndrivers = ["%s"]\n[network.cut]\ndriver = "net-cut"\n[network.text]\ndriver = "net-text"\n' \
    "$work/drivers" >"$BRIG_CONFIG"
expect_failure "driver cut short" 125 "*net-cut*" brig run --rm -n cut base true
expect_failure "driver that is text" 125 "*net-text*" brig run --rm -n text base true
cp "$BRIG_BUILD/lib/brig/drivers/net-inherit.so" "$work/drivers/net-cut.so"
chmod g+w "$work/drivers/net-cut.so"
expect_failure "driver that a group may write" 125 "*net-cut*writable*chmod go-w*" brig run --rm -n cut base true
: >"$BRIG_CONFIG"

# Hostile images.
for target in dev proc; do
    cp -a "$work/root" "$work/hostile"
    rm -rf "${work:?}/hostile/$target"
    ln -s /tmp "$work/hostile/$target"
    brig image create "hostile-$target" --from-dir "$work/hostile" >/dev/null
    expect_failure "/$target is a link" 125 "*/$target*link*" brig run --rm "hostile-$target" true
    brig image rm "hostile-$target"
    rm -rf "$work/hostile"
done
cp -a "$work/root" "$work/hostile"
rm "$work/hostile/etc/passwd"
echo 'evil:x:0:0::/:/bin/sh' >"$work/passwd-outside"
ln -s "$work/passwd-outside" "$work/hostile/etc/passwd"
brig image create hostile-passwd --from-dir "$work/hostile" >/dev/null
expect_failure "passwd outside the root" 125 "*no user 'evil'*" brig run --rm -u evil hostile-passwd true
brig image rm hostile-passwd

# Archives.
mkdir "$work/tar"
echo x >"$work/tar/x"
tar -C "$work/tar" -cf "$work/up.tar" --transform 's,x,../../x,' x
tar -C "$work/tar" -cPf "$work/absolute.tar" --transform "s,x,$work/escaped," x
tar -C "$work/root" -czf "$work/good.tgz" .
head -c 5000 "$work/good.tgz" >"$work/cut.tgz"
for archive in up.tar absolute.tar cut.tgz; do
    message=$(brig image create bad --from-tar "$work/$archive" 2>&1)
    case $? in 1 | 3) pass ;; *) fail "archive $archive: status" ;; esac
    expect_match "archive $archive" "brig: creating image 'bad'*" "$message"
done
[ ! -e "$work/escaped" ] || fail "an archive wrote outside the root"
expect_failure "archive that is missing" 4 "*nosuch.tar*" brig image create bad --from-tar "$work/nosuch.tar"
expect_failure "no source" 2 "*--from-dir*" brig image create bad
expect "good archive" 12 "$(brig image create good --from-tar "$work/good.tgz" | tr -d '\n' | wc -c | tr -d ' ')"
brig image rm good

# Descriptors that are not there.
brig run --rm base true <&- >&- 2>&-; expect "everything closed" 0 $?
brig run --rm base echo lost >&-; status=$?
case $status in 0 | 1) pass ;; *) fail "stdout closed: status $status" ;; esac

for command in "ps" "ps --json" "params" "image ls" "version" "help" "run --dry-run base true"; do
    # shellcheck disable=SC2086
    message=$(brig $command 2>&1 >/dev/full); status=$?
    expect "$command to a full device: status" 1 $status
    expect_match "$command to a full device: message" "brig: write to standard output: *No space left*hint: *" "$message"
done
expect "a command's own output on a full device is its own" 1 \
    "$(brig run --rm base echo lost 2>/dev/null >/dev/full; echo $?)"
expect "stdin closed" "fine" "$(brig run --rm -i base sh -c 'cat; echo fine' <&-)"
brig ps >&-; expect "ps, stdout closed" 0 $?

# State directories.
mkdir -p "$work/newer/images/names"
sqlite3 "$work/newer/brig.db" 'PRAGMA user_version=99'
expect_failure "newer schema" 3 "*newer brig*" brig --state "$work/newer" ps -a
printf '99\n' >"$work/newer/images/abcdefabcdef"
ln -s abcdefabcdef "$work/newer/images/names/base:latest"
expect_failure "newer image" 125 "*newer brig*" brig --state "$work/newer" run --rm base true

expect_failure "newer schema, another command" 3 "*newer brig*hint: *" brig --state "$work/newer" ps
expect "a newer schema is left alone" 99 "$(sqlite3 "$work/newer/brig.db" 'PRAGMA user_version')"

finish
