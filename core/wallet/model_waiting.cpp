// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/wallet/model_steps.hpp"

namespace latchkey::core::model {

namespace {

Record* find_record(State& state, std::uint8_t rule) {
    const auto found = std::find_if(state.records.begin(), state.records.end(),
                                    [&](const Record& record) { return record.rule == rule; });
    return found == state.records.end() ? nullptr : &*found;
}

/// One party alone against a rule that proposes until it wins.
Verdict count_cancel(Record& record, std::uint64_t now) {
    if (record.cancels == 0 || now > record.cancels_since + kCancelWindow) {
        record.cancels = 0;
        record.cancels_since = static_cast<std::uint32_t>(now);
    }
    if (record.cancels == kCancelBudget) {
        return Verdict::kCancelBudget;
    }
    ++record.cancels;
    return Verdict::kAccepted;
}

}  // namespace

std::uint8_t record_name(const Chosen& chosen) {
    return static_cast<std::uint8_t>(chosen.index |
                                     (chosen.recovery_part != nullptr ? kRecoveryRule : 0));
}

Record* record_of(World& world, const Chosen& chosen) {
    return world.state && !chosen.local_rule_id ? find_record(*world.state, record_name(chosen))
                                                : nullptr;
}

Record& bump_epoch(State& state, std::uint8_t rule) {
    Record* record = find_record(state, rule);
    if (record == nullptr) {
        record = &state.records.emplace_back(Record{.rule = rule});
    }
    ++record->epoch;
    return *record;
}

std::uint32_t epoch_of(const Record* record) {
    return record == nullptr ? 0 : record->epoch;
}

std::uint64_t guard_of(const World& world, const Chosen& chosen, const Body& body) {
    const bool is_change = std::holds_alternative<Policy>(body) ||
                           (world.guards_upgrades && std::holds_alternative<Upgrade>(body));
    if (!world.state || !is_change || chosen.parties >= 2) {
        return 0;
    }
    return guard_seconds(commitment_in(world.state->shared));
}

Verdict propose(World& world, const Chosen& chosen, const Body& body, std::uint64_t now,
                const Hash32& digest) {
    const std::uint64_t wait = wait_of(chosen.rule);
    const std::uint64_t guard = guard_of(world, chosen, body);
    const Record* const old = record_of(world, chosen);
    if (old != nullptr && old->action != 0 && now <= old->earliest + kProposalLife) {
        return Verdict::kAlreadyWaits;
    }
    Record& record = bump_epoch(*world.state, record_name(chosen));
    record.action = action_number(body);
    record.tie = wait >> kWaitTieShift != 0;
    record.guarded = guard != 0;
    record.earliest = static_cast<std::uint32_t>(now + std::max(wait & kWaitDelayMask, guard));
    record.digest = digest;
    return Verdict::kAccepted;
}

Verdict take_proposal(World& world, const Chosen& chosen, const Body& body, std::uint64_t now,
                      const Hash32& digest) {
    Record* const record = record_of(world, chosen);
    if (record == nullptr || record->action != action_number(body)) {
        return Verdict::kNothingWaits;
    }
    if (record->digest != digest) {
        return Verdict::kOtherProposal;
    }
    if (now < record->earliest) {
        return Verdict::kTooEarly;
    }
    if (now > record->earliest + kProposalLife) {
        return Verdict::kProposalExpired;
    }
    const bool is_recovering = std::any_of(
        world.state->records.begin(), world.state->records.end(), [&](const Record& other) {
            return (other.rule & kRecoveryRule) != 0 && now < other.earliest + kMargin;
        });
    if (record->guarded && is_recovering) {
        return Verdict::kRecoveryUnderWay;
    }
    record->action = 0;
    return Verdict::kAccepted;
}

Verdict run_cancel(World& world, const Chosen& chosen, const Cancel& cancel, std::uint64_t now) {
    State& state = *world.state;
    const bool is_own = cancel.target == record_name(chosen);
    if (chosen.recovery_part != nullptr && !is_own) {
        return Verdict::kCancelNotAllowed;
    }
    const std::size_t rules =
        (cancel.target & kRecoveryRule) != 0 ? kMaximumRules : rule_count(state.shared);
    if ((cancel.target & ~kRecoveryRule) >= static_cast<int>(rules)) {
        return Verdict::kUnknownRule;
    }
    const bool is_strong = is_own || chosen.parties > 1;
    Record* record = find_record(state, cancel.target);
    if (record == nullptr || record->action == 0) {
        if (!is_strong) {
            return Verdict::kNothingWaits;
        }
        // So that it never will.
        record = &bump_epoch(state, cancel.target);
    }
    if (record->epoch != cancel.epoch + 1) {
        return Verdict::kEpoch;
    }
    record->action = 0;
    if (is_strong || !record->tie) {
        record->earliest = 0;
        return Verdict::kAccepted;
    }
    return count_cancel(*record, now);
}

Verdict run_freeze(World& world, const Chosen& chosen, const Freeze& freeze, std::uint64_t now) {
    State& state = *world.state;
    if (freeze.epoch != epoch_of(record_of(world, chosen))) {
        return Verdict::kEpoch;
    }
    Record& record = bump_epoch(state, record_name(chosen));
    if (freeze.lift > 1) {
        return Verdict::kNonCanonical;
    }
    state.was_frozen = freeze.lift == 0;
    if (freeze.lift != 0) {
        return chosen.parties < 2 ? Verdict::kTwoParties : Verdict::kAccepted;
    }
    if (record.frozen_at != 0 && now < record.frozen_at + kFreezeInterval) {
        return Verdict::kFreezeBudget;
    }
    record.frozen_at = static_cast<std::uint32_t>(now);
    return Verdict::kAccepted;
}

bool is_frozen(World& world, std::uint64_t now, bool state_writable) {
    if (!world.state || !world.state->was_frozen) {
        return false;
    }
    const auto& records = world.state->records;
    if (std::any_of(records.begin(), records.end(),
                    [&](const Record& record) { return now < record.frozen_at + kFreezeLength; })) {
        return true;
    }
    world.state->was_frozen = !state_writable;
    return false;
}

}  // namespace latchkey::core::model
