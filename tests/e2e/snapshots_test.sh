#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Snapshots of a container's root: create, ls, rm, rollback, run from one, diff.
. "$(dirname "$0")/lib.sh"

in_web() { brig start web >/dev/null && brig wait web >/dev/null; }

brig create --name web base sh -c 'echo $(($(cat /root/n 2>/dev/null || echo 0) + 1)) >/root/n; rm -f /etc/hosts; mkdir -p /new/dir; echo x >/new/dir/file; chmod 700 /etc; sleep ${NAP:-0}' >/dev/null
expect "nothing has changed" "" "$(brig diff web)"
expect "create says the name" "zero" "$(brig snapshot create web zero)"
expect_match "or gives one" "20*-*" "$(brig snapshot create web)"
in_web
expect "diff" "C /etc D /etc/hosts A /new A /new/dir A /new/dir/file A /root/n" "$(brig diff web | xargs)"
expect_match "diff as JSON" '*{"kind":"deleted","path":"/etc/hosts"}*' "$(brig --json diff web)"
brig snapshot create web one >/dev/null
in_web
expect "since a snapshot" "C /root/n" "$(brig diff web one | grep /root/n)"
expect "listed, the oldest first" "zero one" "$(brig snapshot ls web | awk 'NR > 1 && $1 !~ /^20/ {print $1}' | xargs)"

# Rollback.
expect_failure "newer ones are in the way" 1 "*one*" brig rollback web zero
brig rollback web one; expect "to the newest" 0 $?
expect "the content is that of then" "1" "$(brig run --rm web@one cat /root/n)"
brig rollback --force web zero; expect "further back" 0 $?
expect "newer ones are gone" "zero" "$(brig snapshot ls web | awk 'NR > 1 {print $1}' | xargs)"
in_web
expect "it goes on from there" "1" "$(brig snapshot create web again >/dev/null; brig run --rm web@again cat /root/n)"

# Bad input.
expect_failure "the name is taken" 1 "*has a snapshot 'zero' already*" brig snapshot create web zero
expect_failure "a name that is none" 3 "*cannot be the name of a snapshot*" brig snapshot create web ../zero
expect_failure "upper case" 3 "*lower-case*" brig snapshot create web Zero
expect_failure "no such snapshot" 4 "*no snapshot 'none'*it has zero, again*" brig rollback web none
expect_failure "no such container" 4 "*no container 'wab'*" brig snapshot ls wab
expect_failure "rm of none" 4 "*no snapshot 'none'*" brig snapshot rm web none
expect_failure "run from none" 125 "*no snapshot 'none'*" brig run --rm web@none true
expect "an image has one" "ok" "$(brig run --rm base@image echo ok)"

# While something was made from one.
brig create --name clone web@zero true >/dev/null
expect_failure "it is in use" 1 "*" brig snapshot rm web zero
expect_failure "and so is its container" 1 "*" brig rm web
expect "which is still whole" "1" "$(brig run --rm web@again cat /root/n)"
brig rm clone
brig snapshot rm web again; expect "rm" 0 $?

# While it runs: a storage of folders cannot.
brig run -d --name busy base sleep 1000 >/dev/null
expect_failure "a running one" 1 "*container 'busy' runs*brig stop busy*" brig snapshot create busy now
expect_failure "rollback of a running one" 1 "*" brig rollback busy now
expect "diff of a running one" "" "$(brig diff busy)"
brig exec busy touch /root/seen
expect "sees what it does" "A /root/seen" "$(brig diff busy | grep seen)"
brig rm -f busy
brig run --rm --name gone base sleep 1000 >/dev/null 2>&1 &
wait_for sh -c "'$brig_program' ps | grep -q gone"
expect_failure "an ephemeral one" 1 "*ephemeral*" brig snapshot create gone now
expect "its diff" "" "$(brig diff gone)"
brig kill gone
wait

brig rm web; expect "its snapshots go with it" 0 $?
expect "nothing is left on the storage" "1" "$(ls "$BRIG_STATE/storage/volumes" | wc -l)"

finish
