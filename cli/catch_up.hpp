// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// Changes of a wallet that one chain has and another has not: approved once for every chain, they
/// are repeated where they are missing, in their order, and nobody signs again.
namespace latchkey::cli {

/// Where to take them from; --chain says where they are missing.
struct CatchUpOptions {
    std::string wallet;
    /// An EVM chain that has them.
    std::string from;
    /// As load_key reads it; on Solana.
    std::string fee_payer;
    /// The same on EVM chains.
    std::string gas_payer;
    bool is_dry_run = false;
};

/// Repeats every change that is missing, or up to one that has to wait there. Errors: kChainsDiffer
/// (the chains went different ways), kUnsupported (a change whose approval is not in a transaction
/// to the wallet), those of the nodes.
Result<Report> catch_up(Context& context, const CatchUpOptions& options);

}  // namespace latchkey::cli
