// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/base/result.hpp"

namespace latchkey::net {

using core::Result;

/// Strict RFC 8259 text: nothing after the value, valid UTF-8, at most 64 levels deep.
/// Error: kInvalidJson.
Result<boost::json::value> parse_json(std::string_view text);

/// The server's answer to a call it understood but could not fulfil.
struct JsonRpcError {
    std::int64_t code = 0;
    std::string message;
    /// null if there is none.
    boost::json::value data;
};

/// What a call brought: its result, or the server's error.
using JsonRpcReply = tl::expected<boost::json::value, JsonRpcError>;

struct JsonRpcCall {
    std::string method;
    /// An array or an object.
    boost::json::value params;
};

/// For callers to whom every server error is just a failure: kJsonRpcError with number and message.
Result<boost::json::value> result_or_error(std::string_view method, JsonRpcReply reply);

std::string encode_json_rpc_request(const JsonRpcCall& call, std::uint64_t id);
/// Ids count up from `first_id`.
std::string encode_json_rpc_batch(const std::vector<JsonRpcCall>& calls, std::uint64_t first_id);

/// `body` must be one response object for `id`. Errors: kInvalidJson, kJsonRpcMalformed.
Result<JsonRpcReply> decode_json_rpc_response(std::string_view body, std::uint64_t id);
/// `body` must be an array with exactly one response for each of the ids, in any order; the replies
/// come in the order of the ids. One error object instead of the array (a refused batch) answers
/// every call. Errors: kInvalidJson, kJsonRpcMalformed.
Result<std::vector<JsonRpcReply>> decode_json_rpc_batch(std::string_view body,
                                                        std::uint64_t first_id, std::size_t count);

}  // namespace latchkey::net
