// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/layout/state_layout.hpp"
#include "chains/solana/program/approvals.hpp"
#include "core/authorization/lane.hpp"
#include "core/authorization/leaf.hpp"

/// What the steps of an authorization hand to each other, and the leaf that is signed.
namespace latchkey::solana::program {

/// What an action asks of the common part.
struct ActionSpec {
    /// The right that the rule must have; 0 for actions that no rule allows.
    uint8_t right;
    /// kAllowsGenesis and so on.
    uint8_t flags;
};

inline constexpr uint64_t kAllowsGenesis = 0x01;
inline constexpr uint64_t kAllowsCaps = 0x02;
/// Approvals over a digest are fine without a nonce: the action is harmless to repeat, or has an
/// epoch.
inline constexpr uint64_t kIsRepeatable = 0x04;
/// Policy, cancel, freeze and recover: the leaf is the same on every chain and names an epoch.
inline constexpr uint64_t kIsChange = 0x08;
/// Under a rule with WAIT it becomes a proposal.
inline constexpr uint64_t kCanWait = 0x10;
inline constexpr uint64_t kStopsWhenFrozen = 0x20;

/// By action number.
inline constexpr ActionSpec kActionSpecs[16] = {
    {},
    {core::kActionExecute, kAllowsGenesis | kAllowsCaps | kCanWait | kStopsWhenFrozen},
    {core::kActionGrant, kCanWait | kStopsWhenFrozen},
    {core::kActionGrant, 0},
    {core::kActionPolicy, kIsRepeatable | kIsChange | kCanWait | kStopsWhenFrozen},
    {core::kActionMessage, kAllowsGenesis | kIsRepeatable | kStopsWhenFrozen},
    {},
    {},
    {},
    {},
    {},
    {core::kActionCancel, kIsRepeatable | kIsChange},
    {},
    {core::kActionFreeze, kIsRepeatable | kIsChange},
    {core::kActionRecover, kIsRepeatable | kIsChange | kCanWait},
    {core::kActionUpgrade, kCanWait | kStopsWhenFrozen},
};

/// A rule and what it belongs to.
struct FoundRule {
    core::RuleView rule;
    uint64_t signer_count;
    const uint8_t* config_id;
    /// Null for a shared rule.
    const uint8_t* local_id;
    /// Counters of the rule's limits; only in the state.
    uint8_t* counters;
    /// The signers' first bytes, in front of their keys; only in the state.
    const uint8_t* signers[core::kMaximumSigners];
};

struct Authorized {
    FoundRule found;
    /// Number of the action; of what waits, when it is applied.
    uint64_t action;
    ActionSpec spec;
    /// `apply`: nobody approves.
    core::Truth is_apply;
    uint64_t rule_byte;
    /// The state account's data; null while the wallet lives in its genesis.
    uint8_t* state;
    const uint8_t* wallet_id;
    /// Unix seconds.
    uint64_t now;
    /// Distinct parties that approved.
    uint64_t parties;
    /// The rule's record, or null.
    uint8_t* record;
    /// What policy and recover lead to.
    Slice shared;
    /// Under a rule of the recovery part: what a recovery restores (counts and rules), and the end
    /// of that.
    const uint8_t* after;
    const uint8_t* after_end;
    /// First byte of the action's own fields.
    const uint8_t* body;
    /// Index of the first account after the fixed ones.
    uint64_t first_account;
};

/// Filled in by the linker: the genesis hash of the cluster that this ELF is for.
extern "C" {
// A symbol of the linker's, not a constant of ours.
// NOLINTNEXTLINE(readability-identifier-naming)
extern const uint8_t latchkey_cluster[32];
}

// SysvarC1ock11111111111111111111111111111111
inline constexpr uint8_t kClockSysvar[32] = {
    0x06, 0xa7, 0xd5, 0x17, 0x18, 0xc7, 0x74, 0xc9, 0x28, 0x56, 0x63, 0x98, 0x69, 0x1d, 0x5e, 0xb6,
    0x8b, 0x5e, 0xb8, 0xa3, 0x9b, 0x4b, 0x6d, 0x5c, 0x73, 0x55, 0x5b, 0x21, 0x00, 0x00, 0x00, 0x00};

/// Unix seconds of the Clock sysvar.
LATCHKEY_COLD inline uint64_t read_clock() {
    uint64_t seconds = 0;
    sol_get_sysvar(kClockSysvar, reinterpret_cast<uint8_t*>(&seconds), 32, 8);
    return seconds;
}

/// What a Solana leaf is made of, beside the accounts passed.
struct LeafSource {
    /// 16 bytes; unused for chain-agnostic leaves.
    const char* tag;
    /// Low byte of the leaf's shape.
    uint64_t nonce_kind;
    uint64_t deadline;
    const uint8_t* wallet_id;
    const uint8_t* config_id;
    /// Null unless a local rule approves.
    const uint8_t* local_id;
    /// Null unless the nonce is a lane's.
    const uint8_t* lane_key;
    const uint8_t* signed_begin;
};

/// Everything that the steps of one authorization hand to each other; lives on the stack.
struct Work {
    ApprovalList approvals;
    /// The tree's siblings and shape, null without a tree.
    const uint8_t* tree;
    LeafSource leaf;
};

/// Tags of the leaves, by action number; the last one is of what waits.
inline constexpr char kLeafTags[] =
    "Latchkey.execute"
    "Latchkey..grant."
    "Latchkey..revoke"
    "Latchkey.upgrade"
    "Latchkey.message"
    "Latchkey.waiting";
inline constexpr const char* kExecuteTag = kLeafTags;
inline constexpr const char* kWaitingTag = kLeafTags + 5 * core::kLeafTagSize;
/// Tag of action 1, 2, 3, 5 or upgrade.
LATCHKEY_INLINE const char* leaf_tag(uint64_t action) {
    // Of an action that does not exist, the sum is beyond the tags, where no pointer may be.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(kLeafTags) +
                                         (action == kUpgrade ? 3 : action - 1) *
                                             core::kLeafTagSize);
}

