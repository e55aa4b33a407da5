// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/rule_choice.hpp"

#include <algorithm>

namespace latchkey::solana {

using core::Verdict;

namespace {

/// Every rule of the wallet, in order of preference.
std::vector<RuleReference> candidates(const WalletSnapshot& wallet) {
    std::vector<RuleReference> out;
    const auto& rules = wallet.configuration().rules;
    for (const bool limited : {false, true}) {
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (rules[i].limits.empty() != limited) {
                out.push_back({false, static_cast<std::uint8_t>(i)});
            }
        }
    }
    const std::size_t slots = wallet.state() ? wallet.state()->slots.size() : 0;
    for (std::size_t i = 0; i < slots; ++i) {
        if (wallet.state()->slots[i]) {
            out.push_back({true, static_cast<std::uint8_t>(i)});
        }
    }
    return out;
}

}  // namespace

bool is_same_key(const core::Signer& a, const core::Signer& b) {
    return a.kind == b.kind && a.key == b.key;
}

Result<RuleChoice> choose_approvers(const WalletSnapshot& wallet, const RuleReference& rule,
                                    std::span<const core::Signer> available, bool offchain) {
    LATCHKEY_TRY(const ResolvedRule resolved, wallet.rule(rule));
    RuleChoice out{rule, {}};
    bool has_party = false;
    for (std::size_t i = 0; i < resolved.signers.size(); ++i) {
        const core::Signer& entry = resolved.signers[i];
        has_party = has_party && entry.same_party;
        const bool is_counted = ((resolved.rule.mask >> i) & 1U) != 0;
        const bool is_there =
            std::any_of(available.begin(), available.end(),
                        [&](const core::Signer& one) { return is_same_key(one, entry); });
        if (has_party || !is_counted || !is_there ||
            out.approvers.size() >= resolved.rule.threshold) {
            continue;
        }
        has_party = true;
        const bool signs_message = offchain && entry.kind == core::kSignerEd25519;
        out.approvers.push_back(
            {static_cast<std::uint8_t>(i),
             signs_message ? ApprovalMethod::kOffchainMessage : ApprovalMethod::kDefault});
    }
    if (out.approvers.size() < resolved.rule.threshold) {
        return tl::unexpected(core::to_error(Verdict::kThresholdNotMet));
    }
    return out;
}

Result<RuleChoice> choose_rule(const WalletSnapshot& wallet, std::uint8_t actions,
                               std::span<const core::Signer> available, bool offchain) {
    Verdict reason = Verdict::kActionNotAllowed;
    for (const RuleReference& candidate : candidates(wallet)) {
        LATCHKEY_TRY(const ResolvedRule resolved, wallet.rule(candidate));
        if ((resolved.rule.actions & actions) != actions) {
            continue;
        }
        reason = Verdict::kThresholdNotMet;
        auto choice = choose_approvers(wallet, candidate, available, offchain);
        if (choice) {
            return choice;
        }
    }
    return tl::unexpected(core::to_error(reason));
}

}  // namespace latchkey::solana
