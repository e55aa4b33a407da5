// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/tokens.hpp"

#include "chains/solana/client/instructions.hpp"

namespace latchkey::solana {

Address vault_token_account(const WalletHandle& wallet, const TokenMint& mint) {
    return associated_token_address(wallet.vault(), mint.mint, mint.program);
}

std::vector<Instruction> token_transfer_calls(const WalletHandle& wallet,
                                              const TokenTransfer& transfer) {
    const TokenMint& mint = transfer.mint;
    std::vector<Instruction> out;
    if (transfer.recipient_account == RecipientAccount::kPaidByVault) {
        out.push_back(associated_token::create_idempotent(wallet.vault(), transfer.recipient,
                                                          mint.mint, mint.program));
    }
    const Address to = associated_token_address(transfer.recipient, mint.mint, mint.program);
    out.push_back(token::transfer_checked(mint.program, vault_token_account(wallet, mint),
                                          mint.mint, to, wallet.vault(), transfer.amount,
                                          mint.decimals));
    out.back().accounts.insert(out.back().accounts.end(), transfer.hook_accounts.begin(),
                               transfer.hook_accounts.end());
    return out;
}

Instruction create_vault_token_account(const WalletHandle& wallet, const Address& payer,
                                       const TokenMint& mint) {
    return associated_token::create_idempotent(payer, wallet.vault(), mint.mint, mint.program);
}

}  // namespace latchkey::solana
