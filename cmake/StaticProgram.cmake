# SPDX-License-Identifier: BSD-2-Clause
# BRIG_STATIC_OPTION: how a program in C++ is linked statically here, or nothing where that cannot be
# had. On Linux at an address that changes; FreeBSD's static programs have none. Not with sanitizers,
# nor where only shared libraries are to be used.
set(BRIG_STATIC_OPTION "")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(option -static-pie)
    set(BRIG_STATIC_LIBRARIES "${BRIG_LIBNL_STATIC}")
else()
    set(option -static)
    set(BRIG_STATIC_LIBRARIES "")
endif()
if(BRIG_PREFER_STATIC AND NOT BRIG_SANITIZERS AND BRIG_SQLITE3_STATIC
        AND (BRIG_LIBNL_STATIC OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux"))
    include(CheckCXXSourceCompiles)
    include(CMakePushCheckState)
    cmake_push_check_state()
    set(CMAKE_REQUIRED_LINK_OPTIONS ${option})
    set(CMAKE_REQUIRED_LIBRARIES Boost::program_options m)
    check_cxx_source_compiles("
        #include <boost/program_options.hpp>
        #include <cmath>
        #include <iostream>
        int main(int argc, char**) {
            const boost::program_options::options_description options;
            std::cout << std::log(argc) << options;
        }
        " BRIG_LINKS_STATIC)
    cmake_pop_check_state()
    if(BRIG_LINKS_STATIC)
        set(BRIG_STATIC_OPTION ${option})
    endif()
endif()
