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

/// Says that `mount` is not in the container, if so.
std::optional<std::string> elsewhere(const char* param,
                                     const Mount& mount,
                                     const std::string& root) {
    const bool is_inside = root == "/" || path_in_root(mount.target, root) != mount.target;
    return is_inside ? std::nullopt
                     : std::optional{
                         fmt::format("{}: '{}' is not in the jail's root", param, mount.target)};
}

/// What follows `name=` in `text`.
std::optional<std::string> value_of(std::string_view name, const std::string& text) {
    return text.starts_with(name) ? std::optional{text.substr(name.size())} : std::nullopt;
}

void check_fstab(const std::string& file,
                 const std::string& place,
                 const std::string& root,
                 Findings& findings) {
    Findings unsaid;
    for (const Mount& mount : read_fstab(file, unsaid)) {
        if (auto why = elsewhere("mount.fstab", mount, root)) {
            findings.add({place, *std::move(why), "take it out of the file"});
        }
    }
}

/// jail(8) mounts anywhere on the host, brig in the container alone. A line of `mount` that is for
/// elsewhere is left out; in a file, which jail(8) reads as well, it is a finding.
void leave_out_mounts_elsewhere(jail_conf::JailSpec& jail, Findings& findings) {
    Findings unsaid;  // what is no line of fstab(5) is said when the container is resolved
    const ContainerSpec all = jail.spec;
    jail.spec.params.clear();
    jail.spec.param_origins.clear();
    for (std::size_t i = 0; i < all.params.size(); ++i) {
        const std::string& place = all.param_origins[i];
        const auto line = value_of("mount=", all.params[i]);
        const auto mount = line ? parse_fstab_line(*line, "", unsaid) : std::nullopt;
        if (auto why = mount ? elsewhere("mount", *mount, all.root) : std::nullopt) {
            jail.left_out.push_back({place, *std::move(why), ""});
            continue;
        }
        const auto file = value_of("mount.fstab=", all.params[i]);
        if (file && !file->empty()) {
            check_fstab(*file, place, all.root, findings);
        }
        jail.spec.params.push_back(all.params[i]);
        jail.spec.param_origins.push_back(place);
    }
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
