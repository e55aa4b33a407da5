// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/secret.hpp"

namespace latchkey::core::crypto {

/// SEC 1 compressed point: 0x02 or 0x03, then x. Only the parse functions say that it is on the
/// curve.
using Secp256k1PublicKey = FixedBytes<33, struct Secp256k1PublicKeyTag>;
/// SEC 1 uncompressed point: 0x04, x, y.
using Secp256k1UncompressedPublicKey = FixedBytes<65, struct Secp256k1UncompressedPublicKeyTag>;
/// The last 20 bytes of keccak256(x || y).
using EthereumAddress = FixedBytes<20, struct EthereumAddressTag>;
/// r || s, big-endian. Made by this library it always has s in the lower half of the order (EIP-2).
using Secp256k1Signature = FixedBytes<64, struct Secp256k1SignatureTag>;

/// A signature from which the key can be computed.
struct RecoverableSignature {
    Secp256k1Signature signature;
    /// 0 to 3; Ethereum writes it as v = 27 + recovery_id and knows only 0 and 1.
    std::uint8_t recovery_id = 0;

    friend bool operator==(const RecoverableSignature&, const RecoverableSignature&) = default;
};

/// Parses either SEC 1 form of a point on the curve; hybrid forms are refused.
/// Errors: kInvalidLength, kInvalidPublicKey.
Result<Secp256k1PublicKey> parse_secp256k1_public_key(ByteView sec1);
/// Error: kInvalidPublicKey.
Result<Secp256k1UncompressedPublicKey> decompress_secp256k1(const Secp256k1PublicKey& key);
/// Error: kInvalidPublicKey.
Result<EthereumAddress> ethereum_address(const Secp256k1PublicKey& key);
EthereumAddress ethereum_address(const Secp256k1UncompressedPublicKey& key);
/// "0x" and 40 digits whose case is the checksum of EIP-55.
std::string checksummed_address(const EthereumAddress& address);
/// Accepts all lower case, all upper case or the right checksum. Errors: kInvalidHex,
/// kInvalidLength, kNonCanonical (mixed case with a wrong checksum: probably a typing error).
Result<EthereumAddress> parse_ethereum_address(std::string_view text);

/// r || s, or strict DER, from outside: s is moved to the lower half. Errors: kMalformedSignature
/// (DER, or r, s not in [1, n-1]), kInvalidLength.
Result<Secp256k1Signature> normalize_secp256k1_signature(ByteView raw);
Result<Secp256k1Signature> secp256k1_signature_from_der(ByteView der);
/// The other signature over the same digest: (r, n - s). For r and s in [1, n-1].
Secp256k1Signature mirrored(const Secp256k1Signature& signature);

/// Errors: kInvalidPublicKey, kMalformedSignature, kSignatureNotLowS, kInvalidSignature.
Result<void> verify_secp256k1(const Secp256k1PublicKey& key, const Hash32& digest,
                              const Secp256k1Signature& signature);

/// The key that made the signature over the digest. Errors: kMalformedSignature, kSignatureNotLowS,
/// kInvalidSignature (no key matches).
Result<Secp256k1PublicKey> recover_secp256k1(const Hash32& digest,
                                             const RecoverableSignature& signature);

/// A private key with its own blinded context. Thread-safe.
class Secp256k1PrivateKey {
  public:
    /// `scalar`: 32 big-endian bytes in [1, n-1], else kInvalidPrivateKey. `blinding`: fresh random
    /// bytes that protect the computation against side channels; they do not change any result.
    static Result<Secp256k1PrivateKey> from_scalar(const Secret<32>& scalar,
                                                   const Secret<32>& blinding);
    ~Secp256k1PrivateKey();
    Secp256k1PrivateKey(Secp256k1PrivateKey&&) noexcept;
    Secp256k1PrivateKey& operator=(Secp256k1PrivateKey&&) noexcept;

    const Secp256k1PublicKey& public_key() const;
    const EthereumAddress& address() const;
    /// Deterministic (RFC 6979), low s. Error: kCryptoBackend.
    Result<RecoverableSignature> sign(const Hash32& digest) const;

    /// For writing the key to its file.
    Secret<32> scalar() const;

  private:
    struct State;
    explicit Secp256k1PrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace latchkey::core::crypto
