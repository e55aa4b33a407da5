// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/stories.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace latchkey::waiting_model {
namespace {

constexpr size_t kStatesMaximum = 1'000'000;

std::string told(const Story& story, const StoryResult& result) {
    std::string text = story.name + ", " + std::to_string(result.states) + " states";
    for (const Violation& violation : result.violations) {
        text += "\n  broken: " + violation.law;
        for (const std::string& line : violation.trace) {
            text += "\n    " + line;
        }
    }
    for (size_t i = 0; i < result.claims.size(); ++i) {
        if (!result.claims[i].holds) {
            text += "\n  not as claimed: " + story.claims[i].text + ": " +
                    std::to_string(result.claims[i].days);
        }
    }
    return text;
}

TEST(Stories, EveryStoryAndEveryLawHolds) {
    for (const Story& story : all_stories(Variant{}, Scale{})) {
        const StoryResult result = play(story, kStatesMaximum);
        EXPECT_TRUE(result.holds()) << told(story, result);
    }
}

// The days of the presets (core/wallet/presets.hpp), which docs/recovery.md names beside the
// others.
TEST(Stories, HoldWithTheDaysOfThePresets) {
    for (const Story& story : all_stories(Variant{}, Scale{.delay_days = 9, .guard_days = 11})) {
        const StoryResult result = play(story, kStatesMaximum);
        EXPECT_TRUE(result.holds()) << told(story, result);
    }
}

// Half days, so that nothing depends on the length of a tick; without the stories that grow large.
TEST(Stories, TheLengthOfATickDoesNotMatter) {
    for (const Story& story : all_stories(Variant{}, Scale{.ticks_per_day = 2})) {
        if (story.game.unused == 0 || story.game.proposals_counted != 0) {
            continue;
        }
        const StoryResult result = play(story, kStatesMaximum);
        EXPECT_TRUE(result.holds()) << told(story, result);
    }
}

TEST(Stories, EachHasClaimsAndANameOfItsOwn) {
    std::vector<std::string> names;
    for (const Story& story : all_stories(Variant{}, Scale{})) {
        EXPECT_FALSE(story.claims.empty()) << story.name;
        EXPECT_EQ(std::count(names.begin(), names.end(), story.name), 0) << story.name;
        names.push_back(story.name);
    }
}

}  // namespace
}  // namespace latchkey::waiting_model
