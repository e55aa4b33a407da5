// SPDX-License-Identifier: Apache-2.0
#include "cli/requests.hpp"

#include <algorithm>

#include "chains/evm/wallet/judge.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/evm/request_file.hpp"
#include "cli/files.hpp"
#include "cli/operation.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/quorum.hpp"

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

namespace {

/// What signers elsewhere are asked for, on any chain.
struct AskedRequest {
    core::Leaf leaf;
    /// Who can answer, by their index in the rule.
    std::vector<std::pair<std::uint8_t, core::Signer>> signers;
    std::vector<std::string> description;
};

Result<AskedRequest> read_asked(const std::string& path) {
    LATCHKEY_TRY(const json::object value, read_json_file(path));
    AskedRequest out;
    if (on_evm::is_request(value)) {
        LATCHKEY_TRY(const on_evm::ApprovalRequest request, on_evm::decode_request(value, path));
        out.leaf = request.plan.leaf;
        out.description = request.description();
        const auto& rule = request.plan.rule;
        for (std::size_t i = 0; i < rule.signers.size(); ++i) {
            if (((rule.rule.mask >> i) & 1U) != 0 &&
                evm::wallet::is_usable(rule.signers[i], request.handle.chain())) {
                out.signers.emplace_back(static_cast<std::uint8_t>(i), rule.signers[i]);
            }
        }
        return out;
    }
    LATCHKEY_TRY(const ApprovalRequest request, decode_request(value, path));
    out.leaf = request.plan.leaf;
    out.description = describe_action(request.wallet, request.action, request.names);
    out.description.insert(
        out.description.begin(),
        "on Solana, wallet " + solana::to_base58(request.wallet.wallet().vault()));
    const core::ApprovalHash hash = core::approval_hash_of(out.leaf);
    for (const solana::SignerRequest& one : solana::signer_requests(request.plan, hash)) {
        if (!one.message.empty()) {
            out.signers.emplace_back(one.signer, one.entry);
        }
    }
    return out;
}

/// A change is the same leaf on every chain: it stands in a tree once.
std::vector<core::Leaf> distinct_leaves(const std::vector<AskedRequest>& requests) {
    std::vector<core::Leaf> out;
    for (const AskedRequest& one : requests) {
        if (std::find(out.begin(), out.end(), one.leaf) == out.end()) {
            out.push_back(one.leaf);
        }
    }
    return out;
}

/// Without signatures yet.
Result<std::vector<ApprovalAnswers>> empty_answers(const std::vector<AskedRequest>& requests,
                                                   const std::vector<core::Leaf>& leaves,
                                                   const solana::ApprovalBundle& bundle) {
    std::vector<ApprovalAnswers> out;
    for (const AskedRequest& one : requests) {
        const auto place = std::find(leaves.begin(), leaves.end(), one.leaf) - leaves.begin();
        ApprovalAnswers answers{core::digest_of(one.leaf), std::nullopt, {}};
        LATCHKEY_TRY(answers.tree, bundle.proof(static_cast<std::size_t>(place)));
        out.push_back(std::move(answers));
    }
    return out;
}

/// Whoever's key asks to be touched must have read what for.
json::array show(const Output& output, const std::vector<AskedRequest>& requests) {
    json::array out;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (requests.size() > 1) {
            output.line(output.paint(
                Style::kHeading, std::to_string(i + 1) + " of " + std::to_string(requests.size())));
        }
        for (const std::string& line : requests[i].description) {
            output.line(line);
            out.emplace_back(line);
        }
    }
    return out;
}

/// One signature of the key for all requests that it is asked for.
Result<std::size_t> answer(const Key& key, const core::ApprovalHash& hash,
                           const std::vector<AskedRequest>& requests,
                           std::vector<ApprovalAnswers>& answers) {
    std::optional<core::Evidence> evidence;
    std::size_t count = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        for (const auto& [signer, entry] : requests[i].signers) {
            if (!core::is_same_key(entry, key.entry())) {
                continue;
            }
            if (!evidence) {
                LATCHKEY_TRY(evidence, key.signer->approve(hash));
            }
            answers[i].approvals.push_back({signer, *evidence});
            ++count;
        }
    }
    return count;
}

bool is_asked(const Key& key, const AskedRequest& request) {
    return std::any_of(request.signers.begin(), request.signers.end(),
                       [&](const auto& one) { return core::is_same_key(one.second, key.entry()); });
}

/// The approvals for a request in all files.
struct Collected {
    std::vector<core::CollectedApproval> approvals;
    std::optional<core::TreeProof> tree;
};

