// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "chains/solana/layout/holed_genesis.hpp"
#include "chains/solana/layout/lane_account.hpp"
#include "chains/solana/layout/state.hpp"
#include "core/base/result_testing.hpp"

// The expected bytes here are written by hand from docs/spec/solana.md, sections 2 and 3.
namespace latchkey::solana {
namespace {

using core::concat;
using core::ErrorCode;
using core::Hash32;

Bytes filled(std::size_t size, std::uint8_t value) {
    return Bytes(size, value);
}

Hash32 hash_of(std::uint8_t value) {
    return *Hash32::from(ByteView(filled(32, value)));
}

/// One target (no prefix) and one limit.
Bytes limited_rule(std::uint8_t actions) {
    return concat(Bytes{actions, 0x60, 1}, filled(32, 0x01), Bytes{0}, Bytes{1}, filled(32, 0x00),
                  filled(20, 0x10));
}

/// One ed25519 key, an unlimited rule and a limited one.
Bytes shared_part() {
    return concat(Bytes{0x10, 0x10, 0x01}, filled(32, 0x0e), Bytes{0x0f, 0x00}, limited_rule(0x01));
}

Bytes local_rule() {
    return concat(Bytes{0x00, 0x01}, filled(32, 0x0c), limited_rule(0x01));
}

StateAccount example_state() {
    StateAccount state;
    state.sequence = 2;
    state.local_version = 5;
    state.config_id = hash_of(0xcc);
    state.nonces = {1, 2, 3, 0x0400};
    state.shared = shared_part();
    state.counters = {{7, 8}};
    state.slots = {std::nullopt, LocalSlot{.granting_rule = 1,
                                           .version = 4,
                                           .local_rule_id = hash_of(0xdd),
                                           .counters = {{9, 10}},
                                           .local_rule = local_rule()}};
    state.spare_bytes = 3;
    return state;
}

/// The same, frozen, with two records: rule 1 waits to grant, and one of the recovery part froze.
StateAccount waiting_state() {
    StateAccount state = example_state();
    state.was_frozen = true;
    state.records = {RuleRecord{.rule = 1,
                                .action = 2,
                                .cancels = 1,
                                .tie = true,
                                .guarded = true,
                                .epoch = 0x0102,
                                .earliest = 0x0304,
                                .cancels_since = 0x0506,
                                .frozen_at = 0,
                                .digest = hash_of(0xd1)},
                     RuleRecord{.rule = 0x83, .epoch = 1, .frozen_at = 0x0708}};
    return state;
}

Bytes u64(std::uint8_t low, std::uint8_t high = 0) {
    return {low, high, 0, 0, 0, 0, 0, 0};
}

Bytes example_bytes() {
    const Bytes shared = shared_part();
    const Bytes rule = local_rule();
    const auto low = [](std::size_t value) { return static_cast<std::uint8_t>(value); };
    const std::size_t local_offset = 80 + shared.size() + 16;
    const std::size_t slot = 8 + 32 + 16 + rule.size();
    return concat(Bytes{2, 1, low(shared.size()), 0, low(local_offset), low(local_offset >> 8), 2,
                        0, 2, 0, 0, 0, 5, 0, 0, 0},
                  filled(32, 0xcc), u64(1), u64(2), u64(3), u64(0, 4), shared, u64(7), u64(8),
                  Bytes{8, 0, 0, 0, 0, 0, 0, 0}, Bytes{low(slot), low(slot >> 8), 1, 1, 4, 0, 0, 0},
                  filled(32, 0xdd), u64(9), u64(10), rule, filled(3, 0));
}

TEST(State, matches_the_table_of_the_specification) {
    EXPECT_EQ(*encode_state(example_state()), example_bytes());
    const auto decoded = decode_state(example_bytes());
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, example_state());
    EXPECT_TRUE(is_initialised_state(example_bytes()));
    EXPECT_FALSE(is_initialised_state({}));
    EXPECT_FALSE(is_initialised_state(filled(100, 0)));
}

Bytes waiting_bytes() {
    const Bytes plain = example_bytes();
    const std::size_t records_at = 80 + shared_part().size() + 16;
    Bytes out = concat(
        ByteView(plain).first(records_at), Bytes{1, 2, 1, 3, 0x02, 0x01, 0, 0, 0x04, 0x03, 0, 0},
        Bytes{0x06, 0x05, 0, 0, 0, 0, 0, 0}, filled(32, 0xd1), Bytes{0x83, 0, 0, 0, 1, 0, 0, 0},
        filled(8, 0), Bytes{0x08, 0x07, 0, 0}, filled(32, 0), ByteView(plain).subspan(records_at));
    out[0] = 3;
    out[7] = 2;
    const std::size_t local_offset = records_at + 104;
    out[4] = static_cast<std::uint8_t>(local_offset);
    out[5] = static_cast<std::uint8_t>(local_offset >> 8);
    return out;
}

TEST(State, records_stand_between_the_counters_and_the_slots) {
    EXPECT_EQ(*encode_state(waiting_state()), waiting_bytes());
    const auto decoded = decode_state(waiting_bytes());
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, waiting_state());
    EXPECT_TRUE(is_initialised_state(waiting_bytes()));
    EXPECT_EQ(find_record(*decoded, 0x83)->frozen_at, 0x0708U);
    EXPECT_EQ(find_record(*decoded, 3), nullptr);
}

