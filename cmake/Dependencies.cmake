# SPDX-License-Identifier: BSD-2-Clause
# Every package the project uses, and what for. Nothing is downloaded.
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)  # cli: options; engine: Boost.DLL (header-only)
find_package(fmt 9 REQUIRED)                                  # support: messages (spdlog brings it along)
find_package(spdlog 1.10 REQUIRED)                            # cli: logging
find_package(tomlplusplus 3.3 REQUIRED)                       # spec: configuration
find_package(SQLite3 3.40 REQUIRED)                           # store: what is kept
find_package(LibArchive 3.6 REQUIRED)                         # brig-archive: images from archives and directories

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(LIBCAP REQUIRED IMPORTED_TARGET libcap)          # brig-init: capabilities
    pkg_check_modules(LIBSECCOMP REQUIRED IMPORTED_TARGET libseccomp)  # the filter, at build time only
endif()

if(BRIG_BUILD_TESTS)
    find_package(GTest 1.12 REQUIRED)
endif()
