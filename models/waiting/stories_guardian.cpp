// SPDX-License-Identifier: Apache-2.0
// The guardian is malicious, or was broken into.
#include "models/waiting/story_parts.hpp"

namespace latchkey::waiting_model {

namespace {

constexpr Habits kDefends = kMakesChange | kCancels;

Story against_two(const Variant& variant, const Scale& scale, int gap_days) {
    const Options options = options_at(scale);
    const Cast cast =
        guardian_cast(three_parties(options), options, kPhone | kLaptop, gap_days, kDefends);
    const std::string name =
        "guardian, owner with two parties looks every " + std::to_string(gap_days) + " days";
    const Game game = make_game(variant, options, cast);
    return gap_days < options.delay_days
               ? Story{name,
                       game,
                       {never("the guardian gets the wallet", is_lost),
                        certain("the guardian is replaced", is_rid_of_adversary, gap_days)}}
               : Story{name,
                       game,
                       {possible("the guardian gets the wallet", is_lost, options.delay_days)}};
}

// New keys are not enough: the recovery that waits does not depend on what it replaces.
Story change_that_keeps_recovery(const Variant& variant, const Scale& scale) {
    const Options options = options_at(scale);
    Cast cast = guardian_cast(three_parties(options), options, kPhone | kLaptop, 2, kMakesChange);
    cast.our_change = replace_stolen(kPhone);
    return {"guardian, owner with two parties changes his keys and cancels nothing",
            make_game(variant, options, cast),
            {possible("the guardian gets the wallet", is_lost, options.delay_days)}};
}

Story against_one_tie_owner(const Variant& variant, const Scale& scale, int gap_days) {
    Options options = options_at(scale);
    options.tie_recovery = false;
    const Cast cast = guardian_cast(two_parties(options), options, kPhone, gap_days, kDefends);
    const std::string name = "guardian, owner with one party looks every " +
                             std::to_string(gap_days) + " days, tie owner";
    const Game game = make_game(variant, options, cast);
    return gap_days < options.delay_days
               ? Story{name,
                       game,
                       {never("the guardian gets the wallet", is_lost),
                        certain("the guardian is replaced", is_rid_of_adversary,
                                options.guard_days + 2 * gap_days)}}
               : Story{name,
                       game,
                       {possible("the guardian gets the wallet", is_lost, options.delay_days)}};
}

Story against_one_tie_recovery(const Variant& variant, const Scale& scale, bool cancels_late) {
    const Options options = options_at(scale);
    const Habits habits = kMakesChange | (cancels_late ? kCancelsLate : kCancels);
    const Cast cast = guardian_cast(two_parties(options), options, kPhone, 1, habits);
    Game game = make_game(variant, options, cast);
    game.proposals_counted = 3;
    return {std::string("guardian, owner with one party, tie recovery, cancels ") +
                (cancels_late ? "at the last moment" : "at once"),
            game,
            {never("the guardian gets the wallet before the third proposal",
                   [](const Game& of, const State& state) {
                       return is_lost(of, state) && state.proposals < 3;
                   }),
             possible("the guardian gets the wallet", is_lost,
                      cancels_late ? options.delay_days + 2 * (options.delay_days - 1)
                                   : options.delay_days)}};
}

// How long the owner can move money before a guardian with TIE recovery has the wallet.
Story time_to_move(const Variant& variant, const Scale& scale, bool freezes, int delay_days,
                   int least_days) {
    const Options options{.ticks_per_day = freezes ? 1 : scale.ticks_per_day,
                          .delay_days = delay_days,
                          .guard_days = delay_days + 2,
                          .guardian_freezes = freezes};
    const Cast cast = guardian_cast(two_parties(options), options, kPhone, 1, kCancels);
    Game game = make_game(variant, options, cast);
    game.setup.times.cancel_window = options.days(30);
    game.unused = 0;
    game.is_over = is_lost;
    game.proposals_counted = 1;
    game.free_ticks_counted = options.days(least_days + 1);
    const auto within = [least_days](int less) {
        return [least_days, less](const Game& of, const State& state) {
            const int ticks = (least_days - less) * of.setup.times.ticks_per_day;
            return is_lost(of, state) && state.free_ticks <= ticks;
        };
    };
    std::vector<Claim> claims{possible("the guardian gets the wallet, and the owner had " +
                                           std::to_string(least_days) + " days to move money",
                                       within(0), delay_days)};
    if (least_days > 0) {
        claims.push_back(never("the owner had less", within(1)));
    }
    return {"guardian " + std::string(freezes ? "who may freeze" : "who may not freeze") +
                ", tie recovery, delay of " + std::to_string(delay_days) + " days",
            game, claims};
}

Story operator_against_two(const Variant& variant, const Scale& scale) {
    // Nobody tells the owner and nobody carries his transactions: he looks for himself.
    const Options options = options_at(scale);
    const Cast cast = guardian_cast(with_operator(options), options, kPhone | kLaptop, 6, kDefends);
    return {"operator is party, guardian, relayer and notifier; owner with two parties",
            make_game(variant, options, cast),
            {never("the operator gets the wallet", is_lost),
             certain("the operator is replaced", is_rid_of_adversary, 6)}};
}

Story operator_against_one(const Variant& variant, const Scale& scale) {
    Options options = options_at(scale);
    options.tie_recovery = false;
    const Cast cast = guardian_cast(with_operator(options), options, kPhone, 6, kDefends);
    return {"operator is party, guardian, relayer and notifier; owner with one party, tie owner",
            make_game(variant, options, cast),
            {never("the operator gets the wallet", is_lost),
             certain("the operator is replaced", is_rid_of_adversary, options.guard_days + 12)}};
}

Story asleep(const Variant& variant, const Scale& scale, int delay_days) {
    const Options options{.ticks_per_day = scale.ticks_per_day,
                          .tie_recovery = false,
                          .delay_days = delay_days,
                          .guard_days = delay_days + 2};
    const Cast cast = guardian_cast(two_parties(options), options, kPhone, 7, kDefends);
    const Game game = make_game(variant, options, cast);
    const std::string name = "guardian, owner asleep for a week again and again, delay of " +
                             std::to_string(delay_days) + " days";
    return delay_days > 7
               ? Story{name, game, {never("the guardian gets the wallet", is_lost)}}
               : Story{name, game, {possible("the guardian gets the wallet", is_lost, delay_days)}};
}

Story paper_key(const Variant& variant, const Scale& scale) {
    Options options = options_at(scale);
    options.tie_recovery = false;
    const Cast cast = guardian_cast(three_parties(options), options, kPaper, 2, kDefends);
    return {"guardian, only the paper key is left, tie owner",
            make_game(variant, options, cast),
            {never("the guardian gets the wallet", is_lost),
             certain("the guardian is replaced", is_rid_of_adversary, options.guard_days + 4)}};
}

}  // namespace

std::vector<Story> guardian_stories(const Variant& variant, const Scale& scale) {
    return {against_two(variant, scale, scale.delay_days - 1),
            against_two(variant, scale, scale.delay_days),
            change_that_keeps_recovery(variant, scale),
            against_one_tie_owner(variant, scale, scale.delay_days - 1),
            against_one_tie_owner(variant, scale, scale.delay_days),
            against_one_tie_recovery(variant, scale, false),
            against_one_tie_recovery(variant, scale, true),
            time_to_move(variant, scale, false, 7, 7),
            time_to_move(variant, scale, true, 7, 0),
            time_to_move(variant, scale, true, 9, 2),
            time_to_move(variant, scale, true, 14, 7),
            operator_against_two(variant, scale),
            operator_against_one(variant, scale),
            asleep(variant, scale, 7),
            asleep(variant, scale, 9),
            paper_key(variant, scale)};
}

}  // namespace latchkey::waiting_model
