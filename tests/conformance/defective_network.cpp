// SPDX-License-Identifier: BSD-2-Clause
// A network driver that keeps its contract, and, compiled with -DDEFECT=N, one that breaks it in
// one way. tests/conformance says which tests have to find it. Each container gets an address of
// the host's, which is written into a file, as for a name server: CONTAINER.OBJECT, with the tag
// and the address. Half written it is called ".CONTAINER.OBJECT,TAG".
#include "defective.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace brig::sdk;  // NOLINT(google-build-using-namespace): a driver is one small file

enum Defect {
    kNone = 0,
    kOtherParam,      // contributes a parameter that it does not declare
    kOtherAddress,    // takes another address each time it is asked
    kNeedsJail,       // teardown works only while there is a jail
    kAttachGrows,     // each attach adds something
    kTakesAll,        // teardown removes what belongs to others, too
    kIgnoresRefusal,  // goes on when a parameter is refused
    kMakesUp,         // without an address left, it makes one up
    kForgetsHalf,     // what a crash left half written stays
    kNeedsState,      // teardown needs what was noted in the time before a reboot
    kDryRunWrites     // a dry run writes the file
};

constexpr bool is(Defect defect) {
    return DEFECT == defect;
}

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) < 0 && errno != ENOENT) {
        fail("remove", path);
    }
}

class Network final : public NetworkDriver {
  public:
    static constexpr Option kOptions[] = {
        {.name = "path",
         .type = BRIG_T_PATH,
         .flags = BRIG_OPT_REQUIRED,
         .help = "An existing folder for the addresses that are in use.",
         .since = "1.0"},
    };
    static constexpr About kAbout{.name = DRIVER_NAME,
                                  .version = "1.0",
                                  .license = "BSD-2-Clause",
                                  .summary = "Addresses, for the tests of the conformance kit",
                                  .platforms = "freebsd linux",
                                  .params = "ip4.addr",
                                  .caps = BRIG_CAP_IP4};

    Network(Call& /*call*/, const std::string& /*name*/, const Options& config)
        : folder_{config.text("path")} {}

    void list(Call& call) override {
        for (const std::string& name : names_in(folder_)) {
            const std::size_t comma = name.find(',');
            if (comma != std::string::npos) {
                call.item(name.substr(comma + 1), name);
            } else if (const auto text = read_text(folder_ + "/" + name)) {
                call.item(text->substr(0, text->find('\n')), name);
            }
        }
    }

    void prepare(Call& call, const Target& target) override {
        const std::string address = address_for(call, target);
        if (!target.dry_run() || is(kDryRunWrites)) {
            write_text(hidden(target), target.owner_tag() + "\n" + address + "\n", O_TRUNC);
            if (::rename(hidden(target).c_str(), path_of(target).c_str()) < 0) {
                fail("rename", hidden(target));
            }
            if (is(kNeedsState)) {
                call.put_state("made", target.container());
            }
        }
        contribute(call, address);
        call.result("ip4", address);
    }

    void attach(Call& /*call*/, const Target& target) override {
        if (is(kAttachGrows)) {
            write_text(path_of(target), "attached\n", O_APPEND);
        }
    }

    void teardown(Call& call, const Target& target) override {
        if (is(kNeedsJail) && !target.jail() && target.recovery()) {
            throw Error{BRIG_INTERNAL, "there is no jail"};
        }
        if (is(kNeedsState) && target.new_boot()) {
            throw Error{BRIG_INTERNAL, "what was made before the reboot is not known"};
        }
        if (is(kTakesAll)) {
            for (const std::string& name : names_in(folder_)) {
                remove_file(folder_ + "/" + name);
            }
        }
        if (is(kNeedsState)) {
            call.forget_state("made");
        }
        remove_file(path_of(target));
        if (!is(kForgetsHalf)) {
            remove_file(hidden(target));
        }
    }

    Condition check(Call& /*call*/, const Target& target) override {
        return read_text(path_of(target)) ? Condition::sound : Condition::absent;
    }

  private:
    [[nodiscard]] std::string path_of(const Target& target) const {
        return folder_ + "/" + target.container() + "." + target.object();
    }
    [[nodiscard]] std::string hidden(const Target& target) const {
        return folder_ + "/." + target.container() + "." + target.object() + ","
               + target.owner_tag();
    }

    std::string address_for(Call& call, const Target& target) {
        static constexpr const char* kPool = "10.231.12.10-10.231.12.99";
        try {
            if (is(kOtherAddress) && target.prior().has("ip4")) {
                call.unlease(kPool, "ip4");
                return call.lease(kPool, "other");
            }
            return call.lease(kPool, "ip4");
        } catch (const Error&) {
            if (!is(kMakesUp)) {
                throw;
            }
            return "10.231.12.100";
        }
    }

    static void contribute(Call& call, const std::string& address) {
        try {
            call.append_param("ip4.addr", address);
            if (is(kOtherParam)) {
                call.set_param("allow.raw_sockets", "1");
            }
        } catch (const Error&) {
            if (!is(kIgnoresRefusal)) {
                throw;
            }
        }
    }

    std::string folder_;
};

}  // namespace

BRIG_SDK_DRIVER(Network)
