// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/uint256.hpp"

#include <algorithm>
#include <bit>

#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kLimbs = 8;
/// Least significant first. Products of two limbs and carries fit 64 bits.
using Limbs = std::array<std::uint32_t, kLimbs>;

Limbs split(const Uint256& value) {
    const Hash32 word = value.to_word();
    Limbs out;
    for (std::size_t i = 0; i < kLimbs; ++i) {
        out[i] = core::load_be<std::uint32_t>(word.data() + 4 * (kLimbs - 1 - i));
    }
    return out;
}

Uint256 join(const Limbs& limbs) {
    Hash32 word;
    for (std::size_t i = 0; i < kLimbs; ++i) {
        core::store_be(word.data() + 4 * (kLimbs - 1 - i), limbs[i]);
    }
    return Uint256::from_word(word);
}

/// limbs = limbs * factor + addend; what does not fit is returned.
std::uint32_t multiply_small(std::span<std::uint32_t> limbs, std::uint32_t factor,
                             std::uint32_t addend) {
    std::uint64_t carry = addend;
    for (std::uint32_t& limb : limbs) {
        carry += std::uint64_t{limb} * factor;
        limb = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    return static_cast<std::uint32_t>(carry);
}

/// limbs = limbs / divisor; the remainder is returned.
std::uint32_t divide_small(std::span<std::uint32_t> limbs, std::uint32_t divisor) {
    std::uint64_t remainder = 0;
    for (std::size_t i = limbs.size(); i-- > 0;) {
        const std::uint64_t current = remainder << 32 | limbs[i];
        limbs[i] = static_cast<std::uint32_t>(current / divisor);
        remainder = current % divisor;
    }
    return static_cast<std::uint32_t>(remainder);
}

}  // namespace

Result<Uint256> Uint256::from_big_endian(ByteView bytes) {
    if (bytes.size() > Hash32::kSize) {
        return fail(ErrorCode::kInvalidLength,
                    "a number of " + std::to_string(bytes.size()) + " bytes; at most 32");
    }
    Hash32 word;
    std::copy(bytes.begin(), bytes.end(), word.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    return from_word(word);
}

Uint256 Uint256::from_word(const Hash32& word) {
    Uint256 out;
    for (std::size_t i = 0; i < out.limbs_.size(); ++i) {
        out.limbs_[i] = core::load_be<std::uint64_t>(word.data() + 8 * i);
    }
    return out;
}

Result<Uint256> Uint256::parse_decimal(std::string_view text) {
    const bool all_digits =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (text.empty() || !all_digits) {
        return fail(ErrorCode::kNonCanonical, "a number consists of decimal digits");
    }
    if (text.size() > 1 && text.front() == '0') {
        return fail(ErrorCode::kNonCanonical, "a number has no leading zeros");
    }
    Limbs limbs{};
    for (const char c : text) {
        if (multiply_small(limbs, 10, static_cast<std::uint32_t>(c - '0')) != 0) {
            return fail(ErrorCode::kOverflow, "the number needs more than 256 bits");
        }
    }
    return join(limbs);
}

Result<Uint256> Uint256::parse_quantity(std::string_view text) {
    if (!text.starts_with("0x") || text.size() == 2) {
        return fail(ErrorCode::kInvalidHex, "a quantity is 0x and at least one digit");
    }
    const std::string_view digits = text.substr(2);
    if (digits.size() > 1 && digits.front() == '0') {
        return fail(ErrorCode::kNonCanonical, "a quantity has no leading zeros");
    }
    if (digits.size() > 2 * Hash32::kSize) {
        return fail(ErrorCode::kOverflow, "the quantity needs more than 256 bits");
    }
    std::string even(digits.size() % 2, '0');
    even += digits;
    LATCHKEY_TRY(const Bytes bytes, core::decode_hex(even));
    return from_big_endian(bytes);
}

Hash32 Uint256::to_word() const {
    Hash32 out;
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
        core::store_be(out.data() + 8 * i, limbs_[i]);
    }
    return out;
}

