// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/json_scanner.hpp"

#include <algorithm>
#include <vector>

#include "core/encoding/utf8.hpp"

namespace latchkey::core::webauthn {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xc0 | code_point >> 6);
        put(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        put(0xe0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3f));
        put(0x80 | (code_point & 0x3f));
    } else {
        put(0xf0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3f));
        put(0x80 | (code_point >> 6 & 0x3f));
        put(0x80 | (code_point & 0x3f));
    }
}

tl::unexpected<Error> malformed(std::string why, std::size_t position) {
    return fail(ErrorCode::kMalformedClientData,
                std::move(why) + " at offset " + std::to_string(position));
}

}  // namespace

bool JsonScanner::skip(std::string_view text) {
    if (!json_.substr(position_).starts_with(text)) {
        return false;
    }
    position_ += text.size();
    return true;
}

Result<std::string_view> JsonScanner::read_plain_string_rest() {
    const std::size_t begin = position_;
    for (; !at_end(); ++position_) {
        const char c = json_[position_];
        if (c == '"') {
            ++position_;
            return json_.substr(begin, position_ - 1 - begin);
        }
        if (c <= ' ' || c > '~' || c == '\\') {
            return malformed("a character that does not belong there", position_);
        }
    }
    return malformed("a string without end", begin);
}

Result<std::string> JsonScanner::read_string() {
    const std::size_t begin = position_;
    if (!skip("\"")) {
        return malformed("a string is missing", position_);
    }
    std::string out;
    while (!at_end()) {
        const auto c = static_cast<unsigned char>(json_[position_]);
        if (c == '"') {
            ++position_;
            return out;
        }
        if (c == '\\') {
            ++position_;
            LATCHKEY_CHECK(read_escape(out));
        } else if (c < 0x20) {
            return malformed("a control character in a string", position_);
        } else {
            const std::size_t length = utf8_sequence_length(json_.substr(position_));
            if (length == 0) {
                return malformed("broken UTF-8", position_);
            }
            out += json_.substr(position_, length);
            position_ += length;
        }
    }
    return malformed("a string without end", begin);
}

Result<void> JsonScanner::read_escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_end()) {
        return malformed("an escape without end", position_);
    }
    const char letter = json_[position_];
    ++position_;
    if (const std::size_t index = kLetters.find(letter); index != std::string_view::npos) {
        out.push_back(kMeanings[index]);
        return {};
    }
    if (letter != 'u') {
        return malformed("an unknown escape", position_ - 1);
    }
    LATCHKEY_TRY(std::uint32_t code_point, read_hex_unit());
    if (code_point >= 0xdc00 && code_point < 0xe000) {
        return malformed("a lone surrogate", position_);
    }
    if (code_point >= 0xd800 && code_point < 0xdc00) {
        if (!skip("\\u")) {
            return malformed("a lone surrogate", position_);
        }
        LATCHKEY_TRY(const std::uint32_t low, read_hex_unit());
        if (low < 0xdc00 || low >= 0xe000) {
            return malformed("a lone surrogate", position_);
        }
        code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code_point);
    return {};
}

Result<std::uint32_t> JsonScanner::read_hex_unit() {
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
        const char c = at_end() ? '\0' : json_[position_];
        std::uint32_t digit = 0;
        if (is_digit(c)) {
            digit = static_cast<std::uint32_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<std::uint32_t>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<std::uint32_t>(c - 'A' + 10);
        } else {
            return malformed("four hexadecimal digits are missing", position_);
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

std::size_t JsonScanner::skip_digits() {
    const std::size_t begin = position_;
    while (!at_end() && is_digit(json_[position_])) {
        ++position_;
    }
    return position_ - begin;
}

Result<void> JsonScanner::skip_number() {
    const std::size_t begin = position_;
    skip("-");
    if (!skip("0") && skip_digits() == 0) {
        return malformed("a value is missing", begin);
    }
    if (skip(".") && skip_digits() == 0) {
        return malformed("a fraction without digits", begin);
    }
    if (skip("e") || skip("E")) {
        if (!skip("+")) {
            skip("-");
        }
        if (skip_digits() == 0) {
            return malformed("an exponent without digits", begin);
        }
    }
    return {};
}

Result<void> JsonScanner::skip_members(unsigned depth_max) {
    if (skip("}")) {
        return {};
    }
    std::vector<std::string> names;
    do {
        LATCHKEY_TRY(std::string name, read_string());
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            return malformed("a member twice", position_);
        }
        names.push_back(std::move(name));
        if (!skip(":")) {
            return malformed("a colon is missing", position_);
        }
        LATCHKEY_CHECK(skip_value(depth_max));
    } while (skip(","));
    if (!skip("}")) {
        return malformed("an object without end", position_);
    }
    return {};
}

Result<void> JsonScanner::skip_elements(unsigned depth_max) {
    if (skip("]")) {
        return {};
    }
    do {
        LATCHKEY_CHECK(skip_value(depth_max));
    } while (skip(","));
    if (!skip("]")) {
        return malformed("an array without end", position_);
    }
    return {};
}

Result<void> JsonScanner::skip_value(unsigned depth_max) {
    if (at_end()) {
        return malformed("a value is missing", position_);
    }
    const char first = json_[position_];
    if (first == '"') {
        LATCHKEY_CHECK(read_string());
        return {};
    }
    if (first == '{' || first == '[') {
        if (depth_max == 0) {
            return fail(ErrorCode::kUnsupported, "clientDataJSON is nested too deep");
        }
        ++position_;
        return first == '{' ? skip_members(depth_max - 1) : skip_elements(depth_max - 1);
    }
    if (skip("true") || skip("false") || skip("null")) {
        return {};
    }
    return skip_number();
}

}  // namespace latchkey::core::webauthn
