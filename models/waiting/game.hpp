// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "models/waiting/search.hpp"
#include "models/waiting/wallet.hpp"

namespace latchkey::waiting_model {

/// What honest people do when they look, as bits. They look at the wallet at least once in every
/// gap; when exactly is the adversary's choice, and so is what comes before and after it.
using Habits = uint16_t;

/// Make the change that the team wants: by two parties at once, or proposed by one.
inline constexpr Habits kMakesChange = 0x01;
/// Propose a recovery whenever none waits, and apply it when its time has come.
inline constexpr Habits kRecovers = 0x02;
/// Cancel every hostile proposal that can be cancelled.
inline constexpr Habits kCancels = 0x04;
/// The same, but only what could be applied before the next look.
inline constexpr Habits kCancelsLate = 0x08;
/// Sign the change of two parties first and submit it later, after whatever the adversary does.
inline constexpr Habits kSignsAhead = 0x10;

/// Honest parties that look and act together.
struct Team {
    Parties parties = 0;
    Ticks gap = 2;
    // Until the first look.
    Ticks first_gap = 2;
    Habits habits = 0;
    // Indexes of the change and the recovery that they want.
    uint8_t change = 0;
    uint8_t recovery = 0;
};

enum class MoveKind : uint8_t { kNone, kApprove, kApply, kCancel, kFreeze, kLift, kLook, kTick };

/// One step. `rule` is the approving rule or the team that looks, `target` what is cancelled.
struct Move {
    MoveKind kind = MoveKind::kNone;
    uint8_t rule = 0;
    uint8_t target = 0;
    uint8_t change = 0;
};

inline constexpr size_t kTeamsMaximum = 2;

/// What the laws remember by themselves of a recovery rule, so that a wallet that forgets is
/// caught.
struct Witness {
    // Ticks for which changes by one party are still held back.
    Ticks block = 0;
    uint8_t weak_cancels = 0;
    Ticks weak_cancel_age = 0;
};

/// Where a game stands: all that decides how it can go on.
struct State {
    Wallet wallet;
    std::array<Ticks, kTeamsMaximum> unseen{};
    std::array<uint8_t, kTeamsMaximum> has_looked{};
    std::array<Witness, kRecoveryRulesMaximum> witness{};
    // The adversary has made a payment.
    uint8_t has_spent = 0;
    // Hostile proposals of the recovery part, up to Game::proposals_counted.
    uint8_t proposals = 0;
    // Ticks since the first of them in which money could be moved, up to Game::free_ticks_counted.
    uint8_t free_ticks = 0;
    // 1: a change of two parties is signed and not yet submitted; 2: it has been made void.
    uint8_t signed_change = 0;
};

/// A wallet, an adversary that may do anything its parties can, and honest teams.
class Game {
  public:
    Setup setup;
    Parties adversary = 0;
    std::vector<Team> teams;
    // The adversary does not use these rights, to keep a story small.
    Rights unused = 0;
    uint8_t proposals_counted = 0;
    uint8_t free_ticks_counted = 0;
    // What the wallet has been through before.
    Wallet start;
    // The story is over where this holds; null is nowhere.
    bool (*is_over)(const Game&, const State&) = nullptr;

    State initial() const;
    const char* broken_law(const State& state) const;
    std::string describe(const State& before, Move move) const;

    template <class Emit>
    void successors(const State& before, Emit&& emit) const {
        if (is_over != nullptr && is_over(*this, before)) {
            return;
        }
        for (const Move& move : hostile_moves(before)) {
            State after = before;
            const char* broken = nullptr;
            if (attempt(after, move, adversary, true, &broken)) {
                const bool helps =
                    move.kind == MoveKind::kApply && !setup.changes[move.change].is_hostile;
                emit(after, move, helps ? Step::kHonest : Step::kHostile, broken);
            }
        }
        const auto team_count = static_cast<uint8_t>(teams.size());
        for (uint8_t team = 0; team < team_count; ++team) {
            State after = before;
            const char* broken = nullptr;
            look(after, team, &broken);
            emit(after, Move{MoveKind::kLook, team, 0, 0}, Step::kHonest, broken);
        }
        if (may_pass(before)) {
            State after = before;
            pass(after);
            emit(after, Move{MoveKind::kTick, 0, 0, 0}, Step::kTick, nullptr);
        }
    }

  private:
    std::vector<Move> hostile_moves(const State& state) const;
    bool may_pass(const State& state) const;
    void pass(State& state) const;
    // Does one thing, or leaves the state alone and says false. *broken: the law it broke, if any.
    bool attempt(State& state, const Move& move, Parties parties, bool is_hostile,
                 const char** broken) const;
    void observe(const State& before, const Move& move, Parties parties, Answer answer,
                 bool is_hostile, State& state) const;
    void look(State& state, uint8_t team, const char** broken) const;
    // The rule under which the team makes its change at once; kRecoveryRule if there is none.
    RuleName rule_of_two(const State& state, const Team& team) const;
    bool change_by_two(State& state, const Team& team, const char** broken) const;
    void cancel_hostile(State& state, const Team& team, const char** broken) const;
    void apply_ours(State& state, const char** broken) const;
    void propose_ours(State& state, const Team& team, const char** broken) const;
};

/// A law broken by a step of `parties` in a wallet, or null. `answer`: what became of an approval.
const char* broken_step_law(const Game& game, const State& before, const Move& move,
                            Parties parties, Answer answer, const State& after);

/// A law broken by a state alone, or null.
const char* broken_state_law(const Game& game, const State& state);

}  // namespace latchkey::waiting_model
