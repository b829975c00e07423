# SPDX-License-Identifier: BSD-2-Clause
# The language level, visibility and sanitizers of everything this project builds.
# Link it PRIVATE: consumers choose their own.
add_library(brig_settings INTERFACE)
target_compile_features(brig_settings INTERFACE cxx_std_20)

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# One place for what is built, laid out as it is installed, so that the command finds its
# drivers and helper programs beside itself, in the build tree as well as in a prefix.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(BRIG_LIBEXEC_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/libexec/brig")
set(BRIG_DRIVER_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/brig/drivers")
# Below the prefix; support/installed_prefix.hpp and spec/settings.cpp look there.
set(BRIG_INSTALL_LIBEXECDIR libexec/brig)
set(BRIG_INSTALL_DRIVERDIR lib/brig/drivers)

if(BRIG_SANITIZERS)
    target_compile_options(brig_settings INTERFACE -fsanitize=${BRIG_SANITIZERS}
                           -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(brig_settings INTERFACE -fsanitize=${BRIG_SANITIZERS})
    # GCC has a constant with every check, a million in all. A program that is started ten thousand
    # times in the tests has them where they were linked to be, and without a red zone around each:
    # that takes a fifth of the time. "undefined" looks at the bounds of tables, too.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(brig_settings INTERFACE "SHELL:--param asan-globals=0")
        set(is_program $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
        target_link_options(brig_settings INTERFACE $<${is_program}:-no-pie>)
    endif()
else()
    # What nobody calls is left out: a smaller program starts faster.
    target_compile_options(brig_settings INTERFACE -ffunction-sections -fdata-sections)
    target_link_options(brig_settings INTERFACE LINKER:--gc-sections)
    # Thousands of pointers in constant tables are then relocated without reading a table of them.
    include(CheckLinkerFlag)
    # Older linkers only warn of what they do not know.
    check_linker_flag(CXX "LINKER:--fatal-warnings,-z,pack-relative-relocs" BRIG_PACKS_RELOCATIONS)
    if(BRIG_PACKS_RELOCATIONS)
        target_link_options(brig_settings INTERFACE "LINKER:-z,pack-relative-relocs")
    endif()
endif()

# With CMAKE_UNITY_BUILD the sources of a folder are compiled as one, and only those: so what is
# compiled together does not depend on the system, nor on what else a target consists of.
function(brig_compile_folders_together target)
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
        get_filename_component(folder "${source}" DIRECTORY)
        string(MAKE_C_IDENTIFIER "in_${folder}" group)
        set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${group}")
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()
