// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/wallet.hpp"

/// What accounts of the wallet program cost. The rate changes over time (SIMD-0437): it is always
/// read from the Rent sysvar, never assumed.
namespace latchkey::solana {

/// The Rent sysvar.
struct Rent {
    /// Of account data, each for ever.
    std::uint64_t lamports_per_byte = 0;

    /// Least lamports of an account with that much data that is never collected: every account
    /// counts 128 bytes more than its data. Errors: kOverflow.
    [[nodiscard]] Result<std::uint64_t> minimum_balance(std::size_t data_bytes) const;
};

/// From the sysvar account's 17 bytes: u64 rate per byte and year, f64 years, u8 burn percentage.
/// Errors: kInvalidLength, kUnsupported (a number of years other than 1 or 2).
Result<Rent> decode_rent(ByteView sysvar);

/// Lamports that an account holding `lamports` still needs for that much data; 0 if none.
Result<std::uint64_t> missing_rent(const Rent& rent, std::size_t data_bytes,
                                   std::uint64_t lamports);

/// Bytes of the state account that create_state makes.
Result<std::size_t> state_size(const WalletHandle& wallet);
/// Bytes that a state uses; the account may be longer. Errors: kRefusedByModel (StateMissing).
Result<std::size_t> used_state_size(const WalletSnapshot& wallet);
/// Bytes of the state account after a session was granted: an empty slot is used again.
Result<std::size_t> state_size_after_grant(const WalletSnapshot& wallet, ByteView local_rule);
/// Bytes of the state account after the shared part became `shared`; an upper bound if sessions end
/// with their rules. Accounts never shrink.
Result<std::size_t> state_size_after_policy(const WalletSnapshot& wallet, ByteView shared);

}  // namespace latchkey::solana
