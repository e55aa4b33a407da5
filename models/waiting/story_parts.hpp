// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/waiting/stories.hpp"

/// What the stories are put together from.
namespace latchkey::waiting_model {

inline constexpr uint8_t kOurChange = 0;
inline constexpr uint8_t kOurRecovery = 1;

/// What a story is told with.
struct Cast {
    Configuration wallet;
    Parties adversary = 0;
    // What honest teams may want beside the recovery.
    Change our_change;
    std::vector<Change> hostile;
    std::vector<Team> teams;
};

/// What a scale says.
inline Options options_at(const Scale& scale) {
    return {.ticks_per_day = scale.ticks_per_day,
            .delay_days = scale.delay_days,
            .guard_days = scale.guard_days};
}

Game make_game(const Variant& variant, const Options& options, const Cast& cast);

/// A thief with the phone against a team of the other parties, days between two looks.
Cast thief_cast(const Configuration& wallet, const Options& options, Parties honest, int gap_days,
                Habits habits, bool is_thorough);

/// A malicious guardian against a team of the owner's parties.
Cast guardian_cast(const Configuration& wallet, const Options& options, Parties honest,
                   int gap_days, Habits habits);

inline Claim never(std::string text, StatePredicate what) {
    return {ClaimKind::kNever, std::move(text), std::move(what), 0};
}
inline Claim possible(std::string text, StatePredicate what, int days) {
    return {ClaimKind::kPossible, std::move(text), std::move(what), days};
}
inline Claim certain(std::string text, StatePredicate what, int days) {
    return {ClaimKind::kCertain, std::move(text), std::move(what), days};
}
inline Claim endless(std::string text, StatePredicate what) {
    return {ClaimKind::kEndless, std::move(text), std::move(what), 0};
}
inline Claim stays_possible(std::string text, StatePredicate what) {
    return {ClaimKind::kStaysPossible, std::move(text), std::move(what), 0};
}

std::vector<Story> thief_stories(const Variant& variant, const Scale& scale);
std::vector<Story> guardian_stories(const Variant& variant, const Scale& scale);
std::vector<Story> other_stories(const Variant& variant, const Scale& scale);

}  // namespace latchkey::waiting_model
