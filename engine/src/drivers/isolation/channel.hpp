// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace brig::isolation {

/// The other side is gone.
class PeerGone : public std::runtime_error {
  public:
    PeerGone() : std::runtime_error{"the other process is gone"} {}
};

/// One end of a socket pair, over which whole messages go, each after its length, and descriptors
/// beside them. One thread may send while another receives.
class Channel {
  public:
    /// Returns when poll(2) says that `events` are there, or throws. Without one, waits for ever.
    using Wait = std::function<void(short events)>;

    explicit Channel(UniqueFd socket, Wait wait = {});

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

    /// @param descriptors borrowed; the receiver gets copies
    /// @throws PeerGone, Error{system}
    void send(const std::string& message, const std::vector<int>& descriptors = {});

    /// The next message; nothing when the other side is gone.
    /// @throws BadMessage, Error{system}
    [[nodiscard]] std::optional<std::string> receive();

    /// The descriptor that arrived first of those that were not taken yet.
    /// @throws BadMessage when there is none
    [[nodiscard]] UniqueFd take_descriptor();

    /// Closes those that nobody has taken.
    void drop_descriptors() noexcept { descriptors_.clear(); }

  private:
    void wait(short events) const;
    [[nodiscard]] bool read_some();
    [[nodiscard]] std::size_t write_some(const char* bytes,
                                         std::size_t size,
                                         const std::vector<int>& descriptors);
    [[nodiscard]] std::optional<std::string> take_message();

    UniqueFd socket_;
    Wait wait_;
    std::string received_;
    std::deque<UniqueFd> descriptors_;
};

}  // namespace brig::isolation
