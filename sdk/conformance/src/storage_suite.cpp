// SPDX-License-Identifier: BSD-2-Clause
// What storage drivers promise, one operation after the other.
#include "scenario.hpp"
#include "support/check.hpp"
#include "support/remove_tree.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <system_error>
#include <thread>

namespace brig::conformance {

namespace {

namespace fs = std::filesystem;

Action of(Verb verb, const Key& key = kFirst, unsigned flags = 0) {
    return {verb, key, {}, flags};
}

Action with(Verb verb, const std::string& argument, const Key& key = kFirst, unsigned flags = 0) {
    return {verb, key, argument, flags};
}

const std::string& image_source() {
    static const std::string source = kImage.object + "@image";
    return source;
}

bool tells(const Answer& answer) {
    return answer.status != BRIG_UNSUPPORTED && answer.status != BRIG_UNKNOWN;
}

void expect_check(Session& session, brig_status wanted, const std::string& when) {
    const Answer answer = session.act(of(Verb::check));
    expect(!tells(answer) || answer.status == wanted,
           fmt::format(
               "check says {} {}, not {}", status_name(answer.status), when, status_name(wanted)),
           rule::kStorageCheck);
}

void remove_volume(Session& session, const Key& key = kFirst) {
    do_all(session, life_of(session.subject(), key).remove, rule::kDestroy);
}

void remove_clone(Session& session, const Key& key = kFirst) {
    remove_volume(session, key);
    do_all(session, {of(Verb::destroy, kImage)}, rule::kDestroy);
}

void life(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    expect_ok(session.status(), "status is not good in a fresh world", rule::kProvision);
    expect_check(session, BRIG_NOT_FOUND, "of what was never made");
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    expect_check(session, BRIG_OK, "of a volume that is not active");
    const fs::path root = activate_volume(session, kFirst);
    expect_check(session, BRIG_OK, "of an active volume");
    expect(fs::is_empty(root), "a new volume is not empty", rule::kProvision);
    fill_volume(root, "word");
    remove_volume(session);
    expect_check(session, BRIG_NOT_FOUND, "of what was destroyed");
    expect_clean(session, before, "something is left after a whole life");
}

void leaves_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    remove_volume(session);
    const WorldState once = look(session);
    do_all(session, {of(Verb::provision, kSecond)}, rule::kProvision);
    remove_volume(session, kSecond);
    expect_clean(session, once, "each volume leaves something", rule::kDestroy);
}

void provision_twice(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    fill_volume(activate_volume(session, kFirst), "word");
    deactivate_volume(session, kFirst);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    expect(has_filling(activate_volume(session, kFirst), "word"),
           "to repeat provision changed what was in the volume",
           rule::kProvision);
    remove_volume(session);
}

void activate_twice(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    const fs::path root = activate_volume(session, kFirst);
    const WorldState once = look(session);
    expect(activate_volume(session, kFirst) == root,
           "activate gives another path when it is repeated",
           rule::kActivate);
    expect_clean(session, once, "to repeat activate changed the world", rule::kIdempotent);
    remove_volume(session);
}

void activate_of_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    expect_status(session.act(of(Verb::activate)),
                  BRIG_NOT_FOUND,
                  "activate of what was never made",
                  rule::kActivateUnknown);
}

void keeps_data(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    fill_volume(activate_volume(session, kFirst), "word");
    for (int i = 0; i < 2; ++i) {
        deactivate_volume(session, kFirst);
        expect(has_filling(activate_volume(session, kFirst), "word"),
               "what was in the volume is gone after deactivate",
               rule::kDeactivate);
    }
    remove_volume(session);
}

/// Mounts are gone then, and what an engine remembers is not.
void activate_after_reboot(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    fill_volume(activate_volume(session, kFirst), "word");
    deactivate_volume(session, kFirst);
    Session after{bench.subject, bench.block, bench.world};
    after.context().uses_prior = false;
    const Answer answer = after.act(of(Verb::activate, kFirst, BRIG_F_NEW_BOOT));
    expect_ok(answer, "activate after a reboot failed", rule::kActivate);
    expect(has_filling(answer.results.at("root"), "word"),
           "what was in the volume is gone after a reboot",
           rule::kActivate);
    remove_volume(after);
}

