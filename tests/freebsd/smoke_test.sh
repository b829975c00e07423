#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: smoke_test.sh BRIG
# Whole containers on FreeBSD, from the image to what is left afterwards. Needs root, a brig whose
# folders belong to root, and nothing but the base system. One line per check, as in TAP.
# BRIG_CRASH_ROUNDS: how often brig is killed at a random moment.
. "$(dirname "$0")/lib.sh"

# The image.
make_root "$work/root"
image=$(brig image create base --from-dir "$work/root" 2>&1)
like "an image from a folder" "????????????" "$image"
[ $failures -eq 0 ] || { echo "Bail out! nothing to run"; exit 1; }
brig image create copied --storage copying --from-dir "$work/root" >/dev/null
is "an image on another storage" 0 $?
inventory >"$work/before"

# Output and status.
run() { brig run --rm base "$@" 2>&1; }
is "hello" "Hello World" "$(run echo "Hello World")"
run sh -c 'exit 7' >/dev/null; is "its exit status" 7 $?
# shellcheck disable=SC2016
run sh -c 'kill -TERM $$' >/dev/null; is "ended by a signal" 143 $?
run nosuchcommand >/dev/null; is "no such command" 127 $?
run /etc/passwd >/dev/null; is "not executable" 126 $?
is "standard input with -i" typed "$(echo typed | brig run --rm -i base cat 2>&1)"
is "none without -i" "" "$(echo typed | brig run --rm base cat 2>&1)"
is "a user" "$(id -u nobody)" "$(brig run --rm -u nobody base id -u 2>/dev/null)"
like "hostname is the id" "[0-9a-f]???????????" "$(run hostname)"
is "host.hostname" web1 "$(brig run --rm -J host.hostname=web1 base hostname 2>&1)"
is "it is in a jail" 1 "$(run sh -c 'ps -ax -o pid | sed 1d | while read -r p; do echo; done' | wc -l | awk '{print ($1 < 6)}')"
same_as_before "nothing is left of these"

# /dev
like "/dev" "*null*" "$(run ls /dev | xargs)"
is "no disks in /dev" "" "$(run ls /dev | grep -e '^ada' -e '^da[0-9]' -e '^vtbd' -e '^mem$')"
is "mount.nodevfs" "" "$(brig run --rm -J mount.nodevfs base ls /dev 2>&1)"

# The root.
run sh -c 'echo changed >/etc/motd; rm /etc/group; mkdir /etc/new' >/dev/null
is "the image is untouched" yes \
    "$(run sh -c '[ ! -e /etc/motd ] && [ -e /etc/group ] && [ ! -e /etc/new ] && echo yes')"
is "a file that was written is read again" "root new" \
    "$(run sh -c 'echo new >/root/file; echo "$(ls -d /root | sed s:/::) $(cat /root/file)"')"
is "clone = copy" copied "$(brig run --rm copied sh -c 'echo copied >/etc/motd; cat /etc/motd' 2>&1)"

# Networks.
ping() { brig run --rm "$@" base ping -c 1 -t 60 127.0.0.1 2>&1; }
like "no raw sockets" "*socket: Operation not permitted*" "$(ping)"
like "allow.raw_sockets" "*1 packets received*" "$(ping -J allow.raw_sockets)"
like "network none has no addresses" "*socket: Protocol not supported*" \
    "$(ping -n none -J allow.raw_sockets)"
brig run -d --name lonely -n none base sleep 1000 >/dev/null
is "network none: parameters" "disable disable" "$(jls -j "lonely" ip4 ip6 2>/dev/null ||
    jls -j "$(brig ps | awk '$2 == "lonely" {print $1}')" ip4 ip6 2>&1)"
brig rm -f lonely >/dev/null; is "rm -f" 0 $?

# Parameters take effect inside.
is "securelevel" 2 "$(brig run --rm -J securelevel=2 base sysctl -n kern.securelevel 2>&1)"
is "osrelease" 12.4-RELEASE "$(brig run --rm -J osrelease=12.4-RELEASE base uname -r 2>&1)"
is "enforce_statfs" / "$(brig run --rm -J enforce_statfs=1 -J mount.nodevfs base mount -p 2>&1 |
    awk '{print $2}' | sort -u)"
is "children.max" child "$(brig run --rm -J children.max=2 -J enforce_statfs=1 base \
    jail -c path=/ name=kid command=/bin/echo child 2>&1)"
like "no children without it" "*ermitted*" "$(run jail -c path=/ name=kid command=/bin/echo child)"
is "mount.procfs" cmdline "$(brig run --rm -J mount.procfs base ls /proc/curproc/ 2>&1 |
    grep -x cmdline)"
