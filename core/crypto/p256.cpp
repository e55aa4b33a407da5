// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/p256.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "core/crypto/ecdsa_der.hpp"
#include "core/crypto/scalar.hpp"

namespace latchkey::core::crypto {

namespace {

template <auto free_function>
struct Free {
    template <typename T>
    void operator()(T* object) const {
        free_function(object);
    }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Point = std::unique_ptr<EC_POINT, Free<EC_POINT_clear_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

// SEC 2 section 2.4.2 (secp256r1): the order n and floor(n / 2), least significant limb first.
constexpr Scalar kOrder = {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff,
                           0xffffffff00000000};
constexpr Scalar kHalfOrder = {0x79dce5617e3192a8, 0xde737d56d38bcf42, 0x7fffffffffffffff,
                               0x7fffffff80000000};

constexpr char kGroupName[] = "prime256v1";

// RFC 5480: SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 65 bytes }.
constexpr std::array<std::uint8_t, 26> kSpkiPrefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

const EC_GROUP* group() {
    static const EC_GROUP* const instance = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    if (instance == nullptr) {
        std::abort();
    }
    return instance;
}

tl::unexpected<Error> backend(const char* step) {
    return fail(ErrorCode::kCryptoBackend, std::string("OpenSSL: ") + step);
}

/// An OpenSSL operation context is costly to make and used by one thread at a time. The last one
/// that became free is kept; a thread that finds none makes its own.
class ContextSlot {
  public:
    using Init = int (*)(EVP_PKEY_CTX*);

    ContextSlot(EVP_PKEY* key, Init init) : key_(key), init_(init) {}
    ~ContextSlot() { EVP_PKEY_CTX_free(idle_.load()); }
    ContextSlot(const ContextSlot&) = delete;
    ContextSlot& operator=(const ContextSlot&) = delete;

    /// Null if OpenSSL fails.
    PkeyContext acquire() {
        PkeyContext context(idle_.exchange(nullptr, std::memory_order_acquire));
        if (context == nullptr) {
            context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key_, nullptr));
            if (context != nullptr && init_(context.get()) != 1) {
                context.reset();
            }
        }
        return context;
    }

    void release(PkeyContext context) {
        PkeyContext displaced(idle_.exchange(context.release(), std::memory_order_acq_rel));
    }

  private:
    EVP_PKEY* key_;
    Init init_;
    std::atomic<EVP_PKEY_CTX*> idle_ = nullptr;
};

Result<P256PublicKey> compress(const EC_POINT* point) {
    P256PublicKey key;
    if (EC_POINT_point2oct(group(), point, POINT_CONVERSION_COMPRESSED, key.data(), key.size(),
                           nullptr) != key.size()) {
        return backend("compress point");
    }
    return key;
}

Result<Point> parse_point(ByteView sec1) {
    const bool compressed = sec1.size() == 33;
    if (!compressed && sec1.size() != 65) {
        return fail(ErrorCode::kInvalidLength,
                    "a P-256 public key has 33 or 65 bytes, got " + std::to_string(sec1.size()));
    }
    const bool known_form = compressed ? sec1[0] == 2 || sec1[0] == 3 : sec1[0] == 4;
    Point point(EC_POINT_new(group()));
    if (point == nullptr) {
        return backend("new point");
    }
    // EC_POINT_oct2point refuses coordinates that are not reduced and points that are not on the
    // curve.
    if (!known_form ||
        EC_POINT_oct2point(group(), point.get(), sec1.data(), sec1.size(), nullptr) != 1) {
        return fail(ErrorCode::kInvalidPublicKey, "not a point of P-256");
    }
    return point;
}

/// `private_key` is null or 32 bytes in native (little-endian) order.
Result<Pkey> make_pkey(const P256PublicKey& public_key, std::uint8_t* private_key) {
    std::array<char, sizeof(kGroupName)> name;
    std::copy(std::begin(kGroupName), std::end(kGroupName), name.begin());
    P256PublicKey point = public_key;
    OSSL_PARAM params[4];
    std::size_t count = 0;
    params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), 0);
    params[count++] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    if (private_key != nullptr) {
        params[count++] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, private_key, 32);
    }
    params[count] = OSSL_PARAM_construct_end();

    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1) {
        return backend("prepare key import");
    }
    EVP_PKEY* key = nullptr;
    const int selection = private_key == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, params) != 1) {
        return fail(ErrorCode::kInvalidPublicKey, "not a point of P-256");
    }
    return Pkey(key);
}

