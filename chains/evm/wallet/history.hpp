// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>

#include "chains/evm/wallet/events.hpp"
#include "chains/evm/wallet/wallet.hpp"

/// What became of a wallet, from its events. A node can leave some out, and cannot make any up: the
/// configurations are a chain of hashes, and where it must end is stored.
namespace latchkey::evm::wallet {

struct WalletEvent {
    Event event{};
    /// The transaction that it happened in.
    Hash32 transaction{};
};

/// Where the events of a wallet must lead to: what it stores.
struct StoredState {
    HotWord hot{};
    core::ConfigId config_id{};
    /// Of rules of the recovery part, all of them.
    std::vector<core::model::Record> recovery_records{};
};

/// A local rule that lives, as it was granted.
struct GrantedRule {
    core::LocalRuleId id{};
    /// Under which it was granted.
    core::ConfigId config_id{};
    std::uint32_t version = 0;
    /// Canonical bytes.
    Bytes local_rule{};

    friend bool operator==(const GrantedRule&, const GrantedRule&) = default;
};

struct History {
    /// Oldest first; the last one is the present one.
    std::vector<PastConfiguration> past{};
    /// Canonical bytes of the present shared part.
    Bytes shared{};
    /// By the rules that granted them, in the order of their lists.
    std::map<core::RuleId, std::vector<GrantedRule>> granted{};
};

/// Replays all events of the wallet, oldest first; those that change neither configuration nor
/// sessions are passed over. Errors: kNodeMalformed when they do not lead to what is stored, and
/// kRefusedByModel (a configuration that no wallet accepts).
Result<History> replay(const WalletHandle& wallet, std::span<const WalletEvent> events,
                       const StoredState& stored);

/// The sessions of one rule of the present configuration, without sequences and counters. `word`:
/// what is stored of the list. Errors: kNodeMalformed when the list is another one, and
/// kRefusedByModel.
Result<std::vector<Session>> sessions_of(const WalletHandle& wallet, const History& history,
                                         std::uint8_t rule, const Hash32& word);

/// What waits, from the newest event with the record's digest. Absent when there is none.
std::optional<Body> find_proposed(const WalletHandle& wallet, std::span<const WalletEvent> events,
                                  const core::model::Record& record);

/// Whether the change is what made the configuration: which transaction did, only a node says.
bool leads_to(const ApprovedAction& change, const PastConfiguration& configuration,
              std::uint64_t chain);

}  // namespace latchkey::evm::wallet
