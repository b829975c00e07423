// SPDX-License-Identifier: BSD-2-Clause
// A storage driver that keeps its contract, and, compiled with -DDEFECT=N, one that breaks it in
// one way. tests/conformance says which tests have to find it. A volume is a folder: its content in
// OBJECT/tree, its tag in OBJECT/tag. Half made or half removed it is called ".OBJECT,TAG", so that
// it bears its tag from the beginning to the end.
#include "defective.hpp"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace brig::sdk;  // NOLINT(google-build-using-namespace): a driver is one small file
namespace fs = std::filesystem;

enum Defect {
    kNone = 0,
    kLeavesHalf,       // what a crash left half made is not removed
    kNeedsPrior,       // destroy works only with what provision recorded
    kAbsentIsFailure,  // destroy of what is not there fails
    kNotIdempotent,    // provision of what is there fails
    kTakesForeign,     // a folder of somebody else's is taken for a volume
    kCheckLies,        // check says that all is well
    kListForgets,      // list shows nothing
    kDryRunMakes,      // a dry run makes the volume
    kWrites,           // writes to standard output
    kLeaksDescriptor,  // one for each life
    kForks,            // leaves a process
    kIgnoresCancel,    // goes on for seconds
    kShell,            // an option reaches a shell
    kChangesFolder,    // changes the working folder
    kHalfIsWhole,      // a half-made volume is taken for a whole one
    kFollowsLink,      // destroy follows symbolic links
    kLogsSecret,       // a secret is logged
    kLeaksMemory,      // for each life
    kNoTag,            // list shows volumes with another tag
    kThread,           // leaves a thread
    kKeepsNothing      // data is gone with deactivate
};

constexpr bool is(Defect defect) {
    return DEFECT == defect;
}

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

int remove_one(const char* path, const struct stat* /*status*/, int /*type*/, FTW* /*place*/) {
    return std::remove(path);
}

/// Not std::filesystem::remove_all, which libc++ 14 cannot do on FreeBSD where there is a link.
void remove_tree(const std::string& path) {
    constexpr int kOpenFolders = 16;
    ::nftw(path.c_str(), remove_one, kOpenFolders, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}

void remove_following(const std::string& path) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator{path, ignored}) {
        if (entry.is_directory()) {  // of what a link leads to
            remove_following(entry.path());
        }
        fs::remove(entry.path(), ignored);
    }
    fs::remove(path, ignored);
}

class Storage final : public StorageDriver {
  public:
    static constexpr Option kOptions[] = {
        {.name = "path",
         .type = BRIG_T_PATH,
         .flags = BRIG_OPT_REQUIRED,
         .help = "An existing folder that holds the volumes.",
         .since = "1.0"},
        {.name = "label", .help = "A word for people.", .since = "1.0"},
        {.name = "password",
         .flags = BRIG_OPT_SECRET,
         .help = "Would open something.",
         .since = "1.0"},
    };
    static constexpr About kAbout{.name = DRIVER_NAME,
                                  .version = "1.0",
                                  .license = "BSD-2-Clause",
                                  .summary = "Folders, for the tests of the conformance kit",
                                  .platforms = "freebsd linux",
                                  .thread_model = BRIG_PARALLEL};

    Storage(Call& call, const std::string& /*name*/, const Options& config)
        : folder_{config.text("path")}, label_{config.text("label")} {
        if (is(kLogsSecret)) {
            call.info("the password is " + config.text("password"));
        }
    }

    void list(Call& call) override {
        for (const std::string& name : names_in(folder_)) {
            const std::size_t comma = name.find(',');
            const std::string tag = comma == std::string::npos
                                        ? read_text(folder_ + "/" + name + "/tag").value_or("")
                                        : name.substr(comma + 1);
            if (!tag.empty() && !is(kListForgets)) {
                call.item(is(kNoTag) ? "brig:kit:other" : tag, name);
            }
        }
    }

    void provision(Call& call,
                   const Target& target,
                   std::optional<std::string_view> source) override {
        if (source) {
            throw Error{BRIG_UNSUPPORTED, "this storage cannot clone"};
        }
        misbehave(call);
        const std::string volume = path_of(target);
        if (exists(volume)) {
            if (is(kNotIdempotent)) {
                throw Error{BRIG_CONFLICT, "volume '" + target.object() + "' is there already"};
            }
            require_ours(target);
            return;
        }
        if (!target.dry_run() || is(kDryRunMakes)) {
            make(call, target);
        }
        call.result("made", "yes");
    }

