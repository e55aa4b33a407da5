// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "chains/solana/layout/address.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace latchkey::solana {

using core::Bytes;
using core::ByteView;
using core::Result;

/// Base58 of exactly 32 bytes. Errors: kInvalidBase58, kInvalidLength.
Result<Address> parse_address(std::string_view text);
std::string to_base58(const Address& address);

/// True if a private key may exist for the address: it decompresses to a point of the curve, small
/// order and mixed order included, as the runtime tests it.
bool is_on_curve(const Address& address);

/// At most 16 seeds of at most 32 bytes each; find_program_address needs one of them for the bump.
inline constexpr std::size_t kSeedsMax = 16;
inline constexpr std::size_t kSeedBytesMax = 32;

/// sha256(seeds | program | "ProgramDerivedAddress") if that is no point of the curve.
/// Errors: kSeedsTooLong (too many seeds or one too long), kAddressOnCurve.
Result<Address> create_program_address(std::span<const ByteView> seeds, const Address& program);

/// A program-derived address and the seed that led off the curve.
struct ProgramAddress {
    Address address;
    std::uint8_t bump = 0;

    friend bool operator==(const ProgramAddress&, const ProgramAddress&) = default;
};

/// The first address off the curve with the bump seed counting down from 255.
/// Errors: kSeedsTooLong, kAddressOnCurve (no bump works: about one in 2^255).
Result<ProgramAddress> find_program_address(std::span<const ByteView> seeds,
                                            const Address& program);

/// sha256(base | seed | owner), as System's CreateAccountWithSeed derives it.
/// Errors: kSeedsTooLong (over 32 bytes), kInvalidArgument (the owner ends in
/// "ProgramDerivedAddress", which would let it collide with a program-derived address).
Result<Address> create_address_with_seed(const Address& base, std::string_view seed,
                                         const Address& owner);

/// Where `wallet` holds tokens of `mint`. The token program is part of the derivation, so the two
/// token programs give two addresses. `wallet` may itself be off the curve.
Address associated_token_address(const Address& wallet, const Address& mint,
                                 const Address& token_program);

namespace detail {

/// Compile time only, so that ids read as text in the source; anything that is not base58 of
/// 32 bytes does not compile. At run time parse_address does this.
consteval Address address_literal(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    Address out;
    std::size_t zeros = 0;
    for (const char c : text) {
        auto carry = static_cast<unsigned>(kAlphabet.find(c));
        if (carry >= 58) {
            throw "not a base58 digit";
        }
        for (std::size_t i = Address::kSize; i-- > 0;) {
            carry += 58U * out[i];
            out[i] = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
        if (carry != 0) {
            throw "longer than 32 bytes";
        }
    }
    while (zeros < text.size() && text[zeros] == '1') {
        ++zeros;
    }
    std::size_t leading = 0;
    while (leading < Address::kSize && out[leading] == 0) {
        ++leading;
    }
    if (zeros != leading) {
        throw "not 32 bytes";
    }
    return out;
}

}  // namespace detail

inline namespace literals {

/// `"11111111111111111111111111111111"_address`, checked when compiled.
consteval Address operator""_address(const char* text, std::size_t size) {
    return detail::address_literal({text, size});
}

}  // namespace literals

/// Programs and sysvars every cluster has.
inline constexpr Address kSystemProgram = "11111111111111111111111111111111"_address;
inline constexpr Address kComputeBudgetProgram =
    "ComputeBudget111111111111111111111111111111"_address;
inline constexpr Address kTokenProgram = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"_address;
inline constexpr Address kToken2022Program = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"_address;
inline constexpr Address kAssociatedTokenProgram =
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"_address;
inline constexpr Address kAddressLookupTableProgram =
    "AddressLookupTab1e1111111111111111111111111"_address;
inline constexpr Address kMemoProgram = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"_address;
inline constexpr Address kEd25519Program = "Ed25519SigVerify111111111111111111111111111"_address;
inline constexpr Address kSecp256k1Program = "KeccakSecp256k11111111111111111111111111111"_address;
inline constexpr Address kSecp256r1Program = "Secp256r1SigVerify1111111111111111111111111"_address;
inline constexpr Address kUpgradeableLoader = "BPFLoaderUpgradeab1e11111111111111111111111"_address;
inline constexpr Address kNativeMint = "So11111111111111111111111111111111111111112"_address;
inline constexpr Address kClockSysvar = "SysvarC1ock11111111111111111111111111111111"_address;
inline constexpr Address kRentSysvar = "SysvarRent111111111111111111111111111111111"_address;
inline constexpr Address kRecentBlockhashesSysvar =
    "SysvarRecentB1ockHashes11111111111111111111"_address;

}  // namespace latchkey::solana
