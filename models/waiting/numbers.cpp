// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/numbers.hpp"

#include "models/waiting/story_parts.hpp"

namespace latchkey::waiting_model {

Outcome contest(const Variant& variant, const Contest& what) {
    const Options& options = what.options;
    Cast cast =
        thief_cast(two_parties(options), options, kGuardian, what.gap_days, kRecovers, false);
    if (what.only_cancels) {
        cast.hostile.clear();
    }
    Story story{"contest",
                make_game(variant, options, cast),
                {never("lost", is_lost), certain("out", is_rid_of_adversary, 0)}};
    story.game.is_over = is_lost;
    Record& record = story.game.start.recovery[0];
    record.cancels = static_cast<uint8_t>(what.earlier_cancels);
    record.cancel_window_age = options.days(what.days_since_cancel);
    constexpr size_t kStatesMaximum = 50'000'000;
    const StoryResult found = play(story, kStatesMaximum);
    const int lost = found.claims[0].days;
    return {found.states, lost, lost == kNever ? found.claims[1].days : kForever};
}

}  // namespace latchkey::waiting_model
