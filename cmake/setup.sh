# SPDX-License-Identifier: BSD-2-Clause
# What ./quickstart and ./check share: numbered steps, programs whose output goes to a log,
# and packages. To be sourced; expects $source_dir, and $steps for the number of steps.

LC_ALL=C
export LC_ALL
umask 022
log_dir=$source_dir/build/log
step_number=0
started=$(date +%s)

elapsed() {
    seconds=$(($(date +%s) - started))
    printf '%d:%02d' $((seconds / 60)) $((seconds % 60))
}

# step WORDS: announces the next step.
step() {
    step_number=$((step_number + 1))
    printf '[%d/%d %s] %s\n' "$step_number" "$steps" "$(elapsed)" "$*"
}

say() {
    printf '    %s\n' "$@"
}

# fail MESSAGE [HINT]…: ends the script.
fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    shift
    for hint; do
        printf 'hint: %s\n' "$hint" >&2
    done
    exit 1
}

require_root() {
    [ "$(id -u)" -eq 0 ] || fail "only root can install packages and make jails" \
        "run it as root, for example: sudo $0"
}

# show_progress LOG: copies its input to LOG; on a terminal its last line is seen, elsewhere one
# line now and then.
show_progress() {
    shown=$(date +%s)
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        if [ -t 1 ]; then
            printf '\r\033[K    %.74s' "$line"
        elif [ $(($(date +%s) - shown)) -ge 10 ]; then
            shown=$(date +%s)
            printf '    %s  %.74s\n' "$(elapsed)" "$line"
        fi
    done
    [ ! -t 1 ] || printf '\r\033[K'
}

# run_logged NAME COMMAND ARG…: runs the command with its output in build/log/NAME.log, and returns
# its status.
run_logged() {
    log=$log_dir/$1.log
    shift
    mkdir -p "$log_dir"
    printf '$ %s\n' "$*" >"$log"
    rm -f "$log.status"
    { "$@" 2>&1 && run_status=0 || run_status=$?; echo "$run_status" >"$log.status"; } |
        show_progress "$log"
    run_status=$(cat "$log.status" 2>/dev/null || echo 1)
    rm -f "$log.status"
    return "$run_status"
}

# fail_with_log MESSAGE [HINT]…: as fail, with the end of the last log.
fail_with_log() {
    printf '\nthe end of %s:\n\n' "$log" >&2
    tail -n 25 "$log" | sed 's/^/    /' >&2
    printf '\n' >&2
    fail "$@" "all of it is in $log"
}

platform() {
    case $(uname -s) in
        Linux)
            # Debian testing and unstable have no VERSION_ID.
            distribution=$(. /etc/os-release 2>/dev/null && echo "${ID-} ${VERSION_ID-99}") ||
                distribution=
            case $distribution in
                "debian "*) [ "${distribution#debian }" -ge 12 ] && echo debian ;;
                *) return 1 ;;
            esac
            ;;
        FreeBSD)
            release=$(uname -r)
            major=${release%%.*}
            minor=${release#*.}
            minor=${minor%%-*}
            { [ "$major" -gt 13 ] || { [ "$major" -eq 13 ] && [ "$minor" -ge 2 ]; }; } &&
                echo freebsd
            ;;
        *) return 1 ;;
    esac
}

system_name() {
    (. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME") || uname -sr
}

require_platform() {
    platform=$(platform) || fail "this system is not supported: $(system_name)" \
        "use Debian 12 or newer, or FreeBSD 13.2 or newer" \
        "elsewhere: install what cmake/Dependencies.cmake lists, then: cmake --preset release && cmake --build --preset release"
}

cpu_count() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 1
}

# What a build needs, and what an image is made from.
build_packages() {
    case $platform in
        debian) echo g++ cmake ninja-build pkg-config libboost-dev libboost-program-options-dev \
            libspdlog-dev libfmt-dev libtomlplusplus-dev libsqlite3-dev libarchive-dev \
            libcurl4-openssl-dev nettle-dev nlohmann-json3-dev libcap-dev libseccomp-dev libnl-3-dev libnftables-dev musl-dev busybox-static ;;
        freebsd) echo cmake-core ninja pkgconf boost-libs spdlog libfmt tomlplusplus sqlite3 curl nettle \
            nlohmann-json ;;
    esac
}

# What the tests need besides.
test_packages() {
    case $platform in
        debian) echo libgtest-dev clang clang-format clang-tidy sqlite3 skopeo umoci zfs-fuse xfsprogs \
            e2fsprogs user-mode-linux iproute2 nftables \
            mandoc doxygen dpkg-dev make procps bash-completion zsh fish ;;
        freebsd) echo googletest bash-completion zsh fish ;;
    esac
}

has_package() {
    case $platform in
        debian)
            case $(dpkg-query -W -f '${db:Status-Status} ' "$1" 2>/dev/null) in
                *installed*) ;;
                *) return 1 ;;
            esac
            ;;
        freebsd) pkg -N >/dev/null 2>&1 && pkg info -e "$1" ;;
    esac
}

missing_packages() {
    missing=
    for package; do
        has_package "$package" || missing="$missing $package"
    done
}

explain_packages() {
    if grep -qE 'resolv|Could not connect|unreachable|timed out|No address record|Unable to fetch|Failed to fetch' "$log"; then
        fail_with_log "the package server cannot be reached" \
            "check this machine's network, its resolver and its proxy settings, then run $0 again"
    fi
    fail_with_log "the system's package manager could not install:$missing" \
        "install them by hand, then run $0 again"
}

# install_packages NAME…: those that are missing; touches nothing when there are none.
install_packages() {
    missing_packages "$@"
    if [ -z "$missing" ]; then
        say "all there"
        return
    fi
    say "installing:$missing" | fold -s -w 96 | sed '2,$s/^/    /'
    case $platform in
        debian)
            DEBIAN_FRONTEND=noninteractive
            export DEBIAN_FRONTEND
            # Its lists may be good enough even if one of its servers is not there.
            run_logged apt-update apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=1 update || true
            # shellcheck disable=SC2086
            run_logged apt-install apt-get -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
                install --no-install-recommends $missing || explain_packages
            ;;
        freebsd)
            ASSUME_ALWAYS_YES=yes
            export ASSUME_ALWAYS_YES
            # shellcheck disable=SC2086
            run_logged pkg-install pkg install -y $missing || explain_packages
            ;;
    esac
}
