#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Images from URLs: a server on this machine that breaks off, redirects and lies. No network.
. "$(dirname "$0")/lib.sh"

if ! command -v python3 >/dev/null || ! command -v openssl >/dev/null; then
    echo "$test_name needs python3 and openssl"
    rm -rf "$work"
    exit 77
fi

# sha FILE
sha() { sha256sum <"$1" | cut -d' ' -f1; }

downloads() { ls -A "$BRIG_STATE/downloads" 2>/dev/null; }

# serve NAME [ARGUMENT…]: a server; its URL is in $url.
serve() {
    server=$1
    shift
    python3 "$tests_dir/support/http_server.py" "$work/www" "$work/www/$server" "$work/requests" "$@" &
    servers="$servers $!"
    wait_for test -s "$work/www/$server"
    url=127.0.0.1:$(cat "$work/www/$server")
}
servers=
end_servers() {
    for pid in $servers; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
}
trap end_servers EXIT

mkdir "$work/www" "$work/release"
tar -C "$work/root" -cf "$work/www/root.tar" .
digest=$(sha "$work/www/root.tar")
serve port
http=http://$url

# Over http only what is known from elsewhere.
expect_failure "http without a digest" 3 "*nothing says*--sha256*" brig image create no --from-url "$http/root.tar"
expect_failure "http with a MANIFEST" 3 "*over http*--sha256*" brig image create no --from-url "$http/base.txz"
brig image create plain --from-url "$http/root.tar" --sha256 "$digest" >/dev/null; expect "http" 0 $?
expect "it runs" fine "$(brig run --rm plain echo fine)"
expect_match "provenance" "*\"source\":\"$http/root.tar\",\"digest\":\"sha256:$digest\"*" "$(brig image inspect plain)"
expect "no download is left" "" "$(downloads)"
brig image rm plain

# The wrong thing.
wrong=$(printf '%064d' 1)
expect_failure "another digest" 3 "*not what it should be*$digest, not $wrong*" \
    brig image create no --from-url "$http/root.tar" --sha256 "$wrong"
expect "nothing of it is left" "" "$(downloads)"
expect_failure "no digest" 3 "*'abc' is no SHA-256*" brig image create no --from-url "$http/root.tar" --sha256 abc
expect_failure "not there" 1 "*404*" brig image create no --from-url "$http/nothing.tar" --sha256 "$digest"
expect_failure "nobody listens" 1 "*hint: *" brig image create no --from-url http://127.0.0.1:1/x --sha256 "$digest"
for bad in "ftp://x/y" "root.tar" "http:/x" "dict://x/y" "file:relative" "15-RELEASE"; do
    expect_failure "URL $bad" 3 "*no URL*" brig image create no --from-url "$bad" --sha256 "$digest"
done
expect_failure "URL with a blank" 3 "*characters*" brig image create no --from-url "http://x/a b" --sha256 "$digest"
expect_failure "URL with a password" 3 "*user name*" brig image create no --from-url "http://a:b@x/y" --sha256 "$digest"
expect_failure "release for no machine" 3 "*'vax'*" brig image create no --from-url 14.3-RELEASE/vax

# Broken off, and gone on with.
: >"$work/requests"
expect_failure "broken off" 1 "*hint: the same command goes on*" \
    brig image create no --from-url "$http/cut/root.tar" --sha256 "$digest"
expect "what arrived is kept" "$digest.partial" "$(downloads)"
half=$(wc -c <"$BRIG_STATE/downloads/$digest.partial" | tr -d ' ')
[ "$half" -gt 0 ] || fail "nothing arrived"
brig image create resumed --from-url "$http/cut/root.tar" --sha256 "$digest" >/dev/null; expect "resumed" 0 $?
expect "by range" "/cut/root.tar bytes=$half-" "$(tail -n 1 "$work/requests")"
expect "it runs" fine "$(brig run --rm resumed echo fine)"
brig image rm resumed

# garbage BYTES: a partial file that is no part of the archive.
garbage() { head -c "$1" /dev/urandom >"$BRIG_STATE/downloads/$digest.partial"; }
garbage 1000
brig image create again --from-url "$http/root.tar" --sha256 "$digest" >/dev/null; expect "a part of another" 0 $?
brig image rm again
garbage 9000000
brig image create again --from-url "$http/root.tar" --sha256 "$digest" >/dev/null; expect "more than there is" 0 $?
brig image rm again
garbage 1000
brig image create again --from-url "$http/whole/root.tar" --sha256 "$digest" >/dev/null; expect "no ranges" 0 $?
brig image rm again

