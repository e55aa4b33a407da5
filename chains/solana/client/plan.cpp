// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/plan.hpp"

#include <algorithm>

#include "chains/solana/client/account_table.hpp"
#include "chains/solana/client/loader.hpp"
#include "core/crypto/p256.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;
using core::Hash32;
using core::to_error;
using core::to_result;
using core::Verdict;

namespace {

tl::unexpected<core::Error> refused(Verdict verdict) {
    return tl::unexpected(to_error(verdict));
}

/// Genesis bytes when the plan proves its configuration by them.
Result<std::optional<Bytes>> choose_genesis(const WalletSnapshot& wallet, const Action& action,
                                            const ResolvedRule& rule, const PlanOptions& options) {
    if (rule.local_rule_id && std::holds_alternative<UseStateNonce>(action.nonce)) {
        return refused(Verdict::kActionNotAllowed);
    }
    if (wallet.state() && !options.uses_genesis) {
        return std::nullopt;
    }
    if (wallet.sequence() != 0) {
        return refused(Verdict::kGenesisSuperseded);
    }
    const bool has_genesis_form = std::holds_alternative<ExecuteAction>(action.body) ||
                                  std::holds_alternative<MessageAction>(action.body);
    if (!has_genesis_form) {
        return refused(wallet.state() ? Verdict::kStateNeeded : Verdict::kStateMissing);
    }
    if (!rule.rule.limits.empty() || rule.rule.wait ||
        std::holds_alternative<UseStateNonce>(action.nonce)) {
        return refused(Verdict::kStateNeeded);
    }
    return core::to_bytes(wallet.wallet().genesis());
}

/// State and vault, and a lane with its operator.
AccountTable fixed_accounts(const WalletSnapshot& wallet, const Action& action,
                            const ResolvedRule& rule) {
    const bool writes_state =
        std::holds_alternative<UseStateNonce>(action.nonce) || !rule.rule.limits.empty() ||
        rule.rule.wait || std::holds_alternative<GrantAction>(action.body) ||
        std::holds_alternative<RevokeAction>(action.body) || is_change(action.body);
    std::vector<AccountMeta> accounts = {{wallet.wallet().state(), false, writes_state},
                                         readonly(wallet.wallet().vault())};
    if (const auto* lane = std::get_if<UseLane>(&action.nonce)) {
        accounts.push_back(writable(lane->lane));
        accounts.push_back(readonly_signer(lane->operator_address));
    }
    return AccountTable(std::move(accounts));
}

Result<void> add_approvers(AccountTable& table, const ResolvedRule& rule,
                           std::span<const Approver> approvers) {
    for (const Approver& approver : approvers) {
        if (approver.signer >= rule.signers.size() ||
            (rule.rule.mask >> approver.signer & 1) == 0) {
            return refused(Verdict::kSignerNotInRule);
        }
        const core::Signer& signer = rule.signers[approver.signer];
        if (takes_account(signer, approver.method)) {
            LATCHKEY_CHECK(table.add(readonly_signer(approving_account(signer))));
        }
    }
    return {};
}

Result<CallMeta> compile_meta(AccountTable& table, const AccountMeta& meta, const Address& vault,
                              const std::vector<Address>& forwarded) {
    const bool is_vault = meta.address == vault;
    if (meta.is_signer && !is_vault &&
        std::find(forwarded.begin(), forwarded.end(), meta.address) == forwarded.end()) {
        return fail(to_base58(meta.address) + " must sign a call; declare it as forwarded or let " +
                        "the vault sign",
                    to_error(Verdict::kSignerForwarded));
    }
    LATCHKEY_TRY(const std::uint8_t index,
                 table.add({meta.address, meta.is_signer && !is_vault, meta.is_writable}));
    return CallMeta{
        .account_index = index, .is_writable = meta.is_writable, .is_signer = meta.is_signer};
}

Result<Body> compile_execute(AccountTable& table, const ExecuteAction& action,
                             const Address& vault) {
    if (action.calls.size() > kMaximumCalls) {
        return refused(Verdict::kTooManyCalls);
    }
    ExecuteBody body;
    for (const Instruction& call : action.calls) {
        CompactCall compact;
        LATCHKEY_TRY(compact.program_index, table.add_program(call.program));
        for (const AccountMeta& meta : call.accounts) {
            LATCHKEY_TRY(const CallMeta compiled,
                         compile_meta(table, meta, vault, action.forwarded_signers));
            compact.metas.push_back(compiled);
        }
        compact.data = call.data;
        body.calls.push_back(std::move(compact));
    }
    if (action.caps.empty() && !action.no_new_authority) {
        return body;
    }
    body.caps = Caps{.no_new_authority = action.no_new_authority, .caps = {}};
    for (const AddressedCap& cap : action.caps) {
        LATCHKEY_TRY(const std::uint8_t index, table.add(readonly(cap.account)));
        body.caps->caps.push_back({index, cap.maximum_outflow, cap.minimum_inflow});
    }
    return body;
}

struct BodyCompiler {
    AccountTable& table;
    const WalletSnapshot& wallet;

