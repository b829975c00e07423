// SPDX-License-Identifier: BSD-2-Clause
#include "plan.hpp"

#include "support/model_engine.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace brig {
namespace {

using test::Rig;

/// The plan of a container of the image "base" that does not exist yet.
class PlanTest : public ::testing::Test {
  protected:
    PlanTest() { rig_.store.add_image(test::base_image()); }

    Plan plan(const std::vector<std::string>& params = {}) {
        ContainerSpec spec;
        spec.image = "base";
        spec.command = {"true"};
        spec.params = params;
        Context context = rig_.context(folder_.path());
        return make_plan(context, resolve_launch(context, spec, new_id()));
    }

    void storage_contributes(const std::string& name, const std::string& value) {
        rig_.world.storage_params = {
            {name, {value}, true, {Origin::Kind::driver, "storage 'model'"}}};
    }

    test::TemporaryFolder folder_;
    Rig rig_{folder_.path()};
};

std::vector<std::string> values_of(const Plan& plan, const std::string& name) {
    for (const Param& param : plan.params) {
        if (param.name == name) {
            return param.values;
        }
    }
    return {};
}

TEST_F(PlanTest, ShowsWhatTheStorageContributes) {
    storage_contributes("zfs.dataset", "tank/web");
    EXPECT_EQ(values_of(plan(), "zfs.dataset"), std::vector<std::string>{"tank/web"});
}

TEST_F(PlanTest, LendsWhatTheStorageContributes) {
    storage_contributes("zfs.dataset", "tank/web");
    const Plan plan = this->plan();
    const auto lends = [](const Plan::Step& step) {
        return step.verb == "lend" && step.object == "dataset 'tank/web'";
    };
    EXPECT_TRUE(std::any_of(plan.steps.begin(), plan.steps.end(), lends));
    EXPECT_NE(plan.jail_command.find("zfs.dataset"), std::string::npos) << plan.jail_command;
}

TEST_F(PlanTest, ChangesNothing) {
    storage_contributes("zfs.dataset", "tank/web");
    static_cast<void>(plan());
    EXPECT_TRUE(rig_.world.effects().empty());
}

}  // namespace
}  // namespace brig
