#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: many_test.sh BRIG
# Many containers at once: started, seen, asked and ended together, on every storage and network that
# works here. BRIG_MANY: how many, 100 unless set.
. "$(dirname "$0")/lib.sh"

many=${BRIG_MANY:-100}

make_root "$work/root"
brig image create base --from-dir "$work/root" >/dev/null
is "an image" 0 $?
inventory >"$work/before"
ifconfig -l | tr ' ' '\n' | sort >"$work/interfaces"

numbers() { awk -v n="$1" 'BEGIN {for (i = 1; i <= n; i++) print i}'; }

# at_once N OPTION...: N containers in the foreground, each of which says its number.
at_once() {
    count=$1
    shift
    runners=
    for n in $(numbers "$count"); do
        "$brig_program" run --rm "$@" base echo "$n" >"$work/out.$n" 2>"$work/err.$n" &
        runners="$runners $!"
    done
    bad=0
    for runner in $runners; do wait "$runner" || bad=$((bad + 1)); done
    said=$(cat "$work"/out.* | sort -n | cksum)
    errors=$(cat "$work"/err.* | sed 's/[0-9a-f]\{12\}/ID/g' | sort | uniq -c | head -20)
    rm -f "$work"/out.* "$work"/err.*
}

at_once "$many"
is "$many at once: all ended well" "0 $(numbers "$many" | cksum)" "$bad $said"
is "$many at once: nobody complained" "" "$errors"
same_as_before "nothing is left of them"

# In the background, all there at the same time.
for n in $(numbers "$many"); do
    "$brig_program" run -d --rm --name "many$n" -n none -J exec.stop= base sleep 10000 >"$work/out.$n" 2>&1 &
done
wait
is "$many in the background" "$many" "$(cat "$work"/out.* | grep -cx '[0-9a-f]\{12\}')"
is "all of them run" "$many" "$(brig ps | grep -c ' many[0-9]* .*running')"
is "all of them are jails" "$many" "$(jls path | grep -cF "$BRIG_STATE")"
is "one of them answers" here "$(brig exec "many$many" echo here 2>&1)"
numbers "$many" | sed 's/^/many/' | xargs -P 16 -n 4 "$brig_program" rm -f >"$work/out" 2>&1
is "all of them go at once" "0 0" "$? $(brig ps -a | grep -c many)"
rm -f "$work"/out.*
same_as_before "nothing is left of those"

# Everybody wants one name: one has it.
for n in $(numbers 16); do
    "$brig_program" run --rm --name same base true >/dev/null 2>"$work/err.$n" &
    eval "runner$n=$!"
done
won=0
for n in $(numbers 16); do
    eval "wait \$runner$n" && won=$((won + 1))
done
is "sixteen of one name: some run, the others are told so" "$((16 - won))" "$(cat "$work"/err.* | grep -c "brig: .*same")"
[ $won -ge 1 ]; is "at least one ran" 0 $?
rm -f "$work"/err.*

# On networks, and ZFS.
pool=brigmany$$
if make_zfs_storage "$pool"; then
    brig image create zbase --storage zfs --from-dir "$work/root" >/dev/null
    inventory >"$work/before"
    runners=
    for n in $(numbers "$many"); do
        "$brig_program" run --rm -n none zbase true >/dev/null 2>"$work/err.$n" &
        runners="$runners $!"
    done
    bad=0
    for runner in $runners; do wait "$runner" || bad=$((bad + 1)); done
    is "$many clones at once" "0" "$bad$(cat "$work"/err.* | sort | uniq -c | head -5)"
    rm -f "$work"/err.*
    same_as_before "no clone is left"
fi
for driver in net-loopback net-vnet; do
    [ $driver = net-loopback ] && set -- --subnet 10.78.0.0/24 || set -- --subnet 10.78.1.0/24
    brig network create -d $driver "$@" net >"$work/out" 2>&1 || { echo "# no $driver here: $(head -1 "$work/out")"; continue; }
    at_once 1 -n net
    if [ $bad -ne 0 ]; then echo "# no $driver here: $errors"; brig network rm net; continue; fi
    at_once "$many" -n net
    is "$many at once on $driver" "0 $(numbers "$many" | cksum)" "$bad $said"
    is "$many at once on $driver: nobody complained" "" "$errors"
    brig network rm net; is "$driver: the network goes" 0 $?
    same_as_before "nothing is left on $driver"
    is "$driver: the interfaces are those of before" "" "$(ifconfig -l | tr ' ' '\n' | sort | diff "$work/interfaces" -)"
done

echo "1..$number"
[ $failures -eq 0 ]
