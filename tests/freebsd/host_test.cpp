// SPDX-License-Identifier: BSD-2-Clause
// The FreeBSD host against a real kernel: jails, mounts and processes. Root only.
#include "host/host.hpp"

#include "brig/error.hpp"
#include "support/remove_tree.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

namespace brig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "brigtest0a";

/// A container of the host's own root: every program is there.
class FreebsdHostTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root";
        }
    }

    void TearDown() override {
        if (::geteuid() == 0) {
            host_->remove_jail(kName, {});
        }
    }

    Jail create(ParamList params = {}, const fs::path& root = "/") {
        JailRequest request;
        request.name = kName;
        request.root = root;
        request.params = std::move(params);
        return host_->create_jail(request);
    }

    static Param param(std::string name, ParamType type, std::vector<std::string> values) {
        return Param{std::move(name), type, ParamPerformer::kernel, std::move(values), {}};
    }

    static ProcessRequest shell(const std::string& script) {
        ProcessRequest request;
        request.argv = {"sh", "-c", script};
        request.environment = {"PATH=/sbin:/bin:/usr/sbin:/usr/bin"};
        return request;
    }

    /// What a command in `jail` prints.
    std::string output_of(const Jail& jail, ProcessRequest request) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        const UniqueFd reading{ends[0]};
        UniqueFd writing{ends[1]};
        request.stdio.out = writing.get();
        const std::unique_ptr<Process> process = host_->spawn(jail, request);
        writing.reset();
        std::string text;
        std::array<char, 4096> buffer{};
        for (ssize_t n = 0; (n = ::read(reading.get(), buffer.data(), buffer.size())) > 0;) {
            text.append(buffer.data(), static_cast<std::size_t>(n));
        }
        EXPECT_EQ(process->wait(), (ExitStatus{0, 0}));
        return text;
    }

    template <typename Action>
    static Error error_of(Action&& action) {
        try {
            action();
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was thrown";
        return Error{ErrorCode::internal, ""};
    }

    std::unique_ptr<Host> host_ = make_host({}, Log{});
};

bool is_mounted(const fs::path& path) {
    struct statfs status {};
    return ::statfs(path.c_str(), &status) == 0 && path == status.f_mntonname;
}

TEST_F(FreebsdHostTest, KnowsItsPlatform) {
    EXPECT_EQ(host_->facts().platform, "freebsd");
    EXPECT_NE(host_->facts().release.find('.'), std::string::npos);
    EXPECT_EQ(host_->facts().boot_id.size(), 32U);
    EXPECT_EQ(host_->facts().boot_id, make_host({}, Log{})->facts().boot_id);
}

TEST_F(FreebsdHostTest, MayCreateJailsAsRoot) {
    EXPECT_NO_THROW(host_->require_privilege());
}

TEST_F(FreebsdHostTest, ReadsTheCatalogueFromTheKernel) {
    const std::vector<ParamInfo> params = host_->catalogue().rows();
    const auto row = [&](const std::string& name) {
        const auto found = std::find_if(
            params.begin(), params.end(), [&](const ParamInfo& p) { return p.name == name; });
        return found == params.end() ? ParamInfo{} : *found;
    };
    EXPECT_EQ(row("allow.raw_sockets").type, ParamType::boolean);
    EXPECT_EQ(row("allow.raw_sockets").summary, "Jail may create raw sockets");
    EXPECT_EQ(row("allow.mount").type, ParamType::boolean);
    EXPECT_EQ(row("allow.mount.nullfs").type, ParamType::boolean);
    EXPECT_EQ(row("ip4").type, ParamType::jailsys);
    EXPECT_EQ(row("ip4").access, ParamAccess::create_only);
    EXPECT_EQ(row("ip4.addr").type, ParamType::ip4_list);
    EXPECT_EQ(row("ip6.addr").type, ParamType::ip6_list);
    EXPECT_EQ(row("host.hostname").max_length, 256U);
    EXPECT_EQ(row("host.hostid").type, ParamType::ulong);
    EXPECT_EQ(row("children.cur").access, ParamAccess::read_only);
    EXPECT_EQ(row("children.max").type, ParamType::integer);
}