void destroy_of_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    remove_volume(session);
    do_all(session, {of(Verb::destroy, kFirst, BRIG_F_RECOVERY)}, rule::kRemoves);
    expect_clean(session, before, "to remove what is not there changed the world");
}

void destroy_ten_times(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    constexpr int kTimes = 10;
    for (int i = 0; i < kTimes; ++i) {
        do_all(session, {of(Verb::destroy)}, rule::kRemoves);
    }
    expect_clean(session, before, "something is left after ten times destroy");
}

void destroy_without_prior(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    static_cast<void>(activate_volume(session, kFirst));
    Session after{bench.subject, bench.block, bench.world};
    after.context().uses_prior = false;
    do_all(
        after,
        {of(Verb::deactivate, kFirst, BRIG_F_RECOVERY), of(Verb::destroy, kFirst, BRIG_F_RECOVERY)},
        rule::kRemoves);
    expect_clean(after, before, "something is left after destroy without earlier results");
}

/// Of a storage without mounts nobody can tell whether a volume is in use.
void destroy_of_active(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const Key key = bench.subject.clones() ? kSecond : kFirst;
    if (bench.subject.clones()) {
        make_image(session, kImage);
        do_all(session, {with(Verb::provision, image_source(), key)}, rule::kProvision);
    } else {
        do_all(session, {of(Verb::provision)}, rule::kProvision);
    }
    WorldState mounts;
    look_at_mounts(mounts);
    fill_volume(activate_volume(session, key), "word");
    WorldState active;
    look_at_mounts(active);
    if (mounts != active) {
        const WorldState before = look(session);
        expect_status(session.act(of(Verb::destroy, key)),
                      BRIG_BUSY,
                      "destroy of a volume that is active",
                      rule::kDestroy);
        expect_clean(session, before, "destroy changed an active volume", rule::kDestroy);
    }
    remove_volume(session, key);
}

void list_shows(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const Answer nothing = session.list();
    expect_ok(nothing, "list failed", rule::kList);
    expect(nothing.items.empty(), "list shows something in a world without anything", rule::kList);
    do_all(session, {of(Verb::provision), of(Verb::provision, kSecond)}, rule::kProvision);
    for (const Key& key : {kFirst, kSecond}) {
        expect(count_listed(session, session.tag(key)) == 1,
               "list does not show volume '" + key.object + "' once, with its tag",
               rule::kList);
    }
    remove_volume(session);
    expect(count_listed(session, session.tag(kFirst)) == 0,
           "list shows a volume that was destroyed",
           rule::kList);
    expect(count_listed(session, session.tag(kSecond)) == 1,
           "list forgot a volume when another was destroyed",
           rule::kList);
    remove_volume(session, kSecond);
}

