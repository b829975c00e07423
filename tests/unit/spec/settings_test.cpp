// SPDX-License-Identifier: BSD-2-Clause
#include "brig/settings.hpp"

#include "brig/error.hpp"
#include "support/installed_prefix.hpp"
#include "support/platform.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace brig {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

Settings parse(const std::string& text, const SettingsOverrides& overrides = {}) {
    return parse_settings(text, "/etc/brig/brig.toml", overrides);
}

/// The message of the Error that reading `text` ends with.
std::string refusal(const std::string& text, const SettingsOverrides& overrides = {}) {
    try {
        static_cast<void>(parse_settings(text, "brig.toml", overrides));
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_config);
        return error.what() + (error.hint().empty() ? "" : " [" + error.hint() + "]");
    }
    return "accepted";
}

std::vector<std::string> texts(const std::vector<DefaultParam>& params) {
    std::vector<std::string> result;
    for (const DefaultParam& param : params) {
        result.push_back(param.text);
    }
    return result;
}

TEST(Settings, WithoutAWordAreThoseOfThePlatform) {
    const Settings settings = parse("");
    EXPECT_EQ(settings.state, platform_paths().state);
    EXPECT_EQ(settings.run, platform_paths().run);
    EXPECT_EQ(settings.logs, platform_paths().logs);
    const fs::path prefix = installed_prefix();
    EXPECT_EQ(settings.driver_dirs, std::vector<fs::path>{prefix / "lib/brig/drivers"});
    EXPECT_EQ(settings.libexec, prefix / "libexec/brig");
    EXPECT_EQ(settings.default_storage, "dir");
    EXPECT_EQ(settings.default_network, "host");
}

TEST(Settings, BringStorageAndNetworksAlong) {
    const Settings settings = parse("[engine]\nstate = '/s'");
    ASSERT_EQ(settings.storages.size(), 1U);
    EXPECT_EQ(settings.storages[0].driver, "storage-dir");
    ASSERT_EQ(settings.storages[0].options.size(), 1U);
    EXPECT_EQ(settings.storages[0].options[0].first, "path");
    EXPECT_EQ(std::get<std::string>(settings.storages[0].options[0].second.value), "/s/storage");
    ASSERT_EQ(settings.networks.size(), 2U);
    EXPECT_EQ(settings.networks[0].name, "host");
    EXPECT_EQ(settings.networks[1].name, "none");
    EXPECT_EQ(settings.networks[1].driver, "net-inherit");
    EXPECT_EQ(std::get<std::string>(settings.networks[1].options[1].second.value), "disable");
}

TEST(Settings, LetTheFileRedefineWhatIsBuiltIn) {
    const Settings settings = parse("[network.host]\ndriver = 'net-vnet'\n");
    ASSERT_EQ(settings.networks.size(), 2U);
    EXPECT_EQ(settings.networks[0].name, "host");
    EXPECT_EQ(settings.networks[0].driver, "net-vnet");
    EXPECT_EQ(settings.networks[0].where, "/etc/brig/brig.toml:1:10");
}

TEST(Settings, KeepDriverOptionsInOrderWithTheirPlace) {
    const Settings settings = parse(
        "[storage.zfs]\n"
        "driver = 'storage-zfs'\n"
        "pool = 'tank'\n"
        "quota = 5\n"
        "atime = false\n"
        "  args = ['a', 'b']\n");
    const OptionMap& options = settings.storages.at(0).options;
    ASSERT_EQ(options.size(), 4U);
    EXPECT_EQ(options[0].first, "pool");
    EXPECT_EQ(options[0].second.where, "/etc/brig/brig.toml:3:1");
    EXPECT_EQ(std::get<std::int64_t>(options[1].second.value), 5);
    EXPECT_EQ(std::get<bool>(options[2].second.value), false);
    EXPECT_EQ(options[3].second.where, "/etc/brig/brig.toml:6:3");
    EXPECT_EQ(std::get<std::vector<std::string>>(options[3].second.value),
              (std::vector<std::string>{"a", "b"}));
}

TEST(Settings, TakeDefaultParamsInEverySpelling) {
    const Settings settings = parse(
        "[defaults.params]\n"
        "allow.raw_sockets = true\n"
        "exec.stop = ''\n"
        "enforce_statfs = 1\n"
        "\"ip4.addr\" = ['10.0.0.1', '10.0.0.2']\n"
        "meta = { colour = 'red', deep = { er = 'x=y' } }\n");
    EXPECT_EQ(texts(settings.default_params),
              (std::vector<std::string>{"allow.raw_sockets=true",
                                        "exec.stop=",
                                        "enforce_statfs=1",
                                        "ip4.addr=10.0.0.1",
                                        "ip4.addr=10.0.0.2",
                                        "meta.colour=red",
                                        "meta.deep.er=x=y"}));
    EXPECT_EQ(settings.default_params[1].where, "/etc/brig/brig.toml:3:6");
    EXPECT_EQ(settings.default_params[4].where, "/etc/brig/brig.toml:5:27");
}

