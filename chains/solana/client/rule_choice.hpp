// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "chains/solana/client/action.hpp"

/// Which rule to use, and who of those at hand should approve.
namespace latchkey::solana {

/// A rule that can be satisfied.
struct RuleChoice {
    RuleReference rule;
    /// As many parties as the threshold asks for, one signer each, in order.
    std::vector<Approver> approvers;
};

/// The same key, whatever its party and options.
bool is_same_key(const core::Signer& a, const core::Signer& b);

/// Approvers for this rule among `available`. `offchain`: ed25519 keys sign the off-chain message,
/// not the transaction. Errors: kRefusedByModel (UnknownRule, ThresholdNotMet).
Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available, bool offchain = false);

/// The first rule with all bits of `actions` that `available` satisfies: shared rules without
/// limits, then those with limits, then sessions. Times and scopes are not looked at: the chain
/// decides. Error: kRefusedByModel (ActionNotAllowed if no rule has the action, else
/// ThresholdNotMet).
Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, bool offchain = false);

}  // namespace latchkey::solana
