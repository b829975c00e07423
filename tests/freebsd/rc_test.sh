#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: rc_test.sh BRIG
# A whole system in a container: /etc/rc as the command, on a thin root that has the host's programs by
# nullfs; its daemons are the container, exec.stop ends them; and the supervisor as their reaper.
. "$(dirname "$0")/lib.sh"

[ -r /etc/rc ] && [ -x /usr/sbin/syslogd ] || { echo "1..0 # SKIP no /etc/rc and syslogd here"; exit 0; }

# The root: folders, the host's /etc with an rc.conf of its own, and services of the test's.
root=$work/root
mkdir -p "$root/dev" "$root/proc" "$root/tmp" "$root/root" "$root/mnt" "$root/var/run" "$root/var/log" \
    "$root/var/db" "$root/var/tmp" "$root/var/spool/lock" "$root/var/empty" "$root/usr/local/etc/rc.d" "$root/etc"
chmod 1777 "$root/tmp" "$root/var/tmp"
(cd /etc && tar -cf - .) | tar -xpf - -C "$root/etc"
# What belongs to the host.
for file in rc.conf rc.conf.local rc.local rc.conf.d fstab resolv.conf hostid crontab jail.conf jail.conf.d; do
    rm -rf "$root/etc/$file"
done
: >"$root/etc/fstab"
cat >"$root/etc/rc.conf" <<'END'
rc_info="NO"
syslogd_enable="YES"
syslogd_flags="-ss"
cron_enable="NO"
sendmail_enable="NONE"
sendmail_submit_enable="NO"
sendmail_outbound_enable="NO"
sendmail_msp_queue_enable="NO"
update_motd="NO"
clear_tmp_enable="NO"
virecover_enable="NO"
newsyslog_enable="NO"
ldconfig_paths=""
dumpdev="NO"
cleanvar_enable="NO"
hostid_enable="NO"
first_enable="YES"
second_enable="YES"
END
service_script() {
    cat >"$root/usr/local/etc/rc.d/$1" <<END
#!/bin/sh
# PROVIDE: $1
# REQUIRE: LOGIN $2
# KEYWORD: shutdown
. /etc/rc.subr
name=$1
rcvar=$1_enable
start_cmd="echo start $1 >>/var/log/order; $3"
stop_cmd="echo stop $1 >>/var/log/order"
load_rc_config \$name
run_rc_command "\$1"
END
    chmod 755 "$root/usr/local/etc/rc.d/$1"
}
service_script first "" true
service_script second first "(sleep 1000 &)"

set --
for each in /bin /sbin /lib /libexec /usr/bin /usr/sbin /usr/lib /usr/libexec /usr/share; do
    [ -d "$each" ] || continue
    mkdir -p "$root$each"
    set -- "$@" -m "$each:$each:ro"
done
brig image create system --from-dir "$root" --cmd "/bin/sh /etc/rc" >/dev/null 2>&1 ||
    brig image create system --from-dir "$root" >/dev/null
is "an image" 0 $?
inventory >"$work/before"

pid_of_syslogd() { brig exec box cat /var/run/syslog.pid 2>/dev/null; }
syslogd_runs() { pid=$(pid_of_syslogd) && [ -n "$pid" ] && brig exec box kill -0 "$pid"; }
started() { brig exec box grep -q "start second" /var/log/order; }
jail_is_gone() { ! jls -d -j "$1" >/dev/null 2>&1; }

id=$(brig run -d --name box -J host.hostname=box.example "$@" system /bin/sh /etc/rc 2>"$work/err")
like "the container starts" "????????????" "$id$(cat "$work/err")"
wait_for started
is "its services are started" 0 $?
wait_for syslogd_runs
is "syslogd(8) runs" 0 $? || brig logs box 2>&1 | sed 's/^/# /'
no_rc_any_more() { ! jls -j "$id" >/dev/null 2>&1 || ! ps -ax -o command -J "$(jls -j "$id" jid)" | grep -q '/etc/[r]c$'; }
wait_for no_rc_any_more
is "/etc/rc has ended" 0 $?
is "its daemons are the container" running "$(brig ps | awk '$2 == "box" {print $NF}')"
is "its host name" box.example "$(brig exec box hostname)"
like "service(8) works in it" "*syslogd is running*" "$(brig exec box /usr/sbin/service syslogd status 2>&1)"
brig exec box logger -t test "hello from inside" 2>/dev/null
hears() { brig exec box grep -q "hello from inside" /var/log/messages; }
[ -e "$root/var/log/messages" ] || brig exec box true
brig exec box sh -c '[ -e /var/log/messages ]' && { wait_for hears; is "syslogd(8) hears" 0 $?; }
like "what it said is in the log" "*tarting syslogd*" "$(brig logs box 2>&1 | tr '\n' ' ')"

# exec.stop is /bin/sh /etc/rc.shutdown unless said otherwise: the last one started is the first to stop.
brig stop -t 20 box; is "stop" 0 $?
is "the jail is gone" 0 "$(wait_for jail_is_gone "$id"; echo $?)"
brig start box >/dev/null; is "start again" 0 $?
wait_for started
is "services are stopped in reverse order" "start first start second stop second stop first" \
    "$(brig exec box sed 4q /var/log/order | xargs)"
brig restart -t 20 box >/dev/null; is "restart" 0 $?
wait_for syslogd_runs; is "syslogd(8) runs again" 0 $?
brig rm -f box >/dev/null; is "rm -f" 0 $?
same_as_before "nothing is left of it"

# A daemon outlives the command, and belongs to nobody but the supervisor.
make_root "$work/small"
brig image create base --from-dir "$work/small" >/dev/null
inventory >"$work/before"
brig run -d --name daemons base sh -c '(sleep 3; echo daemon) & (sleep 600 &) ; exit 4' >/dev/null
sleep 1
is "the command has ended, the container has not" running "$(brig ps | awk '$2 == "daemons" {print $NF}')"
jail=$(brig ps | awk '$2 == "daemons" {print $1}')
only_one_left() { [ "$(ps -ax -o command -J "$(jls -j "$jail" jid)" | grep -c '[s]leep')" -eq 1 ]; }
wait_for only_one_left
is "no zombies" "" "$(ps -ax -o stat,command | awk '$1 ~ /^Z/ && /sleep|sh/')"
is "what a daemon says is in the log" daemon "$(brig logs daemons)"
pid=$(ps -ax -o pid,command -J "$(jls -j "$jail" jid)" | awk '/[s]leep 600/ {print $1}')
kill -KILL "$pid"
ended() { [ "$(brig ps -a | awk '$2 == "daemons" {print $NF}')" != running ]; }
wait_for ended
is "it ends with its last process" 4 "$(brig wait daemons)"
brig rm daemons
same_as_before "nothing is left of the daemons"

# A hundred orphans at once, in the background and in the foreground.
orphans='i=0; while [ $i -lt 100 ]; do (sh -c "sleep 0.2 &") ; i=$((i + 1)); done'
brig run --rm base sh -c "$orphans" >/dev/null 2>&1
is "a hundred orphans, foreground" 0 $?
brig run -d --name crowd base sh -c "$orphans" >/dev/null
is "a hundred orphans, background" 0 "$(brig wait crowd)"
brig rm crowd
is "no zombies" "" "$(ps -ax -o stat,command | awk '$1 ~ /^Z/ && /sleep|sh/')"
same_as_before "nothing is left of the orphans"

echo "1..$number"
[ $failures -eq 0 ]
