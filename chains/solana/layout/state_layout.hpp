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
/// A state that was frozen; whether it still is, its records tell.
inline constexpr uint64_t kAccountTypeFrozen = 3;
inline constexpr uint64_t kAccountLayout = 1;

inline constexpr uint64_t kStateSharedLengthOffset = 2;
inline constexpr uint64_t kStateLocalOffsetOffset = 4;
inline constexpr uint64_t kStateLocalSlotsOffset = 6;
inline constexpr uint64_t kStateRecordsOffset = 7;
inline constexpr uint64_t kStateSequenceOffset = 8;
inline constexpr uint64_t kStateLocalVersionOffset = 12;
inline constexpr uint64_t kStateConfigIdOffset = 16;
inline constexpr uint64_t kStateNoncesOffset = 48;
inline constexpr uint64_t kStateNonceKeys = 4;
inline constexpr uint64_t kStateSharedOffset = 80;

/// A record of what waits under a rule: u8 rule byte, u8 action that waits (0: none), u8 cancels,
/// u8 flags, u32 epoch, u32 earliest time, u32 begin of the cancel window, u32 time of the last
/// freeze, digest(32).
inline constexpr uint64_t kRecordActionOffset = 1;
inline constexpr uint64_t kRecordCancelsOffset = 2;
inline constexpr uint64_t kRecordFlagsOffset = 3;
inline constexpr uint64_t kRecordEpochOffset = 4;
inline constexpr uint64_t kRecordEarliestOffset = 8;
inline constexpr uint64_t kRecordCancelsSinceOffset = 12;
inline constexpr uint64_t kRecordFrozenAtOffset = 16;
inline constexpr uint64_t kRecordDigestOffset = 20;
inline constexpr uint64_t kRecordSize = 52;
/// Of a record: the rule's TIE; one party alone approved what waits, and the guard held it back.
inline constexpr uint64_t kRecordTie = 1;
inline constexpr uint64_t kRecordGuarded = 2;
/// A record for every rule of the shared and of the recovery part.
inline constexpr uint64_t kMaximumRecords = 2 * core::kMaximumRules;

/// A local slot: u16 length, u8 granting rule, u8 limits, u32 version, id, counters, local rule.
inline constexpr uint64_t kSlotGrantorOffset = 2;
inline constexpr uint64_t kSlotLimitsOffset = 3;
inline constexpr uint64_t kSlotVersionOffset = 4;
inline constexpr uint64_t kSlotIdOffset = 8;
inline constexpr uint64_t kSlotCountersOffset = 40;
/// Length of a slot that was revoked.
inline constexpr uint64_t kSlotEmptyLength = 8;

}  // namespace latchkey::solana
