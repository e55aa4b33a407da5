// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "chains/solana/client/address.hpp"
#include "chains/solana/layout/instruction.hpp"
#include "chains/solana/layout/state.hpp"
#include "core/wallet/identity.hpp"

/// A wallet as its users know it: what it is made of, where it lives, who may do what.
namespace latchkey::solana {

/// Addresses and hashes of the chain-neutral model are the same 32 bytes.
inline core::Hash32 to_hash(const Address& address) {
    return core::Hash32(address.array());
}
template <typename Tag>
Address to_address(const core::FixedBytes<32, Tag>& hash) {
    return Address(hash.array());
}

/// Which program on which cluster.
struct Deployment {
    Address program;
    /// The cluster's genesis hash, which every leaf commits to.
    core::Hash32 cluster;

    friend bool operator==(const Deployment&, const Deployment&) = default;
};

/// A wallet's genesis and the addresses that follow from it; needs no chain.
class WalletHandle {
  public:
    /// Errors: kRefusedByModel, kIdentityOnCurve.
    static Result<WalletHandle> from_genesis(ByteView genesis, const Deployment& deployment);
    /// The default wallet of a configuration, with the smallest salt that works.
    /// Errors: kRefusedByModel, kIdentityOnCurve.
    static Result<WalletHandle> create(const core::Configuration& configuration,
                                       const Deployment& deployment);

    const Deployment& deployment() const { return deployment_; }
    const core::WalletId& id() const { return identity_.wallet_id; }
    /// The account that the program keeps the wallet's configuration in, once there is one.
    Address state() const { return to_address(identity_.wallet_id); }
    /// The account that holds the wallet's SOL and owns its tokens.
    Address vault() const { return to_address(identity_.vault); }
    ByteView genesis() const { return genesis_; }
    const core::Configuration& genesis_configuration() const { return configuration_; }
    /// The shared part that the genesis begins with, as a state keeps it.
    ByteView genesis_shared() const { return shared_; }

  private:
    WalletHandle() = default;

    Deployment deployment_;
    core::Identity identity_;
    Bytes genesis_;
    Bytes shared_;
    core::Configuration configuration_;
};

/// A rule with the signers that its mask counts.
struct ResolvedRule {
    core::Rule rule;
    std::vector<core::Signer> signers;
    /// Of a session.
    std::optional<core::LocalRuleId> local_rule_id;
};

/// The wallet as it stands on chain at one moment.
class WalletSnapshot {
  public:
    /// While the state account is not initialised.
    static WalletSnapshot in_genesis(WalletHandle wallet);
    /// From the state account's data (its owner is the program; the caller has checked that).
    /// Errors: those of decode_state; kRefusedByModel if a configuration in it is not valid.
    static Result<WalletSnapshot> from_state(WalletHandle wallet, ByteView state_data);

    const WalletHandle& wallet() const { return wallet_; }
    const std::optional<StateAccount>& state() const { return state_; }
    /// The sequence n of the current configuration.
    std::uint32_t sequence() const { return state_ ? state_->sequence : 0; }
    const core::ConfigId& config_id() const { return config_id_; }
    const core::Configuration& configuration() const { return configuration_; }
    /// Canonical bytes of the current shared part.
    ByteView shared() const;

    /// Errors: kRefusedByModel (UnknownRule; for a rule of the recovery part RecoveryPart when the
    /// configuration names another one, and those of decode_recovery_part).
    Result<ResolvedRule> rule(const RuleReference& reference) const;
    /// What the state remembers of a rule, by its record_name(); null if nothing.
    const RuleRecord* record(std::uint8_t name) const;
    /// The number that approvals of policy, recover and freeze under this rule name.
    std::uint32_t epoch(const RuleReference& reference) const;
    /// Where the session with this id is. Errors: kRefusedByModel (UnknownLocalRule).
    Result<RuleReference> find_local_rule(const core::LocalRuleId& id) const;
    /// The id that a session granted by the next local change will have.
    core::LocalRuleId next_local_rule_id(ByteView local_rule) const;

  private:
    explicit WalletSnapshot(WalletHandle wallet);

    WalletHandle wallet_;
    std::optional<StateAccount> state_;
    core::ConfigId config_id_;
    core::Configuration configuration_;
};

}  // namespace latchkey::solana
