// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet_message.hpp"

namespace latchkey::solana {

Result<ActionPlan> plan_message(const WalletSnapshot& wallet, const core::Hash32& message_hash,
                                const MessageApproval& approval) {
    Action action;
    action.body = MessageAction{approval.rule, message_hash};
    action.nonce = UseTransaction{};
    action.deadline = approval.deadline;
    // Without a state there is only the genesis, whatever the approval says; the leaf then differs.
    if (!approval.uses_genesis && !wallet.state()) {
        return tl::unexpected(core::to_error(core::Verdict::kStateMissing));
    }
    return plan_action(wallet, action, {}, PlanOptions{.uses_genesis = approval.uses_genesis});
}

Result<void> verify_message(const WalletSnapshot& wallet, const core::Hash32& message_hash,
                            const MessageApproval& approval, std::uint64_t now) {
    if (approval.deadline && now > *approval.deadline) {
        return tl::unexpected(core::to_error(core::Verdict::kDeadlinePassed));
    }
    LATCHKEY_TRY(const ActionPlan plan, plan_message(wallet, message_hash, approval));
    core::ApprovalHash hash = core::approval_hash_of(plan.leaf);
    if (approval.tree) {
        LATCHKEY_TRY(hash, core::to_result(core::approval_hash_of(plan.leaf, *approval.tree)));
    }
    std::vector<std::uint8_t> signers;
    for (const CollectedApproval& one : approval.approvals) {
        signers.push_back(one.signer);
    }
    LATCHKEY_CHECK(check_quorum(plan.rule, signers));
    for (const CollectedApproval& one : approval.approvals) {
        LATCHKEY_CHECK(core::verify_evidence(plan.rule.signers[one.signer], hash, one.evidence));
    }
    return {};
}

}  // namespace latchkey::solana
