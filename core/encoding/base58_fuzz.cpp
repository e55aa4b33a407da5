// SPDX-License-Identifier: Apache-2.0
// Covers: core/encoding/base58.cpp core/encoding/base58.hpp
#include "core/encoding/base58.hpp"

#include "core/base/fuzz_testing.hpp"

using namespace latchkey::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    // As text: what decodes is the one spelling of its bytes.
    if (const auto bytes = decode_base58(as_text(input)); bytes.has_value()) {
        testing::require(encode_base58(ByteView(*bytes)).value() == as_text(input));
    }
    if (const auto hash = decode_base58_as<Hash32>(as_text(input)); hash.has_value()) {
        testing::require(encode_base58(*hash) == as_text(input));
    }
    // As bytes: what encodes decodes again.
    const auto text = encode_base58(input);
    testing::require(text.has_value() == (size <= kBase58BytesMax));
    if (text.has_value()) {
        testing::require(equal(decode_base58(*text).value(), input));
    }
    return 0;
}
