#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brig is killed while it makes, exports and imports images: there is the image or there is none.
. "$(dirname "$0")/lib.sh"

rounds=${BRIG_CRASH_ROUNDS:-8}
seed=$(date +%s)
echo "seed $seed"

brig run --name maker base sh -c 'echo made >/root/made; rm /etc/group' >/dev/null
tar -C "$work/root" -cf "$work/root.tar" .
brig image export base --format oci -o "$work/base.oci" 2>/dev/null

volumes() { ls "$work/state/storage/volumes" | sort | tr '\n' ' '; }
before=$(volumes)

# kill_within NAME SPAN WORDS…: brig WORDS, killed within SPAN ms; then recovers. What it began may
# live a little longer than brig.
kill_within() {
    what=$1 span=$2
    shift 2
    "$brig_program" "$@" >/dev/null 2>&1 &
    runner=$!
    sleep "$(awk -v seed="$((seed + round))" -v span="$span" 'BEGIN {srand(seed); printf "%.4f", rand() * span / 1000}')"
    kill -KILL $runner 2>/dev/null
    wait $runner 2>/dev/null
    brig recover >"$work/recovered" 2>&1 || { fail "$what: recover"; cat "$work/recovered" >&2; }
    expect "$what: no run is left" "" "$(ls "$work/run" | grep -E '^[0-9a-f]{12}$')"
}

# span WORDS…: how long that takes, in ms.
span() {
    begin=$(date +%s%N)
    brig "$@" >/dev/null 2>&1
    echo $((($(date +%s%N) - begin) / 1000000 + 1))
}

# whole NAME COMMAND…: the image "new" is whole, or there is none; then it goes.
whole() {
    what=$1
    shift
    if brig image inspect new >/dev/null 2>&1; then
        "$@" || fail "$what: the image is not whole"
        brig image rm new
    fi
    expect "$what: no volume is left" "$before" "$(volumes)"
}

has_made() { [ "$(brig run --rm new sh -c 'cat /root/made; ls /etc/group 2>/dev/null')" = made ]; }
has_all() { [ "$(brig run --rm new sh -c 'ls / | wc -l')" = "$(ls "$work/root" | wc -l)" ]; }

from_container=$(span image create new --from-container maker); has_made || fail "from a container"; brig image rm new
from_tar=$(span image create new --from-tar "$work/root.tar"); has_all || fail "from an archive"; brig image rm new
from_oci=$(span image import new "$work/base.oci"); has_all || fail "from an OCI image"; brig image rm new
to_oci=$(span image export base --format oci -o "$work/out.oci"); rm "$work/out.oci"

round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    kill_within "from a container" "$from_container" image create new --from-container maker
    whole "from a container" has_made
    expect "the container is as it was" made "$(brig start maker >/dev/null 2>&1; brig wait maker >/dev/null
        brig diff maker | grep -q 'A /root/made' && echo made)"
    kill_within "from an archive" "$from_tar" image create new --from-tar "$work/root.tar"
    whole "from an archive" has_all
    kill_within "from an OCI image" "$from_oci" image import new "$work/base.oci"
    whole "from an OCI image" has_all
    kill_within "export" "$to_oci" image export base --format oci -o "$work/out.oci"
    whole "export" true
    if [ -e "$work/out.oci" ]; then
        cmp "$work/out.oci" "$work/base.oci" || fail "export: not the whole archive"
        rm "$work/out.oci"
    fi
    expect "export: nothing else is left of it" "" "$(ls -A "$work" | grep -v '^out.oci$' | grep out.oci)"
done

brig rm maker
finish
