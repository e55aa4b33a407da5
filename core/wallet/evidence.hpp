// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/wallet/configuration.hpp"
#include "core/wallet/digest.hpp"
#include "core/webauthn/assertion.hpp"

namespace latchkey::core {

/// What a signer hands over for one approval (docs/spec/authorization.md section 4): for ed25519
/// the signature of the off-chain message, for p256 that of SHA-256 of the digest, for secp256k1
/// that of the digest (eip712) or of the personal message (eip191), for webauthn the whole
/// assertion. Always low s.
using Evidence = std::variant<crypto::Ed25519Signature, crypto::P256Signature,
                              crypto::RecoverableSignature, webauthn::Assertion>;

/// One signer's answer to a request for approval.
struct CollectedApproval {
    /// Index among the rule's signers.
    std::uint8_t signer = 0;
    Evidence evidence;
};

/// Whether this evidence lets `signer` approve `hash`, by the rules that chains apply: in an
/// assertion the challenge, the relying party, user presence, user verification if the signer
/// requires it, and authenticator data of 37 bytes; not the origin, which chains do not know.
/// Errors: kEvidenceKind, kNotASigningKind, kWrongSigner (secp256k1), the errors of the parsers and
/// kInvalidSignature.
Result<void> verify_evidence(const Signer& signer, const ApprovalHash& hash,
                             const Evidence& evidence);

}  // namespace latchkey::core
