// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "cli/demo/world.hpp"
#include "cli/evm/amounts.hpp"
#include "cli/local_evm_chain.hpp"

/// The EVM chains of the demonstration, beside the Solana chain of World.
namespace latchkey::cli::demo {

namespace evm_wallet = evm::wallet;

/// How an action is approved.
struct Approving {
    evm_wallet::RuleReference rule{};
    /// Signers by their index, each with the key.
    std::vector<std::pair<std::uint8_t, const Key*>> by{};
    evm_wallet::Terms terms{};
};

/// By one signer.
Approving alone(const Key& key, std::uint8_t signer = 0, evm_wallet::RuleReference rule = {});

/// An approved action, not sent yet.
struct EvmApproved {
    evm_wallet::WalletHandle wallet;
    evm_wallet::ActionPlan plan;
    std::vector<core::CollectedApproval> approvals;
    /// Set when it was approved together with other actions.
    std::optional<core::TreeProof> tree{};
};

/// The best peer's figures for the same action, where they are known; `source` says whose.
struct EvmPeer {
    std::string source = "none";
    std::optional<std::uint64_t> gas{};
    std::optional<std::uint64_t> bytes{};
};

/// A line of the closing table.
struct EvmMeasurement {
    std::string action;
    on_evm::Receipt receipt;
    EvmPeer peer{};
};

/// Two chains; a relayer pays for gas on both and approves nothing. Where no chain is named, the
/// first one is meant.
class EvmWorld {
  public:
    /// Starts the chains. Errors: those of LocalEvmChain and Node.
    static Result<std::unique_ptr<EvmWorld>> make(World& world);

    World& world() { return world_; }
    on_evm::Node& node(std::size_t chain = 0) { return *nodes_.at(chain); }
    const Key& relayer() const { return *relayer_; }
    evm::Address relayer_address() const { return relayer_->account_signer->address(); }
    const on_evm::Token& token() const { return token_; }
    /// Of the first chain.
    void record(EvmMeasurement measurement) { measurements_.push_back(std::move(measurement)); }
    const std::vector<EvmMeasurement>& measurements() const { return measurements_; }
    unsigned refusals() const { return refusals_; }

    /// A fresh secp256k1 key.
    Result<std::unique_ptr<Key>> key(const std::string& label);
    /// An address of somebody who only receives; another one in every run.
    evm::Address somebody(const std::string& name) const;

    /// Says the address.
    Result<evm_wallet::WalletHandle> new_wallet(const core::Configuration& configuration);
    /// The EVM side of a wallet that there is on Solana too.
    Result<evm_wallet::WalletHandle> same_wallet(const solana::WalletHandle& wallet);
    /// The same wallet on the other chain.
    Result<evm_wallet::WalletHandle> on_chain(const evm_wallet::WalletHandle& wallet,
                                              std::size_t chain);
    Result<void> fund(const evm::Address& address, const evm::Uint256& wei, std::size_t chain = 0);
    Result<evm::Uint256> balance(const evm::Address& address, std::size_t chain = 0);
    /// Whether it has exactly so much.
    Result<bool> has(const evm::Address& address, const evm::Uint256& wei, std::size_t chain = 0);
    Result<evm::Uint256> tokens(const evm::Address& address);
    Result<void> give_tokens(const evm::Address& address, const evm::Uint256& amount);
    Result<std::uint64_t> now(std::size_t chain = 0);
    Result<void> warp(std::uint64_t seconds);

    Result<evm_wallet::WalletSnapshot> read(const evm_wallet::WalletHandle& wallet);
    /// Not approved yet.
    Result<EvmApproved> plan(const evm_wallet::WalletSnapshot& wallet, evm_wallet::Body body,
                             const evm_wallet::RuleReference& rule = {},
                             const evm_wallet::Terms& terms = {});
    Result<EvmApproved> approve(const evm_wallet::WalletSnapshot& wallet, evm_wallet::Body body,
                                const Approving& with);
    /// Makes the contract of a wallet unless it is there, and tells what that cost.
    Result<std::optional<on_evm::Receipt>> make_contract(const evm_wallet::WalletHandle& wallet);
    /// The contract of the wallet is made first if it is not there; that is not in the receipt.
    Result<on_evm::Receipt> send(const EvmApproved& approved);
    /// read, approve and send.
    Result<on_evm::Receipt> act(const evm_wallet::WalletHandle& wallet, evm_wallet::Body body,
                                const Approving& with);
    /// Sends it although the chain must refuse it with exactly this verdict. Its sentence.
    Result<std::string> refused(const EvmApproved& approved, core::Verdict verdict);
    /// read, approve and refused.
    Result<std::string> act_refused(const evm_wallet::WalletHandle& wallet, evm_wallet::Body body,
                                    const Approving& with, core::Verdict verdict);
    /// Does what waits under the rule, or waited last; nobody approves.
    Result<on_evm::Receipt> apply(const evm_wallet::WalletHandle& wallet,
                                  const evm_wallet::RuleReference& rule,
                                  const evm_wallet::Body& body);
    /// The same when the chain must refuse it. The verdict's sentence.
    Result<std::string> apply_refused(const evm_wallet::WalletHandle& wallet,
                                      const evm_wallet::RuleReference& rule,
                                      const evm_wallet::Body& body, core::Verdict verdict);
    /// The amount as people write it, such as 0.1, of the test token.
    Result<evm::Uint256> token_amount(std::string_view text) const {
        return on_evm::parse_units(text, token_.decimals);
    }

  private:
    explicit EvmWorld(World& world) : world_(world) {}
    Result<void> prepare();
    std::size_t place_of(const evm_wallet::WalletHandle& wallet) const;
    /// Calldata with the approvals as they are, whether or not they are good.
    static Result<core::Bytes> calldata_of(const EvmApproved& approved);
    Result<std::string> expect_refusal(const evm_wallet::WalletHandle& wallet, core::Bytes calldata,
                                       core::Verdict verdict);

    World& world_;
    std::vector<LocalEvmChain> local_;
    std::array<std::unique_ptr<on_evm::Node>, 2> nodes_;
    std::unique_ptr<Key> relayer_;
    on_evm::Token token_;
    std::vector<EvmMeasurement> measurements_;
    unsigned refusals_ = 0;
};

/// Calls of a wallet.
evm_wallet::Body execute(std::vector<evm_wallet::Call> calls);
/// One payment of the chain's own coin.
evm_wallet::Body pay(const evm::Address& to, const evm::Uint256& wei);
/// So many thousandths of a whole coin, in wei.
evm::Uint256 milliether(std::uint64_t count);

}  // namespace latchkey::cli::demo
