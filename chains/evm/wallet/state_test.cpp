// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/state.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::ErrorCode;
using core::testing::filled;
using core::testing::unhex_as;

Hash32 keccak(ByteView bytes) {
    return core::crypto::keccak256(bytes);
}

TEST(State, HotWordIsThatOfTheSpecification) {
    const HotWord word{.sequence = 0x0102030405060708,
                       .number = 0x11121314,
                       .local_version = 0x21222324,
                       .is_configured = true,
                       .is_upgraded = false,
                       .was_frozen = true,
                       .is_adopted = false,
                       .frozen_until = 0x3132333435,
                       .local_rules = 0x41,
                       .recovery_records = 0x5152};
    EXPECT_EQ(core::encode_hex(encode(word)),
              "00000000000000"
              "5152"
              "41"
              "3132333435"
              "05"
              "21222324"
              "11121314"
              "0102030405060708");
    EXPECT_EQ(decode_hot_word(encode(word)), word);
    EXPECT_EQ(decode_hot_word(Hash32()), HotWord());
    for (const std::size_t byte : {0U, 6U}) {
        Hash32 other = encode(word);
        other[byte] = 1;
        EXPECT_ERROR(ErrorCode::kNonCanonical, decode_hot_word(other));
    }
    Hash32 other = encode(word);
    other[15] |= 0x10;
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_hot_word(other));
}

TEST(State, RecordIsThatOfTheSpecification) {
    core::model::Record record;
    record.epoch = 0x01020304;
    record.action = 4;
    record.cancels = 2;
    record.tie = true;
    record.earliest = 0x11121314;
    record.cancels_since = 0x21222324;
    record.frozen_at = 0x31323334;
    EXPECT_EQ(core::encode_hex(encode_record(record)),
              "00000000000000000000"
              "0031323334"
              "0021222324"
              "0011121314"
              "01"
              "02"
              "04"
              "01020304");
    EXPECT_EQ(decode_record(encode_record(record)), record);
    Hash32 other = encode_record(record);
    other[0] = 1;
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_record(other));
    other = encode_record(record);
    other[25] |= 4;
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_record(other));
    // The year 2106 is not the end of the chain, but it is of this library.
    other = encode_record(record);
    other[20] = 1;
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_record(other));
}

TEST(State, Counters) {
    const core::model::Counter counter{0x0102, 0x0304};
    EXPECT_EQ(core::encode_hex(encode(counter)),
              "0000000000000000"
              "0000000000000102"
              "0000000000000304"
              "0000000000000000");
    EXPECT_EQ(decode_counter(encode(counter)), counter);
    const SessionWord session{9, counter};
    EXPECT_EQ(core::encode_hex(encode(session)),
              "8000000000000000"
              "0000000000000102"
              "0000000000000304"
              "0000000000000009");
    EXPECT_EQ(decode_session_word(encode(session)), session);
    EXPECT_EQ(decode_session_word(Hash32()), SessionWord());
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_counter(encode(session)));
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_session_word(encode(counter)));
}

TEST(State, LocalListCountsAndOrders) {
    const auto one = filled<core::LocalRuleId>(1);
    const auto two = filled<core::LocalRuleId>(2);
    EXPECT_TRUE(local_list_word({}).is_zero());
    const Hash32 word = local_list_word(std::vector{one, two});
    EXPECT_EQ(word[31], 2);
    EXPECT_TRUE(
        core::equal(ByteView(word).first(31), ByteView(keccak(core::concat(one, two))).first(31)));
    EXPECT_NE(local_list_word(std::vector{two, one}), word);
}

TEST(State, SlotsAreThoseOfErc7201) {
    Hash32 namespace_hash = keccak(core::as_bytes("latchkey.wallet.1"));
    const auto less = subtract(Uint256::from_word(namespace_hash), Uint256(1));
    Hash32 base = keccak(less->to_word());
    base[31] = 0;
    EXPECT_EQ(hot_slot(), base);
    const auto at = [&](std::uint8_t place) {
        Hash32 out = base;
        out[31] = place;
        return out;
    };
    EXPECT_EQ(configuration_slot(), at(1));
    EXPECT_EQ(implementation_slot(), at(2));
    const auto rule = filled<core::RuleId>(7);
    const auto mapped = [&](std::uint8_t place) { return keccak(core::concat(rule, at(place))); };
    EXPECT_EQ(local_list_slot(rule), mapped(3));
    EXPECT_EQ(counter_slot(rule, 0), mapped(4));
    EXPECT_EQ(Uint256::from_word(counter_slot(rule, 3)),
              *add(Uint256::from_word(mapped(4)), Uint256(3)));
    EXPECT_EQ(record_slot(rule), mapped(5));
    EXPECT_EQ(recovery_record_slot(2), keccak(core::concat(Uint256(0x82).to_word(), at(5))));
    EXPECT_EQ(nonce_slot(5), keccak(core::concat(Uint256(5).to_word(), at(6))));
    EXPECT_EQ(counter_slot(filled<core::LocalRuleId>(0xff), 1), Hash32());
    EXPECT_EQ(digest_slot(unhex_as<Hash32>(std::string(62, '0') + "ff")),
              unhex_as<Hash32>(std::string(60, '0') + "0100"));
}

}  // namespace
}  // namespace latchkey::evm::wallet
