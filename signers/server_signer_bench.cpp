// SPDX-License-Identifier: Apache-2.0
// A server key's whole approval (digest, envelope, hash, signature, checks, evidence) against the
// bare signature of the library underneath, as JSON lines.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>

#include <cstdlib>

#include "core/base/ratio_bench.hpp"
#include "core/crypto/hash.hpp"
#include "signers/key_text.hpp"

namespace {

using namespace latchkey;
using core::testing::keep;
using core::testing::print_ratio;

void require(bool holds) {
    if (!holds) {
        std::fputs("a benchmark's own set-up failed\n", stderr);
        std::exit(1);
    }
}

const core::Hash32 kDigest = core::crypto::sha256(core::as_bytes("message"));

void bench_p256(signers::Entropy& entropy) {
    auto key = signers::generate_private_key(signers::KeyAlgorithm::kP256, entropy).value();
    const core::SecretBytes pem = signers::format_private_key(key).value();
    BIO* const bio = BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size()));
    EVP_PKEY* const bare = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(bare, nullptr);
    require(EVP_PKEY_sign_init(context) == 1);
    const auto signer = signers::make_server_signer(std::move(key));
    print_ratio(
        "signer.server.p256", [&] { require(signer->approve({}).has_value()); },
        [&] {
            std::uint8_t out[72];
            std::size_t size = sizeof out;
            require(EVP_PKEY_sign(context, out, &size, kDigest.data(), kDigest.size()) == 1);
        });
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(bare);
}

void bench_secp256k1(signers::Entropy& entropy, signers::Envelope envelope, const char* name) {
    auto key = signers::generate_private_key(signers::KeyAlgorithm::kSecp256k1, entropy).value();
    const auto scalar = std::get<core::crypto::Secp256k1PrivateKey>(key).scalar();
    secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    const auto signer = signers::make_server_signer(std::move(key), envelope);
    print_ratio(
        name, [&] { require(signer->approve({}).has_value()); },
        [&] {
            secp256k1_ecdsa_recoverable_signature out;
            require(secp256k1_ecdsa_sign_recoverable(context, &out, kDigest.data(),
                                                     scalar.expose().data(), nullptr,
                                                     nullptr) == 1);
        });
    secp256k1_context_destroy(context);
}

void bench_ed25519(signers::Entropy& entropy) {
    auto key = signers::generate_private_key(signers::KeyAlgorithm::kEd25519, entropy).value();
    const auto keypair = std::get<core::crypto::Ed25519PrivateKey>(key).keypair();
    const auto signer = signers::make_server_signer(std::move(key));
    // The same length as the off-chain message.
    const core::Bytes message(173, 1);
    print_ratio(
        "signer.server.ed25519", [&] { require(signer->approve({}).has_value()); },
        [&] {
            core::crypto::Ed25519Signature out;
            crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                                 keypair.expose().data());
            keep(out);
        });
}

}  // namespace

int main() {
    signers::SystemEntropy entropy;
    bench_p256(entropy);
    bench_secp256k1(entropy, signers::Envelope::kEip712, "signer.server.secp256k1.eip712");
    bench_secp256k1(entropy, signers::Envelope::kEip191, "signer.server.secp256k1.eip191");
    bench_ed25519(entropy);
    return 0;
}
