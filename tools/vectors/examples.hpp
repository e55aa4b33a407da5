// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wallet/configuration.hpp"
#include "core/wallet/digest.hpp"
#include "core/wallet/evidence.hpp"

/// The keys, configurations and signatures that vectors are made from. Every private key is
/// sha256("Latchkey vector key " name), so that any implementation can make it again.
namespace latchkey::vectors {

using core::Bytes;
using core::ByteView;
using core::Hash32;

/// The same byte `size` times.
Bytes filled(std::uint8_t byte, std::size_t size = 32);
Hash32 hash_of(std::string_view text);
/// 32 times the same byte.
Hash32 address(std::uint8_t byte);
/// Address `byte`, for the program that all vectors use.
Hash32 program_id();
Hash32 cluster();
/// Not a point of ed25519.
Hash32 derived_address();

Hash32 private_key(std::string_view name);
core::crypto::Ed25519PublicKey ed25519_key(std::string_view name);
core::crypto::P256PublicKey p256_key(std::string_view name);
core::crypto::EthereumAddress ethereum_key(std::string_view name);

/// "example.com"
inline constexpr std::string_view kRelyingParty = "example.com";

core::Signer passkey(std::string_view name, bool user_verification = true);

/// The signer and its evidence for a hash, made with the private key of this name. P-256 nonces are
/// those of RFC 6979, so that every run makes the same signature.
core::Evidence sign(const core::Signer& signer, std::string_view name,
                    const core::ApprovalHash& hash);
core::crypto::P256Signature sign_p256(std::string_view name, ByteView message);

/// Everything that a shared part can say: three signers of two parties, an unlimited and a limited
/// rule, a recovery commitment.
core::Configuration full_configuration();
/// Everything that a recovery part can say: a guardian of two keys and one of one key; either one
/// recovers after a week (TIE recovery), both at once within a time, one freezes; a limited rule
/// that waits is among those restored for two signers.
core::RecoveryPart full_recovery();
/// As many signers as full_recovery() restores the rules for, one after the other.
Bytes new_signers();
/// One signer, one rule, all rights.
core::Configuration single_configuration(const core::Signer& signer);
/// A limited session with two targets and times.
core::LocalRule full_session();

core::Rule rule_of(std::uint64_t actions, std::uint16_t mask = 1, std::uint8_t threshold = 1);

}  // namespace latchkey::vectors
