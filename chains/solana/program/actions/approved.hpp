// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/actions/change.hpp"
#include "chains/solana/program/actions/execute.hpp"
#include "chains/solana/program/actions/grant.hpp"
#include "chains/solana/program/actions/message.hpp"
#include "chains/solana/program/actions/upgrade.hpp"
#include "chains/solana/program/actions/waiting.hpp"

/// What signers approve: done at once, or kept as a proposal and done by `apply`.
namespace latchkey::solana::program {

namespace detail {

/// Exact length of the body; 0 where it varies.
LATCHKEY_INLINE uint64_t body_size(uint64_t action) {
    if (action == kRevoke || action == kMessage) {
        return 32;
    }
    return action == kCancel || action == kFreeze ? kEpochSize + 1 : 0;
}

/// Does the action, whose rule, approvals and time have been checked.
LATCHKEY_NOINLINE inline Verdict perform(const Input& input, const Authorized& out) {
    if ((out.spec.flags & kStopsWhenFrozen) != 0 && is_frozen(input, out)) {
        return reject(Verdict::kFrozen);
    }
    switch (out.action) {
        case kExecute:
            return execute_general(input, out);
        case kGrant:
            return grant(input, out);
        case kRevoke:
            return revoke(out);
        case kMessage:
            return message(out);
        case kCancel:
            return cancel(input, out);
        case kFreeze:
            return freeze(input, out);
        case kUpgrade:
            return upgrade(input, out);
        case kRecover:
            if (!out.is_apply) {
                bump_epoch(input, out.state, record_name(out));
            }
            break;
        default:
            break;
    }
    return replace_shared(input, out);
}

}  // namespace detail

/// Actions 1 to 5 and 11 to 15. `apply` does what waits, if its time has come; anybody may.
LATCHKEY_COLD inline Verdict approved(const Input& input) {
    Authorized out;
    out.action = *input.data & kHeadActionMask;
    out.is_apply = out.action == kApply;
    if (out.is_apply) {
        out.action = input.data[1];
        if (out.action > kHeadActionMask) {
            return reject(Verdict::kUnknownAction);
        }
    }
    out.spec = kActionSpecs[out.action];
    if (out.spec.right == 0) {
        return reject(Verdict::kUnknownAction);
    }
    if (const Verdict bad = authorize(input, &out); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const uint64_t size = detail::body_size(out.action); size != 0) {
        const auto given = static_cast<uint64_t>(input.end - out.body);
        if (given != size) {
            return given < size ? reject(Verdict::kDataTooShort) : reject(Verdict::kTrailingBytes);
        }
    }
    // A genesis has no records, and none of its actions can wait.
    if (out.state != nullptr) {
        out.record = find_record(out.state, detail::record_name(out));
    }
    if (out.is_apply) {
        if (const Verdict bad = take_proposal(input, out); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (out.action == kPolicy || out.action == kRecover) {
        if (!out.is_apply && !detail::is_epoch(out)) {
            return reject(Verdict::kEpoch);
        }
        if (const Verdict bad = read_change(input, &out); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (!out.is_apply && (out.spec.flags & kCanWait) != 0) {
        if (const Verdict verdict = propose(input, out); verdict != kGeneralWay) {
            return verdict;
        }
    }
    return detail::perform(input, out);
}

}  // namespace latchkey::solana::program
