// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet_lane.hpp"

#include <algorithm>

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;
using core::kLaneBits;
using core::kLaneWindowSeconds;

LaneAllocator::LaneAllocator(const Address& lane, const LaneAccount& account,
                             std::uint16_t first_bit)
    : lane_(lane),
      account_(account),
      next_bit_(static_cast<std::uint16_t>(first_bit % kLaneBits)) {}

std::uint64_t LaneAllocator::usable_from() const {
    const std::uint64_t base = account_.base_window;
    return base == 0 ? 0 : (base - 1) * kLaneWindowSeconds;
}

std::uint64_t LaneAllocator::latest_deadline(std::uint64_t now) {
    return (now / kLaneWindowSeconds + 2) * kLaneWindowSeconds - 1;
}

Result<UseLane> LaneAllocator::take(std::uint64_t now, std::uint64_t valid_until) {
    if (valid_until < now || valid_until > latest_deadline(now)) {
        return fail(ErrorCode::kLaneDeadline, "at " + std::to_string(now) + " it is at most " +
                                                  std::to_string(latest_deadline(now)));
    }
    const std::uint64_t current = now / kLaneWindowSeconds;
    const std::uint64_t window =
        std::max<std::uint64_t>(valid_until / kLaneWindowSeconds, account_.base_window);
    if (window > current + 1) {
        return fail(ErrorCode::kLaneNotUsableYet,
                    "from " + std::to_string(usable_from()) + ", in " +
                        std::to_string(usable_from() - now) + " seconds");
    }
    // A lane that begins later than asked for gives a later deadline.
    const std::uint64_t until = std::max(valid_until, window * kLaneWindowSeconds);
    given_.erase(given_.begin(), given_.lower_bound(current));
    Map& given = given_[window];
    for (std::size_t tries = 0; tries < kLaneBits; ++tries) {
        const std::uint16_t bit = next_bit_;
        next_bit_ = static_cast<std::uint16_t>((next_bit_ + 1U) % kLaneBits);
        if (!given.test(bit) && account_.is_free(window, bit, now)) {
            given.set(bit);
            return UseLane{lane_, account_.operator_address, window, bit,
                           static_cast<std::uint8_t>(until % kLaneWindowSeconds / 16)};
        }
    }
    return fail(ErrorCode::kLaneFull,
                "window " + std::to_string(window) + " of lane " + to_base58(lane_));
}

}  // namespace latchkey::solana
