// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/freestanding/memory.hpp"

/// Well-known addresses as four little-endian words, so that comparing needs no memory.
namespace latchkey::solana::program {

/// An address whose value the program knows.
struct KnownAddress {
    uint64_t words[4];
};

LATCHKEY_INLINE bool equals(const uint8_t* key, const KnownAddress& known) {
    return core::load64<0>(key) == known.words[0] && core::load64<8>(key) == known.words[1] &&
           core::load64<16>(key) == known.words[2] && core::load64<24>(key) == known.words[3];
}

/// The same as a call, for code that is small rather than fast.
LATCHKEY_COLD inline bool is_known(const uint8_t* key, const KnownAddress& known) {
    return core::same32(key, reinterpret_cast<const uint8_t*>(known.words));
}

// Secp256r1SigVerify1111111111111111111111111
inline constexpr KnownAddress kSecp256r1Program = {
    {0xb571ea2fec0d9206, 0x03a92d744d8123b7, 0x565d79db5fe7831c, 0x000000208047758e}};
// Ed25519SigVerify111111111111111111111111111
inline constexpr KnownAddress kEd25519Program = {
    {0xbefb937cd6467d03, 0xff408d838f42f912, 0x648af42749747005, 0x000000804470cafc}};
// KeccakSecp256k11111111111111111111111111111
inline constexpr KnownAddress kSecp256k1Program = {
    {0xf0cc50f020fcc604, 0xf58c9f1c21d78455, 0x1e6a16bb8547c19e, 0x0000002012e83028}};
// Sysvar1nstructions1111111111111111111111111
inline constexpr KnownAddress kInstructionsSysvar = {
    {0x66d17b1817d5a706, 0xc0c2fd5504d4da35, 0xa57556218fc624c1, 0x000000085fcbbadb}};
// BPFLoaderUpgradeab1e11111111111111111111111
inline constexpr KnownAddress kUpgradeableLoader = {
    {0xb0a1884e91f6a802, 0x2bae63f73e1510e2, 0xd224c1163db9c200, 0x00008004107a53c0}};
// LoaderV411111111111111111111111111111111111
inline constexpr KnownAddress kLoaderV4 = {
    {0x7ae3515111b41205, 0x7b2e88d3c58b0aad, 0xc828c0d2f34cda7f, 0x00000000183683cf}};
// BPFLoader2111111111111111111111111111111111
inline constexpr KnownAddress kLoader2 = {
    {0x6ea1884e91f6a802, 0x69fa8f9428e15a39, 0x4347dd1868379356, 0x00000000c6f32152}};
// BPFLoader1111111111111111111111111111111111
inline constexpr KnownAddress kLoader1 = {
    {0x6ba1884e91f6a802, 0xd904645f859523bd, 0x14b01b82b756f4b4, 0x000000008c424957}};
// NativeLoader1111111111111111111111111111111
inline constexpr KnownAddress kNativeLoader = {
    {0x28a48b14bf848705, 0xf1a988485712b02f, 0x45c065f7ad7da053, 0x0000008003979a5c}};
// TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
inline constexpr KnownAddress kToken = {
    {0x93a165d7e1f6dd06, 0xac79ebce46e1cbd9, 0x91375b5fed85b41c, 0xa900ff7e85f58c3a}};
// TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb
inline constexpr KnownAddress kToken2022 = {
    {0xde8f75eee1f6dd06, 0xdacd6ce4bc5d4218, 0x270db9834dfc1ab6, 0xfc8ba1d828f9bdfe}};
// Stake11111111111111111111111111111111111111
inline constexpr KnownAddress kStake = {
    {0x2a54379117d8a106, 0xb27a2afebd373498, 0x2b72788a5c537f55, 0x00000000c09da468}};
// Vote111111111111111111111111111111111111111
inline constexpr KnownAddress kVote = {
    {0xbb7474351d486107, 0xb3bdd3eb24764d7c, 0xfc4310d1735e35d8, 0x000000008053a30d}};
// AddressLookupTab1e1111111111111111111111111
inline constexpr KnownAddress kAddressLookupTable = {
    {0x7a9b3397afa67702, 0xf54604c992188dc8, 0x532ef66692300200, 0x00000082492418c1}};

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
LATCHKEY_COLD inline bool is_special(const uint8_t* key, uint64_t begin, uint64_t end) {
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
