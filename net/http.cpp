// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include <algorithm>
#include <charconv>

namespace latchkey::net {

namespace {

bool is_token(std::string_view text) {
    // RFC 9110 section 5.6.2.
    constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kExtra.find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

}  // namespace

bool is_same_header_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

Result<void> check_headers(std::span<const HttpHeader> headers) {
    for (const HttpHeader& header : headers) {
        if (!is_token(header.name)) {
            return core::fail(core::ErrorCode::kInvalidArgument, "a header's name is no token");
        }
        if (!is_header_value(header.value)) {
            return core::fail(core::ErrorCode::kInvalidArgument,
                              "the header " + header.name + " contains control characters");
        }
    }
    return {};
}

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
    for (const HttpHeader& one : headers) {
        if (is_same_header_name(one.name, name)) {
            return one.value;
        }
    }
    return std::nullopt;
}

bool is_before_sending(core::ErrorCode code) {
    using core::ErrorCode;
    return code == ErrorCode::kNameNotResolved || code == ErrorCode::kConnectFailed ||
           code == ErrorCode::kTlsFailed || code == ErrorCode::kTooManyWaiting;
}

std::optional<std::chrono::seconds> retry_after(const HttpResponse& response) {
    const auto text = response.header("Retry-After");
    if (!text) {
        return std::nullopt;
    }
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc() || end != text->data() + text->size()) {
        return std::nullopt;
    }
    return std::chrono::seconds(seconds);
}

}  // namespace latchkey::net
