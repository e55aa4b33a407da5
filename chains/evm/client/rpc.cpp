// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rpc.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "chains/evm/client/rpc_codec.hpp"
#include "chains/evm/client/rpc_error.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

/// "Limit exceeded" (EIP-1474): another endpoint may still answer.
constexpr std::int64_t kLimitExceeded = -32005;
/// Calls in one request that nodes take; some refuse 100.
constexpr std::size_t kBatchMax = 40;

std::string hex(ByteView bytes) {
    return core::encode_hex_prefixed(bytes);
}

Result<json::value> result_of(std::string_view method, net::JsonRpcReply reply) {
    if (reply) {
        return *std::move(reply);
    }
    return tl::unexpected(explain_node_error(method, reply.error()));
}

/// The node must speak of the transaction that it was asked about.
template <typename T>
Result<std::optional<T>> about(const Hash32& asked, Result<std::optional<T>> decoded,
                               Hash32 T::* hash) {
    if (decoded && *decoded && (**decoded).*hash != asked) {
        return fail(ErrorCode::kNodeMalformed, "the node sent another transaction");
    }
    return decoded;
}

}  // namespace

CallRequest CallRequest::of(const Transaction& transaction, const Address& sender) {
    CallRequest out;
    out.from = sender;
    out.to = transaction.to;
    out.value = transaction.value;
    out.data = transaction.data;
    out.authorizations = transaction.authorizations;
    return out;
}

net::JsonRpcOptions rpc_transport_options(std::vector<net::JsonRpcEndpoint> endpoints) {
    net::JsonRpcOptions options;
    options.endpoints = std::move(endpoints);
    options.unavailable_error_codes = {kLimitExceeded};
    return options;
}

RpcClient::RpcClient(net::JsonRpcClient& json_rpc, RpcOptions options)
    : json_rpc_(&json_rpc), options_(options) {}

net::Deadline RpcClient::deadline() const {
    return clock().now() + options_.call_timeout;
}

Task<Result<json::value>> RpcClient::request(std::string method, json::value params,
                                             net::Repeat repeat) {
    LATCHKEY_CO_TRY(net::JsonRpcReply reply,
                    co_await json_rpc_->call(method, std::move(params), repeat, deadline()));
    co_return result_of(method, std::move(reply));
}

Task<Result<std::uint64_t>> RpcClient::get_chain_id() {
    json::value params = json::array{};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_chainId", std::move(params)));
    co_return rpc_codec::decode_u64(result, "chain id");
}

Task<Result<void>> RpcClient::check_chain(std::uint64_t chain_id) {
    LATCHKEY_CO_TRY(const std::uint64_t found, co_await get_chain_id());
    if (found != chain_id) {
        co_return fail(ErrorCode::kWrongChain, "chain id " + std::to_string(found) + ", expected " +
                                                   std::to_string(chain_id));
    }
    co_return Result<void>();
}

Task<Result<std::uint64_t>> RpcClient::get_block_number() {
    json::value params = json::array{};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_blockNumber", std::move(params)));
    co_return rpc_codec::decode_u64(result, "block number");
}

Task<Result<std::optional<Block>>> RpcClient::get_block(BlockId block) {
    const auto* hash = std::get_if<Hash32>(&block);
    const auto* number = std::get_if<std::uint64_t>(&block);
    std::string method = hash == nullptr ? "eth_getBlockByNumber" : "eth_getBlockByHash";
    json::value params =
        json::array{hash == nullptr ? rpc_codec::encode(block) : json::value(hex(*hash)), false};
    LATCHKEY_CO_TRY(const auto result, co_await request(std::move(method), std::move(params)));
    LATCHKEY_CO_TRY(auto found, rpc_codec::decode_block(result));
    if (found && ((hash != nullptr && found->hash != *hash) ||
                  (number != nullptr && found->number != *number))) {
        co_return fail(ErrorCode::kNodeMalformed, "the node sent another block");
    }
    co_return found;
}

