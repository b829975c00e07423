# SPDX-License-Identifier: BSD-2-Clause
# For documents whose commands do what they say. To be sourced after lib.sh.
#
# Every ```console block after a line "<!-- tested -->" is run: a line "$ COMMAND", and what follows
# up to the next one is what it prints on both channels. An ellipsis stands for anything, line ends
# included; ids are all the same. The block after a line "<!-- file: NAME -->" becomes that file, at
# the moment at which the document comes to it.

# write_steps DOCUMENT: N.command and N.wanted for each command, N.path and N.content for each file;
# prints how many steps there are.
write_steps() {
    awk -v folder="$work" '
        function next_step() {
            if (count) { close(step ".wanted"); close(step ".content") }
            step = folder "/" ++count
        }
        /^<!-- file: / { next_step(); print $3 >(step ".path"); close(step ".path"); file = 1; next }
        /^<!-- tested -->$/ { marked = 1; next }
        file && /^```/ { if (content) { content = file = 0 } else { content = 1; printf "" >(step ".content") } next }
        content { print >(step ".content"); next }
        marked && /^```console$/ { inside = 1; marked = 0; next }
        /^```$/ { inside = 0; next }
        inside && /^\$ / {
            next_step()
            print substr($0, 3) >(step ".command"); close(step ".command")
            printf "" >(step ".wanted")
            next
        }
        inside { print >(step ".wanted") }
        END { print count + 0 }' "$1"
}

mask() {
    sed -E 's/[0-9a-f]{12}/ID/g; s/ +/ /g; s/ $//' "$1"
}

run_step() {
    if [ -e "$work/$1.path" ]; then
        path=$(cat "$work/$1.path")
        mkdir -p "$(dirname "$path")"
        mv "$work/$1.content" "$path"
        return
    fi
    sh "$work/$1.command" </dev/null >"$work/$1.got" 2>&1
    pattern=$(mask "$work/$1.wanted" | sed 's/[][*?\\]/\\&/g; s/…/*/g')
    expect_match "$(basename "$2"): $(cat "$work/$1.command")" "$pattern" "$(mask "$work/$1.got")"
}

# follow DOCUMENT: does all that it says, in the working folder.
follow() {
    steps=$(write_steps "$1")
    [ "$steps" -gt 0 ] || fail "$1 has no tested commands"
    step=0
    while [ $step -lt "$steps" ]; do
        step=$((step + 1))
        run_step $step "$1"
    done
}
