// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/freestanding/memory.hpp"

/// Well-known addresses as little-endian words, so that comparing needs no memory. Half of an
/// address is compared: to find another one with the same 16 bytes takes 2^128 attempts, as many as
/// to find a key.
namespace latchkey::solana::program {

/// The System program's address.
inline constexpr uint8_t kSystemProgram[32] = {};
/// A vault is derived from this and its state's address.
inline constexpr uint8_t kVaultSeed[5] = {'v', 'a', 'u', 'l', 't'};

/// An address whose value the program knows.
struct KnownAddress {
    uint64_t words[2];
};

LATCHKEY_INLINE bool equals(const uint8_t* key, const KnownAddress& known) {
    return core::load64<0>(key) == known.words[0] && core::load64<8>(key) == known.words[1];
}

/// The same as a call, for code that is small rather than fast.
LATCHKEY_INLINE core::Truth is_known(const uint8_t* key, const KnownAddress& known) {
    return equals(key, known);
}

// Secp256r1SigVerify1111111111111111111111111
inline constexpr KnownAddress kSecp256r1Program = {{0xb571ea2fec0d9206, 0x03a92d744d8123b7}};
// Ed25519SigVerify111111111111111111111111111
inline constexpr KnownAddress kEd25519Program = {{0xbefb937cd6467d03, 0xff408d838f42f912}};
// BPFLoaderUpgradeab1e11111111111111111111111
inline constexpr KnownAddress kUpgradeableLoader = {{0xb0a1884e91f6a802, 0x2bae63f73e1510e2}};
// LoaderV411111111111111111111111111111111111
inline constexpr KnownAddress kLoaderV4 = {{0x7ae3515111b41205, 0x7b2e88d3c58b0aad}};
// BPFLoader2111111111111111111111111111111111
inline constexpr KnownAddress kLoader2 = {{0x6ea1884e91f6a802, 0x69fa8f9428e15a39}};
// BPFLoader1111111111111111111111111111111111
inline constexpr KnownAddress kLoader1 = {{0x6ba1884e91f6a802, 0xd904645f859523bd}};
// NativeLoader1111111111111111111111111111111
inline constexpr KnownAddress kNativeLoader = {{0x28a48b14bf848705, 0xf1a988485712b02f}};
// TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
inline constexpr KnownAddress kToken = {{0x93a165d7e1f6dd06, 0xac79ebce46e1cbd9}};
// TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb
inline constexpr KnownAddress kToken2022 = {{0xde8f75eee1f6dd06, 0xdacd6ce4bc5d4218}};
// Stake11111111111111111111111111111111111111
inline constexpr KnownAddress kStake = {{0x2a54379117d8a106, 0xb27a2afebd373498}};
// Vote111111111111111111111111111111111111111
inline constexpr KnownAddress kVote = {{0xbb7474351d486107, 0xb3bdd3eb24764d7c}};
// AddressLookupTab1e1111111111111111111111111
inline constexpr KnownAddress kAddressLookupTable = {{0x7a9b3397afa67702, 0xf54604c992188dc8}};

/// Loaders first, then other programs whose accounts are worth money or power that no amount shows;
/// upgradeable and v4 loader are both.
inline constexpr KnownAddress kSpecialPrograms[] = {
    kLoader2,  kLoader1, kNativeLoader, kUpgradeableLoader,
    kLoaderV4, kStake,   kVote,         kAddressLookupTable};
inline constexpr uint64_t kLoadersBegin = 0;
inline constexpr uint64_t kLoadersEnd = 5;
inline constexpr uint64_t kUncountableBegin = 3;
inline constexpr uint64_t kUncountableEnd = 8;

/// Whether `key` is one of kSpecialPrograms from `begin` on, before `end`.
LATCHKEY_COLD inline core::Truth is_special(const uint8_t* key, uint64_t begin, uint64_t end) {
    do {
        if (is_known(key, kSpecialPrograms[begin])) {
            return true;
        }
    } while (++begin != end);
    return false;
}

/// Every loader's address begins with one of two bytes, and hardly any other target's does.
LATCHKEY_INLINE bool is_loader(const uint8_t* key) {
    const uint64_t first = *key;
    return (first == 2 || first == 5) && is_special(key, kLoadersBegin, kLoadersEnd);
}
static_assert((kLoader2.words[0] & 0xff) == 2 && (kLoader1.words[0] & 0xff) == 2 &&
                  (kUpgradeableLoader.words[0] & 0xff) == 2 &&
                  (kNativeLoader.words[0] & 0xff) == 5 && (kLoaderV4.words[0] & 0xff) == 5,
              "is_loader looks at the first byte");

}  // namespace latchkey::solana::program
