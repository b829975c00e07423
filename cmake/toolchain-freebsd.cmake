# SPDX-License-Identifier: BSD-2-Clause
# Builds brig for FreeBSD on another system, with clang and lld:
#
#     cmake --preset release -B build/freebsd --toolchain cmake/toolchain-freebsd.cmake
#           -DBRIG_FREEBSD_SYSROOT=/srv/freebsd-13.2 -DCMAKE_INSTALL_PREFIX=/usr/local
#
# BRIG_FREEBSD_SYSROOT, or the variable of that name in the environment: an unpacked base.txz, of the
# oldest release that brig is to run on, with what Dependencies.cmake looks for below usr/local (a
# package of FreeBSD is an archive for tar(1)). Which release and which processor it is for is read
# from it. CXX and CC name other compilers than clang++ and clang.
set(CMAKE_SYSTEM_NAME FreeBSD)

set(BRIG_FREEBSD_SYSROOT "$ENV{BRIG_FREEBSD_SYSROOT}" CACHE PATH "The tree of FreeBSD to build for")
if(NOT EXISTS "${BRIG_FREEBSD_SYSROOT}/usr/include/sys/param.h")
    message(FATAL_ERROR "BRIG_FREEBSD_SYSROOT is '${BRIG_FREEBSD_SYSROOT}', where there are no "
        "headers of FreeBSD. Unpack the base.txz of a release and name its folder: "
        "-DBRIG_FREEBSD_SYSROOT=FOLDER")
endif()
file(REAL_PATH "${BRIG_FREEBSD_SYSROOT}" CMAKE_SYSROOT)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BRIG_FREEBSD_SYSROOT)

# 1302001 is 13.2.
file(STRINGS "${CMAKE_SYSROOT}/usr/include/sys/param.h" version
    REGEX "^#define[ \t]+__FreeBSD_version[ \t]+[0-9]+")
string(REGEX REPLACE ".*[ \t]([0-9]+).*" "\\1" version "${version}")
math(EXPR major "${version} / 100000")
math(EXPR minor "${version} / 1000 % 100")
set(CMAKE_SYSTEM_VERSION "${major}.${minor}")

# What every program begins with says what they run on. ELF: e_machine is at byte 18.
set(begin "${CMAKE_SYSROOT}/usr/lib/crt1.o")
if(NOT EXISTS "${begin}")
    message(FATAL_ERROR "'${BRIG_FREEBSD_SYSROOT}' has headers of FreeBSD, but no libraries to link: "
        "unpack the whole base.txz")
endif()
file(READ "${begin}" machine OFFSET 18 LIMIT 1 HEX)
if(machine STREQUAL "3e")
    set(CMAKE_SYSTEM_PROCESSOR amd64)
    set(triple x86_64)
elseif(machine STREQUAL "b7")
    set(CMAKE_SYSTEM_PROCESSOR arm64)
    set(triple aarch64)
elseif(machine STREQUAL "f3")
    set(CMAKE_SYSTEM_PROCESSOR riscv64)
    set(triple riscv64)
else()
    message(FATAL_ERROR "${begin} is for a processor that brig was never built for")
endif()
foreach(language C CXX)
    set(CMAKE_${language}_COMPILER_TARGET "${triple}-unknown-freebsd${CMAKE_SYSTEM_VERSION}")
endforeach()

if(NOT DEFINED ENV{CC} AND NOT CMAKE_C_COMPILER)
    set(CMAKE_C_COMPILER clang)
endif()
if(NOT DEFINED ENV{CXX} AND NOT CMAKE_CXX_COMPILER)
    set(CMAKE_CXX_COMPILER clang++)
endif()
set(CMAKE_CXX_FLAGS_INIT "-stdlib=libc++")
foreach(kind EXE SHARED MODULE)
    set(CMAKE_${kind}_LINKER_FLAGS_INIT "-fuse-ld=lld")
endforeach()

# Programs are this system's; everything else is looked for in the tree only.
set(CMAKE_FIND_ROOT_PATH "${CMAKE_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
    "${CMAKE_SYSROOT}/usr/local/libdata/pkgconfig:${CMAKE_SYSROOT}/usr/libdata/pkgconfig")
