// SPDX-License-Identifier: Apache-2.0
#include "cli/operation.hpp"

#include <algorithm>

#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/files.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "signers/entropy.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint64_t kLaneApprovalSeconds = 100;
constexpr std::uint64_t kLaneIndexMax = 255;
constexpr std::uint64_t kStateKeyMax = 3;

/// All that is known before the action is made.
struct Prepared {
    WalletFile file;
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

    bool is_self_paid(const core::Signer& entry) const {
        return fee_payer != nullptr && solana::is_same_key(fee_payer->entry(), entry);
    }
};

/// "lane:3" is "lane" and 3.
struct NonceRequest {
    std::string kind;
    std::uint8_t number = 0;
};

Result<NonceRequest> parse_nonce(const std::string& text) {
    const std::size_t colon = text.find(':');
    NonceRequest out{text.substr(0, colon), 0};
    const bool is_known = out.kind == "auto" || out.kind == "transaction" || out.kind == "lane" ||
                          out.kind == "state";
    const bool may_have_number = out.kind == "lane" || out.kind == "state";
    if (!is_known || (colon != std::string::npos && !may_have_number)) {
        return fail(ErrorCode::kCommandInput,
                    "--nonce is auto, transaction, lane, lane:INDEX, state or state:KEY");
    }
    if (colon != std::string::npos) {
        LATCHKEY_TRY(
            const std::uint64_t number,
            parse_number(text.substr(colon + 1), out.kind == "lane" ? kLaneIndexMax : kStateKeyMax,
                         "the number in --nonce"));
        out.number = static_cast<std::uint8_t>(number);
    }
    return out;
}

Result<void> find_fee_payer(Prepared& out, const std::string& named) {
    if (!named.empty()) {
        LATCHKEY_TRY(Key key, load_key(named));
        if (key.transaction_signer == nullptr) {
            return fail(ErrorCode::kCommandInput, "--fee-payer must be an ed25519 key");
        }
        out.own_fee_payer = std::make_unique<Key>(std::move(key));
        out.fee_payer = out.own_fee_payer.get();
        return {};
    }
    for (const Key& key : out.keys) {
        if (key.transaction_signer != nullptr) {
            out.fee_payer = &key;
            return {};
        }
    }
    return fail(ErrorCode::kCommandInput,
                "nobody pays the fee; name an ed25519 key with --fee-payer (this key only pays, it "
                "approves nothing)");
}

/// Whether ed25519 keys must sign the off-chain message: they may not pay and approve at once
/// unless the wallet says so, and lane and state nonces were asked for with a digest in mind.
Result<solana::RuleChoice> choose(const Prepared& prepared, const OperationOptions& options,
                                  std::uint8_t actions, bool offchain) {
    std::vector<core::Signer> available = entries_of(prepared.keys);
    if (!options.request_file.empty()) {
        available = prepared.wallet->configuration().signers;
    }
    if (!options.rule.empty()) {
        LATCHKEY_TRY(const solana::RuleReference rule, parse_rule_reference(options.rule));
        return solana::choose_approvers(*prepared.wallet, rule, available, offchain);
    }
    return solana::choose_rule(*prepared.wallet, actions, available, offchain);
}

bool pays_without_permission(const Prepared& prepared, const solana::RuleChoice& choice,
                             const solana::ResolvedRule& rule) {
    return std::any_of(choice.approvers.begin(), choice.approvers.end(), [&](const auto& one) {
        const core::Signer& entry = rule.signers.at(one.signer);
        return entry.kind == core::kSignerEd25519 && !entry.option && prepared.is_self_paid(entry);
    });
}

Result<void> choose_rule(Prepared& prepared, const OperationOptions& options,
                         std::uint8_t actions) {
    const bool is_request = !options.request_file.empty();
    auto choice = choose(prepared, options, actions, is_request);
    if (!choice) {
        return fail(ErrorCode::kNoUsableRule,
                    "the keys given satisfy no rule that allows this: " + choice.error().context +
                        "; `latchkey rules` shows the rules");
    }
    LATCHKEY_TRY(const auto rule, prepared.wallet->rule(choice->rule));
    if (!is_request && pays_without_permission(prepared, *choice, rule)) {
        LATCHKEY_TRY(*choice, choose(prepared, options, actions, true));
    }
    prepared.choice = *std::move(choice);
    return {};
}

