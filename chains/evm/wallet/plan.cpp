// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/plan.hpp"

#include <algorithm>

#include "chains/evm/wallet/judge.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/quorum.hpp"
#include "core/wallet/waiting.hpp"

namespace latchkey::evm::wallet {

using core::Verdict;

namespace {

tl::unexpected<core::Error> refused(Verdict verdict) {
    return tl::unexpected(core::to_error(verdict));
}

/// Every rule of the wallet, in order of preference.
std::vector<RuleReference> candidates(const WalletSnapshot& wallet, const RuleWishes& wishes) {
    std::vector<RuleReference> out;
    const auto& rules = wallet.configuration.rules;
    const auto add = [&](auto is_wanted) {
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (is_wanted(rules[i])) {
                out.push_back({false, static_cast<std::uint8_t>(i), {}});
            }
        }
    };
    add([](const core::Rule& rule) { return rule.limits.empty() && !rule.wait; });
    add([](const core::Rule& rule) { return !rule.limits.empty() && !rule.wait; });
    for (std::size_t i = 0; i < wallet.sessions.size(); ++i) {
        out.push_back({true, static_cast<std::uint8_t>(i), {}});
    }
    add([](const core::Rule& rule) { return rule.wait.has_value(); });
    if (wishes.recovery_part) {
        const auto part = core::decode_recovery_part(*wishes.recovery_part);
        const std::size_t count = part ? part->rules.size() : 0;
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back({false, static_cast<std::uint8_t>(i), wishes.recovery_part});
        }
    }
    return out;
}

/// As records name the rule; sessions have no records.
std::uint8_t record_name(const RuleReference& rule) {
    return static_cast<std::uint8_t>(rule.index | (rule.recovery_part ? core::kRecoveryRule : 0));
}

/// The chain would refuse the change later, when nobody remembers why.
Result<void> judge_change(const WalletSnapshot& wallet, const Authority& authority,
                          const Body& body) {
    const std::uint64_t chain = wallet.wallet.chain();
    if (const auto* policy = std::get_if<Policy>(&body)) {
        const Verdict verdict = judge_shared(policy->shared, chain);
        return verdict == Verdict::kAccepted ? Result<void>() : refused(verdict);
    }
    if (const auto* recover = std::get_if<Recover>(&body)) {
        const auto& commitment = wallet.configuration.recovery;
        if (!authority.recovery_part || !commitment) {
            return refused(Verdict::kRecoveryPart);
        }
        LATCHKEY_CHECK(core::to_result(
            recovered_shared(*authority.recovery_part, *commitment, recover->signers, chain)));
    }
    return {};
}

}  // namespace

Result<ResolvedRule> resolve(const WalletSnapshot& wallet, const RuleReference& rule) {
    if (rule.is_session) {
        if (rule.index >= wallet.sessions.size()) {
            return refused(Verdict::kUnknownLocalRule);
        }
        const Session& session = wallet.sessions[rule.index];
        return ResolvedRule{session.rule.rule, session.rule.signers};
    }
    if (rule.recovery_part) {
        LATCHKEY_TRY(const core::RecoveryPart part,
                     core::to_result(core::decode_recovery_part(*rule.recovery_part)));
        const auto& commitment = wallet.configuration.recovery;
        if (!commitment ||
            core::commitment_of(*rule.recovery_part, commitment->guard_hours) != *commitment) {
            return refused(Verdict::kRecoveryPart);
        }
        return rule.index < part.rules.size()
                   ? Result<ResolvedRule>(ResolvedRule{part.rules[rule.index], part.signers})
                   : refused(Verdict::kUnknownRule);
    }
    const core::Configuration& configuration = wallet.configuration;
    return rule.index < configuration.rules.size()
               ? Result<ResolvedRule>(
                     ResolvedRule{configuration.rules[rule.index], configuration.signers})
               : refused(Verdict::kUnknownRule);
}

Result<Authority> authority_of(const WalletSnapshot& wallet, const RuleReference& rule) {
    LATCHKEY_CHECK(resolve(wallet, rule));
    if (rule.is_session) {
        return Authority{wallet.sessions[rule.index].source, 0, {}};
    }
    return Authority{wallet.source, rule.index, rule.recovery_part};
}

