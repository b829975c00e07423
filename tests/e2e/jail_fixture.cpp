// SPDX-License-Identifier: BSD-2-Clause
#include "e2e/jail_fixture.hpp"

#include "support/check.hpp"
#include "support/pipe.hpp"
#include "support/remove_tree.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace brig {

namespace {

constexpr const char* kBusybox = "/bin/busybox";

std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "brig-jail-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw_system_error(errno, "make a temporary folder");
    }
    return name;
}

void make_root(const std::filesystem::path& root) {
    for (const char* directory : {"bin", "dev", "etc", "proc", "tmp", "root", "home"}) {
        std::filesystem::create_directories(root / directory);
    }
    std::filesystem::copy_file(kBusybox, root / "bin/busybox");
    for (const char* applet :
         {"sh",       "cat",   "echo",  "id",     "ls",     "mount",  "umount", "mknod",
          "hostname", "ps",    "kill",  "sleep",  "true",   "false",  "env",    "pwd",
          "ping",     "chmod", "touch", "grep",   "ip",     "chroot", "dmesg",  "date",
          "readlink", "head",  "tty",   "stat",   "wc",     "chattr", "su",     "unshare",
          "test",     "mkdir", "ipcs",  "printf", "reboot", "find",   "tr"}) {
        std::filesystem::create_symlink("busybox", root / "bin" / applet);
    }
    std::ofstream{root / "etc/passwd"} << "root:x:0:0:root:/root:/bin/sh\n"
                                          "user:x:1000:1000:user:/home:/bin/sh\n";
    std::ofstream{root / "etc/group"} << "root:x:0:\nuser:x:1000:\nextra:x:2000:user\n";
    ::chmod((root / "tmp").c_str(), 01777);
}

/// Reads both to their ends.
void collect(std::array<std::pair<int, std::string*>, 2> sources) {
    std::array<pollfd, 2> polls{};
    for (std::size_t i = 0; i < sources.size(); ++i) {
        polls.at(i) = {sources.at(i).first, POLLIN, 0};
    }
    for (int open = 2; open > 0;) {
        check(::poll(polls.data(), polls.size(), -1), "wait for output");
        for (std::size_t i = 0; i < sources.size(); ++i) {
            std::array<char, 4096> buffer{};
            if (polls.at(i).revents == 0) {
                continue;
            }
            const ssize_t size =
                check(::read(polls.at(i).fd, buffer.data(), buffer.size()), "read output");
            sources.at(i).second->append(buffer.data(), static_cast<std::size_t>(size));
            if (size == 0) {
                polls.at(i).fd = -1;
                --open;
            }
        }
    }
}

}  // namespace

void JailTest::SetUp() {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "making jails takes root";
    }
    if (!std::filesystem::exists(kBusybox)) {
        GTEST_SKIP() << "package busybox-static is not installed";
    }
    folder_ = make_folder();
    root_ = folder_ / "root";
    run_folder_ = folder_ / "run";
    std::filesystem::create_directory(run_folder_);
    make_root(root_);
    host_ = make_host(BRIG_TEST_LIBEXEC, Log{});
}

void JailTest::TearDown() {
    if (host_) {
        host_->remove_jail("test", run_folder_);
    }
    if (!folder_.empty()) {
        remove_tree(folder_);
    }
}

JailRequest JailTest::request(std::initializer_list<Setting> params) const {
    JailRequest result;
    result.name = "test";
    result.root = root_;
    result.folder = run_folder_;
    result.mounts = {Mount{"devfs", "", "/dev", {}}, Mount{"procfs", "", "/proc", {}}};
    const auto add = [&](const std::string& name, const std::string& value) {
        Param param;
        param.name = name;
        param.values = {value};
        result.params.push_back(param);
    };
    for (const auto& [name, value] : params) {
        add(name, value);
    }
    for (const char* name : {"ip4", "ip6"}) {
        if (find_param(result.params, name) == nullptr
            && find_param(result.params, "vnet") == nullptr) {
            add(name, "inherit");
        }
    }
    if (find_param(result.params, "host.hostname") == nullptr) {
        add("host.hostname", "test");
    }
    return result;
}

const Jail& JailTest::create(std::initializer_list<Setting> params) {
    jail_ = host_->create_jail(request(params));
    return jail_;
}

ProcessRequest JailTest::command(std::vector<std::string> argv) const {
    ProcessRequest result;
    result.argv = std::move(argv);
    result.environment = {"PATH=/bin"};
    return result;
}

Outcome JailTest::run(std::vector<std::string> argv, const Credentials& user) {
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    ProcessRequest process = command(std::move(argv));
    process.credentials = user;
    process.stdio.out = out.write.get();
    process.stdio.err = err.write.get();
    Outcome outcome;
    const auto running = host_->spawn(jail_, process);
    out.write.reset();
    err.write.reset();
    collect({{{out.read.get(), &outcome.out}, {err.read.get(), &outcome.err}}});
    outcome.status = running->wait();
    return outcome;
}

Outcome JailTest::shell(const std::string& script, const Credentials& user) {
    return run({"sh", "-c", script}, user);
}

}  // namespace brig
