// SPDX-License-Identifier: BSD-2-Clause
// Both C interfaces in one source, for the compile matrix. Also compiled as C++.
#include <brig/brig.h>
#include <brig/driver.h>

brig_error_code use(brig_engine* engine, brig_status of_a_driver, brig_error* error);

brig_error_code use(brig_engine* engine, brig_status of_a_driver, brig_error* error) {
    brig_container_list* list = NULL;
    brig_error_code code = of_a_driver == BRIG_OK ? BRIG_E_NONE : BRIG_E_BAD_DRIVER;
    if (code == BRIG_E_NONE) {
        code = brig_containers(engine, &list, error);
    }
    brig_container_list_free(list);
    return code;
}
