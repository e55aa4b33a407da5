// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/rpc.hpp"

#include <algorithm>

#include "chains/solana/client/rpc_codec.hpp"
#include "core/encoding/base64.hpp"

namespace latchkey::solana {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kAccountsPerCall = 100;
/// Ours is the newest version this client can read.
constexpr int kTransactionVersionMax = 1;
constexpr std::int64_t kNodeIsBehind = -32005;
constexpr std::int64_t kMinSlotNotReached = -32016;
constexpr std::int64_t kSlotSkipped = -32007;
constexpr std::int64_t kLongTermSlotSkipped = -32009;
constexpr std::int64_t kBlockNotAvailable = -32004;

json::object config(ReadAt at) {
    json::object out{{"commitment", to_string(at.commitment)}};
    if (at.min_slot > 0) {
        out["minContextSlot"] = at.min_slot;
    }
    return out;
}

json::object account_config(ReadAt at) {
    json::object out = config(at);
    out["encoding"] = "base64";
    return out;
}

json::array texts(const std::vector<Address>& addresses) {
    json::array out;
    for (const Address& address : addresses) {
        out.emplace_back(to_base58(address));
    }
    return out;
}

Result<json::value> result_of(std::string_view method, net::JsonRpcReply reply) {
    if (reply) {
        return *std::move(reply);
    }
    return fail(ErrorCode::kRpcRejected,
                std::string(method) + ": " + rpc_codec::explain_rpc_error(reply.error()));
}

/// The account must exist and belong to `owner`.
Result<AccountInfo> owned(std::optional<AccountInfo> account, const Address& address,
                          const Address& owner) {
    if (!account || account->owner != owner) {
        return fail(ErrorCode::kRpcMalformed,
                    to_base58(address) + " is no account of " + program_name(owner));
    }
    return *std::move(account);
}

}  // namespace

net::JsonRpcOptions rpc_transport_options(std::vector<net::JsonRpcEndpoint> endpoints) {
    net::JsonRpcOptions options;
    options.endpoints = std::move(endpoints);
    options.unavailable_error_codes = {kNodeIsBehind, kMinSlotNotReached};
    return options;
}

RpcClient::RpcClient(net::JsonRpcClient& json_rpc, RpcOptions options)
    : json_rpc_(&json_rpc), options_(std::move(options)) {}

net::Deadline RpcClient::deadline() const {
    return clock().now() + options_.call_timeout;
}

Task<Result<json::value>> RpcClient::call(std::string method, json::value params,
                                          net::Repeat repeat) {
    LATCHKEY_CO_TRY(net::JsonRpcReply reply,
                    co_await json_rpc_->call(method, std::move(params), repeat, deadline()));
    co_return result_of(method, std::move(reply));
}

