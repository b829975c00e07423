#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Stands in for ip(8), ifconfig(8), nft(8), pfctl(8), zfs(8) and zpool(8) in the world of the
# conformance kit, by the name that it is called by. What it makes is lines of the file `state`
# beside it; datasets are folders there, too. It knows what drivers need, and refuses the rest, so
# that nothing seems to work that would not.
#
# If a file `tear` is there, it is killed before its next change. (That a program lies, the kit does
# without it: it need not run for that.)
set -eu

here=${0%/*}
name=${0##*/}
state=$here/state
pools=$here/datasets
[ -e "$state" ] || : >"$state"

refuse() {
    echo "$name: $*" >&2
    exit 1
}

unknown() {
    refuse "the stand-in of the conformance kit does not know: $name $*"
}

# Every change of the state goes through here.
change() {
    if [ -e "$here/tear" ]; then
        rm -f "$here/tear"
        kill -KILL $$
    fi
    "$@"
}

append() { printf '%s\n' "$1" >>"$state"; }

replace() {
    mv "$state.new" "$state"
}

# Keeps the lines for which awk's condition holds; the words after it are p, q.
keep() {
    awk -v p="${2-}" -v q="${3-}" "$1" "$state" >"$state.new"
    change replace
}

has() { awk -v p="$1" -v q="${2-}" "$3"' { found = 1 } END { exit !found }' "$state"; }

# ---- interfaces: "link NAME KIND", "alias NAME TEXT", "up NAME", "addr NAME ADDRESS" ---------------

has_link() { has "$1" "" '$1 == "link" && $2 == p'; }

need_link() { has_link "$1" || refuse "interface $1 does not exist"; }

add_link() {
    [ ${#1} -le 15 ] || refuse "$1: the name is too long"
    if has_link "$1"; then refuse "interface $1 exists"; fi
    change append "link $1 $2"
}

delete_link() {
    need_link "$1"
    peer=$(awk -v p="$1" '$1 == "peer" && $2 == p { print $3 } $1 == "peer" && $3 == p { print $2 }' "$state")
    keep '!($2 == p || (q != "" && $2 == q) || ($1 == "peer" && $3 == p))' "$1" "$peer"
}

set_alias() {
    need_link "$1"
    line="alias $1 $2"
    keep '!($1 == "alias" && $2 == p)' "$1"
    [ -z "$2" ] || change append "$line"
}

add_address() {
    need_link "$1"
    if has "$1" "$2" '$1 == "addr" && $2 == p && $3 == q'; then refuse "address $2 exists"; fi
    change append "addr $1 $2"
}

delete_address() {
    has "$1" "$2" '$1 == "addr" && $2 == p && $3 == q' || refuse "address $2 does not exist"
    keep '!($1 == "addr" && $2 == p && $3 == q)' "$1" "$2"
}

show_links() {
    awk -v p="${1-}" '
        $1 == "link" { order[++n] = $2; kind[$2] = $3 }
        $1 == "alias" { name = $2; sub(/^alias [^ ]* /, ""); alias[name] = $0 }
        $1 == "up" { up[$2] = 1 }
        END {
            for (i = 1; i <= n; i++) {
                name = order[i]
                if (p != "" && name != p) continue
                printf "%d: %s: <%s> mtu 1500", i + 1, name, up[name] ? "UP" : ""
                if (name in alias) printf "\\    alias %s", alias[name]
                printf "\n"
            }
        }' "$state"
}

ip_link() {
    verb=$1
    shift
    case $verb in
        add)
            [ "$1" != name ] || shift
            link=$1
            shift
            [ "${1-}" = type ] || unknown link add "$link" "$@"
            kind=$2
            case $kind in dummy | bridge | veth) ;; *) unknown link add "$link" "$@" ;; esac
            add_link "$link" "$kind"
            if [ "$kind" = veth ] && [ "${3-}" = peer ]; then
                [ "${4-}" = name ] || unknown link add "$link" "$@"
                add_link "$5" veth
                change append "peer $link $5"
            fi ;;
        del | delete)
            [ "$1" != dev ] || shift
            delete_link "$1" ;;
        set)
            [ "$1" != dev ] || shift
            link=$1
            shift
            need_link "$link"
            while [ $# -gt 0 ]; do
                case $1 in
                    up) keep '!($1 == "up" && $2 == p)' "$link"; change append "up $link"; shift ;;
                    down) keep '!($1 == "up" && $2 == p)' "$link"; shift ;;
                    alias) set_alias "$link" "$2"; shift 2 ;;
                    master) need_link "$2"; change append "master $link $2"; shift 2 ;;
                    nomaster) keep '!($1 == "master" && $2 == p)' "$link"; shift ;;
                    mtu) shift 2 ;;
                    *) unknown link set "$link" "$@" ;;
                esac
            done ;;
        show)
            [ "${1-}" != dev ] || shift
            [ $# -eq 0 ] || need_link "$1"
            show_links "${1-}" ;;
        *) unknown link "$verb" "$@" ;;
    esac
}

