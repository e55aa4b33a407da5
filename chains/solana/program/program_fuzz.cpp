// SPDX-License-Identifier: Apache-2.0
// Covers: chains/solana/program/ core/authorization/
#include <cstdio>
#include <string>

#include "chains/solana/testing/differential_game.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;
using namespace latchkey::solana::testing;

/// The whole program, on worlds and transactions that the bytes choose: configuration, rules,
/// approvals, nonces, calls, clock, and what somebody changes afterwards. Precompiles take every
/// signature, so approvals that verify are in reach. After each transaction: refused leaves no
/// trace; accepted keeps the sum of lamports; answer, balances, state and lanes are byte for byte
/// those of core's model, which counts limits and distinct parties on its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr unsigned kStepsMax = 16;
    Game game(Choices(core::testing::fuzz_input(data, size)), {.verifies_signatures = false});
    const std::string difference = game.play(kStepsMax);
    if (!difference.empty()) {
        std::fprintf(stderr, "%s\n", difference.c_str());
    }
    core::testing::require(difference.empty());
    return 0;
}
