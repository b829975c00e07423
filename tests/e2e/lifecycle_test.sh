#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Containers that are kept, or run in the background.
. "$(dirname "$0")/lib.sh"

id=$(brig run -d --name web base sh -c 'echo out; echo err >&2; trap "echo bye; exit 3" TERM; while :; do sleep 0.05; done')
expect_match "its id is printed" "????????????" "$id"
wait_for sh -c "$brig_program logs web | grep -q out"
expect "ps shows it" "$id web running" "$(brig ps | awk 'NR == 2 {print $1, $2, $NF}')"
expect "stdout is in the log" "out" "$(brig logs web 2>/dev/null)"
expect "stderr is in the log" "err" "$(brig logs web 2>&1 >/dev/null)"
expect_failure "the name is taken" 125 "*'web'*taken*" brig run --rm --name web base true
expect_failure "removing it while it runs" 1 "*is running*" brig rm web
expect_failure "starting it twice" 1 "*is running*" brig start web

expect "exec" "inside" "$(brig exec web echo inside)"
brig exec web sh -c 'exit 9'; expect "exec: status" 9 $?
brig exec web nosuch 2>/dev/null; expect "exec: no such command" 127 $?
expect "exec as somebody" "65534" "$(brig exec -u nobody web id -u 2>/dev/null)"
expect "exec: environment" "x" "$(brig exec -e A=x web sh -c 'echo $A')"
expect "exec: stdin" "typed" "$(echo typed | brig exec -i web cat)"
expect "exec: by a prefix of the id" "yes" "$(brig exec "$(echo "$id" | cut -c1-6)" echo yes)"
# Its loop forks, and a child that has not yet become sleep bears the same words.
expect "exec: sees the container's processes" "while :" "$(brig exec web ps | grep -o 'while :' | sort -u)"

# exec.stop of brig's own is not in the image; SIGTERM is what ends it.
pid=$(brig inspect web | sed -n 's/.*"pid":\([0-9]*\).*/\1/p')
expect_match "inspect: the pid of its command" "sh -c echo out*" "$(tr '\0' ' ' <"/proc/$pid/cmdline")"
brig stop -t 10 web; expect "stop" 0 $?
expect "its own status" "3" "$(brig wait web)"
expect "its last words" 1 "$(brig logs web 2>/dev/null | grep -c bye)"
expect "stopped" "stopped (3)" "$(brig ps -a | awk 'NR == 2 {print $(NF - 1), $NF}')"
brig stop web; expect "stopping it again is fine" 0 $?
expect_failure "exec in a stopped one" 125 "*does not run*" brig exec web true

