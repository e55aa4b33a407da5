// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/endpoint_health.hpp"
#include "net/http.hpp"
#include "net/json_rpc_codec.hpp"
#include "net/rate_limit.hpp"

namespace latchkey::net {

/// Whether a call may be made again when it is not known if the server carried out the first one.
enum class Repeat : std::uint8_t {
    /// Reading, and writing where the second time changes nothing (a signed transaction).
    kAllowed,
    /// Only repeated when the server cannot have carried it out: no connection was made, or it
    /// refused the request with 429 or 503.
    kOnlyIfRefused,
};

struct JsonRpcEndpoint {
    Url url;
    /// For example an Authorization header; values are never logged.
    std::vector<HttpHeader> headers;
    /// 0: no limit.
    double requests_per_second = 0;
    /// Requests that may follow each other at once.
    double burst = 10;
};

struct JsonRpcOptions {
    /// At least one; the first is preferred, the others step in.
    std::vector<JsonRpcEndpoint> endpoints;
    EndpointHealth::Options health;
    /// Over all endpoints, the first attempt included.
    unsigned attempts_max = 5;
    /// The wait before attempt n is a random part, at least half, of backoff_min * 2^(n - 1).
    /// There is none while an endpoint that has not been asked in this call is left.
    Milliseconds backoff_min{100};
    Milliseconds backoff_max{5000};
    Milliseconds attempt_timeout{10000};
    std::size_t batch_calls_max = 100;
    /// Error codes with which a server says that it cannot serve anybody at the moment, such as
    /// Solana's -32005 (node is behind): another endpoint is asked.
    std::vector<std::int64_t> unavailable_error_codes;
};

/// JSON-RPC 2.0 over HTTP POST with several equal endpoints. Belongs to its executor's thread.
class JsonRpcClient {
  public:
    /// `http`, `clock` and `jitter` must outlive the client and its calls.
    /// Error: kInvalidArgument (no endpoint).
    static Result<std::unique_ptr<JsonRpcClient>> create(HttpTransport& http, Clock& clock,
                                                         Jitter& jitter, JsonRpcOptions options);
    JsonRpcClient(const JsonRpcClient&) = delete;
    JsonRpcClient& operator=(const JsonRpcClient&) = delete;

    /// The server's own errors are replies, see result_or_error. Errors: those of HttpTransport,
    /// kRateLimited, kServerUnavailable, kHttpStatus, kInvalidJson, kJsonRpcMalformed. The context
    /// names the endpoint's origin and the number of attempts.
    Task<Result<JsonRpcReply>> call(std::string method, boost::json::value params, Repeat repeat,
                                    Deadline deadline);
    /// All calls in one request; at most batch_calls_max and at least one, else kInvalidArgument.
    Task<Result<std::vector<JsonRpcReply>>> call_batch(std::vector<JsonRpcCall> calls,
                                                       Repeat repeat, Deadline deadline);

    [[nodiscard]] const EndpointHealth& health() const { return health_; }
    [[nodiscard]] Clock& clock() const { return *clock_; }

  private:
    JsonRpcClient(HttpTransport& http, Clock& clock, Jitter& jitter, JsonRpcOptions options);

    struct Failure {
        core::Error error;
        bool may_repeat = false;
        std::optional<Duration> wait;
    };
    using Replies = std::vector<JsonRpcReply>;
    using Outcome = tl::expected<Replies, Failure>;
    struct Batch {
        std::string body;
        std::uint64_t first_id = 0;
        std::size_t count = 0;
        bool is_single = false;
        Repeat repeat = Repeat::kOnlyIfRefused;
        Deadline deadline;
    };

    Task<Result<Replies>> run(Batch batch);
    Task<Outcome> attempt(std::size_t endpoint, const Batch& batch);
    Outcome read(std::size_t endpoint, const Batch& batch, const HttpResponse& response);
    void record(std::size_t endpoint, const Failure& failure);
    [[nodiscard]] Duration backoff(unsigned attempt);

    HttpTransport* http_;
    Clock* clock_;
    Jitter* jitter_;
    JsonRpcOptions options_;
    EndpointHealth health_;
    std::vector<std::optional<TokenBucket>> limits_;
    std::uint64_t next_id_ = 1;
};

}  // namespace latchkey::net
