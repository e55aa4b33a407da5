// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "chains/solana/testing/differential_choices.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "chains/testing/move.hpp"

namespace latchkey::chains::testing {

/// Chooses configurations and actions, good and bad. What one chain alone can say is not chosen:
/// of signers that approve, only kinds 2 to 5 (kind 1 is there and approves nothing; kinds 6 and 7
/// are of one chain); under rules with `policy`, only those (else a chain would call a lockout what
/// the other takes); valid keys (the EVM does not look for a point of the curve); approvals in
/// order, each once, and at least one (the EVM has a bit for each; Solana's instruction has 1 to
/// 16). Two keys of one party are chosen.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : choices_(seed) {}

    solana::testing::Choices& choices() { return choices_; }

    static const std::vector<solana::testing::TestSigner>& people();
    /// `now`: when the game begins.
    core::Configuration configuration(std::uint64_t now);

    /// An action of a wallet in this state.
    Move move(const model::State& state, std::uint64_t now);
    /// Seconds to let pass, or to something that begins or ends.
    std::uint64_t next_time(const model::State& state, std::uint64_t now);

  private:
    struct Part {
        core::RecoveryPart part;
        Bytes bytes;
    };
    /// The rule of a move, and whose it is.
    struct Use {
        RuleName name{};
        core::Rule rule{};
        std::vector<core::Signer> signers{};
    };

    core::Configuration try_configuration(std::uint64_t now);
    core::Rule limited_rule();
    core::RecoveryCommitment commitment();
    const Part& part();
    void settle(core::Configuration& configuration);
    core::Configuration changed(core::Configuration next, std::uint64_t now);
    void spoil(core::Configuration& next);
    const Part* part_of(const model::State& state) const;

    std::optional<Move> siege(const model::State& state);
    std::uint8_t right();
    Use use(const model::State& state, std::uint8_t right);
    std::vector<std::uint8_t> who(const Use& use);
    Body body(const model::State& state, const Use& use, std::uint8_t right, std::uint64_t now);
    Body pay(const core::Rule& rule);
    Bytes session(const core::Rule& rule, std::uint64_t now);
    Body policy(const model::State& state, const Use& use, std::uint64_t now);
    Body recover(const model::State& state, const Use& use);
    Body cancel(const model::State& state, const Use& use);
    std::uint32_t epoch(const model::State& state, std::uint8_t rule);

    solana::testing::Choices choices_;
    std::deque<Part> parts_{};
    std::vector<Bytes> shared_parts_{};
    std::uint64_t now_ = 0;
};

}  // namespace latchkey::chains::testing
