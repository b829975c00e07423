// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/message.hpp"
#include "host/linux/protocol.hpp"
#include "support/unique_resource.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace brig::host_linux {

/// The engine's side of a conversation with a jail's init.
class ControlClient {
  public:
    /// Connects to the jail whose run folder is `folder`; nothing when none lives there.
    [[nodiscard]] static std::optional<ControlClient> connect(const std::filesystem::path& folder);

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

    /// The pid of the jail's init, as the kernel knows it: it is init that listens.
    [[nodiscard]] pid_t init_pid() const;

    void send(const std::string& frame, std::span<const int> fds = {}) const;

    struct Reply {
        FrameType type = FrameType::answer;
        std::string payload;
        UniqueFd fd;        ///< the first one that came with it
        pid_t sender = -1;  ///< from SCM_CREDENTIALS, for `started`
    };

    /// The next frame; nothing when init is gone.
    /// @throws Error{conflict} when init speaks another version of the protocol.
    [[nodiscard]] std::optional<Reply> receive() const;

    /// Sends a frame and waits for the answer. @throws Error{not_found} when init is gone.
    [[nodiscard]] Reply ask(const std::string& frame) const;

  private:
    explicit ControlClient(UniqueFd socket) : socket_{std::move(socket)} {}

    UniqueFd socket_;
};

/// The address of the control socket, through a descriptor of its folder: a path may be longer
/// than sun_path.
struct ControlAddress {
    UniqueFd folder;
    std::string path;  ///< valid while `folder` is open
};

/// Nothing when there is no such folder.
[[nodiscard]] std::optional<ControlAddress> control_address(const std::filesystem::path& folder);

/// A Unix stream socket that is bound to the control socket's name in `folder`; init will listen.
/// @throws Error{already_exists} when a jail lives there.
[[nodiscard]] UniqueFd bind_control_socket(const std::filesystem::path& folder);

}  // namespace brig::host_linux
