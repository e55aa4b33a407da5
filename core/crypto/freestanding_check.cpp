// SPDX-License-Identifier: Apache-2.0
// Compiled for the chain's instruction set by a test: the freestanding headers must stay
// freestanding.
#include "core/crypto/keccak256.hpp"
#include "core/crypto/sha256_freestanding.hpp"
#include "core/webauthn/nibble_challenge.hpp"

extern "C" void hash_both(const latchkey::core::crypto::ByteSlice* slices, size_t count,
                          uint8_t* hashes) {
    latchkey::core::crypto::keccak256_slices(slices, count, hashes);
    latchkey::core::crypto::sha256_slices(slices, count, hashes + 32);
}

extern "C" void write_letters(const uint8_t* digest, uint8_t* text) {
    latchkey::core::webauthn::write_nibble_challenge(digest, text);
}
