// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "chains/solana/client/transaction.hpp"
#include "core/crypto/p256.hpp"

/// Derived addresses and precompile instructions, written once more for tests: nothing here comes
/// from the client library, so that both can be held against each other.
namespace latchkey::solana::testing {

/// sha256(seeds | program | "ProgramDerivedAddress"); nothing for a point of the curve, more than
/// 16 seeds or one above 32 bytes.
std::optional<Address> derive_address(std::span<const ByteView> seeds, const Address& program);
/// The first address with the bump counting down from 255.
std::pair<Address, std::uint8_t> derive_with_bump(std::vector<ByteView> seeds,
                                                  const Address& program);
/// sha256(base | seed | owner); nothing for a seed above 32 bytes or an owner that ends like a
/// derived address.
std::optional<Address> derive_with_seed(const Address& base, std::string_view seed,
                                        const Address& owner);

/// One signature of the ed25519 (32-byte key) or secp256r1 precompile (33).
struct PrecompileSlot {
    Bytes key;
    Bytes signature;
    Bytes message;
};
Instruction make_precompile(const Address& program, const std::vector<PrecompileSlot>& slots);

}  // namespace latchkey::solana::testing
