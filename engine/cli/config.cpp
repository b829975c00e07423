// SPDX-License-Identifier: BSD-2-Clause
#include "file_options.hpp"
#include "output.hpp"

#include <fmt/core.h>

namespace brig::cli {

namespace {

int check(Invocation& call, const Options& options) {
    ContainerSelection all = selection(options);
    all.names.clear();
    const std::vector<std::string> names =
        call.engine().check(all, options.get("target", std::string{}));
    if (call.json()) {
        print(Json::object().add("containers", names));
    } else {
        print_line(fmt::format("ok, {} container{}", names.size(), names.size() == 1 ? "" : "s"));
    }
    return kDone;
}

}  // namespace

int config(Invocation& call) {
    Options options{"config check [-f FILE] [--target RELEASE]"};
    add_file_option(options);
    options.add()("target",
                  po::value<std::string>(),
                  "check the parameters for freebsd-13.2, freebsd-14 or freebsd-15");
    if (!options.parse_interleaved(call)) {
        return kDone;
    }
    options.require_operands(1, 1);
    if (options.operands().front() != "check") {
        throw options.error("there is no 'config " + options.operands().front() + "'");
    }
    return check(call, options);
}

}  // namespace brig::cli
