// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/ed25519.hpp"

#include <cryptopp/integer.h>
#include <cryptopp/nbtheory.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/wycheproof_testing.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core::crypto {
namespace {

Bytes unhex(std::string_view text) {
    return decode_hex(text).value();
}

Ed25519PublicKey public_key(std::string_view text) {
    return decode_hex_as<Ed25519PublicKey>(text).value();
}

struct RfcVector {
    std::string_view seed, key, message, signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr RfcVector kRfcVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "659"
     "4a7c15e9716ed28dc027beceea1ec40a"}};

TEST(Ed25519, rfc_8032_vectors) {
    for (const RfcVector& row : kRfcVectors) {
        const auto key = Ed25519PrivateKey::from_seed(*Secret<32>::copy_of(unhex(row.seed)));
        EXPECT_EQ(encode_hex(key.public_key().view()), row.key);
        const Bytes message = unhex(row.message);
        const Ed25519Signature signature = key.sign(message);
        EXPECT_EQ(encode_hex(signature.view()), row.signature);
        EXPECT_OK(verify_ed25519(key.public_key(), message, signature));
    }
}

TEST(Ed25519, wycheproof) {
    const auto tests = testing::load_wycheproof("ed25519");
    ASSERT_EQ(tests.size(), 151U);
    for (const auto& test : tests) {
        const auto key = Ed25519PublicKey::from(ByteView(test.public_key));
        ASSERT_OK(key);
        const auto signature = Ed25519Signature::from(ByteView(test.signature));
        const bool valid = signature && verify_ed25519(*key, test.message, *signature).has_value();
        EXPECT_EQ(valid, test.valid) << test.name();
    }
}

// The eight points of small order and their encodings that are not reduced; from the definition (y
// = 1, -1, 0 and the two y of order 8) in the table of "Taming the many EdDSAs" (Chalkias,
// Garillot, Nikolaenko).
constexpr std::string_view kSmallOrder[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    // x = 0 with the sign bit set: RFC 8032 does not decode them, Solana's curve test does.
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
constexpr std::string_view kNotReduced[] = {
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};

TEST(Ed25519, small_order_and_unreduced_keys_are_refused) {
    for (const std::string_view text : kSmallOrder) {
        const Ed25519PublicKey key = public_key(text);
        EXPECT_TRUE(is_on_ed25519_curve(key.view())) << text;
        EXPECT_ERROR(ErrorCode::kSmallOrderPoint, check_ed25519_public_key(key)) << text;
        // S = 0 and R = the key satisfy the plain equation for many messages.
        Ed25519Signature forged;
        std::copy(key.begin(), key.end(), forged.begin());
        for (std::uint8_t message = 0; message < 16; ++message) {
            EXPECT_ERROR(ErrorCode::kInvalidSignature, verify_ed25519(key, Bytes{message}, forged));
        }
    }
    for (const std::string_view text : kNotReduced) {
        EXPECT_TRUE(is_on_ed25519_curve(public_key(text).view())) << text;
        EXPECT_ERROR(ErrorCode::kNonCanonical, check_ed25519_public_key(public_key(text))) << text;
    }
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey,
                 check_ed25519_public_key(public_key("02" + std::string(62, '0'))));
}

TEST(Ed25519, malleable_s_is_refused) {
    const auto key = Ed25519PrivateKey::from_seed(Secret<32>());
    const Bytes message = {1, 2, 3};
    Ed25519Signature signature = key.sign(message);
    ASSERT_OK(verify_ed25519(key.public_key(), message, signature));
    // S + L with L = 2^252 + 27742317777372353535851937790883648493 is the same residue.
    const Bytes order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += unsigned{signature[32 + i]} + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    ASSERT_EQ(carry, 0U);
    EXPECT_ERROR(ErrorCode::kInvalidSignature,
                 verify_ed25519(key.public_key(), message, signature));
}

/// Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a solution, by big integers and Euler's criterion.
bool is_on_curve_by_definition(ByteView bytes) {
    using CryptoPP::Integer;
    static const Integer kPrime = Integer::Power2(255) - 19;
    static const Integer kD = (kPrime - 121665) * Integer(121666).InverseMod(kPrime) % kPrime;
    Bytes big_endian(bytes.rbegin(), bytes.rend());
    big_endian[0] &= 0x7f;
    const Integer y = Integer(big_endian.data(), big_endian.size()) % kPrime;
    const Integer u = (y * y + kPrime - 1) % kPrime;
    const Integer v = (kD * y * y + 1) % kPrime;
    const Integer square = u * v.InverseMod(kPrime) % kPrime;
    return square.IsZero() || CryptoPP::Jacobi(square, kPrime) == 1;
}

TEST(Ed25519, curve_test_is_the_definition) {
    std::size_t on_curve = 0;
    constexpr std::size_t kCount = 2000;
    for (std::size_t i = 0; i < kCount; ++i) {
        const Hash32 bytes = sha256(as_bytes("point " + std::to_string(i)));
        const bool is_on = is_on_ed25519_curve(bytes.view());
        ASSERT_EQ(is_on, is_on_curve_by_definition(bytes.view())) << encode_hex(bytes.view());
        on_curve += is_on;
    }
    EXPECT_GT(on_curve, kCount * 45 / 100);
    EXPECT_LT(on_curve, kCount * 55 / 100);
    // All values around 0 and around p, with both signs.
    for (unsigned low = 0; low < 256; ++low) {
        for (const std::uint8_t filler : std::to_array<std::uint8_t>({0x00, 0xff})) {
            for (const std::uint8_t top : std::to_array<std::uint8_t>({0x00, 0x80, 0x7f, 0xff})) {
                Hash32 bytes;
                std::fill(bytes.begin(), bytes.end(), filler);
                bytes[0] = static_cast<std::uint8_t>(low);
                bytes[31] = top;
                ASSERT_EQ(is_on_ed25519_curve(bytes.view()),
                          is_on_curve_by_definition(bytes.view()))
                    << encode_hex(bytes.view());
            }
        }
    }
}

TEST(Ed25519, keypairs_must_match) {
    const auto key = Ed25519PrivateKey::from_seed(*Secret<32>::copy_of(unhex(kRfcVectors[0].seed)));
    EXPECT_EQ(encode_hex(key.keypair().expose()),
              std::string(kRfcVectors[0].seed) + std::string(kRfcVectors[0].key));
    const auto again = Ed25519PrivateKey::from_keypair(key.keypair());
    ASSERT_OK(again);
    EXPECT_EQ(again->public_key(), key.public_key());
    Secret<64> wrong = key.keypair();
    wrong.expose_mutable()[63] ^= 1;
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, Ed25519PrivateKey::from_keypair(wrong));
}

RC_GTEST_PROP(Ed25519, signatures_verify_and_no_changed_bit_does,
              (const Bytes& seed, const Bytes& message)) {
    const auto key = Ed25519PrivateKey::from_seed(*Secret<32>::copy_of(sha256(seed).view()));
    RC_ASSERT(check_ed25519_public_key(key.public_key()).has_value());
    const Ed25519Signature signature = key.sign(message);
    RC_ASSERT(verify_ed25519(key.public_key(), message, signature).has_value());
    const auto bit = *rc::gen::inRange<std::size_t>(0, 512);
    Ed25519Signature changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    RC_ASSERT(!verify_ed25519(key.public_key(), message, changed).has_value());
    RC_ASSERT(!verify_ed25519(key.public_key(), concat(message, as_bytes("x")), signature));
}

}  // namespace
}  // namespace latchkey::core::crypto
