// SPDX-License-Identifier: BSD-2-Clause
#include "image.hpp"

#include "options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace brig::cli {

namespace {

int remove_images(Invocation& call, Strings arguments) {
    Options options{"image rm [--promote] IMAGE…"};
    options.add()("promote",
                  "although containers use it: they take over what they share with it (where their "
                  "storage can do that)");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& reference : options.operands()) {
        call.engine().remove_image(reference, {options.has("promote")});
    }
    return kDone;
}

int tag_image(Invocation& call, Strings arguments) {
    Options options{"image tag IMAGE NAME[:TAG]"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, 2);
    call.engine().tag_image(options.operands()[0], options.operands()[1]);
    return kDone;
}

int prune_images(Invocation& call, Strings arguments) {
    Options options{"image prune [--all] [--dry-run]"};
    options.add()("all", "also images that have a name, unless a container uses them");
    options.add()("dry-run", "show what would go, and remove nothing");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    Json list = Json::array();
    for (const ImageInfo& image :
         call.engine().prune_images({options.has("all"), options.has("dry-run")})) {
        list.add(Json::object().add("id", image.id).add("name", image.name).add("tag", image.tag));
        if (!call.json()) {
            print_line(image.name.empty()
                           ? image.id
                           : fmt::format("{} {}:{}", image.id, image.name, image.tag));
        }
    }
    if (call.json()) {
        print(list);
    }
    return kDone;
}

constexpr std::array kImageVerbs{Verb{"create", create_image},
                                 Verb{"export", export_image},
                                 Verb{"history", show_history},
                                 Verb{"import", import_image},
                                 Verb{"inspect", inspect_images},
                                 Verb{"ls", list_images},
                                 Verb{"prune", prune_images},
                                 Verb{"rm", remove_images},
                                 Verb{"tag", tag_image}};

}  // namespace

int image(Invocation& call) {
    return run_verb(call, "image", kImageVerbs);
}

}  // namespace brig::cli
