#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every exec.* hook: when it runs, as whom, in which folder, and with which environment; when all
# goes well, when one of them fails, and however the container ends. See jail(8).
. "$(dirname "$0")/lib.sh"

# The same folder on the host and in the jail, with the program that the hooks are: it adds a line
# "NAME user folder [jid] name path".
shared=$work/shared
mkdir -m 755 "$shared"
chmod 755 "$work"
cat >"$shared/note" <<'END'
#!/bin/sh
log=$(dirname "$0")/log
echo "$1 $(id -un) $(pwd) ${JID:+jid} ${JNAME:--} ${JPATH:--}" >>"$log"
END
chmod 755 "$shared/note"

new_log() {
    : >"$shared/log"
    chmod 666 "$shared/log"
}

# The hooks in one word each; the names of the container and its root replaced.
names() { cut -d' ' -f1 "$shared/log" | xargs; }
lines() { sed -E 's/ [0-9a-f]{12} / ID /; s, /[^ ]*/[0-9a-f]{12}(/[^ ]*)?$, ROOT,; s/  +/ /g' "$shared/log"; }

# with_hooks COMMAND…: the command with every hook set.
with_hooks() {
    verb=$1
    shift
    brig "$verb" -J "mount=$shared /mnt nullfs rw" \
        -J "exec.prepare=$shared/note prepare" \
        -J "exec.prestart=$shared/note prestart" \
        -J "exec.created=$shared/note created" \
        -J "exec.start=/mnt/note start" \
        -J "exec.poststart=$shared/note poststart" \
        -J "exec.prestop=$shared/note prestop" \
        -J "exec.stop=/mnt/note stop" \
        -J "exec.poststop=$shared/note poststop" \
        -J "exec.release=$shared/note release" "$@"
}

# The command starts before exec.poststart runs, and both write: one waits for the other.

poststart="until grep -q ^command $shared/log; do sleep 0.01; done; $shared/note poststart"
command='/mnt/note command; until grep -q ^poststart /mnt/log; do sleep 0.01; done'

new_log
with_hooks run --rm -J exec.poststart= -J "exec.poststart=$poststart" base sh -c "$command"
expect "success: status" 0 $?
expect "success" "prepare root /root ID ROOT
prestart root /root ID ROOT
created root /root jid ID ROOT
start root /root - -
command root /root - -
poststart root /root jid ID ROOT
prestop root /root jid ID ROOT
stop root /root - -
poststop root /root ID ROOT
release root /root ID ROOT" "$(lines)"

# A failure undoes what was done; what was to come after does not come.
for failure in "prepare:prepare release" "prestart:prepare prestart poststop release" \
    "created:prepare prestart created poststop release" \
    "start:prepare prestart created start poststop release"; do
    hook=${failure%%:*}
    new_log
    expect_failure "exec.$hook fails" 125 "*exec.$hook: 'false' exited with status 1*" \
        with_hooks run --rm -J "exec.$hook=false" -J "exec.$hook=$shared/note never" base /mnt/note command
    expect "what ran when exec.$hook failed" "${failure#*:}" "$(names)"
done
new_log
expect_failure "exec.poststart fails" 125 "*exec.poststart: 'false' exited with status 1*" \
    with_hooks run --rm -J exec.poststart=false base sleep 1000
expect "what ran when exec.poststart failed" "prepare prestart created start poststart poststop release" "$(names)"
new_log
expect_failure "no such hook" 125 "*exec.prestart: *nosuch*" \
    brig run --rm -J exec.prestart=/nosuch -J "exec.poststop=$shared/note poststop" base true
expect_failure "a hook that is killed" 125 "*exec.start: *was ended by signal 9*" \
    brig run --rm -J 'exec.start=kill -KILL $$' base true

# stop: in its own process, and by the owner.
started() { with_hooks run -d --name order "$@" base sleep 1000 >/dev/null; }
new_log
started
new_log
brig stop -t 1 order
expect "stop: status" 0 $?
expect "stop" "prestop root /root jid ID ROOT
stop root /root - -
poststop root /root ID ROOT
release root /root ID ROOT" "$(lines)"
brig rm order

for hook in prestop stop; do
    new_log
    started -J "exec.$hook=false"
    new_log
    expect_failure "exec.$hook fails" 1 "*exec.$hook: 'false' exited*" brig stop -t 1 order
    expect "it still runs when exec.$hook failed" running "$(brig ps | awk '$2 == "order" {print $NF}')"
    new_log
    brig stop -t 1 --force order 2>/dev/null
    expect "forced: status" 0 $?
    expect "forced past exec.$hook" "prestop stop poststop release" "$(names)"
    brig rm order
done
new_log
started -J "exec.poststop=false"
new_log
brig stop -t 1 order
expect "a failing exec.poststop keeps nothing from going" "prestop stop poststop release" "$(names)"
brig rm order

# A stop that failed or was killed leaves the container as it was: it can be changed, its hooks run
# when it ends, and its restart policy holds.
pid_of() { brig inspect "$1" | sed -n 's/.*"pid":\([0-9]*\).*/\1/p'; }
new_log
started --restart on-failure -J "exec.prestop=[ -e $work/may-stop ]"
expect_failure "a stop that fails" 1 "*exec.prestop*" brig stop -t 1 order
brig update order -J host.hostname=after-failure >/dev/null
expect "changed after it" after-failure "$(brig exec order hostname)"
brig update order -J "exec.prestop=while [ -e $work/hang ]; do touch $work/stopping; sleep 0.05; done" >/dev/null
touch "$work/may-stop" "$work/hang"
"$brig_program" stop order 2>/dev/null &
stopper=$!
wait_for [ -e "$work/stopping" ]
kill -KILL $stopper
wait $stopper 2>/dev/null
rm "$work/hang"
brig update order -J host.hostname=after-kill >/dev/null
expect "changed after one that was killed" after-kill "$(brig exec order hostname)"
brig rm -f order 2>/dev/null
new_log
started --restart on-failure -J "exec.prestop=[ -e $work/may-stop ]"
rm "$work/may-stop"
brig stop order 2>/dev/null
touch "$work/may-stop"
new_log
kill -KILL "$(pid_of order)"
wait_for grep -q poststart "$shared/log"
expect "its end after a stop that failed" \
    "prestop stop poststop release prepare prestart created start poststart" "$(names)"
