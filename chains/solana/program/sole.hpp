// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/evidence.hpp"

/// The short way for the commonest wallet of all: no state, one signer, one rule without
/// conditions, one approval. It makes the same checks as authorize() with every count known, and
/// gives up (kNotSole) on anything else, before anything is written. That both ways answer alike is
/// a property test.
namespace latchkey::solana::program {

/// No verdict: take the general way.
inline constexpr auto kNotSole = static_cast<Verdict>(~uint64_t{0});

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
        return kNotSole;
    }
    // One signer and one rule; threshold 1 and no conditions.
    const uint64_t header = core::load16(genesis);
    const uint64_t rule = core::load16<3>(genesis);
    if ((header & ~core::kHeaderRecovery) != core::kVersionNibble ||
        (genesis[2] & core::kSignerKindMask) != kind || rule > 0xff ||
        (rule & core::kActionExecute) == 0) {
        return kNotSole;
    }
    const uint8_t* const at = genesis + 6 + ((header & core::kHeaderRecovery) << 5);
    // Rule 0, neither deadline nor caps.
    if (at >= input.end || *at != 0) {
        return kNotSole;
    }
    sole->genesis = genesis;
    sole->signed_begin = at;
    return Verdict::kAccepted;
}

/// `slices` holds the genesis up to the key and `keys` pieces of key: adds the rest, and compares.
LATCHKEY_INLINE Verdict prove_sole(const Input& input, const Sole& sole, Slice* slices,
                                   uint64_t keys) {
    slices[0] = {sole.genesis, 3};
    slices[keys + 1] = {sole.genesis + 3,
                        static_cast<uint64_t>(sole.signed_begin - sole.genesis) - 3};
    slices[keys + 2] = {input.program_id(), 32};
    slices[keys + 3] = {kDerivedAddressMarker, sizeof kDerivedAddressMarker};
    uint8_t hash[32];
    core::sha256_slices(slices, keys + 4, hash);
    return core::equal32(hash, key_of(input.accounts[0])) ? Verdict::kAccepted
                                                          : Verdict::kStateAddress;
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
        return Verdict::kAccountIndex;
    }
    const uint8_t* const account = input.accounts[index];
    if (!is_signer(account)) {
        return Verdict::kTransactionSignature;
    }
    if (is_writable(account) && (sole.genesis[2] & core::kSignerOption) == 0) {
        return Verdict::kSignerPaysFees;
    }
    if (sol_get_stack_height() != 1) {
        return Verdict::kNotTopLevel;
    }
    *body = sole.signed_begin + 1;
    Slice slices[5];
    slices[1] = {key_of(account), 32};
    return detail::prove_sole(input, sole, slices, 1);
}

/// Approved by a P-256 signature with a lane nonce. `is_webauthn`: form host or rest.
template <bool kWebauthn>
LATCHKEY_INLINE Verdict authorize_sole_p256(const Input& input, const uint8_t** body) {
    if (input.account_count < 4) {
        return Verdict::kAccountIndex;
    }
    const uint64_t form = input.data[1] >> kApprovalFormShift;
    const uint8_t* const evidence = input.data + 2;
    const uint8_t* genesis = evidence;
    if (kWebauthn) {
        genesis += form == kFormHost ? 1 + uint64_t{evidence[0]} : 2 + core::load16(evidence);
        if (genesis >= input.end) {
            return kNotSole;
        }
    }
    Sole sole;
    const uint64_t kind = kWebauthn ? core::kSignerWebauthn : core::kSignerP256;
    if (const Verdict bad = detail::read_sole(input, kind, genesis, &sole);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* const signed_begin = sole.signed_begin;
    *body = signed_begin + 3;
    if (*body > input.end) {
        return Verdict::kDataTooShort;
    }
    const uint64_t now = read_clock();
    const uint64_t nonce = core::load16<1>(signed_begin);
    if (const Verdict bad = open_lane_nonce(input, nonce, now); bad != Verdict::kAccepted) {
        return bad;
    }
    const uint64_t deadline = core::lane_deadline(nonce, now);

    detail::Signed message;
    message.has_client_data = false;
    constexpr uint64_t kMessageSize = kWebauthn ? kWebauthnMessageSize : 32;
    uint8_t* const data = scratch(kScratchSecp256r1);
    if (const Verdict bad =
            read_precompile(0, kSecp256r1Program,
                            kPrecompileHeader + kPrecompileOffsets + 33 + 64 + kMessageSize, data);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = open_slots(data, 1, &message.secp256r1); bad != Verdict::kAccepted) {
        return bad;
    }
    const LeafSource source = {kExecuteTag,
                               kNonceLane,
                               deadline,
                               key_of(input.accounts[0]),
                               key_of(input.accounts[0]),
                               nullptr,
                               key_of(input.accounts[2]),
                               signed_begin};
    hash_solana_leaf(input, source, 4, message.node);
    core::digest_of(message.node, message.digest);

    Slice slices[6];
    slices[1].size = 33;
    slices[2].size = 32;
    Approval approval;
    approval.evidence = evidence;
    approval.form = form;
    approval.signer = sole.genesis[2];
    approval.key = nullptr;
    approval.hole = slices + 1;
    Verdict verdict;
    if constexpr (kWebauthn) {
        core::webauthn::write_nibble_challenge(message.digest, message.letters);
        verdict = detail::check_webauthn(approval, &message);
    } else {
        verdict = detail::check_p256(approval, &message);
    }
    if (verdict != Verdict::kAccepted) {
        return verdict;
    }
    return detail::prove_sole(input, sole, slices, kWebauthn ? 2 : 1);
}

}  // namespace latchkey::solana::program
