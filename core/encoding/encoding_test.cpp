// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/compact_u16.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core {
namespace {

// RFC 4648 section 10.
constexpr std::pair<std::string_view, std::string_view> kBase64Vectors[] = {{"", ""},
                                                                            {"f", "Zg=="},
                                                                            {"fo", "Zm8="},
                                                                            {"foo", "Zm9v"},
                                                                            {"foob", "Zm9vYg=="},
                                                                            {"fooba", "Zm9vYmE="},
                                                                            {"foobar", "Zm9vYmFy"}};

TEST(Base64, rfc_4648_vectors) {
    for (const auto& [plain, text] : kBase64Vectors) {
        EXPECT_EQ(encode_base64(as_bytes(plain)), text);
        const auto decoded = decode_base64(text);
        ASSERT_OK(decoded);
        EXPECT_EQ(as_text(*decoded), plain);
        const std::string unpadded(text.substr(0, text.find('=')));
        EXPECT_EQ(encode_base64url(as_bytes(plain)), unpadded);
        const auto decoded_url = decode_base64url(unpadded);
        ASSERT_OK(decoded_url);
        EXPECT_EQ(as_text(*decoded_url), plain);
    }
}

TEST(Base64, alphabets_differ_in_the_last_two_digits) {
    const Bytes bytes = {0xfb, 0xff};
    EXPECT_EQ(encode_base64(bytes), "+/8=");
    EXPECT_EQ(encode_base64url(bytes), "-_8");
    EXPECT_ERROR(ErrorCode::kInvalidBase64, decode_base64("-_8="));
    EXPECT_ERROR(ErrorCode::kInvalidBase64Url, decode_base64url("+/8"));
}

TEST(Base64, refuses_every_other_spelling) {
    for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "=",
                                        "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zm9*"}) {
        EXPECT_ERROR(ErrorCode::kInvalidBase64, decode_base64(text)) << text;
    }
    for (const std::string_view text :
         {"Zg==", "Zh", "Zm9", "Z", "Zm9vY", "Zm9v=", "Zm 9v", "Zm9*"}) {
        EXPECT_ERROR(ErrorCode::kInvalidBase64Url, decode_base64url(text)) << text;
    }
}

RC_GTEST_PROP(Base64, round_trips, (const Bytes& bytes)) {
    RC_ASSERT(decode_base64(encode_base64(bytes)).value() == bytes);
    RC_ASSERT(decode_base64url(encode_base64url(bytes)).value() == bytes);
}

