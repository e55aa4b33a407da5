// SPDX-License-Identifier: Apache-2.0
// differential_long <first seed> <seconds> [vm]: plays games of 40 steps until the time is over or
// something differs (exit code 1), on the native program and, with "vm", in the real VM.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>

#include "chains/solana/testing/differential_vm.hpp"

int main(int count, char** arguments) {
    using namespace latchkey::solana::testing;
    if (count < 3) {
        std::cerr << "usage: differential_long <first seed> <seconds> [vm]\n";
        return 2;
    }
    const std::uint64_t first = std::strtoull(arguments[1], nullptr, 10);
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::seconds(std::strtoull(arguments[2], nullptr, 10));
    std::unique_ptr<VmTwin> twin;
    if (count > 3 && std::string_view(arguments[3]) == "vm") {
        twin = std::make_unique<VmTwin>();
    }
    GameTally tally;
    std::uint64_t seed = first;
    for (; std::chrono::steady_clock::now() < end; ++seed) {
        Game game(Choices(seed), {}, twin.get());
        const std::string difference = game.play(40);
        tally.add(game.tally());
        if (!difference.empty()) {
            std::cout << "seed " << seed << ": " << difference << "\n";
            return 1;
        }
    }
    std::cout << seed - first << " games, " << tally.to_string() << "\n";
    return 0;
}
