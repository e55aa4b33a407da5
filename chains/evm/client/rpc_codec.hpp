// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>

#include "chains/evm/client/rpc_types.hpp"

/// Between the parameters and results of JSON-RPC and types. Nodes are not trusted: a missing or
/// impossible member is kNodeMalformed with its name. Members these types do not have are ignored,
/// because every chain adds its own.
namespace latchkey::evm::rpc_codec {

using boost::json::value;

/// "0x1f"; `what` names it in the error, here and below.
Result<Uint256> decode_quantity(const value& result, std::string_view what);
Result<std::uint64_t> decode_u64(const value& result, std::string_view what);
/// "0x" and an even number of digits.
Result<Bytes> decode_bytes(const value& result, std::string_view what);
Result<Hash32> decode_hash(const value& result, std::string_view what);

/// null is a block that the node does not have.
Result<std::optional<Block>> decode_block(const value& result);
/// With `percentiles` priority fees for each block.
Result<FeeHistory> decode_fee_history(const value& result, std::size_t percentiles);
/// null is a transaction that is in no block.
Result<std::optional<Receipt>> decode_receipt(const value& result);
/// null is a transaction that the node does not have.
Result<std::optional<TransactionInfo>> decode_transaction(const value& result);
Result<std::vector<Log>> decode_logs(const value& result);

value encode(const BlockId& block);
value encode(const CallRequest& call);
value encode(const LogFilter& filter);

}  // namespace latchkey::evm::rpc_codec
