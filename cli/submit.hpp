// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chains/solana/client/plan.hpp"
#include "cli/chain.hpp"
#include "cli/keys.hpp"
#include "cli/output.hpp"

/// From an action to a confirmed transaction.
namespace latchkey::cli {

/// Everything around the action's own instructions.
struct Submission {
    /// Pays the fee; an ed25519 key.
    const Key* fee_payer = nullptr;
    /// Further keys: approvers by transaction signature, lane operators, owners.
    std::vector<const Key*> signers;
    /// In front of the action, such as the creation of the state.
    std::vector<solana::Instruction> before;
    std::vector<solana::Instruction> after;
    std::vector<solana::AddressLookupTable> tables;
    /// Lamports that `before` moves from the fee payer into accounts that keep them.
    std::uint64_t rent = 0;
};

/// A signed transaction and until when it can be included.
struct ReadyTransaction {
    solana::Transaction transaction;
    std::uint64_t last_valid_block_height = 0;
};

/// The answers of the plan's approvers that `keys` hold, transaction signers aside. Errors: those
/// of the signers; kNoUsableRule if the key of an approver is missing.
Result<std::vector<solana::CollectedApproval>> collect_approvals(const solana::ActionPlan& plan,
                                                                 const core::ApprovalHash& hash,
                                                                 std::span<const Key* const> keys);

/// Precompiles and wallet instruction between the others. `verifies` off leaves every check to the
/// chain. Errors: those of assemble.
Result<std::vector<solana::Instruction>> build_instructions(
    const solana::ActionPlan& plan, std::span<const solana::CollectedApproval> approvals,
    const Submission& submission, const std::optional<core::TreeProof>& tree = std::nullopt,
    bool verifies = true);

/// In the oldest format that it fits into, with a fresh blockhash, signed by all of the
/// submission's keys that it asks for. Errors: kTransactionTooLarge, kMissingSignature, those of
/// the node.
Result<ReadyTransaction> make_transaction(Chain& chain,
                                          const std::vector<solana::Instruction>& instructions,
                                          const Submission& submission);

/// Sends and waits, with progress on `output`. Errors: those of Chain::submit.
Result<Receipt> submit_with_progress(Chain& chain, const Output& output,
                                     const ReadyTransaction& ready);
/// make_transaction and submit_with_progress.
Result<Receipt> send_instructions(Chain& chain, const Output& output,
                                  const std::vector<solana::Instruction>& instructions,
                                  const Submission& submission);

/// For reports: id, bytes, compute units, fee.
json::object receipt_fields(const Receipt& receipt);
std::string receipt_line(const Output& output, const Receipt& receipt);

}  // namespace latchkey::cli
