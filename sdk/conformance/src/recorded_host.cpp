// SPDX-License-Identifier: BSD-2-Clause
#include "recorded_host.hpp"

#include "support/text.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace brig::conformance {

namespace {

std::string text_of(const char* text) {
    return text == nullptr ? "" : text;
}

/// Passes a call on, or lets it meet its fault.
template <typename Service>
brig_status pass(const char* name, std::vector<std::string> texts, Service&& service) {
    Recorder& notes = recorder();
    const std::size_t index = notes.enter(name, std::move(texts));
    const Fault fault = notes.fault_of(index);
    const brig_status status =
        fault.kind == Fault::Kind::refuse ? fault.status : std::forward<Service>(service)();
    notes.leave(index, status_name(status));
    return status;
}

void log(brig_call* call, int level, const char* line) {
    pass("log", {text_of(line)}, [&] {
        recorder().real().log(call, level, line);
        return BRIG_OK;
    });
}

brig_status fail(brig_call* call, brig_status status, const char* message, const char* hint) {
    pass("fail", {status_name(status), text_of(message), text_of(hint)}, [&] {
        recorder().real().fail(call, status, message, hint);
        return BRIG_OK;
    });
    return status;
}

int cancelled(brig_call* call) {
    const brig_status status = pass("cancelled", {}, [&]() -> brig_status {
        return recorder().real().cancelled(call) != 0 ? BRIG_CANCELLED : BRIG_OK;
    });
    return status == BRIG_CANCELLED ? 1 : 0;
}

void progress(brig_call* call, std::uint64_t done, std::uint64_t total, const char* what) {
    pass("progress", {std::to_string(done), std::to_string(total), text_of(what)}, [&] {
        recorder().real().progress(call, done, total, what);
        return BRIG_OK;
    });
}

std::vector<std::string> texts_of(const char* name, const brig_value* value) {
    std::vector<std::string> texts{text_of(name)};
    if (value != nullptr && (value->type & BRIG_T_LIST) == 0) {
        texts.push_back(value->s == nullptr ? std::to_string(value->i) : value->s);
    }
    if (value != nullptr && (value->type & BRIG_T_LIST) != 0 && value->list != nullptr) {
        texts.insert(texts.end(), value->list, value->list + value->count);
    }
    return texts;
}

brig_status param(brig_call* call, const char* name, const brig_value* value, int append) {
    return pass("param", texts_of(name, value), [&] {
        return recorder().real().param(call, name, value, append);
    });
}

brig_status result(brig_call* call, const char* key, const char* value) {
    return pass("result", {text_of(key), text_of(value)}, [&] {
        return recorder().real().result(call, key, value);
    });
}

brig_status item(brig_call* call, const char* owner_tag, const char* id, const char* note) {
    return pass("item", {text_of(owner_tag), text_of(id), text_of(note)}, [&] {
        return recorder().real().item(call, owner_tag, id, note);
    });
}

brig_status name(brig_call* call, const char* prefix, std::size_t max, char* out) {
    return pass(
        "name", {text_of(prefix)}, [&] { return recorder().real().name(call, prefix, max, out); });
}

std::vector<std::string> words_of(const char* const* argv) {
    std::vector<std::string> words;
    for (const char* const* word = argv; argv != nullptr && *word != nullptr; ++word) {
        words.emplace_back(*word);
    }
    return words;
}

/// Words with the stand-in for the program in place of it, where there is one.
class Argv {
  public:
    explicit Argv(const char* const* argv) : words_{words_of(argv)} {
        const std::filesystem::path& programs = recorder().programs();
        if (!words_.empty() && !programs.empty()) {
            const auto stand_in = programs / std::filesystem::path{words_.front()}.filename();
            if (::access(stand_in.c_str(), X_OK) == 0) {
                program_ = stand_in.string();
            }
        }
        for (const std::string& word : words_) {
            pointers_.push_back(word.c_str());
        }
        if (!program_.empty()) {
            pointers_.front() = program_.c_str();
        }
        pointers_.push_back(nullptr);
    }

