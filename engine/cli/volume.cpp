// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <array>

namespace brig::cli {

namespace {

Json to_json(const VolumeInfo& volume) {
    return Json::object()
        .add("id", volume.id)
        .add("name", volume.name)
        .add("storage", volume.storage)
        .add("options", volume.options)
        .add("created", format_time(volume.created));
}

int create_volume(Invocation& call, Strings arguments) {
    Options options{"volume create [--storage STORAGE] [-o NAME=VALUE]… [NAME]"};
    options.add()("storage", po::value<std::string>(), "the storage that keeps it");
    options.add()("opt,o",
                  po::value<Strings>()->composing(),
                  "NAME=VALUE, an option of the storage's driver, as quota=10G; repeatable");
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 1);
    VolumeSpec spec;
    spec.name = options.operands().empty() ? "" : options.operands().front();
    if (!options.operands().empty() && spec.name.empty()) {
        throw options.error("the name is empty");
    }
    spec.storage = options.get<std::string>("storage", "");
    spec.options = options.get("opt", Strings{});
    const VolumeInfo volume = call.engine().create_volume(spec);
    call.json() ? print(to_json(volume)) : print_line(volume.name);
    return kDone;
}

int list_volumes(Invocation& call, Strings arguments) {
    Options options{"volume ls [-q]"};
    options.add()("quiet,q", "names only");
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    Table table{{"NAME", "STORAGE", "CREATED", "OPTIONS"}};
    Json list = Json::array();
    for (const VolumeInfo& volume : call.engine().volumes()) {
        list.add(to_json(volume));
        if (options.has("quiet") && !call.json()) {
            print_line(volume.name);
        }
        std::string given;
        for (const std::string& option : volume.options) {
            given += (given.empty() ? "" : " ") + option;
        }
        table.add(
            {volume.name, volume.storage, format_age(volume.created), given.empty() ? "-" : given});
    }
    if (call.json()) {
        print(list);
    } else if (!options.has("quiet")) {
        table.print();
    }
    return kDone;
}

int inspect_volumes(Invocation& call, Strings arguments) {
    Options options{"volume inspect VOLUME…"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    Json list = Json::array();
    for (const std::string& reference : options.operands()) {
        Json volume = to_json(call.engine().volume(reference));
        volume.add("used_by", call.engine().users_of_volume(reference));
        if (const auto usage = call.engine().usage_of_volume(reference)) {
            volume.add("used", static_cast<long long>(usage->used));
            usage->limit ? volume.add("limit", static_cast<long long>(*usage->limit))
                         : volume.add_null("limit");
        }
        list.add(volume);
    }
    print(list);
    return kDone;
}

int remove_volumes(Invocation& call, Strings arguments) {
    Options options{"volume rm VOLUME…"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& reference : options.operands()) {
        call.engine().remove_volume(reference);
    }
    return kDone;
}

int prune_volumes(Invocation& call, Strings arguments) {
    Options options{"volume prune [--dry-run]"};
    options.add()("dry-run", "show what would be removed, and remove nothing");
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    Json list = Json::array();
    for (const VolumeInfo& volume : call.engine().prune_volumes(options.has("dry-run"))) {
        list.add(to_json(volume));
        if (!call.json()) {
            print_line(volume.name);
        }
    }
    if (call.json()) {
        print(list);
    }
    return kDone;
}

constexpr std::array kVolumeVerbs{Verb{"create", create_volume},
                                  Verb{"ls", list_volumes},
                                  Verb{"inspect", inspect_volumes},
                                  Verb{"rm", remove_volumes},
                                  Verb{"prune", prune_volumes}};

}  // namespace

int volume(Invocation& call) {
    return run_verb(call, "volume", kVolumeVerbs);
}

}  // namespace brig::cli
