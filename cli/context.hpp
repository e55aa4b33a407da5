// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "cli/chain.hpp"
#include "cli/config.hpp"
#include "cli/output.hpp"
#include "cli/wallet_file.hpp"

/// What every command is given.
namespace latchkey::cli {

/// Output, settings and, when a command needs it, the cluster.
class Context {
  public:
    Context(const Output& output, Config config) : output_(output), config_(std::move(config)) {}

    const Output& output() const { return output_; }
    const Config& config() const { return config_; }

    /// The nodes of the settings, else the local chain. Errors: those of Chain::connect.
    Result<Chain*> chain(const solana::Address& wallet_program);
    /// The same, and they must belong to the wallet's cluster. Errors: also kWrongCluster.
    Result<Chain*> chain_of(const solana::WalletHandle& wallet);
    /// `path`, else the setting. Errors: kCommandInput (neither), those of read_wallet_file.
    Result<WalletFile> wallet(const std::string& path) const;
    /// Of new wallets: `program` and `cluster`, else the settings, else the local chain's.
    /// Error: kCommandInput.
    Result<solana::Deployment> deployment(const std::string& program,
                                          const std::string& cluster) const;

  private:
    const Output& output_;
    Config config_;
    std::unique_ptr<Chain> chain_;
};

}  // namespace latchkey::cli
