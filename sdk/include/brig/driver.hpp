// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// A C++20 layer over brig/driver.h, compiled into the driver itself; nothing of it crosses to the
/// engine. Derive from NetworkDriver or StorageDriver, and export the class:
///
///     class Loopback final : public brig::sdk::NetworkDriver {
///       public:
///         static constexpr brig::sdk::Option kOptions[] = {…};
///         static constexpr brig::sdk::About kAbout{.name = "net-loopback", .version = "1.0", …};
///
///         Loopback(Call& call, const std::string& name, const Options& config);
///         void prepare(Call& call, const Target& target) override;
///         …
///     };
///     BRIG_SDK_DRIVER(Loopback)
///
/// What each operation must do, when it is called and what it may fail with, is said in
/// brig/driver.h. Failures are thrown as Error; any other exception is reported as internal.
/// The source interface of this layer may change with a minor version, unlike the C interface.
///
/// Uses neither streams nor locales nor run-time type information, so that a driver that links the
/// C++ runtime statically stays small and loads fast.
namespace brig::sdk {

/// A failure, as brig_host::fail wants it.
class Error : public std::exception {
  public:
    /// @param status  BRIG_INVALID, BRIG_CONFLICT, …
    /// @param message one sentence that names the thing in quotes
    /// @param hint    what the user can do, or ""
    Error(brig_status status, std::string message, std::string hint = {})
        : status_{status}, message_{std::move(message)}, hint_{std::move(hint)} {}

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    [[nodiscard]] brig_status status() const noexcept { return status_; }

    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  private:
    brig_status status_;
    std::string message_;
    std::string hint_;
};

/// Reads a map: the configuration, the options of one container, or earlier results. A view: it
/// must not outlive the call that it was passed to.
class Options {
  public:
    explicit Options(const brig_map& map) noexcept : map_{&map} {}

    /// The value of `key`, or nullptr.
    [[nodiscard]] const brig_value* find(std::string_view key) const noexcept {
        for (std::size_t i = 0; i < map_->n; ++i) {
            if (key == map_->v[i].key) {
                return &map_->v[i].val;
            }
        }
        return nullptr;
    }

    [[nodiscard]] bool has(std::string_view key) const noexcept { return find(key) != nullptr; }

    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = {}) const {
        const brig_value* value = find(key);
        return std::string{value != nullptr && value->s != nullptr ? value->s : fallback};
    }

    [[nodiscard]] std::int64_t integer(std::string_view key,
                                       std::int64_t fallback = 0) const noexcept {
        const brig_value* value = find(key);
        return value != nullptr ? value->i : fallback;
    }

    [[nodiscard]] bool boolean(std::string_view key, bool fallback = false) const noexcept {
        return integer(key, fallback ? 1 : 0) != 0;
    }

    [[nodiscard]] std::vector<std::string> list(std::string_view key) const {
        const brig_value* value = find(key);
        return value == nullptr ? std::vector<std::string>{}
                                : std::vector<std::string>(value->list, value->list + value->count);
    }

  private:
    const brig_map* map_;
};

/// What an operation is about: a view of brig_ref.
class Target {
  public:
    explicit Target(const brig_ref& ref) noexcept : ref_{&ref} {}

    [[nodiscard]] std::string container() const { return ref_->container; }
    [[nodiscard]] std::string object() const { return ref_->object; }
    [[nodiscard]] std::string owner_tag() const { return ref_->owner_tag; }

    /// The container's root on the host, or "".
    [[nodiscard]] std::string root() const { return ref_->root != nullptr ? ref_->root : ""; }

    /// The path of the jail's network namespace (Linux), or "".
    [[nodiscard]] std::string netns() const { return ref_->netns != nullptr ? ref_->netns : ""; }

    [[nodiscard]] std::optional<int> jail() const noexcept {
        return ref_->jid < 0 ? std::nullopt : std::optional<int>{ref_->jid};
    }

    [[nodiscard]] Options options() const noexcept { return Options{ref_->options}; }

    /// What the last success on this key recorded. Removing operations must do without.
    [[nodiscard]] Options prior() const noexcept { return Options{ref_->prior}; }