# One at a time; interrupted at once.
"$brig_program" image create slow --from-url "$http/stall/root.tar" --sha256 "$digest" >/dev/null 2>"$work/err" &
slow=$!
wait_for test -s "$BRIG_STATE/downloads/$digest.partial"
fetcher=$(pgrep -P $slow brig-fetch)
expect "fetched by nobody" "65534 65534 65534 65534" \
    "$(awk '/^Uid:/ {print $2, $3, $4, $5}' "/proc/$fetcher/status")"
expect "without groups" "" "$(sed -n 's/^Groups:[[:space:]]*//p' "/proc/$fetcher/status" | tr -d ' ')"
expect "with four descriptors of ours at most" "" \
    "$(find "/proc/$fetcher/fd" -lname "$BRIG_STATE*" | head -n 1)"
expect_failure "at the same time" 1 "*another brig is fetching*" \
    brig image create other --from-url "$http/root.tar" --sha256 "$digest"
kill -KILL $slow
wait $slow 2>/dev/null
expect "killed: it can go on" 0 "$(brig image create after --from-url "$http/root.tar" --sha256 "$digest" >/dev/null; echo $?)"
brig image rm after

# Redirections.
brig image create moved --from-url "$http/moved/root.tar" --sha256 "$digest" >/dev/null; expect "redirected" 0 $?
brig image rm moved
expect_failure "to a file of the host" 1 "*file*" brig image create no --from-url "$http/local/root.tar" --sha256 "$digest"

# TLS.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key" -out "$work/certificate" 2>/dev/null
serve tls "$work/certificate" "$work/key"
https=https://$url
expect_failure "a certificate of nobody" 1 "*certificate*authority that this machine trusts*" \
    brig image create no --from-url "$https/root.tar" --sha256 "$digest"
chmod 755 "$work"
chmod 644 "$work/certificate"
export SSL_CERT_FILE="$work/certificate"
brig image create secure --from-url "$https/root.tar" --sha256 "$digest" >/dev/null; expect "https" 0 $?
brig image rm secure
expect_failure "never from https to http" 1 "*rotocol*http*" \
    brig image create no --from-url "$https/plain/root.tar" --sha256 "$digest"

# A release of FreeBSD, as its server has it.
tar -C "$work/root" -cJf "$work/www/base.txz" .
printf 'base.txz\t%s\t10\tbase\t"Base"\ton\n' "$(sha "$work/www/base.txz")" >"$work/www/MANIFEST"
brig image create release --from-url "$https/base.txz" >/dev/null; expect "MANIFEST beside it" 0 $?
expect "the release runs" fine "$(brig run --rm release echo fine)"
brig image rm release
brig image create release --from-url "file://$work/www/base.txz" >/dev/null; expect "the same in files" 0 $?
brig image rm release
cp "$work/www/base.txz" "$work/www/other.txz"
sed 's/^base/other/' "$work/www/MANIFEST" >"$work/www/LIST"
brig image create release --from-url "$https/other.txz" --manifest "$https/LIST" >/dev/null; expect "--manifest" 0 $?
brig image rm release
expect_failure "not in the MANIFEST" 3 "*MANIFEST has no 'other.txz'*" \
    brig image create no --from-url "$https/other.txz" --manifest "$https/MANIFEST"
printf 'base.txz\t%s\t10\n' "$wrong" >"$work/www/MANIFEST"
expect_failure "another MANIFEST" 3 "*not what it should be*" brig image create no --from-url "$https/base.txz"
expect_failure "another, in files" 3 "*not what it should be*" brig image create no --from-url "file://$work/www/base.txz"
expect_failure "a file that is not there" 4 "*there is no*" \
    brig image create no --from-url "file://$work/no%20thing.tar" --sha256 "$digest"
expect_failure "a file elsewhere" 3 "*no file of this machine*" \
    brig image create no --from-url "file://host/x.tar" --sha256 "$digest"
head -c 2000000 /dev/zero >"$work/www/MANIFEST"
expect_failure "an endless MANIFEST" 3 "*larger than 1048576 bytes*" brig image create no --from-url "$https/base.txz"

expect "no download is left in the end" "" "$(downloads)"
end_servers
finish
