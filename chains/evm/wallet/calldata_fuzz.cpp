// SPDX-License-Identifier: Apache-2.0
// Covers: chains/evm/wallet/long_form.cpp chains/evm/wallet/short_form.cpp
// Covers: chains/evm/wallet/wire.cpp chains/evm/wallet/part.cpp chains/evm/wallet/messages.cpp
// Covers: chains/evm/wallet/erc7821.cpp chains/evm/wallet/undeployed.cpp
#include "chains/evm/wallet/erc7821.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/messages.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/evm/wallet/undeployed.hpp"
#include "core/base/fuzz_testing.hpp"

using latchkey::core::testing::fuzz_input;
using latchkey::core::testing::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey::evm::wallet;
    const auto input = fuzz_input(data, size);
    latchkey::evm::Address sender;
    sender[19] = 1;
    if (const auto action = decode_calldata(input, sender)) {
        // What was read can be written, and is the same action again.
        const auto written = encode_calldata(*action, sender);
        require(written.has_value());
        const auto again = decode_calldata(*written, sender);
        require(again.has_value() && *again == *action);
        if (const auto* approved = std::get_if<ApprovedAction>(&*action)) {
            Scene scene;
            scene.sender = sender;
            static_cast<void>(verify(*approved, scene));
        }
    }
    if (const auto signature = decode_message_signature(input)) {
        require(encode_signature(*signature).has_value());
        latchkey::core::Hash32 hash;
        if (const auto* typed = std::get_if<TypedDataSign>(&signature->form)) {
            hash = typed_data_hash(typed->domain, typed->contents);
        }
        static_cast<void>(message_digest(*signature, hash, Scene()));
    }
    if (const auto type = parse_contents_description(latchkey::core::as_text(input))) {
        require(!type->name.empty() && latchkey::core::as_text(input).starts_with(type->type));
    }
    if (const auto batch = decode_erc7821(input)) {
        const auto written = encode_erc7821(*batch);
        require(written && latchkey::core::equal(*written, input));
    }
    if (const auto signature = unwrap_signature(input)) {
        require(latchkey::core::equal(wrap_signature(*signature), input));
    }
    if (const auto signature = decode_user_operation_signature(input)) {
        require(encode_signature(*signature).has_value());
    }
    if (const auto signature = decode_short_signature(input)) {
        require(encode_short_signature(*signature).has_value());
    }
    return 0;
}