    [[nodiscard]] bool recovery() const noexcept { return (ref_->flags & BRIG_F_RECOVERY) != 0; }
    [[nodiscard]] bool dry_run() const noexcept { return (ref_->flags & BRIG_F_DRY_RUN) != 0; }
    [[nodiscard]] bool force() const noexcept { return (ref_->flags & BRIG_F_FORCE) != 0; }
    [[nodiscard]] bool new_boot() const noexcept { return (ref_->flags & BRIG_F_NEW_BOOT) != 0; }
    [[nodiscard]] bool promote() const noexcept { return (ref_->flags & BRIG_F_PROMOTE) != 0; }

    /// Whether the jail's default route goes through this network.
    [[nodiscard]] bool default_route(bool ip6) const noexcept {
        return (ref_->flags & (ip6 ? BRIG_F_ROUTE6 : BRIG_F_ROUTE4)) != 0;
    }

    /// For what belongs to the instance: "" from an engine older than 1.2.
    [[nodiscard]] std::string instance_tag() const {
        return BRIG_HAS(ref_, instance_tag) ? ref_->instance_tag : "";
    }

  private:
    const brig_ref* ref_;
};

/// How a program ended.
struct Finished {
    int exit_code = 0;   ///< 128 + n: by signal n
    std::string output;  ///< its standard output
};

/// The engine's services for the operation under way. Any thread; not after the operation.
class Call {
  public:
    Call(const brig_host& host, brig_call* call) noexcept : host_{&host}, call_{call} {}

    void debug(const std::string& line) const { host_->log(call_, BRIG_LOG_DEBUG, line.c_str()); }
    void info(const std::string& line) const { host_->log(call_, BRIG_LOG_INFO, line.c_str()); }
    void warn(const std::string& line) const { host_->log(call_, BRIG_LOG_WARN, line.c_str()); }

    /// To be called between the steps of an operation. @throws Error{BRIG_CANCELLED}
    void stop_point() const {
        if (host_->cancelled(call_) != 0) {
            throw Error{BRIG_CANCELLED, "stopped before it was finished"};
        }
    }

    void progress(std::uint64_t done, std::uint64_t total, const std::string& what) const {
        host_->progress(call_, done, total, what.c_str());
    }

    /// Contributes the jail parameter `name`.
    void set_param(const std::string& name, const std::string& value) const {
        contribute(name, value, false);
    }

    /// Adds `value` to the list parameter `name`.
    void append_param(const std::string& name, const std::string& value) const {
        contribute(name, value, true);
    }

    /// Records a fact that comes back in Target::prior().
    void result(const std::string& key, const std::string& value) const {
        require(host_->result(call_, key.c_str(), value.c_str()), "recording result", key);
    }

    /// Reports one object, in list().
    void item(const std::string& owner_tag,
              const std::string& id,
              const std::string& note = {}) const {
        require(host_->item(call_, owner_tag.c_str(), id.c_str(), note.c_str()), "reporting", id);
    }

    /// The stable name that begins with `prefix` and has at most `length` letters.
    [[nodiscard]] std::string name(const std::string& prefix, std::size_t length) const {
        std::string name(length + 1, '\0');
        require(host_->name(call_, prefix.c_str(), name.size(), name.data()), "naming", prefix);
        name.resize(std::char_traits<char>::length(name.c_str()));
        return name;
    }

    /// Runs a program and waits for it, however it ends.
    [[nodiscard]] Finished run(const std::vector<std::string>& argv,
                               const std::string& input = {}) const {
        const std::vector<const char*> words = words_of(argv);
        Finished finished;
        finished.output.resize(kMaxOutput);
        std::size_t length = kMaxOutput;
        require(host_->run(call_,
                           words.data(),
                           input.c_str(),
                           finished.output.data(),
                           &length,
                           &finished.exit_code),
                "running",
                argv.empty() ? "" : argv.front());
        if (length > kMaxOutput) {
            throw Error{BRIG_INTERNAL, "'" + argv.front() + "' wrote too much"};
        }
        finished.output.resize(length);
        return finished;
    }

