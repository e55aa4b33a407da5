// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "chains/evm/wallet/wallet.hpp"

/// From an action of a wallet to what its approvers sign, and from their answers to calldata.
namespace latchkey::evm::wallet {

/// A rule as people name it.
struct RuleReference {
    /// `index` is a place among the snapshot's sessions.
    bool is_session = false;
    /// Else among the shared rules, or among those of the recovery part.
    std::uint8_t index = 0;
    /// Canonical bytes.
    std::optional<Bytes> recovery_part{};

    friend bool operator==(const RuleReference&, const RuleReference&) = default;
};

/// A rule with the signers that its mask counts.
struct ResolvedRule {
    core::Rule rule{};
    std::vector<core::Signer> signers{};
};

/// Errors: kRefusedByModel (UnknownRule; RecoveryPart when the configuration names another one, and
/// those of decode_recovery_part).
Result<ResolvedRule> resolve(const WalletSnapshot& wallet, const RuleReference& rule);
/// The same with what proves it. Errors as above.
Result<Authority> authority_of(const WalletSnapshot& wallet, const RuleReference& rule);
/// The number that approvals of policy, recover and freeze under this rule name.
std::uint32_t epoch_of(const WalletSnapshot& wallet, const RuleReference& rule);
/// What the wallet remembers of a rule, by the name that records have for it; null if nothing.
const core::model::Record* find_record(const WalletSnapshot& wallet, std::uint8_t rule_name);

/// A rule that can be satisfied.
struct RuleChoice {
    RuleReference rule{};
    /// As many parties as the threshold asks for, one signer each, in order.
    std::vector<std::uint8_t> approvers{};
};
/// What is asked of a choice beside the keys.
struct RuleWishes {
    /// Approvers of at least so many parties, even where the rule asks for fewer.
    std::size_t parties_min = 1;
    /// Approvers of so many parties, if they are at hand.
    std::size_t parties_wanted = 1;
    /// Canonical bytes of the recovery part, whose rules may be chosen as well.
    std::optional<Bytes> recovery_part{};
};
/// Approvers for this rule among `available`, of the kinds that can approve on this chain. Errors:
/// kRefusedByModel (UnknownRule, RecoveryPart, ThresholdNotMet, TwoParties when the rule is
/// satisfied and `parties_min` is not).
Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available,
                                    const RuleWishes& wishes = {});
/// The first rule with all bits of `actions` that `available` satisfies: shared rules without
/// limits, then those with limits, then sessions, then rules that wait, then those of the recovery
/// part. Times and scopes are not looked at: the chain decides. Error: kRefusedByModel
/// (ActionNotAllowed if no rule has the action, else that of the last rule that has it).
Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available,
                               const RuleWishes& wishes = {});

/// The bit of a rule's actions that allows it.
std::uint8_t right_of(const Body& body);
/// Policy, recover, cancel and freeze: their leaf is the same on every chain.
bool is_change(const Body& body);

/// The rule that an authority names, by the bytes that come along; whether the chain has them only
/// the chain knows. Errors: kRefusedByModel (UnknownRule and those of the decoders).
Result<ResolvedRule> resolve(const Authority& authority);

/// An action with everything that is signed in its place.
struct ActionPlan {
    Authority authority{};
    ResolvedRule rule{};
    Terms terms{};
    Body body{};
    Scene scene{};
    EvmLeaf typed_leaf{};
    core::Leaf leaf{};
};

/// `sequence`: the next number of the action's nonce lane, as the snapshot has it for lane 0 and
/// for sessions; `sender`: who submits it, if `terms` bind it to somebody. Errors: kRefusedByModel
/// (UnknownRule, ActionNotAllowed, RecoveryPart and those of what is to become the configuration),
/// kInvalidArgument, those of leaf_for.
Result<ActionPlan> plan_action(const WalletSnapshot& wallet, const RuleReference& rule, Body body,
                               const Terms& terms = {}, std::uint64_t lane_sequence = 0,
                               const Address& sender = {});

/// The same of an action that comes from elsewhere. Errors: those of resolve and leaf_for.
Result<ActionPlan> plan_action(const Authority& authority, const Terms& terms, Body body,
                               const Scene& scene);

/// Signatures and threshold are checked. `tree`: when the digest covers several leaves. Errors:
/// kRefusedByModel (SignerNotInRule, SignerNotUsable, ThresholdNotMet, ApprovalOrder for a signer
/// that is there twice, ApprovalTree), those of approval_of and verify.
Result<ApprovedAction> assemble(const ActionPlan& plan,
                                std::span<const core::CollectedApproval> approvals,
                                const std::optional<core::TreeProof>& tree = {});

}  // namespace latchkey::evm::wallet
