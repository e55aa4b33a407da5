// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <variant>

#include "core/base/secret.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"
#include "signers/entropy.hpp"
#include "signers/secret_file.hpp"
#include "signers/server_signer.hpp"

namespace latchkey::signers {

/// Which algorithm a key is for; the text of a key does not say it.
enum class KeyAlgorithm { kEd25519, kP256, kSecp256k1 };

using PrivateKey = std::variant<core::crypto::Ed25519PrivateKey, core::crypto::P256PrivateKey,
                                core::crypto::Secp256k1PrivateKey>;

/// Reads a private key, with white space around it ignored:
/// - ed25519: a JSON array of 64 numbers (Solana's key files), base58 of 64 bytes (wallet exports),
/// or hex of 64
///   bytes (key pair) or 32 bytes (seed);
/// - p256: PEM (PKCS#8 or "EC PRIVATE KEY", not encrypted) or hex of 32 bytes;
/// - secp256k1: hex of 32 bytes, with or without "0x".
/// Errors never quote the text: kKeyFormat, kInvalidPrivateKey, kUnsupported, kEntropyUnavailable.
core::Result<PrivateKey> parse_private_key(KeyAlgorithm algorithm, core::ByteView text,
                                           Entropy& entropy);

/// The text for a key's file, ending with a newline: Solana's JSON array, PEM, or hex with "0x".
core::Result<core::SecretBytes> format_private_key(const PrivateKey& key);

core::Result<PrivateKey> generate_private_key(KeyAlgorithm algorithm, Entropy& entropy);

/// What is not secret about it: base58 for ed25519, compressed hex for p256, the address for
/// secp256k1.
std::string public_text(const PrivateKey& key);

/// `envelope` matters for secp256k1 only.
std::unique_ptr<Signer> make_server_signer(PrivateKey key, Envelope envelope = Envelope::kEip712);

/// Reads the source and makes a signer of it.
core::Result<std::unique_ptr<Signer>> load_server_signer(KeyAlgorithm algorithm,
                                                         const SecretSource& source,
                                                         Entropy& entropy,
                                                         Envelope envelope = Envelope::kEip712);

/// Generates a key, writes it into a new file with mode 0600 and returns it.
core::Result<PrivateKey> generate_key_file(KeyAlgorithm algorithm, const std::string& path,
                                           Entropy& entropy);

}  // namespace latchkey::signers
