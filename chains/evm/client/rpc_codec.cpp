// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rpc_codec.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "core/encoding/hex.hpp"

namespace latchkey::evm::rpc_codec {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kTopicsMax = 4;

tl::unexpected<core::Error> malformed(std::string_view what) {
    return fail(ErrorCode::kNodeMalformed, std::string(what));
}

Result<std::string_view> text(const value& v, std::string_view what) {
    if (const json::string* found = v.if_string()) {
        return std::string_view(found->data(), found->size());
    }
    return malformed(what);
}

template <typename Fixed>
Result<Fixed> fixed(const value& v, std::string_view what) {
    LATCHKEY_TRY(const Bytes bytes, decode_bytes(v, what));
    if (bytes.size() != Fixed::kSize) {
        return malformed(what);
    }
    return Fixed::from(ByteView(bytes));
}

/// The members of an object that a node sent.
class Members {
  public:
    static Result<Members> of(const value& v, std::string_view what) {
        if (const json::object* found = v.if_object()) {
            return Members(*found);
        }
        return malformed(what);
    }

    /// Absent and null are the same to all nodes.
    [[nodiscard]] const value* find(std::string_view name) const {
        const value* found = object_->if_contains({name.data(), name.size()});
        return found == nullptr || found->is_null() ? nullptr : found;
    }
    [[nodiscard]] Result<const value*> get(std::string_view name) const {
        if (const value* found = find(name)) {
            return found;
        }
        return malformed(std::string(name) + " is missing");
    }

    Result<void> read(std::string_view name, std::uint64_t& out) const {
        return read_with(name, out, decode_u64);
    }
    Result<void> read(std::string_view name, Uint256& out) const {
        return read_with(name, out, decode_quantity);
    }
    Result<void> read(std::string_view name, Bytes& out) const {
        return read_with(name, out, decode_bytes);
    }
    Result<void> read(std::string_view name, Hash32& out) const {
        return read_with(name, out, fixed<Hash32>);
    }
    Result<void> read(std::string_view name, Address& out) const {
        return read_with(name, out, fixed<Address>);
    }
    template <typename T>
    Result<void> read(std::string_view name, std::optional<T>& out) const {
        out.reset();
        return find(name) == nullptr ? Result<void>() : read(name, out.emplace());
    }

  private:
    explicit Members(const json::object& object) : object_(&object) {}

    template <typename T>
    Result<void> read_with(std::string_view name, T& out,
                           Result<T> (*decode)(const value&, std::string_view)) const {
        LATCHKEY_TRY(const value* found, get(name));
        LATCHKEY_TRY(out, decode(*found, name));
        return {};
    }

    const json::object* object_;
};

Result<const json::array*> list(const Members& members, std::string_view name) {
    LATCHKEY_TRY(const value* found, members.get(name));
    if (const json::array* out = found->if_array()) {
        return out;
    }
    return malformed(name);
}

Result<std::vector<Uint256>> quantities(const json::array& items, std::string_view what) {
    std::vector<Uint256> out;
    for (const value& one : items) {
        LATCHKEY_TRY(const Uint256 number, decode_quantity(one, what));
        out.push_back(number);
    }
    return out;
}

Result<Log> decode_log(const value& v) {
    LATCHKEY_TRY(const Members members, Members::of(v, "log"));
    Log out;
    LATCHKEY_CHECK(members.read("address", out.address));
    LATCHKEY_TRY(const json::array* topics, list(members, "topics"));
    if (topics->size() > kTopicsMax) {
        return malformed("topics");
    }
    for (const value& one : *topics) {
        LATCHKEY_TRY(const Hash32 topic, decode_hash(one, "topics"));
        out.topics.push_back(topic);
    }
    LATCHKEY_CHECK(members.read("data", out.data));
    LATCHKEY_CHECK(members.read("blockNumber", out.block_number));
    LATCHKEY_CHECK(members.read("blockHash", out.block_hash));
    LATCHKEY_CHECK(members.read("transactionHash", out.transaction_hash));
    LATCHKEY_CHECK(members.read("transactionIndex", out.transaction_index));
    LATCHKEY_CHECK(members.read("logIndex", out.log_index));
    if (const value* removed = members.find("removed")) {
        if (!removed->is_bool()) {
            return malformed("removed");
        }
        out.is_removed = removed->get_bool();
    }
    return out;
}

std::string_view name(BlockTag tag) {
    switch (tag) {
        case BlockTag::kEarliest:
            return "earliest";
        case BlockTag::kFinalized:
            return "finalized";
        case BlockTag::kSafe:
            return "safe";
        case BlockTag::kLatest:
            return "latest";
        case BlockTag::kPending:
            return "pending";
    }
    return "latest";
}

std::string quantity(std::uint64_t number) {
    return Uint256(number).to_quantity();
}

/// Alone in its place a topic or address needs no list.
template <typename Fixed>
value any_of(const std::vector<Fixed>& choices) {
    if (choices.empty()) {
        return nullptr;
    }
    json::array out;
    for (const Fixed& one : choices) {
        out.emplace_back(core::encode_hex_prefixed(one));
    }
    return out;
}

json::array encode(const std::vector<SignedAuthorization>& authorizations) {
    json::array out;
    for (const SignedAuthorization& one : authorizations) {
        out.emplace_back(json::object{
            {"chainId", one.authorization.chain_id.to_quantity()},
            {"address", core::encode_hex_prefixed(one.authorization.delegate)},
            {"nonce", quantity(one.authorization.nonce)},
            {"yParity", quantity(one.y_parity)},
            {"r", one.r.to_quantity()},
            {"s", one.s.to_quantity()},
        });
    }
    return out;
}

}  // namespace

