# SPDX-License-Identifier: BSD-2-Clause
# Warnings for our own code, never for third-party code.
add_library(brig_warnings INTERFACE)
target_compile_options(brig_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<COMPILE_LANGUAGE:CXX>:-Wsuggest-override>
    $<$<BOOL:${BRIG_WERROR}>:-Werror>)
