// SPDX-License-Identifier: Apache-2.0
// What a real browser wrote, recorded in core/webauthn/testdata/chromium_*.txt.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/result_testing.hpp"
#include "core/encoding/hex.hpp"
#include "core/webauthn/assertion.hpp"
#include "core/webauthn/challenge.hpp"

namespace latchkey::core::webauthn {
namespace {

struct RecordedAssertion {
    std::string client_data;
    Bytes authenticator_data;
    Bytes signature;
};

struct Recording {
    Hash32 digest;
    std::string create_client_data;
    Bytes attestation;
    Bytes credential_id;
    Bytes spki;
    std::vector<RecordedAssertion> assertions;
};

Recording load(const std::string& name) {
    std::ifstream file("core/webauthn/testdata/chromium_" + name + ".txt");
    Recording recording;
    for (std::string line; std::getline(file, line);) {
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string::npos) {
            continue;
        }
        const std::string key = line.substr(0, equals);
        const std::string value = line.substr(equals + 1);
        if (key == "create.client_data") {
            recording.create_client_data = value;
            continue;
        }
        if (key == "get.client_data") {
            recording.assertions.push_back({value, {}, {}});
            continue;
        }
        const Bytes bytes = decode_hex(value).value();
        if (key == "digest") {
            recording.digest = Hash32::from(ByteView(bytes)).value();
        } else if (key == "create.attestation") {
            recording.attestation = bytes;
        } else if (key == "create.credential_id") {
            recording.credential_id = bytes;
        } else if (key == "create.spki") {
            recording.spki = bytes;
        } else if (key == "get.authenticator_data") {
            recording.assertions.back().authenticator_data = bytes;
        } else if (key == "get.signature") {
            recording.assertions.back().signature = bytes;
        }
    }
    return recording;
}

class Browser : public ::testing::TestWithParam<const char*> {};

TEST_P(Browser, registration_is_read) {
    const Recording recording = load(GetParam());
    const auto client_data = parse_client_data(recording.create_client_data);
    ASSERT_OK(client_data);
    EXPECT_EQ(client_data->ceremony, Ceremony::kCreate);
    const auto object = parse_attestation_object(recording.attestation);
    ASSERT_OK(object);
    EXPECT_EQ(object->format, GetParam());
    const AuthenticatorData& data = object->authenticator_data;
    EXPECT_EQ(data.credential->credential_id, recording.credential_id);
    EXPECT_EQ(data.relying_party_id_hash, relying_party_id_hash("localhost"));
    EXPECT_EQ(crypto::parse_p256_spki(recording.spki).value(), data.credential->public_key);
}

TEST_P(Browser, assertions_of_a_digest_verify) {
    const Recording recording = load(GetParam());
    const auto verifier =
        crypto::P256Verifier::from(crypto::parse_p256_spki(recording.spki).value());
    const std::string challenge = challenge_text_of_digest(recording.digest);
    const std::vector<std::string> origins = {"http://localhost:8765"};
    const ClientDataExpectation client = {Ceremony::kGet, challenge, origins, false, {}};
    ASSERT_GE(recording.assertions.size(), 6U);
    for (const RecordedAssertion& one : recording.assertions) {
        const auto signature = crypto::p256_signature_from_der(one.signature);
        ASSERT_OK(signature);
        const Assertion assertion = {one.authenticator_data, one.client_data, *signature};
        EXPECT_OK(verify_assertion(assertion, *verifier, client,
                                   {relying_party_id_hash("localhost"), true}));
        EXPECT_EQ(one.authenticator_data.size(), kAssertionDataSize);
    }
}

INSTANTIATE_TEST_SUITE_P(Chromium, Browser, ::testing::Values("none", "packed"),
                         [](const auto& info) { return std::string(info.param); });

// Chromium adds a member at random, against those who compare with a template.
TEST(BrowserRecording, has_the_random_member) {
    std::size_t with_more = 0;
    for (const RecordedAssertion& one : load("packed").assertions) {
        with_more += parse_client_data(one.client_data)->has_more_members;
    }
    EXPECT_GT(with_more, 0U);
}

}  // namespace
}  // namespace latchkey::core::webauthn
