// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace latchkey::core {

/// Lower case, no prefix.
std::string encode_hex(ByteView bytes);
/// Lower case after "0x".
std::string encode_hex_prefixed(ByteView bytes);

/// Two digits a byte, upper or lower case, no prefix, no spaces; else kInvalidHex. Both cases are
/// allowed because people paste checksummed addresses; where one spelling matters compare the
/// re-encoded text.
Result<Bytes> decode_hex(std::string_view text);
/// The same with a mandatory "0x".
Result<Bytes> decode_hex_prefixed(std::string_view text);

/// For types of fixed length: `decode_hex_as<Hash32>(text)`.
template <typename Fixed>
Result<Fixed> decode_hex_as(std::string_view text) {
    LATCHKEY_TRY(const Bytes bytes, decode_hex(text));
    return Fixed::from(ByteView(bytes));
}

}  // namespace latchkey::core
