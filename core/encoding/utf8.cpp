// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/utf8.hpp"

#include <cstdint>

namespace latchkey::core {

std::size_t utf8_sequence_length(std::string_view text) {
    const auto byte = [text](std::size_t index) -> std::uint8_t {
        return index < text.size() ? static_cast<std::uint8_t>(text[index]) : 0;
    };
    const auto continues = [byte](std::size_t index) { return (byte(index) & 0xc0) == 0x80; };
    const std::uint8_t lead = byte(0);
    const std::uint8_t second = byte(1);
    // The rows of RFC 3629 section 4.
    if (lead < 0x80) {
        return text.empty() ? 0 : 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return continues(1) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool overlong = lead == 0xe0 && second < 0xa0;
        const bool surrogate = lead == 0xed && second >= 0xa0;
        return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool overlong = lead == 0xf0 && second < 0x90;
        const bool too_large = lead == 0xf4 && second >= 0x90;
        return continues(1) && continues(2) && continues(3) && !overlong && !too_large ? 4 : 0;
    }
    return 0;
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace latchkey::core
