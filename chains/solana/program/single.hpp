// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/evidence.hpp"

/// The short ways: exactly one approval, of a kind that is common, and a rule that one party meets.
/// They make the same checks as authorize() with the counts known, and give up (kNotSingle) on
/// anything else, before anything is written. That both ways answer alike is a property test.
///
/// `sole` is the commonest wallet of all: no state, one signer, one rule without conditions.
/// `single` is one signer of a configuration in the state.
namespace latchkey::solana::program {

/// No verdict: take the general way.
inline constexpr auto kNotSingle = static_cast<Verdict>(~uint64_t{0});

/// What a sole genesis says.
struct Sole {
    const uint8_t* genesis;
    /// The rule byte.
    const uint8_t* signed_begin;
};

namespace detail {

/// Where the message of a secp256r1 precompile with one slot begins.
inline constexpr uint64_t kLoneMessage = kPrecompileHeader + kPrecompileOffsets + 33 + 64;

/// header, counts, signer kind; the key is left out; actions, quorum, [recoveryHash], salt.
LATCHKEY_INLINE Verdict read_sole(const Input& input, uint64_t kind, const uint8_t* genesis,
                                  Sole* sole) {
    const uint8_t* const account = input.accounts[0];
    if (core::load64(owner_of(account)) == core::load64(input.program_id())) {
        return kNotSingle;
    }
    // One signer and one rule; threshold 1 and no conditions.
    const uint64_t header = core::load16(genesis);
    const uint64_t rule = core::load16<3>(genesis);
    if ((header & ~core::kHeaderRecovery) != core::kVersionNibble ||
        (genesis[2] & core::kSignerKindMask) != kind || rule > 0xff ||
        (rule & core::kActionExecute) == 0) {
        return kNotSingle;
    }
    const uint8_t* const at = genesis + 6 + ((header & core::kHeaderRecovery) << 5);
    // Rule 0, neither deadline nor caps.
    if (at >= input.end || *at != 0) {
        return kNotSingle;
    }
    sole->genesis = genesis;
    sole->signed_begin = at;
    return Verdict::kAccepted;
}

/// `slices` holds the genesis up to the key and `kKeys` pieces of key: adds the rest, and compares.
template <uint64_t kKeys>
LATCHKEY_INLINE Verdict prove_sole(const Input& input, const Sole& sole, Slice* slices) {
    slices[0] = {sole.genesis, 3};
    slices[kKeys + 1] = {sole.genesis + 3,
                         static_cast<uint64_t>(sole.signed_begin - sole.genesis) - 3};
    slices[kKeys + 2] = {input.program_id(), 32};
    slices[kKeys + 3] = {kDerivedAddressMarker, sizeof kDerivedAddressMarker};
    uint8_t hash[32];
    core::sha256_slices(slices, kKeys + 4, hash);
    if (!(core::equal32(hash, key_of(input.accounts[0])))) {
        return Verdict::kStateAddress;
    }
    return Verdict::kAccepted;
}

/// The only signature: the next precompile has one slot, and it approves the leaf.
LATCHKEY_NOINLINE inline Verdict check_lone_p256(const Input& input, const LeafSource& source,
                                                 const Approval& approval) {
    const bool is_webauthn = (approval.signer & core::kSignerKindMask) == core::kSignerWebauthn;
    const uint64_t message_size = is_webauthn ? kWebauthnMessageSize : 32;
    uint8_t* const data = scratch(kScratchSecp256r1);
    if (const Verdict bad =
            read_precompile(0, kSecp256r1Program, kLoneMessage + message_size, data);
        bad != Verdict::kAccepted) {
        return bad;
    }
    // Count 1, padding, signature at 49, here, key at 16 | here, message at 113, its length, here.
    if (core::load64<0>(data) != 0x0010'ffff'0031'0001 ||
        core::load64<8>(data) != (0xffff'0000'0071'ffff | message_size << 32)) {
        return reject(Verdict::kPrecompileLayout);
    }
    Signed message;
    message.has_client_data = false;
    hash_solana_leaf(input, source, 4, message.node);
    core::digest_of(message.node, message.digest);
    const Slot slot = {data + kPrecompileHeader + kPrecompileOffsets, data + kLoneMessage};
    if (!is_webauthn) {
        return check_p256(approval, slot, message);
    }
    core::webauthn::write_nibble_challenge(message.digest, message.letters);
    return check_webauthn(approval, slot, &message);
}

}  // namespace detail

/// Approved by the transaction signature of account `index`. On success *body is behind the nonce.
LATCHKEY_INLINE Verdict authorize_sole_ed25519(const Input& input, const uint8_t** body) {
    const uint64_t index = input.data[2];
    Sole sole;
    if (const Verdict bad = detail::read_sole(input, core::kSignerEd25519, input.data + 3, &sole);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (index >= input.account_count) {
        return reject(Verdict::kAccountIndex);
    }
    const uint8_t* const account = input.accounts[index];
    if (!is_signer(account)) {
        return reject(Verdict::kTransactionSignature);
    }
    if (is_writable(account) && (sole.genesis[2] & core::kSignerOption) == 0) {
        return reject(Verdict::kSignerPaysFees);
    }
    if (sol_get_stack_height() != 1) {
        return reject(Verdict::kNotTopLevel);
    }
    *body = sole.signed_begin + 1;
    Slice slices[5];
    slices[1] = {key_of(account), 32};
    return detail::prove_sole<1>(input, sole, slices);
}

/// Approved by a P-256 signature with a lane nonce: form none is p256, host and rest are webauthn.
LATCHKEY_INLINE Verdict authorize_sole_p256(const Input& input, const uint8_t** body) {
    if (input.account_count < 4) {
        return reject(Verdict::kAccountIndex);
    }
    const uint64_t form = input.data[1] >> kApprovalFormShift;
    const uint8_t* const evidence = input.data + 2;
    const uint8_t* genesis = evidence;
    if (form != kFormNone) {
        genesis += form == kFormHost ? 1 + uint64_t{evidence[0]} : 2 + core::load16(evidence);
        if (genesis >= input.end) {
            return kNotSingle;
        }
    }
    Sole sole;
    const uint64_t kind = form == kFormNone ? core::kSignerP256 : core::kSignerWebauthn;
    if (const Verdict bad = detail::read_sole(input, kind, genesis, &sole);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* const signed_begin = sole.signed_begin;
    *body = signed_begin + 3;
    if (*body > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    const uint64_t now = read_clock();
    const uint64_t nonce = core::load16<1>(signed_begin);
    uint64_t deadline = 0;
    if (const Verdict bad = open_lane_nonce(input, nonce, now, &deadline);
        bad != Verdict::kAccepted) {
        return bad;
    }

    Slice slices[6];
    slices[1].size = 33;
    slices[2].size = 32;
    Approval approval;
    approval.evidence = evidence;
    approval.form = form;
    approval.signer = sole.genesis[2];
    approval.key = nullptr;
    approval.hole = slices + 1;
    const LeafSource source = {kExecuteTag,
                               kNonceLane,
                               deadline,
                               key_of(input.accounts[0]),
                               key_of(input.accounts[0]),
                               nullptr,
                               key_of(input.accounts[2]),
                               signed_begin};
    if (const Verdict bad = detail::check_lone_p256(input, source, approval);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return form == kFormNone ? detail::prove_sole<1>(input, sole, slices)
                             : detail::prove_sole<2>(input, sole, slices);
}

/// One signer's approval under a rule of the state.
struct Single {
    core::RuleView rule;
    const uint8_t* key;
    uint64_t signer;
    const uint8_t* config_id;
    /// Null for a shared rule.
    const uint8_t* local_id;
    uint8_t* counters;
    uint64_t now;
    const uint8_t* signed_begin;
    const uint8_t* body;
    uint64_t first_account;
};

namespace detail {

/// Finds the rule that the byte at `p` names, and the signer of the approval in it.
LATCHKEY_NOINLINE inline Verdict find_single(const Input& input, const uint8_t* p, uint64_t kind,
                                             Single* single) {
    uint8_t* const account = input.accounts[0];
    uint8_t* const state = data_of(account);
    const uint64_t index = *p;
    // The general way knows what is wrong with an account, and deadlines and caps.
    if (p >= input.end || index > kRuleIndexMask || !is_ours(input, account) ||
        data_length_of(account) == 0 || *state != kAccountTypeState) {
        return kNotSingle;
    }
    single->signed_begin = p;
    single->config_id = state + kStateConfigIdOffset;
    const uint8_t* at = nullptr;
    uint64_t rules_before = 0;
    if (index >= kRuleLocal) {
        uint8_t* const slot = find_slot(state, index - kRuleLocal);
        if (slot == nullptr) {
            return reject(Verdict::kUnknownRule);
        }
        single->local_id = slot + kSlotIdOffset;
        single->counters = slot + kSlotCountersOffset;
        at = single->counters + uint64_t{slot[kSlotLimitsOffset]} * core::kCounterSize;
    } else {
        at = state + kStateSharedOffset + 1;
        if (index > uint64_t{*at} >> 4) {
            return reject(Verdict::kUnknownRule);
        }
        single->local_id = nullptr;
        single->counters =
            state + kStateSharedOffset + core::load16<kStateSharedLengthOffset>(state);
        rules_before = index;
    }
    const uint64_t signers = (*at++ & 0x0f) + 1U;
    const uint64_t wanted = input.data[1] & kApprovalSignerMask;
    if (wanted >= signers) {
        return reject(Verdict::kSignerNotInRule);
    }
    uint64_t i = 0;
    do {
        const uint64_t signer = *at++;
        if (i == wanted) {
            single->key = at;
            single->signer = signer;
        }
        at += core::valid_signer_key_size(signer & core::kSignerKindMask);
        ++i;
    } while (i != signers);
    if ((single->signer & core::kSignerKindMask) != kind) {
        return kNotSingle;
    }
    while (rules_before-- != 0) {
        core::read_rule_cold(at, signers, &single->rule);
        at = single->rule.end;
        if (single->rule.limits != nullptr) {
            single->counters += *single->rule.limits * core::kCounterSize;
        }
    }
    core::read_rule(at, signers, &single->rule);
    const uint64_t quorum = single->rule.quorum;
    if ((quorum & (core::kQuorumWait | core::kQuorumThresholdMask)) != 0) {
        return kNotSingle;
    }
    if ((single->rule.mask >> wanted & 1) == 0) {
        return reject(Verdict::kSignerNotInRule);
    }
    return (single->rule.actions & core::kActionExecute) == 0 ? Verdict::kActionNotAllowed
                                                              : Verdict::kAccepted;
}

}  // namespace detail

/// Approved by the transaction signature of an account.
LATCHKEY_INLINE Verdict authorize_single_ed25519(const Input& input, Single* single) {
    const uint8_t* const p = input.data + 3;
    if (const Verdict bad = detail::find_single(input, p, core::kSignerEd25519, single);
        bad != Verdict::kAccepted) {
        return bad;
    }
    single->first_account = 2;
    single->body = p + 1 + kBindingSize;
    if (single->body > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    if (single->rule.times != nullptr || single->rule.limits != nullptr) {
        single->now = read_clock();
        if (const Verdict bad = core::check_times(single->rule, single->now);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (!is_bound(p + 1, single->config_id, single->local_id)) {
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
    if (is_writable(account) && (single->signer & core::kSignerOption) == 0) {
        return reject(Verdict::kSignerPaysFees);
    }
    if (!core::equal32(single->key, key_of(account))) {
        return reject(Verdict::kKeyMismatch);
    }
    if (!(sol_get_stack_height() == 1)) {
        return reject(Verdict::kNotTopLevel);
    }
    return Verdict::kAccepted;
}

/// Approved by a P-256 signature with a lane nonce.
LATCHKEY_INLINE Verdict authorize_single_p256(const Input& input, Single* single) {
    if (input.account_count < 4) {
        return reject(Verdict::kAccountIndex);
    }
    const uint64_t form = input.data[1] >> kApprovalFormShift;
    const uint8_t* const evidence = input.data + 2;
    const uint8_t* p = evidence;
    if (form != kFormNone) {
        p += form == kFormHost ? 1 + uint64_t{evidence[0]} : 2 + core::load16(evidence);
        if (p >= input.end) {
            return kNotSingle;
        }
    }
    const uint64_t kind = form == kFormNone ? core::kSignerP256 : core::kSignerWebauthn;
    if (const Verdict bad = detail::find_single(input, p, kind, single);
        bad != Verdict::kAccepted) {
        return bad;
    }
    single->first_account = 4;
    single->body = p + 3;
    if (single->body > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    single->now = read_clock();
    if (const Verdict bad = core::check_times(single->rule, single->now);
        bad != Verdict::kAccepted) {
        return bad;
    }
    uint64_t deadline = 0;
    if (const Verdict bad = open_lane_nonce(input, core::load16<1>(p), single->now, &deadline);
        bad != Verdict::kAccepted) {
        return bad;
    }
    Approval approval;
    approval.evidence = evidence;
    approval.form = form;
    approval.signer = single->signer;
    approval.key = single->key;
    approval.hole = nullptr;
    const LeafSource source = {kExecuteTag,
                               kNonceLane,
                               deadline,
                               key_of(input.accounts[0]),
                               single->config_id,
                               single->local_id,
                               key_of(input.accounts[2]),
                               p};
    return detail::check_lone_p256(input, source, approval);
}

}  // namespace latchkey::solana::program
