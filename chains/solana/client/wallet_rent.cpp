// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet_rent.hpp"

#include <bit>
#include <limits>

#include "chains/solana/layout/holed_genesis.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kRentSysvarBytes = 17;
constexpr std::size_t kAccountOverheadBytes = 128;

/// What the account's data would need without any spare bytes.
Result<std::size_t> used_size(const StateAccount& state) {
    LATCHKEY_TRY(const Bytes data, encode_state(state));
    return data.size() - state.spare_bytes;
}

std::size_t grown(const StateAccount& state, std::size_t used_before, std::size_t used_after) {
    return std::max(used_before + state.spare_bytes, used_after);
}

Result<const StateAccount*> state_of(const WalletSnapshot& wallet) {
    if (!wallet.state()) {
        return tl::unexpected(core::to_error(core::Verdict::kStateMissing));
    }
    return &*wallet.state();
}

}  // namespace

Result<std::uint64_t> Rent::minimum_balance(std::size_t data_bytes) const {
    const std::uint64_t bytes = std::uint64_t{data_bytes} + kAccountOverheadBytes;
    if (lamports_per_byte != 0 &&
        bytes > std::numeric_limits<std::uint64_t>::max() / lamports_per_byte) {
        return fail(ErrorCode::kOverflow, "rent");
    }
    return bytes * lamports_per_byte;
}

Result<Rent> decode_rent(ByteView sysvar) {
    if (sysvar.size() != kRentSysvarBytes) {
        return fail(ErrorCode::kInvalidLength, "the Rent sysvar has 17 bytes");
    }
    ByteReader reader(sysvar);
    LATCHKEY_TRY(const std::uint64_t per_year, reader.read_u64_le());
    LATCHKEY_TRY(const std::uint64_t years_bits, reader.read_u64_le());
    const auto years = std::bit_cast<double>(years_bits);
    if (years != 1.0 && years != 2.0) {
        return fail(ErrorCode::kUnsupported, "a rent exemption threshold other than 1 or 2 years");
    }
    const std::uint64_t factor = years == 1.0 ? 1 : 2;
    if (per_year > std::numeric_limits<std::uint64_t>::max() / factor) {
        return fail(ErrorCode::kOverflow, "rent");
    }
    return Rent{per_year * factor};
}

Result<std::uint64_t> missing_rent(const Rent& rent, std::size_t data_bytes,
                                   std::uint64_t lamports) {
    LATCHKEY_TRY(const std::uint64_t needed, rent.minimum_balance(data_bytes));
    return needed > lamports ? needed - lamports : 0;
}

Result<std::size_t> state_size(const WalletHandle& wallet) {
    return new_state_size(wallet.genesis_shared());
}

Result<std::size_t> used_state_size(const WalletSnapshot& wallet) {
    LATCHKEY_TRY(const StateAccount* state, state_of(wallet));
    return used_size(*state);
}

Result<std::size_t> state_size_after_grant(const WalletSnapshot& wallet, ByteView local_rule) {
    LATCHKEY_TRY(const StateAccount* state, state_of(wallet));
    LATCHKEY_TRY(const std::size_t before, used_size(*state));
    LATCHKEY_TRY(std::size_t after, local_slot_size(local_rule));
    after += before;
    for (const std::optional<LocalSlot>& slot : state->slots) {
        if (!slot) {
            after -= kSlotEmptyLength;
            break;
        }
    }
    return grown(*state, before, after);
}

Result<std::size_t> state_size_after_policy(const WalletSnapshot& wallet, ByteView shared) {
    LATCHKEY_TRY(const StateAccount* state, state_of(wallet));
    LATCHKEY_TRY(const std::size_t before, used_size(*state));
    LATCHKEY_TRY(const std::size_t old_part, new_state_size(state->shared));
    LATCHKEY_TRY(const std::size_t new_part, new_state_size(shared));
    return grown(*state, before, before - old_part + new_part);
}

}  // namespace latchkey::solana
