// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/crypto/ecdsa_der.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "signers/entropy_testing.hpp"
#include "signers/external_signer.hpp"
#include "signers/key_text.hpp"
#include "signers/software_authenticator.hpp"

namespace latchkey::signers {
namespace {

namespace crypto = core::crypto;
namespace webauthn = core::webauthn;
using core::ApprovalHash;
using core::Bytes;
using core::ByteView;
using core::ErrorCode;
using testing::ConstantEntropy;

/// Repeatable: sha256 of a counter.
class CountingEntropy final : public Entropy {
  public:
    core::Result<void> fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes) {
            byte = crypto::sha256(core::as_bytes(std::to_string(counter_++)))[0];
        }
        return {};
    }

  private:
    std::uint64_t counter_ = 0;
};

class BrokenEntropy final : public Entropy {
  public:
    core::Result<void> fill(std::span<std::uint8_t>) override {
        return core::fail(ErrorCode::kEntropyUnavailable);
    }
};

ApprovalHash hash_of(std::string_view text) {
    return ApprovalHash(crypto::keccak256(core::as_bytes(text)).array());
}

/// One signer of each kind that signs, with its own keys.
struct AllSigners {
    CountingEntropy entropy;
    SoftwareAuthenticator authenticator{entropy};
    std::vector<std::unique_ptr<Signer>> signers;

    AllSigners() {
        const auto add = [this](KeyAlgorithm algorithm, Envelope envelope) {
            signers.push_back(
                make_server_signer(generate_private_key(algorithm, entropy).value(), envelope));
        };
        add(KeyAlgorithm::kEd25519, Envelope::kEip712);
        add(KeyAlgorithm::kP256, Envelope::kEip712);
        add(KeyAlgorithm::kSecp256k1, Envelope::kEip712);
        add(KeyAlgorithm::kSecp256k1, Envelope::kEip191);
        signers.push_back(SoftwareWebauthnSigner::enroll(authenticator,
                                                         {.relying_party_id = "example.org",
                                                          .origin = "https://wallet.example.org",
                                                          .challenge = Bytes(32, 1),
                                                          .user_handle = Bytes{1}},
                                                         true)
                              .value());
    }
};

TEST(Signers, every_kind_approves_and_only_its_own_hash) {
    AllSigners all;
    const ApprovalHash hash = hash_of("pay");
    const ApprovalHash other = hash_of("pay more");
    for (const auto& signer : all.signers) {
        const auto evidence = signer->approve(hash);
        ASSERT_OK(evidence) << signer->entry().kind;
        EXPECT_OK(verify_evidence(signer->entry(), hash, *evidence));
        EXPECT_FALSE(verify_evidence(signer->entry(), other, *evidence)) << signer->entry().kind;
    }
}

TEST(Signers, no_evidence_serves_another_signer) {
    AllSigners all;
    const ApprovalHash hash = hash_of("pay");
    for (const auto& maker : all.signers) {
        const Evidence evidence = maker->approve(hash).value();
        for (const auto& claimed : all.signers) {
            if (claimed == maker) {
                continue;
            }
            const auto verdict = verify_evidence(claimed->entry(), hash, evidence);
            const bool both_secp256k1 =
                std::holds_alternative<crypto::RecoverableSignature>(evidence) &&
                (claimed->entry().kind == core::kSignerSecp256k1Eip712 ||
                 claimed->entry().kind == core::kSignerSecp256k1Eip191);
            EXPECT_ERROR(both_secp256k1 ? ErrorCode::kWrongSigner : ErrorCode::kEvidenceKind,
                         verdict);
        }
    }
}

