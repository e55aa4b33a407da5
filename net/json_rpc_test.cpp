// SPDX-License-Identifier: Apache-2.0
#include "net/json_rpc.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "net/blocking.hpp"
#include "net/fakes.hpp"

namespace latchkey::net {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

Answer result(json::value value) {
    return [value](const HttpRequest& request) -> Result<HttpResponse> {
        const auto id = json::parse(request.body).at("id");
        const json::object reply{{"jsonrpc", "2.0"}, {"id", id}, {"result", value}};
        return HttpResponse{200, {}, json::serialize(reply)};
    };
}

Answer rpc_error(std::int64_t code) {
    return [code](const HttpRequest& request) -> Result<HttpResponse> {
        const auto id = json::parse(request.body).at("id");
        const json::object reply{
            {"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", "no"}}}};
        return HttpResponse{200, {}, json::serialize(reply)};
    };
}

Answer status(unsigned number, std::vector<HttpHeader> headers = {}, std::string body = "busy") {
    return [=](const HttpRequest&) -> Result<HttpResponse> {
        return HttpResponse{number, headers, body};
    };
}

Answer error(ErrorCode code) {
    return [code](const HttpRequest&) -> Result<HttpResponse> { return fail(code, "injected"); };
}

class JsonRpc : public testing::Test {
  protected:
    JsonRpcClient& client(std::size_t endpoints = 1) {
        for (std::size_t i = 0; i < endpoints; ++i) {
            JsonRpcEndpoint endpoint;
            endpoint.url = parse_url("http://node" + std::to_string(i) + "/key").value();
            endpoint.requests_per_second = requests_per_second;
            endpoint.burst = 2;
            options.endpoints.push_back(endpoint);
        }
        client_ = JsonRpcClient::create(transport, clock, jitter, options).value();
        return *client_;
    }

    Result<JsonRpcReply> call(Repeat repeat = Repeat::kAllowed,
                              Duration timeout = std::chrono::seconds(30)) {
        json::value params = json::array{1};
        return run_blocking(
            client_->call("getX", std::move(params), repeat, clock.now() + timeout));
    }

    std::vector<std::string> hosts() const {
        std::vector<std::string> out;
        for (const HttpRequest& request : transport.requests) {
            out.push_back(request.url.host);
        }
        return out;
    }

    FakeClock clock;
    LongestJitter jitter;
    ScriptedTransport transport;
    JsonRpcOptions options;
    double requests_per_second = 0;
    std::unique_ptr<JsonRpcClient> client_;
};

TEST_F(JsonRpc, needs_an_endpoint) {
    EXPECT_EQ(JsonRpcClient::create(transport, clock, jitter, {}).error().code,
              ErrorCode::kInvalidArgument);
}

TEST_F(JsonRpc, sends_one_post_and_returns_the_result) {
    transport.script = {result("ok")};
    client();
    EXPECT_EQ(call()->value(), "ok");
    EXPECT_EQ(call()->value(), "ok");
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(transport.requests[0].method, HttpMethod::kPost);
    EXPECT_EQ(transport.requests[0].url.target, "/key");
    EXPECT_TRUE(transport.requests[0].idempotent);
    EXPECT_NE(transport.requests[0].body, transport.requests[1].body) << "ids differ";
    EXPECT_EQ(transport.deadlines[0], clock.now() + options.attempt_timeout);
}

TEST_F(JsonRpc, the_servers_errors_are_replies) {
    transport.script = {rpc_error(-32002)};
    client();
    const auto reply = call();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->error().code, -32002);
    EXPECT_EQ(transport.requests.size(), 1U) << "not repeated";
}

TEST_F(JsonRpc, backs_off_exponentially_with_jitter) {
    transport.script = {status(502), status(504), error(ErrorCode::kTimedOut),
                        error(ErrorCode::kConnectionLost), result(1)};
    client();
    EXPECT_TRUE(call());
    EXPECT_EQ(clock.sleeps, (std::vector{Milliseconds(100), Milliseconds(200), Milliseconds(400),
                                         Milliseconds(800)}));
}

TEST_F(JsonRpc, gives_up_after_the_last_attempt) {
    transport.script = {error(ErrorCode::kConnectionLost)};
    client();
    const auto reply = call();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::kConnectionLost);
    EXPECT_EQ(reply.error().context, "getX: injected, attempt 5");
    EXPECT_EQ(transport.requests.size(), 5U);
}

TEST_F(JsonRpc, repeats_other_calls_only_when_they_cannot_have_happened) {
    for (const ErrorCode code : {ErrorCode::kTimedOut, ErrorCode::kConnectionLost,
                                 ErrorCode::kHttpMalformed, ErrorCode::kHttpTooLarge}) {
        transport.requests.clear();
        transport.script = {error(code)};
        options.endpoints.clear();
        client(2);
        EXPECT_EQ(call(Repeat::kOnlyIfRefused).error().code, code);
        EXPECT_EQ(transport.requests.size(), 1U);
        EXPECT_FALSE(transport.requests[0].idempotent);
    }
    for (const unsigned number : {500U, 502U, 504U, 400U}) {
        transport.requests.clear();
        transport.script = {status(number)};
        EXPECT_FALSE(call(Repeat::kOnlyIfRefused));
        EXPECT_EQ(transport.requests.size(), 1U) << number;
    }
    for (const Answer& safe : {error(ErrorCode::kConnectFailed), error(ErrorCode::kTlsFailed),
                               error(ErrorCode::kNameNotResolved), status(429), status(503)}) {
        transport.requests.clear();
        transport.script = {safe, result(1)};
        EXPECT_TRUE(call(Repeat::kOnlyIfRefused));
        EXPECT_EQ(transport.requests.size(), 2U);
    }
}

