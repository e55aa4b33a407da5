// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: compiled into the program and into everything that builds or reads its
// instructions.
#include <stdint.h>

/// Instruction data of the Solana program (docs/spec/solana.md, section 4).
namespace latchkey::solana {

enum ActionNumber : uint64_t {
    kExecute = 1,
    kGrant = 2,
    kRevoke = 3,
    kPolicy = 4,
    kMessage = 5,
    kCreateState = 6,
    kOpenLane = 7,
    kCloseLane = 8,
    kSetLaneOperator = 9,
    kCancel = 11,
    kApply = 12,
    kFreeze = 13,
    kRecover = 14,
    kUpgrade = 15,
};

inline constexpr uint64_t kHeadActionMask = 0x0f;
inline constexpr uint64_t kHeadGenesis = 0x10;
inline constexpr uint64_t kHeadNonceShift = 5;
inline constexpr uint64_t kHeadNonceMask = 0x60;
inline constexpr uint64_t kHeadTree = 0x80;

inline constexpr uint64_t kNonceTransaction = 0;
inline constexpr uint64_t kNonceLane = 1;
inline constexpr uint64_t kNonceState = 2;

inline constexpr uint64_t kApprovalSignerMask = 0x0f;
inline constexpr uint64_t kApprovalLast = 0x10;
inline constexpr uint64_t kApprovalFormShift = 5;

inline constexpr uint64_t kFormNone = 0;
inline constexpr uint64_t kFormAccount = 1;
inline constexpr uint64_t kFormHost = 2;
inline constexpr uint64_t kFormRest = 3;
inline constexpr uint64_t kFormSameRest = 4;
inline constexpr uint64_t kFormRecover = 5;

inline constexpr uint64_t kRuleIndexMask = 0x1f;
inline constexpr uint64_t kRuleLocal = 0x10;
inline constexpr uint64_t kRuleDeadline = 0x20;
inline constexpr uint64_t kRuleCaps = 0x40;
/// The rule stands in the recovery part, which follows the rule byte.
inline constexpr uint64_t kRuleRecovery = 0x80;

inline constexpr uint64_t kBindingSize = 16;
inline constexpr uint64_t kEpochSize = 4;
inline constexpr uint64_t kRecoverableSize = 65;

inline constexpr uint64_t kMetaIndexMask = 0x3f;
inline constexpr uint64_t kMetaWritable = 0x40;
inline constexpr uint64_t kMetaSigner = 0x80;

/// One less than a transaction can lock; bit 63 of an account mask stays free.
inline constexpr uint64_t kMaximumAccounts = 63;
inline constexpr uint64_t kMaximumCalls = 16;
inline constexpr uint64_t kMaximumCaps = 15;
inline constexpr uint64_t kCapSize = 17;
inline constexpr uint64_t kCapsNoNewAuthority = 0x80;

/// Precompile instructions: header, then this many bytes of offsets per signature.
inline constexpr uint64_t kPrecompileHeader = 2;
inline constexpr uint64_t kPrecompileOffsets = 14;

inline constexpr uint64_t kAuthenticatorDataSize = 37;
inline constexpr uint64_t kWebauthnMessageSize = kAuthenticatorDataSize + 32;

}  // namespace latchkey::solana
