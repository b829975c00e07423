#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A driver exports its entry and nothing else, and has no search path of its own.
# usage: one_symbol.sh DRIVER.so
set -eu
symbols=$(nm -D --defined-only "$1" | awk '{ print $NF }')
if [ "$symbols" != brig_driver_entry_v1 ]; then
    echo "$1 exports: $symbols" >&2
    exit 1
fi
if readelf -d "$1" | grep -E 'RPATH|RUNPATH' >&2; then
    exit 1
fi