Result<Collected> collect(const std::vector<std::string>& files, const core::Digest& digest) {
    Collected out;
    bool is_first = true;
    for (const std::string& path : files) {
        LATCHKEY_TRY(const json::object file, read_json_file(path));
        LATCHKEY_TRY(const auto answers, decode_answers(file, path));
        const auto found = std::find_if(answers.begin(), answers.end(),
                                        [&](const auto& one) { return one.digest == digest; });
        if (found == answers.end()) {
            return fail(ErrorCode::kCommandInput, path + " approves another request");
        }
        if (!is_first && found->tree != out.tree) {
            return fail(ErrorCode::kCommandInput,
                        path +
                            " approves it together with other requests than the file before: "
                            "all signers of one action must sign the same requests at once");
        }
        is_first = false;
        out.tree = found->tree;
        out.approvals.insert(out.approvals.end(), found->approvals.begin(), found->approvals.end());
    }
    std::sort(out.approvals.begin(), out.approvals.end(),
              [](const auto& a, const auto& b) { return a.signer < b.signer; });
    return out;
}

Result<Report> send_on_solana(Context& context, const SendOptions& options,
                              const json::object& value) {
    LATCHKEY_TRY(const ApprovalRequest request, decode_request(value, options.request_file));
    LATCHKEY_TRY(const Collected collected, collect(options.approval_files, request.digest()));
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    const solana::WalletHandle& wallet = request.wallet.wallet();
    LATCHKEY_TRY(Chain* const chain, context.chain_of(wallet));
    LATCHKEY_TRY(const auto on_chain, chain->run(solana::fetch_wallet(chain->rpc(), wallet)));
    Submission submission;
    submission.fee_payer = &payer;
    const ApprovedOnSolana approved{request.plan,
                                    on_chain,
                                    request.wallet,
                                    collected.approvals,
                                    collected.tree,
                                    describe_action(request.wallet, request.action, request.names),
                                    ""};
    return send_approved(*chain, context.output(), approved, std::move(submission),
                         options.is_dry_run);
}

Result<Report> send_on_evm(Context& context, const SendOptions& options,
                           const json::object& value) {
    LATCHKEY_TRY(const on_evm::ApprovalRequest request,
                 on_evm::decode_request(value, options.request_file));
    LATCHKEY_TRY(const Collected collected, collect(options.approval_files, request.digest()));
    std::unique_ptr<Key> own;
    LATCHKEY_TRY(const Key* const payer,
                 on_evm::find_gas_payer(context, options.gas_payer, {}, own));
    return on_evm::send_request(context, request, *payer, collected.approvals, collected.tree,
                                options.is_dry_run);
}

}  // namespace

Result<Report> sign_request(Context& context, const SignOptions& options) {
    std::vector<AskedRequest> requests;
    for (const std::string& path : options.request_files) {
        LATCHKEY_TRY(AskedRequest request, read_asked(path));
        requests.push_back(std::move(request));
    }
    LATCHKEY_TRY(const auto keys,
                 load_keys(options.keys.empty() ? context.config().keys : options.keys));
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (std::none_of(keys.begin(), keys.end(),
                         [&](const Key& key) { return is_asked(key, requests[i]); })) {
            return fail(ErrorCode::kNoUsableRule,
                        "none of the keys given is a signer of the rule "
                        "in " +
                            options.request_files[i]);
        }
    }
    const std::vector<core::Leaf> leaves = distinct_leaves(requests);
    LATCHKEY_TRY(const auto bundle, solana::ApprovalBundle::from(leaves));
    LATCHKEY_TRY(auto answers, empty_answers(requests, leaves, bundle));
    LATCHKEY_CHECK(
        check_replaceable(options.output_file, encode_answers(answers), options.replaces_files));
    json::array description = show(context.output(), requests);
    std::size_t count = 0;
    for (const Key& key : keys) {
        LATCHKEY_TRY(const std::size_t answered, answer(key, bundle.hash(), requests, answers));
        count += answered > 0 ? 1 : 0;
    }
    LATCHKEY_CHECK(
        write_json_file(options.output_file, encode_answers(answers), options.replaces_files));
    Report report;
    report.lines = {"approved with " + std::to_string(count) + " key(s); wrote " +
                    options.output_file};
    if (requests.size() > 1) {
        report.lines.insert(report.lines.begin(),
                            "one approval for all " + std::to_string(requests.size()) +
                                ", digest " + core::encode_hex(bundle.digest().view()));
    }
    report.fields = {{"approvals", options.output_file},
                     {"description", std::move(description)},
                     {"digest", core::encode_hex(bundle.digest().view())},
                     {"count", count}};
    return report;
}

Result<Report> send_request(Context& context, const SendOptions& options) {
    LATCHKEY_TRY(const json::object value, read_json_file(options.request_file));
    return on_evm::is_request(value) ? send_on_evm(context, options, value)
                                     : send_on_solana(context, options, value);
}

}  // namespace latchkey::cli
