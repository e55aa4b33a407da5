// SPDX-License-Identifier: Apache-2.0
#include "net/http_request_check.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace latchkey::net {
namespace {

using namespace std::string_literals;

std::string request(std::string_view line, std::string_view fields = "Host: a\r\n") {
    return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}

HttpChecked<HttpRequestHead> check(std::string_view head) {
    return check_request_head(head, HttpRequestLimits());
}

/// 0 if the head is let in.
unsigned status(std::string_view head) {
    const auto checked = check(head);
    return checked ? 0 : checked.error().status;
}

TEST(HttpRequestCheck, reads_what_is_well_formed) {
    const auto head = check(
        "POST /a%20b/%C3%A9?x=1&y=a+b%2B&&z&x=%3D HTTP/1.1\r\nHOST: Example.com:80\r\n"
        "content-length: 12\r\nX-One:\r\nX-One: \t two \t\r\nexpect: 100-Continue\r\n\r\n");
    ASSERT_TRUE(head) << head.error().reason;
    EXPECT_EQ(head->method, HttpMethod::kPost);
    EXPECT_EQ(head->target, "/a%20b/%C3%A9?x=1&y=a+b%2B&&z&x=%3D");
    EXPECT_EQ(head->path, "/a b/\xc3\xa9");
    const std::vector<std::pair<std::string, std::string>> query = {
        {"x", "1"}, {"y", "a b+"}, {"z", ""}, {"x", "="}};
    EXPECT_EQ(head->query, query);
    EXPECT_EQ(head->host, "example.com:80");
    EXPECT_EQ(head->content_length, 12U);
    EXPECT_FALSE(head->is_chunked);
    EXPECT_TRUE(head->keep_alive);
    EXPECT_TRUE(head->expects_continue);
    ASSERT_EQ(head->headers.size(), 5U);
    EXPECT_EQ(head->headers[2].value, "");
    EXPECT_EQ(head->headers[3].value, "two");
}

TEST(HttpRequestCheck, forms_of_targets_and_connections) {
    EXPECT_EQ(check(request("GET http://A/b?c HTTP/1.1"))->path, "/b");
    EXPECT_EQ(check(request("GET HTTPS://a?c=d HTTP/1.1"))->target, "/?c=d");
    EXPECT_EQ(check(request("GET http://a HTTP/1.1"))->path, "/");
    EXPECT_EQ(check(request("OPTIONS * HTTP/1.1"))->path, "*");
    EXPECT_FALSE(check(request("GET / HTTP/1.0", ""))->keep_alive);
    EXPECT_FALSE(check(request("GET / HTTP/1.0", "Connection: keep-alive\r\n"))->keep_alive);
    EXPECT_FALSE(
        check(request("GET / HTTP/1.1", "Host: a\r\nConnection: x, CLOSE\r\n"))->keep_alive);
    EXPECT_TRUE(check(request("GET / HTTP/1.1", "Host: [::1]:8\r\nConnection: x\r\n"))->keep_alive);
    EXPECT_TRUE(
        check(request("PUT / HTTP/1.1", "Host: a\r\nTransfer-Encoding: Chunked\r\n"))->is_chunked);
}

TEST(HttpRequestCheck, refuses_request_lines) {
    struct Case {
        std::string line;
        unsigned status;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"GET / HTTP/1.1", 0},
             {"GET  / HTTP/1.1", 400},
             {"GET / HTTP/1.1 ", 400},
             {"GET /  HTTP/1.1", 400},
             {"GET /\tHTTP/1.1", 400},
             {"GET HTTP/1.1", 400},
             {"GET /", 400},
             {"GET", 400},
             {"G@T / HTTP/1.1", 400},
             {"get / HTTP/1.1", 501},
             {"CONNECT a:80 HTTP/1.1", 501},
             {"TRACE / HTTP/1.1", 501},
             {"GET / HTTP/2.0", 505},
             {"GET / HTTP/1.2", 505},
             {"GET / HTTP/0.9", 505},
             {"GET / HTTP/1.11", 400},
             {"GET / http/1.1", 400},
             {"GET a HTTP/1.1", 400},
             {"GET * HTTP/1.1", 400},
             {"GET ftp://a/ HTTP/1.1", 400},
             {"GET http:///x HTTP/1.1", 400},
             {"GET http://u@a/ HTTP/1.1", 400},
             {"GET http://b/ HTTP/1.1", 400},
             {"GET http://a:81/ HTTP/1.1", 400},
             {"GET /#f HTTP/1.1", 400},
             {"GET /\xc3\xa9 HTTP/1.1", 400},
             {"GET /\x7f HTTP/1.1", 400},
             {"GET /\"x HTTP/1.1", 400},
             {"GET /\\x HTTP/1.1", 400},
             {"GET /% HTTP/1.1", 400},
             {"GET /%2 HTTP/1.1", 400},
             {"GET /%2g HTTP/1.1", 400},
             {"GET /%00 HTTP/1.1", 400},
             {"GET /%0A HTTP/1.1", 400},
             {"GET /%7f HTTP/1.1", 400},
             {"GET /a%2Fb HTTP/1.1", 400},
             {"GET /a%5cb HTTP/1.1", 400},
             {"GET /%ff HTTP/1.1", 400},
             {"GET /%C0%AF HTTP/1.1", 400},
             {"GET /%ED%A0%80 HTTP/1.1", 400},
             {"GET /../x HTTP/1.1", 400},
             {"GET /a/%2e%2E HTTP/1.1", 400},
             {"GET /./x HTTP/1.1", 400},
             {"GET /.x/..x/ HTTP/1.1", 0},
             {"GET /?a=%00 HTTP/1.1", 400},
             {"GET /?a%00=1 HTTP/1.1", 400},
             {"GET /?a=%ff HTTP/1.1", 400},
             {"GET /?%zz HTTP/1.1", 400},
             {"GET /?a=%2F%0A/.. HTTP/1.1", 0},
         }) {
        EXPECT_EQ(status(request(one.line)), one.status) << one.line;
    }
}

