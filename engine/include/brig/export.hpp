// SPDX-License-Identifier: BSD-2-Clause
#pragma once

/// Stands in each public header, at the namespace: what is declared in it is exported by
/// libbrig.so, and all else that is in there is hidden. At the namespace no declaration is
/// forgotten, and a class has one identity in a whole process, so that `catch (const brig::Error&)`
/// works across libraries.
#define BRIG_API [[gnu::visibility("default")]]
