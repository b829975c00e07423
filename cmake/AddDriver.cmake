# SPDX-License-Identifier: BSD-2-Clause
# brig_add_driver(<name> SOURCES <file>...)
#
# Builds the driver <name> as a loadable module NAME.so that exports its entry point only.
set(BRIG_DRIVER_MAP "${CMAKE_CURRENT_LIST_DIR}/driver.map")

function(brig_add_driver name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES")
    string(REPLACE "-" "_" target "driver_${name}")
    add_library(${target} MODULE ${ARG_SOURCES})
    target_link_libraries(${target} PRIVATE brig::sdk)
    if(TARGET brig_settings)
        target_link_libraries(${target} PRIVATE brig_settings brig_warnings)
    endif()
    target_link_options(${target} PRIVATE "-Wl,--version-script=${BRIG_DRIVER_MAP}" "-Wl,-z,now")
    if(NOT BRIG_SANITIZERS)
        # A private, small part of the C++ library costs less than loading the shared one.
        target_link_options(${target} PRIVATE "-Wl,-z,defs"
            $<$<CXX_COMPILER_ID:GNU>:-static-libstdc++> $<$<CXX_COMPILER_ID:GNU>:-static-libgcc>)
    endif()
    set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME "${name}" SUFFIX ".so"
        SKIP_BUILD_RPATH ON LINK_DEPENDS "${BRIG_DRIVER_MAP}"
        LIBRARY_OUTPUT_DIRECTORY "${BRIG_DRIVER_OUTPUT_DIRECTORY}")
    install(TARGETS ${target} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/brig/drivers")
endfunction()
