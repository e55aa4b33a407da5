// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cli/chain.hpp"
#include "cli/config.hpp"
#include "cli/evm/node.hpp"
#include "cli/output.hpp"
#include "cli/wallet_file.hpp"

/// What every command is given.
namespace latchkey::cli {

/// The name of the one chain that is not an EVM chain.
inline constexpr const char* kSolana = "solana";

/// The URLs of Solana's nodes in the settings: those without the name of another chain.
std::vector<std::string> solana_urls(const Config& config);

/// Output, settings and, when a command needs them, the chains.
class Context {
  public:
    Context(const Output& output, Config config) : output_(output), config_(std::move(config)) {}

    const Output& output() const { return output_; }
    const Config& config() const { return config_; }

    /// Names of the chains that the command is about; solana alone if nothing else is said.
    std::vector<std::string> chains() const;
    /// The only one. Error: kCommandInput when there are several.
    Result<std::string> chain_name() const;
    /// kCommandInput with what the command is about, unless that is Solana alone.
    Result<void> require_solana(const std::string& what) const;
    bool is_on_solana() const { return chains() == std::vector<std::string>{kSolana}; }
    /// An EVM chain, with the nodes of the settings, else those that are known. Errors:
    /// kUnknownChain, kCommandInput, kFileUnreadable, those of the file of chains.
    Result<evm::Chain> evm_chain(const std::string& name) const;
    /// A client of it, which belongs to that chain. Errors: as above, those of Node.
    Result<on_evm::Node*> node(const std::string& name);

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
    std::map<std::string, std::unique_ptr<on_evm::Node>> nodes_;
};

}  // namespace latchkey::cli
