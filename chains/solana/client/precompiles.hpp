// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "chains/solana/client/transaction.hpp"
#include "core/crypto/p256.hpp"

/// Signature-verification instructions: the runtime checks every signature before the transaction
/// runs. The layout is the exact one that docs/spec/solana.md demands: all offsets first, then for
/// each signature its key, signature and message, in order and without gaps.
namespace latchkey::solana::precompiles {

/// SIMD-0075.
inline constexpr std::size_t kSecp256r1SignaturesMax = 8;

/// One P-256 signature to be verified.
struct Secp256r1Entry {
    core::crypto::P256PublicKey public_key;
    /// With s in the lower half of the order.
    core::crypto::P256Signature signature;
    /// The precompile applies SHA-256.
    Bytes message;
};

/// One ed25519 signature to be verified (strictly, RFC 8032).
struct Ed25519Entry {
    core::crypto::Ed25519PublicKey public_key;
    core::crypto::Ed25519Signature signature;
    Bytes message;
};

/// Errors of both: kInvalidInstruction (no signature, too many, or data over 65,535 bytes).
Result<Instruction> secp256r1(std::span<const Secp256r1Entry> entries);
Result<Instruction> ed25519(std::span<const Ed25519Entry> entries);

}  // namespace latchkey::solana::precompiles
