#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What images, drivers, configuration and users put into texts never reaches a terminal as more than
# text: control characters are shown, not sent.
. "$(dirname "$0")/lib.sh"

escape=$(printf '\033')
csi=$(printf '\302\233')  # the same in one character
evil="${escape}]0;owned${escape}[2J${csi}31m"

# harmless WHAT FILE…: some text, and no control characters in it.
harmless() {
    what=$1
    shift
    [ -s "$1" ] || fail "$what: nothing was printed"
    if LC_ALL=C grep -q "[$(printf '\001-\010\013-\037\177')]" "$@" || grep -qF "$csi" "$@"; then
        fail "$what: $(cat -v "$@")"
    else
        pass
    fi
}

# shown WHAT COMMAND…: both channels are harmless.
shown() {
    what=$1
    shift
    "$@" >"$work/out" 2>&1 </dev/null
    harmless "$what" "$work/out"
}

brig image create evil --from-dir "$work/root" --cmd echo --cmd "$evil" --env "A=$evil" --user root \
    --workdir / >/dev/null
id=$(brig create -e "B=$evil" evil echo "$evil")
shown "ps" brig ps -a
expect "ps shows the command" 1 "$(brig ps -a | grep -c 'x1b]0;owned')"
shown "ps --json" brig ps -a --json
shown "inspect" brig inspect "$id"
shown "image ls" brig image ls
shown "image inspect" brig image inspect evil
shown "plan" brig run --dry-run -J "exec.prestart=true $evil" evil
shown "plan --json" brig run --dry-run --json evil
expect "the output of a container is its own" "$evil" "$(brig run --rm evil)"
expect "and so is its log" "$evil" "$(brig start "$id" >/dev/null; brig wait "$id" >/dev/null; brig logs "$id")"
brig rm "$id"

shown "a source's name" sh -c 'mkdir "$1/x$2" && "$3" image create x --from-dir "$1/x$2/y"' sh "$work" "$evil" "$brig_program"
shown "an unknown image" brig run --rm "$evil" true
shown "an unknown container" brig inspect "x$evil"
shown "an unknown command" brig "$evil"
shown "an unknown option" brig ps "--$evil"
shown "an unknown parameter" brig run --rm -J "$evil" base true
shown "a wrong value" brig run --rm -J "enforce_statfs=$evil" base true
shown "a command that is not there" brig run --rm base "/$evil"
shown "a hook that fails" brig run --rm -J "exec.prestart=false ${escape}c" base true
shown "a user of the image" brig run --rm -u "$evil" base true

# A user of a hostile image whose home is not there is warned about, in text.
cp -a "$work/root" "$work/hostile"
printf 'root:x:0:0::/%s:/bin/sh\n' "$evil" >"$work/hostile/etc/passwd"
brig image create home --from-dir "$work/hostile" >/dev/null
shown "a home" brig run --rm home true
brig image rm home

# Names in an archive.
mkdir "$work/tar" && : >"$work/tar/x"
tar -C "$work/tar" -cf "$work/evil.tar" --transform "s,x,../$evil," x
shown "an archive" brig image create tar --from-tar "$work/evil.tar"

# Configuration, and a driver that calls itself something.
printf '[network."x\\u001b[2J"]\ndriver = "net-inherit"\nip4 = "\\u001b[2J"\n"k\\u009b31m" = 1\n' >"$BRIG_CONFIG"
shown "configuration" brig network ls
mkdir "$work/drivers"
printf '[engine]\ndrivers = ["%s"]\n' "$work/drivers" >"$BRIG_CONFIG"
cp "$BRIG_BUILD/lib/brig/drivers/net-inherit.so" "$work/drivers/net-x.so"
printf 'manifest = 1\nname = "net-x"\nkind = "network"\nversion = "\\u001b[2J"\nsummary = "\\u009b31m"\nhelp = "x"\n[[option]]\nname = "a"\ntype = "\\u001bc"\nhelp = "\\u0007"\n' \
    >"$work/drivers/net-x.toml"
shown "driver ls" brig driver ls
shown "driver ls --json" brig driver ls --json
shown "driver inspect" brig driver inspect net-x
: >"$BRIG_CONFIG"

brig image rm evil
finish
