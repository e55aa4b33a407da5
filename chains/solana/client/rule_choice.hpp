// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "chains/solana/client/action.hpp"
#include "core/wallet/quorum.hpp"

/// Which rule to use, and who of those at hand should approve.
namespace latchkey::solana {

/// A rule that can be satisfied.
struct RuleChoice {
    RuleReference rule;
    /// As many parties as the threshold asks for, one signer each, in order.
    std::vector<Approver> approvers;
};

using core::is_same_key;

/// What is asked of a choice beside the keys.
struct RuleWishes {
    /// ed25519 keys sign the off-chain message, not the transaction.
    bool offchain = false;
    /// Approvers of at least so many parties, even where the rule asks for fewer.
    std::size_t parties_min = 1;
    /// Approvers of so many parties, if they are at hand.
    std::size_t parties_wanted = 1;
    /// Canonical bytes of the recovery part, whose rules may be chosen as well.
    std::optional<Bytes> recovery_part{};
};

/// Approvers for this rule among `available`. Errors: kRefusedByModel (UnknownRule, RecoveryPart,
/// ThresholdNotMet, TwoParties when the rule is satisfied and `parties_min` is not).
Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available,
                                    const RuleWishes& wishes);
Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available, bool offchain = false);

/// The first rule with all bits of `actions` that `available` satisfies: shared rules without
/// limits, then those with limits, then sessions, then rules that wait, then those of the recovery
/// part. Times and scopes are not looked at: the chain decides. Error: kRefusedByModel
/// (ActionNotAllowed if no rule has the action, else that of the last rule that has it).
Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, const RuleWishes& wishes);
Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, bool offchain = false);

}  // namespace latchkey::solana
