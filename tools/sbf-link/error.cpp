// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/error.hpp"

#include <cstddef>

#include <fmt/format.h>

namespace latchkey::sbf_link {

std::string printable(std::string_view name) {
    constexpr std::size_t kLengthMax = 200;
    std::string text;
    for (const char character : name) {
        if (text.size() >= kLengthMax) {
            return text + "...";
        }
        if (character >= ' ' && character <= '~') {
            text.push_back(character);
        } else {
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
        }
    }
    return text;
}

}  // namespace latchkey::sbf_link
