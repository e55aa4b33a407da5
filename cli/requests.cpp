// SPDX-License-Identifier: Apache-2.0
#include "cli/requests.hpp"

#include <algorithm>

#include "chains/solana/client/wallet_reader.hpp"
#include "cli/files.hpp"
#include "cli/operation.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

Result<Report> write_request(const std::string& file, bool replaces_files,
                             const ApprovalRequest& request) {
    const auto description = describe_action(request.wallet, request.action, request.names);
    LATCHKEY_CHECK(write_json_file(file, encode_request(request, description), replaces_files));
    Report report;
    report.lines = description;
    report.lines.push_back("wrote " + file + "; each signer runs `latchkey sign " + file +
                           " --key KEY --out APPROVAL`, then `latchkey send " + file +
                           " --approvals APPROVAL...`");
    report.fields = {{"request", file},
                     {"digest", core::encode_hex(request.digest().view())},
                     {"description", json::array(description.begin(), description.end())}};
    return report;
}

Result<Report> sign_request(Context& context, const SignOptions& options) {
    LATCHKEY_TRY(const json::object value, read_json_file(options.request_file));
    LATCHKEY_TRY(const ApprovalRequest request, decode_request(value, options.request_file));
    LATCHKEY_TRY(const auto keys,
                 load_keys(options.keys.empty() ? context.config().keys : options.keys));
    const core::ApprovalHash hash = core::approval_hash_of(request.plan.leaf);
    std::vector<std::pair<std::uint8_t, const Key*>> asked;
    for (const solana::SignerRequest& one : solana::signer_requests(request.plan, hash)) {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& candidate) {
            return solana::is_same_key(candidate.entry(), one.entry);
        });
        if (key != keys.end() && !one.message.empty()) {
            asked.emplace_back(one.signer, &*key);
        }
    }
    if (asked.empty()) {
        return fail(ErrorCode::kNoUsableRule,
                    "none of the keys given is a signer of the rule in " + options.request_file);
    }
    ApprovalAnswers answers{request.digest(), {}};
    LATCHKEY_CHECK(
        check_replaceable(options.output_file, encode_answers(answers), options.replaces_files));
    const auto description = describe_action(request.wallet, request.action, request.names);
    // Whoever's key asks to be touched must have read what for.
    for (const std::string& line : description) {
        context.output().line(line);
    }
    for (const auto& [signer, key] : asked) {
        LATCHKEY_TRY(core::Evidence evidence, key->signer->approve(hash));
        answers.approvals.push_back({signer, std::move(evidence)});
    }
    LATCHKEY_CHECK(
        write_json_file(options.output_file, encode_answers(answers), options.replaces_files));
    Report report;
    report.lines = {"approved with " + std::to_string(answers.approvals.size()) +
                    " key(s); wrote " + options.output_file};
    report.fields = {{"approvals", options.output_file},
                     {"description", json::array(description.begin(), description.end())},
                     {"digest", core::encode_hex(answers.digest.view())},
                     {"count", answers.approvals.size()}};
    return report;
}

Result<Report> send_request(Context& context, const SendOptions& options) {
    LATCHKEY_TRY(const json::object value, read_json_file(options.request_file));
    LATCHKEY_TRY(const ApprovalRequest request, decode_request(value, options.request_file));
    std::vector<solana::CollectedApproval> approvals;
    for (const std::string& path : options.approval_files) {
        LATCHKEY_TRY(const json::object file, read_json_file(path));
        LATCHKEY_TRY(const ApprovalAnswers answers, decode_answers(file, path));
        if (answers.digest != request.digest()) {
            return fail(ErrorCode::kCommandInput, path + " approves another request");
        }
        approvals.insert(approvals.end(), answers.approvals.begin(), answers.approvals.end());
    }
    std::sort(approvals.begin(), approvals.end(),
              [](const auto& a, const auto& b) { return a.signer < b.signer; });
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    const solana::WalletHandle& wallet = request.wallet.wallet();
    LATCHKEY_TRY(Chain* const chain, context.chain_of(wallet));
    LATCHKEY_TRY(const auto on_chain, chain->run(solana::fetch_wallet(chain->rpc(), wallet)));
    Submission submission;
    submission.fee_payer = &payer;
    const std::uint64_t wait = waiting_time(request.wallet, request.plan, approvals);
    LATCHKEY_CHECK(
        add_preparation(*chain, on_chain, request.plan, request.wallet, wait != 0, submission));
    LATCHKEY_TRY(const auto instructions, build_instructions(request.plan, approvals, submission));
    return finish_action(*chain, context.output(), request.plan, request.wallet, wait, instructions,
                         submission, options.is_dry_run,
                         describe_action(request.wallet, request.action, request.names));
}

}  // namespace latchkey::cli