TEST_F(FreebsdHostTest, CreatesFindsAndRemovesAJail) {
    EXPECT_FALSE(host_->find_jail(kName, {}));
    const Jail jail = create();
    const std::optional<Jail> found = host_->find_jail(kName, "/run/x");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, jail.id);
    EXPECT_EQ(found->root, "/");
    EXPECT_EQ(found->folder, "/run/x");
    host_->remove_jail(kName, {});
    EXPECT_FALSE(host_->find_jail(kName, {}));
    EXPECT_NO_THROW(host_->remove_jail(kName, {}));
}

TEST_F(FreebsdHostTest, SetsAndReadsParameters) {
    const Jail jail = create({param("host.hostname", ParamType::string, {"a.test"}),
                              param("allow.raw_sockets", ParamType::boolean, {"true"}),
                              param("allow.set_hostname", ParamType::boolean, {"false"}),
                              param("children.max", ParamType::integer, {"3"}),
                              param("ip4.addr", ParamType::ip4_list, {"127.0.1.1", "127.0.1.2"}),
                              param("sysvshm", ParamType::jailsys, {"new"})});
    const ParamList params = host_->jail_params(jail);
    const auto values = [&](const char* name) {
        const Param* found = find_param(params, name);
        return found == nullptr ? std::vector<std::string>{"missing"} : found->values;
    };
    using Values = std::vector<std::string>;
    EXPECT_EQ(values("name"), Values{kName});
    EXPECT_EQ(values("jid"), Values{std::to_string(static_cast<int>(jail.id))});
    EXPECT_EQ(values("host.hostname"), Values{"a.test"});
    EXPECT_EQ(values("allow.raw_sockets"), Values{"true"});
    EXPECT_EQ(values("allow.set_hostname"), Values{"false"});
    EXPECT_EQ(values("children.max"), Values{"3"});
    EXPECT_EQ(values("ip4.addr"), (Values{"127.0.1.1", "127.0.1.2"}));
    EXPECT_EQ(values("ip6.addr"), Values{});
    EXPECT_EQ(values("sysvshm"), Values{"new"});
    EXPECT_EQ(values("persist"), Values{"true"});
}

TEST_F(FreebsdHostTest, KeepsTheKernelsTextAndErrno) {
    create();
    const Error twice = error_of([&] { create(); });
    EXPECT_EQ(twice.code(), ErrorCode::already_exists);
    EXPECT_EQ(twice.cause().value(), EEXIST);
    EXPECT_NE(full_message(twice).find("already exists"), std::string::npos) << full_message(twice);
    host_->remove_jail(kName, {});

    const Error unknown =
        error_of([&] { create({param("allow.nonsense", ParamType::boolean, {"true"})}); });
    EXPECT_EQ(unknown.code(), ErrorCode::invalid_config);
    EXPECT_NE(full_message(unknown).find("unknown parameter: allow.nonsense"), std::string::npos);

    const Error clash = error_of([&] {
        create({param("vnet", ParamType::jailsys, {"new"}),
                param("ip4.addr", ParamType::ip4_list, {"127.0.1.1"})});
    });
    EXPECT_NE(full_message(clash).find("vnet jails cannot have IP address restrictions"),
              std::string::npos);

    const Error path = error_of([&] { create({}, "/nonexistent"); });
    EXPECT_EQ(path.cause().value(), ENOENT);
    EXPECT_NE(full_message(path).find("/nonexistent"), std::string::npos);
}

TEST_F(FreebsdHostTest, RunsACommandInTheJail) {
    const Jail jail = create({param("host.hostname", ParamType::string, {"inside"})});
    EXPECT_EQ(output_of(jail, shell("hostname; sysctl -n security.jail.jailed; pwd")),
              "inside\n1\n/\n");
}

