// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/resolver.hpp"

#include "spec/names.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace brig::jail_conf {

namespace {

/// The component that `name` begins with, which is cut off it with its dot.
std::string_view next_component(std::string_view& name) noexcept {
    const std::string_view component = name.substr(0, name.find('.'));
    name.remove_prefix(std::min(name.size(), component.size() + 1));
    return component;
}

/// The same for `allow.mount` and `allow.nomount`, which replace each other.
std::string key_of(std::string_view name) {
    const std::size_t begin = name.rfind('.') + 1;  // npos + 1 is 0
    std::string key{name};
    if (name.substr(begin).starts_with("no")) {
        key.erase(begin, 2);
    }
    return key;
}

/// A parameter or variable that is being collected, and then expanded once.
struct Entry {
    std::string name;
    bool is_variable = false;
    bool is_fixed = false;  ///< `name` and `jid`, of the section
    std::vector<Word> words;
    Place place;

    enum class State {
        raw,
        busy,
        done,
        bad
    };
    State state = State::raw;
    std::vector<Value> values;
};

/// One jail under construction.
class Builder {
  public:
    Builder(Findings& findings, Budget& budget) : findings_{findings}, budget_{budget} {}

    void begin(const std::string& name, const Place& place) {
        const bool is_number = name.find_first_not_of("0123456789") == std::string::npos;
        Word word{{{false, name}}, place};
        Entry& entry = add_entry(is_number ? "jid" : "name", false, place);
        entry.is_fixed = true;
        entry.words.push_back(std::move(word));
    }

    /// False when no more can be taken.
    bool apply(const std::vector<Statement>& statements) {
        for (const Statement& statement : statements) {
            if (++budget_.applied > kMaxApplied) {
                return spend_all(statement.place,
                                 fmt::format("more than {} statements for all jails", kMaxApplied));
            }
            apply(statement);
        }
        return true;
    }

    /// Every parameter, expanded; variables have had their use.
    std::vector<JailParam> take(const std::string& section, const Place& place) {
        if (find("name", false) == nullptr) {
            add_entry("name", false, place).words.push_back({{{false, section}}, place});
        }
        check_clashes();
        std::vector<JailParam> params;
        for (std::size_t i = 0; i < entries_.size() && !budget_.is_spent; ++i) {
            expand(i, 0);
            if (!entries_[i].is_variable) {
                params.push_back(
                    {entries_[i].name, std::move(entries_[i].values), entries_[i].place});
                entries_[i].values = params.back().values;  // others may still ask for it
            }
        }
        return params;
    }

  private:
    void apply(const Statement& statement) {
        Entry* entry = find(statement.name, statement.is_variable);
        if (entry == nullptr) {
            entry = &add_entry(statement.name, statement.is_variable, statement.place);
            entry->is_fixed = !statement.is_variable && is_fixed_name(statement.name);
        } else if (entry->is_fixed) {
            fail(statement.place, fmt::format("cannot redefine parameter \"{}\"", entry->name));
            return;
        }
        entry->name = statement.name;
        entry->place = statement.place;
        if (!statement.appends || statement.values.empty()) {
            entry->words.clear();
        }
        entry->words.insert(entry->words.end(), statement.values.begin(), statement.values.end());
    }

    static bool is_fixed_name(std::string_view name) { return name == "name" || name == "jid"; }

    void fail(const Place& place, std::string message, std::string hint = "") {
        Finding finding{place.to_string(), std::move(message), std::move(hint)};
        const auto& all = findings_.all();
        // What is wrong in a wildcard section is wrong for each of its jails.
        const bool is_known = std::any_of(all.begin(), all.end(), [&](const Finding& other) {
            return other.where == finding.where && other.message == finding.message;
        });
        if (!is_known && all.size() < kMaxFindings) {
            findings_.add(std::move(finding));
        }
    }

    bool spend_all(const Place& place, std::string message) {
        if (!budget_.is_spent) {
            fail(place, std::move(message), "this is no configuration of jails");
        }
        budget_.is_spent = true;
        return false;
    }

    /// Parameters by what they are whether true or not, variables by their very name.
    static std::string index_key(std::string_view name, bool is_variable) {
        return is_variable ? "$" + std::string{name} : key_of(name);
    }

    Entry* find(std::string_view name, bool is_variable) {
        const auto found = index_.find(index_key(name, is_variable));
        return found == index_.end() ? nullptr : &entries_[found->second];
    }

    Entry& add_entry(const std::string& name, bool is_variable, const Place& place) {
        index_[index_key(name, is_variable)] = entries_.size();
        Entry& entry = entries_.emplace_back();
        entry.name = name;
        entry.is_variable = is_variable;
        entry.place = place;
        return entry;
    }

    void check_clashes() {
        for (const Entry& entry : entries_) {
            if (entry.is_variable && find(entry.name, false) != nullptr) {
                fail(entry.place,
                     fmt::format("variable \"${}\" cannot have the same name as a parameter",
                                 entry.name));
            }
        }
    }

