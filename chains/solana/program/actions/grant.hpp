// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/key_checks.hpp"
#include "chains/solana/program/state_account.hpp"

/// Local rules: sessions that a shared rule grants and revokes on this chain alone.
namespace latchkey::solana::program {

namespace detail {

LATCHKEY_INLINE void local_rule_id(const Authorized& out, const uint8_t* rule, uint64_t length,
                                   uint8_t* id) {
    uint8_t version[4];
    core::store32(version, __builtin_bswap32(static_cast<uint32_t>(
                               core::load32<kStateLocalVersionOffset>(out.state))));
    const Slice parts[5] = {{core::kLocalRuleTag, 32},
                            {out.wallet_id, 32},
                            {out.state + kStateConfigIdOffset, 32},
                            {version, 4},
                            {rule, length}};
    core::keccak256_slices(parts, 5, id);
}

/// The place for one more slot: an empty one, or behind the last. Null when all are taken.
LATCHKEY_INLINE uint8_t* free_slot(uint8_t* state, bool* is_new) {
    uint8_t* slot = local_section(state);
    const uint64_t slots = state[kStateLocalSlotsOffset];
    for (uint64_t i = 0; i < slots; ++i) {
        const uint64_t length = core::load16(slot);
        if (length == kSlotEmptyLength) {
            *is_new = false;
            return slot;
        }
        slot += length;
    }
    *is_new = true;
    return slots == core::kMaximumLocalRules ? nullptr : slot;
}

}  // namespace detail

LATCHKEY_NOINLINE inline Verdict grant(const Input& input, const Authorized& out) {
    const uint8_t* const rule = out.body;
    const auto length = static_cast<uint64_t>(input.end - rule);
    if (const Verdict bad = core::validate_local_rule(rule, length, kCheckedKeys);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const uint64_t signers = (rule[0] & 0x0f) + 1U;
    core::RuleView local;
    core::read_rule_cold(core::skip_signers(rule + 1, signers), signers, &local);
    if (const Verdict bad = core::check_grant(out.found.rule, local); bad != Verdict::kAccepted) {
        return bad;
    }
    uint8_t* const state = out.state;
    bool is_new = false;
    uint8_t* const slot = detail::free_slot(state, &is_new);
    if (slot == nullptr) {
        return Verdict::kTooManyLocalRules;
    }
    uint8_t* const end = local_end(state);
    const uint64_t limits = local.limits == nullptr ? 0 : *local.limits;
    const uint64_t counters = limits * core::kCounterSize;
    const uint64_t slot_length = kSlotCountersOffset + counters + length;
    const uint64_t taken = is_new ? 0 : kSlotEmptyLength;
    const auto used = static_cast<uint64_t>(end - state) + slot_length - taken;
    grow_account(input.accounts[0], used);
    sol_memmove_(slot + slot_length, slot + taken, static_cast<uint64_t>(end - slot) - taken);
    bump_local_version(state);
    core::store16(slot, slot_length);
    slot[kSlotGrantorOffset] = static_cast<uint8_t>(out.rule_byte & kRuleIndexMask);
    slot[kSlotLimitsOffset] = static_cast<uint8_t>(limits);
    core::store32<kSlotVersionOffset>(slot, core::load32<kStateLocalVersionOffset>(state));
    detail::local_rule_id(out, rule, length, slot + kSlotIdOffset);
    sol_memset_(slot + kSlotCountersOffset, 0, counters);
    sol_memmove_(slot + kSlotCountersOffset + counters, rule, length);
    if (is_new) {
        state[kStateLocalSlotsOffset] = static_cast<uint8_t>(state[kStateLocalSlotsOffset] + 1);
    }
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict revoke(const Authorized& out) {
    uint8_t* const state = out.state;
    uint8_t* slot = local_section(state);
    for (uint64_t i = state[kStateLocalSlotsOffset]; i != 0; --i) {
        const uint64_t length = core::load16(slot);
        if (length != kSlotEmptyLength && core::same32(slot + kSlotIdOffset, out.body)) {
            empty_slot(state, slot);
            bump_local_version(state);
            return Verdict::kAccepted;
        }
        slot += length;
    }
    return Verdict::kUnknownLocalRule;
}

}  // namespace latchkey::solana::program
