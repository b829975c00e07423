// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <iostream>

namespace brig::cli {

int logs(Invocation& call) {
    Options options{"logs [-f] [-t] CONTAINER"};
    options.add()("follow,f", "go on until the container ends");
    options.add()("timestamps,t", "with the time of every line");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, 1);
    LogOptions wanted;
    wanted.follow = options.has("follow");
    const bool times = options.has("timestamps");
    call.engine().logs(options.operands().front(), wanted, [&](const LogLine& line) {
        if (call.json()) {
            print(Json::object()
                      .add("time", format_time(line.time))
                      .add("stream", line.is_error ? "stderr" : "stdout")
                      .add("text", line.text));
            return static_cast<bool>(std::cout.flush());
        }
        std::ostream& stream = line.is_error ? std::cerr : std::cout;
        stream << (times ? format_time(line.time) + " " : "") << line.text << '\n';
        return static_cast<bool>(stream.flush());
    });
    return kDone;
}

}  // namespace brig::cli
