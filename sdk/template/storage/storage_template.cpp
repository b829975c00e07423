// SPDX-License-Identifier: BSD-2-Clause
// The smallest storage driver: a folder per volume. Copy it, and rename "storage-template" here and
// in CMakeLists.txt. It has no snapshots, so it cannot hold images.
#include <brig/driver.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace brig::sdk;  // NOLINT(google-build-using-namespace): a driver is one small file

class Storage final : public StorageDriver {
  public:
    static constexpr Option kOptions[] = {
        {.name = "path",
         .type = BRIG_T_PATH,
         .flags = BRIG_OPT_REQUIRED,
         .help = "An existing folder that holds the volumes.",
         .since = "1.0"},
    };
    static constexpr About kAbout{.name = "storage-template",
                                  .version = "0.1.0",
                                  .summary = "Empty folders",
                                  .platforms = "freebsd linux"};

    Storage(Call& /*call*/, const std::string& /*name*/, const Options& config)
        : folder_{config.text("path")} {}

    // Report what bears a tag of the engine. A real driver reads the tags that it keeps on the
    // host.
    void list(Call& /*call*/) override {}

    void provision(Call& /*call*/,
                   const Target& target,
                   std::optional<std::string_view> source) override {
        if (source) {
            throw Error{BRIG_UNSUPPORTED, "this storage cannot clone", "use storage-dir"};
        }
        if (!target.dry_run() && ::mkdir(volume(target).c_str(), 0700) < 0 && errno != EEXIST) {
            fail("make", target);
        }
    }

    std::string activate(Call& /*call*/, const Target& target) override {
        if (::access(volume(target).c_str(), F_OK) < 0 && !target.dry_run()) {
            throw Error{BRIG_NOT_FOUND, "there is no volume '" + target.object() + "'"};
        }
        return volume(target);
    }

    void deactivate(Call& /*call*/, const Target& /*target*/) override {}

    void destroy(Call& /*call*/, const Target& target) override {
        if (::rmdir(volume(target).c_str()) < 0 && errno != ENOENT) {
            fail("remove", target);
        }
    }

    Condition check(Call& /*call*/, const Target& target) override {
        return ::access(volume(target).c_str(), F_OK) == 0 ? Condition::sound : Condition::absent;
    }

  private:
    // The engine's names of objects need no quoting: [a-z0-9._-].
    [[nodiscard]] std::string volume(const Target& target) const {
        return folder_ + "/" + target.object();
    }

    [[noreturn]] void fail(const std::string& verb, const Target& target) const {
        const int reason = errno;
        throw Error{reason == EACCES ? BRIG_PERMISSION : BRIG_INTERNAL,
                    "cannot " + verb + " '" + volume(target) + "': " + std::strerror(reason)};
    }

    std::string folder_;
};

}  // namespace

BRIG_SDK_DRIVER(Storage)
