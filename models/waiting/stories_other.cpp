// SPDX-License-Identifier: Apache-2.0
// Two parties against one, inheritance, several recovery rules.
#include "models/waiting/story_parts.hpp"

namespace latchkey::waiting_model {

namespace {

bool is_the_heirs(const Game& game, const State& state) {
    return (game.setup.of(state.wallet).shared[0].who & kFreshPhone) != 0;
}

Story two_malicious(const Variant& variant, const Scale& scale) {
    const Options options{.ticks_per_day = scale.ticks_per_day};
    Cast cast = thief_cast(three_parties(options), options, kPaper, 2, kMakesChange | kCancels,
                           scale.is_thorough);
    cast.adversary = kPhone | kLaptop;
    return {"two malicious parties against the paper key",
            make_game(variant, options, cast),
            {possible("the two take all", is_lost, 0)}};
}

// A two-party rule that waits: one party may cancel what two have approved.
Story delayed_two(const Variant& variant, const Scale& scale, bool tie_recovery) {
    const Options options{.ticks_per_day = scale.ticks_per_day, .tie_recovery = tie_recovery};
    Cast cast = thief_cast(delayed_two_parties(options, 4), options, kLaptop | kPaper, 1,
                           kMakesChange | kCancels, false);
    const Game game = make_game(variant, options, cast);
    const std::string name = "thief, two parties left, their only rule waits 4 days, tie ";
    return tie_recovery
               ? Story{name + "recovery",
                       game,
                       {certain("the thief is out", is_rid_of_adversary, 16)}}
               : Story{name + "owner", game, {endless("the thief can stay", is_rid_of_adversary)}};
}

// The heir's delay, and the owner's looks, are a quarter of what they would be: 45 days for 180.
// Nothing in the rules lies between the two.
Story heir_waits(const Variant& variant, const Scale& scale, int gap_days) {
    const Options options{.ticks_per_day = scale.ticks_per_day,
                          .tie_recovery = false,
                          .delay_days = 45,
                          .guard_days = 47};
    const Cast cast = guardian_cast(two_parties(options), options, kPhone, gap_days, kCancels);
    const std::string name =
        "inheritance, owner looks every " + std::to_string(gap_days) + " days, delay of 45 days";
    const Game game = make_game(variant, options, cast);
    return gap_days < 45 ? Story{name, game, {never("the heir gets the wallet", is_lost)}}
                         : Story{name, game, {possible("the heir gets the wallet", is_lost, 45)}};
}

Story owner_is_dead(const Variant& variant, const Scale& scale) {
    const Options options{.ticks_per_day = scale.ticks_per_day,
                          .tie_recovery = false,
                          .delay_days = 45,
                          .guard_days = 47};
    Cast cast = thief_cast(two_parties(options), options, kGuardian, 2, kRecovers, false);
    cast.adversary = 0;
    return {"inheritance, the owner does not look any more",
            make_game(variant, options, cast),
            {certain("the heir gets the wallet", is_the_heirs, 49)}};
}

Story two_recoveries(const Variant& variant, const Scale& scale, bool tie_recovery) {
    Options options = options_at(scale);
    options.heir_delay_days = 20;
    options.heir_tie_recovery = tie_recovery;
    const Cast cast = thief_cast(two_parties(options), options, kGuardian, 2, kRecovers, false);
    return {"thief, guardian of " + std::to_string(options.delay_days) +
                " days is left, heir of 20 days is silent, tie of heir " +
                (tie_recovery ? "recovery" : "owner"),
            make_game(variant, options, cast),
            {never("the thief gets a second party or the recovery", is_lost),
             certain("the thief is out", is_rid_of_adversary, 3 * options.delay_days + 8)}};
}

// The malicious heir may not stop the owner from replacing him.
Story malicious_heir(const Variant& variant, const Scale& scale) {
    Options options = options_at(scale);
    options.tie_recovery = false;
    options.heir_delay_days = 20;
    Cast cast = guardian_cast(two_parties(options), options, kPhone, 6, kMakesChange | kCancels);
    cast.adversary = kGuardian | kHeir;
    return {"guardian and heir together, owner with one party, tie owner",
            make_game(variant, options, cast),
            {never("they get the wallet", is_lost),
             certain("they are replaced", is_rid_of_adversary, options.guard_days + 12)}};
}

}  // namespace

std::vector<Story> other_stories(const Variant& variant, const Scale& scale) {
    return {two_malicious(variant, scale),        delayed_two(variant, scale, false),
            delayed_two(variant, scale, true),    heir_waits(variant, scale, 44),
            heir_waits(variant, scale, 45),       owner_is_dead(variant, scale),
            two_recoveries(variant, scale, true), malicious_heir(variant, scale)};
}

}  // namespace latchkey::waiting_model
