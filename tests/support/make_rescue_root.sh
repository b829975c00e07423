#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: make_rescue_root.sh DIR
# Fills the folder DIR with a small root for FreeBSD: the static programs of /rescue under their
# usual paths, and the files of /etc that programs look at.
set -eu

root=${1:?usage: make_rescue_root.sh DIR}
umask 022

mkdir -p "$root"
cd "$root"
chmod 755 .
mkdir -p bin sbin usr/bin usr/sbin dev proc etc root home/user tmp var/run var/tmp mnt
chmod 700 root
chmod 1777 tmp var/tmp

# One program with many hard links: tar(1) keeps them.
tar -C / -cf - rescue | tar -xf -
for program in rescue/*; do
    name=${program#rescue/}
    folder=bin
    for candidate in sbin usr/bin usr/sbin; do
        [ ! -e "/$candidate/$name" ] || folder=$candidate
    done
    [ ! -e "/bin/$name" ] || folder=bin
    ln -s "/rescue/$name" "$folder/$name"
done
# Not in /rescue, and the least that a container may be asked to do.
for status in true:0 false:1; do
    printf '#!/bin/sh\nexit %s\n' "${status#*:}" >"usr/bin/${status%:*}"
    chmod 755 "usr/bin/${status%:*}"
done

cat >etc/master.passwd <<'END'
root:*:0:0::0:0:Charlie &:/root:/bin/sh
nobody:*:65534:65534::0:0:Unprivileged user:/nonexistent:/usr/sbin/nologin
user:*:1001:1001::0:0:An ordinary user:/home/user:/bin/sh
END
chmod 600 etc/master.passwd
# Makes etc/passwd and the databases.
pwd_mkdb -p -d etc etc/master.passwd
cat >etc/group <<'END'
wheel:*:0:root
tty:*:4:
nogroup:*:65533:
nobody:*:65534:
user:*:1001:
END
cp /etc/login.conf etc/login.conf
chown 1001:1001 home/user

cat >etc/hosts <<'END'
127.0.0.1 localhost
::1 localhost
END
# What `brig stop` calls first. Nothing here needs more than the SIGTERM that follows.
printf '#!/bin/sh\nexit 0\n' >etc/rc.shutdown
chmod 755 etc/rc.shutdown
