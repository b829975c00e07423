// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/barrier.hpp"

#include <algorithm>
#include <new>
#include <string_view>

namespace brig::c_api {

namespace {

constexpr std::string_view kCut = "…";

/// A place of `size` bytes; a text that does not fit is cut between two characters.
void copy_text(std::string_view text, char* out, std::size_t size) noexcept {
    std::size_t length = text.size();
    if (length >= size) {
        length = size - 1 - kCut.size();
        while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
            --length;
        }
    }
    char* end = std::copy_n(text.data(), length, out);
    if (length < text.size()) {
        end = std::copy(kCut.begin(), kCut.end(), end);
    }
    *end = '\0';
}

static_assert(static_cast<int>(ErrorCode::invalid_config) + 1 == BRIG_E_INVALID_CONFIG);
static_assert(static_cast<int>(ErrorCode::unsupported) + 1 == BRIG_E_UNSUPPORTED);
static_assert(static_cast<int>(ErrorCode::internal) + 1 == BRIG_E_INTERNAL);

brig_error_code fail_with(brig_error* error, const Error& failure) {
    const auto code = static_cast<brig_error_code>(failure.code()) + 1;
    fail(error, code, full_message(failure));
    if (error != nullptr) {
        error->cause = failure.cause().value();
        copy_text(failure.hint(), error->hint, sizeof error->hint);
    }
    return code;
}

}  // namespace

brig_error_code fail(brig_error* error, brig_error_code code, const std::string& message) noexcept {
    if (error != nullptr) {
        error->code = code;
        error->cause = 0;
        error->hint[0] = '\0';
        copy_text(message, error->message, sizeof error->message);
    }
    return code;
}

brig_error_code fail_with_current_exception(brig_error* error) noexcept {
    try {
        throw;
    } catch (const Error& failure) {
        try {
            return fail_with(error, failure);
        } catch (const std::exception&) {
            return fail(error, BRIG_E_NO_MEMORY, "");
        }
    } catch (const std::bad_alloc&) {
        return fail(error, BRIG_E_NO_MEMORY, "");
    } catch (const std::exception& failure) {
        return fail(error, BRIG_E_INTERNAL, failure.what());
    } catch (...) {
        return fail(error, BRIG_E_INTERNAL, "");
    }
}

std::vector<std::string> texts_of(const char* const* list) {
    std::vector<std::string> texts;
    for (; list != nullptr && *list != nullptr; ++list) {
        texts.emplace_back(*list);
    }
    return texts;
}

void copy_id(const std::string& id, char* out) noexcept {
    if (out != nullptr) {
        copy_text(id, out, BRIG_ID_SIZE);
    }
}

TextList::TextList(const std::vector<std::string>& texts) {
    pointers_.clear();
    pointers_.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        pointers_.push_back(text.c_str());
    }
    pointers_.push_back(nullptr);
}

std::int64_t milliseconds_of(std::chrono::system_clock::time_point time) noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace brig::c_api

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

const char* brig_error_name(brig_error_code code) {
    switch (code) {
        case BRIG_E_NONE:
            return "none";
        case BRIG_E_MISUSE:
            return "misuse";
        case BRIG_E_NO_MEMORY:
            return "no_memory";
        default:
            break;
    }
    const bool known = code >= BRIG_E_INVALID_CONFIG && code <= BRIG_E_INTERNAL;
    return known ? to_string(static_cast<ErrorCode>(code - 1)).data() : "unknown";
}
