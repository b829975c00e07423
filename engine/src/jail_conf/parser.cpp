// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/parser.hpp"

#include "brig/error.hpp"
#include "jail_conf/lexer.hpp"
#include "spec/names.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

namespace brig::jail_conf {

namespace {

constexpr const char* kGlobal = "*";

/// A section that has been opened. `index` is nothing for one that is read for its errors alone.
struct OpenSection {
    std::optional<std::size_t> index;
    Place place;
};

/// What the files of one document share.
class Reader {
  public:
    Reader(Files& files, Findings& findings) : files_{files}, findings_{findings} {}

    void read_file(const std::string& path);

    [[nodiscard]] Document take() { return std::move(document_); }

    // For the parser of one file.

    [[nodiscard]] Findings& findings() noexcept { return findings_; }
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }

    void fail(const Place& place, std::string message, std::string hint = "");
    void open_section(const std::string& name, const Place& place);
    void open_unnamed_section(const Place& place) { open_.push_back({std::nullopt, place}); }
    void close_section() { open_.pop_back(); }
    [[nodiscard]] const std::vector<OpenSection>& open() const noexcept { return open_; }
    void add(Statement statement);
    void include(const Word& word);

  private:
    /// A limit is reached: this is said once, and nothing more is read.
    void stop(const Place& place, std::string message);
    void include_file(const std::string& path, const Place& place);

    Files& files_;
    Findings& findings_;
    Document document_;
    std::vector<OpenSection> open_;
    std::vector<std::string> including_;  ///< the files that are being read, the outermost first
    std::size_t file_count_ = 0;
    std::size_t total_size_ = 0;
    std::size_t statement_count_ = 0;
    bool is_full_ = false;
};

/// The grammar of jailparse.y, for one file.
class FileParser {
  public:
    FileParser(Reader& reader, std::string_view text, std::shared_ptr<const std::string> file)
        : reader_{reader},
          lexer_{text, std::move(file), reader.findings()},
          outer_{reader.open().size()} {
        step();
    }

    void parse() {
        while (token_.kind != TokenKind::end && !reader_.is_full()) {
            item();
        }
        while (reader_.open().size() > outer_) {
            reader_.fail(
                reader_.open().back().place, "this section is not closed", "end it with }");
            reader_.close_section();
        }
    }

  private:
    void step() { token_ = lexer_.next(); }

    bool accept(TokenKind kind) {
        const bool found = token_.kind == kind;
        if (found) {
            step();
        }
        return found;
    }

    void item() {
        if (accept(TokenKind::semicolon)) {
            return;
        }
        if (token_.kind == TokenKind::word) {
            named();
        } else if (token_.kind == TokenKind::close && reader_.open().size() > outer_) {
            reader_.close_section();
            step();
        } else {
            unexpected("");
        }
    }

    /// A section or a statement, which both begin with a name.
    void named() {
        const Word name = std::move(token_.word);
        step();
        if (token_.kind == TokenKind::open) {
            begin_section(name);
            step();
            return;
        }
        Statement statement;
        statement.place = name.place;
        const bool has_operator =
            token_.kind == TokenKind::assign || token_.kind == TokenKind::append;
        statement.appends = accept(TokenKind::append);
        const bool has_values =
            accept(TokenKind::assign) || has_operator || token_.kind == TokenKind::word;
        if (has_values && !read_values(statement.values)) {
            return;
        }
        if (token_.kind != TokenKind::semicolon) {
            unexpected("a statement ends with ; and a value with blanks is quoted");
            return;
        }
        step();
        finish(name, std::move(statement), has_operator);
    }

    void begin_section(const Word& name) {
        if (name.is_text() && !name.text().empty()) {
            reader_.open_section(name.text(), name.place);
        } else {
            reader_.fail(name.place, "a section's name is a word without variables");
            reader_.open_unnamed_section(name.place);
        }
    }

    /// `value, value`: false, with a finding, where there is none.
    bool read_values(std::vector<Word>& values) {
        do {
            if (token_.kind != TokenKind::word) {
                unexpected("a value is expected here; write \"\" for an empty one");
                return false;
            }
            values.push_back(std::move(token_.word));
            step();
        } while (accept(TokenKind::comma));
        return true;
    }

    void finish(const Word& name, Statement statement, bool has_operator) {
        const bool is_variable = name.pieces.size() == 1 && name.pieces.front().is_variable;
        if (!is_variable && !name.is_text()) {
            reader_.fail(name.place, "a parameter's name holds no variable");
            return;
        }
        statement.is_variable = is_variable;
        statement.name = is_variable ? name.pieces.front().text : name.text();
        // Written any other way it is a parameter like others, and an unknown one.
        if (!is_variable && statement.name == ".include" && !has_operator) {
            for (const Word& file : statement.values) {
                reader_.include(file);
            }
            return;
        }
        reader_.add(std::move(statement));
    }

