// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/erc7821.hpp"

#include <gtest/gtest.h>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/cases_testing.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;
using core::ErrorCode;

std::vector<Call> calls_of(const json::value& one) {
    std::vector<Call> out;
    for (const json::value& call : one.at("calls").as_array()) {
        out.push_back(
            {fixed<Address>(call.at("to")), amount(call.at("value")), bytes(call.at("data"))});
    }
    return out;
}

ApprovedAction first_action() {
    const json::value& one = cases().at("batches").as_array().at(0);
    return decode_erc7821(bytes(one.at("calldata"))).value();
}

/// execute(mode, executionData) of anything.
Bytes call_with(ByteView mode, const abi::Values& data) {
    std::vector<abi::Type> types = {abi::parse_type("(address,uint256,bytes)[]").value()};
    if (data.size() == 2) {
        types.push_back(abi::parse_type("bytes").value());
    }
    const abi::Values arguments{core::to_bytes(mode), abi::encode(types, data).value()};
    return abi::encode_call(abi::parse_signature("execute(bytes32,bytes)").value(), arguments)
        .value();
}
const Bytes kWithApproval =
    core::concat(Bytes{0x01, 0, 0, 0, 0, 0, 0x78, 0x21, 0x00, 0x01}, Bytes(22));

TEST(Erc7821, IsWhatViemWrites) {
    for (const json::value& one : cases().at("batches").as_array()) {
        const Bytes calldata = bytes(one.at("calldata"));
        const auto action = decode_erc7821(calldata);
        ASSERT_OK(action);
        EXPECT_EQ(encode_erc7821(*action).value(), calldata);
        EXPECT_EQ(encode_without_body(*action).value(), bytes(one.at("opData")));
        EXPECT_EQ(std::get<Execute>(action->body).calls, calls_of(one));
        Scene scene;
        scene.chain = number(cases().at("chain"));
        scene.wallet = fixed<Address>(one.at("wallet"));
        scene.wallet_id = fixed<core::WalletId>(one.at("walletId"));
        scene.sequence = number(one.at("sequence"));
        scene.sender = fixed<Address>(one.at("sender"));
        const auto typed = leaf_for(action->authority, action->terms, action->body, scene);
        EXPECT_EQ(core::digest_of(leaf_of(typed.value()).value()),
                  fixed<core::Digest>(one.at("digest")));
        EXPECT_TRUE(verify(*action, scene).has_value());
        // The same approval is good for the form that is all ours.
        EXPECT_EQ(decode_long_form(encode_long_form(*action).value()).value(), Action(*action));
    }
}

TEST(Erc7821, IsForCallsThatNameTheirTargets) {
    ApprovedAction action = first_action();
    auto& calls = std::get<Execute>(action.body).calls;
    calls.resize(16, calls[0]);
    ASSERT_OK(encode_erc7821(action));
    calls.resize(17, calls[0]);
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_erc7821(action));
    calls.resize(2);
    calls[1].to = Address();
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_erc7821(action));
    action.body = Cancel{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_erc7821(action));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_without_body(action));
    action = first_action();
    action.approvals.approvers = 0;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_erc7821(action));
}

TEST(Erc7821, OtherCalldataIsRefused) {
    const ApprovedAction action = first_action();
    const Bytes op_data = encode_without_body(action).value();
    const abi::Values no_calls;
    ASSERT_OK(decode_erc7821(call_with(kWithApproval, {no_calls, op_data})));
    Bytes mode = kWithApproval;
    mode[9] = 0;
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_erc7821(call_with(mode, {no_calls, op_data})));
    mode = kWithApproval;
    mode[31] = 1;
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_erc7821(call_with(mode, {no_calls, op_data})));
    EXPECT_ERROR(ErrorCode::kNonCanonical,
                 decode_erc7821(call_with(kWithApproval, abi::Values(1, no_calls))));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd,
                 decode_erc7821(call_with(kWithApproval, {no_calls, Bytes()})));
    EXPECT_ERROR(ErrorCode::kUnsupported,
                 decode_erc7821(call_with(kWithApproval, {no_calls, Bytes{0x72, 0x00}})));
    EXPECT_ERROR(
        ErrorCode::kTrailingBytes,
        decode_erc7821(call_with(kWithApproval, {no_calls, core::concat(op_data, Bytes{0})})));
    const abi::Value zero = abi::Values{Address(), Uint256(), Bytes()};
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 decode_erc7821(call_with(kWithApproval, {abi::Values{zero}, op_data})));
    Address somebody;
    somebody[0] = 1;
    const abi::Value good = abi::Values{somebody, Uint256(), Bytes()};
    ASSERT_OK(decode_erc7821(call_with(kWithApproval, {abi::Values(16, good), op_data})));
    EXPECT_ERROR(ErrorCode::kOutOfRange,
                 decode_erc7821(call_with(kWithApproval, {abi::Values(17, good), op_data})));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_erc7821(Bytes(100)));
    const Bytes calldata = encode_erc7821(action).value();
    for (std::size_t size = 0; size < calldata.size(); ++size) {
        EXPECT_FALSE(decode_erc7821(ByteView(calldata).first(size)).has_value());
    }
}

}  // namespace
}  // namespace latchkey::evm::wallet
