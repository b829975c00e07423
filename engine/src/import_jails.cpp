// SPDX-License-Identifier: BSD-2-Clause
#include "import_jails.hpp"

#include "create.hpp"
#include "fstab.hpp"
#include "jail_conf/files.hpp"
#include "jail_conf/parser.hpp"
#include "jail_conf/to_spec.hpp"
#include "spec/names.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace brig {

namespace {

/// The names that were asked for, or all.
std::vector<std::string> chosen_jails(const jail_conf::Document& document,
                                      const ImportSpec& request) {
    std::vector<std::string> all = jail_conf::jail_names(document);
    for (const std::string& name : request.jails) {
        if (std::find(all.begin(), all.end(), name) == all.end()) {
            const auto similar = nearest(name, all);
            throw Error{ErrorCode::not_found,
                        fmt::format("{} has no jail {}", request.file, quoted_for_message(name))}
                .with_hint(similar ? fmt::format("did you mean '{}'?", *similar) : "");
        }
    }
    if (all.empty()) {
        throw Error{ErrorCode::not_found, fmt::format("{} has no jails", request.file)};
    }
    if (!request.jails.empty()) {
        // Still in the order of the file.
        all.erase(std::remove_if(all.begin(),
                                 all.end(),
                                 [&](const std::string& name) {
                                     return std::find(
                                                request.jails.begin(), request.jails.end(), name)
                                            == request.jails.end();
                                 }),
                  all.end());
    }
    return all;
}

/// Everything that the file alone tells.
struct ReadJails {
    ImportReport report;
    std::vector<std::string> root_places;  ///< of the containers
};

/// jail(8) mounts anywhere on the host, brig in the container alone. What is to be mounted
/// elsewhere is left out; in a file that jail(8) reads it is a finding.
void leave_out_mounts_elsewhere(jail_conf::JailSpec& jail, Findings& findings) {
    constexpr std::string_view kMount = "mount=";
    constexpr std::string_view kFstab = "mount.fstab=";
    const auto is_elsewhere = [&](const Mount& mount) {
        return jail.spec.root != "/" && path_in_root(mount.target, jail.spec.root) == mount.target;
    };
    const auto reason = [&](const char* param, const Mount& mount) {
        return fmt::format("{}: '{}' is not in the jail's root", param, mount.target);
    };
    Findings unsaid;  // said when the container is resolved
    std::vector<std::string> params;
    std::vector<std::string> origins;
    for (std::size_t i = 0; i < jail.spec.params.size(); ++i) {
        const std::string& text = jail.spec.params[i];
        const std::string& place = jail.spec.param_origins[i];
        if (text.starts_with(kMount)) {
            const auto mount = parse_fstab_line(text.substr(kMount.size()), "", unsaid);
            if (mount && is_elsewhere(*mount)) {
                jail.left_out.push_back({place, reason("mount", *mount), ""});
                continue;
            }
        } else if (text.starts_with(kFstab) && text.size() > kFstab.size()) {
            for (const Mount& mount : read_fstab(text.substr(kFstab.size()), unsaid)) {
                if (is_elsewhere(mount)) {
                    findings.add({place, reason("mount.fstab", mount), "take it out of the file"});
                }
            }
        }
        params.push_back(text);
        origins.push_back(place);
    }
    jail.spec.params = std::move(params);
    jail.spec.param_origins = std::move(origins);
}

ReadJails read_jails(const Context& context, const ImportSpec& request) {
    Findings findings;
    jail_conf::HostFiles files;
    const jail_conf::Document document = jail_conf::parse(request.file, files, findings);
    findings.throw_if_any();
    jail_conf::Resolver resolver{document, findings};
    ReadJails read;
    for (const std::string& name : chosen_jails(document, request)) {
        jail_conf::JailSpec jail =
            jail_conf::to_spec(resolver.resolve(name), context.catalogue, findings);
        leave_out_mounts_elsewhere(jail, findings);
        for (const Finding& finding : jail.left_out) {
            read.report.left_out.push_back({finding.where, finding.message, finding.hint});
        }
        if (findings.empty()) {
            read.root_places.push_back(jail.root_place.to_string());
            read.report.specs.push_back(std::move(jail.spec));
        }
    }
    findings.throw_if_any();
    return read;
}

void require_free_names(Context& context, const std::vector<ContainerSpec>& specs) {
    for (auto spec = specs.begin(); spec != specs.end(); ++spec) {
        const bool is_twice = std::any_of(specs.begin(), spec, [&](const ContainerSpec& other) {
            return other.name == spec->name;
        });
        if (is_twice || context.store.find_container_id(spec->name)
            || context.run.find_name(spec->name)) {
            throw name_taken(spec->name);
        }
    }
}

/// Every container as it would be started, checked.
std::vector<Launch> resolve_all(Context& context, const ReadJails& read) {
    Findings all;
    std::vector<Launch> launches;
    for (std::size_t i = 0; i < read.report.specs.size(); ++i) {
        Findings findings;
        launches.push_back(resolve_launch(context, read.report.specs[i], new_id(), findings));
        for (Finding finding : findings.all()) {
            // Parameters say where they were written; what is about the root or the whole does not.
            finding.where = finding.where.empty() ? read.root_places[i] : finding.where;
            all.add(std::move(finding));
        }
    }
    all.throw_if_any();
    return launches;
}

}  // namespace

ImportReport import_jails(Context& context, const ImportSpec& request) {
    ReadJails read = read_jails(context, request);
    require_free_names(context, read.report.specs);
    const std::vector<Launch> launches = resolve_all(context, read);
    for (const Launch& launch : launches) {
        for (const std::string& warning : launch.warnings) {
            context.log.warn("{}: {}", launch.name, warning);
        }
    }
    if (!request.dry_run) {
        create_all(context, launches);
        for (const Launch& launch : launches) {
            read.report.ids.push_back(launch.id);
        }
    }
    return std::move(read.report);
}

}  // namespace brig
