// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/calls.hpp"
#include "chains/solana/program/caps.hpp"
#include "chains/solana/program/sole.hpp"

namespace latchkey::solana::program {

inline constexpr ActionSpec kExecuteSpec = {.right = core::kActionExecute,
                                            .leaf_tag = kExecuteTag,
                                            .allows_genesis = true,
                                            .allows_caps = true,
                                            .is_repeatable = false};

namespace detail {

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
    if (const Verdict bad = run_calls<false>(input, at, out.first_account, out.rule.scope,
                                             counts ? &ledger : nullptr);
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

LATCHKEY_NOINLINE inline Verdict execute_general(const Input& input) {
    Authorized out;
    if (const Verdict bad = authorize(input, kExecuteSpec, nullptr, &out);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (out.rule.limits != nullptr) {
        use_clock(&out);
        return execute_counted(input, out);
    }
    if (out.rule.scope != nullptr || (out.rule_byte & kRuleCaps) != 0) {
        return execute_counted(input, out);
    }
    return run_calls<true>(input, out.body, out.first_account, nullptr, nullptr);
}

/// kNotSole when the general way has to be taken.
LATCHKEY_INLINE Verdict execute_sole(const Input& input) {
    const uint64_t head = input.data[0];
    const uint64_t first = input.data[1];
    const uint8_t* body = nullptr;
    uint64_t first_account = 2;
    Verdict verdict = kNotSole;
    if (head == (kExecute | kHeadGenesis)) {
        if (first == (kApprovalLast | kFormAccount << kApprovalFormShift)) {
            verdict = authorize_sole_ed25519(input, &body);
        }
    } else if (head == (kExecute | kHeadGenesis | kNonceLane << kHeadNonceShift)) {
        first_account = 4;
        if (first == (kApprovalLast | kFormHost << kApprovalFormShift) ||
            first == (kApprovalLast | kFormRest << kApprovalFormShift)) {
            verdict = authorize_sole_p256<true>(input, &body);
        } else if (first == kApprovalLast) {
            verdict = authorize_sole_p256<false>(input, &body);
        }
    }
    if (verdict != Verdict::kAccepted) {
        return verdict;
    }
    return run_calls<true>(input, body, first_account, nullptr, nullptr);
}

}  // namespace detail
}  // namespace latchkey::solana::program