ip_address() {
    verb=$1
    shift
    case $verb in
        add | del)
            [ "${2-}" = dev ] || unknown addr "$verb" "$@"
            if [ "$verb" = add ]; then add_address "$3" "$1"; else delete_address "$3" "$1"; fi ;;
        show)
            [ "${1-}" != dev ] || shift
            awk -v p="${1-}" '$1 == "addr" && (p == "" || $2 == p) { print $2, "inet", $3 }' "$state" ;;
        *) unknown addr "$verb" "$@" ;;
    esac
}

do_ip() {
    while :; do
        case ${1-} in
            -o | -oneline | -4 | -6 | -d | -details) shift ;;
            *) break ;;
        esac
    done
    [ $# -ge 2 ] || unknown "$@"
    object=$1
    shift
    case $object in
        l | link) ip_link "$@" ;;
        a | addr | address) ip_address "$@" ;;
        *) unknown "$object" "$@" ;;
    esac
}

ifconfig_create() {
    kind=$1
    shift
    number=0
    while has_link "$kind$number"; do number=$((number + 1)); done
    link=$kind$number
    case $kind in *[0-9]) link=$kind ;; esac
    wanted=$link
    if [ "${1-}" = name ]; then wanted=$2; shift 2; fi
    add_link "$wanted" "${kind%%[0-9]*}"
    ifconfig_set "$wanted" "$@"
    echo "$wanted"
}

ifconfig_set() {
    link=$1
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            up) keep '!($1 == "up" && $2 == p)' "$link"; change append "up $link"; shift ;;
            down) keep '!($1 == "up" && $2 == p)' "$link"; shift ;;
            descr | description) set_alias "$link" "$2"; shift 2 ;;
            -descr | -description) set_alias "$link" ""; shift ;;
            name) keep '{ if ($2 == p) $2 = q; print }' "$link" "$2"; link=$2; shift 2 ;;
            addm) need_link "$2"; change append "master $2 $link"; shift 2 ;;
            deletem) keep '!($1 == "master" && $2 == q && $3 == p)' "$link" "$2"; shift 2 ;;
            mtu) shift 2 ;;
            inet | inet6)
                case ${3-} in
                    alias) add_address "$link" "$2"; shift 3 ;;
                    -alias | delete) delete_address "$link" "$2"; shift 3 ;;
                    *) add_address "$link" "$2"; shift 2 ;;
                esac ;;
            *) unknown "$link" "$@" ;;
        esac
    done
}

do_ifconfig() {
    case ${1-} in
        -l) awk '$1 == "link" { printf "%s ", $2 } END { print "" }' "$state"; return ;;
        -a | "") show_links; return ;;
    esac
    link=$1
    shift
    case ${1-} in
        create) shift; ifconfig_create "$link" "$@" ;;
        destroy) delete_link "$link" ;;
        "") need_link "$link"; show_links "$link" ;;
        *) need_link "$link"; ifconfig_set "$link" "$@" ;;
    esac
}

# ---- firewalls: "nft FAMILY TABLE …", "pf ANCHOR …" -----------------------------------------------