TEST(HttpRequestCheck, refuses_header_fields) {
    struct Case {
        std::string fields;
        unsigned status;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"Host: a\r\n", 0},
             {"", 400},
             {"Host:\r\n", 400},
             {"Host: a b\r\n", 400},
             {"Host: a/b\r\n", 400},
             {"Host: a,b\r\n", 400},
             {"Host: a:\r\n", 400},
             {"Host: a:x\r\n", 400},
             {"Host: a:123456\r\n", 400},
             {"Host: [::1\r\n", 400},
             {"Host: [::1]x\r\n", 400},
             {"Host: []\r\n", 400},
             {"Host: [::1]\r\n", 0},
             {"Host: a\r\nhost: a\r\n", 400},
             {"Host : a\r\n", 400},
             {"Host: a\r\nX : b\r\n", 400},
             {"Host: a\r\n: b\r\n", 400},
             {"Host: a\r\nX\r\n", 400},
             {"Host: a\r\nX: 1\r\n 2\r\n", 400},
             {"Host: a\r\nX: 1\r\n\t2\r\n", 400},
             {" Host: a\r\n", 400},
             {"Host: a\r\nX: \x01\r\n", 400},
             {"Host: a\r\nX: \x7f\r\n", 400},
             {"Host: a\r\nX: \xff\r\n", 0},
             {"Host: a\r\nX: a\tb\r\n", 0},
             {"Host: a\r\nX: 1\r\nX: 1\r\n", 0},
             {"Host: a\r\nX: "s + '\0' + "\r\n", 400},
             {"Host: a\nX: 1\r\n", 400},
             {"Host: a\rX: 1\r\n", 400},
             {"Host: a\r\r\n", 400},
             {"Host: a\r\nContent-Type: a\r\nContent-Type: a\r\n", 400},
             {"Host: a\r\nAuthorization: a\r\nauthorization: b\r\n", 400},
             {"Host: a\r\nExpect: 200-ok\r\n", 417},
             {"Host: a\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n", 400},
         }) {
        EXPECT_EQ(status(request("POST / HTTP/1.1", one.fields)), one.status) << one.fields;
    }
}

