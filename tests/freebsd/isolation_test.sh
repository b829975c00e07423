#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: isolation_test.sh BRIG
# Drivers in processes of their own: nobody can tell that brig's own ones are, and whatever a driver
# does, its operation fails with its name, what it has made is torn down, and others do not notice.
# BRIG_TEST_DRIVERS: the folder of net-rogue.so, which is built from tests/drivers.
# BRIG_CRASH_ROUNDS: how often brig is killed in the middle of a run.
. "$(dirname "$0")/lib.sh"

drivers=$(realpath "${BRIG_TEST_DRIVERS:-$(dirname "$0")/../drivers}")
[ -e "$drivers/net-rogue.so" ] || { echo "1..0 # SKIP needs net-rogue.so, see BRIG_TEST_DRIVERS"; exit 0; }
rounds=${BRIG_CRASH_ROUNDS:-8}
files=$work/files
mkdir "$files"
make_root "$work/root"
pool=brigiso$$
make_pool "$pool" || pool=

hosts() { ps -axww -o command | grep '^brig-driver-host'; }

# What is on the machine, with what drivers may leave.
all_there() {
    inventory
    ifconfig -l | tr ' ' '\n' | sort
    ls "$files"
    hosts
}

# same_machine WHAT: what was killed may have children that take a moment to end.
same_machine() {
    looks=25
    until all_there >"$work/machine.after" && cmp -s "$work/machine.before" "$work/machine.after"; do
        looks=$((looks - 1))
        [ $looks -gt 0 ] || break
        sleep 0.2
    done
    is "$1" "" "$(diff "$work/machine.before" "$work/machine.after")"
}

# ---- brig's own drivers, in its process and in processes of their own ----

# configure_own ISOLATION
configure_own() {
    for driver in net-inherit net-loopback net-vnet storage-dir storage-zfs; do
        printf '[driver.%s]\nisolation = "%s"\n' $driver "$1"
    done
    printf '[network.lan]\ndriver = "net-vnet"\nsubnet = "10.77.0.0/24"\n'
    printf '[network.lo]\ndriver = "net-loopback"\nsubnet = "127.77.0.0/24"\n'
    [ -z "$pool" ] || printf '[storage.zfs]\ndriver = "storage-zfs"\ndataset = "%s/brig"\nmountpoint = "%s/zfs"\n' \
        "$pool" "$work"
}

# Ids, tags and what follows from them are another each time.
mask() {
    sed -E 's/  +/ /g; s/[[:<:]]v[a-z0-9]{13}[[:>:]]/NAME/g; s/[0-9a-f]{12}/ID/g
        s/[[:<:]](brl?[a-z0-9]{8,}|lo[0-9]{4,}|epair[0-9]+[ab]?)[[:>:]]/NAME/g
        s/[0-9]{4}-[0-9-]*T[0-9:.]*Z/TIME/g; s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g
        s/"(pid|jid)": *[0-9]+/PID/g; s/in-process|[[:<:]]process[[:>:]]/ISOLATION/g
        s/(10|127)\.77\.0\.[0-9]+/ADDRESS/g; s/fe80:[0-9a-f:]*/LOCAL/g'
}

addresses_in() { brig exec "$1" ifconfig 2>&1 | awk '$1 ~ /^inet/ {print $1, $2, $3, $4}'; }

networks_of_scenario() {
    for network in host none lan lo; do
        echo "== $network"
        brig run --dry-run -n $network base true
        brig run --rm -n $network base ifconfig -l | xargs -n 1 | grep -v -e '^br' -e '^lo[1-9]' -e '^v'
    done
    echo "== two networks, connected and disconnected"
    brig run -d --name web -n lan base sleep 1000 >/dev/null
    brig inspect web
    addresses_in web
    brig network connect lo web
    brig network ls
    brig network disconnect lan web
    addresses_in web
    brig network connect lan web
    addresses_in web
    brig recover
    brig rm -f web
    echo "== mistakes"
    brig run --rm -n lan:ip4=10.99.0.1 base true
    brig run --rm -n lan:nosuch=1 base true
    brig network rm lan
}

