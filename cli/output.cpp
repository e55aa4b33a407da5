// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "core/encoding/hex.hpp"
#include "core/encoding/utf8.hpp"

namespace latchkey::cli {

namespace {

constexpr std::string_view kClearLine = "\r\033[K";
constexpr std::uint16_t kFirstOwnCode = 5000;

std::string_view code_of(Style style) {
    switch (style) {
        case Style::kHeading:
            return "\033[1m";
        case Style::kGood:
            return "\033[32m";
        case Style::kBad:
            return "\033[31m";
        case Style::kFaint:
            return "\033[2m";
        case Style::kKey:
            return "\033[36m";
        case Style::kPlain:
            break;
    }
    return "";
}

bool is_terminal(int descriptor) {
    const char* const term = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

bool wants_no_color() {
    const char* const value = std::getenv("NO_COLOR");
    return value != nullptr && *value != '\0';
}

void write(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/// Whether the context says it all: our own commands do, and the codes that say next to nothing by
/// themselves. What the model refuses is told by the verdict's own sentence.
bool is_complete(core::ErrorCode code) {
    switch (code) {
        case core::ErrorCode::kRefusedByModel:
        case core::ErrorCode::kInvalidArgument:
        case core::ErrorCode::kOutOfRange:
        case core::ErrorCode::kUnsupported:
            return true;
        default:
            return core::error_number(code) >= kFirstOwnCode;
    }
}

/// What helps against an error wherever it comes from.
std::string_view advice(core::ErrorCode code) {
    switch (code) {
        case core::ErrorCode::kNameNotResolved:
        case core::ErrorCode::kConnectFailed:
        case core::ErrorCode::kConnectionLost:
        case core::ErrorCode::kTimedOut:
            return "; name another node with --rpc, or start `latchkey dev`";
        case core::ErrorCode::kTlsFailed:
        case core::ErrorCode::kHttpMalformed:
        case core::ErrorCode::kHttpTooLarge:
        case core::ErrorCode::kHttpRedirect:
        case core::ErrorCode::kHttpStatus:
        case core::ErrorCode::kInvalidJson:
        case core::ErrorCode::kJsonRpcMalformed:
            return "; check that --rpc is the URL of a node of this chain";
        case core::ErrorCode::kTransactionTooLarge:
            return "; leave calls out and send them on their own";
        case core::ErrorCode::kBlockhashExpired:
            return "; nothing was spent, run the command again";
        default:
            return "";
    }
}

/// One character in UTF-8: C0, DEL, C1, or a mark or line end of Unicode that reorders what is
/// seen.
bool is_control(std::string_view character) {
    const auto in = [&](std::string_view first, std::string_view last) {
        return character.size() == first.size() && character >= first && character <= last;
    };
    return in(std::string_view("\0", 1), "\x1f") || in("\x7f", "\x7f") ||
           in("\xc2\x80", "\xc2\x9f") || in("\xe2\x80\x8e", "\xe2\x80\x8f") ||
           in("\xe2\x80\xa8", "\xe2\x80\xae") || in("\xe2\x81\xa6", "\xe2\x81\xa9");
}

/// Characters, not bytes: continuation bytes do not count.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned>(c) & 0xc0U) != 0x80;
    }));
}

}  // namespace

Output::Output(const Options& options) : options_(options) {
    const bool may_color = !wants_no_color() && !options.is_json;
    colors_output_ = may_color && (options.forces_color || is_terminal(STDOUT_FILENO));
    colors_errors_ = !wants_no_color() && (options.forces_color || is_terminal(STDERR_FILENO));
    shows_progress_ = !options.is_quiet && !options.is_json && is_terminal(STDERR_FILENO);
}

std::string Output::paint(Style style, std::string_view text) const {
    if (!colors_output_ || style == Style::kPlain) {
        return std::string(text);
    }
    return std::string(code_of(style)) + std::string(text) + "\033[0m";
}

void Output::progress(std::string_view text) const {
    if (shows_progress_) {
        write(stderr, std::string(kClearLine) + std::string(text));
        has_progress_line_ = true;
    }
}

void Output::end_progress() const {
    if (has_progress_line_) {
        write(stderr, kClearLine);
        has_progress_line_ = false;
    }
}

void Output::note(std::string_view text) const {
    if (!options_.is_quiet && !options_.is_json) {
        write(stderr, std::string(text) + "\n");
    }
}

void Output::line(std::string_view text) const {
    if (!options_.is_json) {
        write(stdout, std::string(text) + "\n");
    }
}

void Output::print(const Report& report) const {
    end_progress();
    if (options_.is_json) {
        write(stdout, json::serialize(report.fields) + "\n");
        return;
    }
    for (const std::string& one : report.lines) {
        line(one);
    }
}

void Output::print(const core::Error& error) const {
    end_progress();
    const std::string text = sentence(error);
    if (options_.is_json) {
        const json::object body{{"code", core::error_number(error.code)},
                                {"name", core::error_name(error.code)},
                                {"message", text}};
        write(stdout, json::serialize(json::object{{"error", body}}) + "\n");
    }
    const std::string label = colors_errors_ ? "\033[31merror:\033[0m " : "error: ";
    write(stderr, label + text + "\n");
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = core::utf8_sequence_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        if (length > 0 && !is_control(character)) {
            out += character;
        } else {
            for (const char c : character) {
                const auto byte = static_cast<std::uint8_t>(c);
                out += "\\x" + core::encode_hex(core::ByteView(&byte, 1));
            }
        }
        text.remove_prefix(character.size());
    }
    return out;
}

std::string sentence(const core::Error& error) {
    const std::string number = " [LK-" + std::to_string(core::error_number(error.code)) + "]";
    std::string text(core::error_message(error.code));
    if (text.ends_with('.')) {
        text.pop_back();
    }
    if (text.size() > 1 && !is_upper(text[1])) {
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    if (is_complete(error.code) && !error.context.empty()) {
        text = error.context;
    } else if (!error.context.empty()) {
        text += ": " + error.context;
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return printable(text) + std::string(advice(error.code)) + number;
}

std::vector<std::string> format_table(const std::vector<std::vector<std::string>>& rows,
                                      const std::vector<bool>& aligned_right) {
    std::vector<std::size_t> widths(aligned_right.size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    std::vector<std::string> out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            const std::string padding(widths[i] - width(row[i]), ' ');
            line += i == 0 ? "" : "  ";
            line += aligned_right[i] ? padding + row[i] : row[i] + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace latchkey::cli
