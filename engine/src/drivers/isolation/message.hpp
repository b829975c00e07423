// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace brig::isolation {

/// What arrived cannot be understood: the other side is broken.
class BadMessage : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Writes one message: its kind, and values one after the other, without names. Both sides are of
/// one version and on one machine, so numbers are as the machine has them.
class MessageWriter {
  public:
    explicit MessageWriter(std::int64_t kind) { number(kind); }

    MessageWriter& number(std::int64_t number);

    /// A C text, or nullptr.
    MessageWriter& text(const char* text);
    MessageWriter& bytes(std::string_view bytes);
    MessageWriter& value(const brig_value& value);
    MessageWriter& map(const brig_map& map);

    /// Valid as long as this object is.
    [[nodiscard]] const std::string& message() const noexcept { return message_; }

  private:
    std::string message_;
};

/// A map that was read, in its C form.
class MapStorage {
  public:
    [[nodiscard]] brig_map view() const noexcept { return {rows_.data(), rows_.size()}; }

  private:
    friend class MessageReader;
    std::vector<brig_kv> rows_;
    std::deque<std::vector<const char*>> lists_;
};

/// Reads a message, from a side that may be broken: every function throws BadMessage where what is
/// asked for is not there. Texts are those of the message itself, which must outlive them.
class MessageReader {
  public:
    explicit MessageReader(const std::string& message) : rest_{message}, kind_{number()} {}

    [[nodiscard]] std::int64_t kind() const noexcept { return kind_; }

    std::int64_t number();

    /// A number that is one of 0 to `most`.
    std::int64_t number_up_to(std::int64_t most);

    /// May be nullptr.
    const char* text();

    /// Is not.
    const char* required_text();
    std::string_view bytes();
    brig_value value(std::vector<const char*>& list);
    void map(MapStorage& storage);

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    /// Nothing may be left.
    void end() const;

  private:
    std::string_view take(std::size_t size);

    std::string_view rest_;
    std::int64_t kind_;
};

}  // namespace brig::isolation
