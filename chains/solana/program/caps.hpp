// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/counting.hpp"
#include "chains/solana/program/evidence.hpp"

/// Signed caps: what the approval itself demands of the result, net over all calls.
namespace latchkey::solana::program {

/// The caps of one approval, and what the accounts held before the calls.
struct Caps {
    const uint8_t* items;
    uint64_t count;
    bool no_new_authority;
    uint64_t before[kMaximumCaps];
    /// Of a token account: its mint; zero otherwise.
    uint8_t mints[kMaximumCaps][32];
};

namespace detail {

/// Lamports of the vault, or the amount of a writable token account that it owns. An account that
/// does not exist yet holds 0. *mint is null unless it is a token account.
LATCHKEY_COLD inline Verdict value_of(const Input& input, uint64_t index, uint64_t* value,
                                      const uint8_t** mint) {
    if (index >= input.account_count) {
        return Verdict::kAccountIndex;
    }
    const uint8_t* const account = input.accounts[index];
    const uint8_t* const vault = input.accounts[1];
    *mint = nullptr;
    if (account == vault) {
        *value = lamports_of(account);
        return Verdict::kAccepted;
    }
    if (data_length_of(account) == 0) {
        *value = 0;
        return Verdict::kAccepted;
    }
    if (classify(account, key_of(vault)) != Holding::kTokenAccount) {
        return Verdict::kUncountable;
    }
    const uint8_t* const data = data_of(account);
    *value = core::load64<kTokenAmountOffset>(data);
    *mint = data;
    return Verdict::kAccepted;
}

}  // namespace detail

/// Caps read the vault, so it must be the vault even when no call uses its signature.
LATCHKEY_COLD inline bool is_vault(const Input& input) {
    static constexpr uint8_t kSeed[5] = {'v', 'a', 'u', 'l', 't'};
    const Slice parts[4] = {{kSeed, 5},
                            {key_of(input.accounts[0]), 32},
                            {input.program_id(), 32},
                            {detail::kDerivedAddressMarker, sizeof detail::kDerivedAddressMarker}};
    uint8_t hash[32];
    core::sha256_slices(parts, 4, hash);
    return core::same32(hash, key_of(input.accounts[1]));
}

/// Reads the caps at *at and the values before the calls.
LATCHKEY_COLD inline Verdict open_caps(const Input& input, const uint8_t** at, Caps* caps) {
    if (!is_vault(input)) {
        return Verdict::kAccountType;
    }
    const uint8_t* p = *at;
    const uint64_t head = *p++;
    if ((head & 0x70) != 0 || head == 0) {
        return Verdict::kNonCanonical;
    }
    caps->no_new_authority = (head & kCapsNoNewAuthority) != 0;
    caps->count = head & 0x0f;
    caps->items = p;
    p += caps->count * kCapSize;
    if (p > input.end) {
        return Verdict::kDataTooShort;
    }
    for (uint64_t i = 0; i < caps->count; ++i) {
        const uint8_t* mint = nullptr;
        if (const Verdict bad =
                detail::value_of(input, caps->items[i * kCapSize], &caps->before[i], &mint);
            bad != Verdict::kAccepted) {
            return bad;
        }
        core::put32(caps->mints[i], mint == nullptr ? detail::kNativeAsset : mint);
    }
    *at = p;
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict close_caps(const Input& input, const Caps& caps) {
    for (uint64_t i = 0; i < caps.count; ++i) {
        const uint8_t* const cap = caps.items + i * kCapSize;
        uint64_t now = 0;
        const uint8_t* mint = nullptr;
        if (const Verdict bad = detail::value_of(input, cap[0], &now, &mint);
            bad != Verdict::kAccepted) {
            return bad;
        }
        // Closed and opened again for something worthless.
        if (mint != nullptr && !core::same32(caps.mints[i], detail::kNativeAsset) &&
            !core::same32(caps.mints[i], mint)) {
            return Verdict::kAuthorityChanged;
        }
        const uint64_t before = caps.before[i];
        if (before > now && before - now > core::load64<1>(cap)) {
            return Verdict::kCapOutflow;
        }
        const uint64_t inflow = core::load64<9>(cap);
        if (inflow != 0 && (now < before || now - before < inflow)) {
            return Verdict::kCapInflow;
        }
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
