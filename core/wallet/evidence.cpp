// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/evidence.hpp"

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::core {

namespace {

template <typename Kind>
Result<const Kind*> evidence_as(const Evidence& evidence) {
    const auto* const found = std::get_if<Kind>(&evidence);
    if (found == nullptr) {
        return fail(ErrorCode::kEvidenceKind);
    }
    return found;
}

Result<void> verify_ed25519(const Signer& signer, const Digest& digest, const Evidence& evidence) {
    LATCHKEY_TRY(const auto key, crypto::Ed25519PublicKey::from(ByteView(signer.key)));
    LATCHKEY_TRY(const auto* signature, evidence_as<crypto::Ed25519Signature>(evidence));
    return crypto::verify_ed25519(key, offchain_message(key, digest), *signature);
}

Result<void> verify_p256(const Signer& signer, const Digest& digest, const Evidence& evidence) {
    LATCHKEY_TRY(const auto key, crypto::P256PublicKey::from(ByteView(signer.key)));
    LATCHKEY_TRY(const auto* signature, evidence_as<crypto::P256Signature>(evidence));
    return crypto::verify_p256(key, crypto::sha256(digest.view()), *signature);
}

Result<void> verify_secp256k1(const Signer& signer, const Hash32& signed_hash,
                              const Evidence& evidence) {
    LATCHKEY_TRY(const auto* made, evidence_as<crypto::RecoverableSignature>(evidence));
    // Chains know only the ids 0 and 1: the others stand for an r above the order.
    if (made->recovery_id > 1) {
        return fail(ErrorCode::kMalformedSignature, "the recovery id is 0 or 1");
    }
    LATCHKEY_TRY(const auto key, crypto::recover_secp256k1(signed_hash, *made));
    LATCHKEY_TRY(const auto address, crypto::ethereum_address(key));
    if (!equal(address.view(), signer.key)) {
        return fail(ErrorCode::kWrongSigner, crypto::checksummed_address(address));
    }
    return {};
}

Result<void> verify_webauthn(const Signer& signer, const Digest& digest, const Evidence& evidence) {
    ByteReader reader(signer.key);
    LATCHKEY_TRY(const auto key, reader.read_as<crypto::P256PublicKey>());
    LATCHKEY_TRY(const auto relying_party, reader.read_as<webauthn::RelyingPartyIdHash>());
    LATCHKEY_CHECK(reader.expect_end());
    LATCHKEY_TRY(const auto* assertion, evidence_as<webauthn::Assertion>(evidence));

    LATCHKEY_TRY(const auto client_data, webauthn::parse_client_data(assertion->client_data_json));
    if (client_data.ceremony != webauthn::Ceremony::kGet) {
        return fail(ErrorCode::kWrongClientDataType, "expected webauthn.get");
    }
    if (client_data.challenge != webauthn::challenge_text_of_digest(Hash32(digest.array()))) {
        return fail(ErrorCode::kChallengeMismatch);
    }
    LATCHKEY_TRY(const auto data,
                 webauthn::parse_authenticator_data(assertion->authenticator_data));
    if (assertion->authenticator_data.size() != webauthn::kAssertionDataSize) {
        return fail(ErrorCode::kUnsupported, "chains take authenticator data of 37 bytes only");
    }
    LATCHKEY_CHECK(webauthn::check_authenticator_data(data, {relying_party, signer.option}));
    return crypto::verify_p256(
        key, webauthn::assertion_digest(assertion->authenticator_data, assertion->client_data_json),
        assertion->signature);
}

}  // namespace

Result<void> verify_evidence(const Signer& signer, const ApprovalHash& hash,
                             const Evidence& evidence) {
    const Digest digest = digest_of(hash);
    switch (signer.kind) {
        case kSignerEd25519:
            return verify_ed25519(signer, digest, evidence);
        case kSignerP256:
            return verify_p256(signer, digest, evidence);
        case kSignerSecp256k1Eip712:
            return verify_secp256k1(signer, Hash32(digest.array()), evidence);
        case kSignerSecp256k1Eip191:
            return verify_secp256k1(signer, eip191_digest(digest), evidence);
        case kSignerWebauthn:
            return verify_webauthn(signer, digest, evidence);
        case kSignerProgram:
        case kSignerContract:
            break;
    }
    return fail(ErrorCode::kNotASigningKind);
}

}  // namespace latchkey::core
