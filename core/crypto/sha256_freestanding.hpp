// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding SHA-256 (FIPS 180-4), for running on-chain code natively, where the chain would
// provide the hash as a syscall. Services use core/crypto/hash.hpp, which is several times faster.
#include <stddef.h>
#include <stdint.h>

#include "core/crypto/byte_slice.hpp"

namespace latchkey::core::crypto {

inline constexpr size_t kSha256Size = 32;
inline constexpr size_t kSha256BlockSize = 64;

struct Sha256State {
    uint32_t words[8];
    uint8_t block[kSha256BlockSize];
    /// Bytes absorbed so far; the block holds the last `total % 64` of them.
    uint64_t total;
};

namespace sha256_detail {

// FIPS 180-4 section 4.2.2.
inline constexpr uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

inline uint32_t rotate_right(uint32_t value, unsigned count) {
    return value >> count | value << (32 - count);
}

inline uint32_t load_big_endian(const uint8_t* at) {
    return static_cast<uint32_t>(at[0]) << 24 | static_cast<uint32_t>(at[1]) << 16 |
           static_cast<uint32_t>(at[2]) << 8 | static_cast<uint32_t>(at[3]);
}

inline void expand(const uint8_t* block, uint32_t* schedule) {
    for (size_t i = 0; i < 16; ++i) {
        schedule[i] = load_big_endian(block + 4 * i);
    }
    for (size_t i = 16; i < 64; ++i) {
        const uint32_t near = schedule[i - 2];
        const uint32_t far = schedule[i - 15];
        const uint32_t sigma1 = rotate_right(near, 17) ^ rotate_right(near, 19) ^ near >> 10;
        const uint32_t sigma0 = rotate_right(far, 7) ^ rotate_right(far, 18) ^ far >> 3;
        schedule[i] = sigma1 + schedule[i - 7] + sigma0 + schedule[i - 16];
    }
}

inline void compress(uint32_t* words, const uint8_t* block) {
    uint32_t schedule[64];
    expand(block, schedule);
    uint32_t a = words[0], b = words[1], c = words[2], d = words[3];
    uint32_t e = words[4], f = words[5], g = words[6], h = words[7];
    for (size_t i = 0; i < 64; ++i) {
        const uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
        const uint32_t choice = (e & f) ^ (~e & g);
        const uint32_t first = h + sum1 + choice + kRoundConstants[i] + schedule[i];
        const uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
        const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + sum0 + majority;
    }
    words[0] += a;
    words[1] += b;
    words[2] += c;
    words[3] += d;
    words[4] += e;
    words[5] += f;
    words[6] += g;
    words[7] += h;
}

}  // namespace sha256_detail

inline void sha256_init(Sha256State* state) {
    constexpr uint32_t kInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (size_t i = 0; i < 8; ++i) {
        state->words[i] = kInitial[i];
    }
    state->total = 0;
}

/// Absorbs `size` bytes; any split of the input gives the same hash.
inline void sha256_update(Sha256State* state, const uint8_t* data, size_t size) {
    for (size_t i = 0; i < size; ++i) {
        state->block[state->total % kSha256BlockSize] = data[i];
        ++state->total;
        if (state->total % kSha256BlockSize == 0) {
            sha256_detail::compress(state->words, state->block);
        }
    }
}

/// Writes the 32-byte hash and leaves the state unusable until the next sha256_init.
inline void sha256_final(Sha256State* state, uint8_t* hash) {
    const uint64_t bits = state->total * 8;
    const uint8_t one = 0x80;
    const uint8_t zero = 0;
    sha256_update(state, &one, 1);
    while (state->total % kSha256BlockSize != kSha256BlockSize - 8) {
        sha256_update(state, &zero, 1);
    }
    for (unsigned i = 0; i < 8; ++i) {
        const uint8_t byte = static_cast<uint8_t>(bits >> (56 - 8 * i));
        sha256_update(state, &byte, 1);
    }
    for (size_t i = 0; i < kSha256Size; ++i) {
        hash[i] = static_cast<uint8_t>(state->words[i / 4] >> (24 - 8 * (i % 4)));
    }
}

/// One hash over all slices in order.
inline void sha256_slices(const ByteSlice* slices, size_t count, uint8_t* hash) {
    Sha256State state;
    sha256_init(&state);
    for (size_t i = 0; i < count; ++i) {
        sha256_update(&state, slices[i].data, slices[i].size);
    }
    sha256_final(&state, hash);
}

}  // namespace latchkey::core::crypto
