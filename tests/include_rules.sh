#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who may include whom: the table in docs/architecture.md, checked on every #include of ours.
# Prints each line that breaks a rule; the exit status is 1 if there is one.
set -eu

cd "$(dirname "$0")/.."

find engine plugins sdk -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' \) |
    LC_ALL=C sort | xargs awk '
    function refuse(rule) {
        printf "%s:%d: %s\n    %s\n", FILENAME, FNR, rule, $0
        broken = 1
    }

    # Headers that only one operating system has, or that reach deep into it.
    function is_os_header(name) {
        return name ~ /^linux\// ||
            name ~ /^sys\/(capability|cpuset|extattr|jail|mount|prctl|procctl|procdesc|rctl|sysctl|syscall|xattr)\.h$/ ||
            name ~ /^(jail|libutil|login_cap|sched|seccomp)\.h$/
    }

    function may_use_os(file) {
        return file ~ /^engine\/src\/(host|support)\// || file ~ /_(linux|freebsd)\.cpp$/ ||
            file ~ /^plugins\/[^\/]*\/(linux|freebsd)[a-z_]*\.(cpp|hpp)$/
    }

    function check_library(file, name) {
        if (name ~ /^boost\/dll/ && file != "engine/src/drivers/library.cpp")
            refuse("Boost.DLL is for drivers/library.cpp alone")
        if (name ~ /^boost\/program_options/ && file !~ /^engine\/cli\//)
            refuse("Boost.Program_options is for the command line alone")
        if (name ~ /^toml\+\+/ && file !~ /^engine\/src\/spec\//)
            refuse("toml++ is for spec/ alone")
        if (name == "sqlite3.h" && file !~ /^engine\/src\/store\//)
            refuse("SQLite is for store/ alone")
        if (name ~ /^spdlog\// && file !~ /^engine\/cli\//)
            refuse("spdlog is for the command line alone")
        if (name ~ /^archive/ && file !~ /^engine\/src\/images\/archive\//)
            refuse("libarchive is for brig-archive alone")
        if (name ~ /^curl\// && file !~ /^engine\/src\/images\/fetch\//)
            refuse("libcurl is for brig-fetch alone")
        if (name ~ /^nlohmann\// && file !~ /^engine\/src\/images\/archive\//)
            refuse("JSON is parsed in brig-archive alone")
        if (name ~ /^nettle\// && file !~ /^engine\/src\/images\/archive\//)
            refuse("SHA-256 is for brig-archive alone")
        if (name ~ /^nftables\// && file != "plugins/net-shared/nft_program_linux.cpp")
            refuse("libnftables is for brig-nft alone")
        if (is_os_header(name) && !may_use_os(file))
            refuse("headers of one operating system are for host/, support/ and files named for it")
        if (file ~ /^plugins\// && name ~ /^(boost|fmt|spdlog|toml\+\+)/)
            refuse("a driver uses the SDK and the system")
    }

    function check_own(file, name) {
        if (file ~ /^sdk\// && file !~ /^sdk\/(conformance|template|tools)\// && name !~ /^brig\/driver\.h(pp)?$/)
            refuse("the SDK includes nothing of ours but itself")
        if (file ~ /^sdk\/conformance\// && name ~ /\// &&
            name !~ /^(drivers\/|spec\/toml\.hpp|support\/|brig\/[a-z_]*\.hp?p?$)/)
            refuse("the kit drives drivers as the engine does, and knows nothing else of it")
        if ((file ~ /^plugins\// || file ~ /^sdk\/template\//) &&
            name ~ /\// && name !~ /^brig\/driver\.h(pp)?$/)
            refuse("a driver includes the SDK and its own files")
        if (file ~ /^engine\/cli\// && name ~ /\// && name !~ /^brig\/[a-z_]*\.hpp$/)
            refuse("the command line includes the public headers and its own files")
        if (file ~ /^engine\/include\// && name !~ /^brig\/[a-z_]*\.hpp$/)
            refuse("public headers include public headers")
        if (file ~ /^engine\/src\/support\// && name !~ /^(support\/|brig\/(error|log)\.hpp$)/)
            refuse("support/ knows nothing of ours but errors and the log")
        if (file ~ /^engine\/src\/(params|spec)\// &&
            name !~ /^((params|spec|support)\/|brig\/([a-z_]*\.hpp|driver\.h)$)/)
            refuse("params/ and spec/ touch no host, no driver and no store")
        if (file ~ /^engine\/src\/jail_conf\// &&
            name !~ /^((jail_conf|params|spec|support)\/|brig\/[a-z_]*\.hpp$)/)
            refuse("jail_conf/ turns text into specifications and back, and touches nothing")
    }

    /^[ \t]*#[ \t]*include[ \t]*</ {
        name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
        check_library(FILENAME, name)
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
        check_own(FILENAME, name)
    }
    /^[ \t]*#[ \t]*(if|elif|ifdef|ifndef).*__(linux|FreeBSD)__/ {
        if (FILENAME !~ /^engine\/src\/(host|support)\// && FILENAME !~ /^plugins\/[^\/]*\/(linux|freebsd)/ &&
            FILENAME != "sdk/include/brig/driver.h")
            refuse("no #ifdef of an operating system outside host/, support/ and the SDK")
    }
    END { exit broken }'
