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

/// What the approvals need to be checked: counts of at most 16 in one word, so that they add up in
/// a register.
using Needs = uint64_t;
/// Distinct parties.
inline constexpr Needs kNeedParty = 1;
inline constexpr Needs kNeedEd25519 = Needs{1} << 8;
/// Approvals whose evidence is an account.
inline constexpr Needs kNeedAccount = Needs{1} << 16;
/// secp256k1 signatures to recover.
inline constexpr Needs kNeedRecovery = Needs{1} << 24;
/// Slots in the secp256r1 precompile, and the bytes that they take there.
inline constexpr Needs kNeedSecp256r1 = Needs{1} << 32;
inline constexpr Needs kNeedSecp256r1Byte = Needs{1} << 40;
static_assert(core::kMaximumSigners * (kPrecompileOffsets + 33 + 64 + kWebauthnMessageSize) <=
              0xffff);

/// How many of `kUnit` are needed.
template <Needs kUnit>
LATCHKEY_INLINE uint64_t count_of(Needs needs) {
    return needs / kUnit & (kUnit == kNeedSecp256r1Byte ? 0xffff : 0xff);
}

template <Needs kUnit>
LATCHKEY_INLINE bool has_any(Needs needs) {
    return (needs & kUnit * 0xff) != 0;
}

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
LATCHKEY_COLD inline const uint8_t* skip_evidence(uint64_t form, const uint8_t* evidence) {
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
LATCHKEY_COLD inline Verdict list_approvals(const uint8_t** at, const uint8_t* end,
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

/// What an approval of this form needs, 0 when it is no evidence for this kind of signer.
LATCHKEY_COLD inline Needs need_of(uint64_t kind, uint64_t form) {
    constexpr Needs kSlot = kNeedSecp256r1 + kNeedSecp256r1Byte * (kPrecompileOffsets + 33 + 64);
    if (kind == core::kSignerWebauthn) {
        return form - kFormHost <= kFormSameRest - kFormHost
                   ? kSlot + kNeedSecp256r1Byte * kWebauthnMessageSize
                   : 0;
    }
    if (form == kFormNone) {
        return kind == core::kSignerP256      ? kSlot + kNeedSecp256r1Byte * 32
               : kind == core::kSignerEd25519 ? kNeedEd25519
                                              : 0;
    }
    if (form == kFormAccount) {
        return kind == core::kSignerEd25519 || kind == core::kSignerProgram ? kNeedAccount : 0;
    }
    const bool is_secp256k1 = (kind | 1) == core::kSignerSecp256k1Eip191;
    return form == kFormRecover && is_secp256k1 ? kNeedRecovery : 0;
}
static_assert((core::kSignerSecp256k1Eip712 | 1) == core::kSignerSecp256k1Eip191);

/// Whether evidence can stand in for the signer's key bytes in the genesis.
LATCHKEY_INLINE bool is_left_out(uint64_t kind) {
    return kind != core::kSignerProgram;
}

/// 1 if a party begins among the signers from *seen to `index`, the first one included: then the
/// approval of signer `index` is by another party than the approval before. *seen moves behind it.
LATCHKEY_INLINE uint64_t has_new_party(const uint8_t* const* signers, uint64_t* seen,
                                       uint64_t index) {
    uint64_t is_new = 0;
    for (uint64_t i = *seen; i <= index; ++i) {
        if ((*signers[i] & core::kSignerSameParty) == 0) {
            is_new = 1;
        }
    }
    *seen = index + 1;
    return is_new;
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
    uint64_t is_new_party = 1;
    Needs needs = 0;
    for (uint64_t i = 0; i < signers; ++i) {
        const uint64_t signer = *p++;
        const uint64_t kind = signer & core::kSignerKindMask;
        if ((signer & core::kSignerSameParty) == 0) {
            is_new_party = 1;
        }
        const uint64_t size = core::signer_key_size(kind);
        if (approval->index == i) {
            approval->signer = signer;
            approval->key = nullptr;
            const Needs need = need_of(kind, approval->form);
            if (need == 0) {
                return Verdict::kSignerNotUsable;
            }
            needs += need + is_new_party * kNeedParty;
            is_new_party = 0;
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

/// Finds the signers of the approvals among the `count` signers of a validated configuration.
LATCHKEY_COLD inline Verdict match_state_signers(const uint8_t* const* signers, uint64_t count,
                                                 ApprovalList* list) {
    Needs needs = 0;
    uint64_t seen = 0;
    Approval* approval = list->items;
    for (; approval->index != kNoSigner; ++approval) {
        const uint64_t index = approval->index;
        if (index >= count) {
            return Verdict::kSignerNotInRule;
        }
        approval->signer = *signers[index];
        approval->key = signers[index] + 1;
        const Needs need = need_of(approval->signer & core::kSignerKindMask, approval->form);
        if (need == 0) {
            return Verdict::kSignerNotUsable;
        }
        needs += need + has_new_party(signers, &seen, index) * kNeedParty;
    }
    list->needs = needs;
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
