// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/authenticator_data.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/hex.hpp"
#include "core/encoding/utf8.hpp"
#include "core/webauthn/assertion.hpp"
#include "core/webauthn/cbor.hpp"
#include "core/webauthn/webauthn_vectors_testing.hpp"

namespace latchkey::core::webauthn {
namespace {

Bytes unhex(std::string_view text) {
    return decode_hex(text).value();
}

crypto::P256PublicKey spec_key() {
    const auto scalar = Secret<32>::copy_of(unhex(testing::kSpecPrivateKey));
    return crypto::P256PrivateKey::from_scalar(*scalar)->public_key();
}

TEST(Attestation, specification_vector) {
    const Bytes bytes = unhex(testing::kSpecAttestationObject);
    const auto object = parse_attestation_object(bytes);
    ASSERT_OK(object);
    EXPECT_EQ(object->format, "none");
    const AuthenticatorData& data = object->authenticator_data;
    EXPECT_EQ(data.relying_party_id_hash, relying_party_id_hash("example.org"));
    EXPECT_EQ(data.flags,
              kFlagUserPresent | kFlagBackupEligible | kFlagBackedUp | kFlagAttestedCredential);
    EXPECT_EQ(data.sign_count, 0U);
    EXPECT_EQ(encode_hex(data.credential->aaguid.view()), testing::kSpecAaguid);
    EXPECT_EQ(encode_hex(data.credential->credential_id), testing::kSpecCredentialId);
    EXPECT_EQ(data.credential->public_key, spec_key());
    EXPECT_EQ(encode_attestation_object(data).value(), bytes);
}

TEST(Attestation, other_formats_are_read_but_their_statement_is_not_believed) {
    const auto spec = parse_attestation_object(unhex(testing::kSpecAttestationObject));
    const Bytes data = encode_authenticator_data(spec->authenticator_data).value();
    CborWriter writer;
    writer.write_map(3).write_text("fmt").write_text("packed").write_text("attStmt").write_map(2);
    writer.write_text("alg").write_integer(-7).write_text("sig").write_bytes(Bytes(70, 1));
    writer.write_text("authData").write_bytes(data);
    const auto object = parse_attestation_object(writer.take());
    ASSERT_OK(object);
    EXPECT_EQ(object->format, "packed");
    EXPECT_EQ(object->authenticator_data, spec->authenticator_data);
}

TEST(Attestation, exact_errors) {
    const auto spec = parse_attestation_object(unhex(testing::kSpecAttestationObject));
    const Bytes data = encode_authenticator_data(spec->authenticator_data).value();
    const auto parse = [](CborWriter& writer) { return parse_attestation_object(writer.take()); };
    CborWriter two_members;
    two_members.write_map(2).write_text("fmt").write_text("none").write_text("attStmt").write_map(
        0);
    EXPECT_ERROR(ErrorCode::kMalformedAttestation, parse(two_members));
    CborWriter other_name;
    other_name.write_map(3).write_text("fmt").write_text("none").write_text("attstmt").write_map(0);
    EXPECT_ERROR(ErrorCode::kMalformedAttestation, parse(other_name));
    CborWriter statement_not_a_map;
    statement_not_a_map.write_map(3).write_text("fmt").write_text("none").write_text("attStmt");
    statement_not_a_map.write_integer(0).write_text("authData").write_bytes(data);
    EXPECT_ERROR(ErrorCode::kMalformedCbor, parse(statement_not_a_map));
    CborWriter behind;
    behind.write_item(unhex(testing::kSpecAttestationObject)).write_integer(0);
    EXPECT_ERROR(ErrorCode::kMalformedAttestation, parse(behind));
    CborWriter no_credential;
    no_credential.write_map(3).write_text("fmt").write_text("none").write_text("attStmt");
    no_credential.write_map(0).write_text("authData");
    no_credential.write_bytes(unhex(testing::kSpecGetAuthenticatorData));
    EXPECT_ERROR(ErrorCode::kMalformedAttestation, parse(no_credential));
    EXPECT_ERROR(ErrorCode::kMalformedCbor, parse_attestation_object({}));
    EXPECT_ERROR(ErrorCode::kInputTooLong, parse_attestation_object(Bytes(100'000)));
    // Cut off anywhere it is an error, never a crash or a guess.
    const Bytes whole = unhex(testing::kSpecAttestationObject);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_attestation_object(ByteView(whole).first(size)).has_value()) << size;
    }
}

TEST(AuthenticatorData, specification_vector_of_an_assertion) {
    const Bytes bytes = unhex(testing::kSpecGetAuthenticatorData);
    const auto data = parse_authenticator_data(bytes);
    ASSERT_OK(data);
    EXPECT_EQ(data->flags, kFlagUserPresent | kFlagBackupEligible | kFlagBackedUp);
    EXPECT_FALSE(data->credential.has_value());
    EXPECT_EQ(encode_authenticator_data(*data).value(), bytes);
}

TEST(AuthenticatorData, exact_errors) {
    const Bytes good = unhex(testing::kSpecGetAuthenticatorData);
    const auto with_flags = [&good](std::uint8_t flags, std::string_view more = "") {
        Bytes bytes = good;
        bytes[32] = flags;
        append(bytes, unhex(more));
        return parse_authenticator_data(bytes);
    };
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData,
                 parse_authenticator_data(ByteView(good).first(36)));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x01, "00"));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x11));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x41));
    EXPECT_ERROR(ErrorCode::kMalformedCbor, with_flags(0x81));
    EXPECT_OK(with_flags(0x81, "a0"));
    EXPECT_OK(with_flags(0x81, "a16b6372656450726f7465637402"));
    EXPECT_ERROR(ErrorCode::kMalformedCbor, with_flags(0x81, "00"));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x81, "a000"));
    const std::string aaguid(32, '0');
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x41, aaguid + "00"));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x41, aaguid + "0000"));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x41, aaguid + "0002aa"));
    const std::string id_1024(2048, 'a');
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData,
                 with_flags(0x41, aaguid + "0400" + id_1024));
    EXPECT_ERROR(ErrorCode::kMalformedCbor, with_flags(0x41, aaguid + "0001aa"));
    const std::string credential = aaguid + "0001aa" + std::string(testing::kSpecCoseKey);
    EXPECT_OK(with_flags(0x41, credential));
    EXPECT_OK(with_flags(0xc1, credential + "a0"));
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, with_flags(0x41, credential + "a0"));
}