TEST_F(FreebsdHostTest, GivesTheCommandItsIdentityAndNothingElse) {
    const Jail jail = create();
    const UniqueFd directory{::open("/", O_RDONLY | O_DIRECTORY)};  // NOLINT: leaks on purpose
    ProcessRequest request = shell(
        "id -u; id -G; pwd; echo $HOME; logname;"
        "for fd in 3 4 5 6 7 8 9; do (: <&$fd) 2>/dev/null && echo descriptor $fd; done; true");
    request.environment.emplace_back("HOME=/root");
    request.credentials.user = "somebody";
    request.credentials.uid = 65534;
    request.credentials.gid = 65533;
    request.credentials.groups = {65533, 12345};
    request.workdir = "/tmp";
    EXPECT_EQ(output_of(jail, request), "65534\n65533 12345\n/tmp\n/root\nsomebody\n");
}

TEST_F(FreebsdHostTest, ReportsHowACommandEnds) {
    const Jail jail = create();
    const auto process = host_->spawn(jail, shell("exit 7"));
    EXPECT_EQ(process->wait(), (ExitStatus{7, 0}));
    EXPECT_EQ(process->wait(), (ExitStatus{7, 0}));

    const auto killed = host_->spawn(jail, shell("sleep 100"));
    killed->signal(SIGTERM);
    pollfd ended{killed->exit_fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 20000), 1);
    EXPECT_NE(ended.revents & POLLIN, 0);
    EXPECT_EQ(killed->wait(), (ExitStatus{0, SIGTERM}));
    EXPECT_NO_THROW(killed->signal(SIGTERM));
}

TEST_F(FreebsdHostTest, StartsTheCommandWithDefaultSignals) {
    const Jail jail = create();
    ASSERT_NE(std::signal(SIGPIPE, SIG_IGN), SIG_ERR);
    const auto process = host_->spawn(jail, shell("kill -PIPE $$; exit 3"));
    EXPECT_EQ(process->wait(), (ExitStatus{0, SIGPIPE}));
    ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);
}

TEST_F(FreebsdHostTest, TellsWhyACommandDoesNotStart) {
    const Jail jail = create();
    ProcessRequest request = shell("");
    request.argv = {"no-such-command"};
    EXPECT_EQ(error_of([&] { static_cast<void>(host_->spawn(jail, request)); }).code(),
              ErrorCode::command_not_found);
    request.argv = {"/etc/passwd"};
    EXPECT_EQ(error_of([&] { static_cast<void>(host_->spawn(jail, request)); }).code(),
              ErrorCode::command_not_executable);
    request.argv = {"true"};
    request.workdir = "/no/such/folder";
    const Error error = error_of([&] { static_cast<void>(host_->spawn(jail, request)); });
    EXPECT_NE(full_message(error).find("chdir '/no/such/folder'"), std::string::npos);
    EXPECT_FALSE(host_->has_processes(jail));
}

TEST_F(FreebsdHostTest, RunsHooksOnTheHost) {
    ProcessRequest request = shell("test \"$(sysctl -n security.jail.jailed)\" = 0");
    EXPECT_EQ(host_->spawn_on_host(request)->wait(), (ExitStatus{0, 0}));
}

/// A root with nothing but what login classes are read from.
class LoginClassTest : public FreebsdHostTest {
  protected:
    LoginClass class_of(const Credentials& user) {
        const Jail jail = create({}, root_.path());
        const auto found = host_->login_class(&jail, user);
        host_->remove_jail(kName, {});
        return found.value();
    }

    void write_conf(const std::string& text) {
        fs::create_directory(root_.path() / "etc");
        root_.write("etc/master.passwd", "worker:*:1234:1234:lab:0:0::/home:/bin/sh\n");
        root_.write("etc/login.conf", text);
    }

