// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/instructions.hpp"

#include <limits>
#include <optional>

#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace compute_budget {

namespace {

constexpr std::uint8_t kRequestHeapFrame = 1;
constexpr std::uint8_t kSetUnitLimit = 2;
constexpr std::uint8_t kSetUnitPrice = 3;
constexpr std::uint8_t kSetLoadedAccountsBytesLimit = 4;
constexpr std::uint64_t kMicroLamportsPerLamport = 1'000'000;

Instruction with_u32(std::uint8_t discriminator, std::uint32_t value) {
    ByteWriter data;
    data.write_u8(discriminator).write_u32_le(value);
    return {kComputeBudgetProgram, {}, data.take()};
}

}  // namespace

Instruction set_unit_limit(std::uint32_t units) {
    return with_u32(kSetUnitLimit, units);
}

Instruction set_unit_price(std::uint64_t micro_lamports) {
    ByteWriter data;
    data.write_u8(kSetUnitPrice).write_u64_le(micro_lamports);
    return {kComputeBudgetProgram, {}, data.take()};
}

Instruction set_loaded_accounts_bytes_limit(std::uint32_t bytes) {
    return with_u32(kSetLoadedAccountsBytesLimit, bytes);
}

Instruction request_heap_frame(std::uint32_t bytes) {
    return with_u32(kRequestHeapFrame, bytes);
}

Result<std::vector<Instruction>> instructions_for(const TransactionConfig& config) {
    std::vector<Instruction> out;
    if (config.compute_unit_limit) {
        out.push_back(set_unit_limit(*config.compute_unit_limit));
    }
    if (config.priority_fee_lamports.value_or(0) > 0) {
        const std::uint64_t units = config.compute_unit_limit.value_or(0);
        const std::uint64_t lamports = *config.priority_fee_lamports;
        if (units == 0) {
            return fail(ErrorCode::kInvalidInstruction,
                        "a priority fee needs a compute-unit limit to become a price");
        }
        if (lamports > std::numeric_limits<std::uint64_t>::max() / kMicroLamportsPerLamport) {
            return fail(ErrorCode::kInvalidInstruction, "the priority fee is too large");
        }
        const std::uint64_t micro_lamports = lamports * kMicroLamportsPerLamport;
        out.push_back(
            set_unit_price(micro_lamports / units + (micro_lamports % units == 0 ? 0 : 1)));
    }
    if (config.loaded_accounts_bytes_limit) {
        out.push_back(set_loaded_accounts_bytes_limit(*config.loaded_accounts_bytes_limit));
    }
    if (config.heap_bytes) {
        out.push_back(request_heap_frame(*config.heap_bytes));
    }
    return out;
}

}  // namespace compute_budget

