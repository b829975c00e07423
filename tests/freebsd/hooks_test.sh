#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: hooks_test.sh BRIG
# What runs when, as whom and with what: all hooks, users, the environment and limits of a login class,
# each as jail(8) does it with the same jail.conf(5); and hooks that fail.
. "$(dirname "$0")/lib.sh"

make_root "$work/root"
# A user with a home, one without, and a login class of the image's.
{
    echo 'worker:*:1234:1234:lab:0:0:Worker:/home/worker:/bin/sh'
    echo 'drifter:*:1235:1235::0:0:Drifter:/home/nowhere:/bin/sh'
} >>"$work/root/etc/master.passwd"
printf 'lab:*:1234:\nextra:*:1240:worker\n' >>"$work/root/etc/group"
pwd_mkdb -p -d "$work/root/etc" "$work/root/etc/master.passwd"
mkdir -p "$work/root/home/worker"
chown 1234:1234 "$work/root/home/worker"
cat >"$work/root/etc/login.conf" <<'END'
default:\
	:path=/sbin /bin /usr/sbin /usr/bin:\
	:setenv=COLOUR=grey:
root:\
	:tc=default:
lab:\
	:path=/usr/bin /bin /opt/lab:\
	:setenv=COLOUR=red,BENCH=7:\
	:lang=eo.UTF-8:\
	:timezone=UTC-3:\
	:umask=027:\
	:openfiles=77:\
	:coredumpsize=0:\
	:priority=5:\
	:maxproc-cur=99:
END
for program in limits grep sort dirname; do copy_program "$(command -v $program)" "$work/root"; done
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
cp -Rp "$work/root" "$work/twin"
mkdir -m 1777 "$work/shared"
inventory >"$work/before"

cat >"$work/shared/note" <<'END'
#!/bin/sh
echo "$1 $(id -un) $(pwd)" >>"$(dirname "$0")/log"
END
chmod 755 "$work" "$work/shared/note"

# Every hook, as "name=value".
hooks() {
    for hook in prepare prestart created poststart prestop poststop release; do
        echo "exec.$hook=$work/shared/note $hook"
    done
    for hook in start stop; do echo "exec.$hook=/mnt/note $hook"; done
}
new_log() {
    rm -f "$work/shared/log"
    install -m 666 /dev/null "$work/shared/log"
}

# as_jail8 WHAT PARAMETER...: the container and the jail write the same log.
as_jail8() {
    what=$1
    difference=
    shift
    new_log
    {
        printf 'twin {\n path = "%s";\n exec.clean;\n' "$work/twin"
        { hooks; for each; do echo "$each"; done; } |
            sed -e 's/^\([a-z._]*\)=\(.*\)$/ \1 = "\2";/' -e '/=/!s/$/;/'
        # By brig the command is the container's; here it is a hook in its place.
        printf ' exec.start += "/mnt/note command";\n persist;\n}\n'
    } >"$work/jail.conf"
    # Mounted by hand: jail(8) would do it as exec.system_user.
    mount -t nullfs "$work/shared" "$work/twin/mnt"
    jail -q -f "$work/jail.conf" -c twin >"$work/err" 2>&1
    jail -q -f "$work/jail.conf" -r twin >>"$work/err" 2>&1
    umount "$work/twin/dev" 2>/dev/null
    umount "$work/twin/mnt"
    cp "$work/shared/log" "$work/theirs"
    new_log
    hooks >"$work/hooks"
    set -- "$@" "mount=$work/shared /mnt nullfs rw"
    while read -r hook; do set -- "$@" "$hook"; done <"$work/hooks"
    for each; do
        set -- "$@" -J "$each"
        shift
    done
    # exec.poststart is run when the command has begun: it is to be the first to write.
    brig run --rm "$@" base sh -c '/mnt/note command; until grep -q ^poststart /mnt/log; do sleep 0.05; done' \
        >>"$work/err" 2>&1
    status=$?
    # The command and exec.poststart run at the same time.
    for file in ours theirs; do
        [ $file = theirs ] || cp "$work/shared/log" "$work/ours"
        awk '$1 == "command" || $1 == "poststart" {print "4 " $0; next} {print (NR < 4 ? "3 " : "5 ") $0}' \
            "$work/$file" | sort -s -k1,1n | awk '{held = $1 == 4 ? held "\n" $0 : held} $1 != 4 {print}
                END {print held}' | sort >"$work/$file.sorted"
    done
    if [ $status -eq 0 ] && [ "$(wc -l <"$work/ours")" -eq 10 ] &&
        difference=$(diff "$work/theirs.sorted" "$work/ours.sorted"); then
        ok "hooks as by jail(8): $what"
    else
        not_ok "hooks as by jail(8): $what" "status $status
theirs: $(cat "$work/theirs")
ours: $(cat "$work/ours")
$(cat "$work/err")"
    fi
}
as_jail8 "the defaults"
is "their order" "prepare prestart created start prestop stop poststop release" \
    "$(cut -d' ' -f1 "$work/shared/log" | grep -v -e command -e poststart | xargs)"
as_jail8 "users" exec.system_user=operator exec.jail_user=worker
as_jail8 "a user of the host in the jail" exec.jail_user=operator exec.system_jail_user
# brig's own folder is nobody's concern, whose jail(8)'s is then.
sed -i '' 's/ \$(pwd)"/"/' "$work/shared/note"
as_jail8 "not clean" exec.noclean
same_as_before "nothing is left of these"

