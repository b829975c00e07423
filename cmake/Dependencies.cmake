# SPDX-License-Identifier: BSD-2-Clause
# Every package the project uses, and what for. Nothing is downloaded.
#
# Starting a program that is linked dynamically against these costs more than a jail does, so the
# static libraries are taken where the packages bring them.
option(BRIG_PREFER_STATIC "Link static libraries of dependencies where there are any" ON)
if(BRIG_PREFER_STATIC)
    set(Boost_USE_STATIC_LIBS ON)
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)  # cli: options; engine: Boost.DLL (header-only)
find_package(fmt 9 REQUIRED)                                  # support: messages (spdlog brings it along)
# Header-only, the formatting code is compiled again in every file, which triples the time that a
# build with sanitizers takes; as a shared library it costs a start of brig a third of a millisecond.
add_library(brig_fmt INTERFACE)
if(BRIG_SANITIZERS)
    target_link_libraries(brig_fmt INTERFACE fmt::fmt)
else()
    target_link_libraries(brig_fmt INTERFACE fmt::fmt-header-only)
endif()
find_package(spdlog 1.10 REQUIRED)                            # cli: logging
find_package(tomlplusplus 3.3 REQUIRED)                       # spec: configuration
find_package(SQLite3 3.40 REQUIRED)                           # store: what is kept
if(BRIG_PREFER_STATIC)
    find_library(BRIG_SQLITE3_STATIC libsqlite3.a)
    mark_as_advanced(BRIG_SQLITE3_STATIC)
    if(BRIG_SQLITE3_STATIC)
        set_target_properties(SQLite::SQLite3 PROPERTIES IMPORTED_LOCATION "${BRIG_SQLITE3_STATIC}")
        target_link_libraries(SQLite::SQLite3 INTERFACE m ${CMAKE_DL_LIBS})
    endif()
endif()
find_package(LibArchive 3.6 REQUIRED)                         # brig-archive: images from archives and directories
find_package(PkgConfig REQUIRED)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)     # brig-archive: SHA-256
find_package(CURL 7.85 REQUIRED)                              # brig-fetch: images from URLs
find_package(nlohmann_json 3.9 REQUIRED)                      # brig-archive: OCI images (header-only)

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    pkg_check_modules(LIBCAP REQUIRED IMPORTED_TARGET libcap)          # brig-init: capabilities
    pkg_check_modules(LIBSECCOMP REQUIRED IMPORTED_TARGET libseccomp)  # the filter, at build time only
    pkg_check_modules(LIBNFTABLES REQUIRED IMPORTED_TARGET libnftables) # brig-nft: the firewall
    include(SmallLibc)                                                 # brig-init: musl
    pkg_check_modules(LIBNL REQUIRED IMPORTED_TARGET libnl-3.0)        # network drivers: rtnetlink
    if(BRIG_PREFER_STATIC)
        find_library(BRIG_LIBNL_STATIC libnl-3.a)                      # for those that are part of brig
        mark_as_advanced(BRIG_LIBNL_STATIC)
    endif()
endif()

if(BRIG_BUILD_TESTS)
    find_package(GTest 1.12 REQUIRED)
endif()