/// Files and folders that were added, those near the top first.
std::vector<fs::path> paths_in(const std::vector<std::string>& lines) {
    std::vector<fs::path> paths;
    for (const std::string& line : lines) {
        const std::size_t from = line.find('/');
        const std::size_t to = std::min(line.find(" mode "), line.find(" -> "));
        if (from != std::string::npos && to != std::string::npos
            && (line.starts_with("+ folder ") || line.starts_with("+ file "))) {
            paths.emplace_back(line.substr(from, to - from));
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// The topmost thing on the host that is the volume's alone.
fs::path path_of_volume(Session& session, const WorldState& before) {
    for (const fs::path& path : paths_in(additions(session, before))) {
        if (path.filename().native().find(kFirst.object) != std::string::npos) {
            return path;
        }
    }
    return {};
}

void check_sees_damage(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    const fs::path path = path_of_volume(session, before);
    if (path.empty()) {
        throw Skip{"its volumes are no folders that the kit could damage"};
    }
    recorder().begin_operation("(the kit removes " + path.string() + ")");
    static_cast<void>(remove_tree(path));
    const Answer answer = session.act(of(Verb::check));
    expect(!tells(answer) || answer.status == BRIG_NOT_FOUND || answer.status == BRIG_DRIFT,
           "check says " + status_name(answer.status) + " of a volume that is gone",
           rule::kStorageCheck);
}

/// A folder that somebody else made, of the name that the volume would have.
void foreign_folder(Bench& bench) {
    fs::path path;
    {
        Session session{bench.subject, bench.block, bench.world};
        const WorldState before = look(session);
        do_all(session, {of(Verb::provision)}, rule::kProvision);
        path = path_of_volume(session, before);
        remove_volume(session);
    }
    if (path.empty()) {
        throw Skip{"its volumes are no folders that another could have made"};
    }
    if (path.native().find("brig:kit:") != std::string::npos) {
        throw Skip{"the tag is a part of the folder's name, so that one of that name bears it"};
    }
    Session session{bench.subject, bench.block, bench.world};
    recorder().begin_operation("(the kit makes folder " + path.string() + ", without a tag)");
    fs::create_directories(path);
    write_file(path / "precious", "of somebody else");
    const WorldState foreign = look(session);
    expect(!session.act(of(Verb::provision)).ok(),
           "it went on with a folder that bears no tag",
           rule::kForeign);
    static_cast<void>(session.act(of(Verb::destroy)));
    expect_clean(session, foreign, "a folder that is not ours was touched", rule::kForeign);
}

void follows_no_link(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const fs::path outside = bench.world.folder() / "outside";
    fs::create_directories(outside);
    write_file(outside / "precious", "of the host");
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    const fs::path root = activate_volume(session, kFirst);
    fs::create_symlink(outside, root / "link");
    fs::create_symlink(outside / "precious", root / "link-to-file");
    fs::create_directories(root / "deep");
    fs::create_symlink("../../../../../../../../" + outside.relative_path().string(),
                       root / "deep/relative");
    remove_volume(session);
    expect(fs::exists(outside / "precious"),
           "destroy followed a symbolic link out of the volume",
           rule::kStaysInside);
    static_cast<void>(remove_tree(outside));
}

void dry_run(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision, kFirst, BRIG_F_DRY_RUN)}, rule::kDryRun);
    do_all(session, {of(Verb::activate, kFirst, BRIG_F_DRY_RUN)}, rule::kDryRun);
    expect_clean(session, before, "a dry run changed the world", rule::kDryRun);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    const WorldState made = look(session);
    do_all(session, {of(Verb::deactivate, kFirst, BRIG_F_DRY_RUN)}, rule::kDryRun);
    static_cast<void>(session.act(of(Verb::destroy, kFirst, BRIG_F_DRY_RUN)));
    expect_clean(session, made, "a dry run removed something", rule::kDryRun);
    remove_volume(session);
}

void other_source(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    make_image(session, kImage);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    expect_status(session.act(with(Verb::provision, image_source())),
                  BRIG_CONFLICT,
                  "provision of a volume that was made otherwise",
                  rule::kProvision);
    expect_check(session, BRIG_OK, "after a conflict");
    remove_clone(session);
}

// With BRIG_CAP_SNAPSHOT.

void snapshot_stays(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    fill_volume(activate_volume(session, kFirst), "original");
    deactivate_volume(session, kFirst);
    do_all(session, {with(Verb::snapshot, "kept")}, rule::kSnapshot);
    fill_volume(activate_volume(session, kFirst), "later");
    deactivate_volume(session, kFirst);
    do_all(session, {with(Verb::snapshot, "kept")}, rule::kSnapshot);
    do_all(session, {with(Verb::rollback, "kept")}, rule::kRollback);
    expect(has_filling(activate_volume(session, kFirst), "original"),
           "rollback does not give the content of the snapshot",
           rule::kRollback);
    remove_volume(session);
    expect_clean(session, before, "something is left after snapshots");
}

void snapshot_of_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    for (int i = 0; i < 2; ++i) {
        do_all(session, {with(Verb::snapshot_destroy, "never")}, rule::kSnapshotDestroy);
    }
    expect_status(session.act(with(Verb::rollback, "never")),
                  BRIG_NOT_FOUND,
                  "rollback to a snapshot that is not there",
                  rule::kRollback);
    remove_volume(session);
}