bool all_sign_transaction(const solana::RuleChoice& choice, const solana::ResolvedRule& rule) {
    return std::all_of(choice.approvers.begin(), choice.approvers.end(), [&](const auto& one) {
        const core::Signer& entry = rule.signers.at(one.signer);
        return entry.kind == core::kSignerEd25519 && one.method == solana::ApprovalMethod::kDefault;
    });
}

/// The fee payer's own lane; nothing if it has none that can be used now.
Result<std::optional<solana::NonceChoice>> use_lane(Prepared& prepared, std::uint8_t index,
                                                    std::uint64_t seconds) {
    const solana::Deployment& deployment = prepared.file.wallet.deployment();
    if (prepared.fee_payer == nullptr) {
        return std::nullopt;
    }
    const solana::Address owner = prepared.fee_payer->address();
    LATCHKEY_TRY(const auto place, solana::lane_address(deployment, owner, index));
    Chain& chain = *prepared.chain;
    LATCHKEY_TRY(const auto account,
                 chain.run(solana::fetch_lane(chain.rpc(), deployment, place.address)));
    if (!account || account->operator_address != owner) {
        return std::nullopt;
    }
    signers::SystemEntropy entropy;
    std::array<std::uint8_t, 2> random{};
    LATCHKEY_CHECK(entropy.fill(random));
    const auto first = static_cast<std::uint16_t>((random[0] << 8 | random[1]) %
                                                  static_cast<int>(core::kLaneBits));
    LATCHKEY_TRY(const std::uint64_t now, chain.run(solana::fetch_time(chain.rpc())));
    solana::LaneAllocator allocator(place.address, *account, first);
    LATCHKEY_TRY(const solana::UseLane use, allocator.take(now, now + seconds));
    return solana::NonceChoice(use);
}

Result<void> use_state(Prepared& prepared, const OperationOptions& options, std::uint8_t key) {
    if (!prepared.planned->state()) {
        if (!options.creates_state) {
            return fail(ErrorCode::kNonceNeeded,
                        "the approval needs a nonce: add --create-state to put the wallet's state "
                        "on chain, or open a lane once with `latchkey lanes open` and wait 512 s");
        }
        LATCHKEY_TRY(prepared.planned, solana::snapshot_after_creation(prepared.file.wallet));
    }
    prepared.nonce = solana::UseStateNonce{key, prepared.planned->state()->nonces.at(key)};
    return {};
}

Result<void> choose_deadline(Prepared& prepared, const OperationOptions& options) {
    if (options.valid_for.empty()) {
        return {};
    }
    LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(options.valid_for));
    LATCHKEY_TRY(const std::uint64_t now,
                 prepared.chain->run(solana::fetch_time(prepared.chain->rpc())));
    prepared.deadline = now + seconds;
    return {};
}

Result<void> choose_lane(Prepared& prepared, const OperationOptions& options,
                         const NonceRequest& wanted, bool& found) {
    std::uint64_t seconds = kLaneApprovalSeconds;
    if (!options.valid_for.empty()) {
        LATCHKEY_TRY(seconds, parse_duration(options.valid_for));
    }
    auto lane = use_lane(prepared, wanted.number, seconds);
    found = lane && lane->has_value();
    if (found) {
        prepared.nonce = **lane;
        return {};
    }
    if (wanted.kind != "lane") {
        return {};
    }
    if (!lane && lane.error().code == ErrorCode::kLaneDeadline) {
        return fail(ErrorCode::kCommandInput,
                    "an approval through a lane is good for at most 256 to 512 seconds; give a "
                    "shorter --valid-for, or --nonce state");
    }
    LATCHKEY_CHECK(std::move(lane));
    return fail(ErrorCode::kNonceNeeded, "the fee payer has no lane " +
                                             std::to_string(wanted.number) +
                                             "; open it once with `latchkey lanes open`");
}

