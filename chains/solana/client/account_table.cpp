// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/account_table.hpp"

#include "chains/solana/layout/instruction_layout.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana {

namespace {

/// State and vault.
constexpr std::size_t kReusableFixed = 2;

}  // namespace

AccountTable::AccountTable(std::vector<AccountMeta> fixed)
    : accounts_(std::move(fixed)), fixed_(accounts_.size()) {}

Result<std::uint8_t> AccountTable::add(const AccountMeta& account) {
    return add_from(account, kReusableFixed);
}

Result<std::uint8_t> AccountTable::add_program(const Address& program) {
    return add_from(readonly(program), 0);
}

Result<std::uint8_t> AccountTable::add_from(const AccountMeta& account,
                                            std::size_t reusable_fixed) {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if ((i < reusable_fixed || i >= fixed_) && accounts_[i].address == account.address) {
            accounts_[i].is_signer |= account.is_signer;
            accounts_[i].is_writable |= account.is_writable;
            return static_cast<std::uint8_t>(i);
        }
    }
    if (accounts_.size() == kMaximumAccounts) {
        return tl::unexpected(core::to_error(core::Verdict::kTooManyAccounts));
    }
    accounts_.push_back(account);
    return static_cast<std::uint8_t>(accounts_.size() - 1);
}

}  // namespace latchkey::solana