is "mount.fdescfs" "fd fdescfs" "$(brig run --rm -J mount.fdescfs -J enforce_statfs=1 base \
    mount -p 2>&1 | awk '$3 == "fdescfs" {print substr($2, length($2) - 1), $3}')"
is "allow.mount.tmpfs" "0 tmpfs" "$(brig run --rm -J allow.mount -J allow.mount.tmpfs \
    -J enforce_statfs=1 base sh -c 'mount -t tmpfs tmpfs /mnt; echo $?; mount -p' 2>&1 |
    awk 'NR == 1 || $2 == "/mnt" {print $1}' | xargs)"
like "no mounts without it" "*ermitted*" "$(run mount -t tmpfs tmpfs /mnt)"
brig run --rm -J vnet base true >"$work/out" 2>&1
like "vnet on a shared stack" "125 *vnet*ip4*" "$? $(cat "$work/out")"
fibs=$(sysctl -n net.fibs)
brig run --rm -J exec.fib="$fibs" base true >"$work/out" 2>&1
like "exec.fib that is not there" "125 *exec.fib*$fibs*" "$? $(cat "$work/out")"
is "exec.fib" "$((fibs - 1))" "$(brig run --rm -J exec.fib=$((fibs - 1)) base \
    sysctl -n net.my_fibnum 2>&1)"
same_as_before "nothing is left of the parameters"

# Hooks.
hook() { echo "$1=echo $2 \$JNAME \${JID:+jid} \$JPATH >>$work/hooks"; }
brig run --rm --name hooked -J "$(hook exec.prestart prestart)" \
    -J "$(hook exec.poststart poststart)" -J "$(hook exec.prestop prestop)" \
    -J "$(hook exec.poststop poststop)" base true >"$work/out" 2>&1
is "hooks: status" "0 " "$? $(cat "$work/out")"
is "hooks: order" "prestart poststart prestop poststop" "$(cut -d' ' -f1 "$work/hooks" | xargs)"
is "hooks: JID once there is one" "poststart prestop" \
    "$(grep ' jid ' "$work/hooks" | cut -d' ' -f1 | xargs)"
like "hooks: JPATH" "*/root*" "$(awk 'NR == 1 {print $NF}' "$work/hooks")"
brig run --rm -J exec.prestart=false base echo no >"$work/out" 2>"$work/err"
is "hooks: one that fails" "125 " "$? $(cat "$work/out")"

# The same with jail(8).
brig run --dry-run -J allow.raw_sockets base echo "Hello World" >"$work/plan" 2>&1
is "dry run" 0 $?
line=$(sed -n 's/^ *\(jail -c .*\)/\1/p' "$work/plan")
is "its line works in jail(8)" "Hello World" "$(cd "$work" && eval "$(echo "$line" |
    sed "s:'\{0,1\}path=[^ ]*:path=$work/root:")" 2>&1 | tail -n 1)"
umount "$work/root/dev" 2>/dev/null
same_as_before "nothing is left of these either"

# In the background.
id=$(brig run -d --name web base sh -c \
    'echo out; echo err >&2; trap "echo bye; exit 3" TERM; while :; do sleep 0.2; done')
like "run -d prints the id" "????????????" "$id"
wait_for sh -c "$brig_program logs web 2>/dev/null | grep -q out"
is "ps" "web running" "$(brig ps | awk '$2 == "web" {print $2, $NF}')"
is "logs: stdout" out "$(brig logs web 2>/dev/null)"
is "logs: stderr" err "$(brig logs web 2>&1 >/dev/null)"
is "exec" inside "$(brig exec web echo inside 2>&1)"
brig exec web sh -c 'exit 9'; is "exec: status" 9 $?
is "exec: a user" "$(id -u nobody)" "$(brig exec -u nobody web id -u 2>/dev/null)"
is "exec: standard input" typed "$(echo typed | brig exec -i web cat 2>&1)"
brig stop -t 10 web; is "stop" 0 $?
is "its own status" 3 "$(brig wait web)"
is "its last words" bye "$(brig logs web 2>/dev/null | tail -n 1)"
is "start again" "$id" "$(brig start web)"
brig kill -s KILL web; is "kill" 0 $?
is "killed" 137 "$(brig wait web)"
brig rm web; is "rm" 0 $?
same_as_before "nothing is left of it"

