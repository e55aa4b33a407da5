// SPDX-License-Identifier: Apache-2.0
// What our functions cost on top of the libraries they use, as JSON lines. The bare call has its
// key, its context and its inputs ready; ours makes every check of its contract.
#include <cryptopp/keccak.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>

#include <cstdlib>
#include <memory>

#include "core/base/ratio_bench.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/base64.hpp"
#include "core/webauthn/assertion.hpp"
#include "core/webauthn/challenge.hpp"

namespace {

using namespace latchkey::core;
using namespace latchkey::core::crypto;
using testing::keep;
using testing::print_ratio;

void require(bool holds) {
    if (!holds) {
        std::fputs("a benchmark's own set-up failed\n", stderr);
        std::exit(1);
    }
}

Secret<32> scalar() {
    return *Secret<32>::copy_of(sha256(as_bytes("benchmark key")).view());
}

/// OpenSSL with everything prepared: the least that a signature or verification can cost.
struct BareP256 {
    EVP_PKEY* key = nullptr;
    EVP_PKEY_CTX* signing = nullptr;
    EVP_PKEY_CTX* verifying = nullptr;

    explicit BareP256(const P256PrivateKey& from) {
        const SecretBytes pem = *from.to_pem();
        BIO* const bio = BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size()));
        key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
        BIO_free(bio);
        signing = EVP_PKEY_CTX_new(key, nullptr);
        verifying = EVP_PKEY_CTX_new(key, nullptr);
        require(EVP_PKEY_sign_init(signing) == 1 && EVP_PKEY_verify_init(verifying) == 1);
    }
};

void bench_p256() {
    const P256PrivateKey key = *P256PrivateKey::from_scalar(scalar());
    const P256Verifier verifier = *P256Verifier::from(key.public_key());
    const BareP256 bare(key);
    const Hash32 digest = sha256(as_bytes("message"));
    const P256Signature signature = *key.sign(digest);
    const Bytes der = p256_signature_to_der(signature);
    print_ratio(
        "core.p256.sign", [&] { keep(key.sign(digest)); },
        [&] {
            std::uint8_t out[72];
            std::size_t size = sizeof out;
            require(EVP_PKEY_sign(bare.signing, out, &size, digest.data(), 32) == 1);
        });
    print_ratio(
        "core.p256.verify", [&] { require(verifier.verify(digest, signature).has_value()); },
        [&] {
            require(EVP_PKEY_verify(bare.verifying, der.data(), der.size(), digest.data(), 32) ==
                    1);
        });
    webauthn::Assertion assertion;
    assertion.authenticator_data = Bytes(37);
    const std::string challenge = webauthn::challenge_text_of_digest(digest);
    const auto party = webauthn::relying_party_id_hash("example.org");
    std::copy(party.begin(), party.end(), assertion.authenticator_data.begin());
    assertion.authenticator_data[32] = webauthn::kFlagUserPresent | webauthn::kFlagUserVerified;
    assertion.client_data_json = R"({"type":"webauthn.get","challenge":")" + challenge +
                                 webauthn::standard_rest("example.org");
    assertion.signature = *key.sign(
        webauthn::assertion_digest(assertion.authenticator_data, assertion.client_data_json));
    const std::vector<std::string> origins = {"https://example.org"};
    const webauthn::ClientDataExpectation client = {
        webauthn::Ceremony::kGet, challenge, origins, false, {}};
    print_ratio(
        "core.webauthn.verify",
        [&] {
            require(
                webauthn::verify_assertion(assertion, verifier, client, {party, true}).has_value());
        },
        [&] {
            require(EVP_PKEY_verify(bare.verifying, der.data(), der.size(), digest.data(), 32) ==
                    1);
        });
}