LATCHKEY_NOINLINE inline void hash_solana_leaf(const Input& input, const LeafSource& source,
                                               uint64_t first_account, uint8_t* leaf) {
    const uint64_t keys = input.account_count - first_account;
    const auto signed_length = static_cast<uint64_t>(input.end - source.signed_begin);
    uint64_t shape[2] = {source.nonce_kind | signed_length << 16 | keys << 32, source.deadline};
    Slice slices[8 + kMaximumAccounts];
    slices[0] = {reinterpret_cast<const uint8_t*>(source.tag), core::kLeafTagSize};
    slices[1] = {latchkey_cluster, 32};
    slices[2] = {reinterpret_cast<const uint8_t*>(shape), 16};
    slices[3] = {source.wallet_id, 32};
    slices[4] = {source.config_id, 32};
    Slice* to = slices + 5;
    if (source.local_id != nullptr) {
        shape[0] |= 1 << 8;
        *to++ = {source.local_id, 32};
    }
    if (source.lane_key != nullptr) {
        *to++ = {source.lane_key, 32};
    }
    *to++ = {source.signed_begin, signed_length};
    for (uint64_t i = first_account; i < input.account_count; ++i) {
        *to++ = {key_of(input.accounts[i]), 32};
    }
    core::keccak256_slices(slices, static_cast<uint64_t>(to - slices), leaf);
}

LATCHKEY_INLINE void hash_change_leaf(const Input& input, const Authorized& out, uint8_t* leaf) {
    const uint8_t* const content = out.body + kEpochSize;
    const core::Change change = {.wallet_id = out.wallet_id,
                                 .parent = out.found.config_id,
                                 .action = out.action,
                                 .rule = out.rule_byte,
                                 .number = core::load32(out.body),
                                 .content = {content, static_cast<uint64_t>(input.end - content)}};
    core::hash_change(core::kChangeType, change, leaf);
}

