// SPDX-License-Identifier: BSD-2-Clause
#include "dataset.hpp"

#include "properties.hpp"
#include "system.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace brig::storage_zfs {
namespace {

struct Line {
    std::string_view name;
    std::string_view property;
    std::string_view value;
    std::string_view source;
};

/// The value may hold tabs, so its end is looked for from behind.
std::optional<Line> parse_line(std::string_view line) {
    const std::size_t first = line.find('\t');
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t second = line.find('\t', first + 1);
    const std::size_t last = line.rfind('\t');
    if (second == std::string_view::npos || last <= second) {
        return std::nullopt;
    }
    return Line{line.substr(0, first),
                line.substr(first + 1, second - first - 1),
                line.substr(second + 1, last - second - 1),
                line.substr(last + 1)};
}

std::vector<std::string> split_clones(const std::string& text) {
    std::vector<std::string> clones;
    std::string_view rest{text};
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (comma > 0) {
            clones.emplace_back(rest.substr(0, comma));
        }
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return clones;
}

Snapshot snapshot_of(const Dataset& row) {
    return {row.name.substr(row.name.find('@') + 1),
            row.local(kOwner),
            row.text("guid"),
            row.text("creation"),
            row.number("userrefs") != 0,
            split_clones(row.text("clones"))};
}

/// The rows, in the order of their first line.
std::vector<Dataset> parse_rows(std::string_view output) {
    std::vector<Dataset> rows;
    std::map<std::string, std::size_t, std::less<>> index;
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        const std::optional<Line> line = parse_line(output.substr(0, end));
        output.remove_prefix(std::min(end + 1, output.size()));
        if (!line) {
            continue;
        }
        const auto [known, added] = index.try_emplace(std::string{line->name}, rows.size());
        if (added) {
            rows.emplace_back().name = line->name;
        }
        Dataset& row = rows[known->second];
        const bool fresh =
            row.values
                .try_emplace(std::string{line->property},
                             Value{std::string{line->value}, std::string{line->source}})
                .second;
        if (!fresh) {
            throw Error{BRIG_INTERNAL,
                        joined("zfs says twice what '", line->property, "' of '", row.name, "' is"),
                        "look for a user property with a newline in its value"};
        }
    }
    return rows;
}

bool is_below(std::string_view name, std::string_view parent) {
    return name.size() > parent.size() && name.substr(0, parent.size()) == parent
           && (name[parent.size()] == '/' || name[parent.size()] == '@');
}

}  // namespace

std::string Dataset::text(std::string_view property) const {
    const auto found = values.find(property);
    return found == values.end() || found->second.text == "-" ? std::string{} : found->second.text;
}

std::string Dataset::local(std::string_view property) const {
    const auto found = values.find(property);
    return found != values.end() && found->second.source == "local" ? found->second.text
                                                                    : std::string{};
}

std::uint64_t Dataset::number(std::string_view property) const {
    return std::strtoull(text(property).c_str(), nullptr, 10);
}

const Snapshot* Dataset::find_snapshot(std::string_view short_name) const {
    const auto found =
        std::find_if(snapshots.begin(), snapshots.end(), [short_name](const Snapshot& each) {
            return each.name == short_name;
        });
    return found == snapshots.end() ? nullptr : &*found;
}

namespace {

void add_snapshot(std::vector<Dataset>& datasets, Dataset row) {
    const std::string of = row.name.substr(0, row.name.find('@'));
    const auto dataset = std::find_if(
        datasets.begin(), datasets.end(), [&](const Dataset& each) { return each.name == of; });
    if (dataset != datasets.end()) {
        dataset->snapshots.push_back(snapshot_of(row));
    } else {
        datasets.push_back(std::move(row));  // it was asked for by name
    }
}

void add_file_system(std::vector<Dataset>& datasets, Dataset row) {
    for (Dataset& dataset : datasets) {
        if (is_below(row.name, dataset.name)) {
            dataset.children.push_back(row.name);
        }
    }
    datasets.push_back(std::move(row));
}

}  // namespace

std::vector<Dataset> parse_datasets(std::string_view output) {
    std::vector<Dataset> datasets;
    for (Dataset& row : parse_rows(output)) {
        const bool is_snapshot = row.name.find('@') != std::string::npos;
        is_snapshot ? add_snapshot(datasets, std::move(row))
                    : add_file_system(datasets, std::move(row));
    }
    return datasets;
}

const Dataset* find_dataset(const std::vector<Dataset>& datasets, std::string_view name) {
    const auto found = std::find_if(datasets.begin(), datasets.end(), [name](const Dataset& each) {
        return each.name == name;
    });
    return found == datasets.end() ? nullptr : &*found;
}

}  // namespace brig::storage_zfs
