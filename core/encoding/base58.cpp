// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base58.hpp"

namespace latchkey::core {

namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::uint8_t kNoDigit = 0xff;
// Five digits at a time: the largest power of 58 whose product with a 32-bit limb and a carry stays
// within 64 bits, which makes the quadratic loops 20 times shorter than digit by digit.
constexpr std::size_t kGroupDigits = 5;
constexpr std::uint64_t kGroupBase = 656'356'768;  // 58^5

constexpr std::array<std::uint8_t, 256> make_digit_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr auto kDigitValues = make_digit_values();

/// value = value * factor + addend over little-endian 32-bit limbs. `used` limbs are non-zero.
void multiply_add(std::span<std::uint32_t> limbs, std::size_t& used, std::uint64_t factor,
                  std::uint64_t addend) {
    std::uint64_t carry = addend;
    for (std::size_t i = 0; i < used; ++i) {
        const std::uint64_t next = limbs[i] * factor + carry;
        limbs[i] = static_cast<std::uint32_t>(next);
        carry = next >> 32;
    }
    if (carry != 0) {
        limbs[used] = static_cast<std::uint32_t>(carry);
        ++used;
    }
}

/// groups = groups * 2^shift + addend over little-endian base-58^5 groups; shift <= 32.
void shift_add(std::span<std::uint32_t> groups, std::size_t& used, unsigned shift,
               std::uint64_t addend) {
    std::uint64_t carry = addend;
    for (std::size_t i = 0; i < used; ++i) {
        const std::uint64_t next = (std::uint64_t{groups[i]} << shift) + carry;
        groups[i] = static_cast<std::uint32_t>(next % kGroupBase);
        carry = next / kGroupBase;
    }
    while (carry != 0) {
        groups[used] = static_cast<std::uint32_t>(carry % kGroupBase);
        carry /= kGroupBase;
        ++used;
    }
}

}  // namespace

Result<std::string> encode_base58(ByteView bytes) {
    if (bytes.size() > kBase58BytesMax) {
        return fail(ErrorCode::kInputTooLong,
                    "base58 of " + std::to_string(bytes.size()) + " bytes");
    }
    std::size_t zeros = 0;
    while (zeros < bytes.size() && bytes[zeros] == 0) {
        ++zeros;
    }
    // 29.28 bits a group, so 8 / 29 groups a byte are enough.
    std::array<std::uint32_t, kBase58BytesMax * 8 / 29 + 2> groups;
    std::size_t used = 0;
    const ByteView rest = bytes.subspan(zeros);
    std::size_t at = 0;
    for (const std::size_t head = rest.size() % 4; at < head; ++at) {
        shift_add(groups, used, 8, rest[at]);
    }
    for (; at < rest.size(); at += 4) {
        const std::uint32_t word = std::uint32_t{rest[at]} << 24 |
                                   std::uint32_t{rest[at + 1]} << 16 |
                                   std::uint32_t{rest[at + 2]} << 8 | std::uint32_t{rest[at + 3]};
        shift_add(groups, used, 32, word);
    }
    std::string text(zeros + used * kGroupDigits, '1');
    std::size_t end = text.size();
    for (std::size_t i = 0; i < used; ++i) {
        std::uint32_t group = groups[i];
        for (std::size_t digit = 0; digit < kGroupDigits; ++digit) {
            text[--end] = kAlphabet[group % 58];
            group /= 58;
        }
    }
    // The top group may begin with zero digits that stand for no byte.
    std::size_t padding = 0;
    while (zeros + padding < text.size() && text[zeros + padding] == '1') {
        ++padding;
    }
    text.erase(zeros, padding);
    return text;
}

Result<Bytes> decode_base58(std::string_view text) {
    std::size_t zeros = 0;
    while (zeros < text.size() && text[zeros] == '1') {
        ++zeros;
    }
    const std::string_view rest = text.substr(zeros);
    // A digit carries at least 0.73 bytes.
    if (zeros > kBase58BytesMax || rest.size() > kBase58BytesMax * 1366 / 1000 + 1) {
        return fail(ErrorCode::kInputTooLong,
                    "base58 of " + std::to_string(text.size()) + " characters");
    }
    std::array<std::uint32_t, kBase58BytesMax / 4 + 4> limbs;
    std::size_t used = 0;
    for (std::size_t at = 0; at < rest.size();) {
        const std::size_t left = (rest.size() - at) % kGroupDigits;
        const std::size_t take = left == 0 ? kGroupDigits : left;
        std::uint64_t factor = 1;
        std::uint64_t group = 0;
        for (std::size_t i = 0; i < take; ++i, ++at) {
            const std::uint8_t digit = kDigitValues[static_cast<std::uint8_t>(rest[at])];
            if (digit == kNoDigit) {
                return fail(ErrorCode::kInvalidBase58,
                            "no digit at position " + std::to_string(zeros + at));
            }
            group = group * 58 + digit;
            factor *= 58;
        }
        multiply_add(limbs, used, factor, group);
    }
    Bytes bytes(zeros + used * 4);
    for (std::size_t i = 0; i < used; ++i) {
        for (std::size_t byte = 0; byte < 4; ++byte) {
            bytes[bytes.size() - 1 - 4 * i - byte] =
                static_cast<std::uint8_t>(limbs[i] >> 8 * byte);
        }
    }
    std::size_t padding = 0;
    while (zeros + padding < bytes.size() && bytes[zeros + padding] == 0) {
        ++padding;
    }
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(zeros),
                bytes.begin() + static_cast<std::ptrdiff_t>(zeros + padding));
    if (bytes.size() > kBase58BytesMax) {
        return fail(ErrorCode::kInputTooLong,
                    "base58 of " + std::to_string(bytes.size()) + " bytes");
    }
    return bytes;
}

}  // namespace latchkey::core
