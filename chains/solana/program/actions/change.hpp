// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/key_checks.hpp"
#include "chains/solana/program/records.hpp"
#include "chains/solana/program/rule_table.hpp"

/// `policy` and `recover`: a new shared part.
namespace latchkey::solana::program {

namespace detail {

/// Index of the rule with this id, or the number of rules.
LATCHKEY_COLD inline uint64_t find_rule(const RuleTable& table, const uint8_t* id) {
    uint64_t i = 0;
    while (i < table.count && !core::same32(table.ids[i], id)) {
        ++i;
    }
    return i;
}

/// Writes the counters of the new shared part to `counters` (zero there): those of unchanged rules
/// go on, so that an unrelated change is no fresh budget.
LATCHKEY_COLD inline void carry_counters(const RuleTable& before, const RuleTable& after,
                                         const uint8_t* old_counters, uint8_t* counters) {
    for (uint64_t i = 0; i < after.count; ++i) {
        const uint64_t old = find_rule(before, after.ids[i]);
        if (old == before.count) {
            continue;
        }
        sol_memmove_(counters + after.first_limit[i] * core::kCounterSize,
                     old_counters + before.first_limit[old] * core::kCounterSize,
                     after.limits[i] * core::kCounterSize);
    }
}

/// Copies the records that live on to `to`; returns how many. A record lives as long as its rule,
/// those of the recovery part for ever; what waits to change the configuration has lost its parent.
LATCHKEY_COLD inline uint64_t carry_records(uint8_t* state, const RuleTable& before,
                                            const RuleTable& after, bool keeps_recovery,
                                            uint8_t* to) {
    uint64_t kept = 0;
    const uint8_t* record = first_record(state);
    for (uint64_t i = state[kStateRecordsOffset]; i != 0; --i, record += kRecordSize) {
        uint64_t rule = *record;
        if (rule < kRuleRecovery) {
            rule = find_rule(after, before.ids[rule]);
            if (rule == after.count) {
                continue;
            }
        }
        sol_memmove_(to, record, kRecordSize);
        to[0] = static_cast<uint8_t>(rule);
        if (to[kRecordActionOffset] == kPolicy) {
            to[kRecordActionOffset] = 0;
        }
        // The commitment may come back one day, and approvals given under it must not.
        if (rule >= kRuleRecovery && !keeps_recovery) {
            to[kRecordActionOffset] = 0;
            core::store32<kRecordEarliestOffset>(to, 0);
            core::store32<kRecordEpochOffset>(to, core::load32<kRecordEpochOffset>(to) + 1);
        }
        to += kRecordSize;
        ++kept;
    }
    return kept;
}

/// A local rule lives as long as the rule that granted it, and none outlives a recovery.
LATCHKEY_COLD inline void sort_out_slots(uint8_t* state, const RuleTable& before,
                                         const RuleTable& after, bool is_recovery) {
    uint8_t* slot = local_section(state);
    for (uint64_t i = state[kStateLocalSlotsOffset]; i != 0; --i) {
        if (core::load16(slot) != kSlotEmptyLength) {
            const uint64_t index = find_rule(after, before.ids[slot[kSlotGrantorOffset]]);
            if (index == after.count || is_recovery) {
                empty_slot(state, slot);
                bump_local_version(state);
            } else {
                slot[kSlotGrantorOffset] = static_cast<uint8_t>(index);
            }
        }
        slot += core::load16(slot);
    }
}

LATCHKEY_COLD inline Verdict replace_shared(const Input& input, const Authorized& out,
                                            const uint8_t* shared, uint64_t length) {
    uint8_t* const state = out.state;
    RuleTable* const before = rule_tables();
    RuleTable* const after = before + 1;
    uint8_t* const counters = reinterpret_cast<uint8_t*>(after + 1);
    const uint8_t* const old_shared = state + kStateSharedOffset;
    list_rules(old_shared, before);
    list_rules(shared, after);
    const uint64_t counters_size = after->total_limits * core::kCounterSize;
    carry_counters(*before, *after, old_shared + core::load16<kStateSharedLengthOffset>(state),
                   counters);
    const bool keeps_recovery =
        (*old_shared & *shared & core::kHeaderRecovery) != 0 &&
        core::same32(commitment_of(state), shared + length - core::kRecoverySize);
    const uint64_t records =
        carry_records(state, *before, *after, keeps_recovery, counters + counters_size);
    const uint64_t kept_size = counters_size + records * kRecordSize;
    sort_out_slots(state, *before, *after, out.after != nullptr);

    const uint64_t sequence = core::load32<kStateSequenceOffset>(state) + 1;
    uint8_t next_id[32];
    // After a recovery all chains have the same configuration, so they get the same id, whatever
    // they had before.
    const bool is_recovery = out.after != nullptr;
    core::next_config_id(
        out.wallet_id,
        is_recovery ? 1ULL << 63 | out.rule_byte << 32 | core::load32(out.body) : sequence,
        is_recovery ? commitment_of(state) : state + kStateConfigIdOffset, shared, length, next_id);
    const uint64_t old_offset = core::load16<kStateLocalOffsetOffset>(state);
    const uint64_t offset = kStateSharedOffset + length + kept_size;
    const auto local_length = static_cast<uint64_t>(local_end(state) - state) - old_offset;
    grow_account(input.accounts[0], offset + local_length);
    sol_memmove_(state + offset, state + old_offset, local_length);
    if (old_offset > offset) {
        sol_memset_(state + offset + local_length, 0, old_offset - offset);
    }
    sol_memmove_(state + kStateSharedOffset, shared, length);
    sol_memmove_(state + kStateSharedOffset + length, counters, kept_size);
    core::store16<kStateSharedLengthOffset>(state, length);
    core::store16<kStateLocalOffsetOffset>(state, offset);
    state[kStateRecordsOffset] = static_cast<uint8_t>(records);
    core::store32<kStateSequenceOffset>(state, sequence);
    core::put32(state + kStateConfigIdOffset, next_id);
    return Verdict::kAccepted;
}

/// Writes to scratch memory the shared part that a recovery leads to: the rules that were put down
/// when the recovery was set up, the signers at `signers`, and the same recovery.
LATCHKEY_COLD inline uint64_t build_recovered(const Authorized& out, const uint8_t* signers,
                                              uint64_t signers_size) {
    uint8_t* const shared = scratch(kScratchShared);
    const auto rules_size = static_cast<uint64_t>(out.after_end - out.after) - 1;
    shared[0] = core::kVersionNibble | core::kHeaderRecovery;
    shared[1] = *out.after;
    uint8_t* to = shared + 2;
    sol_memmove_(to, signers, signers_size);
    to += signers_size;
    sol_memmove_(to, out.after + 1, rules_size);
    to += rules_size;
    core::put32(to, commitment_of(out.state));
    return static_cast<uint64_t>(to - shared) + core::kRecoverySize;
}

}  // namespace detail

/// The new shared part that the action asks for, validated.
LATCHKEY_COLD inline Verdict read_change(const Input& input, const Authorized& out,
                                         const uint8_t** shared, uint64_t* length) {
    const uint8_t* const content = out.body + kEpochSize;
    const auto size = static_cast<uint64_t>(input.end - content);
    *shared = content;
    *length = size;
    if (out.after != nullptr) {
        if (size > core::kMaximumShared) {
            return Verdict::kConfigurationTooLong;
        }
        *shared = scratch(kScratchShared);
        *length = detail::build_recovered(out, content, size);
    }
    if (const Verdict bad = core::validate_shared(*shared, *length, false, checked_keys(), length);
        bad != Verdict::kAccepted) {
        return bad;
    }
    // Rules that were slipped in among the signers must not take the place of the real ones.
    if (out.after != nullptr &&
        core::skip_signers(*shared + 2, ((*shared)[1] & 0x0f) + 1U) != *shared + 2 + size) {
        return Verdict::kConfigurationTrailing;
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