Task<Result<Uint256>> RpcClient::get_balance(Address address, BlockId at) {
    json::value params = json::array{hex(address), rpc_codec::encode(at)};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_getBalance", std::move(params)));
    co_return rpc_codec::decode_quantity(result, "balance");
}

Task<Result<Bytes>> RpcClient::get_code(Address address, BlockId at) {
    json::value params = json::array{hex(address), rpc_codec::encode(at)};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_getCode", std::move(params)));
    co_return rpc_codec::decode_bytes(result, "code");
}

Task<Result<Hash32>> RpcClient::get_storage_at(Address address, Uint256 slot, BlockId at) {
    json::value params = json::array{hex(address), slot.to_quantity(), rpc_codec::encode(at)};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_getStorageAt", std::move(params)));
    co_return rpc_codec::decode_hash(result, "storage");
}

Task<Result<std::vector<Hash32>>> RpcClient::get_storage(Address address, std::vector<Hash32> slots,
                                                         BlockId at) {
    std::vector<Hash32> out;
    while (out.size() < slots.size()) {
        const std::size_t end = std::min(slots.size(), out.size() + kBatchMax);
        std::vector<net::JsonRpcCall> calls;
        for (std::size_t i = out.size(); i < end; ++i) {
            calls.push_back({"eth_getStorageAt",
                             json::array{hex(address), Uint256::from_word(slots[i]).to_quantity(),
                                         rpc_codec::encode(at)}});
        }
        LATCHKEY_CO_TRY(auto replies, co_await json_rpc_->call_batch(
                                          std::move(calls), net::Repeat::kAllowed, deadline()));
        for (net::JsonRpcReply& reply : replies) {
            LATCHKEY_CO_TRY(const json::value result,
                            result_of("eth_getStorageAt", std::move(reply)));
            LATCHKEY_CO_TRY(const Hash32 word, rpc_codec::decode_hash(result, "storage"));
            out.push_back(word);
        }
    }
    co_return out;
}

Task<Result<std::uint64_t>> RpcClient::get_transaction_count(Address address, BlockId at) {
    json::value params = json::array{hex(address), rpc_codec::encode(at)};
    LATCHKEY_CO_TRY(const auto result,
                    co_await request("eth_getTransactionCount", std::move(params)));
    co_return rpc_codec::decode_u64(result, "transaction count");
}

Task<Result<CallOutcome>> RpcClient::call(CallRequest request, BlockId at) {
    json::value params = json::array{rpc_codec::encode(request), rpc_codec::encode(at)};
    LATCHKEY_CO_TRY(
        net::JsonRpcReply reply,
        co_await json_rpc_->call("eth_call", std::move(params), net::Repeat::kAllowed, deadline()));
    if (!reply) {
        if (auto data = revert_data(reply.error())) {
            co_return CallOutcome{true, *std::move(data)};
        }
        co_return tl::unexpected(explain_node_error("eth_call", reply.error()));
    }
    LATCHKEY_CO_TRY(Bytes data, rpc_codec::decode_bytes(*reply, "call result"));
    co_return CallOutcome{false, std::move(data)};
}

Task<Result<std::uint64_t>> RpcClient::estimate_gas(CallRequest request, BlockId at) {
    json::value params = json::array{rpc_codec::encode(request), rpc_codec::encode(at)};
    LATCHKEY_CO_TRY(const auto result,
                    co_await this->request("eth_estimateGas", std::move(params)));
    co_return rpc_codec::decode_u64(result, "gas");
}

Task<Result<FeeHistory>> RpcClient::get_fee_history(std::uint64_t blocks,
                                                    std::vector<double> percentiles,
                                                    BlockId newest) {
    json::array asked(percentiles.begin(), percentiles.end());
    json::value params =
        json::array{Uint256(blocks).to_quantity(), rpc_codec::encode(newest), std::move(asked)};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_feeHistory", std::move(params)));
    co_return rpc_codec::decode_fee_history(result, percentiles.size());
}

