// SPDX-License-Identifier: Apache-2.0
// Somebody else has the phone.
#include "models/waiting/story_parts.hpp"

namespace latchkey::waiting_model {

namespace {

constexpr int kNoticed = 2;

// Two recoveries are cancelled at the last moment, the third one stands; each is noticed late.
int third_recovery(const Options& options) {
    return 3 * options.delay_days + 4 * kNoticed;
}

bool has_paid(const Game&, const State& state) {
    return state.has_spent != 0;
}

Story three_honest(const Variant& variant, const Scale& scale) {
    const Options options = options_at(scale);
    const Cast cast = thief_cast(three_parties(options), options, kLaptop | kPaper, kNoticed,
                                 kMakesChange | kCancels, scale.is_thorough);
    Game game = make_game(variant, options, cast);
    game.unused = 0;
    return {"thief, three parties: laptop and paper key are left",
            game,
            {never("the thief gets a second party or the recovery", is_lost),
             certain("the thief is out", is_rid_of_adversary, kNoticed)}};
}

Story laptop_and_guardian(const Variant& variant, const Scale& scale, bool tie_recovery) {
    Options options = options_at(scale);
    options.tie_recovery = tie_recovery;
    const Cast cast = thief_cast(three_parties(options), options, kLaptop | kGuardian, kNoticed,
                                 kRecovers | kCancels, scale.is_thorough);
    const Game game = make_game(variant, options, cast);
    const std::string name = "thief, three parties: laptop and guardian are left, tie ";
    const Claim safe = never("the thief gets a second party or the recovery", is_lost);
    return tie_recovery
               ? Story{name + "recovery",
                       game,
                       {safe,
                        certain("the thief is out", is_rid_of_adversary, third_recovery(options))}}
               : Story{name + "owner",
                       game,
                       {safe, endless("the thief can stay", is_rid_of_adversary),
                        stays_possible("the thief is out once he rests", is_rid_of_adversary)}};
}

Story phone_and_guardian(const Variant& variant, const Scale& scale, bool freezes) {
    Options options = options_at(scale);
    options.guardian_freezes = freezes;
    const Cast cast = thief_cast(two_parties(options), options, kGuardian, kNoticed, kRecovers,
                                 scale.is_thorough);
    Game game = make_game(variant, options, cast);
    game.unused = freezes ? Rights{0} : kMayFreeze;
    return {std::string("thief, two parties: the guardian is left, tie recovery") +
                (freezes ? ", freezes" : ""),
            game,
            {never("the thief gets a second party or the recovery", is_lost),
             certain("the thief is out", is_rid_of_adversary, third_recovery(options))}};
}

Story phone_and_guardian_tie_owner(const Variant& variant, const Scale& scale) {
    Options options = options_at(scale);
    options.tie_recovery = false;
    const Cast cast = thief_cast(two_parties(options), options, kGuardian, kNoticed, kRecovers,
                                 scale.is_thorough);
    Game game = make_game(variant, options, cast);
    game.unused = 0;
    game.is_over = is_lost;
    return {"thief, two parties: the guardian is left, tie owner",
            game,
            {possible("the thief takes all", is_lost, options.guard_days),
             endless("the thief can stay", is_rid_of_adversary)}};
}

Story guarded_payments(const Variant& variant, const Scale& scale) {
    // Twelve hours are the longest gap below the day that a payment waits.
    Options options = options_at(scale);
    options.ticks_per_day = 2;
    Cast cast = thief_cast(guarded(options), options, kLaptop | kGuardian, 1, kRecovers | kCancels,
                           scale.is_thorough);
    cast.teams[0].gap = cast.teams[0].first_gap = 1;
    cast.hostile = {large_payment(), cast.hostile[0]};
    return {"thief, guarded: laptop and guardian are left, looks twice a day",
            make_game(variant, options, cast),
            {never("the thief makes a large payment", has_paid),
             never("the thief gets a second party or the recovery", is_lost),
             certain("the thief is out", is_rid_of_adversary, 3 * options.delay_days + 2)}};
}

Story guarded_too_late(const Variant& variant, const Scale& scale) {
    const Options options = options_at(scale);
    Cast cast = thief_cast(guarded(options), options, kLaptop | kGuardian, kNoticed,
                           kRecovers | kCancels, false);
    cast.hostile = {large_payment()};
    return {"thief, guarded: looks every two days",
            make_game(variant, options, cast),
            {possible("the thief makes a large payment", has_paid, 1)}};
}

Story phone_alone(const Variant& variant, const Scale& scale) {
    const Options options = options_at(scale);
    Cast cast = thief_cast(one_party(), options, kPhone, kNoticed, 0, false);
    return {"thief, one party",
            make_game(variant, options, cast),
            {possible("the thief takes all", is_lost, 0)}};
}

Story asleep(const Variant& variant, const Scale& scale, int guard_days) {
    Options options = options_at(scale);
    options.guard_days = guard_days;
    Cast cast = thief_cast(two_parties(options), options, kGuardian, kNoticed, kRecovers,
                           scale.is_thorough);
    cast.teams[0].first_gap = options.days(7);
    const std::string name =
        "thief, owner asleep for a week, guard of " + std::to_string(guard_days) + " days";
    const Game game = make_game(variant, options, cast);
    Game over = game;
    over.is_over = is_lost;
    return guard_days > 7
               ? Story{name,
                       game,
                       {never("the thief gets a second party or the recovery", is_lost),
                        certain("the thief is out", is_rid_of_adversary,
                                third_recovery(options) + 7 - kNoticed)}}
               : Story{name, over, {possible("the thief takes all", is_lost, guard_days)}};
}

Story paper_against_phone(const Variant& variant, const Scale& scale) {
    const Options options = options_at(scale);
    const Cast cast = thief_cast(three_parties(options), options, kPaper, kNoticed,
                                 kMakesChange | kCancels, scale.is_thorough);
    return {"thief, only the paper key is left",
            make_game(variant, options, cast),
            {never("the thief gets a second party or the recovery", is_lost),
             endless("the thief can stay", is_rid_of_adversary),
             stays_possible("the thief is out once he rests", is_rid_of_adversary)}};
}

Story lost_phone(const Variant& variant, const Scale& scale) {
    const Options options = options_at(scale);
    Cast cast = thief_cast(three_parties(options), options, kPaper, kNoticed,
                           kMakesChange | kCancels, scale.is_thorough);
    cast.adversary = 0;
    return {"phone and laptop lost, only the paper key is left",
            make_game(variant, options, cast),
            {certain(
                "the phone is replaced",
                [](const Game& game, const State& state) {
                    return (game.setup.of(state.wallet).shared[0].who & kPhone) == 0;
                },
                options.guard_days + 2 * kNoticed)}};
}

Story signed_ahead(const Variant& variant, const Scale& scale, bool in_one_rule) {
    const Options options = options_at(scale);
    const Configuration wallet =
        in_one_rule ? three_parties_in_one_rule(options) : three_parties(options);
    const Cast cast =
        thief_cast(wallet, options, kLaptop | kPaper, kNoticed, kMakesChange | kSignsAhead, false);
    const Game game = make_game(variant, options, cast);
    return in_one_rule
               ? Story{"thief, changes of one and two parties in one rule: signatures are voided",
                       game,
                       {endless("the thief can stay", is_rid_of_adversary)}}
               : Story{"thief, changes of two parties in a rule of their own, submitted late",
                       game,
                       {certain("the thief is out", is_rid_of_adversary, kNoticed)}};
}

}  // namespace

std::vector<Story> thief_stories(const Variant& variant, const Scale& scale) {
    return {three_honest(variant, scale),
            laptop_and_guardian(variant, scale, true),
            laptop_and_guardian(variant, scale, false),
            phone_and_guardian(variant, scale, false),
            phone_and_guardian(variant, scale, true),
            phone_and_guardian_tie_owner(variant, scale),
            guarded_payments(variant, scale),
            guarded_too_late(variant, scale),
            phone_alone(variant, scale),
            asleep(variant, scale, scale.guard_days),
            asleep(variant, scale, 7),
            paper_against_phone(variant, scale),
            lost_phone(variant, scale),
            signed_ahead(variant, scale, true),
            signed_ahead(variant, scale, false)};
}

}  // namespace latchkey::waiting_model
