# SPDX-License-Identifier: BSD-2-Clause
# BRIG_CAN_LINK_STATIC_PIE: whether a program in C++ can be linked statically, with libraries, at an
# address that changes. Not with sanitizers, nor where only shared libraries are to be used.
set(BRIG_CAN_LINK_STATIC_PIE OFF)
if(BRIG_PREFER_STATIC AND NOT BRIG_SANITIZERS AND CMAKE_SYSTEM_NAME STREQUAL "Linux"
        AND BRIG_SQLITE3_STATIC AND BRIG_LIBNL_STATIC)
    include(CheckCXXSourceCompiles)
    include(CMakePushCheckState)
    cmake_push_check_state()
    set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
    set(CMAKE_REQUIRED_LIBRARIES m)
    check_cxx_source_compiles("
        #include <cmath>
        #include <iostream>
        int main(int argc, char**) { std::cout << std::log(argc); }
        " BRIG_LINKS_STATIC_PIE)
    cmake_pop_check_state()
    set(BRIG_CAN_LINK_STATIC_PIE ${BRIG_LINKS_STATIC_PIE})
endif()
