// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/evidence.hpp"
#include "chains/solana/program/key_checks.hpp"
#include "chains/solana/program/state_account.hpp"

/// From instruction data to "this rule approved this": the one way in for every action that a
/// wallet's signers approve (docs/spec/solana.md, sections 4 and 5).
namespace latchkey::solana::program {

namespace detail {

/// A genesis is current while the state is not initialised, or still says n = 0.
LATCHKEY_INLINE Verdict check_not_superseded(const Input& input, uint8_t* account) {
    if (!is_ours_cold(input, account) || data_length_of(account) == 0 || *data_of(account) == 0) {
        return Verdict::kAccepted;
    }
    const uint8_t* const state = data_of(account);
    if (state[0] != kAccountTypeState) {
        return state[0] == kAccountTypeFrozen ? Verdict::kStateNeeded : Verdict::kAccountType;
    }
    return core::require(core::load32<kStateSequenceOffset>(state) == 0,
                         Verdict::kGenesisSuperseded);
}

/// Reads the rules of a genesis up to the one with this index: bounded, because its bytes are known
/// by hash only.
LATCHKEY_NOINLINE inline core::Truth read_genesis_rules(const uint8_t* at, const uint8_t* end,
                                                        uint64_t signers, uint64_t index,
                                                        core::RuleView* rule) {
    do {
        if (at >= end ||
            !core::read_rule_within(at, static_cast<uint64_t>(end - at), signers, rule)) {
            return false;
        }
        at = rule->end;
    } while (index-- != 0);
    return true;
}

/// Reads the genesis at *at up to the rule byte behind it. Of approving signers it has no keys.
LATCHKEY_INLINE Verdict read_genesis(const Input& input, const uint8_t** at, uint64_t approving,
                                     Authorized* out) {
    if (const Verdict bad = check_not_superseded(input, input.accounts[0]);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* p = *at;
    const uint64_t header = *p++;
    const uint64_t signers = (*p & 0x0f) + 1U;
    const uint64_t rules = (*p++ >> 4) + 1U;
    if ((header & 0xf8) != core::kVersionNibble) {
        return reject(Verdict::kConfigurationVersion);
    }
    if (approving >> signers != 0) {
        return reject(Verdict::kSignerNotInRule);
    }
    for (uint64_t i = 0; i < signers; ++i) {
        out->found.signers[i] = p;
        const uint64_t kind = *p++ & core::kSignerKindMask;
        if ((approving >> i & 1) == 0 || !is_left_out(kind)) {
            p += core::signer_key_size(kind);
        }
        if (p >= input.end) {
            return reject(Verdict::kConfigurationTruncated);
        }
    }
    out->found.signer_count = signers;
    const uint8_t* const first_rule = p;
    core::RuleView* const rule = &out->found.rule;
    if (!read_genesis_rules(first_rule, input.end, signers, rules - 1, rule)) {
        return reject(Verdict::kConfigurationTruncated);
    }
    p = rule->end;
    p += (header & core::kHeaderRecovery) << 5;
    p += (header & core::kHeaderLongSalt) != 0 ? 16 : 1;
    if (p >= input.end) {
        return reject(Verdict::kConfigurationTruncated);
    }
    const uint64_t index = *p & kRuleIndexMask;
    if (index >= rules) {
        return reject(Verdict::kUnknownRule);
    }
    read_genesis_rules(first_rule, input.end, signers, index, rule);
    if (rule->limits != nullptr || rule->quorum >= core::kQuorumWait) {
        return reject(Verdict::kStateNeeded);
    }
    out->state = nullptr;
    out->found.config_id = out->wallet_id;
    out->found.local_id = nullptr;
    *at = p;
    return Verdict::kAccepted;
}
static_assert(core::kHeaderRecovery << 5 == 32, "the recovery hash is skipped by a shift");

/// The nonce, if it is not a lane's, and the deadline; uses up sequences. *at is behind the rule
/// byte.
LATCHKEY_INLINE Verdict use_nonce(const Input& input, const uint8_t** at, Work* work,
                                  Authorized* out) {
    const uint8_t* p = *at;
    if (work->leaf.nonce_kind == kNonceState) {
        const uint64_t key = p[0];
        if (out->state == nullptr) {
            return reject(Verdict::kStateNeeded);
        }
        if (key >= kStateNonceKeys) {
            return reject(Verdict::kNonCanonical);
        }
        // They are for approvals that wait long; a session must not be able to void those.
        if (out->found.local_id != nullptr) {
            return reject(Verdict::kActionNotAllowed);
        }
        uint8_t* const sequence = out->state + kStateNoncesOffset + key * 8;
        const uint64_t current = core::load64(sequence);
        if (core::load64<1>(p) != current || current == core::kNever) {
            return reject(Verdict::kStateNonce);
        }
        core::store64(sequence, current + 1);
        p += 9;
    } else if (out->state != nullptr) {
        if (p + kBindingSize > input.end) {
            return reject(Verdict::kDataTooShort);
        }
        if (!is_bound(p, out->found.config_id, out->found.local_id)) {
            return reject(Verdict::kConfigurationChanged);
        }
        p += kBindingSize;
    }
    if ((out->rule_byte & kRuleDeadline) != 0) {
        if ((out->spec.flags & kIsChange) != 0) {
            return reject(Verdict::kNonCanonical);
        }
        work->leaf.deadline = core::load64(p);
        p += 8;
        if (out->now > work->leaf.deadline) {
            return reject(Verdict::kDeadlinePassed);
        }
    }
    *at = p;
    return Verdict::kAccepted;
}

/// Reads the recovery part behind the rule byte at `p` and compares it with the state's commitment,
/// so that its rules can be found as if they were the shared part of a state.
LATCHKEY_INLINE Verdict open_recovery(const Input& input, const uint8_t* p, Authorized* out) {
    const uint8_t* const part = p + 3;
    const uint64_t length = core::load16<1>(p);
    if (part + length > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    if ((*p & kRuleLocal) != 0) {
        return reject(Verdict::kUnknownRule);
    }
    const uint8_t* const shared = out->state + kStateSharedOffset;
    const uint8_t* const commitment = commitment_of(out->state);
    uint8_t hash[32];
    const Slice whole = {part, length};
    core::keccak256_slices(&whole, 1, hash);
    if ((*shared & core::kHeaderRecovery) == 0 ||
        !core::same_bytes(hash, commitment + core::kRecoveryGuardSize,
                          core::kRecoverySize - core::kRecoveryGuardSize)) {
        return reject(Verdict::kRecoveryPart);
    }
    if (const Verdict bad = core::validate_recovery_part(part, length, kAnyKey, &out->after);
        bad != Verdict::kAccepted) {
        return bad;
    }
    out->after_end = part + length - core::kRecoverySaltSize;
    if (const Verdict bad = find_state_rule(out->state, part, *p & (kRuleLocal - 1), &out->found);
        bad != Verdict::kAccepted) {
        return bad;
    }
    out->found.config_id = commitment;
    return Verdict::kAccepted;
}

/// Finds the rule of the state, or of its recovery part, that the byte at `p` names.
LATCHKEY_INLINE Verdict open_rule(const Input& input, const uint8_t* p, Authorized* out) {
    uint8_t* const account = input.accounts[0];
    out->state = data_of(account);
    out->after = nullptr;
    if (!is_ours_cold(input, account) || data_length_of(account) == 0 || *out->state == 0) {
        return reject(Verdict::kStateMissing);
    }
    if (*out->state - kAccountTypeState > kAccountTypeFrozen - kAccountTypeState) {
        return reject(Verdict::kAccountType);
    }
    if (p >= input.end) {
        return reject(Verdict::kDataTooShort);
    }
    return (*p & kRuleRecovery) != 0 ? open_recovery(input, p, out)
                                     : find_state_rule(out->state, out->state + kStateSharedOffset,
                                                       *p & kRuleIndexMask, &out->found);
}

/// From the rule byte at `p` on: the rule has been read, what remains is whether it holds and
/// whether it was approved.
LATCHKEY_INLINE Verdict finish(const Input& input, const uint8_t* p, Work* work, Authorized* out) {
    work->leaf.signed_begin = p;
    work->leaf.config_id = out->found.config_id;
    work->leaf.local_id = out->found.local_id;
    out->rule_byte = *p++;
    if ((out->rule_byte & kRuleRecovery) != 0) {
        // Only the state knows the recovery part.
        if (out->after == nullptr) {
            return reject(Verdict::kReservedBits);
        }
        p = out->after_end + core::kRecoverySaltSize;
    }
    if ((out->rule_byte & kRuleCaps) != 0 && (out->spec.flags & kAllowsCaps) == 0) {
        return reject(Verdict::kReservedBits);
    }
    if ((out->found.rule.actions & out->spec.right) == 0) {
        return reject(Verdict::kActionNotAllowed);
    }
    if (const Verdict bad = core::check_times(out->found.rule, out->now);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (out->is_apply) {
        if ((out->rule_byte & kRuleDeadline) != 0) {
            return reject(Verdict::kReservedBits);
        }
    } else if (work->leaf.nonce_kind == kNonceLane) {
        if ((out->rule_byte & kRuleDeadline) != 0) {
            return reject(Verdict::kNonCanonical);
        }
        work->leaf.lane_key = key_of(input.accounts[2]);
        if (const Verdict bad =
                open_lane_nonce(input, core::load16(p), out->now, &work->leaf.deadline);
            bad != Verdict::kAccepted) {
            return bad;
        }
        p += 2;
    } else if (const Verdict bad = use_nonce(input, &p, work, out); bad != Verdict::kAccepted) {
        return bad;
    }
    out->body = p;
    if ((out->spec.flags & kIsChange) != 0) {
        p += kEpochSize;
    }
    if (p > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    return out->is_apply ? Verdict::kAccepted : check_approvals(input, work, out);
}

}  // namespace detail

/// Reads the common part of an action and proves that its rule approved it. Nonces are used up.
/// With is_apply, the action is one that waits: nobody approves it, and it has no nonce.
LATCHKEY_INLINE Verdict authorize(const Input& input, Authorized* out) {
    Work work;
    const uint8_t* p = input.data + 1;
    const uint64_t head = *input.data;
    work.leaf.nonce_kind = (head & kHeadNonceMask) >> kHeadNonceShift;
    work.leaf.lane_key = nullptr;
    work.leaf.deadline = core::kNever;
    work.tree = nullptr;
    out->after = nullptr;
    out->first_account = 2;
    if (work.leaf.nonce_kind != kNonceTransaction) {
        if (work.leaf.nonce_kind > kNonceState || (out->spec.flags & kIsRepeatable) != 0) {
            return reject(Verdict::kReservedBits);
        }
        if (work.leaf.nonce_kind == kNonceLane) {
            out->first_account = 4;
            if (input.account_count < 4) {
                return reject(Verdict::kAccountIndex);
            }
        }
    }
    out->wallet_id = key_of(input.accounts[0]);
    out->now = read_clock();
    work.leaf.tag = leaf_tag(out->action);
    work.leaf.wallet_id = out->wallet_id;
    if (out->is_apply) {
        if ((head & (kHeadGenesis | kHeadTree)) != 0) {
            return reject(Verdict::kReservedBits);
        }
        // The number of the action that waits.
        ++p;
    } else if (const Verdict bad = list_approvals(&p, input.end, &work.approvals);
               bad != Verdict::kAccepted) {
        return bad;
    }
    if ((head & kHeadTree) != 0) {
        work.tree = p;
        p += 2 + uint64_t{p[0]} * 32;
        if (p > input.end) {
            return reject(Verdict::kDataTooShort);
        }
    }
    if ((head & kHeadGenesis) != 0) {
        if ((out->spec.flags & kAllowsGenesis) == 0) {
            return reject(Verdict::kStateNeeded);
        }
        if (const Verdict bad = detail::read_genesis(input, &p, work.approvals.mask, out);
            bad != Verdict::kAccepted) {
            return bad;
        }
    } else {
        if (const Verdict bad = detail::open_rule(input, p, out); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (!out->is_apply) {
        if (const Verdict bad = match_signers(out->found.signers, out->found.signer_count,
                                              (head & kHeadGenesis) != 0, &work.approvals);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return detail::finish(input, p, &work, out);
}

}  // namespace latchkey::solana::program