# A terminal, which script(1) gives: what SCRIPT prints on one of 33 by 99.
in_terminal() {
    script -q /dev/null sh -c "stty rows 33 columns 99; before=\$(stty -g); $1
        [ \"\$before\" = \"\$(stty -g)\" ] && echo restored" </dev/null 2>&1 |
        tr -d '\r\b' | sed 's/\^D//g' | xargs
}
is "-t" "33 99 restored" "$(in_terminal "$brig_program run --rm -t base stty size;")"
is "-t: its status" "7 restored" \
    "$(in_terminal "$brig_program run --rm -t base sh -c 'exit 7'; echo \$?;")"
like "-t: it is the session's terminal" "/dev/pts/* tty restored" \
    "$(in_terminal "$brig_program run --rm -t base sh -c 'tty; : </dev/tty && echo tty';")"
: >"$work/ready"
is "-t: the size is followed" "ready 40 80 restored" "$(in_terminal "
    (until grep -q ready $work/ready; do sleep 0.2; done; stty rows 40 columns 80 </dev/tty) &
    $brig_program run --rm -t base sh -c 'trap \"stty size; exit\" WINCH
        echo ready; while :; do sleep 0.1; done' | tee $work/ready
    stty rows 33 columns 99;")"
is "-t: restored after a signal" "143 restored" "$(in_terminal "
    (until jls -n name 2>/dev/null | grep -q name=; do sleep 0.2; done; sleep 0.5
        kill -TERM \$(cat $work/pid)) &
    sh -c 'echo \$\$ >$work/pid; exec $brig_program run --rm -t base sleep 1000'; echo \$?;")"
id=$(brig run -d -t base sh -c 'tty; exec sleep 1000')
wait_for sh -c "$brig_program logs $id | grep -q /dev/pts"
is "-d -t" 0 $?
is "exec -t" "33 99 restored" "$(in_terminal "$brig_program exec -t $id stty size;")"
brig rm -f "$id" >/dev/null
same_as_before "nothing is left of the terminals"

# Restart policies.
brig run -d --name again --restart on-failure:2 base sh -c 'echo run; exit 3' >/dev/null
wait_for no_container_runs
is "on-failure:2 runs three times" 3 "$(brig logs again | grep -c run)"
brig update again --restart always >/dev/null
brig start --all >/dev/null; is "start --all" 0 $?
wait_for sh -c "$brig_program ps | grep -q ' again .*restarting'"
brig stop again; is "stop of one that waits" 0 $?
no_container_runs; is "stays stopped" 0 $?
brig rm again
same_as_before "nothing is left of the restarts"

# Standard descriptors that are not there.
brig run --rm -i base cat <&-; is "standard input closed" 0 $?
brig run --rm base echo lost >&-; is "standard output closed" 0 $?
brig run --rm base sh -c 'echo kept; echo lost >&2' >"$work/out" 2>&-
is "standard error closed" "0 kept" "$? $(cat "$work/out")"
brig run --rm base sh -c 'while echo y; do :; done' 2>/dev/null | sed 1q >"$work/out"
is "a reader that goes away" y "$(cat "$work/out")"
# shellcheck disable=SC2164
is "a working directory that is gone" here \
    "$(mkdir "$work/gone"; cd "$work/gone"; rmdir "$work/gone"; run echo here)"
same_as_before "nothing is left of these runs"

# A signal to brig in the foreground.
"$brig_program" run --rm --name fg base sh -c 'trap "exit 5" INT; while :; do sleep 0.2; done' &
runner=$!
wait_for is_running fg
kill -INT $runner; wait $runner; is "SIGINT is passed on" 5 $?

# The owner dies.
"$brig_program" run --rm --name orphan base sleep 1000 &
runner=$!
wait_for is_running orphan
kill -KILL $runner; wait $runner 2>/dev/null
brig recover >"$work/out" 2>&1; is "recover" 0 $?
same_as_before "a killed brig leaves no jail, mount, folder, process"
is "its name is free" free "$(brig run --rm --name orphan base echo free 2>&1)"

# Killed at any moment.
rounds=${BRIG_CRASH_ROUNDS:-12}
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    case $((round % 3)) in
        0) "$brig_program" run --rm --name crash base sh -c 'echo x >/root/x; sleep 0.2' & ;;
        1) "$brig_program" run --rm -n none -J mount.procfs base true & ;;
        2) "$brig_program" run -d --rm base sleep 0.3 & ;;
    esac >/dev/null 2>&1
    runner=$!
    # Spread over the time that a run takes on a slow machine.
    sleep "$(awk -v seed="$$$round" 'BEGIN {srand(seed); print rand() * 2.5}')"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
done
wait_for no_container_runs
brig recover >"$work/out" 2>&1
is "recover after $rounds crashes" "0 " "$? $(cat "$work/out")"
same_as_before "nothing is left of $rounds crashes"

# Interrupted at any moment. What a script starts in the background ignores SIGINT until it says
# otherwise, so timeout(1) sends it to one in the foreground.
for delay in 0.05 0.2 0.4 0.6 0.8 1 1.3 1.6; do
    timeout --preserve-status -s INT $delay "$brig_program" run --rm base sleep 1000 \
        >/dev/null 2>"$work/err"
    status=$?
    [ $status -eq 130 ] || break