Result<void> choose_nonce(Prepared& prepared, const OperationOptions& options,
                          std::uint8_t actions) {
    LATCHKEY_TRY(const NonceRequest wanted, parse_nonce(options.nonce));
    LATCHKEY_TRY(const auto rule, prepared.wallet->rule(prepared.choice.rule));
    prepared.planned = prepared.wallet;
    const bool is_policy = actions == core::kActionPolicy;
    const bool needs_state =
        actions == core::kActionGrant || is_policy || !rule.rule.limits.empty();
    if (needs_state && !prepared.planned->state()) {
        if (!options.creates_state) {
            return fail(ErrorCode::kNonceNeeded,
                        "this needs the wallet's state on chain; add --create-state, and the fee "
                        "payer pays its rent");
        }
        LATCHKEY_TRY(prepared.planned, solana::snapshot_after_creation(prepared.file.wallet));
    }
    if (is_policy || wanted.kind == "transaction" ||
        (wanted.kind == "auto" && all_sign_transaction(prepared.choice, rule))) {
        prepared.nonce = solana::UseTransaction{};
        return is_policy ? Result<void>() : choose_deadline(prepared, options);
    }
    bool has_lane = false;
    if (wanted.kind == "lane" || (wanted.kind == "auto" && !prepared.planned->state())) {
        LATCHKEY_CHECK(choose_lane(prepared, options, wanted, has_lane));
    }
    if (has_lane) {
        return {};
    }
    LATCHKEY_CHECK(use_state(prepared, options, wanted.number));
    return choose_deadline(prepared, options);
}

/// What is wrong by itself is told before files are read and nodes are asked.
Result<void> check_options(const OperationOptions& options) {
    LATCHKEY_CHECK(parse_nonce(options.nonce));
    if (!options.rule.empty()) {
        LATCHKEY_CHECK(parse_rule_reference(options.rule));
    }
    if (!options.valid_for.empty()) {
        LATCHKEY_CHECK(parse_duration(options.valid_for));
    }
    return {};
}

Result<Prepared> prepare(Context& context, const OperationOptions& options, std::uint8_t actions) {
    LATCHKEY_CHECK(check_options(options));
    LATCHKEY_TRY(WalletFile file, context.wallet(options.wallet));
    Prepared out{std::move(file), nullptr, {}, nullptr, nullptr, {}, {}, {}, {}, {}};
    const bool is_request = !options.request_file.empty();
    const auto& texts = options.keys.empty() ? context.config().keys : options.keys;
    if (texts.empty() && !is_request) {
        return fail(ErrorCode::kCommandInput,
                    "no key is named; give --key FILE, or ask signers elsewhere with --request");
    }
    LATCHKEY_TRY(out.keys, load_keys(texts));
    const std::string& payer =
        options.fee_payer.empty() ? context.config().fee_payer : options.fee_payer;
    if (!is_request || !payer.empty()) {
        LATCHKEY_CHECK(find_fee_payer(out, payer));
    }
    LATCHKEY_TRY(out.chain, context.chain_of(out.file.wallet));
    LATCHKEY_TRY(out.wallet,
                 out.chain->run(solana::fetch_wallet(out.chain->rpc(), out.file.wallet)));
    LATCHKEY_CHECK(choose_rule(out, options, actions));
    LATCHKEY_CHECK(choose_nonce(out, options, actions));
    return out;
}

/// Bytes that the state must have after the action; 0 when it does not grow.
Result<std::size_t> needed_state_size(const solana::WalletSnapshot& wallet,
                                      const solana::ActionBody& body) {
    if (const auto* grant = std::get_if<solana::GrantAction>(&body)) {
        LATCHKEY_TRY(const core::Bytes rule, core::to_result(core::encode(grant->local_rule)));
        return solana::state_size_after_grant(wallet, rule);
    }
    if (const auto* policy = std::get_if<solana::PolicyAction>(&body)) {
        LATCHKEY_TRY(const core::Bytes shared, core::to_result(core::encode(policy->next)));
        return solana::state_size_after_policy(wallet, shared);
    }
    return 0;
}

