#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The command as it is delivered: optimized, linked statically, and the brig that loads drivers which
# takes its place where the configuration names one. BRIG_RELEASE is its build tree; ./check makes it.
if [ ! -x "${BRIG_RELEASE-}/bin/brig" ]; then
    echo "there is no release build (./check makes one)"
    exit 77
fi
BRIG_BUILD=$BRIG_RELEASE
. "$(dirname "$0")/lib.sh"

expect "run" "Hello World" "$(brig run --rm base echo "Hello World")"
brig run --rm base sh -c 'exit 3'; expect "the command's status" 3 $?
brig run -d --name idle base sleep 1000 >/dev/null; expect "run -d" 0 $?
expect "exec" inside "$(brig exec idle echo inside)"
brig rm -f idle; expect "rm" 0 $?
expect_match "ip_hostname" "*ip4.addr=127.0.0.1*" \
    "$(brig run --dry-run -J ip_hostname -J host.hostname=localhost base true)"
expect_failure "a name that nobody knows" 125 "*ip_hostname: nosuch.invalid: *" \
    brig run --rm -J ip_hostname -J host.hostname=nosuch.invalid base true

# A stranger's driver, built as its author would.
sdk=$tests_dir/../sdk
mkdir -p "$work/drivers"
c++ -std=c++20 -fPIC -shared -fvisibility=hidden -I "$sdk/include" \
    "$sdk/template/net_template.cpp" -o "$work/drivers/net-template.so" || fail "the driver is not built"
cat >"$work/loading.toml" <<END
[engine]
drivers = ["$work/drivers"]

[driver.net-template]
isolation = "in-process"

[network.mine]
driver = "net-template"
addresses = "127.0.0.1/32"
END
loading() { brig --config "$work/loading.toml" "$@"; }
expect_match "driver ls asks a driver without a manifest" "*net-template*network*" "$(loading driver ls)"
expect_match "network ls" "*mine*net-template*" "$(loading network ls)"
expect "run, with words that a shell would take apart" 'a b *' "$(loading run --rm base echo 'a b *')"
loading run --rm -n mine base true; expect "run on the stranger's network" 0 $?
sed '/^isolation/d' "$work/loading.toml" >"$work/isolating.toml"
brig --config "$work/isolating.toml" run --rm -n mine base true
expect "the same in a process of its own" 0 $?

# Neither the environment nor a folder says where the other program is, only where brig itself is, or
# else the prefix that it was configured with.
if [ ! -e /usr/local/libexec/brig/brig ]; then
    mkdir -p "$work/alone/bin"
    cp "$BRIG_RELEASE/bin/brig" "$work/alone/bin/brig"
    expect_failure "without that program" 1 "*/usr/local/libexec/brig/brig'*No such file*hint: install brig again*" \
        "$work/alone/bin/brig" --config "$work/loading.toml" network ls
fi

finish
