// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/message.hpp"

#include <cstring>
#include <utility>

namespace brig::isolation {

namespace {

constexpr std::int64_t kNull = -1;
constexpr std::int64_t kMostRows = 100'000;

}  // namespace

MessageWriter& MessageWriter::number(std::int64_t number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    message_.append(raw, sizeof raw);
    return *this;
}

MessageWriter& MessageWriter::bytes(std::string_view bytes) {
    number(static_cast<std::int64_t>(bytes.size()));
    message_.append(bytes);
    message_.push_back('\0');  // so that the reader has a C text where it stands
    return *this;
}

MessageWriter& MessageWriter::text(const char* text) {
    return text == nullptr ? number(kNull) : bytes(text);
}

MessageWriter& MessageWriter::value(const brig_value& value) {
    number(value.type).number(value.i).text(value.s);
    const bool has_list = value.list != nullptr;
    number(has_list ? std::int64_t{value.count} : kNull).number(value.count);
    for (std::uint32_t i = 0; has_list && i < value.count; ++i) {
        text(value.list[i]);
    }
    return *this;
}

MessageWriter& MessageWriter::map(const brig_map& map) {
    number(static_cast<std::int64_t>(map.n));
    for (std::size_t i = 0; i < map.n; ++i) {
        text(map.v[i].key).value(map.v[i].val);
    }
    return *this;
}

std::string_view MessageReader::take(std::size_t size) {
    if (size > rest_.size()) {
        throw BadMessage{"a message ends too early"};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::int64_t MessageReader::number() {
    std::int64_t number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
}

std::int64_t MessageReader::number_up_to(std::int64_t most) {
    const std::int64_t read = number();
    if (read < 0 || read > most) {
        throw BadMessage{"a message has a number out of bounds"};
    }
    return read;
}

std::string_view MessageReader::bytes() {
    const auto size =
        static_cast<std::size_t>(number_up_to(static_cast<std::int64_t>(rest_.size())));
    const std::string_view bytes = take(size);
    if (take(1) != std::string_view{"\0", 1}) {
        throw BadMessage{"a text in a message has no end"};
    }
    return bytes;
}

const char* MessageReader::text() {
    const std::string_view before = rest_;
    if (number() == kNull) {
        return nullptr;
    }
    rest_ = before;
    const std::string_view text = bytes();
    if (text.find('\0') != std::string_view::npos) {
        throw BadMessage{"a text in a message has two ends"};
    }
    return text.data();
}

const char* MessageReader::required_text() {
    const char* const read = text();
    if (read == nullptr) {
        throw BadMessage{"a message lacks a text"};
    }
    return read;
}

brig_value MessageReader::value(std::vector<const char*>& list) {
    brig_value value{};
    value.type = static_cast<std::uint32_t>(number_up_to(UINT32_MAX));
    value.i = number();
    value.s = text();
    const std::int64_t listed = number();
    value.count = static_cast<std::uint32_t>(number_up_to(UINT32_MAX));
    if (listed > kMostRows || (listed != kNull && listed != value.count)) {
        throw BadMessage{"a list in a message is too long"};
    }
    for (std::int64_t i = 0; i < listed; ++i) {
        list.push_back(text());
    }
    value.list = listed == kNull ? nullptr : list.data();
    return value;
}

void MessageReader::map(MapStorage& storage) {
    const std::int64_t rows = number_up_to(kMostRows);
    for (std::int64_t i = 0; i < rows; ++i) {
        brig_kv row{};
        row.key = required_text();
        row.val = value(storage.lists_.emplace_back());
        storage.rows_.push_back(row);
    }
}

void MessageReader::end() const {
    if (!rest_.empty()) {
        throw BadMessage{"a message is longer than what it says"};
    }
}

}  // namespace brig::isolation
