// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace latchkey::evm {

using core::Bytes;
using core::ByteView;
using core::Hash32;
using core::Result;

/// The machine word of the EVM: 0 to 2^256 - 1. Amounts of the native currency are in wei. There
/// are no operators, so that no sum of money wraps round unseen.
class Uint256 {
  public:
    /// Zero.
    constexpr Uint256() = default;
    constexpr explicit Uint256(std::uint64_t value) : limbs_{0, 0, 0, value} {}
    static constexpr Uint256 max() {
        Uint256 out;
        out.limbs_.fill(~std::uint64_t{0});
        return out;
    }

    /// At most 32 bytes, else kInvalidLength; leading zeros are allowed.
    static Result<Uint256> from_big_endian(ByteView bytes);
    static Uint256 from_word(const Hash32& word);
    /// Decimal digits without leading zeros, sign or separators. Errors: kNonCanonical, kOverflow.
    static Result<Uint256> parse_decimal(std::string_view text);
    /// A "quantity" of the JSON-RPC interface: "0x" and digits without leading zeros, "0x0" for
    /// zero, either case. Errors: kInvalidHex, kNonCanonical, kOverflow.
    static Result<Uint256> parse_quantity(std::string_view text);

    /// 32 bytes, big-endian.
    [[nodiscard]] Hash32 to_word() const;
    /// Without leading zeros; nothing for zero, as RLP has it.
    [[nodiscard]] Bytes to_minimal_big_endian() const;
    [[nodiscard]] std::string to_decimal() const;
    /// "0x0", "0x1f": lower case, no leading zeros.
    [[nodiscard]] std::string to_quantity() const;
    /// If it fits.
    [[nodiscard]] std::optional<std::uint64_t> to_u64() const;

    [[nodiscard]] bool is_zero() const { return *this == Uint256(); }
    /// The position of the highest one, counted from 1; 0 for zero.
    [[nodiscard]] unsigned bit_length() const;

    friend constexpr bool operator==(const Uint256&, const Uint256&) = default;
    friend constexpr auto operator<=>(const Uint256&, const Uint256&) = default;

  private:
    /// Most significant first, so that the default comparison is that of the numbers.
    std::array<std::uint64_t, 4> limbs_{};
};

/// Error of all four: kOverflow, below zero included.
Result<Uint256> add(const Uint256& a, const Uint256& b);
Result<Uint256> subtract(const Uint256& a, const Uint256& b);
Result<Uint256> multiply(const Uint256& a, const Uint256& b);
/// value * numerator / denominator, rounded up; the product may exceed 256 bits.
/// Also kInvalidArgument when the denominator is zero.
Result<Uint256> scale_up(const Uint256& value, std::uint32_t numerator, std::uint32_t denominator);

}  // namespace latchkey::evm
