// SPDX-License-Identifier: Apache-2.0
#include "signers/key_text.hpp"

#include <utility>

#include "core/encoding/base58.hpp"
#include "core/encoding/hex.hpp"
#include "core/encoding/secret_text.hpp"

namespace latchkey::signers {

namespace {

namespace crypto = core::crypto;
using core::ByteView;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Secret;
using core::SecretBytes;

// A random 256-bit number is above the order of P-256 once in 2^32 and above that of secp256k1 once
// in 2^128 times, so a second attempt is already unlikely.
constexpr int kScalarAttempts = 16;

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

bool is_space(std::uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

ByteView trimmed(ByteView text) {
    while (!text.empty() && is_space(text.front())) {
        text = text.subspan(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text = text.first(text.size() - 1);
    }
    return text;
}

/// Digits of 32 or 64 bytes, which no base58 text of a key pair can be: that has 86 to 88.
bool looks_like_hex(ByteView text) {
    const std::size_t prefix = core::as_text(text).starts_with("0x") ? 2 : 0;
    return text.size() - prefix == 64 || text.size() - prefix == 128;
}

Result<PrivateKey> parse_ed25519(ByteView text) {
    const char* const kFormats =
        "an ed25519 key is a JSON array of 64 numbers, base58 of 64 bytes or hex of 32 or 64 bytes";
    auto bytes = !text.empty() && text[0] == '[' ? core::decode_json_bytes_secret(text)
                 : looks_like_hex(text)          ? core::decode_hex_secret(text)
                                                 : core::decode_base58_secret(text);
    if (!bytes.has_value()) {
        return fail(ErrorCode::kKeyFormat, kFormats);
    }
    if (bytes->size() == 32 && looks_like_hex(text)) {
        LATCHKEY_TRY(const auto seed, Secret<32>::copy_of(bytes->expose()));
        return crypto::Ed25519PrivateKey::from_seed(seed);
    }
    if (bytes->size() == 64) {
        LATCHKEY_TRY(const auto keypair, Secret<64>::copy_of(bytes->expose()));
        LATCHKEY_TRY(auto key, crypto::Ed25519PrivateKey::from_keypair(keypair));
        return key;
    }
    if (bytes->size() == 32 && text[0] != '[') {
        return fail(ErrorCode::kKeyFormat,
                    "32 bytes in base58 look like a public key; the private key has 64");
    }
    return fail(ErrorCode::kKeyFormat, kFormats);
}

Result<Secret<32>> parse_scalar(ByteView text, const char* formats) {
    auto bytes = core::decode_hex_secret(text);
    if (!bytes.has_value() || bytes->size() != 32) {
        return fail(ErrorCode::kKeyFormat, formats);
    }
    return Secret<32>::copy_of(bytes->expose());
}

Result<PrivateKey> parse_p256(ByteView text) {
    if (core::as_text(text).starts_with("-----BEGIN ")) {
        LATCHKEY_TRY(auto key, crypto::P256PrivateKey::from_pem(text));
        return key;
    }
    LATCHKEY_TRY(const auto scalar,
                 parse_scalar(text, "a P-256 key is an unencrypted PEM file or hex of 32 bytes"));
    LATCHKEY_TRY(auto key, crypto::P256PrivateKey::from_scalar(scalar));
    return key;
}

Result<PrivateKey> make_secp256k1(const Secret<32>& scalar, Entropy& entropy) {
    Secret<32> blinding;
    LATCHKEY_CHECK(entropy.fill(blinding.expose_mutable()));
    LATCHKEY_TRY(auto key, crypto::Secp256k1PrivateKey::from_scalar(scalar, blinding));
    return key;
}

SecretBytes with_newline(ByteView text, std::string_view prefix = "") {
    SecretBytes out(prefix.size() + text.size() + 1);
    const auto bytes = out.expose_mutable();
    std::copy(prefix.begin(), prefix.end(), bytes.begin());
    std::copy(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
    bytes.back() = '\n';
    return out;
}

}  // namespace

Result<PrivateKey> parse_private_key(KeyAlgorithm algorithm, ByteView text, Entropy& entropy) {
    text = trimmed(text);
    switch (algorithm) {
        case KeyAlgorithm::kEd25519:
            return parse_ed25519(text);
        case KeyAlgorithm::kP256:
            return parse_p256(text);
        case KeyAlgorithm::kSecp256k1:
            break;
    }
    LATCHKEY_TRY(const auto scalar, parse_scalar(text, "a secp256k1 key is hex of 32 bytes"));
    return make_secp256k1(scalar, entropy);
}

Result<SecretBytes> format_private_key(const PrivateKey& key) {
    return std::visit(
        Overloaded{
            [](const crypto::Ed25519PrivateKey& one) -> Result<SecretBytes> {
                const Secret<64> keypair = one.keypair();
                const SecretBytes json = core::encode_json_bytes_secret(keypair.expose());
                return with_newline(json.expose());
            },
            [](const crypto::P256PrivateKey& one) -> Result<SecretBytes> { return one.to_pem(); },
            [](const crypto::Secp256k1PrivateKey& one) -> Result<SecretBytes> {
                const Secret<32> scalar = one.scalar();
                const SecretBytes hex = core::encode_hex_secret(scalar.expose());
                return with_newline(hex.expose(), "0x");
            }},
        key);
}

Result<PrivateKey> generate_private_key(KeyAlgorithm algorithm, Entropy& entropy) {
    for (int attempt = 0; attempt < kScalarAttempts; ++attempt) {
        Secret<32> secret;
        LATCHKEY_CHECK(entropy.fill(secret.expose_mutable()));
        if (algorithm == KeyAlgorithm::kEd25519) {
            return crypto::Ed25519PrivateKey::from_seed(secret);
        }
        Result<PrivateKey> key = fail(ErrorCode::kInvalidPrivateKey);
        if (algorithm == KeyAlgorithm::kP256) {
            auto made = crypto::P256PrivateKey::from_scalar(secret);
            key = std::move(made).map(
                [](crypto::P256PrivateKey&& one) { return PrivateKey(std::move(one)); });
        } else {
            key = make_secp256k1(secret, entropy);
        }
        if (key.has_value() || key.error().code != ErrorCode::kInvalidPrivateKey) {
            return key;
        }
    }
    return fail(ErrorCode::kEntropyUnavailable, "the random bytes were never a key");
}

std::string public_text(const PrivateKey& key) {
    return std::visit(Overloaded{[](const crypto::Ed25519PrivateKey& one) {
                                     return core::encode_base58(one.public_key());
                                 },
                                 [](const crypto::P256PrivateKey& one) {
                                     return core::encode_hex(one.public_key().view());
                                 },
                                 [](const crypto::Secp256k1PrivateKey& one) {
                                     return crypto::checksummed_address(one.address());
                                 }},
                      key);
}

std::unique_ptr<Signer> make_server_signer(PrivateKey key, Envelope envelope) {
    return std::visit(
        Overloaded{[](crypto::Ed25519PrivateKey&& one) -> std::unique_ptr<Signer> {
                       return std::make_unique<Ed25519ServerSigner>(std::move(one));
                   },
                   [](crypto::P256PrivateKey&& one) -> std::unique_ptr<Signer> {
                       return std::make_unique<P256ServerSigner>(std::move(one));
                   },
                   [envelope](crypto::Secp256k1PrivateKey&& one) -> std::unique_ptr<Signer> {
                       return std::make_unique<Secp256k1ServerSigner>(std::move(one), envelope);
                   }},
        std::move(key));
}

Result<std::unique_ptr<Signer>> load_server_signer(KeyAlgorithm algorithm,
                                                   const SecretSource& source, Entropy& entropy,
                                                   Envelope envelope) {
    LATCHKEY_TRY(const SecretBytes text, read_secret(source));
    LATCHKEY_TRY(PrivateKey key, parse_private_key(algorithm, text.expose(), entropy));
    return make_server_signer(std::move(key), envelope);
}

Result<PrivateKey> generate_key_file(KeyAlgorithm algorithm, const std::string& path,
                                     Entropy& entropy) {
    LATCHKEY_TRY(PrivateKey key, generate_private_key(algorithm, entropy));
    LATCHKEY_TRY(const SecretBytes text, format_private_key(key));
    LATCHKEY_CHECK(create_secret_file(path, text.expose()));
    return key;
}

}  // namespace latchkey::signers
