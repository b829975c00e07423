#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig params: every parameter, what one may write, its default and whose that is, what it does here.
. "$(dirname "$0")/lib.sh"

# row NAME: its line, with runs of blanks as one.
row() { brig params "$1" | awk -v name="$1" '$1 == name {$1 = $1; print}'; }

expect "heading" "NAME TYPE DEFAULT ORIGIN SET SINCE EFFECT MANUAL DESCRIPTION" \
    "$(brig params | awk 'NR == 1 {$1 = $1; print}')"
expect_match "a boolean" "allow.raw_sockets boolean false kernel any time 13.2 enforced jail(8) *" "$(row allow.raw_sockets)"
expect_match "a range" "enforce_statfs integer 0 to 2 2 kernel any time 13.2 recorded jail(8) *" "$(row enforce_statfs)"
expect_match "choices" "ip4 disable|new|inherit disable kernel at creation 13.2 enforced jail(8) *" "$(row ip4)"
expect_match "fewer choices" "vnet new|inherit inherit kernel at creation 13.2 enforced *" "$(row vnet)"
expect_match "read-only" "children.cur integer * read-only *" "$(row children.cur)"
expect_match "ours" "path string, 1023 bytes - kernel by brig *" "$(row path)"
expect_match "brig's own default" "host.hostname string, 255 bytes <id> brig *" "$(row host.hostname)"
expect_match "brig's own parameter" "stop.timeout integer, at least 0 10 brig any time 13.2 enforced *" "$(row stop.timeout)"
expect_match "what is not performed" "zfs.dataset list - brig any time 14 refused *" "$(row zfs.dataset)"
expect_failure "and is refused" 125 "*zfs.dataset: ZFS delegates datasets to jails of FreeBSD only*" \
    brig run --rm -J zfs.dataset=tank/x base true
expect_failure "nothing like it" 4 "*no parameter like 'nosuch'*hint: *" brig params nosuch
expect "a pattern" "allow.mount" "$(brig params 'allow.moun?' | awk 'NR > 1 {print $1}')"
expect "a part of a name" "ip4.saddrsel ip6.saddrsel" "$(brig params saddrsel | awk 'NR > 1 {print $1}' | xargs)"

printf '[defaults.params]\n"enforce_statfs" = 1\n' >"$BRIG_CONFIG"
expect_match "a configured default" "enforce_statfs integer 0 to 2 1 *brig.toml:2:* *" "$(row enforce_statfs)"
printf '[defaults.params]\n"enforce_statsf" = 1\n' >"$BRIG_CONFIG"
expect_match "helps to mend the configuration" "enforce_statfs integer 0 to 2 2 kernel *" "$(row enforce_statfs)"
: >"$BRIG_CONFIG"

expect "as JSON" '[{"name":"securelevel","type":"integer","min":-1,"max":3,"default":"-1","origin":"kernel","access":"read_write","effect":"recorded","performer":"kernel","manual":"jail(8)","since":"13.2","summary":"Jail secure level"}]' \
    "$(brig params --json securelevel)"

# Of another system than this host.
target() { brig run --dry-run --target "$@" base true; }
expect "a target's parameters" "allow.adjtime" "$(brig params --target freebsd-14 adjtime | awk 'NR > 1 {print $1}')"
expect_match "a target enforces" "securelevel * enforced *" "$(brig params --target freebsd-15 securelevel | awk 'NR > 1')"
expect_failure "a parameter that came later" 4 "*freebsd-13.2 has no parameter like 'adjtime'*" \
    brig params --target freebsd-13.2 adjtime
expect_failure "no such target" 3 "*no target 'freebsd-12'*freebsd-13.2*" brig params --target freebsd-12
expect_match "a run is checked for a target" "*meta.colour*blue*-J*jail -c *meta.colour=blue*" \
    "$(target freebsd-15 -J meta.colour=blue)"
expect_match "a target's own defaults" "*mount.devfs*" "$(target freebsd-15)"
expect "and none of this host" "" "$(target freebsd-15 | grep mount.procfs)"
expect_failure "what the target lacks" 125 "*unknown parameter: meta.colour*it came with FreeBSD 15*" \
    target freebsd-14 -J meta.colour=blue
expect_match "create checks too" "*jail -c *allow.settime*" \
    "$(brig create --dry-run --target freebsd-14 -J allow.settime base true)"
expect_failure "a target is not run on" 2 "*--target is for --dry-run*" brig run --target freebsd-14 base true
expect_failure "nor created on" 2 "*--target is for --dry-run*" brig create --target freebsd-14 base true

# Whatever is in a value.
expect_match "keys" '*"name":"meta.colour","values":?"blue"?,"origin":"-J"*' \
    "$(brig run --dry-run --json -J meta.colour=blue base true)"
newline='
'
expect "a newline in a value" "a${newline}b" "$(brig run --rm -J "host.hostname=a${newline}b" base hostname)"
expect_failure "a newline in a name" 125 "*control character*" brig run --rm -J "per${newline}sist" base true
expect_failure "bytes that are no text" 125 "*unknown boolean value*" brig run --rm -J "persist=$(printf '\377')" base true

finish
