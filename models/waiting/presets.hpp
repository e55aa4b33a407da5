// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/waiting/rules.hpp"

namespace latchkey::waiting_model {

/// What the presets leave open. Days.
struct Options {
    int ticks_per_day = 1;
    bool tie_recovery = true;
    int delay_days = 7;
    int guard_days = 9;
    bool guardian_freezes = false;
    // A second recovery rule, for the heir; 0 is none.
    int heir_delay_days = 0;
    bool heir_tie_recovery = false;

    Ticks days(int count) const { return static_cast<Ticks>(count * ticks_per_day); }
};

inline constexpr uint8_t kNoRecovery = 0;
inline constexpr uint8_t kFirstRecovery = 1;
inline constexpr uint8_t kSecondRecovery = 2;
// And upwards: the guard or the delays are not the first ones.
inline constexpr uint8_t kWeakenedRecovery = 3;

/// Phone, laptop and paper key: two of them change anything at once, one of them after the guard.
Configuration three_parties(const Options& options);

/// The same, but changes of one and of two parties stand in one rule.
Configuration three_parties_in_one_rule(const Options& options);

/// The same with a two-party rule that waits, and no other way to change anything.
Configuration delayed_two_parties(const Options& options, int delay_days);

/// Phone and a recovery method.
Configuration two_parties(const Options& options);

/// Phone and laptop: large payments by both, or by one after a day; and a recovery method.
Configuration guarded(const Options& options);

/// Phone alone.
Configuration one_party();

/// Phone, laptop and an operator who is also the guardian.
Configuration with_operator(const Options& options);

/// What a thief would change: become two parties, be rid of the recovery; and if thorough, weaken
/// the guard, slow the recovery down, throw the others out.
std::vector<Change> changes_of_thief(const Options& options, Parties stolen, bool is_thorough);

/// The recovery that names fresh keys in the places of the first configuration's, and the one of a
/// malicious guardian, which names its own.
Change honest_recovery(const Configuration& first);
Change hostile_recovery(const Configuration& first);

/// A stolen party is replaced by a fresh one.
Change replace_stolen(Parties stolen);
/// Another guardian, in a new commitment.
Change replace_guardian();
/// A large payment.
Change large_payment();

}  // namespace latchkey::waiting_model
