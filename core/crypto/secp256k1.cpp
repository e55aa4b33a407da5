// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstdlib>
#include <utility>

#include "core/crypto/ecdsa_der.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/scalar.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core::crypto {

namespace {

// SEC 2 section 2.4.1: the order n and floor(n / 2), least significant limb first.
constexpr Scalar kOrder = {0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe,
                           0xffffffffffffffff};
constexpr Scalar kHalfOrder = {0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff,
                               0x7fffffffffffffff};

/// Enough for parsing, verification and recovery, which involve no secret.
const secp256k1_context* public_context() {
    return secp256k1_context_static;
}

tl::unexpected<Error> backend(const char* step) {
    return fail(ErrorCode::kCryptoBackend, std::string("libsecp256k1: ") + step);
}

Result<secp256k1_pubkey> parse_point(ByteView sec1) {
    const bool compressed = sec1.size() == 33;
    if (!compressed && sec1.size() != 65) {
        return fail(ErrorCode::kInvalidLength, "a secp256k1 public key has 33 or 65 bytes, got " +
                                                   std::to_string(sec1.size()));
    }
    const bool known_form = compressed ? sec1[0] == 2 || sec1[0] == 3 : sec1[0] == 4;
    secp256k1_pubkey point;
    if (!known_form ||
        secp256k1_ec_pubkey_parse(public_context(), &point, sec1.data(), sec1.size()) != 1) {
        return fail(ErrorCode::kInvalidPublicKey, "not a point of secp256k1");
    }
    return point;
}

template <typename Key>
Key serialize(const secp256k1_pubkey& point) {
    Key key;
    std::size_t size = key.size();
    constexpr unsigned kForm =
        Key::kSize == 33 ? SECP256K1_EC_COMPRESSED : SECP256K1_EC_UNCOMPRESSED;
    // Cannot fail for a parsed point and a buffer of the right size.
    if (secp256k1_ec_pubkey_serialize(public_context(), key.data(), &size, &point, kForm) != 1) {
        std::abort();
    }
    return key;
}

Result<void> check_range(const Secp256k1Signature& signature) {
    const Scalar r = load_scalar(signature.view().first<32>());
    const Scalar s = load_scalar(signature.view().last<32>());
    if (!in_scalar_range(r, kOrder) || !in_scalar_range(s, kOrder)) {
        return fail(ErrorCode::kMalformedSignature, "r and s must be between 1 and n - 1");
    }
    if (!is_low(s, kHalfOrder)) {
        return fail(ErrorCode::kSignatureNotLowS, "replace s by n - s and flip the recovery id");
    }
    return {};
}

/// Refuses r and s outside [1, n-1] and moves s to the lower half.
Result<Secp256k1Signature> normalize(const Secp256k1Signature& signature) {
    const auto range = check_range(signature);
    if (range.has_value()) {
        return signature;
    }
    if (range.error().code == ErrorCode::kSignatureNotLowS) {
        return mirrored(signature);
    }
    return tl::unexpected(range.error());
}

}  // namespace

Result<Secp256k1PublicKey> parse_secp256k1_public_key(ByteView sec1) {
    LATCHKEY_TRY(const secp256k1_pubkey point, parse_point(sec1));
    return serialize<Secp256k1PublicKey>(point);
}

Result<Secp256k1UncompressedPublicKey> decompress_secp256k1(const Secp256k1PublicKey& key) {
    LATCHKEY_TRY(const secp256k1_pubkey point, parse_point(key.view()));
    return serialize<Secp256k1UncompressedPublicKey>(point);
}

EthereumAddress ethereum_address(const Secp256k1UncompressedPublicKey& key) {
    const Hash32 hash = keccak256(key.view().subspan<1>());
    return EthereumAddress::from(hash.view().last<20>());
}

Result<EthereumAddress> ethereum_address(const Secp256k1PublicKey& key) {
    LATCHKEY_TRY(const auto point, decompress_secp256k1(key));
    return ethereum_address(point);
}

std::string checksummed_address(const EthereumAddress& address) {
    std::string digits = encode_hex(address.view());
    const Hash32 hash = keccak256(as_bytes(digits));
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
        if (digits[i] >= 'a' && nibble >= 8) {
            digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
        }
    }
    return "0x" + digits;
}

Result<EthereumAddress> parse_ethereum_address(std::string_view text) {
    LATCHKEY_TRY(const Bytes bytes, decode_hex_prefixed(text));
    LATCHKEY_TRY(const auto address, EthereumAddress::from(ByteView(bytes)));
    const std::string_view digits = text.substr(2);
    const bool has_lower = digits.find_first_of("abcdef") != std::string_view::npos;
    const bool has_upper = digits.find_first_of("ABCDEF") != std::string_view::npos;
    if (has_lower && has_upper && checksummed_address(address) != text) {
        return fail(ErrorCode::kNonCanonical,
                    "the address fails its EIP-55 checksum; check it for a typing error");
    }
    return address;
}