// The same key under the other envelope is another signer.
TEST(Signers, envelopes_are_not_interchangeable) {
    CountingEntropy entropy;
    const Bytes key_text(64, '7');
    const auto make = [&](Envelope envelope) {
        return make_server_signer(
            parse_private_key(KeyAlgorithm::kSecp256k1, key_text, entropy).value(), envelope);
    };
    const auto eip712 = make(Envelope::kEip712);
    const auto eip191 = make(Envelope::kEip191);
    ASSERT_EQ(eip712->entry().key, eip191->entry().key);
    const Evidence evidence = eip712->approve(hash_of("pay")).value();
    EXPECT_ERROR(ErrorCode::kWrongSigner,
                 verify_evidence(eip191->entry(), hash_of("pay"), evidence));
}

TEST(Signers, contracts_and_programs_do_not_sign) {
    const auto contract = core::Signer::contract(1, crypto::EthereumAddress({1}));
    const auto program = core::Signer::program(core::Hash32({1}), core::Hash32({2}));
    for (const core::Signer& entry : {contract, program}) {
        EXPECT_ERROR(ErrorCode::kNotASigningKind,
                     verify_evidence(entry, hash_of("pay"), crypto::Ed25519Signature()));
        EXPECT_ERROR(ErrorCode::kNotASigningKind, request_signature(entry, hash_of("pay")));
        EXPECT_ERROR(ErrorCode::kNotASigningKind,
                     ExternalSigner::make(entry, [](const SigningRequest&) { return Bytes(); }));
    }
}

TEST(Signers, a_transaction_signature_is_not_an_approval) {
    CountingEntropy entropy;
    Ed25519ServerSigner signer(std::get<crypto::Ed25519PrivateKey>(
        generate_private_key(KeyAlgorithm::kEd25519, entropy).value()));
    const Bytes message = {1, 0, 1, 2};
    const auto signature = signer.sign_transaction(message);
    ASSERT_OK(signature);
    EXPECT_OK(crypto::verify_ed25519(signer.public_key(), message, *signature));
    const Bytes approval =
        core::offchain_message(signer.public_key(), core::digest_of(hash_of("x")));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, signer.sign_transaction(approval));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, signer.sign_transaction({}));
}

// What each request holds, computed here from the specification's words.
TEST(Requests, hold_the_message_of_the_kind) {
    AllSigners all;
    const ApprovalHash hash = hash_of("pay");
    const auto request = [&](std::size_t index) {
        return request_signature(all.signers[index]->entry(), hash).value();
    };
    const core::Digest digest = core::digest_of(hash);
    EXPECT_EQ(request(0).message.size(), 173U);
    EXPECT_EQ(request(0).message[0], 0xff);
    EXPECT_EQ(request(1).message, core::to_bytes(digest.view()));
    EXPECT_EQ(request(2).message.size(), 66U);
    EXPECT_EQ(crypto::keccak256(request(2).message).array(), digest.array());
    EXPECT_EQ(request(3).message, core::concat(core::as_bytes("\x19"
                                                              "Ethereum Signed Message:\n32"),
                                               digest.view()));
    EXPECT_EQ(request(4).message.size(), 48U);
}

struct ExternalKeys {
    CountingEntropy entropy;
    std::unique_ptr<Signer> p256 =
        make_server_signer(generate_private_key(KeyAlgorithm::kP256, entropy).value());
    std::unique_ptr<Signer> secp256k1 =
        make_server_signer(generate_private_key(KeyAlgorithm::kSecp256k1, entropy).value());
    std::unique_ptr<Signer> ed25519 =
        make_server_signer(generate_private_key(KeyAlgorithm::kEd25519, entropy).value());
    ApprovalHash hash = hash_of("pay");
};

TEST(External, p256_in_every_spelling) {
    ExternalKeys keys;
    const auto request = request_signature(keys.p256->entry(), keys.hash).value();
    const auto low = std::get<crypto::P256Signature>(keys.p256->approve(keys.hash).value());
    const auto high = crypto::mirrored(low);
    for (const auto& one : {low, high}) {
        for (const Bytes& spelling :
             {core::to_bytes(one.view()), crypto::p256_signature_to_der(one)}) {
            const auto accepted = accept_signature(request, spelling);
            ASSERT_OK(accepted);
            EXPECT_EQ(std::get<crypto::P256Signature>(*accepted), low);
        }
    }
    Bytes broken = core::to_bytes(low.view());
    broken[40] ^= 1;
    EXPECT_ERROR(ErrorCode::kInvalidSignature, accept_signature(request, broken));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, accept_signature(request, Bytes(64)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, accept_signature(request, {}));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, accept_signature(request, Bytes(65, 1)));
}

