// SPDX-License-Identifier: Apache-2.0
// What counts as an ed25519 key, against libsodium.
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <random>

#include "core/base/bytes.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core {
namespace {

TEST(SmallOrderTest, ListIsLibsodiums) {
    ASSERT_GE(sodium_init(), 0);
    // Every y that libsodium's own list holds: multiples of a point of order 8 (ref10), found by
    // asking which y make core_ed25519_is_valid_point fail although they are points.
    const auto is_listed = [](const Bytes& key) {
        return crypto::has_small_order_ed25519(std::span<const std::uint8_t, 32>(key.data(), 32));
    };
    std::vector<Bytes> small;
    for (const char* const text :
         {"0000000000000000000000000000000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000000000000000000000000000",
          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        Bytes key = decode_hex(text).value();
        for (const std::uint8_t sign : Bytes{0x00, 0x80}) {
            key[31] = static_cast<std::uint8_t>((key[31] & 0x7f) | sign);
            EXPECT_TRUE(is_listed(key)) << text;
            // libsodium refuses a small-order point in a multiplication.
            std::uint8_t out[32];
            Bytes scalar(32, 1);
            EXPECT_NE(crypto_scalarmult_ed25519_noclamp(out, scalar.data(), key.data()), 0) << text;
        }
    }
    std::mt19937_64 random(7);
    for (int i = 0; i < 1000; ++i) {
        std::uint8_t seed[32];
        for (std::uint8_t& byte : seed) {
            byte = static_cast<std::uint8_t>(random());
        }
        std::uint8_t key[32];
        std::uint8_t secret[64];
        crypto_sign_seed_keypair(key, secret, seed);
        EXPECT_FALSE(is_listed(Bytes(key, key + 32)));
        ASSERT_EQ(crypto_core_ed25519_is_valid_point(key), 1);
    }
}

TEST(SmallOrderTest, MultiplesOfATorsionPointAreListed) {
    // A point of order 8 and its multiples: adding it to itself walks the whole subgroup.
    Bytes generator =
        decode_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").value();
    std::uint8_t sum[32];
    std::copy(generator.begin(), generator.end(), sum);
    int steps = 0;
    do {
        EXPECT_TRUE(crypto::has_small_order_ed25519(sum)) << steps;
        std::uint8_t next[32];
        ASSERT_EQ(crypto_core_ed25519_add(next, sum, generator.data()), 0);
        std::copy(next, next + 32, sum);
        ++steps;
    } while (!std::equal(sum, sum + 32, generator.begin()));
    EXPECT_EQ(steps, 8);
}

}  // namespace
}  // namespace latchkey::core
