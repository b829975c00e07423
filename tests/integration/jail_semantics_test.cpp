// SPDX-License-Identifier: BSD-2-Clause
// The rows of jail_semantics.rows on every host that is not FreeBSD: same success or failure, same
// errno and message, same values read back.
#include "e2e/jail_fixture.hpp"
#include "integration/jail_rows.hpp"
#include "params/parse.hpp"
#include "support/model_world.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <map>
#include <optional>

namespace brig {
namespace {

using test::JailRow;
using test::JailScenario;
using test::RowMark;
using test::RowOutcome;

const std::vector<JailScenario>& scenarios() {
    static const std::vector<JailScenario> all = test::read_jail_rows(BRIG_JAIL_ROWS);
    return all;
}

/// The errnos that rows name.
const std::map<std::string, std::errc>& errnos() {
    static const std::map<std::string, std::errc> all{
        {"EPERM", std::errc::operation_not_permitted},
        {"ENOENT", std::errc::no_such_file_or_directory},
        {"EEXIST", std::errc::file_exists},
        {"ENOTDIR", std::errc::not_a_directory},
        {"EINVAL", std::errc::invalid_argument},
        {"ENAMETOOLONG", std::errc::filename_too_long},
        {"EADDRINUSE", std::errc::address_in_use},
        {"ENOTSUP", std::errc::not_supported},
    };
    return all;
}

/// What a call came to.
struct Result {
    std::string message;    ///< empty: it went well
    std::error_code cause;  ///< empty: libjail's rules refused it, which have texts alone
    ParamList values;       ///< of `get`
    ExitStatus status;      ///< of `exec`
};

Result failure(const Error& error) {
    return {error.what(), error.cause(), {}, {}};
}

Result not_found() {
    return {"not found", std::make_error_code(std::errc::no_such_file_or_directory), {}, {}};
}

/// The parameters of a call as brig's parser leaves them.
struct ReadWords {
    ParamList params;
    std::string refusal;  ///< the first one, of names or values
};

/// Whether the parser says what libjail would, which does not ask the kernel then. Its own further
/// refusals, of numbers out of range, must not keep the host's from being tried.
bool is_libjails(const std::string& refusal) {
    constexpr std::array kTexts{"unknown parameter: ",
                                "unknown boolean value",
                                "unknown jailsys value",
                                "non-integer value",
                                "not an IPv"};
    return std::any_of(kTexts.begin(), kTexts.end(), [&](const char* text) {
        return refusal.find(text) != std::string::npos;
    });
}

ReadWords read_words(const std::vector<std::string>& words, const Catalogue& catalogue) {
    const Origin origin{Origin::Kind::command_line, "-J"};
    ReadWords read;
    const auto note = [&](const Findings& findings) {
        if (read.refusal.empty()) {
            read.refusal = findings.all().front().message;
        }
    };
    for (const std::string& word : words) {
        Findings findings;
        const auto assignment = parse_assignment(word, origin, catalogue, findings);
        if (!assignment) {
            note(findings);
            continue;
        }
        const ParamRule rule = *catalogue.find(assignment->name);
        auto values = parse_values(*assignment, rule, findings);
        if (!values) {
            note(findings);
            values.emplace({assignment->value.value_or("")});
        }
        const auto present = std::find_if(read.params.begin(), read.params.end(), [&](auto& each) {
            return each.name == assignment->name;
        });
        Param param{assignment->name, rule.type, ParamPerformer::kernel, *values, origin};
        if (present == read.params.end()) {
            read.params.push_back(std::move(param));
        } else {
            *present = std::move(param);
        }
    }
    return read;
}

std::string take(ParamList& params, std::string_view name) {
    const auto found = std::find_if(
        params.begin(), params.end(), [&](const Param& each) { return each.name == name; });
    if (found == params.end()) {
        return "";
    }
    const std::string value = found->values.empty() ? "" : found->values.front();
    params.erase(found);
    return value;
}

/// A host that rows are tried on.
class JailSystem {
  public:
    JailSystem(Host& host, std::filesystem::path root, std::filesystem::path runs)
        : host_{host}, root_{std::move(root)}, runs_{std::move(runs)} {}
    JailSystem(const JailSystem&) = delete;
    JailSystem& operator=(const JailSystem&) = delete;
    JailSystem(JailSystem&&) = delete;
    JailSystem& operator=(JailSystem&&) = delete;
    virtual ~JailSystem() = default;

    /// What the marks of this kind of host are called.
    [[nodiscard]] virtual std::string kind() const = 0;

    Result call(const std::vector<std::string>& words) {
        const std::string& verb = words.at(0);
        const std::vector<std::string> rest{words.begin() + 1, words.end()};
        if (verb == "create") {
            return create(rest);
        }
        if (verb == "update" || verb == "set") {
            return change(verb == "set" ? JailOperation::create_or_update : JailOperation::update,
                          rest);
        }
        if (verb == "inside") {
            enter(rest.at(0));
            Result result = call({rest.begin() + 1, rest.end()});
            enter("");
            return result;
        }
        if (verb == "hold") {
            hold(rest.at(0));
            return {};
        }
        return on_jail(verb, rest);
    }

