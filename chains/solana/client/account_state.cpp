// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/account_state.hpp"

#include <algorithm>
#include <limits>

#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kLookupTableHeaderBytes = 56;
constexpr std::uint64_t kNeverDeactivated = std::numeric_limits<std::uint64_t>::max();
/// Token-2022 tells mints and accounts apart by the byte after the longer of the two layouts.
constexpr std::uint8_t kMintType = 1;
constexpr std::uint8_t kAccountType = 2;
/// A multisig has this length and no type byte.
constexpr std::size_t kMultisigBytes = 355;

Result<std::int64_t> read_i64(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint64_t bits, reader.read_u64_le());
    return static_cast<std::int64_t>(bits);
}

Result<bool> read_option_tag(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint32_t tag, reader.read_u32_le());
    if (tag > 1) {
        return fail(ErrorCode::kNonCanonical, "an option's tag is 0 or 1");
    }
    return tag == 1;
}

/// The token programs always keep the room of the value.
Result<std::optional<Address>> read_optional_address(ByteReader& reader) {
    LATCHKEY_TRY(const bool is_there, read_option_tag(reader));
    LATCHKEY_TRY(const Address address, reader.read_as<Address>());
    return is_there ? std::optional(address) : std::nullopt;
}

Result<std::vector<TokenExtension>> read_extensions(ByteReader& reader, std::uint8_t type,
                                                    std::size_t base) {
    if (reader.remaining() == 0) {
        return std::vector<TokenExtension>();
    }
    LATCHKEY_TRY(const ByteView padding, reader.read(kTokenAccountBytes - base));
    if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; })) {
        return fail(ErrorCode::kNonCanonical, "the padding before the extensions is not zero");
    }
    LATCHKEY_TRY(const std::uint8_t found, reader.read_u8());
    if (found != type) {
        return fail(ErrorCode::kUnsupported, "another kind of token account");
    }
    std::vector<TokenExtension> out;
    // A type of zero, or less room than a header takes, ends the list.
    while (reader.remaining() >= 4) {
        LATCHKEY_TRY(const std::uint16_t extension, reader.read_u16_le());
        if (extension == 0) {
            return out;
        }
        LATCHKEY_TRY(const std::uint16_t size, reader.read_u16_le());
        LATCHKEY_TRY(const ByteView data, reader.read(size));
        out.push_back({extension, core::to_bytes(data)});
    }
    return out;
}

}  // namespace

Result<ClockState> decode_clock(ByteView data) {
    ByteReader reader(data);
    ClockState clock;
    LATCHKEY_TRY(clock.slot, reader.read_u64_le());
    LATCHKEY_TRY(clock.epoch_start_timestamp, read_i64(reader));
    LATCHKEY_TRY(clock.epoch, reader.read_u64_le());
    LATCHKEY_TRY(clock.leader_schedule_epoch, reader.read_u64_le());
    LATCHKEY_TRY(clock.unix_timestamp, read_i64(reader));
    LATCHKEY_CHECK(reader.expect_end());
    return clock;
}

Result<NonceState> decode_nonce_account(ByteView data) {
    ByteReader reader(data);
    LATCHKEY_TRY(const std::uint32_t version, reader.read_u32_le());
    LATCHKEY_TRY(const std::uint32_t state, reader.read_u32_le());
    if (version != 1 || state != 1) {
        return fail(ErrorCode::kUnsupported, "no initialised nonce account of the current version");
    }
    NonceState nonce;
    LATCHKEY_TRY(nonce.authority, reader.read_as<Address>());
    LATCHKEY_TRY(nonce.nonce, reader.read_as<Blockhash>());
    LATCHKEY_TRY(nonce.lamports_per_signature, reader.read_u64_le());
    LATCHKEY_CHECK(reader.expect_end());
    return nonce;
}

Result<LookupTableState> decode_lookup_table(ByteView data) {
    ByteReader reader(data);
    LATCHKEY_TRY(const std::uint32_t kind, reader.read_u32_le());
    if (kind != 1) {
        return fail(ErrorCode::kUnsupported, "no initialised lookup table");
    }
    LookupTableState table;
    LATCHKEY_TRY(const std::uint64_t deactivation, reader.read_u64_le());
    if (deactivation != kNeverDeactivated) {
        table.deactivation_slot = deactivation;
    }
    LATCHKEY_TRY(table.last_extended_slot, reader.read_u64_le());
    LATCHKEY_TRY(table.last_extended_start, reader.read_u8());
    LATCHKEY_TRY(const bool has_authority, reader.read_bool());
    if (has_authority) {
        LATCHKEY_TRY(table.authority, reader.read_as<Address>());
    }
    if (data.size() < kLookupTableHeaderBytes) {
        return fail(ErrorCode::kUnexpectedEnd, "a lookup table has at least 56 bytes");
    }
    const ByteView entries = data.subspan(kLookupTableHeaderBytes);
    if (entries.size() % Address::kSize != 0) {
        return fail(ErrorCode::kTrailingBytes, "a part of an address at the end");
    }
    if (entries.size() / Address::kSize > kAddressesMax) {
        return fail(ErrorCode::kOutOfRange, "more than 256 addresses");
    }
    ByteReader list(entries);
    while (list.remaining() != 0) {
        LATCHKEY_TRY(const Address address, list.read_as<Address>());
        table.addresses.push_back(address);
    }
    return table;
}

Result<TokenAccountState> decode_token_account(ByteView data) {
    if (data.size() == kMultisigBytes) {
        return fail(ErrorCode::kUnsupported, "a multisig, not a token account");
    }
    ByteReader reader(data);
    TokenAccountState account;
    LATCHKEY_TRY(account.mint, reader.read_as<Address>());
    LATCHKEY_TRY(account.owner, reader.read_as<Address>());
    LATCHKEY_TRY(account.amount, reader.read_u64_le());
    LATCHKEY_TRY(account.delegate, read_optional_address(reader));
    LATCHKEY_TRY(const std::uint8_t status, reader.read_u8());
    if (status > static_cast<std::uint8_t>(TokenAccountStatus::kFrozen)) {
        return fail(ErrorCode::kOutOfRange, "unknown status of a token account");
    }
    account.status = static_cast<TokenAccountStatus>(status);
    LATCHKEY_TRY(const bool is_native, read_option_tag(reader));
    LATCHKEY_TRY(const std::uint64_t reserve, reader.read_u64_le());
    if (is_native) {
        account.native_reserve = reserve;
    }
    LATCHKEY_TRY(account.delegated_amount, reader.read_u64_le());
    LATCHKEY_TRY(account.close_authority, read_optional_address(reader));
    LATCHKEY_TRY(account.extensions, read_extensions(reader, kAccountType, kTokenAccountBytes));
    return account;
}

Result<MintState> decode_mint(ByteView data) {
    if (data.size() == kMultisigBytes || data.size() == kTokenAccountBytes) {
        return fail(ErrorCode::kUnsupported, "another kind of token account, not a mint");
    }
    ByteReader reader(data);
    MintState mint;
    LATCHKEY_TRY(mint.mint_authority, read_optional_address(reader));
    LATCHKEY_TRY(mint.supply, reader.read_u64_le());
    LATCHKEY_TRY(mint.decimals, reader.read_u8());
    LATCHKEY_TRY(mint.is_initialized, reader.read_bool());
    LATCHKEY_TRY(mint.freeze_authority, read_optional_address(reader));
    LATCHKEY_TRY(mint.extensions, read_extensions(reader, kMintType, kMintBytes));
    return mint;
}

}  // namespace latchkey::solana
