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

/// What every command that needs the wallet's approval does around its own action.
namespace latchkey::cli {

/// Who approves, who pays, and where the nonce lives.
struct OperationOptions {
    std::string wallet;
    /// As load_key reads them.
    std::vector<std::string> keys;
    /// As load_key reads it; empty: the only ed25519 key of `keys`.
    std::string fee_payer;
    /// "2", "session:0" or "recovery:0"; empty: the first rule that the keys satisfy.
    std::string rule;
    /// Recovery file, whose rules may approve as well; empty: none.
    std::string recovery_file;
    /// "auto", "transaction", "lane", "lane:INDEX", "state" or "state:KEY".
    std::string nonce = "auto";
    /// How long the approval may be used: with a lane at most 512 s. Empty: 100 s with a lane, else
    /// for ever.
    std::string valid_for;
    /// Put the wallet's state on chain in the same transaction if it is not there.
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
};

/// Reads the wallet, chooses rule and nonce, plans, explains, collects approvals, simulates, sends
/// and confirms; says until when the action waits, if it does. Errors: kNoUsableRule, kNonceNeeded
/// and those of all parts.
Result<Report> run_operation(Context& context, const OperationOptions& options,
                             const OperationNeeds& needs, const ActionMaker& make);
Result<Report> run_operation(Context& context, const OperationOptions& options,
                             std::uint8_t actions, const ActionMaker& make);

/// `latchkey sign`: approves a request with the keys at hand, without a network.
struct SignOptions {
    std::string request_file;
    std::vector<std::string> keys;
    std::string output_file;
    bool replaces_files = false;
};
/// Signs what a request file asks for.
Result<Report> sign_request(Context& context, const SignOptions& options);

/// `latchkey send`: sends a request with the approvals that came back.
struct SendOptions {
    std::string request_file;
    std::vector<std::string> approval_files;
    std::string fee_payer;
    bool is_dry_run = false;
};
/// Sends a request with its approvals.
Result<Report> send_request(Context& context, const SendOptions& options);

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

/// Sends, or only simulates, and reports with the description in front. Errors: those of
/// make_transaction and Chain::submit.
Result<Report> finish(Chain& chain, const Output& output,
                      const std::vector<solana::Instruction>& instructions,
                      const Submission& submission, bool is_dry_run,
                      const std::vector<std::string>& description);

/// `named`, else the setting. Error: kCommandInput (none, or no ed25519 key).
Result<Key> load_fee_payer(const Context& context, const std::string& named);

}  // namespace latchkey::cli
