// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/authorization/verdict.hpp"
#include "core/freestanding/memory.hpp"

/// Nonce lanes (docs/spec/solana.md, section 3): at most one use of every bit of every window.
namespace latchkey::core {

inline constexpr uint64_t kLaneWindowSeconds = 256;
inline constexpr uint64_t kLaneBits = 2048;
inline constexpr uint64_t kLaneMapBytes = kLaneBits / 8;

/// Layout of a lane account.
inline constexpr uint64_t kLaneBaseOffset = 4;
inline constexpr uint64_t kLaneOperatorOffset = 8;
inline constexpr uint64_t kLaneOwnerOffset = 40;
inline constexpr uint64_t kLaneMapOffset = 72;
inline constexpr uint64_t kLaneSize = kLaneMapOffset + 2 * kLaneMapBytes;

/// The deadline that a 16-bit lane nonce means now: unix seconds. Bit 11 is the window's parity.
LATCHKEY_INLINE uint64_t lane_deadline(uint64_t nonce, uint64_t now) {
    const uint64_t current = now / kLaneWindowSeconds;
    const uint64_t window = current + ((current ^ (nonce >> 11)) & 1);
    return window * kLaneWindowSeconds + (nonce >> 12) * 16 + 15;
}

LATCHKEY_COLD inline void shift_lane(uint8_t* lane, uint64_t by) {
    uint8_t* const map = lane + kLaneMapOffset;
    for (uint64_t i = 0; i < kLaneMapBytes; i += 8) {
        store64(map + i, by == 1 ? load64(map + kLaneMapBytes + i) : 0);
        store64(map + kLaneMapBytes + i, 0);
    }
}

/// Uses up the nonce. `lane` is the account's data. Unless the answer is kAccepted the caller drops
/// what was written, as a failed transaction does. *deadline receives the
/// nonce's deadline, unix seconds.
LATCHKEY_INLINE Verdict use_lane(uint8_t* lane, uint64_t nonce, uint64_t now, uint64_t* deadline) {
    const uint64_t current = now / kLaneWindowSeconds;
    const uint64_t window = current + ((current ^ (nonce >> 11)) & 1);
    *deadline = window * kLaneWindowSeconds + (nonce >> 12) * 16 + 15;
    if (now > *deadline) {
        return reject(Verdict::kDeadlinePassed);
    }
    uint64_t base = load32<kLaneBaseOffset>(lane);
    if (window < base) {
        return reject(Verdict::kLaneWindow);
    }
    if (base < current) {
        shift_lane(lane, current - base);
        store32<kLaneBaseOffset>(lane, current);
        base = current;
    }
    // window is base or base + 1 here: base >= current, window <= current + 1 and window >= base.
    const uint64_t bit = nonce & (kLaneBits - 1);
    uint8_t* const byte = lane + kLaneMapOffset + (window - base) * kLaneMapBytes + (bit >> 3);
    const uint64_t flag = uint64_t{1} << (bit & 7);
    const uint64_t value = *byte;
    if ((value & flag) != 0) {
        return reject(Verdict::kNonceUsed);
    }
    *byte = static_cast<uint8_t>(value | flag);
    return Verdict::kAccepted;
}

/// The same for who does not need the deadline.
LATCHKEY_INLINE Verdict use_lane(uint8_t* lane, uint64_t nonce, uint64_t now) {
    uint64_t deadline = 0;
    return use_lane(lane, nonce, now, &deadline);
}

/// The base window of a lane that is opened now.
LATCHKEY_INLINE uint64_t opening_base(uint64_t now) {
    return now / kLaneWindowSeconds + 2;
}

}  // namespace latchkey::core
