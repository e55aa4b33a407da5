// SPDX-License-Identifier: Apache-2.0
// What counts as a key, against OpenSSL and libsodium.
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include <algorithm>
#include <memory>
#include <random>

#include "core/authorization/configuration.hpp"
#include "core/authorization/p256_curve.hpp"
#include "core/base/bytes.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core {
namespace {

/// Points of P-256 by OpenSSL.
class P256CurveTest : public ::testing::Test {
  protected:
    P256CurveTest()
        : group_(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), EC_GROUP_free),
          point_(EC_POINT_new(group_.get()), EC_POINT_free),
          context_(BN_CTX_new(), BN_CTX_free) {}

    /// x and y, 32 bytes each, of a multiple of the generator.
    std::pair<Bytes, Bytes> multiple(const Bytes& scalar) {
        const std::unique_ptr<BIGNUM, decltype(&BN_free)> k(
            BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr), BN_free);
        EXPECT_EQ(
            EC_POINT_mul(group_.get(), point_.get(), k.get(), nullptr, nullptr, context_.get()), 1);
        std::uint8_t bytes[65];
        EXPECT_EQ(EC_POINT_point2oct(group_.get(), point_.get(), POINT_CONVERSION_UNCOMPRESSED,
                                     bytes, sizeof bytes, context_.get()),
                  sizeof bytes);
        return {Bytes(bytes + 1, bytes + 33), Bytes(bytes + 33, bytes + 65)};
    }
    /// What OpenSSL says of the coordinates.
    bool is_on_curve(const Bytes& x, const Bytes& y) {
        const Bytes point = concat(Bytes{4}, x, y);
        return EC_POINT_oct2point(group_.get(), point_.get(), point.data(), point.size(),
                                  context_.get()) == 1;
    }
    static bool ours(const Bytes& x, const Bytes& y) {
        const Bytes key = concat(Bytes{static_cast<std::uint8_t>(2 + (y[31] & 1))}, x);
        return is_on_p256(key.data(), y.data());
    }

    std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group_;
    std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> point_;
    std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context_;
    std::mt19937_64 random_{20270115};

    Bytes random_bytes() {
        Bytes out(32);
        std::generate(out.begin(), out.end(), [&] { return static_cast<std::uint8_t>(random_()); });
        return out;
    }
};

TEST_F(P256CurveTest, Multiples) {
    for (std::uint8_t k = 1; k < 100; ++k) {
        const auto [x, y] = multiple({k});
        EXPECT_TRUE(ours(x, y)) << int{k};
    }
    for (int i = 0; i < 300; ++i) {
        auto [x, y] = multiple(random_bytes());
        EXPECT_TRUE(ours(x, y));
        // The parity must be the y's.
        const Bytes key = concat(Bytes{static_cast<std::uint8_t>(3 - (y[31] & 1))}, x);
        EXPECT_FALSE(is_on_p256(key.data(), y.data()));
        for (const std::uint8_t head : Bytes{0, 1, 4, 5, 6, 0x82}) {
            Bytes other = key;
            other[0] = head;
            EXPECT_FALSE(is_on_p256(other.data(), y.data()));
        }
        // One bit off is off the curve.
        Bytes& changed = i % 2 == 0 ? x : y;
        changed[static_cast<std::size_t>(i) % 31] ^= static_cast<std::uint8_t>(1 << i % 8);
        EXPECT_EQ(ours(x, y), is_on_curve(x, y));
    }
}

TEST_F(P256CurveTest, CoordinatesAtTheEdges) {
    const auto hex = [](std::string_view text) { return decode_hex(text).value(); };
    const Bytes prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    const std::vector<Bytes> edges = {
        Bytes(32), Bytes(32, 0xff), prime,
        hex("ffffffff00000001000000000000000000000000fffffffffffffffffffffffe"),
        hex("ffffffff00000001000000000000000000000001000000000000000000000000"),
        hex("0000000000000000000000000000000000000000000000000000000000000001"),
        hex("00000000fffffffeffffffffffffffffffffffff000000000000000000000001"),
        hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
        // sqrt(b): (0, y) is on the curve.
        hex("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4")};
    bool any = false;
    for (const Bytes& x : edges) {
        for (const Bytes& y : edges) {
            EXPECT_EQ(ours(x, y), is_on_curve(x, y)) << encode_hex(x) << ' ' << encode_hex(y);
            any |= ours(x, y);
        }
    }
    EXPECT_TRUE(any);
}

TEST_F(P256CurveTest, RandomCoordinates) {
    for (int i = 0; i < 3000; ++i) {
        const Bytes x = random_bytes();
        const Bytes y = random_bytes();
        EXPECT_EQ(ours(x, y), is_on_curve(x, y));
    }
}

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