    Result<Body> operator()(const ExecuteAction& action) const {
        return compile_execute(table, action, wallet.wallet().vault());
    }
    Result<Body> operator()(const GrantAction& action) const {
        LATCHKEY_TRY(Bytes bytes, to_result(core::encode(action.local_rule)));
        if (!action.rule.is_local) {
            const Verdict verdict = core::judge_grant(wallet.shared(), action.rule.index, bytes);
            if (verdict != Verdict::kAccepted) {
                return refused(verdict);
            }
        }
        return GrantBody{std::move(bytes)};
    }
    Result<Body> operator()(const RevokeAction& action) const {
        return RevokeBody{Hash32(action.local_rule_id.array())};
    }
    Result<Body> operator()(const PolicyAction& action) const {
        LATCHKEY_TRY(Bytes bytes, to_result(core::encode(action.next)));
        return PolicyBody{action.epoch.value_or(wallet.epoch(action.rule)), std::move(bytes)};
    }
    Result<Body> operator()(const MessageAction& action) const {
        return MessageBody{action.message_hash};
    }
    Result<Body> operator()(const CancelAction& action) const {
        const bool is_own = action.target == record_name(action.rule);
        if (action.rule.recovery_part && !is_own) {
            return refused(Verdict::kCancelNotAllowed);
        }
        const bool is_recovery = (action.target & kRuleRecovery) != 0;
        if ((action.target & ~(kRuleRecovery | 0x0f)) != 0 ||
            (!is_recovery && action.target >= wallet.configuration().rules.size())) {
            return refused(Verdict::kUnknownRule);
        }
        const RuleRecord* const record = wallet.record(action.target);
        const bool waits = record != nullptr && record->action != 0;
        const std::uint32_t present = record == nullptr ? 0 : record->epoch;
        return CancelBody{action.epoch.value_or(waits ? present - 1 : present), action.target};
    }
    Result<Body> operator()(const FreezeAction& action) const {
        return FreezeBody{action.epoch.value_or(wallet.epoch(action.rule)), action.lift};
    }
    Result<Body> operator()(const RecoverAction& action) const {
        if (!action.rule.recovery_part || !wallet.configuration().recovery) {
            return refused(Verdict::kRecoveryPart);
        }
        Bytes signers = core::encode_unchecked(action.signers);
        LATCHKEY_CHECK(to_result(core::recovered_shared(
            *action.rule.recovery_part, *wallet.configuration().recovery, signers)));
        return RecoverBody{action.epoch.value_or(wallet.epoch(action.rule)), std::move(signers)};
    }
    Result<Body> operator()(const UpgradeAction& action) const {
        const Address vault = wallet.wallet().vault();
        ExecuteAction call;
        LATCHKEY_TRY(Instruction upgrade,
                     loader::upgrade(action.program, action.buffer, action.spill, vault));
        call.calls = {std::move(upgrade)};
        LATCHKEY_TRY(Body compiled, compile_execute(table, call, vault));
        return UpgradeBody{action.code_hash,
                           std::move(std::get<ExecuteBody>(compiled).calls.front())};
    }
};

Nonce compile_nonce(const ActionPlan& plan, const core::ConfigId& config_id) {
    if (const auto* lane = std::get_if<UseLane>(&plan.action.nonce)) {
        return LaneNonce{lane->bit, (lane->window & 1) != 0, lane->sixteenth};
    }
    if (const auto* state = std::get_if<UseStateNonce>(&plan.action.nonce)) {
        return StateNonce{state->key, state->sequence};
    }
    if (plan.genesis) {
        return TransactionNonce{};
    }
    if (plan.signed_part.rule.recovery_part) {
        return TransactionNonce{make_binding(plan.recovery->bytes(), std::nullopt)};
    }
    std::optional<Hash32> local_rule_id;
    if (plan.rule.local_rule_id) {
        local_rule_id = Hash32(plan.rule.local_rule_id->array());
    }
    return TransactionNonce{make_binding(Hash32(config_id.array()), local_rule_id)};
}

core::SolanaAction leaf_action(const ActionBody& body) {
    if (std::holds_alternative<GrantAction>(body)) {
        return core::SolanaAction::kGrant;
    }
    if (std::holds_alternative<RevokeAction>(body)) {
        return core::SolanaAction::kRevoke;
    }
    if (std::holds_alternative<UpgradeAction>(body)) {
        return core::SolanaAction::kUpgrade;
    }
    return std::holds_alternative<MessageAction>(body) ? core::SolanaAction::kMessage
                                                       : core::SolanaAction::kExecute;
}

/// What the chain-agnostic actions put into their leaf.
struct ChangeContent {
    std::uint32_t epoch = 0;
    Bytes content;
};

std::optional<ChangeContent> change_content(const Body& body) {
    if (const auto* policy = std::get_if<PolicyBody>(&body)) {
        return ChangeContent{policy->epoch, policy->shared};
    }
    if (const auto* cancel = std::get_if<CancelBody>(&body)) {
        return ChangeContent{cancel->epoch, {cancel->target}};
    }
    if (const auto* freeze = std::get_if<FreezeBody>(&body)) {
        return ChangeContent{freeze->epoch, {static_cast<std::uint8_t>(freeze->lift ? 1 : 0)}};
    }
    if (const auto* recover = std::get_if<RecoverBody>(&body)) {
        return ChangeContent{recover->epoch, recover->signers};
    }
    return std::nullopt;
}

Result<core::Leaf> compute_leaf(const ActionPlan& plan, const WalletSnapshot& wallet) {
    if (auto change = change_content(plan.signed_part.body)) {
        const RuleReference& rule = plan.signed_part.rule;
        core::ChangeLeaf leaf;
        leaf.wallet_id = plan.wallet_id;
        leaf.parent =
            rule.recovery_part ? plan.recovery->bytes() : Hash32(wallet.config_id().array());
        leaf.action = static_cast<core::ChangeAction>(action_number(plan.signed_part.body));
        leaf.rule = record_name(rule);
        leaf.epoch = change->epoch;
        leaf.content = std::move(change->content);
        return core::leaf_of(leaf);
    }
    core::SolanaLeaf leaf;
    leaf.action = leaf_action(plan.action.body);
    leaf.cluster = plan.deployment.cluster;
    leaf.nonce_kind = static_cast<core::NonceKind>(plan.signed_part.nonce.index());
    leaf.deadline = plan.signed_part.deadline.value_or(core::kNever);
    leaf.wallet_id = plan.wallet_id;
    leaf.config_id = wallet.config_id();
    leaf.local_rule_id = plan.rule.local_rule_id;
    if (const auto* lane = std::get_if<UseLane>(&plan.action.nonce)) {
        leaf.lane = to_hash(lane->lane);
        leaf.deadline = lane_deadline(std::get<LaneNonce>(plan.signed_part.nonce), lane->window);
    }
    LATCHKEY_TRY(leaf.signed_region, encode_signed(plan.signed_part));
    for (std::size_t i = plan.fixed_accounts; i < plan.accounts.size(); ++i) {
        leaf.account_keys.push_back(to_hash(plan.accounts[i].address));
    }
    return core::leaf_of(leaf);
}

/// A key that signs the transaction only to approve must stay read-only.
Result<void> check_approver_accounts(const ActionPlan& plan) {
    for (const Approver& approver : plan.approvers) {
        const core::Signer& signer = plan.rule.signers[approver.signer];
        if (signer.kind != core::kSignerEd25519 || signer.option ||
            !takes_account(signer, approver.method)) {
            continue;
        }
        for (const AccountMeta& account : plan.accounts) {
            if (account.is_writable && core::equal(account.address, signer.key)) {
                return refused(Verdict::kSignerPaysFees);
            }
        }
    }
    return {};
}

}  // namespace

