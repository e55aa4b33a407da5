// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/client/submit.hpp"

namespace latchkey::evm {

/// One EVM chain as configuration.
struct Chain {
    /// Lower-case letters, digits and dashes; at most 32, and not a number.
    std::string name;
    std::uint64_t chain_id = 0;
    std::string native_symbol = "ETH";
    /// Its currency has no value.
    bool is_testnet = false;
    /// After how many blocks, the transaction's own included, it is taken for final.
    std::uint64_t confirmations = 12;
    net::Milliseconds block_time{12000};
    /// What a transaction offers for a unit of gas at most, whatever the nodes say of the market.
    std::uint64_t gas_price_gwei_max = 1000;
    /// http or https, the preferred one first.
    std::vector<net::Url> endpoints;
    /// Of a block explorer, without a slash at its end.
    std::optional<std::string> explorer;

    friend bool operator==(const Chain&, const Chain&) = default;
};

/// The chains that are known by name: those of chains/evm/chains.json, which is part of the
/// program, and the user's own. The whole of a chain is a few lines of JSON:
///
///     [{
///       "name": "my-chain",
///       "chain_id": 424242,
///       "endpoints": ["https://rpc.my-chain.example"]
///     }]
///
/// Optional members are native_symbol, is_testnet, confirmations, block_milliseconds,
/// gas_price_gwei_max and explorer.
/// For a chain that is known already, name and chain_id are enough, and every other member
/// replaces the known one.
class ChainRegistry {
  public:
    /// Empty.
    ChainRegistry() = default;
    /// The chains that are part of the program.
    static ChainRegistry builtin();

    /// Adds or changes the chains of a JSON text: a list of objects, or one object. Nothing changes
    /// on failure. Errors: kInvalidJson; kInvalidChainFile, which names the chain, the member and
    /// what it should be.
    Result<void> read(std::string_view text);

    /// By its name or its chain id in decimal digits. Error: kUnknownChain, which lists the names.
    [[nodiscard]] Result<Chain> find(std::string_view name_or_chain_id) const;
    /// Ascending by chain id.
    [[nodiscard]] std::vector<Chain> all() const;

  private:
    std::vector<Chain> chains_;
};

/// Retry and failover over the chain's endpoints.
net::JsonRpcOptions rpc_transport_options(const Chain& chain);
/// Confirmations and intervals that suit the chain's blocks. Fees are not raised unless the caller
/// sets replace_after.
SubmitOptions submit_options(const Chain& chain);
/// No more for a unit of gas than the chain's configuration allows.
FeeOptions fee_options(const Chain& chain);
/// Where people look at a transaction; absent without an explorer.
std::optional<std::string> transaction_link(const Chain& chain, const Hash32& hash);

}  // namespace latchkey::evm