    /// Runs a program that must succeed, and returns its output.
    // NOLINTNEXTLINE(modernize-use-nodiscard): most programs are run for their effect
    std::string run_checked(const std::vector<std::string>& argv,
                            const std::string& input = {}) const {
        Finished finished = run(argv, input);
        if (finished.exit_code != 0) {
            std::string line;
            for (const std::string& word : argv) {
                line += (line.empty() ? "" : " ") + word;
            }
            throw Error{BRIG_INTERNAL,
                        "'" + line + "' failed with status " + std::to_string(finished.exit_code)};
        }
        return std::move(finished.output);
    }

    /// Runs a program that reads from `in` and writes to `out` (-1: /dev/null), and waits for it.
    /// Returns its exit code; 128 + n: by signal n.
    [[nodiscard]] int run_io(const std::vector<std::string>& argv, int in, int out) const {
        const auto* table = static_cast<const brig_run_io*>(
            host_->extension != nullptr ? host_->extension(BRIG_RUN_IO) : nullptr);
        if (table == nullptr || !BRIG_HAS(table, run_io)) {
            throw Error{BRIG_UNSUPPORTED, "this engine has no " BRIG_RUN_IO, "upgrade brig"};
        }
        int exit_code = 0;
        require(table->run_io(call_, words_of(argv).data(), in, out, &exit_code),
                "running",
                argv.empty() ? "" : argv.front());
        return exit_code;
    }

    /// Takes a value out of `pool`; the same object and key get the same again.
    [[nodiscard]] std::string lease(const std::string& pool,
                                    const std::string& key,
                                    const std::string& want = {}) const {
        char value[kMaxLease] = {};
        require(host_->lease(call_, pool.c_str(), key.c_str(), want.c_str(), value, sizeof value),
                "leasing from",
                pool);
        return value;
    }

    /// Gives a value back; nothing there is fine.
    void unlease(const std::string& pool, const std::string& key) const {
        require(host_->unlease(call_, pool.c_str(), key.c_str()), "giving back to", pool);
    }

    /// Keeps `bytes` for this instance, durably.
    void put_state(const std::string& key, std::string_view bytes) const {
        require(
            host_->state_put(call_, key.c_str(), bytes.data(), bytes.size()), "keeping state", key);
    }

    [[nodiscard]] std::optional<std::string> state(const std::string& key) const {
        std::size_t length = 0;
        const brig_status status = host_->state_get(call_, key.c_str(), nullptr, &length);
        if (status == BRIG_NOT_FOUND) {
            return std::nullopt;
        }
        require(status, "reading state", key);
        std::string bytes(length, '\0');
        require(host_->state_get(call_, key.c_str(), bytes.data(), &length), "reading state", key);
        return bytes;
    }

    void forget_state(const std::string& key) const {
        require(host_->state_del(call_, key.c_str()), "forgetting state", key);
    }

    /// "freebsd" or "linux".
    [[nodiscard]] std::string_view platform() const noexcept { return host_->platform; }

    /// Tells this engine's state from another's on the same host.
    [[nodiscard]] std::string_view engine_id() const noexcept { return host_->engine_id; }

  private:
    static constexpr std::size_t kMaxOutput = std::size_t{64} * 1024;
    static constexpr std::size_t kMaxLease = 64;

    static std::vector<const char*> words_of(const std::vector<std::string>& argv) {
        std::vector<const char*> words;
        words.reserve(argv.size() + 1);
        for (const std::string& word : argv) {
            words.push_back(word.c_str());
        }
        words.push_back(nullptr);
        return words;
    }

    static void require(brig_status status, const char* attempt, const std::string& what) {
        if (status != BRIG_OK) {
            throw Error{status,
                        std::string{attempt} + " '" + what + "' was refused (status "
                            + std::to_string(status) + ")"};
        }
    }

    void contribute(const std::string& name, const std::string& text, bool append) const {
        const brig_value value{BRIG_T_STR, 1, 0, text.c_str(), nullptr};
        require(host_->param(call_, name.c_str(), &value, append ? 1 : 0), "contributing", name);
    }

    const brig_host* host_;
    brig_call* call_;
};

