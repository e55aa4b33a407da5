// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "chains/solana/client/rpc.hpp"
#include "chains/solana/client/waiting.hpp"

/// A wallet's past, from the transactions that name its state. Any node that keeps them will do;
/// what it says is checked against the state wherever that is possible.
namespace latchkey::solana {

/// A transaction that succeeded, with its instructions to one wallet in the order in which they
/// ran, calls from other programs included.
struct WalletTransaction {
    Signature id;
    std::uint64_t slot = 0;
    /// Unix seconds, if the node knows them.
    std::optional<std::int64_t> time;
    Address fee_payer;
    std::vector<Instruction> instructions;
    /// Why it cannot be read, if it cannot: anybody can name a wallet in a transaction of a form
    /// that this program does not know. Then there are no instructions.
    std::optional<std::string> unreadable;
};

/// Its instructions to `program` whose first account is `state`. Errors: kRpcMalformed (indexes
/// beyond the accounts).
Result<WalletTransaction> read_wallet_transaction(const ExecutedTransaction& executed,
                                                  const Address& program, const Address& state);

/// Walks from the newest transaction to older ones. The client must outlive it.
class HistoryReader {
  public:
    /// `until`: ends before this transaction, which was seen already.
    HistoryReader(RpcClient& rpc, const WalletHandle& wallet,
                  std::optional<Signature> until = std::nullopt);

    /// The next older one with instructions to the wallet, or that cannot be read; absent at the
    /// end. Errors: those of the node, kRpcMalformed (the node lists a transaction that it does not
    /// have).
    Task<Result<std::optional<WalletTransaction>>> next();
    /// The newest transaction that was listed, whatever it did.
    const std::optional<Signature>& newest() const { return newest_; }

  private:
    Task<Result<void>> next_page();
    Task<Result<std::optional<WalletTransaction>>> read(SignatureInfo info);

    RpcClient* rpc_;
    Address program_;
    Address state_;
    std::optional<Signature> until_;
    std::optional<Signature> newest_;
    std::optional<Signature> before_;
    std::vector<SignatureInfo> page_;
    std::size_t at_ = 0;
    bool is_over_ = false;
};

/// What waits under a record, as it was proposed.
struct FoundProposal {
    WalletTransaction transaction;
    Proposal proposal;
};
/// The newest proposal with the record's digest; absent when the node has none. Errors: those of
/// HistoryReader.
Task<Result<std::optional<FoundProposal>>> find_proposal(RpcClient& rpc, WalletHandle wallet,
                                                         RuleRecord record);

/// What a configuration's id is made of, beside its shared part.
struct ConfigurationOrigin {
    /// The configId before it.
    core::ConfigId parent;
    /// Of a recovery, whose id does not name the parent: the commitment, the rule as record_name()
    /// writes it, and the epoch.
    std::optional<core::RecoveryCommitment> recovery;
    std::uint8_t rule = 0;
    std::uint32_t epoch = 0;
};
/// The id of a configuration: a hash, so that an origin proves which shared part an id belongs to.
core::ConfigId config_id_of(const WalletHandle& wallet, const ConfigurationOrigin& origin,
                            ByteView shared);

/// One configuration of a wallet.
struct PastConfiguration {
    std::uint32_t sequence = 0;
    core::ConfigId id;
    core::Configuration configuration;
    /// Absent for the genesis.
    std::optional<ConfigurationOrigin> origin;
    /// The transaction that made it current; absent for the genesis.
    std::optional<WalletTransaction> transaction;
    /// kPolicy or kRecover; not for the genesis.
    ActionNumber action = kPolicy;
    /// It had waited.
    bool was_proposed = false;
};
/// Replays transactions, oldest first, and follows the configIds from the wallet's id on. Errors:
/// kRefusedByModel, and kRpcMalformed when a change does not follow from what was before it.
Result<std::vector<PastConfiguration>> replay_configurations(
    const WalletHandle& wallet, std::span<const WalletTransaction> transactions);
/// All configurations so far, oldest first; each is proved to belong to its id, whoever the node
/// is. Whether the chain has the last id only the chain tells. Fetches every transaction of the
/// wallet that succeeded, one request each, and keeps all of them in memory. Errors: those of the
/// node, and kRpcMalformed when its history does not lead to the state's configId and
/// configuration.
Task<Result<std::vector<PastConfiguration>>> fetch_configurations(RpcClient& rpc,
                                                                  WalletSnapshot wallet);

}  // namespace latchkey::solana
