// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/short_way.hpp"

/// The short way of the state: `execute` under a rule of the state, approved by one transaction
/// signature, or, with a lane's nonce, by one P-256 signature or by several passkeys. It makes the
/// same checks as authorize() in the same order and gives up (kGeneralWay) on anything else, before
/// anything is written. That both ways answer alike is a property test.
namespace latchkey::solana::program {

struct ShortState {
    FoundRule found;
    /// Unix seconds; read where the rule or the nonce asks for the time.
    uint64_t now;
    const uint8_t* body;
};

namespace detail {

/// The rule that the byte at `p` names, if it may execute; neither deadline nor caps.
LATCHKEY_INLINE bool open_state_rule(const Input& input, const uint8_t* p, FoundRule* found) {
    uint8_t* const account = input.accounts[0];
    uint8_t* const state = data_of(account);
    const uint64_t index = *p;
    return p < input.end && index <= kRuleIndexMask && is_ours(input, account) &&
           data_length_of(account) != 0 && *state == kAccountTypeState &&
           find_state_rule(state, state + kStateSharedOffset, index, found) == Verdict::kAccepted &&
           found->rule.quorum < core::kQuorumWait &&
           (found->rule.actions & core::kActionExecute) != 0;
}

/// The signer of an approval belongs to the rule.
LATCHKEY_INLINE bool has_signer(const FoundRule& found, uint64_t head) {
    const uint64_t index = head & kApprovalSignerMask;
    return index < found.signer_count && (found.rule.mask >> index & 1) != 0;
}

/// The precompile takes no more signatures.
inline constexpr uint64_t kMaximumP256Approvals = 8;

/// Reads at most eight passkeys' approvals, or one plain P-256 signature; returns how many, or 0.
/// *end is behind them. `heads` is where each of several begins; unused for one.
LATCHKEY_INLINE uint64_t list_p256_approvals(const Input& input, const uint8_t** heads,
                                             const uint8_t** end) {
    const uint8_t* p = input.data + 1;
    uint64_t count = 0;
    for (;;) {
        const uint8_t* const begin = p;
        const uint64_t head = *p++;
        const uint64_t form = head >> kApprovalFormShift;
        if (form == kFormHost) {
            p += 1 + uint64_t{*p};
        } else if (form == kFormRest) {
            p += 2 + core::load16(p);
        } else if (form != kFormSameRest &&
                   (form != kFormNone || count != 0 || (head & kApprovalLast) == 0)) {
            return 0;
        }
        if (p >= input.end) {
            return 0;
        }
        if ((head & kApprovalLast) != 0) {
            *end = p;
            if (count != 0) {
                heads[count] = begin;
            }
            return count + 1;
        }
        if (count == kMaximumP256Approvals - 1) {
            return 0;
        }
        heads[count] = begin;
        // The compiler would otherwise write the loop twice, once for the first approval.
        count = core::opaque(count + 1);
    }
}

/// The only approval: the precompile has one slot.
LATCHKEY_INLINE Verdict check_one_p256(const Input& input, LeafSource* source, const uint8_t* entry,
                                       uint64_t now) {
    Approval approval;
    approval.form = input.data[1] >> kApprovalFormShift;
    approval.evidence = input.data + 2;
    approval.signer = *entry;
    approval.key = entry + 1;
    return check_lone_p256(input, source, approval, now);
}

/// Two passkeys or more, each a signer of the rule, in ascending order, of enough parties.
LATCHKEY_COLD inline core::Truth are_passkeys(const FoundRule& found, const uint8_t* const* heads,
                                              uint64_t count) {
    uint64_t seen = 0;
    uint64_t parties = 0;
    const uint8_t* const* const end = heads + count;
    for (; heads != end; ++heads) {
        const uint64_t head = **heads;
        const uint64_t index = head & kApprovalSignerMask;
        if (!has_signer(found, head) || index < seen ||
            (*found.signers[index] & core::kSignerKindMask) != core::kSignerWebauthn) {
            return false;
        }
        parties += has_new_party(found.signers, &seen, index);
    }
    return parties >= core::threshold_of(found.rule.quorum);
}

/// Each passkey in the precompile's slot of its turn, over the leaf with a lane's nonce.
LATCHKEY_INLINE Verdict check_passkeys(const Input& input, const ShortState& state,
                                       LeafSource* source, const uint8_t* const* heads,
                                       uint64_t count) {
    if (const Verdict bad = open_lane_leaf(input, state.now, source); bad != Verdict::kAccepted) {
        return bad;
    }
    constexpr uint64_t kBlock = 33 + 64 + kWebauthnMessageSize;
    uint8_t* const data = scratch(kScratchSecp256r1);
    if (const Verdict bad = read_precompile_cold(
            0, kSecp256r1Program, kPrecompileHeader + count * (kPrecompileOffsets + kBlock), data);
        bad != Verdict::kAccepted) {
        return bad;
    }
    Signed message;
    message.has_client_data = false;
    if (const Verdict bad = open_slots(data, count, &message.secp256r1);
        bad != Verdict::kAccepted) {
        return bad;
    }
    hash_solana_leaf(input, *source, 4, message.node);
    write_digest(&message);
    for (uint64_t i = 0; i != count; ++i) {
        const uint8_t* const at = heads[i];
        const uint64_t head = *at;
        const uint8_t* const entry = state.found.signers[head & kApprovalSignerMask];
        Approval approval;
        approval.form = head >> kApprovalFormShift;
        approval.evidence = at + 1;
        approval.signer = *entry;
        approval.key = entry + 1;
        Slot slot;
        if (const Verdict bad = next_slot(&message.secp256r1, 33, kWebauthnMessageSize, &slot);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad = check_webauthn(approval, slot, &message);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return Verdict::kAccepted;
}

}  // namespace detail

/// Approved by the transaction signature of an account. Nothing is written, so the general way
/// finds the words for whatever is wrong.
LATCHKEY_INLINE Verdict authorize_state_ed25519(const Input& input, ShortState* state) {
    const uint64_t head = input.data[1];
    constexpr uint64_t kAccount = kApprovalLast | kFormAccount << kApprovalFormShift;
    const uint8_t* const p = input.data + 3;
    FoundRule& found = state->found;
    if ((head & ~kApprovalSignerMask) != kAccount || !detail::open_state_rule(input, p, &found)) {
        return kGeneralWay;
    }
    const uint64_t index = input.data[2];
    state->body = p + 1 + kBindingSize;
    if (!detail::has_signer(found, head)) {
        return kGeneralWay;
    }
    const uint8_t* const entry = found.signers[head & kApprovalSignerMask];
    if ((*entry & core::kSignerKindMask) != core::kSignerEd25519 ||
        (found.rule.quorum & core::kQuorumThresholdMask) != 0 || state->body > input.end ||
        !is_bound(p + 1, found.config_id, found.local_id) || index >= input.account_count) {
        return kGeneralWay;
    }
    const uint8_t* const account = input.accounts[index];
    if (!is_signer(account) || (is_writable(account) && (*entry & core::kSignerOption) == 0) ||
        !core::equal32(entry + 1, key_of(account)) || sol_get_stack_height() != 1) {
        return kGeneralWay;
    }
    if (found.rule.times == nullptr && found.rule.limits == nullptr) {
        return Verdict::kAccepted;
    }
    state->now = read_clock();
    return core::check_times(found.rule, state->now);
}

/// Approved by P-256 signatures with a lane's nonce, which is used up when all that does not need
/// the signatures has been checked.
LATCHKEY_INLINE Verdict authorize_state_p256(const Input& input, ShortState* state) {
    const uint8_t* heads[detail::kMaximumP256Approvals];
    const uint8_t* p = nullptr;
    FoundRule& found = state->found;
    if (input.account_count < 4) {
        return kGeneralWay;
    }
    const uint64_t count = detail::list_p256_approvals(input, heads, &p);
    if (count == 0 || !detail::open_state_rule(input, p, &found)) {
        return kGeneralWay;
    }
    state->body = p + 3;
    if (state->body > input.end) {
        return kGeneralWay;
    }
    const uint64_t head = input.data[1];
    const uint8_t* entry = nullptr;
    if (count == 1) {
        if (!detail::has_signer(found, head)) {
            return kGeneralWay;
        }
        entry = found.signers[head & kApprovalSignerMask];
        // An ed25519 signature over an off-chain message looks like a P-256 one.
        const uint64_t kind =
            head >> kApprovalFormShift == kFormNone ? core::kSignerP256 : core::kSignerWebauthn;
        if ((*entry & core::kSignerKindMask) != kind ||
            (found.rule.quorum & core::kQuorumThresholdMask) != 0) {
            return kGeneralWay;
        }
    } else if (!detail::are_passkeys(found, heads, count)) {
        return kGeneralWay;
    }
    state->now = read_clock();
    if (const Verdict bad = core::check_times(found.rule, state->now); bad != Verdict::kAccepted) {
        return bad;
    }
    LeafSource source;
    source.config_id = found.config_id;
    source.local_id = found.local_id;
    source.signed_begin = p;
    return count == 1 ? detail::check_one_p256(input, &source, entry, state->now)
                      : detail::check_passkeys(input, *state, &source, heads, count);
}

}  // namespace latchkey::solana::program
