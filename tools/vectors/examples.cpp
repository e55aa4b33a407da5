// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/examples.hpp"

#include <cryptopp/eccrypto.h>
#include <cryptopp/oids.h>
#include <cryptopp/osrng.h>
#include <cryptopp/sha.h>

#include <stdexcept>

#include "core/crypto/hash.hpp"

namespace latchkey::vectors {

namespace {

core::Secret<32> secret(std::string_view name) {
    return core::Secret<32>::copy_of(private_key(name)).value();
}

core::crypto::P256PrivateKey p256_private_key(std::string_view name) {
    return core::crypto::P256PrivateKey::from_scalar(secret(name)).value();
}

core::crypto::Secp256k1PrivateKey secp256k1_private_key(std::string_view name) {
    // Blinding changes no result.
    return core::crypto::Secp256k1PrivateKey::from_scalar(secret(name), secret("blinding")).value();
}

core::webauthn::Assertion assertion_of(std::string_view name, const core::Digest& digest) {
    const std::string letters = core::webauthn::challenge_text_of_digest(Hash32(digest.array()));
    core::webauthn::Assertion assertion;
    assertion.client_data_json = R"({"type":"webauthn.get","challenge":")" + letters +
                                 R"(","origin":"https://)" + std::string(kRelyingParty) +
                                 R"(","crossOrigin":false})";
    // Flags UP and UV, counter 0.
    assertion.authenticator_data = core::concat(hash_of(kRelyingParty), Bytes{0x05, 0, 0, 0, 0});
    const Hash32 client_data_hash =
        core::crypto::sha256(core::as_bytes(assertion.client_data_json));
    assertion.signature =
        sign_p256(name, core::concat(assertion.authenticator_data, client_data_hash));
    return assertion;
}

}  // namespace

Bytes filled(std::uint8_t byte, std::size_t size) {
    return Bytes(size, byte);
}

Hash32 hash_of(std::string_view text) {
    return core::crypto::sha256(core::as_bytes(text));
}

Hash32 address(std::uint8_t byte) {
    return Hash32::from(ByteView(filled(byte))).value();
}

Hash32 program_id() {
    return address(0x11);
}

Hash32 cluster() {
    return hash_of("Latchkey vector cluster");
}

Hash32 derived_address() {
    Hash32 out = hash_of("Latchkey vector derived address");
    while (core::crypto::is_on_ed25519_curve(out.view())) {
        out = core::crypto::sha256(out);
    }
    return out;
}

Hash32 private_key(std::string_view name) {
    return hash_of("Latchkey vector key " + std::string(name));
}

core::crypto::Ed25519PublicKey ed25519_key(std::string_view name) {
    return core::crypto::Ed25519PrivateKey::from_seed(secret(name)).public_key();
}

core::crypto::P256PublicKey p256_key(std::string_view name) {
    return p256_private_key(name).public_key();
}

core::crypto::EthereumAddress ethereum_key(std::string_view name) {
    return secp256k1_private_key(name).address();
}

core::Signer passkey(std::string_view name, bool user_verification) {
    return core::Signer::webauthn(p256_key(name), hash_of(kRelyingParty), user_verification);
}

core::crypto::P256Signature sign_p256(std::string_view name, ByteView message) {
    using Scheme = CryptoPP::ECDSA_RFC6979<CryptoPP::ECP, CryptoPP::SHA256>;
    const Hash32 scalar = private_key(name);
    Scheme::PrivateKey key;
    key.Initialize(CryptoPP::ASN1::secp256r1(), CryptoPP::Integer(scalar.data(), Hash32::kSize));
    const Scheme::Signer signer(key);
    Bytes raw(signer.SignatureLength());
    const std::size_t size =
        signer.SignMessage(CryptoPP::NullRNG(), message.data(), message.size(), raw.data());
    raw.resize(size);
    return core::crypto::normalize_p256_signature(raw).value();
}