nft_line() {
    set -f
    # shellcheck disable=SC2086 # the words of a script's line
    set -- $1
    case ${1-}:${2-} in
        "":*) ;;
        add:table) has "$3" "$4" '$1 == "nft" && $2 == p && $3 == q' || change append "nft $3 $4" ;;
        add:chain | add:rule)
            has "$3" "$4" '$1 == "nft" && $2 == p && $3 == q' || refuse "no table $3 $4"
            change append "nft $3 $4 $2 $5 $*" ;;
        delete:table | destroy:table)
            [ "$1" = destroy ] || has "$3" "$4" '$1 == "nft" && $2 == p && $3 == q' ||
                refuse "no table $3 $4"
            keep '!($1 == "nft" && $2 == p && $3 == q)' "$3" "$4" ;;
        flush:table) keep '!($1 == "nft" && $2 == p && $3 == q && NF > 3)' "$3" "$4" ;;
        *) unknown "$@" ;;
    esac
}

do_nft() {
    while :; do
        case ${1-} in -a | -n | -s | -nn | -y) shift ;; *) break ;; esac
    done
    case "${1-} ${2-}" in
        "-f -") while IFS= read -r line; do nft_line "$line"; done ;;
        "list ruleset" | "list tables") sed -n 's/^nft //p' "$state" ;;
        "list table")
            has "$3" "$4" '$1 == "nft" && $2 == p && $3 == q' || refuse "no table $3 $4"
            awk -v p="$3" -v q="$4" '$1 == "nft" && $2 == p && $3 == q' "$state" ;;
        *) nft_line "$*" ;;
    esac
}

do_pfctl() {
    anchor=
    while [ $# -gt 0 ]; do
        case $1 in
            -q) shift ;;
            -a) anchor=$2; shift 2 ;;
            -f)
                [ "$2" = - ] || unknown -f "$2"
                keep '!($1 == "pf" && $2 == p)' "$anchor"
                while IFS= read -r line; do change append "pf $anchor $line"; done
                shift 2 ;;
            -F) keep '!($1 == "pf" && $2 == p)' "$anchor"; shift 2 ;;
            -s)
                case $2 in
                    Anchors) awk '$1 == "pf" { print $2 }' "$state" | sort -u ;;
                    rules | nat) awk -v p="$anchor" '$1 == "pf" && $2 == p { $1 = $2 = ""; print }' "$state" ;;
                    info) echo "Status: Enabled" ;;
                    *) unknown -s "$2" ;;
                esac
                shift 2 ;;
            *) unknown "$@" ;;
        esac
    done
}

# ---- datasets: "zfs NAME TYPE ORIGIN", "property NAME KEY VALUE" -----------------------------------

has_dataset() { has "$1" "" '$1 == "zfs" && $2 == p'; }

need_dataset() { has_dataset "$1" || refuse "cannot open '$1': dataset does not exist"; }

set_property() {
    need_dataset "$1"
    line="property $1 ${2%%=*} ${2#*=}"
    keep '!($1 == "property" && $2 == p && $3 == q)' "$1" "${2%%=*}"
    change append "$line"
}

