// SPDX-License-Identifier: BSD-2-Clause
#include "image.hpp"
#include "options.hpp"

#include <iostream>

namespace brig::cli {

namespace {

Json history_json(const ImageInfo& image) {
    Json steps = Json::array();
    for (const ImageHistory& step : image.history) {
        steps.add(Json::object()
                      .add("created", format_time(step.created))
                      .add("created_by", step.created_by)
                      .add("comment", step.comment)
                      .add("empty", step.is_empty));
    }
    return steps;
}

/// What the storage says, or else what was unpacked.
std::uint64_t size_of(Engine& engine, const ImageInfo& image) {
    return engine.image_usage(image).value_or(image.size);
}

void print_ids(const std::vector<ImageInfo>& images) {
    std::string last;
    for (const ImageInfo& image : images) {
        if (image.id != last) {
            std::cout << image.id << '\n';
        }
        last = image.id;
    }
}

}  // namespace

Json image_json(Engine& engine, const ImageInfo& image) {
    return Json::object()
        .add("id", image.id)
        .add("name", image.name)
        .add("tag", image.tag)
        .add("storage", image.storage)
        .add("volume", image.volume)
        .add("user", image.defaults.user)
        .add("env", image.defaults.environment)
        .add("command", image.defaults.command)
        .add("workdir", image.defaults.workdir)
        .add("source", image.source)
        .add("digest", image.digest)
        .add("platform", image.platform)
        .add("size", static_cast<long long>(size_of(engine, image)))
        .add("created", format_time(image.created));
}

int list_images(Invocation& call, Strings arguments) {
    Options options{"image ls [-q]"};
    options.add()("quiet,q", "ids only");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    const std::vector<ImageInfo> images = call.engine().images();
    if (options.has("quiet") && !call.json()) {
        print_ids(images);
        return kDone;
    }
    Table table{{"NAME", "TAG", "ID", "STORAGE", "SIZE", "CREATED", "SOURCE"}};
    Json list = Json::array();
    for (const ImageInfo& image : images) {
        if (call.json()) {
            list.add(image_json(call.engine(), image));
            continue;
        }
        table.add({image.name.empty() ? "-" : image.name,
                   image.tag.empty() ? "-" : image.tag,
                   image.id,
                   image.storage,
                   format_size(size_of(call.engine(), image)),
                   format_age(image.created),
                   image.source});
    }
    call.json() ? print(list) : table.print();
    return kDone;
}

int inspect_images(Invocation& call, Strings arguments) {
    Options options{"image inspect IMAGE…"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    Json list = Json::array();
    for (const std::string& reference : options.operands()) {
        const ImageInfo image = call.engine().image(reference);
        list.add(image_json(call.engine(), image).add("history", history_json(image)));
    }
    print(list);
    return kDone;
}

int show_history(Invocation& call, Strings arguments) {
    Options options{"image history IMAGE"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    const ImageInfo image = call.engine().image(options.operands().front());
    if (call.json()) {
        print(history_json(image));
        return kDone;
    }
    Table table{{"CREATED", "CREATED BY", "COMMENT"}};
    for (const ImageHistory& step : image.history) {
        table.add({format_age(step.created), step.created_by, step.comment});
    }
    table.print();
    return kDone;
}

}  // namespace brig::cli
