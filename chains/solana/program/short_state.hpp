// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/short_genesis.hpp"

/// The short way of the state: `execute` under a rule of the state, approved by one transaction
/// signature, or, with a lane's nonce, by one P-256 signature or by several passkeys. It makes the
/// same checks as authorize() and gives up (kGeneralWay) on anything else, before anything is
/// written. That both ways answer alike is a property test.
namespace latchkey::solana::program {

struct ShortState {
    FoundRule found;
    /// Unix seconds; read where the rule or the nonce asks for the time.
    uint64_t now;
    const uint8_t* body;
    uint64_t first_account;
};

namespace detail {

/// The rule that the byte at `p` names, if it may execute.
LATCHKEY_INLINE Verdict open_state_rule(const Input& input, const uint8_t* p, FoundRule* found) {
    uint8_t* const account = input.accounts[0];
    uint8_t* const state = data_of(account);
    const uint64_t index = *p;
    // The general way knows what is wrong with an account, and deadlines and caps.
    if (p >= input.end || index > kRuleIndexMask || !is_ours(input, account) ||
        data_length_of(account) == 0 || *state != kAccountTypeState) {
        return kGeneralWay;
    }
    if (const Verdict bad = find_state_rule(state, index, found); bad != Verdict::kAccepted) {
        return bad;
    }
    if ((found->rule.quorum & core::kQuorumWait) != 0) {
        return kGeneralWay;
    }
    if ((found->rule.actions & core::kActionExecute) == 0) {
        return reject(Verdict::kActionNotAllowed);
    }
    return Verdict::kAccepted;
}

/// The signer of an approval head, as its entry in the configuration.
LATCHKEY_INLINE Verdict find_signer(const FoundRule& found, uint64_t head, const uint8_t** entry) {
    const uint64_t index = head & kApprovalSignerMask;
    if (index >= found.signer_count || (found.rule.mask >> index & 1) == 0) {
        return reject(Verdict::kSignerNotInRule);
    }
    *entry = found.signers[index];
    return Verdict::kAccepted;
}

/// How many approvals there are, and where they end.
struct P256Approvals {
    uint64_t count;
    const uint8_t* end;
};

/// Any number of passkeys, or one plain P-256 signature.
LATCHKEY_INLINE Verdict list_p256_approvals(const Input& input, P256Approvals* approvals) {
    const uint8_t* p = input.data + 1;
    uint64_t count = 0;
    uint64_t head = 0;
    do {
        head = *p++;
        const uint64_t form = head >> kApprovalFormShift;
        if (form == kFormHost) {
            p += 1 + uint64_t{*p};
        } else if (form == kFormRest) {
            p += 2 + core::load16(p);
        } else if (form != kFormSameRest &&
                   (form != kFormNone || count != 0 || (head & kApprovalLast) == 0)) {
            return kGeneralWay;
        }
        if (p >= input.end) {
            return kGeneralWay;
        }
        ++count;
    } while ((head & kApprovalLast) == 0);
    approvals->count = count;
    approvals->end = p;
    return Verdict::kAccepted;
}

/// The only approval: the precompile has one slot.
LATCHKEY_INLINE Verdict check_one_p256(const Input& input, const LeafSource& source,
                                       const uint8_t* entry) {
    Approval approval;
    approval.form = input.data[1] >> kApprovalFormShift;
    approval.evidence = input.data + 2;
    approval.signer = *entry;
    approval.key = entry + 1;
    approval.hole = nullptr;
    return check_lone_p256(input, source, approval);
}

/// Two passkeys or more: each a signer of the rule, in ascending order, in the precompile's slot of
/// its turn, over the leaf; and by enough parties.
LATCHKEY_COLD inline Verdict check_passkeys(const Input& input, const FoundRule& found,
                                            const LeafSource& source, uint64_t count) {
    constexpr uint64_t kBlock = 33 + 64 + kWebauthnMessageSize;
    uint8_t* const data = scratch(kScratchSecp256r1);
    // The precompile itself takes at most eight signatures.
    if (count > 8) {
        return reject(Verdict::kPrecompileLayout);
    }
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
    hash_solana_leaf(input, source, 4, message.node);
    write_digest(&message);
    const uint8_t* at = input.data + 1;
    uint64_t seen = 0;
    uint64_t parties = 0;
    uint64_t head = 0;
    do {
        head = *at++;
        const uint8_t* entry = nullptr;
        if (const Verdict bad = find_signer(found, head, &entry); bad != Verdict::kAccepted) {
            return bad;
        }
        const uint64_t index = head & kApprovalSignerMask;
        if (index < seen) {
            return reject(Verdict::kApprovalOrder);
        }
        parties += has_new_party(found.signers, &seen, index);
        Approval approval;
        approval.form = head >> kApprovalFormShift;
        approval.evidence = at;
        approval.signer = *entry;
        approval.key = entry + 1;
        if ((approval.signer & core::kSignerKindMask) != core::kSignerWebauthn) {
            return reject(Verdict::kSignerNotUsable);
        }
        Slot slot;
        if (const Verdict bad = next_slot(&message.secp256r1, 33, kWebauthnMessageSize, &slot);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad = check_webauthn(approval, slot, &message);
            bad != Verdict::kAccepted) {
            return bad;
        }
        at = skip_evidence(approval.form, at);
    } while ((head & kApprovalLast) == 0);
    return parties < core::threshold_of(found.rule.quorum) ? reject(Verdict::kThresholdNotMet)
                                                           : Verdict::kAccepted;
}

}  // namespace detail

/// Approved by the transaction signature of an account.
LATCHKEY_INLINE Verdict authorize_state_ed25519(const Input& input, ShortState* state) {
    const uint64_t head = input.data[1];
    constexpr uint64_t kAccount = kApprovalLast | kFormAccount << kApprovalFormShift;
    if ((head & ~kApprovalSignerMask) != kAccount) {
        return kGeneralWay;
    }
    const uint8_t* const p = input.data + 3;
    FoundRule& found = state->found;
    if (const Verdict bad = detail::open_state_rule(input, p, &found); bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* entry = nullptr;
    if (const Verdict bad = detail::find_signer(found, head, &entry); bad != Verdict::kAccepted) {
        return bad;
    }
    const uint64_t signer = *entry;
    if ((signer & core::kSignerKindMask) != core::kSignerEd25519 ||
        (found.rule.quorum & core::kQuorumThresholdMask) != 0) {
        return kGeneralWay;
    }
    state->first_account = 2;
    state->body = p + 1 + kBindingSize;
    if (state->body > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    if (found.rule.times != nullptr || found.rule.limits != nullptr) {
        state->now = read_clock();
        if (const Verdict bad = core::check_times(found.rule, state->now);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (!is_bound(p + 1, found.config_id, found.local_id)) {
        return reject(Verdict::kConfigurationChanged);
    }
    const uint64_t index = input.data[2];
    if (index >= input.account_count) {
        return reject(Verdict::kAccountIndex);
    }
    const uint8_t* const account = input.accounts[index];
    if (!is_signer(account)) {
        return reject(Verdict::kTransactionSignature);
    }
    if (is_writable(account) && (signer & core::kSignerOption) == 0) {
        return reject(Verdict::kSignerPaysFees);
    }
    if (!core::equal32(entry + 1, key_of(account))) {
        return reject(Verdict::kKeyMismatch);
    }
    if (!(sol_get_stack_height() == 1)) {
        return reject(Verdict::kNotTopLevel);
    }
    return Verdict::kAccepted;
}

/// Approved by P-256 signatures with a lane's nonce.
LATCHKEY_INLINE Verdict authorize_state_p256(const Input& input, ShortState* state) {
    if (input.account_count < 4) {
        return reject(Verdict::kAccountIndex);
    }
    detail::P256Approvals approvals;
    if (const Verdict bad = detail::list_p256_approvals(input, &approvals);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* const p = approvals.end;
    FoundRule& found = state->found;
    if (const Verdict bad = detail::open_state_rule(input, p, &found); bad != Verdict::kAccepted) {
        return bad;
    }
    const uint64_t head = input.data[1];
    const uint8_t* entry = nullptr;
    if (approvals.count == 1) {
        if (const Verdict bad = detail::find_signer(found, head, &entry);
            bad != Verdict::kAccepted) {
            return bad;
        }
        // An ed25519 signature over an off-chain message looks like a P-256 one.
        const uint64_t kind =
            head >> kApprovalFormShift == kFormNone ? core::kSignerP256 : core::kSignerWebauthn;
        if ((*entry & core::kSignerKindMask) != kind ||
            (found.rule.quorum & core::kQuorumThresholdMask) != 0) {
            return kGeneralWay;
        }
    }
    state->first_account = 4;
    state->body = p + 3;
    if (state->body > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    state->now = read_clock();
    if (const Verdict bad = core::check_times(found.rule, state->now); bad != Verdict::kAccepted) {
        return bad;
    }
    uint64_t deadline = 0;
    if (const Verdict bad = open_lane_nonce(input, core::load16<1>(p), state->now, &deadline);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const LeafSource source = {kExecuteTag,
                               kNonceLane,
                               deadline,
                               key_of(input.accounts[0]),
                               found.config_id,
                               found.local_id,
                               key_of(input.accounts[2]),
                               p};
    return approvals.count == 1 ? detail::check_one_p256(input, source, entry)
                                : detail::check_passkeys(input, found, source, approvals.count);
}

}  // namespace latchkey::solana::program
