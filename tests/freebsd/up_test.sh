#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: up_test.sh BRIG
# Containers of a file on FreeBSD: brig up and down, restart policies and the rc.d script, compared
# with what the kernel has.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
cp -Rp "$work/root" "$work/own"
mkdir "$work/data set"
echo kept >"$work/data set/note"
inventory >"$work/before"
file=$work/site.toml

jail_of() { brig ps | awk -v name="$1" '$2 == name {print $1}'; }
kernel() {
    container=$(jail_of "$1")
    shift
    jls -j "$container" "$@" 2>&1
}
# site HOSTNAME IMAGE SECURELEVEL
site() {
    cat >"$file" <<END
[container.web]
image = "$2"
command = ["sleep", "1000"]
depend = ["db", "own"]
env = { SITE = "example" }
params = ["allow.raw_sockets", "stop.timeout=1", "exec.stop="]

[container.db]
image = "base"
command = ["sleep", "1000"]
user = "nobody"
workdir = "/tmp"
restart = "on-failure:2"
mounts = [{ source = "$work/data set", target = "/mnt", read_only = true }]
params = { host.hostname = "$1", securelevel = $3, stop.timeout = 1, exec.stop = "" }

[container.own]
root = "$work/own"
command = ["/bin/sleep", "1000"]
networks = ["host"]
params = { "mount.devfs" = true, stop.timeout = 1, allow.mlock = true, children.max = 3 }
END
}

site first base 0
is "config check" "ok, 3 containers" "$(brig config check -f "$file" 2>&1)"
like "plan -f" "*would create and start 'db'*would create and start 'own'*would create and start 'web'*" \
    "$(brig plan -f "$file" web 2>&1)"
is "up" "db: created own: created web: created" "$(brig up -f "$file" 2>&1 | sort | xargs)"
is "the kernel's values" "first 0" "$(kernel db host.hostname securelevel)"
is "of a list" true "$(kernel web allow.raw_sockets)"
is "of a root of its own" "$work/own true 3" "$(kernel own path allow.mlock children.max)"
is "its user" nobody "$(brig exec db id -un 2>/dev/null)"
is "its variable" example "$(brig exec web sh -c 'echo $SITE')"
is "its mount" "kept 1" "$(brig exec db cat /mnt/note) $(brig exec db mkdir /mnt/x 2>/dev/null; echo $?)"
is "up again" "db: unchanged own: unchanged web: unchanged" "$(brig up -f "$file" 2>&1 | sort | xargs)"

jid=$(brig --json inspect db | sed -n 's/.*"jail":\([0-9]*\).*/\1/p')
site second base 1
is "up with changes" "db: updated host.hostname: first -> second, now securelevel: 0 -> 1, now" \
    "$(brig up -f "$file" db 2>&1 | xargs)"
is "in the kernel" "second 1" "$(kernel db host.hostname securelevel)"
is "the same jail" "$jid" "$(brig --json inspect db | sed -n 's/.*"jail":\([0-9]*\).*/\1/p')"
sed 's/^params = { "mount.devfs"/params = { "osrelease" = "9.9", "mount.devfs"/' "$file" >"$work/osrelease.toml"
brig up -f "$work/osrelease.toml" >"$work/out" 2>&1
like "for creation only" "3 *osrelease*cannot be changed after creation*" "$? $(cat "$work/out")"
is "recreated" "db: unchanged own: recreated web: started" \
    "$(brig up --recreate -f "$work/osrelease.toml" 2>&1 | sort | xargs)"
is "as the kernel has it" 9.9 "$(kernel own osrelease)"
is "and back" "db: unchanged own: recreated web: started" \
    "$(brig up --recreate -f "$file" 2>&1 | sort | xargs)"

brig export db --format toml >"$work/db.toml" 2>"$work/out"
is "what export writes" "db: unchanged" "$(brig up -f "$work/db.toml" 2>&1)"

# Killed at some point, it is finished by the next.
brig down --rm -f "$file" >/dev/null 2>&1
same_as_before "nothing is left after down --rm"
is "its own root is still there" 0 "$([ -x "$work/own/bin/sh" ]; echo $?)"
for delay in 0.05 0.2 0.4 0.7 1 1.5 2; do
    brig up -f "$file" >/dev/null 2>&1 &
    runner=$!
    sleep $delay
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    brig up -f "$file" >"$work/out" 2>&1
    status=$?
    if [ $status -eq 0 ] && is_running db && is_running web && is_running own; then
        :
    else
        not_ok "up after a kill at $delay s" "$status $(cat "$work/out")"
    fi
    brig down --rm -f "$file" >/dev/null 2>&1
done
same_as_before "up converges after kills"

# A restart policy: the command's failure starts it again, in a jail of its own each time.
cat >"$file" <<END
[container.fails]
image = "base"
command = ["sh", "-c", "echo run; exit 3"]
restart = "on-failure:2"
params = { exec.stop = "" }
[container.always]
image = "base"
command = ["sleep", "1000"]
restart = "always"
params = { exec.stop = "", stop.timeout = 1 }
END
brig up -f "$file" >/dev/null 2>&1
three_runs() { [ "$(brig logs fails | grep -c run)" -eq 3 ] && ! is_running fails; }
wait_for three_runs
is "on-failure:2" 3 "$(brig logs fails | grep -c run)"
first=$(brig --json inspect always | sed -n 's/.*"pid":\([0-9]*\).*/\1/p')
kill -KILL "$first"
another() {
    pid=$(brig --json inspect always | sed -n 's/.*"pid":\([0-9]*\).*/\1/p')
    [ -n "$pid" ] && [ "$pid" != "$first" ]
}
wait_for another
is "always" 0 "$(another; echo $?)"
brig stop always
is "stop is for good" "" "$(brig ps | grep always)"

# As rc(8) calls it: the script of the work tree, or the one that is installed.
rc=$(dirname "$0")/../../packaging/freebsd/sysutils/brig/files/brig.in
[ -r "$rc" ] || rc=$(dirname "$(dirname "$brig_program")")/etc/rc.d/brig
if [ -r /etc/rc.subr ] && [ -r "$rc" ]; then
    rc_script() { brig_program=$brig_program sh "$rc" "$1" 2>&1; }
    rc_script onestart >"$work/out"
    is "rc.d start" 0 "$(is_running always; echo $?)"
    like "rc.d status" "*always*running*" "$(rc_script onestatus)"
    rc_script onestop >"$work/out"
    is "rc.d stop" 1 "$(is_running always; echo $?)"
fi
brig down --rm -f "$file" >/dev/null 2>&1
same_as_before "nothing is left of the restarts"

echo "1..$number"
[ $failures -eq 0 ]
