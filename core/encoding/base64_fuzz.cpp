// SPDX-License-Identifier: Apache-2.0
// Covers: core/encoding/base64.cpp core/encoding/hex.cpp core/encoding/compact_u16.cpp
#include "core/encoding/base64.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/compact_u16.hpp"
#include "core/encoding/hex.hpp"

using namespace latchkey::core;

namespace {

void fuzz_texts(std::string_view text) {
    if (const auto bytes = decode_base64(text); bytes.has_value()) {
        testing::require(encode_base64(*bytes) == text);
    }
    if (const auto bytes = decode_base64url(text); bytes.has_value()) {
        testing::require(encode_base64url(*bytes) == text);
    }
    if (const auto bytes = decode_hex(text); bytes.has_value()) {
        const std::string again = encode_hex(*bytes);
        testing::require(again.size() == text.size() && decode_hex(again).value() == *bytes);
    }
    if (const auto bytes = decode_hex_prefixed(text); bytes.has_value()) {
        testing::require(encode_hex_prefixed(*bytes).size() == text.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    fuzz_texts(as_text(input));
    testing::require(equal(decode_base64(encode_base64(input)).value(), input));
    testing::require(equal(decode_base64url(encode_base64url(input)).value(), input));
    ByteReader reader(input);
    if (const auto value = read_compact_u16(reader); value.has_value()) {
        ByteWriter writer;
        write_compact_u16(writer, *value);
        testing::require(equal(writer.bytes(), input.first(reader.position())));
    }
    return 0;
}
