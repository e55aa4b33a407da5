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

/// Does the action, whose rule, approvals and time have been checked. `shared`: what policy and
/// recover lead to.
LATCHKEY_COLD inline Verdict perform(const Input& input, uint64_t action, Authorized* out,
                                     const uint8_t* shared, uint64_t shared_length) {
    if ((kActionSpecs[action].flags & kCanFreeze) != 0 && is_frozen(input, out)) {
        return Verdict::kFrozen;
    }
    switch (action) {
        case kExecute:
            return execute_general(input, out);
        case kGrant:
            return grant(input, *out);
        case kRevoke:
            return revoke(*out);
        case kMessage:
            return message(*out);
        case kCancel:
            return cancel(input, out);
        case kFreeze:
            return freeze(input, out);
        case kUpgrade:
            return upgrade(input, *out);
        default:
            return replace_shared(input, *out, shared, shared_length);
    }
}

/// Whether what waits under the rule is this action, and may be done now; it waits no more.
LATCHKEY_COLD inline Verdict take_proposal(const Input& input, uint64_t action, uint8_t* record,
                                           const Authorized& out) {
    if (record == nullptr || record[kRecordActionOffset] != action) {
        return Verdict::kNothingWaits;
    }
    uint8_t digest[32];
    hash_waiting(input, out, action, digest);
    if (!core::same32(digest, record + kRecordDigestOffset)) {
        return Verdict::kOtherProposal;
    }
    const uint64_t earliest = core::load32<kRecordEarliestOffset>(record);
    if (out.now < earliest) {
        return Verdict::kTooEarly;
    }
    if (out.now > earliest + core::kProposalLife) {
        return Verdict::kProposalExpired;
    }
    if ((record[kRecordFlagsOffset] & kRecordGuarded) != 0 &&
        out.now < latest_time(out.state, kRuleRecovery, kRecordEarliestOffset) + core::kMargin) {
        return Verdict::kRecoveryUnderWay;
    }
    record[kRecordActionOffset] = 0;
    return Verdict::kAccepted;
}

}  // namespace detail

/// Actions 1 to 5 and 11 to 15. `apply` does what waits, if its time has come; anybody may.
LATCHKEY_COLD inline Verdict approved(const Input& input) {
    uint64_t action = *input.data & kHeadActionMask;
    const bool is_apply = action == kApply;
    if (is_apply) {
        action = input.data[1];
        if (action > kUpgrade || (kActionSpecs[action].flags & kCanWait) == 0) {
            return Verdict::kNothingWaits;
        }
    }
    const ActionSpec& spec = kActionSpecs[action];
    if (spec.right == 0) {
        return Verdict::kUnknownAction;
    }
    Authorized out;
    if (const Verdict bad = authorize(input, spec, is_apply, &out); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const uint64_t size = detail::body_size(action); size != 0) {
        const auto given = static_cast<uint64_t>(input.end - out.body);
        if (given != size) {
            return given < size ? Verdict::kDataTooShort : Verdict::kTrailingBytes;
        }
    }
    // A genesis has no records, and none of its actions can wait.
    uint8_t* record = nullptr;
    if (out.state != nullptr) {
        record = find_record(out.state, detail::record_name(out));
    }
    if (is_apply) {
        if (const Verdict bad = detail::take_proposal(input, action, record, out);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    const uint8_t* shared = nullptr;
    uint64_t shared_length = 0;
    if (action == kPolicy || action == kRecover) {
        if (!is_apply && !detail::is_epoch(record, out)) {
            return Verdict::kEpoch;
        }
        if (const Verdict bad = read_change(input, out, &shared, &shared_length);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (!is_apply && (spec.flags & kCanWait) != 0) {
        bool is_guarded = false;
        const uint64_t wait = waiting_time(out, action, &is_guarded);
        if (wait != 0) {
            return propose(input, &out, action, wait, is_guarded);
        }
        if (action == kRecover) {
            detail::bump_epoch(need_record(input, out.state, detail::record_name(out)));
        }
    }
    return detail::perform(input, action, &out, shared, shared_length);
}

}  // namespace latchkey::solana::program