# storage_of_scenario STORAGE
storage_of_scenario() {
    echo "== storage $1"
    brig image create own --storage "$1" --from-dir "$work/root" >/dev/null
    brig create --name kept own sh -c 'echo changed >>/etc/motd; rm -f /etc/protocols' >/dev/null
    brig start kept
    brig wait kept
    brig diff kept
    brig snapshot create kept one
    brig snapshot ls kept
    brig rollback kept one
    brig image create again --from-container kept --storage "$1" >/dev/null
    brig run --rm again cat /etc/motd
    brig rm kept
    brig image rm again
    brig volume create --storage "$1" data >/dev/null
    brig run --rm -m data:/mnt own sh -c 'echo kept >/mnt/file'
    brig run --rm -m data:/mnt own cat /mnt/file
    brig volume rm data
    brig image rm own
}

brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
for isolation in in-process process; do
    configure_own $isolation >"$BRIG_CONFIG"
    {
        brig driver ls
        networks_of_scenario
        storage_of_scenario dir
        [ -z "$pool" ] || storage_of_scenario zfs
        brig storage ls
    } >"$work/$isolation.raw" 2>&1
    mask <"$work/$isolation.raw" >"$work/$isolation.out"
    brig network prune >/dev/null 2>&1
done
is "no difference" "" "$(diff "$work/in-process.out" "$work/process.out")"
is "their isolation is shown" 5 "$(grep -c -e '^net-.* process ' -e '^storage-.* process ' "$work/process.raw")"
is "nothing broke" "" "$(grep -n -e 'broke its' -e crashed -e 'ended its own' "$work/process.out")"
like "it saw containers run" "*ADDRESS*MAC*changed*kept*" "$(tr '\n' ' ' <"$work/process.out")"
is "their processes are gone" "" "$(hosts)"

# ---- One that misbehaves ----

timeout=5s
# configure DEED [AT [ISOLATION]]: the network "rogue" does DEED in the operation AT.
configure() {
    cat >"$BRIG_CONFIG" <<END
[engine]
drivers = ["$drivers"]
[driver.net-rogue]
isolation = "${3-process}"
timeout = "$timeout"
[network.rogue]
driver = "net-rogue"
path = "$files"
deed = "$1"
at = "${2-prepare}"
[network.sound]
driver = "net-rogue"
path = "$files"
END
}

run_rogue() { brig run --rm -n rogue base "$@" >"$work/out" 2>&1; }

configure none
like "its isolation is shown" "net-rogue *network *1.0 *process *" "$(brig driver ls | grep '^net-rogue')"
brig run -d --name neighbour -n sound base sleep 1000 >/dev/null
is "a neighbour" 0 $?
all_there >"$work/machine.before"

for isolation in process in-process; do
    configure none prepare $isolation
    is "a sound driver, $isolation" hello "$(brig run --rm -n rogue base echo hello 2>&1)"
done

# misdeed DEED PATTERN: before the jail is there and once inside.
misdeed() {
    for at in prepare attach; do
        configure "$1" $at
        run_rogue true
        like "$1 in $at" "125 *net-rogue*$2*" "$? $(cat "$work/out")"
        same_machine "$1 in $at: nothing is left"
    done
}

misdeed crash "crashed (signal 11)"
misdeed abort "crashed (signal 6): net-rogue: assertion failed"
misdeed exit "ended its own process (status 7)"
misdeed print "wrote 'hello from a driver' to its standard output"
misdeed fork "left a process that it had forked"
misdeed daemon "left a process that it had forked"
misdeed daemon-then-crash "crashed (signal 9)"
misdeed descriptors "descriptors open"
misdeed status "returned 12345, which is no status"
misdeed scribble "damaged its own process"
timeout=1s
misdeed hang "did not return within 2 seconds"
misdeed busy "did not return within 2 seconds"
timeout=600s
misdeed flood "said more than brig can listen to"
timeout=5s
misdeed close ""
is "the neighbour goes on" hello "$(brig exec neighbour echo hello 2>&1)"

