// SPDX-License-Identifier: Apache-2.0
// Covers: chains/evm/client/rpc_codec.cpp chains/evm/client/rpc_error.cpp
#include <string_view>

#include "chains/evm/client/rpc_codec.hpp"
#include "chains/evm/client/rpc_error.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;

/// Whatever a node answers, the decoders return and throw nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = core::as_text(core::testing::fuzz_input(data, size));
    const auto value = net::parse_json(text);
    if (!value) {
        return 0;
    }
    using namespace evm::rpc_codec;
    if (const auto number = decode_quantity(*value, "x")) {
        core::testing::require(evm::Uint256::from_word(number->to_word()) == *number);
    }
    (void)decode_u64(*value, "x");
    (void)decode_bytes(*value, "x");
    (void)decode_hash(*value, "x");
    (void)decode_block(*value);
    (void)decode_fee_history(*value, 1);
    (void)decode_receipt(*value);
    (void)decode_transaction(*value);
    (void)decode_logs(*value);
    net::JsonRpcError error;
    error.code = 3;
    error.message = std::string(text);
    error.data = *value;
    core::testing::require(!evm::explain_node_error("x", error).context.empty());
    error.code = 0;
    (void)evm::revert_data(error);
    return 0;
}
