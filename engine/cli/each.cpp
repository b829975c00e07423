// SPDX-License-Identifier: BSD-2-Clause
#include "each.hpp"

#include "command.hpp"
#include "output.hpp"

namespace brig::cli {

int for_each_container(const std::vector<std::string>& containers,
                       const std::function<void(const std::string&)>& work) {
    int status = kDone;
    for (const std::string& container : containers) {
        try {
            work(container);
        } catch (const Error& error) {
            print_error(error);
            status = kFailed;
        }
    }
    return status;
}

}  // namespace brig::cli
