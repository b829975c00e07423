#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: zfs_daemon.sh start|stop FOLDER
#
# Makes ZFS usable for tests: the kernel's where there is one, else the daemon of the package
# zfs-fuse. What runs already is used, and left running. FOLDER keeps the pid in between.
set -eu

[ $# -eq 2 ] || { echo "usage: $0 start|stop FOLDER" >&2; exit 2; }
pid_file=$2/zfs-fuse.pid
export PATH="$PATH:/sbin:/usr/sbin"

answers() {
    zpool list -H -o name >/dev/null 2>&1
}

start() {
    if answers; then
        echo "ZFS is there"
        return
    fi
    [ "$(id -u)" = 0 ] || { echo "only root can start ZFS" >&2; exit 1; }
    command -v zfs-fuse >/dev/null || { echo "install zfs-fuse, or load the kernel's zfs" >&2; exit 1; }
    mkdir -p "$2"
    rm -f "$pid_file"  # of one that was killed, which a new one takes for running
    [ -e /dev/fuse ] || modprobe fuse
    # It forks into the background by itself, and must not hold what ctest reads from.
    zfs-fuse --pidfile "$pid_file" --no-kstat-mount >"$2/zfs-fuse.log" 2>&1 </dev/null
    tries=100
    until answers; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "zfs-fuse does not answer" >&2; exit 1; }
        sleep 0.1
    done
    echo "zfs-fuse runs as $(cat "$pid_file")"
}

# Only the one that start() started.
stop() {
    [ -s "$pid_file" ] || return 0
    pid=$(cat "$pid_file")
    case $(cat "/proc/$pid/comm" 2>/dev/null) in
        zfs-fuse*) ;;
        *) rm -f "$pid_file"; return ;;
    esac
    kill "$pid"
    tries=100
    while kill -0 "$pid" 2>/dev/null && [ $tries -gt 0 ]; do
        tries=$((tries - 1))
        sleep 0.1
    done
    rm -f "$pid_file"
}

case $1 in
    start) start "$@" ;;
    stop) stop "$@" ;;
    *) echo "usage: $0 start|stop FOLDER" >&2; exit 2 ;;
esac
