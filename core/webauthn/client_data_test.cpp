// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/client_data.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/hex.hpp"
#include "core/webauthn/challenge.hpp"
#include "core/webauthn/webauthn_vectors_testing.hpp"

namespace latchkey::core::webauthn {
namespace {

/// A good clientDataJSON with `more` between crossOrigin and the closing brace.
std::string with_more(std::string_view more) {
    return R"({"type":"webauthn.get","challenge":"AAAA",)"
           R"("origin":"https://a.example","crossOrigin":false)" +
           std::string(more) + "}";
}

TEST(ClientData, specification_vectors) {
    const auto create = parse_client_data(testing::kSpecCreateClientData);
    ASSERT_OK(create);
    EXPECT_EQ(create->ceremony, Ceremony::kCreate);
    EXPECT_EQ(encode_hex(decode_base64url(create->challenge).value()),
              testing::kSpecCreateChallenge);
    EXPECT_EQ(create->origin, "https://example.org");
    EXPECT_EQ(create->cross_origin, CrossOrigin::kFalse);
    EXPECT_TRUE(create->has_more_members);

    const auto get = parse_client_data(testing::kSpecGetClientData);
    ASSERT_OK(get);
    EXPECT_EQ(get->ceremony, Ceremony::kGet);
    EXPECT_EQ(encode_hex(decode_base64url(get->challenge).value()), testing::kSpecGetChallenge);
    EXPECT_FALSE(get->has_more_members);
    EXPECT_FALSE(get->top_origin.has_value());
}

TEST(ClientData, legal_variations) {
    const auto absent = parse_client_data(
        R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://a.example"})");
    ASSERT_OK(absent);
    EXPECT_EQ(absent->cross_origin, CrossOrigin::kAbsent);

    const auto framed = parse_client_data(
        R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://a.example",)"
        R"("crossOrigin":true,"topOrigin":"https://b.example"})");
    ASSERT_OK(framed);
    EXPECT_EQ(framed->cross_origin, CrossOrigin::kTrue);
    EXPECT_EQ(framed->top_origin, "https://b.example");

    // What Chrome adds now and then.
    const auto chrome = parse_client_data(
        with_more(R"(,"other_keys_can_be_added_here":"do not compare clientDataJSON against a )"
                  R"(template. See https://goo.gl/yabPex")"));
    ASSERT_OK(chrome);
    EXPECT_TRUE(chrome->has_more_members);

    const auto android = parse_client_data(
        R"({"type":"webauthn.get","challenge":"AAAA","origin":"android:apk-key-hash:u1-2_3",)"
        R"("androidPackageName":"org.example"})");
    ASSERT_OK(android);
    EXPECT_EQ(android->origin, "android:apk-key-hash:u1-2_3");
}

TEST(ClientData, further_members_are_checked_json) {
    for (const std::string_view more :
         {R"(,"a":1)", R"(,"a":-0.5e+10,"b":0,"c":10,"d":1E5)", R"(,"a":{"b":[1,{},[]],"c":null})",
          R"(,"a":true,"b":false,"c":null)", R"(,"":"")",
          R"(,"a":"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00")", ",\"\xc3\xa9\":\"\xf0\x9f\x98\x80\"",
          R"(,"tokenBinding":{"status":"supported"})", R"(,"a":[[[[[[[[]]]]]]]])"}) {
        EXPECT_OK(parse_client_data(with_more(more))) << more;
    }
    const std::pair<std::string_view, ErrorCode> rows[] = {
        {",", ErrorCode::kMalformedClientData},
        {R"(,"a")", ErrorCode::kMalformedClientData},
        {R"(,"a":)", ErrorCode::kMalformedClientData},
        {R"(,a:1)", ErrorCode::kMalformedClientData},
        {R"(,"a":1,)", ErrorCode::kMalformedClientData},
        {R"( ,"a":1)", ErrorCode::kMalformedClientData},
        {R"(, "a":1)", ErrorCode::kMalformedClientData},
        {R"(,"a": 1)", ErrorCode::kMalformedClientData},
        {R"(,"a":1 )", ErrorCode::kMalformedClientData},
        {R"(,"a":01)", ErrorCode::kMalformedClientData},
        {R"(,"a":+1)", ErrorCode::kMalformedClientData},
        {R"(,"a":1.)", ErrorCode::kMalformedClientData},
        {R"(,"a":.1)", ErrorCode::kMalformedClientData},
        {R"(,"a":1e)", ErrorCode::kMalformedClientData},
        {R"(,"a":-)", ErrorCode::kMalformedClientData},
        {R"(,"a":tru)", ErrorCode::kMalformedClientData},
        {R"(,"a":NaN)", ErrorCode::kMalformedClientData},
        {R"(,"a":[1)", ErrorCode::kMalformedClientData},
        {R"(,"a":[1,])", ErrorCode::kMalformedClientData},
        {R"(,"a":{"b":1)", ErrorCode::kMalformedClientData},
        {R"(,"a":{"b"})", ErrorCode::kMalformedClientData},
        {R"(,"a":{"b":1,"b":2})", ErrorCode::kMalformedClientData},
        {R"(,"a":"b)", ErrorCode::kMalformedClientData},
        {R"(,"a":"\x")", ErrorCode::kMalformedClientData},
        {R"(,"a":"\x0041")", ErrorCode::kMalformedClientData},
        {R"(,"a":"\u12")", ErrorCode::kMalformedClientData},
        {R"(,"a":"\ud800")", ErrorCode::kMalformedClientData},
        {R"(,"a":"\ud800\u0041")", ErrorCode::kMalformedClientData},
        {R"(,"a":"\udc00")", ErrorCode::kMalformedClientData},
        {",\"a\":\"\n\"", ErrorCode::kMalformedClientData},
        {",\"a\":\"\xc0\xaf\"", ErrorCode::kMalformedClientData},
        {",\"a\":\"\xff\"", ErrorCode::kMalformedClientData},
        {R"(,"a":[[[[[[[[[]]]]]]]]])", ErrorCode::kUnsupported},
    };
    for (const auto& [more, code] : rows) {
        EXPECT_ERROR(code, parse_client_data(with_more(more))) << more;
    }
}

// The class of bug that has hit wallets that searched for "challenge": a second one that somebody
// else reads first.
TEST(ClientData, no_member_occurs_twice_under_any_spelling) {
    for (const std::string_view more :
         {R"(,"challenge":"BBBB")", R"(,"type":"webauthn.get")", R"(,"origin":"https://b.example")",
          R"(,"crossOrigin":true)", R"(,"topOrigin":"https://b.example")",
          R"(,"\u0063hallenge":"BBBB")", R"(,"cha\u006clenge":"BBBB")", R"(,"a":1,"a":2)",
          R"(,"a":1,"\u0061":2)"}) {
        EXPECT_ERROR(ErrorCode::kMalformedClientData, parse_client_data(with_more(more))) << more;
    }
    // Inside another member it is nobody's challenge.
    EXPECT_OK(parse_client_data(with_more(R"(,"a":{"challenge":"BBBB"})")));
    // An origin cannot contain a quote, so it cannot pretend to be more members.
    EXPECT_ERROR(ErrorCode::kMalformedClientData,
                 parse_client_data(R"({"type":"webauthn.get","challenge":"AAAA",)"
                                   R"("origin":"https://a\",\"challenge\":\"B"})"));
}

TEST(ClientData, exact_errors) {
    const std::pair<std::string_view, ErrorCode> rows[] = {
        {"", ErrorCode::kMalformedClientData},
        {"{}", ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get")", ErrorCode::kWrongClientDataType},
        {R"({"type":"payment.get","challenge":"AAAA","origin":"a"})",
         ErrorCode::kWrongClientDataType},
        {R"({"type":"Webauthn.get","challenge":"AAAA","origin":"a"})",
         ErrorCode::kWrongClientDataType},
        {R"({"type": "webauthn.get","challenge":"AAAA","origin":"a"})",
         ErrorCode::kMalformedClientData},
        {R"( {"type":"webauthn.get","challenge":"AAAA","origin":"a"})",
         ErrorCode::kMalformedClientData},
        {R"({"challenge":"AAAA","type":"webauthn.get","origin":"a"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA"})", ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAA=","origin":"a"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AB","origin":"a"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AA+A","origin":"a"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":""})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a b"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a","topOrigin":"b"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a",)"
         R"("crossOrigin":false,"topOrigin":"b"})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a",)"
         R"("crossOrigin":true,"topOrigin":""})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a","crossOrigin":null})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a","crossOrigin":falsey})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a"} )",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a"}})",
         ErrorCode::kMalformedClientData},
        {R"({"type":"webauthn.get","challenge":"AAAA","origin":"a")",
         ErrorCode::kMalformedClientData}};
    for (const auto& [json, code] : rows) {
        EXPECT_ERROR(code, parse_client_data(json)) << json;
    }
    const std::string long_value(kClientDataSizeMax, 'a');
    EXPECT_ERROR(ErrorCode::kInputTooLong,
                 parse_client_data(with_more(R"(,"a":")" + long_value + R"(")")));
}