done
is "SIGINT at any moment" "130 " "$status $(cat "$work/err")"
same_as_before "nothing is left of what was interrupted"

# Many at once.
runners=
for n in 1 2 3 4 5 6 7 8; do
    "$brig_program" run --rm base echo "$n" >"$work/out.$n" 2>&1 &
    runners="$runners $!"
done
for runner in $runners; do wait "$runner"; done
is "eight at once" "1 2 3 4 5 6 7 8" "$(cat "$work"/out.? | sort | xargs)"
same_as_before "nothing is left in the end"

# A full disk, and one that is read-only.
small() { BRIG_STATE="$work/small/state" brig "$@" >"$work/out" 2>&1; }
volumes_of_small() { find "$work/small/state/storage/volumes" -mindepth 1 -maxdepth 1; }
mkdir "$work/small"
mount -t tmpfs -o size=48m tmpfs "$work/small"
small image create base --from-dir "$work/root"
volumes_of_small >"$work/volumes"
dd if=/dev/zero of="$work/small/filler" bs=4k 2>/dev/null
small image create another --from-dir "$work/root"
like "a full disk: an image" "1 brig: *No space left on device*hint: *" "$? $(cat "$work/out")"
small run base true
like "a full disk: a container" "125 brig: *No space left on device*hint: *" "$? $(cat "$work/out")"
is "a full disk: nothing is left" "" "$(volumes_of_small | diff "$work/volumes" - 2>&1)"
rm "$work/small/filler"
mount -u -o ro "$work/small"
small run base true
like "a read-only disk" "125 brig: *ead-only*hint: *" "$? $(cat "$work/out")"
umount "$work/small"

# Images that point at the host.
mkdir "$work/outside"
echo 'intruder:*:4242:4242::0:0::/:/bin/sh' >"$work/outside/master.passwd"
pwd_mkdb -p -d "$work/outside" "$work/outside/master.passwd"
for target in "$work/outside" "../../../../../../../../../..$work/outside"; do
    for folder in dev proc; do
        cp -RpP "$work/root" "$work/hostile"
        rmdir "$work/hostile/$folder"
        ln -s "$target" "$work/hostile/$folder"
        brig image create hostile --from-dir "$work/hostile" >/dev/null
        brig run --rm -J mount.procfs hostile true >"$work/out" 2>&1
        like "/$folder -> $target" "125 *$folder*symbolic link*" "$? $(cat "$work/out")"
        is "it is not mounted on" "" "$(mount -p | grep -F "$work/outside")"
        brig image rm hostile
        rm -rf "$work/hostile"
    done
    for file in etc etc/passwd; do
        cp -RpP "$work/root" "$work/hostile"
        rm -rf "$work/hostile/$file"
        case $file in
            etc) ln -s "$target" "$work/hostile/etc" ;;
            *)
                rm -f "$work/hostile/etc/"*.db "$work/hostile/etc/master.passwd"
                ln -s "$target/passwd" "$work/hostile/etc/passwd"
                ;;
        esac
        brig image create hostile --from-dir "$work/hostile" >/dev/null
        brig run --rm -u intruder hostile true >"$work/out" 2>&1
        like "/$file -> $target" "125 *no user*intruder*" "$? $(cat "$work/out")"
        brig image rm hostile
        rm -rf "$work/hostile"
    done
done
same_as_before "nothing is left of the hostile images"

# Events, as they happen: kqueue(2) wakes the listener.
brig events -f event=died >"$work/events" &
listener=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    brig run --rm --name heard base sh -c 'exit 3' >/dev/null
    sleep 1
    [ ! -s "$work/events" ] || break
done
kill $listener
like "an event for a listener" "*container died * (name=heard, exit_status=3, image=base)" \
    "$(tail -1 "$work/events")"

# Whiteouts of unionfs, in a file system that counts them as entries of their folder.
mkdir "$work/memory"
mount -t tmpfs tmpfs "$work/memory"
in_memory() { BRIG_STATE="$work/memory/state" brig "$@"; }
in_memory image create base --from-dir "$work/root" >/dev/null
is "a container on a tmpfs removes a file of its image" "0 gone" \
    "$(in_memory run --rm base sh -c 'rm /etc/group && echo 0; [ -e /etc/group ] || echo gone' 2>&1 | xargs)"
is "its volume goes all the same" 1 \
    "$(find "$work/memory/state/storage/volumes" -mindepth 1 -maxdepth 1 | wc -l | xargs)"
in_memory image rm base
umount "$work/memory"

echo "1..$number"
[ $failures -eq 0 ]
