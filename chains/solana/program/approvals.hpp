// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"

/// The list of approvals, where each approving signer stands in the configuration, and what its
/// evidence needs.
namespace latchkey::solana::program {

struct Approval {
    const uint8_t* evidence;
    uint64_t form;
    /// Index of the signer; kNoSigner behind the last approval.
    uint64_t index;
    /// The signer's first byte: kind and flags.
    uint64_t signer;
    /// The signer's key where the configuration holds it; null where the genesis left it out.
    const uint8_t* key;
    /// Where the key goes in the genesis hash when it was left out. A passkey has two: key,
    /// rpIdHash.
    Slice* hole;
};

inline constexpr uint64_t kNoSigner = 16;

/// What the approvals need to be checked, counted while the signers are walked.
struct Needs {
    /// Distinct parties.
    uint64_t parties;
    /// Slots in the secp256r1 precompile, and the bytes that they take there.
    uint64_t secp256r1;
    uint64_t secp256r1_bytes;
    uint64_t ed25519;
    uint64_t secp256k1;
    /// Approvals whose evidence is an account.
    uint64_t accounts;
    /// secp256k1 signatures to recover.
    uint64_t recoveries;
};

struct ApprovalList {
    uint64_t count;
    /// Bit i: signer i approves.
    uint64_t mask;
    Needs needs;
    Approval items[core::kMaximumSigners + 1];
};

/// The pieces whose sha256 is the wallet id: genesis bytes, keys from the evidence, program id,
/// marker.
struct GenesisSlices {
    Slice* next;
    const uint8_t* run;
    // Per approving signer the run before it and two pieces of key; the last run, program id,
    // marker.
    Slice items[core::kMaximumSigners * 3 + 3];

