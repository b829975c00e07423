#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# An installed brig, and what strangers build against it: a driver in C, one in C++ and a program that
# embeds the engine, outside of the source tree, with gcc and clang, with CMake and with make and
# pkg-config. BRIG_RELEASE is the build tree that is installed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -x "${BRIG_RELEASE-}/bin/brig" ]; then
    echo "there is no release build (./check makes one)"
    exit 77
fi
if [ "$(id -u)" != 0 ]; then
    echo "it runs containers, which takes root"
    exit 77
fi

# It moves afterwards: what is installed must not know the prefix that it was installed in.
first=$(mktemp -d "${TMPDIR:-/tmp}/brig-first.XXXXXX")
prefix=$(mktemp -d "${TMPDIR:-/tmp}/brig-prefix.XXXXXX")
trap 'rm -rf "$first" "$prefix"' EXIT

# Installs below $1 while all else but the build tree is read-only.
install_alone() {
    # shellcheck disable=SC2016
    unshare --mount sh -c '
        set -e
        mount --bind "$1" "$1"
        mount --bind "$2" "$2"
        mount -o remount,bind,ro /
        ! touch /brig-read-only 2>/dev/null
        exec cmake --install "$2" --prefix "$1"' sh "$1" "$BRIG_RELEASE" >"$1.log" 2>&1
}
install_alone "$first" || { cat "$first.log"; rm -f "$first.log"; exit 1; }
rm -f "$first.log"
cp -R "$first/." "$prefix/" || exit 1

BRIG_BUILD=$prefix
. "$here/../e2e/lib.sh"

# What is there.
listed=$(sed "s|^$first||" "$BRIG_RELEASE/install_manifest.txt" | LC_ALL=C sort)
found=$(cd "$first" && find . ! -type d | sed 's/^\.//' | LC_ALL=C sort)
expect "the manifest names every file" "$found" "$listed"
for wanted in bin/brig libexec/brig/brig libexec/brig/brig-init libexec/brig/brig-archive \
    libexec/brig/brig-complete lib/brig/drivers/storage-zfs.so lib/brig/drivers/storage-zfs.toml \
    include/brig/engine.hpp include/brig/driver.h include/brig/driver.hpp lib/libbrig.a lib/libbrig.so \
    lib/pkgconfig/brig.pc lib/cmake/brig/brig-config.cmake lib/systemd/system/brig.service \
    share/man/man8/brig.8 share/man/man5/brig.toml.5 share/man/man3/brig-driver.3 \
    share/bash-completion/completions/brig share/doc/brig/examples/brig.toml; do
    # Debian's packages have a folder for each architecture in lib.
    # shellcheck disable=SC2086
    ls "$prefix/$wanted" "$prefix"/$(echo "$wanted" | sed 's|^lib/|lib/*/|') 2>/dev/null | grep -q .
    expect "there is $wanted" 0 $?
done
for header in "$here/../../engine/include/brig/"* "$here/../../sdk/include/brig/"*; do
    [ -f "$prefix/include/brig/${header##*/}" ]; expect "the header ${header##*/} is installed" 0 $?
done
expect "each header of the engine exports what it declares" "" \
    "$(grep -L '^namespace BRIG_API brig {' "$here/../../engine/include/brig/"*.hpp | grep -v '/export.hpp$')"
expect "the unit starts what was installed" "ExecStart=-$first/bin/brig start --all" \
    "$(grep '^ExecStart=' "$prefix/lib/systemd/system/brig.service")"
expect "the sample configuration is right" "ok, 0 containers" \
    "$(brig --config "$prefix/share/doc/brig/examples/brig.toml" config check)"

# The list of the port for FreeBSD, where some files have other places, and a few are one system's own.
port=$here/../../packaging/freebsd/sysutils/brig
(cd "$first" && find . ! -type d) | sed -E -e 's|^\./||' -e 's|^lib/[a-z0-9_]+-linux-gnu/|lib/|' \
    -e 's|^lib/pkgconfig/|libdata/pkgconfig/|' -e 's|/man/.*|&.gz|' \
    -e 's|share/doc/brig/examples/brig.toml|etc/brig/brig.toml.sample|' \
    -e 's|brig-targets-[a-z]+.cmake|brig-targets-TYPE.cmake|' |
    grep -vE '^(libexec/brig/(brig-init|brig-nft)|lib/systemd/.*)$' | LC_ALL=C sort >"$work/files"
expect "the list of the port" "$(cat "$work/files")" "$(sed -e 's/^@sample //' -e 's/%%DOCSDIR%%/share\/doc\/brig/' \
    -e 's/%%CMAKE_BUILD_TYPE%%/TYPE/' "$port/pkg-plist" | grep -v '^etc/newsyslog.conf.d/' | LC_ALL=C sort)"
sh -n "$port/files/brig.in"; expect "the rc.d script can be read" 0 $?
expect "the version of the port" "$(brig version | cut -d' ' -f2)" \
    "$(sed -n 's/^DISTVERSION=[[:space:]]*//p' "$port/Makefile")"

# Completions of what there is.
offered() { "$prefix/libexec/brig/brig-complete" "$brig_program" "$@" | cut -f1; }
brig create --name idle base true >/dev/null
expect "completion of images" "base:latest" "$(offered image rm b)"
expect "completion of containers, after options" "idle" "$(offered rm -f '')"
expect "completion of containers, after others" "idle" "$(offered stop -t 5 other i)"
brig rm idle

