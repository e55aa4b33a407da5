// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/key_checks.hpp"
#include "chains/solana/program/records.hpp"
#include "chains/solana/program/rule_table.hpp"

/// `policy` and `recover`: a new shared part.
namespace latchkey::solana::program {

namespace detail {

/// Copies the records that live on to `to`; returns the end of them. A record lives as long as its
/// rule, those of the recovery part for ever; what waits to change the configuration has lost its
/// parent.
LATCHKEY_COLD inline uint8_t* carry_records(uint8_t* state, const RuleTable& before,
                                            const RuleTable& after, bool keeps_recovery,
                                            uint8_t* to) {
    const uint8_t* record = first_record(state);
    const uint8_t* const end = local_section(state);
    for (; record != end; record += kRecordSize) {
        uint64_t rule = *record;
        uint64_t dies = 0;
        if (rule < kRuleRecovery) {
            const ListedRule* const found = find_rule(after, before.rules[rule].id);
            if (found == nullptr) {
                continue;
            }
            rule = found->index;
        } else if (!keeps_recovery) {
            // The commitment may come back one day, and approvals given under it must not.
            dies = 1;
        }
        sol_memmove_(to, record, kRecordSize);
        to[0] = static_cast<uint8_t>(rule);
        if (dies != 0 || to[kRecordActionOffset] == kPolicy) {
            to[kRecordActionOffset] = 0;
            core::store32<kRecordEarliestOffset>(to, 0);
            core::store32<kRecordEpochOffset>(to, core::load32<kRecordEpochOffset>(to) + dies);
        }
        to += kRecordSize;
    }
    return to;
}

/// A local rule lives as long as the rule that granted it, and none outlives a recovery.
LATCHKEY_INLINE void sort_out_slots(uint8_t* state, const RuleTable& before, const RuleTable& after,
                                    bool is_recovery) {
    uint8_t* slot = local_section(state);
    for (uint64_t i = state[kStateLocalSlotsOffset]; i != 0; --i) {
        if (core::load16(slot) != kSlotEmptyLength) {
            const ListedRule* const found =
                find_rule(after, before.rules[slot[kSlotGrantorOffset]].id);
            if (found == nullptr || is_recovery) {
                empty_slot(state, slot);
                bump_local_version(state);
            } else {
                slot[kSlotGrantorOffset] = static_cast<uint8_t>(found->index);
            }
        }
        slot += core::load16(slot);
    }
}

LATCHKEY_COLD inline Verdict replace_shared(const Input& input, const Authorized& out) {
    const uint8_t* const shared = out.shared.data;
    const uint64_t length = out.shared.size;
    uint8_t* const state = out.state;
    const bool is_recovery = out.after != nullptr;
    uint8_t* const old_shared = state + kStateSharedOffset;
    const uint8_t* const commitment = commitment_of(state);
    const uint64_t sequence = core::load32<kStateSequenceOffset>(state) + 1;
    // After a recovery all chains have the same configuration, so they get the same id, whatever
    // they had before.
    core::Change change = {.wallet_id = out.wallet_id,
                           .parent = state + kStateConfigIdOffset,
                           .action = kPolicy,
                           .rule = 0,
                           .number = 0,
                           .content = out.shared};
    if (is_recovery) {
        change.parent = commitment;
        change.action = kRecover;
        change.rule = out.rule_byte;
        change.number = core::load32(out.body);
    }
    core::hash_change(core::kConfigurationTag, change, state + kStateConfigIdOffset);
    core::store32<kStateSequenceOffset>(state, sequence);

    RuleTable* const before = rule_tables();
    RuleTable* const after = before + 1;
    uint8_t* const kept = reinterpret_cast<uint8_t*>(after + 1);
    list_rules(old_shared, old_shared + core::load16<kStateSharedLengthOffset>(state), before);
    uint8_t* const counters_end = list_rules(shared, kept, after);
    // Counters of unchanged rules go on, so that an unrelated change is no fresh budget. The others
    // are zero.
    for (const ListedRule* rule = after->rules; rule != after->end; ++rule) {
        if (const ListedRule* const old = find_rule(*before, rule->id); old != nullptr) {
            sol_memmove_(rule->counters, old->counters, rule->counters_size);
        }
    }
    const bool keeps_recovery = (*old_shared & *shared & core::kHeaderRecovery) != 0 &&
                                core::same32(commitment, shared + length - core::kRecoverySize);
    uint8_t* const kept_end = carry_records(state, *before, *after, keeps_recovery, counters_end);
    sort_out_slots(state, *before, *after, is_recovery);

    uint8_t* const old_local = local_section(state);
    const auto local_length = static_cast<uint64_t>(local_end(state) - old_local);
    const auto kept_size = static_cast<uint64_t>(kept_end - kept);
    uint8_t* const local = old_shared + length + kept_size;
    uint8_t* const end = local + local_length;
    const auto used = static_cast<uint64_t>(end - state);
    grow_account(input.accounts[0], used);
    sol_memmove_(local, old_local, local_length);
    if (old_local > local) {
        sol_memset_(end, 0, static_cast<uint64_t>(old_local - local));
    }
    sol_memmove_(old_shared, shared, length);
    sol_memmove_(old_shared + length, kept, kept_size);
    core::store16<kStateSharedLengthOffset>(state, length);
    core::store16<kStateLocalOffsetOffset>(state, used - local_length);
    state[kStateRecordsOffset] =
        static_cast<uint8_t>(static_cast<uint64_t>(kept_end - counters_end) / kRecordSize);
    return Verdict::kAccepted;
}

/// Writes to scratch memory the shared part that a recovery leads to: the rules that were put down
/// when the recovery was set up, `signers`, and the same recovery.
LATCHKEY_INLINE void build_recovered(const Slice& signers, Authorized* out) {
    uint8_t* const shared = scratch(kScratchShared);
    const auto rules_size = static_cast<uint64_t>(out->after_end - out->after) - 1;
    shared[0] = core::kVersionNibble | core::kHeaderRecovery;
    shared[1] = *out->after;
    uint8_t* to = shared + 2;
    sol_memmove_(to, signers.data, signers.size);
    to += signers.size;
    sol_memmove_(to, out->after + 1, rules_size);
    to += rules_size;
    core::put32(to, commitment_of(out->state));
    out->shared = {shared, static_cast<uint64_t>(to - shared) + core::kRecoverySize};
}

}  // namespace detail

/// Finds or builds the new shared part that the action asks for, and validates it.
LATCHKEY_INLINE Verdict read_change(const Input& input, Authorized* out) {
    const uint8_t* const content = out->body + kEpochSize;
    const Slice given = {content, static_cast<uint64_t>(input.end - content)};
    out->shared = given;
    if (out->after != nullptr) {
        if (given.size > core::kMaximumShared) {
            return Verdict::kConfigurationTooLong;
        }
        detail::build_recovered(given, out);
    }
    const uint8_t* const shared = out->shared.data;
    uint64_t length = 0;
    if (const Verdict bad =
            core::validate_shared(shared, out->shared.size, false, kCheckedKeys, &length);
        bad != Verdict::kAccepted) {
        return bad;
    }
    // Rules that were slipped in among the signers must not take the place of the real ones.
    if (out->after != nullptr &&
        core::skip_signers(shared + 2, (shared[1] & 0x0f) + 1U) != shared + 2 + given.size) {
        return Verdict::kConfigurationTrailing;
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
