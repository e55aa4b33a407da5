// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/waiting.hpp"

#include <algorithm>
#include <iterator>

#include "chains/solana/client/wallet_rent.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/leaf.hpp"

namespace latchkey::solana {

using core::to_error;
using core::to_result;
using core::Verdict;

namespace {

core::model::Record neutral(const RuleRecord& record) {
    return {record.rule,  record.action,   record.cancels,       record.tie,       record.guarded,
            record.epoch, record.earliest, record.cancels_since, record.frozen_at, record.digest};
}

/// The record that the action's rule, or a cancel's target, needs; absent when it needs none.
std::optional<std::uint8_t> needed_record(const WalletSnapshot& wallet, const ActionBody& body,
                                          bool waits) {
    std::optional<std::uint8_t> name;
    if (const auto* cancel = std::get_if<CancelAction>(&body)) {
        name = cancel->target;
    } else if (waits || std::holds_alternative<FreezeAction>(body) ||
               std::holds_alternative<RecoverAction>(body)) {
        name = record_name(rule_of(body));
    }
    return name && wallet.record(*name) == nullptr ? name : std::nullopt;
}

Result<Bytes> recovered_bytes(const WalletSnapshot& wallet, const RuleReference& rule,
                              ByteView signers) {
    const auto& commitment = wallet.configuration().recovery;
    if (!commitment || !rule.recovery_part) {
        return tl::unexpected(to_error(Verdict::kRecoveryPart));
    }
    return to_result(core::recovered_shared(*rule.recovery_part, *commitment, signers));
}

/// What calls pass on: every other account is only looked at.
void add_privileges(const CompactCall& call, std::vector<AccountMeta>& accounts) {
    for (const CallMeta& meta : call.metas) {
        if (meta.account_index < accounts.size()) {
            AccountMeta& account = accounts[meta.account_index];
            account.is_writable = account.is_writable || meta.is_writable;
            // The vault, which stands second, signs by its program.
            account.is_signer = account.is_signer || (meta.is_signer && meta.account_index != 1);
        }
    }
}

}  // namespace

std::size_t count_parties(const ResolvedRule& rule, std::span<const std::uint8_t> signers) {
    return core::count_parties(rule.signers, signers);
}

std::uint64_t wait_seconds(const core::Configuration& configuration, const core::Rule& rule,
                           ActionNumber action, std::size_t parties) {
    return core::wait_seconds(configuration, rule, static_cast<std::uint8_t>(action), parties,
                              core::Guarded::kChanges);
}

std::uint64_t wait_seconds(const WalletSnapshot& wallet, const ActionPlan& plan) {
    std::vector<std::uint8_t> signers;
    for (const Approver& approver : plan.approvers) {
        signers.push_back(approver.signer);
    }
    const std::size_t parties =
        std::max<std::size_t>(count_parties(plan.rule, signers), plan.rule.rule.threshold);
    return wait_seconds(wallet.configuration(), plan.rule.rule,
                        action_number(plan.signed_part.body), parties);
}

Result<std::size_t> state_size_after(const WalletSnapshot& wallet, const ActionBody& body,
                                     bool waits) {
    if (!wallet.state()) {
        return tl::unexpected(to_error(Verdict::kStateMissing));
    }
    Result<std::size_t> size = used_state_size(wallet);
    if (const auto* grant = std::get_if<GrantAction>(&body); grant != nullptr && !waits) {
        LATCHKEY_TRY(const Bytes rule, to_result(core::encode(grant->local_rule)));
        size = state_size_after_grant(wallet, rule);
    } else if (const auto* policy = std::get_if<PolicyAction>(&body); policy != nullptr && !waits) {
        LATCHKEY_TRY(const Bytes shared, to_result(core::encode(policy->next)));
        size = state_size_after_policy(wallet, shared);
    } else if (const auto* recover = std::get_if<RecoverAction>(&body);
               recover != nullptr && !waits) {
        LATCHKEY_TRY(const Bytes shared, recovered_bytes(wallet, recover->rule,
                                                         core::encode_unchecked(recover->signers)));
        size = state_size_after_policy(wallet, shared);
    }
    if (size && needed_record(wallet, body, waits)) {
        size = *size + kRecordSize;
    }
    LATCHKEY_TRY(const std::size_t used, used_state_size(wallet));
    const std::size_t present = used + wallet.state()->spare_bytes;
    return size && *size <= present ? Result<std::size_t>(0) : size;
}

Result<std::size_t> state_size_after_apply(const WalletSnapshot& wallet, const RuleReference& rule,
                                           const Body& body) {
    if (const auto* grant = std::get_if<GrantBody>(&body)) {
        return state_size_after_grant(wallet, grant->local_rule);
    }
    if (const auto* policy = std::get_if<PolicyBody>(&body)) {
        return state_size_after_policy(wallet, policy->shared);
    }
    if (const auto* recover = std::get_if<RecoverBody>(&body)) {
        LATCHKEY_TRY(const Bytes shared, recovered_bytes(wallet, rule, recover->signers));
        return state_size_after_policy(wallet, shared);
    }
    return 0;
}

Result<core::Hash32> waiting_digest(const WalletHandle& wallet, const Body& body, bool has_lane,
                                    std::span<const Address> keys) {
    core::WaitingAction action;
    action.cluster = wallet.deployment().cluster;
    action.action = static_cast<std::uint8_t>(action_number(body));
    const auto* execute = std::get_if<ExecuteBody>(&body);
    action.has_caps = execute != nullptr && execute->caps.has_value();
    action.has_lane = has_lane;
    action.wallet_id = wallet.id();
    LATCHKEY_TRY(action.body, encode_body(body));
    for (const Address& key : keys) {
        action.account_keys.push_back(to_hash(key));
    }
    return core::waiting_digest_of(action);
}

Result<core::Hash32> waiting_digest(const WalletHandle& wallet, const ActionPlan& plan) {
    std::vector<Address> keys;
    for (std::size_t i = plan.fixed_accounts; i < plan.accounts.size(); ++i) {
        keys.push_back(plan.accounts[i].address);
    }
    return waiting_digest(wallet, plan.signed_part.body, plan.fixed_accounts == 4, keys);
}

std::vector<PendingAction> pending_actions(const WalletSnapshot& wallet, std::uint64_t now) {
    std::vector<core::model::Record> records;
    if (wallet.state()) {
        std::transform(wallet.state()->records.begin(), wallet.state()->records.end(),
                       std::back_inserter(records), neutral);
    }
    std::vector<PendingAction> out;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].action != 0) {
            out.push_back({core::pending_times(wallet.configuration(), records, records[i],
                                               core::Guarded::kChanges, now),
                           wallet.state()->records[i]});
        }
    }
    return out;
}