TEST(External, secp256k1_in_every_spelling) {
    ExternalKeys keys;
    const auto request = request_signature(keys.secp256k1->entry(), keys.hash).value();
    const auto made =
        std::get<crypto::RecoverableSignature>(keys.secp256k1->approve(keys.hash).value());
    const auto high = crypto::mirrored(made.signature);
    const auto with_v = [](const crypto::Secp256k1Signature& signature, int v) {
        return core::concat(signature.view(), Bytes{static_cast<std::uint8_t>(v)});
    };
    const int id = made.recovery_id;
    for (const Bytes& spelling :
         {with_v(made.signature, id), with_v(made.signature, 27 + id), with_v(high, 1 - id),
          with_v(high, 28 - id), core::to_bytes(made.signature.view()), core::to_bytes(high.view()),
          crypto::ecdsa_signature_to_der(made.signature.view()),
          crypto::ecdsa_signature_to_der(high.view())}) {
        const auto accepted = accept_signature(request, spelling);
        ASSERT_OK(accepted) << core::encode_hex(spelling);
        EXPECT_EQ(std::get<crypto::RecoverableSignature>(*accepted), made);
    }
    for (const std::uint8_t other_id : {std::uint8_t{2}, std::uint8_t{3}}) {
        EXPECT_ERROR(ErrorCode::kMalformedSignature,
                     verify_evidence(keys.secp256k1->entry(), keys.hash,
                                     crypto::RecoverableSignature{made.signature, other_id}));
    }
    const auto wrong_id = accept_signature(request, with_v(made.signature, 1 - id));
    EXPECT_FALSE(wrong_id.has_value());
    for (const int v : {2, 26, 29, 35, 255}) {
        EXPECT_ERROR(ErrorCode::kMalformedSignature,
                     accept_signature(request, with_v(made.signature, v)));
    }
    Bytes broken = core::to_bytes(made.signature.view());
    broken[40] ^= 1;
    EXPECT_FALSE(accept_signature(request, broken).has_value());
    EXPECT_ERROR(ErrorCode::kMalformedSignature, accept_signature(request, {}));
}

TEST(External, ed25519_has_one_spelling) {
    ExternalKeys keys;
    const auto request = request_signature(keys.ed25519->entry(), keys.hash).value();
    const auto made = std::get<crypto::Ed25519Signature>(keys.ed25519->approve(keys.hash).value());
    EXPECT_OK(accept_signature(request, made.view()));
    EXPECT_ERROR(ErrorCode::kInvalidLength, accept_signature(request, made.view().first(63)));
    EXPECT_ERROR(ErrorCode::kInvalidSignature, accept_signature(request, Bytes(64)));
}

TEST(External, a_signer_elsewhere_is_asked_and_not_believed) {
    ExternalKeys keys;
    bool lies = false;
    const auto external = ExternalSigner::make(
        keys.ed25519->entry(), [&](const SigningRequest& request) -> core::Result<Bytes> {
            const auto& hash = lies ? hash_of("other") : request.hash;
            return core::to_bytes(
                std::get<crypto::Ed25519Signature>(keys.ed25519->approve(hash).value()).view());
        });
    ASSERT_OK(external);
    EXPECT_OK((*external)->approve(keys.hash));
    lies = true;
    EXPECT_ERROR(ErrorCode::kInvalidSignature, (*external)->approve(keys.hash));
    const auto silent = ExternalSigner::make(
        keys.ed25519->entry(), [](const SigningRequest&) -> core::Result<Bytes> {
            return core::fail(ErrorCode::kKeyMissing, "unplugged");
        });
    EXPECT_ERROR(ErrorCode::kKeyMissing, (*silent)->approve(keys.hash));
}

