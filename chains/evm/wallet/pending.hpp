// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/wallet.hpp"
#include "core/wallet/waiting.hpp"

/// What waits in a wallet, and how it ends (docs/spec/authorization.md, section 8). Times are unix
/// seconds.
namespace latchkey::evm::wallet {

/// How long what these parties approve under the rule waits; 0: it is done at once. The guard holds
/// back upgrades, too. `action`: its number.
std::uint64_t wait_seconds(const core::Configuration& configuration, const core::Rule& rule,
                           std::uint8_t action, std::size_t parties);

/// A proposal, and when it can be applied.
struct PendingAction : core::PendingTimes {
    Proposal proposal;
};
/// In the order of the snapshot's proposals.
std::vector<PendingAction> pending_actions(const WalletSnapshot& wallet, std::uint64_t now);

/// Until when a freeze holds; absent when none does.
std::optional<std::uint64_t> frozen_until(const WalletSnapshot& wallet, std::uint64_t now);

}  // namespace latchkey::evm::wallet
