// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: the cases of vectors/viem.json, and words for test data.
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "chains/evm/client/transaction.hpp"
#include "chains/evm/client/typed_data.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm::testing {

inline std::string_view text(const boost::json::value& value) {
    return {value.as_string().data(), value.as_string().size()};
}

/// "0x..." of the test's own making.
inline Bytes hex(std::string_view digits) {
    return core::decode_hex_prefixed(digits).value();
}
template <typename Fixed>
Fixed fixed(std::string_view digits) {
    return Fixed::from(ByteView(hex(digits))).value();
}
inline Uint256 decimal(std::string_view digits) {
    return Uint256::parse_decimal(digits).value();
}

/// One section of vectors/viem.json. Tests run from the repository root.
inline const boost::json::array& viem_cases(std::string_view section) {
    static const boost::json::value kAll = [] {
        std::ifstream file("chains/evm/client/vectors/viem.json");
        const std::string all(std::istreambuf_iterator<char>(file), {});
        return boost::json::parse(all);
    }();
    return kAll.at(section).as_array();
}

/// A decimal, perhaps negative, as the EVM's word.
inline Uint256 word(std::string_view digits) {
    if (!digits.starts_with('-')) {
        return decimal(digits);
    }
    const Uint256 below_zero = subtract(decimal(digits.substr(1)), Uint256(1)).value();
    return subtract(Uint256::max(), below_zero).value();
}

inline abi::Value value_of(const abi::Type& type, const boost::json::value& value) {
    using Kind = abi::Type::Kind;
    switch (type.kind()) {
        case Kind::kUint:
        case Kind::kInt:
            return word(text(value));
        case Kind::kAddress:
            return parse_address(text(value)).value();
        case Kind::kBool:
            return value.as_bool();
        case Kind::kFixedBytes:
        case Kind::kBytes:
            return hex(text(value));
        case Kind::kString:
            return std::string(text(value));
        default:
            break;
    }
    abi::Values out;
    for (const boost::json::value& one : value.as_array()) {
        const std::size_t member = type.kind() == Kind::kTuple ? out.size() : 0;
        out.push_back(value_of(type.components().at(member), one));
    }
    return out;
}

/// A private key of this test data.
inline Secp256k1PrivateKey key_of(std::string_view scalar) {
    const auto secret = core::Secret<32>::copy_of(hex(scalar)).value();
    return Secp256k1PrivateKey::from_scalar(secret, core::Secret<32>()).value();
}

}  // namespace latchkey::evm::testing
