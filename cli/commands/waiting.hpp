// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/history.hpp"
#include "cli/operation.hpp"

/// `latchkey pending`, `apply`, `cancel`, `freeze` and `history`: what waits, and what was.
namespace latchkey::cli {

/// A proposal as people name it: "2" or "recovery:0", with ".5" when exactly the fifth is meant.
struct ProposalName {
    /// As solana::record_name writes it.
    std::uint8_t record = 0;
    std::optional<std::uint32_t> number;
};
/// Error: kCommandInput.
Result<ProposalName> parse_proposal(const std::string& text);

/// Everything that waits, in words, read from the transactions that proposed it. Errors: those of
/// the node.
Result<Report> list_pending(Context& context, const std::string& wallet);

/// Doing what waits. Nobody approves it.
struct ApplyOptions {
    std::string wallet;
    /// As parse_proposal reads it.
    std::string proposal;
    /// As load_key reads it; empty: the setting.
    std::string fee_payer;
    /// The same on EVM chains.
    std::string gas_payer;
    /// Of a recovery on an EVM chain.
    std::string recovery_file;
    /// Keys whose signatures the action's calls pass on, such as a new account's.
    std::vector<std::string> keys;
    bool is_dry_run = false;
};
/// Finds the proposal in the wallet's history, compares it with the state's digest and does it.
/// Errors: kProposalNotFound, kRefusedByModel (NothingWaits, TooEarly, ProposalExpired, Frozen,
/// RecoveryUnderWay), those of the node.
Result<Report> apply_proposal(Context& context, const ApplyOptions& options);

/// Ends what waits, or with `is_ahead` what would be proposed next. Errors: those of
/// run_operation, kRefusedByModel (NothingWaits).
Result<Report> cancel_proposal(Context& context, const OperationOptions& operation,
                               const std::string& proposal, bool is_ahead);

/// Errors: those of run_operation.
Result<Report> freeze_wallet(Context& context, const OperationOptions& operation, bool lifts);

/// All configurations, followed from the wallet's id to the present one. Errors: those of the node.
Result<Report> list_history(Context& context, const std::string& wallet);

/// Who can end a proposal, in words.
std::string cancel_way_text(const core::CancelWay& way);
/// Words for the actions that can wait: "change the configuration".
std::string_view action_text(std::uint8_t action);

}  // namespace latchkey::cli
