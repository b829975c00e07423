# SPDX-License-Identifier: BSD-2-Clause
# What `cmake --install` puts into the prefix besides the programs and drivers, which say so where
# they are built: libraries and headers, what other builds find them with, manuals, completions, and
# what starts containers with the machine. Nothing is ever put outside of the prefix.
#
# Other targets join the package with install(TARGETS … EXPORT brig): they become brig::NAME.
include(CMakePackageConfigHelpers)

set(BRIG_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/brig")
option(BRIG_INSTALL_SERVICE "Install the rc.d script or systemd unit" ON)
set(BRIG_INSTALL_ZSHDIR "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" CACHE STRING
    "Where completions of zsh are put; Debian has share/zsh/vendor-completions for packages")

# Libraries and headers.
install(TARGETS brig_engine brig_engine_shared brig_sdk brig_driver_manifest EXPORT brig
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${BRIG_INSTALL_LIBEXECDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# For find_package(brig).
install(EXPORT brig NAMESPACE brig:: FILE brig-targets.cmake DESTINATION "${BRIG_INSTALL_CMAKEDIR}")
configure_package_config_file(cmake/brig-config.cmake.in "${PROJECT_BINARY_DIR}/brig-config.cmake"
    INSTALL_DESTINATION "${BRIG_INSTALL_CMAKEDIR}"
    PATH_VARS BRIG_INSTALL_DRIVERDIR BRIG_INSTALL_LIBEXECDIR)
# Before 1.0 the library's interface may change with a minor version: docs/abi-policy.md.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/brig-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/brig-config.cmake"
    "${PROJECT_BINARY_DIR}/brig-config-version.cmake"
    cmake/AddDriver.cmake
    cmake/driver.map
    DESTINATION "${BRIG_INSTALL_CMAKEDIR}")

# For pkg-config. The prefix is found from the file's own place, so that the tree may be moved.
set(BRIG_INSTALL_PCDIR "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(CMAKE_SYSTEM_NAME STREQUAL "FreeBSD")
    set(BRIG_INSTALL_PCDIR libdata/pkgconfig)
endif()
file(RELATIVE_PATH BRIG_PC_PREFIX "/${BRIG_INSTALL_PCDIR}" "/")
string(REGEX REPLACE "/$" "" BRIG_PC_PREFIX "${BRIG_PC_PREFIX}")
set(BRIG_PC_LIBS_PRIVATE "-lsqlite3 -pthread")
foreach(library IN LISTS CMAKE_DL_LIBS)
    string(APPEND BRIG_PC_LIBS_PRIVATE " -l${library}")
endforeach()
if(CMAKE_SYSTEM_NAME STREQUAL "FreeBSD")
    string(APPEND BRIG_PC_LIBS_PRIVATE " -ljail -lutil")
endif()
foreach(package brig brig-driver)
    configure_file(cmake/${package}.pc.in ${package}.pc @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${package}.pc"
        DESTINATION "${BRIG_INSTALL_PCDIR}")
endforeach()

# brig_install_text(<FILES|PROGRAMS> <source> <destination> <name>): a text with %%PREFIX%% in it,
# which is replaced when it is installed: only then is the prefix known for sure (`--prefix`, cpack).
function(brig_install_text kind source destination name)
    set(text_of_prefix "${PROJECT_BINARY_DIR}/install/${name}")
    install(CODE "
        file(READ \"${PROJECT_SOURCE_DIR}/${source}\" text)
        string(REPLACE \"%%PREFIX%%\" \"\${CMAKE_INSTALL_PREFIX}\" text \"\${text}\")
        file(WRITE \"${text_of_prefix}\" \"\${text}\")")
    install(${kind} "${text_of_prefix}" DESTINATION "${destination}")
endfunction()

# Manuals.
foreach(page brig.8 brig.toml.5 brig-driver.3)
    string(REGEX REPLACE ".*\\." "" section "${page}")
    install(FILES "docs/man/${page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
endforeach()
if(TARGET brig-driver-host)
    install(FILES docs/man/brig-driver-host.8 DESTINATION "${CMAKE_INSTALL_MANDIR}/man8")
endif()

# Completions.
install(PROGRAMS packaging/brig-complete DESTINATION "${BRIG_INSTALL_LIBEXECDIR}")
brig_install_text(FILES packaging/completions/brig.bash
    "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" brig)
brig_install_text(FILES packaging/completions/_brig "${BRIG_INSTALL_ZSHDIR}" _brig)
brig_install_text(FILES packaging/completions/brig.fish
    "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" brig.fish)

# The configuration to begin with, and what starts containers with the machine: as hier(7) and the
# systems' own packages have them.
if(CMAKE_SYSTEM_NAME STREQUAL "FreeBSD")
    install(FILES packaging/brig.toml.sample DESTINATION etc/brig)
    install(FILES packaging/freebsd/newsyslog.conf.sample
        DESTINATION etc/newsyslog.conf.d RENAME brig.conf.sample)
    if(BRIG_INSTALL_SERVICE)
        set(rc_script packaging/freebsd/sysutils/brig/files/brig.in)
        brig_install_text(PROGRAMS ${rc_script} etc/rc.d rc.d/brig)
    endif()
else()
    install(FILES packaging/brig.toml.sample
        DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" RENAME brig.toml)
    if(BRIG_INSTALL_SERVICE)
        brig_install_text(FILES packaging/linux/brig.service.in lib/systemd/system brig.service)
    endif()
endif()
# Debian looks for licences under this name.
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)
install(FILES CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# Takes away what the last `cmake --install` of this build tree has put there.
if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(uninstall VERBATIM
        COMMAND "${CMAKE_COMMAND}" -P "${PROJECT_SOURCE_DIR}/cmake/Uninstall.cmake"
        WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
endif()
