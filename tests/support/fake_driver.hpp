// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "drivers/driver_instance.hpp"
#include "support/memory_driver_store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brig::test {

/// What the drivers below do, for the test that is running.
struct FakeBehaviour {
    std::function<void(sdk::Call&, const sdk::Target&)> operation = [](auto&, const auto&) {};
    std::function<void(sdk::Call&)> list = [](auto&) {};
    std::string root = "/volumes/v";
    sdk::Condition condition = sdk::Condition::sound;
    std::vector<std::string> log;
};

/// The behaviour is reached through a pointer in the configuration, as there are no globals.
inline FakeBehaviour& behaviour_of(const sdk::Options& config) {
    return *reinterpret_cast<FakeBehaviour*>(config.integer("behaviour"));
}

inline constexpr sdk::Option kFakeOptions[] = {
    {.name = "behaviour", .type = BRIG_T_INT, .flags = BRIG_OPT_REQUIRED},
};

class FakeNetwork final : public sdk::NetworkDriver {
  public:
    static constexpr const sdk::Option (&kOptions)[1] = kFakeOptions;
    static constexpr sdk::About kAbout{
        .name = "fake-net", .version = "1", .needs = "cmd:nothing", .params = "ip4.addr vnet*"};

    FakeNetwork(sdk::Call& /*call*/, const std::string& /*name*/, const sdk::Options& config)
        : fake_{&behaviour_of(config)} {}

    void list(sdk::Call& call) override { fake_->list(call); }
    void prepare(sdk::Call& call, const sdk::Target& target) override {
        fake_->operation(call, target);
    }
    void attach(sdk::Call& call, const sdk::Target& target) override {
        fake_->operation(call, target);
    }
    void teardown(sdk::Call& call, const sdk::Target& target) override {
        fake_->operation(call, target);
    }
    sdk::Condition check(sdk::Call& /*call*/, const sdk::Target& /*target*/) override {
        return fake_->condition;
    }

  private:
    FakeBehaviour* fake_;
};

class FakeStorage final : public sdk::StorageDriver {
  public:
    static constexpr const sdk::Option (&kOptions)[1] = kFakeOptions;
    static constexpr sdk::About kAbout{.name = "fake-storage", .version = "1"};

    FakeStorage(sdk::Call& /*call*/, const std::string& /*name*/, const sdk::Options& config)
        : fake_{&behaviour_of(config)} {}

    void list(sdk::Call& call) override { fake_->list(call); }
    void provision(sdk::Call& call,
                   const sdk::Target& target,
                   std::optional<std::string_view> source) override {
        fake_->log.push_back("provision " + std::string{source.value_or("(empty)")});
        fake_->operation(call, target);
    }
    std::string activate(sdk::Call& call, const sdk::Target& target) override {
        fake_->operation(call, target);
        return fake_->root;
    }
    void deactivate(sdk::Call& call, const sdk::Target& target) override {
        fake_->operation(call, target);
    }
    void destroy(sdk::Call& call, const sdk::Target& target) override {
        fake_->operation(call, target);
    }
    sdk::Condition check(sdk::Call& /*call*/, const sdk::Target& /*target*/) override {
        return fake_->condition;
    }

  private:
    FakeBehaviour* fake_;
};

/// An opened instance of one of them, in an engine of its own.
struct FakeEngine {
    MemoryDriverStore store;
    FakeBehaviour fake;
    bool cancelled = false;
    std::vector<std::string> lines;

    std::unique_ptr<DriverInstance> open(const brig_driver& driver, const std::string& name) {
        DriverServices services;
        services.engine_version = "0";
        services.engine_id = "engine-1";
        services.platform = "linux";
        services.store = &store;
        services.cancelled = [this] { return cancelled; };
        services.log = Log{[this](LogLevel, std::string_view line) { lines.emplace_back(line); }};
        auto loaded = std::make_shared<LoadedDriver>();
        loaded->tables = negotiate(&driver, driver.name);
        const OptionMap options{
            {"behaviour",
             OptionValue{static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(&fake)), {}}}};
        return std::make_unique<DriverInstance>(
            loaded, std::make_shared<const HostServices>(services), name, options);
    }
};

inline const brig_driver& fake_network() {
    return sdk::detail::Tables<FakeNetwork>::kDescriptor;
}

inline const brig_driver& fake_storage() {
    return sdk::detail::Tables<FakeStorage>::kDescriptor;
}

}  // namespace brig::test
