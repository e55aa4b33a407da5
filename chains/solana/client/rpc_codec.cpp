// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/rpc_codec.hpp"

#include <algorithm>
#include <limits>

#include "core/encoding/base58.hpp"
#include "core/encoding/base64.hpp"

namespace latchkey::solana::rpc_codec {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::int64_t kPreflightFailure = -32002;

tl::unexpected<core::Error> malformed(std::string_view what) {
    return fail(ErrorCode::kRpcMalformed, std::string(what));
}

Result<const json::object*> object(const value& v, std::string_view what) {
    if (const json::object* found = v.if_object()) {
        return found;
    }
    return malformed(what);
}

Result<const json::array*> array(const value& v, std::string_view what) {
    if (const json::array* found = v.if_array()) {
        return found;
    }
    return malformed(what);
}

Result<const value*> member(const json::object& o, std::string_view name) {
    if (const value* found = o.if_contains({name.data(), name.size()})) {
        return found;
    }
    return malformed(name);
}

/// Absent and null are the same to all nodes.
const value* optional_member(const json::object& o, std::string_view name) {
    const value* found = o.if_contains({name.data(), name.size()});
    return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::uint64_t> u64(const json::object& o, std::string_view name) {
    LATCHKEY_TRY(const value* found, member(o, name));
    return decode_u64(*found, name);
}

Result<std::optional<std::uint64_t>> optional_u64(const json::object& o, std::string_view name) {
    const value* found = optional_member(o, name);
    if (found == nullptr) {
        return std::optional<std::uint64_t>();
    }
    LATCHKEY_TRY(const std::uint64_t number, decode_u64(*found, name));
    return std::optional(number);
}

Result<std::optional<std::int64_t>> optional_i64(const json::object& o, std::string_view name) {
    const value* found = optional_member(o, name);
    if (found == nullptr) {
        return std::optional<std::int64_t>();
    }
    boost::system::error_code error;
    const auto number = found->is_number() ? found->to_number<std::int64_t>(error) : 0;
    if (error || !found->is_number()) {
        return malformed(name);
    }
    return std::optional(number);
}

Result<std::string_view> text(const value& v, std::string_view what) {
    if (const json::string* found = v.if_string()) {
        return std::string_view(found->data(), found->size());
    }
    return malformed(what);
}

Result<std::string_view> text(const json::object& o, std::string_view name) {
    LATCHKEY_TRY(const value* found, member(o, name));
    return text(*found, name);
}

Result<bool> boolean(const json::object& o, std::string_view name) {
    LATCHKEY_TRY(const value* found, member(o, name));
    if (const bool* flag = found->if_bool()) {
        return *flag;
    }
    return malformed(name);
}

/// A decoder's own error, turned into "the node's answer is not right here".
template <typename T>
Result<T> from_node(std::string_view what, Result<T> decoded) {
    if (!decoded) {
        return malformed(std::string(what) + ": " + decoded.error().to_string());
    }
    return decoded;
}

Result<Address> address(const json::object& o, std::string_view name) {
    LATCHKEY_TRY(const std::string_view found, text(o, name));
    return from_node(name, parse_address(found));
}

/// ["...", "base64"].
Result<Bytes> base64_pair(const value& v, std::string_view what) {
    LATCHKEY_TRY(const json::array* pair, array(v, what));
    if (pair->size() != 2) {
        return malformed(what);
    }
    LATCHKEY_TRY(const std::string_view encoding, text((*pair)[1], what));
    if (encoding != "base64") {
        return malformed(std::string(what) + " is not base64");
    }
    LATCHKEY_TRY(const std::string_view encoded, text((*pair)[0], what));
    return from_node(what, core::decode_base64(encoded));
}

Result<std::vector<std::string>> optional_logs(const json::object& o, std::string_view name) {
    std::vector<std::string> logs;
    const value* found = optional_member(o, name);
    if (found == nullptr) {
        return logs;
    }
    LATCHKEY_TRY(const json::array* lines, array(*found, name));
    for (const value& line : *lines) {
        LATCHKEY_TRY(const std::string_view one, text(line, name));
        logs.emplace_back(one);
    }
    return logs;
}

Result<std::optional<TransactionError>> optional_error(const json::object& o) {
    const value* found = optional_member(o, "err");
    if (found == nullptr) {
        return std::optional<TransactionError>();
    }
    return decode_transaction_error(*found);
}

Result<std::optional<ReturnedData>> optional_return_data(const json::object& o) {
    const value* found = optional_member(o, "returnData");
    if (found == nullptr) {
        return std::optional<ReturnedData>();
    }
    LATCHKEY_TRY(const json::object* fields, object(*found, "returnData"));
    ReturnedData out;
    LATCHKEY_TRY(out.program, address(*fields, "programId"));
    LATCHKEY_TRY(const value* data, member(*fields, "data"));
    LATCHKEY_TRY(out.data, base64_pair(*data, "returnData.data"));
    return std::optional(std::move(out));
}

Result<std::vector<std::uint64_t>> balances(const json::object& o, std::string_view name) {
    LATCHKEY_TRY(const value* found, member(o, name));
    LATCHKEY_TRY(const json::array* list, array(*found, name));
    std::vector<std::uint64_t> out;
    for (const value& one : *list) {
        LATCHKEY_TRY(const std::uint64_t lamports, decode_u64(one, name));
        out.push_back(lamports);
    }
    return out;
}

Result<std::vector<Address>> loaded(const json::object& o, std::string_view name) {
    std::vector<Address> out;
    LATCHKEY_TRY(const value* found, member(o, name));
    LATCHKEY_TRY(const json::array* list, array(*found, name));
    for (const value& one : *list) {
        LATCHKEY_TRY(const std::string_view encoded, text(one, name));
        LATCHKEY_TRY(const Address decoded, from_node(name, parse_address(encoded)));
        out.push_back(decoded);
    }
    return out;
}

Result<std::uint8_t> small_number(const value& v, std::string_view what) {
    LATCHKEY_TRY(const std::uint64_t number, decode_u64(v, what));
    if (number > std::numeric_limits<std::uint8_t>::max()) {
        return malformed(what);
    }
    return static_cast<std::uint8_t>(number);
}

Result<CompiledInstruction> read_inner_instruction(const value& v) {
    constexpr std::string_view kWhat = "innerInstructions";
    LATCHKEY_TRY(const json::object* o, object(v, kWhat));
    CompiledInstruction out;
    LATCHKEY_TRY(const value* program, member(*o, "programIdIndex"));
    LATCHKEY_TRY(out.program_index, small_number(*program, kWhat));
    LATCHKEY_TRY(const value* accounts, member(*o, "accounts"));
    LATCHKEY_TRY(const json::array* list, array(*accounts, kWhat));
    for (const value& one : *list) {
        LATCHKEY_TRY(const std::uint8_t index, small_number(one, kWhat));
        out.account_indexes.push_back(index);
    }
    LATCHKEY_TRY(const value* data, member(*o, "data"));
    LATCHKEY_TRY(const std::string_view encoded, text(*data, kWhat));
    auto bytes = core::decode_base58(encoded);
    // What is longer than our base58 reads is no instruction that we look for.
    if (!bytes && bytes.error().code != ErrorCode::kInputTooLong && !encoded.empty()) {
        return malformed(kWhat);
    }
    out.data = std::move(bytes).value_or(Bytes());
    return out;
}

Result<std::vector<InnerInstruction>> inner_instructions(const json::object& meta) {
    std::vector<InnerInstruction> out;
    const value* found = optional_member(meta, "innerInstructions");
    if (found == nullptr) {
        return out;
    }
    LATCHKEY_TRY(const json::array* groups, array(*found, "innerInstructions"));
    for (const value& group : *groups) {
        LATCHKEY_TRY(const json::object* fields, object(group, "innerInstructions"));
        LATCHKEY_TRY(const std::uint64_t outer, u64(*fields, "index"));
        LATCHKEY_TRY(const value* calls, member(*fields, "instructions"));
        LATCHKEY_TRY(const json::array* list, array(*calls, "innerInstructions"));
        for (const value& one : *list) {
            LATCHKEY_TRY(CompiledInstruction call, read_inner_instruction(one));
            out.push_back({static_cast<std::size_t>(outer), std::move(call)});
        }
    }
    return out;
}

/// The "meta" of getTransaction.
Result<void> read_meta(const json::object& meta, ExecutedTransaction& out) {
    LATCHKEY_TRY(out.error, optional_error(meta));
    LATCHKEY_TRY(out.fee, u64(meta, "fee"));
    LATCHKEY_TRY(out.compute_units, optional_u64(meta, "computeUnitsConsumed"));
    LATCHKEY_TRY(out.logs, optional_logs(meta, "logMessages"));
    LATCHKEY_TRY(out.balances_before, balances(meta, "preBalances"));
    LATCHKEY_TRY(out.balances_after, balances(meta, "postBalances"));
    LATCHKEY_TRY(out.return_data, optional_return_data(meta));
    LATCHKEY_TRY(out.inner, inner_instructions(meta));
    if (const value* found = optional_member(meta, "loadedAddresses")) {
        LATCHKEY_TRY(const json::object* addresses, object(*found, "loadedAddresses"));
        LATCHKEY_TRY(out.loaded_writable, loaded(*addresses, "writable"));
        LATCHKEY_TRY(out.loaded_readonly, loaded(*addresses, "readonly"));
    }
    const std::size_t count = out.transaction.message().address_count();
    if (out.balances_before.size() != count || out.balances_after.size() != count ||
        out.transaction.message().addresses.size() + out.loaded_writable.size() +
                out.loaded_readonly.size() !=
            count) {
        return malformed("balances and addresses do not belong together");
    }
    return {};
}

Result<SignatureInfo> read_signature_info(const value& v) {
    LATCHKEY_TRY(const json::object* o, object(v, "signature"));
    SignatureInfo info;
    LATCHKEY_TRY(const value* signature, member(*o, "signature"));
    LATCHKEY_TRY(info.signature, decode_signature(*signature));
    LATCHKEY_TRY(info.slot, u64(*o, "slot"));
    LATCHKEY_TRY(info.error, optional_error(*o));
    if (const value* memo = optional_member(*o, "memo")) {
        LATCHKEY_TRY(const std::string_view found, text(*memo, "memo"));
        info.memo = std::string(found);
    }
    LATCHKEY_TRY(info.block_time, optional_i64(*o, "blockTime"));
    if (const value* status = optional_member(*o, "confirmationStatus")) {
        LATCHKEY_TRY(info.commitment, decode_commitment(*status));
    }
    return info;
}

Result<std::optional<SignatureStatus>> read_signature_status(const value& v) {
    if (v.is_null()) {
        return std::optional<SignatureStatus>();
    }
    LATCHKEY_TRY(const json::object* o, object(v, "status"));
    SignatureStatus status;
    LATCHKEY_TRY(status.slot, u64(*o, "slot"));
    LATCHKEY_TRY(status.error, optional_error(*o));
    LATCHKEY_TRY(const value* commitment, member(*o, "confirmationStatus"));
    LATCHKEY_TRY(status.commitment, decode_commitment(*commitment));
    return std::optional(std::move(status));
}

}  // namespace

Result<std::uint64_t> decode_u64(const value& result, std::string_view what) {
    boost::system::error_code error;
    if (!result.is_number()) {
        return malformed(what);
    }
    const auto number = result.to_number<std::uint64_t>(error);
    if (error) {
        return malformed(what);
    }
    return number;
}

Result<WithSlot> decode_context(const value& result) {
    LATCHKEY_TRY(const json::object* o, object(result, "result"));
    LATCHKEY_TRY(const value* context, member(*o, "context"));
    LATCHKEY_TRY(const json::object* fields, object(*context, "context"));
    WithSlot out;
    LATCHKEY_TRY(out.slot, u64(*fields, "slot"));
    LATCHKEY_TRY(out.inner, member(*o, "value"));
    return out;
}

Result<LatestBlockhash> decode_latest_blockhash(const value& result) {
    LATCHKEY_TRY(const WithSlot context, decode_context(result));
    LATCHKEY_TRY(const json::object* o, object(*context.inner, "value"));
    LatestBlockhash out;
    LATCHKEY_TRY(const std::string_view hash, text(*o, "blockhash"));
    LATCHKEY_TRY(out.blockhash, from_node("blockhash", parse_blockhash(hash)));
    LATCHKEY_TRY(out.last_valid_block_height, u64(*o, "lastValidBlockHeight"));
    out.slot = context.slot;
    return out;
}

Result<std::optional<AccountInfo>> decode_account(const value& account) {
    if (account.is_null()) {
        return std::optional<AccountInfo>();
    }
    LATCHKEY_TRY(const json::object* o, object(account, "account"));
    AccountInfo info;
    LATCHKEY_TRY(info.lamports, u64(*o, "lamports"));
    LATCHKEY_TRY(info.owner, address(*o, "owner"));
    LATCHKEY_TRY(info.is_executable, boolean(*o, "executable"));
    LATCHKEY_TRY(const value* data, member(*o, "data"));
    LATCHKEY_TRY(info.data, base64_pair(*data, "data"));
    return std::optional(std::move(info));
}

Result<std::vector<std::optional<AccountInfo>>> decode_accounts(const value& list,
                                                                std::size_t count) {
    LATCHKEY_TRY(const json::array* accounts, array(list, "accounts"));
    if (accounts->size() != count) {
        return malformed("the number of accounts");
    }
    std::vector<std::optional<AccountInfo>> out;
    for (const value& one : *accounts) {
        LATCHKEY_TRY(auto account, decode_account(one));
        out.push_back(std::move(account));
    }
    return out;
}

Result<std::vector<std::optional<SignatureStatus>>> decode_signature_statuses(const value& result,
                                                                              std::size_t count) {
    LATCHKEY_TRY(const WithSlot context, decode_context(result));
    LATCHKEY_TRY(const json::array* list, array(*context.inner, "statuses"));
    if (list->size() != count) {
        return malformed("the number of statuses");
    }
    std::vector<std::optional<SignatureStatus>> out;
    for (const value& one : *list) {
        LATCHKEY_TRY(auto status, read_signature_status(one));
        out.push_back(std::move(status));
    }
    return out;
}

Result<Simulation> decode_simulation(const value& result, std::size_t account_count) {
    LATCHKEY_TRY(const WithSlot context, decode_context(result));
    LATCHKEY_TRY(const json::object* o, object(*context.inner, "value"));
    Simulation out;
    out.slot = context.slot;
    LATCHKEY_TRY(out.error, optional_error(*o));
    LATCHKEY_TRY(out.logs, optional_logs(*o, "logs"));
    LATCHKEY_TRY(const auto units, optional_u64(*o, "unitsConsumed"));
    out.compute_units = units.value_or(0);
    LATCHKEY_TRY(out.loaded_accounts_bytes, optional_u64(*o, "loadedAccountsDataSize"));
    LATCHKEY_TRY(out.return_data, optional_return_data(*o));
    if (account_count > 0) {
        // A transaction that fails before it runs has no accounts to show.
        if (const value* accounts = optional_member(*o, "accounts")) {
            LATCHKEY_TRY(out.accounts, decode_accounts(*accounts, account_count));
        } else if (!out.error) {
            return malformed("accounts");
        }
    }
    return out;
}

Result<std::vector<TokenAccount>> decode_token_accounts(const value& result) {
    LATCHKEY_TRY(const WithSlot context, decode_context(result));
    LATCHKEY_TRY(const json::array* list, array(*context.inner, "value"));
    std::vector<TokenAccount> out;
    for (const value& one : *list) {
        LATCHKEY_TRY(const json::object* o, object(one, "token account"));
        TokenAccount account;
        LATCHKEY_TRY(account.address, address(*o, "pubkey"));
        LATCHKEY_TRY(const value* inner, member(*o, "account"));
        LATCHKEY_TRY(const auto info, decode_account(*inner));
        if (!info) {
            return malformed("account");
        }
        account.token_program = info->owner;
        LATCHKEY_TRY(account.state, from_node("token account", decode_token_account(info->data)));
        out.push_back(std::move(account));
    }
    return out;
}

Result<std::vector<SignatureInfo>> decode_signature_infos(const value& result) {
    LATCHKEY_TRY(const json::array* list, array(result, "signatures"));
    std::vector<SignatureInfo> out;
    for (const value& one : *list) {
        LATCHKEY_TRY(auto info, read_signature_info(one));
        out.push_back(std::move(info));
    }
    return out;
}

Result<std::optional<ExecutedTransaction>> decode_transaction(const value& result) {
    if (result.is_null()) {
        return std::optional<ExecutedTransaction>();
    }
    LATCHKEY_TRY(const json::object* o, object(result, "transaction"));
    LATCHKEY_TRY(const value* encoded, member(*o, "transaction"));
    LATCHKEY_TRY(const Bytes bytes, base64_pair(*encoded, "transaction"));
    LATCHKEY_TRY(auto transaction, from_node("transaction", Transaction::decode(bytes)));
    LATCHKEY_TRY(const std::uint64_t slot, u64(*o, "slot"));
    LATCHKEY_TRY(const auto block_time, optional_i64(*o, "blockTime"));
    LATCHKEY_TRY(const value* meta, member(*o, "meta"));
    LATCHKEY_TRY(const json::object* fields, object(*meta, "meta"));
    ExecutedTransaction out{
        std::move(transaction), slot, block_time, {}, 0, {}, {}, {}, {}, {}, {}, {}, {}};
    LATCHKEY_CHECK(read_meta(*fields, out));
    return std::optional(std::move(out));
}

Result<std::vector<PrioritizationFee>> decode_prioritization_fees(const value& result) {
    LATCHKEY_TRY(const json::array* list, array(result, "fees"));
    std::vector<PrioritizationFee> out;
    for (const value& one : *list) {
        LATCHKEY_TRY(const json::object* o, object(one, "fee"));
        PrioritizationFee fee;
        LATCHKEY_TRY(fee.slot, u64(*o, "slot"));
        LATCHKEY_TRY(fee.micro_lamports_per_unit, u64(*o, "prioritizationFee"));
        out.push_back(fee);
    }
    return out;
}

Result<Signature> decode_signature(const value& result) {
    LATCHKEY_TRY(const std::string_view encoded, text(result, "signature"));
    return from_node("signature", parse_signature(encoded));
}

Result<Commitment> decode_commitment(const value& v) {
    LATCHKEY_TRY(const std::string_view name, text(v, "commitment"));
    for (const Commitment one :
         {Commitment::kProcessed, Commitment::kConfirmed, Commitment::kFinalized}) {
        if (to_string(one) == name) {
            return one;
        }
    }
    return malformed("commitment");
}

SendError decode_send_error(const net::JsonRpcError& error, const Message& message,
                            const CustomErrorText& more) {
    SendError out{{ErrorCode::kRpcRejected, explain_rpc_error(error)}, std::nullopt, {}};
    const json::object* data = error.data.if_object();
    if (error.code != kPreflightFailure || data == nullptr) {
        return out;
    }
    const auto decoded = optional_error(*data);
    if (!decoded || !*decoded) {
        return out;
    }
    out.transaction_error = **decoded;
    if (auto logs = optional_logs(*data, "logs")) {
        out.logs = *std::move(logs);
    }
    out.error = {ErrorCode::kSimulationFailed, explain(**decoded, &message, more)};
    return out;
}

std::string explain_rpc_error(const net::JsonRpcError& error) {
    struct Row {
        std::int64_t code;
        std::string_view sentence;
    };
    // agave's rpc-client-api, custom_error.rs, and JSON-RPC 2.0 section 5.1.
    static constexpr Row kRows[] = {
        {-32001, "the node no longer has this block; ask one with a longer history"},
        {-32003, "a signature of the transaction does not verify"},
        {-32004, "the block is not available yet; ask again later"},
        {-32005, "the node is behind the cluster; ask another one"},
        {-32006, "a signature in a precompile instruction does not verify"},
        {-32007, "the slot was skipped, or its block is missing"},
        {-32009, "the slot was skipped, or its block is missing in long-term storage"},
        {-32010, "the node does not index accounts by this key"},
        {-32011, "the node keeps no transaction history; ask another one"},
        {-32013, "the transaction's signatures do not match its message"},
        {-32014, "the block's status is not known yet; ask again later"},
        {-32015, "the transaction's version is newer than the request allows"},
        {-32016, "the node has not reached the requested slot yet; ask again later"},
        {-32600, "the node cannot read the request"},
        {-32601, "the node does not offer this method"},
        {-32602, "the node refuses a parameter"},
        {-32603, "the node failed internally"},
    };
    std::string out = "error " + std::to_string(error.code) + ": " + error.message;
    for (const Row& row : kRows) {
        if (row.code == error.code) {
            return std::string(row.sentence) + " (" + out + ")";
        }
    }
    return out;
}

}  // namespace latchkey::solana::rpc_codec

namespace latchkey::solana {

std::string_view to_string(Commitment commitment) {
    switch (commitment) {
        case Commitment::kProcessed:
            return "processed";
        case Commitment::kConfirmed:
            return "confirmed";
        case Commitment::kFinalized:
            return "finalized";
    }
    return "unknown";
}

}  // namespace latchkey::solana
