// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

/// `latchkey demo`: what a wallet can do, shown with real transactions.
namespace latchkey::cli::demo {

using core::Result;

/// Where the demonstration runs, and what of it. The EVM chains are always its own.
struct DemoOptions {
    /// Of Solana. Empty: a local chain of its own, gone afterwards. Else one that is there.
    std::vector<std::string> rpc_urls;
    std::string program_file;
    /// "solana" or "evm": the steps of one kind of chain. Empty: all of them.
    std::string only;
};

/// Prints every step as it happens; the report is the closing tables. Errors: kDemonstration when
/// a balance, a verdict or a fee is not what the step says, and those of the steps themselves.
Result<Report> run_demo(const Output& output, const DemoOptions& options);

}  // namespace latchkey::cli::demo
