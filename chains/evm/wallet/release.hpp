// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "chains/evm/wallet/deployment.hpp"

/// The contracts that belong to this program (chains/evm/contracts/release.json), so that wallets
/// are found, and contracts are put on a chain, without a compiler.
namespace latchkey::evm::wallet {

/// A contract that the deterministic deployer makes.
struct ReleasedContract {
    std::string_view name;
    Address address{};
    /// With the arguments of its constructor.
    Bytes init_code{};
};

/// Of the wallets whose ids are derived addresses of this Solana program.
Deployment released_deployment(const Hash32& program);
/// All of them, in the order in which they can be made.
std::vector<ReleasedContract> released_contracts(const Hash32& program);
/// Not of the release: an ERC-20 for development chains, of which anybody makes as much as he
/// wants.
ReleasedContract test_token();

}  // namespace latchkey::evm::wallet
