// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/counting.hpp"
#include "chains/solana/program/evidence.hpp"

/// Signed caps: what the approval itself demands of the result, net over all calls.
namespace latchkey::solana::program {

/// What a cap's account held before the calls.
struct CapValue {
    uint64_t amount;
    /// Of a token account: its mint; zero otherwise.
    uint8_t mint[32];
};

/// The caps of one approval.
struct Caps {
    const uint8_t* items;
    uint64_t count;
    bool no_new_authority;
    CapValue before[kMaximumCaps];
};

namespace detail {

/// Lamports of the vault, or amount and mint of a writable token account that it owns. An account
/// that does not exist yet holds 0.
LATCHKEY_COLD inline Verdict read_value(const Input& input, uint64_t index, CapValue* value) {
    if (index >= input.account_count) {
        return reject(Verdict::kAccountIndex);
    }
    const uint8_t* const account = input.accounts[index];
    const uint8_t* const vault = input.accounts[1];
    const uint8_t* mint = kNativeAsset;
    if (account == vault) {
        value->amount = lamports_of(account);
    } else if (data_length_of(account) == 0) {
        value->amount = 0;
    } else {
        if (classify(account, key_of(vault)) != Holding::kTokenAccount) {
            return reject(Verdict::kUncountable);
        }
        mint = data_of(account);
        value->amount = core::load64<kTokenAmountOffset>(mint);
    }
    core::put32(value->mint, mint);
    return Verdict::kAccepted;
}

/// Whether what the account holds now is what the cap demands.
LATCHKEY_INLINE Verdict compare_values(const uint8_t* cap, const CapValue& before,
                                       const CapValue& now) {
    // Closed and opened again for something worthless.
    if (!core::same32(before.mint, now.mint) && !core::same32(before.mint, kNativeAsset) &&
        !core::same32(now.mint, kNativeAsset)) {
        return reject(Verdict::kAuthorityChanged);
    }
    const uint64_t gain = now.amount - before.amount;
    if (now.amount < before.amount) {
        return 0 - gain > core::load64<1>(cap) ? Verdict::kCapOutflow
               : core::load64<9>(cap) != 0     ? Verdict::kCapInflow
                                               : Verdict::kAccepted;
    }
    return gain < core::load64<9>(cap) ? Verdict::kCapInflow : Verdict::kAccepted;
}

/// Before the calls reads the values, after them compares.
LATCHKEY_COLD inline Verdict visit_caps(const Input& input, Caps* caps, bool is_after) {
    const uint8_t* cap = caps->items;
    for (uint64_t i = 0; i < caps->count; ++i, cap += kCapSize) {
        CapValue now;
        CapValue* const before = caps->before + i;
        if (const Verdict bad = read_value(input, cap[0], is_after ? &now : before);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (is_after) {
            if (const Verdict bad = compare_values(cap, *before, now); bad != Verdict::kAccepted) {
                return bad;
            }
        }
    }
    return Verdict::kAccepted;
}

}  // namespace detail

/// Caps read the vault, so it must be the vault even when no call uses its signature.
LATCHKEY_INLINE core::Truth is_vault(const Input& input) {
    const Slice parts[4] = {{kVaultSeed, sizeof kVaultSeed},
                            {key_of(input.accounts[0]), 32},
                            {input.program_id(), 32},
                            {detail::kDerivedAddressMarker, sizeof detail::kDerivedAddressMarker}};
    uint8_t hash[32];
    core::sha256_slices(parts, 4, hash);
    return core::same32(hash, key_of(input.accounts[1]));
}

/// Reads the caps at *at and the values before the calls.
LATCHKEY_INLINE Verdict open_caps(const Input& input, const uint8_t** at, Caps* caps) {
    if (!is_vault(input)) {
        return reject(Verdict::kAccountType);
    }
    const uint8_t* p = *at;
    const uint64_t head = *p++;
    if ((head & 0x70) != 0 || head == 0) {
        return reject(Verdict::kNonCanonical);
    }
    caps->no_new_authority = (head & kCapsNoNewAuthority) != 0;
    caps->count = head & 0x0f;
    caps->items = p;
    p += caps->count * kCapSize;
    if (p > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    *at = p;
    return detail::visit_caps(input, caps, false);
}

LATCHKEY_INLINE Verdict close_caps(const Input& input, Caps* caps) {
    return detail::visit_caps(input, caps, true);
}

}  // namespace latchkey::solana::program
