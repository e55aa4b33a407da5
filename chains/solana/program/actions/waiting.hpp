// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/records.hpp"

/// Proposing, cancelling and freezing (docs/spec/authorization.md, section 8).
namespace latchkey::solana::program {

namespace detail {

/// The digest of an action that waits: the same for whoever approved it, and for apply.
LATCHKEY_COLD inline void hash_waiting(const Input& input, const Authorized& out, uint64_t action,
                                       uint8_t* digest) {
    LeafSource source;
    source.tag = kWaitingTag;
    source.nonce_kind = action | (out.rule_byte & kRuleCaps);
    source.deadline = core::kNever;
    source.wallet_id = out.wallet_id;
    source.config_id = out.wallet_id;
    source.local_id = nullptr;
    source.lane_key = nullptr;
    source.signed_begin = out.body;
    hash_solana_leaf(input, source, out.first_account, digest);
}

/// How one names the rule among the records.
LATCHKEY_INLINE uint64_t record_name(const Authorized& out) {
    return out.rule_byte & (kRuleRecovery | kRuleIndexMask);
}

/// Uses up the epoch that the approval of policy, recover or freeze names. `record` may be null.
LATCHKEY_INLINE bool is_epoch(const uint8_t* record, const Authorized& out) {
    const uint64_t epoch = record == nullptr ? 0 : core::load32<kRecordEpochOffset>(record);
    return core::load32(out.body) == epoch;
}

LATCHKEY_INLINE void bump_epoch(uint8_t* record) {
    core::store32<kRecordEpochOffset>(record, core::load32<kRecordEpochOffset>(record) + 1);
}

}  // namespace detail

/// How long the action must wait, in seconds; the guard has its share in `policy` alone.
LATCHKEY_COLD inline uint64_t waiting_time(const Authorized& out, uint64_t action,
                                           bool* is_guarded) {
    uint64_t wait = core::wait_of(out.found.rule) & core::kWaitDelayMask;
    *is_guarded = false;
    if (action == kPolicy && out.parties < 2 &&
        (out.state[kStateSharedOffset] & core::kHeaderRecovery) != 0) {
        const uint64_t guard = core::load16_big_endian(commitment_of(out.state)) * 3600;
        *is_guarded = guard != 0;
        wait = guard > wait ? guard : wait;
    }
    return wait;
}

/// Keeps the approved action until it may be applied.
LATCHKEY_COLD inline Verdict propose(const Input& input, Authorized* out, uint64_t action,
                                     uint64_t wait, bool is_guarded) {
    uint8_t* const record = need_record(input, out->state, detail::record_name(*out));
    if (record[kRecordActionOffset] != 0 &&
        out->now <= core::load32<kRecordEarliestOffset>(record) + core::kProposalLife) {
        return Verdict::kAlreadyWaits;
    }
    record[kRecordActionOffset] = static_cast<uint8_t>(action);
    const uint64_t tie = core::wait_of(out->found.rule) >> core::kWaitTieShift;
    record[kRecordFlagsOffset] = static_cast<uint8_t>(tie | (is_guarded ? kRecordGuarded : 0));
    detail::bump_epoch(record);
    core::store32<kRecordEarliestOffset>(record, out->now + wait);
    detail::hash_waiting(input, *out, action, record + kRecordDigestOffset);
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict cancel(const Input& input, Authorized* out) {
    const uint8_t* const body = out->body;
    const uint64_t target = body[kEpochSize];
    const bool is_own = target == detail::record_name(*out);
    if (out->after != nullptr && !is_own) {
        return Verdict::kCancelNotAllowed;
    }
    uint8_t* const state = out->state;
    if ((target & ~(kRuleRecovery | 0x0f)) != 0 ||
        (target <= 0x0f && target > uint64_t{state[kStateSharedOffset + 1]} >> 4)) {
        return Verdict::kUnknownRule;
    }
    const bool is_strong = is_own || out->parties > 1;
    uint8_t* const record =
        is_strong ? need_record(input, state, target) : find_record(state, target);
    if (record == nullptr) {
        return Verdict::kNothingWaits;
    }
    const uint64_t epoch = core::load32(body);
    const uint64_t current = core::load32<kRecordEpochOffset>(record);
    if (record[kRecordActionOffset] == 0) {
        if (!is_strong) {
            return Verdict::kNothingWaits;
        }
        if (current != epoch) {
            return Verdict::kEpoch;
        }
        detail::bump_epoch(record);
    } else if (current != epoch + 1) {
        return Verdict::kEpoch;
    }
    record[kRecordActionOffset] = 0;
    if (is_strong || (record[kRecordFlagsOffset] & kRecordTie) == 0) {
        core::store32<kRecordEarliestOffset>(record, 0);
        return Verdict::kAccepted;
    }
    uint64_t cancels = record[kRecordCancelsOffset];
    if (cancels == 0 ||
        out->now > core::load32<kRecordCancelsSinceOffset>(record) + core::kCancelWindow) {
        cancels = 0;
        core::store32<kRecordCancelsSinceOffset>(record, out->now);
    }
    if (cancels == core::kCancelBudget) {
        return Verdict::kCancelBudget;
    }
    record[kRecordCancelsOffset] = static_cast<uint8_t>(cancels + 1);
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict freeze(const Input& input, Authorized* out) {
    uint8_t* const record = need_record(input, out->state, detail::record_name(*out));
    if (!detail::is_epoch(record, *out)) {
        return Verdict::kEpoch;
    }
    detail::bump_epoch(record);
    if (out->body[kEpochSize] != 0) {
        if (out->body[kEpochSize] != 1) {
            return Verdict::kNonCanonical;
        }
        *out->state = kAccountTypeState;
        return out->parties < 2 ? Verdict::kTwoParties : Verdict::kAccepted;
    }
    const uint64_t last = core::load32<kRecordFrozenAtOffset>(record);
    if (last != 0 && out->now < last + core::kFreezeInterval) {
        return Verdict::kFreezeBudget;
    }
    core::store32<kRecordFrozenAtOffset>(record, out->now);
    *out->state = kAccountTypeFrozen;
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
