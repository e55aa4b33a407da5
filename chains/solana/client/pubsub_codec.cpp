// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/pubsub_codec.hpp"

#include "chains/solana/client/rpc_codec.hpp"

namespace latchkey::solana::pubsub_codec {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

tl::unexpected<core::Error> malformed(std::string_view what) {
    return fail(ErrorCode::kRpcMalformed, std::string(what));
}

Result<const json::object*> member_object(const json::object& o, std::string_view name) {
    const json::value* found = o.if_contains({name.data(), name.size()});
    if (found == nullptr || !found->is_object()) {
        return malformed(name);
    }
    return &found->get_object();
}

Result<std::uint64_t> member_u64(const json::object& o, std::string_view name) {
    const json::value* found = o.if_contains({name.data(), name.size()});
    if (found == nullptr) {
        return malformed(name);
    }
    return rpc_codec::decode_u64(*found, name);
}

Result<Incoming> decode_notification(const json::object& o) {
    LATCHKEY_TRY(const json::object* params, member_object(o, "params"));
    Notification out;
    LATCHKEY_TRY(out.subscription, member_u64(*params, "subscription"));
    const json::value* result = params->if_contains("result");
    if (result == nullptr) {
        return malformed("result");
    }
    out.result = *result;
    return Incoming(std::move(out));
}

Result<Incoming> decode_answer(const json::object& o) {
    Answer out;
    LATCHKEY_TRY(out.id, member_u64(o, "id"));
    if (const json::value* error = o.if_contains("error"); error && error->is_object()) {
        net::JsonRpcError failure;
        const json::value* code = error->get_object().if_contains("code");
        const json::value* message = error->get_object().if_contains("message");
        boost::system::error_code ignored;
        if (code == nullptr || !code->is_number() || message == nullptr || !message->is_string()) {
            return malformed("error");
        }
        failure.code = code->to_number<std::int64_t>(ignored);
        failure.message = std::string(message->get_string());
        out.subscription = tl::unexpected(std::move(failure));
        return Incoming(std::move(out));
    }
    const json::value* result = o.if_contains("result");
    if (result != nullptr && result->is_bool()) {
        return Incoming(std::monostate());
    }
    LATCHKEY_TRY(out.subscription, member_u64(o, "result"));
    return Incoming(std::move(out));
}

}  // namespace

Result<Incoming> decode_message(std::string_view text) {
    LATCHKEY_TRY(const json::value value, net::parse_json(text));
    const json::object* o = value.if_object();
    if (o == nullptr) {
        return malformed("the message is no object");
    }
    return o->contains("method") ? decode_notification(*o) : decode_answer(*o);
}

Result<std::optional<SignatureNotice>> decode_signature_notice(const json::value& result) {
    LATCHKEY_TRY(const auto context, rpc_codec::decode_context(result));
    if (context.inner->is_string()) {
        return std::optional<SignatureNotice>();
    }
    const json::object* value = context.inner->if_object();
    const json::value* error = value == nullptr ? nullptr : value->if_contains("err");
    if (error == nullptr) {
        return malformed("err");
    }
    SignatureNotice out;
    out.slot = context.slot;
    LATCHKEY_TRY(out.error, decode_transaction_error(*error));
    return std::optional(std::move(out));
}

Result<AccountNotice> decode_account_notice(const json::value& result) {
    LATCHKEY_TRY(const auto context, rpc_codec::decode_context(result));
    LATCHKEY_TRY(auto account, rpc_codec::decode_account(*context.inner));
    if (!account) {
        return malformed("account");
    }
    return AccountNotice{context.slot, *std::move(account)};
}

Result<SlotNotice> decode_slot_notice(const json::value& result) {
    const json::object* o = result.if_object();
    if (o == nullptr) {
        return malformed("slot notice");
    }
    SlotNotice out;
    LATCHKEY_TRY(out.slot, member_u64(*o, "slot"));
    LATCHKEY_TRY(out.parent, member_u64(*o, "parent"));
    LATCHKEY_TRY(out.root, member_u64(*o, "root"));
    return out;
}

}  // namespace latchkey::solana::pubsub_codec
