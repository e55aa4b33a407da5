// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace latchkey::net {

using core::Result;

enum class Scheme : std::uint8_t { kHttp, kHttps, kWs, kWss };

/// An absolute http, https, ws or wss URL (RFC 3986) in the parts a client needs.
struct Url {
    Scheme scheme = Scheme::kHttps;
    /// Lower-case DNS name, IPv4 address, or IPv6 address without brackets.
    std::string host;
    std::uint16_t port = 443;
    /// Path and query as they go on the wire; begins with '/'.
    std::string target = "/";

    [[nodiscard]] bool is_tls() const;
    [[nodiscard]] bool is_websocket() const;
    /// "https://host" and the port if it is not the scheme's own. Safe to log: paths and queries
    /// of RPC endpoints often contain an API key.
    [[nodiscard]] std::string origin() const;
    /// As HTTP's Host header has it.
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const Url&, const Url&) = default;
};

/// Refused with kInvalidUrl: other schemes, relative references, user names and passwords,
/// fragments, port 0, hosts that are not plain ASCII names or addresses, texts over 4 KiB.
Result<Url> parse_url(std::string_view text);

}  // namespace latchkey::net