# Environment, limits and the like of the command: jail(8) takes them from the jail's login.conf(5).
# Without a clean environment jail(8) leaves the groups of its caller.
environment='env | grep -v -e ^_= -e ^PWD= -e ^OLDPWD= -e ^SHLVL= | sort; umask; limits -n -c -u; id -u; id -g; pwd;
    echo nice: $(ps -o nice= -p $$)'
same_life() {
    what=$1
    difference=
    shift
    brig run --rm "$@" base sh -c "$environment" >"$work/ours" 2>"$work/err"
    line=$(brig run --dry-run "$@" base true | sed -n 's/^ *\(jail -c .*\)/\1/p' |
        sed -e "s:'\{0,1\}path=[^ ]*:path=$work/twin:" -e 's/ command=.*//')
    eval "$line" "'command=/bin/sh' '-c' '$environment'" >"$work/theirs" 2>>"$work/err"
    umount "$work/twin/dev" 2>/dev/null
    if [ -s "$work/ours" ] && difference=$(diff "$work/theirs" "$work/ours"); then
        ok "a command as by jail(8): $what"
    else
        not_ok "a command as by jail(8): $what" "$difference
$(cat "$work/err")"
    fi
}
same_life "root"
same_life "a user with a login class" -J exec.jail_user=worker
same_life "one without a class" -J exec.jail_user=operator
same_life "a user of the host" -J exec.jail_user=operator -J exec.system_jail_user
FOREIGN="from outside"; export FOREIGN
same_life "exec.noclean" -J exec.noclean
same_life "exec.noclean, a user" -J exec.noclean -J exec.jail_user=worker
unset FOREIGN
is "the class counts" "red 27" "$(brig run --rm -u worker base sh -c 'echo $COLOUR $(umask)' 2>/dev/null | sed 's/ 0*/ /')"
is "-e is stronger" blue "$(brig run --rm -u worker -e COLOUR=blue base sh -c 'echo $COLOUR' 2>/dev/null)"
is "a user by number and group" "1234 5" "$(brig run --rm -u 1234:5 base sh -c 'echo $(id -u) $(id -g)' 2>/dev/null)"
is "with the image's groups" "1234 1240" "$(brig run --rm -u worker base id -G 2>/dev/null)"
brig run --rm -u drifter base sh -c pwd >"$work/out" 2>"$work/err"
like "a home that is not there" "0 / *home/nowhere*" "$? $(cat "$work/out") $(cat "$work/err")"
is "exec: the same user and class" "$(brig run --rm -u worker base sh -c "$environment" 2>/dev/null | cksum)" \
    "$(brig run -d --name execed -u worker base sleep 1000 >/dev/null
        brig exec execed sh -c "$environment" 2>/dev/null | cksum; brig rm -f execed >/dev/null)"
same_as_before "nothing is left of the commands"

# What they are told.
brig run --rm --name told -J "exec.prestart=env >$work/env.prestart" -J "exec.poststart=env >$work/env.poststart" \
    -J "exec.release=env >$work/env.release" base true
is "JNAME" "3" "$(grep -l '^JNAME=' "$work"/env.* | wc -l | xargs)"
is "JID only while there is a jail" poststart "$(grep -l '^JID=[1-9]' "$work"/env.* | sed 's/.*\.//')"
is "JPATH is the root" 1 "$(grep -h '^JPATH=' "$work"/env.* | sort -u | wc -l | xargs)"

# Shell or not: as jail(8) decides it.
is "blanks and no shell" "a  b" "$(brig run --rm -J "exec.prestart=echo a  b" base true 2>&1 | sed 's/^a b$/a  b/')"
is "a shell" "1 2" "$(brig run --rm -J 'exec.prestart=for i in 1 2; do echo $i; done' base true 2>&1 | xargs)"
brig run --rm -J 'exec.prestart=sleep 0.1 &' base true; is "one in the background" 0 $?
is "several, in order" "1 2 3" "$(brig run --rm -J 'exec.prestart=echo 1' -J 'exec.prestart=echo 2' -J 'exec.prestart=echo 3' base true 2>&1 | xargs)"

# Each of them fails.
for hook in prepare prestart created start poststart; do
    brig run --rm -J "exec.$hook=false" base sleep 20 >"$work/out" 2>&1
    like "exec.$hook fails" "125 *exec.$hook*" "$? $(cat "$work/out")"
done
same_as_before "nothing is left where a hook failed"
for hook in prestop poststop release; do
    brig run --rm -J "exec.$hook=false" base true >"$work/out" 2>&1
    like "exec.$hook fails" "*exec.$hook*" "$(cat "$work/out")"
    brig recover >/dev/null 2>&1
    for container in $(brig ps -a | awk 'NR > 1 {print $1}'); do brig rm -f "$container" >/dev/null 2>&1; done
done
same_as_before "nor where it failed at the end"

# brig is ended in each of them; SIGTERM, since what runs in the background may ignore SIGINT.
for hook in prepare prestart created start poststart; do
    timeout --foreground --preserve-status -s TERM 1.5 "$brig_program" run --rm -J "exec.$hook=sleep 600" base sleep 600 >"$work/out" 2>&1
    is "exec.$hook is interrupted" 143 $?
done
same_as_before "nothing is left where a hook was interrupted"

echo "1..$number"
[ $failures -eq 0 ]
