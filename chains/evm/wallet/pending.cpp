// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/pending.hpp"

namespace latchkey::evm::wallet {

std::uint64_t wait_seconds(const core::Configuration& configuration, const core::Rule& rule,
                           std::uint8_t action, std::size_t parties) {
    return core::wait_seconds(configuration, rule, action, parties,
                              core::Guarded::kChangesAndUpgrades);
}

std::vector<PendingAction> pending_actions(const WalletSnapshot& wallet, std::uint64_t now) {
    std::vector<PendingAction> out;
    for (const Proposal& one : wallet.proposals) {
        out.push_back({core::pending_times(wallet.configuration, wallet.records, one.record,
                                           core::Guarded::kChangesAndUpgrades, now),
                       one});
    }
    return out;
}

std::optional<std::uint64_t> frozen_until(const WalletSnapshot& wallet, std::uint64_t now) {
    const bool is_frozen = wallet.hot.was_frozen && now < wallet.hot.frozen_until;
    return is_frozen ? std::optional(wallet.hot.frozen_until) : std::nullopt;
}

}  // namespace latchkey::evm::wallet
