// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/game.hpp"

#include <algorithm>

namespace latchkey::waiting_model {

State Game::initial() const {
    State state;
    state.wallet = start;
    return state;
}

const char* Game::broken_law(const State& state) const {
    return broken_state_law(*this, state);
}

std::string Game::describe(const State& before, Move move) const {
    const auto rule = [](uint8_t named) {
        return (named >= kRecoveryRule ? "recovery rule " : "rule ") +
               std::to_string(named & ~kRecoveryRule);
    };
    const auto change = [&] { return "'" + setup.changes[move.change].name + "'"; };
    switch (move.kind) {
        case MoveKind::kApprove:
            return "adversary approves " + change() + " under " + rule(move.rule);
        case MoveKind::kApply:
            return "applied: " + change() + " under " + rule(move.rule);
        case MoveKind::kCancel:
            return "adversary cancels what waits under " + rule(move.target);
        case MoveKind::kFreeze:
            return "adversary freezes under " + rule(move.rule);
        case MoveKind::kLift:
            return "adversary lifts the freeze";
        case MoveKind::kLook:
            return "team " + std::to_string(move.rule) + " looks and acts";
        case MoveKind::kTick:
            return "a tick passes (configuration: " + setup.of(before.wallet).name + ")";
        case MoveKind::kNone:
            break;
    }
    return "nothing";
}

std::vector<Move> Game::hostile_moves(const State& state) const {
    std::vector<Move> moves;
    const Configuration& now = setup.of(state.wallet);
    const std::vector<RuleName> names = now.names();
    for (const RuleName named : names) {
        if (state.wallet.record(named).status == Status::kWaits) {
            moves.push_back({MoveKind::kApply, named, 0, state.wallet.record(named).change});
        }
        const Rule& rule = now.rule(named);
        if (approvers(rule, adversary) == 0) {
            continue;
        }
        const auto rights = static_cast<Rights>(rule.rights & ~unused);
        for (uint8_t change = 0; change < setup.change_count(); ++change) {
            if (setup.changes[change].is_hostile) {
                moves.push_back({MoveKind::kApprove, named, 0, change});
            }
        }
        if ((rights & kMayFreeze) != 0) {
            moves.push_back({MoveKind::kFreeze, named, 0, 0});
            moves.push_back({MoveKind::kLift, named, 0, 0});
        }
        if ((rights & kMayCancel) != 0) {
            for (const RuleName target : names) {
                moves.push_back({MoveKind::kCancel, named, target, 0});
            }
        }
    }
    return moves;
}

bool Game::may_pass(const State& state) const {
    for (size_t i = 0; i < teams.size(); ++i) {
        const Ticks gap = state.has_looked[i] != 0 ? teams[i].gap : teams[i].first_gap;
        if (state.unseen[i] >= gap) {
            return false;
        }
    }
    return state.signed_change == 0;
}

void Game::pass(State& state) const {
    for (size_t i = 0; i < teams.size(); ++i) {
        ++state.unseen[i];
    }
    if (state.proposals != 0 && state.wallet.is_frozen == 0 &&
        state.free_ticks < free_ticks_counted) {
        ++state.free_ticks;
    }
    tick(setup, state.wallet);
    for (Witness& witness : state.witness) {
        witness.block = static_cast<Ticks>(witness.block - (witness.block != 0));
        if (witness.weak_cancels == 0) {
            continue;
        }
        ++witness.weak_cancel_age;
        if (witness.weak_cancel_age > setup.times.cancel_window) {
            witness.weak_cancels = 0;
            witness.weak_cancel_age = 0;
        }
    }
}

// What the laws and the stories keep in mind beside the wallet.
void Game::observe(const State& before, const Move& move, Parties parties, Answer answer,
                   bool is_hostile, State& state) const {
    if (setup.of(before.wallet).commitment != setup.of(state.wallet).commitment) {
        state.witness = {};
        return;
    }
    const bool pays = move.kind == MoveKind::kApprove || move.kind == MoveKind::kApply;
    if (pays && answer == Answer::kDone && setup.changes[move.change].is_hostile &&
        setup.changes[move.change].action == Action::kExecute) {
        state.has_spent = 1;
    }
    if (is_hostile && move.kind == MoveKind::kApprove && answer == Answer::kWaits &&
        state.signed_change == 1 && move.rule == rule_of_two(before, teams[0])) {
        // The epoch that was signed has passed.
        state.signed_change = 2;
    }
    if (move.kind == MoveKind::kApprove && move.rule >= kRecoveryRule && answer == Answer::kWaits) {
        const Record& record = state.wallet.record(move.rule);
        state.witness[move.rule - kRecoveryRule].block =
            static_cast<Ticks>(record.wait + setup.times.margin);
        if (is_hostile && state.proposals < proposals_counted) {
            ++state.proposals;
        }
    }
    if (move.kind == MoveKind::kCancel && move.target >= kRecoveryRule) {
        Witness& witness = state.witness[move.target - kRecoveryRule];
        const Parties who = approvers(setup.rule(before.wallet, move.rule), parties);
        if (move.rule == move.target || party_count(who) >= 2 ||
            !setup.rule(before.wallet, move.target).tie_recovery) {
            witness.block = 0;
        } else {
            witness.weak_cancels = static_cast<uint8_t>(
                std::min<int>(witness.weak_cancels + 1, setup.times.cancel_budget + 1));
            if (setup.variant.window_begins_with_last_cancel) {
                witness.weak_cancel_age = 0;
            }
        }
    }
}

bool Game::attempt(State& state, const Move& move, Parties parties, bool is_hostile,
                   const char** broken) const {
    const State before = state;
    Wallet& wallet = state.wallet;
    Answer answer = Answer::kDone;
    bool is_accepted = false;
    switch (move.kind) {
        case MoveKind::kApprove:
            answer = approve(setup, wallet, move.rule, parties, move.change);
            is_accepted = answer != Answer::kRefused;
            break;
        case MoveKind::kApply:
            is_accepted = apply(setup, wallet, move.rule);
            break;
        case MoveKind::kCancel:
            is_accepted = cancel(setup, wallet, move.rule, parties, move.target);
            break;
        case MoveKind::kFreeze:
            is_accepted = freeze(setup, wallet, move.rule, parties);
            break;
        case MoveKind::kLift:
            is_accepted = lift(setup, wallet, move.rule, parties);
            break;
        default:
            break;
    }
    if (!is_accepted) {
        state = before;
        return false;
    }
    observe(before, move, parties, answer, is_hostile, state);
    if (*broken == nullptr) {
        *broken = broken_step_law(*this, before, move, parties, answer, state);
    }
    return true;
}

RuleName Game::rule_of_two(const State& state, const Team& team) const {
    const auto ours = static_cast<Parties>(team.parties | kFresh);
    for (const RuleName named : setup.of(state.wallet).names()) {
        const Rule& rule = setup.rule(state.wallet, named);
        const Parties who = approvers(rule, ours);
        if (party_count(who) >= 2 && (rule.rights & kMayChange) != 0 &&
            waiting_time(setup, state.wallet, named, Action::kPolicy, who) == 0) {
            return named;
        }
    }
    return kRecoveryRule;
}

bool Game::change_by_two(State& state, const Team& team, const char** broken) const {
    const RuleName named = rule_of_two(state, team);
    if (named == kRecoveryRule) {
        return false;
    }
    const auto ours = static_cast<Parties>(team.parties | kFresh);
    attempt(state, {MoveKind::kLift, named, 0, 0}, ours, false, broken);
    return attempt(state, {MoveKind::kApprove, named, 0, team.change}, ours, false, broken);
}

void Game::cancel_hostile(State& state, const Team& team, const char** broken) const {
    const auto ours = static_cast<Parties>(team.parties | kFresh);
    const std::vector<RuleName> names = setup.of(state.wallet).names();
    for (const RuleName target : names) {
        const Record& record = state.wallet.record(target);
        if (record.status != Status::kWaits || !setup.changes[record.change].is_hostile) {
            continue;
        }
        const bool can_wait = record.age + team.gap < record.wait;
        if ((team.habits & kCancels) == 0 && can_wait) {
            continue;
        }
        // Whoever needs no budget first.
        for (const bool is_strong : {true, false}) {
            for (const RuleName by : names) {
                if (is_strong_cancel(setup, state.wallet, by, ours, target) == is_strong &&
                    attempt(state, {MoveKind::kCancel, by, target, 0}, ours, false, broken)) {
                    break;
                }
            }
        }
    }
}

void Game::apply_ours(State& state, const char** broken) const {
    // Recoveries first: they end what else waits.
    const std::vector<RuleName> names = setup.of(state.wallet).names();
    for (auto named = names.rbegin(); named != names.rend(); ++named) {
        if (setup.find_rule(state.wallet, *named) == nullptr) {
            continue;
        }
        const Record& record = state.wallet.record(*named);
        if (record.status == Status::kWaits && !setup.changes[record.change].is_hostile) {
            attempt(state, {MoveKind::kApply, *named, 0, record.change}, 0, false, broken);
        }
    }
}

void Game::propose_ours(State& state, const Team& team, const char** broken) const {
    const auto ours = static_cast<Parties>(team.parties | kFresh);
    const std::vector<RuleName> names = setup.of(state.wallet).names();
    for (const RuleName named : names) {
        if (state.wallet.record(named).status == Status::kWaits) {
            continue;
        }
        if (named < kRecoveryRule && (team.habits & kMakesChange) != 0) {
            attempt(state, {MoveKind::kApprove, named, 0, team.change}, ours, false, broken);
        }
        if (named >= kRecoveryRule && (team.habits & kRecovers) != 0) {
            attempt(state, {MoveKind::kApprove, named, 0, team.recovery}, ours, false, broken);
        }
    }
}

void Game::look(State& state, uint8_t index, const char** broken) const {
    const Team& team = teams[index];
    state.unseen[index] = 0;
    state.has_looked[index] = 1;
    if ((team.habits & kSignsAhead) != 0 && state.signed_change == 0) {
        state.signed_change = 1;
        return;
    }
    const bool is_void = state.signed_change == 2;
    state.signed_change = 0;
    if ((team.habits & kMakesChange) != 0 && !is_void && change_by_two(state, team, broken)) {
        return;
    }
    if ((team.habits & (kCancels | kCancelsLate)) != 0) {
        cancel_hostile(state, team, broken);
    }
    const uint8_t before = state.wallet.configuration;
    apply_ours(state, broken);
    if (state.wallet.configuration == before && (team.habits & kSignsAhead) == 0) {
        propose_ours(state, team, broken);
    }
}

}  // namespace latchkey::waiting_model
