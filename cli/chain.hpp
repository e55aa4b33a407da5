// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chains/solana/client/confirm.hpp"
#include "chains/solana/client/wallet.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"

/// The Solana cluster that a command talks to; for EVM chains see cli/evm/node.hpp.
namespace latchkey::cli {

using core::Result;

/// What a transaction cost, as the chain says.
struct Receipt {
    solana::Signature id;
    std::uint64_t slot = 0;
    /// On the wire.
    std::size_t bytes = 0;
    /// Absent when the node does not say.
    std::optional<std::uint64_t> compute_units;
    std::uint64_t fee = 0;
};

/// A transaction that is on chain and was refused there.
struct Refusal {
    solana::Signature id;
    /// The wallet program's verdict.
    std::uint32_t code = 0;
};

/// A blocking client of one cluster through one or several equal nodes.
class Chain {
  public:
    /// Opens no connection yet. `wallet_program`: its refusals are told in words.
    /// Errors: kInvalidUrl, kTlsFailed, kInvalidArgument (no URL).
    static Result<std::unique_ptr<Chain>> connect(const std::vector<std::string>& urls,
                                                  const solana::Address& wallet_program);

    solana::RpcClient& rpc() { return *rpc_; }
    /// Of run(): what is spawned on it goes on during the next run() only.
    net::Executor executor() { return blocking_.executor(); }
    template <typename T>
    T run(net::Task<T> task) {
        return blocking_.run(std::move(task));
    }
    /// A call that Solana's API does not have, such as devnet_warp. Errors: those of
    /// net::JsonRpcClient, kRpcRejected.
    Result<boost::json::value> call(const std::string& method, boost::json::value params);

    /// Unix seconds as the nodes say, where that decides how long something is good. Errors: those
    /// of fetch_time and believe_time.
    Result<std::uint64_t> believed_time();
    /// kWrongCluster unless the nodes belong to the deployment's cluster.
    Result<void> check_cluster(const solana::Deployment& deployment);
    /// Waits until the faucet's transfer is confirmed; test clusters only.
    Result<Receipt> airdrop(const solana::Address& to, std::uint64_t lamports);
    /// Simulates, sends and waits until confirmed. Errors: those of send_and_confirm; a refusal of
    /// the wallet program comes with its sentence.
    Result<Receipt> submit(const solana::Transaction& transaction, std::uint64_t last_height,
                           std::function<void(const solana::ConfirmProgress&)> on_progress = {});
    /// Sends without asking first what would happen; the chain is expected to include it and to
    /// refuse it. Errors: kDemonstration if it is accepted, those of send_and_confirm.
    Result<Refusal> submit_to_fail(const solana::Transaction& transaction,
                                   std::uint64_t last_height);
    /// What became of a confirmed transaction. Error: kConfirmationUnknown.
    Result<Receipt> receipt(const solana::Signature& id);

  private:
    Chain() = default;

    std::vector<net::Url> urls_;
    net::BlockingExecutor blocking_;
    net::SystemClock clock_;
    net::SystemJitter jitter_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<net::JsonRpcClient> json_rpc_;
    std::unique_ptr<solana::RpcClient> rpc_;
};

}  // namespace latchkey::cli
