// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"
#include "world.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/mount.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <memory>

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace brig::conformance {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "/tmp/brig-world";

void write_file(const char* path, const std::string& text) {
    const UniqueFd file{check(::open(path, O_WRONLY | O_CLOEXEC), "open {}", path)};
    write_text(file.get(), text, path);
}

/// Without privileges one is root of a user namespace of one's own.
void become_root_inside() {
    const auto user = ::geteuid();
    const auto group = ::getegid();
    check(::unshare(CLONE_NEWUSER), "make a user namespace");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", fmt::format("0 {} 1", user));
    write_file("/proc/self/gid_map", fmt::format("0 {} 1", group));
}

/// What belongs to the host can be read from here on, but not changed.
void make_host_read_only() {
    check(::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr), "part with the host's mounts");
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    check(::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes),
          "make the host's files read-only");
}

std::string text_of_file(const fs::path& path) {
    const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::string text = file ? read_text(file.get(), path.native()) : "";
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

std::string mount_id(const std::string& line) {
    return line.substr(0, line.find(' '));
}

/// The mounts that a world begins with: some are the host's, who unmounts them when he likes. Set
/// once, before the process of the test is forked.
std::set<std::string>& first_mounts() {
    static std::set<std::string> ids;
    return ids;
}

void mount_private(const char* type, const char* folder) {
    check(::mount(type, folder, type, MS_NOSUID, ""), "mount {} on {}", type, folder);
}

void bring_up_loopback() {
    const UniqueFd socket{check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "open a socket")};
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
    request.ifr_flags = IFF_UP;
    check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "bring up lo");
}

/// A mount of a file or folder of the host, to be put into the world, and where.
struct HostMount {
    UniqueFd mount;  ///< none: there is no such file
    fs::path place;
};

HostMount clone_mount(const fs::path& source, const fs::path& place) {
    return {UniqueFd{static_cast<int>(::syscall(
                SYS_open_tree, AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC))},
            place};
}

void put_in_place(const HostMount& host) {
    if (host.mount) {
        check(::syscall(SYS_move_mount,
                        host.mount.get(),
                        "",
                        AT_FDCWD,
                        host.place.c_str(),
                        MOVE_MOUNT_F_EMPTY_PATH),
              "mount {}",
              host.place.native());
    }
}

/// A file of the host that the world's own folders would hide.
void show_file(const HostMount& file) {
    if (file.mount && !fs::exists(file.place)) {
        fs::create_directories(file.place.parent_path());
        std::ofstream{file.place}.flush();
        put_in_place(file);
    }
}

/// What is taken along from the host, made before it is hidden.
struct Luggage {
    HostMount helpers;
    HostMount driver;
    HostMount manifest;
};

Luggage pack(const WorldPlan& plan) {
    const fs::path manifest = fs::path{plan.driver}.replace_extension(".toml");
    const fs::path helpers = fs::path{kFolder} / "helpers";
    // Of a world in a world the first one's: it may have hidden the host's.
    return {clone_mount(fs::exists(helpers) ? helpers : plan.helpers, helpers),
            clone_mount(plan.driver, plan.driver),
            clone_mount(manifest, manifest)};
}

/// In the world's first process.
void arrange(const Luggage& luggage) {
    mount_private("proc", "/proc");
    for (const char* folder : {"/run", "/tmp", "/var/tmp"}) {
        if (fs::exists(folder)) {
            mount_private("tmpfs", folder);
        }
    }
    show_file(luggage.driver);
    show_file(luggage.manifest);
    static_cast<void>(::mount("sysfs", "/sys", "sysfs", MS_NOSUID, ""));  // of this network
    bring_up_loopback();
    for (const std::string& line : split(text_of_file("/proc/self/mountinfo"), '\n')) {
        first_mounts().insert(mount_id(line));
    }
    fs::create_directories(luggage.helpers.place);
    put_in_place(luggage.helpers);
}

void look_at_interfaces(WorldState& state) {
    const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> all{
        ::if_nameindex(), &::if_freenameindex};
    if (!all) {
        return;
    }
    const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    for (const struct if_nameindex* each = all.get(); each->if_index != 0; ++each) {
        ifreq request{};
        std::strncpy(request.ifr_name, each->if_name, IFNAMSIZ - 1);
        const bool up =
            ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
        const std::string alias =
            text_of_file(fs::path{"/sys/class/net"} / each->if_name / "ifalias");
        state.insert(fmt::format("interface {} {}{}",
                                 each->if_name,
                                 up ? "up" : "down",
                                 alias.empty() ? "" : " alias '" + alias + "'"));
    }
}

