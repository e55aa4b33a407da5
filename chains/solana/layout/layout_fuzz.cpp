// SPDX-License-Identifier: Apache-2.0
// Covers: chains/solana/layout/
#include <cstdlib>

#include "chains/solana/layout/instruction.hpp"
#include "chains/solana/layout/lane_account.hpp"
#include "chains/solana/layout/state.hpp"

using namespace latchkey;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace

/// Whatever decodes must encode to the same bytes. The first byte chooses the decoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const core::ByteView bytes(data + 1, size - 1);
    switch (data[0] % 3) {
        case 0:
            if (const auto instruction = solana::decode_instruction(bytes)) {
                require(core::equal(solana::encode_instruction(*instruction).value(), bytes));
                (void)solana::action_number(*instruction);
            }
            break;
        case 1:
            if (const auto state = solana::decode_state(bytes)) {
                const core::Bytes again = solana::encode_state(*state).value();
                // Spare bytes may hold anything.
                const std::size_t used = again.size() - state->spare_bytes;
                require(again.size() == bytes.size());
                require(core::equal(core::ByteView(again).first(used), bytes.first(used)));
            }
            break;
        default:
            if (const auto lane = solana::decode_lane(bytes)) {
                require(core::equal(solana::encode_lane(*lane), bytes));
            }
    }
    return 0;
}