std::uint8_t right_of(const ActionBody& body) {
    struct Right {
        std::uint8_t operator()(const ExecuteAction&) const { return core::kActionExecute; }
        std::uint8_t operator()(const GrantAction&) const { return core::kActionGrant; }
        std::uint8_t operator()(const RevokeAction&) const { return core::kActionGrant; }
        std::uint8_t operator()(const PolicyAction&) const { return core::kActionPolicy; }
        std::uint8_t operator()(const MessageAction&) const { return core::kActionMessage; }
        std::uint8_t operator()(const CancelAction&) const { return core::kActionCancel; }
        std::uint8_t operator()(const FreezeAction&) const { return core::kActionFreeze; }
        std::uint8_t operator()(const RecoverAction&) const { return core::kActionRecover; }
        std::uint8_t operator()(const UpgradeAction&) const { return core::kActionUpgrade; }
    };
    return std::visit(Right{}, body);
}

bool is_change(const ActionBody& body) {
    return std::holds_alternative<PolicyAction>(body) ||
           std::holds_alternative<CancelAction>(body) ||
           std::holds_alternative<FreezeAction>(body) ||
           std::holds_alternative<RecoverAction>(body);
}

bool is_repeatable(const ActionBody& body) {
    return is_change(body) || std::holds_alternative<MessageAction>(body);
}

const RuleReference& rule_of(const ActionBody& body) {
    return std::visit([](const auto& action) -> const RuleReference& { return action.rule; }, body);
}

