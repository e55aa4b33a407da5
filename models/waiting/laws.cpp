// SPDX-License-Identifier: Apache-2.0
// The laws, written from the specification and not from the wallet: they ask the wallet what it
// holds, never what it would allow, except where allowing is the law.
#include <algorithm>

#include "models/waiting/game.hpp"

namespace latchkey::waiting_model {

namespace {

Ticks wait_owed(const Configuration& now, const Rule& rule, Action action, int parties) {
    const bool is_alone = action == Action::kPolicy && parties < 2;
    return std::max(rule.delay, is_alone ? now.guard : Ticks{0});
}

// A change that one party alone approved may not take effect now.
bool is_held_back(const Configuration& now, const State& state) {
    return now.guard != 0 && std::any_of(state.witness.begin(), state.witness.end(),
                                         [](const Witness& witness) { return witness.block != 0; });
}

const char* broken_by_apply(const Setup& setup, const State& before, const Move& move) {
    const Configuration& now = setup.of(before.wallet);
    const Record& record = before.wallet.record(move.rule);
    const Rule* const rule = setup.find_rule(before.wallet, move.rule);
    const Action action = setup.changes[move.change].action;
    if (record.status != Status::kWaits || rule == nullptr) {
        return "what is applied waits under a rule of the configuration";
    }
    const Ticks owed = wait_owed(now, *rule, action, record.is_guarded != 0 ? 1 : 2);
    if (record.age < owed) {
        return "never applied before its earliest time";
    }
    if (record.age > std::max(owed, record.wait) + setup.times.expiry) {
        return "never applied after it expired";
    }
    if (record.is_guarded != 0 && is_held_back(now, before)) {
        return "a recovery is not outrun";
    }
    return before.wallet.is_frozen != 0 && action != Action::kRecover
               ? "a freeze stops what it should"
               : nullptr;
}

const char* broken_by_approval(const Setup& setup, const State& before, const Move& move,
                               Parties parties, Answer answer, const State& after) {
    const Configuration& now = setup.of(before.wallet);
    const Rule& rule = now.rule(move.rule);
    const Action action = setup.changes[move.change].action;
    const int count = party_count(static_cast<Parties>(rule.who & parties));
    const Ticks owed = wait_owed(now, rule, action, count);
    const Record& record = before.wallet.record(move.rule);
    if (answer == Answer::kDone && owed != 0) {
        return "what must wait waits";
    }
    if (answer == Answer::kDone && before.wallet.is_frozen != 0 && action != Action::kRecover) {
        return "a freeze stops what it should";
    }
    if (answer == Answer::kWaits && after.wallet.record(move.rule).wait < owed) {
        return "what must wait waits";
    }
    if (answer == Answer::kWaits && record.status == Status::kWaits &&
        record.age <= record.wait + setup.times.expiry) {
        return "a rule has at most one proposal";
    }
    return nullptr;
}

const char* broken_by_cancel(const Setup& setup, const State& before, const Move& move,
                             Parties parties, const State& after) {
    if (after.wallet.record(move.target).status == Status::kWaits) {
        return "what is cancelled waits no longer";
    }
    if (move.target < kRecoveryRule) {
        return nullptr;
    }
    const Witness& witness = after.witness[move.target - kRecoveryRule];
    const Parties who = approvers(setup.rule(before.wallet, move.rule), parties);
    const bool is_weak = move.rule != move.target && party_count(who) < 2;
    return is_weak && witness.weak_cancels > setup.times.cancel_budget
               ? "one party cancels at most twice in a window against TIE recovery"
               : nullptr;
}

const char* broken_by_replacing(const Setup& setup, const State& before, const Move& move,
                                const State& after) {
    const Configuration& old = setup.of(before.wallet);
    const Configuration& now = setup.of(after.wallet);
    if (setup.changes[move.change].action == Action::kRecover &&
        (old.commitment != now.commitment || old.guard != now.guard ||
         old.recovery != now.recovery)) {
        return "recover touches the operational part alone";
    }
    for (size_t i = 0; i < now.shared.size(); ++i) {
        const Record& record = after.wallet.shared[i];
        if (record.status != Status::kWaits) {
            continue;
        }
        if (setup.changes[record.change].action == Action::kPolicy) {
            return "a proposal of policy ends with its parent";
        }
        const auto rule = std::find(old.shared.begin(), old.shared.end(), now.shared[i]);
        const bool waited =
            rule != old.shared.end() &&
            before.wallet.shared[static_cast<size_t>(rule - old.shared.begin())].status ==
                Status::kWaits;
        if (!waited) {
            return "a proposal ends with its rule";
        }
    }
    return nullptr;
}

const char* broken_by_freezing(const Setup& setup, const State& before, const Move& move,
                               Parties parties, const State& after) {
    if (move.kind == MoveKind::kFreeze) {
        return before.wallet.record(move.rule).freeze_age != kLongAgo
                   ? "a rule freezes once in 30 days"
                   : nullptr;
    }
    const Parties who = approvers(setup.rule(before.wallet, move.rule), parties);
    if (party_count(who) < 2) {
        return "two parties lift a freeze";
    }
    for (const RuleName named : setup.of(before.wallet).names()) {
        if (before.wallet.record(named).freeze_age != after.wallet.record(named).freeze_age) {
            return "lifting a freeze renews none";
        }
    }
    return nullptr;
}

// Cancels that the specification promises: by two parties, and by the proposer.
const char* broken_promise_to_cancel(const Setup& setup, const State& state) {
    const std::vector<RuleName> names = setup.of(state.wallet).names();
    for (const RuleName target : names) {
        if (state.wallet.record(target).status != Status::kWaits) {
            continue;
        }
        for (const RuleName by : names) {
            const Rule& rule = setup.rule(state.wallet, by);
            if ((rule.rights & kMayCancel) == 0 || (by >= kRecoveryRule && by != target) ||
                (by != target && party_count(rule.who) < 2)) {
                continue;
            }
            Wallet copy = state.wallet;
            if (!cancel(setup, copy, by, rule.who, target)) {
                return "two parties, and the proposer, can always cancel";
            }
        }
    }
    return nullptr;
}

const char* broken_by_frozen(const Setup& setup, const State& state) {
    bool is_fresh = false;
    for (const RuleName named : setup.of(state.wallet).names()) {
        is_fresh |= state.wallet.record(named).freeze_age < setup.times.freeze_length;
    }
    if (!is_fresh) {
        return "a freeze ends after 7 days";
    }
    Wallet thawed = state.wallet;
    thawed.is_frozen = 0;
    for (const RuleName named : setup.of(state.wallet).names()) {
        if (named < kRecoveryRule) {
            continue;
        }
        for (uint8_t change = 0; change < setup.change_count(); ++change) {
            if (setup.changes[change].action != Action::kRecover) {
                continue;
            }
            const Parties who = setup.rule(state.wallet, named).who;
            Wallet frozen = state.wallet;
            Wallet free = thawed;
            if (approve(setup, frozen, named, who, change) !=
                approve(setup, free, named, who, change)) {
                return "a freeze never stops recovering";
            }
        }
        Wallet frozen = state.wallet;
        Wallet free = thawed;
        if (apply(setup, frozen, named) != apply(setup, free, named)) {
            return "a freeze never stops recovering";
        }
    }
    return nullptr;
}

}  // namespace

const char* broken_step_law(const Game& game, const State& before, const Move& move,
                            Parties parties, Answer answer, const State& after) {
    const Setup& setup = game.setup;
    const char* broken = nullptr;
    switch (move.kind) {
        case MoveKind::kApprove:
            broken = broken_by_approval(setup, before, move, parties, answer, after);
            break;
        case MoveKind::kApply:
            broken = broken_by_apply(setup, before, move);
            break;
        case MoveKind::kCancel:
            broken = broken_by_cancel(setup, before, move, parties, after);
            break;
        case MoveKind::kFreeze:
        case MoveKind::kLift:
            broken = broken_by_freezing(setup, before, move, parties, after);
            break;
        default:
            break;
    }
    if (broken == nullptr && before.wallet.configuration != after.wallet.configuration) {
        broken = broken_by_replacing(setup, before, move, after);
    }
    return broken;
}

const char* broken_state_law(const Game& game, const State& state) {
    const Setup& setup = game.setup;
    const Configuration& now = setup.of(state.wallet);
    const bool has_policy = std::any_of(now.shared.begin(), now.shared.end(), [](const Rule& rule) {
        return (rule.rights & kMayChange) != 0 && party_count(rule.who) >= rule.threshold;
    });
    if (!has_policy) {
        return "no configuration in which nobody can act";
    }
    if (const char* broken = broken_promise_to_cancel(setup, state); broken != nullptr) {
        return broken;
    }
    return state.wallet.is_frozen != 0 ? broken_by_frozen(setup, state) : nullptr;
}

}  // namespace latchkey::waiting_model
