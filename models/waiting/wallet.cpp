// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/wallet.hpp"

#include <algorithm>
#include <cstdlib>

namespace latchkey::waiting_model {

namespace {

uint8_t intern(std::vector<Configuration>& known, Configuration found) {
    for (size_t i = 0; i < known.size(); ++i) {
        if (known[i].is_same_as(found)) {
            return static_cast<uint8_t>(i);
        }
    }
    if (known.size() == 255 || found.shared.size() > kSharedRulesMaximum ||
        found.recovery.size() > kRecoveryRulesMaximum) {
        std::abort();
    }
    known.push_back(std::move(found));
    return static_cast<uint8_t>(known.size() - 1);
}

void clear_proposal(Record& record) {
    record.status = Status::kNothing;
    record.change = 0;
    record.age = 0;
    record.wait = 0;
    record.is_guarded = 0;
}

// After it was applied or cancelled.
void end_proposal(Record& record, bool is_remembered) {
    if (!is_remembered) {
        clear_proposal(record);
        return;
    }
    record.status = Status::kRemembered;
    record.change = 0;
    record.is_guarded = 0;
}

void grow_epoch(const Setup& setup, Record& record) {
    if (setup.has_epochs && setup.variant.epoch_grows) {
        ++record.epoch;
    }
}

bool is_expired(const Setup& setup, const Record& record) {
    return record.age > record.wait + setup.times.expiry;
}

// A record of the recovery part whose commitment is gone.
void end_commitment(const Setup& setup, Record& record) {
    if (!setup.variant.epochs_outlive_commitment) {
        record = Record{};
        return;
    }
    clear_proposal(record);
    // Only a rule that ever proposed, was cancelled or froze has a record.
    if (record.epoch != 0) {
        grow_epoch(setup, record);
    }
}

// A wallet is frozen by a record: when the last one is too old, or gone with its rule, it is not.
void settle_freeze(const Setup& setup, Wallet& wallet) {
    const auto is_fresh = [&](const Record& record) {
        return record.freeze_age < setup.times.freeze_length;
    };
    if (setup.variant.freeze_ends &&
        std::none_of(wallet.shared.begin(), wallet.shared.end(), is_fresh) &&
        std::none_of(wallet.recovery.begin(), wallet.recovery.end(), is_fresh)) {
        wallet.is_frozen = 0;
    }
}

// A record lives as long as its rule.
void replace_configuration(const Setup& setup, Wallet& wallet, uint8_t to) {
    const Variant& variant = setup.variant;
    const Configuration& before = setup.of(wallet);
    const Configuration& after = setup.configurations[to];
    std::array<Record, kSharedRulesMaximum> kept{};
    for (size_t i = 0; i < after.shared.size(); ++i) {
        auto old = std::find(before.shared.begin(), before.shared.end(), after.shared[i]);
        if (!variant.proposals_end_with_their_rule && i < before.shared.size()) {
            old = before.shared.begin() + static_cast<std::ptrdiff_t>(i);
        }
        if (old == before.shared.end()) {
            continue;
        }
        kept[i] = wallet.shared[static_cast<size_t>(old - before.shared.begin())];
        if (kept[i].status == Status::kWaits && variant.policy_proposals_end_with_their_parent &&
            setup.changes[kept[i].change].action == Action::kPolicy) {
            clear_proposal(kept[i]);
        }
    }
    wallet.shared = kept;
    if (before.commitment != after.commitment) {
        for (Record& record : wallet.recovery) {
            end_commitment(setup, record);
        }
    }
    wallet.configuration = to;
    settle_freeze(setup, wallet);
}

bool is_stopped_by_freeze(const Setup& setup, const Wallet& wallet, Action action) {
    if (wallet.is_frozen == 0) {
        return false;
    }
    return action == Action::kRecover ? !setup.variant.freeze_spares_recovery
                                      : setup.variant.freeze_stops_apply;
}

void perform(const Setup& setup, Wallet& wallet, uint8_t change) {
    if (setup.changes[change].action != Action::kExecute) {
        replace_configuration(setup, wallet, setup.next[wallet.configuration][change]);
    }
}

Rights right_of(Action action) {
    return action == Action::kExecute  ? kMayExecute
           : action == Action::kPolicy ? kMayChange
                                       : kMayRecover;
}

bool count_weak_cancel(const Setup& setup, Record& record) {
    const Times& times = setup.times;
    if (record.cancels == 0 || record.cancel_window_age > times.cancel_window) {
        record.cancels = 0;
        record.cancel_window_age = 0;
    }
    if (setup.variant.has_cancel_budget && record.cancels >= times.cancel_budget) {
        return false;
    }
    record.cancels = static_cast<uint8_t>(std::min<int>(record.cancels + 1, times.cancel_budget));
    if (setup.variant.window_begins_with_last_cancel) {
        record.cancel_window_age = 0;
    }
    return true;
}

void mute(const Setup& setup, Record& record, const Rule& rule) {
    const int doubled = rule.delay << std::min<int>(record.cancels, 4);
    record.mute = static_cast<Ticks>(std::min<int>(doubled, setup.times.cancel_window));
    record.cancels = static_cast<uint8_t>(std::min<int>(record.cancels + 1, 4));
}

}  // namespace

const Rule* Setup::find_rule(const Wallet& wallet, RuleName named) const {
    const Configuration& current = of(wallet);
    const bool is_recovery = named >= kRecoveryRule;
    const std::vector<Rule>& rules = is_recovery ? current.recovery : current.shared;
    const size_t index = is_recovery ? named - kRecoveryRule : named;
    return index < rules.size() ? &rules[index] : nullptr;
}

Setup make_setup(const Times& times, const Variant& variant, const Configuration& initial,
                 const std::vector<Change>& changes) {
    Setup setup{times, variant, {initial}, changes, {}, false};
    for (size_t i = 0; i < setup.configurations.size(); ++i) {
        std::vector<uint8_t> row;
        for (const Change& change : changes) {
            if (change.action == Action::kExecute) {
                row.push_back(static_cast<uint8_t>(i));
                continue;
            }
            Configuration after = change.effect(setup.configurations[i]);
            after.name = change.name;
            if (change.action == Action::kRecover && !variant.recover_keeps_recovery_part) {
                after.commitment = 99;
            }
            row.push_back(intern(setup.configurations, std::move(after)));
        }
        setup.next.push_back(std::move(row));
    }
    return setup;
}

Parties approvers(const Rule& rule, Parties parties) {
    const auto those = static_cast<Parties>(rule.who & parties);
    return party_count(those) >= rule.threshold ? those : Parties{0};
}

Ticks waiting_time(const Setup& setup, const Wallet& wallet, RuleName named, Action action,
                   Parties parties) {
    const Rule& rule = setup.rule(wallet, named);
    Ticks wait = rule.delay;
    if (action == Action::kPolicy && setup.variant.has_guard &&
        party_count(parties) < (setup.variant.counts_parties ? 2 : 1)) {
        wait = std::max(wait, setup.of(wallet).guard);
    }
    if (setup.variant.doubles_after_cancel && wait != 0) {
        wait = static_cast<Ticks>(wait << wallet.record(named).cancels);
    }
    return wait;
}

Answer approve(const Setup& setup, Wallet& wallet, RuleName named, Parties parties,
               uint8_t change) {
    const Rule& rule = setup.rule(wallet, named);
    const Action action = setup.changes[change].action;
    const Parties who = approvers(rule, parties);
    if (who == 0 || (rule.rights & right_of(action)) == 0) {
        return Answer::kRefused;
    }
    const Ticks wait = waiting_time(setup, wallet, named, action, who);
    Record& record = wallet.record(named);
    if (wait == 0) {
        if (is_stopped_by_freeze(setup, wallet, action)) {
            return Answer::kRefused;
        }
        // The parent of a policy change is gone with it, so it needs no epoch.
        if (action == Action::kRecover) {
            grow_epoch(setup, record);
        }
        perform(setup, wallet, change);
        return Answer::kDone;
    }
    const bool is_taken = record.status == Status::kWaits && !is_expired(setup, record);
    const bool is_stopped = action == Action::kRecover && wallet.is_frozen != 0 &&
                            !setup.variant.freeze_spares_recovery;
    if ((is_taken && setup.variant.one_proposal_per_rule) || record.mute != 0 || is_stopped) {
        return Answer::kRefused;
    }
    record.status = Status::kWaits;
    record.change = change;
    record.age = 0;
    record.wait = wait;
    record.is_guarded =
        action == Action::kPolicy && party_count(who) < 2 && setup.of(wallet).guard != 0;
    grow_epoch(setup, record);
    return Answer::kWaits;
}

bool is_recovery_under_way(const Setup& setup, const Wallet& wallet) {
    return std::any_of(wallet.recovery.begin(), wallet.recovery.end(), [&](const Record& record) {
        return record.status != Status::kNothing && record.age < record.wait + setup.times.margin;
    });
}

bool apply(const Setup& setup, Wallet& wallet, RuleName named) {
    Record& record = wallet.record(named);
    if (record.status != Status::kWaits || (setup.variant.waits && record.age < record.wait) ||
        (setup.variant.expires && is_expired(setup, record))) {
        return false;
    }
    const uint8_t change = record.change;
    const Action action = setup.changes[change].action;
    const Rule* const rule = setup.find_rule(wallet, named);
    if (rule == nullptr || is_stopped_by_freeze(setup, wallet, action) ||
        ((rule->rights & right_of(action)) == 0 && setup.variant.proposals_end_with_their_rule) ||
        (record.is_guarded != 0 && setup.variant.has_outrun_block &&
         is_recovery_under_way(setup, wallet))) {
        return false;
    }
    end_proposal(record, named >= kRecoveryRule);
    perform(setup, wallet, change);
    return true;
}

bool is_strong_cancel(const Setup& setup, const Wallet& wallet, RuleName by, Parties parties,
                      RuleName target) {
    const Parties who = approvers(setup.rule(wallet, by), parties);
    const bool is_own = by == target && setup.variant.own_cancel_needs_no_budget;
    return who != 0 &&
           (is_own || (party_count(who) >= 2 && setup.variant.strong_cancel_needs_no_budget));
}

bool cancel(const Setup& setup, Wallet& wallet, RuleName by, Parties parties, RuleName target) {
    const Rule& rule = setup.rule(wallet, by);
    Record& record = wallet.record(target);
    if (approvers(rule, parties) == 0 || (rule.rights & kMayCancel) == 0 ||
        (by >= kRecoveryRule && by != target) || record.status != Status::kWaits ||
        (wallet.is_frozen != 0 && !setup.variant.freeze_spares_cancel)) {
        return false;
    }
    const Rule& aimed = setup.rule(wallet, target);
    const bool tie_recovery = aimed.tie_recovery && setup.variant.tie_is_kept;
    bool is_remembered = false;
    if (!is_strong_cancel(setup, wallet, by, parties, target)) {
        if (tie_recovery && !count_weak_cancel(setup, record)) {
            return false;
        }
        is_remembered =
            tie_recovery && target >= kRecoveryRule && setup.variant.block_outlives_weak_cancel;
        if (setup.variant.mutes_after_cancel && !tie_recovery) {
            mute(setup, record, aimed);
        }
    }
    if (setup.variant.cancel_ends) {
        end_proposal(record, is_remembered);
    }
    return true;
}

bool cancel_ahead(const Setup& setup, Wallet& wallet, RuleName by, Parties parties,
                  RuleName target) {
    const Rule& rule = setup.rule(wallet, by);
    Record& record = wallet.record(target);
    if (approvers(rule, parties) == 0 || (rule.rights & kMayCancel) == 0 ||
        (by >= kRecoveryRule && by != target) || record.status == Status::kWaits ||
        !setup.variant.strong_cancel_reaches_ahead ||
        !is_strong_cancel(setup, wallet, by, parties, target)) {
        return false;
    }
    clear_proposal(record);
    grow_epoch(setup, record);
    return true;
}

bool freeze(const Setup& setup, Wallet& wallet, RuleName named, Parties parties) {
    const Rule& rule = setup.rule(wallet, named);
    Record& record = wallet.record(named);
    if (approvers(rule, parties) == 0 || (rule.rights & kMayFreeze) == 0 ||
        (record.freeze_age != kLongAgo && setup.variant.has_freeze_interval)) {
        return false;
    }
    record.freeze_age = 0;
    wallet.is_frozen = 1;
    grow_epoch(setup, record);
    return true;
}

bool lift(const Setup& setup, Wallet& wallet, RuleName named, Parties parties) {
    const Rule& rule = setup.rule(wallet, named);
    const Parties who = approvers(rule, parties);
    if (who == 0 || (rule.rights & kMayFreeze) == 0 || wallet.is_frozen == 0 ||
        (party_count(who) < 2 && setup.variant.lift_needs_two)) {
        return false;
    }
    wallet.is_frozen = 0;
    if (!setup.variant.lift_keeps_interval) {
        for (Record& record : wallet.shared) {
            record.freeze_age = kLongAgo;
        }
    }
    grow_epoch(setup, wallet.record(named));
    return true;
}

namespace {

void age_proposal(const Setup& setup, Record& record, bool is_recovery) {
    if (record.status == Status::kNothing) {
        return;
    }
    const int oldest = record.wait + setup.times.expiry + 1;
    record.age = static_cast<Ticks>(std::min(record.age + 1, oldest));
    const bool is_forgotten = record.status == Status::kRemembered &&
                              (!is_recovery || record.age >= record.wait + setup.times.margin);
    const bool is_over =
        record.status == Status::kWaits && setup.variant.expires && is_expired(setup, record);
    if (is_forgotten || is_over) {
        clear_proposal(record);
    }
}

void age_counters(const Setup& setup, Record& record) {
    record.mute = static_cast<Ticks>(record.mute - (record.mute != 0));
    if (record.cancels != 0 && !setup.variant.mutes_after_cancel) {
        ++record.cancel_window_age;
        if (record.cancel_window_age > setup.times.cancel_window) {
            record.cancels = 0;
            record.cancel_window_age = 0;
        }
    }
    if (record.freeze_age != kLongAgo) {
        ++record.freeze_age;
        if (record.freeze_age >= setup.times.freeze_interval) {
            record.freeze_age = kLongAgo;
        }
    }
}

}  // namespace

void tick(const Setup& setup, Wallet& wallet) {
    for (Record& record : wallet.shared) {
        age_proposal(setup, record, false);
        age_counters(setup, record);
    }
    for (Record& record : wallet.recovery) {
        age_proposal(setup, record, true);
        age_counters(setup, record);
    }
    settle_freeze(setup, wallet);
}

}  // namespace latchkey::waiting_model
