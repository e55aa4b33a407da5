// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/wallet.hpp"

#include <gtest/gtest.h>

#include "models/waiting/presets.hpp"

namespace latchkey::waiting_model {
namespace {

constexpr RuleName kTwo = 1;
constexpr RuleName kOne = 2;
constexpr RuleName kCancels = 3;
constexpr uint8_t kReplace = 0;
constexpr uint8_t kRecover = 1;

class WalletTest : public testing::Test {
  protected:
    WalletTest()
        : setup_(make_setup(make_times(1), Variant{}, three_parties(Options{}),
                            {replace_stolen(kPhone), honest_recovery(three_parties(Options{}))})) {}

    void pass(int days) {
        for (int i = 0; i < days; ++i) {
            tick(setup_, wallet_);
        }
    }
    bool cancel_recovery(Parties parties) {
        return cancel(setup_, wallet_, party_count(parties) > 1 ? kTwo : kCancels, parties,
                      kRecoveryRule);
    }
    Answer propose_recovery() {
        return approve(setup_, wallet_, kRecoveryRule, kGuardian, kRecover);
    }

    waiting_model::Setup setup_;
    Wallet wallet_;
};

TEST_F(WalletTest, TwoPartiesChangeAtOnceAndOneAfterTheGuard) {
    Wallet other;
    EXPECT_EQ(approve(setup_, other, kTwo, kLaptop | kPaper, kReplace), Answer::kDone);
    EXPECT_EQ(approve(setup_, other, kTwo, kLaptop, kReplace), Answer::kRefused);
    EXPECT_EQ(approve(setup_, wallet_, kOne, kLaptop, kReplace), Answer::kWaits);
    pass(8);
    EXPECT_FALSE(apply(setup_, wallet_, kOne));
    pass(1);
    EXPECT_TRUE(apply(setup_, wallet_, kOne));
}

TEST_F(WalletTest, ProposalsCanBeAppliedFor14Days) {
    EXPECT_EQ(propose_recovery(), Answer::kWaits);
    EXPECT_EQ(propose_recovery(), Answer::kRefused);
    pass(7 + 14);
    Wallet late = wallet_;
    EXPECT_TRUE(apply(setup_, wallet_, kRecoveryRule));
    tick(setup_, late);
    EXPECT_FALSE(apply(setup_, late, kRecoveryRule));
    EXPECT_EQ(approve(setup_, late, kRecoveryRule, kGuardian, kRecover), Answer::kWaits);
}

TEST_F(WalletTest, ARecoveryIsNotOutrun) {
    EXPECT_EQ(approve(setup_, wallet_, kOne, kPhone, kReplace), Answer::kWaits);
    pass(2);
    EXPECT_EQ(propose_recovery(), Answer::kWaits);
    EXPECT_TRUE(cancel_recovery(kPhone));
    pass(8);
    EXPECT_TRUE(is_recovery_under_way(setup_, wallet_));
    EXPECT_FALSE(apply(setup_, wallet_, kOne));
    pass(1);
    EXPECT_TRUE(apply(setup_, wallet_, kOne));
}

TEST_F(WalletTest, TwoPartiesForgetARecovery) {
    EXPECT_EQ(propose_recovery(), Answer::kWaits);
    EXPECT_TRUE(cancel_recovery(kLaptop | kPaper));
    EXPECT_FALSE(is_recovery_under_way(setup_, wallet_));
}

TEST_F(WalletTest, OnePartyCancelsTwiceIn90Days) {
    for (const bool is_allowed : {true, true, false}) {
        EXPECT_EQ(propose_recovery(), Answer::kWaits);
        EXPECT_EQ(cancel_recovery(kPhone), is_allowed);
    }
    EXPECT_TRUE(cancel_recovery(kLaptop | kPaper));
    pass(91);
    EXPECT_EQ(propose_recovery(), Answer::kWaits);
    EXPECT_TRUE(cancel_recovery(kPhone));
}

TEST_F(WalletTest, AFreezeLastsSevenDaysOfThirty) {
    EXPECT_TRUE(freeze(setup_, wallet_, kCancels, kPhone));
    EXPECT_FALSE(freeze(setup_, wallet_, kCancels, kPhone));
    EXPECT_EQ(approve(setup_, wallet_, kTwo, kLaptop | kPaper, kReplace), Answer::kRefused);
    EXPECT_EQ(propose_recovery(), Answer::kWaits);
    EXPECT_FALSE(lift(setup_, wallet_, kCancels, kPhone));
    pass(6);
    EXPECT_EQ(wallet_.is_frozen, 1);
    pass(1);
    EXPECT_EQ(wallet_.is_frozen, 0);
    EXPECT_FALSE(freeze(setup_, wallet_, kCancels, kPhone));
    pass(23);
    EXPECT_TRUE(freeze(setup_, wallet_, kCancels, kPhone));
    EXPECT_TRUE(lift(setup_, wallet_, kTwo, kLaptop | kPaper));
}

TEST_F(WalletTest, RecoveringEndsProposalsAndKeepsTheRecoveryPart) {
    EXPECT_EQ(approve(setup_, wallet_, kOne, kPhone, kReplace), Answer::kWaits);
    EXPECT_EQ(propose_recovery(), Answer::kWaits);
    pass(7);
    EXPECT_TRUE(apply(setup_, wallet_, kRecoveryRule));
    EXPECT_EQ(wallet_.shared[kOne].status, Status::kNothing);
    EXPECT_EQ(setup_.of(wallet_).commitment, kFirstRecovery);
    EXPECT_EQ(setup_.of(wallet_).shared[kOne].who, kFresh);
}

}  // namespace
}  // namespace latchkey::waiting_model