Result<Uint256> decode_quantity(const value& result, std::string_view what) {
    LATCHKEY_TRY(const std::string_view digits, text(result, what));
    auto number = Uint256::parse_quantity(digits);
    if (!number) {
        return malformed(std::string(what) + ": " + number.error().to_string());
    }
    return number;
}

Result<std::uint64_t> decode_u64(const value& result, std::string_view what) {
    LATCHKEY_TRY(const Uint256 number, decode_quantity(result, what));
    if (const auto out = number.to_u64()) {
        return *out;
    }
    return malformed(std::string(what) + " needs more than 64 bits");
}

Result<Bytes> decode_bytes(const value& result, std::string_view what) {
    LATCHKEY_TRY(const std::string_view digits, text(result, what));
    auto bytes = core::decode_hex_prefixed(digits);
    if (!bytes) {
        return malformed(std::string(what) + ": " + bytes.error().to_string());
    }
    return bytes;
}

Result<Hash32> decode_hash(const value& result, std::string_view what) {
    return fixed<Hash32>(result, what);
}

Result<std::optional<Block>> decode_block(const value& result) {
    if (result.is_null()) {
        return std::optional<Block>();
    }
    LATCHKEY_TRY(const Members members, Members::of(result, "block"));
    Block out;
    LATCHKEY_CHECK(members.read("number", out.number));
    LATCHKEY_CHECK(members.read("hash", out.hash));
    LATCHKEY_CHECK(members.read("parentHash", out.parent_hash));
    LATCHKEY_CHECK(members.read("timestamp", out.timestamp));
    LATCHKEY_CHECK(members.read("gasLimit", out.gas_limit));
    LATCHKEY_CHECK(members.read("gasUsed", out.gas_used));
    LATCHKEY_CHECK(members.read("baseFeePerGas", out.base_fee_per_gas));
    return std::optional(out);
}

Result<FeeHistory> decode_fee_history(const value& result, std::size_t percentiles) {
    LATCHKEY_TRY(const Members members, Members::of(result, "fee history"));
    FeeHistory out;
    LATCHKEY_CHECK(members.read("oldestBlock", out.oldest_block));
    LATCHKEY_TRY(const json::array* base_fees, list(members, "baseFeePerGas"));
    LATCHKEY_TRY(out.base_fees, quantities(*base_fees, "baseFeePerGas"));
    LATCHKEY_TRY(const json::array* ratios, list(members, "gasUsedRatio"));
    for (const value& one : *ratios) {
        boost::system::error_code error;
        const double ratio = one.is_number() ? one.to_number<double>(error) : -1;
        if (error || !std::isfinite(ratio) || ratio < 0) {
            return malformed("gasUsedRatio");
        }
        out.gas_used_ratios.push_back(ratio);
    }
    if (out.base_fees.size() != out.gas_used_ratios.size() + 1) {
        return malformed("baseFeePerGas and gasUsedRatio do not fit each other");
    }
    if (percentiles == 0) {
        return out;
    }
    LATCHKEY_TRY(const json::array* rewards, list(members, "reward"));
    for (const value& one : *rewards) {
        const json::array* block = one.if_array();
        if (block == nullptr || block->size() != percentiles) {
            return malformed("reward");
        }
        LATCHKEY_TRY(auto fees, quantities(*block, "reward"));
        out.priority_fees.push_back(std::move(fees));
    }
    if (out.priority_fees.size() != out.gas_used_ratios.size()) {
        return malformed("reward and gasUsedRatio do not fit each other");
    }
    return out;
}

Result<std::vector<Log>> decode_logs(const value& result) {
    const json::array* logs = result.if_array();
    if (logs == nullptr) {
        return malformed("logs");
    }
    std::vector<Log> out;
    for (const value& one : *logs) {
        LATCHKEY_TRY(Log log, decode_log(one));
        out.push_back(std::move(log));
    }
    return out;
}

