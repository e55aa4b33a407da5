// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <iostream>

#include "chains/solana/testing/differential_vm.hpp"

namespace latchkey::solana::testing {
namespace {

TEST(DifferentialVmTest, model_native_program_and_vm_agree) {
    VmTwin twin;
    GameTally tally;
    constexpr std::uint64_t kGames = 60;
    for (std::uint64_t seed = 1; seed <= kGames; ++seed) {
        Game game(Choices(seed), {}, &twin);
        const std::string difference = game.play(40);
        tally.add(game.tally());
        ASSERT_EQ(difference, "") << "seed " << seed;
    }
    std::cout << tally.to_string() << "\n";
    EXPECT_GT(tally.accepted * 100, tally.steps * 30);
}

/// The comparison sees a program that is another one.
TEST(DifferentialVmTest, another_program_is_noticed) {
    VmTwin twin;
    const NativeEntrypoint forgetful = [](std::uint8_t* input, const std::uint8_t* data) {
        const std::uint64_t answer = entrypoint(input, data);
        return answer == static_cast<std::uint64_t>(core::Verdict::kNonceUsed) ? std::uint64_t{0}
                                                                               : answer;
    };
    bool was_noticed = false;
    for (std::uint64_t seed = 1; seed <= 60 && !was_noticed; ++seed) {
        Game game(Choices(seed), {.program = forgetful}, &twin);
        was_noticed = game.play(40).find("the VM says") != std::string::npos;
    }
    EXPECT_TRUE(was_noticed);
}

}  // namespace
}  // namespace latchkey::solana::testing