    /// Reports the token, and goes on after the statement that it is in.
    void unexpected(std::string hint) {
        reader_.fail(token_.place, fmt::format("unexpected {}", token_.text), std::move(hint));
        // A brace too many would be one for each that follows.
        if (token_.kind == TokenKind::close && reader_.open().size() <= outer_) {
            step();
        }
        while (token_.kind != TokenKind::semicolon && token_.kind != TokenKind::close
               && token_.kind != TokenKind::end) {
            if (token_.kind == TokenKind::open) {
                reader_.open_unnamed_section(token_.place);
                step();
                return;
            }
            step();
        }
    }

    Reader& reader_;
    Lexer lexer_;
    std::size_t outer_;  ///< sections that this file did not open and may not close
    Token token_;
};

void Reader::fail(const Place& place, std::string message, std::string hint) {
    if (findings_.all().size() < kMaxFindings) {
        findings_.add({place.to_string(), std::move(message), std::move(hint)});
    } else {
        is_full_ = true;
    }
}

void Reader::stop(const Place& place, std::string message) {
    if (!is_full_) {
        fail(place, std::move(message), "this is no configuration of jails");
        is_full_ = true;
    }
}

void Reader::read_file(const std::string& path) {
    const std::string text = files_.read(path);
    total_size_ += text.size();
    ++file_count_;
    auto file = std::make_shared<const std::string>(path);
    if (file_count_ > kMaxFiles || total_size_ > kMaxTotalSize) {
        stop({file}, "too many files, or too large ones, are included");
        return;
    }
    including_.push_back(path);
    FileParser{*this, text, std::move(file)}.parse();
    including_.pop_back();
}

void Reader::open_section(const std::string& name, const Place& place) {
    std::string full = name;
    if (!open_.empty()) {
        // A jail in a jail; within one that has no name it has none either.
        if (!open_.back().index) {
            open_unnamed_section(place);
            return;
        }
        full = document_.sections[*open_.back().index].name + "." + name;
    }
    if (full.size() > kMaxName) {
        fail(place,
             fmt::format("the name of a jail has {} characters, at most {} are allowed",
                         full.size(),
                         kMaxName));
        open_unnamed_section(place);
        return;
    }
    if (document_.sections.size() >= kMaxSections) {
        stop(place, fmt::format("more than {} sections", kMaxSections));
        return;
    }
    open_.push_back({document_.sections.size(), place});
    document_.sections.push_back({std::move(full), place, {}});
}

/// Statements outside of sections belong to a wildcard section at their place: jail.conf(5),
/// "Wildcards". (jail(8) of FreeBSD 14 collects them at the place of the first; its manual does
/// not.)
void Reader::add(Statement statement) {
    if (++statement_count_ > kMaxStatements) {
        stop(statement.place, fmt::format("more than {} statements", kMaxStatements));
        return;
    }
    std::vector<Section>& sections = document_.sections;
    if (!open_.empty()) {
        if (const auto index = open_.back().index) {
            sections[*index].statements.push_back(std::move(statement));
        }
        return;
    }
    if (sections.empty() || sections.back().name != kGlobal) {
        sections.push_back({kGlobal, statement.place, {}});
    }
    sections.back().statements.push_back(std::move(statement));
}

void Reader::include(const Word& word) {
    if (!word.is_text()) {
        fail(word.place, "the name of an included file holds no variable");
        return;
    }
    std::string path = word.text();
    if (!path.starts_with('/')) {
        const std::string& outer = including_.back();
        path.insert(0, outer.substr(0, outer.rfind('/') + 1));
    }
    try {
        if (path.find_first_of("*?[") == std::string::npos) {
            include_file(path, word.place);
            return;
        }
        for (const std::string& found : files_.match(path)) {
            include_file(found, word.place);
        }
    } catch (const Error& failure) {
        fail(word.place, full_message(failure), failure.hint());
    }
}

void Reader::include_file(const std::string& path, const Place& place) {
    if (is_full_) {
        return;
    }
    if (std::find(including_.begin(), including_.end(), path) != including_.end()) {
        fail(place, fmt::format("{} includes itself", quoted_for_message(path)));
    } else if (including_.size() >= kMaxIncludeDepth) {
        fail(place, fmt::format("more than {} files include each other", kMaxIncludeDepth));
    } else {
        read_file(path);
    }
}

}  // namespace

Document parse(const std::string& file, Files& files, Findings& findings) {
    Reader reader{files, findings};
    reader.read_file(file);
    return reader.take();
}

}  // namespace brig::jail_conf