    /// The entry that `$name` means: a variable, or a parameter by the name it was last given.
    std::optional<std::size_t> find_variable(const std::string& name) {
        for (const bool is_variable : {true, false}) {
            const Entry* entry = find(name, is_variable);
            if (entry != nullptr && entry->name == name) {
                return static_cast<std::size_t>(entry - entries_.data());
            }
        }
        return std::nullopt;
    }

    bool expand(std::size_t index, std::size_t depth) {
        if (entries_[index].state != Entry::State::raw) {
            return entries_[index].state == Entry::State::done;
        }
        entries_[index].state = Entry::State::busy;
        bool is_good = true;
        for (const Word& word : entries_[index].words) {
            is_good = expand_word(word, entries_[index], depth) && is_good;
        }
        entries_[index].state = is_good ? Entry::State::done : Entry::State::bad;
        return is_good;
    }

    bool expand_word(const Word& word, Entry& target, std::size_t depth) {
        Value value{{}, word.place};
        for (const Piece& piece : word.pieces) {
            if (!piece.is_variable) {
                value.text += piece.text;
                continue;
            }
            const std::vector<Value>* found = look_up(piece.text, word.place, depth);
            if (found == nullptr) {
                return false;
            }
            if (found->size() > 1) {
                return splice(word, *found, target);
            }
            value.text += found->front().text;
            if (value.text.size() > kMaxValue) {
                fail(word.place, fmt::format("a value of more than {} bytes", kMaxValue));
                return false;
            }
        }
        return add_value(std::move(value), target);
    }

    /// The values of the variable `name`, or nullptr with a finding.
    const std::vector<Value>* look_up(const std::string& name,
                                      const Place& place,
                                      std::size_t depth) {
        const auto index = find_variable(name);
        if (!index || entries_[*index].words.empty()) {
            fail(place,
                 fmt::format("variable {} not found", quoted_for_message(name)),
                 "set it in this section, in a wildcard section or outside of all");
            return nullptr;
        }
        if (entries_[*index].state == Entry::State::busy || depth >= kMaxVariableDepth) {
            fail(place, fmt::format("{}: variable loop", quoted_for_message(name)));
            return nullptr;
        }
        // One that is bad has said why.
        return expand(*index, depth + 1) ? &entries_[*index].values : nullptr;
    }

    /// A list takes the place of a word that is nothing but its variable.
    bool splice(const Word& word, const std::vector<Value>& list, Entry& target) {
        const bool stands_alone = std::count_if(word.pieces.begin(),
                                                word.pieces.end(),
                                                [](const Piece& piece) {
                                                    return piece.is_variable || !piece.text.empty();
                                                })
                                  == 1;
        if (!stands_alone) {
            fail(word.place,
                 fmt::format("{}: a list cannot be substituted within a value", target.name));
            return false;
        }
        return std::all_of(list.begin(), list.end(), [&](const Value& value) {
            return add_value({value.text, word.place}, target);
        });
    }

    bool add_value(Value value, Entry& target) {
        budget_.expanded += value.text.size();
        if (budget_.expanded > kMaxExpanded || ++budget_.values > kMaxValues) {
            return spend_all(
                value.place,
                fmt::format("the values of all jails are more than {} bytes, or more than {}",
                            kMaxExpanded,
                            kMaxValues));
        }
        target.values.push_back(std::move(value));
        return true;
    }

    Findings& findings_;
    Budget& budget_;
    std::vector<Entry> entries_;  ///< does not change any more while variables are expanded
    std::map<std::string, std::size_t> index_;
};

}  // namespace

bool is_wildcard(std::string_view name) noexcept {
    while (!name.empty()) {
        if (next_component(name) == "*") {
            return true;
        }
    }
    return false;
}

bool matches_wildcard(std::string_view jail, std::string_view wildcard) noexcept {
    while (jail.find('.') != std::string_view::npos
           && wildcard.find('.') != std::string_view::npos) {
        const std::string_view component = next_component(wildcard);
        if (next_component(jail) != component && component != "*") {
            return false;
        }
    }
    return jail == wildcard || wildcard == "*";
}

std::vector<std::string> jail_names(const Document& document) {
    std::vector<std::string> names;
    std::set<std::string_view> seen;
    for (const Section& section : document.sections) {
        if (!is_wildcard(section.name) && seen.insert(section.name).second) {
            names.push_back(section.name);
        }
    }
    return names;
}

Resolver::Resolver(const Document& document, Findings& findings)
    : document_{document}, findings_{findings} {
    for (const Section& section : document.sections) {
        is_wildcard_.push_back(is_wildcard(section.name));
    }
}

Jail Resolver::resolve(const std::string& name) {
    const std::vector<Section>& sections = document_.sections;
    const auto first = std::find_if(sections.begin(), sections.end(), [&](const Section& section) {
        return section.name == name;
    });
    Jail jail{name, first->place, {}};
    if (budget_.is_spent) {
        return jail;
    }
    Builder builder{findings_, budget_};
    builder.begin(name, jail.place);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const std::string& section = sections[i].name;
        const bool applies = is_wildcard_[i] ? matches_wildcard(name, section) : section == name;
        if (applies && !builder.apply(sections[i].statements)) {
            break;
        }
    }
    jail.params = builder.take(name, jail.place);
    return jail;
}

}  // namespace brig::jail_conf
