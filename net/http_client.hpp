// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "net/http.hpp"
#include "net/tls.hpp"

namespace latchkey::net {

struct HttpClientOptions {
    TlsOptions tls;
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t body_bytes_max = 16 * 1024 * 1024;
    /// Per origin; further requests wait in order.
    std::size_t connections_max = 16;
    std::size_t waiting_max = 1024;
    /// Name resolution, TCP and TLS together, inside the request's deadline.
    Milliseconds connect_timeout{5000};
    /// Kept connections are closed after this time without a request.
    Milliseconds idle_timeout{30000};
    std::string user_agent = "latchkey";
};

/// HTTP/1.1 with kept connections per origin. Belongs to its executor's thread.
class HttpClient final : public HttpTransport {
  public:
    /// Errors: kTlsFailed (the trusted certificates cannot be read).
    static Result<std::unique_ptr<HttpClient>> create(Executor executor, HttpClientOptions options);
    /// Requests under way end as usual; kept connections are closed.
    ~HttpClient() override;

    Task<Result<HttpResponse>> send(HttpRequest request, Deadline deadline) override;

    /// Kept connections that wait for a request, over all origins.
    [[nodiscard]] std::size_t idle_connections() const;

  private:
    struct State;
    explicit HttpClient(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace latchkey::net
