// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/authorization/configuration.hpp"

/// Spending limits (docs/spec/authorization.md, section 6): one counter per (rule, limit).
namespace latchkey::core {

/// A counter as the state account keeps it: u64 window, u64 spent, little-endian.
inline constexpr uint64_t kCounterSize = 16;

/// The limit of `asset` among the rule's limits: its index, or the number of limits when there is
/// none.
LATCHKEY_INLINE uint64_t find_limit(const uint8_t* limits, const uint8_t* asset) {
    const uint64_t count = limits[0];
    const uint8_t* at = limits + 1;
    for (uint64_t i = 0; i < count; ++i, at += kLimitSize) {
        if (equal32(at, asset)) {
            return i;
        }
    }
    return count;
}

/// Books `outflow` (already summed over the action) on the counter of the limit at `limit`.
/// Nothing is written unless the answer is kAccepted.
LATCHKEY_INLINE Verdict book_outflow(const uint8_t* limit, uint8_t* counter, uint64_t start,
                                     uint64_t now, uint64_t outflow) {
    if (outflow > load64_big_endian<32>(limit)) {
        return reject(Verdict::kLimitPerCall);
    }
    const uint64_t period = load32_big_endian<48>(limit);
    uint64_t window = period == 0 ? 0 : (now - start) / period;
    uint64_t spent = 0;
    // A clock that steps back must not open a window again.
    if (const uint64_t stored = load64<0>(counter); stored >= window) {
        window = stored;
        spent = load64<8>(counter);
    }
    const uint64_t budget = load64_big_endian<40>(limit);
    if (spent > budget || outflow > budget - spent) {
        return reject(Verdict::kLimitPerPeriod);
    }
    store64<0>(counter, window);
    store64<8>(counter, spent + outflow);
    return Verdict::kAccepted;
}

}  // namespace latchkey::core