/// Creates the state if the action was planned with one, and pays for its growth.
Result<std::vector<solana::Instruction>> preparation(Chain& chain,
                                                     const solana::WalletSnapshot& on_chain,
                                                     const solana::WalletSnapshot& planned,
                                                     const solana::ActionBody& body,
                                                     const solana::Address& payer) {
    std::vector<solana::Instruction> out;
    const solana::WalletHandle& wallet = planned.wallet();
    LATCHKEY_TRY(const std::size_t size, needed_state_size(planned, body));
    const bool is_created = planned.state() && !on_chain.state();
    if (!is_created && size == 0) {
        return out;
    }
    LATCHKEY_TRY(const solana::Rent rent, chain.run(solana::fetch_rent(chain.rpc())));
    LATCHKEY_TRY(std::uint64_t present, chain.run(chain.rpc().get_balance(wallet.state())));
    if (is_created) {
        LATCHKEY_TRY(out, solana::create_funded_state(wallet, payer, rent, present));
        LATCHKEY_TRY(const std::size_t created, solana::state_size(wallet));
        LATCHKEY_TRY(const std::uint64_t minimum, rent.minimum_balance(created));
        present = std::max(present, minimum);
    }
    if (size > 0) {
        LATCHKEY_TRY(const std::uint64_t missing, solana::missing_rent(rent, size, present));
        if (missing > 0) {
            out.push_back(solana::system::transfer(payer, wallet.state(), missing));
        }
    }
    return out;
}

Result<Report> dry_run(Chain& chain, const Output& output, const ReadyTransaction& ready) {
    solana::SimulateOptions options;
    options.verify_signatures = true;
    LATCHKEY_TRY(const auto outcome, chain.run(chain.rpc().simulate(ready.transaction, options)));
    if (outcome.error) {
        return fail(ErrorCode::kSimulationFailed,
                    solana::explain(*outcome.error, &ready.transaction.message(),
                                    chain.rpc().options().custom_errors));
    }
    Report report;
    report.lines = {output.paint(Style::kGood, "would succeed") + ": " +
                    format_count(outcome.compute_units) + " compute units, " +
                    format_count(ready.transaction.size()) + " bytes; nothing was sent"};
    report.fields = {{"simulated", true},
                     {"compute_units", outcome.compute_units},
                     {"bytes", ready.transaction.size()}};
    return report;
}

/// Sends, or only simulates, and reports.
Result<Report> finish(Chain& chain, const Output& output,
                      const std::vector<solana::Instruction>& instructions,
                      const Submission& submission, bool is_dry_run,
                      const std::vector<std::string>& description) {
    LATCHKEY_TRY(const ReadyTransaction ready, make_transaction(chain, instructions, submission));
    Report report;
    if (is_dry_run) {
        LATCHKEY_TRY(report, dry_run(chain, output, ready));
    } else {
        LATCHKEY_TRY(const Receipt receipt, submit_with_progress(chain, output, ready));
        report.fields = receipt_fields(receipt);
        report.lines = {output.paint(Style::kGood, "confirmed"), receipt_line(output, receipt)};
    }
    report.fields["description"] = json::array(description.begin(), description.end());
    report.lines.insert(report.lines.begin(), description.begin(), description.end());
    return report;
}

Result<Report> write_request(const OperationOptions& options, const Prepared& prepared,
                             const solana::Action& action) {
    LATCHKEY_TRY(const ApprovalRequest request,
                 make_request(*prepared.planned, action, prepared.file.names));
    const auto description = describe_action(*prepared.planned, action, prepared.file.names);
    LATCHKEY_CHECK(write_json_file(options.request_file, encode_request(request, description),
                                   options.replaces_files));
    Report report;
    report.lines = description;
    report.lines.push_back("wrote " + options.request_file + "; each signer runs `latchkey sign " +
                           options.request_file +
                           " --key KEY --out APPROVAL`, then `latchkey send " +
                           options.request_file + " --approvals APPROVAL...`");
    report.fields = {{"request", options.request_file},
                     {"digest", core::encode_hex(request.digest().view())},
                     {"description", json::array(description.begin(), description.end())}};
    return report;
}

}  // namespace

std::vector<std::string> describe_action(const solana::WalletSnapshot& wallet,
                                         const solana::Action& action, const core::Names& names) {
    solana::ExplainContext context;
    context.signer_names = names;
    context.wallet_program = wallet.wallet().deployment().program;
    context.wallet = &wallet;
    return solana::explain(action, context);
}

Result<solana::RuleReference> parse_rule_reference(const std::string& text) {
    constexpr std::string_view kSession = "session:";
    const bool is_local = text.starts_with(kSession);
    LATCHKEY_TRY(const std::uint64_t index,
                 parse_number(is_local ? text.substr(kSession.size()) : text, 15,
                              "a rule's number, or that of session:NUMBER,"));
    return solana::RuleReference{is_local, static_cast<std::uint8_t>(index)};
}

