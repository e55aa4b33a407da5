// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "chains/evm/client/uint256.hpp"
#include "net/json_rpc_codec.hpp"

namespace latchkey::evm {

/// What a node's error means. Nodes say it in words of their own (geth, reth, Nethermind, Besu,
/// Erigon and anvil are known); anything else is kNodeRejected. One of: kExecutionReverted,
/// kAlreadyKnown, kNonceTooLow, kNonceTooHigh, kReplacementUnderpriced, kFeeTooLow,
/// kInsufficientFunds, kGasLimitRefused, kNodeRejected.
core::ErrorCode classify_node_error(const net::JsonRpcError& error);

/// What the contract returned when it reverted, wherever the node put it; absent if the error is no
/// revert or does not say.
std::optional<Bytes> revert_data(const net::JsonRpcError& error);

/// Code and context: the method, and the explained revert or the node's words (printable ASCII, at
/// most 300 characters).
core::Error explain_node_error(std::string_view method, const net::JsonRpcError& error);

}  // namespace latchkey::evm