    void clear() {
        for (const std::string& name : names_) {
            host_.remove_jail(name, folder_of(name));
        }
    }

    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }

  protected:
    [[nodiscard]] std::filesystem::path folder_of(const std::string& name) const {
        return runs_ / (name.empty() || name.size() > 100 ? "other" : name);
    }

    [[nodiscard]] Host& host() { return host_; }

    virtual void enter(const std::string& name) = 0;
    virtual void hold(const std::string& name) = 0;
    virtual void change_jail(JailOperation operation, const ParamList& params) = 0;

  private:
    Result create(const std::vector<std::string>& words) {
        ReadWords read = read_words(words, host_.catalogue());
        if (is_libjails(read.refusal)) {
            return {read.refusal, {}, {}, {}};
        }
        JailRequest request;
        request.name = take(read.params, "name");
        const std::string path = take(read.params, "path");
        request.root = path == "/" ? root_ : std::filesystem::path{path};
        request.params = std::move(read.params);
        request.folder = folder_of(request.name);
        std::filesystem::create_directories(request.folder);
        const Result result = attempt([&] {
            const Jail jail = host_.create_jail(request);
            names_.push_back(request.name);
        });
        return refusal_of(read.refusal, result);
    }

    Result change(JailOperation operation, const std::vector<std::string>& words) {
        const ReadWords read = read_words(words, host_.catalogue());
        if (is_libjails(read.refusal)) {
            return {read.refusal, {}, {}, {}};
        }
        return refusal_of(read.refusal, attempt([&] { change_jail(operation, read.params); }));
    }

    Result on_jail(const std::string& verb, const std::vector<std::string>& words) {
        const std::string& name = words.at(0);
        const auto jail = host_.find_jail(name, folder_of(name));
        if (!jail) {
            return not_found();
        }
        Result result;
        if (verb == "get") {
            result.values = host_.jail_params(*jail);
        } else if (verb == "remove") {
            host_.remove_jail(name, folder_of(name));
        } else if (verb == "exec") {
            return execute(*jail, {words.begin() + 1, words.end()});
        } else {
            throw std::runtime_error{"no such call: " + verb};
        }
        return result;
    }

    Result execute(const Jail& jail, std::vector<std::string> argv) {
        const bool is_background = argv.back() == "&";
        if (is_background) {
            argv.pop_back();
        }
        ProcessRequest request;
        request.argv = std::move(argv);
        request.environment = {"PATH=/bin"};
        Result result;
        try {
            const auto process = host_.spawn(jail, request);
            result.status = is_background ? ExitStatus{} : process->wait();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::command_not_found) {
                return failure(error);
            }
            result.status = {127, 0};
        }
        return result;
    }

    template <typename Act>
    static Result attempt(Act&& act) {
        try {
            std::forward<Act>(act)();
            return {};
        } catch (const Error& error) {
            return failure(error);
        }
    }

    /// The host's refusal, or else that of brig's parser, which goes further than libjail's.
    static Result refusal_of(const std::string& refusal, Result result) {
        if (refusal.empty()) {
            return result;
        }
        return result.message.empty() ? Result{refusal, {}, {}, {}} : result;
    }

    Host& host_;
    std::filesystem::path root_;
    std::filesystem::path runs_;
    std::vector<std::string> names_;
};

class ModelSystem : public JailSystem {
  public:
    ModelSystem(test::ModelWorld& world, test::ModelHost& host)
        : JailSystem{host, "/roots/one", world.folder() / "run"}, model_{host} {
        world.make("active one");
    }

    [[nodiscard]] std::string kind() const override { return "model"; }

  private:
    void enter(const std::string& name) override { model_.enter(name); }
    void hold(const std::string& name) override { model_.linger(name); }

    void change_jail(JailOperation operation, const ParamList& params) override {
        model_.set_jail(operation, params);
    }

    test::ModelHost& model_;
};

class LinuxSystem : public JailSystem {
  public:
    using JailSystem::JailSystem;

    [[nodiscard]] std::string kind() const override { return "linux"; }

  private:
    void enter(const std::string& /*name*/) override {}
    void hold(const std::string& /*name*/) override {}

    /// There is a call for updates alone, and it is about a jail by its name.
    void change_jail(JailOperation /*operation*/, const ParamList& params) override {
        ParamList changes = params;
        Jail jail;
        jail.name = take(changes, "name");
        jail.folder = folder_of(jail.name);
        host().update_jail(jail, changes);
    }
};