/// A passkey and the request for an approval by it.
struct Passkey {
    CountingEntropy entropy;
    SoftwareAuthenticator authenticator{entropy};
    SoftwareAuthenticator::CreationRequest creation = {.relying_party_id = "example.org",
                                                       .origin = "https://example.org",
                                                       .challenge = Bytes(16, 7),
                                                       .user_handle = Bytes{1, 2}};
    SoftwareAuthenticator::CreationResponse created = authenticator.create(creation).value();
    webauthn::AttestationObject attestation =
        webauthn::parse_attestation_object(created.attestation_object).value();
    core::Signer entry = core::Signer::webauthn(
        attestation.authenticator_data.credential->public_key,
        core::Hash32(attestation.authenticator_data.relying_party_id_hash.array()), true);
    SigningRequest request = request_signature(entry, hash_of("pay")).value();
    SoftwareAuthenticator::AssertionRequest assertion = {.relying_party_id = "example.org",
                                                         .origin = "https://example.org",
                                                         .challenge = request.message,
                                                         .allowed_credentials = {}};

    core::Result<Evidence> accept(std::span<const std::string> origins = {}) {
        return accept_assertion(request, authenticator.get(assertion)->response, origins);
    }
};

TEST(Webauthn, registration_proves_itself_by_the_rules) {
    Passkey passkey;
    const auto client_data = webauthn::parse_client_data(passkey.created.client_data_json);
    ASSERT_OK(client_data);
    EXPECT_EQ(client_data->ceremony, webauthn::Ceremony::kCreate);
    EXPECT_EQ(passkey.attestation.format, "none");
    EXPECT_EQ(passkey.attestation.authenticator_data.credential->credential_id,
              passkey.created.credential_id);
    const auto made = passkey.authenticator.get(passkey.assertion);
    ASSERT_OK(made);
    EXPECT_EQ(made->user_handle, (Bytes{1, 2}));
    EXPECT_EQ(made->credential_id, passkey.created.credential_id);
}

TEST(Webauthn, both_halves_of_s_occur_and_are_accepted) {
    Passkey passkey;
    std::size_t high = 0;
    for (int i = 0; i < 32; ++i) {
        const auto response = passkey.authenticator.get(passkey.assertion)->response;
        const auto raw = crypto::ecdsa_signature_from_der(response.signature).value();
        const auto low = crypto::p256_signature_from_der(response.signature).value();
        high += raw != low.array();
        EXPECT_OK(accept_assertion(passkey.request, response));
    }
    EXPECT_GT(high, 4U);
    EXPECT_LT(high, 28U);
}

TEST(Webauthn, exact_errors_of_one_fault_each) {
    Passkey passkey;
    const std::vector<std::string> origins = {"https://example.org"};
    ASSERT_OK(passkey.accept(origins));

    Passkey absent_user;
    absent_user.assertion.user_present = false;
    EXPECT_ERROR(ErrorCode::kUserNotPresent, absent_user.accept());
    Passkey unverified_user;
    unverified_user.assertion.user_verified = false;
    EXPECT_ERROR(ErrorCode::kUserNotVerified, unverified_user.accept());
    unverified_user.request.signer.option = false;
    EXPECT_OK(unverified_user.accept());
    Passkey other_challenge;
    other_challenge.assertion.challenge[0] ^= 1;
    EXPECT_ERROR(ErrorCode::kChallengeMismatch, other_challenge.accept());
    Passkey other_origin;
    other_origin.assertion.origin = "https://shop.example.org";
    EXPECT_ERROR(ErrorCode::kOriginNotAllowed, other_origin.accept(origins));
    EXPECT_OK(other_origin.accept());
    Passkey framed;
    framed.assertion.top_origin = "https://example.com";
    EXPECT_ERROR(ErrorCode::kCrossOriginNotAllowed, framed.accept(origins));
    Passkey other_party;
    other_party.request.signer.key[33] ^= 1;
    EXPECT_ERROR(ErrorCode::kWrongRelyingParty, other_party.accept());
    Passkey other_key;
    const auto stranger = other_key.authenticator.create(other_key.creation).value();
    other_key.assertion.allowed_credentials = {stranger.credential_id};
    EXPECT_ERROR(ErrorCode::kInvalidSignature, other_key.accept());
    EXPECT_ERROR(ErrorCode::kEvidenceKind, accept_signature(passkey.request, Bytes(64)));
    ExternalKeys keys;
    EXPECT_ERROR(ErrorCode::kEvidenceKind,
                 accept_assertion(request_signature(keys.p256->entry(), keys.hash).value(),
                                  passkey.authenticator.get(passkey.assertion)->response));
}

