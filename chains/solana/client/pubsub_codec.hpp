// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "chains/solana/client/pubsub.hpp"
#include "net/json_rpc_codec.hpp"

namespace latchkey::solana::pubsub_codec {

/// The answer to one of our subscribe requests.
struct Answer {
    std::uint64_t id = 0;
    /// The number of the subscription.
    tl::expected<std::uint64_t, net::JsonRpcError> subscription;
};
/// Something new about a subscription.
struct Notification {
    std::uint64_t subscription = 0;
    boost::json::value result;
};
/// Messages that are neither (answers to unsubscribe requests) are std::monostate.
using Incoming = std::variant<std::monostate, Answer, Notification>;

/// Errors: kInvalidJson, kRpcMalformed.
Result<Incoming> decode_message(std::string_view text);

/// Absent: a notice that is not the one waited for ("receivedSignature").
Result<std::optional<SignatureNotice>> decode_signature_notice(const boost::json::value& result);
Result<AccountNotice> decode_account_notice(const boost::json::value& result);
Result<SlotNotice> decode_slot_notice(const boost::json::value& result);

}  // namespace latchkey::solana::pubsub_codec
