#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: conventions_test.sh BRIG
# An installed brig among FreeBSD's customs: where hier(7) wants files, its rc.d script, newsyslog(8),
# manuals, and a configuration in its place. The default folders are used only where there are none.
. "$(dirname "$0")/lib.sh"

prefix=$(dirname "$(dirname "$brig_program")")
[ -x "$prefix/etc/rc.d/brig" ] || { echo "1..0 # SKIP $brig_program is not installed"; exit 0; }
make_root "$work/root"

# What is installed, and where.
for file in etc/brig/brig.toml.sample etc/newsyslog.conf.d/brig.conf.sample include/brig/driver.h \
    lib/brig/drivers/storage-zfs.so libdata/pkgconfig/brig-driver.pc libexec/brig/brig-archive; do
    [ -r "$prefix/$file" ]; is "$file" 0 $?
done
for page in man8/brig.8 man5/brig.toml.5 man3/brig-driver.3; do
    is "$page" 1 "$(find "$prefix/share/man" "$prefix/man" -path "*/$page*" 2>/dev/null | wc -l | xargs)"
done
if command -v mandoc >/dev/null; then
    is "the manual is readable" brig "$(mandoc "$(find "$prefix/share/man" "$prefix/man" -path '*/man8/brig.8*' 2>/dev/null | head -1)" |
        col -b 2>/dev/null | awk '$1 == "NAME" {getline; print $1}')"
fi
is "nobody but root can change a program" "" \
    "$(find "$prefix/bin/brig" "$prefix/libexec/brig" "$prefix/lib/brig" \( -perm -g+w -o -perm -o+w \) ! -type l)"
is "what is missing no library" "" "$(for file in "$prefix/bin/brig" "$prefix"/libexec/brig/* "$prefix"/lib/brig/drivers/*.so; do
    ldd "$file" 2>/dev/null | grep 'not found'; done)"
brig --config "$prefix/etc/brig/brig.toml.sample" config check >"$work/out" 2>&1
like "the sample is a configuration" "0 ok*" "$? $(cat "$work/out")"

# rc(8).
script=$prefix/etc/rc.d/brig
sh -n "$script"; is "the script is one" 0 $?
if command -v rcorder >/dev/null; then
    rcorder /etc/rc.d/* "$script" 2>/dev/null >"$work/order"
    place() { grep -n "/$1\$" "$work/order" | cut -d: -f1; }
    is "it comes after LOGIN and before securelevel" yes \
        "$([ "$(place LOGIN)" -lt "$(place brig)" ] && [ "$(place brig)" -lt "$(place securelevel)" ] && echo yes)"
    rcorder -k shutdown /etc/rc.d/* "$script" 2>/dev/null | grep -q "$script"; is "it is asked at shutdown" 0 $?
fi
like "rcvar" "*brig_enable=*" "$(sh "$script" rcvar 2>&1 | tr '\n' ' ')"
like "it is off unless it is wanted" "*" "$(sh "$script" start 2>&1)"
is "… and does nothing then" "" "$(sh "$script" start 2>/dev/null | grep Starting)"

# newsyslog(8): the output goes on in a new file, and nothing of it is lost.
brig image create base --from-dir "$work/root" >/dev/null
if command -v newsyslog >/dev/null; then
    id=$(brig run -d --name talks base sh -c 'i=0; while :; do i=$((i + 1)); echo line $i; sleep 0.1; done')
    said() { [ "$(brig logs talks | wc -l)" -gt 5 ]; }
    wait_for said
    sed "s:/var/log/brig:$BRIG_STATE/logs:" "$prefix/etc/newsyslog.conf.d/brig.conf.sample" >"$work/newsyslog.conf"
    newsyslog -F -f "$work/newsyslog.conf" >"$work/out" 2>&1; is "newsyslog" "0 " "$? $(cat "$work/out")"
    old=$(find "$BRIG_STATE/logs/$id" -name 'log.0*')
    is "there is an old file" 1 "$(echo "$old" | grep -c log.0)"
    wait_for said
    is "the output goes on" 0 $?
    brig stop -t 1 talks >/dev/null 2>&1
    { bzcat "$old" 2>/dev/null || cat "$old"; cat "$BRIG_STATE/logs/$id/log"; } | sed -n 's/.* line //p' >"$work/lines"
    is "no line is lost" "" "$(awk '$1 != NR {print "line", NR, "is", $1; exit}' "$work/lines")"
    is "the new file is private" 600 "$(stat -f %Lp "$BRIG_STATE/logs/$id/log")"
    brig rm talks; is "rm takes the old ones, too" "0 " "$? $(ls "$BRIG_STATE/logs")"
fi
brig image rm base >/dev/null

# The folders that brig has when it is told nothing.
taken=
for each in /var/db/brig /var/run/brig /var/log/brig "$prefix/etc/brig/brig.toml"; do
    [ ! -e "$each" ] || taken="$taken $each"
done
if [ -n "$taken" ]; then
    echo "# left alone, since it is used:$taken"
else
    unset BRIG_STATE BRIG_RUN BRIG_CONFIG
    trap 'rm -rf /var/db/brig /var/run/brig /var/log/brig "$prefix/etc/brig/brig.toml"; clean_up' EXIT
    cp "$prefix/etc/brig/brig.toml.sample" "$prefix/etc/brig/brig.toml"
    [ "$prefix" = /usr/local ] && printf '[defaults.params]\n"host.domainname" = "from.config"\n' >>"$prefix/etc/brig/brig.toml"
    brig image create base --from-dir "$work/root" >/dev/null; is "an image" 0 $?
    id=$(brig run -d --name web --restart unless-stopped base sh -c 'echo out; exec sleep 1000')
    wait_for sh -c "$brig_program logs web | grep -q out"
    is "/var/db/brig" 1 "$(find /var/db/brig -name brig.db | wc -l | xargs)"
    [ -f "/var/run/brig/containers/$id/ledger" ]; is "/var/run/brig" 0 $?
    [ -f "/var/log/brig/$id/log" ]; is "/var/log/brig" 0 $?
    is "others cannot look into it" "" "$(find /var/db/brig /var/run/brig /var/log/brig -type f -perm -o+r ! -path '*/volumes/*' ! -path '*/storage/*' -name 'ledger')"
    [ "$prefix" != /usr/local ] || is "/usr/local/etc/brig/brig.toml" from.config "$(jls -j "$id" host.domainname)"
    for verb in onestop onestart onestatus onerestart onestop; do
        sh "$script" $verb >"$work/out" 2>&1 || not_ok "service brig $verb" "$(cat "$work/out")"
    done
    is "service brig onestop" "" "$(brig ps | sed 1d)"
    brig rm web; brig image rm base
    is "nothing is left of them" "" "$(ls -A /var/run/brig/containers /var/log/brig /var/db/brig/storage/volumes 2>/dev/null | grep -v : | xargs)"
fi

echo "1..$number"
[ $failures -eq 0 ]
