// SPDX-License-Identifier: Apache-2.0
#include "cli/operation.hpp"

#include <algorithm>

#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/waiting.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/requests.hpp"
#include "cli/text.hpp"
#include "signers/entropy.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint64_t kLaneApprovalSeconds = 100;
constexpr std::uint64_t kLaneIndexMax = 255;
constexpr std::uint64_t kStateKeyMax = 3;

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
                                  const OperationNeeds& needs, bool offchain) {
    std::vector<core::Signer> available = entries_of(prepared.keys);
    solana::RuleWishes wishes{.offchain = offchain, .parties_min = needs.parties_min};
    if (prepared.recovery) {
        wishes.recovery_part = prepared.recovery->bytes;
    }
    if (needs.is_on_evm_too) {
        std::erase_if(available, [](const core::Signer& one) {
            return one.kind == core::kSignerEd25519 || one.kind == core::kSignerProgram;
        });
    }
    if (!options.request_file.empty()) {
        available = prepared.wallet->configuration().signers;
        if (prepared.recovery) {
            const auto& more = prepared.recovery->part.signers;
            available.insert(available.end(), more.begin(), more.end());
        }
    } else if ((needs.actions & (core::kActionPolicy | core::kActionCancel)) != 0) {
        // Two parties are not held back by a guard, and cancel without a budget.
        wishes.parties_wanted = 2;
    }
    if (!options.rule.empty()) {
        LATCHKEY_TRY(
            const solana::RuleReference rule,
            parse_rule_reference(options.rule, prepared.recovery ? &*prepared.recovery : nullptr));
        return solana::choose_approvers(*prepared.wallet, rule, available, wishes);
    }
    return solana::choose_rule(*prepared.wallet, needs.actions, available, wishes);
}

bool pays_without_permission(const Prepared& prepared, const solana::RuleChoice& choice,
                             const solana::ResolvedRule& rule) {
    return std::any_of(choice.approvers.begin(), choice.approvers.end(), [&](const auto& one) {
        const core::Signer& entry = rule.signers.at(one.signer);
        return entry.kind == core::kSignerEd25519 && !entry.option && prepared.is_self_paid(entry);
    });
}

