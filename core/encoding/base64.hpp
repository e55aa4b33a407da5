// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace latchkey::core {

/// RFC 4648 section 4, with padding.
std::string encode_base64(ByteView bytes);
/// Padding is required, spare bits must be zero, nothing else is allowed; else kInvalidBase64.
Result<Bytes> decode_base64(std::string_view text);

/// RFC 4648 section 5, without padding, as WebAuthn and JOSE write it.
std::string encode_base64url(ByteView bytes);
/// Padding is refused, spare bits must be zero, nothing else is allowed; else kInvalidBase64Url.
Result<Bytes> decode_base64url(std::string_view text);

}  // namespace latchkey::core
