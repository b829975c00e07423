#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Drivers in processes of their own: whatever one does, its operation fails with its name, what it
# has made is torn down, and others do not notice.
. "$(dirname "$0")/lib.sh"

drivers=$BRIG_BUILD/tests/drivers
files=$work/files
mkdir "$files"
timeout=1s

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

helpers() {
    for process in /proc/[0-9]*; do
        case $(cat "$process/comm" 2>/dev/null) in brig-driver-ho*) echo "${process#/proc/}" ;; esac
    done
}

expect_nothing_left() {
    expect "$1: files" "" "$(ls "$files" | grep -v "^$neighbour\." )"
    expect "$1: containers" "neighbour" "$(brig ps -a | sed 1d | awk '{ print $2 }')"
}

configure none
brig driver ls | grep -q '^net-rogue *network *1.0 *process' || fail "its isolation is not shown"
neighbour=$(brig run -d --name neighbour -n sound base sleep 1000)
neighbour=$(brig inspect neighbour | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' | head -n 1)
[ -n "$neighbour" ] || fail "the neighbour has no id"
brig exec neighbour true || fail "the neighbour does not run"

configure none prepare
expect "a sound driver" hello "$(brig run --rm -n rogue base echo hello)"
configure none prepare in-process
expect "a sound driver, in process" hello "$(brig run --rm -n rogue base echo hello)"

# A process of its own is no burden: it is gone when brig is.
expect "one helper for the neighbour's supervisor at most" yes "$([ "$(helpers | wc -l)" -le 2 ] && echo yes)"

# misdeed DEED PATTERN: in the middle of setting up, once before the jail is there and once inside.
misdeed() {
    for at in prepare attach; do
        configure "$1" $at
        expect_failure "$1 in $at" 125 "*net-rogue*$2*" brig run --rm -n rogue base true
        expect "$1 in $at: files" "" "$(ls "$files" | grep -v "^$neighbour\.")"
    done
}

misdeed crash "crashed (signal 11)"
misdeed abort "crashed (signal 6)"
misdeed exit "ended its own process (status 7)"
misdeed print "wrote 'hello from a driver' to its standard output"
misdeed fork "left a process that it had forked"
misdeed daemon "left a process that it had forked"
misdeed daemon-then-crash "crashed (signal 9)"
misdeed descriptors "descriptors open"
misdeed status "returned 12345, which is no status"
timeout=60s
misdeed flood "said more than brig can listen to"
timeout=1s
misdeed scribble "damaged its own process"
misdeed hang "did not return within 2 seconds"
misdeed busy "did not return within 2 seconds"
misdeed close ""
configure none
expect_nothing_left "misdeeds"
brig exec neighbour true || fail "the neighbour is not what it was"
expect "nothing that was forked is left" "" "$(ps -eo args | grep '[b]rig-driver-host.*rogue' | grep -v "$neighbour" | sed -n 3p)"

for name in path allow undeclared; do
    configure $name prepare
    expect_failure "contributing $name" 125 "*net-rogue*contributed the parameter*" brig run --rm -n rogue base true
    configure $name prepare in-process
    expect_failure "contributing $name, in process" 125 "*net-rogue*contributed the parameter*" \
        brig run --rm -n rogue base true
done
configure status prepare in-process
expect_failure "a bad status, in process" 125 "*net-rogue*returned 12345*" brig run --rm -n rogue base true

# Deeds that harm nobody but the driver itself.
configure complain
expect_match "a complaint" "*rogue*a complaint of a driver*" "$(brig run --rm -n rogue base true 2>&1)"
configure chdir
expect "a changed process" hello "$(brig run --rm -n rogue base echo hello)"
configure late
expect "a late thread" hello "$(brig run --rm -n rogue base sh -c 'sleep 1; echo hello' 2>/dev/null)"
expect_match "a late thread is told of" "*after its operation had ended*" \
    "$(brig run --rm -n rogue base sleep 1 2>&1)"
expect_nothing_left "harmless deeds"

# In the other operations.
configure crash open
expect_failure "crash in open" 125 "*net-rogue*crashed*" brig run --rm -n rogue base true
configure nothing open
expect_failure "open without an instance" 125 "*net-rogue*returned none*" brig run --rm -n rogue base true
configure crash list
expect_match "crash in list" "*net-rogue*crashed*" "$(brig recover 2>&1)"
configure none
expect_nothing_left "deeds in other operations"

# Tear-down fails: nothing is forgotten, and it is done when the driver is mended.
configure crash teardown
expect_match "crash in teardown" "*net-rogue*crashed*" "$(brig run --name torn -n rogue base true 2>&1)"
expect_match "it is kept" "*torn*" "$(brig ps -a)"
configure none
brig recover >/dev/null
brig rm torn || fail "a mended driver does not help"
expect_nothing_left "a torn tear-down"

# The engine dies in the middle of an operation: the helper does not go on, and recovery undoes.
timeout=60s
configure hang attach
timeout=1s
"$brig_program" run --rm -n rogue base true 2>/dev/null &
engine=$!
wait_for sh -c "ls '$files' | grep -qv '^$neighbour\.'"
wait_for sh -c "[ -n \"\$(ps -eo args | grep '[b]rig-driver-host' | grep rogue | sed -n 3p)\" ]"
sleep 0.3
kill -KILL $engine
wait $engine 2>/dev/null
configure none
brig recover >/dev/null
expect_nothing_left "an engine that was killed"

# The file is replaced while a container runs: those that run keep what they have.
mkdir "$work/drivers"
cp "$drivers/net-rogue.so" "$drivers/net-rogue.toml" "$work/drivers"
drivers=$work/drivers
configure none
brig run -d --name replaced -n rogue base sleep 1000 >/dev/null
printf 'not a driver any more' >"$work/drivers/new"
mv "$work/drivers/new" "$work/drivers/net-rogue.so"
expect_failure "a driver that was replaced" 125 "*net-rogue*" brig run --rm -n rogue base true
cp "$BRIG_BUILD/tests/drivers/net-rogue.so" "$work/drivers/new"
mv "$work/drivers/new" "$work/drivers/net-rogue.so"
brig rm -f replaced || fail "the container of a replaced driver cannot be removed"
expect_nothing_left "a replaced driver"

# Files that are not what they should be.
: >"$work/drivers/net-empty.so"
cp "$drivers/net-rogue.so" "$work/drivers/net-other.so"
ln -s "$drivers/net-rogue.so" "$work/drivers/net-link.so"
mkdir -m 777 "$work/open"
cp "$drivers/net-rogue.so" "$work/open"
for name in empty other link; do
    printf '[network.%s]\ndriver = "net-%s"\npath = "%s"\n' $name $name "$files" >>"$BRIG_CONFIG"
done
expect_failure "an empty file" 125 "*net-empty*" brig run --rm -n empty base true
expect_failure "another's name" 125 "*calls itself 'net-rogue'*" brig run --rm -n other base true
expect_failure "a link" 125 "*net-link.so' is a link to*net-rogue.so*" brig run --rm -n link base true
expect_failure "a folder that others may write" 1 "*writable*" brig driver inspect "$work/open/net-rogue.so"
expect_match "two of one name" "*hidden*" "$(
    sed -i "s|^drivers = .*|drivers = [\"$work/drivers\", \"$BRIG_BUILD/tests/drivers\"]|" "$BRIG_CONFIG"
    brig driver ls)"

# A manifest that lies.
sed -i 's/^version = .*/version = "9.9"/' "$work/drivers/net-rogue.toml"
expect_match "a manifest that lies" "*warning*9.9*" "$(brig driver inspect net-rogue 2>&1)"

# What a driver says of itself, in all forms.
expect_match "as JSON" '*"name":"net-rogue"*"isolation":"process"*' "$(brig driver inspect --json net-rogue 2>/dev/null)"
expect_match "as TOML" '*driver = "net-rogue"*path = *' "$(brig driver inspect --toml net-rogue 2>/dev/null)"
expect_match "as a manual page" '*.Nm net-rogue*.It Va deed*' "$(brig driver inspect --man net-rogue 2>/dev/null)"

brig rm -f neighbour || fail "the neighbour cannot be removed"
finish