    [[nodiscard]] const char* const* get() const { return pointers_.data(); }
    [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
    [[nodiscard]] bool has_stand_in() const { return !program_.empty(); }

  private:
    std::vector<std::string> words_;
    std::string program_;
    std::vector<const char*> pointers_;
};

/// The stand-ins end in the middle of their next change when this file is there: see world/.
void tear_next_program() {
    std::ofstream{recorder().programs() / "tear"} << "1\n";
}

/// Runs a program with `service`, and lets it meet its fault.
template <typename Service>
brig_status run_with_fault(const Fault& fault, int* exit_code, Service&& service) {
    switch (fault.kind) {
        case Fault::Kind::refuse:
            return fault.status;
        case Fault::Kind::program_fails:
            *exit_code = 1;
            return BRIG_OK;
        case Fault::Kind::program_lies_success:
            *exit_code = 0;
            return BRIG_OK;
        case Fault::Kind::program_tears:
            tear_next_program();
            return std::forward<Service>(service)();
        default:
            break;
    }
    const brig_status status = std::forward<Service>(service)();
    if (fault.kind == Fault::Kind::program_lies_failure) {
        *exit_code = 1;
    }
    return status;
}

template <typename Service>
brig_status note_run(const Argv& words, const char* in, int* exit_code, Service&& service) {
    std::vector<std::string> texts = words.words();
    if (in != nullptr && *in != '\0') {
        texts.push_back("<<< " + std::string{in});
    }
    Recorder& notes = recorder();
    const std::size_t index = notes.enter("run", std::move(texts));
    Fault fault = notes.fault_of(index);
    if (fault.kind == Fault::Kind::program_tears && !words.has_stand_in()) {
        fault.kind = Fault::Kind::program_lies_failure;  // those of the system are not torn
    }
    const brig_status status = run_with_fault(fault, exit_code, std::forward<Service>(service));
    notes.leave(
        index, status == BRIG_OK ? fmt::format("exit status {}", *exit_code) : status_name(status));
    return status;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status run(brig_call* call,
                const char* const* argv,
                const char* in,
                char* out,
                std::size_t* out_len,
                int* exit_code) {
    const Argv words{argv};
    const std::size_t room = out_len == nullptr ? 0 : *out_len;
    return note_run(words, in, exit_code, [&] {
        if (out_len != nullptr) {
            *out_len = room;
        }
        return recorder().real().run(call, words.get(), in, out, out_len, exit_code);
    });
}

brig_status run_io(brig_call* call, const char* const* argv, int in, int out, int* exit_code) {
    const auto* real = static_cast<const brig_run_io*>(recorder().real().extension(BRIG_RUN_IO));
    const Argv words{argv};
    return note_run(words, nullptr, exit_code, [&] {
        return real->run_io(call, words.get(), in, out, exit_code);
    });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status lease(brig_call* call,
                  const char* pool,
                  const char* key,
                  const char* want,
                  char* out,
                  std::size_t out_len) {
    return pass("lease", {text_of(pool), text_of(key), text_of(want)}, [&]() -> brig_status {
        return recorder().pools_exhausted()
                   ? BRIG_EXHAUSTED
                   : recorder().real().lease(call, pool, key, want, out, out_len);
    });
}

brig_status unlease(brig_call* call, const char* pool, const char* key) {
    return pass("unlease", {text_of(pool), text_of(key)}, [&] {
        return recorder().real().unlease(call, pool, key);
    });
}

brig_status state_put(brig_call* call, const char* key, const void* bytes, std::size_t size) {
    std::vector<std::string> texts{text_of(key)};
    if (bytes != nullptr) {
        texts.emplace_back(static_cast<const char*>(bytes), size);
    }
    return pass("state_put", std::move(texts), [&] {
        return recorder().real().state_put(call, key, bytes, size);
    });
}

brig_status state_get(brig_call* call, const char* key, void* bytes, std::size_t* size) {
    return pass("state_get", {text_of(key)}, [&] {
        return recorder().real().state_get(call, key, bytes, size);
    });
}

brig_status state_del(brig_call* call, const char* key) {
    return pass(
        "state_del", {text_of(key)}, [&] { return recorder().real().state_del(call, key); });
}

const void* extension(const char* id) {
    static constexpr brig_run_io kRunIo{BRIG_HDR(brig_run_io), run_io};
    const void* real = recorder().real().extension(id);
    return real != nullptr && std::string_view{id} == BRIG_RUN_IO ? &kRunIo : real;
}

/// An engine of SDK 1.0 has no extensions.
const void* no_extension(const char* /*id*/) {
    return nullptr;
}

/// A table of an engine to come: members follow that this SDK does not know.
struct NewerHost {
    brig_host known;
    const void* unknown[8];
};

}  // namespace

const brig_host* recorded_host(const brig_host& real, TableAge age) {
    static NewerHost table;  // outlives every instance, as the contract has it
    constexpr std::uint32_t kMinorToCome = 99;
    table.known = {BRIG_HDR(brig_host),
                   real.engine_name,
                   real.engine_version,
                   real.engine_id,
                   real.platform,
                   log,
                   fail,
                   cancelled,
                   progress,
                   param,
                   result,
                   item,
                   name,
                   run,
                   lease,
                   unlease,
                   state_put,
                   state_get,
                   state_del,
                   age == TableAge::oldest ? no_extension : extension};
    if (age == TableAge::oldest) {
        table.known.hdr = {kOldestHost, 0};
    } else if (age == TableAge::newer) {
        table.known.hdr = {sizeof(NewerHost), kMinorToCome};
    }
    return &table.known;
}

}  // namespace brig::conformance
