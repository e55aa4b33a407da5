// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/plan.hpp"

/// Messages that a wallet vouches for, verified without a transaction.
namespace latchkey::solana {

/// What a verifier is given. Signers whose approval takes an account cannot take part: an ed25519
/// key signs the off-chain message instead.
struct MessageApproval {
    RuleReference rule;
    /// Unix seconds; the approval is worth nothing afterwards.
    std::optional<std::uint64_t> deadline;
    /// Ascending by signer.
    std::vector<CollectedApproval> approvals;
    /// When the digest covers several leaves.
    std::optional<core::TreeProof> tree;
    /// Approved with the genesis as proof of the configuration, not with the state.
    bool uses_genesis = false;
};

/// What signers are asked to approve: plan and bundle it as any other action.
/// Errors: those of plan_action.
Result<ActionPlan> plan_message(const WalletSnapshot& wallet, const core::Hash32& message_hash,
                                const MessageApproval& approval);

/// Whether the wallet, as it stands, vouches for the hash at `now` (unix seconds): the program's
/// `message` action would accept the same. Errors: kRefusedByModel (DeadlinePassed, UnknownRule,
/// ActionNotAllowed, SignerNotInRule, ThresholdNotMet, ApprovalOrder, GenesisSuperseded,
/// ApprovalTree), and those of core::verify_evidence.
Result<void> verify_message(const WalletSnapshot& wallet, const core::Hash32& message_hash,
                            const MessageApproval& approval, std::uint64_t now);

}  // namespace latchkey::solana
