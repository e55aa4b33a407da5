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

// p = 2^256 - 2^224 + 2^192 + 2^96 - 1 and b of y^2 = x^3 - 3x + b (FIPS 186-4, D.1.2.3).
inline constexpr uint64_t kPrime[8] = {0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 1, 0xffffffff};
inline constexpr uint64_t kB[8] = {0x27d2604b, 0x3bce3c3e, 0xcc53b0f6, 0x651d06b0,
                                   0x769886bc, 0xb3ebbd55, 0xaa3a93e7, 0x5ac635d8};

LATCHKEY_INLINE void load_field(const uint8_t* big_endian, Field* out) {
    for (int i = 0; i < 8; ++i) {
        out->limb[i] = load32_big_endian(big_endian + 28 - 4 * i);
    }
}

LATCHKEY_COLD inline bool is_below_prime(const Field& a) {
    for (int i = 7; i >= 0; --i) {
        if (a.limb[i] != kPrime[i]) {
            return a.limb[i] < kPrime[i];
        }
    }
    return false;
}

/// Brings eight signed sums into [0, p). 2^256 = 2^224 - 2^192 - 2^96 + 1 (mod p) folds the carry.
LATCHKEY_COLD inline void normalise(int64_t* sum, Field* out) {
    for (;;) {
        int64_t carry = 0;
        for (int i = 0; i < 8; ++i) {
            const int64_t value = sum[i] + carry;
            carry = value >> 32;
            sum[i] = value & 0xffffffff;
        }
        if (carry == 0) {
            break;
        }
        sum[0] += carry;
        sum[3] -= carry;
        sum[6] -= carry;
        sum[7] += carry;
    }
    for (int i = 0; i < 8; ++i) {
        out->limb[i] = static_cast<uint64_t>(sum[i]);
    }
    if (!is_below_prime(*out)) {
        int64_t borrow = 0;
        for (int i = 0; i < 8; ++i) {
            const int64_t value = sum[i] - static_cast<int64_t>(kPrime[i]) + borrow;
            borrow = value >> 32;
            out->limb[i] = static_cast<uint64_t>(value & 0xffffffff);
        }
    }
}

/// out = a * b mod p. The sums are the fast reduction of FIPS 186-4, D.2.3, collected by limb.
LATCHKEY_COLD inline void multiply(const Field& a, const Field& b, Field* out) {
    uint64_t product[16];
    for (int i = 0; i < 16; ++i) {
        product[i] = 0;
    }
    for (int i = 0; i < 8; ++i) {
        uint64_t carry = 0;
        for (int j = 0; j < 8; ++j) {
            const uint64_t value = product[i + j] + a.limb[i] * b.limb[j] + carry;
            product[i + j] = value & 0xffffffff;
            carry = value >> 32;
        }
        product[i + 8] = carry;
    }
    int64_t c[16];
    for (int i = 0; i < 16; ++i) {
        c[i] = static_cast<int64_t>(product[i]);
    }
    int64_t sum[8] = {
        c[0] + c[8] + c[9] - c[11] - c[12] - c[13] - c[14],
        c[1] + c[9] + c[10] - c[12] - c[13] - c[14] - c[15],
        c[2] + c[10] + c[11] - c[13] - c[14] - c[15],
        c[3] + 2 * c[11] + 2 * c[12] + c[13] - c[15] - c[8] - c[9],
        c[4] + 2 * c[12] + 2 * c[13] + c[14] - c[9] - c[10],
        c[5] + 2 * c[13] + 2 * c[14] + c[15] - c[10] - c[11],
        c[6] + 3 * c[14] + 2 * c[15] + c[13] - c[8] - c[9],
        c[7] + 3 * c[15] + c[8] - c[10] - c[11] - c[12] - c[13],
    };
    normalise(sum, out);
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
    Field left;
    multiply(y, y, &left);
    Field right;
    multiply(x, x, &right);
    int64_t sum[8];
    for (int i = 0; i < 8; ++i) {
        sum[i] = static_cast<int64_t>(right.limb[i]);
    }
    sum[0] -= 3;
    normalise(sum, &right);
    multiply(right, x, &right);
    for (int i = 0; i < 8; ++i) {
        sum[i] = static_cast<int64_t>(right.limb[i] + kB[i]);
    }
    normalise(sum, &right);
    for (int i = 0; i < 8; ++i) {
        if (left.limb[i] != right.limb[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace latchkey::core
