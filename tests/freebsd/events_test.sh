#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: events_test.sh BRIG
# brig events on FreeBSD, where kqueue(2) wakes who listens: what is said of what, to several at once,
# while many write, over more files than one, and when somebody was killed.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
image=$(brig image ls --json | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')

# events FILTER…: what has happened, without times and ids.
events() {
    for filter; do
        set -- "$@" -f "$filter"
        shift
    done
    brig events --since 1h --until 0s "$@" | sed -E 's/^[^ ]* //; s/[0-9a-f]{12}/ID/g'
}
# words_of FILTER…: which ones, in one line.
words_of() { events "$@" | cut -d' ' -f2 | xargs; }

# Listeners of different kinds, which hear it as it happens.
listeners=
listen() { # listen FILE OPTION…
    file=$1
    shift
    "$brig_program" events "$@" >"$file" 2>&1 &
    listeners="$listeners $!"
}
listen "$work/live" --json
listen "$work/other" --json
listen "$work/died" -f event=died
listen "$work/past" --json --since 1h
stop_listeners() {
    # shellcheck disable=SC2086
    [ -z "$listeners" ] || kill $listeners 2>/dev/null
    for listener in $listeners; do wait "$listener" 2>/dev/null; done
    listeners=
}
trap 'stop_listeners; clean_up' EXIT
probe() {
    brig run --rm --name probe base true &&
        for file in live other died past; do [ -s "$work/$file" ] || return 1; done
}
wait_for probe
is "they hear" 0 $?

brig run --rm --name short base sh -c 'exit 3'
is "a short life" "container created ID (name=short, image=base)
container started ID (name=short, image=base)
container died ID (name=short, exit_status=3, image=base)
container removed ID (name=short, image=base)" "$(events container=short)"
for file in live other past; do
    wait_for grep -q '"event":"removed".*"name":"short"' "$work/$file"
    is "the same for listener '$file'" 4 "$(grep -c '"name":"short"' "$work/$file")"
done
is "what is filtered" "died (name=short, exit_status=3, image=base)" \
    "$(sed -n 's/^[^ ]* container died [0-9a-f]* (name=short/died (name=short/p' "$work/died")"
is "and nothing else" "" "$(grep -v ' container died ' "$work/died")"
like "as JSON" '{"time":"2*Z","type":"container","event":"died","id":"*","name":"short","attributes":{"exit_status":"3","image":"base"}}' \
    "$(grep died "$work/live" | tail -n 1)"
is "the past is there for who asks" created "$(sed -n 's/.*"event":"\([a-z]*\)".*/\1/p' "$work/past" | head -n 1)"

# A failed start is no event.
brig run --rm --name bad -J exec.prestart=false base true >/dev/null 2>&1
is "what did not start" "" "$(events container=bad)"

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
is "a long life" "created (name=web, image=base)
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

brig run -d --name again --restart on-failure:1 base false >/dev/null
wait_for no_container_runs
is "restarts" "created started died restarting started died" "$(words_of container=again)"
brig rm again

# The owner is killed: whoever tears down says so, and nobody knows the status.
"$brig_program" run --rm --name owned base sleep 1000 >/dev/null 2>&1 &
owner=$!
wait_for is_running owned
kill -KILL $owner
wait $owner 2>/dev/null
brig recover >/dev/null
is "an owner that was killed" "died (name=owned, image=base)
removed (name=owned, image=base)" \
    "$(events container=owned event=died event=removed | sed 's/^container //; s/ ID//')"

# Its jail is removed by somebody else.
brig run -d --name foreign base sleep 1000 >/dev/null
jail -R "$(brig inspect foreign | sed 's/.*"jid":\([0-9]*\).*/\1/')"
wait_for no_container_runs
is "a jail that was removed" "created started died" "$(words_of container=foreign)"
brig rm foreign

# Networks, volumes, images.
printf '[network.lo]\ndriver = "net-loopback"\nsubnet = "127.88.4.0/24"\n' >>"$BRIG_CONFIG"
brig network create -d net-loopback --subnet 127.88.5.0/24 made >/dev/null
brig create --name member -n made base true >/dev/null
brig rm member
brig network rm made
brig volume create data >/dev/null
brig volume rm data
brig image tag base other
brig image rm other
is "networks" "created removed" "$(words_of type=network network=made)"
is "volumes" "created removed" "$(words_of volume=data)"
is "images" "image created ID (name=base:latest, storage=dir)
image tagged ID (name=other:latest)
image untagged ID (name=other:latest)" "$(events type=image)"
is "by the beginning of an id" 3 \
    "$(events type=image "image=$(echo "$image" | cut -c1-6)" | wc -l | tr -d ' ')"

# Many at once: not one is missing, for nobody, and each in its order.
runners=
for n in $(seq 16); do
    "$brig_program" run --rm --name "many-$n-" base true >/dev/null 2>&1 &
    runners="$runners $!"
done
for runner in $runners; do wait "$runner"; done
brig volume create end >/dev/null
brig volume rm end
for file in live other past; do
    wait_for grep -q '"removed".*"name":"end"' "$work/$file"
    for n in $(seq 16); do
        grep "\"name\":\"many-$n-\"" "$work/$file" | sed 's/.*"event":"\([a-z]*\)".*/\1/' | xargs
    done | sort | uniq -c | awk '{$1 = $1; print}' >"$work/counted"
    is "sixteen at once, for '$file'" "16 created started died removed" "$(cat "$work/counted")"
done
is "all heard the same" "" "$(diff "$work/live" "$work/other")"

# More than a file holds: the next one begins, and nobody who listens misses any.
filler=$(printf '%0900d' 0)
before=$(wc -l <"$work/live")
size=0
while [ "$(head -n 1 "$BRIG_RUN/events")" = "brig-events 1 1" ] && [ $size -lt 20000 ]; do
    printf "$(date +%s)000\tvolume\tcreated\t$filler\tfilled\n%.0s" $(seq 100) >>"$BRIG_RUN/events"
    size=$((size + 100))
    brig volume create turn >/dev/null
    brig volume rm turn
done
like "the next file" "brig-events 1 2" "$(head -n 1 "$BRIG_RUN/events")"
like "and the last one" "brig-events 1 1" "$(head -n 1 "$BRIG_RUN/events.1")"
brig run --rm --name after base true
wait_for grep -q '"event":"removed".*"name":"after"' "$work/live"
is "over the end of a file" "$((size + size / 50 + 4))" "$(($(wc -l <"$work/live") - before))"
wait_for grep -q '"event":"removed".*"name":"after"' "$work/other"
is "for each" "" "$(diff "$work/live" "$work/other")"
is "and for who looks back" "$((size + size / 50))" "$(events type=volume volume=filled volume=turn | wc -l | tr -d ' ')"

# Not of the configuration's or the user's making.
said=$(brig events --since soon 2>&1)
like "a time" '2 brig: no time "soon"*10m*' "$? $said"
said=$(brig events -f label=x 2>&1)
like "a filter" "2 brig: no filter*" "$? $said"
said=$(brig events web 2>&1)
like "an operand" "2 *" "$? $said"
printf '2000\tcontainer\tstarted\tid\t\033[2Jname\n' >>"$BRIG_RUN/events"
like "escapes" '*\x1b[2Jname*' "$(brig events --since 1 --until 0s -f event=started 2>&1 | grep 2Jname | cat -v)"

stop_listeners
is "nobody is left" "" "$(ps -ax -o command | grep -F "$brig_program events" | grep -v grep)"

echo "1..$number"
[ $failures -eq 0 ]
