// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/evidence.hpp"

/// What the short ways of genesis and state have in common.
namespace latchkey::solana::program {

/// No verdict: take the general way.
inline constexpr auto kGeneralWay = static_cast<Verdict>(~uint64_t{0});

namespace detail {

/// Where the message of a secp256r1 precompile with one slot begins.
inline constexpr uint64_t kLoneMessage = kPrecompileHeader + kPrecompileOffsets + 33 + 64;

/// Uses up the lane's nonce and completes `source`, of which configuration, local rule and begin
/// are known. `now`: unix seconds.
LATCHKEY_COLD inline Verdict open_lane_leaf(const Input& input, uint64_t now, LeafSource* source) {
    source->tag = kExecuteTag;
    source->nonce_kind = kNonceLane;
    source->wallet_id = key_of(input.accounts[0]);
    source->lane_key = key_of(input.accounts[2]);
    return open_lane_nonce(input, core::load16<1>(source->signed_begin), now, &source->deadline);
}

/// The only signature, with a lane's nonce: the next precompile has one slot, and it approves the
/// leaf.
LATCHKEY_COLD inline Verdict check_lone_p256(const Input& input, LeafSource* source,
                                             Approval& approval, uint64_t now) {
    if (const Verdict bad = open_lane_leaf(input, now, source); bad != Verdict::kAccepted) {
        return bad;
    }
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
    hash_solana_leaf(input, *source, 4, message.node);
    const Slot slot = {data + kPrecompileHeader + kPrecompileOffsets, data + kLoneMessage};
    if (!is_webauthn) {
        core::digest_of(message.node, message.digest);
        return check_p256(approval, slot, message);
    }
    write_digest(&message);
    return check_webauthn(approval, slot, &message);
}

}  // namespace detail

}  // namespace latchkey::solana::program
