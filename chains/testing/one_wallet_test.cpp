// SPDX-License-Identifier: Apache-2.0
// One approval on every chain: the models, the contracts on anvil and the Solana program in the
// real VM give one verdict to random actions of one wallet, and have one state afterwards.
#include <gtest/gtest.h>

#include <iostream>

#include "chains/testing/one_wallet_game.hpp"

namespace latchkey::chains::testing {
namespace {

using core::kDay;
using core::Verdict;

class OneWalletTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const std::string missing = EvmChain::missing(); !missing.empty()) {
            GTEST_SKIP() << missing;
        }
        chain = std::make_unique<EvmChain>();
        vm = std::make_unique<svm::VmTwin>();
    }

    std::unique_ptr<EvmChain> chain;
    std::unique_ptr<svm::VmTwin> vm;
};

/// Else the choices are of no use.
void expect_reached(const GameTally& tally) {
    constexpr Verdict kReached[] = {Verdict::kRuleThreshold,
                                    Verdict::kRuleWait,
                                    Verdict::kLockout,
                                    Verdict::kLocalRuleTooBroad,
                                    Verdict::kUnknownLocalRule,
                                    Verdict::kRecoveryPart,
                                    Verdict::kGenesisSuperseded,
                                    Verdict::kSignerNotInRule,
                                    Verdict::kThresholdNotMet,
                                    Verdict::kKeyMismatch,
                                    Verdict::kUnknownRule,
                                    Verdict::kActionNotAllowed,
                                    Verdict::kRuleNotYetValid,
                                    Verdict::kRuleExpired,
                                    Verdict::kTargetNotAllowed,
                                    Verdict::kTargetReserved,
                                    Verdict::kConfigurationChanged,
                                    Verdict::kDeadlinePassed,
                                    Verdict::kLimitPerCall,
                                    Verdict::kLimitPerPeriod,
                                    Verdict::kAssetNotListed,
                                    Verdict::kNothingWaits,
                                    Verdict::kAlreadyWaits,
                                    Verdict::kTooEarly,
                                    Verdict::kProposalExpired,
                                    Verdict::kOtherProposal,
                                    Verdict::kEpoch,
                                    Verdict::kCancelBudget,
                                    Verdict::kCancelNotAllowed,
                                    Verdict::kFrozen,
                                    Verdict::kFreezeBudget,
                                    Verdict::kTwoParties,
                                    Verdict::kRecoveryUnderWay};
    for (const Verdict verdict : kReached) {
        EXPECT_GT(tally.count(verdict), 0U) << core::verdict_name(verdict);
    }
    for (const char* const action :
         {"execute", "grant", "revoke", "policy", "cancel", "freeze", "recover", "apply execute",
          "apply grant", "apply policy", "apply recover"}) {
        EXPECT_GT(tally.count(action, Verdict::kAccepted), 0U) << action;
    }
    EXPECT_GT(tally.together, 0U);
}

TEST_F(OneWalletTest, both_chains_give_one_verdict) {
    GameTally tally;
    constexpr std::uint64_t kGames = 50;
    for (std::uint64_t seed = 1; seed <= kGames; ++seed) {
        OneWalletGame game(*chain, *vm, seed);
        const std::string difference = game.play(60);
        tally.add(game.tally());
        ASSERT_TRUE(difference.empty()) << difference;
    }
    std::cout << tally.to_string();
    expect_reached(tally);
}

/// The comparison sees chains that are not the same to the second.
TEST_F(OneWalletTest, another_second_is_noticed) {
    bool was_noticed = false;
    for (std::uint64_t seed = 1; seed <= 20 && !was_noticed; ++seed) {
        OneWalletGame game(*chain, *vm, seed, 1);
        was_noticed = game.play(60).find("the chains have different") != std::string::npos;
    }
    EXPECT_TRUE(was_noticed);
}

/// A wallet that a rule of two parties may change, and one guardian recovers.
struct Family {
    enum People : std::size_t { kFirst, kSecond = 2, kGuardian = 5, kNew = 7 };

    core::Configuration configuration{};
    Bytes recovery_part{};

