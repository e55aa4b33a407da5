// SPDX-License-Identifier: Apache-2.0
#include "cli/submit.hpp"

#include <algorithm>

#include "chains/solana/client/rule_choice.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// What a wallet transaction needs at most, with room: a version 1 message must name it.
constexpr std::uint32_t kComputeUnitLimit = 400'000;
constexpr std::uint32_t kLoadedBytesLimit = 4 * 1024 * 1024;

const Key* find_key(std::span<const Key* const> keys, const core::Signer& entry) {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key* key) {
        return solana::is_same_key(key->entry(), entry);
    });
    return found == keys.end() ? nullptr : *found;
}

std::string_view stage_text(solana::ConfirmProgress::Stage stage) {
    switch (stage) {
        case solana::ConfirmProgress::Stage::kSent:
            return "sent, waiting for a block …";
        case solana::ConfirmProgress::Stage::kResent:
            return "sent again, waiting for a block …";
        case solana::ConfirmProgress::Stage::kSeen:
            return "in a block, being confirmed …";
        case solana::ConfirmProgress::Stage::kExpiring:
            break;
    }
    return "too late for a block; finding out whether it made it …";
}

Result<void> sign(solana::Transaction& transaction, const Submission& submission) {
    std::vector<const Key*> keys{submission.fee_payer};
    keys.insert(keys.end(), submission.signers.begin(), submission.signers.end());
    for (const solana::Address& missing : transaction.missing_signers()) {
        const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key* key) {
            return key->transaction_signer != nullptr && key->address() == missing;
        });
        if (found == keys.end()) {
            return fail(ErrorCode::kMissingSignature,
                        "the key of " + solana::to_base58(missing) + " is not at hand");
        }
        LATCHKEY_TRY(const auto signature,
                     (*found)->transaction_signer->sign_transaction(transaction.message_bytes()));
        LATCHKEY_CHECK(transaction.place_signature(missing, signature));
    }
    return {};
}

}  // namespace

Result<std::vector<solana::CollectedApproval>> collect_approvals(const solana::ActionPlan& plan,
                                                                 const core::ApprovalHash& hash,
                                                                 std::span<const Key* const> keys) {
    std::vector<solana::CollectedApproval> out;
    for (const solana::SignerRequest& request : solana::signer_requests(plan, hash)) {
        const auto named =
            std::find_if(plan.approvers.begin(), plan.approvers.end(),
                         [&](const solana::Approver& one) { return one.signer == request.signer; });
        if (named == plan.approvers.end() || request.message.empty()) {
            continue;
        }
        const Key* const key = find_key(keys, request.entry);
        if (key == nullptr) {
            return fail(ErrorCode::kNoUsableRule,
                        "the key of signer " + std::to_string(request.signer) + " is not at hand");
        }
        LATCHKEY_TRY(core::Evidence evidence, key->signer->approve(hash));
        out.push_back({request.signer, std::move(evidence)});
    }
    return out;
}

Result<std::vector<solana::Instruction>> build_instructions(
    const solana::ActionPlan& plan, std::span<const solana::CollectedApproval> approvals,
    const Submission& submission, const std::optional<core::TreeProof>& tree, bool verifies) {
    solana::AssembleOptions options;
    options.tree = tree;
    options.verifies = verifies;
    LATCHKEY_TRY(const solana::AssembledAction assembled,
                 solana::assemble(plan, approvals, options));
    LATCHKEY_TRY(const std::vector<solana::Instruction> own, assembled.instructions());
    std::vector<solana::Instruction> out = submission.before;
    out.insert(out.end(), own.begin(), own.end());
    out.insert(out.end(), submission.after.begin(), submission.after.end());
    return out;
}

Result<ReadyTransaction> make_transaction(Chain& chain,
                                          const std::vector<solana::Instruction>& instructions,
                                          const Submission& submission) {
    LATCHKEY_TRY(const solana::LatestBlockhash latest,
                 chain.run(chain.rpc().get_latest_blockhash()));
    solana::MessageDraft draft;
    draft.version =
        submission.tables.empty() ? solana::MessageVersion::kLegacy : solana::MessageVersion::kV0;
    draft.fee_payer = submission.fee_payer->address();
    draft.lifetime = latest.blockhash;
    draft.instructions = instructions;
    draft.lookup_tables = submission.tables;
    auto made = solana::Transaction::from_draft(draft);
    if (!made && made.error().code == ErrorCode::kTransactionTooLarge) {
        draft.version = solana::MessageVersion::kV1;
        draft.lookup_tables.clear();
        draft.config.compute_unit_limit = kComputeUnitLimit;
        draft.config.loaded_accounts_bytes_limit = kLoadedBytesLimit;
        made = solana::Transaction::from_draft(draft);
    }
    LATCHKEY_TRY(solana::Transaction transaction, std::move(made));
    LATCHKEY_CHECK(sign(transaction, submission));
    return ReadyTransaction{std::move(transaction), latest.last_valid_block_height};
}

Result<Receipt> submit_with_progress(Chain& chain, const Output& output,
                                     const ReadyTransaction& ready) {
    output.progress("simulating …");
    auto receipt = chain.submit(
        ready.transaction, ready.last_valid_block_height,
        [&](const solana::ConfirmProgress& step) { output.progress(stage_text(step.stage)); });
    output.end_progress();
    return receipt;
}

Result<Receipt> send_instructions(Chain& chain, const Output& output,
                                  const std::vector<solana::Instruction>& instructions,
                                  const Submission& submission) {
    LATCHKEY_TRY(const ReadyTransaction ready, make_transaction(chain, instructions, submission));
    return submit_with_progress(chain, output, ready);
}

json::object receipt_fields(const Receipt& receipt) {
    json::object out{{"transaction", solana::to_base58(receipt.id)},
                     {"slot", receipt.slot},
                     {"bytes", receipt.bytes},
                     {"fee_lamports", receipt.fee}};
    out["compute_units"] =
        receipt.compute_units ? json::value(*receipt.compute_units) : json::value(nullptr);
    return out;
}

std::string receipt_line(const Output& output, const Receipt& receipt) {
    std::string text = "transaction " + solana::to_base58(receipt.id) + ": ";
    if (receipt.compute_units) {
        text += format_count(*receipt.compute_units) + " compute units, ";
    }
    text += format_count(receipt.bytes) + " bytes, fee " + format_count(receipt.fee) + " lamports";
    return output.paint(Style::kFaint, text);
}

}  // namespace latchkey::cli
