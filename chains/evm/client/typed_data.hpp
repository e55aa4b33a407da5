// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "chains/evm/client/abi.hpp"

namespace latchkey::evm {

/// A member of a typed structure: `type` is an elementary type of the ABI, the name of a structure,
/// or either with array suffixes, as in "Person[]" or "uint8[4][]".
struct TypedField {
    std::string name;
    std::string type;
};

/// A structure as EIP-712 declares it.
struct TypedStruct {
    std::string name;
    std::vector<TypedField> fields;
};

/// Structures that belong together, checked once. Values are those of the ABI (abi::Value), a
/// structure being the vector of its members in the order of its fields.
class TypedStructs {
  public:
    /// At most 64 structures of at most 64 fields. Error: kInvalidTypedData (names that are no
    /// identifiers, are used twice or are those of elementary types; field types that do not
    /// exist).
    static Result<TypedStructs> create(std::vector<TypedStruct> structs);

    /// "Mail(Person from,Person to,string contents)Person(string name,address wallet)".
    /// Error: kInvalidTypedData (no such structure).
    [[nodiscard]] Result<std::string> encode_type(std::string_view name) const;
    /// EIP-712 section "Definition of hashStruct". Errors: kInvalidTypedData (no such structure),
    /// kAbiValueMismatch (the value is not one of its type).
    [[nodiscard]] Result<Hash32> hash_struct(std::string_view name, const abi::Value& value) const;

  private:
    /// A field's type without its array suffixes: an elementary type, or a structure's index.
    struct Field {
        std::string name;
        std::string type;
        std::optional<abi::Type> elementary;
        std::size_t structure = 0;
        /// From the inside out; absent lengths are of dynamic arrays.
        std::vector<std::optional<std::uint32_t>> dimensions;
    };
    struct Struct {
        std::string name;
        std::vector<Field> fields;
    };

    Result<Field> resolve(const TypedField& field) const;
    [[nodiscard]] Result<std::size_t> find(std::string_view name) const;
    [[nodiscard]] std::string encode_type(std::size_t index) const;
    [[nodiscard]] Result<Hash32> hash_struct(std::size_t index, const abi::Value& value) const;
    [[nodiscard]] Result<Hash32> encode_field(const Field& field, std::size_t dimensions,
                                              const abi::Value& value) const;

    std::vector<Struct> structs_;
};

/// EIP-712's domain; absent members are not part of its type.
struct TypedDomain {
    std::optional<std::string> name;
    std::optional<std::string> version;
    std::optional<Uint256> chain_id;
    std::optional<Address> verifying_contract;
    std::optional<Hash32> salt;
};

/// hashStruct of the domain. Error: kAbiValueMismatch (text that is not UTF-8).
Result<Hash32> domain_separator(const TypedDomain& domain);
/// What is signed: keccak256(0x1901, domainSeparator, hashStruct). Errors: those of hash_struct.
Result<Hash32> typed_data_digest(const TypedDomain& domain, const TypedStructs& structs,
                                 std::string_view primary, const abi::Value& value);

}  // namespace latchkey::evm
