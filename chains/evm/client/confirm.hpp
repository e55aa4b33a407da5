// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/client/rpc_types.hpp"

namespace latchkey::evm {

/// Follows the transactions of one account with one nonce, of which at most one can be executed,
/// from what nodes say of them. Pure: no clock and no I/O. A receipt alone proves nothing, because
/// its block may be replaced; it counts when enough blocks are on top of it and the chain still has
/// that block.
class ConfirmationTracker {
  public:
    /// `confirmations`: blocks from the transaction's own to the latest, both counted; at least 1.
    ConfirmationTracker(std::uint64_t nonce, std::uint64_t confirmations);

    enum class Event : std::uint8_t {
        /// Nothing new.
        kNone,
        /// In a block, for the first time or after a reorganization.
        kIncluded,
        /// The block it was in is gone; it waits again.
        kReorganized,
        /// The node had it and has it no longer, although it may still be executed: send it again.
        kDropped,
        /// Deep enough: ask for the block at the receipt's height, then call check_block.
        kDeepEnough,
        /// Final: another transaction with the nonce is as deep in the chain as ours would have to
        /// be. Said at the third sight only, because nodes count nonces before they find receipts.
        kReplaced,
    };
    /// `standing` is from a single node. Nodes that are behind cause at most a needless
    /// kReorganized.
    Event observe(const TransactionStanding& standing);

    /// Final when true: the canonical block at the receipt's height is the receipt's. When false,
    /// the receipt is forgotten, which is a reorganization.
    bool check_block(const std::optional<Block>& canonical);

    /// Where the transaction is as far as is known.
    [[nodiscard]] const std::optional<Receipt>& receipt() const { return receipt_; }
    /// Blocks from the transaction's own to the latest when observed; 0 while it is in none.
    [[nodiscard]] std::uint64_t depth() const { return depth_; }
    [[nodiscard]] std::uint64_t confirmations() const { return confirmations_; }

  private:
    Event observe_receipt(const Receipt& receipt, std::uint64_t head);
    Event observe_absence(const TransactionStanding& standing);
    void forget_taker();

    std::uint64_t nonce_;
    std::uint64_t confirmations_;
    std::optional<Receipt> receipt_;
    std::uint64_t depth_ = 0;
    /// The head when the account's nonce was first seen beyond ours without a receipt of ours.
    std::optional<std::uint64_t> taken_since_;
    unsigned taken_sights_ = 0;
    bool was_known_ = false;
};

}  // namespace latchkey::evm
