# SPDX-License-Identifier: BSD-2-Clause
# brig_small_libc: the C library of a static program that is executed at every start of a jail. musl
# where it is installed beside the system's (Debian's musl-dev): a program with it is there in a
# third of the time that glibc takes to look at the processor and to choose among its functions, and
# a tenth of its size. Elsewhere it is empty: the system's own.
#
# Only for C++ that needs no run-time library of its own: no exceptions, no rtti, no <iostream>.
add_library(brig_small_libc INTERFACE)

set(musl "${CMAKE_SYSTEM_PROCESSOR}-linux-musl")
find_path(BRIG_MUSL_INCLUDE features.h PATHS "/usr/include/${musl}" NO_DEFAULT_PATH)
find_library(BRIG_MUSL_LIBRARY libc.a PATHS "/usr/lib/${musl}" NO_DEFAULT_PATH)
mark_as_advanced(BRIG_MUSL_INCLUDE BRIG_MUSL_LIBRARY)

if(BRIG_MUSL_INCLUDE AND BRIG_MUSL_LIBRARY)
    get_filename_component(objects "${BRIG_MUSL_LIBRARY}" DIRECTORY)
    # Its headers come behind those of C++, which ask for the next of a name, and before the system's,
    # which have the kernel's.
    target_compile_options(brig_small_libc INTERFACE -nostdinc)
    foreach(directory IN LISTS CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
        if(directory MATCHES "c\\+\\+")
            target_compile_options(brig_small_libc INTERFACE "SHELL:-isystem ${directory}")
        else()
            target_compile_options(brig_small_libc INTERFACE "SHELL:-idirafter ${directory}")
        endif()
    endforeach()
    target_compile_options(brig_small_libc INTERFACE "SHELL:-isystem ${BRIG_MUSL_INCLUDE}")
    target_compile_options(brig_small_libc INTERFACE
        "-D__GLIBC_PREREQ(major,minor)=0"       # what libstdc++'s headers, made for glibc, ask
        -U_FORTIFY_SOURCE -fno-stack-protector  # glibc's, too
    )
    target_link_options(brig_small_libc INTERFACE
        -nostdlib "${objects}/crt1.o" "${objects}/crti.o" "${objects}/crtn.o")
    target_link_libraries(brig_small_libc INTERFACE "${BRIG_MUSL_LIBRARY}" gcc)
endif()