    test::TemporaryFolder root_;
    Credentials worker_{"worker", 1234, 1234, {1234}, "/", "/bin/sh", false};
};

TEST_F(LoginClassTest, IsTheSystemsDefaultWithoutFiles) {
    const LoginClass none = class_of(worker_);
    EXPECT_EQ(none.name, "default");
    EXPECT_EQ(none.umask, 022U);
    EXPECT_TRUE(none.environment.empty());
    EXPECT_TRUE(none.limits.empty());
}

TEST_F(LoginClassTest, IsThatOfTheJailsUser) {
    write_conf(
        "default:\\\n\t:umask=022:\n"
        "lab:\\\n\t:path=/bin /usr/bin:setenv=A=$ x,B=2:umask=027:openfiles=77:priority=3:\n");
    const LoginClass lab = class_of(worker_);
    EXPECT_EQ(lab.name, "lab");
    std::vector<std::string> environment = lab.environment;
    std::sort(environment.begin(), environment.end());
    EXPECT_EQ(environment, (std::vector<std::string>{"A=worker x", "B=2", "PATH=/bin:/usr/bin"}));

    ProcessRequest request = shell("umask; ulimit -n; echo $PATH; ps -o nice= -p $$ | xargs");
    request.login_class = lab;
    request.environment = lab.environment;
    EXPECT_EQ(output_of(create(), request), "0027\n77\n/bin:/usr/bin\n3\n");
    host_->remove_jail(kName, {});
    EXPECT_EQ(class_of({}).name, "default") << "root has no class in this file";
}

TEST_F(LoginClassTest, WithoutEndHoldsNobodyUp) {
    std::string loops = "default:\\\n\t:tc=c0:\n";
    for (int i = 0; i < 30; ++i) {
        const std::string next = ":tc=c" + std::to_string(i + 1);
        loops += "c" + std::to_string(i) + ":\\\n\t" + next + next + next + ":\n";
    }
    write_conf(loops + "c30:\\\n\t:umask=022:\n");
    EXPECT_EQ(error_of([&] { static_cast<void>(class_of(worker_)); }).code(), ErrorCode::system);
}

TEST_F(FreebsdHostTest, SignalsEveryProcessOfAJail) {
    const Jail jail = create();
    EXPECT_FALSE(host_->has_processes(jail));
    EXPECT_FALSE(host_->signal_jail(jail, SIGTERM));
    const auto first = host_->spawn(jail, shell("sleep 100"));
    const auto second = host_->spawn(jail, shell("sleep 100"));
    EXPECT_TRUE(host_->has_processes(jail));
    EXPECT_TRUE(host_->signal_jail(jail, SIGTERM));
    EXPECT_EQ(first->wait().signal, SIGTERM);
    EXPECT_EQ(second->wait().signal, SIGTERM);
}

TEST_F(FreebsdHostTest, SignalsOneProcessOfAJailAndNobodyElse) {
    const Jail jail = create();
    const auto process = host_->spawn(jail, shell("sleep 100"));
    EXPECT_FALSE(host_->signal_process(jail, ::getpid(), SIGKILL)) << "not in the jail";
    EXPECT_TRUE(host_->signal_process(jail, process->pid(), SIGTERM));
    EXPECT_EQ(process->wait().signal, SIGTERM);
}

TEST_F(FreebsdHostTest, DoesNotEndAProcessThatIsForgotten) {
    const Jail jail = create();
    host_->spawn(jail, shell("sleep 100")).reset();
    EXPECT_TRUE(host_->has_processes(jail));
}

TEST_F(FreebsdHostTest, KillsWhatRunsInAJailAndInItsChildren) {
    const Jail jail = create({param("children.max", ParamType::integer, {"1"})});
    output_of(jail, shell("jail -c name=child path=/ persist"));
    const std::optional<Jail> child = host_->find_jail(std::string{kName} + ".child", {});
    ASSERT_TRUE(child);
    const auto process = host_->spawn(*child, shell("sleep 100"));
    EXPECT_TRUE(host_->has_processes(jail));
    host_->remove_jail(kName, {});
    EXPECT_EQ(process->wait(), (ExitStatus{0, SIGKILL}));
    EXPECT_FALSE(host_->find_jail(child->name, {}));
}

