// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/pending.hpp"

#include <algorithm>

namespace latchkey::evm::wallet {

namespace {

/// 48 hours after the latest time of any proposal of the recovery part; 0 if there was none.
std::uint64_t recovery_horizon(const WalletSnapshot& wallet) {
    std::uint64_t latest = 0;
    for (const core::model::Record& record : wallet.records) {
        if ((record.rule & core::kRecoveryRule) != 0 && record.earliest != 0) {
            latest = std::max(latest, std::uint64_t{record.earliest} + core::kMargin);
        }
    }
    return latest;
}

}  // namespace

std::vector<PendingAction> pending_actions(const WalletSnapshot& wallet) {
    std::vector<PendingAction> out;
    for (const Proposal& proposal : wallet.proposals) {
        PendingAction one;
        one.record = proposal.record;
        one.body = proposal.body;
        one.earliest = proposal.record.earliest;
        one.latest = one.earliest + core::kProposalLife;
        if (proposal.record.guarded) {
            const std::uint64_t horizon = recovery_horizon(wallet);
            one.waits_for_recovery = horizon > one.earliest;
            one.earliest = std::max(one.earliest, horizon);
        }
        out.push_back(std::move(one));
    }
    return out;
}

std::optional<std::uint64_t> frozen_until(const WalletSnapshot& wallet, std::uint64_t now) {
    return wallet.hot.was_frozen && now < wallet.hot.frozen_until
               ? std::optional(wallet.hot.frozen_until)
               : std::nullopt;
}

}  // namespace latchkey::evm::wallet
