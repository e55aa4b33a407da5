// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "chains/solana/client/rpc_types.hpp"
#include "net/json_rpc_codec.hpp"

/// From the "result" of RPC answers to types. Nodes are not trusted: a missing or impossible member
/// is kRpcMalformed with its name. Members these types do not have are ignored, so that newer nodes
/// do not break older clients.
namespace latchkey::solana::rpc_codec {

using boost::json::value;

/// A whole number that fits 64 bits; `what` names it in the error.
Result<std::uint64_t> decode_u64(const value& result, std::string_view what);
/// A result of the form {"context": {"slot": ..}, "value": ..}: the slot and the value.
struct WithSlot {
    std::uint64_t slot = 0;
    const value* inner = nullptr;
};
/// Any other shape is an error.
Result<WithSlot> decode_context(const value& result);

/// Result of getLatestBlockhash.
Result<LatestBlockhash> decode_latest_blockhash(const value& result);
/// null is an account that does not exist; data must be ["...", "base64"].
Result<std::optional<AccountInfo>> decode_account(const value& account);
/// In the order asked for.
Result<std::vector<std::optional<AccountInfo>>> decode_accounts(const value& list,
                                                                std::size_t count);
Result<std::vector<std::optional<SignatureStatus>>> decode_signature_statuses(const value& result,
                                                                              std::size_t count);
Result<Simulation> decode_simulation(const value& result, std::size_t account_count);
Result<std::vector<TokenAccount>> decode_token_accounts(const value& result);
Result<std::vector<SignatureInfo>> decode_signature_infos(const value& result);
Result<std::optional<ExecutedTransaction>> decode_transaction(const value& result);
Result<std::vector<PrioritizationFee>> decode_prioritization_fees(const value& result);
Result<Signature> decode_signature(const value& result);
Result<Commitment> decode_commitment(const value& text);
/// The runtime's error and the logs in a server error, if it is a failed preflight (-32002).
SendError decode_send_error(const net::JsonRpcError& error, const Message& message,
                            const CustomErrorText& more);
/// What the numbers mean that Solana nodes use, with advice; else the node's own message.
std::string explain_rpc_error(const net::JsonRpcError& error);

}  // namespace latchkey::solana::rpc_codec