TEST_F(FreebsdHostTest, GivesACommandItsTerminal) {
    const Jail jail = create();
    Terminal terminal = host_->open_terminal(jail);
    ProcessRequest request = shell("stty -echo; echo ready; read word; echo $word >/dev/tty");
    request.stdio = {terminal.slave.get(), terminal.slave.get(), terminal.slave.get(), true};
    const auto process = host_->spawn(jail, request);
    // As long as the slave is open here, the kernel drops what a session leader wrote last.
    terminal.slave.reset();
    std::array<char, 16> buffer{};
    EXPECT_EQ(::read(terminal.master.get(), buffer.data(), buffer.size()), 7);
    EXPECT_STREQ(buffer.data(), "ready\r\n");
    buffer.fill('\0');
    EXPECT_EQ(::write(terminal.master.get(), "on\n", 3), 3);
    EXPECT_EQ(::read(terminal.master.get(), buffer.data(), buffer.size()), 4);
    EXPECT_STREQ(buffer.data(), "on\r\n");
    EXPECT_EQ(process->wait(), (ExitStatus{0, 0}));
}

/// A root with a few directories to mount on.
class FreebsdMounts : public FreebsdHostTest {
  protected:
    void SetUp() override {
        FreebsdHostTest::SetUp();
        fs::create_directories(root_ / "dev");
        fs::create_directories(root_ / "tmp");
    }

    void TearDown() override {
        for (const char* name : {"dev", "tmp"}) {
            host_->unmount(root_ / name);
        }
    }

    fs::path mount(const Mount& mount) {
        return host_->mount(root_, mount, [&](const fs::path& path) { announced_ = path; });
    }

    test::TemporaryFolder folder_;
    fs::path root_ = fs::canonical(folder_.path());
    fs::path announced_;
};

TEST_F(FreebsdMounts, MountsDevicesOfTheJailsRulesetOnly) {
    EXPECT_EQ(mount({"devfs", "", "/dev", {"ruleset=4"}}), root_ / "dev");
    EXPECT_EQ(announced_, root_ / "dev");
    EXPECT_TRUE(is_mounted(root_ / "dev"));
    EXPECT_TRUE(fs::exists(root_ / "dev/null"));
    EXPECT_FALSE(fs::exists(root_ / "dev/mem"));
    host_->unmount(root_ / "dev");
    EXPECT_FALSE(is_mounted(root_ / "dev"));
    EXPECT_NO_THROW(host_->unmount(root_ / "dev"));
}

TEST_F(FreebsdMounts, RefusesARulesetWithoutRules) {
    const Error error = error_of([&] { mount({"devfs", "", "/dev", {"ruleset=4242"}}); });
    EXPECT_NE(full_message(error).find("4242"), std::string::npos);
    EXPECT_TRUE(announced_.empty());
    EXPECT_FALSE(is_mounted(root_ / "dev"));
}

TEST_F(FreebsdMounts, PassesOptionsOn) {
    mount({"tmpfs", "", "/tmp", {"size=1m", "mode=700", "nosuid"}});
    struct statfs status {};
    ASSERT_EQ(::statfs((root_ / "tmp").c_str(), &status), 0);
    EXPECT_STREQ(status.f_fstypename, "tmpfs");
    EXPECT_NE(status.f_flags & MNT_NOSUID, 0U);
    struct stat mode {};
    ASSERT_EQ(::stat((root_ / "tmp").c_str(), &mode), 0);
    EXPECT_EQ(mode.st_mode & 07777, 0700);
}

