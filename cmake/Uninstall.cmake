# SPDX-License-Identifier: BSD-2-Clause
# cmake -P Uninstall.cmake, in a build tree: removes the files that its last `cmake --install` has put
# anywhere ($DESTDIR counts as it did then), and brig's own folders that are empty without them.
if(NOT EXISTS install_manifest.txt)
    message(FATAL_ERROR "nothing was installed from this build tree: there is no install_manifest.txt")
endif()
file(STRINGS install_manifest.txt installed ENCODING UTF-8)
foreach(file IN LISTS installed)
    file(REMOVE "$ENV{DESTDIR}${file}")
    # Upwards, but only folders of brig's own, and only when they are empty.
    cmake_path(GET file PARENT_PATH folder)
    while(folder MATCHES "/brig(/|$)")
        file(GLOB left LIST_DIRECTORIES true "$ENV{DESTDIR}${folder}/*")
        if(left)
            break()
        endif()
        file(REMOVE_RECURSE "$ENV{DESTDIR}${folder}")
        cmake_path(GET folder PARENT_PATH folder)
    endwhile()
endforeach()
