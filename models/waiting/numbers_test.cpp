// SPDX-License-Identifier: Apache-2.0
// The days that docs/recovery.md names.
#include "models/waiting/numbers.hpp"

#include <gtest/gtest.h>

namespace latchkey::waiting_model {
namespace {

// Of core/wallet/presets.hpp.
const Options kPresetDays{.delay_days = 9, .guard_days = 11};

Outcome with_delay(int days, const Variant& variant = {}) {
    return contest(variant,
                   {.options = {.delay_days = days, .guard_days = days + 2}, .only_cancels = true});
}

TEST(Numbers, TheThirdProposalWins) {
    EXPECT_EQ(with_delay(7).out, 26);
    EXPECT_EQ(with_delay(9).out, 32);
    EXPECT_EQ(with_delay(14).out, 47);
    EXPECT_EQ(with_delay(30).out, 95);
}

// Whoever looks at any moment within two days looks up to three ticks later in all: 29, 35, 98.
TEST(Numbers, ShorterTicksComeUpToTheBound) {
    const auto in_half_days = [](int days) {
        return contest({},
                       {.options = {.ticks_per_day = 2, .delay_days = days, .guard_days = days + 2},
                        .only_cancels = true})
            .out;
    };
    EXPECT_EQ(in_half_days(7), 28);
    EXPECT_EQ(in_half_days(9), 34);
    EXPECT_EQ(in_half_days(30), 97);
}

TEST(Numbers, TieRecoveryMeansNothingFromADelayOf45DaysOn) {
    EXPECT_EQ(with_delay(43).out, 134);
    EXPECT_EQ(with_delay(44).out, 317);
    EXPECT_EQ(with_delay(45).out, kForever);
    EXPECT_EQ(with_delay(60).out, kForever);
}

TEST(Numbers, AWindowFromTheLastCancelWouldLastFor86Days) {
    Variant variant;
    variant.window_begins_with_last_cancel = true;
    EXPECT_EQ(with_delay(45, variant).out, 140);
    EXPECT_EQ(with_delay(86, variant).out, 263);
    EXPECT_EQ(with_delay(88, variant).out, kForever);
}

TEST(Numbers, AnEarlierCancelCanCostOneMoreProposal) {
    const auto after = [](int days) {
        return contest({}, {.earlier_cancels = 1, .days_since_cancel = days}).out;
    };
    EXPECT_EQ(after(30), 18);
    EXPECT_EQ(after(80), 34);
    EXPECT_EQ(after(90), 26);
    const auto after_in_presets = [](int days) {
        return contest({},
                       {.options = kPresetDays, .earlier_cancels = 1, .days_since_cancel = days})
            .out;
    };
    EXPECT_EQ(after_in_presets(30), 22);
    EXPECT_EQ(after_in_presets(80), 42);
    EXPECT_EQ(after_in_presets(90), 32);
}

TEST(Numbers, TheGuardMustBeLongerThanNobodyLooks) {
    const auto with_guard = [](int days) { return contest({}, {.options = {.guard_days = days}}); };
    EXPECT_EQ(with_guard(1).lost, 1);
    EXPECT_EQ(with_guard(2).lost, 2);
    EXPECT_EQ(with_guard(3).lost, kNever);
    EXPECT_EQ(with_guard(3).out, 26);
    EXPECT_EQ(with_guard(9).lost, kNever);
}

TEST(Numbers, WhoeverProposesAgainLaterThan48HoursAfterACancelLoses) {
    EXPECT_EQ(contest({}, {.gap_days = 2}).lost, kNever);
    EXPECT_EQ(contest({}, {.gap_days = 3}).lost, 9);
    EXPECT_EQ(contest({}, {.options = kPresetDays, .gap_days = 2}).lost, kNever);
    EXPECT_EQ(contest({}, {.options = kPresetDays, .gap_days = 3}).lost, 11);
}

}  // namespace
}  // namespace latchkey::waiting_model