/// Refuses r and s outside [1, n-1] and moves s to the lower half.
Result<P256Signature> normalize(std::span<const std::uint8_t, 64> raw) {
    const Scalar r = load_scalar(raw.first<32>());
    Scalar s = load_scalar(raw.last<32>());
    if (!in_scalar_range(r, kOrder) || !in_scalar_range(s, kOrder)) {
        return fail(ErrorCode::kMalformedSignature, "r and s must be between 1 and n - 1");
    }
    P256Signature signature = P256Signature::from(raw);
    if (!is_low(s, kHalfOrder)) {
        subtract(kOrder, s, s);
        store_scalar(signature.span().last<32>(), s);
    }
    return signature;
}

}  // namespace

Result<P256PublicKey> parse_p256_public_key(ByteView sec1) {
    LATCHKEY_TRY(const Point point, parse_point(sec1));
    return compress(point.get());
}

Result<P256UncompressedPublicKey> decompress_p256(const P256PublicKey& key) {
    LATCHKEY_TRY(const Point point, parse_point(key.view()));
    P256UncompressedPublicKey out;
    if (EC_POINT_point2oct(group(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(),
                           out.size(), nullptr) != out.size()) {
        return backend("write point");
    }
    return out;
}

Result<P256PublicKey> parse_p256_spki(ByteView der) {
    if (der.size() != kSpkiPrefix.size() + P256UncompressedPublicKey::kSize ||
        !equal(der.first(kSpkiPrefix.size()), kSpkiPrefix)) {
        return fail(ErrorCode::kInvalidPublicKey,
                    "not the SubjectPublicKeyInfo of an uncompressed P-256 key");
    }
    return parse_p256_public_key(der.subspan(kSpkiPrefix.size()));
}

Result<Bytes> encode_p256_spki(const P256PublicKey& key) {
    LATCHKEY_TRY(const P256UncompressedPublicKey point, decompress_p256(key));
    return concat(kSpkiPrefix, point.view());
}

Result<P256Signature> p256_signature_from_der(ByteView der) {
    LATCHKEY_TRY(const RawEcdsaSignature raw, ecdsa_signature_from_der(der));
    return normalize(raw);
}

Bytes p256_signature_to_der(const P256Signature& signature) {
    return ecdsa_signature_to_der(signature.view());
}

Result<P256Signature> normalize_p256_signature(ByteView raw) {
    LATCHKEY_TRY(const auto signature, P256Signature::from(raw));
    return normalize(signature.view());
}

P256Signature mirrored(const P256Signature& signature) {
    Scalar s{};
    subtract(kOrder, load_scalar(signature.view().last<32>()), s);
    P256Signature out = signature;
    store_scalar(out.span().last<32>(), s);
    return out;
}

struct P256Verifier::State {
    State(const P256PublicKey& key, Pkey pkey)
        : public_key(key), evp(std::move(pkey)), contexts(evp.get(), EVP_PKEY_verify_init) {}

    P256PublicKey public_key;
    Pkey evp;
    ContextSlot contexts;
};

P256Verifier::P256Verifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
P256Verifier::~P256Verifier() = default;
P256Verifier::P256Verifier(P256Verifier&&) noexcept = default;
P256Verifier& P256Verifier::operator=(P256Verifier&&) noexcept = default;

Result<P256Verifier> P256Verifier::from(const P256PublicKey& key) {
    LATCHKEY_TRY(Pkey pkey, make_pkey(key, nullptr));
    return P256Verifier(std::make_unique<State>(key, std::move(pkey)));
}

const P256PublicKey& P256Verifier::public_key() const {
    return state_->public_key;
}

Result<void> P256Verifier::verify(const Hash32& digest, const P256Signature& signature) const {
    const Scalar r = load_scalar(signature.view().first<32>());
    const Scalar s = load_scalar(signature.view().last<32>());
    if (!in_scalar_range(r, kOrder) || !in_scalar_range(s, kOrder)) {
        return fail(ErrorCode::kMalformedSignature, "r and s must be between 1 and n - 1");
    }
    if (!is_low(s, kHalfOrder)) {
        return fail(ErrorCode::kSignatureNotLowS, "replace s by n - s");
    }
    std::array<std::uint8_t, kEcdsaDerSizeMax> der;
    const std::size_t der_size = ecdsa_signature_to_der(signature.view(), der);
    PkeyContext context = state_->contexts.acquire();
    if (context == nullptr) {
        return backend("prepare verification");
    }
    const int valid =
        EVP_PKEY_verify(context.get(), der.data(), der_size, digest.data(), digest.size());
    state_->contexts.release(std::move(context));
    if (valid != 1) {
        return fail(ErrorCode::kInvalidSignature);
    }
    return {};
}

Result<void> verify_p256(const P256PublicKey& key, const Hash32& digest,
                         const P256Signature& signature) {
    LATCHKEY_TRY(const P256Verifier verifier, P256Verifier::from(key));
    return verifier.verify(digest, signature);
}

struct P256PrivateKey::State {
    State(const P256PublicKey& key, Secret<32> private_scalar, Pkey pkey)
        : public_key(key),
          scalar(std::move(private_scalar)),
          evp(std::move(pkey)),
          contexts(evp.get(), EVP_PKEY_sign_init) {}

    P256PublicKey public_key;
    Secret<32> scalar;
    Pkey evp;
    ContextSlot contexts;
};

P256PrivateKey::P256PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
P256PrivateKey::~P256PrivateKey() = default;
P256PrivateKey::P256PrivateKey(P256PrivateKey&&) noexcept = default;
P256PrivateKey& P256PrivateKey::operator=(P256PrivateKey&&) noexcept = default;

Result<P256PrivateKey> P256PrivateKey::from_scalar(const Secret<32>& scalar) {
    if (!in_scalar_range(load_scalar(scalar.expose()), kOrder)) {
        return fail(ErrorCode::kInvalidPrivateKey, "a P-256 key is between 1 and n - 1");
    }
    const BigNumber number(BN_secure_new());
    const Point point(EC_POINT_new(group()));
    if (number == nullptr || point == nullptr ||
        BN_bin2bn(scalar.expose().data(), 32, number.get()) == nullptr) {
        return backend("load scalar");
    }
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    if (EC_POINT_mul(group(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1) {
        return backend("compute public key");
    }
    LATCHKEY_TRY(const P256PublicKey public_key, compress(point.get()));

    LATCHKEY_TRY(Secret<32> own, Secret<32>::copy_of(scalar.expose()));
    Secret<32> reversed;
    std::reverse_copy(scalar.expose().begin(), scalar.expose().end(),
                      reversed.expose_mutable().begin());
    LATCHKEY_TRY(Pkey pkey, make_pkey(public_key, reversed.expose_mutable().data()));
    return P256PrivateKey(std::make_unique<State>(public_key, std::move(own), std::move(pkey)));
}

Result<P256PrivateKey> P256PrivateKey::from_pem(ByteView pem) {
    constexpr std::size_t kPemSizeMax = 16 * 1024;
    if (pem.empty() || pem.size() > kPemSizeMax) {
        return fail(ErrorCode::kInvalidPrivateKey, "not a PEM file of one private key");
    }
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (bio == nullptr) {
        return backend("read PEM");
    }
    // Without this callback OpenSSL would ask for a pass phrase on the terminal.
    const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
    const Pkey parsed(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
    if (parsed == nullptr) {
        return fail(ErrorCode::kInvalidPrivateKey,
                    "not an unencrypted PEM private key; decrypt it with openssl pkey");
    }
    std::array<char, 32> name{};
    if (EVP_PKEY_is_a(parsed.get(), "EC") != 1 ||
        EVP_PKEY_get_utf8_string_param(parsed.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.data(),
                                       name.size(), nullptr) != 1 ||
        std::string_view(name.data()) != kGroupName) {
        return fail(ErrorCode::kUnsupported, "the private key is not on P-256 (prime256v1)");
    }
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(parsed.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) {
        return fail(ErrorCode::kInvalidPrivateKey, "the PEM has no private scalar");
    }
    const BigNumber owned(number);
    Secret<32> scalar;
    if (BN_bn2binpad(number, scalar.expose_mutable().data(), 32) != 32) {
        return fail(ErrorCode::kInvalidPrivateKey, "the private scalar is longer than 32 bytes");
    }
    return from_scalar(scalar);
}

const P256PublicKey& P256PrivateKey::public_key() const {
    return state_->public_key;
}

Result<P256Signature> P256PrivateKey::sign(const Hash32& digest) const {
    std::array<std::uint8_t, kEcdsaDerSizeMax> der;
    std::size_t size = der.size();
    PkeyContext context = state_->contexts.acquire();
    if (context == nullptr) {
        return backend("prepare signature");
    }
    const int signed_well =
        EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size());
    state_->contexts.release(std::move(context));
    if (signed_well != 1) {
        return backend("sign");
    }
    return p256_signature_from_der(ByteView(der).first(size));
}

Secret<32> P256PrivateKey::scalar() const {
    Secret<32> copy;
    std::copy(state_->scalar.expose().begin(), state_->scalar.expose().end(),
              copy.expose_mutable().begin());
    return copy;
}

Result<SecretBytes> P256PrivateKey::to_pem() const {
    // Memory BIOs wipe their buffer when freed.
    const Bio bio(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (bio == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->evp.get(), nullptr,
                                                        nullptr, 0, nullptr, nullptr) != 1) {
        return backend("write PEM");
    }
    const long size = BIO_get_mem_data(bio.get(), &text);
    return SecretBytes::copy_of(as_bytes(std::string_view(text, static_cast<std::size_t>(size))));
}

}  // namespace latchkey::core::crypto
