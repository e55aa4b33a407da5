// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: the cases of vectors/cases.json, which viem computed.
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "chains/evm/wallet/action.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm::wallet::testing {

namespace json = boost::json;

/// Tests run from the repository root.
inline const json::object& cases() {
    static const json::value kAll = [] {
        std::ifstream file("chains/evm/wallet/vectors/cases.json");
        return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    }();
    return kAll.as_object();
}

inline std::string_view text(const json::value& value) {
    return {value.as_string().data(), value.as_string().size()};
}
inline Bytes bytes(const json::value& value) {
    return core::decode_hex_prefixed(text(value)).value();
}
template <typename Fixed>
Fixed fixed(const json::value& value) {
    return Fixed::from(ByteView(bytes(value))).value();
}
inline Uint256 amount(const json::value& value) {
    return Uint256::parse_decimal(text(value)).value();
}
inline std::uint64_t number(const json::value& value) {
    return amount(value).to_u64().value();
}

}  // namespace latchkey::evm::wallet::testing
