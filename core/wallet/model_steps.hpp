// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/wallet/model.hpp"

/// What the files of the model hand to each other.
namespace latchkey::core::model {

/// The rule that an action names, and what it is read from.
struct Chosen {
    RuleView rule{};
    /// Among the shared rules, the slots, or those of the recovery part.
    std::uint8_t index = 0;
    /// Heads (kind and flags) of all signers.
    std::vector<std::uint8_t> signers;
    /// Under a rule of the recovery part, the commitment.
    ConfigId config_id;
    std::optional<LocalRuleId> local_rule_id;
    /// The recovery part whose rule it is; else null.
    const Bytes* recovery_part = nullptr;
    /// Counters of the rule's limits; null with a genesis.
    Counter* counters = nullptr;
    /// How many approved.
    std::size_t parties = 0;
};

/// How many limits the rule has.
inline std::size_t limits_of(const RuleView& rule) {
    return rule.limits == nullptr ? 0 : rule.limits[0];
}

/// How many rules a valid shared part has.
inline std::size_t rule_count(ByteView shared) {
    return (shared[1] >> 4U) + 1U;
}

/// Position of the rule's first counter among all of the shared part.
inline std::size_t first_counter(ByteView shared, std::size_t rule) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < rule; ++i) {
        sum += limits_of(*find_rule(shared, i));
    }
    return sum;
}

// Changes of the configuration (model_change.cpp).

/// The new shared part that policy or recover asks for.
Judged<Bytes> read_change(const World& world, const Chosen& chosen, const Body& body);
/// Puts it in the place of the present one, and carries over what lives on.
void replace_shared(World& world, const Chosen& chosen, const Body& body, const Bytes& shared);

// Waiting, cancelling and freezing (model_waiting.cpp).

/// How one names the rule among the records.
std::uint8_t record_name(const Chosen& chosen);
/// Of a rule under which something may wait; null for the others.
Record* record_of(World& world, const Chosen& chosen);
/// Gives the rule a record, if it has none, and uses up its epoch.
Record& bump_epoch(State& state, std::uint8_t rule);
/// 0 without a record.
std::uint32_t epoch_of(const Record* record);
/// The time that a guard makes this action wait.
std::uint64_t guard_of(const World& world, const Chosen& chosen, const Body& body);
/// Keeps the action until it may be applied.
Verdict propose(World& world, const Chosen& chosen, const Body& body, std::uint64_t now,
                const Hash32& digest);
/// Whether what waits under the rule is this action, and may be done now; it waits no more.
Verdict take_proposal(World& world, const Chosen& chosen, const Body& body, std::uint64_t now,
                      const Hash32& digest);
/// Ends what waits under the target rule.
Verdict run_cancel(World& world, const Chosen& chosen, const Cancel& cancel, std::uint64_t now);
/// Freezes, or lifts a freeze.
Verdict run_freeze(World& world, const Chosen& chosen, const Freeze& freeze, std::uint64_t now);
/// Whether a freeze holds. One that is over is forgotten, if the state may be written.
bool is_frozen(World& world, std::uint64_t now, bool state_writable);

}  // namespace latchkey::core::model