Bytes Uint256::to_minimal_big_endian() const {
    const Hash32 word = to_word();
    const auto first =
        std::find_if(word.begin(), word.end(), [](std::uint8_t b) { return b != 0; });
    return {first, word.end()};
}

std::string Uint256::to_decimal() const {
    constexpr std::uint32_t kTen = 10;
    Limbs limbs = split(*this);
    std::string out;
    do {
        out += static_cast<char>('0' + divide_small(limbs, kTen));
    } while (limbs != Limbs{});
    std::reverse(out.begin(), out.end());
    return out;
}

std::string Uint256::to_quantity() const {
    const std::string digits = core::encode_hex(to_word());
    const std::size_t first = digits.find_first_not_of('0');
    return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
}

std::optional<std::uint64_t> Uint256::to_u64() const {
    if (limbs_[0] != 0 || limbs_[1] != 0 || limbs_[2] != 0) {
        return std::nullopt;
    }
    return limbs_[3];
}

unsigned Uint256::bit_length() const {
    constexpr unsigned kBits = 64;
    for (std::size_t i = 0; i < limbs_.size(); ++i) {
        if (limbs_[i] != 0) {
            return static_cast<unsigned>(limbs_.size() - i) * kBits -
                   static_cast<unsigned>(std::countl_zero(limbs_[i]));
        }
    }
    return 0;
}

Result<Uint256> add(const Uint256& a, const Uint256& b) {
    Limbs x = split(a);
    const Limbs y = split(b);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < kLimbs; ++i) {
        carry += std::uint64_t{x[i]} + y[i];
        x[i] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    if (carry != 0) {
        return fail(ErrorCode::kOverflow, "a sum needs more than 256 bits");
    }
    return join(x);
}

Result<Uint256> subtract(const Uint256& a, const Uint256& b) {
    if (a < b) {
        return fail(ErrorCode::kOverflow, "a difference is below zero");
    }
    Limbs x = split(a);
    const Limbs y = split(b);
    std::uint32_t borrow = 0;
    for (std::size_t i = 0; i < kLimbs; ++i) {
        const std::uint64_t taken = std::uint64_t{y[i]} + borrow;
        borrow = x[i] < taken ? 1 : 0;
        x[i] = static_cast<std::uint32_t>(x[i] - taken);
    }
    return join(x);
}

Result<Uint256> multiply(const Uint256& a, const Uint256& b) {
    const Limbs x = split(a);
    const Limbs y = split(b);
    std::array<std::uint32_t, 2 * kLimbs> product{};
    for (std::size_t i = 0; i < kLimbs; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < kLimbs; ++j) {
            carry += std::uint64_t{x[i]} * y[j] + product[i + j];
            product[i + j] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        product[i + kLimbs] = static_cast<std::uint32_t>(carry);
    }
    if (std::any_of(product.begin() + kLimbs, product.end(), [](auto limb) { return limb != 0; })) {
        return fail(ErrorCode::kOverflow, "a product needs more than 256 bits");
    }
    Limbs low;
    std::copy_n(product.begin(), kLimbs, low.begin());
    return join(low);
}

Result<Uint256> scale_up(const Uint256& value, std::uint32_t numerator, std::uint32_t denominator) {
    if (denominator == 0) {
        return fail(ErrorCode::kInvalidArgument, "division by zero");
    }
    // One limb more than the value has, so that the product fits.
    std::array<std::uint32_t, kLimbs + 1> wide{};
    const Limbs limbs = split(value);
    std::copy(limbs.begin(), limbs.end(), wide.begin());
    multiply_small(wide, numerator, 0);
    const std::uint32_t remainder = divide_small(wide, denominator);
    if (wide.back() != 0) {
        return fail(ErrorCode::kOverflow, "a scaled number needs more than 256 bits");
    }
    Limbs low;
    std::copy_n(wide.begin(), kLimbs, low.begin());
    return remainder == 0 ? Result<Uint256>(join(low)) : add(join(low), Uint256(1));
}

}  // namespace latchkey::evm
