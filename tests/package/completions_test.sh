#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the shells are offered is what the program has: each command, verb and option; and the names of
# what there is.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
complete=$source_dir/packaging/brig-complete

# offered WORD…: what the last may become, without the descriptions.
offered() { "$complete" "$brig_program" "$@" | cut -f1; }

expect "commands" "$(commands_in_sources)" "$(offered '')"
expect "commands that begin with 've'" version "$(offered ve)"
all_commands >"$work/commands"
: >"$work/options"
while read -r command verb; do
    # shellcheck disable=SC2086
    found=$(offered "$command" $verb --)
    # shellcheck disable=SC2086
    expect "options of '$command${verb:+ $verb}'" "$(options_of "$command" $verb)" \
        "$(echo "$found" | grep -vxE -e '--(help|json)|' | sort)"
    echo "$found" >>"$work/options"
done <"$work/commands"
offered -- >>"$work/options"
expect "all options of the sources" "$(options_in_sources)" "$(grep -e -- "$work/options" | sort -u)"

# Names and values.
printf '[network.office]\ndriver = "net-inherit"\n' >"$BRIG_CONFIG"
expect "networks" "host none office" "$(offered run -n '' | tr '\n' ' ' | sed 's/ $//')"
expect "a network that begins with 'o'" office "$(offered network inspect o)"
expect "the same as one word" --network=office "$(offered run --network=o)"
printf '[network.other]\ndriver = "net-inherit"\n' >"$work/other.toml"
expect "those of another configuration" other "$(offered --config "$work/other.toml" network inspect o)"
expect "storages" dir "$(offered volume create --storage '')"
expect "drivers" net-inherit "$(offered driver inspect net-i)"
expect "parameters" allow.raw_sockets "$(offered create -J allow.raw)"
expect "formats" "jail jail.conf json toml" "$(offered export --format '' | tr '\n' ' ' | sed 's/ $//')"
expect "files" :files "$(offered up -f '')"
expect "verbs" "inspect ls" "$(offered storage '' | tr '\n' ' ' | sed 's/ $//')"
expect "nothing where the container's command has options of its own" "" "$(offered run base -)"
expect "nothing after a command that there is not" "" "$(offered nosuch '')"
expect "a word that a shell would run" "" "$(offered --config '$(touch '"$work"'/run)' network inspect ''; ls "$work/run" 2>/dev/null)"

# Each shell, with the scripts as they are installed.
mkdir -p "$work/prefix/bin" "$work/prefix/libexec/brig"
ln -s "$brig_program" "$work/prefix/bin/brig"
cp "$complete" "$work/prefix/libexec/brig/"
for script in brig.bash _brig brig.fish; do
    sed "s|%%PREFIX%%|$work/prefix|g" "$source_dir/packaging/completions/$script" >"$work/$script"
done
PATH=$work/prefix/bin:$PATH
export PATH HOME="$work"

library=
for file in /usr/share/bash-completion/bash_completion /usr/local/share/bash-completion/bash_completion.sh; do
    [ ! -r "$file" ] || library=$file
done
# in_bash LINE
in_bash() {
    bash --norc -c '. "$1"; . "$2"
        COMP_LINE=$3 COMP_POINT=${#3}
        read -ra COMP_WORDS <<<"$3"
        [[ $3 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        compopt() { :; }
        _brig
        printf "%s\n" "${COMPREPLY[@]}"' bash "$library" "$work/brig.bash" "$1" 2>&1
}
if [ -n "$library" ] && command -v bash >/dev/null; then
    expect "bash: commands" "network" "$(in_bash 'brig netw')"
    expect "bash: networks" "office" "$(in_bash 'brig run -n of')"
    expect "bash: options" "--detach" "$(in_bash 'brig run --det')"
    expect "bash: files" "$work/other.toml" "$(in_bash "brig up -f $work/oth")"
else
    echo "left out: bash, or its completions, are not there"
fi

# in_zsh WORD…, with what the completion system would do replaced by printing.
in_zsh() {
    zsh -f -c 'script=$1; shift
        words=("$@") CURRENT=$#
        compadd() { print -rl -- $values }
        compset() { : }
        _files() { print files }
        source $script' zsh "$work/_brig" "$@" 2>&1
}
if command -v zsh >/dev/null; then
    expect "zsh: commands" "network" "$(in_zsh brig netw)"
    expect "zsh: networks" "office" "$(in_zsh brig run -n of)"
    expect "zsh: options" "--detach" "$(in_zsh brig run --det)"
    expect "zsh: files" "files" "$(in_zsh brig up -f '')"
else
    echo "left out: there is no zsh"
fi

in_fish() {
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$work/brig.fish" "$1" 2>&1 | cut -f1
}
if command -v fish >/dev/null; then
    expect "fish: commands" "network" "$(in_fish 'brig netw')"
    expect "fish: networks" "office" "$(in_fish 'brig run -n of')"
    expect "fish: options" "--detach" "$(in_fish 'brig run --det')"
    expect "fish: files" "$work/other.toml" "$(in_fish "brig up -f $work/oth")"
else
    echo "left out: there is no fish"
fi

finish
