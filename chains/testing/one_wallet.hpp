// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chains/evm/client/anvil_process.hpp"
#include "chains/evm/wallet/author_testing.hpp"
#include "chains/evm/wallet/node_testing.hpp"
#include "chains/solana/testing/differential_vm.hpp"
#include "chains/testing/move.hpp"

/// One wallet on two chains: one genesis, one walletId; the model of each chain, the contracts on
/// anvil and the Solana program, natively and in the real VM.
namespace latchkey::chains::testing {

namespace evm_wallet = evm::wallet;
namespace svm = solana::testing;

/// What Payee::kSomebody is to both chains, for rules. Solana's System program has 32 zero bytes as
/// its address, which is no target on the EVM; an account of the EVM is no program on Solana.
std::vector<core::Target> common_scope();

/// anvil with the contracts; every game begins on the same chain.
class EvmChain {
  public:
    /// Why there is none: anvil or the compiled contracts are missing. Empty otherwise.
    static std::string missing();
    /// Throws std::runtime_error.
    EvmChain();

    /// As it was after construction.
    void reset();
    evm_wallet::testing::Node& node() { return *node_; }
    const evm_wallet::Deployment& deployment() const { return deployment_; }
    const evm::Address& sender() const { return sender_; }

  private:
    std::unique_ptr<evm::AnvilProcess> anvil_;
    std::unique_ptr<evm_wallet::testing::Node> node_;
    evm_wallet::Deployment deployment_;
    evm::Address sender_;
    std::string snapshot_;
};

/// An action as each chain is shown it.
struct Shown {
    evm_wallet::Action evm;
    svm::Attempt solana;
    /// What it is, for people.
    std::string words;
    /// For the count.
    std::string action;
    Aspect aspect{};
    /// One approval covers others as well.
    bool is_together = false;
    /// What may wait; for `apply`.
    std::optional<Move> move{};
    solana::Body solana_body{};
    std::uint8_t nonce_kind = 0;

    /// Its rule may keep it.
    bool can_wait() const { return move && testing::can_wait(move->body); }
};

/// What became of it.
struct Answer {
    core::Verdict evm = core::Verdict::kAccepted;
    /// Absent: a precompile refused a signature, and the program did not run.
    std::optional<core::Verdict> solana{};
    /// Empty, or who disagrees with whom.
    std::string difference{};

    bool is_accepted() const { return evm == core::Verdict::kAccepted; }
};

/// Who hears of an action.
enum class Audience : std::uint8_t { kBoth, kEvm, kSolana };

/// The wallet, and everybody who has a key.
class OneWallet {
  public:
    /// `skew`: seconds by which Solana's clock is ahead, to see that it is noticed.
    OneWallet(EvmChain& chain, svm::VmTwin& vm, const core::Configuration& configuration,
              const std::vector<svm::TestSigner>& people, std::uint64_t skew = 0);

    /// Unix seconds, on both chains; never back.
    std::uint64_t now() const { return author_.chain.now; }
    void set_time(std::uint64_t now);

    /// Of the EVM, and what both chains agree on while both hear of everything.
    const core::model::State& state() const { return *author_.world.wallet.state; }
    /// Of the signers of the rule that the move names.
    std::vector<core::Signer> signers_of(const Move& move) const;
    std::vector<core::LocalRuleId> sessions() const;

    /// Signs all moves at once: several leaves, one digest, one signature of each signer for both
    /// chains. `has_tree`: also when one leaf is all there is.
    std::vector<Shown> show(const std::vector<Move>& moves, bool has_tree) const;
    /// That proposal as it would be applied now.
    Shown show_application(const Shown& proposed) const;
    /// The same approvals once more. What nobody signs of the EVM's calldata, the proofs of what is
    /// stored, is as it has to be now; Solana's instruction has nothing of the kind.
    Shown show_again(const Shown& shown) const;
    /// Whether the proposal waits on both chains.
    const core::model::Record* record_of(const Shown& proposed) const;

    /// One action, and what the chains that hear of it say. Of an audience of one, that chain's
    /// verdict is the only one.
    Answer play(const Shown& shown, Audience audience = Audience::kBoth);
    /// Empty, or what the chains have different.
    std::string compare_chains();

  private:
    /// A move before it is approved.
    struct Prepared {
        Move move;
        evm_wallet::ApprovedAction action;
        svm::Draft draft;
        core::Leaf evm_leaf;
        core::Leaf solana_leaf;
    };

    evm_wallet::Authority authority_of(const Move& move) const;
    evm_wallet::Body evm_body_of(const Move& move) const;
    solana::Body solana_body_of(const Move& move, svm::Draft& draft) const;
    evm_wallet::ApprovedAction evm_action_of(const Move& move) const;
    svm::Draft draft_of(const Move& move) const;
    core::Leaf evm_leaf_of(const evm_wallet::ApprovedAction& action) const;
    core::Leaf solana_leaf_of(svm::Draft draft) const;
    std::vector<core::Evidence> sign(const Move& move, const core::ApprovalHash& hash) const;
    Prepared prepare(const Move& move) const;
    Shown approve(Prepared prepared, const std::optional<core::ApprovalTree>& tree,
                  const std::vector<core::Leaf>& leaves) const;
    void spoil(Prepared& prepared, svm::Forged& forged) const;
    void know_calls(const svm::Forged& forged, const solana::Body& body) const;

    std::string ask_evm(const evm_wallet::Action& action, core::Verdict expected,
                        std::vector<core::Bytes>& forms);
    std::string send_evm(const std::vector<core::Bytes>& forms);
    std::string play_solana(const svm::Attempt& attempt, std::optional<core::Verdict>& verdict);

    EvmChain& chain_;
    svm::VmTwin& vm_;
    /// Lane nonces are taken from it, one for each use.
    mutable svm::NativeWorld world_;
    svm::Forge forge_;
    svm::ModelledWallet solana_;
    mutable svm::CallBook book_;
    evm_wallet::testing::Author author_;
    std::uint64_t skew_ = 0;
    std::size_t turn_ = 0;
};

}  // namespace latchkey::chains::testing