Result<Secp256k1Signature> normalize_secp256k1_signature(ByteView raw) {
    LATCHKEY_TRY(const auto signature, Secp256k1Signature::from(raw));
    return normalize(signature);
}

Result<Secp256k1Signature> secp256k1_signature_from_der(ByteView der) {
    LATCHKEY_TRY(const RawEcdsaSignature raw, ecdsa_signature_from_der(der));
    return normalize(Secp256k1Signature(raw));
}

Secp256k1Signature mirrored(const Secp256k1Signature& signature) {
    Scalar s{};
    subtract(kOrder, load_scalar(signature.view().last<32>()), s);
    Secp256k1Signature out = signature;
    store_scalar(out.span().last<32>(), s);
    return out;
}

Result<void> verify_secp256k1(const Secp256k1PublicKey& key, const Hash32& digest,
                              const Secp256k1Signature& signature) {
    LATCHKEY_TRY(const secp256k1_pubkey point, parse_point(key.view()));
    LATCHKEY_CHECK(check_range(signature));
    secp256k1_ecdsa_signature parsed;
    if (secp256k1_ecdsa_signature_parse_compact(public_context(), &parsed, signature.data()) != 1) {
        return fail(ErrorCode::kMalformedSignature);
    }
    if (secp256k1_ecdsa_verify(public_context(), &parsed, digest.data(), &point) != 1) {
        return fail(ErrorCode::kInvalidSignature);
    }
    return {};
}

Result<Secp256k1PublicKey> recover_secp256k1(const Hash32& digest,
                                             const RecoverableSignature& signature) {
    if (signature.recovery_id > 3) {
        return fail(ErrorCode::kMalformedSignature, "the recovery id is 0 to 3");
    }
    LATCHKEY_CHECK(check_range(signature.signature));
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey point;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(
            public_context(), &parsed, signature.signature.data(), signature.recovery_id) != 1) {
        return fail(ErrorCode::kMalformedSignature);
    }
    if (secp256k1_ecdsa_recover(public_context(), &point, &parsed, digest.data()) != 1) {
        return fail(ErrorCode::kInvalidSignature, "no key made this signature");
    }
    return serialize<Secp256k1PublicKey>(point);
}

struct Secp256k1PrivateKey::State {
    struct Destroy {
        void operator()(secp256k1_context* owned) const { secp256k1_context_destroy(owned); }
    };

    std::unique_ptr<secp256k1_context, Destroy> context;
    Secret<32> scalar;
    Secp256k1PublicKey public_key;
    EthereumAddress address;
};

Secp256k1PrivateKey::Secp256k1PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
Secp256k1PrivateKey::~Secp256k1PrivateKey() = default;
Secp256k1PrivateKey::Secp256k1PrivateKey(Secp256k1PrivateKey&&) noexcept = default;
Secp256k1PrivateKey& Secp256k1PrivateKey::operator=(Secp256k1PrivateKey&&) noexcept = default;

Result<Secp256k1PrivateKey> Secp256k1PrivateKey::from_scalar(const Secret<32>& scalar,
                                                             const Secret<32>& blinding) {
    auto state = std::make_unique<State>();
    state->context.reset(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
    if (state->context == nullptr ||
        secp256k1_context_randomize(state->context.get(), blinding.expose().data()) != 1) {
        return backend("create context");
    }
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_create(state->context.get(), &point, scalar.expose().data()) != 1) {
        return fail(ErrorCode::kInvalidPrivateKey, "a secp256k1 key is between 1 and n - 1");
    }
    std::copy(scalar.expose().begin(), scalar.expose().end(),
              state->scalar.expose_mutable().begin());
    state->public_key = serialize<Secp256k1PublicKey>(point);
    state->address = ethereum_address(serialize<Secp256k1UncompressedPublicKey>(point));
    return Secp256k1PrivateKey(std::move(state));
}

const Secp256k1PublicKey& Secp256k1PrivateKey::public_key() const {
    return state_->public_key;
}

const EthereumAddress& Secp256k1PrivateKey::address() const {
    return state_->address;
}

Result<RecoverableSignature> Secp256k1PrivateKey::sign(const Hash32& digest) const {
    secp256k1_ecdsa_recoverable_signature made;
    RecoverableSignature out;
    int recovery_id = 0;
    if (secp256k1_ecdsa_sign_recoverable(state_->context.get(), &made, digest.data(),
                                         state_->scalar.expose().data(), nullptr, nullptr) != 1 ||
        secp256k1_ecdsa_recoverable_signature_serialize_compact(
            state_->context.get(), out.signature.data(), &recovery_id, &made) != 1) {
        return backend("sign");
    }
    out.recovery_id = static_cast<std::uint8_t>(recovery_id);
    return out;
}

Secret<32> Secp256k1PrivateKey::scalar() const {
    Secret<32> copy;
    std::copy(state_->scalar.expose().begin(), state_->scalar.expose().end(),
              copy.expose_mutable().begin());
    return copy;
}

}  // namespace latchkey::core::crypto