TEST(AuthenticatorData, encoder_refuses_contradictions) {
    AuthenticatorData data;
    data.flags = kFlagAttestedCredential;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_authenticator_data(data));
    data.credential = AttestedCredential{{}, {}, spec_key()};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_authenticator_data(data));
    data.credential->credential_id = Bytes(1024);
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_authenticator_data(data));
    data.credential->credential_id = Bytes(1023);
    EXPECT_OK(encode_authenticator_data(data));
    data.extensions = Bytes{0xa0};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_authenticator_data(data));
    data.flags = kFlagAttestedCredential | kFlagExtensions;
    EXPECT_OK(encode_authenticator_data(data));
    data.flags |= kFlagBackedUp;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_authenticator_data(data));
    AuthenticatorData no_credential;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_attestation_object(no_credential));
}

TEST(CoseKey, one_form_only) {
    const Bytes good = unhex(testing::kSpecCoseKey);
    ASSERT_EQ(parse_cose_key(good).value(), spec_key());
    EXPECT_EQ(encode_cose_key(spec_key()).value(), good);
    // No single bit can change without being noticed; the sign of y is inside y.
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes changed = good;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(parse_cose_key(changed).has_value()) << bit;
    }
    const std::string x(testing::kSpecCoseKey.substr(20, 64));
    const std::string y(testing::kSpecCoseKey.substr(90, 64));
    const std::string key(testing::kSpecCoseKey);
    EXPECT_EQ("a5010203262001215820" + x + "225820" + y, key);
    const std::pair<std::string, ErrorCode> rows[] = {
        {"a40102032620012158"
         "20" +
             x,
         ErrorCode::kUnsupportedCoseKey},
        // EdDSA (OKP), RS256, ES384's curve
        {"a401010327200621582000" + x, ErrorCode::kUnsupportedCoseKey},
        {"a5010303390100"
         "2001215820" +
             x + "225820" + y,
         ErrorCode::kUnsupportedCoseKey},
        {"a5010203262002215820" + x + "225820" + y, ErrorCode::kUnsupportedCoseKey},
        {"a5030201262001215820" + x + "225820" + y, ErrorCode::kUnsupportedCoseKey},
        {"a501020326200121581f" + x.substr(2) + "225820" + y, ErrorCode::kUnsupportedCoseKey},
        {"a5010203262001215820" + x + "225820" + x, ErrorCode::kInvalidPublicKey},
        // the compressed form: a boolean for y
        {"a5010203262001215820" + x + "22f5", ErrorCode::kMalformedCbor},
        {"a5010203262001"
         "21590020" +
             x + "225820" + y,
         ErrorCode::kMalformedCbor},
        {key + "00", ErrorCode::kMalformedCbor}};
    for (const auto& [text, code] : rows) {
        EXPECT_ERROR(code, parse_cose_key(unhex(text))) << text;
    }
}

