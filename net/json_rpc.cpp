// SPDX-License-Identifier: Apache-2.0
#include "net/json_rpc.hpp"

#include <algorithm>

namespace latchkey::net {

using core::Error;
using core::ErrorCode;
using core::fail;

namespace {

std::string describe_status(unsigned status) {
    std::string text = "status " + std::to_string(status);
    if (status == 401 || status == 403) {
        text += "; check the endpoint's key";
    } else if (status == 404) {
        text += "; check the endpoint's path";
    }
    return text;
}

}  // namespace

Result<std::unique_ptr<JsonRpcClient>> JsonRpcClient::create(HttpTransport& http, Clock& clock,
                                                             Jitter& jitter,
                                                             JsonRpcOptions options) {
    if (options.endpoints.empty()) {
        return fail(ErrorCode::kInvalidArgument, "at least one endpoint is needed");
    }
    options.attempts_max = std::max(options.attempts_max, 1U);
    return std::unique_ptr<JsonRpcClient>(
        new JsonRpcClient(http, clock, jitter, std::move(options)));
}

JsonRpcClient::JsonRpcClient(HttpTransport& http, Clock& clock, Jitter& jitter,
                             JsonRpcOptions options)
    : http_(&http),
      clock_(&clock),
      jitter_(&jitter),
      options_(std::move(options)),
      health_(options_.endpoints.size(), options_.health) {
    for (const JsonRpcEndpoint& endpoint : options_.endpoints) {
        limits_.emplace_back();
        if (endpoint.requests_per_second > 0) {
            limits_.back().emplace(endpoint.requests_per_second, endpoint.burst, clock.now());
        }
    }
}

Task<Result<JsonRpcReply>> JsonRpcClient::call(std::string method, boost::json::value params,
                                               Repeat repeat, Deadline deadline) {
    const JsonRpcCall call{std::move(method), std::move(params)};
    Batch batch;
    batch.first_id = next_id_++;
    batch.body = encode_json_rpc_request(call, batch.first_id);
    batch.count = 1;
    batch.is_single = true;
    batch.repeat = repeat;
    batch.deadline = deadline;
    auto replies = co_await run(std::move(batch));
    if (!replies) {
        co_return fail(call.method, replies.error());
    }
    co_return std::move(replies->front());
}

Task<Result<std::vector<JsonRpcReply>>> JsonRpcClient::call_batch(std::vector<JsonRpcCall> calls,
                                                                  Repeat repeat,
                                                                  Deadline deadline) {
    if (calls.empty() || calls.size() > options_.batch_calls_max) {
        co_return fail(ErrorCode::kInvalidArgument,
                       "a batch has 1 to " + std::to_string(options_.batch_calls_max) + " calls");
    }
    Batch batch;
    batch.first_id = next_id_;
    next_id_ += calls.size();
    batch.body = encode_json_rpc_batch(calls, batch.first_id);
    batch.count = calls.size();
    batch.repeat = repeat;
    batch.deadline = deadline;
    co_return co_await run(std::move(batch));
}

Duration JsonRpcClient::backoff(unsigned attempt) {
    const unsigned doublings = std::min(attempt - 1, 20U);
    const Milliseconds full =
        std::min(options_.backoff_max, options_.backoff_min * (std::int64_t{1} << doublings));
    const auto half = static_cast<std::uint64_t>(std::max<std::int64_t>(full.count() / 2, 0));
    return Milliseconds(half + jitter_->below(half + 1));
}

Task<Result<JsonRpcClient::Replies>> JsonRpcClient::run(Batch batch) {
    std::vector<bool> asked(options_.endpoints.size(), false);
    std::optional<Failure> last;
    for (unsigned attempt_number = 1; attempt_number <= options_.attempts_max; ++attempt_number) {
        const std::size_t endpoint = health_.choose(clock_->now(), asked);
        if (last && asked[endpoint]) {
            // Everybody who is awake has been asked; now waiting is all that can help.
            const TimePoint until =
                clock_->now() + last->wait.value_or(backoff(attempt_number - 1));
            if (until >= batch.deadline) {
                break;
            }
            co_await clock_->sleep_until(until);
            asked.assign(asked.size(), false);
        }
        asked[endpoint] = true;
        Outcome outcome = co_await attempt(endpoint, batch);
        if (outcome) {
            health_.succeeded(endpoint);
            co_return *std::move(outcome);
        }
        last = std::move(outcome).error();
        last->error.context += ", attempt " + std::to_string(attempt_number);
        record(endpoint, *last);
        if (!last->may_repeat || clock_->now() >= batch.deadline) {
            break;
        }
    }
    co_return tl::unexpected(std::move(last->error));
}

void JsonRpcClient::record(std::size_t endpoint, const Failure& failure) {
    const ErrorCode code = failure.error.code;
    // The caller's own deadline or bad arguments say nothing about the endpoint.
    if (code == ErrorCode::kInvalidArgument || code == ErrorCode::kTooManyWaiting) {
        return;
    }
    if (failure.wait) {
        health_.rest_until(endpoint, clock_->now() + *failure.wait);
    }
    // An endpoint that says when to come back, or that we spare ourselves, works.
    if (!failure.wait || code != ErrorCode::kRateLimited) {
        health_.failed(endpoint, clock_->now());
    }
}

Task<JsonRpcClient::Outcome> JsonRpcClient::attempt(std::size_t endpoint, const Batch& batch) {
    const JsonRpcEndpoint& target = options_.endpoints[endpoint];
    if (auto& limit = limits_[endpoint]) {
        const Duration wait = limit->wait_time(clock_->now());
        if (clock_->now() + wait >= batch.deadline) {
            Failure failure{{ErrorCode::kRateLimited,
                             "the configured limit for " + target.url.origin() + " is used up"},
                            /*may_repeat=*/true,
                            wait};
            co_return tl::unexpected(std::move(failure));
        }
        const TimePoint until = clock_->now() + limit->reserve(clock_->now());
        co_await clock_->sleep_until(until);
    }
    HttpRequest request;
    request.method = HttpMethod::kPost;
    request.url = target.url;
    request.headers = target.headers;
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = batch.body;
    request.idempotent = batch.repeat == Repeat::kAllowed;
    const Deadline until = std::min(batch.deadline, clock_->now() + options_.attempt_timeout);
    const auto response = co_await http_->send(std::move(request), until);
    if (!response) {
        const ErrorCode code = response.error().code;
        Failure failure;
        failure.error = response.error();
        failure.may_repeat =
            is_before_sending(code) ||
            (batch.repeat == Repeat::kAllowed && code != ErrorCode::kInvalidArgument &&
             code != ErrorCode::kHttpRedirect && code != ErrorCode::kHttpTooLarge);
        co_return tl::unexpected(std::move(failure));
    }
    co_return read(endpoint, batch, *response);
}

JsonRpcClient::Outcome JsonRpcClient::read(std::size_t endpoint, const Batch& batch,
                                           const HttpResponse& response) {
    const std::string origin = options_.endpoints[endpoint].url.origin();
    const bool allowed = batch.repeat == Repeat::kAllowed;
    const auto failure = [&](ErrorCode code, bool may_repeat) {
        Failure out{{code, origin + " answered " + describe_status(response.status)},
                    may_repeat,
                    std::nullopt};
        if (const auto wait = retry_after(response)) {
            out.wait = *wait;
        }
        return tl::unexpected(std::move(out));
    };
    switch (response.status) {
        case 429:
            return failure(ErrorCode::kRateLimited, true);
        case 503:
            return failure(ErrorCode::kServerUnavailable, true);
        case 502:
        case 504:
            return failure(ErrorCode::kServerUnavailable, allowed);
        default:
            break;
    }
    Result<Replies> replies =
        batch.is_single
            ? decode_json_rpc_response(response.body, batch.first_id).map([](JsonRpcReply&& reply) {
                  return Replies{std::move(reply)};
              })
            : decode_json_rpc_batch(response.body, batch.first_id, batch.count);
    if (!replies && !response.is_success()) {
        return failure(ErrorCode::kHttpStatus, allowed && response.status >= 500);
    }
    if (!replies) {
        Failure out{
            {replies.error().code, origin + ": " + replies.error().context}, allowed, std::nullopt};
        return tl::unexpected(std::move(out));
    }
    for (const JsonRpcReply& reply : *replies) {
        const auto& codes = options_.unavailable_error_codes;
        if (!reply && std::find(codes.begin(), codes.end(), reply.error().code) != codes.end()) {
            Failure out{{ErrorCode::kServerUnavailable, origin + ": " + reply.error().message},
                        allowed || batch.is_single,
                        std::nullopt};
            return tl::unexpected(std::move(out));
        }
    }
    return *std::move(replies);
}

}  // namespace latchkey::net