namespace system {

namespace {

constexpr std::uint32_t kCreateAccount = 0;
constexpr std::uint32_t kAssign = 1;
constexpr std::uint32_t kTransfer = 2;
constexpr std::uint32_t kCreateAccountWithSeed = 3;
constexpr std::uint32_t kAdvanceNonceAccount = 4;
constexpr std::uint32_t kWithdrawNonceAccount = 5;
constexpr std::uint32_t kInitializeNonceAccount = 6;
constexpr std::uint32_t kAuthorizeNonceAccount = 7;
constexpr std::uint32_t kAllocate = 8;
constexpr std::uint32_t kCreateAccountAllowPrefund = 13;

Bytes create_data(std::uint32_t discriminator, std::uint64_t lamports, std::uint64_t space,
                  const Address& owner) {
    ByteWriter data;
    data.write_u32_le(discriminator).write_u64_le(lamports).write_u64_le(space).write(owner.view());
    return data.take();
}

Bytes address_data(std::uint32_t discriminator, const Address& address) {
    ByteWriter data;
    data.write_u32_le(discriminator).write(address.view());
    return data.take();
}

Bytes u64_data(std::uint32_t discriminator, std::uint64_t value) {
    ByteWriter data;
    data.write_u32_le(discriminator).write_u64_le(value);
    return data.take();
}

}  // namespace

Instruction transfer(const Address& from, const Address& to, std::uint64_t lamports) {
    return {kSystemProgram, {writable_signer(from), writable(to)}, u64_data(kTransfer, lamports)};
}

Instruction create_account(const Address& payer, const Address& account, std::uint64_t lamports,
                           std::uint64_t space, const Address& owner) {
    return {kSystemProgram,
            {writable_signer(payer), writable_signer(account)},
            create_data(kCreateAccount, lamports, space, owner)};
}

Instruction create_account_allow_prefund(const Address& payer, const Address& account,
                                         std::uint64_t lamports, std::uint64_t space,
                                         const Address& owner) {
    return {kSystemProgram,
            {writable_signer(account), writable_signer(payer)},
            create_data(kCreateAccountAllowPrefund, lamports, space, owner)};
}

Result<Instruction> create_account_with_seed(const Address& payer, const Address& account,
                                             const Address& base, std::string_view seed,
                                             std::uint64_t lamports, std::uint64_t space,
                                             const Address& owner) {
    if (seed.size() > kSeedBytesMax) {
        return fail(ErrorCode::kSeedsTooLong,
                    "the seed has " + std::to_string(seed.size()) + " bytes");
    }
    ByteWriter data;
    data.write_u32_le(kCreateAccountWithSeed)
        .write(base.view())
        .write_u64_le(seed.size())
        .write(core::as_bytes(seed))
        .write_u64_le(lamports)
        .write_u64_le(space)
        .write(owner.view());
    std::vector<AccountMeta> accounts{writable_signer(payer), writable(account)};
    if (base != payer) {
        accounts.push_back(readonly_signer(base));
    }
    return Instruction{kSystemProgram, std::move(accounts), data.take()};
}

Instruction assign(const Address& account, const Address& owner) {
    return {kSystemProgram, {writable_signer(account)}, address_data(kAssign, owner)};
}

Instruction allocate(const Address& account, std::uint64_t space) {
    return {kSystemProgram, {writable_signer(account)}, u64_data(kAllocate, space)};
}

Instruction advance_nonce_account(const Address& nonce_account, const Address& authority) {
    ByteWriter data;
    data.write_u32_le(kAdvanceNonceAccount);
    return {
        kSystemProgram,
        {writable(nonce_account), readonly(kRecentBlockhashesSysvar), readonly_signer(authority)},
        data.take()};
}

Instruction initialize_nonce_account(const Address& nonce_account, const Address& authority) {
    return {kSystemProgram,
            {writable(nonce_account), readonly(kRecentBlockhashesSysvar), readonly(kRentSysvar)},
            address_data(kInitializeNonceAccount, authority)};
}

Instruction withdraw_nonce_account(const Address& nonce_account, const Address& authority,
                                   const Address& to, std::uint64_t lamports) {
    return {kSystemProgram,
            {writable(nonce_account), writable(to), readonly(kRecentBlockhashesSysvar),
             readonly(kRentSysvar), readonly_signer(authority)},
            u64_data(kWithdrawNonceAccount, lamports)};
}

Instruction authorize_nonce_account(const Address& nonce_account, const Address& authority,
                                    const Address& new_authority) {
    return {kSystemProgram,
            {writable(nonce_account), readonly_signer(authority)},
            address_data(kAuthorizeNonceAccount, new_authority)};
}

}  // namespace system

