// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/client/rpc_types.hpp"
#include "net/json_rpc.hpp"

namespace latchkey::evm {

using net::Task;

struct RpcOptions {
    /// For each call, retries included.
    net::Milliseconds call_timeout{20000};
};

/// Retry and failover settings that suit EVM nodes.
net::JsonRpcOptions rpc_transport_options(std::vector<net::JsonRpcEndpoint> endpoints);

/// Typed JSON-RPC of EVM nodes (the execution API specification). All methods also fail with the
/// errors of net::JsonRpcClient, with those of classify_node_error and with kNodeMalformed. Belongs
/// to its executor's thread; must outlive its tasks.
class RpcClient {
  public:
    /// `json_rpc` must outlive the client.
    RpcClient(net::JsonRpcClient& json_rpc, RpcOptions options);

    Task<Result<std::uint64_t>> get_chain_id();
    /// kWrongChain unless the node's chain id is this one.
    Task<Result<void>> check_chain(std::uint64_t chain_id);
    /// The latest block's.
    Task<Result<std::uint64_t>> get_block_number();
    /// Absent when the node does not have it. Not for BlockTag::kPending, whose block has no hash.
    Task<Result<std::optional<Block>>> get_block(BlockId block);
    /// Wei.
    Task<Result<Uint256>> get_balance(Address address, BlockId at = BlockTag::kLatest);
    /// Empty for an account without code.
    Task<Result<Bytes>> get_code(Address address, BlockId at = BlockTag::kLatest);
    Task<Result<Hash32>> get_storage_at(Address address, Uint256 slot,
                                        BlockId at = BlockTag::kLatest);
    /// Several words with as few requests as nodes take.
    Task<Result<std::vector<Hash32>>> get_storage(Address address, std::vector<Hash32> slots,
                                                  BlockId at = BlockTag::kLatest);
    /// The account's next nonce; at kPending, counting what waits in the node's pool.
    Task<Result<std::uint64_t>> get_transaction_count(Address address,
                                                      BlockId at = BlockTag::kLatest);
    /// A revert is no error here: it is in CallOutcome. kExecutionReverted only if the node does
    /// not say what the contract returned.
    Task<Result<CallOutcome>> call(CallRequest request, BlockId at = BlockTag::kLatest);
    /// Units of gas. kExecutionReverted explains why the call would revert.
    Task<Result<std::uint64_t>> estimate_gas(CallRequest request, BlockId at = BlockTag::kLatest);

    /// Of up to 1,024 blocks up to `newest`; percentiles from 0 to 100, ascending.
    Task<Result<FeeHistory>> get_fee_history(std::uint64_t blocks, std::vector<double> percentiles,
                                             BlockId newest = BlockTag::kLatest);
    /// Wei for each unit of gas, as the node suggests.
    Task<Result<Uint256>> get_max_priority_fee_per_gas();

    /// Hands the transaction to one node. kAlreadyKnown also when an attempt before this one went
    /// through although its answer was lost.
    Task<Result<void>> send(SignedTransaction transaction);
    /// Absent when the node does not have it.
    Task<Result<std::optional<TransactionInfo>>> get_transaction(Hash32 hash);
    /// Absent when it is in no block (yet).
    Task<Result<std::optional<Receipt>>> get_receipt(Hash32 hash);
    Task<Result<std::vector<Log>>> get_logs(LogFilter filter);
    /// Of transactions with one sender and nonce; at least one hash, else kInvalidArgument.
    Task<Result<TransactionStanding>> get_standing(Address sender, std::vector<Hash32> hashes);

    /// Anything else, such as a method of one provider: the result as it is.
    Task<Result<boost::json::value>> request(std::string method, boost::json::value params,
                                             net::Repeat repeat = net::Repeat::kAllowed);

    [[nodiscard]] net::Clock& clock() const { return json_rpc_->clock(); }

  private:
    [[nodiscard]] net::Deadline deadline() const;

    net::JsonRpcClient* json_rpc_;
    RpcOptions options_;
};

}  // namespace latchkey::evm