TEST_F(FreebsdMounts, ShowsADirectoryOfTheHost) {
    mount({"nullfs", "/etc", "/tmp", {"ro"}});
    EXPECT_TRUE(fs::exists(root_ / "tmp/passwd"));
    EXPECT_NE(::access((root_ / "tmp/passwd").c_str(), W_OK), 0);
}

TEST_F(FreebsdMounts, RefusesATargetBehindASymbolicLink) {
    fs::create_directory_symlink("/tmp", root_ / "link");
    const Error error = error_of([&] { mount({"tmpfs", "", "/link", {}}); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_NE(full_message(error).find("is a symbolic link"), std::string::npos);
    EXPECT_TRUE(announced_.empty());
    EXPECT_THROW(mount({"tmpfs", "", "/../tmp", {}}), Error);
    EXPECT_THROW(mount({"tmpfs", "", "/absent", {}}), Error);
}

TEST_F(FreebsdMounts, NeverForcesAnUnmount) {
    mount({"tmpfs", "", "/tmp", {}});
    UniqueFd user{::open((root_ / "tmp/x").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    ASSERT_TRUE(user);
    const Error error = error_of([&] { host_->unmount(root_ / "tmp"); });
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_EQ(error.cause().value(), EBUSY);
    user.reset();
    EXPECT_NO_THROW(host_->unmount(root_ / "tmp"));
}

TEST_F(FreebsdMounts, NeedADirectoryOnTheHost) {
    const Error error = error_of([&] { mount({"nullfs", "/nowhere", "/tmp", {}}); });
    EXPECT_EQ(error.cause(), std::errc::no_such_file_or_directory);
    EXPECT_NE(full_message(error).find("'/nowhere'"), std::string::npos);
    EXPECT_TRUE(announced_.empty());
}

TEST_F(FreebsdMounts, AreNotEnteredToRemoveATree) {
    fs::create_directories(root_ / "tree/mounted");
    mount({"nullfs", root_ / "tmp", "/tree/mounted", {}});
    EXPECT_EQ(remove_tree(root_ / "tree"), std::errc::device_or_resource_busy);
    EXPECT_TRUE(is_mounted(root_ / "tree/mounted"));
    host_->unmount(root_ / "tree/mounted");
    EXPECT_FALSE(remove_tree(root_ / "tree"));
}

TEST_F(FreebsdMounts, OfAJailGoWithIt) {
    mount({"nullfs", "/", "/tmp", {"ro"}});
    const Jail jail = create({param("allow.mount", ParamType::boolean, {"true"}),
                              param("allow.mount.tmpfs", ParamType::boolean, {"true"}),
                              param("enforce_statfs", ParamType::integer, {"1"})},
                             root_ / "tmp");
    output_of(jail, shell("mount -t tmpfs tmpfs /mnt && mkdir /mnt/a && mount -t tmpfs x /mnt/a"));
    EXPECT_TRUE(is_mounted(root_ / "tmp/mnt/a"));
    host_->remove_jail(kName, {});
    EXPECT_FALSE(is_mounted(root_ / "tmp/mnt/a"));
    EXPECT_FALSE(is_mounted(root_ / "tmp/mnt"));
    EXPECT_TRUE(is_mounted(root_ / "tmp"));
}

TEST_F(FreebsdMounts, DoesNotUnmountThroughALinkPlantedMeanwhile) {
    fs::create_directories(root_ / "a/b");
    fs::create_directories(root_ / "tmp/b");
    mount({"tmpfs", "", "/tmp/b", {}});
    EXPECT_FALSE(remove_tree(root_ / "a"));
    fs::create_directory_symlink(root_ / "tmp", root_ / "a");
    host_->unmount(root_ / "a/b");
    EXPECT_TRUE(is_mounted(root_ / "tmp/b"));
    host_->unmount(root_ / "tmp/b");
    EXPECT_FALSE(is_mounted(root_ / "tmp/b"));
}

}  // namespace
}  // namespace brig