Task<Result<Uint256>> RpcClient::get_max_priority_fee_per_gas() {
    json::value params = json::array{};
    LATCHKEY_CO_TRY(const auto result,
                    co_await request("eth_maxPriorityFeePerGas", std::move(params)));
    co_return rpc_codec::decode_quantity(result, "priority fee");
}

Task<Result<void>> RpcClient::send(SignedTransaction transaction) {
    json::value params = json::array{hex(transaction.raw())};
    LATCHKEY_CO_TRY(const auto result,
                    co_await request("eth_sendRawTransaction", std::move(params)));
    LATCHKEY_CO_TRY(const Hash32 hash, rpc_codec::decode_hash(result, "transaction hash"));
    if (hash != transaction.hash()) {
        co_return fail(ErrorCode::kNodeMalformed, "the node took another transaction");
    }
    co_return Result<void>();
}

Task<Result<std::optional<TransactionInfo>>> RpcClient::get_transaction(Hash32 hash) {
    json::value params = json::array{hex(hash)};
    LATCHKEY_CO_TRY(const auto result,
                    co_await request("eth_getTransactionByHash", std::move(params)));
    co_return about(hash, rpc_codec::decode_transaction(result), &TransactionInfo::hash);
}

Task<Result<std::optional<Receipt>>> RpcClient::get_receipt(Hash32 hash) {
    json::value params = json::array{hex(hash)};
    LATCHKEY_CO_TRY(const auto result,
                    co_await request("eth_getTransactionReceipt", std::move(params)));
    co_return about(hash, rpc_codec::decode_receipt(result), &Receipt::transaction_hash);
}

Task<Result<std::vector<Log>>> RpcClient::get_logs(LogFilter filter) {
    json::value params = json::array{rpc_codec::encode(filter)};
    LATCHKEY_CO_TRY(const auto result, co_await request("eth_getLogs", std::move(params)));
    co_return rpc_codec::decode_logs(result);
}

Task<Result<TransactionStanding>> RpcClient::get_standing(Address sender,
                                                          std::vector<Hash32> hashes) {
    if (hashes.empty()) {
        co_return fail(ErrorCode::kInvalidArgument, "at least one hash is needed");
    }
    // The head first: what follows is then at least as new.
    std::vector<net::JsonRpcCall> calls{
        {"eth_blockNumber", json::array{}},
        {"eth_getTransactionCount", json::array{hex(sender), "latest"}},
        {"eth_getTransactionByHash", json::array{hex(hashes.back())}}};
    const std::size_t first_receipt = calls.size();
    for (const Hash32& hash : hashes) {
        calls.push_back({"eth_getTransactionReceipt", json::array{hex(hash)}});
    }
    std::vector<std::string> methods;
    for (const net::JsonRpcCall& one : calls) {
        methods.push_back(one.method);
    }
    LATCHKEY_CO_TRY(auto replies, co_await json_rpc_->call_batch(
                                      std::move(calls), net::Repeat::kAllowed, deadline()));
    std::vector<json::value> results;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        LATCHKEY_CO_TRY(json::value result, result_of(methods[i], std::move(replies[i])));
        results.push_back(std::move(result));
    }
    TransactionStanding out;
    LATCHKEY_CO_TRY(out.head, rpc_codec::decode_u64(results[0], "block number"));
    LATCHKEY_CO_TRY(out.next_nonce, rpc_codec::decode_u64(results[1], "transaction count"));
    out.is_known = !results[2].is_null();
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        LATCHKEY_CO_TRY(auto receipt,
                        about(hashes[i], rpc_codec::decode_receipt(results[first_receipt + i]),
                              &Receipt::transaction_hash));
        out.receipts.push_back(std::move(receipt));
    }
    co_return out;
}

}  // namespace latchkey::evm
