// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/abi.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::abi {
namespace {

using core::ErrorCode;
using testing::hex;
using testing::text;

std::vector<Type> types(std::initializer_list<std::string_view> texts) {
    std::vector<Type> out;
    for (const std::string_view one : texts) {
        out.push_back(parse_type(one).value());
    }
    return out;
}

Bytes letters(std::string_view ascii) {
    return core::to_bytes(core::as_bytes(ascii));
}

/// Words of 32 bytes from their last digits.
std::string words(std::initializer_list<std::string_view> endings) {
    std::string out = "0x";
    for (const std::string_view one : endings) {
        out += std::string(64 - one.size(), '0') + std::string(one);
    }
    return out;
}

/// The same for words whose first digits matter.
std::string left(std::string_view beginning) {
    return std::string(beginning) + std::string(64 - beginning.size(), '0');
}

// The examples of the Solidity documentation's page "Contract ABI Specification".
TEST(Abi, examples_of_the_specification) {
    const Function baz = parse_signature("baz(uint32,bool)").value();
    EXPECT_EQ(core::encode_hex(baz.selector), "cdcd77c0");
    EXPECT_EQ(core::encode_hex_prefixed(encode(baz.inputs, Values{Uint256(69), true}).value()),
              words({"45", "1"}));
    const Function sam = parse_signature("sam(bytes,bool,uint256[])").value();
    const Values sam_values{letters("dave"), true, Values{Uint256(1), Uint256(2), Uint256(3)}};
    EXPECT_EQ(
        core::encode_hex(encode_call(sam, sam_values).value()),
        "a5643bf2" + words({"60", "1", "a0", "4", left("64617665"), "3", "1", "2", "3"}).substr(2));
    const Function f = parse_signature("f(uint256,uint32[],bytes10,bytes)").value();
    const Values f_values{Uint256(0x123), Values{Uint256(0x456), Uint256(0x789)},
                          letters("1234567890"), letters("Hello, world!")};
    const Bytes call = encode_call(f, f_values).value();
    EXPECT_EQ(core::encode_hex(call),
              "8be65246" + words({"123", "80", left("31323334353637383930"), "e0", "2", "456",
                                  "789", "d", left("48656c6c6f2c20776f726c6421")})
                               .substr(2));
    EXPECT_EQ(decode_call(f, call).value(), f_values);
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_call(sam, call));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_call(sam, hex("0xa5643b")));
    const Function g = parse_signature("g(uint256[][],string[])").value();
    const Values g_values{Values{Values{Uint256(1), Uint256(2)}, Values{Uint256(3)}},
                          Values{"one", "two", "three"}};
    EXPECT_EQ(core::encode_hex(g.selector), "2289b18c");
    EXPECT_EQ(core::encode_hex_prefixed(encode(g.inputs, g_values).value()),
              words({"40", "140",
                     "2",  "40",
                     "a0", "2",
                     "1",  "2",
                     "1",  "3",
                     "3",  "60",
                     "a0", "e0",
                     "3",  left("6f6e65"),
                     "3",  left("74776f"),
                     "5",  left("7468726565")}));
}

TEST(Abi, agrees_with_viem) {
    for (const auto& one : testing::viem_cases("abi")) {
        std::vector<Type> inputs;
        Values values;
        std::string signature;
        for (const auto& type : one.at("types").as_array()) {
            inputs.push_back(parse_type(text(type)).value());
            EXPECT_EQ(to_string(inputs.back()), text(type));
            values.push_back(
                testing::value_of(inputs.back(), one.at("values").as_array().at(values.size())));
            signature += (signature.empty() ? "" : ",") + to_string(inputs.back());
        }
        const Bytes encoded = encode(inputs, values).value();
        EXPECT_EQ(core::encode_hex_prefixed(encoded), text(one.at("encoded")));
        const auto decoded = decode(inputs, encoded);
        ASSERT_OK(decoded) << signature;
        EXPECT_EQ(*decoded, values);
        EXPECT_EQ(core::encode_hex_prefixed(parse_signature("f(" + signature + ")")->selector),
                  text(one.at("selector")));
        // Less is not enough and more is too much.
        const ByteView all(encoded);
        EXPECT_FALSE(decode(inputs, all.first(all.size() - 1)));
        EXPECT_ERROR(ErrorCode::kTrailingBytes, decode(inputs, core::concat(encoded, Bytes{0})));
    }
}

