// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/test_signer.hpp"

#include <stdexcept>

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::solana::testing {

namespace crypto = core::crypto;
namespace webauthn = core::webauthn;

/// One of them is there.
struct TestSigner::Keys {
    std::optional<crypto::Ed25519PrivateKey> ed25519;
    std::optional<crypto::P256PrivateKey> p256;
    std::optional<crypto::Secp256k1PrivateKey> secp256k1;
};

namespace {

template <typename T>
T expect(core::Result<T> result) {
    if (!result.has_value()) {
        throw std::runtime_error(result.error().to_string());
    }
    return *std::move(result);
}

/// sha256("Latchkey test key" | u32be seed): below every order with certainty enough for tests.
core::Secret<32> secret_of(std::uint32_t seed) {
    std::array<std::uint8_t, 4> number{};
    core::store_be(number.data(), seed);
    const core::Hash32 hash = crypto::sha256({core::as_bytes("Latchkey test key"), number});
    return expect(core::Secret<32>::copy_of(hash.view()));
}

crypto::Secp256k1PrivateKey secp256k1_key(std::uint32_t seed) {
    return expect(crypto::Secp256k1PrivateKey::from_scalar(secret_of(seed), secret_of(~seed)));
}

}  // namespace

TestSigner TestSigner::ed25519(std::uint32_t seed, bool may_pay_fees) {
    TestSigner out;
    auto keys = std::make_shared<Keys>();
    keys->ed25519 = crypto::Ed25519PrivateKey::from_seed(secret_of(seed));
    out.entry_ = core::Signer::ed25519(keys->ed25519->public_key(), may_pay_fees);
    out.keys_ = std::move(keys);
    return out;
}

TestSigner TestSigner::p256(std::uint32_t seed) {
    TestSigner out;
    auto keys = std::make_shared<Keys>();
    keys->p256 = expect(crypto::P256PrivateKey::from_scalar(secret_of(seed)));
    out.entry_ = core::Signer::p256(keys->p256->public_key());
    out.keys_ = std::move(keys);
    return out;
}

TestSigner TestSigner::passkey(std::uint32_t seed, const std::string& host,
                               bool requires_user_verification) {
    TestSigner out = p256(seed);
    out.host_ = host;
    out.entry_ =
        core::Signer::webauthn(out.keys_->p256->public_key(), crypto::sha256(core::as_bytes(host)),
                               requires_user_verification);
    return out;
}

TestSigner TestSigner::eip712(std::uint32_t seed) {
    TestSigner out;
    auto keys = std::make_shared<Keys>();
    keys->secp256k1 = secp256k1_key(seed);
    out.entry_ = core::Signer::secp256k1_eip712(keys->secp256k1->address());
    out.keys_ = std::move(keys);
    return out;
}

TestSigner TestSigner::eip191(std::uint32_t seed) {
    TestSigner out = eip712(seed);
    out.entry_ = core::Signer::secp256k1_eip191(out.keys_->secp256k1->address());
    return out;
}

TestSigner TestSigner::with_same_party() const {
    TestSigner out = *this;
    out.entry_ = entry_.with_same_party();
    return out;
}

core::Evidence TestSigner::approve(const core::ApprovalHash& hash) const {
    const core::Digest digest = core::digest_of(hash);
    switch (entry_.kind) {
        case core::kSignerEd25519: {
            const crypto::Ed25519PrivateKey& key = ed25519_key();
            return key.sign(core::offchain_message(key.public_key(), digest));
        }
        case core::kSignerP256:
            return expect(keys_->p256->sign(crypto::sha256(digest.view())));
        case core::kSignerWebauthn:
            return approve(hash, PasskeyAnswer{});
        default:
            return expect(keys_->secp256k1->sign(
                crypto::keccak256(expect(core::message_to_sign(entry_, hash)))));
    }
}

webauthn::Assertion TestSigner::approve(const core::ApprovalHash& hash,
                                        const PasskeyAnswer& answer) const {
    const core::Digest digest = core::digest_of(hash);
    webauthn::Assertion out;
    core::ByteWriter data;
    data.write(answer.relying_party_id_hash.value_or(crypto::sha256(core::as_bytes(host_))));
    data.write_u8(answer.flags).write_u32_be(answer.counter);
    out.authenticator_data = answer.authenticator_data.value_or(data.take());
    out.client_data_json = answer.client_data_json.value_or(
        R"({"type":"webauthn.get","challenge":")" +
        webauthn::challenge_text_of_digest(core::Hash32(digest.array())) +
        answer.rest.value_or(webauthn::standard_rest(host_)));
    out.signature = expect(keys_->p256->sign(
        webauthn::assertion_digest(out.authenticator_data, out.client_data_json)));
    return out;
}

Address TestSigner::address() const {
    return Address(ed25519_key().public_key().array());
}

const crypto::Ed25519PrivateKey& TestSigner::ed25519_key() const {
    if (!keys_->ed25519) {
        throw std::runtime_error("not an ed25519 signer");
    }
    return *keys_->ed25519;
}

}  // namespace latchkey::solana::testing
