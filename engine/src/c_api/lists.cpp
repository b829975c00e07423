// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/barrier.hpp"

#include <deque>

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

// A list owns what was found and the rows that point into it. A deque, since its elements stay
// where they are.

struct brig_container_list {
    struct Texts {
        std::vector<std::string> addresses;
        TextList command, networks, address_list;
    };

    std::vector<ContainerInfo> infos;
    std::deque<Texts> texts;
    std::vector<brig_container_info> rows;
};

struct brig_image_list {
    std::vector<ImageInfo> infos;
    std::deque<TextList> commands;
    std::vector<brig_image_info> rows;
};

struct brig_network_list {
    std::vector<InstanceInfo> infos;
    std::vector<brig_network_info> rows;
};

namespace {

static_assert(static_cast<int>(ContainerState::needs_attention) == BRIG_STATE_NEEDS_ATTENTION);

std::vector<std::string> addresses_of(const ContainerInfo& info) {
    std::vector<std::string> addresses;
    for (const AttachmentInfo& attachment : info.attachments) {
        addresses.push_back(attachment.ip4);
        addresses.push_back(attachment.ip6);
    }
    std::erase(addresses, "");
    return addresses;
}

std::int64_t time_of(const std::optional<std::chrono::system_clock::time_point>& time) {
    return time ? milliseconds_of(*time) : 0;
}

brig_container_info row_of(const ContainerInfo& info, brig_container_list::Texts& texts) {
    texts.addresses = addresses_of(info);
    texts.command = TextList{info.command};
    texts.networks = TextList{info.networks};
    texts.address_list = TextList{texts.addresses};
    brig_container_info row{};
    row.size = sizeof row;
    row.state = static_cast<std::int32_t>(info.state);
    row.id = info.id.c_str();
    row.name = info.name.c_str();
    row.image = info.image.c_str();
    row.root = info.root.c_str();
    row.command = texts.command.get();
    row.networks = texts.networks.get();
    row.addresses = texts.address_list.get();
    row.created = milliseconds_of(info.created);
    row.started = time_of(info.started);
    row.finished = time_of(info.finished);
    row.jid = info.jail ? static_cast<std::int32_t>(*info.jail) : -1;
    row.pid = info.pid.value_or(-1);
    row.exited = info.exit ? 1 : 0;
    row.ephemeral = info.ephemeral ? 1 : 0;
    if (info.exit) {
        row.last_exit = {info.exit->code, info.exit->signal};
    }
    return row;
}

std::unique_ptr<brig_container_list> list_of(std::vector<ContainerInfo> infos) {
    auto list = std::make_unique<brig_container_list>();
    list->infos = std::move(infos);
    for (const ContainerInfo& info : list->infos) {
        list->rows.push_back(row_of(info, list->texts.emplace_back()));
    }
    return list;
}

std::unique_ptr<brig_image_list> list_of(std::vector<ImageInfo> infos) {
    auto list = std::make_unique<brig_image_list>();
    list->infos = std::move(infos);
    for (const ImageInfo& info : list->infos) {
        const TextList& command = list->commands.emplace_back(info.defaults.command);
        list->rows.push_back({sizeof(brig_image_info),
                              0,
                              info.id.c_str(),
                              info.name.c_str(),
                              info.tag.c_str(),
                              info.storage.c_str(),
                              info.source.c_str(),
                              command.get(),
                              milliseconds_of(info.created),
                              info.size});
    }
    return list;
}

std::unique_ptr<brig_network_list> list_of(std::vector<InstanceInfo> infos) {
    auto list = std::make_unique<brig_network_list>();
    list->infos = std::move(infos);
    for (const InstanceInfo& info : list->infos) {
        list->rows.push_back({sizeof(brig_network_info),
                              info.is_default ? 1 : 0,
                              info.name.c_str(),
                              info.driver.c_str(),
                              info.is_created ? 1 : 0,
                              0});
    }
    return list;
}

}  // namespace

brig_error_code brig_containers(brig_engine* engine,
                                brig_container_list** list,
                                brig_error* error) {
    const auto make = [&] {
        *list = nullptr;
        *list = list_of(engine->engine.containers()).release();
    };
    return guarded_with(error, make, engine, list);
}

brig_error_code brig_container_inspect(brig_engine* engine,
                                       const char* container,
                                       brig_container_list** list,
                                       brig_error* error) {
    const auto make = [&] {
        *list = nullptr;
        *list = list_of(std::vector{engine->engine.container(container)}).release();
    };
    return guarded_with(error, make, engine, container, list);
}

size_t brig_container_list_size(const brig_container_list* list) {
    return list == nullptr ? 0 : list->rows.size();
}

const brig_container_info* brig_container_list_at(const brig_container_list* list, size_t index) {
    return at(list, index);
}

void brig_container_list_free(brig_container_list* list) {
    delete list;
}

brig_error_code brig_images(brig_engine* engine, brig_image_list** list, brig_error* error) {
    const auto make = [&] {
        *list = nullptr;
        *list = list_of(engine->engine.images()).release();
    };
    return guarded_with(error, make, engine, list);
}

size_t brig_image_list_size(const brig_image_list* list) {
    return list == nullptr ? 0 : list->rows.size();
}

const brig_image_info* brig_image_list_at(const brig_image_list* list, size_t index) {
    return at(list, index);
}

void brig_image_list_free(brig_image_list* list) {
    delete list;
}

brig_error_code brig_networks(brig_engine* engine, brig_network_list** list, brig_error* error) {
    const auto make = [&] {
        *list = nullptr;
        *list = list_of(engine->engine.networks()).release();
    };
    return guarded_with(error, make, engine, list);
}

size_t brig_network_list_size(const brig_network_list* list) {
    return list == nullptr ? 0 : list->rows.size();
}

const brig_network_info* brig_network_list_at(const brig_network_list* list, size_t index) {
    return at(list, index);
}

void brig_network_list_free(brig_network_list* list) {
    delete list;
}
