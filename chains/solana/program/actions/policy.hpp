// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/key_checks.hpp"
#include "chains/solana/program/rule_table.hpp"
#include "chains/solana/program/state_account.hpp"

namespace latchkey::solana::program {

inline constexpr ActionSpec kPolicySpec = {.right = core::kActionPolicy,
                                           .leaf_tag = nullptr,
                                           .allows_genesis = false,
                                           .allows_caps = false,
                                           .is_repeatable = true};

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

/// A local rule lives as long as the rule that granted it.
LATCHKEY_COLD inline void sort_out_slots(uint8_t* state, const RuleTable& before,
                                         const RuleTable& after) {
    uint8_t* slot = local_section(state);
    for (uint64_t i = state[kStateLocalSlotsOffset]; i != 0; --i) {
        if (core::load16(slot) != kSlotEmptyLength) {
            const uint64_t index = find_rule(after, before.ids[slot[kSlotGrantorOffset]]);
            if (index == after.count) {
                empty_slot(state, slot);
                bump_local_version(state);
            } else {
                slot[kSlotGrantorOffset] = static_cast<uint8_t>(index);
            }
        }
        slot += core::load16(slot);
    }
}

LATCHKEY_COLD inline Verdict replace_shared(const Input& input, const uint8_t* wallet_id,
                                            uint8_t* state, const uint8_t* shared) {
    const auto length = static_cast<uint64_t>(input.end - shared);
    RuleTable* const before = rule_tables();
    RuleTable* const after = before + 1;
    uint8_t* const counters = reinterpret_cast<uint8_t*>(after + 1);
    list_rules(state + kStateSharedOffset, before);
    list_rules(shared, after);
    const uint64_t counters_size = after->total_limits * core::kCounterSize;
    carry_counters(*before, *after,
                   state + kStateSharedOffset + core::load16<kStateSharedLengthOffset>(state),
                   counters);
    sort_out_slots(state, *before, *after);

    const uint64_t sequence = core::load32<kStateSequenceOffset>(state) + 1;
    uint8_t next_id[32];
    core::next_config_id(wallet_id, sequence, state + kStateConfigIdOffset, shared, length,
                         next_id);
    const uint64_t old_offset = core::load16<kStateLocalOffsetOffset>(state);
    const uint64_t offset = kStateSharedOffset + length + counters_size;
    const auto local_length = static_cast<uint64_t>(local_end(state) - state) - old_offset;
    if (const Verdict bad = grow_account(input.accounts[0], offset + local_length);
        bad != Verdict::kAccepted) {
        return bad;
    }
    sol_memmove_(state + offset, state + old_offset, local_length);
    if (old_offset > offset) {
        sol_memset_(state + offset + local_length, 0, old_offset - offset);
    }
    sol_memmove_(state + kStateSharedOffset, shared, length);
    sol_memmove_(state + kStateSharedOffset + length, counters, counters_size);
    core::store16<kStateSharedLengthOffset>(state, length);
    core::store16<kStateLocalOffsetOffset>(state, offset);
    core::store32<kStateSequenceOffset>(state, sequence);
    core::put32(state + kStateConfigIdOffset, next_id);
    return Verdict::kAccepted;
}

}  // namespace detail

/// Replaces the whole shared part. Every approval given under the old one is void afterwards.
LATCHKEY_COLD inline Verdict policy(const Input& input) {
    Authorized out;
    if (const Verdict bad = authorize(input, kPolicySpec, &out); bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* const shared = out.body;
    uint64_t length = 0;
    if (const Verdict bad = core::validate_shared(shared, static_cast<uint64_t>(input.end - shared),
                                                  false, checked_keys(), &length);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return detail::replace_shared(input, out.wallet_id, out.state, shared);
}

}  // namespace latchkey::solana::program
