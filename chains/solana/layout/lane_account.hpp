// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "chains/solana/layout/address.hpp"
#include "chains/solana/layout/state_layout.hpp"
#include "core/base/result.hpp"

namespace latchkey::solana {

using core::Bytes;
using core::ByteView;
using core::Result;

/// The uses of one window: bit b is bit b mod 8 of byte b / 8.
using LaneMap = std::array<std::uint8_t, core::kLaneMapBytes>;

/// A nonce lane (docs/spec/solana.md, section 3).
struct LaneAccount {
    std::uint8_t index = 0;
    std::uint8_t bump = 0;
    /// Window of the first map; the second is the one after it.
    std::uint32_t base_window = 0;
    /// Signs every use.
    Address operator_address;
    /// May close the lane and name another operator.
    Address owner;
    std::array<LaneMap, 2> maps{};

    /// Whether the program would accept this window's bit at `now` (unix seconds), deadlines aside.
    [[nodiscard]] bool is_free(std::uint64_t window, std::uint16_t bit, std::uint64_t now) const;

    friend bool operator==(const LaneAccount&, const LaneAccount&) = default;
};

/// Errors: kInvalidLength (not 584 bytes), kUnsupported (another type or layout).
Result<LaneAccount> decode_lane(ByteView data);
Bytes encode_lane(const LaneAccount& lane);

}  // namespace latchkey::solana
