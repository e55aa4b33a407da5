// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/crypto/p256.hpp"

namespace latchkey::core::webauthn {

/// SHA-256 of the relying party's id.
using RelyingPartyIdHash = FixedBytes<32, struct RelyingPartyIdHashTag>;
/// The model of the authenticator; zero if it does not say.
using Aaguid = FixedBytes<16, struct AaguidTag>;

RelyingPartyIdHash relying_party_id_hash(std::string_view relying_party_id);

/// WebAuthn Level 3 section 6.1.
enum AuthenticatorFlag : std::uint8_t {
    kFlagUserPresent = 0x01,
    kFlagUserVerified = 0x04,
    kFlagBackupEligible = 0x08,
    kFlagBackedUp = 0x10,
    kFlagAttestedCredential = 0x40,
    kFlagExtensions = 0x80,
};

/// Without attested credential and extensions.
inline constexpr std::size_t kAssertionDataSize = 37;
inline constexpr std::size_t kCredentialIdSizeMax = 1023;

struct AttestedCredential {
    Aaguid aaguid;
    /// 1 to kCredentialIdSizeMax bytes.
    Bytes credential_id;
    /// On the curve.
    crypto::P256PublicKey public_key;

    friend bool operator==(const AttestedCredential&, const AttestedCredential&) = default;
};

struct AuthenticatorData {
    RelyingPartyIdHash relying_party_id_hash;
    /// Bits of AuthenticatorFlag. The two bits that are reserved for future use are kept as they
    /// are.
    std::uint8_t flags = 0;
    /// 0 from authenticators that do not count, which are most passkeys.
    std::uint32_t sign_count = 0;
    /// Present exactly if flags say so.
    std::optional<AttestedCredential> credential;
    /// One canonical CBOR map; present exactly if flags say so.
    std::optional<Bytes> extensions;

    bool has(AuthenticatorFlag flag) const { return (flags & flag) != 0; }

    friend bool operator==(const AuthenticatorData&, const AuthenticatorData&) = default;
};

/// Every byte must be accounted for, and the credential's key must be a COSE ES256 key on P-256
/// (RFC 9053) in canonical form. Errors: kMalformedAuthenticatorData, kMalformedCbor,
/// kUnsupportedCoseKey, kInvalidPublicKey.
Result<AuthenticatorData> parse_authenticator_data(ByteView bytes);

/// The bytes that parse to this. Errors: kInvalidArgument if flags and members do not agree or a
/// length is out of range; kInvalidPublicKey.
Result<Bytes> encode_authenticator_data(const AuthenticatorData& data);

/// The 77-byte COSE_Key of a P-256 key: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
Result<Bytes> encode_cose_key(const crypto::P256PublicKey& key);
/// Reads one COSE_Key and nothing behind it. Errors as parse_authenticator_data.
Result<crypto::P256PublicKey> parse_cose_key(ByteView bytes);

/// What a relying party insists on.
struct AuthenticatorExpectation {
    RelyingPartyIdHash relying_party_id_hash;
    bool requires_user_verification = false;
};

/// Errors: kWrongRelyingParty, kUserNotPresent, kUserNotVerified.
Result<void> check_authenticator_data(const AuthenticatorData& data,
                                      const AuthenticatorExpectation& expectation);

/// What navigator.credentials.create() returns. Attestation statements are not verified: Latchkey
/// does not restrict the models of authenticators, and the key proves itself with its first
/// assertion.
struct AttestationObject {
    /// Such as "none" or "packed".
    std::string format;
    /// The whole authenticator data, which has a credential.
    AuthenticatorData authenticator_data;
};

/// Canonical CBOR of exactly {"fmt", "attStmt", "authData"}. Errors: kMalformedAttestation and
/// those of parse_authenticator_data.
Result<AttestationObject> parse_attestation_object(ByteView bytes);
/// With format "none" and an empty statement.
Result<Bytes> encode_attestation_object(const AuthenticatorData& data);

}  // namespace latchkey::core::webauthn
