// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: compiled into the program and into everything that reads its accounts.
#include "core/authorization/configuration.hpp"
#include "core/authorization/lane.hpp"
#include "core/authorization/limits.hpp"

/// Accounts of the Solana program (docs/spec/solana.md, sections 2 and 3).
namespace latchkey::solana {

inline constexpr uint64_t kAccountTypeLane = 1;
inline constexpr uint64_t kAccountTypeState = 2;
inline constexpr uint64_t kAccountLayout = 1;

inline constexpr uint64_t kStateSharedLengthOffset = 2;
inline constexpr uint64_t kStateLocalOffsetOffset = 4;
inline constexpr uint64_t kStateLocalSlotsOffset = 6;
inline constexpr uint64_t kStateFlagsOffset = 7;
inline constexpr uint64_t kStateSequenceOffset = 8;
inline constexpr uint64_t kStateLocalVersionOffset = 12;
inline constexpr uint64_t kStateConfigIdOffset = 16;
inline constexpr uint64_t kStateNoncesOffset = 48;
inline constexpr uint64_t kStateNonceKeys = 4;
inline constexpr uint64_t kStateSharedOffset = 80;

/// A local slot: u16 length, u8 granting rule, u8 limits, u32 version, id, counters, local rule.
inline constexpr uint64_t kSlotGrantorOffset = 2;
inline constexpr uint64_t kSlotLimitsOffset = 3;
inline constexpr uint64_t kSlotVersionOffset = 4;
inline constexpr uint64_t kSlotIdOffset = 8;
inline constexpr uint64_t kSlotCountersOffset = 40;
/// Length of a slot that was revoked.
inline constexpr uint64_t kSlotEmptyLength = 8;

}  // namespace latchkey::solana
