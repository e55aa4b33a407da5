// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/secret.hpp"

namespace latchkey::core::crypto {

/// RFC 8032 point encoding: y, and the sign of x in the top bit. Also a Solana address.
using Ed25519PublicKey = FixedBytes<32, struct Ed25519PublicKeyTag>;
/// R || S.
using Ed25519Signature = FixedBytes<64, struct Ed25519SignatureTag>;

/// Whether the bytes decode to a point, exactly as Solana asks it when it derives program
/// addresses: the top bit is the sign, y is taken modulo 2^255 - 19 (so a y that is not reduced
/// counts), and neither small order nor the sign of x = 0 matters. About half of all byte strings
/// do.
bool is_on_ed25519_curve(std::span<const std::uint8_t, 32> bytes);

/// A point whose order divides 8 (RFC 8032, section 5.1: the cofactor), in any encoding, or no
/// point at all.
bool has_small_order_ed25519(std::span<const std::uint8_t, 32> bytes);

/// What may be enrolled as a key: a canonical encoding of a curve point whose order is not 1, 2, 4
/// or 8. Errors: kInvalidPublicKey, kNonCanonical, kSmallOrderPoint.
Result<void> check_ed25519_public_key(const Ed25519PublicKey& key);

/// RFC 8032 verification in its strict, cofactorless form: S below the group order, and neither A
/// nor R of small order or in a non-canonical encoding. Error: kInvalidSignature.
Result<void> verify_ed25519(const Ed25519PublicKey& key, ByteView message,
                            const Ed25519Signature& signature);

/// A private key. Thread-safe.
class Ed25519PrivateKey {
  public:
    /// The 32-byte seed of RFC 8032 ("private key" there); every value is valid.
    static Ed25519PrivateKey from_seed(const Secret<32>& seed);
    /// Solana's 64 bytes: the seed, then the public key, which must belong to it; else
    /// kInvalidPrivateKey.
    static Result<Ed25519PrivateKey> from_keypair(const Secret<64>& keypair);

    const Ed25519PublicKey& public_key() const { return public_key_; }
    /// Deterministic (RFC 8032, pure Ed25519).
    Ed25519Signature sign(ByteView message) const;

    /// For writing the key to its file: seed, then public key.
    Secret<64> keypair() const;

  private:
    Ed25519PrivateKey() = default;

    Secret<64> keypair_;
    Ed25519PublicKey public_key_;
};

}  // namespace latchkey::core::crypto
