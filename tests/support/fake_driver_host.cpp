// SPDX-License-Identifier: BSD-2-Clause
#include "support/fake_driver_host.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <utility>

/// What the host functions find the call by.
struct brig_call {
    brig::test::Spoken spoken;
    bool cancelled = false;
    brig::test::RunFault fault;
    std::mutex programs;  ///< a driver may run several at once
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

brig_status param(brig_call* call, const char* name, const brig_value* value, int append) {
    std::vector<std::string>& values = call->spoken.params[name];
    if (append == 0) {
        values.clear();
    }
    values.emplace_back(value->s);
    return BRIG_OK;
}

// ---- Programs ----

constexpr int kNoProgram = 127;  ///< exit status of one that could not be started

struct Pipe {
    Pipe() {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error{"pipe2"};
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    Pipe(Pipe&&) = delete;
    Pipe& operator=(Pipe&&) = delete;
    ~Pipe() {
        for (const int end : ends) {
            if (end >= 0) {
                ::close(end);
            }
        }
    }

    void close_writer() { ::close(std::exchange(ends[1], -1)); }

    std::array<int, 2> ends{};
};

void read_some(int fd, std::string& text, bool& open) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    open = got > 0;
    text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

/// Both to their ends, in whatever order they come.
void read_both(int out, std::string& output, int err, std::string& errors) {
    bool out_open = true;
    bool err_open = true;
    while (out_open || err_open) {
        std::array<pollfd, 2> both{pollfd{out_open ? out : -1, POLLIN, 0},
                                   pollfd{err_open ? err : -1, POLLIN, 0}};
        ::poll(both.data(), both.size(), -1);
        if (both[0].revents != 0) {
            read_some(out, output, out_open);
        }
        if (both[1].revents != 0) {
            read_some(err, errors, err_open);
        }
    }
}

[[noreturn]] void become(const char* const* argv, int in, int out, int err) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(in >= 0 ? in : null, 0);
    ::dup2(out >= 0 ? out : null, 1);
    ::dup2(err, 2);
    ::signal(SIGPIPE, SIG_DFL);
    ::execvp(argv[0], const_cast<char* const*>(argv));
    ::_exit(kNoProgram);
}

/// Dies or pretends, if it is this program's turn. True: it is not to be run.
bool suffer(const brig_call* call, int turn, bool after) {
    using Kind = RunFault::Kind;
    if (call->fault.at == 0 || turn != call->fault.at) {
        return false;
    }
    const Kind kind = call->fault.kind;
    if (kind == (after ? Kind::die_after : Kind::die_before)) {
        ::kill(::getpid(), SIGKILL);
    }
    return kind == (after ? Kind::fail_after : Kind::fail_before);
}

int run_program(brig_call* call, const char* const* argv, int in, int out, std::string& output) {
    Pipe from_out;
    Pipe from_err;
    const pid_t pid = ::fork();
    if (pid == 0) {
        become(argv, in, out == -2 ? from_out.ends[1] : out, from_err.ends[1]);
    }
    from_out.close_writer();
    from_err.close_writer();
    std::string errors;
    read_both(from_out.ends[0], output, from_err.ends[0], errors);
    int status = 0;
    ::waitpid(pid, &status, 0);
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    const std::scoped_lock lock{call->programs};
    call->spoken.errors = code == 0 ? "" : errors;
    return code;
}

/// Whose turn it is, from 1.
int note_program(brig_call* call, const std::string& line) {
    const std::scoped_lock lock{call->programs};
    call->spoken.programs.push_back(line);
    return static_cast<int>(call->spoken.programs.size());
}

/// @param out -2: into `output`
brig_status run_any(brig_call* call,
                    const char* const* argv,
                    int in,
                    int out,
                    std::string& output,
                    int* exit_code) {
    std::string line;
    for (const char* const* word = argv; *word != nullptr; ++word) {
        line += (line.empty() ? "" : " ") + std::string{*word};
    }
    const int turn = note_program(call, line);
    *exit_code = 1;
    if (suffer(call, turn, false)) {
        return BRIG_OK;
    }
    *exit_code = run_program(call, argv, in, out, output);
    if (*exit_code == kNoProgram) {
        return BRIG_NOT_FOUND;
    }
    return suffer(call, turn, true) ? BRIG_TIMEOUT : BRIG_OK;
}

brig_status run(brig_call* call,
                const char* const* argv,
                const char* /*in*/,
                char* out,
                std::size_t* out_len,
                int* exit_code) {
    std::string output;
    const brig_status status = run_any(call, argv, -1, -2, output, exit_code);
    if (out != nullptr) {
        std::copy_n(output.data(), std::min(output.size(), *out_len), out);
    }
    if (out_len != nullptr) {
        *out_len = output.size();
    }
    return status;
}

brig_status run_io(brig_call* call, const char* const* argv, int in, int out, int* exit_code) {
    std::string output;
    return run_any(call, argv, in, out, output, exit_code);
}

const void* extension(const char* id) {
    static constexpr brig_run_io kRunIo{BRIG_HDR(brig_run_io), run_io};
    return std::strcmp(id, BRIG_RUN_IO) == 0 ? &kRunIo : nullptr;
}

// ---- Options ----

/// "10M"; only what tests write.
std::int64_t size_of(const std::string& text) {
    char* end = nullptr;
    const std::int64_t number = std::strtoll(text.c_str(), &end, 10);
    constexpr int kKilo = 1024;
    switch (*end) {
        case 'K':
            return number * kKilo;
        case 'M':
            return number * kKilo * kKilo;
        default:
            return number;
    }
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// A map in the shape of the interface, over texts that outlive it.
class Map {
  public:
    Map(const brig_driver& driver, const StorageUnderTest::Config& texts) {
        lists_.reserve(texts.size());
        for (const auto& [key, text] : texts) {
            const std::uint32_t type = type_of(driver, key, text);
            const bool is_bool = type == BRIG_T_BOOL;
            brig_value value{
                type, 1, is_bool ? (text == "true" ? 1 : 0) : size_of(text), text.c_str(), nullptr};
            if ((type & BRIG_T_LIST) != 0) {
                add_list(text, value);
            }
            entries_.push_back({key.c_str(), value});
        }
    }

    [[nodiscard]] brig_map view() const { return {entries_.data(), entries_.size()}; }

  private:
    struct List {
        std::vector<std::string> texts;
        std::vector<const char*> pointers;
    };

    static std::uint32_t type_of(const brig_driver& driver,
                                 const std::string& key,
                                 const std::string& text) {
        for (std::size_t i = 0; i < driver.n_options; ++i) {
            if (key == driver.options[i].name) {
                return driver.options[i].type;
            }
        }
        return text == "true" || text == "false" ? std::uint32_t{BRIG_T_BOOL}
                                                 : std::uint32_t{BRIG_T_STR};
    }

    void add_list(const std::string& text, brig_value& value) {
        List& list = lists_.emplace_back();
        list.texts = lines_of(text);
        for (const std::string& line : list.texts) {
            list.pointers.push_back(line.c_str());
        }
        value.count = static_cast<std::uint32_t>(list.pointers.size());
        value.list = list.pointers.data();
        value.s = nullptr;
    }

    std::vector<brig_kv> entries_;
    std::vector<List> lists_;
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
    host.param = param;
    host.item = item;
    host.run = run;
    host.extension = extension;
    return host;
}

}  // namespace

FakeCall::FakeCall()
    : host_{make_host()}, raw_{std::make_unique<brig_call>()}, call_{host_, raw_.get()} {}

FakeCall::~FakeCall() = default;

Spoken& FakeCall::spoken() {
    return raw_->spoken;
}

void FakeCall::set_fault(const RunFault& fault) {
    raw_->fault = fault;
}

void FakeCall::set_cancelled(bool cancelled) {
    raw_->cancelled = cancelled;
}

StorageUnderTest::StorageUnderTest(const std::string& file, const Config& config)
    : driver_{load(file)}, host_{make_host()} {
    brig_call call;
    const Map map{*driver_, config};
    const brig_status status = driver_->base->open(&host_, &call, "test", map.view(), &instance_);
    opened_ = call.spoken;
    opened_.status = status;
}

StorageUnderTest::~StorageUnderTest() {
    if (instance_ != nullptr) {
        driver_->base->close(instance_);
    }
}

template <typename Operation>
Spoken StorageUnderTest::perform(const std::string& volume, Operation&& operation) {
    brig_call call;
    call.cancelled = cancelled_;
    call.fault = fault_;
    const Map options{*driver_, options_};
    brig_ref ref{};
    ref.hdr = BRIG_HDR(brig_ref);
    ref.flags = flags_;
    ref.jid = -1;
    ref.container = "c0";
    ref.object = volume.c_str();
    ref.owner_tag = owner_.c_str();
    ref.options = options.view();
    call.spoken.status = operation(&call, &ref);
    return call.spoken;
}

Spoken StorageUnderTest::on(const std::string& volume,
                            brig_op_arg* operation,
                            const char* argument) {
    return perform(volume, [&](brig_call* call, const brig_ref* ref) -> brig_status {
        return operation == nullptr ? brig_status{BRIG_UNSUPPORTED}
                                    : operation(instance_, call, ref, argument);
    });
}

Spoken StorageUnderTest::on(const std::string& volume, brig_op* operation) {
    return perform(volume, [&](brig_call* call, const brig_ref* ref) -> brig_status {
        return operation == nullptr ? brig_status{BRIG_UNSUPPORTED}
                                    : operation(instance_, call, ref);
    });
}

Spoken StorageUnderTest::on(const std::string& volume,
                            brig_op_stream* operation,
                            const brig_stream& stream) {
    return perform(volume, [&](brig_call* call, const brig_ref* ref) -> brig_status {
        return operation == nullptr ? brig_status{BRIG_UNSUPPORTED}
                                    : operation(instance_, call, ref, &stream);
    });
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

namespace {

/// The driver's table of an extension; an empty one if it has none.
template <typename Table>
Table extension_of(const brig_driver& driver, const char* id) {
    const auto* table =
        static_cast<const Table*>(driver.extension != nullptr ? driver.extension(id) : nullptr);
    return table != nullptr ? *table : Table{};
}

}  // namespace

Spoken StorageUnderTest::snapshots(const std::string& volume) {
    return on(volume, extension_of<brig_storage_inspect>(*driver_, BRIG_STORAGE_INSPECT).snapshots);
}

Spoken StorageUnderTest::diff(const std::string& volume) {
    return on(
        volume, extension_of<brig_storage_inspect>(*driver_, BRIG_STORAGE_INSPECT).diff, nullptr);
}

Spoken StorageUnderTest::diff(const std::string& volume, const std::string& since) {
    return on(volume,
              extension_of<brig_storage_inspect>(*driver_, BRIG_STORAGE_INSPECT).diff,
              since.c_str());
}

Spoken StorageUnderTest::usage(const std::string& volume) {
    return on(volume, extension_of<brig_storage_inspect>(*driver_, BRIG_STORAGE_INSPECT).usage);
}

Spoken StorageUnderTest::send(const std::string& volume, const brig_stream& stream) {
    return on(
        volume, extension_of<brig_storage_stream>(*driver_, BRIG_STORAGE_STREAM).send, stream);
}

Spoken StorageUnderTest::receive(const std::string& volume, const brig_stream& stream) {
    return on(
        volume, extension_of<brig_storage_stream>(*driver_, BRIG_STORAGE_STREAM).receive, stream);
}

Spoken StorageUnderTest::pending(const std::string& volume) {
    return on(volume, extension_of<brig_storage_stream>(*driver_, BRIG_STORAGE_STREAM).pending);
}

std::vector<std::string> Spoken::pairs() const {
    std::vector<std::string> pairs;
    pairs.reserve(items.size());
    for (const Item& each : items) {
        pairs.push_back(each.owner + " " + each.id);
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

}  // namespace brig::test
