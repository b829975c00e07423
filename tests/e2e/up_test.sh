#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig up and down: containers of a file, in order and at once, changed in place, recreated, removed.
. "$(dirname "$0")/lib.sh"

file=$work/site.toml
id_of() { brig inspect "$1" | sed -n 's/.*"id":"\([0-9a-f]\{12\}\)".*/\1/p'; }
site() { # HOSTNAME IMAGE SECONDS
    cat >"$file" <<EOF
[container.web]
image = "base"
command = ["sleep", "1000"]
depend = ["db", "cache"]
env = { SITE = "example" }
params = ["stop.timeout=0"]

[container.db]
image = "$2"
command = ["sleep", "$3"]
params = { host.hostname = "$1", stop.timeout = 0 }
mounts = [{ source = "$work/data set", target = "/mnt", read_only = true }]

[container.cache]
image = "base"
command = ["sleep", "1000"]
params = ["stop.timeout=0"]
EOF
}
mkdir "$work/data set" && echo kept >"$work/data set/note"
brig image tag base other
brig image create old --from-dir "$work/root" >/dev/null

site first base 1000
expect "config check" "ok, 3 containers" "$(brig config check -f "$file")"
expect_match "plan" "*up would create and start 'db'*up would create and start 'web'*" "$(brig plan -f "$file" web)"
expect "up" "db: created
cache: created
web: created" "$(brig up -f "$file")"
expect "its variable" example "$(brig exec web sh -c 'echo $SITE')"
expect "its mount" kept "$(brig exec db cat /mnt/note)"
expect "read only" 1 "$(brig exec db touch /mnt/new 2>/dev/null; echo $?)"
db=$(id_of db)
expect "up again" "db: unchanged
cache: unchanged
web: unchanged" "$(brig up -f "$file")"

site second other 2000
expect_match "plan of a change" '*"up":"update"*"parameter":"host.hostname","old":*"first"*"new":*"second"*"when":"now"*"plan":{*' "$(brig --json plan -f "$file" db)"
expect "changed" "db: updated
  host.hostname: first -> second, now
  command: sleep, 1000 -> sleep, 2000, at the next start: takes effect when it is started again" "$(brig up -f "$file" db)"
expect "in the jail" second "$(brig exec db hostname)"
expect "the same container" "$db" "$(id_of db)"
expect "unchanged then" "db: unchanged" "$(brig up -f "$file" db)"
brig stop web
expect "what was stopped" "db: unchanged
cache: unchanged
web: started" "$(brig up -f "$file")"

brig exec db touch /written
site second old 2000
expect_failure "another image" 3 "*site.toml:8:12: container 'db' has the image 'other', which cannot become the image 'old'*--recreate*" brig up -f "$file"
expect "still the same" "$db" "$(id_of db)"
expect_failure "without what would be stopped" 3 "*container 'web' depends on 'db', which would be stopped*" brig up --recreate -f "$file" db
expect "recreated" "db: recreated
cache: unchanged
web: started" "$(brig up --recreate -f "$file")"
expect "nothing of the old root" 1 "$(brig exec db ls /written >/dev/null 2>&1; echo $?)"
expect_match "its command" '*"sleep","2000"*' "$(brig inspect db)"

sed 's/^params = { /&osrelease = "9", /' "$file" >"$work/osrelease.toml"
expect_failure "for creation only" 3 "*osrelease.toml:11:12: osrelease cannot be changed after creation*stop the container first*" brig up -f "$work/osrelease.toml"

brig stop web
expect "down" "cache: stopped
db: stopped
web: does not run" "$(brig down -f "$file" | sort)"
expect "down again" 3 "$(brig down -f "$file" | grep -c 'does not run')"
expect "up after down" 3 "$(brig up -f "$file" | grep -c ': started')"
brig down -f "$file" >/dev/null
expect "the data stays" 3 "$(brig ps -a | grep -c 'stopped')"
expect "down --rm" 3 "$(brig down --rm -f "$file" | grep -c ': removed')"
expect "nothing is there" "" "$(brig down -f "$file")"
expect "no container" 0 "$(brig ps -a | grep -c stopped)"

