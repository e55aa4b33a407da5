// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/evidence.hpp"

#include "core/encoding/byte_io.hpp"
#include "core/webauthn/challenge.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;

bool is_secp256k1(core::SignerKind kind) {
    return kind == core::kSignerSecp256k1Eip712 || kind == core::kSignerSecp256k1Eip191;
}

/// The key's second coordinate.
Result<Hash32> y_of(const core::Signer& signer) {
    core::ByteReader reader(signer.key);
    LATCHKEY_TRY(const auto key, reader.read_as<core::crypto::P256PublicKey>());
    LATCHKEY_TRY(const auto point, core::crypto::decompress_p256(key));
    return Hash32::from(point.view().last<32>());
}

Result<Approval> of_secp256k1(const core::Evidence& evidence) {
    const auto* made = std::get_if<core::crypto::RecoverableSignature>(&evidence);
    if (made == nullptr) {
        return fail(ErrorCode::kEvidenceKind);
    }
    if (made->recovery_id > 1) {
        return fail(ErrorCode::kMalformedSignature, "the recovery id is 0 or 1");
    }
    Secp256k1Approval out{*made};
    LATCHKEY_TRY(out.signature.signature,
                 core::crypto::normalize_secp256k1_signature(made->signature.view()));
    if (out.signature.signature != made->signature) {
        // The nonce's point is mirrored with s.
        out.signature.recovery_id ^= 1U;
    }
    return out;
}

Result<Approval> of_p256(const core::Signer& signer, const core::Evidence& evidence) {
    const auto* made = std::get_if<core::crypto::P256Signature>(&evidence);
    if (made == nullptr) {
        return fail(ErrorCode::kEvidenceKind);
    }
    P256Approval out;
    LATCHKEY_TRY(out.signature, core::crypto::normalize_p256_signature(made->view()));
    LATCHKEY_TRY(out.y, y_of(signer));
    return out;
}

Result<Approval> of_passkey(const core::Signer& signer, const core::Evidence& evidence) {
    const auto* made = std::get_if<core::webauthn::Assertion>(&evidence);
    if (made == nullptr) {
        return fail(ErrorCode::kEvidenceKind);
    }
    if (made->authenticator_data.size() != core::webauthn::kAssertionDataSize) {
        return fail(ErrorCode::kMalformedAuthenticatorData, "contracts take 37 bytes only");
    }
    LATCHKEY_TRY(const auto data,
                 core::webauthn::parse_authenticator_data(made->authenticator_data));
    LATCHKEY_TRY(const auto parts, core::webauthn::split_client_data(made->client_data_json));
    PasskeyApproval out;
    LATCHKEY_TRY(out.signature, core::crypto::normalize_p256_signature(made->signature.view()));
    LATCHKEY_TRY(out.y, y_of(signer));
    out.flags = data.flags;
    out.counter = data.sign_count;
    out.rest = parts.rest;
    return out;
}

/// The assertion that this was.
Result<core::Evidence> assertion_of(const core::Signer& signer, const core::ApprovalHash& hash,
                                    const PasskeyApproval& approval) {
    core::ByteReader reader(signer.key);
    LATCHKEY_CHECK(reader.read(core::crypto::P256PublicKey::kSize));
    LATCHKEY_TRY(const auto relying_party, reader.read_as<Hash32>());
    core::ByteWriter data(core::webauthn::kAssertionDataSize);
    data.write(relying_party).write_u8(approval.flags).write_u32_be(approval.counter);
    const auto digest = core::digest_of(hash);
    core::webauthn::Assertion out;
    out.authenticator_data = data.take();
    out.client_data_json = R"({"type":"webauthn.get","challenge":")" +
                           core::webauthn::challenge_text_of_digest(Hash32(digest.array())) +
                           approval.rest;
    out.signature = approval.signature;
    return out;
}

Result<void> check_y(const core::Signer& signer, const Hash32& y) {
    LATCHKEY_TRY(const Hash32 expected, y_of(signer));
    if (y != expected) {
        return fail(ErrorCode::kWrongSigner, "y is that of another key");
    }
    return {};
}

}  // namespace

bool fits(core::SignerKind kind, const Approval& approval) {
    switch (approval.index()) {
        case 0:
            return is_secp256k1(kind);
        case 1:
            return kind == core::kSignerP256;
        case 2:
            return kind == core::kSignerWebauthn;
        default:
            return kind == core::kSignerContract;
    }
}

Result<Approval> approval_of(const core::Signer& signer, const core::Evidence& evidence) {
    if (is_secp256k1(signer.kind)) {
        return of_secp256k1(evidence);
    }
    if (signer.kind == core::kSignerP256) {
        return of_p256(signer, evidence);
    }
    if (signer.kind == core::kSignerWebauthn) {
        return of_passkey(signer, evidence);
    }
    return fail(ErrorCode::kNotASigningKind);
}

Result<core::Evidence> evidence_of(const core::Signer& signer, const core::ApprovalHash& hash,
                                   const Approval& approval) {
    if (!fits(signer.kind, approval)) {
        return fail(ErrorCode::kEvidenceKind);
    }
    if (const auto* made = std::get_if<Secp256k1Approval>(&approval)) {
        return core::Evidence(made->signature);
    }
    if (const auto* made = std::get_if<P256Approval>(&approval)) {
        return core::Evidence(made->signature);
    }
    if (const auto* made = std::get_if<PasskeyApproval>(&approval)) {
        return assertion_of(signer, hash, *made);
    }
    return fail(ErrorCode::kUnsupported, "only the chain can ask a contract");
}

Result<void> verify(const core::Signer& signer, const core::ApprovalHash& hash,
                    const Approval& approval) {
    LATCHKEY_TRY(const core::Evidence evidence, evidence_of(signer, hash, approval));
    if (const auto* made = std::get_if<P256Approval>(&approval)) {
        LATCHKEY_CHECK(check_y(signer, made->y));
    }
    if (const auto* made = std::get_if<PasskeyApproval>(&approval)) {
        LATCHKEY_CHECK(check_y(signer, made->y));
    }
    return core::verify_evidence(signer, hash, evidence);
}

}  // namespace latchkey::evm::wallet