TEST(State, frozen_for_seven_days) {
    StateAccount state = waiting_state();
    EXPECT_TRUE(is_frozen(state, 0x0708));
    EXPECT_TRUE(is_frozen(state, 0x0708 + 7 * 86400 - 1));
    EXPECT_FALSE(is_frozen(state, 0x0708 + 7 * 86400));
    state.was_frozen = false;
    EXPECT_FALSE(is_frozen(state, 0x0708));
}

TEST(State, refuses_malformed_records) {
    const std::size_t records_at = 80 + shared_part().size() + 16;
    const auto changed = [](std::size_t at, std::uint8_t value) {
        Bytes out = waiting_bytes();
        out[at] = value;
        return decode_state(out);
    };
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 4));
    EXPECT_ERROR(ErrorCode::kOutOfRange, changed(7, 33));
    EXPECT_ERROR(ErrorCode::kNonCanonical, changed(7, 1));
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(records_at, 0x11));
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(records_at + 3, 4));
    EXPECT_ERROR(ErrorCode::kNonCanonical, changed(records_at, 0x83));
    StateAccount state = waiting_state();
    state.records.resize(33);
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_state(state));
}

TEST(State, sizes) {
    // 80 bytes, the shared part and 16 bytes for its one limit.
    EXPECT_EQ(*new_state_size(shared_part()), 80 + shared_part().size() + 16);
    EXPECT_EQ(*local_slot_size(local_rule()), 8 + 32 + 16 + local_rule().size());
    EXPECT_ERROR(ErrorCode::kTrailingBytes, new_state_size(concat(shared_part(), Bytes{1})));
    EXPECT_ERROR(ErrorCode::kUnsupported, local_slot_size(Bytes{0x10}));
}

TEST(State, refuses_malformed_accounts) {
    const auto changed = [](std::size_t at, std::uint8_t value) {
        Bytes out = example_bytes();
        out[at] = value;
        return decode_state(out);
    };
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_state({}));
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 1));
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(1, 2));
    // A record would take bytes of the slots.
    EXPECT_ERROR(ErrorCode::kNonCanonical, changed(7, 1));
    EXPECT_ERROR(ErrorCode::kOutOfRange, changed(6, 17));
    EXPECT_ERROR(ErrorCode::kNonCanonical, changed(4, 0));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, changed(2, 10));
    EXPECT_ERROR(ErrorCode::kTrailingBytes, changed(2, 255));
    const std::size_t slots = 80 + shared_part().size() + 16;
    EXPECT_ERROR(ErrorCode::kNonCanonical, changed(slots, 7));
    EXPECT_ERROR(ErrorCode::kNonCanonical, changed(slots + 3, 1));
    // Without its counter the slot's rule would begin with the counter's bytes.
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(slots + 8 + 3, 0));
    const Bytes whole = example_bytes();
    for (std::size_t size = 0; size < whole.size() - 3; ++size) {
        EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_state(ByteView(whole).first(size))) << size;
    }
}

TEST(State, encoding_refuses_counters_that_do_not_fit) {
    StateAccount state = example_state();
    state.counters.clear();
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_state(state));
    state = example_state();
    state.slots[1]->counters.clear();
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_state(state));
    state = example_state();
    state.slots.resize(17);
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_state(state));
}

TEST(Lane, matches_the_table_of_the_specification) {
    LaneAccount lane;
    lane.index = 3;
    lane.bump = 254;
    lane.base_window = 0x01020304;
    lane.operator_address = *Address::from(ByteView(filled(32, 0x0a)));
    lane.owner = *Address::from(ByteView(filled(32, 0x0b)));
    lane.maps[0][0] = 0x02;
    lane.maps[1][255] = 0x80;
    const Bytes bytes = encode_lane(lane);
    EXPECT_EQ(bytes.size(), 584U);
    EXPECT_EQ(bytes, concat(Bytes{1, 1, 3, 254, 4, 3, 2, 1}, filled(32, 0x0a), filled(32, 0x0b),
                            Bytes{2}, filled(255 + 255, 0), Bytes{0x80}));
    EXPECT_EQ(*decode_lane(bytes), lane);
    EXPECT_ERROR(ErrorCode::kInvalidLength, decode_lane(ByteView(bytes).first(583)));
    Bytes state = bytes;
    state[0] = 2;
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_lane(state));
    state[0] = 1;
    state[1] = 0;
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_lane(state));
}

/// The program's own rule decides: every free bit is accepted once, every other one refused.
TEST(Lane, free_bits_are_those_that_the_program_accepts) {
    for (const std::uint32_t base : {9U, 10U, 11U, 12U}) {
        LaneAccount lane;
        lane.base_window = base;
        lane.maps[0].fill(0x55);
        lane.maps[1].fill(0x0f);
        const std::uint64_t now = 10 * core::kLaneWindowSeconds + 7;
        for (const std::uint64_t window : {10U, 11U}) {
            for (std::uint16_t bit = 0; bit < 16; ++bit) {
                Bytes data = encode_lane(lane);
                const std::uint64_t nonce = bit | (window & 1) << 11 | 15U << 12;
                const core::Verdict verdict = core::use_lane(data.data(), nonce, now);
                EXPECT_EQ(lane.is_free(window, bit, now), verdict == core::Verdict::kAccepted)
                    << base << " " << window << " " << bit;
            }
        }
        EXPECT_FALSE(lane.is_free(12, 15, now));
        EXPECT_FALSE(lane.is_free(9, 15, now));
    }
}

}  // namespace
}  // namespace latchkey::solana