/// The leaf, or a tree's typed root: what the digest wraps.
LATCHKEY_INLINE Verdict hash_leaf(const Input& input, const Work& work, const Authorized& out,
                                  uint8_t* node) {
    if ((out.spec.flags & kIsChange) != 0) {
        hash_change_leaf(input, out, node);
    } else {
        hash_solana_leaf(input, work.leaf, out.first_account, node);
    }
    if (work.tree != nullptr) {
        return core::climb_tree(node, work.tree + 2, work.tree[0], work.tree[1]);
    }
    return Verdict::kAccepted;
}

/// Checks the lane (accounts 2 and 3) and uses up the nonce. *deadline is what the nonce means.
LATCHKEY_COLD inline Verdict open_lane_nonce(const Input& input, uint64_t nonce, uint64_t now,
                                             uint64_t* deadline) {
    uint8_t* const lane = input.accounts[2];
    const uint8_t* const payer = input.accounts[3];
    if (!is_ours(input, lane) || *data_of(lane) != kAccountTypeLane) {
        return reject(Verdict::kAccountType);
    }
    if (!is_signer(payer) ||
        !core::equal32(data_of(lane) + core::kLaneOperatorOffset, key_of(payer))) {
        return reject(Verdict::kLaneOperator);
    }
    return core::use_lane(data_of(lane), nonce, now, deadline);
}

/// The slot of a local rule, or null.
LATCHKEY_INLINE uint8_t* find_slot(uint8_t* state, uint64_t index) {
    if (index >= state[kStateLocalSlotsOffset]) {
        return nullptr;
    }
    uint8_t* slot = state + core::load16<kStateLocalOffsetOffset>(state);
    while (index-- != 0) {
        slot += core::load16(slot);
    }
    return core::load16(slot) == kSlotEmptyLength ? nullptr : slot;
}

/// Finds the rule that `index` (0..31, as the rule byte names it) means, and its signers. The state
/// was validated when it was written. `shared`: its shared part, or a recovery part, whose rules
/// have no counters.
LATCHKEY_NOINLINE inline Verdict find_state_rule(uint8_t* state, const uint8_t* shared,
                                                 uint64_t index, FoundRule* found) {
    found->config_id = state + kStateConfigIdOffset;
    const uint8_t* at = nullptr;
    uint64_t rules_before = 0;
    if (index >= kRuleLocal) {
        uint8_t* const slot = find_slot(state, index - kRuleLocal);
        if (slot == nullptr) {
            return reject(Verdict::kUnknownRule);
        }
        found->local_id = slot + kSlotIdOffset;
        found->counters = slot + kSlotCountersOffset;
        at = found->counters + uint64_t{slot[kSlotLimitsOffset]} * core::kCounterSize;
    } else {
        at = shared + 1;
        if (index > uint64_t{*at} >> 4) {
            return reject(Verdict::kUnknownRule);
        }
        found->local_id = nullptr;
        found->counters =
            state + kStateSharedOffset + core::load16<kStateSharedLengthOffset>(state);
        rules_before = index;
    }
    const uint64_t signers = (*at++ & 0x0f) + 1U;
    found->signer_count = signers;
    const uint8_t** to = found->signers;
    for (uint64_t i = signers; i != 0; --i) {
        *to++ = at;
        const uint64_t kind = *at++ & core::kSignerKindMask;
        at += core::valid_signer_key_size(kind);
    }
    while (rules_before-- != 0) {
        core::read_rule_cold(at, signers, &found->rule);
        at = found->rule.end;
        if (found->rule.limits != nullptr) {
            found->counters += *found->rule.limits * core::kCounterSize;
        }
    }
    core::read_rule(at, signers, &found->rule);
    return Verdict::kAccepted;
}

/// A transaction signer's binding: the start of configId, XOR that of localRuleId.
LATCHKEY_INLINE bool is_bound(const uint8_t* binding, const uint8_t* config_id,
                              const uint8_t* local_id) {
    uint64_t low = core::load64<0>(config_id);
    uint64_t high = core::load64<8>(config_id);
    if (local_id != nullptr) {
        low ^= core::load64<0>(local_id);
        high ^= core::load64<8>(local_id);
    }
    return core::load64<0>(binding) == low && core::load64<8>(binding) == high;
}

}  // namespace latchkey::solana::program
