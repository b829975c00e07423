// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/lease_range.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <charconv>

namespace brig {

namespace {

constexpr std::uint64_t kLargest = std::uint64_t{1} << 32U;
constexpr unsigned kByte = 8;

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

IpAddress add(IpAddress address, std::uint64_t offset) {
    for (std::size_t i = address.size(); i-- > 0 && offset != 0;) {
        offset += address.bytes.at(i);
        address.bytes.at(i) = static_cast<std::uint8_t>(offset);
        offset >>= kByte;
    }
    return address;
}

/// How far `to` lies behind `from`, at most kLargest; nothing if before it or of another family.
std::optional<std::uint64_t> distance(const IpAddress& from, const IpAddress& to) {
    if (from.is_ip6 != to.is_ip6 || to.bytes < from.bytes) {
        return std::nullopt;
    }
    // Schoolbook subtraction; once the leading digits differ by much, the rest does not matter.
    std::int64_t difference = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        difference = (difference << kByte) + to.bytes.at(i) - from.bytes.at(i);
        if (difference > static_cast<std::int64_t>(kLargest)) {
            return kLargest;
        }
    }
    return static_cast<std::uint64_t>(difference);
}

/// The first address of the network with its host bits zero.
IpAddress masked(const IpNetwork& network) {
    IpAddress first = network.address;
    for (unsigned bit = network.prefix; bit < first.size() * kByte; ++bit) {
        first.bytes.at(bit / kByte) &= static_cast<std::uint8_t>(~(0x80U >> (bit % kByte)));
    }
    return first;
}

}  // namespace

std::optional<LeaseRange> LeaseRange::parse(std::string_view text) {
    if (const auto network = parse_ip_network(text)) {
        const auto bits = static_cast<unsigned>(network->address.size() * kByte - network->prefix);
        const std::uint64_t all = bits >= 32 ? kLargest : std::uint64_t{1} << bits;
        // The first address means the network itself, and with IPv4 the last one is for broadcasts;
        // networks of one or two addresses have neither (RFC 3021).
        const bool small = bits < 2;
        const std::uint64_t reserved = network->address.is_ip6 ? 1 : 2;
        return LeaseRange{add(masked(*network), small ? 0 : 1), 0, small ? all : all - reserved};
    }
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view first = text.substr(0, dash);
    const std::string_view last = text.substr(dash + 1);
    const auto first_number = parse_number(first);
    const auto last_number = parse_number(last);
    if (first_number && last_number && *first_number <= *last_number) {
        return LeaseRange{
            std::nullopt, *first_number, std::min(kLargest, *last_number - *first_number + 1)};
    }
    const auto first_address = parse_ip_address(first);
    const auto last_address = parse_ip_address(last);
    const auto span =
        first_address && last_address ? distance(*first_address, *last_address) : std::nullopt;
    if (!span) {
        return std::nullopt;
    }
    return LeaseRange{first_address, 0, std::min(kLargest, *span + 1)};
}

std::string LeaseRange::at(std::uint64_t index) const {
    return address_ ? add(*address_, index).to_string() : std::to_string(number_ + index);
}

std::optional<std::string> LeaseRange::find(std::string_view value) const {
    std::optional<std::uint64_t> index;
    if (address_) {
        const auto address = parse_ip_address(value);
        index = address ? distance(*address_, *address) : std::nullopt;
    } else if (const auto number = parse_number(value); number && *number >= number_) {
        index = *number - number_;
    }
    return index && *index < size_ ? std::optional{at(*index)} : std::nullopt;
}

std::optional<LeasePool> LeasePool::parse(std::string_view text) {
    std::vector<LeaseRange> ranges;
    for (const std::string& part : split(text, ',')) {
        const auto range = LeaseRange::parse(part);
        if (!range) {
            return std::nullopt;
        }
        ranges.push_back(*range);
    }
    return LeasePool{std::move(ranges)};
}

std::uint64_t LeasePool::size() const noexcept {
    std::uint64_t size = 0;
    for (const LeaseRange& range : ranges_) {
        size += range.size();
    }
    return size;
}

std::string LeasePool::at(std::uint64_t index) const {
    const LeaseRange* range = ranges_.data();
    for (; index >= range->size(); ++range) {
        index -= range->size();
    }
    return range->at(index);
}

std::optional<std::string> LeasePool::find(std::string_view value) const {
    for (const LeaseRange& range : ranges_) {
        if (auto found = range.find(value)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace brig
