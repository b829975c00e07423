# SPDX-License-Identifier: BSD-2-Clause
# Warnings for our own code, never for third-party code.
add_library(brig_warnings INTERFACE)
target_compile_options(brig_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<COMPILE_LANGUAGE:CXX>:-Wsuggest-override>
    # clang before 18 warns even of fields that a designated initializer leaves out on purpose.
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-missing-field-initializers>
    $<$<BOOL:${BRIG_WERROR}>:-Werror>)
