#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Restart policies: who is started again, when not, and what starts with the machine.
. "$(dirname "$0")/lib.sh"

# field CONTAINER NAME: a value of `brig inspect`, without its quotes.
field() { brig inspect "$1" | sed -n "s/.*\"$2\":\"\\{0,1\\}\\([^,\"]*\\).*/\\1/p"; }
# is CONTAINER NAME VALUE
is() { [ "$(field "$1" "$2")" = "$3" ]; }
at_least() { [ "$(field "$1" "$2")" -ge "$3" ]; }
lines() { [ "$(brig logs "$1" | grep -c "$2")" -ge "$3" ]; }
ledger() { echo "$BRIG_RUN/containers/$(field "$1" id)/ledger"; }
# The pid of its command, and of its supervisor while it waits.
noted() { sed -n "s/^!.$2.*[[:blank:]]pid=\([0-9]*\).*/\1/p" "$(ledger "$1")" | tail -n 1; }

# Refused, with nothing made.
expect_failure "a policy that is none" 125 "*unknown restart policy \"often\"*" brig run -d --restart often base true
expect_failure "with --rm" 125 "*--rm*cannot be started again*" brig run -d --rm --restart always base true
expect_failure "in the foreground" 2 "*--restart needs -d*" brig run --restart always base true
expect "nothing was made" "[]" "$(brig ps -a --json)"

# on-failure
brig run -d --name web --restart on-failure:2 base sh -c 'echo again; exit 3' >/dev/null
expect "is shown" "on-failure:2" "$(field web restart)"
wait_for is web state stopped
expect "three runs" 3 "$(brig logs web | grep -c again)"
expect "the last status" 3 "$(brig wait web)"
brig update web --restart on-failure --unset-env NONE >/dev/null
brig start web >/dev/null
wait_for at_least web restarts 2
expect "stop" "" "$(brig stop web)"
expect "is stopped" stopped "$(field web state)"
brig rm web
brig run -d --name web --restart on-failure base true >/dev/null
wait_for is web state stopped
expect "no failure, no restart" stopped "$(field web state)"
brig rm web

# always: what it is started from is the record.
brig run -d --name web --restart always base sh -c 'echo run $A; exec sleep 1000' >/dev/null
brig update web -e A=new >/dev/null
first=$(noted web process)
kill -KILL "$first"
wait_for lines web 'run new' 1
expect "the log goes on" "run" "$(brig logs web | head -n 1)"
wait_for is web state running
expect "runs again" 1 "$(field web restarts)"
expect_match "as JSON" '*"restart":"always"*' "$(brig export --format json web)"
expect_match "as TOML" '*restart = "always"*' "$(brig export --format toml web)"
expect "exec" fine "$(brig exec web echo fine)"

# As docker: killed by brig is stopped.
brig kill web
wait_for is web state stopped
expect "killed is stopped" stopped "$(field web state)"
expect "nothing is left of it" "" "$(ls "$BRIG_RUN/containers")"

# A policy that changes while it runs.
brig start web >/dev/null
expect "update" "--restart always no now" "$(brig update web --restart no | awk '$1 == "--restart" {$1 = $1; print}')"
kill -KILL "$(noted web process)"
wait_for is web state stopped
expect "goes by the new policy" "" "$(ls "$BRIG_RUN/containers")"
brig rm web

# While it waits. The pauses have become long enough to look at it.
brig run -d --name web --restart always base false >/dev/null
wait_for at_least web restarts 6
wait_for is web state restarting
expect_match "ps" "*restarting (1)*" "$(brig ps)"
expect_failure "start" 1 "*waits to be started again*brig restart web*" brig start web
expect_failure "kill" 1 "*does not run*" brig kill web
expect_failure "exec" 125 "*does not run*" brig exec web true
expect_failure "rm" 1 "*" brig rm web
expect_match "update" "*--restart *always *unless-stopped *at the next start*" "$(brig update web --restart unless-stopped)"
begin=$(date +%s%N)
brig stop web; expect "stop" 0 $?
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -lt 1500 ] || fail "stopping one that waits took $took ms"
expect "is stopped" stopped "$(field web state)"
expect "and nothing is left" "" "$(ls "$BRIG_RUN/containers")"
brig start web >/dev/null
wait_for is web state restarting
brig rm -f web; expect "rm -f" 0 $?
expect "all gone" "[]" "$(brig ps -a --json)"

# One that cannot be started again says so in its log, and is tried again.
brig run -d --name web --restart on-failure:2 -J exec.prestart="mkdir $work/once" base false >/dev/null
wait_for is web state stopped
expect "tried twice" 2 "$(brig logs web 2>&1 | grep -c 'brig: starting it again: .*exec.prestart')"
brig rm web

# A signal to the supervisor, and its death.
brig run -d --name web --restart always base false >/dev/null
wait_for at_least web restarts 5
wait_for is web state restarting
kill -TERM "$(noted web restart)"
wait_for is web state stopped
expect "ended by SIGTERM" "" "$(ls "$BRIG_RUN/containers")"
brig start web >/dev/null
wait_for at_least web restarts 5
wait_for is web state restarting
kill -KILL "$(noted web restart)"
brig recover >/dev/null
expect "recovered" stopped "$(field web state)"
expect "nothing left" "" "$(ls "$BRIG_RUN/containers")"
brig rm web

# Stop wins, whenever it comes.
brig run -d --name web --restart always base sh -c 'sleep 0.02' >/dev/null
round=0
while [ $round -lt 15 ]; do
    round=$((round + 1))
    sleep "$(awk -v round=$round 'BEGIN {printf "%.3f", round * 0.027}')"
    brig stop -t 1 web || fail "stop in round $round"
    expect "round $round" stopped "$(field web state)"
    expect "round $round: nothing left" "" "$(ls "$BRIG_RUN/containers")"
    brig start web >/dev/null || fail "start in round $round"
done
brig rm -f web

# With the machine. `stop --all` is its end; a new run directory is that of the next boot.
for name in plain always unless last stopped; do
    case $name in plain) policy=no ;; always | last) policy=always ;; *) policy=unless-stopped ;; esac
    need=
    [ $name != always ] || need="-J depend=last"
    [ $name = last ] || brig create --name $name --restart $policy $need base sleep 1000 >/dev/null
    [ $name != last ] || brig run -d --name last --restart always base sleep 1000 >/dev/null
done
brig start plain always unless stopped >/dev/null
brig stop -t 0 stopped
expect "stop --all" "" "$(brig stop -t 0 --all)"
expect "nothing runs" "[]" "$(brig ps --json)"
expect "nothing is left" "" "$(ls "$BRIG_RUN/containers")"
export BRIG_RUN="$work/run2"
brig start --all >/dev/null; expect "start --all" 0 $?
for name in always unless last; do expect "$name" running "$(field $name state)"; done
for name in plain stopped; do expect "$name" stopped "$(field $name state)"; done
expect "again: they run already" "" "$(brig start --all)"
brig start stopped >/dev/null
brig stop -t 0 last
brig kill unless
wait_for is unless state stopped
brig stop -t 0 --all
# One that fails keeps no other from starting.
brig update always -J exec.prestart=false >/dev/null
expect_failure "one fails" 1 "*'always'*exec.prestart*" brig start --all
expect "always, although it was stopped" running "$(field last state)"
expect "started by the user since" running "$(field stopped state)"
expect "unless it was stopped" stopped "$(field unless state)"
brig stop -t 0 --all
brig rm plain always unless last stopped
export BRIG_RUN="$work/run"

finish
