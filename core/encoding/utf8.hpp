// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace latchkey::core {

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

/// The length in bytes of the valid UTF-8 sequence that `text` begins with; 0 if it begins with
/// none.
std::size_t utf8_sequence_length(std::string_view text);

}  // namespace latchkey::core
