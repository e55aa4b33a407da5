// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/confirm.hpp"

#include <algorithm>

namespace latchkey::evm {

namespace {

constexpr unsigned kSightsMin = 3;

}  // namespace

ConfirmationTracker::ConfirmationTracker(std::uint64_t nonce, std::uint64_t confirmations)
    : nonce_(nonce), confirmations_(std::max<std::uint64_t>(confirmations, 1)) {}

ConfirmationTracker::Event ConfirmationTracker::observe(const TransactionStanding& standing) {
    for (const std::optional<Receipt>& one : standing.receipts) {
        if (one) {
            return observe_receipt(*one, standing.head);
        }
    }
    return observe_absence(standing);
}

ConfirmationTracker::Event ConfirmationTracker::observe_receipt(const Receipt& receipt,
                                                                std::uint64_t head) {
    const bool is_new = !receipt_ || receipt_->block_hash != receipt.block_hash;
    const bool has_moved = receipt_ && is_new;
    receipt_ = receipt;
    forget_taker();
    was_known_ = true;
    // A node may report the receipt before it counts the block.
    depth_ = head < receipt.block_number ? 1 : head - receipt.block_number + 1;
    if (has_moved) {
        return Event::kReorganized;
    }
    if (depth_ >= confirmations_) {
        return Event::kDeepEnough;
    }
    return is_new ? Event::kIncluded : Event::kNone;
}

ConfirmationTracker::Event ConfirmationTracker::observe_absence(
    const TransactionStanding& standing) {
    if (receipt_) {
        receipt_.reset();
        depth_ = 0;
        return Event::kReorganized;
    }
    if (standing.next_nonce > nonce_) {
        // A reorganization may still bring ours back, so the other one has to be as deep.
        taken_since_ = std::min(taken_since_.value_or(standing.head), standing.head);
        ++taken_sights_;
        const bool is_deep = standing.head - *taken_since_ + 1 >= confirmations_;
        return is_deep && taken_sights_ >= kSightsMin ? Event::kReplaced : Event::kNone;
    }
    forget_taker();
    const bool is_dropped = was_known_ && !standing.is_known;
    was_known_ = standing.is_known;
    return is_dropped ? Event::kDropped : Event::kNone;
}

void ConfirmationTracker::forget_taker() {
    taken_since_.reset();
    taken_sights_ = 0;
}

bool ConfirmationTracker::check_block(const std::optional<Block>& canonical) {
    if (!receipt_ || !canonical || canonical->hash != receipt_->block_hash) {
        receipt_.reset();
        depth_ = 0;
        return false;
    }
    return true;
}

}  // namespace latchkey::evm
