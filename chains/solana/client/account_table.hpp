// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chains/solana/client/transaction.hpp"

namespace latchkey::solana {

/// The accounts of one wallet instruction while it is put together. State and vault stand first;
/// a lane and its operator may follow. Calls reach the first two and everything behind the fixed
/// accounts, because only those keys are in the leaf: a call that means the lane or its operator
/// passes it again.
class AccountTable {
  public:
    explicit AccountTable(std::vector<AccountMeta> fixed);

    const std::vector<AccountMeta>& accounts() const { return accounts_; }

    /// The position of the account, which now has at least these privileges.
    /// Errors: kRefusedByModel (TooManyAccounts).
    Result<std::uint8_t> add(const AccountMeta& account);
    /// The same for a program, which is never one of the fixed accounts.
    Result<std::uint8_t> add_program(const Address& program);

  private:
    Result<std::uint8_t> add_from(const AccountMeta& account, std::size_t reusable_fixed);

    std::vector<AccountMeta> accounts_;
    std::size_t fixed_;
};

}  // namespace latchkey::solana
