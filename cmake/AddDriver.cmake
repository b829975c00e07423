# SPDX-License-Identifier: BSD-2-Clause
# brig_add_driver(<name> SOURCES <file>... [KIND network|storage] [NAME <driver>] [EMBEDDABLE]
#                 [NO_MANIFEST] [NO_INSTALL])
#
# Builds the driver <name> as target <name>: a loadable module <name>.so that exports its entry and
# nothing else, and beside it <name>.toml with what it says about itself. With KIND the build fails
# if it is of the other kind. NAME: the driver's, where the target has another one. For our own drivers and for those of others
# (`find_package(brig)`), in C or C++.
#
# EMBEDDABLE also gives target <name>-embedded: its objects, for a program that brings the driver
# along. Their entry is called brig_embedded_<name>, with _ for -.
set(BRIG_DRIVER_MAP "${CMAKE_CURRENT_LIST_DIR}/driver.map")

function(brig_add_driver name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "EMBEDDABLE;NO_MANIFEST;NO_INSTALL" "KIND;NAME" "SOURCES")
    if(NOT ARG_SOURCES OR ARG_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "brig_add_driver(${name} SOURCES <file>... [KIND network|storage])")
    endif()
    if(NOT ARG_NAME)
        set(ARG_NAME "${name}")
    endif()
    set(output "${BRIG_DRIVER_OUTPUT_DIRECTORY}")
    if(NOT output)
        set(output "${CMAKE_CURRENT_BINARY_DIR}")
    endif()

    add_library(${name} MODULE ${ARG_SOURCES})
    brig_compile_as_driver(${name})
    if(ARG_EMBEDDABLE)
        string(MAKE_C_IDENTIFIER "brig_embedded_${name}" entry)
        add_library(${name}-embedded OBJECT ${ARG_SOURCES})
        brig_compile_as_driver(${name}-embedded)
        target_compile_definitions(${name}-embedded PRIVATE BRIG_ENTRY=${entry})
    endif()
    set_target_properties(${name} PROPERTIES
        PREFIX "" SUFFIX ".so" OUTPUT_NAME "${ARG_NAME}"
        LIBRARY_OUTPUT_DIRECTORY "${output}"
        SKIP_BUILD_RPATH ON INSTALL_RPATH "" INSTALL_RPATH_USE_LINK_PATH OFF
        LINK_DEPENDS "${BRIG_DRIVER_MAP}")
    # All symbols are resolved when it is loaded, never in the middle of an operation.
    target_link_options(${name} PRIVATE "LINKER:--version-script=${BRIG_DRIVER_MAP}" "LINKER:-z,now")
    if(NOT BRIG_SANITIZERS)
        # The run-time library inside: nothing to look up, and no second one beside the engine's.
        # A sanitizer's own symbols come from the engine's process, and forbid both.
        target_link_options(${name} PRIVATE
            "LINKER:-z,defs" "$<$<AND:$<LINK_LANGUAGE:CXX>,$<PLATFORM_ID:Linux>>:-static-libstdc++>"
            "$<$<OR:$<CXX_COMPILER_ID:GNU>,$<C_COMPILER_ID:GNU>>:-static-libgcc>")
    endif()

    if(NOT ARG_NO_INSTALL)
        include(GNUInstallDirs)
        install(TARGETS ${name} LIBRARY DESTINATION lib/brig/drivers)
    endif()
    # A driver for another machine cannot be asked here: the engine asks it where it is listed.
    if(NOT ARG_NO_MANIFEST AND NOT CMAKE_CROSSCOMPILING)
        brig_driver_manifest(
            ${name} "${output}/${ARG_NAME}.toml" "${ARG_KIND}" "${ARG_NO_INSTALL}")
    endif()
endfunction()

function(brig_compile_as_driver target)
    target_link_libraries(${target} PRIVATE brig::sdk)
    if(TARGET brig_settings)
        target_link_libraries(${target} PRIVATE brig_settings brig_warnings)
    endif()
    # A driver in C is built by projects that know no C++, and the other way round.
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(C IN_LIST languages)
        target_compile_features(${target} PRIVATE c_std_99)
    endif()
    if(CXX IN_LIST languages)
        target_compile_features(${target} PRIVATE cxx_std_20)
    endif()
    set_target_properties(${target} PROPERTIES
        C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON)
endfunction()

function(brig_driver_manifest name manifest kind no_install)
    set(tool brig::driver_manifest)
    if(TARGET brig_driver_manifest)
        set(tool brig_driver_manifest)
        add_dependencies(${name} ${tool})
    endif()
    add_custom_command(TARGET ${name} POST_BUILD VERBATIM
        COMMAND ${tool} "$<TARGET_FILE:${name}>" "${manifest}" ${kind})
    if(NOT no_install)
        install(FILES "${manifest}" DESTINATION lib/brig/drivers)
    endif()
endfunction()
