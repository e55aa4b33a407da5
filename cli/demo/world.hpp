// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chains/solana/client/tokens.hpp"
#include "chains/solana/client/waiting.hpp"
#include "chains/solana/client/wallet_lane.hpp"
#include "chains/solana/client/wallet_rent.hpp"
#include "cli/local_chain.hpp"
#include "cli/submit.hpp"

/// Chain, sponsor and bookkeeping of the demonstration.
namespace latchkey::cli::demo {

using core::Result;

/// The best peer's figures for the same action, where they are known. They were measured with the
/// peer's own binary on the same VM, or are the peer's published ones; `source` says which.
struct PeerFigures {
    std::string source;
    std::optional<std::uint64_t> compute_units;
    std::optional<std::uint64_t> bytes;
    /// At 5,080 lamports a byte.
    std::optional<std::uint64_t> rent;
};

/// A line of the closing table.
struct Measurement {
    std::string action;
    /// None where no transaction was needed.
    std::optional<Receipt> receipt;
    /// Lamports that accounts of the wallet hold from now on, paid in this transaction.
    std::uint64_t rent = 0;
    PeerFigures peer;
};

/// An approved action, not sent yet.
struct Approved {
    solana::ActionPlan plan;
    std::vector<solana::CollectedApproval> approvals;
    /// Set when it was approved together with other actions.
    std::optional<core::TreeProof> tree{};
};

/// How an action of the demonstration is approved and sent.
struct Using {
    solana::NonceChoice nonce;
    std::vector<solana::Approver> approvers;
    std::vector<const Key*> keys;
    /// Unix seconds.
    std::optional<std::uint64_t> deadline;
};

/// The sponsor pays every fee; its lane carries the nonces of passkeys.
class World {
  public:
    /// Starts a chain unless there is one, makes the sponsor and its lane, lets the lane become
    /// usable. Errors: those of LocalChain, Chain and the transactions.
    static Result<std::unique_ptr<World>> make(const Output& output,
                                               const std::vector<std::string>& rpc_urls,
                                               const std::string& program_file);

    /// Without a Solana chain: only what needs none can be asked of it.
    static std::unique_ptr<World> without_chain(const Output& output);

    Chain& chain() { return *chain_; }
    const Output& output() const { return output_; }
    const Key& sponsor() const { return *sponsor_; }
    const solana::Deployment& deployment() const { return deployment_; }

    void title(const std::string& text);
    void say(const std::string& text);
    /// kDemonstration with `what` unless `holds`.
    Result<void> expect(bool holds, const std::string& what);
    void record(Measurement measurement) { measurements_.push_back(std::move(measurement)); }
    const std::vector<Measurement>& measurements() const { return measurements_; }
    /// Transactions that the chain refused as they had to be.
    unsigned refusals() const { return refusals_; }

    /// A fresh passkey of the demonstration's relying party, user verification required.
    Result<std::unique_ptr<Key>> passkey(const std::string& label);
    /// A fresh ed25519 key.
    Result<std::unique_ptr<Key>> key(const std::string& label);
    /// An address of somebody who only receives; another one in every run.
    solana::Address somebody(const std::string& name) const;

    Result<std::uint64_t> balance(const solana::Address& address);
    /// 0 when there is no such account.
    Result<std::uint64_t> tokens(const solana::Address& token_account);
    Result<void> fund(const solana::Address& address, std::uint64_t lamports);
    Result<std::uint64_t> now();
    /// Lets time pass on the local chain. Error: kRpcRejected on any other.
    Result<void> warp(std::uint64_t seconds);

    Result<solana::WalletSnapshot> read(const solana::WalletHandle& wallet);
    /// A fresh bit of the sponsor's lane, for an approval that is good for so long.
    Result<solana::NonceChoice> lane(std::uint64_t seconds = 100);
    /// Not approved yet.
    Result<Approved> plan(const solana::WalletSnapshot& wallet, const solana::ActionBody& body,
                          const Using& with);
    Result<Approved> approve(const solana::WalletSnapshot& wallet, const solana::ActionBody& body,
                             const Using& with);
    Result<Receipt> send(const Approved& approved, const Using& with,
                         std::vector<solana::Instruction> before = {});
    /// approve and send.
    Result<Receipt> act(const solana::WalletSnapshot& wallet, const solana::ActionBody& body,
                        const Using& with, std::vector<solana::Instruction> before = {});
    /// Sends it unchecked; the chain must include it and refuse it with exactly this verdict. The
    /// verdict's sentence.
    Result<std::string> refused(const Approved& approved, const Using& with, core::Verdict verdict);
    Result<Receipt> send_own(const std::vector<solana::Instruction>& instructions,
                             std::vector<const Key*> signers = {});
    /// send, with the rent that the state needs for it, which the sponsor pays.
    Result<Receipt> send_with_rent(const solana::WalletSnapshot& snapshot, const Approved& approved,
                                   const Using& with, std::uint64_t* rent = nullptr);
    /// read, approve and send_with_rent.
    Result<Receipt> act_with_rent(const solana::WalletHandle& wallet,
                                  const solana::ActionBody& body, const Using& with,
                                  std::uint64_t* rent = nullptr);
    /// Does what waits, or waited last, under the rule; the sponsor sends it, and nobody approves.
    Result<Receipt> apply(const solana::WalletHandle& wallet, std::uint8_t record);
    /// The same when the chain must refuse it. The verdict's sentence.
    Result<std::string> apply_refused(const solana::WalletHandle& wallet, std::uint8_t record,
                                      core::Verdict verdict);
    Result<std::string> refused(const solana::Instruction& instruction, core::Verdict verdict);
    /// With the file of the program under demonstration.
    const std::string& program_file() const { return program_file_; }
    /// Puts the wallet's state on chain, paid by the sponsor; what it cost.
    Result<std::uint64_t> create_state(const solana::WalletHandle& wallet);
    /// A new token of which the sponsor makes as much as it wants.
    Result<solana::TokenMint> make_token(std::uint8_t decimals);
    /// Lamports per byte as they are now.
    const solana::Rent& rent() const { return rent_; }

  private:
    explicit World(const Output& output)
        : output_(output), deployment_{kLocalProgram, local_cluster()} {}
    Result<void> prepare();
    /// The instruction, with the rent in front.
    Result<std::vector<solana::Instruction>> make_apply(const solana::WalletHandle& wallet,
                                                        std::uint8_t record);
    Result<std::string> expect_refusal(const ReadyTransaction& ready, core::Verdict verdict);
    Result<solana::AddressLookupTable> make_table(const std::vector<solana::Address>& addresses);

    const Output& output_;
    std::optional<LocalChain> local_;
    std::unique_ptr<Chain> chain_;
    std::unique_ptr<Key> sponsor_;
    solana::Deployment deployment_;
    solana::Rent rent_;
    solana::Address lane_;
    std::optional<solana::LaneAllocator> allocator_;
    std::vector<solana::AddressLookupTable> tables_;
    std::string program_file_;
    std::vector<Measurement> measurements_;
    unsigned titles_ = 0;
    unsigned refusals_ = 0;
};

}  // namespace latchkey::cli::demo
