// SPDX-License-Identifier: BSD-2-Clause
// A driver that cannot be loaded, for the reason given as DEFECT.
#include "brig/driver.h"

#define NO_ENTRY 1
#define VERSION_2 2
#define MISSING_SYMBOL 3

#if DEFECT == NO_ENTRY
BRIG_EXPORT int something_else(void);
int something_else(void) {
    return 0;
}
#elif DEFECT == VERSION_2
BRIG_EXPORT const void* brig_driver_entry_v2(void);
const void* brig_driver_entry_v2(void) {
    return NULL;
}
#elif DEFECT == MISSING_SYMBOL
void there_is_no_such_function(void);
const brig_driver* brig_driver_entry_v1(void) {
    there_is_no_such_function();
    return NULL;
}
#endif
