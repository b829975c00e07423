// SPDX-License-Identifier: BSD-2-Clause
#include "up/select.hpp"

#include "param_values.hpp"
#include "spec/names.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <map>

namespace brig {

namespace {

/// Each of them takes a piece of the stack.
constexpr std::size_t kLongestChain = 256;

std::string name_of_file(const ContainerSelection& selection) {
    return selection.file ? quoted_for_message(selection.file->native()) : "the configuration";
}

/// A walk along `depend`, depth first.
class Selector {
  public:
    Selector(Context& context,
             const std::vector<ConfiguredContainer>& containers,
             Findings& findings)
        : context_{context}, containers_{containers}, findings_{findings} {}

    void visit(const std::string& name) {
        if (std::find(path_.begin(), path_.end(), name) != path_.end()) {
            add_loop(name);
            return;
        }
        if (indices_.contains(name)) {
            return;
        }
        if (path_.size() == kLongestChain) {
            add_endless_chain(name);
            return;
        }
        path_.push_back(name);
        Chosen chosen = resolve(find(name));
        const std::vector<std::string> depends = chosen.launch
                                                     ? param_list(chosen.launch->params, "depend")
                                                     : std::vector<std::string>{};
        for (const std::string& dependency : depends) {
            if (is_in_file(dependency)) {
                visit(dependency);
                add_need(chosen, dependency);
            } else {
                require_container(chosen, dependency);
            }
        }
        path_.pop_back();
        indices_[name] = chosen_.size();
        chosen_.push_back(std::move(chosen));
    }

    [[nodiscard]] std::vector<Chosen> take() { return std::move(chosen_); }

  private:
    [[nodiscard]] const ConfiguredContainer& find(const std::string& name) const {
        return *std::find_if(containers_.begin(), containers_.end(), [&](const auto& each) {
            return each.spec.name == name;
        });
    }

    [[nodiscard]] bool is_in_file(const std::string& name) const {
        return std::any_of(containers_.begin(), containers_.end(), [&](const auto& each) {
            return each.spec.name == name;
        });
    }

    Chosen resolve(const ConfiguredContainer& configured) {
        const std::string& name = configured.spec.name;
        Chosen chosen;
        chosen.configured = configured;
        if (const auto id = context_.store.find_container_id(name)) {
            chosen.id = *id;
            chosen.exists = true;
        } else {
            chosen.id = new_id();
            if (context_.run.find_name(name)) {
                findings_.add(
                    {configured.where,
                     fmt::format("container '{}' was run with --rm and is not kept", name),
                     "stop it first: brig stop " + name});
            }
        }
        Findings found;
        collect(configured.where, findings_, [&] {
            chosen.launch = resolve_launch(context_, configured.spec, chosen.id, found);
        });
        add_findings(found, configured.where, findings_);
        return chosen;
    }

    void add_need(Chosen& chosen, const std::string& name) const {
        // One that is part of a loop is not there, which was reported.
        if (const auto found = indices_.find(name); found != indices_.end()) {
            chosen.needs.push_back(found->second);
        }
    }

    /// Of what is not in the file, a container must be there. That it runs is for its start to
    /// require.
    void require_container(const Chosen& chosen, const std::string& name) {
        if (context_.store.find_container_id(name) || context_.run.find_name(name)
            || context_.store.find_container_by_id(name)) {
            return;
        }
        std::vector<std::string> names;
        for (const ConfiguredContainer& each : containers_) {
            names.push_back(each.spec.name);
        }
        const auto similar = nearest(name, names);
        findings_.add({find_param(chosen.launch->params, "depend")->origin.to_string(),
                       fmt::format("depend: there is no container {}", quoted_for_message(name)),
                       similar ? fmt::format("did you mean '{}'?", *similar) : ""});
    }

    void add_endless_chain(const std::string& name) {
        if (!has_endless_chain_) {
            findings_.add({find(name).where,
                           fmt::format("depend: '{}' is the end of a chain of more than {} "
                                       "containers, '{}' the beginning",
                                       name,
                                       kLongestChain,
                                       path_.front()),
                           "have more of them start at once"});
        }
        has_endless_chain_ = true;
    }

    void add_loop(const std::string& name) {
        std::vector<std::string> loop{std::find(path_.begin(), path_.end(), name), path_.end()};
        loop.push_back(name);
        findings_.add({find(name).where,
                       fmt::format("depend: '{}' depends on itself: {}", name, join(loop, " -> ")),
                       ""});
    }

    Context& context_;
    const std::vector<ConfiguredContainer>& containers_;
    Findings& findings_;
    std::vector<std::string> path_;
    std::map<std::string, std::size_t> indices_;
    std::vector<Chosen> chosen_;
    bool has_endless_chain_ = false;
};

}  // namespace

std::vector<ConfiguredContainer> containers_of(const Context& context,
                                               const ContainerSelection& selection) {
    std::vector<ConfiguredContainer> containers =
        selection.file ? load_containers(*selection.file) : context.settings.containers;
    if (containers.empty()) {
        throw Error{ErrorCode::not_found,
                    fmt::format("{} has no containers", name_of_file(selection))}
            .with_hint("write a table [container.NAME], or give a file with -f");
    }
    return containers;
}

std::vector<std::string> chosen_names(const std::vector<ConfiguredContainer>& containers,
                                      const ContainerSelection& selection) {
    std::vector<std::string> all;
    for (const ConfiguredContainer& each : containers) {
        all.push_back(each.spec.name);
    }
    for (const std::string& name : selection.names) {
        if (std::find(all.begin(), all.end(), name) == all.end()) {
            const auto similar = nearest(name, all);
            throw Error{
                ErrorCode::not_found,
                fmt::format(
                    "{} has no container {}", name_of_file(selection), quoted_for_message(name))}
                .with_hint(similar ? fmt::format("did you mean '{}'?", *similar)
                                   : fmt::format("it has {}", join(all, ", ")));
        }
    }
    return selection.names.empty() ? all : selection.names;
}

std::vector<Chosen> choose(Context& context,
                           const ContainerSelection& selection,
                           Findings& findings) {
    const std::vector<ConfiguredContainer> containers = containers_of(context, selection);
    Selector selector{context, containers, findings};
    for (const std::string& name : chosen_names(containers, selection)) {
        selector.visit(name);
    }
    return selector.take();
}

void add_findings(const Findings& found, const std::string& where, Findings& findings) {
    for (Finding finding : found.all()) {
        finding.where = finding.where.empty() ? where : finding.where;
        const bool is_known =
            std::any_of(findings.all().begin(), findings.all().end(), [&](const Finding& each) {
                return each.where == finding.where && each.message == finding.message;
            });
        if (!is_known) {
            findings.add(std::move(finding));
        }
    }
}

}  // namespace brig
