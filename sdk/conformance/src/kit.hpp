// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "rules.hpp"
#include "session.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace brig::conformance {

/// How a driver breaks its contract.
class Failure : public std::runtime_error {
  public:
    Failure(const std::string& what, std::string_view rule, std::vector<std::string> left = {})
        : std::runtime_error{what}, rule_{rule}, left_{std::move(left)} {}

    [[nodiscard]] const std::string& rule() const noexcept { return rule_; }
    [[nodiscard]] const std::vector<std::string>& left() const noexcept { return left_; }

  private:
    std::string rule_;
    std::vector<std::string> left_;
};

/// Why a test says nothing here.
class Skip : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What a test works with.
struct Bench {
    const Subject& subject;
    SharedBlock& block;
    World& world;
    std::uint64_t seed;
};

/// Whether other tests may run meanwhile.
enum class Company {
    any,
    none  ///< it looks at the time
};

struct Test {
    std::string name;
    std::function<void(Bench&)> body;
    Company company = Company::any;
};

using Tests = std::vector<Test>;

// The suites, in files named for them.
void add_artifact_tests(const Subject& subject, Tests& tests);
void add_descriptor_tests(const Subject& subject, Tests& tests);
void add_network_tests(const Subject& subject, Tests& tests);
void add_storage_tests(const Subject& subject, Tests& tests);
void add_time_tests(const Subject& subject, Tests& tests);
void add_thread_tests(const Subject& subject, Tests& tests);
void add_hygiene_tests(const Subject& subject, Tests& tests);
void add_strict_tests(const Subject& subject, Tests& tests);

/// What an operation of a complete life calls, found out by doing it once: crash tests follow.
struct CrashPlan;
void add_crash_tests(const Subject& subject, const std::vector<CrashPlan>& plans, Tests& tests);

/// @throws Failure
void expect(bool holds, const std::string& what, std::string_view rule);
void expect_ok(const Answer& answer, const std::string& what, std::string_view rule);
void expect_status(const Answer& answer,
                   brig_status wanted,
                   const std::string& what,
                   std::string_view rule);

/// What tests make, but for some that need names of their own. tidy_up() removes these.
inline const Key kFirst{};
inline const Key kSecond{"0b5e55ee", "second"};
inline const Key kThird{"0b5e55ef", "third"};
inline const Key kImage{"", "an-image"};

/// A whole life of one object, whatever the driver's kind is.
struct Life {
    std::vector<Action> make;
    std::vector<Action> remove;  ///< all of it, also from the middle
};
[[nodiscard]] Life life_of(const Subject& subject, const Key& key = {});

/// What removes an object, but nothing that it shares with others.
[[nodiscard]] std::vector<Action> own_removal(const Subject& subject, const Key& key = {});

/// Does them all; each must succeed.
void do_all(Session& session, const std::vector<Action>& actions, std::string_view rule);

/// What must be equal before and after: the world, and what the engine keeps for the driver.
[[nodiscard]] WorldState look(Session& session);

/// The world is as it was `before`, but for what a life leaves by design. Waits a little for what
/// the kernel removes in its own time. @throws Failure with what is left
void expect_clean(Session& session,
                  const WorldState& before,
                  const std::string& what,
                  std::string_view rule = rule::kRemoves);

/// The lines of the world that were added, but for what a life leaves by design.
[[nodiscard]] std::vector<std::string> additions(Session& session, const WorldState& before);

/// Whether an object that list() showed is that of `tag`: drivers may say more behind a colon.
[[nodiscard]] bool bears(const ListedObject& object, const std::string& tag);

/// Objects that list() shows under a tag.
[[nodiscard]] std::size_t count_listed(Session& session, const std::string& tag);

/// Objects of the host among lines of a world: what list() has to show.
[[nodiscard]] bool is_listable(const std::string& line);

/// A jail for attach, where there can be one, given to the session.
void give_jail(Session& session);

/// Whether the operation is left out by the driver.
[[nodiscard]] bool has_verb(const Subject& subject, Verb verb);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace brig::conformance
