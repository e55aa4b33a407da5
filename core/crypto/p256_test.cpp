// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/p256.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "core/base/result_testing.hpp"
#include "core/crypto/ecdsa_der.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/scalar.hpp"
#include "core/crypto/wycheproof_testing.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core::crypto {
namespace {

// RFC 6979 appendix A.2.5: the key pair, and the signatures of "sample" and "test" with SHA-256.
constexpr std::string_view kRfcScalar =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::string_view kRfcX =
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
constexpr std::string_view kRfcY =
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kRfcSampleR =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
constexpr std::string_view kRfcSampleS =
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
constexpr std::string_view kRfcTestR =
    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367";
constexpr std::string_view kRfcTestS =
    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
// SEC 2: the order n.
constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr std::string_view kOrderMinusOne =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";

Bytes unhex(std::string_view text) {
    return decode_hex(text).value();
}

Secret<32> scalar(std::string_view text) {
    return *Secret<32>::copy_of(unhex(text));
}

P256PrivateKey rfc_key() {
    return *P256PrivateKey::from_scalar(scalar(kRfcScalar));
}

P256Signature raw_signature(std::string_view r, std::string_view s) {
    return P256Signature::from(ByteView(concat(unhex(r), unhex(s)))).value();
}

/// The other signature of the same message: (r, n - s).
P256Signature other_half(const P256Signature& signature) {
    const Bytes order = unhex(kOrder);
    Scalar s{};
    subtract(load_scalar(std::span<const std::uint8_t, 32>(order)),
             load_scalar(signature.view().last<32>()), s);
    P256Signature out = signature;
    store_scalar(out.span().last<32>(), s);
    return out;
}

TEST(P256, rfc_6979_public_key) {
    EXPECT_EQ(encode_hex(rfc_key().public_key().view()), "03" + std::string(kRfcX));
    EXPECT_EQ(encode_hex(decompress_p256(rfc_key().public_key()).value().view()),
              "04" + std::string(kRfcX) + std::string(kRfcY));
}

TEST(P256, rfc_6979_signatures_verify_in_their_low_form_only) {
    const Hash32 sample = sha256(as_bytes("sample"));
    const P256Signature high = raw_signature(kRfcSampleR, kRfcSampleS);
    EXPECT_ERROR(ErrorCode::kSignatureNotLowS, verify_p256(rfc_key().public_key(), sample, high));
    const auto low = normalize_p256_signature(high.view());
    ASSERT_OK(low);
    EXPECT_EQ(*low, other_half(high));
    EXPECT_EQ(*low, mirrored(high));
    EXPECT_OK(verify_p256(rfc_key().public_key(), sample, *low));

    const Hash32 test = sha256(as_bytes("test"));
    const P256Signature already_low = raw_signature(kRfcTestR, kRfcTestS);
    EXPECT_OK(verify_p256(rfc_key().public_key(), test, already_low));
    EXPECT_EQ(normalize_p256_signature(already_low.view()).value(), already_low);
    EXPECT_ERROR(ErrorCode::kInvalidSignature,
                 verify_p256(rfc_key().public_key(), sample, already_low));
}

TEST(P256, border_scalars) {
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, P256PrivateKey::from_scalar(Secret<32>()));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, P256PrivateKey::from_scalar(scalar(kOrder)));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey,
                 P256PrivateKey::from_scalar(scalar(std::string(64, 'f'))));
    const auto one = P256PrivateKey::from_scalar(scalar(std::string(63, '0') + "1"));
    ASSERT_OK(one);
    // The generator's x, SEC 2 section 2.4.2.
    EXPECT_EQ(encode_hex(one->public_key().view()),
              "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
    const auto last = P256PrivateKey::from_scalar(scalar(kOrderMinusOne));
    ASSERT_OK(last);
    // n - 1 is the negative of 1: same x, other sign.
    EXPECT_EQ(encode_hex(last->public_key().view()),
              "026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
}

TEST(P256, border_signature_values) {
    const Hash32 digest = sha256(as_bytes("sample"));
    const P256PublicKey key = rfc_key().public_key();
    const std::string zero(64, '0');
    const std::string one = std::string(63, '0') + "1";
    EXPECT_ERROR(ErrorCode::kMalformedSignature,
                 verify_p256(key, digest, raw_signature(zero, one)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature,
                 verify_p256(key, digest, raw_signature(one, zero)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature,
                 verify_p256(key, digest, raw_signature(kOrder, one)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature,
                 verify_p256(key, digest, raw_signature(one, kOrder)));
    EXPECT_ERROR(ErrorCode::kSignatureNotLowS,
                 verify_p256(key, digest, raw_signature(one, kOrderMinusOne)));
    // floor(n / 2) is the largest low s, one more is high.
    EXPECT_ERROR(
        ErrorCode::kInvalidSignature,
        verify_p256(key, digest,
                    raw_signature(
                        one, "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8")));
    EXPECT_ERROR(
        ErrorCode::kSignatureNotLowS,
        verify_p256(key, digest,
                    raw_signature(
                        one, "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9")));
    EXPECT_ERROR(ErrorCode::kInvalidLength, normalize_p256_signature(Bytes(63, 1)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, normalize_p256_signature(Bytes(64, 0)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, normalize_p256_signature(Bytes(64, 0xff)));
}

TEST(P256, refuses_what_is_not_a_point) {
    const Bytes good = unhex("04" + std::string(kRfcX) + std::string(kRfcY));
    ASSERT_OK(parse_p256_public_key(good));
    Bytes off_curve = good;
    off_curve[64] ^= 1;
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_p256_public_key(off_curve));
    for (const std::uint8_t form : std::to_array<std::uint8_t>({0, 1, 2, 3, 5, 6, 7})) {
        Bytes other = good;
        other[0] = form;
        EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_p256_public_key(other)) << int{form};
    }
    Bytes compressed = unhex("03" + std::string(kRfcX));
    for (const std::uint8_t form : std::to_array<std::uint8_t>({0, 1, 4, 6, 7})) {
        compressed[0] = form;
        EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_p256_public_key(compressed)) << int{form};
        const auto key = P256PublicKey::from(ByteView(compressed)).value();
        EXPECT_ERROR(ErrorCode::kInvalidPublicKey, P256Verifier::from(key));
    }
    // x = p + 5 is not reduced although 5 is the x of a point; x = 1 has no y.
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey,
                 parse_p256_public_key(
                     unhex("02ffffffff00000001000000000000000000000001000000000000000000000004")));
    EXPECT_OK(parse_p256_public_key(unhex("02" + std::string(63, '0') + "5")));
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey,
                 parse_p256_public_key(unhex("02" + std::string(63, '0') + "1")));
    for (const std::size_t length : std::to_array<std::size_t>({0, 1, 32, 34, 64, 66})) {
        EXPECT_ERROR(ErrorCode::kInvalidLength, parse_p256_public_key(Bytes(length, 4)));
    }
}

TEST(P256, subject_public_key_info_has_one_form) {
    const auto spki = encode_p256_spki(rfc_key().public_key());
    ASSERT_OK(spki);
    EXPECT_EQ(parse_p256_spki(*spki).value(), rfc_key().public_key());
    for (std::size_t i = 0; i < spki->size(); ++i) {
        Bytes changed = *spki;
        changed[i] ^= 1;
        EXPECT_FALSE(parse_p256_spki(changed).has_value()) << "byte " << i;
    }
    Bytes longer = *spki;
    longer.push_back(0);
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_p256_spki(longer));
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_p256_spki(ByteView(*spki).first(90)));
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_p256_spki({}));
}

