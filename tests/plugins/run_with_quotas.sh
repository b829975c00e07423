#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: run_with_quotas.sh PROGRAM
# Runs the tests of project quotas on this kernel; and if it cannot make or mount the file systems
# they need, on User Mode Linux (package user-mode-linux), which is a Linux kernel in a process, with
# this machine's files. Exit status 77: neither can.
set -eu

program=$(realpath "$1")
uml=$(command -v linux.uml || true)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if "$program" >"$work/log" 2>&1; then
    status=0
else
    status=$?
fi
if [ $status -ne 0 ] || ! grep -q '^\[  SKIPPED \]' "$work/log"; then
    cat "$work/log"
    exit $status
fi
if [ -z "$uml" ]; then
    cat "$work/log"
    echo "skipped: this kernel has no project quotas (see above), and there is no linux.uml"
    exit 77
fi

# The first process there. It may end only with the machine.
cat >"$work/init" <<END
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs tmpfs /tmp
modules=/usr/lib/uml/modules/\$(uname -r)/kernel
for module in fs/quota/quota_tree fs/quota/quota_v2 drivers/block/loop fs/overlayfs/overlay; do
    busybox insmod \$modules/\$module.ko
done
TMPDIR=/tmp "$program"
echo "status: \$?"
sync
echo o >/proc/sysrq-trigger
sleep 60
END
chmod 755 "$work" "$work/init"
echo "this kernel has no project quotas; on User Mode Linux:"
# Its output ends with the console's line endings.
"$uml" mem=1G root=/dev/root rootfstype=hostfs rootflags=/ rw init="$work/init" quiet \
    con=null con0=null,fd:1 ssl=null </dev/null 2>&1 | tr -d '\r' >"$work/log"
cat "$work/log"
grep -q '^status: 0$' "$work/log" || exit 1
! grep -q '^\[  SKIPPED \]' "$work/log" || exit 77
