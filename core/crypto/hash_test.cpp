// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/hash.hpp"

#include <cryptopp/keccak.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/crypto/keccak256.hpp"
#include "core/crypto/sha256_freestanding.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core::crypto {
namespace {

std::string hex(const Hash32& hash) {
    return encode_hex(hash.view());
}

// FIPS 180-4 example values (NIST "SHA256.pdf" and the CAVP byte vectors).
TEST(Sha256, published_vectors) {
    EXPECT_EQ(hex(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hex(sha256(ByteView())),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256(Bytes(1'000'000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Ethereum's constants: the hash of nothing (yellow paper KEC(())), of RLP's empty string, of
// "abc", and the selector of transfer(address,uint256).
TEST(Keccak256, published_vectors) {
    EXPECT_EQ(hex(keccak256(ByteView())),
              "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(hex(keccak256(Bytes{0x80})),
              "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    EXPECT_EQ(hex(keccak256(as_bytes("abc"))),
              "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(hex(keccak256(as_bytes("transfer(address,uint256)"))).substr(0, 8), "a9059cbb");
}

Hash32 keccak256_by_cryptopp(ByteView bytes) {
    CryptoPP::Keccak_256 oracle;
    oracle.Update(bytes.data(), bytes.size());
    Hash32 hash;
    oracle.Final(hash.data());
    return hash;
}

Hash32 sha256_freestanding(ByteView bytes) {
    const ByteSlice slice = {bytes.data(), bytes.size()};
    Hash32 hash;
    sha256_slices(&slice, 1, hash.data());
    return hash;
}

// Every length around the block borders of both functions.
TEST(Hash, all_lengths_agree_with_the_oracles) {
    Bytes bytes;
    for (std::size_t length = 0; length <= 3 * kKeccak256Rate + 1; ++length) {
        ASSERT_EQ(keccak256(bytes), keccak256_by_cryptopp(bytes)) << length;
        ASSERT_EQ(sha256_freestanding(bytes), sha256(bytes)) << length;
        bytes.push_back(static_cast<std::uint8_t>(length * 7 + 3));
    }
}

RC_GTEST_PROP(Hash, any_split_gives_the_same_hash, (const std::vector<Bytes>& parts)) {
    Bytes whole;
    std::vector<ByteView> views;
    std::vector<ByteSlice> slices;
    for (const Bytes& part : parts) {
        append(whole, part);
        views.emplace_back(part);
        slices.push_back({part.data(), part.size()});
    }
    RC_ASSERT(sha256(views) == sha256(whole));
    RC_ASSERT(keccak256(views) == keccak256_by_cryptopp(whole));
    Hash32 hash;
    sha256_slices(slices.data(), slices.size(), hash.data());
    RC_ASSERT(hash == sha256(whole));
    keccak256_slices(slices.data(), slices.size(), hash.data());
    RC_ASSERT(hash == keccak256(whole));
}

}  // namespace
}  // namespace latchkey::core::crypto