TEST(P256, wycheproof_raw_signatures) {
    const auto tests = testing::load_wycheproof("p256_raw");
    ASSERT_EQ(tests.size(), 262U);
    std::size_t accepted = 0;
    for (const auto& test : tests) {
        const auto key = parse_p256_public_key(test.public_key);
        ASSERT_OK(key);
        const auto normalized = normalize_p256_signature(test.signature);
        const Hash32 digest = sha256(test.message);
        const bool valid = normalized && verify_p256(*key, digest, *normalized).has_value();
        EXPECT_EQ(valid, test.valid) << test.name();
        accepted += valid;
        const auto untouched = P256Signature::from(ByteView(test.signature));
        if (valid && *untouched != *normalized) {
            EXPECT_ERROR(ErrorCode::kSignatureNotLowS, verify_p256(*key, digest, *untouched));
        }
    }
    EXPECT_EQ(accepted,
              static_cast<std::size_t>(std::count_if(tests.begin(), tests.end(),
                                                     [](const auto& test) { return test.valid; })));
}

TEST(P256, wycheproof_der_signatures) {
    const auto tests = testing::load_wycheproof("p256_der");
    ASSERT_EQ(tests.size(), 484U);
    for (const auto& test : tests) {
        const auto key = parse_p256_public_key(test.public_key);
        ASSERT_OK(key);
        const auto signature = p256_signature_from_der(test.signature);
        const bool valid =
            signature && verify_p256(*key, sha256(test.message), *signature).has_value();
        EXPECT_EQ(valid, test.valid) << test.name();
    }
}

