// SPDX-License-Identifier: BSD-2-Clause
#include "kit.hpp"

#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace brig::conformance {

namespace {

constexpr std::chrono::seconds kSettles{3};
constexpr useconds_t kPause = 5000;

}  // namespace

void expect(bool holds, const std::string& what, std::string_view rule) {
    if (!holds) {
        throw Failure{what, rule};
    }
}

void expect_ok(const Answer& answer, const std::string& what, std::string_view rule) {
    expect_status(answer, BRIG_OK, what, rule);
}

void expect_status(const Answer& answer,
                   brig_status wanted,
                   const std::string& what,
                   std::string_view rule) {
    if (!answer.violation.empty()) {
        throw Failure{what + ": " + answer.violation, rule::kParams};
    }
    if (answer.status != wanted) {
        throw Failure{fmt::format("{}: it returned {} instead of {}{}",
                                  what,
                                  status_name(answer.status),
                                  status_name(wanted),
                                  answer.message.empty() ? "" : " (" + answer.message + ")"),
                      rule};
    }
}

bool has_verb(const Subject& subject, Verb verb) {
    switch (verb) {
        case Verb::detach:
            return subject.tables.network.detach != nullptr;
        case Verb::ensure_shared:
        case Verb::remove_shared:
        case Verb::check_shared:
            return subject.tables.has_shared;
        default:
            return true;
    }
}

std::vector<Action> own_removal(const Subject& subject, const Key& key) {
    if (!subject.is_network()) {
        return {{Verb::deactivate, key, {}, 0}, {Verb::destroy, key, {}, 0}};
    }
    std::vector<Action> remove{{Verb::teardown, key, {}, 0}};
    if (has_verb(subject, Verb::detach)) {
        remove.insert(remove.begin(), {Verb::detach, key, {}, 0});
    }
    return remove;
}

Life life_of(const Subject& subject, const Key& key) {
    Life life{{}, own_removal(subject, key)};
    if (!subject.is_network()) {
        life.make = {{Verb::provision, key, {}, 0}, {Verb::activate, key, {}, 0}};
        return life;
    }
    life.make = {{Verb::prepare, key, {}, 0}, {Verb::attach, key, {}, 0}};
    if (has_verb(subject, Verb::remove_shared)) {
        life.remove.push_back({Verb::remove_shared, key, {}, 0});
    }
    return life;
}

void do_all(Session& session, const std::vector<Action>& actions, std::string_view rule) {
    for (const Action& action : actions) {
        expect_ok(session.act(action), name_of(action.verb) + " failed", rule);
    }
}

WorldState look(Session& session) {
    WorldState state = session.world().look();
    for (std::string& line : session.store().describe()) {
        state.insert(std::move(line));
    }
    return state;
}

namespace {

bool is_residue(Session& session, const std::string& line) {
    return session.subject().residue.contains(session.world().anywhere(line));
}

}  // namespace

std::vector<std::string> additions(Session& session, const WorldState& before) {
    std::vector<std::string> lines;
    for (const std::string& line : look(session)) {
        if (!before.contains(line) && !is_residue(session, line)) {
            lines.push_back("+ " + line);
        }
    }
    return lines;
}

void expect_clean(Session& session,
                  const WorldState& before,
                  const std::string& what,
                  std::string_view rule) {
    const auto deadline = std::chrono::steady_clock::now() + kSettles;
    std::vector<std::string> left;
    do {
        left = difference(before, look(session));
        std::erase_if(left, [&](const std::string& line) {
            return line.starts_with("+ ") && is_residue(session, line.substr(2));
        });
        if (left.empty()) {
            return;
        }
        ::usleep(kPause);
    } while (std::chrono::steady_clock::now() < deadline);
    throw Failure{what, rule, left};
}

std::size_t count_listed(Session& session, const std::string& tag) {
    const Answer listed = session.list();
    expect_ok(listed, "list failed", rule::kList);
    return static_cast<std::size_t>(
        std::count_if(listed.items.begin(), listed.items.end(), [&](const ListedObject& object) {
            return bears(object, tag);
        }));
}

bool bears(const ListedObject& object, const std::string& tag) {
    return object.owner_tag == tag || object.owner_tag.starts_with(tag + ":");
}

bool is_listable(const std::string& line) {
    static constexpr std::array<const char*, 4> kKinds{
        "+ interface ", "+ folder ", "+ file ", "+ stand-in "};
    return std::any_of(
        kKinds.begin(), kKinds.end(), [&](const char* kind) { return line.starts_with(kind); });
}

void give_jail(Session& session) {
    if (session.subject().is_network() && !session.context().jail) {
        session.context().jail = World::start_jail();
    }
}

std::string read_file(const std::filesystem::path& path) {
    const UniqueFd file{
        check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open {}", path.native())};
    return read_text(file.get(), path.native());
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    constexpr mode_t kMode = 0644;
    const UniqueFd file{check(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode),
                              "make {}",
                              path.native())};
    write_text(file.get(), text, path.native());
}

}  // namespace brig::conformance
