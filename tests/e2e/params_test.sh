#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig params: every parameter, what one may write, its default and whose that is, what it does here.
. "$(dirname "$0")/lib.sh"

# row NAME: its line, with runs of blanks as one.
row() { brig params "$1" | awk -v name="$1" '$1 == name {$1 = $1; print}'; }

expect "heading" "NAME TYPE DEFAULT ORIGIN SET EFFECT MANUAL DESCRIPTION" \
    "$(brig params | awk 'NR == 1 {$1 = $1; print}')"
expect_match "a boolean" "allow.raw_sockets boolean false kernel any time enforced jail(8) *" "$(row allow.raw_sockets)"
expect_match "a range" "enforce_statfs integer 0 to 2 2 kernel any time recorded jail(8) *" "$(row enforce_statfs)"
expect_match "choices" "ip4 disable|new|inherit disable kernel at creation enforced jail(8) *" "$(row ip4)"
expect_match "fewer choices" "vnet new|inherit inherit kernel at creation enforced *" "$(row vnet)"
expect_match "read-only" "children.cur integer * read-only *" "$(row children.cur)"
expect_match "ours" "path string, 1023 bytes - kernel by brig *" "$(row path)"
expect_match "brig's own default" "host.hostname string, 255 bytes <id> brig *" "$(row host.hostname)"
expect_match "brig's own parameter" "stop.timeout integer, at least 0 10 brig any time enforced *" "$(row stop.timeout)"
expect_match "what is not performed" "zfs.dataset list - brig any time refused *" "$(row zfs.dataset)"
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

expect "as JSON" '[{"name":"securelevel","type":"integer","min":-1,"max":3,"default":"-1","origin":"kernel","access":"read_write","effect":"recorded","performer":"kernel","manual":"jail(8)","summary":"Jail secure level"}]' \
    "$(brig params --json securelevel)"

finish
