// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base64.hpp"

namespace latchkey::core {

namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_digit_values(std::string_view alphabet) {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr auto kStandardValues = make_digit_values(kStandard);
constexpr auto kUrlSafeValues = make_digit_values(kUrlSafe);

std::string encode(ByteView bytes, std::string_view alphabet) {
    std::string text((bytes.size() * 8 + 5) / 6, '\0');
    std::size_t out = 0;
    std::size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3) {
        const std::uint32_t group =
            std::uint32_t{bytes[at]} << 16 | std::uint32_t{bytes[at + 1]} << 8 | bytes[at + 2];
        text[out++] = alphabet[group >> 18];
        text[out++] = alphabet[group >> 12 & 63];
        text[out++] = alphabet[group >> 6 & 63];
        text[out++] = alphabet[group & 63];
    }
    if (bytes.size() - at == 1) {
        const std::uint32_t group = std::uint32_t{bytes[at]} << 4;
        text[out++] = alphabet[group >> 6];
        text[out++] = alphabet[group & 63];
    } else if (bytes.size() - at == 2) {
        const std::uint32_t group = std::uint32_t{bytes[at]} << 10 | std::uint32_t{bytes[at + 1]}
                                                                         << 2;
        text[out++] = alphabet[group >> 12];
        text[out++] = alphabet[group >> 6 & 63];
        text[out++] = alphabet[group & 63];
    }
    return text;
}

/// `digits` has no padding. Refuses foreign characters, impossible lengths and spare bits.
Result<Bytes> decode(std::string_view digits, const std::array<std::uint8_t, 256>& values,
                     ErrorCode code) {
    if (digits.size() % 4 == 1) {
        return fail(code, "impossible length");
    }
    Bytes bytes;
    bytes.reserve(digits.size() * 6 / 8);
    std::uint32_t pending = 0;
    unsigned pending_bits = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::uint8_t value = values[static_cast<std::uint8_t>(digits[i])];
        if (value == kNoDigit) {
            return fail(code, "no digit at position " + std::to_string(i));
        }
        pending = pending << 6 | value;
        pending_bits += 6;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
            pending &= (1U << pending_bits) - 1;
        }
    }
    if (pending != 0) {
        return fail(code, "the last digit has spare bits that are not zero");
    }
    return bytes;
}

}  // namespace

std::string encode_base64(ByteView bytes) {
    std::string text = encode(bytes, kStandard);
    text.resize((text.size() + 3) / 4 * 4, '=');
    return text;
}

Result<Bytes> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return fail(ErrorCode::kInvalidBase64, "the length is not a multiple of four");
    }
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
    }
    return decode(text, kStandardValues, ErrorCode::kInvalidBase64);
}

std::string encode_base64url(ByteView bytes) {
    return encode(bytes, kUrlSafe);
}

Result<Bytes> decode_base64url(std::string_view text) {
    return decode(text, kUrlSafeValues, ErrorCode::kInvalidBase64Url);
}

}  // namespace latchkey::core
