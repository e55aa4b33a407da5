// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/secret_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core {
namespace {

std::string text_of(const SecretBytes& secret) {
    return std::string(as_text(secret.expose()));
}

TEST(SecretText, hex) {
    EXPECT_EQ(to_bytes(decode_hex_secret(as_bytes("0x00aBff"))->expose()), (Bytes{0, 0xab, 0xff}));
    EXPECT_EQ(to_bytes(decode_hex_secret(as_bytes("00ABff"))->expose()), (Bytes{0, 0xab, 0xff}));
    EXPECT_EQ(text_of(encode_hex_secret(Bytes{0, 0xab, 0xff})), "00abff");
    for (const std::string_view text : {"0", "0g", "g0", "0X00", "00 ", "@0", "`0", "G0"}) {
        EXPECT_ERROR(ErrorCode::kInvalidHex, decode_hex_secret(as_bytes(text))) << text;
    }
}

TEST(SecretText, json_arrays) {
    EXPECT_EQ(to_bytes(decode_json_bytes_secret(as_bytes(" [ 0,10 ,\n255 ]\n"))->expose()),
              (Bytes{0, 10, 255}));
    EXPECT_EQ(text_of(encode_json_bytes_secret(Bytes{0, 9, 10, 99, 100, 255})),
              "[0,9,10,99,100,255]");
    for (const std::string_view text :
         {"",      "[",     "[]",      "[1",    "[1,",    "[1,]",  "[,1]",
          "[1]]",  "[1] x", "1]",      "[256]", "[1000]", "[01]",  "[-1]",
          "[1.0]", "[1e1]", "[\"1\"]", "[1 2]", "[[1]]",  "[null]"}) {
        EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_json_bytes_secret(as_bytes(text))) << text;
    }
    std::string long_list = "[1";
    for (int i = 0; i < 63; ++i) {
        long_list += ",1";
    }
    EXPECT_OK(decode_json_bytes_secret(as_bytes(long_list + "]")));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_json_bytes_secret(as_bytes(long_list + ",1]")));
}

TEST(SecretText, base58_bounds) {
    EXPECT_ERROR(ErrorCode::kInvalidBase58, decode_base58_secret(as_bytes("0")));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58_secret(as_bytes(std::string(65, '1'))));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58_secret(as_bytes(std::string(88, 'z'))));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58_secret(as_bytes(std::string(1000, 'z'))));
    EXPECT_TRUE(decode_base58_secret({})->empty());
    const Bytes largest(64, 0xff);
    const std::string text = encode_base58(ByteView(largest)).value();
    EXPECT_EQ(to_bytes(decode_base58_secret(as_bytes(text))->expose()), largest);
}

RC_GTEST_PROP(SecretText, agrees_with_the_public_codecs, ()) {
    auto bytes = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
    bytes.resize(std::min<std::size_t>(bytes.size(), 64));
    RC_ASSERT(text_of(encode_hex_secret(bytes)) == encode_hex(bytes));
    RC_ASSERT(to_bytes(decode_hex_secret(as_bytes(encode_hex(bytes)))->expose()) == bytes);
    const std::string base58 = encode_base58(ByteView(bytes)).value();
    RC_ASSERT(to_bytes(decode_base58_secret(as_bytes(base58))->expose()) == bytes);
    if (!bytes.empty()) {
        const SecretBytes json = encode_json_bytes_secret(bytes);
        RC_ASSERT(to_bytes(decode_json_bytes_secret(json.expose())->expose()) == bytes);
    }
}

}  // namespace
}  // namespace latchkey::core
