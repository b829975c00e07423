#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: make_busybox_root.sh DIR
# Fills the folder DIR with a small root for Linux: a static busybox with links for its applets,
# and the files of /etc that programs look at.
set -eu

root=${1:?usage: make_busybox_root.sh DIR}
busybox=${BUSYBOX-/bin/busybox}
[ -x "$busybox" ] || {
    echo "make_busybox_root.sh: there is no $busybox; install busybox-static" >&2
    exit 1
}
umask 022

mkdir -p "$root"
cd "$root"
chmod 755 .
mkdir -p bin sbin usr/bin usr/sbin dev proc sys etc root home/user tmp run var/tmp mnt
chmod 700 root
chmod 1777 tmp var/tmp

cp "$busybox" bin/busybox
chmod 755 bin/busybox
bin/busybox --list-full | while IFS= read -r applet; do
    case $applet in
        bin/busybox | */*/*/*) ;;
        */*) [ -e "$applet" ] || ln -s /bin/busybox "$applet" ;;
    esac
done

cat >etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
user:x:1000:1000:an ordinary user:/home/user:/bin/sh
END
cat >etc/group <<'END'
root:x:0:
tty:x:5:
nogroup:x:65534:
user:x:1000:
END
chown 1000:1000 home/user

cat >etc/hosts <<'END'
127.0.0.1 localhost
::1 localhost
END
echo 'NAME=busybox' >etc/os-release
# What `brig stop` calls first. Nothing here needs more than the SIGTERM that follows.
printf '#!/bin/sh\nexit 0\n' >etc/rc.shutdown
chmod 755 etc/rc.shutdown
