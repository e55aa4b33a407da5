// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/waiting_commands.hpp"

#include <algorithm>

#include "chains/evm/wallet/describe.hpp"
#include "chains/evm/wallet/pending.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/solana/client/waiting.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;
using core::Verdict;

namespace {

std::string name_of(const core::model::Record& record) {
    return solana::record_text(record.rule) + "." + std::to_string(record.epoch);
}

std::string status_of(const wallet::WalletSnapshot& wallet, const wallet::PendingAction& one) {
    if (one.is_expired(wallet.time)) {
        return "expired";
    }
    if (!one.is_due(wallet.time)) {
        return one.waits_for_recovery && wallet.time >= one.proposal.record.earliest
                   ? "held back by a recovery"
                   : "waiting";
    }
    const bool is_recover =
        one.proposal.record.action == static_cast<std::uint8_t>(core::ChangeAction::kRecover);
    return !is_recover && wallet::frozen_until(wallet, wallet.time) ? "frozen" : "due";
}

void add_pending(const Output& output, const OpenWallet& open, const wallet::PendingAction& one,
                 Report& report, json::array& list) {
    const core::model::Record& record = one.proposal.record;
    const std::string status = status_of(open.snapshot, one);
    std::vector<std::string> words;
    if (one.proposal.body) {
        words = wallet::describe(*one.proposal.body, open.file.names);
    } else {
        words = {"what exactly, no event tells that this node has; the digest is " +
                 core::encode_hex(record.digest.view())};
    }
    report.lines.push_back(output.paint(Style::kHeading, name_of(record)) + "  " +
                           std::string(action_text(record.action)) + ": " + status);
    for (const std::string& line : words) {
        report.lines.push_back("  " + line);
    }
    const core::Configuration& configuration = open.snapshot.configuration;
    if (record.rule < configuration.rules.size()) {
        report.lines.push_back("  by rule " + solana::record_text(record.rule) + ": " +
                               core::describe(configuration.rules[record.rule],
                                              configuration.signers,
                                              wallet::with_evm_names(open.file.names)));
    }
    report.lines.push_back("  anybody may apply it from " + core::describe_time(one.earliest) +
                           ", until " + core::describe_time(one.latest));
    for (const core::CancelWay& way : one.ways) {
        report.lines.push_back("  can be cancelled by " + cancel_way_text(way));
    }
    list.emplace_back(json::object{{"proposal", name_of(record)},
                                   {"rule", solana::record_text(record.rule)},
                                   {"action", action_text(record.action)},
                                   {"status", status},
                                   {"earliest", one.earliest},
                                   {"latest", one.latest},
                                   {"digest", core::encode_hex(record.digest.view())},
                                   {"description", json::array(words.begin(), words.end())}});
}

Result<wallet::PendingAction> find_pending(const wallet::WalletSnapshot& wallet,
                                           const std::string& text) {
    LATCHKEY_TRY(const ProposalName name, parse_proposal(text));
    for (const wallet::PendingAction& one : wallet::pending_actions(wallet, wallet.time)) {
        const core::model::Record& record = one.proposal.record;
        if (record.rule == name.record && name.number.value_or(record.epoch) == record.epoch) {
            return one;
        }
    }
    return fail(text + " does not wait; `latchkey pending` shows what does",
                core::to_error(Verdict::kNothingWaits));
}

/// What the chain would say, with the time at which it says otherwise.
Result<void> check_due(const wallet::WalletSnapshot& wallet, const wallet::PendingAction& one) {
    const std::string name = name_of(one.proposal.record);
    const std::string status = status_of(wallet, one);
    if (status == "expired") {
        return fail(name + " could be applied until " + core::describe_time(one.latest) +
                        "; propose it again",
                    core::to_error(Verdict::kProposalExpired));
    }
    if (status == "frozen") {
        return fail(name + " waits until the freeze ends", core::to_error(Verdict::kFrozen));
    }
    if (status != "due") {
        return fail(name + " can be applied from " + core::describe_time(one.earliest),
                    core::to_error(one.waits_for_recovery ? Verdict::kRecoveryUnderWay
                                                          : Verdict::kTooEarly));
    }
    return {};
}

std::string origin_text(const wallet::PastConfiguration& one) {
    return one.transaction ? "by transaction " + core::encode_hex_prefixed(*one.transaction)
                           : std::string("genesis");
}

}  // namespace

