// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/uint256.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::evm {
namespace {

using core::ErrorCode;

/// 2^256 - 1, from the yellow paper's range of words.
constexpr std::string_view kMaxDecimal =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935";

Uint256 random_number() {
    auto bytes = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
    bytes.resize(std::min<std::size_t>(bytes.size(), 32));
    return Uint256::from_big_endian(bytes).value();
}

TEST(Uint256, decimal_text) {
    EXPECT_EQ(Uint256().to_decimal(), "0");
    EXPECT_EQ(Uint256(1234567890123456789U).to_decimal(), "1234567890123456789");
    EXPECT_EQ(Uint256::max().to_decimal(), kMaxDecimal);
    EXPECT_EQ(Uint256::parse_decimal(kMaxDecimal).value(), Uint256::max());
    EXPECT_EQ(Uint256::parse_decimal("0").value(), Uint256());
    for (const std::string_view text : {"", "-1", "+1", "01", "00", "1 ", "1_000", "0x1", "1e3"}) {
        EXPECT_ERROR(ErrorCode::kNonCanonical, Uint256::parse_decimal(text)) << text;
    }
    EXPECT_ERROR(ErrorCode::kOverflow,
                 Uint256::parse_decimal("1157920892373161954235709850086879078532699846656405640394"
                                        "57584007913129639936"));
    EXPECT_ERROR(ErrorCode::kOverflow, Uint256::parse_decimal(std::string(1000, '9')));
}

TEST(Uint256, quantity_text) {
    EXPECT_EQ(Uint256().to_quantity(), "0x0");
    EXPECT_EQ(Uint256(1024).to_quantity(), "0x400");
    EXPECT_EQ(Uint256::max().to_quantity(), "0x" + std::string(64, 'f'));
    EXPECT_EQ(Uint256::parse_quantity("0x41").value(), Uint256(65));
    EXPECT_EQ(Uint256::parse_quantity("0xaBc").value(), Uint256(2748));
    EXPECT_EQ(Uint256::parse_quantity("0x0").value(), Uint256());
    EXPECT_EQ(Uint256::parse_quantity("0x" + std::string(64, 'F')).value(), Uint256::max());
    // The wrong examples of the JSON-RPC specification, "Hex value encoding".
    EXPECT_ERROR(ErrorCode::kInvalidHex, Uint256::parse_quantity("0x"));
    EXPECT_ERROR(ErrorCode::kNonCanonical, Uint256::parse_quantity("0x0400"));
    EXPECT_ERROR(ErrorCode::kInvalidHex, Uint256::parse_quantity("ff"));
    EXPECT_ERROR(ErrorCode::kInvalidHex, Uint256::parse_quantity("0xg"));
    EXPECT_ERROR(ErrorCode::kInvalidHex, Uint256::parse_quantity("0X1"));
    EXPECT_ERROR(ErrorCode::kOverflow, Uint256::parse_quantity("0x1" + std::string(64, '0')));
}

TEST(Uint256, bytes) {
    EXPECT_TRUE(Uint256().to_minimal_big_endian().empty());
    EXPECT_EQ(Uint256(0x0102).to_minimal_big_endian(), (Bytes{1, 2}));
    const Bytes padded{0, 0, 7};
    EXPECT_EQ(Uint256::from_big_endian(padded).value(), Uint256(7));
    EXPECT_ERROR(ErrorCode::kInvalidLength, Uint256::from_big_endian(Bytes(33)));
    EXPECT_EQ(Uint256::max().to_u64(), std::nullopt);
    EXPECT_EQ(Uint256(~std::uint64_t{0}).to_u64(), ~std::uint64_t{0});
    EXPECT_EQ(Uint256().bit_length(), 0U);
    EXPECT_EQ(Uint256(255).bit_length(), 8U);
    EXPECT_EQ(Uint256::max().bit_length(), 256U);
}

TEST(Uint256, arithmetic_says_when_it_overflows) {
    EXPECT_ERROR(ErrorCode::kOverflow, add(Uint256::max(), Uint256(1)));
    EXPECT_ERROR(ErrorCode::kOverflow, subtract(Uint256(1), Uint256(2)));
    EXPECT_ERROR(ErrorCode::kOverflow, multiply(Uint256::max(), Uint256(2)));
    EXPECT_ERROR(ErrorCode::kOverflow, scale_up(Uint256::max(), 3, 2));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, scale_up(Uint256(1), 1, 0));
    EXPECT_EQ(scale_up(Uint256::max(), 7, 7).value(), Uint256::max());
    EXPECT_EQ(scale_up(Uint256(8), 9, 8).value(), Uint256(9));
    EXPECT_EQ(scale_up(Uint256(1), 9, 8).value(), Uint256(2));
    EXPECT_EQ(subtract(Uint256::max(), Uint256::max()).value(), Uint256());
    // 0xffffffff00000000 - 1 borrows through a whole limb.
    EXPECT_EQ(subtract(Uint256(std::uint64_t{1} << 32), Uint256(1)).value(), Uint256(0xffffffff));
}

RC_GTEST_PROP(Uint256, texts_and_bytes_come_back, ()) {
    const Uint256 value = random_number();
    RC_ASSERT(Uint256::parse_decimal(value.to_decimal()).value() == value);
    RC_ASSERT(Uint256::parse_quantity(value.to_quantity()).value() == value);
    RC_ASSERT(Uint256::from_big_endian(value.to_minimal_big_endian()).value() == value);
    RC_ASSERT(Uint256::from_word(value.to_word()) == value);
}

RC_GTEST_PROP(Uint256, sums_products_and_order_agree, ()) {
    const Uint256 a = random_number();
    const Uint256 b = random_number();
    if (const auto sum = add(a, b)) {
        RC_ASSERT(*sum >= a && *sum >= b);
        RC_ASSERT(subtract(*sum, b).value() == a);
    } else {
        RC_ASSERT(subtract(Uint256::max(), a).value() < b);
    }
    const auto small = *rc::gen::arbitrary<std::uint32_t>();
    const auto product = multiply(a, Uint256(small));
    const bool is_commutative = product == multiply(Uint256(small), a);
    RC_ASSERT(is_commutative);
    RC_ASSERT(product.has_value() == scale_up(a, small, 1).has_value());
    if (product && small != 0) {
        RC_ASSERT(*product == *scale_up(a, small, 1));
        RC_ASSERT(scale_up(*product, 1, small).value() == a);
    }
}

RC_GTEST_PROP(Uint256, agrees_with_128_bit_arithmetic, ()) {
    __extension__ using Wide = unsigned __int128;
    const auto a = *rc::gen::arbitrary<std::uint64_t>();
    const auto b = *rc::gen::arbitrary<std::uint64_t>();
    const Wide product = Wide{a} * b;
    const Hash32 word = multiply(Uint256(a), Uint256(b)).value().to_word();
    for (std::size_t i = 0; i < 16; ++i) {
        RC_ASSERT(word[31 - i] == static_cast<std::uint8_t>(product >> 8 * i));
    }
}

}  // namespace
}  // namespace latchkey::evm
