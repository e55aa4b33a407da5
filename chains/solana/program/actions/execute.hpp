// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/calls.hpp"
#include "chains/solana/program/caps.hpp"
#include "chains/solana/program/single.hpp"

namespace latchkey::solana::program {

inline constexpr ActionSpec kExecuteSpec = {.right = core::kActionExecute,
                                            .leaf_tag = kExecuteTag,
                                            .allows_genesis = true,
                                            .allows_caps = true,
                                            .is_repeatable = false};

namespace detail {

/// Without caps. With a null `budget.limits` only authorities are watched.
LATCHKEY_NOINLINE inline Verdict execute_counted(const Input& input, const uint8_t* body,
                                                 uint64_t first_account, const uint8_t* scope,
                                                 const Budget& budget) {
    Ledger ledger;
    if (const Verdict bad = open_ledger(input, first_account, budget.limits, &ledger);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = run_calls(input, body, {first_account, scope, &ledger});
        bad != Verdict::kAccepted) {
        return bad;
    }
    return close_ledger(ledger, budget);
}

/// With caps, under limits or not.
LATCHKEY_COLD inline Verdict execute_capped(const Input& input, const Authorized& out,
                                            const Budget& budget) {
    const uint8_t* at = out.body;
    Caps caps;
    if (const Verdict bad = open_caps(input, &at, &caps); bad != Verdict::kAccepted) {
        return bad;
    }
    const Verdict bad = budget.limits != nullptr || caps.no_new_authority
                            ? execute_counted(input, at, out.first_account, out.rule.scope, budget)
                            : run_calls(input, at, {out.first_account, out.rule.scope, nullptr});
    return bad == Verdict::kAccepted ? close_caps(input, caps) : bad;
}

LATCHKEY_NOINLINE inline Verdict execute_general(const Input& input) {
    Authorized out;
    if (const Verdict bad = authorize(input, kExecuteSpec, nullptr, &out);
        bad != Verdict::kAccepted) {
        return bad;
    }
    Budget budget = {out.rule.limits, out.counters, core::window_start(out.rule), 0};
    if (budget.limits != nullptr) {
        use_clock(&out);
        budget.now = out.now;
    }
    if ((out.rule_byte & kRuleCaps) != 0) {
        return execute_capped(input, out, budget);
    }
    if (budget.limits != nullptr) {
        return execute_counted(input, out.body, out.first_account, out.rule.scope, budget);
    }
    if (out.rule.scope != nullptr) {
        return run_calls(input, out.body, {out.first_account, out.rule.scope, nullptr});
    }
    return run_plain_calls(input, out.body, out.first_account);
}

LATCHKEY_INLINE Verdict execute_single(const Input& input, const Single& single) {
    if (single.rule.limits != nullptr) {
        const Budget budget = {single.rule.limits, single.counters, core::window_start(single.rule),
                               single.now};
        return execute_counted(input, single.body, single.first_account, single.rule.scope, budget);
    }
    if (single.rule.scope != nullptr) {
        return run_calls(input, single.body, {single.first_account, single.rule.scope, nullptr});
    }
    return run_plain_calls(input, single.body, single.first_account);
}

}  // namespace detail

/// The ways that are worth having short, or kNotSingle when the general way has to be taken.
LATCHKEY_INLINE Verdict execute_short(const Input& input) {
    const uint64_t head = input.data[0];
    // The signer's index aside.
    const uint64_t first = input.data[1] & ~kApprovalSignerMask;
    constexpr uint64_t kLane = kNonceLane << kHeadNonceShift;
    constexpr uint64_t kAccount = kApprovalLast | kFormAccount << kApprovalFormShift;
    constexpr uint64_t kHost = kApprovalLast | kFormHost << kApprovalFormShift;
    constexpr uint64_t kRest = kApprovalLast | kFormRest << kApprovalFormShift;
    if (head == (kExecute | kHeadGenesis) && input.data[1] == kAccount) {
        const uint8_t* body = nullptr;
        const Verdict verdict = authorize_sole_ed25519(input, &body);
        return verdict == Verdict::kAccepted ? run_plain_calls(input, body, 2) : verdict;
    }
    const bool is_p256 = first == kHost || first == kRest || first == kApprovalLast;
    if (head == (kExecute | kHeadGenesis | kLane) && is_p256 && first == input.data[1]) {
        const uint8_t* body = nullptr;
        const Verdict verdict = authorize_sole_p256(input, &body);
        return verdict == Verdict::kAccepted ? run_plain_calls(input, body, 4) : verdict;
    }
    Single single;
    Verdict verdict = kNotSingle;
    if (head == kExecute && first == kAccount) {
        verdict = authorize_single_ed25519(input, &single);
    } else if (head == (kExecute | kLane) && is_p256) {
        verdict = authorize_single_p256(input, &single);
    }
    return verdict == Verdict::kAccepted ? detail::execute_single(input, single) : verdict;
}

}  // namespace latchkey::solana::program
