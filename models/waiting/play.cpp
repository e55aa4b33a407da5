// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/waiting/stories.hpp"

namespace latchkey::waiting_model {

bool is_lost(const Game& game, const State& state) {
    const Configuration& now = game.setup.of(state.wallet);
    const Configuration& first = game.setup.configurations[0];
    const bool is_touched = now.commitment >= kWeakenedRecovery ||
                            (now.commitment == kNoRecovery && first.commitment != kNoRecovery);
    return is_touched || std::any_of(now.shared.begin(), now.shared.end(), [](const Rule& rule) {
               return (rule.who & kThiefDevices) != 0;
           });
}

bool is_rid_of_adversary(const Game& game, const State& state) {
    const Configuration& now = game.setup.of(state.wallet);
    const auto hostile = static_cast<Parties>(game.adversary | kThiefDevices);
    const auto names = [&](const Rule& rule) { return (rule.who & hostile) != 0; };
    return std::none_of(now.shared.begin(), now.shared.end(), names) &&
           std::none_of(now.recovery.begin(), now.recovery.end(), names);
}

bool StoryResult::holds() const {
    return is_complete && violations.empty() &&
           std::all_of(claims.begin(), claims.end(),
                       [](const ClaimResult& claim) { return claim.holds; });
}

namespace {

using GameSearch = Search<Game, State, Move>;

// Days that began.
int to_days(const Game& game, int ticks) {
    const int per_day = game.setup.times.ticks_per_day;
    return ticks == kForever || ticks == kNever ? ticks : (ticks + per_day - 1) / per_day;
}

ClaimResult judge(const Story& story, const Claim& claim, const GameSearch& search) {
    const Game& game = story.game;
    const auto predicate = [&](const State& state) { return claim.predicate(game, state); };
    ClaimResult result;
    size_t where = 0;
    switch (claim.kind) {
        case ClaimKind::kNever:
            result.days = to_days(game, search.earliest(predicate, &where));
            result.holds = result.days == kNever;
            break;
        case ClaimKind::kPossible:
            result.days = to_days(game, search.earliest(predicate, &where));
            result.holds = result.days == claim.days;
            break;
        case ClaimKind::kCertain:
            result.days = to_days(game, search.latest(predicate));
            result.holds = result.days <= claim.days;
            break;
        case ClaimKind::kEndless:
            result.days = search.latest(predicate);
            result.holds = result.days == kForever;
            break;
        case ClaimKind::kStaysPossible:
            result.holds = search.stays_possible(predicate, &where);
            break;
    }
    if (where != 0) {
        result.trace = search.trace(where);
    }
    return result;
}

}  // namespace

StoryResult play(const Story& story, size_t states_maximum, bool stops_at_violation) {
    GameSearch search(story.game, states_maximum);
    search.run(stops_at_violation);
    StoryResult result;
    result.states = search.state_count();
    result.steps = search.step_count();
    result.violations = search.violations();
    result.is_complete = !search.is_too_large();
    if (stops_at_violation && !result.violations.empty()) {
        return result;
    }
    for (const Claim& claim : story.claims) {
        result.claims.push_back(judge(story, claim, search));
    }
    return result;
}

}  // namespace latchkey::waiting_model
