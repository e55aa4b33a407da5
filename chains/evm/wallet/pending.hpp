// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/wallet.hpp"

/// What waits in a wallet, and until when it is frozen (docs/spec/authorization.md, section 8).
namespace latchkey::evm::wallet {

/// A proposal with its times, in unix seconds.
struct PendingAction {
    core::model::Record record{};
    /// As in Proposal.
    std::optional<Body> body{};
    /// When it can be applied; later than the record's own time while a recovery is under way.
    std::uint64_t earliest = 0;
    /// It can be applied up to this second.
    std::uint64_t latest = 0;
    /// One party's change waits until a recovery is over.
    bool waits_for_recovery = false;

    [[nodiscard]] bool is_expired(std::uint64_t now) const { return now > latest; }
    [[nodiscard]] bool is_due(std::uint64_t now) const { return now >= earliest && now <= latest; }
};

/// In the order of the records.
std::vector<PendingAction> pending_actions(const WalletSnapshot& wallet);

/// Until when a freeze holds; absent when none does.
std::optional<std::uint64_t> frozen_until(const WalletSnapshot& wallet, std::uint64_t now);

}  // namespace latchkey::evm::wallet
