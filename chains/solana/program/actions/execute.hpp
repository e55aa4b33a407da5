// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorize.hpp"
#include "chains/solana/program/calls.hpp"
#include "chains/solana/program/caps.hpp"
#include "chains/solana/program/short_genesis.hpp"
#include "chains/solana/program/short_state.hpp"

namespace latchkey::solana::program {

namespace detail {

/// Without caps. Where the rule has no limits, only authorities are watched.
LATCHKEY_NOINLINE inline Verdict execute_counted(const Input& input, const uint8_t* body,
                                                 uint64_t first_account, const FoundRule& found,
                                                 uint64_t now) {
    auto* const ledger = reinterpret_cast<Ledger*>(scratch(kScratchLedger));
    if (const Verdict bad = open_ledger(input, first_account, found.rule.limits, ledger);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const CallRules rules = {found.rule.scope, ledger};
    if (const Verdict bad = run_calls(input, body, first_account, &rules);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return close_ledger(*ledger, found, now);
}

/// Without caps. `now` matters under limits alone.
LATCHKEY_INLINE Verdict execute_calls(const Input& input, const uint8_t* body,
                                      uint64_t first_account, const FoundRule& found,
                                      uint64_t now) {
    if (found.rule.limits != nullptr) {
        return execute_counted(input, body, first_account, found, now);
    }
    const CallRules rules = {found.rule.scope, nullptr};
    return run_calls(input, body, first_account, found.rule.scope == nullptr ? nullptr : &rules);
}

/// With caps, under limits or not.
LATCHKEY_INLINE Verdict execute_capped(const Input& input, const Authorized& out) {
    const uint8_t* at = out.body;
    Caps caps;
    if (const Verdict bad = open_caps(input, &at, &caps); bad != Verdict::kAccepted) {
        return bad;
    }
    const Verdict bad = caps.no_new_authority
                            ? execute_counted(input, at, out.first_account, out.found, out.now)
                            : execute_calls(input, at, out.first_account, out.found, out.now);
    return bad == Verdict::kAccepted ? close_caps(input, &caps) : bad;
}

LATCHKEY_COLD inline Verdict execute_general(const Input& input, const Authorized& out) {
    return (out.rule_byte & kRuleCaps) != 0
               ? execute_capped(input, out)
               : execute_calls(input, out.body, out.first_account, out.found, out.now);
}

}  // namespace detail

/// The ways that are worth having short, or kGeneralWay.
LATCHKEY_INLINE Verdict execute_short(const Input& input) {
    const uint64_t head = input.data[0];
    constexpr uint64_t kLane = kNonceLane << kHeadNonceShift;
    if (head == (kExecute | kHeadGenesis)) {
        const uint8_t* body = nullptr;
        const Verdict verdict = authorize_sole_ed25519(input, &body);
        return verdict == Verdict::kAccepted ? run_calls(input, body, 2, nullptr) : verdict;
    }
    if (head == (kExecute | kHeadGenesis | kLane)) {
        const uint8_t* body = nullptr;
        const Verdict verdict = authorize_sole_p256(input, &body);
        return verdict == Verdict::kAccepted ? run_calls(input, body, 4, nullptr) : verdict;
    }
    ShortState state;
    if (head == kExecute) {
        const Verdict verdict = authorize_state_ed25519(input, &state);
        return verdict == Verdict::kAccepted
                   ? detail::execute_calls(input, state.body, 2, state.found, state.now)
                   : verdict;
    }
    if (head == (kExecute | kLane)) {
        const Verdict verdict = authorize_state_p256(input, &state);
        return verdict == Verdict::kAccepted
                   ? detail::execute_calls(input, state.body, 4, state.found, state.now)
                   : verdict;
    }
    return kGeneralWay;
}

}  // namespace latchkey::solana::program
