// SPDX-License-Identifier: Apache-2.0
// Nodes on real sockets that fail in the ways nodes do.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "chains/evm/client/rpc.hpp"
#include "core/base/result_testing.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::evm {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::Milliseconds;
using net::ScriptedServer;
using net::ServerConnection;

/// Answers every request with this result.
ScriptedServer::Script node_that_says(std::string result) {
    return [result = std::move(result)](ServerConnection& connection) {
        for (std::string request = connection.read_request(); !request.empty();
             request = connection.read_request()) {
            const json::value call = json::parse(request.substr(request.find("\r\n\r\n") + 4));
            json::object reply{{"jsonrpc", "2.0"}, {"id", call.at("id")}};
            reply["result"] = json::parse(result);
            connection.answer(json::serialize(reply));
        }
    };
}

Result<std::uint64_t> ask(const std::vector<std::string>& urls) {
    net::BlockingExecutor executor;
    net::SystemClock clock;
    net::SystemJitter jitter;
    auto http = net::HttpClient::create(executor.executor(), {}).value();
    std::vector<net::JsonRpcEndpoint> endpoints;
    for (const std::string& url : urls) {
        endpoints.emplace_back();
        endpoints.back().url = net::parse_url(url).value();
    }
    net::JsonRpcOptions options = rpc_transport_options(std::move(endpoints));
    options.attempts_max = 2;
    options.backoff_min = Milliseconds(10);
    auto json_rpc = net::JsonRpcClient::create(*http, clock, jitter, options).value();
    RpcClient rpc(*json_rpc, RpcOptions{Milliseconds(3000)});
    return executor.run(rpc.get_block_number());
}

TEST(RpcSocket, asks_the_next_endpoint_when_one_fails) {
    ScriptedServer good(node_that_says(R"("0x10")"));
    for (const ScriptedServer::Script& script : std::initializer_list<ScriptedServer::Script>{
             [](ServerConnection& connection) { connection.end_with_reset(); },
             [](ServerConnection& connection) {
                 connection.read_request();
                 connection.answer("slow down", "429 Too Many Requests");
             },
             [](ServerConnection& connection) {
                 connection.read_request();
                 connection.answer("<html>", "502 Bad Gateway");
             },
             [](ServerConnection& connection) {
                 connection.read_request();
                 connection.answer("{not json");
             },
             [](ServerConnection& connection) {
                 connection.read_request();
                 connection.answer(R"({"jsonrpc":"2.0","id":99,"result":"0x1"})");
             }}) {
        ScriptedServer bad(script);
        EXPECT_EQ(ask({bad.url(), good.url()}).value(), 16U);
        EXPECT_FALSE(ask({bad.url()}));
    }
}

TEST(RpcSocket, an_answer_of_another_shape_is_not_asked_for_again) {
    ScriptedServer wrong(node_that_says("{}"));
    ScriptedServer good(node_that_says(R"("0x10")"));
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask({wrong.url(), good.url()}));
    EXPECT_EQ(good.connections(), 0);
}

}  // namespace
}  // namespace latchkey::evm
