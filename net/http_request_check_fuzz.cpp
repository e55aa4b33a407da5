// SPDX-License-Identifier: Apache-2.0
#include "net/http_request_check.hpp"

#include <algorithm>
#include <string>

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/utf8.hpp"

using latchkey::core::testing::require;

namespace {

using namespace latchkey::net;

/// A chunked body reads the same in one piece and byte by byte.
void check_chunked(std::string_view bytes) {
    constexpr std::size_t kBodyBytesMax = 4096;
    std::string whole;
    HttpChunkedBody at_once(kBodyBytesMax);
    const auto used = at_once.feed(bytes, whole);
    std::string pieces;
    HttpChunkedBody one_by_one(kBodyBytesMax);
    std::size_t count = 0;
    bool is_refused = false;
    while (count < bytes.size() && !one_by_one.is_complete() && !is_refused) {
        is_refused = !one_by_one.feed(bytes.substr(count, 1), pieces);
        ++count;
    }
    require(is_refused == !used && whole == pieces && whole.size() <= kBodyBytesMax);
    require(at_once.is_complete() == one_by_one.is_complete());
    require(!used || *used == count);
}

/// What was let in has one reading only, and cannot become another request when it is logged,
/// passed on or routed.
void check_head(std::string_view bytes, const HttpRequestLimits& limits, std::size_t size) {
    const auto head = check_request_head(bytes.substr(0, size), limits);
    if (!head) {
        require(head.error().status >= 400 && head.error().status <= 505);
        require(!head.error().reason.empty());
        return;
    }
    require(latchkey::core::is_valid_utf8(head->path) &&
            head->path.find('\0') == std::string::npos);
    require(head->path == "*" || head->path.starts_with('/'));
    require((head->path + "/").find("/../") == std::string::npos);
    require(head->target.size() <= limits.target_bytes_max + 1);
    require(bool(check_headers(head->headers)));
    require(!head->is_chunked || head->content_length == 0);
    const auto count = [&](std::string_view name) {
        return std::count_if(
            head->headers.begin(), head->headers.end(),
            [&](const HttpHeader& one) { return is_same_header_name(one.name, name); });
    };
    require(count("Content-Length") + count("Transfer-Encoding") <= 1 && count("Host") <= 1);
    require(head->is_chunked == (count("Transfer-Encoding") == 1));
    // Written again as a path, it is the same request.
    std::string again(bytes.substr(0, bytes.find(' ') + 1));
    again += head->target + " HTTP/1.1\r\n";
    for (const HttpHeader& header : head->headers) {
        again += header.name + ": " + header.value + "\r\n";
    }
    if (count("Host") == 0) {
        again += "Host: a\r\n";
    }
    const auto second =
        check_request_head(again + "\r\n", HttpRequestLimits{1U << 20U, 8192, 1000});
    // What HTTP/1.0 ignores, 1.1 may refuse.
    if (count("Expect") == 0) {
        require(second && second->path == head->path && second->query == head->query);
        require(second->content_length == head->content_length);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const HttpRequestLimits limits{2048, 512, 20};
    const auto end = find_head_end(bytes, 0, limits);
    // As a connection sees it: in two pieces.
    const auto half = find_head_end(bytes.substr(0, size / 2), 0, limits);
    if (half && *half == 0) {
        require(find_head_end(bytes, size / 2, limits) == end);
    }
    if (end && *end > 0) {
        check_head(bytes, limits, *end);
    }
    check_chunked(bytes);
    return 0;
}