    Family() {
        const auto& people = Dice::people();
        core::RecoveryPart part;
        part.signers = {people[kGuardian].entry()};
        core::Rule recover;
        recover.actions = core::kActionRecover;
        recover.wait = core::Wait{static_cast<std::uint32_t>(kDay), core::Tie::kRecovery};
        part.rules = {recover};
        core::Rule after;
        after.actions = core::kActionExecute | core::kActionPolicy;
        part.after.rules = {after};
        recovery_part = core::encode(part).value();
        configuration.signers = {people[kFirst].entry(), people[kSecond].entry()};
        core::Rule both;
        both.actions = core::kActionExecute | core::kActionPolicy;
        both.mask = 0x3;
        both.threshold = 2;
        core::Rule one;
        one.actions = core::kActionExecute;
        one.mask = 0x3;
        configuration.rules = {both, one};
        configuration.recovery = core::commitment_of(recovery_part, 72);
    }

    /// The same with a third rule.
    Bytes changed(std::uint8_t actions) const {
        core::Configuration out = configuration;
        out.rules.push_back(core::Rule{.actions = actions});
        return core::encode(out).value();
    }
};

Move move_of(Body body, std::vector<std::uint8_t> who, RuleName rule = {}) {
    Move out;
    out.body = std::move(body);
    out.who = std::move(who);
    out.rule = std::move(rule);
    return out;
}

void expect_accepted(const Answer& answer) {
    EXPECT_EQ(core::verdict_name(answer.evm), "Accepted");
    EXPECT_EQ(answer.difference, "");
}

/// One approval covers a change of all chains and what each chain alone does.
TEST_F(OneWalletTest, one_approval_of_everything) {
    const Family family;
    OneWallet wallet(*chain, *vm, family.configuration, Dice::people());
    const auto shown =
        wallet.show({move_of(Pay{{{Payee::kSomebody, 5}}}, {0, 1}),
                     move_of(model::Policy{family.changed(core::kActionFreeze), 0}, {0, 1})},
                    false);
    for (const Shown& one : shown) {
        expect_accepted(wallet.play(one));
    }
    // Each works once.
    for (const Shown& one : shown) {
        const Answer again = wallet.play(wallet.show_again(one));
        EXPECT_FALSE(again.is_accepted());
        EXPECT_EQ(again.difference, "");
    }
}

/// Chains that hear of different changes have different configurations, until one recovery reaches
/// both (docs/spec/authorization.md, section 2).
TEST_F(OneWalletTest, chains_that_drifted_apart_meet_again) {
    const Family family;
    OneWallet wallet(*chain, *vm, family.configuration, Dice::people());
    const auto one = wallet.show(
        {move_of(model::Policy{family.changed(core::kActionFreeze), 0}, {0, 1})}, false);
    const auto other = wallet.show(
        {move_of(model::Policy{family.changed(core::kActionCancel), 0}, {0, 1})}, false);
    expect_accepted(wallet.play(one[0], Audience::kEvm));
    expect_accepted(wallet.play(other[0], Audience::kSolana));
    EXPECT_NE(wallet.compare_chains(), "");

    const Bytes signers = core::encode_unchecked(std::vector{Dice::people()[Family::kNew].entry()});
    const RuleName guardian{RuleName::Kind::kRecovery, 0, family.recovery_part};
    const auto recover = wallet.show({move_of(model::Recover{signers, 0}, {0}, guardian)}, false);
    for (const Audience audience : {Audience::kEvm, Audience::kSolana}) {
        expect_accepted(wallet.play(recover[0], audience));
    }
    wallet.set_time(wallet.now() + kDay);
    const Shown application = wallet.show_application(recover[0]);
    for (const Audience audience : {Audience::kEvm, Audience::kSolana}) {
        expect_accepted(wallet.play(application, audience));
    }
    EXPECT_EQ(wallet.compare_chains(), "");
    expect_accepted(wallet.play(wallet.show(
        {move_of(model::Policy{family.changed(core::kActionFreeze), 0}, {0})}, true)[0]));
}

}  // namespace
}  // namespace latchkey::chains::testing