for name in path allow undeclared; do
    for isolation in process in-process; do
        configure $name prepare $isolation
        run_rogue true
        like "contributing $name, $isolation" "125 *net-rogue*contributed the parameter*" "$? $(cat "$work/out")"
    done
done
configure status prepare in-process
run_rogue true
like "a bad status, in process" "125 *net-rogue*returned 12345*" "$? $(cat "$work/out")"

# Deeds that harm nobody but the driver itself.
configure complain
like "a complaint" "*rogue*a complaint of a driver*" "$(brig run --rm -n rogue base true 2>&1)"
configure chdir
is "a changed process" hello "$(brig run --rm -n rogue base echo hello 2>&1)"
configure late
like "a late thread is told of" "*after its operation had ended*" "$(brig run --rm -n rogue base sleep 3 2>&1)"
same_machine "harmless deeds: nothing is left"

# In the other operations.
configure crash open
run_rogue true
like "crash in open" "125 *net-rogue*crashed*" "$? $(cat "$work/out")"
configure nothing open
run_rogue true
like "open without an instance" "125 *net-rogue*returned none*" "$? $(cat "$work/out")"
configure crash list
like "crash in list" "*net-rogue*crashed*" "$(brig recover 2>&1)"
configure crash teardown
like "crash in teardown" "*net-rogue*crashed*" "$(brig run --name torn -n rogue base true 2>&1)"
like "it is kept" "*torn*" "$(brig ps -a)"
configure none
brig recover >/dev/null
brig rm torn
is "and goes with a mended driver" 0 $?
same_machine "other operations: nothing is left"

# ---- Somebody is killed ----

# until_it_hangs: until the driver is in the operation in which it does not return.
until_it_hangs() {
    wait_for sh -c "ls '$files' | grep -qv '^$neighbour\.'"
    sleep 1
}
neighbour=$(brig inspect neighbour | sed 's/.*"id":"\([^"]*\)".*/\1/')

# worker_of ENGINE: the process in which the driver is; keeper_of: the one that waits for it.
keeper_of() { ps -axww -o pid,ppid,command | awk -v engine="$1" '$2 == engine && $3 ~ /^brig-driver-host/ {print $1}'; }
worker_of() { keeper_of "$(keeper_of "$1")"; }

timeout=60s
for victim in engine keeper worker; do
    for at in prepare attach; do
        configure hang $at
        "$brig_program" run --rm -n rogue base true >"$work/out" 2>&1 &
        engine=$!
        until_it_hangs
        case $victim in
            engine) kill -KILL $engine ;;
            keeper) kill -KILL "$(keeper_of $engine)" ;;
            worker) kill -KILL "$(worker_of $engine)" ;;
        esac
        wait $engine 2>/dev/null
        status=$?
        case $victim in
            engine)
                configure none
                brig recover >/dev/null 2>"$work/err"
                is "brig is killed in $at: recover" "0 " "$? $(cat "$work/err")"
                ;;
            keeper) like "its keeper is killed in $at" "125 *net-rogue*ended from outside*" "$status $(cat "$work/out")" ;;
            worker) like "it is killed in $at" "125 *net-rogue*crashed (signal 9)*" "$status $(cat "$work/out")" ;;
        esac
        same_machine "a killed $victim in $at: nothing is left"
    done
done
timeout=2s
configure hang
begin=$(date +%s)
timeout --preserve-status -s INT 1 "$brig_program" run --rm -n rogue base true >"$work/out" 2>&1
is "SIGINT while it hangs" 130 $?
is "takes no longer than it may" yes "$([ $(($(date +%s) - begin)) -lt 10 ] && echo yes)"
same_machine "SIGINT: nothing is left"

