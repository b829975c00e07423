// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/brig.h"
#include "brig/engine.hpp"

#include <cstddef>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

struct brig_engine {
    brig::Engine engine;
};

namespace brig::c_api {

/// Fills in `error`, which may be nullptr, and returns its code.
brig_error_code fail(brig_error* error, brig_error_code code, const std::string& message) noexcept;

/// For the exception that is being handled.
brig_error_code fail_with_current_exception(brig_error* error) noexcept;

/// Does `work`. No exception of it gets past here.
template <typename Work>
brig_error_code guarded(brig_error* error, const Work& work) noexcept {
    try {
        work();
        return fail(error, BRIG_E_NONE, "");
    } catch (...) {
        return fail_with_current_exception(error);
    }
}

/// The same where something must be given: an engine, a place for a result.
template <typename Work, typename... Pointers>
brig_error_code guarded_with(brig_error* error,
                             const Work& work,
                             const Pointers*... given) noexcept {
    if (!((given != nullptr) && ...)) {
        return fail(error, BRIG_E_MISUSE, "NULL was passed for what must be given");
    }
    return guarded(error, work);
}

/// A structure of a caller that was compiled with an older or a newer header: what he does not
/// know is zero, and what we do not know is left out. @throws Error{invalid_config}
template <typename Options>
Options options_from(const Options* given, const char* what) {
    if (given == nullptr || given->size < sizeof given->size) {
        throw Error{ErrorCode::invalid_config,
                    std::string{"no "} + what + " was passed, or one without its size"};
    }
    Options options{};
    std::memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    return options;
}

/// "" for nullptr.
[[nodiscard]] inline std::string text_of(const char* text) {
    return text == nullptr ? std::string{} : std::string{text};
}

[[nodiscard]] std::vector<std::string> texts_of(const char* const* list);

/// Into the BRIG_ID_SIZE bytes at `out`, unless that is nullptr.
void copy_id(const std::string& id, char* out) noexcept;

/// Texts as C has them, which live as long as this and the vector that it was made of do.
class TextList {
  public:
    TextList() = default;
    explicit TextList(const std::vector<std::string>& texts);

    [[nodiscard]] const char* const* get() const noexcept { return pointers_.data(); }

  private:
    std::vector<const char*> pointers_{nullptr};
};

[[nodiscard]] std::int64_t milliseconds_of(std::chrono::system_clock::time_point time) noexcept;

/// The element, or nullptr beyond the end.
template <typename List>
auto at(const List* list, std::size_t index) noexcept -> decltype(list->rows.data()) {
    return list != nullptr && index < list->rows.size() ? &list->rows[index] : nullptr;
}

}  // namespace brig::c_api