Result<void> choose_rule(Prepared& prepared, const OperationOptions& options,
                         const OperationNeeds& needs) {
    const bool is_request = !options.request_file.empty();
    auto choice = choose(prepared, options, needs, is_request);
    if (!choice && choice.error().code == ErrorCode::kCommandInput) {
        return tl::unexpected(std::move(choice).error());
    }
    if (!choice) {
        const bool may_be_guardian =
            !prepared.recovery && prepared.wallet->configuration().recovery &&
            (needs.actions & (core::kActionRecover | core::kActionCancel | core::kActionFreeze)) !=
                0;
        return fail(ErrorCode::kNoUsableRule,
                    "the keys given satisfy no rule that allows this: " + choice.error().context +
                        "; `latchkey rules` shows the rules" +
                        (may_be_guardian ? "; guardians add --recovery FILE" : ""));
    }
    LATCHKEY_TRY(const auto rule, prepared.wallet->rule(choice->rule));
    if (!is_request && pays_without_permission(prepared, *choice, rule)) {
        LATCHKEY_TRY(*choice, choose(prepared, options, needs, true));
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
    LATCHKEY_TRY(const std::uint64_t now, chain.believed_time());
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
    LATCHKEY_TRY(const std::uint64_t now, prepared.chain->believed_time());
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

/// Of actions that have another nonce: their parent, or an epoch.
bool is_change(std::uint8_t actions) {
    return (actions & (core::kActionPolicy | core::kActionCancel | core::kActionFreeze |
                       core::kActionRecover)) != 0;
}

Result<void> choose_nonce(Prepared& prepared, const OperationOptions& options,
                          std::uint8_t actions) {
    LATCHKEY_TRY(const NonceRequest wanted, parse_nonce(options.nonce));
    LATCHKEY_TRY(const auto rule, prepared.wallet->rule(prepared.choice.rule));
    prepared.planned = prepared.wallet;
    const bool has_epoch = is_change(actions);
    const bool needs_state = has_epoch || rule.rule.wait || !rule.rule.limits.empty() ||
                             (actions & (core::kActionGrant | core::kActionUpgrade)) != 0;
    if (needs_state && !prepared.planned->state()) {
        if (!options.creates_state) {
            return fail(ErrorCode::kNonceNeeded,
                        "this needs the wallet's state on chain; add --create-state, and the fee "
                        "payer pays its rent");
        }
        LATCHKEY_TRY(prepared.planned, solana::snapshot_after_creation(prepared.file.wallet));
    }
    if (has_epoch || wanted.kind == "transaction" ||
        (wanted.kind == "auto" && all_sign_transaction(prepared.choice, rule))) {
        prepared.nonce = solana::UseTransaction{};
        return has_epoch ? Result<void>() : choose_deadline(prepared, options);
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
    if (!options.rule.empty() && options.recovery_file.empty()) {
        LATCHKEY_CHECK(parse_rule_reference(options.rule));
    }
    if (!options.valid_for.empty()) {
        LATCHKEY_CHECK(parse_duration(options.valid_for));
    }
    return {};
}

/// The chain says no as well, but not until when.
Result<void> refuse_frozen(Chain& chain, const solana::WalletSnapshot& wallet,
                           std::uint8_t actions) {
    constexpr std::uint8_t kGoesOn =
        core::kActionRecover | core::kActionCancel | core::kActionFreeze;
    const bool was_frozen =
        wallet.state() &&
        std::any_of(wallet.state()->records.begin(), wallet.state()->records.end(),
                    [](const auto& record) { return record.frozen_at != 0; });
    if ((actions & kGoesOn) != 0 || !was_frozen) {
        return {};
    }
    LATCHKEY_TRY(const std::uint64_t now, chain.run(solana::fetch_time(chain.rpc())));
    if (const auto until = solana::frozen_until(wallet, now)) {
        return fail("the wallet is frozen until " + core::describe_time(*until) +
                        "; `latchkey freeze --lift` with two parties ends it",
                    core::to_error(core::Verdict::kFrozen));
    }
    return {};
}

Result<Prepared> prepare(Context& context, const OperationOptions& options,
                         const OperationNeeds& needs) {
    LATCHKEY_CHECK(check_options(options));
    LATCHKEY_TRY(WalletFile file, context.wallet(options.wallet));
    Prepared out{std::move(file), {}, nullptr, {}, nullptr, nullptr, {}, {}, {}, {}, {}, {}};
    if (!options.recovery_file.empty()) {
        LATCHKEY_TRY(out.recovery, read_recovery_file(options.recovery_file));
    }
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
    if (out.recovery && out.wallet->configuration().recovery != out.recovery->commitment) {
        return fail(ErrorCode::kCommandInput,
                    options.recovery_file +
                        " is not the wallet's recovery at present, which the wallet keeps as a "
                        "hash; use the file that `latchkey recovery set` made the wallet's");
    }
    LATCHKEY_CHECK(choose_rule(out, options, needs));
    LATCHKEY_CHECK(choose_nonce(out, options, needs.actions));
    if ((needs.actions & core::kActionPolicy) != 0) {
        LATCHKEY_TRY(out.origin, prove_configuration(*out.chain, context.output(), *out.wallet));
    }
    return out;
}

/// What became of an action that had to wait: read back from the chain.
Result<void> report_waiting(Chain& chain, const Output& output, const solana::ActionPlan& plan,
                            const solana::WalletHandle& handle, const std::string& wallet_file,
                            Report& report) {
    LATCHKEY_TRY(const core::Hash32 digest, solana::waiting_digest(handle, plan));
    LATCHKEY_TRY(const auto wallet, chain.run(solana::fetch_wallet(chain.rpc(), handle)));
    LATCHKEY_TRY(const std::uint64_t now, chain.run(solana::fetch_time(chain.rpc())));
    for (const solana::PendingAction& one : solana::pending_actions(wallet, now)) {
        if (one.record.rule != solana::record_name(plan.signed_part.rule) ||
            one.record.digest != digest) {
            continue;
        }
        add_proposal(output, solana::proposal_text(one.record), one.earliest, one.latest,
                     wallet_file.empty() ? "" : " --wallet " + wallet_file, report);
        return {};
    }
    report.fields["waits"] = false;
    return {};
}

}  // namespace

Result<std::optional<solana::ConfigurationOrigin>> prove_configuration(
    Chain& chain, const Output& output, const solana::WalletSnapshot& wallet) {
    if (wallet.sequence() == 0) {
        return std::nullopt;
    }
    output.progress("reading the wallet's history, which proves its configuration …");
    auto past = chain.run(solana::fetch_configurations(chain.rpc(), wallet));
    output.end_progress();
    LATCHKEY_CHECK(past);
    return past->back().origin;
}

Result<void> add_state_rent(Chain& chain, const solana::WalletHandle& wallet, std::size_t bytes,
                            std::uint64_t present, const solana::Address& payer,
                            Submission& submission) {
    if (bytes == 0) {
        return {};
    }
    LATCHKEY_TRY(const solana::Rent rent, chain.run(solana::fetch_rent(chain.rpc())));
    LATCHKEY_TRY(const std::uint64_t missing, solana::missing_rent(rent, bytes, present));
    if (missing > 0) {
        submission.before.push_back(solana::system::transfer(payer, wallet.state(), missing));
        submission.rent += missing;
    }
    return {};
}

Result<void> add_preparation(Chain& chain, const solana::WalletSnapshot& on_chain,
                             const solana::ActionPlan& plan, const solana::WalletSnapshot& planned,
                             bool waits, Submission& submission) {
    const solana::WalletHandle& wallet = planned.wallet();
    std::size_t size = 0;
    if (planned.state()) {
        LATCHKEY_TRY(size, solana::state_size_after(planned, plan.action.body, waits));
    }
    const bool is_created = planned.state() && !on_chain.state();
    if (!is_created && size == 0) {
        return {};
    }
    const solana::Address payer = submission.fee_payer->address();
    LATCHKEY_TRY(std::uint64_t present, chain.run(chain.rpc().get_balance(wallet.state())));
    if (is_created) {
        LATCHKEY_TRY(const solana::Rent rent, chain.run(solana::fetch_rent(chain.rpc())));
        LATCHKEY_TRY(submission.before, solana::create_funded_state(wallet, payer, rent, present));
        LATCHKEY_TRY(const std::size_t created, solana::state_size(wallet));
        LATCHKEY_TRY(const std::uint64_t minimum, rent.minimum_balance(created));
        submission.rent += minimum - std::min(present, minimum);
        present = std::max(present, minimum);
    }
    return add_state_rent(chain, wallet, size, present, payer, submission);
}

std::uint64_t waiting_time(const solana::WalletSnapshot& wallet, const solana::ActionPlan& plan,
                           const std::vector<solana::CollectedApproval>& approvals) {
    std::vector<std::uint8_t> signers;
    for (const solana::Approver& approver : plan.approvers) {
        signers.push_back(approver.signer);
    }
    for (const solana::CollectedApproval& one : approvals) {
        signers.push_back(one.signer);
    }
    return solana::wait_seconds(wallet.configuration(), plan.rule.rule,
                                solana::action_number(plan.signed_part.body),
                                solana::count_parties(plan.rule, signers));
}

namespace {

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

}  // namespace

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
        if (submission.rent != 0) {
            report.fields["rent"] = submission.rent;
            report.lines.push_back("  rent " + format_sol(submission.rent) +
                                   ", which the wallet's state keeps");
        }
    }
    report.fields["description"] = json::array(description.begin(), description.end());
    report.lines.insert(report.lines.begin(), description.begin(), description.end());
    return report;
}