expect "start" "$id" "$(brig start web)"
brig kill -s KILL web; expect "kill" 0 $?
expect "killed" 137 "$(brig wait web)"
brig rename web www; expect "rename" 0 $?
expect_failure "the old name is gone" 4 "*no container 'web'*" brig inspect web
expect "inspect" "www" "$(brig inspect www | sed 's/.*"name":"\([^"]*\)".*/\1/')"
brig rm www; expect "rm" 0 $?
expect_failure "rm of nothing" 4 "*" brig rm www

# Kept data.
brig create --name data base sh -c 'echo line >> /root/file; wc -l < /root/file' >/dev/null
expect "first start" 1 "$(brig start -a data)"
expect "second start" 2 "$(brig start -a data)"
expect "its status is kept" "stopped (0)" "$(brig ps -a | awk '$2 == "data" {print $(NF - 1), $NF}')"
expect_failure "an image in use stays" 1 "*used by data*" brig image rm base
brig rm data

# A container that ignores SIGTERM.
brig run -d --name deaf base sh -c 'trap "" TERM; while :; do sleep 0.05; done' >/dev/null
brig stop -t 1 deaf; expect "killed after the timeout" 137 "$(brig wait deaf)"
brig rm deaf

# stop runs the user's hooks, and heeds their failure.
brig run -d --name hooked -J 'exec.stop=sh -c "echo stopping > /root/stopped"' \
    -J "exec.poststop=cp $work/nothing $work/poststop" base sleep 1000 >/dev/null
echo x >"$work/nothing"
brig stop -t 1 hooked; expect "stop with hooks" 0 $?
[ -e "$work/poststop" ] && pass || fail "exec.poststop did not run"
brig rm hooked
brig run -d --name stubborn -J 'exec.stop=false' base sleep 1000 >/dev/null
expect_failure "a failing exec.stop keeps it" 1 "*exec.stop*" brig stop -t 1 stubborn
expect "it still runs" running "$(brig ps | awk '$2 == "stubborn" {print $NF}')"
brig stop -t 1 --force stubborn; expect "--force" 0 $?
brig rm -f stubborn

# Daemons outlive the command in the background, and are the container.
brig run -d --name daemons base sh -c 'sleep 1000 & exit 0' >/dev/null
sleep 0.5
expect "its daemon keeps it running" running "$(brig ps | awk '$2 == "daemons" {print $NF}')"
brig rm -f daemons

# Foreground: signals are passed on, and nothing stays.
"$brig_program" run --rm --name fg base sh -c 'trap "exit 5" INT; while :; do sleep 0.05; done' &
runner=$!
wait_for sh -c "$brig_program ps | grep -q 'fg .*running'"
kill -INT $runner
wait $runner; expect "SIGINT is passed on" 5 $?
expect "gone" "" "$(brig ps -a | grep ' fg ')"

# The owner dies: so does the container, and the next command cleans up.
"$brig_program" run --rm --name orphan base sleep 1000 &
runner=$!
wait_for sh -c "$brig_program ps | grep -q 'orphan .*running'"
kill -KILL $runner
wait $runner 2>/dev/null
wait_for sh -c "! $brig_program ps | grep -q orphan"
expect "an orphan's name is free" free "$(brig run --rm --name orphan base echo free)"

# Terminals.
if command -v script >/dev/null; then
    # exec.poststart ends before brig has its terminal to follow.
    mkdir "$work/shared"
    cat >"$work/in_terminal" <<END
stty rows 33 columns 99
$brig_program run --rm -t -J 'mount=$work/shared /mnt nullfs' -J exec.timeout=30 \\
    -J 'exec.poststart=until [ -s $work/shared/size ]; do sleep 0.05; done' base sh -c 'stty size >/mnt/size'
END
    script -qec "sh $work/in_terminal" /dev/null >/dev/null
    expect "its size from the beginning" "33 99" "$(cat "$work/shared/size")"
    expect "a terminal" "yes" "$(script -qec "$brig_program run --rm -t base sh -c 'test -t 0 && test -t 1 && echo yes'" /dev/null | grep -o yes)"
    expect "exec with a terminal" "3" "$(brig run -d --name tty base sleep 1000 >/dev/null
        script -qec "$brig_program exec -t tty sh -c 'test -t 0 && exit 3'" /dev/null >/dev/null; echo $?)"
    brig rm -f tty
fi

# Signals reach the command alone, and only while it runs.
brig run -d --name signalled base sh -c 'trap "echo caught; exit 5" USR1; while :; do sleep 0.1; done' >/dev/null
wait_for sh -c "'$brig_program' exec signalled ps | grep -q 'sleep 0.1'"
brig kill -s USR1 signalled; expect "kill -s USR1" 0 $?
expect "the command caught it" 5 "$(brig wait signalled)"
expect "and said so" caught "$(brig logs signalled | sed 's/.* //')"
expect_failure "kill when it has ended" 1 "brig: signalling 'signalled': container '*' does not run*" brig kill signalled
brig rm signalled

# What ps shows of a container that names no command is its image's.
brig image create with-command --from-dir "$work/root" --cmd echo --cmd default >/dev/null
brig create --name own with-command true >/dev/null
brig create --name default with-command >/dev/null
expect "the image's command" "echo default" "$(brig ps -a | awk '$2 == "default" {print $4, $5}')"
expect "its own command" true "$(brig ps -a | awk '$2 == "own" {print $4}')"
brig rm own default && brig image rm with-command

# Names and ids.
brig create --name aa base true >/dev/null
expect_failure "an empty reference" 3 "*empty*" brig inspect ""
brig rm aa

finish
