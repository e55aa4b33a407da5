// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/secret.hpp"

namespace latchkey::core::crypto {

/// SEC 1 compressed point: 0x02 or 0x03, then x. Only the parse functions below say that it is on
/// the curve.
using P256PublicKey = FixedBytes<33, struct P256PublicKeyTag>;
/// SEC 1 uncompressed point: 0x04, x, y.
using P256UncompressedPublicKey = FixedBytes<65, struct P256UncompressedPublicKeyTag>;
/// r || s, big-endian, as WebAuthn verifiers on chain, IEEE P1363 and JOSE use it. Made by this
/// library it always has s in the lower half of the order.
using P256Signature = FixedBytes<64, struct P256SignatureTag>;

/// Parses either SEC 1 form of a point on the curve; the point at infinity, hybrid forms and
/// coordinates not below the field's prime are refused. Errors: kInvalidLength, kInvalidPublicKey.
Result<P256PublicKey> parse_p256_public_key(ByteView sec1);
/// Errors: kInvalidPublicKey if the bytes are not a point of the curve.
Result<P256UncompressedPublicKey> decompress_p256(const P256PublicKey& key);
/// The DER SubjectPublicKeyInfo (RFC 5480, named curve, uncompressed) that key management services
/// and WebAuthn's getPublicKey() return; any other form is kInvalidPublicKey.
Result<P256PublicKey> parse_p256_spki(ByteView der);
Result<Bytes> encode_p256_spki(const P256PublicKey& key);

/// Strict DER to r || s with s moved to the lower half: authenticators and key services produce
/// both halves, chains accept only the lower one. Errors: kMalformedSignature (DER, or r, s not in
/// [1, n-1]).
Result<P256Signature> p256_signature_from_der(ByteView der);
Bytes p256_signature_to_der(const P256Signature& signature);
/// The same for r || s from outside. Errors: kInvalidLength, kMalformedSignature.
Result<P256Signature> normalize_p256_signature(ByteView raw);

/// The other signature over the same digest: (r, n - s). For r and s in [1, n-1].
P256Signature mirrored(const P256Signature& signature);

/// ECDSA verification with one key, prepared once. Thread-safe; the operation reuses its OpenSSL
/// context, which is why this is not a function of the key's bytes.
class P256Verifier {
  public:
    /// Errors: kInvalidPublicKey, kCryptoBackend.
    static Result<P256Verifier> from(const P256PublicKey& key);
    ~P256Verifier();
    P256Verifier(P256Verifier&&) noexcept;
    P256Verifier& operator=(P256Verifier&&) noexcept;

    const P256PublicKey& public_key() const;
    /// `digest` is what was hashed by the caller (SHA-256 of the message in every protocol here).
    /// Errors: kMalformedSignature (r, s not in [1, n-1]), kSignatureNotLowS, kInvalidSignature.
    Result<void> verify(const Hash32& digest, const P256Signature& signature) const;

  private:
    struct State;
    explicit P256Verifier(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// For a key that is used once; otherwise keep a P256Verifier.
Result<void> verify_p256(const P256PublicKey& key, const Hash32& digest,
                         const P256Signature& signature);

/// A private key, prepared once. Thread-safe.
class P256PrivateKey {
  public:
    /// 32 big-endian bytes in [1, n-1]; else kInvalidPrivateKey.
    static Result<P256PrivateKey> from_scalar(const Secret<32>& scalar);
    /// An unencrypted "PRIVATE KEY" (PKCS#8) or "EC PRIVATE KEY" (RFC 5915) on P-256. The public
    /// key is computed, not believed. Errors: kInvalidPrivateKey, kUnsupported (another curve or
    /// kind of key).
    static Result<P256PrivateKey> from_pem(ByteView pem);
    ~P256PrivateKey();
    P256PrivateKey(P256PrivateKey&&) noexcept;
    P256PrivateKey& operator=(P256PrivateKey&&) noexcept;

    const P256PublicKey& public_key() const;
    /// ECDSA over a 32-byte digest that the caller computed. Not deterministic: OpenSSL draws the
    /// nonce from its own generator, mixed with the key and the digest. Error: kCryptoBackend.
    Result<P256Signature> sign(const Hash32& digest) const;

    /// For writing the key to its file.
    Secret<32> scalar() const;
    /// PKCS#8, unencrypted.
    Result<SecretBytes> to_pem() const;

  private:
    struct State;
    explicit P256PrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace latchkey::core::crypto
