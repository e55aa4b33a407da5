// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chains/solana/client/transaction.hpp"
#include "chains/solana/client/wallet.hpp"

/// Tokens of a wallet: they are held in associated token accounts of its vault.
namespace latchkey::solana {

/// A mint as transfers need it. `program` is the owner of the mint's account.
struct TokenMint {
    Address mint;
    Address program = kTokenProgram;
    std::uint8_t decimals = 0;
};

/// Where the vault holds tokens of the mint.
Address vault_token_account(const WalletHandle& wallet, const TokenMint& mint);

/// Who pays for the recipient's token account.
enum class RecipientAccount : std::uint8_t {
    /// Nobody: it is there already, else the transfer fails.
    kExists,
    /// The vault, in a call before the transfer, unless it is there.
    kPaidByVault,
};

/// Tokens for somebody else.
struct TokenTransfer {
    TokenMint mint;
    /// The recipient's own address, not the token account's.
    Address recipient;
    /// In the token's smallest unit.
    std::uint64_t amount = 0;
    RecipientAccount recipient_account = RecipientAccount::kExists;
    /// Accounts that a mint with a transfer hook asks for, in its order.
    std::vector<AccountMeta> hook_accounts;
};

/// The calls of an execute action that make the transfer, by transfer_checked: the chain refuses it
/// if the decimals are not the mint's.
std::vector<Instruction> token_transfer_calls(const WalletHandle& wallet,
                                              const TokenTransfer& transfer);

/// Makes the vault's token account, paid for by `payer`; for the transaction, not for a call.
Instruction create_vault_token_account(const WalletHandle& wallet, const Address& payer,
                                       const TokenMint& mint);

}  // namespace latchkey::solana
