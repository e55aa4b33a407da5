// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/abi.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm::abi {

namespace {

constexpr std::size_t kShownBytesMax = 260;

/// Solidity documentation, "Panic via assert and Error via require".
std::string_view panic_meaning(std::uint64_t code) {
    switch (code) {
        case 0x01:
            return "an assertion failed";
        case 0x11:
            return "arithmetic overflow";
        case 0x12:
            return "division by zero";
        case 0x21:
            return "a value outside its enumeration";
        case 0x22:
            return "a badly encoded byte array in storage";
        case 0x31:
            return "pop of an empty array";
        case 0x32:
            return "an index outside its array";
        case 0x41:
            return "too much memory";
        case 0x51:
            return "a call of an uninitialised function";
        default:
            return "unknown panic";
    }
}

/// Text of others may hold anything; only printable ASCII is shown as it is.
std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kShownBytesMax)) {
        out += c >= ' ' && c <= '~' ? c : '?';
    }
    return out;
}

}  // namespace

std::string explain_revert(ByteView data) {
    static const Function kError = *parse_signature("Error(string)");
    static const Function kPanic = *parse_signature("Panic(uint256)");
    if (data.empty()) {
        return "reverted without data";
    }
    if (const auto error = decode_call(kError, data)) {
        return "reverted: " + printable(std::get<std::string>((*error)[0]));
    }
    if (const auto panic = decode_call(kPanic, data)) {
        const Uint256& code = std::get<Uint256>((*panic)[0]);
        return "panic " + code.to_quantity() + ": " +
               std::string(panic_meaning(code.to_u64().value_or(0)));
    }
    const bool is_long = data.size() > kShownBytesMax;
    const ByteView shown = is_long ? data.first(kShownBytesMax) : data;
    return "reverted with " + core::encode_hex_prefixed(shown) + (is_long ? "..." : "");
}

}  // namespace latchkey::evm::abi
