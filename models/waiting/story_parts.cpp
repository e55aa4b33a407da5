// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/story_parts.hpp"

namespace latchkey::waiting_model {

Game make_game(const Variant& variant, const Options& options, const Cast& cast) {
    std::vector<Change> changes{cast.our_change, honest_recovery(cast.wallet)};
    changes.insert(changes.end(), cast.hostile.begin(), cast.hostile.end());
    Game game;
    game.setup = make_setup(make_times(options.ticks_per_day), variant, cast.wallet, changes);
    game.adversary = static_cast<Parties>(cast.adversary | kThiefDevices);
    game.teams = cast.teams;
    game.unused = kMayFreeze;
    return game;
}

Cast thief_cast(const Configuration& wallet, const Options& options, Parties honest, int gap_days,
                Habits habits, bool is_thorough) {
    const Ticks gap = options.days(gap_days);
    return {wallet,
            kPhone,
            replace_stolen(kPhone),
            changes_of_thief(options, kPhone, is_thorough),
            {{honest, gap, gap, habits, kOurChange, kOurRecovery}}};
}

Cast guardian_cast(const Configuration& wallet, const Options& options, Parties honest,
                   int gap_days, Habits habits) {
    const Ticks gap = options.days(gap_days);
    return {wallet,
            kGuardian,
            replace_guardian(),
            {hostile_recovery(wallet)},
            {{honest, gap, gap, habits, kOurChange, kOurRecovery}}};
}

std::vector<Story> all_stories(const Variant& variant, const Scale& scale) {
    std::vector<Story> all = thief_stories(variant, scale);
    for (auto& more : {guardian_stories(variant, scale), other_stories(variant, scale)}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

}  // namespace latchkey::waiting_model
