// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// `latchkey contracts`: ours on EVM chains, whose code is part of this program.
namespace latchkey::cli {

/// For which wallets, and who pays.
struct ContractsOptions {
    /// The Solana program of the wallets; empty: the setting, else that of local chains.
    std::string program;
    /// As load_key reads it; empty: the setting.
    std::string gas_payer;
    bool is_dry_run = false;
};

/// Where each contract is on every EVM chain, and with --chain whether it is there. Errors: those
/// of the node.
Result<Report> contracts_show(Context& context, const ContractsOptions& options);
/// Puts on the chain what is missing there. Who pays has no rights afterwards. Errors: as above,
/// kUnsupported (the chain has no deterministic deployer), those of Node::send.
Result<Report> contracts_deploy(Context& context, const ContractsOptions& options);

}  // namespace latchkey::cli
