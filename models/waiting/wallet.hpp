// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "models/waiting/rules.hpp"
#include "models/waiting/variant.hpp"

namespace latchkey::waiting_model {

inline constexpr size_t kSharedRulesMaximum = 5;
inline constexpr size_t kRecoveryRulesMaximum = 2;

enum class Status : uint8_t {
    kNothing,
    kWaits,
    // Done or cancelled, and still holding back changes that one party alone approved.
    kRemembered,
};

/// What the chain keeps of one rule. Times are ages, so equal futures are equal bytes.
struct Record {
    Status status = Status::kNothing;
    uint8_t change = 0;
    Ticks age = 0;
    Ticks wait = 0;
    // The guard applied: one party alone approved.
    uint8_t is_guarded = 0;
    uint8_t cancels = 0;
    Ticks cancel_window_age = 0;
    Ticks freeze_age = kLongAgo;
    // Stays 0 where the game has no old approvals.
    uint8_t epoch = 0;
    Ticks mute = 0;
};

/// A wallet on one chain.
struct Wallet {
    uint8_t configuration = 0;
    uint8_t is_frozen = 0;
    std::array<Record, kSharedRulesMaximum> shared{};
    std::array<Record, kRecoveryRulesMaximum> recovery{};

    Record& record(RuleName named) {
        return named >= kRecoveryRule ? recovery[named - kRecoveryRule] : shared[named];
    }
    const Record& record(RuleName named) const {
        return named >= kRecoveryRule ? recovery[named - kRecoveryRule] : shared[named];
    }
};
static_assert(std::has_unique_object_representations_v<Wallet>);

/// What all wallets of a game have in common. Configurations are the initial one and all that the
/// changes lead to.
struct Setup {
    Times times;
    Variant variant;
    std::vector<Configuration> configurations;
    std::vector<Change> changes;
    // next[configuration][change]
    std::vector<std::vector<uint8_t>> next;
    bool has_epochs = false;

    uint8_t change_count() const { return static_cast<uint8_t>(changes.size()); }
    const Configuration& of(const Wallet& wallet) const {
        return configurations[wallet.configuration];
    }
    const Rule& rule(const Wallet& wallet, RuleName named) const { return of(wallet).rule(named); }
    const Rule* find_rule(const Wallet& wallet, RuleName named) const;
};

/// A setup whose configurations are closed under the changes.
Setup make_setup(const Times& times, const Variant& variant, const Configuration& initial,
                 const std::vector<Change>& changes);

enum class Answer : uint8_t { kRefused, kWaits, kDone };

/// Those of `parties` that can approve under the rule; 0 if they are below its threshold.
Parties approvers(const Rule& rule, Parties parties);

/// How long the action would wait if `parties` approved it.
Ticks waiting_time(const Setup& setup, const Wallet& wallet, RuleName named, Action action,
                   Parties parties);

/// `parties` approve the change (or payment) under the rule: done at once, or proposed.
Answer approve(const Setup& setup, Wallet& wallet, RuleName named, Parties parties, uint8_t change);

/// Anybody applies what waits under the rule. False if refused.
bool apply(const Setup& setup, Wallet& wallet, RuleName named);

/// `parties` cancel under rule `by` what waits under rule `target`. False if refused.
bool cancel(const Setup& setup, Wallet& wallet, RuleName by, Parties parties, RuleName target);

/// Whether `parties` may cancel whatever waits under `target`, without counting.
bool is_strong_cancel(const Setup& setup, const Wallet& wallet, RuleName by, Parties parties,
                      RuleName target);

/// A cancel of what was not proposed here: only the epoch grows. False if something waits.
bool cancel_ahead(const Setup& setup, Wallet& wallet, RuleName by, Parties parties,
                  RuleName target);

bool freeze(const Setup& setup, Wallet& wallet, RuleName named, Parties parties);
bool lift(const Setup& setup, Wallet& wallet, RuleName named, Parties parties);

/// Whether some proposal of the recovery part holds back what one party alone approved.
bool is_recovery_under_way(const Setup& setup, const Wallet& wallet);

/// One tick passes.
void tick(const Setup& setup, Wallet& wallet);

}  // namespace latchkey::waiting_model