TEST(HttpRequestCheck, refuses_what_smuggles) {
    struct Case {
        std::string fields;
        unsigned status;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"Content-Length: 0\r\n", 0},
             {"Content-Length: 999999999999999999\r\n", 0},
             {"Content-Length: 1000000000000000000\r\n", 400},
             {"Content-Length: 18446744073709551617\r\n", 400},
             {"Content-Length:\r\n", 400},
             {"Content-Length: 05\r\n", 400},
             {"Content-Length: +5\r\n", 400},
             {"Content-Length: -5\r\n", 400},
             {"Content-Length: 0x5\r\n", 400},
             {"Content-Length: 5 5\r\n", 400},
             {"Content-Length: 5, 5\r\n", 400},
             {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
             {"Content-Length: 5\r\nCONTENT-LENGTH: 6\r\n", 400},
             {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
             {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400},
             {"Transfer-Encoding: chunked\r\n", 0},
             {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
             {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
             {"Transfer-Encoding: identity\r\n", 501},
             {"Transfer-Encoding: gzip, chunked\r\n", 501},
             {"Transfer-Encoding: chunked, identity\r\n", 501},
             {"Transfer-Encoding: \"chunked\"\r\n", 501},
             {"Transfer-Encoding: xchunked\r\n", 501},
             {"Transfer-Encoding:\r\n", 501},
             {"Transfer-Encoding: \x0b"
              "chunked\r\n",
              400},
             {"Transfer-Encoding : chunked\r\n", 400},
             {"Transfer-Encoding:\r\n chunked\r\n", 400},
             {"X: x\nTransfer-Encoding: chunked\r\n", 400},
             {"X: x\rTransfer-Encoding: chunked\r\n", 400},
         }) {
        EXPECT_EQ(status(request("POST / HTTP/1.1", "Host: a\r\n" + one.fields)), one.status)
            << one.fields;
    }
    EXPECT_EQ(status(request("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n")), 400U);
    EXPECT_EQ(status(request("POST / HTTP/1.0", "Expect: x\r\n")), 0U) << "1.0 has none";
}

TEST(HttpRequestCheck, a_head_is_all_of_the_bytes) {
    const std::string head = request("GET / HTTP/1.1");
    EXPECT_EQ(status(head), 0U);
    EXPECT_EQ(status(head + "x"), 400U);
    for (std::size_t size = 0; size < head.size(); ++size) {
        EXPECT_EQ(status(head.substr(0, size)), 400U) << size;
        EXPECT_EQ(find_head_end(head.substr(0, size), 0, HttpRequestLimits()), 0U) << size;
    }
}

TEST(HttpRequestCheck, finds_the_end_and_early_faults) {
    const HttpRequestLimits limits;
    const std::string head = request("GET / HTTP/1.1");
    EXPECT_EQ(find_head_end(head + "body", 0, limits), head.size());
    EXPECT_EQ(find_head_end(head + "body", head.size() - 1, limits), head.size());
    for (const std::string& bytes :
         {"\r\nGET / HTTP/1.1\r\n"s, " GET"s, "\x16\x03\x01"s, "GET / HTTP/1.1\n"s, "GET /\rx"s,
          "GET /\0"s, "GET / HTTP/1.1\r\nHost: a\r\n\n"s, "GET / HTTP/1.1\r\nHost: a\n\r\n"s}) {
        const auto end = find_head_end(bytes, 0, limits);
        ASSERT_FALSE(end) << bytes;
        EXPECT_EQ(end.error().status, 400U) << bytes;
    }
}

TEST(HttpRequestCheck, limits) {
    HttpRequestLimits limits;
    const std::string head = request("GET /abc HTTP/1.1", "Host: a\r\nX: b\r\n");
    const auto status_of = [&](std::string_view text) {
        const auto checked = check_request_head(text, limits);
        return checked ? 0 : checked.error().status;
    };
    limits.head_bytes_max = head.size();
    limits.target_bytes_max = 4;
    limits.headers_max = 2;
    EXPECT_EQ(status_of(head), 0U);
    limits.head_bytes_max = head.size() - 1;
    EXPECT_EQ(status_of(head), 431U);
    limits.head_bytes_max = head.size();
    limits.target_bytes_max = 3;
    EXPECT_EQ(status_of(head), 414U);
    limits.target_bytes_max = 4;
    limits.headers_max = 1;
    EXPECT_EQ(status_of(head), 431U);
    // Before the line is complete.
    limits.head_bytes_max = 1000;
    EXPECT_EQ(find_head_end("GET /" + std::string(31, 'a'), 0, limits), 0U);
    EXPECT_EQ(find_head_end("GET /" + std::string(32, 'a'), 0, limits).error().status, 414U);
}

struct Chunked {
    unsigned status = 0;
    std::string body;
    std::size_t used = 0;
    bool is_complete = false;
};

Chunked feed(std::string_view bytes, std::size_t step, std::size_t limit = 100) {
    Chunked out;
    HttpChunkedBody body(limit);
    while (out.used < bytes.size() && !body.is_complete()) {
        const auto used = body.feed(bytes.substr(out.used, step), out.body);
        if (!used) {
            out.status = used.error().status;
            break;
        }
        out.used += *used;
    }
    out.is_complete = body.is_complete();
    return out;
}

TEST(HttpChunkedBody, reads_bodies_in_any_pieces) {
    const std::string bytes = "5\r\nhello\r\n00B\r\n more\r\n0\r\nx\r\n0\r\n\r\n";
    for (std::size_t step = 1; step <= bytes.size() + 4; ++step) {
        const Chunked read = feed(bytes + "GET ", step);
        EXPECT_EQ(read.status, 0U);
        EXPECT_EQ(read.body, "hello more\r\n0\r\nx");
        EXPECT_EQ(read.used, bytes.size());
        EXPECT_TRUE(read.is_complete);
    }
    EXPECT_FALSE(feed(bytes.substr(0, bytes.size() - 1), 3).is_complete);
}

TEST(HttpChunkedBody, refusals) {
    struct Case {
        std::string bytes;
        unsigned status;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"1\r\na\r\n0\r\n\r\n", 0},
             {"\r\n", 400},
             {" 1\r\n", 400},
             {"1 \r\n", 400},
             {"+1\r\n", 400},
             {"0x1\r\n", 400},
             {"g\r\n", 400},
             {"-1\r\n", 400},
             {"1;a=b\r\n", 400},
             {"1\n", 400},
             {"1\rx", 400},
             {"000000001\r\n", 400},
             {"1\r\nab", 400},
             {"1\r\na\rb", 400},
             {"1\r\na\n", 400},
             {"1\r\na\r\n\r\n", 400},
             {"0\r\nTrailer: x\r\n", 400},
             {"0\r\n\n", 400},
             {"0\r\n\rx", 400},
             {"64\r\n" + std::string(100, 'a') + "\r\n0\r\n\r\n", 0},
             {"65\r\n", 413},
             {"ffffffff\r\n", 413},
             {"64\r\n" + std::string(100, 'a') + "\r\n1\r\n", 413},
         }) {
        EXPECT_EQ(feed(one.bytes, 100).status, one.status) << one.bytes;
        EXPECT_EQ(feed(one.bytes, 1).status, one.status) << one.bytes;
    }
}

RC_GTEST_PROP(HttpChunkedBody, round_trips, (const std::vector<std::string>& parts)) {
    std::string bytes;
    std::string whole;
    for (const std::string& part : parts) {
        if (part.empty()) {
            continue;
        }
        char size[16];
        std::snprintf(size, sizeof(size), "%zx\r\n", part.size());
        bytes += size + part + "\r\n";
        whole += part;
    }
    bytes += "0\r\n\r\n";
    const Chunked read = feed(bytes, *rc::gen::inRange<std::size_t>(1, 64), 1U << 20U);
    RC_ASSERT(read.is_complete);
    RC_ASSERT(read.body == whole);
}

TEST(HttpRequestCheck, request_ids) {
    EXPECT_TRUE(is_request_id("aZ0-_."));
    EXPECT_TRUE(is_request_id(std::string(64, 'a')));
    for (const std::string& text : {""s, std::string(65, 'a'), "a b"s, "a\""s, "a\n"s, "\xc3"s}) {
        EXPECT_FALSE(is_request_id(text)) << text;
    }
}

}  // namespace
}  // namespace latchkey::net
