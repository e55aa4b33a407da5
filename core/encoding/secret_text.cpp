// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/secret_text.hpp"

#include <string_view>

namespace latchkey::core {

namespace {

constexpr std::size_t kSecretSizeMax = 64;
// Four characters a number and two brackets.
constexpr std::size_t kJsonCharactersPerByte = 4;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase58Digits =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

bool is_space(std::uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(std::uint8_t c) {
    return c >= '0' && c <= '9';
}

int hex_value(std::uint8_t c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Walks over `[1, 2, 3]`.
class NumberList {
  public:
    explicit NumberList(ByteView text) : text_(text) {}

    bool skip(char expected) {
        skip_spaces();
        if (text_.empty() || static_cast<char>(text_[0]) != expected) {
            return false;
        }
        text_ = text_.subspan(1);
        return true;
    }

    /// 0 to 255, or -1.
    int read_number() {
        skip_spaces();
        int value = 0;
        std::size_t digits = 0;
        while (digits < text_.size() && digits < 4 && is_digit(text_[digits])) {
            value = value * 10 + (text_[digits] - '0');
            ++digits;
        }
        const bool has_leading_zero = digits > 1 && text_[0] == '0';
        if (digits == 0 || digits > 3 || value > 255 || has_leading_zero) {
            return -1;
        }
        text_ = text_.subspan(digits);
        return value;
    }

    bool at_end() {
        skip_spaces();
        return text_.empty();
    }

  private:
    void skip_spaces() {
        while (!text_.empty() && is_space(text_[0])) {
            text_ = text_.subspan(1);
        }
    }

    ByteView text_;
};

}  // namespace

Result<SecretBytes> decode_hex_secret(ByteView text) {
    if (text.size() >= 2 && text[0] == '0' && text[1] == 'x') {
        text = text.subspan(2);
    }
    if (text.size() % 2 != 0) {
        return fail(ErrorCode::kInvalidHex, "odd number of digits in a secret");
    }
    SecretBytes secret(text.size() / 2);
    const auto out = secret.expose_mutable();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return fail(ErrorCode::kInvalidHex, "no digit in a secret");
        }
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return secret;
}

Result<SecretBytes> decode_base58_secret(ByteView text) {
    // log(58) / log(256) is more than 0.73.
    if (text.size() > kSecretSizeMax * 100 / 73 + 1) {
        return fail(ErrorCode::kInputTooLong, "a base58 secret");
    }
    std::size_t zeros = 0;
    while (zeros < text.size() && text[zeros] == '1') {
        ++zeros;
    }
    SecretBytes number(kSecretSizeMax + 2);
    const auto limbs = number.expose_mutable();
    for (const std::uint8_t c : text) {
        const std::size_t digit = kBase58Digits.find(static_cast<char>(c));
        if (digit == std::string_view::npos) {
            return fail(ErrorCode::kInvalidBase58, "no digit in a secret");
        }
        std::size_t carry = digit;
        for (std::size_t i = limbs.size(); i > 0; --i) {
            carry += std::size_t{limbs[i - 1]} * 58;
            limbs[i - 1] = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
    }
    std::size_t first = 0;
    while (first < limbs.size() && limbs[first] == 0) {
        ++first;
    }
    const std::size_t size = zeros + limbs.size() - first;
    if (size > kSecretSizeMax) {
        return fail(ErrorCode::kInputTooLong, "a base58 secret");
    }
    SecretBytes secret(size);
    std::copy(limbs.begin() + static_cast<std::ptrdiff_t>(first), limbs.end(),
              secret.expose_mutable().begin() + static_cast<std::ptrdiff_t>(zeros));
    return secret;
}

Result<SecretBytes> decode_json_bytes_secret(ByteView text) {
    NumberList list(text);
    SecretBytes secret(kSecretSizeMax);
    std::size_t size = 0;
    if (!list.skip('[')) {
        return fail(ErrorCode::kInvalidArgument, "a JSON array must begin with [");
    }
    do {
        const int value = list.read_number();
        if (value < 0) {
            return fail(ErrorCode::kInvalidArgument,
                        "element " + std::to_string(size) + " is not a number from 0 to 255");
        }
        if (size == kSecretSizeMax) {
            return fail(ErrorCode::kInputTooLong, "a secret of more than 64 bytes");
        }
        secret.expose_mutable()[size] = static_cast<std::uint8_t>(value);
        ++size;
    } while (list.skip(','));
    if (!list.skip(']') || !list.at_end()) {
        return fail(ErrorCode::kInvalidArgument, "a JSON array must end with ]");
    }
    secret.truncate(size);
    return secret;
}

SecretBytes encode_hex_secret(ByteView bytes) {
    SecretBytes text(bytes.size() * 2);
    const auto out = text.expose_mutable();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out[2 * i] = static_cast<std::uint8_t>(kHexDigits[bytes[i] >> 4]);
        out[2 * i + 1] = static_cast<std::uint8_t>(kHexDigits[bytes[i] & 15]);
    }
    return text;
}

SecretBytes encode_json_bytes_secret(ByteView bytes) {
    SecretBytes text(2 + bytes.size() * kJsonCharactersPerByte);
    const auto out = text.expose_mutable();
    std::size_t size = 0;
    const auto put = [&out, &size](int c) { out[size++] = static_cast<std::uint8_t>(c); };
    put('[');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0) {
            put(',');
        }
        const int value = bytes[i];
        if (value >= 100) {
            put('0' + value / 100);
        }
        if (value >= 10) {
            put('0' + value / 10 % 10);
        }
        put('0' + value % 10);
    }
    put(']');
    text.truncate(size);
    return text;
}

}  // namespace latchkey::core
