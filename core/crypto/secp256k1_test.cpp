// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/secp256k1.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/crypto/ecdsa_der.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/scalar.hpp"
#include "core/crypto/wycheproof_testing.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core::crypto {
namespace {

// SEC 2: the order n.
constexpr std::string_view kOrder =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

Bytes unhex(std::string_view text) {
    return decode_hex(text).value();
}

Secp256k1PrivateKey private_key(ByteView scalar) {
    return *Secp256k1PrivateKey::from_scalar(*Secret<32>::copy_of(scalar), Secret<32>());
}

Secp256k1Signature raw_signature(std::string_view r, std::string_view s) {
    return Secp256k1Signature::from(ByteView(concat(unhex(r), unhex(s)))).value();
}

Secp256k1Signature other_half(const Secp256k1Signature& signature) {
    const Bytes order = unhex(kOrder);
    Scalar s{};
    subtract(load_scalar(std::span<const std::uint8_t, 32>(order)),
             load_scalar(signature.view().last<32>()), s);
    Secp256k1Signature out = signature;
    store_scalar(out.span().last<32>(), s);
    return out;
}

// The test vectors of Bitcoin libraries for RFC 6979 over secp256k1 with SHA-256, first row.
TEST(Secp256k1, deterministic_signature) {
    const auto key = private_key(unhex(std::string(63, '0') + "1"));
    const auto made = key.sign(sha256(as_bytes("Satoshi Nakamoto")));
    ASSERT_OK(made);
    EXPECT_EQ(encode_hex(made->signature.view()),
              "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
              "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
}

// The example of web3.js's accounts.sign documentation.
TEST(Secp256k1, ethereum_personal_message) {
    const auto key =
        private_key(unhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"));
    EXPECT_EQ(checksummed_address(key.address()), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
    const Hash32 digest =
        keccak256(as_bytes("\x19"
                           "Ethereum Signed Message:\n9Some data"));
    EXPECT_EQ(encode_hex(digest.view()),
              "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
    const auto made = key.sign(digest);
    ASSERT_OK(made);
    EXPECT_EQ(encode_hex(made->signature.view()),
              "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
              "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029");
    EXPECT_EQ(made->recovery_id, 0x1c - 27);
    EXPECT_EQ(recover_secp256k1(digest, *made).value(), key.public_key());
}

// The first account of the development chains anvil and hardhat (mnemonic "test test ... junk").
TEST(Secp256k1, development_account) {
    const auto key =
        private_key(unhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"));
    EXPECT_EQ(checksummed_address(key.address()), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
}

// EIP-55's own test cases.
constexpr std::string_view kChecksummed[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};

TEST(EthereumAddress, eip_55_checksums) {
    for (const std::string_view text : kChecksummed) {
        const auto address = parse_ethereum_address(text);
        ASSERT_OK(address);
        EXPECT_EQ(checksummed_address(*address), text);
        EXPECT_EQ(parse_ethereum_address(encode_hex_prefixed(address->view())).value(), *address);
    }
}

TEST(EthereumAddress, exact_errors) {
    const std::string good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    EXPECT_ERROR(ErrorCode::kNonCanonical,
                 parse_ethereum_address("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    EXPECT_ERROR(ErrorCode::kInvalidHex, parse_ethereum_address(good.substr(2)));
    EXPECT_ERROR(ErrorCode::kInvalidHex, parse_ethereum_address(good.substr(0, 41)));
    EXPECT_ERROR(ErrorCode::kInvalidLength, parse_ethereum_address(good.substr(0, 40)));
    EXPECT_ERROR(ErrorCode::kInvalidLength, parse_ethereum_address("0x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, parse_ethereum_address(good + "00"));
}

TEST(Secp256k1, border_scalars) {
    const Secret<32> blinding;
    for (const std::string& text :
         {std::string(64, '0'), std::string(kOrder), std::string(64, 'f')}) {
        EXPECT_ERROR(ErrorCode::kInvalidPrivateKey,
                     Secp256k1PrivateKey::from_scalar(*Secret<32>::copy_of(unhex(text)), blinding));
    }
}

TEST(Secp256k1, border_signature_values) {
    const auto key = private_key(unhex(std::string(63, '0') + "1"));
    const Hash32 digest = sha256(as_bytes("x"));
    const std::string zero(64, '0');
    const std::string one = std::string(63, '0') + "1";
    const auto verify = [&](std::string_view r, std::string_view s) {
        return verify_secp256k1(key.public_key(), digest, raw_signature(r, s));
    };
    EXPECT_ERROR(ErrorCode::kMalformedSignature, verify(zero, one));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, verify(one, zero));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, verify(kOrder, one));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, verify(one, kOrder));
    EXPECT_ERROR(ErrorCode::kInvalidSignature,
                 verify(one, "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"));
    EXPECT_ERROR(ErrorCode::kSignatureNotLowS,
                 verify(one, "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"));
}

TEST(Secp256k1, refuses_what_is_not_a_point) {
    const auto key = private_key(unhex(std::string(63, '0') + "1")).public_key();
    const Bytes good = to_bytes(decompress_secp256k1(key).value().view());
    ASSERT_EQ(parse_secp256k1_public_key(good).value(), key);
    Bytes off_curve = good;
    off_curve[64] ^= 1;
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_secp256k1_public_key(off_curve));
    // 6 and 7 are the hybrid forms, which libsecp256k1 itself would take.
    for (const std::uint8_t form : std::to_array<std::uint8_t>({0, 2, 3, 5, 6, 7})) {
        Bytes other = good;
        other[0] = form;
        EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_secp256k1_public_key(other)) << int{form};
    }
    EXPECT_ERROR(ErrorCode::kInvalidLength, parse_secp256k1_public_key(Bytes(64, 4)));
    EXPECT_ERROR(ErrorCode::kInvalidPublicKey, parse_secp256k1_public_key(Bytes(33, 0)));
}

TEST(Secp256k1, wycheproof_raw_signatures) {
    const auto tests = testing::load_wycheproof("secp256k1_raw");
    ASSERT_EQ(tests.size(), 252U);
    std::size_t accepted = 0;
    for (const auto& test : tests) {
        const auto key = parse_secp256k1_public_key(test.public_key);
        ASSERT_OK(key);
        const auto signature = Secp256k1Signature::from(ByteView(test.signature));
        if (!signature.has_value()) {
            EXPECT_FALSE(test.valid) << test.name();
            continue;
        }
        auto verdict = verify_secp256k1(*key, sha256(test.message), *signature);
        if (!verdict && verdict.error().code == ErrorCode::kSignatureNotLowS) {
            verdict = verify_secp256k1(*key, sha256(test.message), other_half(*signature));
        }
        EXPECT_EQ(verdict.has_value(), test.valid) << test.name();
        accepted += verdict.has_value();
    }
    EXPECT_GT(accepted, 100U);
}

// Bitcoin's rules are ours: strict DER and low s.
TEST(Secp256k1, wycheproof_bitcoin_signatures) {
    const auto tests = testing::load_wycheproof("secp256k1_der");
    ASSERT_EQ(tests.size(), 463U);
    for (const auto& test : tests) {
        const auto key = parse_secp256k1_public_key(test.public_key);
        ASSERT_OK(key);
        const auto raw = ecdsa_signature_from_der(test.signature);
        const bool valid =
            raw &&
            verify_secp256k1(*key, sha256(test.message), Secp256k1Signature(*raw)).has_value();
        EXPECT_EQ(valid, test.valid) << test.name();
    }
}

RC_GTEST_PROP(Secp256k1, signatures_verify_recover_and_no_changed_bit_does, (const Bytes& seed)) {
    const auto key = private_key(sha256(seed).view());
    const Hash32 digest = keccak256(seed);
    const RecoverableSignature made = key.sign(digest).value();
    RC_ASSERT(verify_secp256k1(key.public_key(), digest, made.signature).has_value());
    RC_ASSERT(recover_secp256k1(digest, made).value() == key.public_key());
    RC_ASSERT(verify_secp256k1(key.public_key(), digest, other_half(made.signature)).error().code ==
              ErrorCode::kSignatureNotLowS);
    const auto bit = *rc::gen::inRange<std::size_t>(0, 512);
    RecoverableSignature changed = made;
    changed.signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    RC_ASSERT(!verify_secp256k1(key.public_key(), digest, changed.signature).has_value());
    const auto recovered = recover_secp256k1(digest, changed);
    RC_ASSERT(!recovered.has_value() || *recovered != key.public_key());
    changed = made;
    changed.recovery_id ^= 1;
    const auto other = recover_secp256k1(digest, changed);
    RC_ASSERT(!other.has_value() || *other != key.public_key());
}

TEST(Secp256k1, recovery_refuses_malleable_and_malformed) {
    const auto key = private_key(unhex(std::string(63, '0') + "1"));
    const Hash32 digest = sha256(as_bytes("x"));
    RecoverableSignature made = key.sign(digest).value();
    RecoverableSignature high = {other_half(made.signature),
                                 static_cast<std::uint8_t>(made.recovery_id ^ 1)};
    EXPECT_ERROR(ErrorCode::kSignatureNotLowS, recover_secp256k1(digest, high));
    made.recovery_id = 4;
    EXPECT_ERROR(ErrorCode::kMalformedSignature, recover_secp256k1(digest, made));
}

TEST(Secp256k1, signatures_from_outside_are_normalised) {
    const auto key = private_key(unhex(std::string(63, '0') + "1"));
    const Secp256k1Signature low = key.sign(sha256(as_bytes("x")))->signature;
    const Secp256k1Signature high = other_half(low);
    EXPECT_EQ(mirrored(low), high);
    EXPECT_EQ(mirrored(high), low);
    EXPECT_EQ(normalize_secp256k1_signature(low.view()).value(), low);
    EXPECT_EQ(normalize_secp256k1_signature(high.view()).value(), low);
    EXPECT_EQ(secp256k1_signature_from_der(ecdsa_signature_to_der(high.view())).value(), low);
    EXPECT_ERROR(ErrorCode::kInvalidLength, normalize_secp256k1_signature(Bytes(65, 1)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, normalize_secp256k1_signature(Bytes(64, 0)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, normalize_secp256k1_signature(Bytes(64, 0xff)));
    EXPECT_ERROR(ErrorCode::kMalformedSignature, secp256k1_signature_from_der(Bytes(64, 0)));
}

// Blinding hides the computation, not the result.
TEST(Secp256k1, blinding_changes_no_signature) {
    const auto scalar = Secret<32>::copy_of(sha256(as_bytes("key")).view());
    const auto blinding = Secret<32>::copy_of(sha256(as_bytes("blinding")).view());
    const Hash32 digest = sha256(as_bytes("x"));
    EXPECT_EQ(Secp256k1PrivateKey::from_scalar(*scalar, *blinding)->sign(digest).value(),
              Secp256k1PrivateKey::from_scalar(*scalar, Secret<32>())->sign(digest).value());
}

}  // namespace
}  // namespace latchkey::core::crypto
