#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: whole.sh BUILD DRIVER
#
# The whole kit on one of our drivers, all of them of BUILD.
set -eu

build=$1 driver=$2
if [ ! -x "$build/bin/brig" ]; then
    echo "there is no brig in $build: ./quickstart builds it"
    exit 77
fi
exec "$build/bin/brig" driver check "$build/lib/brig/drivers/$driver.so" --config "${0%/*}/$driver.toml"
