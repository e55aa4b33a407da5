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
    uint64_t limb[8];
};

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (FIPS 186-4, D.1.2.3).
inline constexpr Field kPrime = {{0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 1, 0xffffffff}};
/// 3 / R and b / R^2 modulo p, with R = 2^256: what 3 and b of y^2 = x^3 - 3x + b become when
/// products are left divided by R.
inline constexpr Field kThree = {{0x00000002, 0x00000009, 0xfffffffa, 0x00000003, 0x00000006,
                                  0xfffffff7, 0x00000009, 0xfffffffc}};
inline constexpr Field kB = {{0x4584a137, 0xe59be0a6, 0x9ca065a7, 0xfc3521eb, 0xa0f45303,
                              0x7c178684, 0xd948431a, 0x3081dc38}};

LATCHKEY_COLD inline void load_field(const uint8_t* big_endian, Field* out) {
    for (int i = 0; i < 8; ++i) {
        out->limb[i] = load32_big_endian(big_endian + 28 - 4 * i);
    }
}

LATCHKEY_COLD inline bool is_below_prime(const Field& a) {
    for (int i = 7; i >= 0; --i) {
        if (a.limb[i] != kPrime.limb[i]) {
            return a.limb[i] < kPrime.limb[i];
        }
    }
    return false;
}

/// a += b ^ flip, limb by limb, plus `carry`; the carry out is 0 or 1.
LATCHKEY_COLD inline uint64_t add_limbs(Field* a, const Field& b, uint64_t flip, uint64_t carry) {
    for (int i = 0; i < 8; ++i) {
        const uint64_t value = a->limb[i] + (b.limb[i] ^ flip) + carry;
        a->limb[i] = value & 0xffffffff;
        carry = value >> 32;
    }
    return carry;
}

/// a -= b; the borrow out is 0 or 1. The complement of b plus one is 2^256 - b.
LATCHKEY_INLINE uint64_t subtract(Field* a, const Field& b) {
    return 1 - add_limbs(a, b, 0xffffffff, 1);
}

/// a += b; the carry out is 0 or 1.
LATCHKEY_INLINE uint64_t add(Field* a, const Field& b) {
    return add_limbs(a, b, 0, 0);
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

/// out = a * b / R mod p (Montgomery). p is -1 modulo 2^32, so each quotient digit is the lowest
/// limb itself, and adding digit * p makes that limb zero: the next step starts one limb higher.
LATCHKEY_COLD inline void multiply(const Field& a, const Field& b, Field* out) {
    uint64_t limbs[17];
    for (uint64_t& limb : limbs) {
        limb = 0;
    }
    uint64_t* sum = limbs;
    for (int i = 0; i < 8; ++i, ++sum) {
        sum[8] += add_product(sum, a.limb[i], b);
        sum[8] += add_product(sum, sum[0], kPrime);
        sum[9] = sum[8] >> 32;
        sum[8] &= 0xffffffff;
    }
    for (int i = 0; i < 8; ++i) {
        out->limb[i] = sum[i];
    }
    if (sum[8] != 0 || !is_below_prime(*out)) {
        subtract(out, kPrime);
    }
}

}  // namespace p256_detail

/// `key` is 33 bytes, 0x02 or 0x03 and x; `y` is 32 bytes. False for coordinates not below p, a y
/// of the other parity, or a point that is not on the curve.
LATCHKEY_COLD inline bool is_on_p256(const uint8_t* key, const uint8_t* y_bytes) {
    using namespace p256_detail;
    Field x;
    Field y;
    load_field(key + 1, &x);
    load_field(y_bytes, &y);
    if ((key[0] != 2 && key[0] != 3) || (y.limb[0] & 1) != (key[0] & 1U) || !is_below_prime(x) ||
        !is_below_prime(y)) {
        return false;
    }
    static constexpr Field kOne = {{1, 0, 0, 0, 0, 0, 0, 0}};
    // y^2 / R^2 against (x^2 / R - 3 / R) * x / R + b / R^2.
    Field left;
    multiply(y, y, &left);
    multiply(left, kOne, &left);
    Field right;
    multiply(x, x, &right);
    if (subtract(&right, kThree) != 0) {
        add(&right, kPrime);
    }
    multiply(right, x, &right);
    if (add(&right, kB) != 0 || !is_below_prime(right)) {
        subtract(&right, kPrime);
    }
    subtract(&left, right);
    uint64_t difference = 0;
    for (const uint64_t limb : left.limb) {
        difference |= limb;
    }
    return difference == 0;
}

}  // namespace latchkey::core
