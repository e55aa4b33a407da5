// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <optional>

namespace latchkey::net {

using core::ErrorCode;
using core::fail;

namespace urls = boost::urls;

namespace {

constexpr std::size_t kUrlBytesMax = 4096;
/// RFC 1035 section 2.3.4, without the final dot.
constexpr std::size_t kHostNameBytesMax = 253;

struct SchemeRow {
    Scheme scheme;
    std::string_view name;
    std::uint16_t port;
};
constexpr SchemeRow kSchemes[] = {{Scheme::kHttp, "http", 80},
                                  {Scheme::kHttps, "https", 443},
                                  {Scheme::kWs, "ws", 80},
                                  {Scheme::kWss, "wss", 443}};

const SchemeRow& row(Scheme scheme) {
    return *std::find_if(std::begin(kSchemes), std::end(kSchemes),
                         [&](const SchemeRow& r) { return r.scheme == scheme; });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= kHostNameBytesMax && host.front() != '.' &&
           host.find("..") == std::string_view::npos &&
           std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                      c == '_';
           });
}

/// Lower-case and without the brackets of an IPv6 address.
Result<std::string> read_host(const urls::url_view& url) {
    const auto encoded = url.encoded_host();
    const std::string host = lower({encoded.data(), encoded.size()});
    switch (url.host_type()) {
        case urls::host_type::ipv4:
            return host;
        case urls::host_type::ipv6:
            // A zone would reach an interface of this machine.
            if (host.find('%') != std::string::npos) {
                return fail(ErrorCode::kInvalidUrl, "IPv6 zones are not supported");
            }
            return host.substr(1, host.size() - 2);
        case urls::host_type::name:
            if (is_host_name(host)) {
                return host;
            }
            return fail(ErrorCode::kInvalidUrl,
                        "the host is no ASCII name; write international names in punycode");
        default:
            return fail(ErrorCode::kInvalidUrl, "the URL has no usable host");
    }
}

Result<std::uint16_t> read_port(const urls::url_view& url, Scheme scheme) {
    if (!url.has_port() || url.port().empty()) {
        return row(scheme).port;
    }
    // port_number() is 0 for numbers that do not fit.
    if (url.port_number() == 0) {
        return fail(ErrorCode::kInvalidUrl, "the port is not between 1 and 65535");
    }
    return url.port_number();
}

std::optional<Scheme> read_scheme(const urls::url_view& url) {
    const std::string name = lower({url.scheme().data(), url.scheme().size()});
    for (const SchemeRow& one : kSchemes) {
        if (one.name == name) {
            return one.scheme;
        }
    }
    return std::nullopt;
}

}  // namespace

bool Url::is_tls() const {
    return scheme == Scheme::kHttps || scheme == Scheme::kWss;
}

bool Url::is_websocket() const {
    return scheme == Scheme::kWs || scheme == Scheme::kWss;
}

std::string Url::authority() const {
    std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != row(scheme).port) {
        out += ":" + std::to_string(port);
    }
    return out;
}

std::string Url::origin() const {
    return std::string(row(scheme).name) + "://" + authority();
}

std::string Url::to_string() const {
    return origin() + target;
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > kUrlBytesMax) {
        return fail(ErrorCode::kInvalidUrl, "longer than 4096 characters");
    }
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (!parsed) {
        return fail(ErrorCode::kInvalidUrl, parsed.error().message());
    }
    const urls::url_view url = *parsed;
    const auto scheme = read_scheme(url);
    if (!scheme) {
        return fail(ErrorCode::kInvalidUrl, "the scheme must be http, https, ws or wss");
    }
    if (url.has_userinfo()) {
        return fail(ErrorCode::kInvalidUrl,
                    "user names and passwords do not belong in a URL; use a header");
    }
    if (url.has_fragment()) {
        return fail(ErrorCode::kInvalidUrl, "a fragment is never sent to the server");
    }
    Url out;
    out.scheme = *scheme;
    LATCHKEY_TRY(out.host, read_host(url));
    LATCHKEY_TRY(out.port, read_port(url, *scheme));
    const auto target = url.encoded_target();
    out.target.assign(target.data(), target.size());
    // Boost.URL 1.81 lets a path without '/' follow the port; RFC 3986 section 3.3 does not.
    if (const auto path = url.encoded_path(); !path.empty() && path[0] != '/') {
        return fail(ErrorCode::kInvalidUrl, "the path must begin with '/'");
    }
    if (!out.target.starts_with('/')) {
        out.target.insert(out.target.begin(), '/');
    }
    return out;
}

}  // namespace latchkey::net
