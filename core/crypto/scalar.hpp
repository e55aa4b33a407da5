// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to core/crypto: 256-bit big-endian integers compared with a group order.
#include <array>
#include <cstdint>
#include <span>

#include "core/encoding/byte_io.hpp"

namespace latchkey::core::crypto {

/// Least significant limb first.
using Scalar = std::array<std::uint64_t, 4>;

constexpr Scalar load_scalar(std::span<const std::uint8_t, 32> big_endian) {
    return {load_be<std::uint64_t>(big_endian.data() + 24),
            load_be<std::uint64_t>(big_endian.data() + 16),
            load_be<std::uint64_t>(big_endian.data() + 8),
            load_be<std::uint64_t>(big_endian.data())};
}

constexpr void store_scalar(std::span<std::uint8_t, 32> big_endian, const Scalar& value) {
    for (std::size_t i = 0; i < 4; ++i) {
        store_be(big_endian.data() + 24 - 8 * i, value[i]);
    }
}

/// difference = a - b modulo 2^256; returns 1 if b > a. Takes the same time for all values.
constexpr std::uint64_t subtract(const Scalar& a, const Scalar& b, Scalar& difference) {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t part = a[i] - b[i];
        const std::uint64_t first_borrow = a[i] < b[i] ? 1 : 0;
        const std::uint64_t second_borrow = part < borrow ? 1 : 0;
        difference[i] = part - borrow;
        borrow = first_borrow | second_borrow;
    }
    return borrow;
}

constexpr bool less(const Scalar& a, const Scalar& b) {
    Scalar ignored{};
    return subtract(a, b, ignored) != 0;
}

constexpr bool is_zero(const Scalar& value) {
    return (value[0] | value[1] | value[2] | value[3]) == 0;
}

/// 1 <= value < order: what private keys and both halves of a signature must be.
constexpr bool in_scalar_range(const Scalar& value, const Scalar& order) {
    return !is_zero(value) && less(value, order);
}

/// s <= floor(order / 2), with `half` = floor(order / 2).
constexpr bool is_low(const Scalar& s, const Scalar& half) {
    return !less(half, s);
}

}  // namespace latchkey::core::crypto
