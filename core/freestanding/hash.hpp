// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/crypto/byte_slice.hpp"

/// The two hash functions of the model over a list of byte runs, by whatever means the platform
/// has: syscalls in the Solana program, the freestanding implementations elsewhere. `out` has 32
/// bytes.
#if defined(__bpf__)
extern "C" uint64_t sol_sha256(const latchkey::core::crypto::ByteSlice* slices, uint64_t count,
                               uint8_t* out);
extern "C" uint64_t sol_keccak256(const latchkey::core::crypto::ByteSlice* slices, uint64_t count,
                                  uint8_t* out);
#else
#include "core/crypto/keccak256.hpp"
#include "core/crypto/sha256_freestanding.hpp"
#endif

namespace latchkey::core {

using Slice = crypto::ByteSlice;

#if defined(__bpf__)
[[gnu::always_inline]] inline void sha256_slices(const Slice* slices, uint64_t count,
                                                 uint8_t* out) {
    sol_sha256(slices, count, out);
}
[[gnu::always_inline]] inline void keccak256_slices(const Slice* slices, uint64_t count,
                                                    uint8_t* out) {
    sol_keccak256(slices, count, out);
}
#else
// Not wrapped: argument-dependent lookup finds these by Slice anyway, and would make a wrapper
// ambiguous.
using crypto::keccak256_slices;
using crypto::sha256_slices;
#endif

}  // namespace latchkey::core
