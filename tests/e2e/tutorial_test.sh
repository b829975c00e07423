#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# docs/drivers.md is a tutorial: a stranger who follows it, with an installed brig and outside the
# source tree, gets what it shows.
. "$(dirname "$0")/lib.sh"
. "$tests_dir/e2e/document.sh"

if [ ! -e "$BRIG_RELEASE/cmake_install.cmake" ]; then
    echo "$test_name needs the build of ./check in $BRIG_RELEASE"
    exit 77
fi

prefix=$work/prefix
cmake --install "$BRIG_RELEASE" --prefix "$prefix" >"$work/install.log" 2>&1 ||
    fail "brig cannot be installed: $(tail -n 5 "$work/install.log")"
PATH=$prefix/bin:$PATH
BUSYBOX=$work/root/bin/busybox
CMAKE_PREFIX_PATH=$prefix
CMAKE_GENERATOR=Ninja
export PATH BUSYBOX CMAKE_PREFIX_PATH CMAKE_GENERATOR
brig_program=$prefix/bin/brig

mkdir "$work/desk"
cd "$work/desk" || exit 1
BRIG_CONFIG=$work/desk/brig.toml
export BRIG_CONFIG
: >"$BRIG_CONFIG"
follow "$tests_dir/../docs/drivers.md"
finish
