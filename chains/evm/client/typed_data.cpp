// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/typed_data.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/crypto/hash.hpp"
#include "core/encoding/utf8.hpp"

namespace latchkey::evm {

using core::ErrorCode;
using core::fail;
using core::crypto::keccak256;

namespace {

constexpr std::size_t kStructsMax = 64;
constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kDimensionsMax = 8;

tl::unexpected<core::Error> invalid(std::string context) {
    return fail(ErrorCode::kInvalidTypedData, std::move(context));
}

bool is_identifier(std::string_view text) {
    constexpr std::size_t kNameMax = 128;
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    };
    const auto belongs = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= kNameMax && is_letter(text[0]) &&
           std::all_of(text.begin(), text.end(), belongs);
}

/// "[3]" or "[]" taken from the end of a type; false when there is none.
Result<bool> take_dimension(std::string_view& type,
                            std::vector<std::optional<std::uint32_t>>& dimensions) {
    if (!type.ends_with(']')) {
        return false;
    }
    const std::size_t open = type.rfind('[');
    if (open == std::string_view::npos || dimensions.size() == kDimensionsMax) {
        return invalid("the array suffixes of a type");
    }
    const std::string_view digits = type.substr(open + 1, type.size() - open - 2);
    constexpr std::size_t kDigitsMax = 9;
    std::uint32_t length = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9' || digits.size() > kDigitsMax || digits[0] == '0') {
            return invalid("the length of an array");
        }
        length = length * 10 + static_cast<std::uint32_t>(c - '0');
    }
    dimensions.push_back(digits.empty() ? std::nullopt : std::optional(length));
    type = type.substr(0, open);
    return true;
}

Result<void> check_names(const std::vector<TypedStruct>& structs) {
    std::set<std::string_view> names;
    for (const TypedStruct& one : structs) {
        if (!is_identifier(one.name) || abi::parse_type(one.name)) {
            return invalid("'" + one.name.substr(0, 40) + "' is no name for a structure");
        }
        if (!names.insert(one.name).second) {
            return invalid(one.name + " is declared twice");
        }
        if (one.fields.size() > kFieldsMax) {
            return invalid(one.name + " has too many fields");
        }
        std::set<std::string_view> fields;
        for (const TypedField& field : one.fields) {
            if (!is_identifier(field.name) || !fields.insert(field.name).second) {
                return invalid(one.name + "." + field.name.substr(0, 40) +
                               " is no name, or is used twice");
            }
        }
    }
    return {};
}

}  // namespace

Result<TypedStructs> TypedStructs::create(std::vector<TypedStruct> structs) {
    if (structs.size() > kStructsMax) {
        return invalid("too many structures");
    }
    LATCHKEY_CHECK(check_names(structs));
    TypedStructs out;
    for (const TypedStruct& one : structs) {
        out.structs_.push_back({one.name, {}});
    }
    for (std::size_t i = 0; i < structs.size(); ++i) {
        for (const TypedField& field : structs[i].fields) {
            auto resolved = out.resolve(field);
            if (!resolved) {
                return fail(structs[i].name + "." + field.name, resolved.error());
            }
            out.structs_[i].fields.push_back(*std::move(resolved));
        }
    }
    return out;
}

Result<TypedStructs::Field> TypedStructs::resolve(const TypedField& field) const {
    Field out{field.name, field.type, {}, 0, {}};
    std::string_view base = field.type;
    bool is_array = true;
    while (is_array) {
        LATCHKEY_TRY(is_array, take_dimension(base, out.dimensions));
    }
    std::reverse(out.dimensions.begin(), out.dimensions.end());
    if (is_identifier(base)) {
        if (auto type = abi::parse_type(base)) {
            out.elementary = *std::move(type);
            return out;
        }
    }
    LATCHKEY_TRY(out.structure, find(base));
    return out;
}

Result<std::size_t> TypedStructs::find(std::string_view name) const {
    for (std::size_t i = 0; i < structs_.size(); ++i) {
        if (structs_[i].name == name) {
            return i;
        }
    }
    return invalid("'" + std::string(name.substr(0, 40)) + "' is no type");
}