add_dataset() {
    if has_dataset "$1"; then refuse "cannot create '$1': dataset already exists"; fi
    case $1 in
        */*) has_dataset "${1%/*}" || [ "${1%%/*}" = "${1%/*}" ] || refuse "cannot create '$1': parent does not exist" ;;
    esac
    change append "zfs $1 $2 ${3:--}"
}

folder_of() { printf '%s/%s\n' "$pools" "$(printf '%s' "$1" | tr '/' '_')"; }

zfs_make() {
    verb=$1
    shift
    options=
    while :; do
        case ${1-} in
            -p | -u) shift ;;
            -o) options="$options $2"; shift 2 ;;
            --) shift ;;
            -*) unknown "$verb" "$@" ;;
            *) break ;;
        esac
    done
    case $verb in
        create) add_dataset "$1" filesystem; change mkdir -p "$(folder_of "$1")" ;;
        clone)
            need_dataset "$1"
            add_dataset "$2" filesystem "$1"
            change cp -a "$(folder_of "$1")" "$(folder_of "$2")"
            shift ;;
        snapshot)
            need_dataset "${1%@*}"
            add_dataset "$1" snapshot
            change cp -a "$(folder_of "${1%@*}")" "$(folder_of "$1")" ;;
    esac
    for option in $options; do set_property "$1" "$option"; done
}

zfs_destroy() {
    all=
    while :; do
        case ${1-} in -r | -f) all=yes; shift ;; --) shift ;; *) break ;; esac
    done
    need_dataset "$1"
    if has "$1" "" '$1 == "zfs" && ($4 == p || index($4, p "@") == 1)'; then
        refuse "cannot destroy '$1': it has dependent clones"
    fi
    if [ -z "$all" ] && has "$1" "" '$1 == "zfs" && (index($2, p "@") == 1 || index($2, p "/") == 1)'; then
        refuse "cannot destroy '$1': it has children"
    fi
    change rm -rf "$(folder_of "$1")"
    keep '!(($1 == "zfs" || $1 == "property") && ($2 == p || index($2, p "@") == 1 || index($2, p "/") == 1))' "$1"
}

zfs_list() {
    columns=name
    types=filesystem
    subject=
    while [ $# -gt 0 ]; do
        case $1 in
            -H | -p | -Hp | -r) shift ;;
            -o) columns=$2; shift 2 ;;
            -t) types=$2; shift 2 ;;
            -*) unknown list "$@" ;;
            *) subject=$1; need_dataset "$1"; shift ;;
        esac
    done
    awk -v columns="$columns" -v types="$types" -v subject="$subject" '
        $1 == "zfs" { order[++n] = $2; type[$2] = $3; origin[$2] = $4 }
        $1 == "property" { value[$2, $3] = $4 }
        END {
            count = split(columns, column, ",")
            for (i = 1; i <= n; i++) {
                name = order[i]
                if (types != "all" && index("," types ",", "," type[name] ",") == 0) continue
                if (subject != "" && name != subject && index(name, subject "/") != 1 &&
                    index(name, subject "@") != 1) continue
                line = ""
                for (c = 1; c <= count; c++) {
                    key = column[c]
                    word = key == "name" ? name : key == "type" ? type[name] :
                        key == "origin" ? origin[name] : ((name, key) in value) ? value[name, key] : "-"
                    line = line (c > 1 ? "\t" : "") word
                }
                print line
            }
        }' "$state"
}

do_zfs() {
    verb=${1-}
    [ $# -gt 0 ] && shift
    case $verb in
        create | clone | snapshot) zfs_make "$verb" "$@" ;;
        destroy) zfs_destroy "$@" ;;
        rollback)
            while :; do case ${1-} in -r | --) shift ;; *) break ;; esac; done
            need_dataset "$1"
            change rm -rf "$(folder_of "${1%@*}")"
            change cp -a "$(folder_of "$1")" "$(folder_of "${1%@*}")" ;;
        list) zfs_list "$@" ;;
        get)
            while :; do
                case ${1-} in -H | -p | -Hp) shift ;; -o) shift 2 ;; *) break ;; esac
            done
            need_dataset "$2"
            zfs_list -t all -o "$1,name" "$2" | awk -F '\t' -v p="$2" '$2 == p { print $1 }' ;;
        set) set_property "$2" "$1" ;;
        *) unknown "$verb" "$@" ;;
    esac
}

do_zpool() {
    case ${1-} in
        list) awk '$1 == "zfs" { sub("[/@].*", "", $2); print $2 }' "$state" | sort -u ;;
        *) unknown "$@" ;;
    esac
}

case $name in
    ip) do_ip "$@" ;;
    ifconfig) do_ifconfig "$@" ;;
    nft) do_nft "$@" ;;
    pfctl) do_pfctl "$@" ;;
    zfs) do_zfs "$@" ;;
    zpool) do_zpool "$@" ;;
    *) refuse "stands in for nothing of that name" ;;
esac
