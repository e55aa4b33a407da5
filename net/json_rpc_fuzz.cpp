// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string_view>

#include "net/json_rpc_codec.hpp"

/// The decoders accept or refuse, never more replies than calls, and a refusal is never silent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto reply = latchkey::net::decode_json_rpc_response(body, 1);
    if (reply && !*reply && reply->error().message.size() > 2000) {
        std::abort();
    }
    const auto replies = latchkey::net::decode_json_rpc_batch(body, 1, 2);
    if (replies && replies->size() != 2) {
        std::abort();
    }
    return 0;
}
