// SPDX-License-Identifier: BSD-2-Clause
#include "support/model_jails.hpp"

#include "params/builtin_catalogue.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <fstream>
#include <optional>

namespace brig::test {

namespace {

constexpr const char* kLingers = "test.lingers";
constexpr char kSeparator = '\x1f';

Param text_param(const char* name, const char* value) {
    return {name, ParamType::string, ParamPerformer::kernel, {value}, {}};
}

ParamList host_params() {
    return {text_param("host.hostname", "model"), text_param("osrelease", "13.2-RELEASE")};
}

void write(std::ostream& out, const JailState& jail) {
    out << jail.id << kSeparator << jail.parent << kSeparator << jail.is_dying << kSeparator
        << jail.name << '\n';
    for (const Param& param : jail.params) {
        out << param.name << kSeparator << static_cast<int>(param.type);
        for (const std::string& value : param.values) {
            out << kSeparator << value;
        }
        out << '\n';
    }
    out << '\n';
}

std::optional<JailState> read(std::istream& in) {
    std::string line;
    if (!std::getline(in, line)) {
        return std::nullopt;
    }
    const auto head = split(line, kSeparator);
    JailState jail;
    jail.id = std::stoi(head.at(0));
    jail.parent = std::stoi(head.at(1));
    jail.is_dying = head.at(2) == "1";
    jail.name = head.at(3);
    while (std::getline(in, line) && !line.empty()) {
        auto fields = split(line, kSeparator);
        const auto type = static_cast<ParamType>(std::stoi(fields.at(1)));
        jail.params.push_back(
            {fields.at(0), type, ParamPerformer::kernel, {fields.begin() + 2, fields.end()}, {}});
    }
    return jail;
}

}  // namespace

std::vector<JailState> ModelJails::load() const {
    std::ifstream in{file_};
    std::vector<JailState> jails;
    while (auto jail = read(in)) {
        jails.push_back(std::move(*jail));
    }
    return jails;
}

void ModelJails::save(const std::vector<JailState>& jails) const {
    const std::filesystem::path fresh = file_.native() + ".new";
    {
        std::ofstream out{fresh};
        for (const JailState& jail : jails) {
            write(out, jail);
        }
    }
    std::filesystem::rename(fresh, file_);
}

/// An id that no jail had before.
int ModelJails::next_id() {
    const std::filesystem::path last = file_.native() + ".last";
    int id = 1000;  // beyond what anybody asks for
    std::ifstream{last} >> id;
    std::ofstream{last} << ++id;
    return id;
}

JailState ModelJails::set(JailOperation operation,
                          const ParamList& params,
                          int caller,
                          const std::function<void(const JailState&)>& before) {
    JailTable table{load(), host_params()};
    JailState jail = table.set(operation, params, next_id(), caller);
    before(jail);
    save(table.jails());
    return jail;
}

std::vector<std::string> ModelJails::remove(const std::string& name) {
    std::vector<std::string> gone;
    const auto jail = find(name);
    if (!jail) {
        return gone;
    }
    const JailTable table{load(), host_params()};
    const std::vector<int> family = table.family_of(jail->id);
    std::vector<JailState> left;
    for (JailState each : table.jails()) {
        const bool goes = std::find(family.begin(), family.end(), each.id) != family.end();
        if (goes) {
            gone.push_back(each.name);
        }
        if (!goes || find_param(each.params, kLingers) != nullptr) {
            each.is_dying |= goes;
            left.push_back(std::move(each));
        }
    }
    save(left);
    return gone;
}

void ModelJails::linger(const std::string& name) {
    std::vector<JailState> jails = load();
    for (JailState& jail : jails) {
        if (jail.name == name) {
            jail.params.push_back(text_param(kLingers, ""));
        }
    }
    save(jails);
}

std::optional<JailState> ModelJails::find(const std::string& name, int caller) const {
    const std::vector<JailState> jails = load();
    std::string prefix;
    for (const JailState& jail : jails) {
        prefix = jail.id == caller ? jail.name + "." : prefix;
    }
    for (const JailState& jail : jails) {
        if (jail.name == prefix + name && !jail.is_dying) {
            return jail;
        }
    }
    return std::nullopt;
}

ParamList ModelJails::get(const JailState& jail, int caller) const {
    const BuiltinCatalogue known{Release::freebsd_15};
    return JailTable{load(), host_params()}.get(jail, known.rows(), caller);
}

bool ModelJails::is_dying(const std::string& name) const {
    const std::vector<JailState> jails = load();
    return std::any_of(jails.begin(), jails.end(), [&](const JailState& jail) {
        return jail.name == name && jail.is_dying;
    });
}

}  // namespace brig::test
