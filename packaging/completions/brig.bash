# SPDX-License-Identifier: BSD-2-Clause
# bash completion of brig(8). brig-complete knows what there is; this only asks it.

_brig() {
    local cur prev words cword line word
    _get_comp_words_by_ref -n '=:' cur prev words cword
    COMPREPLY=()
    while IFS= read -r line; do
        word=${line%%$'\t'*}
        if [[ $word == :files ]]; then
            compopt -o filenames
            while IFS= read -r word; do
                COMPREPLY+=("$word")
            done < <(compgen -f -- "${cur#--*=}")
        elif [[ $COMP_WORDBREAKS == *=* && $cur == --*=* ]]; then
            COMPREPLY+=("${word#--*=}")
        else
            COMPREPLY+=("$word")
        fi
    done < <(%%PREFIX%%/libexec/brig/brig-complete "${words[@]:0:cword+1}" 2>/dev/null)
    __ltrim_colon_completions "$cur"
}

complete -F _brig brig
