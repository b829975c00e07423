// SPDX-License-Identifier: BSD-2-Clause
#include "run/run_dir.hpp"

#include "support/check.hpp"
#include "support/file_lock.hpp"
#include "support/remove_tree.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

namespace brig {

using namespace std::chrono_literals;

namespace {

/// True when the folder is there now because of us. Otherwise errno says why: it was there already
/// (EEXIST), or the one that it is to be in is not (ENOENT).
bool make_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) == 0) {
        return true;
    }
    if (errno != EEXIST && errno != ENOENT) {
        throw_system_error(errno, fmt::format("make folder {}", folder.native()));
    }
    return false;
}

}  // namespace

std::filesystem::path RunDir::folder(const std::string& id) const {
    return path_ / "containers" / id;
}

std::filesystem::path RunDir::ledger_file(const std::string& id) const {
    return folder(id) / "ledger";
}

void RunDir::make_folders() const {
    std::error_code failure;
    std::filesystem::create_directories(path_, failure);
    if (failure) {
        throw Error{ErrorCode::system,
                    fmt::format("make run directory {}: {}", path_.native(), failure.message()),
                    failure}
            .with_hint("choose another with --run DIR");
    }
    // Sockets and ledgers of containers are nobody else's business.
    check(::chmod(path_.c_str(), 0700), "restrict {}", path_.native());
    make_folder(path_ / "containers");
    make_folder(path_ / "names");
}

bool RunDir::make_folder_of(const std::string& id) const {
    if (make_folder(folder(id))) {
        return true;
    }
    if (errno == EEXIST) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' is running", id)}.with_hint(
            "stop it first: brig stop " + id);
    }
    make_folders();
    return false;
}

Ledger RunDir::open(const std::string& id) const {
    // A sweep for abandoned containers may take a folder away between its making and the locking of
    // its ledger: then it is made again.
    for (int attempt = 0; attempt < 100; ++attempt) {
        std::optional<Ledger> ledger =
            make_folder_of(id) ? Ledger::create(ledger_file(id)) : std::nullopt;
        if (ledger && !ledger->is_unlinked()) {
            return std::move(*ledger);
        }
    }
    throw Error{ErrorCode::internal, fmt::format("folder {} vanishes", folder(id).native())};
}

void RunDir::clear(const std::string& id, const Ledger& ledger) const {
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator{folder(id), failure}) {
        if (entry.path() != ledger.file()) {
            // What is left makes rmdir(2) fail when the folder is closed.
            remove_tree(entry.path());
        }
    }
}

Ledger RunDir::renew(const std::string& id,
                     const Ledger& spent,
                     const std::map<std::string, Facts>& notes) const {
    clear(id, spent);
    return Ledger::replace(spent.file(), notes);
}

void RunDir::close(const std::string& id, const Ledger& ledger) const {
    clear(id, ledger);
    // The ledger goes last: as long as it is there, recovery finds the folder.
    if (::unlink(ledger.file().c_str()) != 0 && errno != ENOENT) {
        throw_system_error(errno, fmt::format("remove {}", ledger.file().native()));
    }
    if (::rmdir(folder(id).c_str()) != 0 && errno != ENOENT) {
        throw_system_error(errno, fmt::format("remove folder {}", folder(id).native()));
    }
}

std::vector<std::string> RunDir::ids() const {
    std::vector<std::string> ids;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{path_ / "containers", none}) {
        ids.push_back(entry.path().filename().native());
    }
    return ids;
}

std::optional<Ledger> RunDir::take_over(const std::string& id, bool wait) const {
    constexpr auto kPause = 5ms;
    std::optional<Ledger> ledger = Ledger::open(ledger_file(id));
    for (auto left = wait ? 2'000ms : 0ms; !ledger && left > 0ms; left -= kPause) {
        const auto held = Ledger::peek(ledger_file(id));
        if (!held || !held->is_orphaned()) {
            break;
        }
        std::this_thread::sleep_for(kPause);
        ledger = Ledger::open(ledger_file(id));
    }
    if (!ledger && ::access(ledger_file(id).c_str(), F_OK) != 0 && errno == ENOENT) {
        ::rmdir(folder(id).c_str());
    }
    return ledger;
}

UniqueFd RunDir::lock(const std::string& id) const {
    return lock_folder(folder(id), LOCK_EX);
}

UniqueFd RunDir::lock_networks(NetworkUse use) const {
    const std::filesystem::path file = path_ / "networks.lock";
    UniqueFd fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (!fd && errno == ENOENT) {
        make_folders();
        return lock_networks(use);
    }
    check(fd.get(), "open {}", file.native());
    lock_file(fd.get(), use == NetworkUse::attach ? LOCK_SH : LOCK_EX, file);
    return fd;
}

bool RunDir::claim_name(const std::string& name, const std::string& id) const {
    const std::filesystem::path link = path_ / "names" / name;
    if (::symlink(id.c_str(), link.c_str()) == 0) {
        return true;
    }
    if (errno == ENOENT) {
        make_folders();
        return claim_name(name, id);
    }
    if (errno != EEXIST) {
        throw_system_error(errno, fmt::format("make link {}", link.native()));
    }
    return find_name(name) == id;
}

void RunDir::release_name(const std::string& name, const std::string& id) const {
    if (find_name(name) == id) {
        check(::unlink((path_ / "names" / name).c_str()), "release name '{}'", name);
    }
}

std::optional<std::string> RunDir::find_name(const std::string& name) const {
    std::array<char, 64> target{};
    const ssize_t length =
        ::readlink((path_ / "names" / name).c_str(), target.data(), target.size());
    if (length < 0) {
        return std::nullopt;
    }
    return std::string{target.data(), static_cast<std::size_t>(length)};
}

}  // namespace brig
