// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"

#include <boost/program_options.hpp>

#include <span>
#include <string>
#include <vector>

namespace brig::cli {

namespace po = boost::program_options;

/// The options of a command, read up to its first operand: `brig run -it base ls -l` leaves
/// {"base", "ls", "-l"}.
class Options {
  public:
    /// `usage` is what follows "brig" in the usage line.
    explicit Options(std::string usage);

    /// For `add("name,n", po::value<std::string>(), "what it does")`, as with Boost.
    po::options_description_easy_init add() { return described_.add_options(); }

    /// Reads `arguments`. Every command knows --help (prints and returns false) and --json.
    /// @throws UsageError
    [[nodiscard]] bool parse(Invocation& call);
    [[nodiscard]] bool parse(Invocation& call, std::vector<std::string> arguments);

    /// The same where no operand begins a command of the container's: options may also follow
    /// operands, up to `--`.
    [[nodiscard]] bool parse_interleaved(Invocation& call);
    [[nodiscard]] bool parse_interleaved(Invocation& call, std::vector<std::string> arguments);

    [[nodiscard]] bool has(const char* name) const { return values_.count(name) != 0; }

    template <typename Value>
    [[nodiscard]] Value get(const char* name, Value otherwise) const {
        return has(name) ? values_[name].as<Value>() : otherwise;
    }

    template <typename Value>
    [[nodiscard]] std::optional<Value> find(const char* name) const {
        return has(name) ? std::optional{values_[name].as<Value>()} : std::nullopt;
    }

    /// What follows the options.
    [[nodiscard]] const std::vector<std::string>& operands() const noexcept { return operands_; }

    /// @throws UsageError unless there are `least` to `most` operands.
    void require_operands(std::size_t least, std::size_t most) const;

    [[nodiscard]] UsageError error(const std::string& message) const;

  private:
    [[nodiscard]] std::size_t count_options(const std::vector<std::string>& arguments) const;
    [[nodiscard]] std::size_t count_values(const std::string& option) const;
    [[nodiscard]] bool takes_value(const std::string& name) const;

    std::string usage_;
    po::options_description described_{"options", 100, 60};
    po::variables_map values_;
    std::vector<std::string> operands_;
};

/// Any number of operands.
inline constexpr std::size_t kMany = static_cast<std::size_t>(-1);

using Strings = std::vector<std::string>;

/// What `brig COMMAND VERB …` does with the words after the verb.
struct Verb {
    const char* name;
    int (*run)(Invocation& call, Strings arguments);
};

/// Runs the verb that the first word of `call` names.
/// @throws UsageError when `command` has no such verb
int run_verb(Invocation& call, const std::string& command, std::span<const Verb> verbs);

}  // namespace brig::cli
