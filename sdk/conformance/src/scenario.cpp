// SPDX-License-Identifier: BSD-2-Clause
#include "scenario.hpp"

#include "support/check.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

namespace brig::conformance {

namespace {

namespace fs = std::filesystem;

constexpr const char* kImageSnapshot = "image";

std::string image_source() {
    return kImage.object + "@" + kImageSnapshot;
}

void expect_check(Session& session, const Key& key, std::string_view rule) {
    const Answer answer = session.act({Verb::check, key, {}, 0});
    const bool tells = answer.status != BRIG_UNSUPPORTED && answer.status != BRIG_UNKNOWN;
    if (tells) {
        expect_ok(answer, "check does not find what was made", rule);
    }
}

std::vector<Scenario> network_scenarios(const Subject& subject) {
    const Key key;
    const std::vector<Action> remove = life_of(subject, key).remove;
    const auto prepared = [key](Session& session) {
        do_all(session, {{Verb::prepare, key, {}, 0}}, rule::kPrepare);
    };
    const auto attached = [key, prepared](Session& session) {
        prepared(session);
        do_all(session, {{Verb::attach, key, {}, 0}}, rule::kAttach);
    };
    const auto sound = [key](Session& session) {
        do_all(session, {{Verb::attach, key, {}, 0}}, rule::kAttach);
        expect_check(session, key, rule::kNetworkCheck);
    };
    std::vector<Scenario> all{
        {"prepare", {}, {Verb::prepare, key, {}, 0}, sound, remove},
        {"attach", prepared, {Verb::attach, key, {}, 0}, sound, remove},
        {"teardown", attached, {Verb::teardown, key, {}, 0}, {}, remove},
    };
    if (has_verb(subject, Verb::detach)) {
        all.push_back({"detach", attached, {Verb::detach, key, {}, 0}, {}, remove});
    }
    if (has_verb(subject, Verb::ensure_shared)) {
        const auto gone = [key, prepared](Session& session) {
            prepared(session);
            do_all(session, {{Verb::teardown, key, {}, 0}}, rule::kTeardown);
        };
        all.push_back({"ensure_shared", {}, {Verb::ensure_shared, key, {}, 0}, {}, remove});
        all.push_back({"remove_shared", gone, {Verb::remove_shared, key, {}, 0}, {}, remove});
    }
    return all;
}

/// The volume can be used, and has that filling, if any.
std::function<void(Session&)> usable(const Key& key, const std::string& word) {
    return [key, word](Session& session) {
        expect_check(session, key, rule::kStorageCheck);
        const fs::path root = activate_volume(session, key);
        if (!word.empty()) {
            expect(has_filling(root, word),
                   "volume '" + key.object + "' does not have what it was made from",
                   rule::kProvision);
        }
        fill_volume(root, "afterwards");
        deactivate_volume(session, key);
    };
}

void add_snapshot_scenarios(const Key& key,
                            const std::vector<Action>& remove,
                            std::vector<Scenario>& all) {
    const auto filled = [key](Session& session) {
        do_all(session, {{Verb::provision, key, {}, 0}}, rule::kProvision);
        fill_volume(activate_volume(session, key), "original");
        deactivate_volume(session, key);
    };
    const auto kept = [key, filled](Session& session) {
        filled(session);
        do_all(session, {{Verb::snapshot, key, "kept", 0}}, rule::kSnapshot);
        fill_volume(activate_volume(session, key), "later");
        deactivate_volume(session, key);
    };
    const auto returns = [key](Session& session) {
        fill_volume(activate_volume(session, key), "much later");
        deactivate_volume(session, key);
        do_all(session, {{Verb::rollback, key, "kept", 0}}, rule::kRollback);
        usable(key, "original")(session);
    };
    all.push_back({"snapshot", filled, {Verb::snapshot, key, "kept", 0}, returns, remove});
    all.push_back(
        {"rollback", kept, {Verb::rollback, key, "kept", 0}, usable(key, "original"), remove});
    all.push_back({"snapshot_destroy",
                   kept,
                   {Verb::snapshot_destroy, key, "kept", 0},
                   usable(key, "later"),
                   remove});
}

void add_clone_scenarios(const Key& key, std::vector<Action> remove, std::vector<Scenario>& all) {
    remove.push_back({Verb::destroy, kImage, {}, 0});
    const Action provision{Verb::provision, key, image_source(), 0};
    const auto image = [](Session& session) { make_image(session, kImage); };
    const auto cloned = [image, provision](Session& session) {
        image(session);
        do_all(session, {provision}, rule::kProvision);
    };
    const auto active = [cloned, key](Session& session) {
        cloned(session);
        static_cast<void>(activate_volume(session, key));
    };
    all.push_back({"provision_clone", image, provision, usable(key, "original"), remove});
    all.push_back(
        {"activate_clone", cloned, {Verb::activate, key, {}, 0}, usable(key, "original"), remove});
    all.push_back({"deactivate_clone",
                   active,
                   {Verb::deactivate, key, {}, 0},
                   usable(key, "original"),
                   remove});
    all.push_back({"destroy_clone", cloned, {Verb::destroy, key, {}, 0}, {}, remove});
}

std::vector<Scenario> storage_scenarios(const Subject& subject) {
    const Key key;
    const std::vector<Action> remove = life_of(subject, key).remove;
    const auto provisioned = [key](Session& session) {
        do_all(session, {{Verb::provision, key, {}, 0}}, rule::kProvision);
    };
    const auto active = [key, provisioned](Session& session) {
        provisioned(session);
        fill_volume(activate_volume(session, key), "original");
    };
    const auto full = [key, active](Session& session) {
        active(session);
        deactivate_volume(session, key);
    };
    std::vector<Scenario> all{
        {"provision", {}, {Verb::provision, key, {}, 0}, usable(key, ""), remove},
        {"activate", provisioned, {Verb::activate, key, {}, 0}, usable(key, ""), remove},
        {"deactivate", active, {Verb::deactivate, key, {}, 0}, usable(key, "original"), remove},
        {"destroy", full, {Verb::destroy, key, {}, 0}, {}, remove},
    };
    if (subject.has(BRIG_CAP_SNAPSHOT)) {
        add_snapshot_scenarios(key, remove, all);
    }
    if (subject.clones()) {
        add_clone_scenarios(key, remove, all);
    }
    return all;
}

constexpr std::size_t kLargeFile = 100000;

}  // namespace

std::vector<Scenario> scenarios_of(const Subject& subject) {
    return subject.is_network() ? network_scenarios(subject) : storage_scenarios(subject);
}

void tidy_up(Session& session) {
    for (const Key& key : {kFirst, kSecond, kThird, kImage}) {
        for (Action action : life_of(session.subject(), key).remove) {
            action.flags |= BRIG_F_RECOVERY;
            session.act(action);
        }
    }
}

void fill_volume(const fs::path& root, const std::string& word) {
    fs::create_directories(root / "etc/deep");
    write_file(root / "etc/word", word);
    write_file(root / "etc/deep/large", std::string(kLargeFile, word.front()));
    std::error_code ignored;
    fs::remove(root / "link", ignored);
    fs::create_symlink("etc/word", root / "link");
    constexpr mode_t kMode = 0640;
    check(::chmod((root / "etc/word").c_str(), kMode), "change the mode of a file");
}

bool has_filling(const fs::path& root, const std::string& word) {
    std::error_code error;
    const bool complete = fs::exists(root / "etc/deep/large", error)
                          && fs::is_symlink(fs::symlink_status(root / "link", error));
    return complete && read_file(root / "etc/word") == word
           && read_file(root / "etc/deep/large") == std::string(kLargeFile, word.front());
}

fs::path activate_volume(Session& session, const Key& key) {
    const Answer answer = session.act({Verb::activate, key, {}, 0});
    expect_ok(answer, "activate failed", rule::kActivate);
    const auto root = answer.results.find("root");
    expect(root != answer.results.end() && fs::path{root->second}.is_absolute(),
           "activate gives no absolute path as result \"root\"",
           rule::kActivate);
    expect(fs::is_directory(root->second),
           "'" + root->second + "', where the volume should be, is no folder",
           rule::kActivate);
    return root->second;
}

void deactivate_volume(Session& session, const Key& key) {
    do_all(session, {{Verb::deactivate, key, {}, 0}}, rule::kDeactivate);
}

void make_image(Session& session, const Key& key) {
    do_all(session, {{Verb::provision, key, {}, 0}}, rule::kProvision);
    fill_volume(activate_volume(session, key), "original");
    deactivate_volume(session, key);
    do_all(session, {{Verb::snapshot, key, kImageSnapshot, 0}}, rule::kSnapshot);
}

}  // namespace brig::conformance
