// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using core::ErrorCode;

TEST(url, parts) {
    const Url url = parse_url("HTTPS://RPC.Example.com:8443/v1/x?api-key=a%20b&c").value();
    EXPECT_EQ(url.scheme, Scheme::kHttps);
    EXPECT_EQ(url.host, "rpc.example.com");
    EXPECT_EQ(url.port, 8443);
    EXPECT_EQ(url.target, "/v1/x?api-key=a%20b&c");
    EXPECT_EQ(url.to_string(), "https://rpc.example.com:8443/v1/x?api-key=a%20b&c");
    EXPECT_EQ(url.origin(), "https://rpc.example.com:8443") << "safe to log";
}

TEST(url, defaults) {
    EXPECT_EQ(parse_url("http://a")->port, 80);
    EXPECT_EQ(parse_url("https://a")->port, 443);
    EXPECT_EQ(parse_url("ws://a")->port, 80);
    EXPECT_EQ(parse_url("wss://a:")->port, 443);
    EXPECT_EQ(parse_url("http://a")->target, "/");
    EXPECT_EQ(parse_url("http://a?q=1")->target, "/?q=1");
    EXPECT_EQ(parse_url("http://a:80/")->to_string(), "http://a/");
    EXPECT_TRUE(parse_url("wss://a")->is_tls());
    EXPECT_TRUE(parse_url("ws://a")->is_websocket());
    EXPECT_FALSE(parse_url("http://a")->is_tls());
}

TEST(url, addresses) {
    EXPECT_EQ(parse_url("http://127.0.0.1:8899")->host, "127.0.0.1");
    const Url six = parse_url("http://[::1]:8899/x").value();
    EXPECT_EQ(six.host, "::1");
    EXPECT_EQ(six.authority(), "[::1]:8899");
    EXPECT_EQ(parse_url(six.to_string()).value(), six);
}

TEST(url, refusals) {
    for (const std::string_view text : {"",
                                        "example.com",
                                        "//example.com/",
                                        "/path",
                                        "ftp://example.com",
                                        "file:///etc/passwd",
                                        "javascript:alert(1)",
                                        "http://",
                                        "http:///x",
                                        "http://:80/",
                                        "http://user@example.com",
                                        "http://user:password@example.com/",
                                        "http://@example.com/",
                                        "http://example.com/#f",
                                        "http://example.com:0/",
                                        "http://example.com:65536/",
                                        "http://example.com:99999999999/",
                                        "http://example.com:8x/",
                                        "http://example.com:80@evil.com/",
                                        "http://example.com:80evil",
                                        "http://exa mple.com/",
                                        "http://example.com/a b",
                                        "http://example.com/\r\nHost: x",
                                        "http://ex%61mple.com/",
                                        "http://ex\xC3\xA4mple.com/",
                                        "http://[fe80::1%25eth0]/",
                                        "http://[v1.a]/",
                                        "http://[::1/",
                                        "http://a..b/",
                                        "http://.a/",
                                        " http://a",
                                        "http://a "}) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text << " -> " << url->to_string();
        EXPECT_EQ(url.error().code, ErrorCode::kInvalidUrl) << text;
    }
    EXPECT_FALSE(parse_url("http://" + std::string(254, 'a')));
    EXPECT_FALSE(parse_url("http://a/" + std::string(5000, 'a')));
}

TEST(url, errors_do_not_repeat_the_text) {
    // A password in a URL must not end up in a log because the URL was refused.
    const auto refused = parse_url("http://user:hunter2@example.com");
    EXPECT_EQ(refused.error().to_string().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::net
