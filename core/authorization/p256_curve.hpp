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

/// a -= b, limb by limb; the borrow out is 0 or 1.
LATCHKEY_COLD inline uint64_t subtract(Field* a, const Field& b) {
    uint64_t borrow = 0;
    for (int i = 0; i < 8; ++i) {
        const uint64_t value = a->limb[i] - b.limb[i] - borrow;
        a->limb[i] = value & 0xffffffff;
        borrow = value >> 63;
    }
    return borrow;
}

/// a += b, limb by limb; the carry out is 0 or 1.
LATCHKEY_COLD inline uint64_t add(Field* a, const Field& b) {
    uint64_t carry = 0;
    for (int i = 0; i < 8; ++i) {
        const uint64_t value = a->limb[i] + b.limb[i] + carry;
        a->limb[i] = value & 0xffffffff;
        carry = value >> 32;
    }
    return carry;
}

/// out = a * b / R mod p (Montgomery). p is -1 modulo 2^32, so each quotient digit is the lowest
/// limb itself.
LATCHKEY_COLD inline void multiply(const Field& a, const Field& b, Field* out) {
    uint64_t sum[10];
    for (int i = 0; i < 10; ++i) {
        sum[i] = 0;
    }
    for (int i = 0; i < 8; ++i) {
        uint64_t carry = 0;
        for (int j = 0; j < 8; ++j) {
            const uint64_t value = sum[j] + a.limb[i] * b.limb[j] + carry;
            sum[j] = value & 0xffffffff;
            carry = value >> 32;
        }
        sum[8] += carry;
        const uint64_t digit = sum[0];
        carry = (sum[0] + digit * kPrime.limb[0]) >> 32;
        for (int j = 1; j < 8; ++j) {
            const uint64_t value = sum[j] + digit * kPrime.limb[j] + carry;
            sum[j - 1] = value & 0xffffffff;
            carry = value >> 32;
        }
        const uint64_t top = sum[8] + carry;
        sum[7] = top & 0xffffffff;
        sum[8] = top >> 32;
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
    for (int i = 0; i < 8; ++i) {
        if (left.limb[i] != right.limb[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace latchkey::core
