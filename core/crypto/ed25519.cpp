// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/ed25519.hpp"

#include <sodium.h>

#include <cstdlib>

namespace latchkey::core::crypto {

namespace {

// The neutral element: x = 0, y = 1.
constexpr Ed25519PublicKey kIdentity = Ed25519PublicKey({1});

void require_sodium() {
    if (sodium_init() < 0) {
        std::abort();
    }
}

/// 2^255 - 19, little-endian, is ed ff .. ff 7f: y is reduced unless it is that or above.
bool is_reduced(const Ed25519PublicKey& key) {
    if ((key[31] & 0x7f) != 0x7f || key[0] < 0xed) {
        return true;
    }
    return std::any_of(key.begin() + 1, key.begin() + 31, [](std::uint8_t b) { return b != 0xff; });
}

}  // namespace

bool is_on_ed25519_curve(std::span<const std::uint8_t, 32> bytes) {
    // Adding the neutral element decodes the point and checks the curve equation and nothing else;
    // crypto_core_ed25519_is_valid_point would also ask for the prime-order subgroup.
    Ed25519PublicKey sum;
    return crypto_core_ed25519_add(sum.data(), bytes.data(), kIdentity.data()) == 0;
}

bool has_small_order_ed25519(std::span<const std::uint8_t, 32> bytes) {
    Ed25519PublicKey point;
    std::copy(bytes.begin(), bytes.end(), point.begin());
    // Eight times the point, by doubling three times; the cofactor is 8.
    for (int i = 0; i < 3; ++i) {
        Ed25519PublicKey doubled;
        if (crypto_core_ed25519_add(doubled.data(), point.data(), point.data()) != 0) {
            return true;
        }
        point = doubled;
    }
    return point == kIdentity;
}

Result<void> check_ed25519_public_key(const Ed25519PublicKey& key) {
    if (!is_on_ed25519_curve(key.view())) {
        return fail(ErrorCode::kInvalidPublicKey, "not a point of edwards25519");
    }
    if (!is_reduced(key)) {
        return fail(ErrorCode::kNonCanonical, "ed25519 y is not below 2^255 - 19");
    }
    if (has_small_order_ed25519(key.view())) {
        return fail(ErrorCode::kSmallOrderPoint, "anyone can sign for this ed25519 key");
    }
    return {};
}

Result<void> verify_ed25519(const Ed25519PublicKey& key, ByteView message,
                            const Ed25519Signature& signature) {
    require_sodium();
    if (crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) !=
        0) {
        return fail(ErrorCode::kInvalidSignature);
    }
    return {};
}

Ed25519PrivateKey Ed25519PrivateKey::from_seed(const Secret<32>& seed) {
    require_sodium();
    Ed25519PrivateKey key;
    crypto_sign_seed_keypair(key.public_key_.data(), key.keypair_.expose_mutable().data(),
                             seed.expose().data());
    return key;
}

Result<Ed25519PrivateKey> Ed25519PrivateKey::from_keypair(const Secret<64>& keypair) {
    LATCHKEY_TRY(const Secret<32> seed, Secret<32>::copy_of(keypair.expose().first<32>()));
    Ed25519PrivateKey key = from_seed(seed);
    // A wrong public half would make signatures that leak the private scalar.
    if (!constant_time_equal(key.public_key_.view(), keypair.expose().last<32>())) {
        return fail(ErrorCode::kInvalidPrivateKey,
                    "the public half of the keypair does not belong to its seed");
    }
    return key;
}

Ed25519Signature Ed25519PrivateKey::sign(ByteView message) const {
    Ed25519Signature signature;
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         keypair_.expose().data());
    return signature;
}

Secret<64> Ed25519PrivateKey::keypair() const {
    Secret<64> copy;
    std::copy(keypair_.expose().begin(), keypair_.expose().end(), copy.expose_mutable().begin());
    return copy;
}

}  // namespace latchkey::core::crypto