namespace token {

namespace {

constexpr std::uint8_t kTransfer = 3;
constexpr std::uint8_t kRevoke = 5;
constexpr std::uint8_t kSetAuthority = 6;
constexpr std::uint8_t kCloseAccount = 9;
constexpr std::uint8_t kFreezeAccount = 10;
constexpr std::uint8_t kThawAccount = 11;
constexpr std::uint8_t kTransferChecked = 12;
constexpr std::uint8_t kApproveChecked = 13;
constexpr std::uint8_t kMintToChecked = 14;
constexpr std::uint8_t kBurnChecked = 15;
constexpr std::uint8_t kSyncNative = 17;
constexpr std::uint8_t kInitializeAccount3 = 18;
constexpr std::uint8_t kInitializeMint2 = 20;
constexpr std::uint8_t kTransferFeeExtension = 26;
constexpr std::uint8_t kTransferCheckedWithFee = 1;

Bytes checked_data(std::uint8_t discriminator, std::uint64_t amount, std::uint8_t decimals) {
    ByteWriter data;
    data.write_u8(discriminator).write_u64_le(amount).write_u8(decimals);
    return data.take();
}

void write_optional(ByteWriter& data, const std::optional<Address>& address) {
    data.write_u8(address ? 1 : 0);
    if (address) {
        data.write(address->view());
    }
}

}  // namespace

Instruction transfer(const Address& token_program, const Address& from, const Address& to,
                     const Address& owner, std::uint64_t amount) {
    ByteWriter data;
    data.write_u8(kTransfer).write_u64_le(amount);
    return {token_program, {writable(from), writable(to), readonly_signer(owner)}, data.take()};
}

Instruction transfer_checked(const Address& token_program, const Address& from, const Address& mint,
                             const Address& to, const Address& owner, std::uint64_t amount,
                             std::uint8_t decimals) {
    return {token_program,
            {writable(from), readonly(mint), writable(to), readonly_signer(owner)},
            checked_data(kTransferChecked, amount, decimals)};
}

Instruction transfer_checked_with_fee(const Address& from, const Address& mint, const Address& to,
                                      const Address& owner, std::uint64_t amount,
                                      std::uint8_t decimals, std::uint64_t fee) {
    ByteWriter data;
    data.write_u8(kTransferFeeExtension)
        .write_u8(kTransferCheckedWithFee)
        .write_u64_le(amount)
        .write_u8(decimals)
        .write_u64_le(fee);
    return {kToken2022Program,
            {writable(from), readonly(mint), writable(to), readonly_signer(owner)},
            data.take()};
}

Instruction approve_checked(const Address& token_program, const Address& account,
                            const Address& mint, const Address& delegate, const Address& owner,
                            std::uint64_t amount, std::uint8_t decimals) {
    return {token_program,
            {writable(account), readonly(mint), readonly(delegate), readonly_signer(owner)},
            checked_data(kApproveChecked, amount, decimals)};
}

Instruction revoke(const Address& token_program, const Address& account, const Address& owner) {
    return {token_program, {writable(account), readonly_signer(owner)}, {kRevoke}};
}

Instruction set_authority(const Address& token_program, const Address& account_or_mint,
                          const Address& authority, AuthorityType type,
                          const std::optional<Address>& new_authority) {
    ByteWriter data;
    data.write_u8(kSetAuthority).write_u8(static_cast<std::uint8_t>(type));
    write_optional(data, new_authority);
    return {token_program, {writable(account_or_mint), readonly_signer(authority)}, data.take()};
}

Instruction mint_to_checked(const Address& token_program, const Address& mint, const Address& to,
                            const Address& mint_authority, std::uint64_t amount,
                            std::uint8_t decimals) {
    return {token_program,
            {writable(mint), writable(to), readonly_signer(mint_authority)},
            checked_data(kMintToChecked, amount, decimals)};
}

Instruction burn_checked(const Address& token_program, const Address& from, const Address& mint,
                         const Address& owner, std::uint64_t amount, std::uint8_t decimals) {
    return {token_program,
            {writable(from), writable(mint), readonly_signer(owner)},
            checked_data(kBurnChecked, amount, decimals)};
}

Instruction close_account(const Address& token_program, const Address& account, const Address& to,
                          const Address& owner) {
    return {
        token_program, {writable(account), writable(to), readonly_signer(owner)}, {kCloseAccount}};
}

Instruction freeze_account(const Address& token_program, const Address& account,
                           const Address& mint, const Address& freeze_authority) {
    return {token_program,
            {writable(account), readonly(mint), readonly_signer(freeze_authority)},
            {kFreezeAccount}};
}

Instruction thaw_account(const Address& token_program, const Address& account, const Address& mint,
                         const Address& freeze_authority) {
    return {token_program,
            {writable(account), readonly(mint), readonly_signer(freeze_authority)},
            {kThawAccount}};
}

Instruction sync_native(const Address& token_program, const Address& account) {
    return {token_program, {writable(account)}, {kSyncNative}};
}

Instruction initialize_account3(const Address& token_program, const Address& account,
                                const Address& mint, const Address& owner) {
    ByteWriter data;
    data.write_u8(kInitializeAccount3).write(owner.view());
    return {token_program, {writable(account), readonly(mint)}, data.take()};
}

Instruction initialize_mint2(const Address& token_program, const Address& mint,
                             std::uint8_t decimals, const Address& mint_authority,
                             const std::optional<Address>& freeze_authority) {
    ByteWriter data;
    data.write_u8(kInitializeMint2).write_u8(decimals).write(mint_authority.view());
    write_optional(data, freeze_authority);
    return {token_program, {writable(mint)}, data.take()};
}

}  // namespace token

