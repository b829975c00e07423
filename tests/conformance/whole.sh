#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: whole.sh BUILD DRIVER CONFIG [OPTION…]
#
# The whole kit, or what OPTIONs of driver check choose, on one of our drivers; all of it of BUILD.
set -eu

build=$1 driver=$2 config=$3
shift 3
if [ ! -x "$build/bin/brig" ]; then
    echo "there is no brig in $build: ./quickstart builds it"
    exit 77
fi
exec "$build/bin/brig" driver check "$build/lib/brig/drivers/$driver.so" --config "$config" "$@"
