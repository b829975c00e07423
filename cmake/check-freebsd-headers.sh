#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Compiles, without linking, every source file that FreeBSD would build, with clang against the
# headers of a FreeBSD tree: how to check from Linux that a change still compiles there.
#
#     cmake/check-freebsd-headers.sh SYSROOT [FILE…]
#
# SYSROOT (or $BRIG_FREEBSD_SYSROOT) is an unpacked base.txz of FreeBSD 13.2 or newer with the
# packages' headers under usr/local. CXX names the compiler (clang++), JOBS how many run at once.
set -eu

die() {
    echo "check-freebsd-headers: $1" >&2
    exit 2
}

sysroot=${BRIG_FREEBSD_SYSROOT:-}
if [ $# -gt 0 ]; then
    sysroot=$1
    shift
fi
[ -n "$sysroot" ] || die "give the folder of a FreeBSD tree, or set BRIG_FREEBSD_SYSROOT"
[ -f "$sysroot/usr/include/sys/param.h" ] || die "there are no FreeBSD headers in '$sysroot'"
sysroot=$(cd "$sysroot" && pwd)
cd "$(dirname "$0")/.."

version=$(sed -n 's/^#define[[:space:]]*__FreeBSD_version[[:space:]]*\([0-9]*\).*/\1/p' \
    "$sysroot/usr/include/sys/param.h")
[ -n "$version" ] || die "'$sysroot' does not say which FreeBSD it is"
release=$((version / 100000)).$((version / 1000 % 100))

# What the Linux host alone is made of lies in linux/ folders, and in *linux.cpp and linux_*.cpp.
sources() {
    find engine cli sdk plugins -name '*.cpp' ! -path '*/linux/*' ! -name "*linux.cpp" ! -name "linux_*.cpp" \
        ! -path '*/frozen/*' 2>/dev/null | sort
}

compile() {
    "${CXX:-clang++}" --target="x86_64-unknown-freebsd$release" --sysroot="$sysroot" \
        -stdlib=libc++ -std=c++20 -fsyntax-only \
        -isystem "$sysroot/usr/local/include" \
        -Iengine/include -Iengine/src -Isdk/include -Isdk/conformance/include -Iplugins/net-shared -I"$(dirname "$1")" \
        -DFMT_HEADER_ONLY -DSPDLOG_FMT_EXTERNAL -DNET_VNET_DETACHES_BEFORE_JAIL=true -DBOOST_DLL_USE_STD_FS -DBRIG_VERSION='"check"' -DBRIG_PREFIX='"/usr/local"' \
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Woverloaded-virtual \
        -Wnon-virtual-dtor -Wsuggest-override -Wno-missing-field-initializers -Werror \
        "$1"
}

# Called by itself through xargs, one file a process.
if [ "${BRIG_CHECK_ONE:-}" = yes ]; then
    compile "$1"
    exit
fi

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # our file names have no blanks
    set -- $(sources)
fi
echo "check-freebsd-headers: $# files against FreeBSD $release"
printf '%s\n' "$@" |
    BRIG_CHECK_ONE=yes xargs -P "${JOBS:-2}" -n 1 "./cmake/check-freebsd-headers.sh" "$sysroot" ||
    { echo "check-freebsd-headers: FAILED" >&2; exit 1; }
echo "check-freebsd-headers: all compile"