TEST(ClientData, splits_into_pieces_that_join_again) {
    for (const std::string_view json :
         {testing::kSpecCreateClientData, testing::kSpecGetClientData}) {
        const auto parts = split_client_data(json);
        ASSERT_OK(parts);
        EXPECT_EQ(
            std::string(parts->prefix) + std::string(parts->challenge) + std::string(parts->rest),
            json);
        EXPECT_TRUE(parts->rest.starts_with('"'));
    }
    const auto parts = split_client_data(testing::kSpecGetClientData);
    EXPECT_EQ(parts->prefix, R"({"type":"webauthn.get","challenge":")");
    EXPECT_EQ(host_of_standard_rest(parts->rest), "example.org");
    EXPECT_EQ(standard_rest("example.org"), parts->rest);
    EXPECT_ERROR(ErrorCode::kMalformedClientData, split_client_data("{}"));
}

TEST(ClientData, only_the_standard_rest_has_a_host) {
    EXPECT_EQ(host_of_standard_rest(standard_rest("a.example:8443")), "a.example:8443");
    for (const std::string_view rest :
         {"", R"(","origin":"https://","crossOrigin":false})",
          R"(","origin":"http://a.example","crossOrigin":false})",
          R"(","origin":"https://a.example","crossOrigin":true})",
          R"(","origin":"https://a.example"})",
          R"(","origin":"https://a.example","crossOrigin":false,"a":1})",
          R"(","origin":"https://a","b":"c","crossOrigin":false})"}) {
        EXPECT_EQ(host_of_standard_rest(rest), std::nullopt) << rest;
    }
    const auto split = split_client_data(testing::kSpecCreateClientData);
    EXPECT_EQ(host_of_standard_rest(split->rest), std::nullopt) << "it has extraData";
}

