// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/wallet/key_checker.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::core::model {

namespace {

constexpr std::uint8_t kPolicyNumber = 4;

std::vector<RuleId> rule_ids(ByteView shared) {
    std::vector<RuleId> ids;
    for (std::size_t i = 0; i < rule_count(shared); ++i) {
        ids.push_back(*rule_id_of(shared, i));
    }
    return ids;
}

/// The counters of the new shared part: those of unchanged rules go on.
std::vector<Counter> carry_counters(const State& state, ByteView shared,
                                    const std::vector<RuleId>& before,
                                    const std::vector<RuleId>& after) {
    std::vector<Counter> counters;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const std::size_t limits = limits_of(*find_rule(shared, i));
        const auto old = std::find(before.begin(), before.end(), after[i]);
        if (old == before.end()) {
            counters.resize(counters.size() + limits);
            continue;
        }
        const std::size_t first =
            first_counter(state.shared, static_cast<std::size_t>(old - before.begin()));
        for (std::size_t j = 0; j < limits; ++j) {
            counters.push_back(state.counters[first + j]);
        }
    }
    return counters;
}

/// The records that live on: those of unchanged rules, and those of the recovery part for ever.
std::vector<Record> carry_records(const State& state, const std::vector<RuleId>& before,
                                  const std::vector<RuleId>& after, bool keeps_recovery) {
    std::vector<Record> records;
    for (Record record : state.records) {
        bool dies = false;
        if ((record.rule & kRecoveryRule) == 0) {
            const auto found = std::find(after.begin(), after.end(), before[record.rule]);
            if (found == after.end()) {
                continue;
            }
            record.rule = static_cast<std::uint8_t>(found - after.begin());
        } else {
            // The commitment may come back one day, and approvals given under it must not.
            dies = !keeps_recovery;
        }
        if (dies || record.action == kPolicyNumber) {
            record.action = 0;
            record.earliest = 0;
            record.epoch += dies ? 1 : 0;
        }
        records.push_back(record);
    }
    return records;
}

/// A local rule lives as long as the rule that granted it, and none outlives a recovery.
void sort_out_slots(State& state, const std::vector<RuleId>& before,
                    const std::vector<RuleId>& after, bool is_recovery) {
    for (std::optional<Slot>& slot : state.slots) {
        if (!slot) {
            continue;
        }
        const auto granting = std::find(after.begin(), after.end(), before[slot->granting_rule]);
        if (granting == after.end() || is_recovery) {
            slot.reset();
            ++state.local_version;
        } else {
            slot->granting_rule = static_cast<std::uint8_t>(granting - after.begin());
        }
    }
}

}  // namespace

Judged<Bytes> read_change(const World& world, const Chosen& chosen, const Body& body) {
    const State& state = *world.state;
    if (chosen.recovery_part != nullptr) {
        return recovered_shared(*chosen.recovery_part, *commitment_in(state.shared),
                                std::get<Recover>(body).signers, is_chain_key);
    }
    const Bytes& shared = std::get<Policy>(body).shared;
    if (const Verdict bad = judge_shared(shared, is_chain_key); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return shared;
}

void replace_shared(World& world, const Chosen& chosen, const Body& body, const Bytes& shared) {
    State& state = *world.state;
    const std::vector<RuleId> before = rule_ids(state.shared);
    const std::vector<RuleId> after = rule_ids(shared);
    const std::optional<RecoveryCommitment> commitment = commitment_in(state.shared);
    const bool keeps_recovery = commitment && commitment == commitment_in(shared);
    const auto* recover = std::get_if<Recover>(&body);
    ++state.sequence;
    state.config_id = recover == nullptr
                          ? next_config_id(world.wallet_id, state.config_id, shared)
                          : recovered_config_id(world.wallet_id, *commitment, chosen.index,
                                                recover->epoch, shared);
    std::vector<Counter> counters = carry_counters(state, shared, before, after);
    state.records = carry_records(state, before, after, keeps_recovery);
    sort_out_slots(state, before, after, recover != nullptr);
    state.shared = shared;
    state.counters = std::move(counters);
}

}  // namespace latchkey::core::model