TEST(Settings, ResolvePathsAgainstTheFile) {
    const Settings settings =
        parse("[engine]\nstate = '../state/'\ndrivers = ['mine', '/opt/drivers']\n");
    EXPECT_EQ(settings.state, "/etc/state");
    EXPECT_EQ(settings.driver_dirs.at(0), "/etc/brig/mine");
    EXPECT_EQ(settings.driver_dirs.at(1), "/opt/drivers");
    EXPECT_EQ(settings.driver_dirs.size(), 3U);
}

TEST(Settings, ResolveOverridesAgainstTheWorkingDirectory) {
    const Settings settings = parse("[engine]\nstate = '/x'", {{}, ".brig", "r"});
    EXPECT_EQ(settings.state, fs::current_path() / ".brig");
    EXPECT_EQ(settings.run, fs::current_path() / "r");
}

TEST(Settings, NeverShareARunFolderBetweenStates) {
    EXPECT_EQ(parse("[engine]\nstate = '/a'").run, "/a/run");
    EXPECT_EQ(parse("[engine]\nrun = '/r'").run, "/r");
    EXPECT_EQ(parse("[engine]\nstate = '/a'\nrun = '/r'").run, "/r");
    EXPECT_EQ(parse("[engine]\nstate = '/a'\nrun = '/r'", {{}, "/b", {}}).run, "/b/run");
    EXPECT_EQ(parse("", {{}, {}, "/q"}).run, "/q");
}

TEST(Settings, NeverShareLogsBetweenStates) {
    EXPECT_EQ(parse("[engine]\nstate = '/a'").logs, "/a/logs");
    EXPECT_EQ(parse("[engine]\nlogs = 'l'").logs, "/etc/brig/l");
    EXPECT_EQ(parse("[engine]\nstate = '/a'\nlogs = '/l'").logs, "/l");
    EXPECT_EQ(parse("[engine]\nstate = '/a'\nlogs = '/l'", {{}, "/b", {}}).logs, "/b/logs");
}

TEST(Settings, ReportEverythingAtOnceWithItsPlace) {
    EXPECT_EQ(
        refusal("[engine]\n"
                "stat = '/x'\n"
                "run = 5\n"
                "drivers = 'dir'\n"
                "[storage.zfs]\n"
                "pool = 1.5\n"
                "[network.'a.b']\n"
                "driver = ''\n"
                "[default]\n"
                "[defaults]\n"
                "parms = 1\n"),
        "brig.toml:2:1: unknown key \"engine.stat\" (did you mean \"state\"?)\n"
        "brig.toml:3:1: \"engine.run\" must be a string, not a number\n"
        "brig.toml:4:1: \"engine.drivers\" must be a list of strings, not a string\n"
        "brig.toml:6:1: \"storage.zfs.pool\" must be true, false, a number, a string or a "
        "list of strings, not a number with a fraction\n"
        "brig.toml:5:10: \"storage.zfs\" names no driver (add driver = \"NAME\"; `brig driver "
        "ls` lists the names)\n"
        "brig.toml:7:10: the network name \"a.b\" holds a dot, which in the name of a jail "
        "separates parent and child\n"
        "brig.toml:8:1: \"network.a.b.driver\" is empty\n"
        "brig.toml:9:2: unknown key \"default\" (did you mean \"defaults\"?)\n"
        "brig.toml:11:1: unknown key \"defaults.parms\" (did you mean \"params\"?)");
}

TEST(Settings, RefuseWrongShapes) {
    EXPECT_EQ(refusal("engine = 1"), "brig.toml:1:1: \"engine\" must be a table, not a number");
    EXPECT_EQ(refusal("[[storage]]"), "brig.toml:1:3: \"storage\" must be a table, not a list");
    EXPECT_EQ(refusal("network.lan = 'x'"),
              "brig.toml:1:9: \"network.lan\" must be a table, not a string");
    EXPECT_EQ(refusal("[storage.d]\ndriver = '../evil'"),
              "brig.toml:2:1: the driver name \"../evil\" holds a dot, which in the name of a jail "
              "separates parent and child");
    EXPECT_EQ(refusal("[storage.d]\ndriver = 'x'\nopts = ['a', 1]"),
              "brig.toml:3:14: \"storage.d.opts\" must be a string, not a number");
    EXPECT_EQ(refusal("[defaults.params]\na = [[1]]"),
              "brig.toml:2:6: \"defaults.params.a\" must be a string, a number, true or false, not "
              "a list");
    EXPECT_EQ(refusal("[defaults.params]\na = []"),
              "brig.toml:2:1: the list \"defaults.params.a\" is empty and sets nothing [leave the "
              "line out]");
    EXPECT_EQ(refusal("[defaults.params]\n'a=b' = 1").substr(0, 55),
              "brig.toml:2:1: \"a=b\" is not the name of a parameter [`b");
    EXPECT_EQ(refusal("[defaults.params]\nt = 1979-05-27"),
              "brig.toml:2:1: \"defaults.params.t\" must be true, false, a number, a string or a "
              "list of these, not a date or time");
}

