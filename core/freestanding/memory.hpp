// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: compiles for the host and with clang -target bpf.
#include <stddef.h>
#include <stdint.h>

/// Reading and writing bytes in the code that the Solana program shares with everything else. No
/// function here checks bounds: callers do, once, where bytes enter.
namespace latchkey::core {

#define LATCHKEY_INLINE [[gnu::always_inline]] inline
#define LATCHKEY_NOINLINE [[gnu::noinline]]
/// For what runs rarely: small rather than fast.
#define LATCHKEY_COLD [[gnu::noinline, gnu::cold, clang::minsize]]

#if defined(__bpf__)
// The VM reads and writes words at any address, but clang-19's BPF backend believes that it cannot
// and splits an access of unknown alignment into bytes (22 instructions for a u64). So the types
// below claim their natural alignment. The tests on the real VM run every such access unaligned.
using Word64 [[gnu::may_alias]] = uint64_t;
using Word32 [[gnu::may_alias]] = uint32_t;
using Word16 [[gnu::may_alias]] = uint16_t;
#else
using Word64 [[gnu::may_alias, gnu::aligned(1)]] = uint64_t;
using Word32 [[gnu::may_alias, gnu::aligned(1)]] = uint32_t;
using Word16 [[gnu::may_alias, gnu::aligned(1)]] = uint16_t;
#endif

/// Little-endian integer at `from + kOffset`, at any alignment.
template <int kOffset = 0>
LATCHKEY_INLINE uint64_t load64(const uint8_t* from) {
    return *reinterpret_cast<const Word64*>(from + kOffset);
}
template <int kOffset = 0>
LATCHKEY_INLINE uint64_t load32(const uint8_t* from) {
    return *reinterpret_cast<const Word32*>(from + kOffset);
}
template <int kOffset = 0>
LATCHKEY_INLINE uint64_t load16(const uint8_t* from) {
    return *reinterpret_cast<const Word16*>(from + kOffset);
}
/// Writes a little-endian integer at `to + kOffset`, at any alignment; higher bits are cut off.
template <int kOffset = 0>
LATCHKEY_INLINE void store64(uint8_t* to, uint64_t value) {
    *reinterpret_cast<Word64*>(to + kOffset) = value;
}
template <int kOffset = 0>
LATCHKEY_INLINE void store32(uint8_t* to, uint64_t value) {
    *reinterpret_cast<Word32*>(to + kOffset) = static_cast<uint32_t>(value);
}
template <int kOffset = 0>
LATCHKEY_INLINE void store16(uint8_t* to, uint64_t value) {
    *reinterpret_cast<Word16*>(to + kOffset) = static_cast<uint16_t>(value);
}

/// 0 or 1: what a function that is called answers instead of a bool, of which every caller would
/// clear the upper bits.
using Truth = uint64_t;

/// Hides from the compiler what it knows of a value. It turns tests of a byte's high bit into three
/// instructions of sign extension when it sees that the value was a byte.
LATCHKEY_INLINE uint64_t opaque(uint64_t value) {
    asm("" : "+r"(value));
    return value;
}

/// Big-endian integer, as configurations write them.
template <int kOffset = 0>
LATCHKEY_INLINE uint64_t load64_big_endian(const uint8_t* from) {
    return __builtin_bswap64(load64<kOffset>(from));
}
template <int kOffset = 0>
LATCHKEY_INLINE uint64_t load32_big_endian(const uint8_t* from) {
    return __builtin_bswap64(load32<kOffset>(from)) >> 32;
}
template <int kOffset = 0>
LATCHKEY_INLINE uint64_t load16_big_endian(const uint8_t* from) {
    const uint8_t* at = from + kOffset;
    return static_cast<uint64_t>(at[0]) << 8 | at[1];
}
LATCHKEY_INLINE void store64_big_endian(uint8_t* to, uint64_t value) {
    store64(to, __builtin_bswap64(value));
}

LATCHKEY_INLINE bool equal32(const uint8_t* a, const uint8_t* b) {
    return load64<0>(a) == load64<0>(b) && load64<8>(a) == load64<8>(b) &&
           load64<16>(a) == load64<16>(b) && load64<24>(a) == load64<24>(b);
}

/// equal32 as a call, for code that is small rather than fast.
LATCHKEY_COLD inline Truth same32(const uint8_t* a, const uint8_t* b) {
    return equal32(a, b);
}

LATCHKEY_INLINE bool is_zero32(const uint8_t* a) {
    return (load64<0>(a) | load64<8>(a) | load64<16>(a) | load64<24>(a)) == 0;
}

LATCHKEY_INLINE void copy32(uint8_t* to, const uint8_t* from) {
    store64<0>(to, load64<0>(from));
    store64<8>(to, load64<8>(from));
    store64<16>(to, load64<16>(from));
    store64<24>(to, load64<24>(from));
}

/// copy32 as a call, for code that is small rather than fast.
LATCHKEY_COLD inline void put32(uint8_t* to, const uint8_t* from) {
    copy32(to, from);
}

/// For short runs: whole words, then what is left in halves.
LATCHKEY_INLINE bool equal_bytes(const uint8_t* a, const uint8_t* b, uint64_t length) {
    for (; length >= 8; length -= 8, a += 8, b += 8) {
        if (load64(a) != load64(b)) {
            return false;
        }
    }
    if ((length & 4) != 0) {
        if (load32(a) != load32(b)) {
            return false;
        }
        a += 4;
        b += 4;
    }
    if ((length & 2) != 0) {
        if (load16(a) != load16(b)) {
            return false;
        }
        a += 2;
        b += 2;
    }
    return (length & 1) == 0 || *a == *b;
}

/// equal_bytes as a call, for code that is small rather than fast.
LATCHKEY_COLD inline Truth same_bytes(const uint8_t* a, const uint8_t* b, uint64_t length) {
    for (; length >= 8; length -= 8, a += 8, b += 8) {
        if (load64(a) != load64(b)) {
            return false;
        }
    }
    for (; length != 0; --length, ++a, ++b) {
        if (*a != *b) {
            return false;
        }
    }
    return true;
}

/// Negative, zero or positive as memcmp.
LATCHKEY_COLD inline int64_t compare_bytes(const uint8_t* a, const uint8_t* b, uint64_t length) {
    for (uint64_t at = 0; at < length; ++at) {
        if (a[at] != b[at]) {
            return static_cast<int64_t>(a[at]) - static_cast<int64_t>(b[at]);
        }
    }
    return 0;
}

}  // namespace latchkey::core
