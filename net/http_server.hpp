// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/effects.hpp"
#include "net/http.hpp"
#include "net/http_request_check.hpp"

namespace latchkey::net {

/// A request as a handler sees it: its head passed check_request_head and its body is complete.
struct HttpServerRequest {
    HttpMethod method = HttpMethod::kGet;
    /// As in HttpRequestHead.
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
    /// The host the client asked for, with the port if it was given.
    std::string host;
    std::vector<HttpHeader> headers;
    std::string body;
    /// An IPv4 or IPv6 address in its usual text, without the port.
    std::string peer_address;
    std::uint16_t peer_port = 0;
    /// The client's X-Request-Id if it is 1 to 64 letters, digits, '-', '_' or '.', else 32 random
    /// hexadecimal digits. Every reply carries it.
    std::string id;
    /// When the handler is cancelled.
    Deadline deadline;

    /// The first header of that name in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    /// The first parameter of that name.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

struct HttpReply {
    /// 200 to 599.
    unsigned status = 200;
    /// Content-Length, Connection, Date, Transfer-Encoding and X-Request-Id are the server's.
    std::vector<HttpHeader> headers;
    /// Not sent to HEAD, nor with 204 and 304.
    std::string body;
};

/// Whatever it throws becomes a 500 without details. The request lives until the handler has
/// ended, even if it ends after its deadline.
using HttpHandler = std::function<Task<HttpReply>(const HttpServerRequest&)>;

struct HttpServerTls {
    /// PEM, the server's own certificate first.
    std::string certificate_chain_file;
    /// PEM without a pass phrase.
    std::string key_file;
};

struct HttpServerOptions {
    /// IPv4 or IPv6; "::" takes connections of both.
    std::string address = "127.0.0.1";
    /// 0 is a free one, which port() tells.
    std::uint16_t port = 0;
    std::optional<HttpServerTls> tls;

    HttpRequestLimits request;
    /// Beyond it 413.
    std::size_t body_bytes_max = 1024 * 1024;
    /// Beyond it 503 and the end of the connection.
    std::size_t connections_max = 1024;
    /// After so many the reply says that the connection closes.
    std::size_t requests_per_connection_max = 1000;
    /// From a request's first byte to the end of its head, and for the TLS handshake; then 408.
    Milliseconds header_timeout{10000};
    /// From the end of the head to the end of the body; then 408.
    Milliseconds body_timeout{30000};
    /// Between two requests, and before the first; then the connection just ends.
    Milliseconds idle_timeout{60000};
    /// For the client to take a reply.
    Milliseconds write_timeout{30000};
    /// For the handler; then 504.
    Milliseconds handler_timeout{30000};

    /// Told what a handler threw, for the log; `what` may hold details that the client never sees.
    std::function<void(const HttpServerRequest&, std::string_view what)> on_failure;
};

/// Since the server began to listen, except what is named `now`.
struct HttpServerCounters {
    std::uint64_t connections_now = 0;
    std::uint64_t connections_total = 0;
    /// Of these, because there were too many.
    std::uint64_t connections_refused = 0;
    std::uint64_t handlers_now = 0;
    /// By the first digit of the status; 0 and 1 stay empty. Refused requests count too.
    std::array<std::uint64_t, 6> replies = {};
    /// Inside TLS.
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
};

/// HTTP/1.1 (and 1.0, one request a connection) for JSON APIs: whole bodies, replies in the order
/// of requests. Belongs to its executor's thread.
///
/// A request that is not let in gets a status and {"error", "requestId", "status"} as JSON, and the
/// connection ends, because nobody knows where the next request would begin.
class HttpServer {
  public:
    /// Errors: kInvalidArgument (the address is none, a limit is 0), kListenFailed (the port is
    /// taken, not permitted, or the address is not of this machine), kTlsFailed (certificate or
    /// key).
    static Result<std::unique_ptr<HttpServer>> listen(const Executor& executor,
                                                      HttpServerOptions options,
                                                      HttpHandler handler);
    /// Cuts whatever is still there, as stop() with no grace does, without waiting for it.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] HttpServerCounters counters() const;

    /// No new connections; connections without a request end at once; requests that have begun to
    /// arrive are answered until the grace ends, then cut and their handlers cancelled. Returns
    /// when all is over: true, or false if a handler still ignores its cancellation a second
    /// later. Such a handler must not outlive what it uses.
    Task<bool> stop(Milliseconds grace);

  private:
    struct State;
    explicit HttpServer(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace latchkey::net