TEST(Settings, RefuseADefaultThatIsNotThere) {
    EXPECT_EQ(refusal("[engine]\nnetwork = 'hots'"),
              "brig.toml:2:1: there is no network \"hots\" to be the default [did you mean "
              "\"host\"?]");
    EXPECT_EQ(refusal("[engine]\nstorage = 'elsewhere'"),
              "brig.toml:2:1: there is no storage \"elsewhere\" to be the default [configured: "
              "dir]");
}

TEST(Settings, SayWhereTheSyntaxIsWrong) {
    EXPECT_EQ(refusal("[engine]\nstate = /x\n").substr(0, 15), "brig.toml:2:9: ");
    EXPECT_EQ(refusal("a = 1\na = 2\n").substr(0, 15), "brig.toml:2:5: ");
    EXPECT_EQ(refusal("a = \"\xff\"").substr(0, 13), "brig.toml:1:5");
    EXPECT_EQ(refusal("[engine]\nstate = \"a\\u0000b\""),
              "brig.toml:2:9: a string holds a NUL character");
}

TEST(Settings, RefuseATableWithoutAName) {
    for (const char* text : {"[ #\n", "[/etc]\n", "[[#]]\n", "[\n", "[", "[a.", "[a.#]"}) {
        EXPECT_EQ(refusal(text).substr(0, 12), "brig.toml:1:") << text;
    }
}

TEST(Settings, SurviveDeepNesting) {
    std::string dots = "[a";
    for (int i = 0; i < 100000; ++i) {
        dots += ".a";
    }
    EXPECT_EQ(refusal(dots + "]"), "brig.toml:1:1: more than 512 dots in one line");
    EXPECT_NE(refusal("a = " + std::string(100000, '[')), "accepted");
}

/// A key of 514 parts, behind what may make a reader lose count of quotes.
TEST(Settings, SurviveDeepNestingBehindStrings) {
    std::string dots = "[a";
    for (int i = 0; i < 513; ++i) {
        dots += ".a";
    }
    for (const char* before : {"# it's\n",
                               "a = \"\\\\\"\n",
                               "a = \"'\"\n",
                               "a = '\"'\n",
                               "a = '\\'\n",
                               "a = \"\"\n",
                               "a = x'\n",
                               "a = \"\"\"\"x\"\"\"\"\"\n",
                               "a = \"\"\"\\\"\"\"\"\n",
                               "a = \"\"\"#\"\"\"\n"}) {
        const auto lines = 1 + std::count(before, before + std::strlen(before), '\n');
        EXPECT_EQ(refusal(before + dots + "]"),
                  "brig.toml:" + std::to_string(lines) + ":1: more than 512 dots in one line")
            << before;
    }
}

TEST(Settings, RefuseEmptyOverrides) {
    EXPECT_EQ(refusal("", {{}, "", {}}), "the path of the state directory is empty");
}

class SettingsFile : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* variable : {"BRIG_CONFIG", "BRIG_STATE", "BRIG_RUN"}) {
            ::unsetenv(variable);
        }
    }
    void TearDown() override { SetUp(); }

    fs::path write(const std::string& text) const {
        const fs::path file = folder_.path() / "brig.toml";
        std::ofstream{file} << text;
        return file;
    }

    static std::string load_refusal(const fs::path& file) {
        try {
            static_cast<void>(load_settings({file, {}, {}}));
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    }

    TemporaryFolder folder_;
};

TEST_F(SettingsFile, IsNamedByTheEnvironmentUnlessByTheCommandLine) {
    const fs::path file = write("[engine]\nstate = 's'");
    ::setenv("BRIG_CONFIG", file.c_str(), 1);
    EXPECT_EQ(load_settings({}).state, folder_.path() / "s");
    ::setenv("BRIG_STATE", "/from/environment", 1);
    EXPECT_EQ(load_settings({}).state, "/from/environment");
    EXPECT_EQ(load_settings({{}, "/said", {}}).state, "/said");
    ::setenv("BRIG_STATE", "", 1);
    EXPECT_EQ(load_settings({}).state, folder_.path() / "s");
}

TEST_F(SettingsFile, MustExistWhenItIsNamed) {
    const std::string missing = (folder_.path() / "no.toml").string();
    EXPECT_EQ(load_refusal(missing), "the configuration file \"" + missing + "\" does not exist");
}

TEST_F(SettingsFile, MustBeARegularFileOfReasonableSize) {
    const fs::path fifo = folder_.path() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_NE(load_refusal(fifo).find("is not a regular file"), std::string::npos);
    EXPECT_NE(load_refusal(folder_.path()).find("is not a regular file"), std::string::npos);
    EXPECT_NE(load_refusal("/dev/zero").find("is not a regular file"), std::string::npos);
    EXPECT_NE(load_refusal(write(std::string((1U << 20U) + 1, '\n'))).find("larger than 1 MiB"),
              std::string::npos);
    EXPECT_EQ(load_refusal(write(std::string(1U << 20U, '\n'))), "accepted");
}

TEST_F(SettingsFile, MustNotBeWritableByAnyone) {
    const fs::path file = write("");
    fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
    EXPECT_NE(load_refusal(file).find("may be written by anyone"), std::string::npos);
}

}  // namespace
}  // namespace brig
