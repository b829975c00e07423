#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig events: what is said of what, by whom, and when somebody was killed.
. "$(dirname "$0")/lib.sh"

# events FILTER…: what has happened, without times and ids.
events() {
    for filter; do
        set -- "$@" -f "$filter"
        shift
    done
    brig events --since 1h --until 0s "$@" | sed -E 's/^[^ ]* //; s/[0-9a-f]{12}/ID/g'
}

image=$(brig image ls --json | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
"$brig_program" events --json >"$work/live" &
listener=$!
probe() { brig volume create probe >/dev/null && brig volume rm probe && [ -s "$work/live" ]; }
wait_for probe

brig run --rm --name short base sh -c 'exit 3'
expect "a short life" "container created ID (name=short, image=base)
container started ID (name=short, image=base)
container died ID (name=short, exit_status=3, image=base)
container removed ID (name=short, image=base)" "$(events container=short)"
wait_for grep -q '"event":"removed"' "$work/live"
expect "the same for a listener" 4 "$(grep -c '"name":"short"' "$work/live")"
expect_match "as JSON" '{"time":"2*Z","type":"container","event":"died","id":"*","name":"short","attributes":{"exit_status":"3","image":"base"}}' \
    "$(grep died "$work/live")"

# A failed start is no event.
brig run --rm base /no/such/command >/dev/null 2>&1
brig run --rm --name bad -J exec.prestart=false base true >/dev/null 2>&1
expect "what did not start" "" "$(events container=bad)"

# A long life.
brig run -d --name web base sleep 1000 >/dev/null
brig rename web www
brig update -J host.hostname=changed www >/dev/null
brig exec www true
brig kill -s HUP www >/dev/null
brig wait www >/dev/null
brig snapshot create www before >/dev/null
brig rollback www before
brig snapshot rm www before
brig start www >/dev/null
brig stop -t 0 www >/dev/null
brig rm www
expect "a long life" "created (name=web, image=base)
started (name=web, image=base)
renamed (name=www, old_name=web)
updated (name=www, changed=host.hostname)
signalled (name=www, signal=1)
died (name=www, exit_status=129, image=base, signal=1)
snapshot-taken (name=www, snapshot=before)
rolled-back (name=www, snapshot=before)
snapshot-removed (name=www, snapshot=before)
started (name=www, image=base)
died (name=www, exit_status=137, image=base, signal=9)
stopped (name=www)
removed (name=www, image=base)" \
    "$(events type=container container=web container=www | sed 's/^container //; s/ ID//')"

# Restarts.
brig run -d --name again --restart on-failure:1 base false >/dev/null
wait_for sh -c "'$brig_program' ps -a | grep -q 'again.*stopped'"
expect "restarts" "created started died restarting started died" \
    "$(events container=again | cut -d' ' -f2 | tr '\n' ' ' | sed 's/ $//')"
brig rm again

# The owner is killed: whoever tears down says so, and nobody knows the status.
"$brig_program" run --rm --name owned base sleep 1000 >/dev/null 2>&1 &
owner=$!
has_started() { [ -n "$(events container=owned event=started)" ]; }
wait_for has_started
kill -KILL $owner
wait $owner 2>/dev/null
wait_for sh -c "'$brig_program' recover; ! '$brig_program' inspect owned"
expect "an owner that was killed" "died ID (name=owned, image=base)
removed ID (name=owned, image=base)" \
    "$(events container=owned event=died event=removed | sed 's/^container //')"

# Networks, volumes, images.
brig network create lan --subnet 10.118.4.0/24 >/dev/null
brig network create other --subnet 10.118.5.0/24 >/dev/null
brig create --name member -n other base true >/dev/null
brig network connect lan member
brig network disconnect lan member
brig rm member
brig network rm lan
brig network rm other
brig volume create data >/dev/null
brig volume rm data
brig image tag base other
brig image rm other
expect "networks" "created lan (name=lan, driver=net-vnet)
connected lan (name=lan, container=member, container_id=ID)
disconnected lan (name=lan, container=member, container_id=ID)
removed lan (name=lan, driver=net-vnet)" "$(events type=network network=lan | sed 's/^network //')"
expect "the same by container" 2 "$(events type=network container=member | wc -l | tr -d ' ')"
expect "volumes" "created removed" \
    "$(events volume=data | cut -d' ' -f2 | tr '\n' ' ' | sed 's/ $//')"
expect "images" "image created ID (name=base:latest, storage=dir)
image tagged ID (name=other:latest)
image untagged ID (name=other:latest)" "$(events type=image)"
expect "by the beginning of an id" 3 \
    "$(events type=image "image=$(echo "$image" | cut -c1-6)" | wc -l | tr -d ' ')"

# Many at once: not one is missing.
for i in $(seq 32); do
    brig run --rm --name "many-$i" base true &
    eval "runner_$i=\$!"
done
for i in $(seq 32); do
    eval "wait \$runner_$i"; expect "run $i" 0 $?
done
for i in $(seq 32); do
    expect "events of run $i" 4 "$(grep -c "\"name\":\"many-$i\"" "$work/live")"
done

# Not of the configuration's or the user's making.
expect_failure "a time" 2 "brig: no time \"soon\"*10m*" brig events --since soon
expect_failure "a filter" 2 "brig: no filter*" brig events -f label=x
expect_failure "an operand" 2 "*" brig events web

# What a hostile process could put there stays text.
printf '2000\tcontainer\tstarted\tid\t\033[2Jname\n' >>"$BRIG_RUN/events"
expect_match "escapes" '*\x1b[2Jname*' "$(brig events --since 1 --until 0s -f event=started 2>&1 | tail -1)"

kill "$listener"
wait "$listener" 2>/dev/null
finish
