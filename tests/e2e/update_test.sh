#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig update: what a running container gets at once, what waits for its next start, what is refused.
. "$(dirname "$0")/lib.sh"

# line NAME TEXT: the line of a table that begins with NAME, with runs of blanks as one.
line() { printf '%s\n' "$2" | awk -v name="$1" '$1 == name {$1 = $1; print}'; }
param() { brig inspect "$1" | sed -n "s/.*\"$2\":{\"values\":\\[\\([^]]*\\)\\].*/\\1/p"; }

brig run -d --name web -J stop.timeout=2 base sleep 1000 >/dev/null
touched=$(brig update web -J host.hostname=front -J allow.raw_sockets --unset stop.timeout -e A=1)
expect "update" 0 $?
expect_match "at once" "host.hostname ???????????? front now" "$(line host.hostname "$touched")"
expect_match "at the next start" "allow.raw_sockets false true at the next start a jail on Linux *" "$(line allow.raw_sockets "$touched")"
expect "back to the default" "stop.timeout 2 10 now" "$(line stop.timeout "$touched")"
expect_match "a variable" "-e A at the next start its command *" "$(line -e "$touched")"
expect "in the jail" front "$(brig exec web hostname)"
expect "inspect" '"front"' "$(param web host.hostname)"
expect "not in the jail yet" "" "$(param web allow.raw_sockets)"
expect "nor in its environment" "" "$(brig exec web sh -c 'echo $A')"
expect "once more" "nothing is different" "$(brig update web -J host.hostname=front)"
expect "as JSON" '[{"parameter":"host.domainname","old":[""],"new":["example.org"],"when":"now","reason":""},{"variable":"A","when":"at the next start","reason":"its command has the environment that it was started with"}]' \
    "$(brig update --json -J host.domainname=example.org --unset-env A web)"
expect "the domain" example.org "$(brig exec web cat /proc/sys/kernel/domainname)"

expect_failure "for creation only" 3 "*-J osrelease=9: osrelease cannot be changed after creation*" brig update web -J osrelease=9 -J host.hostname=never
expect_failure "all at once" 3 "*unknown parameter: nosuch*
*--unset-env*
*stop.timeout*" brig update web --unset nosuch -J stop.timeout=x --unset-env A=B -J host.hostname=never
expect_failure "brig's own" 3 "*path belongs to*" brig update web --unset path
expect_failure "what brig needs" 3 "*persist: brig keeps the jail*" brig update web -J persist
expect_failure "a name that Linux refuses" 1 "*change the names of jail*" brig update web -J "host.hostname=$(printf '%0100d' 1)"
expect_failure "nothing" 2 "*nothing to change*" brig update web
expect_failure "nobody" 4 "*no container 'wbe'*did you mean 'web'*" brig update wbe -J allow.mlock
expect "after all that" front "$(brig exec web hostname)"

brig update web -e B=2 >/dev/null
brig stop -t 0 web
expect_match "stopped: everything" "osrelease * 9 at the next start" "$(line osrelease "$(brig update web -J osrelease=9 -J host.hostname=third)")"
brig start web >/dev/null
expect "the next start" third "$(brig exec web hostname)"
expect "has all that waited" '"true"' "$(param web allow.raw_sockets)"
expect "and the variables" "2" "$(brig exec web sh -c 'echo $A$B')"
brig rename web www
expect_match "renamed" "*allow.raw_sockets*" "$(brig update www --unset allow.raw_sockets)"
brig rm -f www

# Addresses change at once (loopback_test.sh), those of interfaces when they are given.
cat >"$work/addresses" <<'END'
"$1" run -d --name web -J ip4.addr=192.0.2.1 base sleep 1000 >/dev/null
"$1" update web -J ip4.addr=192.0.2.2
"$1" rm -f web
"$1" run -d --name web -J ip4.addr=192.0.2.1 -J interface=lo base sleep 1000 >/dev/null 2>&1
"$1" update web -J ip4.addr=192.0.2.2
"$1" rm -f web
END
addresses=$(unshare -n sh "$work/addresses" "$brig_program")
expect_match "addresses" "ip4.addr 192.0.2.1 192.0.2.1, 192.0.2.2 now
ip4.addr 192.0.2.1 192.0.2.1, 192.0.2.2 at the next start interfaces get *" "$(line ip4.addr "$addresses")"

brig run -d --rm --name gone -J exec.prestop="echo one >>$work/hooks" base sleep 1000 >/dev/null
expect_failure "ephemeral, for the next start" 3 "*exec.poststart=x*no next start*" brig update gone -J exec.poststart=x
brig update gone -J host.hostname=soon -J exec.prestop="echo two >>$work/hooks" >/dev/null
expect "ephemeral" soon "$(brig exec gone hostname)"
brig stop -t 0 gone
expect "its hooks" "one two" "$(xargs <"$work/hooks")"

# Killed anywhere, it leaves old or new values, and recover makes them one.
brig run -d --name web -J host.hostname=old base sleep 1000 >/dev/null
round=0
while [ $round -lt 20 ]; do
    round=$((round + 1))
    "$brig_program" update web -J "host.hostname=new$round" -J "stop.timeout=$round" >/dev/null 2>&1 &
    updater=$!
    sleep "$(awk -v round=$round 'BEGIN {printf "%.4f", round * 0.002}')"
    kill -KILL $updater 2>/dev/null
    wait $updater 2>/dev/null
    brig recover >/dev/null || fail "recover after round $round"
    name=$(brig exec web hostname)
    expect "round $round: noted as it is" "\"$name\"" "$(param web host.hostname)"
done
brig update web --unset stop.timeout --unset host.hostname >/dev/null
expect "back again" "$(brig inspect web | sed 's/.*"id":"\([^"]*\)".*/\1/')" "$(brig exec web hostname)"
brig rm -f web

finish
