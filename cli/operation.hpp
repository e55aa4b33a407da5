// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chains/solana/client/rule_choice.hpp"
#include "cli/action_file.hpp"
#include "cli/context.hpp"
#include "cli/recovery_file.hpp"
#include "cli/submit.hpp"

/// What every command that needs the wallet's approval does around its own action on Solana; for
/// EVM chains see cli/evm/operation.hpp. The options are those of both.
namespace latchkey::cli {

/// Who approves, who pays, and where the nonce lives.
struct OperationOptions {
    std::string wallet;
    /// As load_key reads them.
    std::vector<std::string> keys;
    /// On Solana, as load_key reads it; empty: the only ed25519 key of `keys`.
    std::string fee_payer;
    /// On EVM chains, as load_key reads it; empty: the first secp256k1 key of `keys`.
    std::string gas_payer;
    /// "2", "session:0" or "recovery:0"; empty: the first rule that the keys satisfy.
    std::string rule;
    /// Recovery file, whose rules may approve as well; empty: none.
    std::string recovery_file;
    /// "auto", "transaction", "lane", "lane:INDEX", "state" or "state:KEY"; on EVM chains "auto",
    /// "lane" (a fresh one) or "lane:NUMBER".
    std::string nonce = "auto";
    /// How long the approval may be used: with a lane of Solana at most 512 s. Empty: 100 s with
    /// such a lane, else for ever.
    std::string valid_for;
    /// On Solana: put the wallet's state on chain in the same transaction if it is not there.
    bool creates_state = false;
    /// Write a request for signers elsewhere into this file and send nothing.
    std::string request_file;
    /// Simulate only.
    bool is_dry_run = false;
    bool replaces_files = false;
};

/// Makes the action once the wallet's state and the rule are known.
using ActionMaker = std::function<Result<solana::ActionBody>(
    Chain& chain, const solana::WalletSnapshot& wallet, const solana::RuleReference& rule)>;

/// What the action asks of its rule.
struct OperationNeeds {
    /// The right.
    std::uint8_t actions = 0;
    /// Approvers of at least so many parties, even where the rule asks for fewer.
    std::size_t parties_min = 1;
    /// Only keys that can approve on EVM chains as well.
    bool is_on_evm_too = false;
};

/// All that is known of an operation before the action is made.
struct Prepared {
    WalletFile file;
    std::optional<RecoveryFile> recovery;
    Chain* chain = nullptr;
    std::vector<Key> keys;
    /// Points into `keys`, or at `own_fee_payer`.
    const Key* fee_payer = nullptr;
    std::unique_ptr<Key> own_fee_payer;
    /// As on chain.
    std::optional<solana::WalletSnapshot> wallet;
    /// As the action is planned: with the state that this transaction creates.
    std::optional<solana::WalletSnapshot> planned;
    solana::RuleChoice choice;
    solana::NonceChoice nonce;
    std::optional<std::uint64_t> deadline;
    /// Of the present configuration, when it is not the first and is about to be changed.
    std::optional<solana::ConfigurationOrigin> origin;

