// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "chains/solana/client/account_state.hpp"

using namespace latchkey;

/// No input makes a decoder read out of bounds or hold more than it was given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView bytes(data, size);
    (void)solana::decode_clock(bytes);
    (void)solana::decode_nonce_account(bytes);
    if (const auto table = solana::decode_lookup_table(bytes);
        table && table->addresses.size() * 32 + 56 != size) {
        std::abort();
    }
    std::size_t held = 0;
    if (const auto account = solana::decode_token_account(bytes)) {
        for (const auto& extension : account->extensions) {
            held += extension.data.size() + 4;
        }
    }
    if (const auto mint = solana::decode_mint(bytes)) {
        for (const auto& extension : mint->extensions) {
            held += extension.data.size() + 4;
        }
    }
    // Both decoders may have read the same bytes.
    if (held > 2 * size) {
        std::abort();
    }
    return 0;
}