// One fault each in the strict DER of r = 1, s = 2; the first row is the one good spelling.
TEST(EcdsaDer, exact_spellings) {
    ASSERT_OK(ecdsa_signature_from_der(unhex("3006020101020102")));
    ASSERT_OK(ecdsa_signature_from_der(unhex("30070202008002017f")));
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"nothing", ""},
        {"no length", "30"},
        {"no body", "3006"},
        {"a byte behind", "300602010102010200"},
        {"a byte behind s", "300702010102010200"},
        {"a third integer", "3009020101020102020103"},
        {"a set", "3106020101020102"},
        {"a bit string for r", "3006030101020102"},
        {"a bit string for s", "3006020101030102"},
        {"the length one more", "3007020101020102"},
        {"the length one less", "3005020101020102"},
        {"the length in long form", "308106020101020102"},
        {"the length indefinite", "30800201010201020000"},
        {"r in long form", "300702810101020102"},
        {"r with a needless zero", "300702020001020102"},
        {"r negative", "3006020180020102"},
        {"r empty", "30050200020102"},
        {"s empty", "30050201010200"},
        {"s past the end", "3006020101022002"},
        {"s missing", "3003020101"}};
    for (const auto& [fault, text] : rows) {
        EXPECT_ERROR(ErrorCode::kMalformedSignature, ecdsa_signature_from_der(unhex(text)))
            << fault;
    }
    // 2^256 needs 33 digits.
    const std::string too_long = "3026022101" + std::string(64, '0') + "020101";
    EXPECT_ERROR(ErrorCode::kMalformedSignature, ecdsa_signature_from_der(unhex(too_long)));
}

RC_GTEST_PROP(EcdsaDer, round_trips_every_pair, ()) {
    // Short numbers, too: leading zeros are where DER encoders fail.
    RawEcdsaSignature raw{};
    for (std::size_t half = 0; half < 2; ++half) {
        const auto length = *rc::gen::inRange<std::size_t>(0, 33);
        for (std::size_t i = 0; i < length; ++i) {
            raw[32 * half + 31 - i] = *rc::gen::arbitrary<std::uint8_t>();
        }
    }
    const Bytes der = ecdsa_signature_to_der(raw);
    RC_ASSERT(der.size() <= kEcdsaDerSizeMax);
    RC_ASSERT(ecdsa_signature_from_der(der).value() == raw);
}

RC_GTEST_PROP(P256, signatures_verify_and_no_changed_bit_does, (const Bytes& seed)) {
    const auto made = Secret<32>::copy_of(sha256(seed).view());
    const auto key = P256PrivateKey::from_scalar(*made);
    RC_ASSERT(key.has_value());
    const Hash32 digest = sha256({seed, as_bytes("message")});
    const P256Signature signature = key->sign(digest).value();
    const P256Verifier verifier = *P256Verifier::from(key->public_key());
    RC_ASSERT(verifier.verify(digest, signature).has_value());
    RC_ASSERT(verifier.verify(digest, other_half(signature)).error().code ==
              ErrorCode::kSignatureNotLowS);
    const auto bit = *rc::gen::inRange<std::size_t>(0, 512);
    P256Signature changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    RC_ASSERT(!verifier.verify(digest, changed).has_value());
    Hash32 other = digest;
    other[bit / 16] ^= static_cast<std::uint8_t>(1 << bit % 8);
    RC_ASSERT(verifier.verify(other, signature).error().code == ErrorCode::kInvalidSignature);
    RC_ASSERT(p256_signature_from_der(p256_signature_to_der(other_half(signature))).value() ==
              signature);
}