bool takes_account(const core::Signer& signer, ApprovalMethod method) {
    switch (signer.kind) {
        case core::kSignerEd25519:
            return method != ApprovalMethod::kOffchainMessage;
        case core::kSignerProgram:
            return true;
        default:
            return false;
    }
}

Address approving_account(const core::Signer& signer) {
    const std::size_t skipped = signer.kind == core::kSignerProgram ? Address::kSize : 0;
    const ByteView key = signer.key;
    if (key.size() < skipped) {
        return {};
    }
    return Address::from(key.subspan(skipped)).value_or(Address{});
}

Result<ActionPlan> plan_action(const WalletSnapshot& wallet, const Action& action,
                               std::span<const Approver> approvers, const PlanOptions& options) {
    ActionPlan plan;
    plan.action = action;
    plan.deployment = wallet.wallet().deployment();
    plan.wallet_id = wallet.wallet().id();
    plan.approvers = {approvers.begin(), approvers.end()};
    LATCHKEY_TRY(plan.rule, wallet.rule(rule_of(action.body)));
    if ((plan.rule.rule.actions & right_of(action.body)) == 0) {
        return refused(Verdict::kActionNotAllowed);
    }
    if (is_repeatable(action.body) && !std::holds_alternative<UseTransaction>(action.nonce)) {
        return fail(ErrorCode::kInvalidArgument,
                    "policy, message, cancel, freeze and recover use no lane or state nonce");
    }
    plan.recovery = wallet.configuration().recovery;
    LATCHKEY_TRY(plan.genesis, choose_genesis(wallet, action, plan.rule, options));

    AccountTable table = fixed_accounts(wallet, action, plan.rule);
    plan.fixed_accounts = table.accounts().size();
    LATCHKEY_CHECK(add_approvers(table, plan.rule, approvers));
    plan.signed_part.rule = rule_of(action.body);
    plan.signed_part.nonce = compile_nonce(plan, wallet.config_id());
    plan.signed_part.deadline = action.deadline;
    LATCHKEY_TRY(plan.signed_part.body, std::visit(BodyCompiler{table, wallet}, action.body));
    plan.accounts = table.accounts();
    LATCHKEY_CHECK(check_approver_accounts(plan));
    LATCHKEY_TRY(plan.leaf, compute_leaf(plan, wallet));
    return plan;
}

Result<ApprovalBundle> ApprovalBundle::from(std::span<const core::Leaf> leaves) {
    ApprovalBundle out;
    if (leaves.size() == 1) {
        out.hash_ = core::approval_hash_of(leaves.front());
        return out;
    }
    LATCHKEY_TRY(out.tree_, core::ApprovalTree::build(leaves));
    out.hash_ = out.tree_->approval_hash();
    return out;
}

Result<std::optional<core::TreeProof>> ApprovalBundle::proof(std::size_t leaf_index) const {
    if (!tree_) {
        if (leaf_index != 0) {
            return fail(ErrorCode::kOutOfRange, "there is one leaf");
        }
        return std::nullopt;
    }
    LATCHKEY_TRY(core::TreeProof proof, tree_->proof(leaf_index));
    return proof;
}

std::vector<SignerRequest> signer_requests(const ActionPlan& plan, const core::ApprovalHash& hash) {
    std::vector<SignerRequest> out;
    for (std::size_t i = 0; i < plan.rule.signers.size(); ++i) {
        const core::Signer& signer = plan.rule.signers[i];
        const auto named = std::find_if(plan.approvers.begin(), plan.approvers.end(),
                                        [&](const Approver& one) { return one.signer == i; });
        const bool is_named = named != plan.approvers.end();
        if ((plan.rule.rule.mask >> i & 1) == 0 || signer.kind == core::kSignerContract ||
            (signer.kind == core::kSignerProgram && !is_named)) {
            continue;
        }
        SignerRequest request{.signer = static_cast<std::uint8_t>(i),
                              .entry = signer,
                              .method = is_named ? named->method : ApprovalMethod::kDefault,
                              .message = {}};
        if (signer.kind == core::kSignerEd25519 && !is_named) {
            request.method = ApprovalMethod::kOffchainMessage;
        }
        if (signer.kind == core::kSignerWebauthn) {
            const auto challenge = core::webauthn_challenge(core::digest_of(hash));
            request.message = core::to_bytes(challenge.view());
        } else if (signer.kind != core::kSignerProgram &&
                   (signer.kind != core::kSignerEd25519 ||
                    request.method == ApprovalMethod::kOffchainMessage)) {
            request.message = core::message_to_sign(signer, hash).value_or(Bytes{});
        }
        out.push_back(std::move(request));
    }
    return out;
}

}  // namespace latchkey::solana