# At any moment, with all drivers in processes of their own.
configure none
{ configure_own process; cat "$BRIG_CONFIG"; } >"$work/both.toml"
mv "$work/both.toml" "$BRIG_CONFIG"
[ -z "$pool" ] || brig image create on-zfs --storage zfs --from-dir "$work/root" >/dev/null
# killed NAME OPTION…
killed() {
    name=$1
    shift
    /usr/bin/time -p -o "$work/time" "$brig_program" run --rm "$@" true >/dev/null 2>&1
    is "$name: not killed" 0 $?
    span=$(awk '$1 == "real" {print $2}' "$work/time")
    all_there >"$work/machine.before"
    round=0
    while [ $round -lt "$rounds" ]; do
        round=$((round + 1))
        "$brig_program" run --rm "$@" true >/dev/null 2>&1 &
        engine=$!
        sleep "$(echo "$span $round $rounds" | awk '{printf "%.3f", $1 * ($2 - 0.5) / $3}')"
        kill -KILL $engine 2>/dev/null
        wait $engine 2>/dev/null
        brig recover >/dev/null 2>"$work/err"
        is "$name: killed, round $round" "0 " "$? $(cat "$work/err")"
        same_machine "$name: killed, round $round: nothing is left"
    done
}
killed "a loopback" -n lo -n sound base
killed "a vnet" -n lan base
[ -z "$pool" ] || { killed "on ZFS" on-zfs; brig image rm on-zfs; }

# ---- Files ----

# The file is replaced while a container runs: those that run keep what they have.
mkdir "$work/drivers"
cp "$drivers/net-rogue.so" "$work/drivers"
built=$drivers
drivers=$work/drivers
configure none
brig run -d --name replaced -n rogue base sleep 1000 >/dev/null
printf 'not a driver any more' >"$work/drivers/new"
mv "$work/drivers/new" "$work/drivers/net-rogue.so"
run_rogue true
like "a driver that was replaced" "125 *net-rogue*" "$? $(cat "$work/out")"
cp "$built/net-rogue.so" "$work/drivers/new"
mv "$work/drivers/new" "$work/drivers/net-rogue.so"
brig rm -f replaced
is "its container is removed" 0 $?

: >"$work/drivers/net-empty.so"
cp "$drivers/net-rogue.so" "$work/drivers/net-other.so"
ln -s "$drivers/net-rogue.so" "$work/drivers/net-link.so"
mkdir -m 777 "$work/open"
cp "$drivers/net-rogue.so" "$work/open"
for name in empty other link; do
    printf '[network.%s]\ndriver = "net-%s"\npath = "%s"\n' $name $name "$files" >>"$BRIG_CONFIG"
done
refuses() { # refuses WHAT NETWORK PATTERN
    said=$(brig run --rm -n "$2" base true 2>&1)
    like "$1" "125 $3" "$? $said"
}
refuses "an empty file" empty "*net-empty*"
refuses "another's name" other "*calls itself 'net-rogue'*"
refuses "a link" link "*net-link.so' is a link to*net-rogue.so*"
said=$(brig driver inspect "$work/open/net-rogue.so" 2>&1)
like "a folder that others may write" "1 *writable*" "$? $said"
drivers="$work/drivers\", \"$built"
configure none
like "two of one name" "*hidden*" "$(brig driver ls)"

# ---- Many at once ----

drivers=$built
configure none
all_there >"$work/machine.before"
runners=
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    "$brig_program" run --rm -n rogue base echo "$n" >"$work/many.$n" 2>&1 &
    runners="$runners $!"
done
for runner in $runners; do wait "$runner"; done
is "sixteen at once" "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16" "$(cat "$work"/many.* | sort -n | xargs)"
is "the neighbour is what it was" hello "$(brig exec neighbour echo hello 2>&1)"
same_machine "nothing is left in the end"
brig rm -f neighbour
is "the neighbour goes" 0 $?
is "and its file" "" "$(ls "$files")"
is "no process of a driver is left" "" "$(hosts)"

echo "1..$number"
[ $failures -eq 0 ]