std::string TypedStructs::encode_type(std::size_t index) const {
    // The structures that it refers to, directly or not, in alphabetical order.
    std::map<std::string_view, std::size_t> others;
    std::vector<std::size_t> to_visit{index};
    while (!to_visit.empty()) {
        const Struct& one = structs_[to_visit.back()];
        to_visit.pop_back();
        for (const Field& field : one.fields) {
            if (field.elementary || field.structure == index) {
                continue;
            }
            if (others.emplace(structs_[field.structure].name, field.structure).second) {
                to_visit.push_back(field.structure);
            }
        }
    }
    const auto describe = [](const Struct& one) {
        std::string out;
        for (const Field& field : one.fields) {
            out += (out.empty() ? "" : ",") + field.type + " " + field.name;
        }
        return one.name + "(" + out + ")";
    };
    std::string out = describe(structs_[index]);
    for (const auto& [name, other] : others) {
        out += describe(structs_[other]);
    }
    return out;
}

Result<std::string> TypedStructs::encode_type(std::string_view name) const {
    LATCHKEY_TRY(const std::size_t index, find(name));
    return encode_type(index);
}

Result<Hash32> TypedStructs::encode_field(const Field& field, std::size_t dimensions,
                                          const abi::Value& value) const {
    if (dimensions > 0) {
        const auto* values = std::get_if<abi::Values>(&value);
        const auto& length = field.dimensions[dimensions - 1];
        if (values == nullptr || (length && *length != values->size())) {
            return fail(ErrorCode::kAbiValueMismatch, "a list as long as its type says");
        }
        Bytes contents;
        for (const abi::Value& one : *values) {
            LATCHKEY_TRY(const Hash32 word, encode_field(field, dimensions - 1, one));
            core::append(contents, word);
        }
        return keccak256(contents);
    }
    if (!field.elementary) {
        return hash_struct(field.structure, value);
    }
    if (!field.elementary->is_dynamic()) {
        return abi::encode_word(*field.elementary, value);
    }
    if (field.elementary->kind() == abi::Type::Kind::kBytes) {
        if (const auto* bytes = std::get_if<Bytes>(&value)) {
            return keccak256(*bytes);
        }
        return fail(ErrorCode::kAbiValueMismatch, "bytes are expected");
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr || !core::is_valid_utf8(*text)) {
        return fail(ErrorCode::kAbiValueMismatch, "UTF-8 text is expected");
    }
    return keccak256(core::as_bytes(*text));
}

Result<Hash32> TypedStructs::hash_struct(std::size_t index, const abi::Value& value) const {
    const Struct& type = structs_[index];
    const auto* values = std::get_if<abi::Values>(&value);
    if (values == nullptr || values->size() != type.fields.size()) {
        return fail(ErrorCode::kAbiValueMismatch,
                    type.name + " has " + std::to_string(type.fields.size()) + " members");
    }
    Bytes contents = core::to_bytes(keccak256(core::as_bytes(encode_type(index))));
    for (std::size_t i = 0; i < values->size(); ++i) {
        const Field& field = type.fields[i];
        const auto word = encode_field(field, field.dimensions.size(), (*values)[i]);
        if (!word) {
            return fail(type.name + "." + field.name, word.error());
        }
        core::append(contents, *word);
    }
    return keccak256(contents);
}

Result<Hash32> TypedStructs::hash_struct(std::string_view name, const abi::Value& value) const {
    LATCHKEY_TRY(const std::size_t index, find(name));
    return hash_struct(index, value);
}

Result<Hash32> domain_separator(const TypedDomain& domain) {
    TypedStruct type{"EIP712Domain", {}};
    abi::Values values;
    const auto add = [&](const char* name, const char* of, const auto& value) {
        if (value) {
            type.fields.push_back({name, of});
            values.emplace_back(*value);
        }
    };
    add("name", "string", domain.name);
    add("version", "string", domain.version);
    add("chainId", "uint256", domain.chain_id);
    add("verifyingContract", "address", domain.verifying_contract);
    const auto salt = domain.salt ? std::optional(core::to_bytes(*domain.salt)) : std::nullopt;
    add("salt", "bytes32", salt);
    LATCHKEY_TRY(const TypedStructs structs, TypedStructs::create({type}));
    return structs.hash_struct(type.name, values);
}

Result<Hash32> typed_data_digest(const TypedDomain& domain, const TypedStructs& structs,
                                 std::string_view primary, const abi::Value& value) {
    constexpr std::array<std::uint8_t, 2> kPrefix = {0x19, 0x01};
    LATCHKEY_TRY(const Hash32 separator, domain_separator(domain));
    LATCHKEY_TRY(const Hash32 hash, structs.hash_struct(primary, value));
    return keccak256({kPrefix, separator, hash});
}

}  // namespace latchkey::evm
