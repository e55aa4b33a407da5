// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: compiles for the host and with clang -target bpf.
#include <stddef.h>
#include <stdint.h>

#include "core/crypto/byte_slice.hpp"

namespace latchkey::core::crypto {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "lanes are read in place");

inline constexpr size_t kKeccak256Size = 32;
/// Bytes absorbed by one permutation: 200 minus twice the output.
inline constexpr size_t kKeccak256Rate = 136;

/// A running Keccak-256 (the padding of the original submission, 0x01, as Ethereum and Solana use
/// it; not SHA3-256 of FIPS 202, whose padding is 0x06).
struct Keccak256State {
    uint64_t lanes[25];
    /// Bytes of the current block already absorbed, less than kKeccak256Rate.
    uint64_t filled;
};

namespace keccak_detail {

// iota constants, FIPS 202 section 3.2.5.
inline constexpr uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

[[gnu::always_inline]] inline uint64_t rotate_left(uint64_t value, unsigned count) {
    return value << count | value >> (64 - count);
}

[[gnu::always_inline]] inline void chi_row(uint64_t* out, const uint64_t (&b)[5]) {
    out[0] = b[0] ^ (~b[1] & b[2]);
    out[1] = b[1] ^ (~b[2] & b[3]);
    out[2] = b[2] ^ (~b[3] & b[4]);
    out[3] = b[3] ^ (~b[4] & b[0]);
    out[4] = b[4] ^ (~b[0] & b[1]);
}

// One round from `a` to `e`. Every index is a constant, so that both arrays end up in registers and
// theta, rho, pi and chi need no moves. Lane (x, y) is element x + 5 y; the row of rho offsets and
// source lanes for each output row is FIPS 202 sections 3.2.2 and 3.2.3 written out.
[[gnu::always_inline]] inline void round(const uint64_t (&a)[25], uint64_t (&e)[25],
                                         uint64_t round_constant) {
    const uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    const uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    const uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    const uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    const uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    const uint64_t d0 = c4 ^ rotate_left(c1, 1);
    const uint64_t d1 = c0 ^ rotate_left(c2, 1);
    const uint64_t d2 = c1 ^ rotate_left(c3, 1);
    const uint64_t d3 = c2 ^ rotate_left(c4, 1);
    const uint64_t d4 = c3 ^ rotate_left(c0, 1);
    const uint64_t row0[5] = {a[0] ^ d0, rotate_left(a[6] ^ d1, 44), rotate_left(a[12] ^ d2, 43),
                              rotate_left(a[18] ^ d3, 21), rotate_left(a[24] ^ d4, 14)};
    chi_row(e, row0);
    e[0] ^= round_constant;
    const uint64_t row1[5] = {rotate_left(a[3] ^ d3, 28), rotate_left(a[9] ^ d4, 20),
                              rotate_left(a[10] ^ d0, 3), rotate_left(a[16] ^ d1, 45),
                              rotate_left(a[22] ^ d2, 61)};
    chi_row(e + 5, row1);
    const uint64_t row2[5] = {rotate_left(a[1] ^ d1, 1), rotate_left(a[7] ^ d2, 6),
                              rotate_left(a[13] ^ d3, 25), rotate_left(a[19] ^ d4, 8),
                              rotate_left(a[20] ^ d0, 18)};
    chi_row(e + 10, row2);
    const uint64_t row3[5] = {rotate_left(a[4] ^ d4, 27), rotate_left(a[5] ^ d0, 36),
                              rotate_left(a[11] ^ d1, 10), rotate_left(a[17] ^ d2, 15),
                              rotate_left(a[23] ^ d3, 56)};
    chi_row(e + 15, row3);
    const uint64_t row4[5] = {rotate_left(a[2] ^ d2, 62), rotate_left(a[8] ^ d3, 55),
                              rotate_left(a[14] ^ d4, 39), rotate_left(a[15] ^ d0, 41),
                              rotate_left(a[21] ^ d1, 2)};
    chi_row(e + 20, row4);
}

inline void permute(uint64_t* lanes) {
    uint64_t a[25];
    uint64_t e[25];
    for (size_t i = 0; i < 25; ++i) {
        a[i] = lanes[i];
    }
    for (size_t i = 0; i < 24; i += 2) {
        round(a, e, kRoundConstants[i]);
        round(e, a, kRoundConstants[i + 1]);
    }
    for (size_t i = 0; i < 25; ++i) {
        lanes[i] = a[i];
    }
}

inline void absorb_byte(Keccak256State* state, uint8_t byte) {
    state->lanes[state->filled / 8] ^= static_cast<uint64_t>(byte) << 8 * (state->filled % 8);
    ++state->filled;
}

inline void permute_if_full(Keccak256State* state) {
    if (state->filled == kKeccak256Rate) {
        permute(state->lanes);
        state->filled = 0;
    }
}

}  // namespace keccak_detail

inline void keccak256_init(Keccak256State* state) {
    for (size_t i = 0; i < 25; ++i) {
        state->lanes[i] = 0;
    }
    state->filled = 0;
}

/// Absorbs `size` bytes; any split of the input gives the same hash.
inline void keccak256_update(Keccak256State* state, const uint8_t* data, size_t size) {
    while (size > 0) {
        if (state->filled % 8 == 0 && size >= 8) {
            uint64_t lane;
            __builtin_memcpy(&lane, data, 8);
            state->lanes[state->filled / 8] ^= lane;
            state->filled += 8;
            data += 8;
            size -= 8;
        } else {
            keccak_detail::absorb_byte(state, *data);
            ++data;
            --size;
        }
        keccak_detail::permute_if_full(state);
    }
}

/// Writes the 32-byte hash and leaves the state unusable until the next keccak256_init.
inline void keccak256_final(Keccak256State* state, uint8_t* hash) {
    state->lanes[state->filled / 8] ^= static_cast<uint64_t>(0x01) << 8 * (state->filled % 8);
    state->lanes[kKeccak256Rate / 8 - 1] ^= static_cast<uint64_t>(0x80) << 56;
    keccak_detail::permute(state->lanes);
    __builtin_memcpy(hash, state->lanes, kKeccak256Size);
}

/// One hash over all slices in order.
inline void keccak256_slices(const ByteSlice* slices, size_t count, uint8_t* hash) {
    Keccak256State state;
    keccak256_init(&state);
    for (size_t i = 0; i < count; ++i) {
        keccak256_update(&state, slices[i].data, slices[i].size);
    }
    keccak256_final(&state, hash);
}

}  // namespace latchkey::core::crypto
