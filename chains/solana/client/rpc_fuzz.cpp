// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value.hpp>
#include <string_view>

#include "chains/solana/client/pubsub_codec.hpp"
#include "chains/solana/client/rpc_codec.hpp"

using namespace latchkey;

/// Whatever a node answers, the decoders return and throw nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)solana::pubsub_codec::decode_message(text);
    const auto value = net::parse_json(text);
    if (!value) {
        return 0;
    }
    using namespace solana::rpc_codec;
    (void)decode_latest_blockhash(*value);
    (void)decode_account(*value);
    (void)decode_accounts(*value, 2);
    (void)decode_signature_statuses(*value, 1);
    (void)decode_simulation(*value, 1);
    (void)decode_token_accounts(*value);
    (void)decode_signature_infos(*value);
    (void)decode_transaction(*value);
    (void)decode_prioritization_fees(*value);
    (void)decode_signature(*value);
    (void)decode_commitment(*value);
    if (const auto error = solana::decode_transaction_error(*value); error && *error) {
        (void)solana::explain(**error);
    }
    net::JsonRpcError error;
    error.code = -32002;
    error.data = *value;
    (void)decode_send_error(error, solana::Message(), {});
    (void)solana::pubsub_codec::decode_signature_notice(*value);
    (void)solana::pubsub_codec::decode_account_notice(*value);
    (void)solana::pubsub_codec::decode_slot_notice(*value);
    return 0;
}
