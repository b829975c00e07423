// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brig {

/// The values of a pool of leases: the host addresses of a network ("10.88.0.0/24"), or everything
/// from a first to a last address or number ("10.88.0.10-10.88.0.99", "5000-5999").
class LeaseRange {
  public:
    /// Nothing if `text` is none of these, or empty.
    [[nodiscard]] static std::optional<LeaseRange> parse(std::string_view text);

    /// How many values; very large networks are cut off.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// The value at `index` < size().
    [[nodiscard]] std::string at(std::uint64_t index) const;

    /// `value` in the spelling of at(), or nothing if it is not in the range.
    [[nodiscard]] std::optional<std::string> find(std::string_view value) const;

  private:
    LeaseRange(std::optional<IpAddress> address, std::uint64_t number, std::uint64_t size)
        : address_{address}, number_{number}, size_{size} {}

    std::optional<IpAddress> address_;  // the first one; nothing: a range of numbers
    std::uint64_t number_;              // the first one
    std::uint64_t size_;
};

/// Several ranges, one after the other: "10.88.0.2-10.88.0.9,10.88.0.11-10.88.0.254".
class LeasePool {
  public:
    /// Nothing if a part of `text` is no range.
    [[nodiscard]] static std::optional<LeasePool> parse(std::string_view text);

    [[nodiscard]] std::uint64_t size() const noexcept;

    /// The value at `index` < size().
    [[nodiscard]] std::string at(std::uint64_t index) const;

    /// `value` in the spelling of at(), or nothing if no range has it.
    [[nodiscard]] std::optional<std::string> find(std::string_view value) const;

  private:
    explicit LeasePool(std::vector<LeaseRange> ranges) : ranges_{std::move(ranges)} {}

    std::vector<LeaseRange> ranges_;
};

}  // namespace brig