const core::model::Record* find_record(const WalletSnapshot& wallet, std::uint8_t rule_name) {
    const auto found =
        std::find_if(wallet.records.begin(), wallet.records.end(),
                     [&](const core::model::Record& one) { return one.rule == rule_name; });
    return found == wallet.records.end() ? nullptr : &*found;
}

std::uint32_t epoch_of(const WalletSnapshot& wallet, const RuleReference& rule) {
    const core::model::Record* const record =
        rule.is_session ? nullptr : find_record(wallet, record_name(rule));
    return record == nullptr ? 0 : record->epoch;
}

Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available,
                                    const RuleWishes& wishes) {
    LATCHKEY_TRY(const ResolvedRule resolved, resolve(wallet, rule));
    std::vector<core::Signer> usable;
    std::copy_if(available.begin(), available.end(), std::back_inserter(usable),
                 [&](const auto& one) { return is_usable(one, wallet.wallet.chain()); });
    const std::size_t threshold = resolved.rule.threshold;
    const std::size_t needed = std::max(threshold, wishes.parties_min);
    const std::size_t wanted = std::max(needed, wishes.parties_wanted);
    RuleChoice out{rule,
                   core::choose_parties(resolved.signers, resolved.rule.mask, usable, wanted)};
    if (out.approvers.size() < threshold) {
        return refused(Verdict::kThresholdNotMet);
    }
    if (out.approvers.size() < needed) {
        return refused(Verdict::kTwoParties);
    }
    return out;
}

Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, const RuleWishes& wishes) {
    core::Error reason = core::to_error(Verdict::kActionNotAllowed);
    for (const RuleReference& candidate : candidates(wallet, wishes)) {
        LATCHKEY_TRY(const ResolvedRule resolved, resolve(wallet, candidate));
        if ((resolved.rule.actions & actions) != actions) {
            continue;
        }
        auto choice = choose_approvers(wallet, candidate, available, wishes);
        if (choice) {
            return choice;
        }
        reason = std::move(choice).error();
    }
    return tl::unexpected(std::move(reason));
}

std::uint8_t right_of(const Body& body) {
    struct Right {
        std::uint8_t operator()(const Execute& /*body*/) const { return core::kActionExecute; }
        std::uint8_t operator()(const Grant& /*body*/) const { return core::kActionGrant; }
        std::uint8_t operator()(const Revoke& /*body*/) const { return core::kActionGrant; }
        std::uint8_t operator()(const Policy& /*body*/) const { return core::kActionPolicy; }
        std::uint8_t operator()(const Recover& /*body*/) const { return core::kActionRecover; }
        std::uint8_t operator()(const Cancel& /*body*/) const { return core::kActionCancel; }
        std::uint8_t operator()(const Freeze& /*body*/) const { return core::kActionFreeze; }
        std::uint8_t operator()(const Upgrade& /*body*/) const { return core::kActionUpgrade; }
    };
    return std::visit(Right{}, body);
}

bool is_change(const Body& body) {
    return std::holds_alternative<Policy>(body) || std::holds_alternative<Recover>(body) ||
           std::holds_alternative<Cancel>(body) || std::holds_alternative<Freeze>(body);
}

Result<ActionPlan> plan_action(const WalletSnapshot& wallet, const RuleReference& rule, Body body,
                               const Terms& terms, std::uint64_t lane_sequence,
                               const Address& sender) {
    LATCHKEY_TRY(const ResolvedRule resolved, resolve(wallet, rule));
    // A rule without the right may take back what it proposed itself.
    const auto* const cancel = std::get_if<Cancel>(&body);
    const bool is_own =
        cancel != nullptr && !rule.is_session && cancel->target == record_name(rule);
    if (!is_own && (resolved.rule.actions & right_of(body)) == 0) {
        return refused(Verdict::kActionNotAllowed);
    }
    LATCHKEY_TRY(const Authority authority, authority_of(wallet, rule));
    LATCHKEY_CHECK(judge_change(wallet, authority, body));
    const std::uint64_t sequence = terms.lane        ? lane_sequence
                                   : rule.is_session ? wallet.sessions[rule.index].sequence
                                                     : wallet.hot.sequence;
    const Scene scene{wallet.wallet.chain(), wallet.wallet.address(), wallet.wallet.id(), sequence,
                      sender};
    return plan_action(authority, terms, std::move(body), scene);
}

