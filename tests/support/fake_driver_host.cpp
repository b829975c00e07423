// SPDX-License-Identifier: BSD-2-Clause
#include "support/fake_driver_host.hpp"

#include <dlfcn.h>

#include <stdexcept>

/// What the host functions find the call by.
struct brig_call {
    brig::test::Spoken spoken;
    bool cancelled = false;
};

namespace brig::test {
namespace {

void say(brig_call* call, int /*level*/, const char* line) {
    call->spoken.log.emplace_back(line);
}

brig_status fail(brig_call* call, brig_status status, const char* message, const char* hint) {
    call->spoken.message = message;
    call->spoken.hint = hint != nullptr ? hint : "";
    return status;
}

int cancelled(brig_call* call) {
    return call->cancelled ? 1 : 0;
}

void progress(brig_call* /*call*/, std::uint64_t /*done*/, std::uint64_t /*total*/, const char*) {}

brig_status result(brig_call* call, const char* key, const char* value) {
    call->spoken.results[key] = value;
    return BRIG_OK;
}

brig_status item(brig_call* call, const char* owner, const char* id, const char* note) {
    call->spoken.items.push_back({owner, id, note != nullptr ? note : ""});
    return BRIG_OK;
}

/// A map in the shape of the interface, over texts that outlive it.
class Map {
  public:
    explicit Map(const StorageUnderTest::Config& texts) {
        for (const auto& [key, text] : texts) {
            const bool is_bool = text == "true" || text == "false";
            const bool is_size =
                !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            const unsigned type = is_bool ? BRIG_T_BOOL : (is_size ? BRIG_T_SIZE : BRIG_T_STR);
            const std::int64_t number = is_size ? std::stoll(text) : (text == "true" ? 1 : 0);
            entries_.push_back({key.c_str(), {type, 1, number, text.c_str(), nullptr}});
        }
    }

    [[nodiscard]] brig_map view() const { return {entries_.data(), entries_.size()}; }

  private:
    std::vector<brig_kv> entries_;
};

const brig_driver* load(const std::string& file) {
    // Never closed, as in the engine.
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) {
        throw std::runtime_error{::dlerror()};
    }
    return reinterpret_cast<decltype(&brig_driver_entry_v1)>(::dlsym(library, BRIG_ENTRY_SYMBOL))();
}

brig_host make_host() {
    brig_host host{};
    host.hdr = BRIG_HDR(brig_host);
    host.engine_name = "brig";
    host.engine_version = "test";
    host.engine_id = "test";
    host.platform = "linux";
    host.log = say;
    host.fail = fail;
    host.cancelled = cancelled;
    host.progress = progress;
    host.result = result;
    host.item = item;
    return host;
}

}  // namespace

StorageUnderTest::StorageUnderTest(const std::string& file, const Config& config)
    : driver_{load(file)}, host_{make_host()} {
    brig_call call;
    const Map map{config};
    const brig_status status = driver_->base->open(&host_, &call, "test", map.view(), &instance_);
    opened_ = call.spoken;
    opened_.status = status;
}

StorageUnderTest::~StorageUnderTest() {
    if (instance_ != nullptr) {
        driver_->base->close(instance_);
    }
}

Spoken StorageUnderTest::on(const std::string& volume,
                            brig_op_arg* operation,
                            const char* argument) {
    brig_call call;
    call.cancelled = cancelled_;
    const Map options{options_};
    brig_ref ref{};
    ref.hdr = BRIG_HDR(brig_ref);
    ref.flags = flags_;
    ref.jid = -1;
    ref.container = "c0";
    ref.object = volume.c_str();
    ref.owner_tag = owner_.c_str();
    ref.options = options.view();
    call.spoken.status = operation(instance_, &call, &ref, argument);
    return call.spoken;
}

Spoken StorageUnderTest::on(const std::string& volume, brig_op* operation) {
    brig_call call;
    const Map options{options_};
    brig_ref ref{};
    ref.hdr = BRIG_HDR(brig_ref);
    ref.flags = flags_;
    ref.jid = -1;
    ref.container = "c0";
    ref.object = volume.c_str();
    ref.owner_tag = owner_.c_str();
    ref.options = options.view();
    call.spoken.status = operation(instance_, &call, &ref);
    return call.spoken;
}

Spoken StorageUnderTest::provision(const std::string& volume) {
    return on(volume, driver_->storage->provision, nullptr);
}

Spoken StorageUnderTest::provision(const std::string& volume, const std::string& source) {
    return on(volume, driver_->storage->provision, source.c_str());
}

Spoken StorageUnderTest::activate(const std::string& volume) {
    return on(volume, driver_->storage->activate);
}

Spoken StorageUnderTest::deactivate(const std::string& volume) {
    return on(volume, driver_->storage->deactivate);
}

Spoken StorageUnderTest::destroy(const std::string& volume) {
    return on(volume, driver_->storage->destroy);
}

Spoken StorageUnderTest::check(const std::string& volume) {
    return on(volume, driver_->storage->check);
}

Spoken StorageUnderTest::snapshot(const std::string& volume, const std::string& name) {
    return on(volume, driver_->storage->snapshot, name.c_str());
}

Spoken StorageUnderTest::snapshot_destroy(const std::string& volume, const std::string& name) {
    return on(volume, driver_->storage->snapshot_destroy, name.c_str());
}

Spoken StorageUnderTest::rollback(const std::string& volume, const std::string& name) {
    return on(volume, driver_->storage->rollback, name.c_str());
}

const brig_storage_inspect& StorageUnderTest::inspect() const {
    const void* table = driver_->extension(BRIG_STORAGE_INSPECT);
    if (table == nullptr) {
        throw std::runtime_error{"the driver has no " BRIG_STORAGE_INSPECT};
    }
    return *static_cast<const brig_storage_inspect*>(table);
}

Spoken StorageUnderTest::snapshots(const std::string& volume) {
    return on(volume, inspect().snapshots);
}

Spoken StorageUnderTest::diff(const std::string& volume) {
    return on(volume, inspect().diff, nullptr);
}

Spoken StorageUnderTest::diff(const std::string& volume, const std::string& since) {
    return on(volume, inspect().diff, since.c_str());
}

Spoken StorageUnderTest::usage(const std::string& volume) {
    return on(volume, inspect().usage);
}

Spoken StorageUnderTest::list() {
    brig_call call;
    call.spoken.status = driver_->base->list(instance_, &call);
    return call.spoken;
}

Spoken StorageUnderTest::status() {
    brig_call call;
    call.spoken.status = driver_->base->status(instance_, &call);
    return call.spoken;
}

}  // namespace brig::test
