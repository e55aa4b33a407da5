// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/transaction_codec.hpp"

namespace latchkey::evm::transaction_codec {

using core::ErrorCode;
using core::fail;
using rlp::Item;

namespace {

/// EIP-155: v is this, twice the chain id and the parity.
constexpr std::uint64_t kReplayProtectedV = 35;
constexpr std::uint8_t kFirstListByte = 0xc0;

Item number(std::uint64_t value) {
    return Item::number(Uint256(value));
}

Item write_recipient(const std::optional<Address>& to) {
    return to ? Item::bytes(*to) : Item::bytes({});
}

Item write_access_list(const std::vector<AccessListEntry>& entries) {
    std::vector<Item> out;
    for (const AccessListEntry& entry : entries) {
        std::vector<Item> keys;
        for (const Hash32& key : entry.storage_keys) {
            keys.push_back(Item::bytes(key));
        }
        out.push_back(Item::list({Item::bytes(entry.address), Item::list(std::move(keys))}));
    }
    return Item::list(std::move(out));
}

Item write_authorizations(const std::vector<SignedAuthorization>& authorizations) {
    std::vector<Item> out;
    for (const SignedAuthorization& one : authorizations) {
        std::vector<Item> fields = write_authorization(one.authorization).items();
        fields.push_back(number(one.y_parity));
        fields.push_back(Item::number(one.r));
        fields.push_back(Item::number(one.s));
        out.push_back(Item::list(std::move(fields)));
    }
    return Item::list(std::move(out));
}

/// Reads the members of a list one after the other.
class Fields {
  public:
    explicit Fields(const std::vector<Item>& items) : items_(items) {}

    Result<std::uint64_t> u64(std::string_view what) { return rlp::to_u64(next(), what); }
    Result<Uint256> number(std::string_view what) { return rlp::to_number(next(), what); }
    Result<Bytes> bytes(std::string_view what) { return rlp::to_bytes(next(), what); }
    Result<std::uint8_t> u8(std::string_view what) {
        LATCHKEY_TRY(const std::uint64_t value, u64(what));
        if (value > 0xff) {
            return fail(ErrorCode::kOutOfRange, std::string(what) + " is one byte");
        }
        return static_cast<std::uint8_t>(value);
    }
    Result<std::uint8_t> parity(std::string_view what) {
        LATCHKEY_TRY(const std::uint8_t value, u8(what));
        if (value > 1) {
            return fail(ErrorCode::kOutOfRange, std::string(what) + " is 0 or 1");
        }
        return value;
    }
    Result<std::optional<Address>> recipient() {
        const Item& item = next();
        if (!item.is_list() && item.string().empty()) {
            return std::optional<Address>();
        }
        LATCHKEY_TRY(const Address to, rlp::to_fixed<Address>(item, "to"));
        return std::optional(to);
    }
    const Item& next() { return items_[at_++]; }