brig rm -f order

# stop.timeout=0: no SIGTERM.
trapping='trap "echo term >>/mnt/log" TERM; echo ready >>/mnt/log; while :; do sleep 0.1; done'
for timeout in 0:ready 5:'ready term'; do
    new_log
    brig run -d --name order -J "mount=$shared /mnt nullfs rw" -J "stop.timeout=${timeout%%:*}" \
        base sh -c "$trapping" >/dev/null
    wait_for grep -q ready "$shared/log"
    brig stop order
    expect "stop.timeout=${timeout%%:*}" "${timeout#*:}" "$(names)"
    brig rm order
done

# The command dies.
new_log
started
new_log
brig kill -s KILL order
brig wait order >/dev/null
expect "death of the command" "prestop stop poststop release" "$(names)"
brig rm order

# The owner dies: what follows the jail is done by the next command.
new_log
with_hooks run --rm --name order base sleep 1000 2>/dev/null &
runner=$!
wait_for grep -q poststart "$shared/log"
new_log
kill -KILL "$(pgrep -P $runner)"  # brig itself, a child of the shell that runs the function
wait $runner 2>/dev/null
wait_for sh -c "$brig_program ps >/dev/null; grep -q release '$shared/log'"
expect "death of the owner" "poststop release" "$(names)"

# Users, and the folder and environment that go with them.
new_log
with_hooks run --rm -J exec.system_user=daemon -J exec.jail_user=user base true
daemon_home=$(awk -F: '$1 == "daemon" {print $6}' /etc/passwd)
expect "exec.system_user" "prestart daemon $daemon_home ID ROOT" "$(lines | grep prestart)"
expect "… afterwards, too" "release daemon $daemon_home ID ROOT" "$(lines | grep release)"
expect "exec.jail_user" "start user /home/user - -" "$(lines | grep start | grep user)"
new_log
with_hooks run --rm -J exec.noclean base true
expect "exec.noclean: on the host" "prestart root / ID ROOT" "$(lines | grep prestart)"
expect "exec.noclean: in the jail" "start root / - -" "$(lines | grep '^start')"
expect "exec.system_jail_user" "1" \
    "$(brig run --rm -J exec.system_jail_user -J exec.jail_user=daemon base id -u 2>/dev/null)"
expect_failure "a user that only the host has" 125 "*no user 'daemon'*" \
    brig run --rm -J exec.jail_user=daemon base true

SECRET=1 brig run --rm -J "exec.prestart=env > $work/env" base true
expect "exec.clean on the host" "HOME JNAME JPATH PATH SHELL USER" \
    "$(cut -d= -f1 "$work/env" | grep -v '^PWD$\|^SHLVL$\|^_$\|^TERM$\|^OLDPWD$' | sort | xargs)"
SECRET=1 brig run --rm -J exec.noclean -J "exec.prestart=env > $work/env" base true
expect "exec.noclean on the host" "SECRET=1" "$(grep SECRET "$work/env")"
expect "exec.noclean with a user" "HOME=/home/user USER=user" \
    "$(brig run --rm -J exec.noclean -u user base env | grep '^HOME=\|^USER=' | sort | xargs)"

# A shell only for what needs one; a final & leaves the command in the background.
new_log
brig run --rm -J "exec.prestart=$shared/note a\\b" -J "exec.prestart=$shared/note   plain   arguments" base true
expect "quoting" "ab plain" "$(names)"
begin=$(date +%s)
brig run --rm -J "exec.prestart=sleep 7 &" base true
expect "background" yes "$([ $(($(date +%s) - begin)) -lt 6 ] && echo yes)"

# Hooks that hang are ended with all that they started.
running() { grep -alz "^$1\$" /proc/[0-9]*/cmdline 2>/dev/null | wc -l; }
expect_failure "a hook that hangs" 125 "*exec.prestart: *did not end within 1 s (exec.timeout)*" \
    brig run --rm -J exec.timeout=1 -J 'exec.prestart=sleep 31337.1 & sleep 31337.1' base true
expect "nothing of it is left" 0 "$(running 31337.1)"
expect_failure "one in the jail" 125 "*exec.start: *did not end within 1 s (exec.timeout)*" \
    brig run --rm -J exec.timeout=1 -J 'exec.start=sleep 31337.2 & sleep 31337.2' base true
expect "nothing of that is left" 0 "$(running 31337.2)"
brig run -d --name order -J exec.timeout=1 -J 'exec.stop=sleep 31337.3 & sleep 31337.3' base sleep 1000 >/dev/null
expect_failure "one that stops" 1 "*exec.stop: *did not end within 1 s*" brig stop -t 1 order
expect "the jail has its command only" 0 "$(running 31337.3)"
brig rm -f order 2>/dev/null
brig run --rm -J 'exec.prestart=exec <&- >&- 2>&-; sleep 0.1' base true
expect "a hook that closes its descriptors" 0 $?

finish
