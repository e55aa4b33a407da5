// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/evidence.hpp"
#include "chains/solana/program/key_checks.hpp"
#include "chains/solana/program/rule_table.hpp"
#include "chains/solana/program/state_account.hpp"

namespace latchkey::solana::program {

/// Writes the genesis configuration into the state account, so that rules with counters and
/// long-lived nonces can work. Anybody may do it: it changes neither configuration nor rights.
LATCHKEY_NOINLINE inline Verdict create_state(const Input& input) {
    if (*input.data != (kCreateState | kHeadGenesis)) {
        return reject(Verdict::kReservedBits);
    }
    if (input.account_count < 2) {
        return reject(Verdict::kAccountIndex);
    }
    uint8_t* const account = input.accounts[0];
    if (is_ours_cold(input, account)) {
        return reject(Verdict::kStateExists);
    }
    const uint8_t* const genesis = input.data + 1;
    const auto length = static_cast<uint64_t>(input.end - genesis);
    uint64_t shared_length = 0;
    // The keys are not asked to be on their curves: the address proves that the owner chose them.
    if (const Verdict bad = core::validate_genesis(genesis, length, kAnyKey, &shared_length);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const Slice parts[2] = {{genesis, length + 32},
                            {detail::kDerivedAddressMarker, sizeof detail::kDerivedAddressMarker}};
    uint8_t wallet_id[32];
    core::sha256_slices(parts, 2, wallet_id);
    if (!core::same32(wallet_id, key_of(account))) {
        return reject(Verdict::kStateAddress);
    }
    SolSignerSeed seeds[core::kMaximumGenesis / 32];
    uint64_t count = 0;
    for (uint64_t at = 0; at < length; at += 32) {
        seeds[count++] = {genesis + at, length - at < 32 ? length - at : 32};
    }
    const SolSignerSeeds signer = {seeds, count};
    // Only the size of the counters is of use here; a reader without the ids would be more bytes
    // of program.
    uint8_t* const counters = scratch(0);
    const uint8_t* const end = detail::list_rules(genesis, counters, detail::rule_tables());
    const uint64_t local_offset =
        kStateSharedOffset + shared_length + static_cast<uint64_t>(end - counters);
    adopt_account(input, account, local_offset, &signer);
    uint8_t* const state = data_of(account);
    state[0] = kAccountTypeState;
    state[1] = kAccountLayout;
    core::store16<kStateSharedLengthOffset>(state, shared_length);
    core::store16<kStateLocalOffsetOffset>(state, local_offset);
    core::put32(state + kStateConfigIdOffset, wallet_id);
    sol_memmove_(state + kStateSharedOffset, genesis, shared_length);
    // The salt is not part of the configuration, nor is the flag that tells its length.
    state[kStateSharedOffset] =
        static_cast<uint8_t>(state[kStateSharedOffset] & ~core::kHeaderLongSalt);
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
