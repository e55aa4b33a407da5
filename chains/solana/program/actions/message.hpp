// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"

namespace latchkey::solana::program {

/// Verifies that the wallet approves a message hash; changes nothing. Returns walletId ‖ hash, so
/// that a caller or a reader of the transaction knows what was verified.
LATCHKEY_COLD inline Verdict message(const Authorized& out) {
    // A state was validated; a genesis is known by its hash only.
    if (out.found.rule.quorum > core::kQuorumThresholdMask) {
        return reject(Verdict::kActionNotAllowed);
    }
    uint8_t answer[64];
    core::put32(answer, out.wallet_id);
    core::put32(answer + 32, out.body);
    sol_set_return_data(answer, sizeof answer);
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