/// What a check found.
enum class Condition : brig_status {
    sound = BRIG_OK,
    absent = BRIG_NOT_FOUND,
    drifted = BRIG_DRIFT
};

/// Operations of every driver. An instance is made per configured network or storage, with
/// `Class(Call&, const std::string& name, const Options& config)`.
class Driver {
  public:
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    Driver(Driver&&) = delete;
    Driver& operator=(Driver&&) = delete;
    virtual ~Driver() = default;

    /// @see brig_base_ops::status
    virtual void status(Call& /*call*/) {}

    /// @see brig_base_ops::list
    virtual void list(Call& call) = 0;
};

/// @see brig_network_ops
class NetworkDriver : public Driver {
  public:
    virtual void prepare(Call& call, const Target& target) = 0;

    virtual void attach(Call& /*call*/, const Target& /*target*/) {}

    /// For a class whose constant `kDetaches` is true.
    virtual void detach(Call& /*call*/, const Target& /*target*/) {}

    virtual void teardown(Call& call, const Target& target) = 0;

    virtual Condition check(Call& call, const Target& target) = 0;

    // brig_network_shared, for a class with the constant `kHasShared = true`.

    virtual void ensure_shared(Call& /*call*/, const Target& /*target*/) {}

    virtual void remove_shared(Call& /*call*/, const Target& /*target*/) {}

    virtual Condition check_shared(Call& /*call*/, const Target& /*target*/) {
        return Condition::sound;
    }
};

/// A snapshot on its way: a view of brig_stream.
class Stream {
  public:
    explicit Stream(const brig_stream& stream) noexcept : stream_{&stream} {}

    [[nodiscard]] std::string snapshot() const { return text(stream_->snapshot); }
    [[nodiscard]] std::string base() const { return text(stream_->base); }    ///< or ""
    [[nodiscard]] std::string token() const { return text(stream_->token); }  ///< or ""
    [[nodiscard]] int fd() const noexcept { return stream_->fd; }
    [[nodiscard]] bool resumable() const noexcept {
        return (stream_->flags & BRIG_STREAM_RESUMABLE) != 0;
    }

  private:
    static std::string text(const char* value) { return value != nullptr ? value : ""; }

    const brig_stream* stream_;
};

/// @see brig_storage_ops
class StorageDriver : public Driver {
  public:
    /// `source`: "VOLUME@SNAPSHOT", or nothing for an empty volume.
    virtual void provision(Call& call,
                           const Target& target,
                           std::optional<std::string_view> source) = 0;

    /// Returns the volume's root, which becomes result "root".
    virtual std::string activate(Call& call, const Target& target) = 0;

    virtual void deactivate(Call& call, const Target& target) = 0;

    virtual void destroy(Call& call, const Target& target) = 0;

    virtual Condition check(Call& call, const Target& target) = 0;

    virtual void snapshot(Call& /*call*/, const Target& /*target*/, const std::string& /*name*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage has no snapshots"};
    }

    virtual void snapshot_destroy(Call& /*call*/,
                                  const Target& /*target*/,
                                  const std::string& /*name*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage has no snapshots"};
    }

    virtual void rollback(Call& /*call*/, const Target& /*target*/, const std::string& /*name*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage has no snapshots"};
    }

    // brig_storage_inspect, for a class with the constant `kInspects = true`.

    virtual void snapshots(Call& /*call*/, const Target& /*target*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage has no snapshots"};
    }

    /// `since`: a snapshot of the volume, or nothing for what it was cloned from.
    virtual void diff(Call& /*call*/,
                      const Target& /*target*/,
                      std::optional<std::string_view> /*since*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage cannot tell what was changed"};
    }

    virtual void usage(Call& /*call*/, const Target& /*target*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage cannot tell what a volume uses"};
    }

    // brig_storage_stream, for a class with the constant `kStreamFormat`, a text.

    virtual void send(Call& /*call*/, const Target& /*target*/, const Stream& /*stream*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage has no streams"};
    }

    virtual void receive(Call& /*call*/, const Target& /*target*/, const Stream& /*stream*/) {
        throw Error{BRIG_UNSUPPORTED, "this storage has no streams"};
    }

