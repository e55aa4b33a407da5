// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/records.hpp"

/// Proposing, cancelling and freezing (docs/spec/authorization.md, section 8).
namespace latchkey::solana::program {

namespace detail {

/// The digest of an action that waits: the same for whoever approved it, and for apply.
LATCHKEY_COLD inline void hash_waiting(const Input& input, const Authorized& out, uint8_t* digest) {
    LeafSource source;
    source.tag = kWaitingTag;
    // The accounts that calls mean by their places begin behind a lane and its operator.
    source.nonce_kind = out.action | (out.rule_byte & kRuleCaps) | (out.first_account & 4) << 6;
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

/// Whether the approval of policy, recover or freeze names the rule's epoch.
LATCHKEY_INLINE bool is_epoch(const Authorized& out) {
    const uint64_t epoch = out.record == nullptr ? 0 : core::load32<kRecordEpochOffset>(out.record);
    return core::load32(out.body) == epoch;
}

/// Gives the rule a record, if it has none, and uses up its epoch.
LATCHKEY_NOINLINE inline uint8_t* bump_epoch(const Input& input, uint8_t* state, uint64_t rule) {
    uint8_t* const record = need_record(input, state, rule);
    core::store32<kRecordEpochOffset>(record, core::load32<kRecordEpochOffset>(record) + 1);
    return record;
}

/// Until when what waits under this record can be applied.
LATCHKEY_INLINE uint64_t life_end(const uint8_t* record) {
    return core::load32<kRecordEarliestOffset>(record) + core::kProposalLife;
}

}  // namespace detail

/// Keeps the approved action until it may be applied. kGeneralWay: it need not wait.
LATCHKEY_INLINE Verdict propose(const Input& input, const Authorized& out) {
    const uint64_t wait_field = core::wait_of(out.found.rule);
    uint64_t wait = wait_field & core::kWaitDelayMask;
    uint64_t flags = wait_field >> core::kWaitTieShift;
    if (out.action == kPolicy && out.parties < 2 &&
        (out.state[kStateSharedOffset] & core::kHeaderRecovery) != 0) {
        const uint64_t guard = core::load16_big_endian(commitment_of(out.state)) * core::kHour;
        if (guard != 0) {
            flags |= kRecordGuarded;
        }
        if (guard > wait) {
            wait = guard;
        }
    }
    if (wait == 0) {
        return kGeneralWay;
    }
    uint8_t* record = out.record;
    if (record != nullptr && record[kRecordActionOffset] != 0 &&
        out.now <= detail::life_end(record)) {
        return Verdict::kAlreadyWaits;
    }
    record = detail::bump_epoch(input, out.state, detail::record_name(out));
    record[kRecordActionOffset] = static_cast<uint8_t>(out.action);
    record[kRecordFlagsOffset] = static_cast<uint8_t>(flags);
    core::store32<kRecordEarliestOffset>(record, out.now + wait);
    detail::hash_waiting(input, out, record + kRecordDigestOffset);
    return Verdict::kAccepted;
}

/// Whether what waits under the rule is this action, and may be done now; it waits no more.
LATCHKEY_INLINE Verdict take_proposal(const Input& input, const Authorized& out) {
    uint8_t* const record = out.record;
    if (record == nullptr || record[kRecordActionOffset] != out.action) {
        return Verdict::kNothingWaits;
    }
    uint8_t digest[32];
    detail::hash_waiting(input, out, digest);
    if (!core::same32(digest, record + kRecordDigestOffset)) {
        return Verdict::kOtherProposal;
    }
    if (out.now < core::load32<kRecordEarliestOffset>(record)) {
        return Verdict::kTooEarly;
    }
    if (out.now > detail::life_end(record)) {
        return Verdict::kProposalExpired;
    }
    if ((record[kRecordFlagsOffset] & kRecordGuarded) != 0 &&
        out.now < latest_time(out.state, kRuleRecovery, kRecordEarliestOffset) + core::kMargin) {
        return Verdict::kRecoveryUnderWay;
    }
    record[kRecordActionOffset] = 0;
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict cancel(const Input& input, const Authorized& out) {
    const uint8_t* const body = out.body;
    const uint64_t target = body[kEpochSize];
    const bool is_own = target == detail::record_name(out);
    if (out.after != nullptr && !is_own) {
        return Verdict::kCancelNotAllowed;
    }
    uint8_t* const state = out.state;
    if ((target & ~(kRuleRecovery | 0x0f)) != 0 ||
        (target <= 0x0f && target > uint64_t{state[kStateSharedOffset + 1]} >> 4)) {
        return Verdict::kUnknownRule;
    }
    const bool is_strong = is_own || out.parties > 1;
    uint8_t* record = find_record(state, target);
    const bool waits = record != nullptr && record[kRecordActionOffset] != 0;
    if (!waits) {
        // So that it never will.
        if (!is_strong) {
            return Verdict::kNothingWaits;
        }
        record = detail::bump_epoch(input, state, target);
    }
    if (core::load32<kRecordEpochOffset>(record) != core::load32(body) + 1) {
        return Verdict::kEpoch;
    }
    record[kRecordActionOffset] = 0;
    if (is_strong || (record[kRecordFlagsOffset] & kRecordTie) == 0) {
        core::store32<kRecordEarliestOffset>(record, 0);
        return Verdict::kAccepted;
    }
    uint64_t cancels = record[kRecordCancelsOffset];
    if (cancels == 0 ||
        out.now > core::load32<kRecordCancelsSinceOffset>(record) + core::kCancelWindow) {
        cancels = 0;
        core::store32<kRecordCancelsSinceOffset>(record, out.now);
    }
    if (cancels == core::kCancelBudget) {
        return Verdict::kCancelBudget;
    }
    record[kRecordCancelsOffset] = static_cast<uint8_t>(cancels + 1);
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict freeze(const Input& input, const Authorized& out) {
    if (!detail::is_epoch(out)) {
        return Verdict::kEpoch;
    }
    uint8_t* const record = detail::bump_epoch(input, out.state, detail::record_name(out));
    const uint64_t lifts = out.body[kEpochSize];
    *out.state = static_cast<uint8_t>(kAccountTypeFrozen - lifts);
    if (lifts != 0) {
        return lifts != 1        ? Verdict::kNonCanonical
               : out.parties < 2 ? Verdict::kTwoParties
                                 : Verdict::kAccepted;
    }
    const uint64_t last = core::load32<kRecordFrozenAtOffset>(record);
    if (last != 0 && out.now < last + core::kFreezeInterval) {
        return Verdict::kFreezeBudget;
    }
    core::store32<kRecordFrozenAtOffset>(record, out.now);
    return Verdict::kAccepted;
}
static_assert(kAccountTypeFrozen - 1 == kAccountTypeState);

}  // namespace latchkey::solana::program