Result<ResolvedRule> resolve(const Authority& authority) {
    const auto pick = [&](const std::vector<core::Rule>& rules,
                          const std::vector<core::Signer>& signers) -> Result<ResolvedRule> {
        return authority.rule < rules.size()
                   ? Result<ResolvedRule>(ResolvedRule{rules[authority.rule], signers})
                   : refused(Verdict::kUnknownRule);
    };
    const ByteView part = part_of(authority.source);
    if (!authority.recovery_part && std::holds_alternative<GenesisSource>(authority.source)) {
        LATCHKEY_TRY(const core::Genesis genesis, core::to_result(core::decode_genesis(part)));
        return pick(genesis.configuration.rules, genesis.configuration.signers);
    }
    if (authority.recovery_part) {
        LATCHKEY_TRY(const core::RecoveryPart recovery,
                     core::to_result(core::decode_recovery_part(*authority.recovery_part)));
        return pick(recovery.rules, recovery.signers);
    }
    if (authority.is_local()) {
        LATCHKEY_TRY(const core::LocalRule local,
                     core::to_result(core::decode_local_rule(part, core::is_chain_key)));
        return ResolvedRule{local.rule, local.signers};
    }
    LATCHKEY_TRY(const core::Configuration configuration,
                 core::to_result(core::decode_shared(part, core::is_chain_key)));
    return pick(configuration.rules, configuration.signers);
}

Result<ActionPlan> plan_action(const Authority& authority, const Terms& terms, Body body,
                               const Scene& scene) {
    ActionPlan out;
    LATCHKEY_TRY(out.rule, resolve(authority));
    out.authority = authority;
    out.terms = terms;
    out.body = std::move(body);
    out.scene = scene;
    LATCHKEY_TRY(out.typed_leaf, leaf_for(out.authority, out.terms, out.body, out.scene));
    LATCHKEY_TRY(out.leaf, leaf_of(out.typed_leaf));
    return out;
}

Result<ApprovedAction> assemble(const ActionPlan& plan,
                                std::span<const core::CollectedApproval> approvals,
                                const std::optional<core::TreeProof>& tree) {
    std::vector<const core::CollectedApproval*> sorted;
    std::vector<std::uint8_t> signers;
    for (const core::CollectedApproval& one : approvals) {
        if (one.signer >= plan.rule.signers.size() ||
            ((plan.rule.rule.mask >> one.signer) & 1U) == 0) {
            return refused(Verdict::kSignerNotInRule);
        }
        if (!is_usable(plan.rule.signers[one.signer], plan.scene.chain)) {
            return refused(Verdict::kSignerNotUsable);
        }
        if (std::find(signers.begin(), signers.end(), one.signer) != signers.end()) {
            return refused(Verdict::kApprovalOrder);
        }
        sorted.push_back(&one);
        signers.push_back(one.signer);
    }
    if (core::count_parties(plan.rule.signers, signers) < plan.rule.rule.threshold) {
        return refused(Verdict::kThresholdNotMet);
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->signer < b->signer; });
    ApprovedAction out{plan.authority, plan.terms, plan.body, {}};
    out.approvals.tree = tree;
    for (const core::CollectedApproval* one : sorted) {
        LATCHKEY_TRY(Approval approval, approval_of(plan.rule.signers[one->signer], one->evidence));
        out.approvals.approvers =
            static_cast<std::uint16_t>(out.approvals.approvers | (1U << one->signer));
        out.approvals.evidence.push_back(std::move(approval));
    }
    LATCHKEY_CHECK(verify(out, plan.scene));
    return out;
}

}  // namespace latchkey::evm::wallet
