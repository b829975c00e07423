// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <algorithm>
#include <iostream>

namespace brig::cli {

Options::Options(std::string usage) : usage_{std::move(usage)} {
    add()("help,h", "show this");
    add()("json", "print data as JSON");
}

bool Options::takes_value(const std::string& name) const {
    const auto* option = described_.find_nothrow(name, false);
    return option != nullptr && option->semantic()->max_tokens() > 0;
}

/// How many words after `option` are its value: 0 or 1.
std::size_t Options::count_values(const std::string& option) const {
    if (option[1] == '-') {
        const bool attached = option.find('=') != std::string::npos;
        return !attached && takes_value(option.substr(2)) ? 1 : 0;
    }
    // -it, -uroot, -u root: the first short option that takes a value takes the rest of the word.
    for (std::size_t i = 1; i < option.size(); ++i) {
        if (takes_value(std::string{"-"} + option[i])) {
            return i + 1 == option.size() ? 1 : 0;
        }
    }
    return 0;
}

/// How many of the arguments are options and their values: Boost itself has no notion of options
/// that end at the first operand.
std::size_t Options::count_options(const std::vector<std::string>& arguments) const {
    const auto is_option = [](const std::string& word) {
        return word.size() > 1 && word.front() == '-' && word != "--";
    };
    std::size_t count = 0;
    while (count < arguments.size() && is_option(arguments[count])) {
        count += 1 + count_values(arguments[count]);
    }
    return std::min(count, arguments.size());
}

bool Options::parse(Invocation& call) {
    return parse(call, call.arguments());
}

bool Options::parse(Invocation& call, std::vector<std::string> arguments) {
    const std::size_t count = count_options(arguments);
    const auto split = arguments.begin() + static_cast<std::ptrdiff_t>(count);
    operands_.assign(split, arguments.end());
    if (!operands_.empty() && operands_.front() == "--") {
        operands_.erase(operands_.begin());
    }
    arguments.erase(split, arguments.end());
    try {
        po::store(
            po::command_line_parser(arguments)
                .options(described_)
                .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
                .run(),
            values_);
        po::notify(values_);
    } catch (const po::error& failure) {
        throw error(failure.what());
    }
    if (has("json")) {
        call.set_json();
    }
    if (has("help")) {
        std::cout << "usage: brig " << usage_ << "\n\n" << described_;
        return false;
    }
    return true;
}

bool Options::parse_interleaved(Invocation& call) {
    return parse_interleaved(call, call.arguments());
}

bool Options::parse_interleaved(Invocation& call, std::vector<std::string> arguments) {
    std::vector<std::string> left = std::move(arguments);
    std::vector<std::string> sorted;
    std::vector<std::string> operands{"--"};
    while (!left.empty() && left.front() != "--") {
        const std::size_t count = count_options(left);
        const auto end = left.begin() + static_cast<std::ptrdiff_t>(count);
        sorted.insert(sorted.end(), left.begin(), end);
        left.erase(left.begin(), end);
        if (!left.empty() && left.front() != "--") {
            operands.push_back(left.front());
            left.erase(left.begin());
        }
    }
    if (!left.empty()) {
        operands.insert(operands.end(), left.begin() + 1, left.end());
    }
    sorted.insert(sorted.end(), operands.begin(), operands.end());
    return parse(call, std::move(sorted));
}

void Options::require_operands(std::size_t least, std::size_t most) const {
    if (operands_.size() < least) {
        throw error("an argument is missing");
    }
    if (operands_.size() > most) {
        throw error("unexpected argument '" + operands_[most] + "'");
    }
}

UsageError Options::error(const std::string& message) const {
    return UsageError{message + "\nusage: brig " + usage_};
}

int run_verb(Invocation& call, const std::string& command, std::span<const Verb> verbs) {
    std::string names;
    for (const Verb& verb : verbs) {
        names.append(names.empty() ? " " : " | ").append(verb.name);
    }
    Options options{command + names + " …"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    const Strings& words = options.operands();
    const auto verb = std::find_if(
        verbs.begin(), verbs.end(), [&](const Verb& each) { return words.front() == each.name; });
    if (verb == verbs.end()) {
        throw options.error("there is no '" + command + " " + words.front() + "'");
    }
    return verb->run(call, {words.begin() + 1, words.end()});
}

}  // namespace brig::cli
