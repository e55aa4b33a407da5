// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rlp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::rlp {
namespace {

using core::ErrorCode;
using testing::hex;

Item item_of(const boost::json::value& value) {
    if (value.is_string()) {
        return Item::bytes(hex(testing::text(value)));
    }
    std::vector<Item> items;
    for (const auto& one : value.as_array()) {
        items.push_back(item_of(one));
    }
    return Item::list(std::move(items));
}

Item text(std::string_view letters) {
    return Item::bytes(core::as_bytes(letters));
}

// The examples of the Ethereum documentation's page on RLP.
TEST(Rlp, examples) {
    const auto encoded = [](const Item& item) { return core::encode_hex(encode(item)); };
    EXPECT_EQ(encoded(text("dog")), "83646f67");
    EXPECT_EQ(encoded(Item::list({text("cat"), text("dog")})), "c88363617483646f67");
    EXPECT_EQ(encoded(text("")), "80");
    EXPECT_EQ(encoded(Item::list({})), "c0");
    EXPECT_EQ(encoded(Item::number(Uint256())), "80");
    EXPECT_EQ(encoded(Item::bytes(Bytes{0})), "00");
    EXPECT_EQ(encoded(Item::number(Uint256(15))), "0f");
    EXPECT_EQ(encoded(Item::number(Uint256(1024))), "820400");
    const Item none = Item::list({});
    const Item one = Item::list({none});
    EXPECT_EQ(encoded(Item::list({none, one, Item::list({none, one})})), "c7c0c1c0c3c0c1c0");
    EXPECT_EQ(
        encoded(text("Lorem ipsum dolor sit amet, consectetur adipisicing elit")),
        "b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164"
        "6970697369"
        "63696e6720656c6974");
}

TEST(Rlp, agrees_with_viem) {
    for (const auto& one : testing::viem_cases("rlp")) {
        const Item item = item_of(one.at("value"));
        EXPECT_EQ(core::encode_hex_prefixed(encode(item)), testing::text(one.at("encoded")));
        EXPECT_EQ(decode(hex(testing::text(one.at("encoded")))).value(), item);
    }
}

TEST(Rlp, other_encodings_are_refused) {
    struct Case {
        std::string_view bytes;
        ErrorCode error;
    };
    for (const Case& one : {
             Case{"0x", ErrorCode::kUnexpectedEnd},
             Case{"0x81", ErrorCode::kUnexpectedEnd},
             Case{"0x8100", ErrorCode::kNonCanonical},
             Case{"0x817f", ErrorCode::kNonCanonical},
             Case{"0xb80161", ErrorCode::kNonCanonical},
             Case{"0xb7", ErrorCode::kUnexpectedEnd},
             Case{"0xb80038", ErrorCode::kNonCanonical},
             Case{"0xb90037", ErrorCode::kNonCanonical},
             Case{"0xbfffffffffffffffff", ErrorCode::kUnexpectedEnd},
             Case{"0xffffffffffffffffff", ErrorCode::kUnexpectedEnd},
             Case{"0xf800", ErrorCode::kNonCanonical},
             Case{"0xf7", ErrorCode::kUnexpectedEnd},
             Case{"0xc181", ErrorCode::kUnexpectedEnd},
             Case{"0xc0c0", ErrorCode::kTrailingBytes},
             Case{"0x0000", ErrorCode::kTrailingBytes},
             Case{"0xc28100", ErrorCode::kNonCanonical},
         }) {
        EXPECT_ERROR(one.error, decode(hex(one.bytes))) << one.bytes;
    }
    EXPECT_OK(decode(hex("0x8180")));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode(Bytes(kInputBytesMax + 1)));
}

TEST(Rlp, depth_is_bounded) {
    Item deep = Item::list({});
    for (std::size_t i = 1; i < kDepthMax; ++i) {
        deep = Item::list({deep});
    }
    EXPECT_EQ(decode(encode(deep)).value(), deep);
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode(encode(Item::list({deep}))));
}

TEST(Rlp, members_have_the_form_that_is_asked_for) {
    const Item list = Item::list({Item::number(Uint256(5))});
    EXPECT_OK(members(list, 1, "x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, members(list, 2, "x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, members(text("a"), "x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, to_bytes(list, "x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, to_number(list, "x"));
    EXPECT_ERROR(ErrorCode::kNonCanonical, to_number(Item::bytes(Bytes{0, 1}), "x"));
    EXPECT_ERROR(ErrorCode::kNonCanonical, to_number(Item::bytes(Bytes{0}), "x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, to_number(Item::bytes(Bytes(33, 1)), "x"));
    EXPECT_ERROR(ErrorCode::kOutOfRange, to_u64(Item::bytes(Bytes(9, 1)), "x"));
    EXPECT_EQ(to_u64(list.items()[0], "x").value(), 5U);
    EXPECT_ERROR(ErrorCode::kInvalidLength, to_fixed<Hash32>(Item::bytes(Bytes(31)), "x"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, to_fixed<Hash32>(list, "x"));
}

RC_GTEST_PROP(Rlp, what_decodes_encodes_to_the_same_bytes, (Bytes bytes)) {
    if (const auto item = decode(bytes)) {
        RC_ASSERT(encode(*item) == bytes);
    }
}

}  // namespace
}  // namespace latchkey::evm::rlp