    /// What `send` needs to go on with a broken-off `receive`; nothing if none broke off.
    virtual std::optional<std::string> pending(Call& /*call*/, const Target& /*target*/) {
        return std::nullopt;
    }
};

/// A row of a driver class's `kOptions`; see brig_option.
struct Option {
    const char* name = nullptr;
    std::uint32_t type = BRIG_T_STR;
    std::uint32_t flags = 0;
    const char* def = nullptr;
    const char* choices = nullptr;
    std::int64_t min = 0;
    std::int64_t max = 0;
    const char* help = nullptr;
    const char* since = nullptr;

    constexpr explicit operator brig_option() const noexcept {
        return {name, type, flags, def, choices, min, max, help, since};
    }
};

/// "integer", "list of path", …: a type (BRIG_T_…) as manifests and `brig driver inspect` spell it.
[[nodiscard]] inline std::string option_type_name(std::uint32_t type) {
    constexpr std::array<const char*, BRIG_T_PATH + 1> kNames{"none",
                                                              "boolean",
                                                              "integer",
                                                              "string",
                                                              "size",
                                                              "duration",
                                                              "choice",
                                                              "jailsys",
                                                              "IPv4 address",
                                                              "IPv6 address",
                                                              "network",
                                                              "link-layer address",
                                                              "path"};
    const std::uint32_t element = type & ~std::uint32_t{BRIG_T_LIST};
    const std::string name = element < kNames.size() ? kNames.at(element) : "unknown";
    return type == element ? name : "list of " + name;
}

/// The facts about a driver; see brig_driver for each. Options come from the class's `kOptions`.
struct About {
    const char* name = nullptr;
    const char* version = nullptr;
    const char* vendor = nullptr;
    const char* license = nullptr;
    const char* summary = nullptr;
    const char* url = nullptr;
    const char* platforms = nullptr;
    const char* needs = nullptr;
    const char* params = nullptr;
    std::uint64_t caps = 0;
    std::uint32_t thread_model = BRIG_SERIAL;
    std::uint32_t state_version = 0;
    std::uint32_t min_minor = 0;
};

namespace detail {

/// Runs `step`, and lets no exception out: the barrier between C++ and the engine.
template <typename Step>
brig_status guarded(const brig_host& host, brig_call* call, Step&& step) noexcept {
    try {
        return std::forward<Step>(step)();
    } catch (const Error& error) {
        const char* hint = error.hint().empty() ? nullptr : error.hint().c_str();
        return host.fail(call, error.status(), error.what(), hint);
    } catch (const std::bad_alloc&) {
        return host.fail(call, BRIG_INTERNAL, "out of memory", nullptr);
    } catch (const std::exception& error) {
        return host.fail(call, BRIG_INTERNAL, error.what(), nullptr);
    } catch (...) {
        return host.fail(call, BRIG_INTERNAL, "unknown exception in the driver", nullptr);
    }
}

/// The C tables of driver class `T`: constants, so that loading a driver runs no code.
template <typename T>
struct Tables {
    struct Instance {
        const brig_host* host;
        T driver;

        Instance(const brig_host& services, Call& call, const char* name, const brig_map& config)
            : host{&services}, driver{call, std::string{name}, Options{config}} {}
    };

    static Instance& from(brig_inst* handle) noexcept {
        return *reinterpret_cast<Instance*>(handle);
    }

    /// Calls `step(driver, call)` behind the barrier.
    template <typename Step>
    static brig_status with(brig_inst* handle, brig_call* raw, Step&& step) noexcept {
        Instance& instance = from(handle);
        return guarded(*instance.host, raw, [&]() -> brig_status {
            Call call{*instance.host, raw};
            if constexpr (std::is_same_v<decltype(step(instance.driver, call)), Condition>) {
                return static_cast<brig_status>(step(instance.driver, call));
            } else {
                step(instance.driver, call);
                return BRIG_OK;
            }
        });
    }