TEST(P256, one_key_serves_several_threads) {
    const P256PrivateKey key = rfc_key();
    const P256Verifier verifier = *P256Verifier::from(key.public_key());
    std::array<int, 4> good{};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < good.size(); ++t) {
        threads.emplace_back([&, t] {
            for (std::uint8_t i = 0; i < 50; ++i) {
                const Hash32 digest = sha256(Bytes{static_cast<std::uint8_t>(t), i});
                const auto signature = key.sign(digest);
                good[t] += signature && verifier.verify(digest, *signature);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(good, (std::array<int, 4>{50, 50, 50, 50}));
}

TEST(P256, pem_round_trips) {
    const auto pem = rfc_key().to_pem();
    ASSERT_OK(pem);
    EXPECT_TRUE(as_text(pem->expose()).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto key = P256PrivateKey::from_pem(pem->expose());
    ASSERT_OK(key);
    EXPECT_EQ(key->public_key(), rfc_key().public_key());
    EXPECT_TRUE(constant_time_equal(key->scalar().expose(), unhex(kRfcScalar)));
}

// Made with OpenSSL 3.0: `openssl ecparam -name prime256v1 -genkey`, and the same for secp384r1,
// `openssl genpkey -algorithm ed25519`, `openssl ec -aes128 -passout pass:test`.
constexpr std::string_view kTraditionalPem = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIA5ZrdfjBTtKpdRzv8ExuAy5rU4bng68VezQFG8TX4BboAoGCCqGSM49
AwEHoUQDQgAEFNKT7GhP3TUNRuUdqCB48PyjQ2Pa+t96rVHeswmCjgxq4TOBXKbc
KxsBAcAk4d8UTCtQeE/CKUx5m4X3W8Kz0Q==
-----END EC PRIVATE KEY-----
)";
constexpr std::string_view kTraditionalPublicKey =
    "0314d293ec684fdd350d46e51da82078f0fca34363dafadf7aad51deb309828e0c";
constexpr std::string_view kP384Pem = R"(-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDDDjwIulGULWTjdUXl+JWWpRzqS0dFLauWGvatd/tNm7t75jG5lbTk5
gcoXeCMgW5ugBwYFK4EEACKhZANiAAQygTSJQ0TDUbkwrfAx7Y6jvXa5JZ7qZgn2
L42eoZuYBtj0vXNdaNYpFc/vBU4b/dF92DTLjKA3jVCFrlOZn6C75zqfYp4gpDFk
8+EvWhDqlHWCo0sgZsVKT2xqaNHsAvU=
-----END EC PRIVATE KEY-----
)";
constexpr std::string_view kEd25519Pem = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIMZmu+KVGu+utO5PTod9xLPlaDA3/DLHyCSo1pGv1wOY
-----END PRIVATE KEY-----
)";
constexpr std::string_view kEncryptedPem = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,116194EE35783E5F7B6F73404E651E3E

lTMx/3VIb1i0sL6QvsXQpzGXWCufIZ8zm4xsNDDOycG9C0hq/3/41kpD8u+bGRfS
HwP6qtM0/gnaPk63hWYw02r64AZYKs0nJLxcLHHuOfoYGRMzY3tWVYrMOLhykNLt
p8QJCQ3Xud3eYMv1JeXCxN24tZyraCbyIeyoLu6qyJY=
-----END EC PRIVATE KEY-----
)";

TEST(P256, pem_of_openssl_tools) {
    const auto key = P256PrivateKey::from_pem(as_bytes(kTraditionalPem));
    ASSERT_OK(key);
    EXPECT_EQ(encode_hex(key->public_key().view()), kTraditionalPublicKey);
    EXPECT_ERROR(ErrorCode::kUnsupported, P256PrivateKey::from_pem(as_bytes(kP384Pem)));
    EXPECT_ERROR(ErrorCode::kUnsupported, P256PrivateKey::from_pem(as_bytes(kEd25519Pem)));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, P256PrivateKey::from_pem(as_bytes(kEncryptedPem)));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, P256PrivateKey::from_pem({}));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, P256PrivateKey::from_pem(as_bytes("hello")));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey,
                 P256PrivateKey::from_pem(as_bytes(kTraditionalPem).first(200)));
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, P256PrivateKey::from_pem(Bytes(20'000, 'a')));
}

}  // namespace
}  // namespace latchkey::core::crypto