/// Link-local addresses come and go by themselves.
void look_at_addresses(WorldState& state) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all{first, &::freeifaddrs};
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        const int family = each->ifa_addr == nullptr ? AF_UNSPEC : each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) {
            continue;
        }
        std::array<char, INET6_ADDRSTRLEN> text{};
        const void* bytes =
            family == AF_INET
                ? static_cast<const void*>(
                    &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr)
                : static_cast<const void*>(
                    &reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr);
        ::inet_ntop(family, bytes, text.data(), text.size());
        if (std::strncmp(text.data(), "fe80:", 5) != 0) {
            state.insert(fmt::format("address {} {}", each->ifa_name, text.data()));
        }
    }
}

void look_at_routes(WorldState& state) {
    for (const std::string& line : split(text_of_file("/proc/self/net/route"), '\n')) {
        const std::vector<std::string> fields = split(line, '\t');
        if (fields.size() > 7 && fields[0] != "Iface") {
            state.insert(
                fmt::format("route {} {} {} mask {}", fields[0], fields[1], fields[2], fields[7]));
        }
    }
}

void look_at_settings(WorldState& state) {
    for (const char* setting : {"ipv4/ip_forward", "ipv6/conf/all/forwarding"}) {
        state.insert(fmt::format(
            "setting net/{} {}", setting, text_of_file(fs::path{"/proc/sys/net"} / setting)));
    }
}

/// A request of rtnetlink about one interface, with its name and a kind.
struct LinkRequest {
    nlmsghdr header{};
    ifinfomsg link{};
    std::array<char, 128> attributes{};

    explicit LinkRequest(unsigned short type, unsigned short flags) {
        header.nlmsg_len = NLMSG_LENGTH(sizeof link);
        header.nlmsg_type = type;
        header.nlmsg_flags = static_cast<unsigned short>(NLM_F_REQUEST | NLM_F_ACK | flags);
    }

    rtattr* add(unsigned short type, const void* data, std::size_t size) {
        const std::size_t at = NLMSG_ALIGN(header.nlmsg_len) - NLMSG_LENGTH(sizeof link);
        auto* attribute = reinterpret_cast<rtattr*>(attributes.data() + at);
        attribute->rta_type = type;
        attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
        if (size != 0) {
            std::memcpy(RTA_DATA(attribute), data, size);
        }
        header.nlmsg_len =
            static_cast<unsigned>(NLMSG_ALIGN(header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
        return attribute;
    }
};

/// Sends it and returns what the kernel said: 0, or an errno.
int ask_kernel(const LinkRequest& request) {
    const UniqueFd socket{check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
                                "open a socket of rtnetlink")};
    check(::send(socket.get(), &request, request.header.nlmsg_len, 0), "ask rtnetlink");
    std::array<char, 4096> answer{};
    check(::recv(socket.get(), answer.data(), answer.size(), 0), "hear from rtnetlink");
    nlmsgerr result{};
    std::memcpy(&result, answer.data() + NLMSG_HDRLEN, sizeof result);
    return -result.error;
}

}  // namespace

std::optional<std::string> world_defect(const WorldPlan& plan) {
    if (plan.real) {
        return ::geteuid() == 0 ? std::nullopt : std::optional<std::string>{"--real needs root"};
    }
    const pid_t child = fork_child([] {
        if (::geteuid() != 0) {
            become_root_inside();
        }
        check(::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC),
              "make the namespaces of a world");
    });
    return wait_for(child) == 0 ? std::nullopt
                                : std::optional<std::string>{
                                    "namespaces cannot be made here; let an administrator "
                                    "allow user namespaces, or be root"};
}

bool is_harmless(const WorldPlan& /*plan*/, const std::string& /*program*/) {
    return false;
}

int enter_world(const WorldPlan& plan, const std::function<void(World&)>& test) {
    if (plan.real) {
        std::string folder = (fs::temp_directory_path() / "brig-world-XXXXXX").string();
        if (::mkdtemp(folder.data()) == nullptr) {
            throw_system_error(errno, "make the folder of a world");
        }
        World world{plan, folder};
        world.furnish();
        const int status = wait_for(fork_child([&] { test(world); }));
        fs::remove_all(folder);
        return status;
    }
    if (::geteuid() != 0) {
        become_root_inside();
    }
    check(::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC),
          "make the namespaces of a world");
    make_host_read_only();
    const Luggage luggage = pack(plan);
    const pid_t first = fork_child([&] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        arrange(luggage);
        World world{plan, kFolder};
        world.furnish();
        const pid_t tester = fork_child([&] { test(world); });
        int status = 0;
        for (pid_t ended = 0; ended != tester;) {
            ended = ::waitpid(-1, &status, 0);
        }
        // A signal does not end the first process of a world, so it tells of it in a status.
        constexpr int kBySignal = 128;
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status));
    });
    return wait_for(first);
}

