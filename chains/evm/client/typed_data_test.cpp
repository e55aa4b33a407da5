// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/typed_data.hpp"

#include <gtest/gtest.h>

#include <map>

#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm {
namespace {

using abi::Values;
using core::ErrorCode;
using testing::text;

const std::vector<TypedStruct> kMailTypes = {
    {"Person", {{"name", "string"}, {"wallet", "address"}}},
    {"Mail", {{"from", "Person"}, {"to", "Person"}, {"contents", "string"}}},
};

// Example.sol and Example.js of EIP-712.
TEST(TypedData, the_mail_of_eip_712) {
    const TypedStructs structs = TypedStructs::create(kMailTypes).value();
    EXPECT_EQ(structs.encode_type("Mail").value(),
              "Mail(Person from,Person to,string contents)Person(string name,address wallet)");
    const Values mail{
        Values{"Cow", parse_address("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826").value()},
        Values{"Bob", parse_address("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB").value()},
        "Hello, Bob!"};
    EXPECT_EQ(core::encode_hex(structs.hash_struct("Mail", mail).value()),
              "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    TypedDomain domain;
    domain.name = "Ether Mail";
    domain.version = "1";
    domain.chain_id = Uint256(1);
    domain.verifying_contract = parse_address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC").value();
    EXPECT_EQ(core::encode_hex(domain_separator(domain).value()),
              "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    const Hash32 digest = typed_data_digest(domain, structs, "Mail", mail).value();
    EXPECT_EQ(core::encode_hex(digest),
              "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    // The example's key is keccak256("cow"), its signature has v = 28.
    const auto key =
        testing::key_of(core::encode_hex_prefixed(core::crypto::keccak256(core::as_bytes("cow"))));
    const auto signature = key.sign(digest).value();
    EXPECT_EQ(core::encode_hex(signature.signature),
              "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
              "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562");
    EXPECT_EQ(signature.recovery_id, 1);
}

/// The names of a case's structures; values follow their fields.
class Reader {
  public:
    explicit Reader(const boost::json::value& structs) {
        for (const auto& one : structs.as_array()) {
            TypedStruct type{std::string(text(one.at("name"))), {}};
            for (const auto& field : one.at("fields").as_array()) {
                type.fields.push_back(
                    {std::string(text(field.at("name"))), std::string(text(field.at("type")))});
            }
            types.push_back(std::move(type));
        }
    }

    [[nodiscard]] abi::Value read(const std::string& type, const boost::json::value& value) const {
        if (type.ends_with(']')) {
            Values out;
            for (const auto& one : value.as_array()) {
                out.push_back(read(type.substr(0, type.rfind('[')), one));
            }
            return out;
        }
        for (const TypedStruct& one : types) {
            if (one.name == type) {
                Values out;
                for (const TypedField& field : one.fields) {
                    out.push_back(read(field.type, value.as_array().at(out.size())));
                }
                return out;
            }
        }
        return testing::value_of(abi::parse_type(type).value(), value);
    }

    std::vector<TypedStruct> types;
};

TypedDomain domain_of(const boost::json::object& fields) {
    TypedDomain out;
    if (const auto* name = fields.if_contains("name")) {
        out.name = std::string(text(*name));
    }
    if (const auto* version = fields.if_contains("version")) {
        out.version = std::string(text(*version));
    }
    if (const auto* chain_id = fields.if_contains("chainId")) {
        out.chain_id = testing::decimal(text(*chain_id));
    }
    if (const auto* contract = fields.if_contains("verifyingContract")) {
        out.verifying_contract = parse_address(text(*contract)).value();
    }
    if (const auto* salt = fields.if_contains("salt")) {
        out.salt = testing::fixed<Hash32>(text(*salt));
    }
    return out;
}

TEST(TypedData, agrees_with_viem) {
    for (const auto& one : testing::viem_cases("typed_data")) {
        const Reader reader(one.at("structs"));
        const TypedStructs structs = TypedStructs::create(reader.types).value();
        const std::string primary(text(one.at("primary")));
        const abi::Value value = reader.read(primary, one.at("value"));
        const TypedDomain domain = domain_of(one.at("domain").as_object());
        EXPECT_EQ(core::encode_hex_prefixed(domain_separator(domain).value()),
                  text(one.at("separator")));
        EXPECT_EQ(core::encode_hex_prefixed(structs.hash_struct(primary, value).value()),
                  text(one.at("hash")));
        EXPECT_EQ(
            core::encode_hex_prefixed(typed_data_digest(domain, structs, primary, value).value()),
            text(one.at("digest")));
    }
}

TEST(TypedData, structures_may_refer_to_each_other_in_circles) {
    const auto structs =
        TypedStructs::create({{"Tree", {{"value", "uint8"}, {"children", "Tree[]"}, {"b", "B[]"}}},
                              {"B", {{"c", "C[]"}}},
                              {"C", {{"b", "B[]"}, {"a", "A[]"}}},
                              {"A", {}}})
            .value();
    EXPECT_EQ(structs.encode_type("Tree").value(),
              "Tree(uint8 value,Tree[] children,B[] b)A()B(C[] c)C(B[] b,A[] a)");
    const Values leaf{Uint256(1), Values{}, Values{}};
    EXPECT_OK(structs.hash_struct("Tree", Values{Uint256(2), Values{leaf, leaf}, Values{}}));
}

TEST(TypedData, wrong_structures_are_refused) {
    const auto refused = [](std::vector<TypedStruct> structs) {
        EXPECT_ERROR(ErrorCode::kInvalidTypedData, TypedStructs::create(std::move(structs)));
    };
    refused({{"", {}}});
    refused({{"1A", {}}});
    refused({{"A B", {}}});
    refused({{"uint256", {}}});
    refused({{"address", {}}});
    refused({{"A", {}}, {"A", {}}});
    refused({{"A", {{"x", "B"}}}});
    refused({{"A", {{"x", "uint"}}}});
    refused({{"A", {{"x", "(uint8)"}}}});
    refused({{"A", {{"x", ""}}}});
    refused({{"A", {{"x", "uint8[0]"}}}});
    refused({{"A", {{"x", "uint8[1x]"}}}});
    refused({{"A", {{"x", "uint8]"}}}});
    refused({{"A", {{"x", "uint8[1][1][1][1][1][1][1][1][1]"}}}});
    refused({{"A", {{"x", "uint8"}, {"x", "uint8"}}}});
    refused({{"A", {{"x)B(uint8 y", "uint8"}}}});
    refused({{"A", {{"", "uint8"}}}});
    refused(std::vector<TypedStruct>(65, TypedStruct{"A", {}}));
    refused({{"A", std::vector<TypedField>(65, TypedField{"x", "uint8"})}});
    EXPECT_OK(TypedStructs::create({{"A", {{"x", "uint8[1][1][1][1][1][1][1][1]"}}}}));
}

TEST(TypedData, wrong_values_are_refused) {
    const TypedStructs structs =
        TypedStructs::create(
            {{"A", {{"n", "uint8[2]"}, {"b", "bytes"}, {"s", "string"}, {"a", "B"}}},
             {"B", {{"x", "bool"}}}})
            .value();
    const Values good{Values{Uint256(1), Uint256(2)}, Bytes{}, "", Values{true}};
    EXPECT_OK(structs.hash_struct("A", good));
    EXPECT_ERROR(ErrorCode::kInvalidTypedData, structs.hash_struct("C", good));
    EXPECT_ERROR(ErrorCode::kInvalidTypedData, structs.encode_type("C"));
    EXPECT_ERROR(ErrorCode::kAbiValueMismatch, structs.hash_struct("A", Uint256(1)));
    EXPECT_ERROR(ErrorCode::kAbiValueMismatch, structs.hash_struct("A", Values{}));
    const Values replacements{Values{Uint256(1)}, std::string(), std::string("\xff"),
                              Values{Uint256(1)}};
    for (std::size_t i = 0; i < good.size(); ++i) {
        Values bad = good;
        bad[i] = replacements[i];
        EXPECT_ERROR(ErrorCode::kAbiValueMismatch, structs.hash_struct("A", bad)) << i;
    }
    TypedDomain domain;
    domain.name = "\xff";
    EXPECT_ERROR(ErrorCode::kAbiValueMismatch, domain_separator(domain));
}

}  // namespace
}  // namespace latchkey::evm