    /// Ends the run of bytes at `at`.
    LATCHKEY_INLINE void finish(const uint8_t* at) {
        *next++ = {run, static_cast<uint64_t>(at - run)};
    }
};

/// First byte after the evidence of this form at `evidence`; null for an unknown form.
LATCHKEY_INLINE const uint8_t* skip_evidence(uint64_t form, const uint8_t* evidence) {
    if (form == kFormAccount) {
        return evidence + 1;
    }
    if (form == kFormHost) {
        return evidence + 1 + *evidence;
    }
    if (form == kFormRest) {
        return evidence + 2 + core::load16(evidence);
    }
    if (form == kFormRecover) {
        return evidence + kRecoverableSize;
    }
    return form > kFormRecover ? nullptr : evidence;
}

/// Reads the approvals at *at. Whether each form fits its signer is seen when the signers are
/// walked.
LATCHKEY_NOINLINE inline Verdict list_approvals(const uint8_t** at, const uint8_t* end,
                                                ApprovalList* list) {
    const uint8_t* p = *at;
    Approval* item = list->items;
    uint64_t mask = 0;
    uint64_t count = 0;
    uint64_t head = 0;
    do {
        head = *p++;
        const uint64_t index = head & kApprovalSignerMask;
        // Strictly ascending: no bit at or above the index yet.
        if (mask >> index != 0) {
            return Verdict::kApprovalOrder;
        }
        mask |= uint64_t{1} << index;
        const uint64_t form = head >> kApprovalFormShift;
        item->evidence = p;
        item->form = form;
        item->index = index;
        p = skip_evidence(form, p);
        if (p == nullptr) {
            return Verdict::kReservedBits;
        }
        if (p >= end) {
            return Verdict::kDataTooShort;
        }
        ++item;
        ++count;
    } while ((head & kApprovalLast) == 0);
    item->index = kNoSigner;
    list->count = count;
    list->mask = mask;
    *at = p;
    return Verdict::kAccepted;
}

/// Whether this form is evidence for this kind of signer, and what it needs.
LATCHKEY_INLINE bool note_need(Needs* needs, uint64_t kind, uint64_t form) {
    if (kind == core::kSignerWebauthn) {
        ++needs->secp256r1;
        needs->secp256r1_bytes += kPrecompileOffsets + 33 + 64 + kWebauthnMessageSize;
        return form - kFormHost <= kFormSameRest - kFormHost;
    }
    if (form == kFormAccount) {
        ++needs->accounts;
        needs->secp256k1 +=
            kind == core::kSignerSecp256k1Eip712 || kind == core::kSignerSecp256k1Eip191;
        return kind - 1 < core::kSignerContract - 1 && kind != core::kSignerP256;
    }
    if (form == kFormNone) {
        if (kind == core::kSignerP256) {
            ++needs->secp256r1;
            needs->secp256r1_bytes += kPrecompileOffsets + 33 + 64 + 32;
            return true;
        }
        ++needs->ed25519;
        return kind == core::kSignerEd25519;
    }
    ++needs->recoveries;
    return form == kFormRecover &&
           (kind == core::kSignerSecp256k1Eip712 || kind == core::kSignerSecp256k1Eip191);
}

/// Whether evidence can stand in for the signer's key bytes in the genesis.
LATCHKEY_INLINE bool is_left_out(uint64_t kind) {
    return kind != core::kSignerProgram;
}

/// Walks the signers of the genesis at *at, whose approving signers' keys are left out, and starts
/// its pieces.
LATCHKEY_COLD inline Verdict walk_genesis_signers(const uint8_t** at, const uint8_t* end,
                                                  ApprovalList* list, GenesisSlices* slices) {
    const uint8_t* run = *at;
    const uint64_t signers = (run[1] & 0x0f) + 1U;
    // Header and counts.
    const uint8_t* p = run + 2;
    Approval* approval = list->items;
    Slice* to = slices->items;
    bool is_new_party = true;
    Needs needs = {};
    for (uint64_t i = 0; i < signers; ++i) {
        const uint64_t signer = *p++;
        const uint64_t kind = signer & core::kSignerKindMask;
        is_new_party |= (signer & core::kSignerSameParty) == 0;
        const uint64_t size = core::signer_key_size(kind);
        if (approval->index == i) {
            approval->signer = signer;
            approval->key = nullptr;
            if (!note_need(&needs, kind, approval->form)) {
                return Verdict::kSignerNotUsable;
            }
            needs.parties += is_new_party;
            is_new_party = false;
            if (is_left_out(kind)) {
                *to++ = {run, static_cast<uint64_t>(p - run)};
                run = p;
                approval->hole = to;
                to->size = size;
                if (kind == core::kSignerWebauthn) {
                    to->size = 33;
                    to[1].size = 32;
                    ++to;
                }
                ++to;
            } else {
                approval->key = p;
                p += size;
            }
            ++approval;
        } else {
            p += size;
        }
        if (p >= end) {
            return Verdict::kConfigurationTruncated;
        }
    }
    list->needs = needs;
    slices->next = to;
    slices->run = run;
    *at = p;
    return approval->index == kNoSigner ? Verdict::kAccepted : Verdict::kSignerNotInRule;
}

/// Walks `signers` signers of a validated configuration; *end is behind them.
LATCHKEY_NOINLINE inline Verdict walk_state_signers(const uint8_t* at, uint64_t signers,
                                                    ApprovalList* list, const uint8_t** end) {
    Approval* approval = list->items;
    uint64_t next = approval->index;
    uint64_t is_new_party = 1;
    Needs needs = {};
    for (uint64_t i = 0; i != signers; ++i) {
        const uint64_t signer = *at++;
        const uint64_t kind = signer & core::kSignerKindMask;
        if ((signer & core::kSignerSameParty) == 0) {
            is_new_party = 1;
        }
        if (next == i) {
            approval->signer = signer;
            approval->key = at;
            if (!note_need(&needs, kind, approval->form)) {
                return Verdict::kSignerNotUsable;
            }
            needs.parties += is_new_party;
            is_new_party = 0;
            ++approval;
            next = approval->index;
        }
        at += core::valid_signer_key_size(kind);
    }
    list->needs = needs;
    *end = at;
    return next == kNoSigner ? Verdict::kAccepted : Verdict::kSignerNotInRule;
}

}  // namespace latchkey::solana::program