bool are_worlds_apart(const WorldPlan& plan) {
    return !plan.real;
}

std::vector<fs::path> private_folders(const WorldPlan& plan) {
    return plan.real ? std::vector<fs::path>{} : std::vector<fs::path>{"/run", "/tmp"};
}

void look_at_network(WorldState& state) {
    look_at_interfaces(state);
    look_at_addresses(state);
    look_at_routes(state);
    look_at_settings(state);
}

void look_at_mounts(WorldState& state) {
    for (const std::string& line : split(text_of_file("/proc/self/mountinfo"), '\n')) {
        const std::vector<std::string> fields = split(line, ' ');
        constexpr std::size_t kMountPoint = 4;
        const std::size_t dash = line.find(" - ");
        if (fields.size() > kMountPoint && dash != std::string::npos
            && !first_mounts().contains(mount_id(line))) {
            state.insert(fmt::format(
                "mount {} ({})", fields[kMountPoint], split(line.substr(dash + 3), ' ').front()));
        }
    }
}

std::uint32_t rules_generation() {
    struct {
        nlmsghdr header;
        nfgenmsg family;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    const UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)};
    std::array<char, 4096> answer{};
    if (!socket || ::send(socket.get(), &request, sizeof request, 0) < 0) {
        return kNoRules;
    }
    const ssize_t got = ::recv(socket.get(), answer.data(), answer.size(), 0);
    constexpr ssize_t kAttribute = NLMSG_LENGTH(sizeof(nfgenmsg));
    std::uint32_t generation = 0;
    if (got < kAttribute + static_cast<ssize_t>(sizeof(nlattr) + sizeof generation)) {
        return kNoRules;
    }
    std::memcpy(&generation, answer.data() + kAttribute + sizeof(nlattr), sizeof generation);
    constexpr std::uint32_t kFirst = 1;  // of a network whose rules were never changed
    return ntohl(generation) <= kFirst ? kNoRules : ntohl(generation);
}

void remove_interface(const std::string& name) {
    LinkRequest request{RTM_DELLINK, 0};
    request.link.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
    if (request.link.ifi_index != 0) {
        ask_kernel(request);
    }
}

bool make_interface(const std::string& name) {
    LinkRequest request{RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL};
    request.add(IFLA_IFNAME, name.c_str(), name.size() + 1);
    rtattr* info = request.add(IFLA_LINKINFO, nullptr, 0);
    request.add(IFLA_INFO_KIND, "dummy", 5);
    info->rta_len =
        static_cast<unsigned short>(reinterpret_cast<char*>(&request) + request.header.nlmsg_len
                                    - reinterpret_cast<char*>(info));
    return ask_kernel(request) == 0;
}

std::vector<std::string> other_processes() {
    std::vector<std::string> others;
    for (const fs::directory_entry& entry : fs::directory_iterator{"/proc"}) {
        const std::string name = entry.path().filename();
        const bool is_process = name.find_first_not_of("0123456789") == std::string::npos;
        if (is_process && name != "1" && name != std::to_string(::getpid())) {
            others.push_back(fmt::format("{} ({})", name, text_of_file(entry.path() / "comm")));
        }
    }
    return others;
}

std::size_t count_threads() {
    const fs::directory_iterator threads{"/proc/self/task"};
    return static_cast<std::size_t>(std::distance(begin(threads), end(threads)));
}

std::size_t allocated_bytes() {
    // A sanitizer keeps what was freed; only it knows.
    return __sanitizer_get_current_allocated_bytes != nullptr
               ? __sanitizer_get_current_allocated_bytes()
               : ::mallinfo2().uordblks;
}

void enter_network_of(const Jail& jail) {
    const std::string& path = jail.netns;
    const UniqueFd network{check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open {}", path)};
    check(::setns(network.get(), CLONE_NEWNET), "enter {}", path);
    // sysfs shows the network of who mounted it.
    check(::unshare(CLONE_NEWNS), "part with the mounts");
    static_cast<void>(::mount("sysfs", "/sys", "sysfs", MS_NOSUID, ""));
}

std::optional<Jail> start_jail_process() {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    const pid_t pid = fork_child([&] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::prctl(PR_SET_NAME, "jail");
        check(::unshare(CLONE_NEWNET), "make the network of a jail");
        bring_up_loopback();
        write_text(to.get(), "1", "that the jail is there");
        to.reset();
        for (;;) {
            ::pause();
        }
    });
    to.reset();
    if (read_text(from.get(), "whether the jail is there").empty()) {
        throw Error{ErrorCode::system, "the stand-in for a jail cannot be started"};
    }
    return Jail{pid, pid, fmt::format("/proc/{}/ns/net", pid)};
}

}  // namespace brig::conformance
