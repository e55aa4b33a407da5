// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/leaf.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm::wallet {

namespace {

namespace json = boost::json;

/// A structure and its value: leaves are hashed and shown from the same declaration.
struct Typed {
    TypedStruct type{};
    abi::Values members{};
    bool has_calls = false;

    Typed& add(std::string_view name, std::string_view kind, abi::Value value) {
        type.fields.push_back({std::string(name), std::string(kind)});
        members.push_back(std::move(value));
        return *this;
    }
};

abi::Value number(std::uint64_t value) {
    return Uint256(value);
}

template <typename Tag>
abi::Value word(const core::FixedBytes<32, Tag>& hash) {
    return core::to_bytes(hash);
}

Typed start(std::string_view name, std::uint64_t chain, const Address& wallet) {
    Typed out;
    out.type.name = name;
    out.add("chain", "uint256", number(chain)).add("wallet", "address", wallet);
    return out;
}

Typed start(std::string_view name, const Binding& binding) {
    Typed out = start(name, binding.chain, binding.wallet);
    out.add("configuration", "bytes32", word(binding.configuration))
        .add("rule", "uint8", number(binding.rule));
    return out;
}

Typed start(std::string_view name, const Binding& binding, const Occasion& occasion) {
    Typed out = start(name, binding);
    Hash32 nonce;
    for (std::size_t i = 0; i < 8; ++i) {
        nonce[16 + i] = static_cast<std::uint8_t>(occasion.lane >> (56 - 8 * i));
        nonce[24 + i] = static_cast<std::uint8_t>(occasion.sequence >> (56 - 8 * i));
    }
    out.add("nonce", "uint256", Uint256::from_word(nonce))
        .add("deadline", "uint40", number(occasion.deadline))
        .add("executor", "address", occasion.executor);
    return out;
}

Typed typed(const ExecuteLeaf& leaf) {
    Typed out = start(leaf.gas ? "ExecuteWithGas" : "Execute", leaf.binding, leaf.occasion);
    abi::Values calls;
    for (const Call& call : leaf.calls) {
        calls.emplace_back(abi::Values{call.to, call.value, call.data});
    }
    out.has_calls = true;
    out.add("calls", "Call[]", std::move(calls));
    if (leaf.gas) {
        out.add("gas", "uint32", number(*leaf.gas));
    }
    return out;
}

Typed typed(const GrantLeaf& leaf) {
    return start("Grant", leaf.binding, leaf.occasion).add("localRule", "bytes", leaf.local_rule);
}

Typed typed(const RevokeLeaf& leaf) {
    return start("Revoke", leaf.binding, leaf.occasion)
        .add("localRuleId", "bytes32", word(leaf.local_rule_id));
}

Typed typed(const UpgradeLeaf& leaf) {
    return start("Upgrade", leaf.binding, leaf.occasion)
        .add("implementation", "address", leaf.implementation)
        .add("codeHash", "bytes32", word(leaf.code_hash));
}

Typed typed(const MessageLeaf& leaf) {
    return start("Message", leaf.binding).add("hash", "bytes32", word(leaf.hash));
}

Typed typed(const UserOperationLeaf& leaf) {
    return start("UserOperation", leaf.binding)
        .add("deadline", "uint40", number(leaf.deadline))
        .add("entryPoint", "address", leaf.entry_point)
        .add("userOpHash", "bytes32", word(leaf.user_op_hash));
}

Typed typed(const AdoptLeaf& leaf) {
    return start("Adopt", leaf.chain, leaf.wallet).add("walletId", "bytes32", word(leaf.wallet_id));
}

Typed typed(const core::ChangeLeaf& leaf) {
    Typed out;
    out.type.name = "Change";
    return out.add("wallet", "bytes32", word(leaf.wallet_id))
        .add("parent", "bytes32", word(leaf.parent))
        .add("action", "uint8", number(static_cast<std::uint64_t>(leaf.action)))
        .add("rule", "uint8", number(leaf.rule))
        .add("epoch", "uint32", number(leaf.epoch))
        .add("content", "bytes32", word(core::crypto::keccak256(leaf.content)));
}

Typed typed_of(const EvmLeaf& leaf) {
    return std::visit([](const auto& kind) { return typed(kind); }, leaf);
}

const TypedStruct& call_type() {
    static const TypedStruct kCall{"Call",
                                   {{"to", "address"}, {"value", "uint256"}, {"data", "bytes"}}};
    return kCall;
}

json::value shown(const abi::Value& value) {
    if (const auto* integer = std::get_if<Uint256>(&value)) {
        return json::string(integer->to_decimal());
    }
    if (const auto* address = std::get_if<Address>(&value)) {
        return json::string(to_string(*address));
    }
    if (const auto* bytes = std::get_if<Bytes>(&value)) {
        return json::string(core::encode_hex_prefixed(*bytes));
    }
    // Only calls are left.
    json::array calls;
    for (const abi::Value& call : std::get<abi::Values>(value)) {
        json::object members;
        const auto& fields = std::get<abi::Values>(call);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            members[call_type().fields[i].name] = shown(fields[i]);
        }
        calls.emplace_back(std::move(members));
    }
    return calls;
}

json::array fields_of(const TypedStruct& type) {
    json::array out;
    for (const TypedField& field : type.fields) {
        out.push_back({{"name", field.name}, {"type", field.type}});
    }
    return out;
}

std::string to_json(const Typed& typed) {
    json::object types;
    types["EIP712Domain"] = fields_of({"", {{"name", "string"}, {"version", "string"}}});
    types[typed.type.name] = fields_of(typed.type);
    if (typed.has_calls) {
        types["Call"] = fields_of(call_type());
    }
    json::object message;
    for (std::size_t i = 0; i < typed.members.size(); ++i) {
        message[typed.type.fields[i].name] = shown(typed.members[i]);
    }
    return json::serialize(json::object{{"types", std::move(types)},
                                        {"primaryType", typed.type.name},
                                        {"domain", {{"name", "Latchkey"}, {"version", "1"}}},
                                        {"message", std::move(message)}});
}

}  // namespace

Result<core::Leaf> leaf_of(const EvmLeaf& leaf) {
    const Typed typed = typed_of(leaf);
    std::vector<TypedStruct> structs = {typed.type};
    if (typed.has_calls) {
        structs.push_back(call_type());
    }
    LATCHKEY_TRY(const auto declared, TypedStructs::create(std::move(structs)));
    LATCHKEY_TRY(const Hash32 hash, declared.hash_struct(typed.type.name, typed.members));
    return core::Leaf(hash.array());
}

std::string typed_data_json(const EvmLeaf& leaf) {
    return to_json(typed_of(leaf));
}

std::string typed_data_json(const core::ApprovalTree& tree) {
    Typed out;
    out.type.name = "Approval" + std::to_string(tree.size());
    out.add("root", "bytes32", word(tree.root()));
    return to_json(out);
}

}  // namespace latchkey::evm::wallet
