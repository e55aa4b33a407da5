// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: compiles for the host and with clang -target bpf.
#include <stddef.h>
#include <stdint.h>

namespace latchkey::core::webauthn {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are bytes in memory order");

/// How a digest travels as a WebAuthn challenge (docs/spec/authorization.md section 4). The
/// challenge is the 48 bytes which base64url, as it stands in clientDataJSON, writes as 64 letters:
/// for each of the 32 digest bytes 'A' + its high nibble, then for each 'A' + its low nibble. A
/// chain can so write the text with two operations a word instead of a base64 encoder, and every
/// digest has exactly one text.
inline constexpr size_t kNibbleDigestSize = 32;
inline constexpr size_t kNibbleChallengeSize = 48;
inline constexpr size_t kNibbleTextSize = 64;

namespace nibble_detail {

inline constexpr uint64_t kLowNibbles = 0x0f0f0f0f0f0f0f0f;
// Eight times the letter A.
inline constexpr uint64_t kLetters = 0x4141414141414141;

// The chain's machine reads and writes words anywhere, but its compiler believes that it cannot and
// would split a copy of unknown alignment into single bytes.
#if defined(__bpf__)
using Word [[gnu::may_alias]] = uint64_t;
[[gnu::always_inline]] inline uint64_t load(const uint8_t* at) {
    return *reinterpret_cast<const Word*>(at);
}
[[gnu::always_inline]] inline void store(uint8_t* at, uint64_t word) {
    *reinterpret_cast<Word*>(at) = word;
}
#else
inline uint64_t load(const uint8_t* at) {
    uint64_t word;
    __builtin_memcpy(&word, at, sizeof word);
    return word;
}
inline void store(uint8_t* at, uint64_t word) {
    __builtin_memcpy(at, &word, sizeof word);
}
#endif

}  // namespace nibble_detail

/// Writes the 64 letters of a 32-byte digest. The two must not overlap.
[[gnu::always_inline]] inline void write_nibble_challenge(const uint8_t* digest, uint8_t* text) {
    for (size_t i = 0; i < kNibbleDigestSize; i += 8) {
        const uint64_t word = nibble_detail::load(digest + i);
        // No carry between bytes: 15 + 'A' is below 256.
        nibble_detail::store(text + i,
                             (word >> 4 & nibble_detail::kLowNibbles) + nibble_detail::kLetters);
        nibble_detail::store(text + kNibbleDigestSize + i,
                             (word & nibble_detail::kLowNibbles) + nibble_detail::kLetters);
    }
}

}  // namespace latchkey::core::webauthn