void bench_secp256k1() {
    const Secp256k1PrivateKey key = *Secp256k1PrivateKey::from_scalar(scalar(), Secret<32>());
    const Hash32 digest = sha256(as_bytes("message"));
    const RecoverableSignature made = *key.sign(digest);
    secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    secp256k1_pubkey point;
    secp256k1_ecdsa_signature parsed;
    secp256k1_ecdsa_recoverable_signature recoverable;
    const Secret<32> secret = scalar();
    require(secp256k1_ec_pubkey_create(context, &point, secret.expose().data()) == 1);
    require(secp256k1_ecdsa_signature_parse_compact(context, &parsed, made.signature.data()) == 1);
    require(secp256k1_ecdsa_recoverable_signature_parse_compact(
                context, &recoverable, made.signature.data(), made.recovery_id) == 1);
    print_ratio(
        "core.secp256k1.sign", [&] { keep(key.sign(digest)); },
        [&] {
            secp256k1_ecdsa_recoverable_signature out;
            require(secp256k1_ecdsa_sign_recoverable(context, &out, digest.data(),
                                                     secret.expose().data(), nullptr,
                                                     nullptr) == 1);
        });
    print_ratio(
        "core.secp256k1.verify",
        [&] { require(verify_secp256k1(key.public_key(), digest, made.signature).has_value()); },
        [&] { require(secp256k1_ecdsa_verify(context, &parsed, digest.data(), &point) == 1); });
    print_ratio(
        "core.secp256k1.recover", [&] { require(recover_secp256k1(digest, made).has_value()); },
        [&] {
            secp256k1_pubkey out;
            require(secp256k1_ecdsa_recover(context, &out, &recoverable, digest.data()) == 1);
        });
    secp256k1_context_destroy(context);
}

void bench_ed25519() {
    const Ed25519PrivateKey key = Ed25519PrivateKey::from_seed(scalar());
    const Secret<64> keypair = key.keypair();
    const Bytes message(173, 1);
    const Ed25519Signature signature = key.sign(message);
    print_ratio(
        "core.ed25519.sign", [&] { keep(key.sign(message)); },
        [&] {
            Ed25519Signature out;
            crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                                 keypair.expose().data());
            keep(out);
        });
    print_ratio(
        "core.ed25519.verify",
        [&] { require(verify_ed25519(key.public_key(), message, signature).has_value()); },
        [&] {
            require(crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                                key.public_key().data()) == 0);
        });
}

void bench_hashes() {
    const Bytes message(64, 1);
    print_ratio(
        "core.keccak256.64", [&] { keep(keccak256(message)); },
        [&] {
            CryptoPP::Keccak_256 oracle;
            std::uint8_t out[32];
            oracle.Update(message.data(), message.size());
            oracle.Final(out);
            keep(out);
        });
    const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    print_ratio(
        "core.sha256.64", [&] { keep(sha256(message)); },
        [&] {
            std::uint8_t out[32];
            require(EVP_DigestInit_ex2(context, algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context, message.data(), message.size()) == 1 &&
                    EVP_DigestFinal_ex(context, out, nullptr) == 1);
            keep(out);
        });
    EVP_MD_CTX_free(context);
}

/// The textbook algorithm, digit by digit.
std::string encode_base58_by_digits(ByteView bytes) {
    std::array<std::uint8_t, 64> digits{};
    std::size_t used = 0;
    for (const std::uint8_t byte : bytes) {
        unsigned carry = byte;
        for (std::size_t i = 0; i < used || carry != 0; ++i) {
            carry += 256U * digits[i];
            digits[i] = static_cast<std::uint8_t>(carry % 58);
            carry /= 58;
            used = std::max(used, i + 1);
        }
    }
    std::string text(used, '\0');
    for (std::size_t i = 0; i < used; ++i) {
        text[used - 1 - i] =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digits[i]];
    }
    return text;
}

void bench_encodings() {
    const Hash32 hash = sha256(as_bytes("address"));
    const std::string text = encode_base58(hash);
    require(encode_base58_by_digits(hash.view()) == text);
    print_ratio(
        "core.base58.encode32", [&] { keep(encode_base58(hash)); },
        [&] { keep(encode_base58_by_digits(hash.view())); });
    print_ratio(
        "core.base58.decode32", [&] { keep(decode_base58_as<Hash32>(text)); },
        [&] { keep(encode_base58_by_digits(hash.view())); });
    const Bytes transaction(1232, 7);
    print_ratio(
        "core.base64.encode1232", [&] { keep(encode_base64(transaction)); },
        [&] {
            std::string out(1648, '\0');
            EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), transaction.data(),
                            static_cast<int>(transaction.size()));
            keep(out);
        });
    print_ratio(
        "core.webauthn.challenge_text", [&] { keep(webauthn::challenge_text_of_digest(hash)); },
        [&] { keep(encode_base64url(hash.view())); });
}

}  // namespace

int main() {
    require(sodium_init() >= 0);
    bench_p256();
    bench_secp256k1();
    bench_ed25519();
    bench_hashes();
    bench_encodings();
    return 0;
}
