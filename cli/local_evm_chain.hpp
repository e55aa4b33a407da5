// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/child_process.hpp"
#include "cli/evm/node.hpp"

/// anvil, the EVM chain for development, as a child process with our contracts on it.
namespace latchkey::cli {

/// How to start one.
struct LocalEvmOptions {
    /// Of the table of chains: local or local-2.
    std::string name = "local";
    /// 0 picks a free one.
    std::uint16_t port = 0;
    /// File that keeps the chain; empty: it ends with the process.
    std::string state_file;
    bool shows_log = false;
};

/// Runs until destroyed; dies with this process. A block for each transaction, and one every second
/// so that time passes.
class LocalEvmChain {
  public:
    /// Returns when the node answers and the contracts are there. anvil is found by LATCHKEY_ANVIL
    /// or in the source tree. Errors: kLocalChain, those of Node.
    static Result<LocalEvmChain> start(const LocalEvmOptions& options);

    const std::string& name() const { return name_; }
    const std::string& url() const { return url_; }

  private:
    LocalEvmChain() = default;

    ChildProcess process_;
    std::string name_;
    std::string url_;
};

/// Puts the contracts that are missing on a development chain, a token to try things with too, from
/// an account of the node. Errors: kLocalChain (no deterministic deployer), those of Node.
Result<void> deploy_contracts(on_evm::Node& node, const core::Hash32& program);

}  // namespace latchkey::cli
