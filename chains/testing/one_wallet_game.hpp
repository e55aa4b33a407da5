// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>

#include "chains/testing/dice.hpp"
#include "chains/testing/one_wallet.hpp"

namespace latchkey::chains::testing {

/// What happened, over many games.
struct GameTally {
    std::uint64_t games = 0;
    std::uint64_t steps = 0;
    /// By action, and what the EVM says.
    std::map<std::string, std::map<core::Verdict, std::uint64_t>> verdicts{};
    /// Where both chains refuse and name other reasons: EVM's, Solana's.
    std::map<std::string, std::uint64_t> other_reasons{};
    /// Actions that were approved together with others, and accepted.
    std::uint64_t together = 0;

    std::uint64_t count(const std::string& action, core::Verdict verdict) const;
    std::uint64_t count(core::Verdict verdict) const;
    void add(const GameTally& other);
    /// A line for each action.
    std::string to_string() const;
};

/// One wallet on two chains, and random actions for it.
class OneWalletGame {
  public:
    /// `skew`: see OneWallet.
    OneWalletGame(EvmChain& chain, svm::VmTwin& vm, std::uint64_t seed, std::uint64_t skew = 0);

    /// Until something differs: then what, the seed, and every action up to there.
    std::string play(unsigned steps);
    const GameTally& tally() const { return tally_; }

  private:
    /// What is done next; several when they were approved together.
    std::vector<Shown> next();
    std::optional<Shown> application();
    std::string step();

    std::uint64_t seed_;
    Dice dice_;
    OneWallet wallet_;
    /// What was accepted and may wait.
    std::deque<Shown> proposed_{};
    /// Anything that was shown.
    std::deque<Shown> shown_{};
    /// Approved and not yet shown.
    std::deque<Shown> ready_{};
    std::vector<std::string> log_{};
    GameTally tally_{};
};

}  // namespace latchkey::chains::testing
