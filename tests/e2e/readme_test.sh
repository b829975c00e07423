#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The commands of README.md do what it says.
. "$(dirname "$0")/lib.sh"
. "$tests_dir/e2e/document.sh"

PATH=$BRIG_BUILD/bin:$PATH
export PATH
cd "$work" || exit 1
follow "$tests_dir/../README.md"
finish
