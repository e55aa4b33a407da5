// SPDX-License-Identifier: Apache-2.0
// Covers: core/crypto/p256.cpp core/crypto/secp256k1.cpp core/crypto/ed25519.cpp
#include "core/base/fuzz_testing.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/encoding/byte_io.hpp"

using namespace latchkey::core;

namespace {

void fuzz_p256(ByteView input) {
    if (const auto key = crypto::parse_p256_public_key(input); key.has_value()) {
        const auto point = crypto::decompress_p256(*key);
        testing::require(equal(input, key->view()) || equal(input, point->view()));
        const Bytes spki = crypto::encode_p256_spki(*key).value();
        testing::require(crypto::parse_p256_spki(spki).value() == *key);
        testing::require(crypto::P256Verifier::from(*key).has_value());
    }
    // key, digest, signature: what verifies has low s, and its other half does not verify.
    ByteReader reader(input);
    const auto key = reader.read_as<crypto::P256PublicKey>();
    const auto digest = reader.read_as<Hash32>();
    const auto signature = reader.read_as<crypto::P256Signature>();
    if (key && digest && signature && crypto::verify_p256(*key, *digest, *signature).has_value()) {
        testing::require(crypto::normalize_p256_signature(signature->view()) == signature);
        testing::require(
            !crypto::verify_p256(*key, *digest, crypto::mirrored(*signature)).has_value());
    }
    if (const auto key_of_spki = crypto::parse_p256_spki(input); key_of_spki.has_value()) {
        testing::require(equal(crypto::encode_p256_spki(*key_of_spki).value(), input));
    }
}

void fuzz_secp256k1(ByteView input) {
    if (const auto key = crypto::parse_secp256k1_public_key(input); key.has_value()) {
        const auto point = crypto::decompress_secp256k1(*key);
        testing::require(equal(input, key->view()) || equal(input, point->view()));
        testing::require(crypto::ethereum_address(*key) == crypto::ethereum_address(*point));
    }
    if (const auto address = crypto::parse_ethereum_address(as_text(input)); address.has_value()) {
        testing::require(crypto::parse_ethereum_address(crypto::checksummed_address(*address)) ==
                         address);
    }
    // hash, signature, recovery id: a recovered key must verify.
    ByteReader reader(input);
    const auto hash = reader.read_as<Hash32>();
    const auto signature = reader.read_as<crypto::Secp256k1Signature>();
    const auto recovery_id = reader.read_u8();
    if (hash && signature && recovery_id) {
        const auto key = crypto::recover_secp256k1(*hash, {*signature, *recovery_id});
        if (key.has_value()) {
            testing::require(crypto::verify_secp256k1(*key, *hash, *signature).has_value());
        }
    }
}

void fuzz_ed25519(ByteView input) {
    const auto key = crypto::Ed25519PublicKey::from(input);
    if (!key.has_value()) {
        return;
    }
    const bool may_enroll = crypto::check_ed25519_public_key(*key).has_value();
    testing::require(!may_enroll || crypto::is_on_ed25519_curve(key->view()));
    // Nobody signs for a key of small order.
    crypto::Ed25519Signature forged;
    std::copy(key->begin(), key->end(), forged.begin());
    testing::require(!crypto::verify_ed25519(*key, input, forged).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    fuzz_p256(input);
    fuzz_secp256k1(input);
    fuzz_ed25519(input);
    return 0;
}
