#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig plan: what a start would do, where every value comes from, and what a running container has otherwise.
. "$(dirname "$0")/lib.sh"

line() { printf '%s\n' "$2" | awk -v name="$1" '$1 == name {$1 = $1; print}'; }

printf '[defaults.params]\n"stop.timeout" = 5\n' >"$BRIG_CONFIG"
plan=$(brig plan --image base -J stop.timeout=3 -J host.hostname=a -J host.hostname=b sh -c 'exit 1')
expect "of an image" 0 $?
expect_match "its step" "*run*sh -c exit 1*" "$plan"
expect "a value and its origin" "stop.timeout 3 -J
stop.timeout 5 $BRIG_CONFIG:2:1" "$(line stop.timeout "$plan")"
expect_match "what it replaced" "host.hostname b -J
host.hostname ???????????? default
host.hostname a -J" "$(line host.hostname "$plan")"
expect_match "a driver's" "ip4 inherit network 'host' (net-inherit)" "$(line ip4 "$plan")"
expect_match "as JSON" '*"shadowed":\[{"name":"stop.timeout","values":\["5"\],"origin":"*brig.toml:2:1"}\]*' \
    "$(brig plan --json --image base -J stop.timeout=3 true)"
expect "the same as a dry run's" "$(brig run --dry-run --name x base true | sed 's/[0-9a-f]\{12\}//g')" \
    "$(brig plan --name x --image base true | sed 's/[0-9a-f]\{12\}//g')"

id=$(brig create --name web -J allow.mlock -J enforce_statfs=1 base sleep 1000)
plan=$(brig plan web)
expect_match "of a container" "brig would run 'web' from image 'base'*activate*volume $id *" "$plan"
expect "its parameter" "allow.mlock true -J" "$(line allow.mlock "$plan")"
expect_match "a warning" "*warning: enforce_statfs: recorded*" "$plan"
plan=$(brig plan --target freebsd-14 web)
expect_match "for another system" "*jail -c *enforce_statfs=*" "$plan"
expect "which has its own defaults" "" "$(line mount.procfs "$plan")"
expect_failure "and its own parameters" 3 "*unknown parameter: meta.a*it came with FreeBSD 15*" \
    brig plan --target freebsd-14 --image base -J meta.a=b true
expect_failure "which do not run here" 2 "*--target and --diff*" brig plan --target freebsd-14 --diff web
expect_failure "not running" 1 "*'web' does not run*" brig plan --diff web

brig start web >/dev/null
expect "no difference" "no parameter differs" "$(brig plan --diff web)"
brig update web -J allow.raw_sockets -J host.hostname=front >/dev/null
expect_match "what waits" "allow.raw_sockets false true at the next start *" "$(line allow.raw_sockets "$(brig plan --diff web)")"
difference=$(brig plan --diff web -n none -J host.hostname=other -J stop.timeout=1 --image base true)
expect "what could be updated now" "host.hostname front other now" "$(line host.hostname "$difference")"
expect "brig's own too" "stop.timeout 5 1 now" "$(line stop.timeout "$difference")"
expect "what could not" "ip4 inherit disable never ip4 cannot be changed after creation" "$(line ip4 "$difference")"
expect "as JSON" '[{"parameter":"allow.raw_sockets","old":["false"],"new":["true"],"when":"at the next start","reason":"a jail on Linux has the namespaces, capabilities and filters it was created with"}]' \
    "$(brig plan --json --diff web)"
brig rm -f web

brig run -d --rm --name gone -J host.hostname=x base sleep 1000 >/dev/null
expect "of an ephemeral one" "host.hostname x -J" "$(line host.hostname "$(brig plan gone)" | head -1)"
expect "which is as it is" "no parameter differs" "$(brig plan --diff gone)"
brig rm -f gone 2>/dev/null || brig stop -t 0 gone

expect_failure "nobody" 4 "*no container 'web'*" brig plan web
expect_failure "nothing" 2 "*an argument is missing*" brig plan
expect_failure "options without an image" 2 "*--param needs --image*" brig plan -J allow.mlock web
expect_failure "all that is wrong" 3 "*nosuch*
*stop.timeout*" brig plan -J nosuch -J stop.timeout=x --image base true

finish
