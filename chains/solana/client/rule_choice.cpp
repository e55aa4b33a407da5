// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/rule_choice.hpp"

#include <algorithm>

namespace latchkey::solana {

using core::Verdict;

namespace {

/// Every rule of the wallet, in order of preference.
std::vector<RuleReference> candidates(const WalletSnapshot& wallet, const RuleWishes& wishes) {
    std::vector<RuleReference> out;
    const auto& rules = wallet.configuration().rules;
    const auto add = [&](auto is_wanted) {
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (is_wanted(rules[i])) {
                out.push_back({false, static_cast<std::uint8_t>(i)});
            }
        }
    };
    add([](const core::Rule& rule) { return rule.limits.empty() && !rule.wait; });
    add([](const core::Rule& rule) { return !rule.limits.empty() && !rule.wait; });
    const std::size_t slots = wallet.state() ? wallet.state()->slots.size() : 0;
    for (std::size_t i = 0; i < slots; ++i) {
        if (wallet.state()->slots[i]) {
            out.push_back({true, static_cast<std::uint8_t>(i)});
        }
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

}  // namespace

Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available,
                                    const RuleWishes& wishes) {
    LATCHKEY_TRY(const ResolvedRule resolved, wallet.rule(rule));
    const std::size_t needed = std::max<std::size_t>(resolved.rule.threshold, wishes.parties_min);
    const std::size_t wanted = std::max(needed, wishes.parties_wanted);
    RuleChoice out{rule, {}};
    for (const std::uint8_t i :
         core::choose_parties(resolved.signers, resolved.rule.mask, available, wanted)) {
        const bool signs_message =
            wishes.offchain && resolved.signers[i].kind == core::kSignerEd25519;
        out.approvers.push_back(
            {i, signs_message ? ApprovalMethod::kOffchainMessage : ApprovalMethod::kDefault});
    }
    if (out.approvers.size() < resolved.rule.threshold) {
        return tl::unexpected(core::to_error(Verdict::kThresholdNotMet));
    }
    if (out.approvers.size() < needed) {
        return tl::unexpected(core::to_error(Verdict::kTwoParties));
    }
    return out;
}

Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available, bool offchain) {
    return choose_approvers(wallet, rule, available, RuleWishes{.offchain = offchain});
}

Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, const RuleWishes& wishes) {
    core::Error reason = core::to_error(Verdict::kActionNotAllowed);
    for (const RuleReference& candidate : candidates(wallet, wishes)) {
        LATCHKEY_TRY(const ResolvedRule resolved, wallet.rule(candidate));
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

Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, bool offchain) {
    return choose_rule(wallet, actions, available, RuleWishes{.offchain = offchain});
}

}  // namespace latchkey::solana