TEST(Assertion, specification_vector) {
    Assertion assertion = {
        unhex(testing::kSpecGetAuthenticatorData), std::string(testing::kSpecGetClientData),
        crypto::p256_signature_from_der(unhex(testing::kSpecGetSignature)).value()};
    const auto verifier = crypto::P256Verifier::from(spec_key());
    const std::vector<std::string> origins = {"https://example.org"};
    const std::string challenge = encode_base64url(unhex(testing::kSpecGetChallenge));
    const ClientDataExpectation client = {Ceremony::kGet, challenge, origins, false, {}};
    AuthenticatorExpectation authenticator = {relying_party_id_hash("example.org"), false};
    EXPECT_OK(verify_assertion(assertion, *verifier, client, authenticator));

    authenticator.requires_user_verification = true;
    EXPECT_ERROR(ErrorCode::kUserNotVerified,
                 verify_assertion(assertion, *verifier, client, authenticator));
    authenticator = {relying_party_id_hash("example.com"), false};
    EXPECT_ERROR(ErrorCode::kWrongRelyingParty,
                 verify_assertion(assertion, *verifier, client, authenticator));
    authenticator = {relying_party_id_hash("example.org"), false};

    // Not a bit of what was signed may change.
    for (std::size_t bit = 0; bit < assertion.authenticator_data.size() * 8; ++bit) {
        Assertion changed = assertion;
        changed.authenticator_data[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(verify_assertion(changed, *verifier, client, authenticator)) << bit;
    }
    assertion.authenticator_data[36] = 1;
    EXPECT_ERROR(ErrorCode::kInvalidSignature,
                 verify_assertion(assertion, *verifier, client, authenticator));
    assertion.authenticator_data[36] = 0;
    assertion.authenticator_data[32] &= 0xfe;
    EXPECT_ERROR(ErrorCode::kUserNotPresent,
                 verify_assertion(assertion, *verifier, client, authenticator));
}

// RFC 8949 appendix A: the rows within the subset, and the same values outside of it.
TEST(Cbor, specification_rows) {
    for (const std::string_view text :
         {"00",
          "01",
          "0a",
          "17",
          "1818",
          "1819",
          "1864",
          "1903e8",
          "1a000f4240",
          "1b000000e8d4a51000",
          "20",
          "29",
          "3863",
          "3903e7",
          "f4",
          "f5",
          "f6",
          "40",
          "4401020304",
          "60",
          "6161",
          "6449455446",
          "62225c",
          "62c3bc",
          "63e6b0b4",
          "64f0908591",
          "80",
          "83010203",
          "8301820203820405",
          "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
          "a0",
          "a201020304",
          "a26161016162820203",
          "826161a161626163"}) {
        const Bytes bytes = unhex(text);
        CborReader reader(bytes);
        const auto item = reader.read_item();
        ASSERT_OK(item) << text;
        EXPECT_TRUE(equal(*item, bytes));
        EXPECT_EQ(reader.remaining(), 0U);
    }
    for (const std::string_view text :
         {"1bffffffffffffffff", "3bffffffffffffffff", "c249010000000000000000", "f90000", "f93c00",
          "fb3ff199999999999a", "fa47c35000", "f7", "f0", "f8ff", "c074323031332d30332d3231",
          "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "bf61610161629f0203ffff",
          // not the shortest
          "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "5803010203", "780161",
          // cut off
          "", "18", "19ff", "4401", "6261", "8201", "a1", "a101", "62ff",
          // reserved
          "1c", "3e", "ff", "5c", "1c00000000000000000000000000000100",
          // not UTF-8
          "61ff", "62c328", "63eda080",
          // map keys not ascending, or twice
          "a203040102", "a201020102", "a2616201616101", "a262616101616202",
          // five levels
          "8181818181"
          "00"}) {
        const Bytes bytes = unhex(text);
        CborReader reader(bytes);
        EXPECT_ERROR(ErrorCode::kMalformedCbor, reader.read_item()) << text;
    }
}

TEST(Cbor, huge_counts_end_with_the_input) {
    for (const std::string_view text :
         {"9b7fffffffffffffff", "bb7fffffffffffffff", "5b7fffffffffffffff", "7bffffffffffffffff",
          "9bffffffffffffffff0000"}) {
        const Bytes bytes = unhex(text);
        CborReader reader(bytes);
        EXPECT_ERROR(ErrorCode::kMalformedCbor, reader.read_item()) << text;
    }
}

RC_GTEST_PROP(Cbor, integers_round_trip, (std::int64_t value)) {
    const auto shift = *rc::gen::inRange(0, 64);
    CborWriter writer;
    writer.write_integer(value >> shift);
    const Bytes bytes = writer.take();
    CborReader reader(bytes);
    RC_ASSERT(reader.read_integer().value() == value >> shift);
    RC_ASSERT(reader.remaining() == 0U);
}

// The table of Unicode 15 section 3.9 (well-formed byte sequences), borders of each row.
TEST(Utf8, borders) {
    for (const std::string_view text :
         {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(is_valid_utf8(text)) << encode_hex(as_bytes(text));
    }
    for (const std::string_view text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
          "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80", "\xf0\x90\x80", "\xff", "\xfe", "a\x80"}) {
        EXPECT_FALSE(is_valid_utf8(text)) << encode_hex(as_bytes(text));
    }
}

}  // namespace
}  // namespace latchkey::core::webauthn