void rollback_over_newer(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session,
           {of(Verb::provision), with(Verb::snapshot, "old"), with(Verb::snapshot, "new")},
           rule::kSnapshot);
    if (session.act(with(Verb::rollback, "old")).ok()) {
        // Newer ones were not in the way: then they are still there.
        do_all(session, {with(Verb::rollback, "new")}, rule::kRollback);
        remove_volume(session);
        return;
    }
    expect_status(session.act(with(Verb::rollback, "old")),
                  BRIG_CONFLICT,
                  "rollback over a newer snapshot",
                  rule::kRollback);
    do_all(session, {with(Verb::rollback, "old", kFirst, BRIG_F_FORCE)}, rule::kRollback);
    expect_status(session.act(with(Verb::rollback, "new")),
                  BRIG_NOT_FOUND,
                  "a newer snapshot after a forced rollback",
                  rule::kRollback);
    remove_volume(session);
}

// With BRIG_CAP_CLONE as well.

void clone_is_apart(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    make_image(session, kImage);
    do_all(session,
           {with(Verb::provision, image_source()), with(Verb::provision, image_source(), kSecond)},
           rule::kProvision);
    const fs::path one = activate_volume(session, kFirst);
    const fs::path other = activate_volume(session, kSecond);
    expect(
        has_filling(one, "original"), "a clone does not have its source's content", rule::kClone);
    fill_volume(one, "changed");
    write_file(one / "new", "x");
    static_cast<void>(remove_tree(one / "etc/deep"));
    expect(has_filling(other, "original") && !fs::exists(other / "new"),
           "a clone sees what another one writes",
           rule::kClone);
    fill_volume(activate_volume(session, kImage), "later");
    deactivate_volume(session, kImage);
    expect(has_filling(other, "original"), "a clone sees what its source writes", rule::kClone);
    remove_volume(session);
    remove_clone(session, kSecond);
    expect_clean(session, before, "something is left after clones");
}

void clone_of_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    expect_status(session.act(with(Verb::provision, "no-such@image")),
                  BRIG_NOT_FOUND,
                  "provision from a volume that is not there",
                  rule::kProvision);
    do_all(session, {of(Verb::destroy)}, rule::kDestroy);
    expect_clean(session, before, "something is left after a source that is not there");
}

void source_is_busy(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    make_image(session, kImage);
    do_all(session, {with(Verb::provision, image_source())}, rule::kProvision);
    const WorldState before = look(session);
    expect_status(session.act(of(Verb::destroy, kImage)),
                  BRIG_BUSY,
                  "destroy of a volume that another was cloned from",
                  rule::kDestroy);
    expect_status(session.act(with(Verb::snapshot_destroy, "image", kImage)),
                  BRIG_BUSY,
                  "to forget a snapshot that a volume was cloned from",
                  rule::kSnapshotDestroy);
    expect_clean(session, before, "something changed although it was busy", rule::kDestroy);
    remove_clone(session);
}

void promote(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    make_image(session, kImage);
    do_all(session, {with(Verb::provision, image_source())}, rule::kProvision);
    const Answer answer = session.act(of(Verb::destroy, kImage, BRIG_F_PROMOTE));
    if (answer.status == BRIG_UNSUPPORTED) {
        remove_clone(session);
        throw Skip{"the driver cannot hand over what a clone shares"};
    }
    expect_ok(answer, "destroy with PROMOTE failed", rule::kPromote);
    expect(has_filling(activate_volume(session, kFirst), "original"),
           "a clone lost something with its source",
           rule::kPromote);
    remove_volume(session);
    expect_clean(session, before, "something is left after the last clone of a promoted volume");
}

// With BRIG_STORAGE_INSPECT.

void inspects_snapshots(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session,
           {of(Verb::provision), with(Verb::snapshot, "one"), with(Verb::snapshot, "two")},
           rule::kSnapshot);
    const Answer answer = session.act(of(Verb::snapshots));
    expect_ok(answer, "snapshots failed", rule::kSnapshots);
    std::vector<std::string> names;
    for (const ListedObject& item : answer.items) {
        names.push_back(item.id);
    }
    expect(names == std::vector<std::string>{"one", "two"},
           "snapshots does not tell them, the oldest first",
           rule::kSnapshots);
    remove_volume(session);
}

