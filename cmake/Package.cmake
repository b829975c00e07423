# SPDX-License-Identifier: BSD-2-Clause
# Packages of what is installed: `cmake --preset package && cmake --build --preset package`, and then
# `cpack` in build/package. FreeBSD has a port instead: packaging/freebsd.
set(CPACK_PACKAGE_NAME brig)
set(CPACK_PACKAGE_VENDOR "the brig authors")
set(CPACK_PACKAGE_CONTACT "the brig authors <brig@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "plugin-based engine that runs containers as FreeBSD jails")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")

find_program(BRIG_DPKG_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(BRIG_DPKG_SHLIBDEPS)
if(BRIG_DPKG_SHLIBDEPS)
    list(APPEND CPACK_GENERATOR DEB)
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_SECTION admin)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, libsqlite3-dev, zfsutils-linux")
    set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
        "A small engine that loads drivers for storage and networks through a stable C
interface, the command brig, and the library libbrig with its headers. On Linux
a jail is built of namespaces, capabilities and seccomp.")
    # No unit is enabled by installing it, and brig makes what it needs in /var and /run itself: there
    # is nothing for scripts to do but to have the linker find libbrig.so.
    file(WRITE "${PROJECT_BINARY_DIR}/triggers" "activate-noawait ldconfig\n")
    set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/triggers")
endif()
include(CPack)