TEST(Abi, texts_that_are_no_types_are_refused) {
    for (const std::string_view wrong : {"",
                                         "uint",
                                         "int",
                                         "uint7",
                                         "uint0",
                                         "uint08",
                                         "uint264",
                                         "bytes0",
                                         "bytes33",
                                         "Address",
                                         "address ",
                                         " address",
                                         "bool8",
                                         "string1",
                                         "()",
                                         "(uint8",
                                         "uint8)",
                                         "(uint8,)",
                                         "(,uint8)",
                                         "uint8[",
                                         "uint8]",
                                         "uint8[0]",
                                         "uint8[01]",
                                         "uint8[-1]",
                                         "uint8[65537]",
                                         "uint8[4294967297]",
                                         "uint8[65536][65536]",
                                         "uint8[][a]",
                                         "tuple(uint8)",
                                         "fixed128x18",
                                         "function",
                                         "uint8 x",
                                         "uint256\n"}) {
        EXPECT_ERROR(ErrorCode::kInvalidAbiType, parse_type(wrong)) << wrong;
    }
    EXPECT_ERROR(ErrorCode::kInvalidAbiType, parse_type(std::string(1000, '(')));
    std::string arrays = "uint8";
    for (int i = 0; i < 1000; ++i) {
        arrays += "[]";
    }
    EXPECT_ERROR(ErrorCode::kInvalidAbiType, parse_type(arrays));
    std::string many = "(uint8";
    for (int i = 0; i < 1000; ++i) {
        many += ",uint8";
    }
    EXPECT_ERROR(ErrorCode::kInvalidAbiType, parse_type(many + ")"));
    for (const std::string_view wrong :
         {"", "f", "f(", "f()x", "(uint8)", "1f()", "f-g()", "f(uint)", "f (uint8)", "f( uint8)"}) {
        EXPECT_ERROR(ErrorCode::kInvalidAbiType, parse_signature(wrong)) << wrong;
    }
    EXPECT_EQ(core::encode_hex(parse_signature("f()")->selector), "26121ff0");
}

TEST(Abi, values_of_other_types_are_refused) {
    const auto refused = [](std::string_view type, Value value) {
        const std::vector<Type> one = types({type});
        const Values values{std::move(value)};
        EXPECT_ERROR(ErrorCode::kAbiValueMismatch, encode(one, values)) << type;
    };
    refused("uint8", Uint256(256));
    refused("uint8", true);
    refused("int8", Uint256(128));
    // -129
    refused("int8", subtract(Uint256::max(), Uint256(128)).value());
    refused("address", Uint256(1));
    refused("bool", Uint256(1));
    refused("bytes4", Bytes(3));
    refused("bytes4", Bytes(5));
    refused("bytes", std::string("text"));
    refused("string", Bytes(1));
    refused("string", std::string("\xff"));
    refused("uint8[]", Uint256(1));
    refused("uint8[2]", Values{Uint256(1)});
    refused("(uint8,bool)", Values{Uint256(1)});
    refused("(uint8,bool)[]", Values{Values{Uint256(1), Uint256(1)}});
    const std::vector<Type> two = types({"uint8", "uint8"});
    EXPECT_ERROR(ErrorCode::kAbiValueMismatch, encode(two, Values{Uint256(1)}));
    EXPECT_ERROR(ErrorCode::kAbiValueMismatch, encode_word(types({"bytes"})[0], Bytes(1)));
    const auto int8 = types({"int8"});
    EXPECT_OK(encode(int8, Values{Uint256(127)}));
    EXPECT_OK(encode(int8, Values{subtract(Uint256::max(), Uint256(127)).value()}));
}

