// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <memory>
#include <string>

#include "chains/evm/client/chains.hpp"
#include "chains/evm/wallet/deployment.hpp"
#include "cli/keys.hpp"
#include "cli/output.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"

/// The EVM chain that a command talks to.
namespace latchkey::cli::on_evm {

/// What a transaction cost, as the chain says.
struct Receipt {
    core::Hash32 hash{};
    std::uint64_t block = 0;
    std::uint64_t gas = 0;
    /// Wei, all of it.
    evm::Uint256 fee{};
    /// Of calldata.
    std::size_t bytes = 0;
};

/// A transaction to send.
struct Outgoing {
    evm::Address to{};
    /// Wei.
    evm::Uint256 value{};
    core::Bytes data{};
};

/// A blocking client of one EVM chain through one or several equal nodes.
class Node {
  public:
    /// Opens no connection yet. Errors: those of HttpClient, kCommandInput (no endpoint).
    static Result<std::unique_ptr<Node>> connect(evm::Chain chain);

    const evm::Chain& chain() const { return chain_; }
    evm::RpcClient& rpc() { return *rpc_; }
    template <typename T>
    T run(net::Task<T> task) {
        return blocking_.run(std::move(task));
    }
    /// A call that the execution API does not have, such as evm_increaseTime. Errors: those of
    /// RpcClient::request.
    Result<json::value> call(const std::string& method, json::array params = {});

    /// kWrongChain unless the nodes belong to the chain.
    Result<void> check_chain();
    /// What the call returns. Errors: kExecutionReverted, with the wallet's verdict in words;
    /// those of RpcClient::call.
    Result<core::Bytes> simulate(const evm::Address& from, const Outgoing& outgoing);
    /// Simulates, signs with the payer's account, sends and waits until confirmed, with progress on
    /// `output`. Errors: as above, those of evm::submit.
    Result<Receipt> send(const Output& output, const Key& payer, const Outgoing& outgoing);
    /// Sends without asking what would happen, with a fixed gas limit; the chain is expected to
    /// include it and to revert. The wallet's verdict. Errors: kDemonstration if it succeeds, those
    /// of evm::submit.
    Result<core::Verdict> send_to_fail(const Output& output, const Key& payer,
                                       const Outgoing& outgoing);
    /// From an account that the node itself holds the key of, as development nodes do. Error:
    /// kCommandInput when it holds none.
    Result<Receipt> send_from_node(const Outgoing& outgoing);

    /// Unix seconds of the latest block.
    Result<std::uint64_t> time();
    /// What a node said, where it decides how long something is good. Error: that of believe_time.
    Result<std::uint64_t> believe_time(std::uint64_t told) const;
    /// Lets time pass on a development node. Errors: those of call.
    Result<void> warp(std::uint64_t seconds);

  private:
    explicit Node(evm::Chain chain) : chain_(std::move(chain)) {}
    Result<evm::SignedTransaction> sign(const Key& payer, const Outgoing& outgoing,
                                        std::uint64_t gas_limit);
    Result<Receipt> submit(const Output& output, const evm::SignedTransaction& transaction);

    evm::Chain chain_;
    net::BlockingExecutor blocking_;
    net::SystemClock clock_;
    net::SystemJitter jitter_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<net::JsonRpcClient> json_rpc_;
    std::unique_ptr<evm::RpcClient> rpc_;
};

/// The verdict in what a wallet reverted with: Refused(uint256).
std::optional<core::Verdict> verdict_in(core::ByteView revert_data);
/// "0.000123 ETH".
std::string format_coin(const evm::Chain& chain, const evm::Uint256& wei);
/// For reports: chain, transaction, block, gas, fee.
json::object receipt_fields(const evm::Chain& chain, const Receipt& receipt);
std::string receipt_line(const Output& output, const evm::Chain& chain, const Receipt& receipt);

}  // namespace latchkey::cli::on_evm