/// ${hostname} and ${release} of the machine.
std::string filled_in(std::string text, const std::string& kind) {
    utsname names = {};
    ::uname(&names);
    const bool is_model = kind == "model";
    const auto replace = [&](const std::string& word, const std::string& by) {
        if (const std::size_t at = text.find(word); at != std::string::npos) {
            text.replace(at, word.size(), by);
        }
    };
    replace("${hostname}", is_model ? "model" : names.nodename);
    replace("${release}", names.release);
    return text;
}

void expect_values(const RowOutcome& wanted, const Result& result, const JailSystem& system) {
    EXPECT_EQ(result.message, "");
    for (const std::string& word : test::row_words(filled_in(wanted.to_string(), system.kind()))) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        std::string value = word.substr(equals + 1);
        value = name == "path" && value == "/" ? system.root().native() : value;
        const Param* param = find_param(result.values, name);
        ASSERT_NE(param, nullptr) << name;
        EXPECT_EQ(join(param->values, ","), value) << name;
    }
}

void expect_error(const RowOutcome& wanted, const Result& result) {
    ASSERT_NE(result.message, "") << "it went well";
    if (result.cause) {
        EXPECT_EQ(result.cause, errnos().at(wanted.first)) << result.message;
    }
    if (!wanted.rest.empty()) {
        EXPECT_EQ(result.message, wanted.rest);
    }
}

void expect_outcome(const RowOutcome& wanted, const Result& result, const JailSystem& system) {
    if (wanted.is_error()) {
        expect_error(wanted, result);
    } else if (wanted.first == "exit") {
        EXPECT_EQ(result.status, (ExitStatus{std::stoi(wanted.rest), 0})) << result.message;
    } else if (wanted.first == "signal") {
        EXPECT_EQ(result.status, (ExitStatus{0, std::stoi(wanted.rest)})) << result.message;
    } else if (wanted.first == "ok") {
        EXPECT_EQ(result.message, "");
    } else {
        expect_values(wanted, result, system);
    }
}

void try_row(const JailRow& row, JailSystem& system) {
    SCOPED_TRACE(fmt::format("line {}: {}", row.line, row.text));
    const auto mark = row.marks.find(system.kind());
    const RowOutcome& wanted = mark == row.marks.end() ? row.outcome : mark->second.outcome;
    if (!wanted.is_skip()) {
        expect_outcome(wanted, system.call(row.words), system);
    }
}

/// How many rows there are, and how many do not hold on `kind`.
void report_marks(const std::string& kind) {
    int rows = 0;
    int marked = 0;
    int unlike = 0;
    for (const JailScenario& scenario : scenarios()) {
        for (const JailRow& row : scenario.rows) {
            const auto mark = row.marks.find(kind);
            const bool is_marked = mark != row.marks.end()
                                   && mark->second.outcome.to_string() != row.outcome.to_string();
            ++rows;
            marked += is_marked ? 1 : 0;
            unlike += is_marked && !mark->second.outcome.is_skip() ? 1 : 0;
        }
    }
    ::testing::Test::RecordProperty("rows", rows);
    ::testing::Test::RecordProperty("rows_that_do_not_hold", marked);
    std::cout << fmt::format(
        "{}: {} rows, {} hold; {} do not, with the reason in the table ({} with another outcome "
        "that is tested, {} not tried)\n",
        kind,
        rows,
        rows - marked,
        marked,
        unlike,
        marked - unlike);
}

class JailSemanticsModel : public ::testing::TestWithParam<JailScenario> {};

TEST_P(JailSemanticsModel, AreThoseOfTheKernel) {
    const test::TemporaryFolder folder;
    test::ModelWorld world{folder.path()};
    test::ModelHost host{world};
    ModelSystem system{world, host};
    for (const JailRow& row : GetParam().rows) {
        try_row(row, system);
    }
}

class JailSemanticsLinux : public JailTest, public ::testing::WithParamInterface<JailScenario> {
  protected:
    void TearDown() override {
        if (system_) {
            system_->clear();
        }
        JailTest::TearDown();
    }

    std::optional<LinuxSystem> system_;
};

TEST_P(JailSemanticsLinux, AreThoseOfTheKernel) {
    system_.emplace(*host_, root_, folder_ / "runs");
    for (const JailRow& row : GetParam().rows) {
        try_row(row, *system_);
    }
}

std::string test_name(const ::testing::TestParamInfo<JailScenario>& scenario) {
    std::string name;
    for (const char c : scenario.param.title) {
        const bool is_letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (is_letter) {
            name += c;
        } else if (!name.empty() && name.back() != '_') {
            name += '_';
        }
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Rows, JailSemanticsModel, ::testing::ValuesIn(scenarios()), test_name);
INSTANTIATE_TEST_SUITE_P(Rows, JailSemanticsLinux, ::testing::ValuesIn(scenarios()), test_name);

TEST(JailSemantics, CountsTheRowsThatDoNotHoldOnLinux) {
    report_marks("linux");
}

TEST(JailSemantics, CountsTheRowsThatDoNotHoldInTheModel) {
    report_marks("model");
}

}  // namespace
}  // namespace brig
