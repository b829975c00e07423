// SPDX-License-Identifier: BSD-2-Clause
#include "e2e/jail_fixture.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <set>
#include <sstream>

namespace brig {
namespace {

const Credentials kUser{"user", 1000, 1000, {2000}, "/home", "/bin/sh"};

std::string contents(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::size_t entries_of(const std::filesystem::path& directory) {
    const std::filesystem::directory_iterator entries{directory};
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// Waits until a descriptor can be read, which here always means that something has ended.
void wait_for(int fd) {
    pollfd ready{fd, POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 20000), 1);
}

UniqueFd open_process(pid_t pid) {
    return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

class HostLinux : public JailTest {};

// Commands.

TEST_F(HostLinux, SaysHelloWorld) {
    create();
    const Outcome outcome = run({"echo", "Hello World"});
    EXPECT_EQ(outcome.out, "Hello World\n");
    EXPECT_EQ(outcome.status, (ExitStatus{0, 0}));
}

TEST_F(HostLinux, PassesOnTheExitStatus) {
    create();
    EXPECT_EQ(shell("exit 42").status, (ExitStatus{42, 0}));
    EXPECT_EQ(shell("kill -TERM $$").status, (ExitStatus{0, SIGTERM}));
}

TEST_F(HostLinux, WaitGivesTheSameAgain) {
    create();
    const auto process = host_->spawn(jail_, command({"sh", "-c", "exit 7"}));
    EXPECT_EQ(process->wait(), (ExitStatus{7, 0}));
    EXPECT_EQ(process->wait(), (ExitStatus{7, 0}));
}

TEST_F(HostLinux, SignalsTheProcess) {
    create();
    const auto process = host_->spawn(jail_, command({"sleep", "1000"}));
    process->signal(SIGUSR1);
    wait_for(process->exit_fd());
    EXPECT_EQ(process->wait(), (ExitStatus{0, SIGUSR1}));
}

TEST_F(HostLinux, KnowsThePidOnTheHost) {
    create();
    const auto process = host_->spawn(jail_, command({"sleep", "1000"}));
    const auto comm = contents(fmt::format("/proc/{}/comm", process->pid()));
    process->signal(SIGKILL);
    EXPECT_EQ(comm, "sleep\n");
}

TEST_F(HostLinux, PassesTheEnvironmentAndNoOther) {
    create();
    EXPECT_EQ(run({"env"}).out, "PATH=/bin\n");
}

TEST_F(HostLinux, TakesArgumentsOfMoreThanASocketBuffer) {
    create();
    const std::string large(100'000, 'x');
    std::vector<std::string> argv{"sh", "-c", "echo $#", "sh"};
    argv.insert(argv.end(), 12, large);
    EXPECT_EQ(run(argv).out, "12\n");
}

TEST_F(HostLinux, DistinguishesNotFoundFromNotExecutable) {
    create();
    std::ofstream{root_ / "bin/text"} << "no program";
    EXPECT_EQ(error_of([&] { run({"nonesuch"}); }).code(), ErrorCode::command_not_found);
    EXPECT_EQ(error_of([&] { run({"/bin/nonesuch"}); }).code(), ErrorCode::command_not_found);
    EXPECT_EQ(error_of([&] { run({"text"}); }).code(), ErrorCode::command_not_executable);
    EXPECT_EQ(error_of([&] { run({"/tmp"}); }).code(), ErrorCode::command_not_executable);
}

TEST_F(HostLinux, NamesTheWorkdirThatIsMissing) {
    create();
    ProcessRequest request = command({"true"});
    request.workdir = "/nonesuch";
    const Error error = error_of([&] { host_->spawn(jail_, request); });
    EXPECT_EQ(error.code(), ErrorCode::system);
    EXPECT_NE(std::string{error.what()}.find("chdir '/nonesuch'"), std::string::npos);
}

TEST_F(HostLinux, BecomesTheUserWithHisGroups) {
    create();
    EXPECT_EQ(run({"id"}, kUser).out, "uid=1000(user) gid=1000(user) groups=2000(extra)\n");
    EXPECT_EQ(run({"id"}).out, "uid=0(root) gid=0(root)\n");
}

TEST_F(HostLinux, LetsSetUidProgramsWork) {
    create({{"allow.raw_sockets", "true"}});
    ASSERT_NE(run({"ping", "-c1", "127.0.0.1"}, kUser).status.code, 0);
    std::filesystem::remove(root_ / "bin/ping");
    std::filesystem::copy_file(root_ / "bin/busybox", root_ / "bin/ping");
    ::chmod((root_ / "bin/ping").c_str(), 04755);
    EXPECT_EQ(run({"ping", "-c1", "127.0.0.1"}, kUser).status.code, 0);
}

TEST_F(HostLinux, OpensATerminalOfTheJail) {
    create();
    const Terminal terminal = host_->open_terminal(jail_);
    ProcessRequest request = command({"sh", "-c", "tty; echo typed > /dev/tty"});
    const int slave = terminal.slave.get();
    request.stdio = {slave, slave, slave, true};
    const auto process = host_->spawn(jail_, request);
    EXPECT_EQ(process->wait(), (ExitStatus{0, 0}));
    std::array<char, 256> text{};
    const ssize_t size = ::read(terminal.master.get(), text.data(), text.size());
    EXPECT_EQ((std::string{text.data(), static_cast<std::size_t>(size)}),
              "/dev/pts/0\r\ntyped\r\n");
}

// What a process of the jail sees.

TEST_F(HostLinux, LeaksNoDescriptor) {
    create();
    EXPECT_EQ(shell("ls /proc/self/fd | tr '\\n' ' '").out, "0 1 2 3 ");  // 3: ls's own
}

TEST_F(HostLinux, ShowsFewDevices) {
    create();
    EXPECT_EQ(shell("ls /dev | tr '\\n' ' '").out,
              "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ");
    EXPECT_EQ(shell("echo gone > /dev/null && head -c 2 /dev/zero | wc -c").out, "2\n");
}

TEST_F(HostLinux, HasItsOwnProcesses) {
    create();
    EXPECT_EQ(shell("set /proc/[0-9]*; echo $#").out, "2\n");  // init and the shell
}

TEST_F(HostLinux, HasItsOwnMounts) {
    create();
    const std::string mounts = shell("cat /proc/self/mounts").out;
    EXPECT_EQ(mounts.find(" /sys "), std::string::npos);
    EXPECT_EQ(mounts.find(folder_.native()), std::string::npos);
    EXPECT_EQ(shell("ls / | tr '\\n' ' '").out, "bin dev etc home proc root tmp ");
}

TEST_F(HostLinux, MasksWhatIsTheHosts) {
    create();
    EXPECT_EQ(shell("cat /proc/kcore /proc/keys /proc/timer_list /proc/interrupts").out, "");
    EXPECT_NE(shell("echo x > /proc/sys/kernel/core_pattern").status.code, 0);
    EXPECT_NE(shell("chmod 666 /proc/kcore").status.code, 0);
    EXPECT_EQ(shell("echo b > /proc/sysrq-trigger; cat /proc/sysrq-trigger").out, "");
}

TEST_F(HostLinux, HasNoDevWhenNoneIsMounted) {
    JailRequest without = request();
    without.mounts = {Mount{"procfs", "", "/proc", {}}};
    jail_ = host_->create_jail(without);
    EXPECT_EQ(run({"ls", "/dev"}).out, "");
    EXPECT_EQ(run({"cat", "/proc/kcore"}).out, "");
    EXPECT_EQ(run({"cat"}).status.code, 0) << "descriptor 0 is a null device all the same";
}

TEST_F(HostLinux, MountsDirectoriesAndMemory) {
    std::filesystem::create_directory(folder_ / "shared");
    std::ofstream{folder_ / "shared/file"} << "shared\n";
    JailRequest with = request();
    with.mounts.push_back({"nullfs", (folder_ / "shared").native(), "/home", {"ro"}});
    with.mounts.push_back({"tmpfs", "", "/tmp", {"size=1m", "mode=700"}});
    jail_ = host_->create_jail(with);
    EXPECT_EQ(run({"cat", "/home/file"}).out, "shared\n");
    EXPECT_NE(run({"touch", "/home/new"}).status.code, 0);
    EXPECT_EQ(run({"stat", "-c", "%a", "/tmp"}).out, "700\n");
    EXPECT_EQ(shell("touch /tmp/new && ls /tmp").out, "new\n");
    EXPECT_FALSE(std::filesystem::exists(root_ / "tmp/new"));
}

// What it may do.

TEST_F(HostLinux, LeavesRootTheCapabilitiesOfAJail) {
    create();
    // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE IPC_OWNER
    // SYS_CHROOT SETFCAP
    const std::string all = "00000000800485fb";
    EXPECT_EQ(shell("grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status").out,
              "CapPrm:\t" + all + "\nCapEff:\t" + all + "\nCapBnd:\t" + all + "\n");
    EXPECT_EQ(shell("grep CapEff /proc/self/status", kUser).out, "CapEff:\t0000000000000000\n");
}

TEST_F(HostLinux, TakesAllCapabilitiesFromRootWithoutSuser) {
    create({{"allow.suser", "false"}});
    EXPECT_EQ(shell("grep -E 'Cap(Eff|Bnd)' /proc/self/status").out,
              "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n");
    EXPECT_NE(shell("hostname other").status.code, 0);
}

TEST_F(HostLinux, RefusesWhatNoJailMayDo) {
    create();
    const std::vector<std::string> refused{
        "mount -t tmpfs tmpfs /tmp",
        "mount -o bind /bin /tmp",
        "umount /proc",
        "mknod /tmp/x c 1 1",
        "mknod /tmp/x b 8 0",
        "dmesg",
        "unshare -m true",
        "unshare -U true",
        "reboot -f",
        "chattr +i /tmp",
        "chattr -A /tmp",      // nobody needs a privilege for that flag,
        "chattr -p 1 /tmp/x",  // nor to move a file of his own to another project
        "kill -0 -1 && kill -9 1 && test ! -d /proc/1",
        "readlink /proc/1/exe",
        "cat /proc/1/environ",
        "readlink /proc/1/fd/0",
    };
    for (const std::string& script : refused) {
        EXPECT_NE(shell(script).status.code, 0) << script;
    }
    EXPECT_NE(shell("date -s 2001-01-01").err.find("Operation not permitted"), std::string::npos);
}

TEST_F(HostLinux, RefusesDeviceNodesOfTheImage) {
    ASSERT_EQ(::mknod((root_ / "tmp/null").c_str(), S_IFCHR | 0666U, ::makedev(1, 3)), 0);
    create();
    EXPECT_NE(shell("cat /tmp/null").status.code, 0);
}

TEST_F(HostLinux, AllowsRawSocketsWhenAsked) {
    create();
    const Outcome refused = run({"ping", "-c1", "127.0.0.1"});
    EXPECT_NE(refused.err.find("permission denied"), std::string::npos) << refused.err;
    host_->remove_jail("test", run_folder_);
    create({{"allow.raw_sockets", "true"}});
    EXPECT_EQ(run({"ping", "-c1", "127.0.0.1"}).status.code, 0);
}

/// The clock of the host is never changed by this: its frequency is set to what it is.
TEST_F(HostLinux, AdjustsTheClockWhenAsked) {
    if (::prctl(PR_CAPBSET_READ, CAP_SYS_TIME) != 1) {
        GTEST_SKIP() << "needs CAP_SYS_TIME";
    }
    constexpr const char* kAdjust =
        "adjtimex -q -f $(adjtimex | awk '/freq.adjust/ {print $3}') && echo adjusted";
    create();
    EXPECT_EQ(shell(kAdjust).out, "");
    for (const char* param : {"allow.adjtime", "allow.settime"}) {
        host_->remove_jail("test", run_folder_);
        create({{param, "true"}});
        EXPECT_EQ(shell(kAdjust).out, "adjusted\n") << param;
    }
}

TEST_F(HostLinux, DoesNotSetTheClockWhenItMayOnlyAdjustIt) {
    create({{"allow.adjtime", "true"}});
    const Outcome refused = shell("date -s @$(date +%s)");
    EXPECT_NE(refused.err.find("not permitted"), std::string::npos) << refused.err;
}

TEST_F(HostLinux, HasItsOwnHostname) {
    std::array<char, 65> before{};
    std::array<char, 65> after{};
    ::gethostname(before.data(), before.size());
    create({{"host.hostname", "inside.example"}});
    EXPECT_EQ(run({"hostname"}).out, "inside.example\n");
    EXPECT_EQ(shell("hostname other && hostname").out, "other\n");
    EXPECT_NE(shell("hostname mine", kUser).status.code, 0);
    ::gethostname(after.data(), after.size());
    EXPECT_EQ(before, after);
}

TEST_F(HostLinux, KeepsItsHostnameWhenRootMayNotSetIt) {
    create({{"allow.set_hostname", "false"}});
    EXPECT_NE(shell("hostname other").status.code, 0);
    EXPECT_EQ(run({"hostname"}).out, "test\n");
}

TEST_F(HostLinux, GivesAVnetJailItsOwnStackToAdminister) {
    create({{"vnet", "new"}});
    EXPECT_EQ(shell("ls /proc/sys/net/ipv4/conf | tr '\\n' ' '").out, "all default lo ");
    EXPECT_EQ(shell("ping -c1 127.0.0.1 >&2 && ping -c1 ::1 >&2").status.code, 0);
    EXPECT_EQ(shell("ip address add 10.9.8.7/24 dev lo && ip link set lo mtu 1400").status.code, 0);
}

TEST_F(HostLinux, GivesNothingButLoWithoutNetwork) {
    create({{"ip4", "disable"}, {"ip6", "disable"}});
    EXPECT_EQ(shell("ls /proc/sys/net/ipv4/conf | tr '\\n' ' '").out, "all default lo ");
    EXPECT_NE(shell("ip address add 10.9.8.7/24 dev lo").status.code, 0);
}

TEST_F(HostLinux, RefusesTheProtocolThatIsDisabled) {
    create({{"ip4", "disable"}, {"ip6", "inherit"}, {"allow.raw_sockets", "true"}});
    const Outcome outcome = run({"ping", "-4", "-c1", "127.0.0.1"});
    EXPECT_NE(outcome.err.find("Protocol not supported"), std::string::npos) << outcome.err;
}

// Hostile roots.

TEST_F(HostLinux, RefusesAMountPointThatIsASymbolicLink) {
    std::filesystem::create_directory(folder_ / "victim");
    std::filesystem::remove(root_ / "dev");
    std::filesystem::create_symlink(folder_ / "victim", root_ / "dev");
    const Error error = error_of([&] { create(); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_NE(std::string{error.what()}.find("/dev is a symbolic link"), std::string::npos)
        << error.what();
    EXPECT_EQ(entries_of(folder_ / "victim"), 0U);
}

TEST_F(HostLinux, SaysWhichDirectoryTheImageLacks) {
    std::filesystem::remove(root_ / "proc");
    const Error error = error_of([&] { create(); });
    EXPECT_EQ(error.cause(), std::errc::no_such_file_or_directory);
    EXPECT_NE(error.hint().find("'/proc'"), std::string::npos) << error.hint();
}

TEST_F(HostLinux, OpensFilesInsideTheRootOnly) {
    std::filesystem::create_symlink("/etc/passwd", root_ / "link");
    std::filesystem::create_symlink("../../../../../../etc/passwd", root_ / "climbing");
    ::mkfifo((root_ / "fifo").c_str(), 0644);
    struct stat inside = {};
    struct stat expected = {};
    ASSERT_EQ(::stat((root_ / "etc/passwd").c_str(), &expected), 0);
    for (const char* path : {"/etc/passwd", "/link", "/climbing"}) {
        const UniqueFd file = host_->open_inside(root_, path, O_RDONLY);
        ASSERT_EQ(::fstat(file.get(), &inside), 0);
        EXPECT_EQ(inside.st_ino, expected.st_ino) << path;
    }
    EXPECT_FALSE(host_->open_inside(root_, "/nonesuch", O_RDONLY));
    EXPECT_EQ(error_of([&] { host_->open_inside(root_, "/fifo", O_RDONLY); }).code(),
              ErrorCode::invalid_config);
}

TEST_F(HostLinux, OffersNothingOfTheHostToWriteTo) {
    std::ofstream{root_ / "bin/script"} << "#!/proc/self/exe\n";
    ::chmod((root_ / "bin/script").c_str(), 0755);
    create();
    struct stat before = {};
    struct stat after = {};
    const auto init = std::filesystem::path{BRIG_TEST_LIBEXEC} / "brig-init";
    ASSERT_EQ(::stat(init.c_str(), &before), 0);
    // What runs then is brig-init, as an ordinary process of the jail.
    EXPECT_EQ(run({"/proc/self/exe"}).status.code, 126);
    EXPECT_EQ(run({"script"}).status.code, 126);
    ASSERT_EQ(::stat(init.c_str(), &after), 0);
    EXPECT_EQ(before.st_mode, after.st_mode);
    EXPECT_EQ(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
    EXPECT_NE(shell("chmod 777 /proc/1/exe").status.code, 0);
}

// Life and end.

TEST_F(HostLinux, FindsAJailFromAnotherHostObject) {
    create({{"allow.raw_sockets", "true"}});
    const auto other = make_host(BRIG_TEST_LIBEXEC, Log{});
    const auto found = other->find_jail("test", run_folder_);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, jail_.id);
    EXPECT_EQ(found->root, root_);
    EXPECT_FALSE(other->find_jail("other", run_folder_));
    const ParamList params = other->jail_params(*found);
    ASSERT_NE(find_param(params, "allow.raw_sockets"), nullptr);
    EXPECT_TRUE(find_param(params, "allow.raw_sockets")->is_true());
    const auto process = other->spawn(*found, command({"sh", "-c", "exit 3"}));
    EXPECT_EQ(process->wait(), (ExitStatus{3, 0}));
    other->remove_jail("test", run_folder_);
    EXPECT_FALSE(other->find_jail("test", run_folder_));
}

TEST_F(HostLinux, RefusesASecondJailInTheSameFolder) {
    create();
    EXPECT_EQ(error_of([&] { host_->create_jail(request()); }).code(), ErrorCode::already_exists);
    EXPECT_EQ(run({"true"}).status.code, 0) << "the first one goes on";
}

TEST_F(HostLinux, KnowsWhetherProcessesAreThere) {
    create();
    EXPECT_FALSE(host_->has_processes(jail_));
    EXPECT_FALSE(host_->signal_jail(jail_, SIGTERM));
    const auto process = host_->spawn(jail_, command({"sleep", "1000"}));
    EXPECT_TRUE(host_->has_processes(jail_));
    EXPECT_TRUE(host_->signal_jail(jail_, SIGTERM));
    EXPECT_EQ(process->wait(), (ExitStatus{0, SIGTERM}));
    EXPECT_FALSE(host_->has_processes(jail_));
}

TEST_F(HostLinux, SignalsOneProcessOfTheJailAndNobodyElse) {
    create();
    const auto process = host_->spawn(jail_, command({"sleep", "1000"}));
    const auto outside = host_->spawn_on_host(command({"sleep", "1000"}));
    EXPECT_FALSE(host_->signal_process(jail_, outside->pid(), SIGKILL)) << "not in the jail";
    EXPECT_TRUE(host_->signal_process(jail_, process->pid(), SIGTERM));
    EXPECT_EQ(process->wait(), (ExitStatus{0, SIGTERM}));
    EXPECT_FALSE(host_->signal_process(jail_, process->pid(), SIGTERM)) << "it has ended";
    outside->signal(SIGTERM);
    EXPECT_EQ(outside->wait(), (ExitStatus{0, SIGTERM}));
}

TEST_F(HostLinux, RemovingEndsEverything) {
    create();
    const auto process = host_->spawn(jail_, command({"sh", "-c", "sleep 1000 & sleep 1000"}));
    host_->remove_jail("test", run_folder_);
    EXPECT_EQ(process->wait(), (ExitStatus{0, SIGKILL}));
    EXPECT_FALSE(std::filesystem::exists(fmt::format("/proc/{}", process->pid())));
    EXPECT_EQ(entries_of(run_folder_), 0U);
    host_->remove_jail("test", run_folder_);
    host_->remove_jail("never", folder_ / "nonesuch");
}

TEST_F(HostLinux, ALostConnectionEndsItsProcess) {
    create();
    pid_t spawned = -1;
    {
        const auto process = host_->spawn(jail_, command({"sleep", "1000"}));
        spawned = process->pid();
        const UniqueFd pidfd = open_process(spawned);
        // As the kernel closes it when the process that asked is killed.
        const UniqueFd broken{::open("/dev/null", O_RDWR | O_CLOEXEC)};
        ASSERT_GE(::dup2(broken.get(), process->exit_fd()), 0);
        wait_for(pidfd.get());
    }
    EXPECT_FALSE(host_->has_processes(jail_));
}

TEST_F(HostLinux, DestroyingAProcessObjectDoesNotEndTheProcess) {
    create();
    host_->spawn(jail_, command({"sleep", "1000"})).reset();
    // A round trip to init, which serves its connections in order.
    EXPECT_EQ(run({"true"}).status.code, 0);
    EXPECT_TRUE(host_->has_processes(jail_));
}

TEST_F(HostLinux, TheJailEndsWithItsOwner) {
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
    const UniqueFd read_end{ready[0]};
    UniqueFd write_end{ready[1]};
    const UniqueFd lock{::open((folder_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    const pid_t owner = ::fork();
    if (owner == 0) {
        JailRequest wanted = request();
        const int own_lock = ::open((folder_ / "lock").c_str(), O_RDWR | O_CLOEXEC);
        ::flock(own_lock, LOCK_EX);
        wanted.lock_fd = own_lock;
        jail_ = host_->create_jail(wanted);
        const auto process = host_->spawn(jail_, command({"sleep", "1000"}));
        const pid_t pid = process->pid();
        [[maybe_unused]] const ssize_t written = ::write(write_end.get(), &pid, sizeof(pid));
        ::pause();
    }
    write_end.reset();
    pid_t sleeping = -1;
    ASSERT_EQ(::read(read_end.get(), &sleeping, sizeof(sleeping)),
              static_cast<ssize_t>(sizeof(sleeping)));
    const UniqueFd pidfd = open_process(sleeping);
    ASSERT_EQ(::kill(owner, SIGKILL), 0);
    ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
    // Held by init until every process of the jail is gone.
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    pollfd ended{pidfd.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 0), 1);
    EXPECT_FALSE(host_->find_jail("test", run_folder_));
}

TEST_F(HostLinux, AHundredJailsLeaveNothing) {
    const auto mounts = contents("/proc/self/mountinfo");
    const std::size_t descriptors = entries_of("/proc/self/fd");
    for (int i = 0; i < 100; ++i) {
        create();
        ASSERT_EQ(run({"true"}).status, (ExitStatus{0, 0}));
        host_->remove_jail("test", run_folder_);
    }
    EXPECT_EQ(contents("/proc/self/mountinfo"), mounts);
    EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG | __WALL), -1) << "a child is left";
}

TEST_F(HostLinux, StartsCommandsOnTheHost) {
    ProcessRequest hook;
    hook.argv = {"sh", "-c", "exit 9"};
    hook.environment = {"PATH=/usr/bin:/bin"};
    const auto process = host_->spawn_on_host(hook);
    wait_for(process->exit_fd());
    EXPECT_EQ(process->wait(), (ExitStatus{9, 0}));
    hook.argv = {"nonesuch"};
    EXPECT_EQ(error_of([&] { host_->spawn_on_host(hook); }).code(), ErrorCode::command_not_found);
}

TEST_F(HostLinux, MarksWhatItOnlyRecords) {
    const Catalogue& catalogue = host_->catalogue();
    EXPECT_EQ(catalogue.find("securelevel")->enforcement, Enforcement::recorded);
    EXPECT_EQ(catalogue.find("allow.mount.zfs")->enforcement, Enforcement::recorded);
    EXPECT_EQ(catalogue.find("allow.raw_sockets")->enforcement, Enforcement::enforced);
}

}  // namespace
}  // namespace brig
