// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/confirm.hpp"

#include <gtest/gtest.h>

namespace latchkey::evm {
namespace {

using Event = ConfirmationTracker::Event;

constexpr std::uint64_t kNonce = 4;

Hash32 block_hash(std::uint8_t value) {
    Hash32 out;
    out.span().back() = value;
    return out;
}

/// The transaction's receipt in that block.
TransactionStanding in_block(std::uint64_t head, std::uint64_t number, std::uint8_t hash) {
    TransactionStanding out;
    out.head = head;
    out.next_nonce = kNonce + 1;
    out.is_known = true;
    Receipt receipt;
    receipt.block_number = number;
    receipt.block_hash = block_hash(hash);
    out.receipts = {std::nullopt, receipt};
    return out;
}

TransactionStanding in_no_block(std::uint64_t head, bool is_known, bool is_taken = false) {
    TransactionStanding out;
    out.head = head;
    out.next_nonce = kNonce + (is_taken ? 1 : 0);
    out.is_known = is_known;
    out.receipts = {std::nullopt, std::nullopt};
    return out;
}

Block canonical(std::uint64_t number, std::uint8_t hash) {
    Block out;
    out.number = number;
    out.hash = block_hash(hash);
    return out;
}

TEST(Confirm, counts_blocks_and_then_asks_for_the_block) {
    ConfirmationTracker tracker(kNonce, 3);
    EXPECT_EQ(tracker.observe(in_no_block(9, true)), Event::kNone);
    EXPECT_EQ(tracker.observe(in_block(10, 10, 1)), Event::kIncluded);
    EXPECT_EQ(tracker.depth(), 1U);
    EXPECT_EQ(tracker.observe(in_block(11, 10, 1)), Event::kNone);
    EXPECT_EQ(tracker.observe(in_block(12, 10, 1)), Event::kDeepEnough);
    EXPECT_EQ(tracker.depth(), 3U);
    EXPECT_TRUE(tracker.check_block(canonical(10, 1)));
}

TEST(Confirm, one_confirmation_is_the_block_itself) {
    ConfirmationTracker tracker(kNonce, 0);
    EXPECT_EQ(tracker.confirmations(), 1U);
    // The node knows the receipt before it counts the block.
    EXPECT_EQ(tracker.observe(in_block(9, 10, 1)), Event::kDeepEnough);
}

TEST(Confirm, a_block_that_is_not_canonical_does_not_count) {
    ConfirmationTracker tracker(kNonce, 2);
    EXPECT_EQ(tracker.observe(in_block(11, 10, 1)), Event::kDeepEnough);
    EXPECT_FALSE(tracker.check_block(canonical(10, 2)));
    EXPECT_FALSE(tracker.receipt());
    EXPECT_EQ(tracker.observe(in_block(11, 11, 3)), Event::kIncluded);
    EXPECT_FALSE(tracker.check_block(std::nullopt));
    EXPECT_FALSE(tracker.check_block(canonical(11, 3)));
}

TEST(Confirm, notices_that_the_block_is_gone) {
    ConfirmationTracker tracker(kNonce, 5);
    EXPECT_EQ(tracker.observe(in_block(10, 10, 1)), Event::kIncluded);
    EXPECT_EQ(tracker.observe(in_no_block(11, true)), Event::kReorganized);
    EXPECT_EQ(tracker.depth(), 0U);
    EXPECT_EQ(tracker.observe(in_block(12, 12, 2)), Event::kIncluded);
    // Straight from one block to another one, at whatever depth.
    EXPECT_EQ(tracker.observe(in_block(30, 13, 3)), Event::kReorganized);
    EXPECT_EQ(tracker.observe(in_block(30, 13, 3)), Event::kDeepEnough);
}

TEST(Confirm, notices_that_it_was_dropped) {
    ConfirmationTracker tracker(kNonce, 2);
    EXPECT_EQ(tracker.observe(in_no_block(10, false)), Event::kNone);
    EXPECT_EQ(tracker.observe(in_no_block(10, true)), Event::kNone);
    EXPECT_EQ(tracker.observe(in_no_block(10, false)), Event::kDropped);
    EXPECT_EQ(tracker.observe(in_no_block(10, false)), Event::kNone);
}

TEST(Confirm, replaced_only_when_the_other_one_is_as_deep) {
    ConfirmationTracker tracker(kNonce, 4);
    EXPECT_EQ(tracker.observe(in_no_block(10, true)), Event::kNone);
    for (std::uint64_t head = 10; head < 13; ++head) {
        EXPECT_EQ(tracker.observe(in_no_block(head, false, true)), Event::kNone);
    }
    EXPECT_EQ(tracker.observe(in_no_block(13, false, true)), Event::kReplaced);
    // Taken back by a reorganization: counting begins again.
    ConfirmationTracker other(kNonce, 4);
    EXPECT_EQ(other.observe(in_no_block(10, false, true)), Event::kNone);
    EXPECT_EQ(other.observe(in_no_block(11, true)), Event::kNone);
    EXPECT_EQ(other.observe(in_no_block(15, false, true)), Event::kNone);
    EXPECT_EQ(other.observe(in_block(16, 15, 1)), Event::kIncluded);
}

TEST(Confirm, replaced_only_at_the_third_sight) {
    ConfirmationTracker tracker(kNonce, 1);
    EXPECT_EQ(tracker.observe(in_no_block(10, false, true)), Event::kNone);
    EXPECT_EQ(tracker.observe(in_no_block(10, false, true)), Event::kNone);
    EXPECT_EQ(tracker.observe(in_no_block(10, false, true)), Event::kReplaced);
    // A head that falls does not bring it nearer.
    ConfirmationTracker falling(kNonce, 3);
    for (const std::uint64_t head : {20U, 10U, 11U}) {
        EXPECT_EQ(falling.observe(in_no_block(head, false, true)), Event::kNone);
    }
    EXPECT_EQ(falling.observe(in_no_block(12, false, true)), Event::kReplaced);
}

}  // namespace
}  // namespace latchkey::evm
