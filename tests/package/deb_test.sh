#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The package for Debian: what is in it, and that it can be installed, used and removed. BRIG_RELEASE
# is the build tree that it is made from.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for program in dpkg dpkg-deb dpkg-shlibdeps cpack unshare; do
    command -v "$program" >/dev/null || { echo "there is no $program"; exit 77; }
done
if [ ! -x "${BRIG_RELEASE-}/bin/brig" ]; then
    echo "there is no release build (./check makes one)"
    exit 77
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/brig-deb.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
(cd "$BRIG_RELEASE" && cpack -G DEB -B "$scratch" -D CPACK_PACKAGING_INSTALL_PREFIX=/usr) \
    >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
package=$(ls "$scratch"/*.deb)
root=$scratch/root
"$here/../support/make_busybox_root.sh" "$root" >/dev/null || exit 1
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
rm -f "$root/sbin/ldconfig"
printf '#!/bin/sh\necho "ldconfig $*"\n' >"$root/sbin/ldconfig"
chmod 755 "$root/sbin/ldconfig"
(cd "$root" && find . ! -type d | sort) >"$scratch/before"
: >"$root/var/lib/dpkg/status"
# The libraries are those of this machine, of which the scratch root knows nothing.
debian() { dpkg --root="$root" --log=/dev/null --force-depends "$@" >"$scratch/log" 2>&1; }
debian -i "$package" || { cat "$scratch/log"; exit 1; }

BRIG_BUILD=$root/usr
. "$here/../e2e/lib.sh"

contents=$(dpkg-deb -c "$package" | awk '{ print $6 }')
expect "all of it is below /usr" "" "$(echo "$contents" | grep -v '^\./usr/')"
for wanted in ./usr/bin/brig ./usr/libexec/brig/brig-init ./usr/lib/systemd/system/brig.service \
    ./usr/share/man/man8/brig.8 ./usr/share/bash-completion/completions/brig; do
    expect "$wanted" "$wanted" "$(echo "$contents" | grep -Fx "$wanted")"
done
expect "owners and modes" "" "$(dpkg-deb -c "$package" | awk '$2 != "root/root" || $1 !~ /^(d|l|-)rw/')"
expect "name and version" "brig $(brig version | cut -d' ' -f2)" \
    "$(dpkg-deb -f "$package" Package) $(dpkg-deb -f "$package" Version)"
expect "its description" "Description: plugin-based engine that runs containers as FreeBSD jails" \
    "$(dpkg-deb -I "$package" | sed -n 's/^ \(Description: .*\)/\1/p')"
expect_match "it depends on the libraries" "*libc6*libsqlite3-0*" \
    "$(dpkg-deb -f "$package" Depends | tr , '\n' | sort | tr '\n' ' ')"
scripts=$(dpkg-deb --ctrl-tarfile "$package" | tar -xO --wildcards './*inst' './*rm' 2>/dev/null)
expect "scripts do nothing but ldconfig" "" "$(echo "$scripts" | sed 's/#.*//' |
    grep -vxE '[[:space:]]*(set -e|if \[ "\$1" = "(configure|remove)" \]; then|ldconfig|fi|exit 0)?')"
expect "and the linker's cache is renewed" "activate-noawait ldconfig" \
    "$(dpkg-deb --ctrl-tarfile "$package" | tar -xO ./triggers)"
expect "the unit's program" "ExecStop=/usr/bin/brig stop --all" \
    "$(grep '^ExecStop=' "$root/usr/lib/systemd/system/brig.service")"
expect "no path of the build" "" "$(grep -rl "$BRIG_RELEASE" "$root/usr/bin" "$root/usr/lib/systemd" \
    "$root/usr/share" "$root/usr/lib"/*/pkgconfig "$root/usr/lib"/*/cmake "$root/usr/lib/pkgconfig" \
    "$root/usr/lib/cmake" 2>/dev/null)"

# It runs from there, with drivers that are part of it and with those beside it.
expect "a container" "Hello" "$(brig run --rm base echo Hello 2>&1)"
expect_match "drivers" "*storage-zfs*storage*" "$(brig driver ls)"

debian -P brig || fail "it is not removed: $(cat "$scratch/log")"
expect "nothing is left" "" "$(cd "$root" && find . -path ./var/lib/dpkg -prune -o ! -type d -print | sort |
    comm -13 "$scratch/before" -)"
# What is compared at the end is brig's to recover, and brig is gone.
brig() { "$BRIG_RELEASE/bin/brig" "$@"; }
finish
