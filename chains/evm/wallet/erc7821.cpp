// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/erc7821.hpp"

#include <algorithm>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/wire.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;

/// A batch, all or nothing, with opData.
constexpr std::uint8_t kMode[] = {0x01, 0, 0, 0, 0, 0, 0x78, 0x21, 0x00, 0x01};

const abi::Function& execute_function() {
    static const abi::Function kFunction = abi::parse_signature("execute(bytes32,bytes)").value();
    return kFunction;
}

/// Calls, opData.
const std::vector<abi::Type>& data_types() {
    static const std::vector<abi::Type> kTypes = {
        abi::parse_type("(address,uint256,bytes)[]").value(), abi::parse_type("bytes").value()};
    return kTypes;
}

Bytes mode_word() {
    return core::concat(ByteView(kMode), Bytes(Hash32::kSize - sizeof kMode));
}

/// What is signed names each target; here zero would be executed as the wallet.
Result<void> check_calls(std::span<const Call> calls) {
    if (calls.size() > kCallsMax) {
        return fail(ErrorCode::kOutOfRange, "an action has at most 16 calls");
    }
    if (std::any_of(calls.begin(), calls.end(),
                    [](const Call& call) { return call.to.is_zero(); })) {
        return fail(ErrorCode::kInvalidArgument, "in ERC-7821 the zero address means the wallet");
    }
    return {};
}

std::vector<Call> calls_in(const abi::Value& values) {
    std::vector<Call> out;
    for (const abi::Value& value : std::get<abi::Values>(values)) {
        const auto& members = std::get<abi::Values>(value);
        out.push_back({std::get<Address>(members[0]), std::get<Uint256>(members[1]),
                       std::get<Bytes>(members[2])});
    }
    return out;
}

}  // namespace

Result<Bytes> encode_erc7821(const ApprovedAction& action) {
    const auto* execute = std::get_if<Execute>(&action.body);
    if (execute == nullptr) {
        return fail(ErrorCode::kInvalidArgument, "ERC-7821 executes calls and nothing else");
    }
    LATCHKEY_CHECK(check_calls(execute->calls));
    LATCHKEY_TRY(Bytes op_data, encode_without_body(action));
    abi::Values calls;
    for (const Call& call : execute->calls) {
        calls.emplace_back(abi::Values{call.to, call.value, call.data});
    }
    const abi::Values data{std::move(calls), std::move(op_data)};
    LATCHKEY_TRY(Bytes execution_data, abi::encode(data_types(), data));
    const abi::Values arguments{mode_word(), std::move(execution_data)};
    return abi::encode_call(execute_function(), arguments);
}

Result<ApprovedAction> decode_erc7821(ByteView calldata) {
    LATCHKEY_TRY(const abi::Values arguments, abi::decode_call(execute_function(), calldata));
    if (std::get<Bytes>(arguments[0]) != mode_word()) {
        return fail(ErrorCode::kUnsupported, "a mode without an approval");
    }
    LATCHKEY_TRY(const abi::Values data, abi::decode(data_types(), std::get<Bytes>(arguments[1])));
    std::vector<Call> calls = calls_in(data[0]);
    LATCHKEY_CHECK(check_calls(calls));
    return decode_without_body(std::get<Bytes>(data[1]), std::move(calls));
}

}  // namespace latchkey::evm::wallet