Result<Report> send_approved(Chain& chain, const Output& output, const ApprovedOnSolana& approved,
                             Submission submission, bool is_dry_run) {
    const std::uint64_t wait = waiting_time(approved.planned, approved.plan, approved.approvals);
    LATCHKEY_CHECK(add_preparation(chain, approved.on_chain, approved.plan, approved.planned,
                                   wait != 0, submission));
    LATCHKEY_TRY(const auto instructions,
                 build_instructions(approved.plan, approved.approvals, submission, approved.tree));
    LATCHKEY_TRY(Report report,
                 finish(chain, output, instructions, submission, is_dry_run, approved.description));
    if (wait != 0 && is_dry_run) {
        report.fields["wait_seconds"] = wait;
        report.lines.push_back("it would wait " + core::describe_duration(wait));
    } else if (wait != 0) {
        LATCHKEY_CHECK(report_waiting(chain, output, approved.plan, approved.planned.wallet(),
                                      approved.wallet_file, report));
    }
    return report;
}

void add_proposal(const Output& output, const std::string& name, std::uint64_t earliest,
                  std::uint64_t latest, const std::string& options, Report& report) {
    report.fields["waits"] = true;
    report.fields["proposal"] = name;
    report.fields["earliest"] = earliest;
    report.fields["latest"] = latest;
    std::string heading = "waits until ";
    heading += core::describe_time(earliest);
    report.lines.push_back(output.paint(Style::kHeading, heading) + " as proposal " + name);
    std::string how = "  from then on, until ";
    how += core::describe_time(latest);
    how += ", anybody does it with `latchkey apply " + name + options;
    how += "`; before, `latchkey cancel " + name + options + "` ends it";
    report.lines.push_back(std::move(how));
}

