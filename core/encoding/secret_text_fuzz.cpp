// SPDX-License-Identifier: Apache-2.0
// Covers: core/encoding/secret_text.cpp
#include "core/encoding/secret_text.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/hex.hpp"

using namespace latchkey::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    // The decoders for secrets and those for public texts must agree.
    const auto hex = decode_hex_secret(input);
    const auto public_hex = decode_hex(as_text(input));
    if (public_hex.has_value()) {
        testing::require(hex.has_value() && equal(hex->expose(), *public_hex));
        testing::require(equal(decode_hex_secret(encode_hex_secret(*public_hex).expose())->expose(),
                               *public_hex));
    }
    const auto base58 = decode_base58_secret(input);
    const auto public_base58 = decode_base58(as_text(input));
    testing::require(base58.has_value() ==
                     (public_base58.has_value() && public_base58->size() <= 64));
    if (base58.has_value()) {
        testing::require(equal(base58->expose(), *public_base58));
    }
    if (const auto json = decode_json_bytes_secret(input); json.has_value()) {
        const SecretBytes again = encode_json_bytes_secret(json->expose());
        testing::require(equal(decode_json_bytes_secret(again.expose())->expose(), json->expose()));
    }
    return 0;
}
