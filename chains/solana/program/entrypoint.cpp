// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/program/actions/approved.hpp"
#include "chains/solana/program/actions/create_state.hpp"
#include "chains/solana/program/actions/lanes.hpp"

using namespace latchkey::solana;
using namespace latchkey::solana::program;

namespace {

LATCHKEY_NOINLINE Verdict dispatch(const Input& input) {
    if (input.data == input.end) {
        return Verdict::kDataTooShort;
    }
    switch (*input.data & kHeadActionMask) {
        case kCreateState:
            return create_state(input);
        case kOpenLane:
            return open_lane(input);
        case kCloseLane:
            return close_lane(input);
        case kSetLaneOperator:
            return set_lane_operator(input);
        default:
            return approved(input);
    }
}

}  // namespace

/// `raw` is the loader's input, `data` the instruction data in it (SIMD-0321). Returns a Verdict,
/// which the chain reports as a custom error.
extern "C" uint64_t entrypoint(uint8_t* raw, const uint8_t* data) {
    Input input;
    if (const Verdict bad = read_input(raw, data, &input); bad != Verdict::kAccepted) {
        return static_cast<uint64_t>(bad);
    }
    // Reads at most a few of the 32 bytes behind empty data, and then is not short.
    const Verdict verdict = execute_short(input);
    return static_cast<uint64_t>(verdict == kGeneralWay ? dispatch(input) : verdict);
}