TEST_F(JsonRpc, answers_that_make_no_sense_are_repeated_elsewhere) {
    transport.script = {status(200, {}, "<html>"), status(200, {}, "{}"), result(1)};
    client(2);
    EXPECT_TRUE(call());
    EXPECT_EQ(hosts(), (std::vector<std::string>{"node0", "node1", "node0"}));
}

TEST_F(JsonRpc, client_errors_are_not_repeated) {
    transport.script = {status(401)};
    client(2);
    const auto reply = call();
    EXPECT_EQ(reply.error().code, ErrorCode::kHttpStatus);
    EXPECT_NE(reply.error().context.find("check the endpoint's key"), std::string::npos);
    EXPECT_EQ(reply.error().context.find("/key"), std::string::npos) << "paths hold secrets";
    EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(JsonRpc, an_error_reply_may_come_with_an_error_status) {
    transport.script = {[](const HttpRequest& request) -> Result<HttpResponse> {
        HttpResponse response = rpc_error(-32600)(request).value();
        response.status = 400;
        return response;
    }};
    client();
    EXPECT_EQ(call()->error().code, -32600);
}

TEST_F(JsonRpc, honours_retry_after) {
    transport.script = {status(429, {{"retry-after", "7"}}), result(1)};
    client();
    EXPECT_TRUE(call());
    EXPECT_EQ(clock.sleeps, std::vector{Milliseconds(7000)});
}

TEST_F(JsonRpc, does_not_wait_past_the_deadline) {
    transport.script = {status(429, {{"Retry-After", "60"}}), result(1)};
    client();
    EXPECT_EQ(call().error().code, ErrorCode::kRateLimited);
    EXPECT_TRUE(clock.sleeps.empty());
    EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(JsonRpc, fails_over_at_once_and_prefers_the_first_again_later) {
    transport.script = {error(ErrorCode::kConnectFailed), result(1)};
    client(3);
    EXPECT_TRUE(call());
    EXPECT_TRUE(clock.sleeps.empty());
    EXPECT_EQ(hosts(), (std::vector<std::string>{"node0", "node1"}));
    transport.script = {error(ErrorCode::kConnectFailed), result(1)};
    EXPECT_TRUE(call());
    EXPECT_TRUE(client_->health().is_resting(0, clock.now()));
    transport.requests.clear();
    transport.script = {result(1)};
    EXPECT_TRUE(call());
    EXPECT_EQ(hosts(), std::vector<std::string>{"node1"}) << "node0 rests";
    clock.advance(std::chrono::seconds(2));
    EXPECT_TRUE(call());
    EXPECT_EQ(hosts().back(), "node0");
}

TEST_F(JsonRpc, a_node_that_is_behind_is_passed_over) {
    options.unavailable_error_codes = {-32005};
    transport.script = {rpc_error(-32005), result(1)};
    client(2);
    EXPECT_TRUE(call(Repeat::kOnlyIfRefused)->has_value());
    EXPECT_EQ(hosts(), (std::vector<std::string>{"node0", "node1"}));
    transport.script = {rpc_error(-32005)};
    EXPECT_EQ(call().error().code, ErrorCode::kServerUnavailable);
}

TEST_F(JsonRpc, keeps_the_configured_rate) {
    requests_per_second = 10;
    transport.script = {result(1)};
    client();
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(call());
    }
    ASSERT_EQ(clock.sleeps.size(), 2U);
    EXPECT_NEAR(static_cast<double>(clock.sleeps[0].count()), 100, 1);
    EXPECT_NEAR(static_cast<double>(clock.sleeps[1].count()), 100, 1);
    EXPECT_EQ(call(Repeat::kAllowed, Milliseconds(50)).error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(transport.requests.size(), 4U);
    EXPECT_EQ(client_->health().consecutive_failures(0), 0U) << "our own limit is no failure";
}

TEST_F(JsonRpc, batches) {
    transport.script = {[](const HttpRequest& request) -> Result<HttpResponse> {
        json::array replies;
        const json::value sent = json::parse(request.body);
        for (const auto& one : sent.as_array()) {
            replies.insert(replies.begin(), json::object{{"jsonrpc", "2.0"},
                                                         {"id", one.at("id")},
                                                         {"result", one.at("method")}});
        }
        return HttpResponse{200, {}, json::serialize(replies)};
    }};
    options.batch_calls_max = 3;
    client();
    std::vector<JsonRpcCall> calls{{"a", json::array{}}, {"b", json::array{}}};
    const auto deadline = clock.now() + std::chrono::seconds(1);
    const auto replies = run_blocking(client_->call_batch(calls, Repeat::kAllowed, deadline));
    ASSERT_TRUE(replies);
    EXPECT_EQ((*replies)[0].value(), "a");
    EXPECT_EQ((*replies)[1].value(), "b");
    calls.resize(4);
    EXPECT_EQ(run_blocking(client_->call_batch(calls, Repeat::kAllowed, deadline)).error().code,
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(run_blocking(client_->call_batch({}, Repeat::kAllowed, deadline)).error().code,
              ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace latchkey::net
