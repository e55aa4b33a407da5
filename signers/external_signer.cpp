// SPDX-License-Identifier: Apache-2.0
#include "signers/external_signer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace latchkey::signers {

namespace {

namespace crypto = core::crypto;
namespace webauthn = core::webauthn;
using core::ApprovalHash;
using core::Bytes;
using core::ByteView;
using core::ErrorCode;
using core::fail;
using core::Result;

constexpr std::size_t kRawSize = 64;
constexpr std::size_t kRecoverableSize = 65;

Result<Evidence> verified(const SigningRequest& request, Evidence evidence) {
    LATCHKEY_CHECK(verify_evidence(request.signer, request.hash, evidence));
    return evidence;
}

Result<Evidence> accept_p256(const SigningRequest& request, ByteView signature) {
    LATCHKEY_TRY(const auto normalized, signature.size() == kRawSize
                                            ? crypto::normalize_p256_signature(signature)
                                            : crypto::p256_signature_from_der(signature));
    return verified(request, normalized);
}

/// v as wallets write it, or nothing.
Result<std::uint8_t> recovery_id_of(std::uint8_t v) {
    if (v <= 1) {
        return v;
    }
    if (v == 27 || v == 28) {
        return static_cast<std::uint8_t>(v - 27);
    }
    return fail(ErrorCode::kMalformedSignature, "v is 0, 1, 27 or 28");
}

/// The signature does not say which of two keys made it: the one that is the signer's did.
Result<Evidence> accept_by_trial(const SigningRequest& request,
                                 const crypto::Secp256k1Signature& signature) {
    auto first = verified(request, crypto::RecoverableSignature{signature, 0});
    if (first.has_value()) {
        return first;
    }
    return verified(request, crypto::RecoverableSignature{signature, 1});
}

Result<Evidence> accept_secp256k1(const SigningRequest& request, ByteView signature) {
    if (signature.size() == kRawSize) {
        LATCHKEY_TRY(const auto raw, crypto::normalize_secp256k1_signature(signature));
        return accept_by_trial(request, raw);
    }
    if (signature.size() != kRecoverableSize) {
        LATCHKEY_TRY(const auto raw, crypto::secp256k1_signature_from_der(signature));
        return accept_by_trial(request, raw);
    }
    crypto::RecoverableSignature made;
    LATCHKEY_TRY(made.recovery_id, recovery_id_of(signature[kRawSize]));
    LATCHKEY_TRY(made.signature, crypto::normalize_secp256k1_signature(signature.first(kRawSize)));
    // The mirrored signature belongs to the point with the other y.
    if (!core::equal(made.signature.view(), signature.first(kRawSize))) {
        made.recovery_id ^= 1;
    }
    return verified(request, made);
}

}  // namespace

Result<SigningRequest> request_signature(const core::Signer& signer, const ApprovalHash& hash) {
    SigningRequest request = {signer, hash, core::digest_of(hash), {}};
    if (signer.kind == core::kSignerWebauthn) {
        request.message = core::to_bytes(core::webauthn_challenge(request.digest));
        return request;
    }
    auto message = core::message_to_sign(signer, hash);
    if (!message.has_value()) {
        if (message.error().code == ErrorCode::kUnsupported) {
            return fail(ErrorCode::kNotASigningKind);
        }
        return tl::unexpected(std::move(message).error());
    }
    request.message = *std::move(message);
    return request;
}

Result<Evidence> accept_signature(const SigningRequest& request, ByteView signature) {
    switch (request.signer.kind) {
        case core::kSignerEd25519: {
            LATCHKEY_TRY(const auto made, crypto::Ed25519Signature::from(signature));
            return verified(request, made);
        }
        case core::kSignerP256:
            return accept_p256(request, signature);
        case core::kSignerSecp256k1Eip712:
        case core::kSignerSecp256k1Eip191:
            return accept_secp256k1(request, signature);
        case core::kSignerWebauthn:
            return fail(ErrorCode::kEvidenceKind, "an authenticator returns a whole assertion");
        case core::kSignerProgram:
        case core::kSignerContract:
            break;
    }
    return fail(ErrorCode::kNotASigningKind);
}

Result<Evidence> accept_assertion(const SigningRequest& request, const AssertionResponse& response,
                                  std::span<const std::string> origins) {
    webauthn::Assertion assertion = {response.authenticator_data, response.client_data_json, {}};
    LATCHKEY_TRY(assertion.signature, crypto::p256_signature_from_der(response.signature));
    LATCHKEY_TRY(const auto client_data, webauthn::parse_client_data(response.client_data_json));
    if (!origins.empty()) {
        if (std::find(origins.begin(), origins.end(), client_data.origin) == origins.end()) {
            return fail(ErrorCode::kOriginNotAllowed, client_data.origin);
        }
        if (client_data.cross_origin == webauthn::CrossOrigin::kTrue) {
            return fail(ErrorCode::kCrossOriginNotAllowed, client_data.top_origin.value_or(""));
        }
    }
    return verified(request, std::move(assertion));
}

ExternalSigner::ExternalSigner(core::Signer entry, Exchange exchange)
    : entry_(std::move(entry)), exchange_(std::move(exchange)) {}

Result<std::unique_ptr<ExternalSigner>> ExternalSigner::make(core::Signer entry,
                                                             Exchange exchange) {
    if (entry.kind == core::kSignerWebauthn || entry.kind == core::kSignerProgram ||
        entry.kind == core::kSignerContract) {
        return fail(ErrorCode::kNotASigningKind, "an external signer returns a plain signature");
    }
    return std::unique_ptr<ExternalSigner>(
        new ExternalSigner(std::move(entry), std::move(exchange)));
}

Result<Evidence> ExternalSigner::approve(const ApprovalHash& hash) {
    LATCHKEY_TRY(const SigningRequest request, request_signature(entry_, hash));
    LATCHKEY_TRY(const Bytes signature, exchange_(request));
    return accept_signature(request, signature);
}

}  // namespace latchkey::signers