Result<Report> list_pending(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    Report report;
    json::array list;
    for (const auto& one : wallet::pending_actions(open.snapshot, open.snapshot.time)) {
        add_pending(context.output(), open, one, report, list);
    }
    if (list.empty()) {
        report.lines = {"nothing waits"};
    }
    const auto frozen = wallet::frozen_until(open.snapshot, open.snapshot.time);
    if (frozen) {
        report.lines.push_back("the wallet is frozen until " + core::describe_time(*frozen));
    }
    report.fields = {{"pending", std::move(list)}};
    report.fields["frozen_until"] = frozen ? json::value(*frozen) : json::value(nullptr);
    return report;
}

Result<Report> apply_proposal(Context& context, const ApplyOptions& options) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, options.wallet));
    LATCHKEY_TRY(const wallet::PendingAction one, find_pending(open.snapshot, options.proposal));
    LATCHKEY_CHECK(check_due(open.snapshot, one));
    if (!one.proposal.body) {
        return fail(ErrorCode::kProposalNotFound,
                    "no event that this node has tells what " + options.proposal +
                        " is; name a node that keeps more with --rpc");
    }
    const std::uint8_t name = one.proposal.record.rule;
    wallet::RuleReference rule{false, static_cast<std::uint8_t>(name & ~core::kRecoveryRule),
                               std::nullopt};
    if ((name & core::kRecoveryRule) != 0) {
        if (options.recovery_file.empty()) {
            return fail(ErrorCode::kCommandInput,
                        "a recovery is applied with the recovery file; name it with --recovery");
        }
        LATCHKEY_TRY(const RecoveryFile file, read_recovery_file(options.recovery_file));
        rule.recovery_part = file.bytes;
    }
    LATCHKEY_TRY(const wallet::Authority authority, wallet::authority_of(open.snapshot, rule));
    LATCHKEY_TRY(core::Bytes calldata, wallet::encode_calldata(wallet::Action(
                                           wallet::ApplyAction{authority, *one.proposal.body})));
    std::unique_ptr<Key> own;
    LATCHKEY_TRY(const Key* const payer, find_gas_payer(context, options.gas_payer, {}, own));
    LATCHKEY_TRY(Report report, submit(context, *open.node, open.snapshot.wallet, *payer,
                                       std::move(calldata), options.is_dry_run));
    const auto words = wallet::describe(*one.proposal.body, open.file.names);
    report.lines.insert(report.lines.begin(), words.begin(), words.end());
    report.fields["description"] = json::array(words.begin(), words.end());
    report.fields["proposal"] = name_of(one.proposal.record);
    return report;
}

Result<Report> list_history(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    Report report;
    json::array list;
    const core::Names names = wallet::with_evm_names(open.file.names);
    const core::Configuration* before = nullptr;
    for (const wallet::PastConfiguration& one : open.snapshot.past) {
        report.lines.push_back(
            context.output().paint(Style::kHeading, "configuration " + std::to_string(one.number)) +
            "  " + core::encode_hex(one.id.view()) + "  " + origin_text(one));
        const auto words = before == nullptr
                               ? description_lines(one.configuration, names)
                               : core::describe_change(*before, one.configuration, names);
        for (const std::string& line : words) {
            report.lines.push_back("  " + line);
        }
        list.emplace_back(json::object{{"number", one.number},
                                       {"configuration", core::encode_hex(one.id.view())},
                                       {"origin", origin_text(one)},
                                       {"description", json::array(words.begin(), words.end())}});
        before = &one.configuration;
    }
    report.fields = {{"chain", open.node->chain().name}, {"configurations", std::move(list)}};
    return report;
}

}  // namespace latchkey::cli::on_evm
