// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/calls.hpp"
#include "chains/solana/program/caps.hpp"

namespace latchkey::solana::program {

inline constexpr ActionSpec kExecuteSpec = {.right = core::kActionExecute,
                                            .leaf_tag = "Latchkey.execute",
                                            .allows_genesis = true,
                                            .allows_caps = true,
                                            .is_repeatable = false};

/// Counted or capped: the longer way.
LATCHKEY_NOINLINE inline Verdict execute_counted(const Input& input, const Authorized& out) {
    const uint8_t* at = out.body;
    Caps caps;
    caps.count = 0;
    caps.no_new_authority = false;
    if ((out.rule_byte & kRuleCaps) != 0) {
        if (const Verdict bad = open_caps(input, &at, &caps); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    Ledger ledger;
    const bool counts = out.rule.limits != nullptr || caps.no_new_authority;
    if (counts) {
        if (const Verdict bad = open_ledger(input, out.first_account, out.rule.limits, &ledger);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (const Verdict bad = run_calls(input, out, at, counts ? &ledger : nullptr);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (out.rule.limits != nullptr) {
        if (const Verdict bad = close_ledger(ledger, out); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return close_caps(input, caps);
}

/// Runs calls under a rule.
LATCHKEY_INLINE Verdict execute(const Input& input) {
    Authorized out;
    if (const Verdict bad = authorize(input, kExecuteSpec, nullptr, &out);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (out.rule.limits != nullptr || (out.rule_byte & kRuleCaps) != 0) {
        if (out.rule.limits != nullptr) {
            use_clock(&out);
        }
        return execute_counted(input, out);
    }
    return run_calls(input, out, out.body, nullptr);
}

}  // namespace latchkey::solana::program
