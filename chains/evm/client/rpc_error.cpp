// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rpc_error.hpp"

#include <algorithm>

#include "chains/evm/client/abi.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm {

using core::ErrorCode;

namespace {

namespace json = boost::json;

/// The number that go-ethereum gives to reverts; others use -32000 for everything.
constexpr std::int64_t kRevertCode = 3;
constexpr std::size_t kMessageMax = 300;

/// The order matters: the first fragment found decides.
struct Phrase {
    std::string_view fragment;
    ErrorCode code;
};
constexpr Phrase kPhrases[] = {
    // The contract's own words may follow.
    {"execution reverted", ErrorCode::kExecutionReverted},
    {"vm execution error", ErrorCode::kExecutionReverted},
    {"transaction reverted", ErrorCode::kExecutionReverted},
    {"unknown transaction", ErrorCode::kNodeRejected},
    {"already known", ErrorCode::kAlreadyKnown},
    {"alreadyknown", ErrorCode::kAlreadyKnown},
    {"already imported", ErrorCode::kAlreadyKnown},
    {"known transaction", ErrorCode::kAlreadyKnown},
    {"already in mempool", ErrorCode::kAlreadyKnown},
    {"nonce too low", ErrorCode::kNonceTooLow},
    {"nonce is too low", ErrorCode::kNonceTooLow},
    {"oldnonce", ErrorCode::kNonceTooLow},
    {"nonce too high", ErrorCode::kNonceTooHigh},
    {"nonce too distant", ErrorCode::kNonceTooHigh},
    {"noncegap", ErrorCode::kNonceTooHigh},
    {"replacement transaction underpriced", ErrorCode::kReplacementUnderpriced},
    {"replacementnotallowed", ErrorCode::kReplacementUnderpriced},
    {"could not replace existing", ErrorCode::kReplacementUnderpriced},
    {"too low to replace", ErrorCode::kReplacementUnderpriced},
    {"insufficient funds", ErrorCode::kInsufficientFunds},
    {"insufficientfunds", ErrorCode::kInsufficientFunds},
    {"insufficient balance", ErrorCode::kInsufficientFunds},
    {"upfront cost exceeds", ErrorCode::kInsufficientFunds},
    {"upfront gas cost cannot exceed", ErrorCode::kInsufficientFunds},
    {"lack of funds", ErrorCode::kInsufficientFunds},
    {"underpriced", ErrorCode::kFeeTooLow},
    {"less than block base fee", ErrorCode::kFeeTooLow},
    {"feetoolow", ErrorCode::kFeeTooLow},
    {"max fee per gas less than", ErrorCode::kFeeTooLow},
    {"fee per gas too low", ErrorCode::kFeeTooLow},
    {"gas price below", ErrorCode::kFeeTooLow},
    {"gas price too low", ErrorCode::kFeeTooLow},
    {"intrinsic gas", ErrorCode::kGasLimitRefused},
    {"gas limit too low", ErrorCode::kGasLimitRefused},
    {"gas too low", ErrorCode::kGasLimitRefused},
    {"floor data gas", ErrorCode::kGasLimitRefused},
    {"exceeds block gas limit", ErrorCode::kGasLimitRefused},
    {"gas limit is greater than the cap", ErrorCode::kGasLimitRefused},
    {"gas limit too high", ErrorCode::kGasLimitRefused},
    {"exceeds transaction gas limit", ErrorCode::kGasLimitRefused},
    {"gas required exceeds allowance", ErrorCode::kGasLimitRefused},
};

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kMessageMax)) {
        out += c >= ' ' && c <= '~' ? c : '?';
    }
    return out;
}

}  // namespace

ErrorCode classify_node_error(const net::JsonRpcError& error) {
    if (error.code == kRevertCode) {
        return ErrorCode::kExecutionReverted;
    }
    const std::string message = lower_case(error.message);
    for (const Phrase& phrase : kPhrases) {
        if (message.find(phrase.fragment) != std::string::npos) {
            return phrase.code;
        }
    }
    return ErrorCode::kNodeRejected;
}

std::optional<Bytes> revert_data(const net::JsonRpcError& error) {
    if (classify_node_error(error) != ErrorCode::kExecutionReverted) {
        return std::nullopt;
    }
    const json::value* data = &error.data;
    if (const json::object* object = data->if_object()) {
        data = object->if_contains("data");
    }
    const json::string* text = data == nullptr ? nullptr : data->if_string();
    if (text == nullptr) {
        return std::nullopt;
    }
    std::string_view digits(text->data(), text->size());
    constexpr std::string_view kOldPrefix = "Reverted ";
    if (digits.starts_with(kOldPrefix)) {
        digits.remove_prefix(kOldPrefix.size());
    }
    const auto bytes = core::decode_hex_prefixed(digits);
    return bytes ? std::optional(*bytes) : std::nullopt;
}

core::Error explain_node_error(std::string_view method, const net::JsonRpcError& error) {
    std::string context = std::string(method) + ": ";
    if (const auto data = revert_data(error)) {
        context += abi::explain_revert(*data);
    } else {
        context += printable(error.message) + " (" + std::to_string(error.code) + ")";
    }
    return {classify_node_error(error), std::move(context)};
}

}  // namespace latchkey::evm
