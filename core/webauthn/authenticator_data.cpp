// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/authenticator_data.hpp"

#include "core/crypto/hash.hpp"
#include "core/webauthn/cbor.hpp"

namespace latchkey::core::webauthn {

namespace {

// COSE (RFC 9052 section 7, RFC 9053 sections 2.1 and 7.1): labels and values of an ES256 key.
constexpr std::int64_t kCoseKeyType = 1;
constexpr std::int64_t kCoseAlgorithm = 3;
constexpr std::int64_t kCoseCurve = -1;
constexpr std::int64_t kCoseX = -2;
constexpr std::int64_t kCoseY = -3;
constexpr std::int64_t kCoseKeyTypeEc2 = 2;
constexpr std::int64_t kCoseEs256 = -7;
constexpr std::int64_t kCoseP256 = 1;

constexpr std::size_t kAttestationSizeMax = 64 * 1024;

tl::unexpected<Error> malformed(const char* why) {
    return fail(ErrorCode::kMalformedAuthenticatorData, why);
}

Result<void> expect_parameter(CborReader& reader, std::int64_t label, std::int64_t value) {
    LATCHKEY_TRY(const std::int64_t actual_label, reader.read_integer());
    LATCHKEY_TRY(const std::int64_t actual_value, reader.read_integer());
    if (actual_label != label || actual_value != value) {
        return fail(ErrorCode::kUnsupportedCoseKey,
                    "ask for ES256 (-7) alone when the credential is created");
    }
    return {};
}

Result<void> read_coordinate(CborReader& reader, std::int64_t label,
                             std::span<std::uint8_t, 32> out) {
    LATCHKEY_TRY(const std::int64_t actual_label, reader.read_integer());
    LATCHKEY_TRY(const ByteView bytes, reader.read_bytes());
    if (actual_label != label || bytes.size() != out.size()) {
        return fail(ErrorCode::kUnsupportedCoseKey, "x and y have 32 bytes each");
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return {};
}

Result<crypto::P256PublicKey> read_cose_key(CborReader& reader) {
    LATCHKEY_TRY(const std::uint64_t entries, reader.read_map());
    if (entries != 5) {
        return fail(ErrorCode::kUnsupportedCoseKey, "an ES256 key has five parameters");
    }
    LATCHKEY_CHECK(expect_parameter(reader, kCoseKeyType, kCoseKeyTypeEc2));
    LATCHKEY_CHECK(expect_parameter(reader, kCoseAlgorithm, kCoseEs256));
    LATCHKEY_CHECK(expect_parameter(reader, kCoseCurve, kCoseP256));
    crypto::P256UncompressedPublicKey point;
    point[0] = 4;
    LATCHKEY_CHECK(read_coordinate(reader, kCoseX, point.span().subspan<1, 32>()));
    LATCHKEY_CHECK(read_coordinate(reader, kCoseY, point.span().subspan<33, 32>()));
    return crypto::parse_p256_public_key(point.view());
}

/// Reads the credential and returns what follows it.
Result<ByteView> parse_credential(ByteView bytes, AttestedCredential& credential) {
    ByteReader reader(bytes);
    const auto aaguid = reader.read_as<Aaguid>();
    const auto id_size = reader.read_u16_be();
    if (!aaguid.has_value() || !id_size.has_value()) {
        return malformed("the credential is cut off");
    }
    if (*id_size == 0 || *id_size > kCredentialIdSizeMax) {
        return malformed("a credential id has 1 to 1023 bytes");
    }
    const auto id = reader.read(*id_size);
    if (!id.has_value()) {
        return malformed("the credential id is cut off");
    }
    credential.aaguid = *aaguid;
    credential.credential_id = to_bytes(*id);
    CborReader cbor(reader.rest());
    LATCHKEY_TRY(credential.public_key, read_cose_key(cbor));
    return cbor.rest();
}

}  // namespace

RelyingPartyIdHash relying_party_id_hash(std::string_view relying_party_id) {
    return RelyingPartyIdHash(crypto::sha256(as_bytes(relying_party_id)).array());
}

Result<AuthenticatorData> parse_authenticator_data(ByteView bytes) {
    ByteReader reader(bytes);
    AuthenticatorData data;
    const auto hash = reader.read_as<RelyingPartyIdHash>();
    const auto flags = reader.read_u8();
    const auto sign_count = reader.read_u32_be();
    if (!hash.has_value() || !flags.has_value() || !sign_count.has_value()) {
        return malformed("shorter than 37 bytes");
    }
    data.relying_party_id_hash = *hash;
    data.flags = *flags;
    data.sign_count = *sign_count;
    if (data.has(kFlagBackedUp) && !data.has(kFlagBackupEligible)) {
        return malformed("backed up although not eligible for backup");
    }
    ByteView rest = reader.rest();
    if (data.has(kFlagAttestedCredential)) {
        LATCHKEY_TRY(rest, parse_credential(rest, data.credential.emplace()));
    }
    if (data.has(kFlagExtensions)) {
        CborReader cbor(rest);
        CborReader whole(rest);
        LATCHKEY_CHECK(cbor.read_map());
        LATCHKEY_TRY(const ByteView map, whole.read_item());
        data.extensions = to_bytes(map);
        rest = whole.rest();
    }
    if (!rest.empty()) {
        return malformed("bytes behind the last member");
    }
    return data;
}

Result<Bytes> encode_authenticator_data(const AuthenticatorData& data) {
    if (data.has(kFlagAttestedCredential) != data.credential.has_value() ||
        data.has(kFlagExtensions) != data.extensions.has_value() ||
        (data.has(kFlagBackedUp) && !data.has(kFlagBackupEligible))) {
        return fail(ErrorCode::kInvalidArgument, "flags and members disagree");
    }
    ByteWriter writer(kAssertionDataSize);
    writer.write(data.relying_party_id_hash.view()).write_u8(data.flags);
    writer.write_u32_be(data.sign_count);
    if (data.credential.has_value()) {
        const std::size_t id_size = data.credential->credential_id.size();
        if (id_size == 0 || id_size > kCredentialIdSizeMax) {
            return fail(ErrorCode::kInvalidArgument, "a credential id has 1 to 1023 bytes");
        }
        LATCHKEY_TRY(const Bytes key, encode_cose_key(data.credential->public_key));
        writer.write(data.credential->aaguid.view());
        writer.write_u16_be(static_cast<std::uint16_t>(id_size));
        writer.write(data.credential->credential_id).write(key);
    }
    if (data.extensions.has_value()) {
        writer.write(*data.extensions);
    }
    return writer.take();
}

Result<Bytes> encode_cose_key(const crypto::P256PublicKey& key) {
    LATCHKEY_TRY(const auto point, crypto::decompress_p256(key));
    CborWriter writer;
    writer.write_map(5).write_integer(kCoseKeyType).write_integer(kCoseKeyTypeEc2);
    writer.write_integer(kCoseAlgorithm).write_integer(kCoseEs256);
    writer.write_integer(kCoseCurve).write_integer(kCoseP256);
    writer.write_integer(kCoseX).write_bytes(point.view().subspan<1, 32>());
    writer.write_integer(kCoseY).write_bytes(point.view().subspan<33, 32>());
    return writer.take();
}

Result<crypto::P256PublicKey> parse_cose_key(ByteView bytes) {
    CborReader reader(bytes);
    LATCHKEY_TRY(const crypto::P256PublicKey key, read_cose_key(reader));
    if (reader.remaining() != 0) {
        return fail(ErrorCode::kMalformedCbor, "bytes behind the COSE key");
    }
    return key;
}

Result<void> check_authenticator_data(const AuthenticatorData& data,
                                      const AuthenticatorExpectation& expectation) {
    if (data.relying_party_id_hash != expectation.relying_party_id_hash) {
        return fail(ErrorCode::kWrongRelyingParty);
    }
    if (!data.has(kFlagUserPresent)) {
        return fail(ErrorCode::kUserNotPresent);
    }
    if (expectation.requires_user_verification && !data.has(kFlagUserVerified)) {
        return fail(ErrorCode::kUserNotVerified);
    }
    return {};
}

Result<AttestationObject> parse_attestation_object(ByteView bytes) {
    if (bytes.size() > kAttestationSizeMax) {
        return fail(ErrorCode::kInputTooLong, "attestation object");
    }
    CborReader reader(bytes);
    LATCHKEY_TRY(const std::uint64_t entries, reader.read_map());
    AttestationObject object;
    const auto expect_key = [&reader](std::string_view name) -> Result<void> {
        LATCHKEY_TRY(const std::string_view key, reader.read_text());
        if (key != name) {
            return fail(ErrorCode::kMalformedAttestation,
                        "expected the members fmt, attStmt and authData");
        }
        return {};
    };
    if (entries != 3) {
        return fail(ErrorCode::kMalformedAttestation,
                    "expected the members fmt, attStmt and authData");
    }
    LATCHKEY_CHECK(expect_key("fmt"));
    LATCHKEY_TRY(object.format, reader.read_text());
    LATCHKEY_CHECK(expect_key("attStmt"));
    CborReader statement = reader;
    LATCHKEY_CHECK(statement.read_map());
    LATCHKEY_CHECK(reader.read_item());
    LATCHKEY_CHECK(expect_key("authData"));
    LATCHKEY_TRY(const ByteView data, reader.read_bytes());
    if (reader.remaining() != 0) {
        return fail(ErrorCode::kMalformedAttestation, "bytes behind the attestation object");
    }
    LATCHKEY_TRY(object.authenticator_data, parse_authenticator_data(data));
    if (!object.authenticator_data.credential.has_value()) {
        return fail(ErrorCode::kMalformedAttestation, "it has no credential");
    }
    return object;
}

Result<Bytes> encode_attestation_object(const AuthenticatorData& data) {
    if (!data.credential.has_value()) {
        return fail(ErrorCode::kInvalidArgument, "an attestation needs a credential");
    }
    LATCHKEY_TRY(const Bytes encoded, encode_authenticator_data(data));
    CborWriter writer;
    writer.write_map(3).write_text("fmt").write_text("none");
    writer.write_text("attStmt").write_map(0);
    writer.write_text("authData").write_bytes(encoded);
    return writer.take();
}

}  // namespace latchkey::core::webauthn
