// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "chains/solana/client/transaction.hpp"

/// Builders for instructions of the programs every cluster has. Layouts are those of the programs'
/// own interface crates: System and the address lookup table program take bincode (u32
/// discriminator, little endian), the others one discriminator byte.
namespace latchkey::solana {

/// Resource requests of legacy and v0 transactions. In v1 they are part of the message and these
/// instructions do nothing.
namespace compute_budget {

/// At most 1,400,000 count.
Instruction set_unit_limit(std::uint32_t units);
/// Per requested compute unit, in millionths of a lamport.
Instruction set_unit_price(std::uint64_t micro_lamports);
Instruction set_loaded_accounts_bytes_limit(std::uint32_t bytes);
/// A multiple of 1 KiB from 32 KiB to 256 KiB.
Instruction request_heap_frame(std::uint32_t bytes);

/// The instructions that ask for what `config` asks in a v1 message. The priority fee becomes a
/// price per requested unit, rounded up so that at least that fee is paid; it needs a unit limit
/// above 0, else kInvalidInstruction.
Result<std::vector<Instruction>> instructions_for(const TransactionConfig& config);

}  // namespace compute_budget

namespace system {

Instruction transfer(const Address& from, const Address& to, std::uint64_t lamports);
/// `account` signs. Fails on chain if it already has lamports; see create_account_allow_prefund.
Instruction create_account(const Address& payer, const Address& account, std::uint64_t lamports,
                           std::uint64_t space, const Address& owner);
/// Adds `lamports` from `payer` to whatever `account` has already (SIMD-0312).
Instruction create_account_allow_prefund(const Address& payer, const Address& account,
                                         std::uint64_t lamports, std::uint64_t space,
                                         const Address& owner);
/// `account` is create_address_with_seed(base, seed, owner); `base` signs.
/// Errors: kSeedsTooLong.
Result<Instruction> create_account_with_seed(const Address& payer, const Address& account,
                                             const Address& base, std::string_view seed,
                                             std::uint64_t lamports, std::uint64_t space,
                                             const Address& owner);
Instruction assign(const Address& account, const Address& owner);
Instruction allocate(const Address& account, std::uint64_t space);

/// Makes the transaction durable when it is the first instruction; see durable_nonce.
Instruction advance_nonce_account(const Address& nonce_account, const Address& authority);
/// After create_account with kNonceAccountBytes and System as the owner.
Instruction initialize_nonce_account(const Address& nonce_account, const Address& authority);
Instruction withdraw_nonce_account(const Address& nonce_account, const Address& authority,
                                   const Address& to, std::uint64_t lamports);
Instruction authorize_nonce_account(const Address& nonce_account, const Address& authority,
                                    const Address& new_authority);

}  // namespace system

/// SPL Token and Token-2022 share these; `token_program` says which of them owns the accounts.
/// `owner` (or delegate) signs; multisig owners are not covered.
namespace token {

/// Which authority set_authority moves.
enum class AuthorityType : std::uint8_t {
    kMintTokens = 0,
    kFreezeAccount = 1,
    kAccountOwner = 2,
    kCloseAccount = 3,
};

/// Refused by Token-2022 mints with a transfer fee or hook: prefer transfer_checked.
Instruction transfer(const Address& token_program, const Address& from, const Address& to,
                     const Address& owner, std::uint64_t amount);
/// A mint with a transfer hook needs the hook's accounts appended.
Instruction transfer_checked(const Address& token_program, const Address& from, const Address& mint,
                             const Address& to, const Address& owner, std::uint64_t amount,
                             std::uint8_t decimals);
/// Token-2022 only; `fee` must be what the mint's current fee makes of `amount`.
Instruction transfer_checked_with_fee(const Address& from, const Address& mint, const Address& to,
                                      const Address& owner, std::uint64_t amount,
                                      std::uint8_t decimals, std::uint64_t fee);
Instruction approve_checked(const Address& token_program, const Address& account,
                            const Address& mint, const Address& delegate, const Address& owner,
                            std::uint64_t amount, std::uint8_t decimals);
Instruction revoke(const Address& token_program, const Address& account, const Address& owner);
/// No `new_authority` gives the authority up for ever.
Instruction set_authority(const Address& token_program, const Address& account_or_mint,
                          const Address& authority, AuthorityType type,
                          const std::optional<Address>& new_authority);
Instruction mint_to_checked(const Address& token_program, const Address& mint, const Address& to,
                            const Address& mint_authority, std::uint64_t amount,
                            std::uint8_t decimals);
Instruction burn_checked(const Address& token_program, const Address& from, const Address& mint,
                         const Address& owner, std::uint64_t amount, std::uint8_t decimals);
Instruction close_account(const Address& token_program, const Address& account, const Address& to,
                          const Address& owner);
Instruction freeze_account(const Address& token_program, const Address& account,
                           const Address& mint, const Address& freeze_authority);
Instruction thaw_account(const Address& token_program, const Address& account, const Address& mint,
                         const Address& freeze_authority);
/// Makes the token balance of a wrapped-SOL account equal to its lamports.
Instruction sync_native(const Address& token_program, const Address& account);
Instruction initialize_account3(const Address& token_program, const Address& account,
                                const Address& mint, const Address& owner);
Instruction initialize_mint2(const Address& token_program, const Address& mint,
                             std::uint8_t decimals, const Address& mint_authority,
                             const std::optional<Address>& freeze_authority);

}  // namespace token

namespace associated_token {

/// Creates `wallet`'s account for `mint`; fails on chain if it is there already.
Instruction create(const Address& payer, const Address& wallet, const Address& mint,
                   const Address& token_program);
/// The same, and succeeds if it is there already.
Instruction create_idempotent(const Address& payer, const Address& wallet, const Address& mint,
                              const Address& token_program);

}  // namespace associated_token

namespace lookup_table {

/// The instruction and the address of the table that it creates.
struct Create {
    Address table;
    Instruction instruction;
};

/// `recent_slot` must be in the slot-hashes sysvar when this executes; with `authority` it decides
/// the table's address.
Create create(const Address& authority, const Address& payer, std::uint64_t recent_slot);
/// New entries can be used one slot later. `payer` pays for the bytes.
Instruction extend(const Address& table, const Address& authority, const Address& payer,
                   std::span<const Address> addresses);
Instruction freeze(const Address& table, const Address& authority);
Instruction deactivate(const Address& table, const Address& authority);
/// About 513 slots after deactivation.
Instruction close(const Address& table, const Address& authority, const Address& to);

}  // namespace lookup_table

/// SPL Memo v2. The text must be UTF-8 (kInvalidInstruction); `signers` must sign.
Result<Instruction> memo(std::string_view text, std::span<const Address> signers = {});

}  // namespace latchkey::solana