# Two that wait for each other's hook can only start at once.
cat >"$file" <<EOF
[container.ping]
image = "base"
command = ["sleep", "1000"]
params = { stop.timeout = 0, exec.prestart = "touch $work/ping; until [ -e $work/pong ]; do sleep 0.05; done", exec.timeout = 20 }
[container.pong]
image = "base"
command = ["sleep", "1000"]
params = { stop.timeout = 0, exec.prestart = "touch $work/pong; until [ -e $work/ping ]; do sleep 0.05; done", exec.timeout = 20 }
EOF
expect "at once" "ping: created
pong: created" "$(brig up -f "$file")"
# They end at once as well.
rm -f "$work/ping" "$work/pong"
for name in ping pong; do
    brig update $name -J exec.prestop="touch $work/$name; until [ -e $work/ping ] && [ -e $work/pong ]; do sleep 0.05; done" >/dev/null
done
expect "down at once" "ping: removed
pong: removed" "$(brig down --rm -f "$file")"

# An `up` that was killed leaves a supervisor that still starts its container.
cat >"$file" <<EOF
[container.slow]
image = "base"
command = ["sleep", "1000"]
params = { stop.timeout = 0, exec.prestart = "touch $work/begun; until [ -e $work/go ]; do sleep 0.05; done", exec.timeout = 20 }
EOF
"$brig_program" up -f "$file" &
first=$!
wait_for [ -e "$work/begun" ]
kill -KILL $first
wait $first 2>/dev/null
brig up -f "$file" >"$work/second" 2>&1 &
second=$!
touch "$work/go"
wait $second
expect "up after a killed one" "slow: unchanged" "$(cat "$work/second")"
expect "down of it" "slow: removed" "$(brig down --rm -f "$file")"

# A failure keeps those that depend on it from starting, and nobody else.
cat >"$file" <<EOF
[container.broken]
image = "base"
command = ["sleep", "1000"]
params = { exec.prestart = "false" }
[container.above]
image = "base"
command = ["true"]
depend = ["broken"]
[container.beside]
image = "base"
command = ["sleep", "1000"]
params = { stop.timeout = 0 }
EOF
expect_failure "one fails" 1 "*'broken'*exec.prestart*
*nothing was done to 'above', since 'broken' failed before*" brig up -f "$file"
expect "the other runs" "beside: unchanged" "$(brig up -f "$file" beside)"
brig down --rm -f "$file" >/dev/null

# In the configuration itself, and everything that can be wrong at once.
cat >"$BRIG_CONFIG" <<EOF
[container.alone]
image = "base"
command = ["sleep", "1000"]
params = { stop.timeout = 0 }
EOF
expect "configured: config check" "ok, 1 container" "$(brig config check)"
expect_match "configured: plan" "*brig up would create and start 'alone'*" "$(brig plan alone)"
expect "configured: up" "alone: created" "$(brig up)"
brig export alone --format toml >"$work/exported.toml"
expect "what export writes" "alone: unchanged" "$(brig up -f "$work/exported.toml")"
expect "configured: down" "alone: removed" "$(brig down --rm)"
expect_failure "no such container" 4 "*no container \"alon\"*did you mean 'alone'*" brig up alon
cat >"$BRIG_CONFIG" <<EOF
[container.a]
image = "base"
command = ["true"]
depend = ["b"]
params = { nosuch = 1 }
[container.b]
image = "nosuch"
command = ["true"]
depend = ["a", "c"]
[container.d]
image = "base"
command = ["true"]
depend = ["e"]
[container.e]
image = "base"
command = ["true"]
depend = ["d", "f"]
EOF
expect_failure "all at once" 3 "*brig.toml:5:*unknown parameter: nosuch*
*brig.toml:6:*no image 'nosuch'*
*brig.toml:10:*depend: 'd' depends on itself: d -> e -> d*
*brig.toml:17:*depend: there is no container \"f\"*" brig config check
echo 'imag = 1' >>"$BRIG_CONFIG"
expect_failure "an unknown key" 3 '*brig.toml:18:1: unknown key "container.e.imag"*did you mean "image"*' brig config check
echo '[container.fine]
image = "base"
command = ["true"]
params = ["allow.extattr"]' >"$BRIG_CONFIG"
expect "for a release that has it" "ok, 1 container" "$(brig config check --target freebsd-15)"
expect_match "its plan" "*brig would run 'fine'*allow.extattr*" "$(brig plan --target freebsd-15 fine)"
expect_match "all plans" '?{*"name":"fine"*' "$(brig --json plan --target freebsd-15 -f "$BRIG_CONFIG")"
expect_failure "a plan for one that has not" 3 "*brig.toml:4:11: *allow.extattr*" \
    brig plan --target freebsd-13.2 -f "$BRIG_CONFIG"
expect_failure "for one that has not" 3 "*brig.toml:4:11: *allow.extattr*" brig config check --target freebsd-13.2
: >"$BRIG_CONFIG"
brig image rm old
finish