core::Evidence sign(const core::Signer& signer, std::string_view name,
                    const core::ApprovalHash& hash) {
    const core::Digest digest = core::digest_of(hash);
    switch (signer.kind) {
        case core::kSignerEd25519:
            return core::crypto::Ed25519PrivateKey::from_seed(secret(name))
                .sign(core::message_to_sign(signer, hash).value());
        case core::kSignerSecp256k1Eip712:
            return secp256k1_private_key(name).sign(Hash32(digest.array())).value();
        case core::kSignerSecp256k1Eip191:
            return secp256k1_private_key(name).sign(core::eip191_digest(digest)).value();
        case core::kSignerP256:
            return sign_p256(name, digest);
        case core::kSignerWebauthn:
            return assertion_of(name, digest);
        case core::kSignerProgram:
        case core::kSignerContract:
            break;
    }
    throw std::logic_error("a signer of this kind makes no evidence");
}

core::Rule rule_of(std::uint64_t actions, std::uint16_t mask, std::uint8_t threshold) {
    return core::Rule{
        .actions = static_cast<std::uint8_t>(actions), .threshold = threshold, .mask = mask};
}

core::Configuration full_configuration() {
    core::Rule limited = rule_of(core::kActionExecute, 0b010);
    limited.times = core::Times{1'700'000'000, 1'800'000'000};
    limited.scope = {core::Target{address(0x22), {}}, core::Target{address(0x33), {0xaa, 0xbb}}};
    limited.limits = {core::Limit{Hash32(), 5'000'000, 20'000'000, 86'400},
                      core::Limit{address(0x44), 7, 7, 0}};
    return core::Configuration{
        .signers = {passkey("phone"), core::Signer::ed25519(ed25519_key("laptop")),
                    core::Signer::p256(p256_key("laptop")).with_same_party()},
        .rules = {rule_of(0x0f, 0b111, 2), limited},
        .recovery = core::RecoveryCommitment{
            216, *core::RecoveryCommitment::Hash::from(ByteView(filled(0x77, 30)))}};
}

core::RecoveryPart full_recovery() {
    core::Rule slow = rule_of(core::kActionRecover | core::kActionCancel, 0b111);
    slow.wait = core::Wait{7 * 86'400, core::Tie::kRecovery};
    core::Rule timed = rule_of(core::kActionRecover, 0b111, 2);
    timed.times = core::Times{1'700'000'000, 1'800'000'000};
    core::Rule limited = rule_of(core::kActionExecute, 0b10);
    limited.scope = {core::Target{address(0x22), {0xaa}}};
    limited.limits = {core::Limit{Hash32(), 5, 10, 600}};
    limited.wait = core::Wait{86'400, core::Tie::kOwner};
    return core::RecoveryPart{
        .signers = {passkey("guardian"),
                    core::Signer::ed25519(ed25519_key("guardian")).with_same_party(),
                    core::Signer::ed25519(ed25519_key("custodian"))},
        .rules = {slow, timed, rule_of(core::kActionFreeze, 0b100)},
        .after = {.signers = 2, .rules = {rule_of(0x0f, 0b11, 2), limited}},
        .salt = *core::RecoveryPart::Salt::from(ByteView(filled(0xa5, 16)))};
}

Bytes new_signers() {
    return core::encode_unchecked(std::vector{core::Signer::ed25519(ed25519_key("new phone")),
                                              core::Signer::p256(p256_key("new laptop"))});
}

core::Configuration single_configuration(const core::Signer& signer) {
    return core::Configuration{.signers = {signer}, .rules = {rule_of(0x0f)}};
}

core::LocalRule full_session() {
    core::Rule rule = rule_of(core::kActionExecute);
    rule.times = core::Times{1'700'000'000, 1'700'086'400};
    rule.scope = {core::Target{address(0x22), {}}, core::Target{address(0x33), {0xaa, 0xbb}}};
    rule.limits = {core::Limit{Hash32(), 10, 25, 600}};
    return core::LocalRule{{core::Signer::ed25519(ed25519_key("session"))}, rule};
}

}  // namespace latchkey::vectors
