// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/demo/world.hpp"
#include "core/wallet/presets.hpp"

/// People, keys and rules that steps use on every kind of chain.
namespace latchkey::cli::demo {

inline constexpr std::uint8_t kEverything =
    core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;

core::Rule plain_rule(std::uint8_t actions, std::uint16_t mask, std::uint8_t threshold);
core::Configuration configuration_of(const std::vector<const Key*>& keys,
                                     std::vector<core::Rule> rules);

/// Who has a wallet, and who recovers it: the guardian, or the heir in his place.
struct People {
    std::unique_ptr<Key> phone;
    std::unique_ptr<Key> laptop;
    std::unique_ptr<Key> guardian;
    core::Configuration configuration;
    core::Bytes recovery_part;
};
/// The preset that most people want.
Result<People> make_three_parties(World& world);
/// One party, and an heir.
Result<People> make_owner_and_heir(World& world);

/// The configuration that a thief wants: every rule for one key.
core::Configuration taken_over(const Key& thief);

solana::ExecuteAction payment(const solana::WalletHandle& wallet, const solana::Address& to,
                              std::uint64_t lamports, solana::RuleReference rule = {});

}  // namespace latchkey::cli::demo