namespace associated_token {

namespace {

constexpr std::uint8_t kCreate = 0;
constexpr std::uint8_t kCreateIdempotent = 1;

Instruction build(std::uint8_t discriminator, const Address& payer, const Address& wallet,
                  const Address& mint, const Address& token_program) {
    return {
        kAssociatedTokenProgram,
        {writable_signer(payer), writable(associated_token_address(wallet, mint, token_program)),
         readonly(wallet), readonly(mint), readonly(kSystemProgram), readonly(token_program)},
        {discriminator}};
}

}  // namespace

Instruction create(const Address& payer, const Address& wallet, const Address& mint,
                   const Address& token_program) {
    return build(kCreate, payer, wallet, mint, token_program);
}

Instruction create_idempotent(const Address& payer, const Address& wallet, const Address& mint,
                              const Address& token_program) {
    return build(kCreateIdempotent, payer, wallet, mint, token_program);
}

}  // namespace associated_token

namespace lookup_table {

namespace {

constexpr std::uint32_t kCreate = 0;
constexpr std::uint32_t kFreeze = 1;
constexpr std::uint32_t kExtend = 2;
constexpr std::uint32_t kDeactivate = 3;
constexpr std::uint32_t kClose = 4;

Bytes plain_data(std::uint32_t discriminator) {
    ByteWriter data;
    data.write_u32_le(discriminator);
    return data.take();
}

}  // namespace

Create create(const Address& authority, const Address& payer, std::uint64_t recent_slot) {
    ByteWriter slot;
    slot.write_u64_le(recent_slot);
    const std::array<ByteView, 2> seeds{authority.view(), slot.bytes()};
    // Two short seeds are never refused, and no bump fails with probability 2^-255.
    const ProgramAddress derived = find_program_address(seeds, kAddressLookupTableProgram).value();
    ByteWriter data;
    data.write_u32_le(kCreate).write_u64_le(recent_slot).write_u8(derived.bump);
    return {derived.address,
            {kAddressLookupTableProgram,
             {writable(derived.address), readonly(authority), writable_signer(payer),
              readonly(kSystemProgram)},
             data.take()}};
}

Instruction extend(const Address& table, const Address& authority, const Address& payer,
                   std::span<const Address> addresses) {
    ByteWriter data;
    data.write_u32_le(kExtend).write_u64_le(addresses.size());
    for (const Address& address : addresses) {
        data.write(address.view());
    }
    return {kAddressLookupTableProgram,
            {writable(table), readonly_signer(authority), writable_signer(payer),
             readonly(kSystemProgram)},
            data.take()};
}

Instruction freeze(const Address& table, const Address& authority) {
    return {kAddressLookupTableProgram,
            {writable(table), readonly_signer(authority)},
            plain_data(kFreeze)};
}

Instruction deactivate(const Address& table, const Address& authority) {
    return {kAddressLookupTableProgram,
            {writable(table), readonly_signer(authority)},
            plain_data(kDeactivate)};
}

Instruction close(const Address& table, const Address& authority, const Address& to) {
    return {kAddressLookupTableProgram,
            {writable(table), readonly_signer(authority), writable(to)},
            plain_data(kClose)};
}

}  // namespace lookup_table

namespace {

/// RFC 3629: shortest form, no surrogates, nothing above U+10FFFF.
bool is_utf8(ByteView text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::uint8_t lead = text[at];
        const std::size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || more >= text.size() - at) {
            return false;
        }
        for (std::size_t i = 1; i <= more; ++i) {
            const std::uint8_t low = i == 1 && lead == 0xE0   ? 0xA0
                                     : i == 1 && lead == 0xF0 ? 0x90
                                                              : 0x80;
            const std::uint8_t high = i == 1 && lead == 0xED   ? 0x9F
                                      : i == 1 && lead == 0xF4 ? 0x8F
                                                               : 0xBF;
            if (text[at + i] < low || text[at + i] > high) {
                return false;
            }
        }
        at += more + 1;
    }
    return true;
}

}  // namespace

Result<Instruction> memo(std::string_view text, std::span<const Address> signers) {
    if (!is_utf8(core::as_bytes(text))) {
        return fail(ErrorCode::kInvalidInstruction, "a memo must be valid UTF-8");
    }
    Instruction out{kMemoProgram, {}, core::to_bytes(core::as_bytes(text))};
    for (const Address& signer : signers) {
        out.accounts.push_back(readonly_signer(signer));
    }
    return out;
}

}  // namespace latchkey::solana