std::vector<std::string> describe_action(const solana::WalletSnapshot& wallet,
                                         const solana::Action& action, const core::Names& names) {
    solana::ExplainContext context;
    context.signer_names = names;
    context.wallet_program = wallet.wallet().deployment().program;
    context.wallet = &wallet;
    return solana::explain(action, context);
}

Result<solana::RuleReference> parse_rule_reference(const std::string& text,
                                                   const RecoveryFile* recovery) {
    constexpr std::string_view kSession = "session:";
    constexpr std::string_view kRecovery = "recovery:";
    const bool is_local = text.starts_with(kSession);
    const bool is_recovery = text.starts_with(kRecovery);
    const std::size_t skipped = is_local ? kSession.size() : is_recovery ? kRecovery.size() : 0;
    LATCHKEY_TRY(const std::uint64_t index,
                 parse_number(text.substr(skipped), 15,
                              "a rule's number, or that of session:NUMBER or recovery:NUMBER,"));
    solana::RuleReference out{is_local, static_cast<std::uint8_t>(index)};
    if (is_recovery && recovery == nullptr) {
        return fail(ErrorCode::kCommandInput,
                    "--rule " + text + " needs the recovery file; name it with --recovery FILE");
    }
    if (is_recovery) {
        out.recovery_part = recovery->bytes;
    }
    return out;
}

Result<Key> load_fee_payer(const Context& context, const std::string& named) {
    const std::string& text = named.empty() ? context.config().fee_payer : named;
    if (text.empty()) {
        return fail(ErrorCode::kCommandInput, "nobody pays the fee; name a key with --fee-payer");
    }
    LATCHKEY_TRY(Key payer, load_key(text));
    if (payer.transaction_signer == nullptr) {
        return fail(ErrorCode::kCommandInput, "--fee-payer must be an ed25519 key");
    }
    return payer;
}

Result<Report> run_operation(Context& context, const OperationOptions& options,
                             std::uint8_t actions, const ActionMaker& make) {
    return run_operation(context, options, OperationNeeds{actions}, make);
}

Result<ReadyAction> prepare_action(Context& context, const OperationOptions& options,
                                   const OperationNeeds& needs, const ActionMaker& make) {
    LATCHKEY_TRY(Prepared prepared, prepare(context, options, needs));
    LATCHKEY_TRY(solana::ActionBody body,
                 make(*prepared.chain, *prepared.planned, prepared.choice.rule));
    solana::Action action{std::move(body), prepared.nonce, prepared.deadline};
    if (options.request_file.empty()) {
        LATCHKEY_CHECK(refuse_frozen(*prepared.chain, *prepared.wallet, needs.actions));
    }
    LATCHKEY_TRY(solana::ActionPlan plan,
                 solana::plan_action(*prepared.planned, action, prepared.choice.approvers));
    return ReadyAction{std::move(prepared), std::move(action), std::move(plan)};
}

Result<Report> send_action(Context& context, const OperationOptions& options,
                           const ReadyAction& ready,
                           const std::vector<core::CollectedApproval>& approvals) {
    const Prepared& prepared = ready.prepared;
    Submission submission;
    submission.fee_payer = prepared.fee_payer;
    for (const Key& key : prepared.keys) {
        submission.signers.push_back(&key);
    }
    const ApprovedOnSolana approved{
        ready.plan,        *prepared.wallet,
        *prepared.planned, approvals,
        std::nullopt,      describe_action(*prepared.planned, ready.action, prepared.file.names),
        options.wallet};
    return send_approved(*prepared.chain, context.output(), approved, std::move(submission),
                         options.is_dry_run);
}

Result<Report> run_operation(Context& context, const OperationOptions& options,
                             const OperationNeeds& needs, const ActionMaker& make) {
    LATCHKEY_TRY(const ReadyAction ready, prepare_action(context, options, needs, make));
    const Prepared& prepared = ready.prepared;
    if (!options.request_file.empty()) {
        LATCHKEY_TRY(
            const ApprovalRequest request,
            make_request(*prepared.planned, ready.action, prepared.file.names, prepared.origin));
        return write_request(options.request_file, options.replaces_files, request);
    }
    std::vector<const Key*> keys;
    for (const Key& key : prepared.keys) {
        keys.push_back(&key);
    }
    LATCHKEY_TRY(const auto approvals,
                 collect_approvals(ready.plan, core::approval_hash_of(ready.plan.leaf), keys));
    return send_action(context, options, ready, approvals);
}

}  // namespace latchkey::cli