TEST(Webauthn, a_registration_is_not_an_approval) {
    Passkey passkey;
    const Evidence evidence = passkey.accept().value();
    auto assertion = std::get<webauthn::Assertion>(evidence);
    auto data = webauthn::parse_client_data(assertion.client_data_json).value();
    data.ceremony = webauthn::Ceremony::kCreate;
    assertion.client_data_json = webauthn::build_client_data(data).value();
    EXPECT_ERROR(ErrorCode::kWrongClientDataType,
                 verify_evidence(passkey.entry, hash_of("pay"), assertion));
    // Authenticator data with more than 37 bytes may be well formed, but no chain takes it.
    assertion = std::get<webauthn::Assertion>(evidence);
    assertion.authenticator_data[32] |= webauthn::kFlagExtensions;
    assertion.authenticator_data.push_back(0xa0);
    EXPECT_ERROR(ErrorCode::kUnsupported,
                 verify_evidence(passkey.entry, hash_of("pay"), assertion));
}

TEST(Webauthn, pages_use_only_their_own_relying_party) {
    CountingEntropy entropy;
    SoftwareAuthenticator authenticator(entropy);
    const auto create = [&](std::string_view party, std::string_view origin) {
        return authenticator.create({.relying_party_id = std::string(party),
                                     .origin = std::string(origin),
                                     .challenge = Bytes(16),
                                     .user_handle = Bytes{1}});
    };
    EXPECT_OK(create("example.org", "https://example.org"));
    EXPECT_OK(create("example.org", "https://a.b.example.org:8443"));
    EXPECT_OK(create("localhost", "http://localhost:3000"));
    for (const auto& [party, origin] : std::initializer_list<std::pair<std::string, std::string>>{
             {"example.org", "https://example.com"},
             {"example.org", "https://evilexample.org"},
             {"example.org", "http://example.org"},
             {"a.example.org", "https://example.org"},
             {"example.org", "https://example.org/path"},
             {"example.org", "example.org"},
             {"", "https://example.org"},
             {"example.org", ""}}) {
        EXPECT_ERROR(ErrorCode::kRelyingPartyNotAllowed, create(party, origin)) << origin;
    }
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 authenticator.create({.relying_party_id = "example.org",
                                       .origin = "https://example.org",
                                       .challenge = {},
                                       .user_handle = Bytes(65)}));
    EXPECT_ERROR(ErrorCode::kCredentialUnknown,
                 authenticator.get({.relying_party_id = "b.example.org",
                                    .origin = "https://b.example.org",
                                    .challenge = {},
                                    .allowed_credentials = {}}));
}