# Only what the public headers declare is exported.
library=$(ls "$prefix"/lib/libbrig.so "$prefix"/lib/*/libbrig.so 2>/dev/null)
expect "exported beside brig::" "" "$(nm -DC --defined-only "$library" | cut -d' ' -f3- |
    grep -vE '^(brig::|brig_|typeinfo (name )?for brig::|vtable for brig::)')"
expect_match "the engine is exported" "*brig::Engine::run(*" "$(nm -DC --defined-only "$library")"
expect "the inside is not" "" "$(nm -DC --defined-only "$library" | grep -E 'brig::(Ledger|check|tear_down)')"
expect_match "its name has a version" "*SONAME*libbrig.so.0.*" "$(objdump -p "$library")"

# The stranger's sources.
PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig
export PKG_CONFIG_PATH
cp -R "$here/driver-c" "$here/driver-cpp" "$here/embed" "$work/"
sed -n '/^\.\\" example\.c/,/^\.Ed/p' "$prefix/share/man/man3/brig-driver.3" |
    sed -e 1,2d -e '$d' -e 's/\\e/\\/g' >"$work/driver-c/net_mine.c"
"$prefix/bin/brig" driver new network net-template "$work/new" >/dev/null
cp "$work/new/CMakeLists.txt" "$work/new/net_template.cpp" "$work/driver-cpp/"
cat >"$BRIG_CONFIG" <<END
[network.mine]
driver = "net-mine"
ip4 = "disable"

[network.theirs]
driver = "net-template"
addresses = "127.0.0.1/32"
END

# built WHAT COMMAND…: says the output if it fails.
built() {
    what=$1
    shift
    "$@" >"$work/log" 2>&1 && pass || { fail "$what"; cat "$work/log" >&2; }
}

remove_drivers() {
    rm -f "$prefix/lib/brig/drivers/net-mine".* "$prefix/lib/brig/drivers/net-template".*
}

build_with_cmake() { # FOLDER C-COMPILER C++-COMPILER
    built "cmake configures $1 with $2" cmake -S "$work/$1" -B "$work/$1.$2" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_C_COMPILER="$2" -DCMAKE_CXX_COMPILER="$3"
    built "cmake builds $1 with $2" cmake --build "$work/$1.$2"
}

# Of the drivers that are in the prefix now, how they were built being WHAT.
use_drivers() {
    for driver in net-mine net-template; do
        expect_match "$1: driver ls" "*$driver*network*" "$(brig driver ls | grep "^$driver")"
    done
    expect "$1: it says who made it" 1 "$(brig driver inspect net-mine | grep -c '^vendor *me$')"
    expect_match "$1: dry run in C" "* ip4 *disable*network 'mine' (net-mine)*" \
        "$(brig run --dry-run -n mine base true 2>&1)"
    expect_match "$1: dry run in C++" "*ip4.addr*127.0.0.1*network 'theirs' (net-template)*" \
        "$(brig run --dry-run -n theirs base true 2>&1)"
    expect "$1: a container on the driver in C" "Hello" "$(brig run --rm -n mine base echo Hello 2>&1)"
    expect "$1: a container on the driver in C++" "Hello" "$(brig run --rm -n theirs base echo Hello 2>&1)"
}

# The programs in FOLDER, built as WHAT says.
use_embedders() {
    for kind in static shared; do
        program=$2/embed-$kind
        expect "$1: the $kind embedder runs a container" "Hello from mine" \
            "$("$program" mine echo "Hello from mine" 2>&1)"
        "$program" host sh -c 'exit 3'; expect "$1: the $kind embedder has its status" 3 $?
        expect_failure "$1: the $kind embedder catches errors" 1 "not_found: *'nowhere'*" \
            "$program" nowhere true
    done
    expect_match "$1: the shared one needs the library" "*NEEDED*libbrig.so.0.*" "$(objdump -p "$2/embed-shared")"
    expect "$1: the static one does not" "" "$(objdump -p "$2/embed-static" | grep libbrig)"
}

for compilers in "gcc g++" "clang clang++"; do
    # shellcheck disable=SC2086
    set -- $compilers
    if ! command -v "$2" >/dev/null; then
        fail "there is no $2"
        continue
    fi
    for folder in driver-c driver-cpp embed; do
        build_with_cmake "$folder" "$1" "$2"
    done
    for folder in driver-c driver-cpp; do
        built "cmake installs $folder" cmake --install "$work/$folder.$1"
    done
    # Found through the rpath of the build, or as an administrator would say.
    use_drivers "cmake, $1"
    use_embedders "cmake, $1" "$work/embed.$1"
    remove_drivers

    for folder in driver-c driver-cpp; do
        built "make builds $folder with $1" make -C "$work/$folder" "CC=$1" "CXX=$2" install
    done
    built "make builds embed with $1" make -C "$work/embed" "CXX=$2"
    use_drivers "make, $1"
    use_embedders "make, $1" "$work/embed"
    remove_drivers
    rm -f "$work"/driver-c/net-mine.* "$work"/driver-cpp/net-template.* "$work"/embed/embed-*
done

# What was installed can be taken away again, and nothing else was made.
(cd "$BRIG_RELEASE" && cmake -P "$here/../../cmake/Uninstall.cmake") || fail "uninstall"
expect "nothing is left" "" "$(find "$first" ! -type d; find "$first" -type d -name brig)"

finish
