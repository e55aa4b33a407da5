// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "chains/evm/client/address.hpp"
#include "core/wallet/evidence.hpp"

/// What signers sign, as contracts read it (docs/spec/evm.md, sections 4 and 5).
namespace latchkey::evm::wallet {

/// Of both envelopes; recovery id 0 or 1.
struct Secp256k1Approval {
    core::crypto::RecoverableSignature signature{};

    friend bool operator==(const Secp256k1Approval&, const Secp256k1Approval&) = default;
};

/// `y`: the other coordinate of the key.
struct P256Approval {
    core::crypto::P256Signature signature{};
    Hash32 y{};

    friend bool operator==(const P256Approval&, const P256Approval&) = default;
};

/// An assertion without what the contract knows: relying party and challenge.
struct PasskeyApproval {
    core::crypto::P256Signature signature{};
    Hash32 y{};
    /// Of the authenticator data.
    std::uint8_t flags = 0;
    std::uint32_t counter = 0;
    /// Of clientDataJSON, from the quote behind the challenge on.
    std::string rest{};

    friend bool operator==(const PasskeyApproval&, const PasskeyApproval&) = default;
};

/// What a contract wants for its isValidSignature; at most 65,535 bytes.
struct ContractApproval {
    Bytes bytes{};

    friend bool operator==(const ContractApproval&, const ContractApproval&) = default;
};

/// One signer's evidence.
using Approval = std::variant<Secp256k1Approval, P256Approval, PasskeyApproval, ContractApproval>;

/// What this evidence is to a contract, whose signer is `signer`; s is moved to the lower half.
/// Errors: kEvidenceKind, kNotASigningKind (ed25519, program and contract signers),
/// kMalformedSignature, kMalformedClientData, kMalformedAuthenticatorData, kInvalidPublicKey.
Result<Approval> approval_of(const core::Signer& signer, const core::Evidence& evidence);

/// The other way round: what the signer handed over for `hash`, which other chains take as well. A
/// passkey's clientDataJSON is what browsers write. Errors: kEvidenceKind, kUnexpectedEnd,
/// kUnsupported (contracts).
Result<core::Evidence> evidence_of(const core::Signer& signer, const core::ApprovalHash& hash,
                                   const Approval& approval);

/// Whether the evidence is good, as far as that can be known without the chain: everything but what
/// contracts answer, which is kUnsupported. Stricter than the chain in one thing: clientDataJSON
/// must be what browsers write. Errors: those of core::verify_evidence; kWrongSigner also when y is
/// not the key's.
Result<void> verify(const core::Signer& signer, const core::ApprovalHash& hash,
                    const Approval& approval);

/// Whether calldata can carry this evidence for a signer of this kind.
bool fits(core::SignerKind kind, const Approval& approval);

}  // namespace latchkey::evm::wallet
