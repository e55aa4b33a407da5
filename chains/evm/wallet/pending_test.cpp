// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/pending.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::testing::filled;

constexpr std::uint64_t kNow = 2'000'000'000;
constexpr std::uint64_t kGuard = 72 * core::kHour;
constexpr std::uint8_t kPolicy = 4;
constexpr std::uint8_t kUpgrade = 15;

/// Rule 0 changes and cancels at once, rule 1 upgrades after a day, rule 2 cancels with two.
WalletSnapshot snapshot() {
    core::Configuration configuration;
    for (const int byte : {1, 2}) {
        configuration.signers.push_back(
            core::Signer::secp256k1_eip712(filled<Address>(static_cast<std::uint8_t>(byte))));
    }
    core::Rule change;
    change.actions = core::kActionPolicy | core::kActionCancel;
    core::Rule upgrade;
    upgrade.actions = core::kActionUpgrade;
    upgrade.wait = core::Wait{core::kDay};
    core::Rule cancel;
    cancel.actions = core::kActionCancel;
    cancel.mask = 3;
    cancel.threshold = 2;
    configuration.rules = {change, upgrade, cancel};
    configuration.recovery = core::RecoveryCommitment{72, {}};
    configuration.recovery->hash[0] = 1;
    const auto program = filled<Hash32>(0x50);
    Deployment deployment;
    deployment.program = program;
    const auto made = core::find_salt(configuration, program).value();
    return in_genesis(WalletHandle::from_genesis(made.genesis, deployment, 1).value());
}

void wait_for(WalletSnapshot& wallet, core::model::Record record) {
    wallet.records.push_back(record);
    if (record.action != 0) {
        wallet.proposals.push_back({record, std::nullopt});
    }
}

TEST(Pending, TheGuardHoldsBackUpgradesToo) {
    const core::Configuration configuration = snapshot().configuration;
    const auto& rules = configuration.rules;
    EXPECT_EQ(wait_seconds(configuration, rules[0], kPolicy, 1), kGuard);
    EXPECT_EQ(wait_seconds(configuration, rules[0], kPolicy, 2), 0U);
    EXPECT_EQ(wait_seconds(configuration, rules[1], kUpgrade, 1), kGuard);
    EXPECT_EQ(wait_seconds(configuration, rules[1], kUpgrade, 2), core::kDay);
    EXPECT_EQ(wait_seconds(configuration, rules[1], 1, 1), core::kDay);
    EXPECT_EQ(wait_seconds(configuration, rules[1], 11, 1), 0U);
}

TEST(Pending, TellsWhenAndWhoEndsIt) {
    WalletSnapshot wallet = snapshot();
    const auto earliest = static_cast<std::uint32_t>(kNow + kGuard);
    wait_for(wallet, {.rule = 1, .action = kUpgrade, .guarded = true, .earliest = earliest});
    const auto found = pending_actions(wallet, kNow);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].proposal.record, wallet.records[0]);
    EXPECT_EQ(found[0].proposed_at, kNow);
    EXPECT_EQ(found[0].earliest, earliest);
    EXPECT_EQ(found[0].latest, earliest + core::kProposalLife);
    EXPECT_FALSE(found[0].is_due(earliest - 1));
    EXPECT_TRUE(found[0].is_due(earliest));
    EXPECT_FALSE(found[0].is_expired(found[0].latest));
    EXPECT_TRUE(found[0].is_expired(found[0].latest + 1));
    ASSERT_EQ(found[0].ways.size(), 2U);
    EXPECT_EQ(found[0].ways[0].rule, 0U);
    EXPECT_EQ(found[0].ways[1].parties, 2U);
}

TEST(Pending, DoesNotOutrunARecovery) {
    WalletSnapshot wallet = snapshot();
    const auto earliest = static_cast<std::uint32_t>(kNow);
    wait_for(wallet, {.rule = 0, .action = kPolicy, .guarded = true, .earliest = earliest});
    EXPECT_FALSE(pending_actions(wallet, kNow)[0].waits_for_recovery);
    wait_for(wallet, {.rule = core::kRecoveryRule, .earliest = earliest});
    const auto found = pending_actions(wallet, kNow);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].waits_for_recovery);
    EXPECT_EQ(found[0].earliest, kNow + core::kMargin);
}

TEST(Pending, AFreezeHoldsUntilItsTime) {
    WalletSnapshot wallet = snapshot();
    EXPECT_EQ(frozen_until(wallet, kNow), std::nullopt);
    wallet.hot.was_frozen = true;
    wallet.hot.frozen_until = kNow + 1;
    EXPECT_EQ(frozen_until(wallet, kNow), kNow + 1);
    EXPECT_EQ(frozen_until(wallet, kNow + 1), std::nullopt);
}

}  // namespace
}  // namespace latchkey::evm::wallet
