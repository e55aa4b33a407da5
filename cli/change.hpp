// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <variant>

#include "cli/operation.hpp"

/// Changes of a wallet, which are the same on every chain: approved once, sent to each.
namespace latchkey::cli {

/// Another configuration, whole.
struct NewConfiguration {
    core::Configuration next;
};
/// Of a recovery.
struct NewSigners {
    std::vector<core::Signer> signers;
};
/// The end of the proposal of the rule with this name that was made with this epoch.
struct EndOfProposal {
    std::uint8_t target = 0;
    std::uint32_t epoch = 0;
};
/// Of the whole wallet, or its end.
struct Freezing {
    bool lifts = false;
};
/// One of these.
using Change = std::variant<NewConfiguration, NewSigners, EndOfProposal, Freezing>;

/// What a change depends on, as one chain has it.
struct ChangeBasis {
    const core::Configuration& configuration;
    /// What the wallet remembers of a rule.
    struct RuleMemory {
        std::uint32_t epoch = 0;
        /// Something waits.
        bool waits = false;
    };
    /// By the rule's name in records; all zero when there is nothing.
    std::function<RuleMemory(std::uint8_t)> memory;
};
using ChangeMaker = std::function<Result<Change>(const ChangeBasis& basis)>;

/// On every chain that the command names. One approval of the keys at hand is for all of them; each
/// chain must have the same configuration, and those that lag are named. With --request, each chain
/// gets a file of its own. Errors: kChainsDiffer, kPartlyDone, those of run_operation on each
/// chain.
Result<Report> run_change(Context& context, const OperationOptions& options,
                          const OperationNeeds& needs, const ChangeMaker& make);

}  // namespace latchkey::cli
