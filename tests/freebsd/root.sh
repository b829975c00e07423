# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the tests on FreeBSD and by its benchmark: roots of containers, of this machine's programs.

# copy_program PROGRAM ROOT: with the libraries that it is linked with.
copy_program() {
    for file in "$1" $(ldd -f '%p\n' "$1" 2>/dev/null | grep '^/'); do
        mkdir -p "$2$(dirname "$file")"
        cp -p "$file" "$2$file"
    done
}

# A few programs of this host with the libraries that they need.
make_root() {
    mkdir -p "$1/bin" "$1/dev" "$1/proc" "$1/etc" "$1/root" "$1/tmp" "$1/var/run" "$1/libexec" \
        "$1/mnt"
    chmod 1777 "$1/tmp"
    for program in sh echo hostname ps sleep cat ls kill mkdir rm stty; do
        copy_program "/bin/$program" "$1"
    done
    for program in /usr/bin/id /usr/bin/env /usr/bin/true /usr/bin/false /usr/bin/sed \
        /usr/bin/tty /usr/bin/uname /usr/sbin/jail /usr/sbin/setfib \
        /sbin/ping /sbin/ifconfig /sbin/mount /sbin/sysctl; do
        copy_program "$program" "$1"
    done
    cp /libexec/ld-elf.so.1 "$1/libexec/"
    cp /etc/passwd /etc/master.passwd /etc/group /etc/pwd.db /etc/spwd.db /etc/protocols "$1/etc/"
    printf '#!/bin/sh\nexit 0\n' >"$1/etc/rc.shutdown"
    : >"$1/etc/fstab"
}
