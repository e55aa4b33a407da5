// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chains/solana/testing/native_world.hpp"

/// The accounts and keys of a differential test, the same in every game.
namespace latchkey::solana::testing::cast {

/// Recipients, rent-exempt.
inline Address recipient(std::uint64_t which) {
    return test_address(static_cast<std::uint32_t>(100 + which));
}
inline constexpr unsigned kRecipients = 2;
inline constexpr unsigned kMints = 2;
inline Address mint(std::uint64_t which) {
    return test_address(static_cast<std::uint32_t>(110 + which));
}
inline Address vault_tokens(std::uint64_t which) {
    return test_address(static_cast<std::uint32_t>(120 + which));
}
inline Address other_tokens(std::uint64_t which) {
    return test_address(static_cast<std::uint32_t>(130 + which));
}
/// A durable nonce's account: System-owned, with data.
inline Address nonce_account() {
    return test_address(140);
}
/// Owns a lane beside the payer's.
inline const TestSigner& lane_owner() {
    static const TestSigner key = TestSigner::ed25519(60);
    return key;
}
/// An address without account that can sign.
inline const TestSigner& fresh_key() {
    static const TestSigner key = TestSigner::ed25519(61);
    return key;
}

/// Every kind of signer. The script program signs for the program signer with program_seed().
const std::vector<TestSigner>& signers();
const std::vector<TestSigner>& session_signers();
/// Several devices of one owner.
const std::vector<TestSigner>& passkeys();
core::Signer program_signer();
Bytes program_seed();
core::Signer contract_signer();

/// All of the above on a fresh chain.
void populate(NativeWorld& world, const Address& vault);

}  // namespace latchkey::solana::testing::cast
