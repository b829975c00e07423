// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"

namespace brig::test {
namespace {

}  // namespace
}  // namespace brig::test