RC_GTEST_PROP(Base64, whatever_decodes_re_encodes_identically, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(
        std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")));
    const auto bytes = decode_base64url(text);
    RC_PRE(bytes.has_value());
    RC_ASSERT(encode_base64url(*bytes) == text);
}

TEST(Hex, accepts_both_cases_and_nothing_else) {
    EXPECT_EQ(encode_hex(Bytes{0x00, 0xab, 0x9f}), "00ab9f");
    EXPECT_EQ(encode_hex_prefixed(Bytes{0x0a}), "0x0a");
    EXPECT_EQ(decode_hex("00aBF9").value(), (Bytes{0x00, 0xab, 0xf9}));
    EXPECT_EQ(decode_hex("").value(), Bytes{});
    EXPECT_EQ(decode_hex_prefixed("0x0a").value(), Bytes{0x0a});
    for (const std::string_view text : {"0", "0g", "g0", "0x00", " 00", "00 ", "+1", "\xc3\xa9"}) {
        EXPECT_ERROR(ErrorCode::kInvalidHex, decode_hex(text)) << text;
    }
    EXPECT_ERROR(ErrorCode::kInvalidHex, decode_hex_prefixed("00"));
    EXPECT_ERROR(ErrorCode::kInvalidHex, decode_hex_prefixed("0X00"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, decode_hex_as<Hash32>("00"));
}

RC_GTEST_PROP(Hex, round_trips, (const Bytes& bytes)) {
    RC_ASSERT(decode_hex(encode_hex(bytes)).value() == bytes);
}

// The base58 draft of the IETF (draft-msporny-base58-03 section 5) and Bitcoin's
// base58_encode_decode.json.
constexpr std::pair<std::string_view, std::string_view> kBase58Vectors[] = {
    {"", ""},
    {"61", "2g"},
    {"626262", "a3gV"},
    {"636363", "aPEr"},
    {"73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"},
    {"00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"},
    {"516b6fcd0f", "ABnLTmg"},
    {"bf4f89001e670274dd", "3SEo3LWLoPntC"},
    {"572e4794", "3EFU7m"},
    {"ecac89cad93923c02321", "EJDM8drfXA6uyA"},
    {"10c8511e", "Rt5zm"},
    {"00000000000000000000", "1111111111"},
    {"48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"},
    {"0000287fb4cd", "11233QC4"}};

TEST(Base58, published_vectors) {
    for (const auto& [hex, text] : kBase58Vectors) {
        const Bytes bytes = decode_hex(hex).value();
        EXPECT_EQ(encode_base58(ByteView(bytes)).value(), text);
        EXPECT_EQ(decode_base58(text).value(), bytes);
    }
}

TEST(Base58, solana_addresses) {
    // System program (all zero) and the token program, whose bytes are in solana-program's source.
    EXPECT_EQ(encode_base58(Hash32()), "11111111111111111111111111111111");
    EXPECT_EQ(
        encode_hex(
            decode_base58_as<Hash32>("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA").value().view()),
        "06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9");
}

TEST(Base58, refuses_foreign_digits_and_lengths) {
    for (const std::string_view text :
         {"0", "O", "I", "l", "2g ", " 2g", "2g\n", "a3-V", "\xc3\xa9"}) {
        EXPECT_ERROR(ErrorCode::kInvalidBase58, decode_base58(text)) << text;
    }
    EXPECT_ERROR(ErrorCode::kInvalidLength,
                 decode_base58_as<Hash32>("1111111111111111111111111111111"));
    EXPECT_ERROR(ErrorCode::kInvalidLength,
                 decode_base58_as<Hash32>("111111111111111111111111111111111"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, decode_base58_as<Hash32>(std::string(10'000, 'z')));
    // 2^256 - 1 fits, the largest text of 44 digits does not.
    EXPECT_OK(decode_base58_as<Hash32>("JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG"));
    EXPECT_ERROR(ErrorCode::kInvalidLength, decode_base58_as<Hash32>(std::string(44, 'z')));
}

TEST(Base58, bounds_its_work) {
    const Bytes longest(kBase58BytesMax, 0xff);
    const auto text = encode_base58(ByteView(longest));
    ASSERT_OK(text);
    EXPECT_EQ(decode_base58(*text).value(), longest);
    EXPECT_ERROR(ErrorCode::kInputTooLong, encode_base58(ByteView(Bytes(kBase58BytesMax + 1))));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58(std::string(kBase58BytesMax + 1, '1')));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58("1" + *text));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58(std::string(text->size(), 'z')));
    EXPECT_ERROR(ErrorCode::kInputTooLong, decode_base58(std::string(1'000'000, 'z')));
}

/// The textbook algorithm, one digit at a time, as an independent oracle.
std::string encode_base58_slowly(ByteView bytes) {
    constexpr std::string_view kAlphabet =
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    std::string reversed;
    Bytes number = to_bytes(bytes);
    while (std::any_of(number.begin(), number.end(), [](std::uint8_t b) { return b != 0; })) {
        unsigned remainder = 0;
        for (std::uint8_t& byte : number) {
            const unsigned value = remainder * 256 + byte;
            byte = static_cast<std::uint8_t>(value / 58);
            remainder = value % 58;
        }
        reversed.push_back(kAlphabet[remainder]);
    }
    for (std::size_t i = 0; i < bytes.size() && bytes[i] == 0; ++i) {
        reversed.push_back('1');
    }
    return {reversed.rbegin(), reversed.rend()};
}

RC_GTEST_PROP(Base58, agrees_with_the_textbook_and_round_trips, ()) {
    const auto zeros = *rc::gen::inRange<std::size_t>(0, 6);
    Bytes bytes(zeros, 0);
    append(bytes, *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>()));
    const std::string text = encode_base58(ByteView(bytes)).value();
    RC_ASSERT(text == encode_base58_slowly(bytes));
    RC_ASSERT(decode_base58(text).value() == bytes);
}

// From solana-sdk's short_vec tests: each value with its only encoding.
constexpr std::pair<std::uint16_t, std::string_view> kCompactVectors[] = {
    {0x0000, "00"},   {0x007f, "7f"},   {0x0080, "8001"},   {0x00ff, "ff01"},   {0x0100, "8002"},
    {0x07ff, "ff0f"}, {0x3fff, "ff7f"}, {0x4000, "808001"}, {0x7fff, "ffff01"}, {0xffff, "ffff03"}};

TEST(CompactU16, published_vectors) {
    for (const auto& [value, hex] : kCompactVectors) {
        ByteWriter writer;
        write_compact_u16(writer, value);
        EXPECT_EQ(encode_hex(writer.bytes()), hex);
        EXPECT_EQ(compact_u16_size(value), writer.size());
        ByteReader reader(writer.bytes());
        EXPECT_EQ(read_compact_u16(reader).value(), value);
        EXPECT_OK(reader.expect_end());
    }
}

TEST(CompactU16, every_value_has_exactly_one_encoding) {
    // All one- to three-byte strings: each decodes to a value that re-encodes to it, or is refused.
    std::size_t accepted = 0;
    for (std::uint32_t raw = 0; raw < 1U << 24; ++raw) {
        std::array<std::uint8_t, 4> bytes;
        store_le(bytes.data(), raw);
        ByteReader reader(ByteView(bytes).first(3));
        const auto value = read_compact_u16(reader);
        if (!value.has_value()) {
            continue;
        }
        ByteWriter writer;
        write_compact_u16(writer, *value);
        ASSERT_TRUE(equal(writer.bytes(), ByteView(bytes).first(reader.position())));
        // Count each encoding once, not once for every value of the bytes after it.
        accepted += std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(reader.position()),
                                bytes.end(), [](std::uint8_t b) { return b == 0; });
    }
    EXPECT_EQ(accepted, 65'536U);
}

TEST(CompactU16, exact_errors) {
    const std::pair<std::string_view, ErrorCode> rows[] = {
        {"", ErrorCode::kUnexpectedEnd},      {"80", ErrorCode::kUnexpectedEnd},
        {"8080", ErrorCode::kUnexpectedEnd},  {"8000", ErrorCode::kNonCanonical},
        {"ff00", ErrorCode::kNonCanonical},   {"808000", ErrorCode::kNonCanonical},
        {"ffff04", ErrorCode::kOutOfRange},   {"808004", ErrorCode::kOutOfRange},
        {"80808001", ErrorCode::kOutOfRange}, {"ffffff", ErrorCode::kOutOfRange}};
    for (const auto& [hex, code] : rows) {
        const Bytes bytes = decode_hex(hex).value();
        ByteReader reader(bytes);
        EXPECT_ERROR(code, read_compact_u16(reader)) << hex;
    }
}

TEST(ByteIo, both_byte_orders) {
    ByteWriter writer;
    writer.write_u8(1).write_u16_le(0x0203).write_u16_be(0x0203).write_u32_le(0x04050607);
    writer.write_u32_be(0x04050607).write_u64_le(0x08090a0b0c0d0e0f);
    writer.write_u64_be(0x08090a0b0c0d0e0f).write_bool(true).write_bool(false);
    EXPECT_EQ(encode_hex(writer.bytes()),
              "01"
              "0302"
              "0203"
              "07060504"
              "04050607"
              "0f0e0d0c0b0a0908"
              "08090a0b0c0d0e0f"
              "0100");
    ByteReader reader(writer.bytes());
    EXPECT_EQ(reader.read_u8().value(), 1);
    EXPECT_EQ(reader.read_u16_le().value(), 0x0203);
    EXPECT_EQ(reader.read_u16_be().value(), 0x0203);
    EXPECT_EQ(reader.read_u32_le().value(), 0x04050607U);
    EXPECT_EQ(reader.read_u32_be().value(), 0x04050607U);
    EXPECT_EQ(reader.read_u64_le().value(), 0x08090a0b0c0d0e0fU);
    EXPECT_EQ(reader.read_u64_be().value(), 0x08090a0b0c0d0e0fU);
    EXPECT_TRUE(reader.read_bool().value());
    EXPECT_ERROR(ErrorCode::kTrailingBytes, reader.expect_end());
    EXPECT_FALSE(reader.read_bool().value());
    EXPECT_OK(reader.expect_end());
}

TEST(ByteIo, a_short_input_is_an_error_and_consumes_nothing) {
    const Bytes bytes = {1, 2, 3};
    ByteReader reader(bytes);
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, reader.read_u32_le());
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, reader.read(4));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, reader.read(SIZE_MAX));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, reader.read_as<Hash32>());
    EXPECT_EQ(reader.position(), 0U);
    EXPECT_OK(reader.read(3));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, reader.read_bool());
    EXPECT_OK(reader.read(0));
}

TEST(ByteIo, a_bool_has_two_values) {
    const Bytes bytes = {2};
    ByteReader reader(bytes);
    EXPECT_ERROR(ErrorCode::kNonCanonical, reader.read_bool());
}

}  // namespace
}  // namespace latchkey::core