TEST(ClientData, builds_what_it_parses) {
    ClientData data;
    data.ceremony = Ceremony::kGet;
    data.challenge = "OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag";
    data.origin = "https://example.org";
    data.cross_origin = CrossOrigin::kFalse;
    EXPECT_EQ(build_client_data(data).value(), testing::kSpecGetClientData);
    data.cross_origin = CrossOrigin::kAbsent;
    EXPECT_OK(parse_client_data(build_client_data(data).value()));
    data.cross_origin = CrossOrigin::kTrue;
    data.top_origin = "https://top.example";
    EXPECT_EQ(parse_client_data(build_client_data(data).value())->top_origin, data.top_origin);
    data.cross_origin = CrossOrigin::kFalse;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, build_client_data(data));
    data.top_origin.reset();
    data.origin = "https://a\"";
    EXPECT_ERROR(ErrorCode::kInvalidArgument, build_client_data(data));
    data.origin = "https://a.example";
    data.challenge = "A";
    EXPECT_ERROR(ErrorCode::kInvalidArgument, build_client_data(data));
}

TEST(ClientData, expectations) {
    const std::vector<std::string> origins = {"https://b.example", "https://a.example"};
    const std::vector<std::string> tops = {"https://top.example"};
    ClientDataExpectation expected = {Ceremony::kGet, "AAAA", origins, false, {}};
    const auto check = [&](std::string_view rest) {
        return check_client_data(
            parse_client_data(R"({"type":"webauthn.get","challenge":"AAAA)" + std::string(rest))
                .value(),
            expected);
    };
    EXPECT_OK(check(R"(","origin":"https://a.example","crossOrigin":false})"));
    EXPECT_OK(check(R"(","origin":"https://b.example"})"));
    EXPECT_ERROR(ErrorCode::kOriginNotAllowed, check(R"(","origin":"https://c.example"})"));
    EXPECT_ERROR(ErrorCode::kOriginNotAllowed, check(R"(","origin":"https://a.example/"})"));
    EXPECT_ERROR(ErrorCode::kOriginNotAllowed, check(R"(","origin":"https://A.example"})"));
    EXPECT_ERROR(ErrorCode::kChallengeMismatch, check(R"(AAAA","origin":"https://a.example"})"));
    const std::string_view framed =
        R"(","origin":"https://a.example","crossOrigin":true,"topOrigin":"https://top.example"})";
    EXPECT_ERROR(ErrorCode::kCrossOriginNotAllowed, check(framed));
    expected.allows_cross_origin = true;
    EXPECT_ERROR(ErrorCode::kCrossOriginNotAllowed, check(framed));
    expected.top_origins = tops;
    EXPECT_OK(check(framed));
    EXPECT_ERROR(ErrorCode::kCrossOriginNotAllowed,
                 check(R"(","origin":"https://a.example","crossOrigin":true})"));
    expected.ceremony = Ceremony::kCreate;
    EXPECT_ERROR(ErrorCode::kWrongClientDataType, check(framed));
}

