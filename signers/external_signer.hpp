// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "signers/signer.hpp"

namespace latchkey::signers {

/// What somebody outside is asked to sign, in the forms that wallets, key services and browsers
/// take.
struct SigningRequest {
    core::Signer signer;
    core::ApprovalHash hash;
    /// What the signer approves; also what an eip712 key signs as it is.
    core::Digest digest;
    /// The message that the signer's algorithm takes: the off-chain message for ed25519, the 32
    /// digest bytes for p256 (hashed with SHA-256), 66 bytes for eip712 (hashed with keccak), 60
    /// for eip191 (hashed with keccak; personal_sign is given the 32 digest bytes), the 48-byte
    /// challenge for webauthn.
    core::Bytes message;
};

/// Error: kNotASigningKind.
core::Result<SigningRequest> request_signature(const core::Signer& signer,
                                               const core::ApprovalHash& hash);

/// Takes what came back and verifies it. ed25519: 64 bytes. p256: r || s or DER. secp256k1: r || s
/// || v with v of 0, 1, 27 or 28; r || s or DER, for which the recovery id is found by trial. High
/// s is replaced by low s. For webauthn use accept_assertion. Errors: kEvidenceKind,
/// kInvalidLength, kMalformedSignature, kWrongSigner, kInvalidSignature.
core::Result<Evidence> accept_signature(const SigningRequest& request, core::ByteView signature);

/// What a browser's credential.response holds.
struct AssertionResponse {
    core::Bytes authenticator_data;
    std::string client_data_json;
    /// DER.
    core::Bytes signature;
};

/// Takes what a browser returned for the request's message as challenge. `origins`: those that the
/// wallet's owner may use; empty accepts any, as chains do. Errors: kEvidenceKind,
/// kOriginNotAllowed, kCrossOriginNotAllowed and those of verify_evidence.
core::Result<Evidence> accept_assertion(const SigningRequest& request,
                                        const AssertionResponse& response,
                                        std::span<const std::string> origins = {});

/// A signer whose key is elsewhere: a hardware wallet, another service, a person with a file.
class ExternalSigner final : public Signer {
  public:
    /// Answers a request with the bytes that accept_signature takes.
    using Exchange = std::function<core::Result<core::Bytes>(const SigningRequest&)>;

    /// Error: kNotASigningKind, also for webauthn.
    static core::Result<std::unique_ptr<ExternalSigner>> make(core::Signer entry,
                                                              Exchange exchange);

    const core::Signer& entry() const override { return entry_; }
    /// Passes the exchange's error on; never returns evidence that does not verify.
    core::Result<Evidence> approve(const core::ApprovalHash& hash) override;

  private:
    ExternalSigner(core::Signer entry, Exchange exchange);

    core::Signer entry_;
    Exchange exchange_;
};

}  // namespace latchkey::signers
