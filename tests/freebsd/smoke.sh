#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: smoke.sh BRIG
# Whole containers on FreeBSD, from the image to what is left afterwards. Needs root and a brig
# whose folders belong to root. One line per check, as in TAP.
set -u

brig_program=${1:?usage: smoke.sh BRIG}
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

umask 022
work=$(mktemp -d /tmp/brig-smoke.XXXXXX) || exit 1
export BRIG_STATE="$work/state" BRIG_RUN="$work/run" BRIG_CONFIG="$work/brig.toml"
# The copying clone is there beside the default one.
cat >"$BRIG_CONFIG" <<END
[storage.copying]
driver = "storage-dir"
path = "$work/copying"
clone = "copy"
END

number=0
failures=0

brig() { "$brig_program" "$@"; }

ok() {
    number=$((number + 1))
    echo "ok $number - $1"
}

# not_ok WHAT DETAIL
not_ok() {
    number=$((number + 1))
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

# is WHAT WANTED GOT
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted '$2', got '$3'"; fi
}

# like WHAT PATTERN GOT: PATTERN is one of case.
like() {
    # shellcheck disable=SC2254
    case $3 in
        $2) ok "$1" ;;
        *) not_ok "$1" "wanted something like '$2', got '$3'" ;;
    esac
}

# wait_for COMMAND…: until it succeeds, at most 30 seconds.
wait_for() {
    tries=150
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "# timed out: $*"; return 1; }
        sleep 0.2
    done
}

is_running() { brig ps | grep -q " $1 .*running"; }

# What a container could leave behind.
inventory() {
    jls -d name
    mount -p | awk '{print $1, $2, $3}' | grep -F "$work"
    ls -A "$BRIG_RUN/containers" "$BRIG_RUN/names" 2>/dev/null
    ls -A "$BRIG_STATE/storage/volumes" "$work/copying/volumes" 2>/dev/null
    ps -ax -o command | grep -F "$brig_program" | grep -vF -e grep -e smoke.sh
    ps -ax -o jid,command | awk '$1 > 0'
}

# same_as_before WHAT
same_as_before() {
    inventory >"$work/after"
    if difference=$(diff "$work/before" "$work/after"); then
        ok "$1"
    else
        not_ok "$1" "$difference"
    fi
}

# A few programs of this host with the libraries that they need.
make_root() {
    mkdir -p "$1/bin" "$1/dev" "$1/proc" "$1/etc" "$1/root" "$1/tmp" "$1/var/run" "$1/libexec"
    chmod 1777 "$1/tmp"
    for program in sh echo hostname ps sleep cat ls kill mkdir rm; do
        copy_program "/bin/$program" "$1"
    done
    for program in /usr/bin/id /usr/bin/env /usr/bin/true /usr/bin/false /usr/bin/sed \
        /sbin/ping /sbin/ifconfig; do
        copy_program "$program" "$1"
    done
    cp /libexec/ld-elf.so.1 "$1/libexec/"
    cp /etc/passwd /etc/master.passwd /etc/group /etc/pwd.db /etc/spwd.db /etc/protocols "$1/etc/"
    printf '#!/bin/sh\nexit 0\n' >"$1/etc/rc.shutdown"
}

copy_program() {
    for file in "$1" $(ldd -f '%p\n' "$1" 2>/dev/null | grep '^/'); do
        mkdir -p "$2$(dirname "$file")"
        cp -p "$file" "$2$file"
    done
}

clean_up() {
    for container in $(brig ps -a 2>/dev/null | awk 'NR > 1 {print $1}'); do
        brig rm -f "$container" >/dev/null 2>&1
    done
    brig recover >/dev/null 2>&1
    chflags -R 0 "$work" 2>/dev/null
    mount -p | grep -qF "$work" || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

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
brig run --rm base ping -c 1 -t 5 127.0.0.1 >/dev/null 2>&1
is "no raw sockets" 1 "$(($? != 0))"
if brig run --rm -J allow.raw_sockets base ping -c 1 -t 5 127.0.0.1 >"$work/out" 2>&1; then
    ok "allow.raw_sockets"
else
    not_ok "allow.raw_sockets" "$? $(cat "$work/out")"
fi
brig run --rm -n none -J allow.raw_sockets base ping -c 1 -t 2 127.0.0.1 >"$work/out" 2>&1
is "network none has no address" 1 "$(($? != 0))"
brig run -d --name lonely -n none base sleep 1000 >/dev/null
is "network none: parameters" "disable disable" "$(jls -j "lonely" ip4 ip6 2>/dev/null ||
    jls -j "$(brig ps | awk '$2 == "lonely" {print $1}')" ip4 ip6 2>&1)"
brig rm -f lonely >/dev/null; is "rm -f" 0 $?

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

# Many at once.
runners=
for n in 1 2 3 4 5 6 7 8; do
    "$brig_program" run --rm base echo "$n" >"$work/out.$n" 2>&1 &
    runners="$runners $!"
done
for runner in $runners; do wait "$runner"; done
is "eight at once" "1 2 3 4 5 6 7 8" "$(cat "$work"/out.? | sort | xargs)"
same_as_before "nothing is left in the end"

echo "1..$number"
[ $failures -eq 0 ]
