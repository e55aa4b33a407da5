// SPDX-License-Identifier: Apache-2.0
#include "net/json_rpc_codec.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

namespace latchkey::net {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kDepthMax = 64;
/// Servers put whole logs into messages; what people read must stay readable.
constexpr std::size_t kMessageBytesMax = 2000;

tl::unexpected<core::Error> malformed(std::string context) {
    return fail(ErrorCode::kJsonRpcMalformed, std::move(context));
}

json::object request_object(const JsonRpcCall& call, std::uint64_t id) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"method", call.method}, {"params", call.params}};
}

/// An id of ours again: other kinds are foreign.
std::optional<std::uint64_t> read_id(const json::object& object) {
    const json::value* id = object.if_contains("id");
    if (id == nullptr || !id->is_number()) {
        return std::nullopt;
    }
    boost::system::error_code error;
    const auto number = id->to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(number);
}

Result<JsonRpcError> read_error(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) {
        return malformed("error is no object");
    }
    const json::value* code = object->if_contains("code");
    const json::value* message = object->if_contains("message");
    if (code == nullptr || !code->is_number() || message == nullptr || !message->is_string()) {
        return malformed("error has no code and message");
    }
    JsonRpcError error;
    boost::system::error_code ignored;
    error.code = code->to_number<std::int64_t>(ignored);
    if (ignored) {
        return malformed("the error's code is no integer");
    }
    error.message = message->get_string().subview(0, kMessageBytesMax);
    if (const json::value* data = object->if_contains("data")) {
        error.data = *data;
    }
    return error;
}

/// The reply in a response object, whatever its id.
Result<JsonRpcReply> read_reply(json::object& object) {
    const json::value* version = object.if_contains("jsonrpc");
    if (version == nullptr || !version->is_string() || version->get_string() != "2.0") {
        return malformed("jsonrpc is not \"2.0\"");
    }
    json::value* result = object.if_contains("result");
    const json::value* error = object.if_contains("error");
    // Some servers send the other member as null.
    if (error != nullptr && !error->is_null()) {
        if (result != nullptr && !result->is_null()) {
            return malformed("both a result and an error");
        }
        LATCHKEY_TRY(JsonRpcError decoded, read_error(*error));
        return JsonRpcReply(tl::unexpected(std::move(decoded)));
    }
    if (result == nullptr) {
        return malformed("neither a result nor an error");
    }
    return JsonRpcReply(std::move(*result));
}

/// A server that could not read the request answers with an error and id null.
bool is_error_without_id(const json::object& object) {
    const json::value* id = object.if_contains("id");
    const json::value* error = object.if_contains("error");
    return (id == nullptr || id->is_null()) && error != nullptr && error->is_object();
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code error;
    json::value value = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) {
        return fail(ErrorCode::kInvalidJson, error.message());
    }
    return value;
}

Result<json::value> result_or_error(std::string_view method, JsonRpcReply reply) {
    if (reply) {
        return *std::move(reply);
    }
    return fail(ErrorCode::kJsonRpcError, std::string(method) + ": " + reply.error().message +
                                              " (" + std::to_string(reply.error().code) + ")");
}

std::string encode_json_rpc_request(const JsonRpcCall& call, std::uint64_t id) {
    return json::serialize(request_object(call, id));
}

std::string encode_json_rpc_batch(const std::vector<JsonRpcCall>& calls, std::uint64_t first_id) {
    json::array batch;
    batch.reserve(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
        batch.emplace_back(request_object(calls[i], first_id + i));
    }
    return json::serialize(batch);
}

Result<JsonRpcReply> decode_json_rpc_response(std::string_view body, std::uint64_t id) {
    LATCHKEY_TRY(json::value value, parse_json(body));
    json::object* object = value.if_object();
    if (object == nullptr) {
        return malformed("the response is no object");
    }
    if (read_id(*object) != id && !is_error_without_id(*object)) {
        return malformed("the response is to another request");
    }
    return read_reply(*object);
}

Result<std::vector<JsonRpcReply>> decode_json_rpc_batch(std::string_view body,
                                                        std::uint64_t first_id, std::size_t count) {
    LATCHKEY_TRY(json::value value, parse_json(body));
    if (json::object* object = value.if_object(); object && is_error_without_id(*object)) {
        LATCHKEY_TRY(const JsonRpcReply reply, read_reply(*object));
        return std::vector<JsonRpcReply>(count, reply);
    }
    json::array* array = value.if_array();
    if (array == nullptr || array->size() != count) {
        return malformed("the batch's response is no array of " + std::to_string(count));
    }
    std::vector<std::optional<JsonRpcReply>> found(count);
    for (json::value& element : *array) {
        json::object* object = element.if_object();
        const auto id = object == nullptr ? std::nullopt : read_id(*object);
        if (!id || *id < first_id || *id - first_id >= count || found[*id - first_id]) {
            return malformed("a response in the batch has a foreign or repeated id");
        }
        LATCHKEY_TRY(found[*id - first_id], read_reply(*object));
    }
    std::vector<JsonRpcReply> replies;
    replies.reserve(count);
    for (auto& reply : found) {
        replies.push_back(*std::move(reply));
    }
    return replies;
}

}  // namespace latchkey::net
