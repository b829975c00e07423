// SPDX-License-Identifier: BSD-2-Clause
#include "recorder.hpp"

#include "recorded_host.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace brig::conformance {

namespace {

constexpr std::size_t kMostNoted = 400;

std::string words_of(const std::vector<std::string>& texts) {
    std::vector<std::string> quoted;
    quoted.reserve(texts.size());
    for (const std::string& text : texts) {
        quoted.push_back(shell_quote(text));
    }
    std::string words = join(quoted, " ");
    if (words.size() > kMostNoted) {
        words = words.substr(0, kMostNoted) + "…";
    }
    return words;
}

}  // namespace

Recorder& recorder() {
    static Recorder one;
    return one;
}

std::string status_name(brig_status status) {
    static constexpr std::array<std::pair<brig_status, const char*>, 15> kNames{{
        {BRIG_OK, "BRIG_OK"},
        {BRIG_UNKNOWN, "BRIG_UNKNOWN"},
        {BRIG_INVALID, "BRIG_INVALID"},
        {BRIG_UNSUPPORTED, "BRIG_UNSUPPORTED"},
        {BRIG_CONFLICT, "BRIG_CONFLICT"},
        {BRIG_PERMISSION, "BRIG_PERMISSION"},
        {BRIG_BUSY, "BRIG_BUSY"},
        {BRIG_UNAVAILABLE, "BRIG_UNAVAILABLE"},
        {BRIG_EXHAUSTED, "BRIG_EXHAUSTED"},
        {BRIG_CANCELLED, "BRIG_CANCELLED"},
        {BRIG_TIMEOUT, "BRIG_TIMEOUT"},
        {BRIG_INTERNAL, "BRIG_INTERNAL"},
        {BRIG_NOT_FOUND, "BRIG_NOT_FOUND"},
        {BRIG_DRIFT, "BRIG_DRIFT"},
    }};
    for (const auto& [value, name] : kNames) {
        if (value == status && name != nullptr) {
            return name;
        }
    }
    return std::to_string(status);
}

void Recorder::begin_test(SharedBlock* block, std::filesystem::path programs) {
    block_ = block;
    programs_ = std::move(programs);
    fault_ = {};
    struck_ = false;
}

const brig_host* Recorder::wrap(const brig_host* real, TableAge age) {
    real_ = real;
    return recorded_host(*real, age);
}

void Recorder::begin_operation(const std::string& what) {
    counter_ = 0;
    if (!keeps_all_) {
        const std::scoped_lock lock{mutex_};
        calls_.clear();
    }
    note(what);
}

void Recorder::end_operation(const std::string& how) {
    note("    = " + how);
}

bool Recorder::is_cancelled() const {
    const unsigned from = cancel_from_;
    return from != 0 && counter_ >= from;
}

std::vector<HostCall> Recorder::calls() {
    const std::scoped_lock lock{mutex_};
    return calls_;
}

std::size_t Recorder::enter(std::string service, std::vector<std::string> texts) {
    if (block_ != nullptr) {
        ++block_->services();
    }
    HostCall call;
    call.number = ++counter_;
    call.service = std::move(service);
    call.words = words_of(texts);
    call.texts = std::move(texts);
    if (fault_.kind == Fault::Kind::die_before && fault_.call == call.number) {
        die(call, "before");
    }
    const std::scoped_lock lock{mutex_};
    calls_.push_back(std::move(call));
    return calls_.size() - 1;
}

Fault Recorder::fault_of(std::size_t index) {
    const std::scoped_lock lock{mutex_};
    if (fault_.call != calls_[index].number || fault_.kind == Fault::Kind::die_after) {
        return {};
    }
    struck_ = struck_ || fault_.kind != Fault::Kind::none;
    return fault_;
}

void Recorder::leave(std::size_t index, const std::string& result) {
    HostCall call;
    {
        const std::scoped_lock lock{mutex_};
        calls_[index].result = result;
        call = calls_[index];
    }
    if (fault_.kind == Fault::Kind::die_after && fault_.call == call.number) {
        die(call, "after");
    }
    note(fmt::format("  {:>3} {} {} -> {}", call.number, call.service, call.words, call.result));
    if (block_ != nullptr) {
        --block_->services();
    }
}

void Recorder::die(const HostCall& call, std::string_view when) {
    note(fmt::format(
        "  {:>3} {} {} -- killed right {} it", call.number, call.service, call.words, when));
    for (;;) {
        ::kill(::getpid(), SIGKILL);
    }
}

void Recorder::note(const std::string& line) {
    if (block_ != nullptr) {
        block_->add_trace(line);
    }
}

}  // namespace brig::conformance
