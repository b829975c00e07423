// SPDX-License-Identifier: BSD-2-Clause
#include "cli/describe.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

namespace brig::cli {
namespace {

ParamInfo row(const char* name) {
    return test::row_of(name);
}

TEST(DescribeType, SaysWhatOneMayWrite) {
    EXPECT_EQ(describe_type(row("allow.raw_sockets")), "boolean");
    EXPECT_EQ(describe_type(row("enforce_statfs")), "integer 0 to 2");
    EXPECT_EQ(describe_type(row("securelevel")), "integer -1 to 3");
    EXPECT_EQ(describe_type(row("osreldate")), "integer, at least 1");
    EXPECT_EQ(describe_type(row("parent")), "integer");
    EXPECT_EQ(describe_type(row("ip4")), "disable|new|inherit");
    EXPECT_EQ(describe_type(row("vnet")), "new|inherit");
    EXPECT_EQ(describe_type(row("host.hostname")), "string, 255 bytes");
    EXPECT_EQ(describe_type(row("exec.jail_user")), "string");
    EXPECT_EQ(describe_type(row("ip4.addr")), "IPv4 addresses");
    EXPECT_EQ(describe_type(row("exec.start")), "list");
}

TEST(ParamToJson, HasLimitsAndChoicesWhereThereAreAny) {
    ParamInfo param = row("securelevel");
    param.origin = "kernel";
    const std::string wanted =
        R"json({"name":"securelevel","type":"integer","min":-1,"max":3,"default":"-1",)json"
        R"json("origin":"kernel","access":"read_write","effect":"enforced",)json"
        R"json("performer":"kernel","manual":"jail(8)","since":"13.2","summary":"Jail secure level"})json";
    EXPECT_EQ(to_json(param).text(), wanted);
    const std::string choices = R"("choices":["new","inherit"])";
    EXPECT_NE(to_json(row("vnet")).text().find(choices), std::string::npos);
    ParamInfo dataset = row("zfs.dataset");
    dataset.enforcement = Enforcement::refused;
    const std::string refused = R"("effect":"refused")";
    EXPECT_NE(to_json(dataset).text().find(refused), std::string::npos);
}

}  // namespace
}  // namespace brig::cli