// An oracle that shares nothing with the words of eight bytes: base64 of the 48 bytes.
RC_GTEST_PROP(Challenge, text_is_nibbles_and_base64url_of_the_bytes, ()) {
    Hash32 digest;
    for (std::uint8_t& byte : digest) {
        byte = *rc::gen::arbitrary<std::uint8_t>();
    }
    std::string expected;
    for (const int shift : {4, 0}) {
        for (const std::uint8_t byte : digest) {
            expected.push_back(static_cast<char>('A' + (byte >> shift & 15)));
        }
    }
    const std::string text = challenge_text_of_digest(digest);
    RC_ASSERT(text == expected);
    const NibbleChallenge challenge = challenge_of_digest(digest);
    RC_ASSERT(encode_base64url(challenge.view()) == text);
    RC_ASSERT(digest_of_challenge_text(text).value() == digest);
    RC_ASSERT(digest_of_challenge(challenge).value() == digest);
}

TEST(Challenge, only_letters_of_a_digest_decode) {
    const std::string good(64, 'P');
    EXPECT_EQ(digest_of_challenge_text(good).value(), Hash32([] {
                  std::array<std::uint8_t, 32> all{};
                  all.fill(0xff);
                  return all;
              }()));
    EXPECT_ERROR(ErrorCode::kChallengeMismatch, digest_of_challenge_text(good.substr(1)));
    EXPECT_ERROR(ErrorCode::kChallengeMismatch, digest_of_challenge_text(good + "A"));
    EXPECT_ERROR(ErrorCode::kChallengeMismatch, digest_of_challenge_text(""));
    for (const char letter : {'Q', '@', 'a', '0', '-', '\0'}) {
        for (const std::size_t position : {std::size_t{0}, std::size_t{63}}) {
            std::string bad = good;
            bad[position] = letter;
            EXPECT_ERROR(ErrorCode::kChallengeMismatch, digest_of_challenge_text(bad)) << bad;
        }
    }
    NibbleChallenge challenge;
    challenge[0] = 0xff;
    EXPECT_ERROR(ErrorCode::kChallengeMismatch, digest_of_challenge(challenge));
}

}  // namespace
}  // namespace latchkey::core::webauthn
