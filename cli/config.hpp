// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

/// What commands are told without options. An option beats the environment, which beats the file.
namespace latchkey::cli {

using core::Result;

/// Where a local chain listens if nothing else is said.
inline constexpr const char* kDefaultRpc = "http://127.0.0.1:8899";

/// Settings with a name in the file, an environment variable LATCHKEY_<NAME> and mostly an option.
struct Config {
    /// `rpc`: text or list of texts; LATCHKEY_RPC: separated by commas. A Solana node's URL, or
    /// CHAIN=URL of an EVM chain.
    std::vector<std::string> rpc;
    /// `chain`: text or list of texts; LATCHKEY_CHAIN: separated by commas. Empty: solana alone.
    std::vector<std::string> chains;
    /// `chains_file`: path of a JSON file with more EVM chains, as evm::ChainRegistry reads it.
    std::string chains_file;
    /// `wallet`: path of a genesis file.
    std::string wallet;
    /// `keys`: text or list of texts as load_key reads them; LATCHKEY_KEYS: separated by commas.
    std::vector<std::string> keys;
    /// `fee_payer`: as load_key reads it.
    std::string fee_payer;
    /// `gas_payer`: as load_key reads it; pays on EVM chains.
    std::string gas_payer;
    /// `program`: address of the wallet program for new wallets.
    std::string program;
    /// `cluster`: genesis hash of the cluster for new wallets, in base58.
    std::string cluster;
};

/// LATCHKEY_CONFIG, else $XDG_CONFIG_HOME/latchkey/config.toml, else
/// ~/.config/latchkey/config.toml.
std::string default_config_path();
/// Refuses unknown names. Errors: kFileUnreadable, kCommandInput.
Result<Config> parse_config(const std::string& text, const std::string& path);
/// File (which may be missing unless `path` was asked for) and environment. Errors: as above.
Result<Config> load_config(const std::optional<std::string>& path);

}  // namespace latchkey::cli
