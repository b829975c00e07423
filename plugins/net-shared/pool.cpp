// SPDX-License-Identifier: BSD-2-Clause
#include "pool.hpp"

#include "system.hpp"

#include <algorithm>

namespace brig::net {

namespace {

using sdk::Error;

Subnet read_subnet(const PoolOptions& options) {
    const auto prefix = parse_prefix(options.subnet);
    if (!prefix || prefix->address.is_ip6 != options.is_ip6) {
        refuse("'" + options.subnet_option + "': '" + options.subnet + "' is no "
               + (options.is_ip6 ? "IPv6" : "IPv4") + " network");
    }
    const Subnet subnet{*prefix};
    if (subnet.first() != prefix->address) {
        refuse(
            "'" + options.subnet_option + "': '" + options.subnet + "' is an address in a network",
            "the network is " + subnet.to_string());
    }
    return subnet;
}

AddressRange require_range(const std::string& option, const std::string& text) {
    const auto range = parse_address_range(text);
    if (!range) {
        refuse("'" + option + "': '" + text + "' is no range of addresses",
               "write FIRST-LAST, NETWORK/LENGTH or one address");
    }
    return *range;
}

/// What is wrong with an address that a container asks for.
std::string problem_with(const std::string& text, const Subnet& subnet) {
    const auto wanted = parse_ip(text);
    if (!wanted) {
        return "is no address";
    }
    if (!subnet.contains(*wanted)) {
        return "is not in " + subnet.to_string();
    }
    return subnet.is_host(*wanted) ? "" : "is no address of a host in " + subnet.to_string();
}

/// No two networks of an engine give one address.
constexpr const char* kScope = "ip ";

}  // namespace

std::optional<AddressRange> parse_address_range(std::string_view text) {
    if (const auto prefix = parse_prefix(text)) {
        const Subnet subnet{*prefix};
        return AddressRange{subnet.first(), subnet.last()};
    }
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto first = parse_ip(text.substr(0, dash));
    const auto last = dash == text.size() ? first : parse_ip(text.substr(dash + 1));
    if (!first || !last || first->is_ip6 != last->is_ip6 || *last < *first) {
        return std::nullopt;
    }
    return AddressRange{*first, *last};
}

std::vector<AddressRange> without(const std::vector<AddressRange>& ranges,
                                  const AddressRange& hole) {
    std::vector<AddressRange> left;
    for (const AddressRange& range : ranges) {
        if (hole.first.is_ip6 != range.first.is_ip6 || hole.last < range.first
            || range.last < hole.first) {
            left.push_back(range);
            continue;
        }
        if (range.first < hole.first) {
            left.push_back({range.first, before(hole.first)});
        }
        if (hole.last < range.last) {
            left.push_back({after(hole.last), range.last});
        }
    }
    return left;
}

Pool Pool::without(const std::vector<IpAddress>& addresses) const {
    Pool pool = *this;
    for (const IpAddress& address : addresses) {
        pool.ranges = net::without(pool.ranges, {address, address});
    }
    return pool;
}

std::string Pool::to_string() const {
    std::string text;
    for (const AddressRange& range : ranges) {
        text += text.empty() ? "" : ",";
        text += range.first.to_string() + "-" + range.last.to_string();
    }
    return text;
}

Pool read_pool(const PoolOptions& options) {
    Pool pool{read_subnet(options), {}};
    const Subnet& subnet = pool.subnet;
    AddressRange range{subnet.first_host(), subnet.last_host()};
    if (!options.range.empty()) {
        const AddressRange asked = require_range(options.range_option, options.range);
        if (!subnet.contains(asked.first) || !subnet.contains(asked.last)) {
            refuse("'" + options.range_option + "': '" + options.range + "' is not within "
                   + subnet.to_string());
        }
        range = {std::max(asked.first, range.first), std::min(asked.last, range.last)};
    }
    if (range.first <= range.last) {
        pool.ranges = {range};
    }
    for (const std::string& text : options.exclude) {
        pool.ranges = without(pool.ranges, require_range("exclude", text));
    }
    if (pool.ranges.empty()) {
        refuse("no address of " + subnet.to_string() + " is left for containers",
               "make '" + options.range_option + "' larger, or exclude less");
    }
    return pool;
}

namespace {

[[noreturn]] void throw_exhausted(const Pool& pool, const LeaseRequest& request) {
    throw Error{BRIG_EXHAUSTED,
                "no address is left in " + pool.subnet.to_string(),
                "remove containers that are not needed, or give network '" + request.network
                    + "' a larger one; brig network leases " + request.network
                    + " shows who has them"};
}

}  // namespace

IpAddress lease_address(const sdk::Call& call, const Pool& pool, const LeaseRequest& request) {
    const std::string& wanted = request.wanted;
    if (const std::string problem = problem_with(wanted, pool.subnet);
        !wanted.empty() && !problem.empty()) {
        refuse("'" + request.option + "': " + wanted + " " + problem);
    }
    const std::string range =
        wanted.empty() ? pool.without(request.avoided).to_string() : pool.subnet.to_string();
    if (range.empty()) {
        throw_exhausted(pool, request);
    }
    try {
        return parse_ip(call.lease(kScope + range, pool.subnet.is_ip6() ? "ip6" : "ip4", wanted))
            .value();
    } catch (const Error& error) {
        if (error.status() == BRIG_CONFLICT) {
            throw Error{BRIG_CONFLICT,
                        "address " + wanted + " is another container's",
                        "brig network leases " + request.network + " shows whose"};
        }
        if (error.status() == BRIG_EXHAUSTED) {
            throw_exhausted(pool, request);
        }
        throw;
    }
}

}  // namespace brig::net
