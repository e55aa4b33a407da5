// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorization.hpp"
#include "chains/solana/program/precompiles.hpp"
#include "core/webauthn/nibble_challenge.hpp"

/// Each approval against its evidence, the rule's mask and threshold, and, in genesis mode, the
/// wallet id against everything that was read.
namespace latchkey::solana::program {

namespace detail {

inline constexpr uint8_t kDerivedAddressMarker[] = {'P', 'r', 'o', 'g', 'r', 'a', 'm',
                                                    'D', 'e', 'r', 'i', 'v', 'e', 'd',
                                                    'A', 'd', 'd', 'r', 'e', 's', 's'};

/// s <= n / 2 for a 64-byte r ‖ s on secp256k1 (EIP-2).
LATCHKEY_INLINE core::Truth has_low_s(const uint8_t* signature) {
    static constexpr uint8_t kHalfOrder[32] = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                               0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d,
                                               0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};
    return core::compare_bytes(signature + 32, kHalfOrder, 32) <= 0;
}

/// What every approval needs of the message that was signed.
struct Signed {
    /// Leaf, or typed root of a tree.
    uint8_t node[32];
    uint8_t digest[32];
    /// The digest as 64 letters.
    uint8_t letters[64];
    /// Hash of the last clientDataJSON.
    uint8_t client_data_hash[32];
    bool has_client_data;
    SlotReader secp256r1;
    SlotReader ed25519;
};

/// From the node on: what wallets sign.
LATCHKEY_NOINLINE inline void write_digest(Signed* message) {
    core::digest_of(message->node, message->digest);
    core::webauthn::write_nibble_challenge(message->digest, message->letters);
}

/// Key bytes from the evidence: compared with the configuration, or put into the genesis hash.
LATCHKEY_COLD inline Verdict take_key(Approval& approval, const uint8_t* key, uint64_t size) {
    if (approval.key == nullptr) {
        approval.shown_key = key;
        return Verdict::kAccepted;
    }
    return core::same_bytes(approval.key, key, size) ? Verdict::kAccepted : Verdict::kKeyMismatch;
}

LATCHKEY_INLINE Verdict hash_client_data(Approval& approval, Signed* message) {
    if (approval.form == kFormSameRest) {
        if (!(message->has_client_data)) {
            return reject(Verdict::kClientData);
        }
        return Verdict::kAccepted;
    }
    message->has_client_data = true;
    Slice parts[5];
    parts[0] = {core::kClientDataPrefix, sizeof core::kClientDataPrefix};
    parts[1] = {message->letters, 64};
    if (approval.form == kFormHost) {
        parts[2] = {core::kClientDataOrigin, sizeof core::kClientDataOrigin};
        parts[3] = {approval.evidence + 1, *approval.evidence};
        parts[4] = {core::kClientDataEnd, sizeof core::kClientDataEnd};
        core::sha256_slices(parts, 5, message->client_data_hash);
        return Verdict::kAccepted;
    }
    const uint64_t length = core::load16(approval.evidence);
    if (length == 0 || approval.evidence[2] != '"') {
        return reject(Verdict::kClientData);
    }
    parts[2] = {approval.evidence + 2, length};
    core::sha256_slices(parts, 3, message->client_data_hash);
    return Verdict::kAccepted;
}

LATCHKEY_NOINLINE inline Verdict check_webauthn(Approval& approval, const Slot& slot,
                                                Signed* message) {
    const uint8_t* const key = slot.key;
    const uint8_t* const data = slot.message;
    // rpIdHash(32) flags(1) counter(4) sha256(clientDataJSON)(32)
    const uint64_t flags = data[32];
    if ((flags & 0x01) == 0) {
        return reject(Verdict::kUserPresence);
    }
    if ((approval.signer & core::kSignerOption) != 0 && (flags & 0x04) == 0) {
        return reject(Verdict::kUserVerification);
    }
    if ((flags & 0xc0) != 0) {
        return reject(Verdict::kAuthenticatorData);
    }
    if (approval.key == nullptr) {
        approval.shown_key = key;
        approval.shown_party = data;
    } else {
        if (!core::equal32(approval.key, key) || approval.key[32] != key[32]) {
            return reject(Verdict::kKeyMismatch);
        }
        if (!core::equal32(approval.key + 33, data)) {
            return reject(Verdict::kRelyingParty);
        }
    }
    if (const Verdict bad = hash_client_data(approval, message); bad != Verdict::kAccepted) {
        return bad;
    }
    if (!(core::equal32(message->client_data_hash, data + kAuthenticatorDataSize))) {
        return reject(Verdict::kClientData);
    }
    return Verdict::kAccepted;
}

LATCHKEY_NOINLINE inline Verdict check_p256(Approval& approval, const Slot& slot,
                                            const Signed& message) {
    if (!core::equal32(message.digest, slot.message)) {
        return reject(Verdict::kDigestMismatch);
    }
    return take_key(approval, slot.key, 33);
}

LATCHKEY_COLD inline Verdict check_ed25519_offchain(Approval& approval, Signed* message) {
    Slot slot;
    if (const Verdict bad = next_slot(&message->ed25519, 32, core::kOffchainMessageSize, &slot);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const uint8_t* const key = slot.key;
    const uint8_t* const data = slot.message;
    const uint8_t* const text = data + sizeof core::kOffchainPrefix + 32;
    if (!core::same_bytes(data, core::kOffchainPrefix, sizeof core::kOffchainPrefix) ||
        !core::same32(data + sizeof core::kOffchainPrefix, key) ||
        !core::same_bytes(text, core::kOffchainText, sizeof core::kOffchainText) ||
        !core::same_bytes(text + sizeof core::kOffchainText, message->letters, 64)) {
        return Verdict::kDigestMismatch;
    }
    return take_key(approval, key, 32);
}

LATCHKEY_COLD inline Verdict check_secp256k1(Approval& approval, const Signed& message) {
    const uint64_t kind = approval.signer & core::kSignerKindMask;
    const bool is_typed = kind == core::kSignerSecp256k1Eip712;
    // What precedes the 32 bytes that make the message.
    const uint8_t* const prefix = is_typed ? core::kDigestPrefix : core::kPersonalSignPrefix;
    const uint64_t prefix_size =
        is_typed ? sizeof core::kDigestPrefix : sizeof core::kPersonalSignPrefix;
    const uint8_t* const tail = is_typed ? message.node : message.digest;
    const uint8_t* const signature = approval.evidence;
    uint8_t* const work = scratch(kScratchAddresses + approval.index * 128);
    const Slice whole[2] = {{prefix, prefix_size}, {tail, 32}};
    core::keccak256_slices(whole, 2, work);
    if (signature[64] > 1 || !has_low_s(signature) ||
        sol_secp256k1_recover(work, signature[64], signature, work + 32) != 0) {
        return Verdict::kSignatureMalformed;
    }
    const Slice public_key[1] = {{work + 32, 64}};
    core::keccak256_slices(public_key, 1, work);
    return take_key(approval, work + 12, 20);
}

/// An approval whose evidence is an account.
LATCHKEY_COLD inline Verdict check_account(const Input& input, Approval& approval,
                                           bool* top_level) {
    const uint64_t kind = approval.signer & core::kSignerKindMask;
    const uint64_t index = *approval.evidence;
    if (index >= input.account_count) {
        return Verdict::kAccountIndex;
    }
    uint8_t* const account = input.accounts[index];
    if (!is_signer(account)) {
        return Verdict::kTransactionSignature;
    }
    if (kind == core::kSignerProgram) {
        return core::same32(approval.key + 32, key_of(account)) ? Verdict::kAccepted
                                                                : Verdict::kKeyMismatch;
    }
    *top_level = true;
    if (is_writable(account) && (approval.signer & core::kSignerOption) == 0) {
        return Verdict::kSignerPaysFees;
    }
    return take_key(approval, key_of(account), 32);
}

/// Reads the `back`-th instruction before this one, whose slots are `count`.
LATCHKEY_COLD inline Verdict open_ed25519(uint64_t back, uint64_t count, SlotReader* reader) {
    uint8_t* const data = scratch(kScratchEd25519);
    const uint64_t size =
        kPrecompileHeader + count * (kPrecompileOffsets + 32 + 64 + core::kOffchainMessageSize);
    if (const Verdict bad = read_precompile_cold(back, kEd25519Program, size, data);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return open_slots(data, count, reader);
}

LATCHKEY_INLINE Verdict open_precompiles(Needs needs, Signed* message) {
    uint64_t back = 0;
    if (const uint64_t count = count_of<kNeedSecp256r1>(needs); count != 0) {
        // The precompile itself takes at most eight signatures.
        if (count > 8) {
            return reject(Verdict::kPrecompileLayout);
        }
        uint8_t* const data = scratch(kScratchSecp256r1);
        if (const Verdict bad =
                read_precompile_cold(back++, kSecp256r1Program,
                                     kPrecompileHeader + count_of<kNeedSecp256r1Byte>(needs), data);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad = open_slots(data, count, &message->secp256r1);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (has_any<kNeedEd25519>(needs)) {
        return open_ed25519(back, count_of<kNeedEd25519>(needs), &message->ed25519);
    }
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict check_signature(Approval& approval, Signed* message) {
    const uint64_t kind = approval.signer & core::kSignerKindMask;
    if (core::is_p256_family(kind)) {
        Slot slot;
        const bool is_webauthn = kind == core::kSignerWebauthn;
        if (const Verdict bad =
                next_slot(&message->secp256r1, 33, is_webauthn ? kWebauthnMessageSize : 32, &slot);
            bad != Verdict::kAccepted) {
            return bad;
        }
        return is_webauthn ? check_webauthn(approval, slot, message)
                           : check_p256(approval, slot, *message);
    }
    // check_account has seen it.
    if (approval.form == kFormAccount) {
        return Verdict::kAccepted;
    }
    return kind == core::kSignerEd25519 ? check_ed25519_offchain(approval, message)
                                        : check_secp256k1(approval, *message);
}

LATCHKEY_INLINE Verdict check_signatures(const Input& input, Work& work, const Authorized& out) {
    if (work.leaf.nonce_kind == kNonceTransaction && (out.spec.flags & kIsRepeatable) == 0) {
        return Verdict::kNonceRequired;
    }
    Signed message;
    message.has_client_data = false;
    if (const Verdict bad = open_precompiles(work.approvals.needs, &message);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = hash_leaf(input, work, out, message.node); bad != Verdict::kAccepted) {
        return bad;
    }
    write_digest(&message);
    for (uint64_t i = 0; i < work.approvals.count; ++i) {
        if (const Verdict bad = check_signature(work.approvals.items[i], &message);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return Verdict::kAccepted;
}

/// The wallet id must be the hash of the genesis, with the keys that the evidence showed, of
/// program id and marker.
LATCHKEY_INLINE Verdict check_wallet_id(const Input& input, const Work& work,
                                        const uint8_t* const* signers) {
    // Per approving signer the run before its key and two pieces of key; then the last run.
    Slice slices[core::kMaximumSigners * 3 + 3];
    Slice* to = slices;
    // Header and counts stand before the signers.
    const uint8_t* run = signers[0] - 2;
    for (const Approval* approval = work.approvals.items; approval->index != kNoSigner;
         ++approval) {
        if (approval->key != nullptr) {
            continue;
        }
        const uint8_t* const at = signers[approval->index] + 1;
        *to++ = {run, static_cast<uint64_t>(at - run)};
        run = at;
        const uint64_t size = core::valid_signer_key_size(approval->signer & core::kSignerKindMask);
        *to++ = {approval->shown_key, size};
        if (size == 65) {
            to[-1].size = 33;
            *to++ = {approval->shown_party, 32};
        }
    }
    *to++ = {run, static_cast<uint64_t>(work.leaf.signed_begin - run)};
    *to++ = {input.program_id(), 32};
    *to++ = {kDerivedAddressMarker, sizeof kDerivedAddressMarker};
    uint8_t hash[32];
    core::sha256_slices(slices, static_cast<uint64_t>(to - slices), hash);
    return core::same32(hash, work.leaf.wallet_id) ? Verdict::kAccepted : Verdict::kStateAddress;
}

}  // namespace detail

/// Every approval is valid, by distinct parties, enough of them, of this rule.
LATCHKEY_INLINE Verdict check_approvals(const Input& input, Work* work, Authorized* authorized) {
    const Authorized& out = *authorized;
    ApprovalList& list = work->approvals;
    const Needs needs = list.needs;
    if ((list.mask & ~out.found.rule.mask) != 0) {
        return reject(Verdict::kSignerNotInRule);
    }
    authorized->parties = count_of<kNeedParty>(needs);
    if (authorized->parties < core::threshold_of(out.found.rule.quorum)) {
        return reject(Verdict::kThresholdNotMet);
    }
    bool top_level = has_any<kNeedRecovery>(needs);
    if (has_any<kNeedAccount>(needs)) {
        for (uint64_t i = 0; i < list.count; ++i) {
            if (list.items[i].form != kFormAccount) {
                continue;
            }
            if (const Verdict bad = detail::check_account(input, list.items[i], &top_level);
                bad != Verdict::kAccepted) {
                return bad;
            }
        }
    }
    // Nothing but precompiles proves the top level; a lane's operator signs there too.
    const bool has_precompile = (needs & (kNeedSecp256r1 + kNeedEd25519) * 0xff) != 0;
    if ((top_level || (work->leaf.nonce_kind == kNonceLane && !has_precompile)) &&
        sol_get_stack_height() != 1) {
        return reject(Verdict::kNotTopLevel);
    }
    if ((needs & (kNeedSecp256r1 + kNeedEd25519 + kNeedRecovery) * 0xff) != 0) {
        if (const Verdict bad = detail::check_signatures(input, *work, out);
            bad != Verdict::kAccepted) {
            return bad;
        }
    } else if (work->tree != nullptr) {
        // Nobody signed a digest, so a tree would say nothing.
        return reject(Verdict::kReservedBits);
    }
    if ((*input.data & kHeadGenesis) != 0) {
        return detail::check_wallet_id(input, *work, out.found.signers);
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