TEST(Webauthn, state_is_saved_and_loaded_exactly) {
    CountingEntropy entropy;
    SoftwareAuthenticator first(entropy, {.counts_signatures = true, .is_synchronised = false});
    Passkey passkey;
    const auto created = first.create(passkey.creation).value();
    passkey.assertion.allowed_credentials = {created.credential_id};
    ASSERT_OK(first.get(passkey.assertion));
    const auto saved = first.save();
    ASSERT_OK(saved);
    auto second = SoftwareAuthenticator::load(saved->expose(), entropy);
    ASSERT_OK(second);
    EXPECT_EQ(core::to_bytes(second->save()->expose()), core::to_bytes(saved->expose()));
    const auto data = webauthn::parse_authenticator_data(
        second->get(passkey.assertion)->response.authenticator_data);
    EXPECT_EQ(data->sign_count, 2U) << "the count goes on";
    EXPECT_FALSE(data->has(webauthn::kFlagBackedUp));

    const Bytes text = core::to_bytes(saved->expose());
    for (std::size_t size = 0; size < text.size(); ++size) {
        // Cut after the header's line nothing is missing but credentials.
        const bool is_whole_header = size > 0 && text[size - 1] == '\n';
        EXPECT_EQ(SoftwareAuthenticator::load(ByteView(text).first(size), entropy).has_value(),
                  is_whole_header)
            << size;
    }
    const std::string header = "latchkey software authenticator 1 counting device-bound\n";
    const std::string scalar(64, '1');
    const auto load_line = [&](const std::string& line) {
        return SoftwareAuthenticator::load(core::as_bytes(header + line + "\n"), entropy);
    };
    ASSERT_OK(load_line("AQID example.org AQ 7 " + scalar));
    for (const std::string& line :
         {"AQI example.org AQ 7 " + scalar + "1", "AQID exa\"mple AQ 7 " + scalar,
          "AQID  AQ 7 " + scalar, "AQID example.org A 7 " + scalar, "A example.org AQ 7 " + scalar,
          "AQID example.org AQ x " + scalar, "AQID example.org AQ 07 " + scalar,
          "AQID example.org AQ 4294967296 " + scalar, "AQID example.org AQ 7 " + scalar.substr(2),
          "AQID example.org AQ 7 " + std::string(64, '0'),
          "AQID example.org AQ 7 " + std::string(64, 'f'),
          "AQID example.org AQ 7 " + std::string(64, 'z'), "AQID example.org AQ 7 0x" + scalar,
          "AQID example.org AQ 7 " + scalar + " ", std::string("AQID example.org AQ 7")}) {
        EXPECT_ERROR(ErrorCode::kAuthenticatorState, load_line(line)) << line;
    }
    Bytes upper = text;
    for (auto& byte : upper) {
        byte = static_cast<std::uint8_t>(std::toupper(byte));
    }
    EXPECT_ERROR(ErrorCode::kAuthenticatorState, SoftwareAuthenticator::load(upper, entropy));
    EXPECT_ERROR(ErrorCode::kAuthenticatorState, SoftwareAuthenticator::load({}, entropy));
}

TEST(Entropy, failure_and_bad_luck_are_errors) {
    BrokenEntropy broken;
    ConstantEntropy ones(0xff);
    for (const auto algorithm :
         {KeyAlgorithm::kEd25519, KeyAlgorithm::kP256, KeyAlgorithm::kSecp256k1}) {
        EXPECT_ERROR(ErrorCode::kEntropyUnavailable, generate_private_key(algorithm, broken));
    }
    // All ones is above both orders, for ever.
    EXPECT_ERROR(ErrorCode::kEntropyUnavailable, generate_private_key(KeyAlgorithm::kP256, ones));
    EXPECT_ERROR(ErrorCode::kEntropyUnavailable,
                 generate_private_key(KeyAlgorithm::kSecp256k1, ones));
    SoftwareAuthenticator authenticator(broken);
    EXPECT_ERROR(ErrorCode::kEntropyUnavailable,
                 authenticator.create({.relying_party_id = "example.org",
                                       .origin = "https://example.org",
                                       .challenge = {},
                                       .user_handle = Bytes{1}}));
}

TEST(Entropy, the_system_gives_different_bytes) {
    SystemEntropy entropy;
    Bytes first(1000);
    Bytes second(1000);
    ASSERT_OK(entropy.fill(first));
    ASSERT_OK(entropy.fill(second));
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace latchkey::signers
