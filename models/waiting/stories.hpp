// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/waiting/game.hpp"
#include "models/waiting/presets.hpp"

namespace latchkey::waiting_model {

using StatePredicate = std::function<bool(const Game&, const State&)>;

/// What a claim says about its predicate.
enum class ClaimKind : uint8_t {
    // It holds in no reachable state.
    kNever,
    // It can come true, `days` after the beginning at the earliest.
    kPossible,
    // It comes true whatever the adversary does, within `days`: the bound for people who may look
    // at any moment, which the search comes up to as ticks get shorter.
    kCertain,
    // The adversary can put it off for ever.
    kEndless,
    // From every reachable state it can still come true without the adversary's help.
    kStaysPossible,
};

/// Part of a story: what must hold, and when.
struct Claim {
    ClaimKind kind;
    std::string text;
    StatePredicate predicate;
    int days = 0;
};

/// A game and what is claimed about it.
struct Story {
    std::string name;
    Game game;
    std::vector<Claim> claims;
};

/// How finely to play.
struct Scale {
    int ticks_per_day = 1;
    // All changes that a thief might want, all rights.
    bool is_thorough = false;
    // Of the first recovery rule, and of the guard, where a story does not choose its own.
    int delay_days = 7;
    int guard_days = 9;
};

/// Every story of one wallet on one chain.
std::vector<Story> all_stories(const Variant& variant, const Scale& scale);

/// Wallet and adversary: somebody hostile has become two parties, or has touched the recovery.
bool is_lost(const Game& game, const State& state);
/// No rule names the adversary any more.
bool is_rid_of_adversary(const Game& game, const State& state);

/// What the search found of one claim. `days` as in the claim, for the kinds that have it.
struct ClaimResult {
    bool holds = false;
    int days = 0;
    // How the claim fails, or how what is possible comes about.
    std::vector<std::string> trace;
};

/// What the search found of one story. `is_complete`: no state was left out.
struct StoryResult {
    size_t states = 0;
    size_t steps = 0;
    bool is_complete = false;
    std::vector<Violation> violations;
    std::vector<ClaimResult> claims;

    bool holds() const;
};

StoryResult play(const Story& story, size_t states_maximum, bool stops_at_violation = false);

}  // namespace latchkey::waiting_model