Task<Result<LatestBlockhash>> RpcClient::get_latest_blockhash(ReadAt at) {
    json::value params = json::array{config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getLatestBlockhash", std::move(params)));
    co_return rpc_codec::decode_latest_blockhash(result);
}

Task<Result<bool>> RpcClient::is_blockhash_valid(Blockhash blockhash, ReadAt at) {
    json::value params = json::array{to_base58(blockhash), config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("isBlockhashValid", std::move(params)));
    LATCHKEY_CO_TRY(const auto context, rpc_codec::decode_context(result));
    if (!context.inner->is_bool()) {
        co_return fail(ErrorCode::kRpcMalformed, "isBlockhashValid");
    }
    co_return context.inner->get_bool();
}

Task<Result<std::uint64_t>> RpcClient::get_slot(ReadAt at) {
    json::value params = json::array{config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getSlot", std::move(params)));
    co_return rpc_codec::decode_u64(result, "slot");
}

Task<Result<std::uint64_t>> RpcClient::get_block_height(ReadAt at) {
    json::value params = json::array{config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getBlockHeight", std::move(params)));
    co_return rpc_codec::decode_u64(result, "block height");
}

Task<Result<std::optional<std::int64_t>>> RpcClient::get_block_time(std::uint64_t slot) {
    json::value params = json::array{slot};
    LATCHKEY_CO_TRY(net::JsonRpcReply reply,
                    co_await json_rpc_->call("getBlockTime", std::move(params),
                                             net::Repeat::kAllowed, deadline()));
    if (!reply) {
        const std::int64_t code = reply.error().code;
        if (code == kSlotSkipped || code == kLongTermSlotSkipped || code == kBlockNotAvailable) {
            co_return std::optional<std::int64_t>();
        }
        co_return fail(ErrorCode::kRpcRejected,
                       "getBlockTime: " + rpc_codec::explain_rpc_error(reply.error()));
    }
    if (reply->is_null()) {
        co_return std::optional<std::int64_t>();
    }
    boost::system::error_code error;
    const auto time = reply->is_number() ? reply->to_number<std::int64_t>(error) : 0;
    if (!reply->is_number() || error) {
        co_return fail(ErrorCode::kRpcMalformed, "block time");
    }
    co_return std::optional(time);
}

Task<Result<Blockhash>> RpcClient::get_genesis_hash() {
    json::value params = json::array{};
    LATCHKEY_CO_TRY(const auto result, co_await call("getGenesisHash", std::move(params)));
    const auto* text = result.if_string();
    const auto hash = parse_blockhash(text == nullptr ? "" : std::string_view(*text));
    if (!hash) {
        co_return fail(ErrorCode::kRpcMalformed, "genesis hash");
    }
    co_return *hash;
}

Task<Result<void>> RpcClient::check_cluster(Blockhash genesis) {
    LATCHKEY_CO_TRY(const Blockhash found, co_await get_genesis_hash());
    if (found != genesis) {
        co_return fail(ErrorCode::kWrongCluster,
                       "genesis " + to_base58(found) + ", expected " + to_base58(genesis));
    }
    co_return Result<void>();
}

Task<Result<std::string>> RpcClient::get_version() {
    json::value params = json::array{};
    LATCHKEY_CO_TRY(const auto result, co_await call("getVersion", std::move(params)));
    const auto* object = result.if_object();
    const auto* version = object == nullptr ? nullptr : object->if_contains("solana-core");
    if (version == nullptr || !version->is_string()) {
        co_return fail(ErrorCode::kRpcMalformed, "solana-core");
    }
    co_return std::string(version->get_string());
}

Task<Result<std::optional<AccountInfo>>> RpcClient::get_account(Address address, ReadAt at) {
    json::value params = json::array{to_base58(address), account_config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getAccountInfo", std::move(params)));
    LATCHKEY_CO_TRY(const auto context, rpc_codec::decode_context(result));
    co_return rpc_codec::decode_account(*context.inner);
}

Task<Result<std::vector<std::optional<AccountInfo>>>> RpcClient::get_accounts(
    std::vector<Address> addresses, ReadAt at) {
    std::vector<std::optional<AccountInfo>> out;
    for (std::size_t from = 0; from < addresses.size(); from += kAccountsPerCall) {
        const std::size_t to = std::min(addresses.size(), from + kAccountsPerCall);
        const std::vector<Address> part(addresses.begin() + static_cast<std::ptrdiff_t>(from),
                                        addresses.begin() + static_cast<std::ptrdiff_t>(to));
        json::value params = json::array{texts(part), account_config(at)};
        LATCHKEY_CO_TRY(const auto result, co_await call("getMultipleAccounts", std::move(params)));
        LATCHKEY_CO_TRY(const auto context, rpc_codec::decode_context(result));
        LATCHKEY_CO_TRY(auto accounts, rpc_codec::decode_accounts(*context.inner, part.size()));
        std::move(accounts.begin(), accounts.end(), std::back_inserter(out));
        // Later parts must not come from an older state than this one.
        at.min_slot = std::max(at.min_slot, context.slot);
    }
    co_return out;
}

Task<Result<std::uint64_t>> RpcClient::get_balance(Address address, ReadAt at) {
    json::value params = json::array{to_base58(address), config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getBalance", std::move(params)));
    LATCHKEY_CO_TRY(const auto context, rpc_codec::decode_context(result));
    co_return rpc_codec::decode_u64(*context.inner, "balance");
}

Task<Result<std::uint64_t>> RpcClient::get_minimum_balance(std::size_t data_bytes) {
    json::value params = json::array{data_bytes};
    LATCHKEY_CO_TRY(const auto result,
                    co_await call("getMinimumBalanceForRentExemption", std::move(params)));
    LATCHKEY_CO_TRY(const std::uint64_t lamports, rpc_codec::decode_u64(result, "minimum balance"));
    constexpr std::size_t kAccountOverhead = 128;
    if (lamports / kRentPerByteMax > data_bytes + kAccountOverhead) {
        co_return fail(ErrorCode::kRpcMalformed,
                       "the node asks " + std::to_string(lamports) + " lamports of rent for " +
                           std::to_string(data_bytes) + " bytes; ask another node");
    }
    co_return lamports;
}

Task<Result<ClockState>> RpcClient::get_clock(ReadAt at) {
    LATCHKEY_CO_TRY(auto account, co_await get_account(kClockSysvar, at));
    constexpr Address kSysvarOwner = "Sysvar1111111111111111111111111111111111111"_address;
    LATCHKEY_CO_TRY(const AccountInfo info, owned(std::move(account), kClockSysvar, kSysvarOwner));
    co_return decode_clock(info.data);
}

Task<Result<NonceState>> RpcClient::get_nonce(Address nonce_account, ReadAt at) {
    LATCHKEY_CO_TRY(auto account, co_await get_account(nonce_account, at));
    LATCHKEY_CO_TRY(const AccountInfo info,
                    owned(std::move(account), nonce_account, kSystemProgram));
    co_return decode_nonce_account(info.data);
}

Task<Result<AddressLookupTable>> RpcClient::get_lookup_table(Address table, ReadAt at) {
    LATCHKEY_CO_TRY(auto account, co_await get_account(table, at));
    LATCHKEY_CO_TRY(const AccountInfo info,
                    owned(std::move(account), table, kAddressLookupTableProgram));
    LATCHKEY_CO_TRY(LookupTableState state, decode_lookup_table(info.data));
    co_return AddressLookupTable{table, std::move(state.addresses)};
}

Task<Result<std::vector<TokenAccount>>> RpcClient::token_accounts(Address owner,
                                                                  json::object filter, ReadAt at) {
    json::value params = json::array{to_base58(owner), std::move(filter), account_config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getTokenAccountsByOwner", std::move(params)));
    LATCHKEY_CO_TRY(auto accounts, rpc_codec::decode_token_accounts(result));
    // A node that mixes in somebody else's accounts would make balances wrong.
    for (const TokenAccount& account : accounts) {
        const bool is_token =
            account.token_program == kTokenProgram || account.token_program == kToken2022Program;
        if (account.state.owner != owner || !is_token) {
            co_return fail(ErrorCode::kRpcMalformed, "a token account of somebody else");
        }
    }
    co_return accounts;
}

Task<Result<std::vector<TokenAccount>>> RpcClient::get_token_accounts_by_owner(
    Address owner, Address token_program, ReadAt at) {
    json::object filter{{"programId", to_base58(token_program)}};
    return token_accounts(owner, std::move(filter), at);
}

Task<Result<std::vector<TokenAccount>>> RpcClient::get_token_accounts_of_mint(Address owner,
                                                                              Address mint,
                                                                              ReadAt at) {
    json::object filter{{"mint", to_base58(mint)}};
    return token_accounts(owner, std::move(filter), at);
}

Task<Result<std::optional<std::uint64_t>>> RpcClient::get_fee(const Transaction& transaction,
                                                              ReadAt at) {
    json::value params = json::array{core::encode_base64(transaction.message_bytes()), config(at)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getFeeForMessage", std::move(params)));
    LATCHKEY_CO_TRY(const auto context, rpc_codec::decode_context(result));
    if (context.inner->is_null()) {
        co_return std::optional<std::uint64_t>();
    }
    LATCHKEY_CO_TRY(const std::uint64_t fee, rpc_codec::decode_u64(*context.inner, "fee"));
    co_return std::optional(fee);
}

Task<Result<std::vector<PrioritizationFee>>> RpcClient::get_recent_prioritization_fees(
    std::vector<Address> writable) {
    // With one element of its own type a braced array may be taken for a copy.
    json::array params;
    params.emplace_back(texts(writable));
    LATCHKEY_CO_TRY(const auto result,
                    co_await call("getRecentPrioritizationFees", std::move(params)));
    co_return rpc_codec::decode_prioritization_fees(result);
}

Task<Result<Simulation>> RpcClient::simulate(const Transaction& transaction,
                                             SimulateOptions options) {
    json::object settings{{"encoding", "base64"},
                          {"commitment", to_string(options.commitment)},
                          {"sigVerify", options.verify_signatures},
                          {"replaceRecentBlockhash", options.replace_blockhash}};
    if (!options.accounts.empty()) {
        settings["accounts"] =
            json::object{{"encoding", "base64"}, {"addresses", texts(options.accounts)}};
    }
    json::value params = json::array{transaction.encode_base64(), std::move(settings)};
    LATCHKEY_CO_TRY(const auto result, co_await call("simulateTransaction", std::move(params)));
    co_return rpc_codec::decode_simulation(result, options.accounts.size());
}

Task<SendResult<Signature>> RpcClient::send(const Transaction& transaction, bool preflight,
                                            Commitment commitment) {
    const auto failed = [](core::Error error) {
        return tl::unexpected(SendError{std::move(error), std::nullopt, {}});
    };
    if (const auto verified = transaction.verify_signatures(); !verified) {
        co_return failed(verified.error());
    }
    json::value params = json::array{transaction.encode_base64(),
                                     json::object{{"encoding", "base64"},
                                                  {"skipPreflight", !preflight},
                                                  {"preflightCommitment", to_string(commitment)},
                                                  {"maxRetries", 0}}};
    // The same signed bytes are executed at most once, however often they arrive. But after a first
    // attempt with an unknown end, a second preflight would judge a state which the first may have
    // changed, and its refusal would not mean that nothing was sent.
    const net::Repeat repeat = preflight ? net::Repeat::kOnlyIfRefused : net::Repeat::kAllowed;
    auto reply = co_await json_rpc_->call("sendTransaction", std::move(params), repeat, deadline());
    if (!reply) {
        co_return failed(std::move(reply).error());
    }
    if (!*reply) {
        co_return tl::unexpected(rpc_codec::decode_send_error(reply->error(), transaction.message(),
                                                              options_.custom_errors));
    }
    const auto id = rpc_codec::decode_signature(**reply);
    if (!id || *id != *transaction.id()) {
        co_return failed({ErrorCode::kRpcMalformed, "the node names another transaction"});
    }
    co_return *id;
}

Task<Result<std::vector<std::optional<SignatureStatus>>>> RpcClient::get_signature_statuses(
    std::vector<Signature> signatures, bool search_history) {
    json::array list;
    for (const Signature& signature : signatures) {
        list.emplace_back(to_base58(signature));
    }
    json::value params =
        json::array{std::move(list), json::object{{"searchTransactionHistory", search_history}}};
    LATCHKEY_CO_TRY(const auto result, co_await call("getSignatureStatuses", std::move(params)));
    co_return rpc_codec::decode_signature_statuses(result, signatures.size());
}

Task<Result<RpcClient::Finality>> RpcClient::get_finality(Signature signature,
                                                          std::optional<Address> nonce_account) {
    const ReadAt finalized{Commitment::kFinalized, 0};
    std::vector<net::JsonRpcCall> calls;
    calls.push_back({"getBlockHeight", json::array{config(finalized)}});
    if (nonce_account) {
        calls.push_back(
            {"getAccountInfo", json::array{to_base58(*nonce_account), account_config(finalized)}});
    }
    calls.push_back(
        {"getSignatureStatuses", json::array{json::array{to_base58(signature)},
                                             json::object{{"searchTransactionHistory", true}}}});
    LATCHKEY_CO_TRY(auto replies, co_await json_rpc_->call_batch(
                                      std::move(calls), net::Repeat::kAllowed, deadline()));
    Finality out;
    LATCHKEY_CO_TRY(const auto height, result_of("getBlockHeight", std::move(replies.front())));
    LATCHKEY_CO_TRY(out.block_height, rpc_codec::decode_u64(height, "block height"));
    if (nonce_account) {
        LATCHKEY_CO_TRY(const auto result, result_of("getAccountInfo", std::move(replies[1])));
        LATCHKEY_CO_TRY(const auto context, rpc_codec::decode_context(result));
        LATCHKEY_CO_TRY(const auto account, rpc_codec::decode_account(*context.inner));
        if (account && account->owner == kSystemProgram) {
            LATCHKEY_CO_TRY(const NonceState state, decode_nonce_account(account->data));
            out.nonce = state.nonce;
        }
    }
    LATCHKEY_CO_TRY(const auto result,
                    result_of("getSignatureStatuses", std::move(replies.back())));
    LATCHKEY_CO_TRY(auto statuses, rpc_codec::decode_signature_statuses(result, 1));
    out.status = std::move(statuses[0]);
    co_return out;
}

Task<Result<std::vector<SignatureInfo>>> RpcClient::get_signatures_for_address(
    Address address, std::size_t limit, std::optional<Signature> before,
    std::optional<Signature> until, Commitment commitment) {
    json::object settings{{"limit", limit}, {"commitment", to_string(commitment)}};
    if (before) {
        settings["before"] = to_base58(*before);
    }
    if (until) {
        settings["until"] = to_base58(*until);
    }
    json::value params = json::array{to_base58(address), std::move(settings)};
    LATCHKEY_CO_TRY(const auto result, co_await call("getSignaturesForAddress", std::move(params)));
    co_return rpc_codec::decode_signature_infos(result);
}

Task<Result<std::optional<ExecutedTransaction>>> RpcClient::get_transaction(Signature signature,
                                                                            Commitment commitment) {
    json::value params =
        json::array{to_base58(signature),
                    json::object{{"encoding", "base64"},
                                 {"commitment", to_string(commitment)},
                                 {"maxSupportedTransactionVersion", kTransactionVersionMax}}};
    LATCHKEY_CO_TRY(const auto result, co_await call("getTransaction", std::move(params)));
    LATCHKEY_CO_TRY(auto executed, rpc_codec::decode_transaction(result));
    if (executed && executed->transaction.id() != signature) {
        co_return fail(ErrorCode::kRpcMalformed, "the node sent another transaction");
    }
    co_return executed;
}

Task<Result<Signature>> RpcClient::request_airdrop(Address to, std::uint64_t lamports) {
    json::value params = json::array{to_base58(to), lamports};
    // A second airdrop is a second gift, so it is not repeated blindly.
    LATCHKEY_CO_TRY(const auto result, co_await call("requestAirdrop", std::move(params),
                                                     net::Repeat::kOnlyIfRefused));
    co_return rpc_codec::decode_signature(result);
}

}  // namespace latchkey::solana
