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
    /// Then what the evidence shows: the key, and of a passkey its rpIdHash.
    const uint8_t* shown_key;
    const uint8_t* shown_party;
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
LATCHKEY_INLINE Verdict list_approvals(const uint8_t** at, const uint8_t* end, ApprovalList* list) {
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
            return reject(Verdict::kApprovalOrder);
        }
        mask |= uint64_t{1} << index;
        const uint64_t form = head >> kApprovalFormShift;
        item->evidence = p;
        item->form = form;
        item->index = index;
        p = skip_evidence(form, p);
        if (p == nullptr) {
            return reject(Verdict::kReservedBits);
        }
        if (p >= end) {
            return reject(Verdict::kDataTooShort);
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
LATCHKEY_INLINE Needs need_of(uint64_t kind, uint64_t form) {
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

/// Finds the signers of the approvals among `count` signers, of which the rule has been read. A
/// genesis has no keys of those that approve.
LATCHKEY_INLINE Verdict match_signers(const uint8_t* const* signers, uint64_t count,
                                      bool is_genesis, ApprovalList* list) {
    Needs needs = 0;
    uint64_t seen = 0;
    Approval* approval = list->items;
    for (; approval->index != kNoSigner; ++approval) {
        const uint64_t index = approval->index;
        if (index >= count) {
            return reject(Verdict::kSignerNotInRule);
        }
        const uint64_t signer = *signers[index];
        const uint64_t kind = signer & core::kSignerKindMask;
        approval->signer = signer;
        approval->key = is_genesis && is_left_out(kind) ? nullptr : signers[index] + 1;
        const Needs need = need_of(kind, approval->form);
        if (need == 0) {
            return reject(Verdict::kSignerNotUsable);
        }
        needs += need + has_new_party(signers, &seen, index) * kNeedParty;
    }
    list->needs = needs;
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
