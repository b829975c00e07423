// SPDX-License-Identifier: BSD-2-Clause
#include "freebsd_interfaces.hpp"
#include "wire.hpp"

#include <sys/types.h>
// Needs what is above.
#include <fcntl.h>
#include <net/bpf.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace brig::net {

namespace {

void filter_answers(int device) {
    std::vector<bpf_insn> lines;
    for (const FilterLine& line : kAnswersOnly) {
        lines.push_back({line.code, line.if_true, line.if_false, line.number});
    }
    bpf_program program{static_cast<unsigned>(lines.size()), lines.data()};
    check(::ioctl(device, BIOCSETF, &program), "filter packets");
}

/// What is read comes at once, is not what this one sends, and has the link's headers.
void listen_on(int device, const std::string& interface) {
    unsigned on = 1;
    unsigned off = 0;
    check(::ioctl(device, BIOCIMMEDIATE, &on), "set up bpf(4)");
    check(::ioctl(device, BIOCSSEESENT, &off), "set up bpf(4)");
    check(::ioctl(device, BIOCSHDRCMPLT, &on), "set up bpf(4)");
    ifreq request{};
    ::strlcpy(request.ifr_name, interface.c_str(), sizeof request.ifr_name);
    check(::ioctl(device, BIOCSETIF, &request), "listen on interface '", interface, "'");
}

}  // namespace

std::optional<Wire> Wire::open(const std::string& interface) {
    const auto found = find_interface(interface);
    if (!found || found->mac == MacAddress{}) {
        return std::nullopt;
    }
    UniqueFd device{check(::open("/dev/bpf", O_RDWR | O_CLOEXEC | O_NONBLOCK), "open '/dev/bpf'")};
    filter_answers(device.get());
    listen_on(device.get(), interface);
    unsigned type = 0;
    unsigned size = 0;
    check(::ioctl(device.get(), BIOCGDLT, &type), "look at interface '", interface, "'");
    check(::ioctl(device.get(), BIOCGBLEN, &size), "look at interface '", interface, "'");
    if (type != DLT_EN10MB) {
        return std::nullopt;
    }
    Wire wire{std::move(device), found->mac};
    wire.buffer_size_ = size;
    return wire;
}

void Wire::fill() {
    Frame buffer(buffer_size_);
    const ssize_t length = ::read(socket_.get(), buffer.data(), buffer.size());
    // Several packets, each behind a header of its own.
    for (std::size_t at = 0;
         length > 0 && at + sizeof(bpf_hdr) <= static_cast<std::size_t>(length);) {
        bpf_hdr header{};
        std::memcpy(&header, &buffer[at], sizeof header);
        const std::size_t begin = at + header.bh_hdrlen;
        const std::size_t end = begin + header.bh_caplen;
        if (end > static_cast<std::size_t>(length)) {
            break;
        }
        received_.emplace_back(buffer.begin() + static_cast<std::ptrdiff_t>(begin),
                               buffer.begin() + static_cast<std::ptrdiff_t>(end));
        at += BPF_WORDALIGN(header.bh_hdrlen + header.bh_caplen);
    }
}

}  // namespace brig::net
