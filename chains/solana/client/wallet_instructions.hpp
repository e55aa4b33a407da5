// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chains/solana/client/transaction.hpp"
#include "chains/solana/client/wallet.hpp"
#include "chains/solana/client/wallet_rent.hpp"

/// The program's instructions that nobody has to approve.
namespace latchkey::solana {

/// Writes the genesis into the state account. Anybody may do it; the account must hold its rent.
Result<Instruction> create_state(const WalletHandle& wallet);
/// The same after a transfer of what the account still needs. `present`: lamports it has already.
Result<std::vector<Instruction>> create_funded_state(const WalletHandle& wallet,
                                                     const Address& payer, const Rent& rent,
                                                     std::uint64_t present = 0);

/// Where the lane `index` of an owner is. Errors: kAddressOnCurve (never seen).
Result<ProgramAddress> lane_address(const Deployment& deployment, const Address& owner,
                                    std::uint8_t index);
/// The owner signs; the lane must hold its rent. It is usable one to two windows (256 s) later.
Result<Instruction> open_lane(const Deployment& deployment, const Address& owner,
                              std::uint8_t index, const Address& operator_address);
/// The same after a transfer of what the lane still needs.
Result<std::vector<Instruction>> open_funded_lane(const Deployment& deployment,
                                                  const Address& owner, std::uint8_t index,
                                                  const Address& operator_address,
                                                  const Address& payer, const Rent& rent,
                                                  std::uint64_t present = 0);
/// All lamports of the lane go to `destination`.
Result<Instruction> close_lane(const Deployment& deployment, const Address& lane,
                               const Address& owner, const Address& destination);
/// The operator signs every use from now on.
Result<Instruction> set_lane_operator(const Deployment& deployment, const Address& lane,
                                      const Address& owner, const Address& operator_address);

}  // namespace latchkey::solana