void inspects_difference(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    make_image(session, kImage);
    do_all(session, {with(Verb::provision, image_source())}, rule::kProvision);
    const fs::path root = activate_volume(session, kFirst);
    write_file(root / "added", "x");
    write_file(root / "etc/word", "another");
    fs::remove(root / "link");
    const Answer answer = session.act(of(Verb::diff));
    if (answer.status == BRIG_UNSUPPORTED) {
        remove_clone(session);
        throw Skip{"the driver cannot tell differences now"};
    }
    expect_ok(answer, "diff failed", rule::kDiff);
    std::set<std::string> found;
    for (const ListedObject& item : answer.items) {
        found.insert(item.owner_tag + " " + item.id);
    }
    const std::set<std::string> wanted{"added /added", "changed /etc/word", "deleted /link"};
    if (found != wanted) {
        throw Failure{"diff tells something else than what was changed",
                      rule::kDiff,
                      difference(wanted, found)};
    }
    remove_clone(session);
}

/// What a volume takes, as usage tells; nothing when it does not.
std::optional<std::uint64_t> used_bytes(Session& session) {
    const Answer answer = session.act(of(Verb::usage));
    expect_ok(answer, "usage failed", rule::kUsage);
    const auto used = answer.results.find("used");
    std::uint64_t bytes = 0;
    if (used == answer.results.end()
        || std::from_chars(used->second.data(), used->second.data() + used->second.size(), bytes).ec
               != std::errc{}) {
        return std::nullopt;
    }
    return bytes;
}

void inspects_usage(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    do_all(session, {of(Verb::provision)}, rule::kProvision);
    constexpr std::uint64_t kSize = std::uint64_t{1} << 20;
    write_file(activate_volume(session, kFirst) / "large", std::string(kSize, 'x'));
    // A file system may count what was written only when it is on the disk.
    constexpr std::chrono::seconds kWritten{60};
    const auto deadline = std::chrono::steady_clock::now() + kWritten;
    auto bytes = used_bytes(session);
    while (bytes && *bytes < kSize / 2 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds{500});
        bytes = used_bytes(session);
    }
    expect(bytes && *bytes >= kSize / 2,
           "usage does not tell what a volume with a megabyte holds",
           rule::kUsage);
    remove_volume(session);
}

// With BRIG_STORAGE_STREAM.

void sends_and_receives(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    make_image(session, kImage);
    const fs::path file = bench.world.folder() / "stream";
    write_file(file, "");
    const UniqueFd stream{check(::open(file.c_str(), O_RDWR | O_CLOEXEC), "open a stream")};
    expect_ok(
        session.send(kImage, {"image", "", "", stream.get(), false}), "send failed", rule::kSend);
    ::lseek(stream.get(), 0, SEEK_SET);
    expect_ok(session.receive(kSecond, {"image", "", "", stream.get(), false}),
              "receive failed",
              rule::kReceive);
    expect(has_filling(activate_volume(session, kSecond), "original"),
           "a received volume does not have what was sent",
           rule::kReceive);
    remove_clone(session, kSecond);
}

void refuses_damaged_stream(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const fs::path file = bench.world.folder() / "stream";
    write_file(file, "this is no stream of anything");
    const WorldState before = look(session);
    const UniqueFd stream{check(::open(file.c_str(), O_RDWR | O_CLOEXEC), "open a stream")};
    expect_status(session.receive(kSecond, {"image", "", "", stream.get(), false}),
                  BRIG_INVALID,
                  "receive of what is no stream",
                  rule::kReceive);
    expect_clean(session, before, "what could not be received left something", rule::kReceive);
}

/// With the capability, one of its options limits a volume: by its type and scope it is known.
void limits_volumes(Bench& bench) {
    const auto rows = bench.subject.tables.options();
    const bool has = std::any_of(rows.begin(), rows.end(), [](const brig_option& row) {
        return row.type == BRIG_T_SIZE && (row.flags & BRIG_OPT_PER_CONTAINER) != 0;
    });
    expect(has,
           "it says that it can limit volumes, but has no option of type size for one of them",
           rule::kPerContainer);
}