    /// A table entry for member function `Method(Call&, const Target&)`.
    template <auto Method>
    static brig_status on_target(brig_inst* handle, brig_call* raw, const brig_ref* ref) noexcept {
        return with(handle, raw, [ref](T& driver, Call& call) {
            return (driver.*Method)(call, Target{*ref});
        });
    }

    /// The same for `Method(Call&, const Target&, const std::string& argument)`.
    template <auto Method>
    static brig_status on_target_with(brig_inst* handle,
                                      brig_call* raw,
                                      const brig_ref* ref,
                                      const char* argument) noexcept {
        return with(handle, raw, [ref, argument](T& driver, Call& call) {
            return (driver.*Method)(call, Target{*ref}, std::string{argument});
        });
    }

    static brig_status open(const brig_host* host,
                            brig_call* raw,
                            const char* name,
                            brig_map config,
                            brig_inst** out) noexcept {
        return guarded(*host, raw, [&]() -> brig_status {
            Call call{*host, raw};
            // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): guarded() catches
            *out = reinterpret_cast<brig_inst*>(new Instance{*host, call, name, config});
            return BRIG_OK;
        });
    }

    static void close(brig_inst* handle) noexcept { delete &from(handle); }

    static brig_status status(brig_inst* handle, brig_call* raw) noexcept {
        return with(handle, raw, [](T& driver, Call& call) { driver.status(call); });
    }

    static brig_status list(brig_inst* handle, brig_call* raw) noexcept {
        return with(handle, raw, [](T& driver, Call& call) { driver.list(call); });
    }

    static brig_status provision(brig_inst* handle,
                                 brig_call* raw,
                                 const brig_ref* ref,
                                 const char* source) noexcept {
        return with(handle, raw, [ref, source](T& driver, Call& call) {
            driver.provision(
                call,
                Target{*ref},
                source != nullptr ? std::optional<std::string_view>{source} : std::nullopt);
        });
    }

    static brig_status activate(brig_inst* handle, brig_call* raw, const brig_ref* ref) noexcept {
        return with(handle, raw, [ref](T& driver, Call& call) {
            call.result("root", driver.activate(call, Target{*ref}));
        });
    }

    static constexpr brig_base_ops kBase{BRIG_HDR(brig_base_ops), open, close, status, list};

    static constexpr bool kIsNetwork = std::is_base_of_v<NetworkDriver, T>;
    static_assert(kIsNetwork != std::is_base_of_v<StorageDriver, T>,
                  "a driver class derives from NetworkDriver or from StorageDriver");

    static constexpr brig_op* detach_operation() noexcept {
        if constexpr (requires { T::kDetaches; }) {
            return T::kDetaches ? on_target<&T::detach> : nullptr;
        } else {
            return nullptr;
        }
    }

    static constexpr brig_network_ops network_ops() noexcept {
        if constexpr (kIsNetwork) {
            return {BRIG_HDR(brig_network_ops),
                    on_target<&T::prepare>,
                    on_target<&T::attach>,
                    on_target<&T::teardown>,
                    on_target<&T::check>,
                    detach_operation()};
        } else {
            return {};
        }
    }

    static constexpr brig_storage_ops storage_ops() noexcept {
        if constexpr (kIsNetwork) {
            return {};
        } else {
            return {BRIG_HDR(brig_storage_ops),
                    provision,
                    activate,
                    on_target<&T::deactivate>,
                    on_target<&T::destroy>,
                    on_target<&T::check>,
                    on_target_with<&T::snapshot>,
                    on_target_with<&T::snapshot_destroy>,
                    on_target_with<&T::rollback>};
        }
    }

    static constexpr brig_network_ops kNetwork = network_ops();
    static constexpr brig_storage_ops kStorage = storage_ops();

    static brig_status diff(brig_inst* handle,
                            brig_call* raw,
                            const brig_ref* ref,
                            const char* since) noexcept {
        return with(handle, raw, [ref, since](T& driver, Call& call) {
            driver.diff(call,
                        Target{*ref},
                        since != nullptr ? std::optional<std::string_view>{since} : std::nullopt);
        });
    }

