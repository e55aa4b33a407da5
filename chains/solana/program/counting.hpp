// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/addresses.hpp"
#include "chains/solana/program/authorization.hpp"
#include "core/authorization/limits.hpp"

/// What leaves the wallet while its calls run (docs/spec/solana.md, section 7). Every writable
/// account that the vault controls is remembered before the first call and compared after each one;
/// what cannot be counted is refused.
namespace latchkey::solana::program {

/// Token account fields (SPL Token; Token-2022 keeps them and adds extensions behind).
inline constexpr uint64_t kTokenAccountSize = 165;
inline constexpr uint64_t kTokenOwnerOffset = 32;
inline constexpr uint64_t kTokenAmountOffset = 64;
inline constexpr uint64_t kTokenDelegateOffset = 72;
inline constexpr uint64_t kTokenStateOffset = 108;
inline constexpr uint64_t kTokenNativeOffset = 109;
inline constexpr uint64_t kTokenCloseAuthorityOffset = 129;
inline constexpr uint64_t kMintSize = 82;
inline constexpr uint64_t kMintFreezeAuthorityOffset = 46;
inline constexpr uint64_t kMultisigSize = 355;
/// Token-2022: the byte behind the base says what the account is, then type-length-value records.
inline constexpr uint64_t kExtensionTypeOffset = 165;
inline constexpr uint64_t kExtensionAccount = 2;
inline constexpr uint64_t kExtensionConfidentialTransfer = 5;

enum class Holding : uint64_t { kNone, kTokenAccount, kMint, kUncountable };

/// One remembered account, in scratch memory.
struct Tracked {
    uint8_t* account;
    uint64_t length;
    uint64_t amount;
    /// Lamports that are not the amount itself.
    uint64_t rent;
    Holding holding;
    /// First word of the owning program's address.
    uint64_t owner;
    uint8_t fields[kTokenAccountSize + 3];
};
static_assert(sizeof(Tracked) <= 216, "64 of them fit into the scratch memory");

/// Lives in scratch memory, which is zero at the start.
struct Ledger {
    uint8_t* vault;
    /// The rule's limits, null when only authorities are watched.
    const uint8_t* limits;
    uint64_t vault_lamports;
    uint64_t tracked;
    uint64_t outflow[core::kMaximumLimits];
};

namespace detail {

inline constexpr uint8_t kNativeAsset[32] = {};

LATCHKEY_COLD inline Tracked* tracked_at(uint64_t index) {
    return reinterpret_cast<Tracked*>(scratch(kScratchTracked)) + index;
}

/// An optional key of a token account or mint (u32 tag, 32 bytes) is set to the vault.
LATCHKEY_COLD inline core::Truth option_is(const uint8_t* option, const uint8_t* vault) {
    return core::load32(option) != 0 && core::same32(option + 4, vault);
}

/// The vault is the freeze authority of the mint whose data this is.
LATCHKEY_COLD inline core::Truth freezes(const uint8_t* data, const uint8_t* vault) {
    return option_is(data + kMintFreezeAuthorityOffset, vault);
}

LATCHKEY_INLINE core::Truth has_confidential_transfer(const uint8_t* data, uint64_t length) {
    uint64_t at = kExtensionTypeOffset + 1;
    while (at + 4 <= length) {
        if (core::load16(data + at) == kExtensionConfidentialTransfer) {
            return true;
        }
        at += 4 + core::load16(data + at + 2);
    }
    return false;
}

/// The vault's address stands anywhere in a mint: it may be an authority of some extension, such as
/// the one that collects withheld fees or moves anybody's tokens.
LATCHKEY_INLINE core::Truth mentions(const uint8_t* data, uint64_t length, const uint8_t* vault) {
    for (const uint8_t* const last = data + length - 32; data <= last; ++data) {
        if (core::load64(data) == core::load64(vault) && core::same32(data, vault)) {
            return true;
        }
    }
    return false;
}

/// What an account of one of the token programs means to the vault.
LATCHKEY_COLD inline Holding classify_token(const uint8_t* account, const uint8_t* vault) {
    const uint64_t length = data_length_of(account);
    const uint8_t* const data = data_of(account);
    if (length == kMultisigSize) {
        return Holding::kUncountable;
    }
    if (length == kMintSize) {
        return freezes(data, vault) || option_is(data, vault) ? Holding::kMint : Holding::kNone;
    }
    if (length > kTokenAccountSize && data[kExtensionTypeOffset] != kExtensionAccount) {
        return is_writable(account) || mentions(data, length, vault) ? Holding::kUncountable
                                                                     : Holding::kNone;
    }
    if (!is_writable(account)) {
        return Holding::kNone;
    }
    if (length < kTokenAccountSize) {
        return Holding::kUncountable;
    }
    if (data[kTokenStateOffset] == 0) {
        return Holding::kNone;
    }
    if (core::same32(data + kTokenOwnerOffset, vault)) {
        return length > kTokenAccountSize && has_confidential_transfer(data, length)
                   ? Holding::kUncountable
                   : Holding::kTokenAccount;
    }
    return option_is(data + kTokenDelegateOffset, vault) ||
                   option_is(data + kTokenCloseAuthorityOffset, vault)
               ? Holding::kUncountable
               : Holding::kNone;
}

LATCHKEY_COLD inline Holding classify(const uint8_t* account, const uint8_t* vault) {
    const uint8_t* const owner = owner_of(account);
    if (is_known(owner, kToken2022) || is_known(owner, kToken)) {
        return classify_token(account, vault);
    }
    if (!is_writable(account)) {
        return Holding::kNone;
    }
    // System-owned with data: a nonce account. The others can be worth money or power, in ways that
    // no amount shows.
    const bool is_uncountable =
        core::is_zero32(owner) || is_special(owner, kUncountableBegin, kUncountableEnd);
    return is_uncountable ? Holding::kUncountable : Holding::kNone;
}

LATCHKEY_COLD inline uint64_t rent_of(const uint8_t* account) {
    const uint8_t* const data = data_of(account);
    const uint64_t lamports = lamports_of(account);
    // Wrapped SOL: the amount is part of the lamports.
    if (core::load32<kTokenNativeOffset>(data) == 0) {
        return lamports;
    }
    const uint64_t amount = core::load64<kTokenAmountOffset>(data);
    return lamports < amount ? 0 : lamports - amount;
}

LATCHKEY_COLD inline void remember(Ledger* ledger, uint8_t* account, Holding holding) {
    for (uint64_t i = 0; i < ledger->tracked; ++i) {
        if (tracked_at(i)->account == account) {
            return;
        }
    }
    Tracked* const entry = tracked_at(ledger->tracked++);
    const uint8_t* const data = data_of(account);
    const uint64_t size = holding == Holding::kMint ? kMintSize : kTokenAccountSize;
    entry->account = account;
    entry->length = data_length_of(account);
    entry->holding = holding;
    entry->owner = core::load64(owner_of(account));
    sol_memmove_(entry->fields, data, size);
    entry->rent = lamports_of(account);
    if (holding == Holding::kTokenAccount) {
        entry->amount = core::load64<kTokenAmountOffset>(data);
        entry->rent = rent_of(account);
    }
}

LATCHKEY_COLD inline Verdict add_outflow(Ledger* ledger, const uint8_t* asset, uint64_t amount) {
    if (ledger->limits == nullptr) {
        return Verdict::kAccepted;
    }
    const uint64_t index = core::find_limit(ledger->limits, asset);
    if (index == ledger->limits[0]) {
        return reject(Verdict::kAssetNotListed);
    }
    uint64_t sum = ledger->outflow[index] + amount;
    if (sum < amount) {
        sum = core::kNever;
    }
    ledger->outflow[index] = sum;
    return Verdict::kAccepted;
}

/// SOL left. Its asset is zero, so its limit is the first one if there is any.
LATCHKEY_INLINE Verdict add_native_outflow(Ledger* ledger, uint64_t amount) {
    if (ledger->limits == nullptr) {
        return Verdict::kAccepted;
    }
    if (!core::is_zero32(ledger->limits + 1)) {
        return reject(Verdict::kAssetNotListed);
    }
    // There are less than 2^60 lamports, and less than 64 calls.
    ledger->outflow[0] += amount;
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict settle(Ledger* ledger, const uint8_t* asset, uint64_t* last,
                                    uint64_t current) {
    const uint64_t before = *last;
    *last = current;
    return current < before ? add_outflow(ledger, asset, before - current) : Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict settle_tracked(Ledger* ledger, Tracked* entry) {
    uint8_t* const account = entry->account;
    const uint8_t* const data = data_of(account);
    const uint64_t length = data_length_of(account);
    // A program that signs for the account's address could otherwise take it over and write the old
    // bytes back.
    if (length != 0 && core::load64(owner_of(account)) != entry->owner) {
        return reject(Verdict::kAuthorityChanged);
    }
    uint64_t amount = 0;
    uint64_t rent = 0;
    if (entry->holding == Holding::kMint) {
        if (length != entry->length || !core::same_bytes(data, entry->fields, kMintSize)) {
            return reject(Verdict::kAuthorityChanged);
        }
        rent = lamports_of(account);
    } else if (length != 0) {
        if (length != entry->length || !core::same_bytes(data, entry->fields, kTokenAmountOffset) ||
            !core::same_bytes(data + kTokenDelegateOffset, entry->fields + kTokenDelegateOffset,
                              kTokenAccountSize - kTokenDelegateOffset)) {
            return reject(Verdict::kAuthorityChanged);
        }
        amount = core::load64<kTokenAmountOffset>(data);
        rent = rent_of(account);
    }
    // A closed account is all gone.
    if (const Verdict bad = settle(ledger, entry->fields, &entry->amount, amount);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return settle(ledger, kNativeAsset, &entry->rent, rent);
}

}  // namespace detail

/// Remembers what the vault controls now and is not remembered yet. Under limits, refuses what
/// cannot be counted.
LATCHKEY_COLD inline Verdict remember_holdings(const Input& input, uint64_t first_account,
                                               Ledger* ledger) {
    for (uint64_t i = first_account; i < input.account_count; ++i) {
        uint8_t* const account = input.accounts[i];
        const uint64_t length = data_length_of(account);
        // What cannot be written cannot lose anything, but mints and multisigs say who may take
        // from others.
        if (length == 0 || (!is_writable(account) && length < kMintSize) ||
            account == ledger->vault) {
            continue;
        }
        const uint8_t* const vault = key_of(ledger->vault);
        const Holding holding = detail::classify(account, vault);
        if (holding == Holding::kNone) {
            continue;
        }
        // Freezing changes nothing of the vault's, and no amount shows it.
        if (ledger->limits != nullptr &&
            (holding == Holding::kUncountable ||
             (holding == Holding::kMint && detail::freezes(data_of(account), vault)))) {
            return reject(Verdict::kUncountable);
        }
        if (holding != Holding::kUncountable) {
            detail::remember(ledger, account, holding);
        }
    }
    return Verdict::kAccepted;
}

/// Starts counting.
LATCHKEY_COLD inline Verdict open_ledger(const Input& input, uint64_t first_account,
                                         const uint8_t* limits, Ledger* ledger) {
    uint8_t* const vault = input.accounts[1];
    ledger->vault = vault;
    ledger->limits = limits;
    ledger->vault_lamports = lamports_of(vault);
    return remember_holdings(input, first_account, ledger);
}

/// After each call: adds up what left, and refuses changed authorities.
LATCHKEY_INLINE Verdict settle_ledger(Ledger* ledger) {
    const uint64_t before = ledger->vault_lamports;
    const uint64_t lamports = lamports_of(ledger->vault);
    ledger->vault_lamports = lamports;
    if (lamports < before) {
        if (const Verdict bad = detail::add_native_outflow(ledger, before - lamports);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    for (uint64_t i = 0; i < ledger->tracked; ++i) {
        if (const Verdict bad = detail::settle_tracked(ledger, detail::tracked_at(i));
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return Verdict::kAccepted;
}

/// After the last call: books the sums on the rule's counters. `now`: unix seconds.
LATCHKEY_INLINE Verdict close_ledger(const Ledger& ledger, const FoundRule& found, uint64_t now) {
    const uint8_t* limit = found.rule.limits;
    if (limit == nullptr) {
        return Verdict::kAccepted;
    }
    const uint64_t count = *limit++;
    const uint64_t start = core::window_start(found.rule);
    uint8_t* counter = found.counters;
    for (uint64_t i = 0; i != count; ++i) {
        if (ledger.outflow[i] != 0) {
            if (const Verdict bad =
                    core::book_outflow(limit, counter, start, now, ledger.outflow[i]);
                bad != Verdict::kAccepted) {
                return bad;
            }
        }
        limit += core::kLimitSize;
        counter += core::kCounterSize;
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
