#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Images from every source and to every format, by name and id, and what keeps them from going.
. "$(dirname "$0")/lib.sh"

# field NAME IMAGE: a text of `image inspect`.
field() { brig image inspect "$2" | sed "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/"; }

# Provenance.
expect "a folder is the source" "directory $work/root" "$(field source base)"
tar -C "$work/root" -cf "$work/root.tar" .
brig image create packed:1 --from-tar "$work/root.tar" --env A=b --cmd /bin/sh >/dev/null
expect "the archive's digest" "sha256:$(sha256sum <"$work/root.tar" | cut -d' ' -f1)" "$(field digest packed:1)"
expect_match "history" "*brig image create: archive $work/root.tar*" "$(brig image history packed:1)"
expect_match "history as JSON" '*"created_by":"brig image create: archive*' "$(brig --json image history packed:1)"
id=$(field id packed:1)
expect "by the beginning of its id" "$id" "$(field id "$(echo "$id" | cut -c1-8)")"
expect "ls -q" "$id" "$(brig image ls -q | grep "$id")"
expect_match "ls" "NAME*TAG*ID*STORAGE*SIZE*CREATED*SOURCE*MiB*" "$(brig image ls)"
expect_match "ls --json" '*"digest":"sha256:*' "$(brig image ls --json)"

# Snapshots are for containers only.
expect_failure "a snapshot is no image" 3 "*base@x*snapshot*" brig image rm base@x
expect_failure "a snapshot is no name" 3 "*new@x*snapshot*" brig image tag base new@x

# From a container.
brig run --name maker -e C=d packed:1 sh -c 'echo made >/root/made; ln /root/made /root/again' >/dev/null
brig image create committed --from-container maker --workdir /root >/dev/null
expect "what the container made" made "$(brig run --rm committed cat again)"
expect_match "its variables and the image's" '*"env":\["A=b","C=d"\]*' "$(brig image inspect committed)"
expect_match "its command" '*"command":\["sh",*' "$(brig image inspect committed)"
expect_match "the history goes on" "*archive*container maker*" "$(brig image history committed | tr '\n' ' ')"
expect "the container can be started again" 0 "$(brig start maker >/dev/null 2>&1; echo $?)"
brig run -d --name busy committed sleep 1000 >/dev/null
expect_failure "from one that runs" 1 "*'busy' is running*brig stop busy*" brig image create no --from-container busy
expect_failure "from none" 4 "*no container 'nobody'*" brig image create no --from-container nobody

# Who uses it.
brig run -d --rm --name fleeting committed sleep 1000 >/dev/null
expect_failure "rm names all users" 1 "*'committed' is used by busy, fleeting*" brig image rm committed
brig image tag committed other:name
expect "one of two names goes" 0 "$(brig image rm committed >/dev/null; echo $?)"
expect_failure "the last does not" 1 "*busy*fleeting*" brig image rm other:name
brig image tag other:name again
expect_failure "by id, with two names" 1 "*again:latest, other:name*" brig image rm "$(field id again)"
brig image rm again

# An image goes although it is used: its containers take over what they share with it.
brig image create passing --from-container maker --env FROM=image --workdir /root \
    --cmd sh --cmd -c --cmd 'cat made; echo $FROM; echo x >>added; wc -l <added' >/dev/null
passing=$(field id passing)
brig create --name first passing >/dev/null
brig create --name second passing >/dev/null
brig start second >/dev/null; brig wait second >/dev/null
expect "rm --promote" 0 "$(brig image rm --promote passing 2>&1 >/dev/null; echo $?)"
expect "it is gone" "" "$(brig image ls | grep passing)"
expect_failure "it makes no new containers" 4 "*'$passing' was removed*" brig create "$passing"
expect_failure "nor is it an image" 4 "*'$passing' was removed*" brig image inspect "$passing"
expect "its containers have all from it" "made image 1" "$(brig start -a first | tr '\n' ' ' | sed 's/ $//')"
expect "and what they had" "made image 2" "$(brig start -a second | tr '\n' ' ' | sed 's/ $//')"
expect_match "ps has their command" "*first*passing*" "$(brig ps -a)"
expect "their changes are known" "A /root/added" "$(brig diff first | grep added)"
brig image create after --from-container second >/dev/null
expect "of one an image can be made" "made" "$(brig run --rm after cat made)"
brig image rm after
brig rm first
expect "the record stays with the last of them" 1 "$(ls "$work/state/images/retired" | wc -l)"
brig rm second
expect "and goes with it" 0 "$(ls "$work/state/images/retired" | wc -l)"

# Prune.
brig image create packed:1 --from-tar "$work/root.tar" >/dev/null # the old one loses its name
expect "used without a name" "" "$(brig image prune --dry-run)"
brig rm maker
expect "prune --dry-run" "$id" "$(brig image prune --dry-run)"
expect "prune" "$id" "$(brig image prune)"
expect "nothing more to prune" "" "$(brig image prune)"
expect "prune --all leaves what is used" "base packed" \
    "$(brig image prune --all --dry-run | cut -d' ' -f2 | cut -d: -f1 | sort | tr '\n' ' ' | sed 's/ $//')"
brig stop -t 1 fleeting
brig rm -f busy
brig image rm other:name

# Too much in it.
expect_failure "--max-size" 3 "*more in it than the 1024 bytes*--max-size*" \
    brig image create no --from-tar "$work/root.tar" --max-size 1K
expect_failure "--max-size of what" 2 "*1X*" brig image create no --from-tar "$work/root.tar" --max-size 1X

brig image rm packed:1
finish