    bool is_self_paid(const core::Signer& entry) const {
        return fee_payer != nullptr && solana::is_same_key(fee_payer->entry(), entry);
    }
};

/// An action that is ready to be approved.
struct ReadyAction {
    Prepared prepared;
    solana::Action action;
    solana::ActionPlan plan;
};

/// Reads the wallet, chooses rule and nonce, plans. Errors: kNoUsableRule, kNonceNeeded and those
/// of all parts.
Result<ReadyAction> prepare_action(Context& context, const OperationOptions& options,
                                   const OperationNeeds& needs, const ActionMaker& make);
/// Simulates, sends and confirms; says until when the action waits, if it does. `approvals`: of
/// those who do not sign the transaction. Errors: those of all parts.
Result<Report> send_action(Context& context, const OperationOptions& options,
                           const ReadyAction& ready,
                           const std::vector<core::CollectedApproval>& approvals);

/// Reads the wallet, chooses rule and nonce, plans, explains, collects approvals, simulates, sends
/// and confirms; says until when the action waits, if it does. Errors: kNoUsableRule, kNonceNeeded
/// and those of all parts.
Result<Report> run_operation(Context& context, const OperationOptions& options,
                             const OperationNeeds& needs, const ActionMaker& make);
Result<Report> run_operation(Context& context, const OperationOptions& options,
                             std::uint8_t actions, const ActionMaker& make);

/// An action in words, with the wallet's own names.
std::vector<std::string> describe_action(const solana::WalletSnapshot& wallet,
                                         const solana::Action& action, const core::Names& names);

/// "2", "session:0", or "recovery:0" for a rule of `recovery`. Error: kCommandInput.
Result<solana::RuleReference> parse_rule_reference(const std::string& text,
                                                   const RecoveryFile* recovery = nullptr);

/// Proves by the wallet's history that the configuration belongs to the id that approvals name: a
/// node could otherwise slip its own signers into a change. Absent for the first configuration,
/// which needs no proof. Errors: those of fetch_configurations.
Result<std::optional<solana::ConfigurationOrigin>> prove_configuration(
    Chain& chain, const Output& output, const solana::WalletSnapshot& wallet);

/// Adds to `submission` the transfer to the state of what it lacks for so many bytes; nothing for 0
/// bytes or when it has it. `present`: lamports it has. Errors: those of the node.
Result<void> add_state_rent(Chain& chain, const solana::WalletHandle& wallet, std::size_t bytes,
                            std::uint64_t present, const solana::Address& payer,
                            Submission& submission);

/// Adds to `submission` the creation of the state, if the action was planned with one, and the rent
/// for its growth. `on_chain`: as it is now; `waits`: the action becomes a proposal. Errors: those
/// of state_size_after and of the node.
Result<void> add_preparation(Chain& chain, const solana::WalletSnapshot& on_chain,
                             const solana::ActionPlan& plan, const solana::WalletSnapshot& planned,
                             bool waits, Submission& submission);

/// How long the action waits when these approvals come along with the plan's own approvers.
std::uint64_t waiting_time(const solana::WalletSnapshot& wallet, const solana::ActionPlan& plan,
                           const std::vector<solana::CollectedApproval>& approvals);

/// Sends, or only simulates, and reports with the description in front. Errors: those of
/// make_transaction and Chain::submit.
Result<Report> finish(Chain& chain, const Output& output,
                      const std::vector<solana::Instruction>& instructions,
                      const Submission& submission, bool is_dry_run,
                      const std::vector<std::string>& description);

/// An action on Solana with the approvals of those who do not sign the transaction.
struct ApprovedOnSolana {
    const solana::ActionPlan& plan;
    /// The wallet as it is, and as the action was planned.
    const solana::WalletSnapshot& on_chain;
    const solana::WalletSnapshot& planned;
    const std::vector<core::CollectedApproval>& approvals;
    std::optional<core::TreeProof> tree;
    /// In words, for the report.
    std::vector<std::string> description;
    /// For the commands that are printed; may be empty.
    std::string wallet_file;
};
/// Sends it, or only simulates, and says until when it waits, if it does. `submission`: fee payer
/// and signers. Errors: those of add_preparation, build_instructions and finish.
Result<Report> send_approved(Chain& chain, const Output& output, const ApprovedOnSolana& approved,
                             Submission submission, bool is_dry_run);

/// What a report says of an action that has become a proposal. `options`: for the commands that are
/// printed, as " --chain base".
void add_proposal(const Output& output, const std::string& name, std::uint64_t earliest,
                  std::uint64_t latest, const std::string& options, Report& report);

/// `named`, else the setting. Error: kCommandInput (none, or no ed25519 key).
Result<Key> load_fee_payer(const Context& context, const std::string& named);

}  // namespace latchkey::cli
