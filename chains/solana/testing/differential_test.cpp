// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <iostream>

#include "chains/solana/layout/state_layout.hpp"
#include "chains/solana/program/accounts.hpp"
#include "chains/solana/testing/differential_game.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Verdict;

constexpr unsigned kSteps = 40;
constexpr Verdict kEveryVerdict[] = {
#define LATCHKEY_VERDICT(name, number, sentence) Verdict::k##name,
    LATCHKEY_VERDICTS(LATCHKEY_VERDICT)
#undef LATCHKEY_VERDICT
};

TEST(DifferentialTest, model_and_native_program_agree) {
    constexpr std::uint64_t kGames = 300;
    GameTally tally;
    for (std::uint64_t seed = 1; seed <= kGames; ++seed) {
        Game game{Choices(seed)};
        const std::string difference = game.play(kSteps);
        tally.add(game.tally());
        ASSERT_EQ(difference, "") << "seed " << seed;
    }
    std::cout << tally.to_string() << "\n";
    EXPECT_GT(tally.accepted * 100, tally.steps * 30);
    for (const Verdict verdict : kEveryVerdict) {
        EXPECT_TRUE(tally.verdicts.contains(verdict)) << core::verdict_name(verdict);
    }
}

/// Whether some game sees that this is another program than the model's.
bool is_noticed(NativeEntrypoint program) {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        Game game(Choices(seed), {.program = program});
        if (!game.play(kSteps).empty()) {
            return true;
        }
    }
    return false;
}

/// The program without the check that answers this.
template <Verdict kVerdict>
std::uint64_t without(std::uint8_t* input, const std::uint8_t* data) {
    const std::uint64_t answer = entrypoint(input, data);
    return answer == static_cast<std::uint64_t>(kVerdict) ? 0 : answer;
}

template <Verdict... kVerdicts>
std::vector<std::pair<Verdict, NativeEntrypoint>> programs_without() {
    return {{kVerdicts, without<kVerdicts>}...};
}

/// Deleting any one of these checks must make the comparison fail.
TEST(DifferentialTest, a_missing_check_is_noticed) {
    for (const auto& [verdict, program] : programs_without<
             Verdict::kThresholdNotMet, Verdict::kNonceUsed, Verdict::kDeadlinePassed,
             Verdict::kSignerNotInRule, Verdict::kLimitPerCall, Verdict::kLimitPerPeriod,
             Verdict::kAssetNotListed, Verdict::kConfigurationChanged, Verdict::kStateNonce,
             Verdict::kTargetNotAllowed, Verdict::kTargetReserved, Verdict::kRuleExpired,
             Verdict::kDigestMismatch, Verdict::kKeyMismatch, Verdict::kSignerPaysFees,
             Verdict::kLaneOperator, Verdict::kCapOutflow, Verdict::kCapInflow,
             Verdict::kSignerForwarded, Verdict::kVaultChanged, Verdict::kGenesisSuperseded,
             Verdict::kLocalRuleTooBroad, Verdict::kRecoveryPart, Verdict::kNothingWaits,
             Verdict::kAlreadyWaits, Verdict::kTooEarly, Verdict::kProposalExpired,
             Verdict::kOtherProposal, Verdict::kEpoch, Verdict::kCancelBudget,
             Verdict::kCancelNotAllowed, Verdict::kFrozen, Verdict::kFreezeBudget,
             Verdict::kTwoParties, Verdict::kRecoveryUnderWay, Verdict::kUpgradeCode>()) {
        EXPECT_TRUE(is_noticed(program)) << core::verdict_name(verdict);
    }
}

/// Accepts what the program accepts, and then loses what it wrote.
template <std::size_t kAccount, std::uint64_t kOffset, std::uint64_t kSize>
std::uint64_t forgets(std::uint8_t* input, const std::uint8_t* data) {
    const std::uint64_t answer = entrypoint(input, data);
    program::Input parsed;
    if (answer == 0 && program::read_input(input, data, &parsed) == Verdict::kAccepted &&
        parsed.account_count > kAccount) {
        std::uint8_t* const account = parsed.accounts[kAccount];
        if (program::is_writable(account) && program::is_ours(parsed, account) &&
            program::data_length_of(account) >= kOffset + kSize) {
            std::fill_n(program::data_of(account) + kOffset, kSize, std::uint8_t{0});
        }
    }
    return answer;
}

/// The same with the epochs of all records.
std::uint64_t forgets_epochs(std::uint8_t* input, const std::uint8_t* data) {
    const std::uint64_t answer = entrypoint(input, data);
    program::Input parsed;
    if (answer != 0 || program::read_input(input, data, &parsed) != Verdict::kAccepted) {
        return answer;
    }
    std::uint8_t* const account = parsed.accounts[0];
    if (program::is_ours(parsed, account) && program::is_writable(account) &&
        program::data_length_of(account) > kStateSharedOffset) {
        std::uint8_t* const state = program::data_of(account);
        for (std::size_t i = 1; i <= state[kStateRecordsOffset]; ++i) {
            core::store32(state + core::load16(state + kStateLocalOffsetOffset) - i * kRecordSize +
                              kRecordEpochOffset,
                          0);
        }
    }
    return answer;
}

/// The same with what a change between two shared parts without a commitment does to the records of
/// the recovery part.
std::uint64_t forgets_recoveries(std::uint8_t* input, const std::uint8_t* data) {
    program::Input parsed;
    if (program::read_input(input, data, &parsed) != Verdict::kAccepted ||
        program::data_length_of(parsed.accounts[0]) <= kStateSharedOffset) {
        return entrypoint(input, data);
    }
    std::uint8_t* const state = program::data_of(parsed.accounts[0]);
    const std::uint64_t sequence = core::load32(state + kStateSequenceOffset);
    const std::uint8_t before = state[kStateSharedOffset];
    const std::uint64_t answer = entrypoint(input, data);
    const std::uint8_t after = state[kStateSharedOffset];
    if (answer == 0 && program::is_ours(parsed, parsed.accounts[0]) &&
        core::load32(state + kStateSequenceOffset) != sequence &&
        ((before | after) & core::kHeaderRecovery) == 0) {
        for (std::size_t i = 1; i <= state[kStateRecordsOffset]; ++i) {
            std::uint8_t* const record =
                state + core::load16(state + kStateLocalOffsetOffset) - i * kRecordSize;
            if (*record >= kRuleRecovery) {
                core::store32(record + kRecordEpochOffset,
                              core::load32(record + kRecordEpochOffset) - 1);
            }
        }
    }
    return answer;
}

TEST(DifferentialTest, a_lost_write_is_noticed) {
    EXPECT_TRUE(is_noticed(forgets<0, kStateNoncesOffset, 8>));
    EXPECT_TRUE(is_noticed(forgets<0, kStateLocalVersionOffset, 4>));
    EXPECT_TRUE(is_noticed(forgets_epochs));
    EXPECT_TRUE(is_noticed(forgets_recoveries));
    EXPECT_TRUE(is_noticed(forgets<2, core::kLaneMapOffset, 2 * core::kLaneMapBytes>));
}

}  // namespace
}  // namespace latchkey::solana::testing
