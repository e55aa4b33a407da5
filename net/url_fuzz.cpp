// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "net/url.hpp"

/// Whatever parses must be the same URL when written and parsed again, with nothing in it that
/// could break a request line or a Host header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto url = latchkey::net::parse_url({reinterpret_cast<const char*>(data), size});
    if (!url) {
        return 0;
    }
    const std::string text = url->to_string();
    const auto again = latchkey::net::parse_url(text);
    const bool is_clean = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
    });
    if (!again || *again != *url || !is_clean || url->host.empty() || url->port == 0 ||
        url->target.find('#') != std::string::npos) {
        std::abort();
    }
    return 0;
}