Result<Report> run_operation(Context& context, const OperationOptions& options,
                             std::uint8_t actions, const ActionMaker& make) {
    LATCHKEY_TRY(const Prepared prepared, prepare(context, options, actions));
    LATCHKEY_TRY(solana::ActionBody body,
                 make(*prepared.chain, *prepared.planned, prepared.choice.rule));
    const solana::Action action{std::move(body), prepared.nonce, prepared.deadline};
    if (!options.request_file.empty()) {
        return write_request(options, prepared, action);
    }
    LATCHKEY_TRY(const solana::ActionPlan plan,
                 solana::plan_action(*prepared.planned, action, prepared.choice.approvers));
    Submission submission;
    submission.fee_payer = prepared.fee_payer;
    for (const Key& key : prepared.keys) {
        submission.signers.push_back(&key);
    }
    LATCHKEY_TRY(submission.before,
                 preparation(*prepared.chain, *prepared.wallet, *prepared.planned, action.body,
                             prepared.fee_payer->address()));
    LATCHKEY_TRY(const auto approvals,
                 collect_approvals(plan, core::approval_hash_of(plan.leaf), submission.signers));
    LATCHKEY_TRY(const auto instructions, build_instructions(plan, approvals, submission));
    return finish(*prepared.chain, context.output(), instructions, submission, options.is_dry_run,
                  describe_action(*prepared.planned, action, prepared.file.names));
}

Result<Report> sign_request(Context& context, const SignOptions& options) {
    LATCHKEY_TRY(const json::object value, read_json_file(options.request_file));
    LATCHKEY_TRY(const ApprovalRequest request, decode_request(value, options.request_file));
    LATCHKEY_TRY(const auto keys,
                 load_keys(options.keys.empty() ? context.config().keys : options.keys));
    const core::ApprovalHash hash = core::approval_hash_of(request.plan.leaf);
    ApprovalAnswers answers{request.digest(), {}};
    for (const solana::SignerRequest& one : solana::signer_requests(request.plan, hash)) {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& candidate) {
            return solana::is_same_key(candidate.entry(), one.entry);
        });
        if (key != keys.end() && !one.message.empty()) {
            LATCHKEY_TRY(core::Evidence evidence, key->signer->approve(hash));
            answers.approvals.push_back({one.signer, std::move(evidence)});
        }
    }
    if (answers.approvals.empty()) {
        return fail(ErrorCode::kNoUsableRule,
                    "none of the keys given is a signer of the rule in " + options.request_file);
    }
    LATCHKEY_CHECK(
        write_json_file(options.output_file, encode_answers(answers), options.replaces_files));
    Report report;
    report.lines = describe_action(request.wallet, request.action, request.names);
    report.lines.push_back("approved with " + std::to_string(answers.approvals.size()) +
                           " key(s); wrote " + options.output_file);
    report.fields = {{"approvals", options.output_file},
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
    const std::string& named =
        options.fee_payer.empty() ? context.config().fee_payer : options.fee_payer;
    if (named.empty()) {
        return fail(ErrorCode::kCommandInput, "nobody pays the fee; name a key with --fee-payer");
    }
    LATCHKEY_TRY(const Key payer, load_key(named));
    if (payer.transaction_signer == nullptr) {
        return fail(ErrorCode::kCommandInput, "--fee-payer must be an ed25519 key");
    }
    const solana::WalletHandle& wallet = request.wallet.wallet();
    LATCHKEY_TRY(Chain* const chain, context.chain_of(wallet));
    LATCHKEY_TRY(const auto on_chain, chain->run(solana::fetch_wallet(chain->rpc(), wallet)));
    Submission submission;
    submission.fee_payer = &payer;
    LATCHKEY_TRY(submission.before, preparation(*chain, on_chain, request.wallet,
                                                request.action.body, payer.address()));
    LATCHKEY_TRY(const auto instructions, build_instructions(request.plan, approvals, submission));
    return finish(*chain, context.output(), instructions, submission, options.is_dry_run,
                  describe_action(request.wallet, request.action, request.names));
}

}  // namespace latchkey::cli
