// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/result.hpp"

namespace latchkey::database {

namespace detail {

constexpr std::size_t kInvalidStatement = static_cast<std::size_t>(-1);
constexpr std::size_t kParametersMax = 64;

constexpr bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr bool starts_with_word(std::string_view text, std::string_view word) {
    if (text.size() <= word.size() || is_word(text[word.size()])) {
        return false;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = text[i];
        if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != word[i]) {
            return false;
        }
    }
    return true;
}

/// Only statements on rows: transactions have functions and schemas have migrations.
constexpr bool is_row_statement(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) {
        text.remove_prefix(1);
    }
    return starts_with_word(text, "SELECT") || starts_with_word(text, "INSERT") ||
           starts_with_word(text, "UPDATE") || starts_with_word(text, "DELETE") ||
           starts_with_word(text, "WITH") || starts_with_word(text, "VALUES");
}

/// The number of parameters, or kInvalidStatement. Quoted texts and names are skipped; comments,
/// other ways to write parameters or texts, and a second statement are refused, because the
/// engines read them differently.
constexpr std::size_t count_parameters(std::string_view text) {
    if (!is_row_statement(text) || text.find('\\') != std::string_view::npos) {
        return kInvalidStatement;
    }
    bool used[kParametersMax + 1] = {};
    std::size_t highest = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : ' ';
        if (c == '\'' || c == '"') {
            // A doubled quote ends one quoted part and begins the next.
            i = text.find(c, i + 1);
            if (i == std::string_view::npos) {
                return kInvalidStatement;
            }
        } else if (c == '\0' || c == ';' || c == '?' || c == '@' || c == '`' || c == '[' ||
                   (c == '-' && next == '-') || (c == '/' && next == '*') ||
                   (c == ':' && next != ' ')) {
            return kInvalidStatement;
        } else if (c == '$') {
            std::size_t number = 0;
            std::size_t digits = 0;
            while (i + 1 < text.size() && is_word(text[i + 1])) {
                ++i;
                if (text[i] < '0' || text[i] > '9' || (digits == 0 && text[i] == '0') ||
                    ++digits > 2) {
                    return kInvalidStatement;
                }
                number = number * 10 + static_cast<std::size_t>(text[i] - '0');
            }
            if (number == 0 || number > kParametersMax) {
                return kInvalidStatement;
            }
            used[number] = true;
            highest = number > highest ? number : highest;
        }
    }
    for (std::size_t number = 1; number <= highest; ++number) {
        if (!used[number]) {
            return kInvalidStatement;
        }
    }
    return highest;
}

}  // namespace detail

/// One SELECT, INSERT, UPDATE, DELETE, WITH or VALUES with parameters $1, $2 ... (all of them
/// used, at most 64), the same for both engines. A literal is checked by the compiler, so that data
/// cannot become part of a statement; there is no comment, backslash, "?" or ";" outside quotes.
class Statement {
  public:
    template <std::size_t N>
    consteval Statement(const char (&literal)[N])  // NOLINT(google-explicit-constructor)
        : text_(literal, N - 1), parameters_(detail::count_parameters(text_)) {
        if (parameters_ == detail::kInvalidStatement) {
            refuse();
        }
    }

    /// For texts made by the program itself from constant parts; never from input.
    /// kDatabaseStatement. The text must outlive the statement.
    static core::Result<Statement> parse(std::string_view text) {
        const std::size_t parameters = detail::count_parameters(text);
        if (parameters == detail::kInvalidStatement) {
            return core::fail(core::ErrorCode::kDatabaseStatement);
        }
        return Statement(text, parameters);
    }

    constexpr std::string_view text() const { return text_; }
    constexpr std::size_t parameters() const { return parameters_; }

  private:
    constexpr Statement(std::string_view text, std::size_t parameters)
        : text_(text), parameters_(parameters) {}
    // Not constexpr: reaching it stops the compiler.
    static void refuse() {}

    std::string_view text_;
    std::size_t parameters_;
};

}  // namespace latchkey::database