    /// A table entry for member function `Method(Call&, const Target&, const Stream&)`.
    template <auto Method>
    static brig_status on_stream(brig_inst* handle,
                                 brig_call* raw,
                                 const brig_ref* ref,
                                 const brig_stream* stream) noexcept {
        return with(handle, raw, [ref, stream](T& driver, Call& call) {
            (driver.*Method)(call, Target{*ref}, Stream{*stream});
        });
    }

    static brig_status pending(brig_inst* handle, brig_call* raw, const brig_ref* ref) noexcept {
        bool found = false;
        const brig_status status = with(handle, raw, [ref, &found](T& driver, Call& call) {
            if (const std::optional<std::string> token = driver.pending(call, Target{*ref})) {
                call.result("token", *token);
                found = true;
            }
        });
        return status == BRIG_OK && !found ? brig_status{BRIG_NOT_FOUND} : status;
    }

    /// The driver's extensions: those that its class has a constant for.
    static const void* extension(const char* id) noexcept {
        if constexpr (requires { T::kHasShared; }) {
            static constexpr brig_network_shared kShared{BRIG_HDR(brig_network_shared),
                                                         on_target<&T::ensure_shared>,
                                                         on_target<&T::remove_shared>,
                                                         on_target<&T::check_shared>};
            if (std::string_view{id} == BRIG_NETWORK_SHARED) {
                return &kShared;
            }
        }
        if constexpr (requires { T::kInspects; }) {
            static constexpr brig_storage_inspect kInspect{BRIG_HDR(brig_storage_inspect),
                                                           on_target<&T::snapshots>,
                                                           diff,
                                                           on_target<&T::usage>};
            if (std::string_view{id} == BRIG_STORAGE_INSPECT) {
                return &kInspect;
            }
        }
        if constexpr (requires { T::kStreamFormat; }) {
            static constexpr brig_storage_stream kStream{BRIG_HDR(brig_storage_stream),
                                                         T::kStreamFormat,
                                                         on_stream<&T::send>,
                                                         on_stream<&T::receive>,
                                                         pending};
            if (std::string_view{id} == BRIG_STORAGE_STREAM) {
                return &kStream;
            }
        }
        return nullptr;
    }

    /// The rows in their C form.
    static constexpr auto rows() noexcept {
        if constexpr (requires { T::kOptions; }) {
            std::array<brig_option, std::size(T::kOptions)> rows{};
            for (std::size_t i = 0; i < rows.size(); ++i) {
                rows[i] = static_cast<brig_option>(T::kOptions[i]);
            }
            return rows;
        } else {
            return std::array<brig_option, 0>{};
        }
    }

    static constexpr auto kRows = rows();

    static constexpr brig_driver descriptor() noexcept {
        constexpr About kAbout = T::kAbout;
        brig_driver driver{};
        driver.hdr = BRIG_HDR(brig_driver);
        driver.kind = kIsNetwork ? BRIG_KIND_NETWORK : BRIG_KIND_STORAGE;
        driver.thread_model = kAbout.thread_model;
        driver.caps = kAbout.caps;
        driver.state_version = kAbout.state_version;
        driver.min_minor = kAbout.min_minor;
        driver.name = kAbout.name;
        driver.version = kAbout.version;
        driver.vendor = kAbout.vendor;
        driver.license = kAbout.license;
        driver.summary = kAbout.summary;
        driver.url = kAbout.url;
        driver.platforms = kAbout.platforms;
        driver.needs = kAbout.needs;
        driver.params = kAbout.params;
        driver.options = kRows.data();
        driver.n_options = kRows.size();
        driver.base = &kBase;
        driver.network = kIsNetwork ? &kNetwork : nullptr;
        driver.storage = kIsNetwork ? nullptr : &kStorage;
        driver.extension = extension;
        return driver;
    }

    static constexpr brig_driver kDescriptor = descriptor();
};

}  // namespace detail

}  // namespace brig::sdk

/// Exports driver class `Class`. Once per driver, at namespace scope.
#define BRIG_SDK_DRIVER(Class)                                   \
    extern "C" BRIG_EXPORT const brig_driver* BRIG_ENTRY(void) { \
        return &::brig::sdk::detail::Tables<Class>::kDescriptor; \
    }
