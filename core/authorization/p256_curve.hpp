// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/freestanding/memory.hpp"

/// Whether a compressed P-256 point is on the curve, with its y coordinate as a hint: two
/// multiplications instead of a square root, small enough for a chain. Public values only: the time
/// depends on them.
namespace latchkey::core {

namespace p256_detail {

/// 256 bits as eight 32-bit limbs, least significant first.
struct Field {
    uint32_t limb[8];
};

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (FIPS 186-4, D.1.2.3).
inline constexpr Field kPrime = {{0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 1, 0xffffffff}};
/// -3 / R and b / R^2 modulo p, with R = 2^256: what -3 and b of y^2 = x^3 - 3x + b become when
/// products are left divided by R.
inline constexpr Field kMinusThree = {{0xfffffffd, 0xfffffff6, 0x00000005, 0xfffffffd, 0xfffffff9,
                                       0x00000008, 0xfffffff7, 0x00000002}};
inline constexpr Field kB = {{0x4584a137, 0xe59be0a6, 0x9ca065a7, 0xfc3521eb, 0xa0f45303,
                              0x7c178684, 0xd948431a, 0x3081dc38}};
inline constexpr Field kZero = {};
inline constexpr Field kOne = {{1}};

LATCHKEY_COLD inline bool is_below_prime(const Field& a) {
    for (int i = 7; i >= 0; --i) {
        if (a.limb[i] != kPrime.limb[i]) {
            return a.limb[i] < kPrime.limb[i];
        }
    }
    return false;
}

/// Reads 32 big-endian bytes; false when the number is not below p.
LATCHKEY_COLD inline bool load_field(const uint8_t* big_endian, Field* out) {
    for (int i = 0; i < 8; ++i) {
        out->limb[i] = static_cast<uint32_t>(load32_big_endian(big_endian + 28 - 4 * i));
    }
    return is_below_prime(*out);
}

/// sum += a * b, with a of 32 bits; what does not fit in the eight limbs is the answer.
LATCHKEY_COLD inline uint64_t add_product(uint64_t* sum, uint64_t a, const Field& b) {
    uint64_t carry = 0;
    for (int i = 0; i < 8; ++i) {
        const uint64_t value = sum[i] + a * b.limb[i] + carry;
        sum[i] = value & 0xffffffff;
        carry = value >> 32;
    }
    return carry;
}

/// out = a * b / R + c mod p (Montgomery), all below p. p is -1 modulo 2^32, so each quotient digit
/// is the lowest limb itself, and adding digit * p makes that limb zero: the next step starts one
/// limb higher, and ends on c.
LATCHKEY_COLD inline void multiply_add(const Field& a, const Field& b, const Field& c, Field* out) {
    uint64_t limbs[17];
    for (int i = 0; i < 8; ++i) {
        limbs[i] = 0;
        limbs[8 + i] = c.limb[i];
    }
    limbs[16] = 0;
    uint64_t* sum = limbs;
    for (int i = 0; i < 8; ++i, ++sum) {
        sum[8] += add_product(sum, a.limb[i], b);
        sum[8] += add_product(sum, sum[0], kPrime);
        sum[9] += sum[8] >> 32;
        sum[8] &= 0xffffffff;
    }
    // Below 3p: p is subtracted at most twice, as the complement of p plus one.
    for (;;) {
        for (int i = 0; i < 8; ++i) {
            out->limb[i] = static_cast<uint32_t>(sum[i]);
        }
        if (sum[8] == 0 && is_below_prime(*out)) {
            return;
        }
        uint64_t carry = 1;
        for (int i = 0; i < 8; ++i) {
            const uint64_t value = sum[i] + (kPrime.limb[i] ^ 0xffffffff) + carry;
            sum[i] = value & 0xffffffff;
            carry = value >> 32;
        }
        sum[8] -= 1 - carry;
    }
}

}  // namespace p256_detail

/// `key` is 33 bytes, 0x02 or 0x03 and x; `y` is 32 bytes. False for coordinates not below p, a y
/// of the other parity, or a point that is not on the curve.
LATCHKEY_COLD inline bool is_on_p256(const uint8_t* key, const uint8_t* y_bytes) {
    using namespace p256_detail;
    Field x;
    Field y;
    if (!load_field(key + 1, &x) || !load_field(y_bytes, &y) || (y.limb[0] & 1) + 2 != key[0]) {
        return false;
    }
    // (x^2 / R - 3 / R) * x / R + b / R^2 against y^2 / R^2.
    Field right;
    multiply_add(x, x, kMinusThree, &right);
    multiply_add(right, x, kB, &right);
    multiply_add(y, y, kZero, &y);
    multiply_add(y, kOne, kZero, &y);
    return same_bytes(reinterpret_cast<const uint8_t*>(y.limb),
                      reinterpret_cast<const uint8_t*>(right.limb), sizeof y.limb);
}

}  // namespace latchkey::core
