// SPDX-License-Identifier: Apache-2.0
// one_wallet_long <first seed> <seconds>: plays games of 80 actions until the time is over or
// something differs (exit code 1). One game: one_wallet_long <its seed> 0.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "chains/testing/one_wallet_game.hpp"

int main(int count, char** arguments) {
    using namespace latchkey::chains::testing;
    if (count != 3) {
        std::cerr << "usage: one_wallet_long <first seed> <seconds>\n";
        return 2;
    }
    if (const std::string missing = EvmChain::missing(); !missing.empty()) {
        std::cerr << missing << "\n";
        return 2;
    }
    std::uint64_t seed = std::strtoull(arguments[1], nullptr, 10);
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::seconds(std::strtoull(arguments[2], nullptr, 10));
    EvmChain chain;
    svm::VmTwin vm;
    GameTally tally;
    do {
        OneWalletGame game(chain, vm, seed++);
        const std::string difference = game.play(80);
        tally.add(game.tally());
        if (!difference.empty()) {
            std::cout << difference << "\n";
            return 1;
        }
    } while (std::chrono::steady_clock::now() < end);
    std::cout << tally.to_string();
    return 0;
}
