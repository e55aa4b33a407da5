// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "chains/solana/client/transaction.hpp"

/// What accounts of the common programs hold. Data come from an RPC node, so every decoder checks
/// lengths, tags and states; the caller checks the account's owner before it believes any of this.
/// Errors of all decoders: kUnexpectedEnd, kTrailingBytes, kNonCanonical, kOutOfRange,
/// kUnsupported.
namespace latchkey::solana {

/// The clock sysvar (kClockSysvar), 40 bytes.
struct ClockState {
    std::uint64_t slot = 0;
    std::int64_t epoch_start_timestamp = 0;
    std::uint64_t epoch = 0;
    std::uint64_t leader_schedule_epoch = 0;
    /// Seconds since 1970 as the validators agreed on it; may run ahead or behind by some seconds.
    std::int64_t unix_timestamp = 0;
};
/// The clock sysvar. Errors: kInvalidLength and those of the byte reader.
Result<ClockState> decode_clock(ByteView data);

/// System's nonce account, 80 bytes, initialised (else kUnsupported).
inline constexpr std::size_t kNonceAccountBytes = 80;
struct NonceState {
    Address authority;
    /// The lifetime of the next durable transaction.
    Blockhash nonce;
    std::uint64_t lamports_per_signature = 0;
};
/// A durable nonce account. Errors: those of the byte reader, kNonCanonical.
Result<NonceState> decode_nonce_account(ByteView data);

/// The address lookup table program's account.
struct LookupTableState {
    /// The slot of deactivation; absent while active.
    std::optional<std::uint64_t> deactivation_slot;
    /// Entries from last_extended_start on can be used in slots after this one.
    std::uint64_t last_extended_slot = 0;
    std::uint8_t last_extended_start = 0;
    /// Absent when frozen.
    std::optional<Address> authority;
    std::vector<Address> addresses;
};
/// An address lookup table. Errors: those of the byte reader, kNonCanonical.
Result<LookupTableState> decode_lookup_table(ByteView data);

/// One type-length-value entry of a Token-2022 account or mint.
struct TokenExtension {
    std::uint16_t type = 0;
    Bytes data;
};

enum class TokenAccountStatus : std::uint8_t { kUninitialized = 0, kInitialized = 1, kFrozen = 2 };

/// An account of either token program: 165 bytes, with Token-2022 possibly extensions.
inline constexpr std::size_t kTokenAccountBytes = 165;
struct TokenAccountState {
    Address mint;
    Address owner;
    std::uint64_t amount = 0;
    std::optional<Address> delegate;
    TokenAccountStatus status = TokenAccountStatus::kUninitialized;
    /// For wrapped SOL: the rent-exempt reserve in lamports.
    std::optional<std::uint64_t> native_reserve;
    std::uint64_t delegated_amount = 0;
    std::optional<Address> close_authority;
    std::vector<TokenExtension> extensions;
};
/// An account of either token program. Errors: those of the byte reader, kNonCanonical.
Result<TokenAccountState> decode_token_account(ByteView data);

/// A mint of either token program: 82 bytes, with Token-2022 possibly padding and extensions.
inline constexpr std::size_t kMintBytes = 82;
struct MintState {
    std::optional<Address> mint_authority;
    std::uint64_t supply = 0;
    std::uint8_t decimals = 0;
    bool is_initialized = false;
    std::optional<Address> freeze_authority;
    std::vector<TokenExtension> extensions;
};
/// A mint of either token program. Errors: those of the byte reader, kNonCanonical.
Result<MintState> decode_mint(ByteView data);

}  // namespace latchkey::solana
