// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/short_way.hpp"

/// The short way of the commonest wallet of all: no state, one signer, one rule without conditions.
/// It makes the same checks as authorize() with the counts known, and gives up (kGeneralWay) on
/// anything else, before anything is written. That both ways answer alike is a property test.
namespace latchkey::solana::program {

/// The only approval is by signer 0, with a host or with the rest of clientDataJSON.
inline constexpr uint64_t kHostApproval = kApprovalLast | kFormHost << kApprovalFormShift;
inline constexpr uint64_t kRestApproval = kApprovalLast | kFormRest << kApprovalFormShift;

/// What a sole genesis says.
struct Sole {
    const uint8_t* genesis;
    /// The rule byte.
    const uint8_t* signed_begin;
};

namespace detail {

/// header, counts, signer kind; the key is left out; actions, quorum, [recoveryHash], salt.
LATCHKEY_INLINE Verdict read_sole(const Input& input, uint64_t kind, const uint8_t* genesis,
                                  Sole* sole) {
    const uint8_t* const account = input.accounts[0];
    if (core::load64(owner_of(account)) == core::load64(input.program_id())) {
        return kGeneralWay;
    }
    // One signer and one rule; threshold 1 and no conditions.
    const uint64_t header = core::load16(genesis);
    const uint64_t rule = core::load16<3>(genesis);
    if ((header & ~core::kHeaderRecovery) != core::kVersionNibble ||
        (genesis[2] & core::kSignerKindMask) != kind || rule > 0xff ||
        (rule & core::kActionExecute) == 0) {
        return kGeneralWay;
    }
    const uint8_t* const at = genesis + 6 + ((header & core::kHeaderRecovery) << 5);
    // Rule 0, neither deadline nor caps.
    if (at >= input.end || *at != 0) {
        return kGeneralWay;
    }
    sole->genesis = genesis;
    sole->signed_begin = at;
    return Verdict::kAccepted;
}

/// `slices` holds the genesis up to the key and `keys` pieces of key: adds the rest, and compares.
LATCHKEY_INLINE Verdict prove_sole(const Input& input, const Sole& sole, Slice* slices,
                                   uint64_t keys) {
    slices[0] = {sole.genesis, 3};
    Slice* rest = slices + keys + 1;
    // One pointer; the compiler would rather choose every address anew.
    asm("" : "+r"(rest));
    rest[0] = {sole.genesis + 3, static_cast<uint64_t>(sole.signed_begin - sole.genesis) - 3};
    rest[1] = {input.program_id(), 32};
    rest[2] = {kDerivedAddressMarker, sizeof kDerivedAddressMarker};
    uint8_t hash[32];
    core::sha256_slices(slices, keys + 4, hash);
    if (!(core::equal32(hash, key_of(input.accounts[0])))) {
        return reject(Verdict::kStateAddress);
    }
    return Verdict::kAccepted;
}

}  // namespace detail

/// Approved by the transaction signature of account `index`. On success *body is behind the nonce.
LATCHKEY_INLINE Verdict authorize_sole_ed25519(const Input& input, const uint8_t** body) {
    constexpr uint64_t kAccount = kApprovalLast | kFormAccount << kApprovalFormShift;
    if (input.data[1] != kAccount) {
        return kGeneralWay;
    }
    const uint64_t index = input.data[2];
    Sole sole;
    if (const Verdict bad = detail::read_sole(input, core::kSignerEd25519, input.data + 3, &sole);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (index >= input.account_count) {
        return kGeneralWay;
    }
    const uint8_t* const account = input.accounts[index];
    if (!is_signer(account) ||
        (is_writable(account) && (sole.genesis[2] & core::kSignerOption) == 0) ||
        sol_get_stack_height() != 1) {
        return kGeneralWay;
    }
    *body = sole.signed_begin + 1;
    Slice slices[5];
    slices[1] = {key_of(account), 32};
    return detail::prove_sole(input, sole, slices, 1);
}

/// Approved by a P-256 signature with a lane nonce: form none is p256, host and rest are webauthn.
LATCHKEY_INLINE Verdict authorize_sole_p256(const Input& input, const uint8_t** body) {
    // One approval, by signer 0.
    const uint64_t approval_head = input.data[1];
    if (approval_head != kApprovalLast && approval_head != kHostApproval &&
        approval_head != kRestApproval) {
        return kGeneralWay;
    }
    if (input.account_count < 4) {
        return kGeneralWay;
    }
    const uint64_t form = approval_head >> kApprovalFormShift;
    const uint8_t* const evidence = input.data + 2;
    const uint8_t* genesis = evidence;
    if (form != kFormNone) {
        genesis += form == kFormHost ? 1 + uint64_t{evidence[0]} : 2 + core::load16(evidence);
        if (genesis >= input.end) {
            return kGeneralWay;
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
        return kGeneralWay;
    }
    Approval approval;
    approval.evidence = evidence;
    approval.form = form;
    approval.signer = sole.genesis[2];
    approval.key = nullptr;
    LeafSource source;
    source.config_id = key_of(input.accounts[0]);
    source.local_id = nullptr;
    source.signed_begin = signed_begin;
    if (const Verdict bad = detail::check_lone_p256(input, &source, approval, read_clock());
        bad != Verdict::kAccepted) {
        return bad;
    }
    Slice slices[6];
    slices[1] = {approval.shown_key, 33};
    slices[2] = {approval.shown_party, 32};
    return detail::prove_sole(input, sole, slices, form == kFormNone ? 1 : 2);
}

}  // namespace latchkey::solana::program
