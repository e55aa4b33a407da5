// SPDX-License-Identifier: Apache-2.0
// Covers: chains/evm/client/abi.cpp chains/evm/client/abi_type.cpp
// Covers: chains/evm/client/abi_revert.cpp
#include <algorithm>

#include "chains/evm/client/abi.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;
using core::testing::require;

/// A signature, a zero byte, and arguments: whatever decodes encodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView bytes = core::testing::fuzz_input(data, size);
    require(!evm::abi::explain_revert(bytes).empty());
    const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{0});
    const auto text_size = static_cast<std::size_t>(end - bytes.begin());
    const std::string_view text = core::as_text(bytes.first(text_size));
    if (const auto type = evm::abi::parse_type(text)) {
        require(evm::abi::to_string(*type) == text);
    }
    const auto function = evm::abi::parse_signature(text);
    if (!function || end == bytes.end()) {
        return 0;
    }
    const core::ByteView arguments = bytes.subspan(text_size + 1);
    if (const auto values = evm::abi::decode(function->inputs, arguments)) {
        const auto again = evm::abi::encode(function->inputs, *values);
        require(again && core::equal(*again, arguments));
    }
    return 0;
}
