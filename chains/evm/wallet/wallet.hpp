// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "chains/evm/wallet/action.hpp"
#include "chains/evm/wallet/deployment.hpp"
#include "chains/evm/wallet/state.hpp"

/// A wallet on one EVM chain as its users know it: what it is made of, where it lives, who may do
/// what.
namespace latchkey::evm::wallet {

/// A wallet's genesis and where it is on one chain; needs no chain.
class WalletHandle {
  public:
    /// `chain`: EIP-155. Errors: kRefusedByModel, kIdentityOnCurve.
    static Result<WalletHandle> from_genesis(ByteView genesis, const Deployment& deployment,
                                             std::uint64_t chain);

    const Deployment& deployment() const { return deployment_; }
    std::uint64_t chain() const { return chain_; }
    const core::WalletId& id() const { return id_; }
    const Address& address() const { return address_; }
    const Bytes& genesis() const { return genesis_; }
    const core::Configuration& genesis_configuration() const { return configuration_; }
    /// The shared part that the genesis begins with.
    ByteView genesis_shared() const { return shared_; }

  private:
    WalletHandle() = default;

    Deployment deployment_;
    std::uint64_t chain_ = 0;
    core::WalletId id_;
    Address address_;
    Bytes genesis_;
    Bytes shared_;
    core::Configuration configuration_;
};

/// A local rule that lives.
struct Session {
    core::LocalRuleId id{};
    LocalSource source{};
    core::LocalRule rule{};
    /// Index among the shared rules of the present configuration.
    std::uint8_t granting_rule = 0;
    /// Of its own nonce lane.
    std::uint64_t sequence = 0;
    /// One for each limit.
    std::vector<core::model::Counter> counters{};
};

/// What waits under a rule.
struct Proposal {
    core::model::Record record{};
    /// As it was proposed; a grant has no `present`. Absent when no event has the record's digest.
    std::optional<Body> body{};
};

/// One configuration of a wallet.
struct PastConfiguration {
    std::uint32_t number = 0;
    core::ConfigId id{};
    /// Proves that the id belongs to these bytes.
    Source source{};
    core::Configuration configuration{};
    /// The transaction that made it current; absent for the genesis.
    std::optional<Hash32> transaction{};
};

/// The wallet as it stands on chain at one moment.
struct WalletSnapshot {
    WalletHandle wallet;
    /// Of the block that it was read at.
    std::uint64_t block_number = 0;
    Hash32 block_hash{};
    /// Unix seconds.
    std::uint64_t time = 0;
    /// There is code at its address.
    bool is_made = false;
    HotWord hot{};
    core::ConfigId config_id{};
    /// Proves the configuration.
    Source source{};
    /// Canonical bytes of the current shared part.
    Bytes shared{};
    core::Configuration configuration{};
    /// Every record that is not zero, shared rules first, in order of their rules.
    std::vector<core::model::Record> records{};
    /// Of each shared rule, one for each of its limits.
    std::vector<std::vector<core::model::Counter>> counters{};
    /// By granting rule and place.
    std::vector<Session> sessions{};
    /// What waits, in the order of the records.
    std::vector<Proposal> proposals{};
    /// Oldest first; the last one is the present one.
    std::vector<PastConfiguration> past{};
};

/// Before anything has happened to it.
WalletSnapshot in_genesis(const WalletHandle& wallet);

}  // namespace latchkey::evm::wallet