  private:
    const std::vector<Item>& items_;
    std::size_t at_ = 0;
};

Result<std::vector<AccessListEntry>> read_access_list(const Item& item) {
    LATCHKEY_TRY(const auto* const entries, rlp::members(item, "access list"));
    std::vector<AccessListEntry> out;
    for (const Item& entry : *entries) {
        LATCHKEY_TRY(const auto* const parts, rlp::members(entry, 2, "access list entry"));
        AccessListEntry one;
        LATCHKEY_TRY(one.address, rlp::to_fixed<Address>((*parts)[0], "access list address"));
        LATCHKEY_TRY(const auto* const keys, rlp::members((*parts)[1], "storage keys"));
        for (const Item& key : *keys) {
            LATCHKEY_TRY(const Hash32 storage_key, rlp::to_fixed<Hash32>(key, "storage key"));
            one.storage_keys.push_back(storage_key);
        }
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::vector<SignedAuthorization>> read_authorizations(const Item& item) {
    constexpr std::size_t kAuthorizationFields = 6;
    LATCHKEY_TRY(const auto* const list, rlp::members(item, "authorizations"));
    std::vector<SignedAuthorization> out;
    for (const Item& one : *list) {
        LATCHKEY_TRY(const auto* const parts,
                     rlp::members(one, kAuthorizationFields, "authorization"));
        Fields fields(*parts);
        SignedAuthorization signed_one;
        LATCHKEY_TRY(signed_one.authorization.chain_id, fields.number("authorization chain id"));
        LATCHKEY_TRY(signed_one.authorization.delegate,
                     rlp::to_fixed<Address>(fields.next(), "authorization address"));
        LATCHKEY_TRY(signed_one.authorization.nonce, fields.u64("authorization nonce"));
        LATCHKEY_TRY(signed_one.y_parity, fields.u8("authorization parity"));
        LATCHKEY_TRY(signed_one.r, fields.number("authorization r"));
        LATCHKEY_TRY(signed_one.s, fields.number("authorization s"));
        out.push_back(signed_one);
    }
    return out;
}

Result<RawTransaction> read_legacy(ByteView raw) {
    constexpr std::size_t kLegacyFields = 9;
    LATCHKEY_TRY(const Item item, rlp::decode(raw));
    LATCHKEY_TRY(const auto* const items, rlp::members(item, kLegacyFields, "transaction"));
    Fields fields(*items);
    RawTransaction out;
    Transaction& transaction = out.transaction;
    transaction.type = TransactionType::kLegacy;
    LATCHKEY_TRY(transaction.nonce, fields.u64("nonce"));
    LATCHKEY_TRY(transaction.max_fee_per_gas, fields.number("gas price"));
    transaction.max_priority_fee_per_gas = transaction.max_fee_per_gas;
    LATCHKEY_TRY(transaction.gas_limit, fields.u64("gas limit"));
    LATCHKEY_TRY(transaction.to, fields.recipient());
    LATCHKEY_TRY(transaction.value, fields.number("value"));
    LATCHKEY_TRY(transaction.data, fields.bytes("data"));
    LATCHKEY_TRY(const std::uint64_t v, fields.u64("v"));
    if (v < kReplayProtectedV) {
        return fail(ErrorCode::kUnsupported, "a transaction without a chain id (EIP-155)");
    }
    transaction.chain_id = (v - kReplayProtectedV) / 2;
    out.y_parity = static_cast<std::uint8_t>((v - kReplayProtectedV) % 2);
    LATCHKEY_TRY(out.r, fields.number("r"));
    LATCHKEY_TRY(out.s, fields.number("s"));
    return out;
}

Result<RawTransaction> read_typed(TransactionType type, ByteView payload) {
    constexpr std::size_t kDynamicFeeFields = 12;
    const bool sets_code = type == TransactionType::kSetCode;
    LATCHKEY_TRY(const Item item, rlp::decode(payload));
    LATCHKEY_TRY(const auto* const items,
                 rlp::members(item, kDynamicFeeFields + (sets_code ? 1 : 0), "transaction"));
    Fields fields(*items);
    RawTransaction out;
    Transaction& transaction = out.transaction;
    transaction.type = type;
    LATCHKEY_TRY(transaction.chain_id, fields.u64("chain id"));
    LATCHKEY_TRY(transaction.nonce, fields.u64("nonce"));
    LATCHKEY_TRY(transaction.max_priority_fee_per_gas, fields.number("priority fee"));
    LATCHKEY_TRY(transaction.max_fee_per_gas, fields.number("fee"));
    LATCHKEY_TRY(transaction.gas_limit, fields.u64("gas limit"));
    LATCHKEY_TRY(transaction.to, fields.recipient());
    LATCHKEY_TRY(transaction.value, fields.number("value"));
    LATCHKEY_TRY(transaction.data, fields.bytes("data"));
    LATCHKEY_TRY(transaction.access_list, read_access_list(fields.next()));
    if (sets_code) {
        LATCHKEY_TRY(transaction.authorizations, read_authorizations(fields.next()));
    }
    LATCHKEY_TRY(out.y_parity, fields.parity("parity"));
    LATCHKEY_TRY(out.r, fields.number("r"));
    LATCHKEY_TRY(out.s, fields.number("s"));
    return out;
}

}  // namespace

Item write_authorization(const Authorization& authorization) {
    return Item::list({Item::number(authorization.chain_id), Item::bytes(authorization.delegate),
                       number(authorization.nonce)});
}

std::vector<Item> write_fields(const Transaction& transaction) {
    std::vector<Item> out;
    const bool is_legacy = transaction.type == TransactionType::kLegacy;
    if (!is_legacy) {
        out.push_back(number(transaction.chain_id));
    }
    out.push_back(number(transaction.nonce));
    if (!is_legacy) {
        out.push_back(Item::number(transaction.max_priority_fee_per_gas));
    }
    out.push_back(Item::number(transaction.max_fee_per_gas));
    out.push_back(number(transaction.gas_limit));
    out.push_back(write_recipient(transaction.to));
    out.push_back(Item::number(transaction.value));
    out.push_back(Item::bytes(transaction.data));
    if (!is_legacy) {
        out.push_back(write_access_list(transaction.access_list));
    }
    if (transaction.type == TransactionType::kSetCode) {
        out.push_back(write_authorizations(transaction.authorizations));
    }
    return out;
}

Bytes envelope(TransactionType type, std::vector<Item> fields) {
    Bytes out;
    if (type != TransactionType::kLegacy) {
        out.push_back(static_cast<std::uint8_t>(type));
    }
    core::append(out, rlp::encode(Item::list(std::move(fields))));
    return out;
}

Result<RawTransaction> read(ByteView raw) {
    if (raw.empty()) {
        return fail(ErrorCode::kUnexpectedEnd, "an empty transaction");
    }
    if (raw[0] >= kFirstListByte) {
        return read_legacy(raw);
    }
    for (const auto type : {TransactionType::kDynamicFee, TransactionType::kSetCode}) {
        if (raw[0] == static_cast<std::uint8_t>(type)) {
            return read_typed(type, raw.subspan(1));
        }
    }
    return fail(ErrorCode::kUnsupported, "a transaction of type " + std::to_string(raw[0]));
}

}  // namespace latchkey::evm::transaction_codec
