// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/chains.hpp"

#include <gtest/gtest.h>

namespace latchkey::waiting_model {
namespace {

constexpr size_t kStatesMaximum = 1'000'000;

void expect_all_hold(const Variant& variant) {
    for (const ChainsStory& story : chains_stories(variant, Scale{})) {
        const StoryResult result = play(story, kStatesMaximum);
        EXPECT_TRUE(result.holds()) << story.name;
        for (const Violation& violation : result.violations) {
            ADD_FAILURE() << story.name << ": " << violation.law;
        }
    }
}

TEST(Chains, EveryStoryAndEveryLawHolds) {
    expect_all_hold(Variant{});
}

TEST(Chains, ACommitmentThatComesBackMakesOldApprovalsGoodIfRecordsEndedWithIt) {
    Variant variant;
    variant.epochs_outlive_commitment = false;
    const StoryResult result = play(returning_recovery(variant, false), kStatesMaximum);
    ASSERT_FALSE(result.violations.empty());
    EXPECT_EQ(result.violations.front().law, "an approval works once on each chain");
    const std::vector<std::string> attack{"guardian: recover, epoch 0 on chain 0",
                                          "two parties: another guardian on chain 0",
                                          "two parties: the first guardian again on chain 0",
                                          "guardian: recover, epoch 0 on chain 0"};
    EXPECT_EQ(result.violations.front().trace, attack);
    EXPECT_TRUE(play(returning_recovery(variant, true), kStatesMaximum).holds());
}

TEST(Chains, NoOldApprovalIsGoodAgain) {
    EXPECT_TRUE(play(returning_recovery(Variant{}, false), kStatesMaximum).holds());
    EXPECT_TRUE(play(returning_recovery(Variant{}, true), kStatesMaximum).holds());
}

}  // namespace
}  // namespace latchkey::waiting_model