TEST(Abi, bytes_that_are_not_canonical_are_refused) {
    struct Case {
        std::string_view type;
        std::string bytes;
        ErrorCode error;
    };
    const std::string ones(64, 'f');
    for (const Case& one : {
             Case{"uint8", words({"100"}), ErrorCode::kOutOfRange},
             Case{"int8", words({"80"}), ErrorCode::kOutOfRange},
             Case{"uint8", "0x", ErrorCode::kUnexpectedEnd},
             Case{"uint8", "0x00", ErrorCode::kUnexpectedEnd},
             Case{"uint8", words({"1", "1"}), ErrorCode::kTrailingBytes},
             Case{"bool", words({"2"}), ErrorCode::kNonCanonical},
             Case{"address", "0x" + left("01"), ErrorCode::kNonCanonical},
             Case{"bytes4", words({"1"}), ErrorCode::kNonCanonical},
             Case{"bytes", words({"40", "0", "0"}), ErrorCode::kNonCanonical},
             Case{"bytes", words({"0"}), ErrorCode::kNonCanonical},
             Case{"bytes", words({ones}), ErrorCode::kNonCanonical},
             Case{"bytes", words({"20"}), ErrorCode::kUnexpectedEnd},
             Case{"bytes", words({"20", "1"}), ErrorCode::kUnexpectedEnd},
             Case{"bytes", words({"20", "1"}) + "01", ErrorCode::kUnexpectedEnd},
             Case{"bytes", words({"20", ones}), ErrorCode::kUnexpectedEnd},
             Case{"bytes", words({"20", "1", "1"}), ErrorCode::kNonCanonical},
             Case{"string", words({"20", "1", left("ff")}), ErrorCode::kNonCanonical},
             Case{"uint8[]", words({"20", ones}), ErrorCode::kUnexpectedEnd},
             Case{"uint8[]", words({"20", "2", "1"}), ErrorCode::kUnexpectedEnd},
             Case{"uint8[]", words({"20", "1", "1", "1"}), ErrorCode::kTrailingBytes},
             Case{"bytes[]", words({"20", "2", "40", "40", "0"}), ErrorCode::kNonCanonical},
             Case{"uint8[65536]", words({"1"}), ErrorCode::kUnexpectedEnd},
         }) {
        EXPECT_ERROR(one.error, decode(types({one.type}), hex(one.bytes)))
            << one.type << " " << one.bytes;
    }
    EXPECT_EQ(decode(types({"bytes"}), hex(words({"20", "1", left("01")}))).value(),
              Values{Bytes{1}});
    EXPECT_EQ(decode({}, {}).value(), Values{});
}

TEST(Abi, reverts_are_explained) {
    const auto error = parse_signature("Error(string)").value();
    EXPECT_EQ(explain_revert(encode_call(error, Values{"not enough"}).value()),
              "reverted: not enough");
    EXPECT_EQ(explain_revert(encode_call(error, Values{"a\x1b[31m\n"}).value()),
              "reverted: a?[31m?");
    const auto panic = parse_signature("Panic(uint256)").value();
    EXPECT_EQ(explain_revert(encode_call(panic, Values{Uint256(0x11)}).value()),
              "panic 0x11: arithmetic overflow");
    EXPECT_EQ(explain_revert(encode_call(panic, Values{Uint256::max()}).value()),
              "panic 0x" + std::string(64, 'f') + ": unknown panic");
    EXPECT_EQ(explain_revert({}), "reverted without data");
    EXPECT_EQ(explain_revert(hex("0x08c379a0")), "reverted with 0x08c379a0");
    EXPECT_TRUE(explain_revert(Bytes(1000)).ends_with("00..."));
}

RC_GTEST_PROP(Abi, what_decodes_encodes_to_the_same_bytes, (const Bytes& small)) {
    // Words of small numbers are often offsets and lengths that make sense.
    Bytes bytes;
    for (const std::uint8_t one : small) {
        core::append(bytes, Uint256(one % 4 * 32U).to_word());
    }
    for (const auto& inputs : {types({"bytes[]", "uint8"}), types({"(string,bool)[2]"}),
                               types({"uint16[][]"}), types({"int8[3][]", "bytes"})}) {
        if (const auto values = decode(inputs, bytes)) {
            RC_ASSERT(encode(inputs, *values).value() == bytes);
        }
    }
}

}  // namespace
}  // namespace latchkey::evm::abi
