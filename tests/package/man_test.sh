#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manuals: they are right mdoc(7), and they describe the commands, options and keys that there are,
# all of them and no others.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
man=$source_dir/docs/man

command -v mandoc >/dev/null || { echo "there is no mandoc"; exit 77; }
for page in "$man"/*.[1-9]; do
    expect "mandoc about ${page##*/}" "" "$(mandoc -T lint -W warning "$page" 2>&1)"
done

# "COMMAND: --OPTION" for each item of brig.8. Options are those of the command above them, or of
# those in a comment above them.
sed -n '/^\.Sh ENVIRONMENT/q;p' "$man/brig.8" | awk '
    function is_word(text) { return text ~ /^[a-z]+$/ }
    /^\.It Cm [a-z]+/ {
        command = $3
        if (is_word($4)) command = command " " $4
        of = command
        print command ":"
    }
    /^\.\\" options of: / { of = substr($0, length(".\\\" options of: ") + 1) }
    /^\.It (Fl . , )?Fl -/ {
        option = ($0 ~ /^\.It Fl . , /) ? $6 : $3
        count = split(of, owners, ", ")
        for (i = 1; i <= count; i++) print owners[i] ": -" option
    }' | sort -u >"$work/described"

described() { sed -n -E "s/^$1: (--.*)/\1/p" "$work/described" | sort; }

all_commands | sort >"$work/commands"
policies='no|on-failure|always|unless-stopped'
expect "commands in brig.8" "$(cat "$work/commands")" \
    "$(sed -n -E 's/^([a-z]+( [a-z]+)?):$/\1/p' "$work/described" | grep -vxE "$policies" | sort)"
expect "options before the command in brig.8" "$(options_of | sort)" \
    "$(described brig | grep -vxE -e '--(help|json)')"
while read -r command verb; do
    # A verb without a help of its own has no options.
    # shellcheck disable=SC2086
    expect "options of '$command${verb:+ $verb}' in brig.8" \
        "$(options_of "$command" $verb)" "$(described "$command${verb:+ $verb}")"
done <"$work/commands"

statuses() { sed -n -E 's/^inline constexpr int k[A-Za-z]+ = ([0-9]+);.*/\1/p' "$1"; }
expect "exit statuses in brig.8" "$(statuses "$source_dir/engine/cli/command.hpp")" \
    "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9]*\)$/\1/p' "$man/brig.8")"
variables=$(grep -rhoE '"BRIG_(CONFIG|STATE|RUN)"' "$source_dir/engine/src/spec/load_settings.cpp" | tr -d '"' | sort)
expect "variables in brig.8" "$variables" \
    "$(sed -n '/^\.Sh ENVIRONMENT/,/^\.El/s/^\.It Ev \(BRIG_[A-Z]*\)$/\1/p' "$man/brig.8" | sort)"

# The keys of brig.toml(5), as the readers compare or list them.
keys_of_readers() {
    spec=$source_dir/engine/src/spec
    sed -n -E 's/.*[( ](member\.)?key [!=]= "([a-z_]+)".*/\2/p' "$spec/settings_reader.cpp" \
        "$spec/container_reader.cpp" | grep -vxE 'defaults|container|engine|name'
    sed -n -E 's/.*\{"([a-z_]+)", &R::.*/\1/p' "$spec/container_reader.cpp"
    sed -n -E 's/^ *brig_option\{"([a-z_]+)",$/\1/p' "$source_dir/engine/src/drivers/network_traits.cpp"
}
expect "keys in brig.toml.5" "$(keys_of_readers | sort -u)" \
    "$(sed -n -E 's/^\.It Va ([a-z_]+)$/\1/p' "$man/brig.toml.5" | sort -u)"

# Its example is one.
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$man/brig.toml.5" | sed -e 1,2d -e '$d' >"$work/example.toml"
expect "the example in brig.toml.5" "lan" "$(brig --config "$work/example.toml" network ls -q | grep -x lan)"

# brig-driver(3) names every status, and its example is compiled where packages are tested.
expect "statuses in brig-driver.3" \
    "$(sed -n -E '/^enum \{/,/\};/s/^ *(BRIG_[A-Z_]+) = [0-9]+,? *(\/\*.*)?$/\1/p' \
        "$source_dir/sdk/include/brig/driver.h" | sed -n '/^BRIG_OK$/,/^BRIG_DRIFT$/p' | sort)" \
    "$(sed -n '/^\.Sh RETURN VALUES/,/^\.El/s/^\.It Dv //p' "$man/brig-driver.3" | sort)"

# The sample of a configuration, as it is and with everything in it in effect.
sample=$source_dir/packaging/brig.toml.sample
expect "the sample" "ok, 0 containers" "$(brig --config "$sample" config check 2>&1)"
sed -E 's/^#([a-z[])/\1/' "$sample" >"$work/all.toml"
expect "the sample with everything" "lan" "$(brig --config "$work/all.toml" --state "$work/state" network ls -q | grep -x lan)"

finish
