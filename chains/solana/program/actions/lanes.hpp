// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorization.hpp"
#include "chains/solana/program/state_account.hpp"

/// Opening, closing and handing over nonce lanes. They belong to fee payers, not to wallets.
namespace latchkey::solana::program {

namespace detail {

/// accounts[0] is a lane and accounts[1], its owner, signed.
LATCHKEY_COLD inline Verdict check_lane_owner(const Input& input, uint64_t action) {
    if (*input.data != action) {
        return Verdict::kReservedBits;
    }
    if (input.end - input.data != 1) {
        return Verdict::kTrailingBytes;
    }
    if (input.account_count < 3) {
        return Verdict::kAccountIndex;
    }
    uint8_t* const lane = input.accounts[0];
    if (!is_ours_cold(input, lane) || data_length_of(lane) == 0 ||
        *data_of(lane) != kAccountTypeLane) {
        return Verdict::kAccountType;
    }
    const uint8_t* const owner = input.accounts[1];
    if (!is_signer(owner) || !core::same32(data_of(lane) + core::kLaneOwnerOffset, key_of(owner))) {
        return Verdict::kLaneOwner;
    }
    return Verdict::kAccepted;
}

}  // namespace detail

LATCHKEY_COLD inline Verdict open_lane(const Input& input) {
    if (*input.data != kOpenLane) {
        return Verdict::kReservedBits;
    }
    if (input.end - input.data != 3) {
        return input.end - input.data < 3 ? Verdict::kDataTooShort : Verdict::kTrailingBytes;
    }
    if (input.account_count < 4) {
        return Verdict::kAccountIndex;
    }
    uint8_t* const lane = input.accounts[0];
    const uint8_t* const owner = input.accounts[1];
    if (is_ours_cold(input, lane)) {
        return Verdict::kStateExists;
    }
    if (!is_signer(owner)) {
        return Verdict::kLaneOwner;
    }
    // A derived address never signs from outside, and an account that does would need no
    // derivation.
    if (is_signer(lane)) {
        return Verdict::kAccountType;
    }
    // A wrong index or bump gives another address, and the runtime refuses to sign for this one.
    static constexpr uint8_t kLaneSeed[4] = {'l', 'a', 'n', 'e'};
    const SolSignerSeed seeds[3] = {{kLaneSeed, 4}, {key_of(owner), 32}, {input.data + 1, 2}};
    const SolSignerSeeds signer = {seeds, 3};
    adopt_account(input, lane, core::kLaneSize, &signer);
    uint8_t* const data = data_of(lane);
    data[0] = kAccountTypeLane;
    data[1] = kAccountLayout;
    data[2] = input.data[1];
    data[3] = input.data[2];
    core::store32<core::kLaneBaseOffset>(data, core::opening_base(read_clock()));
    core::put32(data + core::kLaneOperatorOffset, key_of(input.accounts[2]));
    core::put32(data + core::kLaneOwnerOffset, key_of(owner));
    return Verdict::kAccepted;
}

LATCHKEY_INLINE Verdict close_lane(const Input& input) {
    if (const Verdict bad = detail::check_lane_owner(input, kCloseLane);
        bad != Verdict::kAccepted) {
        return bad;
    }
    uint8_t* const lane = input.accounts[0];
    uint8_t* const destination = input.accounts[2];
    if (destination == lane) {
        return Verdict::kAccountType;
    }
    // The sum of all lamports fits 64 bits.
    core::store64<72>(destination, lamports_of(destination) + lamports_of(lane));
    core::store64<72>(lane, 0);
    core::store64<80>(lane, 0);
    core::put32(owner_of(lane), kSystemProgram);
    return Verdict::kAccepted;
}

LATCHKEY_INLINE Verdict set_lane_operator(const Input& input) {
    if (const Verdict bad = detail::check_lane_owner(input, kSetLaneOperator);
        bad != Verdict::kAccepted) {
        return bad;
    }
    core::put32(data_of(input.accounts[0]) + core::kLaneOperatorOffset, key_of(input.accounts[2]));
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
