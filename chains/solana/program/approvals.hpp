// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"

/// The list of approvals, and where each approving signer stands in the configuration.
namespace latchkey::solana::program {

struct Approval {
    const uint8_t* evidence;
    uint64_t form;
    /// Index of the signer; kNoSigner behind the last approval.
    uint64_t index;
    /// The signer's first byte: kind and flags.
    uint64_t signer;
    /// Number of parties up to and with the signer's.
    uint64_t party;
    /// The signer's key where the configuration holds it; null where the genesis left it out.
    const uint8_t* key;
    /// Where the key goes in the genesis hash when it was left out. A passkey has two: key,
    /// rpIdHash.
    Slice* hole;
};

inline constexpr uint64_t kNoSigner = 16;

struct ApprovalList {
    uint64_t count;
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

/// Reads the approvals at *at. Whether each form fits its signer is checked later.
LATCHKEY_INLINE Verdict list_approvals(const uint8_t** at, const Input& input, ApprovalList* list) {
    const uint8_t* p = *at;
    Approval* item = list->items;
    uint64_t expected = 0;
    uint64_t head = 0;
    uint64_t count = 0;
    do {
        head = *p++;
        const uint64_t index = head & kApprovalSignerMask;
        if (index < expected) {
            return Verdict::kApprovalOrder;
        }
        expected = index + 1;
        const uint64_t form = head >> kApprovalFormShift;
        item->evidence = p;
        item->form = form;
        item->index = index;
        p = skip_evidence(form, p);
        if (p == nullptr) {
            return Verdict::kReservedBits;
        }
        if (p >= input.end) {
            return Verdict::kDataTooShort;
        }
        ++item;
        ++count;
        // Ascending below 16, so there are never more than 16.
        if (expected == core::kMaximumSigners) {
            break;
        }
    } while ((head & kApprovalLast) == 0);
    if ((head & kApprovalLast) == 0) {
        return Verdict::kApprovalOrder;
    }
    item->index = kNoSigner;
    list->count = count;
    *at = p;
    return Verdict::kAccepted;
}

/// Whether evidence can stand in for the signer's key bytes in the genesis.
LATCHKEY_INLINE bool is_left_out(uint64_t kind) {
    return kind != core::kSignerProgram;
}

/// Walks the signers of a genesis whose approving signers' keys are left out, and starts its
/// pieces.
LATCHKEY_INLINE Verdict walk_genesis_signers(const uint8_t** at, const uint8_t* end,
                                             uint64_t signers, const uint8_t* genesis,
                                             ApprovalList* list, GenesisSlices* slices) {
    const uint8_t* p = *at;
    Approval* approval = list->items;
    Slice* to = slices->items;
    const uint8_t* run = genesis;
    uint64_t party = 0;
    for (uint64_t i = 0; i < signers; ++i) {
        const uint64_t signer = *p++;
        const uint64_t kind = signer & core::kSignerKindMask;
        if ((signer & core::kSignerSameParty) == 0) {
            ++party;
        }
        const uint64_t size = core::signer_key_size(kind);
        if (approval->index == i) {
            approval->signer = signer;
            approval->party = party;
            approval->key = nullptr;
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
    slices->next = to;
    slices->run = run;
    *at = p;
    return approval->index == kNoSigner ? Verdict::kAccepted : Verdict::kSignerNotInRule;
}

/// Walks the signers of a validated configuration; *end is behind them.
LATCHKEY_INLINE Verdict walk_state_signers(const uint8_t* at, uint64_t signers, ApprovalList* list,
                                           const uint8_t** end) {
    Approval* approval = list->items;
    uint64_t party = 0;
    for (uint64_t i = 0; i < signers; ++i) {
        const uint64_t signer = *at++;
        if ((signer & core::kSignerSameParty) == 0) {
            ++party;
        }
        if (approval->index == i) {
            approval->signer = signer;
            approval->party = party;
            approval->key = at;
            ++approval;
        }
        at += core::signer_key_size(signer & core::kSignerKindMask);
    }
    *end = at;
    return approval->index == kNoSigner ? Verdict::kAccepted : Verdict::kSignerNotInRule;
}

}  // namespace latchkey::solana::program
