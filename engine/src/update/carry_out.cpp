// SPDX-License-Identifier: BSD-2-Clause
#include "param_values.hpp"
#include "run/notes.hpp"
#include "spec/container_spec.hpp"
#include "support/check.hpp"
#include "update/values.hpp"
#include "update/verbs.hpp"

namespace brig {

namespace {

/// Beside the parameters in the note. No parameter's name has a blank.
constexpr const char* kSpecFact = "the spec";

Facts to_facts(const Intent& intent) {
    Facts facts = to_facts(intent.params);
    facts[kSpecFact] = to_toml(intent.spec);
    return facts;
}

void set_live(Context& context, const LiveRun& run, const ParamList& from, const ParamList& to) {
    const ParamList changes = kernel_changes(context.catalogue, from, to);
    if (!changes.empty()) {
        context.host.update_jail(run.jail, changes);
    }
}

/// Gives the jail back what it had, and forgets the intent, unless all went well.
class RevertUnlessKept {
  public:
    RevertUnlessKept(Context& context, LiveRun& run, const ParamList& params)
        : context_{context}, run_{run}, params_{params} {}
    RevertUnlessKept(const RevertUnlessKept&) = delete;
    RevertUnlessKept& operator=(const RevertUnlessKept&) = delete;
    RevertUnlessKept(RevertUnlessKept&&) = delete;
    RevertUnlessKept& operator=(RevertUnlessKept&&) = delete;

    ~RevertUnlessKept() {
        if (kept_) {
            return;
        }
        attempt([&] { set_live(context_, run_, params_, run_.params); });
        attempt([&] { run_.ledger.note(note::kUpdate, {}); });
    }

    void keep() noexcept { kept_ = true; }

  private:
    /// The story's own error is what the user sees.
    template <typename Step>
    void attempt(Step step) noexcept {
        try {
            step();
        } catch (const std::exception& failure) {
            context_.log.warn("{}", full_message(failure));
        }
    }

    Context& context_;
    LiveRun& run_;
    const ParamList& params_;
    bool kept_ = false;
};

}  // namespace

void carry_out(Context& context,
               LiveRun& run,
               const Intent& intent,
               const std::function<void()>& keep) {
    run.ledger.note(note::kUpdate, to_facts(intent));
    RevertUnlessKept revert{context, run, intent.params};
    set_live(context, run, run.params, intent.params);
    keep();
    revert.keep();
    run.ledger.note(note::kParams, to_facts(intent.params));
    run.ledger.note(note::kUpdate, {});
}

bool finish_interrupted(Context& context, const std::string& id) {
    auto ledger = Ledger::peek(context.run.ledger_file(id));
    const Facts* facts = ledger ? ledger->find_note(note::kUpdate) : nullptr;
    if (facts == nullptr || facts->empty()) {
        return false;
    }
    const auto jail = context.host.find_jail(id, context.run.folder(id));
    if (!jail) {
        return false;  // it has just ended, and starts as it was
    }
    Intent intent{params_from_facts(*facts, context.catalogue),
                  container_spec_from_toml(facts->at(kSpecFact), "the update of " + id)};
    ParamList params = container_info(id, *ledger, context.catalogue).params;
    LiveRun run{std::move(*ledger), *jail, std::move(params)};
    const auto replace = [&](ContainerSpec& spec) {
        intent.spec.image = spec.image;
        intent.spec.name = spec.name;
        spec = intent.spec;
    };
    const auto keep = [&] {
        if (!intent.spec.ephemeral) {
            context.store.change_spec(id, replace);
        }
    };
    in_context("finishing an interrupted update", [&] { carry_out(context, run, intent, keep); });
    return true;
}

}  // namespace brig