Result<std::optional<Receipt>> decode_receipt(const value& result) {
    if (result.is_null()) {
        return std::optional<Receipt>();
    }
    LATCHKEY_TRY(const Members members, Members::of(result, "receipt"));
    Receipt out;
    LATCHKEY_CHECK(members.read("transactionHash", out.transaction_hash));
    LATCHKEY_CHECK(members.read("transactionIndex", out.transaction_index));
    LATCHKEY_CHECK(members.read("blockNumber", out.block_number));
    LATCHKEY_CHECK(members.read("blockHash", out.block_hash));
    LATCHKEY_CHECK(members.read("from", out.from));
    LATCHKEY_CHECK(members.read("to", out.to));
    LATCHKEY_CHECK(members.read("contractAddress", out.contract_address));
    std::uint64_t status = 0;
    LATCHKEY_CHECK(members.read("status", status));
    if (status > 1) {
        return malformed("status");
    }
    out.has_succeeded = status == 1;
    LATCHKEY_CHECK(members.read("gasUsed", out.gas_used));
    LATCHKEY_CHECK(members.read("effectiveGasPrice", out.effective_gas_price));
    LATCHKEY_CHECK(members.read("l1Fee", out.l1_fee));
    LATCHKEY_TRY(const value* logs, members.get("logs"));
    LATCHKEY_TRY(out.logs, decode_logs(*logs));
    return std::optional(std::move(out));
}

Result<std::optional<TransactionInfo>> decode_transaction(const value& result) {
    if (result.is_null()) {
        return std::optional<TransactionInfo>();
    }
    LATCHKEY_TRY(const Members members, Members::of(result, "transaction"));
    TransactionInfo out;
    LATCHKEY_CHECK(members.read("hash", out.hash));
    LATCHKEY_CHECK(members.read("from", out.from));
    LATCHKEY_CHECK(members.read("to", out.to));
    LATCHKEY_CHECK(members.read("nonce", out.nonce));
    LATCHKEY_CHECK(members.read("value", out.value));
    LATCHKEY_CHECK(members.read("input", out.data));
    LATCHKEY_CHECK(members.read("gas", out.gas_limit));
    LATCHKEY_CHECK(members.read("type", out.type));
    LATCHKEY_CHECK(members.read("blockNumber", out.block_number));
    LATCHKEY_CHECK(members.read("blockHash", out.block_hash));
    if (out.block_number.has_value() != out.block_hash.has_value()) {
        return malformed("blockNumber without blockHash");
    }
    return std::optional(std::move(out));
}

value encode(const BlockId& block) {
    if (const auto* tag = std::get_if<BlockTag>(&block)) {
        return json::value(name(*tag));
    }
    if (const auto* number = std::get_if<std::uint64_t>(&block)) {
        return json::value(quantity(*number));
    }
    return json::object{{"blockHash", core::encode_hex_prefixed(std::get<Hash32>(block))}};
}

value encode(const CallRequest& call) {
    json::object out;
    if (call.from) {
        out["from"] = core::encode_hex_prefixed(*call.from);
    }
    if (call.to) {
        out["to"] = core::encode_hex_prefixed(*call.to);
    }
    if (!call.value.is_zero()) {
        out["value"] = call.value.to_quantity();
    }
    out["input"] = core::encode_hex_prefixed(call.data);
    if (call.gas_limit) {
        out["gas"] = quantity(*call.gas_limit);
    }
    if (call.max_fee_per_gas) {
        out["maxFeePerGas"] = call.max_fee_per_gas->to_quantity();
    }
    if (call.max_priority_fee_per_gas) {
        out["maxPriorityFeePerGas"] = call.max_priority_fee_per_gas->to_quantity();
    }
    if (!call.authorizations.empty()) {
        out["authorizationList"] = encode(call.authorizations);
    }
    return out;
}

value encode(const LogFilter& filter) {
    json::object out;
    // A block by its hash stands alone.
    if (const auto* hash = std::get_if<Hash32>(&filter.from)) {
        out["blockHash"] = core::encode_hex_prefixed(*hash);
    } else {
        out["fromBlock"] = encode(filter.from);
        out["toBlock"] = encode(filter.to);
    }
    if (!filter.addresses.empty()) {
        out["address"] = any_of(filter.addresses);
    }
    json::array topics;
    for (const auto& place : filter.topics) {
        topics.emplace_back(any_of(place));
    }
    if (!topics.empty()) {
        out["topics"] = std::move(topics);
    }
    return out;
}

}  // namespace latchkey::evm::rpc_codec