    std::string activate(Call& /*call*/, const Target& target) override {
        if (!exists(path_of(target)) && !target.dry_run()) {
            throw Error{BRIG_NOT_FOUND, "there is no volume '" + target.object() + "'"};
        }
        return path_of(target) + "/tree";
    }

    void deactivate(Call& /*call*/, const Target& target) override {
        if (is(kKeepsNothing) && exists(path_of(target))) {
            remove_tree(path_of(target) + "/tree");
            ::mkdir((path_of(target) + "/tree").c_str(), 0700);
        }
    }

    void destroy(Call& /*call*/, const Target& target) override {
        const std::string volume = path_of(target);
        if (is(kNeedsPrior) && !target.prior().has("made")) {
            return;
        }
        if (target.dry_run()) {
            return;
        }
        if (is(kAbsentIsFailure) && !exists(volume)) {
            throw Error{BRIG_NOT_FOUND, "there is no volume '" + target.object() + "'"};
        }
        if (exists(volume)) {
            require_ours(target);
            // What is half removed is found, and has its tag to the end.
            if (::rename(volume.c_str(), hidden(target).c_str()) < 0) {
                fail("rename", volume);
            }
        }
        if (!is(kLeavesHalf) || exists(hidden(target) + "/tree")) {
            remove_hidden(target);
        }
    }

    Condition check(Call& /*call*/, const Target& target) override {
        if (is(kCheckLies)) {
            return Condition::sound;
        }
        return exists(path_of(target) + "/tree") ? Condition::sound : Condition::absent;
    }

  private:
    [[nodiscard]] std::string path_of(const Target& target) const {
        return folder_ + "/" + target.object();
    }
    [[nodiscard]] std::string hidden(const Target& target) const {
        return folder_ + "/." + target.object() + "," + target.owner_tag();
    }

    void require_ours(const Target& target) const {
        if (!is(kTakesForeign) && read_text(path_of(target) + "/tag") != target.owner_tag()) {
            throw Error{BRIG_CONFLICT, "'" + path_of(target) + "' belongs to somebody else"};
        }
    }

    void make(Call& call, const Target& target) const {
        const std::string place = is(kHalfIsWhole) ? path_of(target) : hidden(target);
        remove_hidden(target);
        if (::mkdir(place.c_str(), 0700) < 0) {
            fail("make", place);
        }
        write_text(place + "/tag", target.owner_tag());
        if (!label_.empty()) {
            const std::string words = "echo " + label_;
            static_cast<void>(is(kShell) ? call.run({"sh", "-c", words})
                                         : call.run({"echo", label_}));
        }
        if (::mkdir((place + "/tree").c_str(), 0700) < 0) {
            fail("make", place);
        }
        if (place != path_of(target) && ::rename(place.c_str(), path_of(target).c_str()) < 0) {
            fail("rename", place);
        }
    }

    void remove_hidden(const Target& target) const {
        const std::string place = hidden(target);
        if (is(kFollowsLink)) {
            remove_following(place + "/tree");
        }
        remove_tree(place + "/tree");
        std::error_code error;
        fs::remove(place + "/tag", error);
        fs::remove(place, error);
    }

    void misbehave(Call& call) const {
        if (is(kWrites)) {
            static_cast<void>(::write(STDOUT_FILENO, "made\n", 5));
        }
        if (is(kLeaksDescriptor)) {
            static_cast<void>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        }
        if (is(kForks) && ::fork() == 0) {
            ::sleep(20);
            ::_exit(0);
        }
        if (is(kChangesFolder)) {
            static_cast<void>(::chdir(folder_.c_str()));
        }
        if (is(kLeaksMemory)) {
            static_cast<void>(::strdup(std::string(4096, 'x').c_str()));
        }
        if (is(kThread)) {
            std::thread{[] { ::sleep(20); }}.detach();
        }
        for (int i = 0; i < 30 && is(kIgnoresCancel) && call_is_cancelled(call); ++i) {
            ::usleep(100000);
        }
    }

    /// Asks, and goes on nevertheless.
    static bool call_is_cancelled(Call& call) {
        try {
            call.stop_point();
            return false;
        } catch (const Error&) {
            return true;
        }
    }

    std::string folder_;
    std::string label_;
};

}  // namespace

BRIG_SDK_DRIVER(Storage)
