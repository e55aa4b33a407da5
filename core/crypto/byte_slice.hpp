// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: no standard library headers beyond the integer types, no calls, no heap.
#include <stddef.h>
#include <stdint.h>

namespace latchkey::core::crypto {

/// Read-only bytes of somebody else, for hashing several pieces without copying. The layout is the
/// one the Solana hash syscalls take (pointer, then 64-bit length), so a list can be passed to them
/// as is.
struct ByteSlice {
    const uint8_t* data;
    uint64_t size;
};

static_assert(sizeof(ByteSlice) == 16, "the syscalls read 16-byte entries");

}  // namespace latchkey::core::crypto
