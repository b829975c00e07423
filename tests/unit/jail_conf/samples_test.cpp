// SPDX-License-Identifier: BSD-2-Clause
// Files of the shapes that FreeBSD ships and that jail managers write; and what a jail becomes.
#include "jail_conf/files.hpp"
#include "jail_conf/parser.hpp"
#include "jail_conf/to_spec.hpp"
#include "support/params.hpp"
#include "unit/jail_conf/conf_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace brig {
namespace {

using Words = std::vector<std::string>;

/// A jail of a sample, as a container: its parameters, and what it cannot have, by name.
struct Imported {
    ContainerSpec spec;
    std::string left_out;  ///< "line: message", one a line
    std::string findings;
};

Imported import_jail(jail_conf::Files& files, const std::string& file, const std::string& name) {
    Findings findings;
    const jail_conf::Document document = jail_conf::parse(file, files, findings);
    jail_conf::Resolver resolver{document, findings};
    jail_conf::JailSpec jail =
        jail_conf::to_spec(resolver.resolve(name), test::full_catalogue(), findings);
    Imported result;
    result.spec = std::move(jail.spec);
    for (const Finding& finding : jail.left_out) {
        result.left_out += finding.where.substr(file.size() + 1) + ": " + finding.message + "\n";
    }
    result.findings = test::lines_of(findings);
    return result;
}

Imported import_sample(const std::string& sample, const std::string& name) {
    jail_conf::HostFiles files;
    return import_jail(files, BRIG_TEST_JAIL_CONFS "/" + sample, name);
}

Imported import_text(const std::string& text) {
    test::ConfFiles files{{{"c", text}}};
    return import_jail(files, "c", "a");
}

constexpr const char* kNotPerformed = ": this version of brig does not perform it\n";

TEST(JailConfSamples, Manual) {
    const Imported mail = import_sample("manual.conf", "mail");
    EXPECT_EQ(mail.findings, "");
    EXPECT_EQ(mail.left_out, "");
    EXPECT_EQ(mail.spec.root, "/srv/jails/mail");
    EXPECT_EQ(mail.spec.params,
              (Words{"exec.start=/bin/sh /etc/rc",
                     "exec.stop=/bin/sh /etc/rc.shutdown jail",
                     "exec.clean",
                     "mount.devfs",
                     "host.hostname=mail.example",
                     "ip4.addr=192.0.2.10",
                     "ip4.addr=192.0.2.11",
                     "ip4.addr=192.0.2.12"}));
    EXPECT_TRUE(mail.spec.param_origins.back().ends_with("manual.conf:13:17"))
        << mail.spec.param_origins.back();
    const Imported bare = import_sample("manual.conf", "bare");
    EXPECT_EQ(bare.spec.root, "/");
    EXPECT_EQ(bare.spec.params,
              (Words{"exec.start=", "exec.stop=", "exec.clean", "mount.nodevfs", "persist"}));
    EXPECT_NE(import_sample("manual.conf", "cluster.node1").findings.find("holds a dot"),
              std::string::npos);
}

TEST(JailConfSamples, Vnet) {
    Imported lab = import_sample("vnet.conf", "lab");
    EXPECT_EQ(lab.findings, "");
    // These two may be performed or left out.
    Words& params = lab.spec.params;
    for (const char* name :
         {"vnet.interface=ng0_lab", "exec.consolelog=/var/log/jail_lab_console.log"}) {
        params.erase(std::remove(params.begin(), params.end(), name), params.end());
    }
    EXPECT_EQ(params,
              (Words{"host.hostname=lab.example",
                     "exec.clean",
                     "exec.system_user=root",
                     "exec.jail_user=root",
                     "vnet",
                     "exec.prestart=jng bridge lab em0",
                     "exec.poststop=jng shutdown lab",
                     "exec.start=/bin/sh /etc/rc",
                     "exec.stop=/bin/sh /etc/rc.shutdown jail",
                     "mount.devfs"}));
}

TEST(JailConfSamples, Commands) {
    const Imported numbered = import_sample("commands.conf", "4711");
    EXPECT_EQ(numbered.findings, "");
    EXPECT_EQ(numbered.spec.name, "numbered");
    EXPECT_EQ(numbered.spec.root, "/tmp/tested");
    EXPECT_EQ(numbered.left_out, "8:1: jid: the kernel numbers the jails\n");
    EXPECT_EQ(numbered.spec.params.back(), "exec.poststop=echo JID=$JID");
}

TEST(JailConfSamples, Bastille) {
    const Imported thin = import_sample("bastille.conf", "thin");
    EXPECT_EQ(thin.findings, "");
    EXPECT_EQ(thin.spec.root, "/usr/local/bastille/jails/thin/root");
    const Imported thick = import_sample("bastille.conf", "thick");
    EXPECT_EQ(thick.findings, "");
    EXPECT_NE(std::find(thick.spec.params.begin(),
                        thick.spec.params.end(),
                        "exec.prestart=ifconfig e0a_thick description \"the host's end of thick\""),
              thick.spec.params.end());
}

TEST(JailConfSamples, Iocage) {
    const Imported shelf = import_sample("iocage.conf", "ioc-shelf");
    EXPECT_EQ(shelf.findings, "");
    EXPECT_EQ(shelf.spec.name, "ioc-shelf");
    EXPECT_NE(
        std::find(shelf.spec.params.begin(), shelf.spec.params.end(), "ip4.addr=em0|192.0.2.20/24"),
        shelf.spec.params.end());
    Findings findings;
    EXPECT_EQ(find_param(test::merge_words(shelf.spec.params, findings), "sysvshm")->values,
              Words{"new"});
    EXPECT_EQ(test::messages(findings), "");
}

TEST(JailConfSamples, AppJail) {
    const Imported porch = import_sample("appjail.conf", "porch");
    EXPECT_EQ(porch.findings, "");
    EXPECT_EQ(porch.spec.root, "/usr/local/appjail/jails/porch/jail");
    EXPECT_EQ(porch.spec.params.front(), "exec.start=/bin/sh /etc/rc");
    EXPECT_NE(
        std::find(porch.spec.params.begin(),
                  porch.spec.params.end(),
                  "exec.poststart=appjail network assign -d -e \"porch\" -j \"porch\" -n \"web\""),
        porch.spec.params.end());
}

TEST(JailConfToSpec, SaysWhatIsLeftOut) {
    const Imported jail = import_text(
        "a {\n path = /;\n jid = 7;\n dying;\n"
        " allow.teleport;\n allow.mount = 1;\n}");
    EXPECT_EQ(jail.findings, "");
    EXPECT_EQ(jail.left_out,
              "3:2: jid: the kernel numbers the jails\n"
              "4:2: dying is read-only\n"
              "5:2: unknown parameter: allow.teleport\n");
    EXPECT_EQ(jail.spec.params, Words{"allow.mount=1"});
}

/// As of this version; that of each is in the catalogue.
TEST(JailConfToSpec, LeavesOutWhatIsNotPerformed) {
    for (const ParamInfo& info : test::full_catalogue().rows()) {
        if (info.enforcement == Enforcement::refused) {
            const Imported jail = import_text("a { path = /; " + info.name + " = 1; }");
            EXPECT_EQ(jail.left_out, "1:15: " + info.name + kNotPerformed);
            EXPECT_TRUE(jail.spec.params.empty());
            EXPECT_EQ(import_text("a { path = /; " + info.name + " = \"\"; }").left_out, "");
        }
    }
}

TEST(JailConfToSpec, LeavesOutWordsForIfconfig) {
    const Imported jail = import_text("a { path = /; ip4.addr = \"em0|10.0.0.1/24 mtu 1400\"; }");
    EXPECT_EQ(jail.spec.params, Words{"ip4.addr=em0|10.0.0.1/24"});
    EXPECT_EQ(jail.left_out,
              "1:26: ip4.addr: \"mtu 1400\" is for ifconfig(8), which brig does not run\n");
}

TEST(JailConfToSpec, NeedsAPathAndAName) {
    EXPECT_EQ(import_text("a { }").findings, "c:1:1: jail \"a\" has no path\n");
    EXPECT_EQ(import_text("* { $x = 1; } a { path = \"\"; }").findings,
              "c:1:15: jail \"a\" has no path\n");
}

TEST(JailConfToSpec, TheLastCommandIsTheContainers) {
    const Imported jail =
        import_text("a { path = /; exec.start = first; command = \"second x\", \"third  y\"; }");
    EXPECT_EQ(jail.spec.command, (Words{"third", "y"}));
    EXPECT_EQ(jail.spec.params, (Words{"exec.start=first", "exec.start=second x"}));
    const Imported shell = import_text("a { path = /; command = 'a | b'; }");
    EXPECT_EQ(shell.spec.command, (Words{"/bin/sh", "-c", "a | b"}));
    const Imported background = import_text("a { path = /; command = 'daemon &'; }");
    EXPECT_TRUE(background.spec.command.empty());
    EXPECT_EQ(background.spec.params, Words{"exec.start=daemon &"});
}

TEST(JailConfToSpec, ScalarsTakeTheLastValue) {
    EXPECT_EQ(import_text("a { path = /, /b; securelevel = 1, 2; }").spec.params,
              Words{"securelevel=2"});
    EXPECT_EQ(import_text("a { path = /, /b; }").spec.root, "/b");
}

}  // namespace
}  // namespace brig
