#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: driver_test.sh BRIG
# brig driver ls, inspect, new and check on FreeBSD, with brig's own drivers.
# BRIG_KIT_ONLY: which of its tests; BRIG_KIT_DRIVERS: of which drivers.
. "$(dirname "$0")/lib.sh"

drivers=$(realpath "$(dirname "$brig_program")/../lib/brig/drivers")
[ -d "$drivers" ] || { echo "1..0 # SKIP no drivers beside $brig_program"; exit 0; }
only=${BRIG_KIT_ONLY:-artifact.* descriptor.* core.* strict.* hygiene.process* hygiene.output* hygiene.no_*}
checked=${BRIG_KIT_DRIVERS:-net-inherit net-loopback net-vnet storage-dir}
: >"$BRIG_CONFIG"

everything_there() {
    inventory
    ifconfig -l | tr ' ' '\n' | sort
    ls -d /tmp/brig-* 2>/dev/null
}
everything_there >"$work/before"

# ---- What they say of themselves ----

for driver in net-inherit net-loopback net-vnet storage-dir storage-zfs; do
    kind=network
    [ "${driver%%-*}" = net ] || kind=storage
    like "$driver is listed" "$driver *$kind *" "$(brig driver ls | grep "^$driver ")"
    like "$driver" "name *$driver *kind *$kind *interface *1.*isolation *" "$(brig driver inspect $driver 2>&1 | tr -s ' \n' ' ')"
    like "$driver, by its file" "name *$driver *kind *$kind *" "$(brig driver inspect "$drivers/$driver.so" 2>&1 | tr -s ' \n' ' ')"
    like "$driver as JSON" "{\"name\":\"$driver\",\"kind\":\"$kind\",*\"isolation\":\"in-process\",\"options\":?*?}" \
        "$(brig driver inspect --json $driver 2>&1)"
    like "$driver as TOML" "*?$kind.*driver = \"$driver\"*" "$(brig driver inspect --toml $driver 2>&1)"
    like "$driver as a manual page" "*.Nm $driver*.Sh SYNOPSIS*" "$(brig driver inspect --man $driver 2>&1)"
done
# What --toml writes is a configuration, once what is required is filled in.
{
    brig driver inspect --toml net-loopback
    brig driver inspect --toml storage-dir | sed "s|^path = .*|path = \"$work/tank\"|"
} >"$BRIG_CONFIG" 2>&1
is "the tables are a configuration" "0 " "$(brig network ls >/dev/null 2>"$work/err"; echo $?) $(cat "$work/err")"
: >"$BRIG_CONFIG"
said=$(brig driver inspect no-such 2>&1)
like "there is no such driver" "4 *no-such*" "$? $said"
said=$(brig driver inspect "$work/no.so" 2>&1)
like "there is no such file" "[14] *no.so*" "$? $said"

# ---- New ones ----

for kind in network storage; do
    for language in cpp c; do
        new=$work/mine-$kind-$language
        said=$(brig driver new $kind "mine-$kind" --lang $language "$new" 2>&1)
        like "a new $kind in $language" "0 *builds and passes*" "$? $said"
        is "has its files" "CMakeLists.txt Makefile README.md mine_$kind.$language" "$(cd "$new" && echo *)"
    done
done

# ---- The kit ----

# check DRIVER OPTION…
check() {
    driver=$1
    shift
    brig driver check "$drivers/$driver.so" --config "$work/$driver.toml" "$@" >"$work/report" 2>&1
}
cat >"$work/net-inherit.toml" <<END
[options]
ip4 = "inherit"
END
cat >"$work/net-loopback.toml" <<END
[options]
subnet = "10.231.7.0/24"
subnet6 = "fd00:b219:7::/64"
END
cat >"$work/net-vnet.toml" <<END
[options]
subnet = "10.231.8.0/24"
subnet6 = "fd00:b219:8::/64"
END
cat >"$work/storage-dir.toml" <<END
[options]
clone = "auto"
END

for driver in $checked; do
    check $driver --only "$only"
    is "the kit finds nothing in $driver" "0 0 failed" "$? $(tail -n 1 "$work/report" | grep -o '[0-9]* failed')"
    grep -e FAIL -e SKIP -A 2 "$work/report" | head -n 60 | sed 's/^/# /'
    tail -n 1 "$work/report" | sed 's/^/# /'
    everything_there >"$work/after"
    is "and $driver leaves nothing" "" "$(diff "$work/before" "$work/after")"
done
check net-inherit --only "artifact.*" --real
is "--real" 0 $?
check net-inherit --only "artifact.*" --json
like "--json" '0 {"driver":"net-inherit"*"failed":0,*' "$? $(cat "$work/report")"
check net-inherit --only "artifact.*" --junit "$work/junit.xml"
like "--junit" '0 *<testsuite name="net-inherit"*failures="0"*</testsuite>*' "$? $(cat "$work/junit.xml")"
said=$(brig driver check "$work/no.so" 2>&1)
like "no such file" "4 *no driver*no.so*" "$? $said"
printf 'not a driver' >"$work/empty.so"
said=$(brig driver check "$work/empty.so" 2>&1)
like "not a driver" "1 *artifact.loads*" "$? $said"
said=$(brig driver check 2>&1)
like "no operand" "2 *" "$? $said"

# By somebody else: without worlds of their own, which are root's.
chmod 755 "$work"
as_nobody() { # as_nobody COMMAND…
    program=$1
    shift
    jail -c name=brigkit$$ path=/ ip4=inherit ip6=inherit exec.jail_user=nobody "command=$program" "$@"
}
as_nobody "$brig_program" driver check "$drivers/net-inherit.so" --only "artifact.* core.*" >"$work/report" 2>&1
like "not by root" "0 *net-inherit * 0 failed*" "$? $(tail -n 1 "$work/report")"
as_nobody "$brig_program" driver check "$drivers/net-inherit.so" --real >"$work/report" 2>&1
like "--real needs root" "1 *--real needs root*" "$? $(cat "$work/report")"
everything_there >"$work/after"
is "nothing is left in the end" "" "$(diff "$work/before" "$work/after")"

echo "1..$number"
[ $failures -eq 0 ]