void newer_engine(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world, {"check", {}, TableAge::newer}};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision), of(Verb::activate)}, rule::kUnknownFlags);
    remove_volume(session);
    expect_clean(session, before, "something is left under a newer engine");
}

void oldest_engine(Bench& bench) {
    if (bench.subject.tables.driver.min_minor > 0) {
        throw Skip{fmt::format("the driver asks for engines of interface 1.{} or newer",
                               bench.subject.tables.driver.min_minor)};
    }
    Session session{bench.subject, bench.block, bench.world, {"check", {}, TableAge::oldest}};
    const WorldState before = look(session);
    do_all(session, {of(Verb::provision), of(Verb::activate)}, rule::kGrows);
    remove_volume(session);
    expect_clean(session, before, "something is left under an engine of SDK 1.0");
}

/// Tests that follow from a capability, which says so when it is not declared.
void add_by_capability(bool has, const std::string& reason, const Tests& some, Tests& tests) {
    for (const Test& test : some) {
        tests.push_back(has ? test : Test{test.name, [reason](Bench& /*bench*/) {
                                              throw Skip{"the driver does not declare " + reason};
                                          }});
    }
}

}  // namespace

void add_storage_tests(const Subject& subject, Tests& tests) {
    const Tests always{
        {"core.life", life},
        {"core.leaves_nothing", leaves_nothing},
        {"core.provision_twice", provision_twice},
        {"core.activate_twice", activate_twice},
        {"core.activate_of_nothing", activate_of_nothing},
        {"core.keeps_data", keeps_data},
        {"core.activate_after_reboot", activate_after_reboot},
        {"core.destroy_of_nothing", destroy_of_nothing},
        {"core.destroy_ten_times", destroy_ten_times},
        {"core.destroy_without_prior", destroy_without_prior},
        {"core.destroy_of_active", destroy_of_active},
        {"core.list_shows", list_shows},
        {"core.check_sees_damage", check_sees_damage},
        {"core.foreign_folder", foreign_folder},
        {"core.follows_no_link", follows_no_link},
        {"core.dry_run", dry_run},
        {"core.newer_engine", newer_engine},
        {"core.oldest_engine", oldest_engine},
    };
    tests.insert(tests.end(), always.begin(), always.end());
    const bool snapshots = subject.has(BRIG_CAP_SNAPSHOT);
    add_by_capability(snapshots,
                      "BRIG_CAP_SNAPSHOT",
                      {{"core.snapshot_stays", snapshot_stays},
                       {"core.snapshot_of_nothing", snapshot_of_nothing},
                       {"core.rollback_over_newer", rollback_over_newer}},
                      tests);
    add_by_capability(subject.clones(),
                      "BRIG_CAP_CLONE and BRIG_CAP_SNAPSHOT",
                      {{"core.clone_is_apart", clone_is_apart},
                       {"core.clone_of_nothing", clone_of_nothing},
                       {"core.other_source", other_source},
                       {"core.source_is_busy", source_is_busy},
                       {"core.promote", promote}},
                      tests);
    const bool inspects = subject.has_extension(BRIG_STORAGE_INSPECT);
    add_by_capability(inspects && subject.clones(),
                      "BRIG_STORAGE_INSPECT",
                      {{"core.inspects_snapshots", inspects_snapshots},
                       {"core.inspects_difference", inspects_difference},
                       {"core.inspects_usage", inspects_usage}},
                      tests);
    add_by_capability(subject.has_extension(BRIG_STORAGE_STREAM) && snapshots,
                      "BRIG_STORAGE_STREAM",
                      {{"core.sends_and_receives", sends_and_receives},
                       {"core.refuses_damaged_stream", refuses_damaged_stream}},
                      tests);
    add_by_capability(subject.has(BRIG_CAP_QUOTA),
                      "BRIG_CAP_QUOTA",
                      {{"core.limits_volumes", limits_volumes}},
                      tests);
}

}  // namespace brig::conformance
