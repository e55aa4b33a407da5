// SPDX-License-Identifier: Apache-2.0
#include "net/json_rpc_codec.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace latchkey::net {
namespace {

namespace json = boost::json;
using core::ErrorCode;

TEST(json_rpc_codec, requests) {
    const JsonRpcCall call{"getSlot", json::array{}};
    EXPECT_EQ(json::parse(encode_json_rpc_request(call, 7)),
              json::parse(R"({"jsonrpc":"2.0","id":7,"method":"getSlot","params":[]})"));
    EXPECT_EQ(json::parse(encode_json_rpc_batch({call, call}, 7)),
              json::parse(R"([{"jsonrpc":"2.0","id":7,"method":"getSlot","params":[]},
                              {"jsonrpc":"2.0","id":8,"method":"getSlot","params":[]}])"));
}

TEST(json_rpc_codec, results_and_errors) {
    EXPECT_EQ(decode_json_rpc_response(R"({"jsonrpc":"2.0","id":1,"result":5})", 1)->value(),
              json::value(5));
    EXPECT_TRUE(
        decode_json_rpc_response(R"({"jsonrpc":"2.0","id":1,"result":null})", 1)->has_value());
    EXPECT_TRUE(decode_json_rpc_response(R"({"jsonrpc":"2.0","id":1,"result":1,"error":null})", 1)
                    ->has_value());
    const auto reply = decode_json_rpc_response(
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"no","data":{"err":1}}})", 1);
    ASSERT_TRUE(reply);
    ASSERT_FALSE(*reply);
    EXPECT_EQ(reply->error().code, -32002);
    EXPECT_EQ(reply->error().message, "no");
    EXPECT_EQ(json::serialize(reply->error().data), R"({"err":1})");
    EXPECT_EQ(result_or_error("getX", *reply).error().to_string(),
              "LK-3403 The server answered the JSON-RPC call with an error. (getX: no (-32002))");
    // The request could not be read, so the server does not know its id.
    EXPECT_FALSE(decode_json_rpc_response(
                     R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse"}})", 1)
                     ->has_value());
}

TEST(json_rpc_codec, refusals) {
    const auto code = [](std::string_view body) {
        const auto reply = decode_json_rpc_response(body, 1);
        return reply ? ErrorCode::kUnsupported : reply.error().code;
    };
    for (const std::string_view body :
         {"", "{", "<html>", "{}x", "\xEF\xBB\xBF{}", "{\"a\":\"\xFF\"}", "nul"}) {
        EXPECT_EQ(code(body), ErrorCode::kInvalidJson) << body;
    }
    EXPECT_EQ(code(std::string(100, '[')), ErrorCode::kInvalidJson) << "too deep";
    for (const std::string_view body :
         {"5", "[]", "null", "{}", R"({"jsonrpc":"2.0","id":2,"result":5})",
          R"({"jsonrpc":"2.0","id":"1","result":5})", R"({"jsonrpc":"2.0","id":1.5,"result":5})",
          R"({"jsonrpc":"2.0","id":-1,"result":5})", R"({"jsonrpc":"2.0","result":5})",
          R"({"jsonrpc":"1.0","id":1,"result":5})", R"({"id":1,"result":5})",
          R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"error":5})",
          R"({"jsonrpc":"2.0","id":1,"error":{}})",
          R"({"jsonrpc":"2.0","id":1,"error":{"code":"x","message":"y"}})",
          R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"y"}})",
          R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":5}})",
          R"({"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"y"}})"}) {
        EXPECT_EQ(code(body), ErrorCode::kJsonRpcMalformed) << body;
    }
}

TEST(json_rpc_codec, batches) {
    const auto replies = decode_json_rpc_batch(
        R"([{"jsonrpc":"2.0","id":6,"result":"b"},{"jsonrpc":"2.0","id":5,"result":"a"},
            {"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"c"}}])",
        5, 3);
    ASSERT_TRUE(replies);
    EXPECT_EQ((*replies)[0].value(), "a");
    EXPECT_EQ((*replies)[1].value(), "b");
    EXPECT_EQ((*replies)[2].error().message, "c");
    const auto refused = decode_json_rpc_batch(
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"too many"}})", 5, 2);
    ASSERT_EQ(refused->size(), 2U);
    EXPECT_EQ((*refused)[1].error().message, "too many");
    for (const std::string_view body :
         {"{}", "[]", R"([{"jsonrpc":"2.0","id":5,"result":1}])",
          R"([{"jsonrpc":"2.0","id":5,"result":1},{"jsonrpc":"2.0","id":5,"result":1}])",
          R"([{"jsonrpc":"2.0","id":5,"result":1},{"jsonrpc":"2.0","id":7,"result":1}])",
          R"([{"jsonrpc":"2.0","id":5,"result":1},{"jsonrpc":"2.0","id":4,"result":1}])",
          R"([{"jsonrpc":"2.0","id":5,"result":1},6])",
          R"([{"jsonrpc":"2.0","id":5,"result":1},{"jsonrpc":"2.0","id":6}])"}) {
        EXPECT_EQ(decode_json_rpc_batch(body, 5, 2).error().code, ErrorCode::kJsonRpcMalformed)
            << body;
    }
}

}  // namespace
}  // namespace latchkey::net
