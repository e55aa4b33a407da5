// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "net/effects.hpp"
#include "net/url.hpp"

namespace latchkey::net {

enum class HttpMethod : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

/// A header field; names are compared in any case.
struct HttpHeader {
    std::string name;
    std::string value;
};

struct HttpRequest {
    HttpMethod method = HttpMethod::kGet;
    /// http or https.
    Url url;
    /// Host, Content-Length, Connection and User-Agent are the client's.
    std::vector<HttpHeader> headers;
    std::string body;
    /// Doing it twice is the same as doing it once: if a kept connection turns out to be dead, it
    /// may be sent again on a new one.
    bool idempotent = false;
};

struct HttpResponse {
    /// 200 to 299 or 400 to 599.
    unsigned status = 0;
    std::vector<HttpHeader> headers;
    std::string body;

    [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
    /// The first header of that name in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// Sends one request. Statuses 4xx and 5xx are answers, not errors. An interface, so that callers
/// are tested with faults no server can be made to produce on demand.
class HttpTransport {
  public:
    virtual ~HttpTransport() = default;
    /// Errors: kNameNotResolved, kConnectFailed, kTlsFailed (in these three nothing was sent),
    /// kTooManyWaiting (the same), kTimedOut, kConnectionLost, kHttpMalformed, kHttpTooLarge,
    /// kHttpRedirect, kInvalidArgument (a header with a line break).
    virtual Task<Result<HttpResponse>> send(HttpRequest request, Deadline deadline) = 0;
};

/// True for the errors after which the server cannot have seen the request.
bool is_before_sending(core::ErrorCode code);

/// True if the names are the same in any case of ASCII letters.
bool is_same_header_name(std::string_view a, std::string_view b);

/// Header names are tokens and values have no line breaks or other control characters, so that no
/// value from outside can add a header or a second request. Error: kInvalidArgument.
Result<void> check_headers(std::span<const HttpHeader> headers);

/// In seconds, as most servers send it (RFC 9110 section 10.2.3); the date form is ignored.
std::optional<std::chrono::seconds> retry_after(const HttpResponse& response);

}  // namespace latchkey::net