std::optional<std::uint64_t> frozen_until(const WalletSnapshot& wallet, std::uint64_t now) {
    if (!wallet.state() || !is_frozen(*wallet.state(), now)) {
        return std::nullopt;
    }
    std::uint64_t latest = 0;
    for (const RuleRecord& record : wallet.state()->records) {
        latest = std::max<std::uint64_t>(latest, record.frozen_at);
    }
    return latest + core::kFreezeLength;
}

Result<core::Configuration> recovered_configuration(ByteView recovery_part,
                                                    const core::RecoveryCommitment& commitment,
                                                    ByteView signers) {
    LATCHKEY_TRY(const Bytes shared, to_result(core::recovered_shared(
                                         recovery_part, commitment, signers, core::is_chain_key)));
    return to_result(core::decode_shared(shared, core::is_chain_key));
}

Result<std::vector<core::Signer>> recovered_signers(ByteView recovery_part, ByteView signers) {
    // Under the longest guard whatever is restored is valid.
    const auto commitment =
        core::commitment_of(recovery_part, static_cast<std::uint16_t>(core::kMaximumGuardHours));
    LATCHKEY_TRY(core::Configuration restored,
                 recovered_configuration(recovery_part, commitment, signers));
    return std::move(restored.signers);
}

std::string record_text(std::uint8_t record_name) {
    return ((record_name & kRuleRecovery) != 0 ? "recovery:" : "") +
           std::to_string(record_name & ~kRuleRecovery);
}

std::string proposal_text(const RuleRecord& record) {
    return record_text(record.rule) + "." + std::to_string(record.epoch);
}

std::optional<Proposal> read_proposal(const Instruction& instruction) {
    const auto decoded = decode_instruction(instruction.data);
    const auto* action = decoded ? std::get_if<ApprovedAction>(&*decoded) : nullptr;
    if (action == nullptr || action->signed_part.rule.is_local ||
        !core::can_wait(static_cast<std::uint8_t>(action_number(action->signed_part.body)))) {
        return std::nullopt;
    }
    Proposal out;
    out.nonce_kind = static_cast<std::uint8_t>(action->signed_part.nonce.index());
    out.rule = action->signed_part.rule;
    out.body = action->signed_part.body;
    out.fixed_accounts = out.nonce_kind == kNonceLane ? 4 : 2;
    for (const AccountMeta& account : instruction.accounts) {
        out.accounts.push_back(account.address);
    }
    if (out.accounts.size() < out.fixed_accounts) {
        return std::nullopt;
    }
    return out;
}

Result<core::Hash32> waiting_digest(const WalletHandle& wallet, const Proposal& proposal) {
    const std::span<const Address> all(proposal.accounts);
    return waiting_digest(wallet, proposal.body, proposal.fixed_accounts == 4,
                          all.subspan(proposal.fixed_accounts));
}

Result<Instruction> apply_instruction(const WalletHandle& wallet, const Proposal& proposal) {
    ApplyAction apply{proposal.nonce_kind, proposal.rule, proposal.body};
    Instruction out;
    out.program = wallet.deployment().program;
    for (const Address& address : proposal.accounts) {
        out.accounts.push_back(readonly(address));
    }
    out.accounts[0].is_writable = true;
    if (const auto* execute = std::get_if<ExecuteBody>(&proposal.body)) {
        for (const CompactCall& call : execute->calls) {
            add_privileges(call, out.accounts);
        }
    } else if (const auto* upgrade = std::get_if<UpgradeBody>(&proposal.body)) {
        add_privileges(upgrade->call, out.accounts);
    }
    LATCHKEY_TRY(out.data, encode_instruction(apply));
    return out;
}

}  // namespace latchkey::solana
