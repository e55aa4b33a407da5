// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/hex.hpp"

namespace latchkey::core {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr int kNoDigit = -1;

constexpr int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return kNoDigit;
}

}  // namespace

std::string encode_hex(ByteView bytes) {
    std::string text(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text[2 * i] = kDigits[bytes[i] >> 4];
        text[2 * i + 1] = kDigits[bytes[i] & 15];
    }
    return text;
}

std::string encode_hex_prefixed(ByteView bytes) {
    return "0x" + encode_hex(bytes);
}

Result<Bytes> decode_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return fail(ErrorCode::kInvalidHex, "odd number of digits");
    }
    Bytes bytes(text.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = digit_value(text[2 * i]);
        const int low = digit_value(text[2 * i + 1]);
        if (high == kNoDigit || low == kNoDigit) {
            return fail(ErrorCode::kInvalidHex,
                        "no digit at or after position " + std::to_string(2 * i));
        }
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return bytes;
}

Result<Bytes> decode_hex_prefixed(std::string_view text) {
    if (!text.starts_with("0x")) {
        return fail(ErrorCode::kInvalidHex, "0x is missing in front");
    }
    return decode_hex(text.substr(2));
}

}  // namespace latchkey::core
