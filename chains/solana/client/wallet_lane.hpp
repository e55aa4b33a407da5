// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <map>

#include "chains/solana/client/action.hpp"
#include "chains/solana/layout/lane_account.hpp"

namespace latchkey::solana {

/// Hands out bits of one lane, each once. It knows what the chain has seen (the account) and what
/// itself gave away since; a bit whose transaction failed is not given again in its window. Several
/// processes on one lane begin at different bits and may still collide: then one transaction fails
/// with NonceUsed and is built again. Not thread-safe.
class LaneAllocator {
  public:
    /// `first_bit`: where to begin looking, 0..2047.
    LaneAllocator(const Address& lane, const LaneAccount& account, std::uint16_t first_bit = 0);

    /// The account as it is now; what was given away stays so.
    void refresh(const LaneAccount& account) { account_ = account; }
    const LaneAccount& account() const { return account_; }

    /// Unix second from which the lane takes approvals (for the window after that second's).
    std::uint64_t usable_from() const;
    /// Last second for which an approval can be valid when it is made at `now`.
    static std::uint64_t latest_deadline(std::uint64_t now);

    /// A free bit whose deadline is up to 15 seconds after `valid_until`, or later if the lane's
    /// first window is.
    /// Errors: kLaneDeadline (before now, or beyond latest_deadline), kLaneNotUsableYet, kLaneFull.
    Result<UseLane> take(std::uint64_t now, std::uint64_t valid_until);

  private:
    using Map = std::bitset<core::kLaneBits>;

    Address lane_;
    LaneAccount account_;
    std::uint16_t next_bit_;
    /// By window.
    std::map<std::uint64_t, Map> given_;
};

}  // namespace latchkey::solana
