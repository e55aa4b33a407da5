// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/wallet/leaf.hpp"
#include "core/webauthn/challenge.hpp"

/// From a leaf to the bytes that each kind of signer signs (docs/spec/authorization.md, section 4).
namespace latchkey::core {

/// The EIP-712 hashStruct under a digest: a leaf, or a tree's root wrapped in the type of its
/// height.
using ApprovalHash = FixedBytes<32, struct ApprovalHashTag>;
/// What a signer approves.
using Digest = FixedBytes<32, struct DigestTag>;

/// A single action.
ApprovalHash approval_hash_of(const Leaf& leaf);

Digest digest_of(const ApprovalHash& hash);
inline Digest digest_of(const Leaf& leaf) {
    return digest_of(approval_hash_of(leaf));
}

/// 0x1901, the domain and the hash (66 bytes): the preimage of the digest, which an eip712 signer
/// hashes with keccak.
Bytes eip712_message(const ApprovalHash& hash);
/// "\x19Ethereum Signed Message:\n32" and the digest (60 bytes), for an eip191 signer.
Bytes eip191_message(const Digest& digest);
/// keccak of the eip191 message: what its ECDSA signs.
Hash32 eip191_digest(const Digest& digest);

/// Solana's off-chain message that an ed25519 signer signs as it is (173 bytes).
Bytes offchain_message(const crypto::Ed25519PublicKey& signer, const Digest& digest);
/// The text in it, which a wallet shows: 24 characters and the digest's 64 letters.
std::string offchain_text(const Digest& digest);

/// What goes into navigator.credentials.get() (48 bytes).
webauthn::NibbleChallenge webauthn_challenge(const Digest& digest);

/// The message that `signer` signs for this hash, as its algorithm takes it: 66 or 60 bytes under
/// keccak for secp256k1, the 32 digest bytes under SHA-256 for p256, the off-chain message for
/// ed25519. Error: kUnsupported for webauthn (an authenticator makes the message), program and
/// contract signers.
Result<Bytes> message_to_sign(const Signer& signer, const ApprovalHash& hash);

}  // namespace latchkey::core
