// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/waiting.hpp"

#include <algorithm>

#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/change.hpp"
#include "cli/evm/waiting_commands.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
using core::Verdict;

namespace {

/// The wallet and the clock, read together.
struct Moment {
    WalletFile file;
    Chain* chain = nullptr;
    solana::WalletSnapshot wallet;
    std::uint64_t now = 0;
};

Result<Moment> read_moment(Context& context, const std::string& wallet) {
    LATCHKEY_TRY(WalletFile file, context.wallet(wallet));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(auto snapshot, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    LATCHKEY_TRY(const std::uint64_t now, chain->run(solana::fetch_time(chain->rpc())));
    return Moment{std::move(file), chain, std::move(snapshot), now};
}

std::string time_text(std::uint64_t seconds) {
    return core::describe_time(seconds);
}

/// "in 3 days 4 hours" is more than anybody needs: the largest unit, rounded down.
std::string distance_text(std::uint64_t seconds) {
    constexpr std::uint64_t kMinute = 60;
    const std::uint64_t unit = seconds >= core::kDay    ? core::kDay
                               : seconds >= core::kHour ? core::kHour
                               : seconds >= kMinute     ? kMinute
                                                        : 1;
    return core::describe_duration(seconds / unit * unit);
}

std::string status_of(const Moment& moment, const solana::PendingAction& one) {
    if (one.is_expired(moment.now)) {
        return "expired";
    }
    if (!one.is_due(moment.now)) {
        return one.waits_for_recovery && moment.now >= one.record.earliest
                   ? "held back by a recovery"
                   : "waiting";
    }
    const bool stops = one.record.action != solana::kRecover &&
                       solana::frozen_until(moment.wallet, moment.now).has_value();
    return stops ? "frozen" : "due";
}

json::object way_fields(const core::CancelWay& way) {
    json::object out{
        {"rule", solana::record_text(way.rule)}, {"is_own", way.is_own}, {"parties", way.parties}};
    out["left"] = way.left ? json::value(*way.left) : json::value(nullptr);
    if (way.left_renews_at != 0) {
        out["left_renews_at"] = way.left_renews_at;
    }
    return out;
}

solana::ExplainContext explain_context(const Moment& moment) {
    solana::ExplainContext out;
    out.signer_names = moment.file.names;
    out.wallet_program = moment.file.wallet.deployment().program;
    out.wallet = &moment.wallet;
    return out;
}

/// What was proposed, in the words of the instruction that would do it.
Result<std::vector<std::string>> proposal_lines(const Moment& moment,
                                                const solana::FoundProposal& found) {
    LATCHKEY_TRY(const solana::Instruction apply,
                 solana::apply_instruction(moment.file.wallet, found.proposal));
    std::vector<std::string> out = solana::explain(apply, explain_context(moment));
    // The headline names the wallet.
    out.erase(out.begin());
    return out;
}

void add_rule(const Moment& moment, const solana::PendingAction& one,
              const std::optional<solana::FoundProposal>& found, Report& report) {
    const core::Configuration& configuration = moment.wallet.configuration();
    if (one.record.rule < configuration.rules.size()) {
        report.lines.push_back("  by rule " + solana::record_text(one.record.rule) + ": " +
                               core::describe(configuration.rules[one.record.rule],
                                              configuration.signers, moment.file.names));
    } else if (found) {
        const auto rule = moment.wallet.rule(found->proposal.rule);
        if (rule) {
            report.lines.push_back("  by rule " + solana::record_text(one.record.rule) + ": " +
                                   core::describe(rule->rule, rule->signers, moment.file.names));
        }
    }
}

json::object pending_fields(const solana::PendingAction& one, const std::string& status) {
    json::object out{{"proposal", solana::proposal_text(one.record)},
                     {"rule", solana::record_text(one.record.rule)},
                     {"action", action_text(one.record.action)},
                     {"status", status},
                     {"earliest", one.earliest},
                     {"latest", one.latest},
                     {"digest", core::encode_hex(one.record.digest.view())}};
    json::array ways;
    for (const core::CancelWay& way : one.ways) {
        ways.emplace_back(way_fields(way));
    }
    out["cancel"] = std::move(ways);
    return out;
}

Result<void> add_pending(const Output& output, const Moment& moment,
                         const solana::PendingAction& one, Report& report, json::array& list) {
    Chain& chain = *moment.chain;
    output.progress("looking for proposal " + solana::proposal_text(one.record) + " …");
    auto found = chain.run(solana::find_proposal(chain.rpc(), moment.file.wallet, one.record));
    output.end_progress();
    // A node without history still shows the state.
    const std::optional<solana::FoundProposal> proposal =
        found ? *std::move(found) : std::optional<solana::FoundProposal>();
    const std::string status = status_of(moment, one);
    json::object fields = pending_fields(one, status);
    report.lines.push_back(output.paint(Style::kHeading, solana::proposal_text(one.record)) + "  " +
                           std::string(action_text(one.record.action)) + ": " + status);
    std::vector<std::string> words;
    std::optional<std::int64_t> since;
    if (one.proposed_at) {
        since = static_cast<std::int64_t>(*one.proposed_at);
    }
    if (proposal) {
        LATCHKEY_TRY(words, proposal_lines(moment, *proposal));
        since = proposal->transaction.time ? proposal->transaction.time : since;
        fields["transaction"] = solana::to_base58(proposal->transaction.id);
    } else {
        words = {
            "what exactly, no transaction tells that this node has and this program can read; "
            "the digest is " +
            core::encode_hex(one.record.digest.view())};
    }
    for (const std::string& line : words) {
        report.lines.push_back("  " + line);
    }
    add_rule(moment, one, proposal, report);
    if (since) {
        fields["proposed_at"] = *since;
        report.lines.push_back("  proposed on " + time_text(static_cast<std::uint64_t>(*since)));
    }
    const std::string distance = one.earliest > moment.now
                                     ? ", in " + distance_text(one.earliest - moment.now)
                                     : std::string();
    report.lines.push_back(one.earliest > one.latest
                               ? "  nobody may apply it any more: it expires on " +
                                     time_text(one.latest) + ", before the recovery is over"
                               : "  anybody may apply it from " + time_text(one.earliest) +
                                     distance + ", until " + time_text(one.latest));
    for (const core::CancelWay& way : one.ways) {
        report.lines.push_back("  can be cancelled by " + cancel_way_text(way));
    }
    if ((one.record.rule & solana::kRuleRecovery) != 0) {
        report.lines.emplace_back(
            "  guardians whose rule may cancel take it back with --recovery FILE");
    }
    fields["description"] = json::array(words.begin(), words.end());
    list.emplace_back(std::move(fields));
    return {};
}

/// The pending action that is named.
Result<solana::PendingAction> find_pending(const Moment& moment, const std::string& text) {
    LATCHKEY_TRY(const ProposalName name, parse_proposal(text));
    for (const solana::PendingAction& one : solana::pending_actions(moment.wallet, moment.now)) {
        if (one.record.rule == name.record &&
            name.number.value_or(one.record.epoch) == one.record.epoch) {
            return one;
        }
    }
    return fail(text + " does not wait; `latchkey pending` shows what does",
                core::to_error(Verdict::kNothingWaits));
}

/// What the chain would say, with the time at which it says otherwise.
Result<void> check_due(const Moment& moment, const solana::PendingAction& one) {
    const std::string name = solana::proposal_text(one.record);
    if (one.is_expired(moment.now)) {
        return fail(
            name + " could be applied until " + time_text(one.latest) + "; propose it again",
            core::to_error(Verdict::kProposalExpired));
    }
    if (moment.now < one.earliest) {
        return fail(name + " can be applied from " + time_text(one.earliest) + ", in " +
                        distance_text(one.earliest - moment.now),
                    core::to_error(one.waits_for_recovery ? Verdict::kRecoveryUnderWay
                                                          : Verdict::kTooEarly));
    }
    const auto frozen = solana::frozen_until(moment.wallet, moment.now);
    if (frozen && one.record.action != solana::kRecover) {
        return fail(name + " waits until the freeze ends, on " + time_text(*frozen),
                    core::to_error(Verdict::kFrozen));
    }
    return {};
}

/// Lines of `next` that `before` has not.
std::vector<std::string> new_lines(const std::vector<std::string>& before,
                                   const std::vector<std::string>& next) {
    std::vector<std::string> out;
    for (const std::string& line : next) {
        if (std::find(before.begin(), before.end(), line) == before.end()) {
            out.push_back(line);
        }
    }
    return out;
}

/// Counting ahead for a rule that is not there would only cost.
Result<void> check_rule_exists(const core::Configuration& configuration, std::uint8_t record,
                               const std::string& recovery_file) {
    const bool is_recovery = (record & solana::kRuleRecovery) != 0;
    if (is_recovery && recovery_file.empty()) {
        // Who recovers is private: only the file knows how many rules there are.
        return {};
    }
    std::size_t rules = configuration.rules.size();
    if (is_recovery) {
        LATCHKEY_TRY(const RecoveryFile file, read_recovery_file(recovery_file));
        rules = file.part.rules.size();
    }
    if ((record & ~solana::kRuleRecovery) >= rules) {
        return fail(ErrorCode::kCommandInput, "there is no rule " + solana::record_text(record) +
                                                  "; the last one is " + std::to_string(rules - 1));
    }
    return {};
}

std::string origin_text(const solana::PastConfiguration& one) {
    if (!one.transaction) {
        return "genesis";
    }
    std::string out = one.action == solana::kRecover ? "recovery" : "change";
    out += one.was_proposed ? " that had waited" : "";
    out += one.transaction->time
               ? ", " + time_text(static_cast<std::uint64_t>(*one.transaction->time))
               : std::string();
    return out;
}

}  // namespace

std::string_view action_text(std::uint8_t action) {
    switch (action) {
        case solana::kExecute:
            return "execute calls";
        case solana::kGrant:
            return "grant a session";
        case solana::kPolicy:
            return "change the configuration";
        case solana::kRecover:
            return "recover";
        case solana::kUpgrade:
            return "upgrade a program";
        default:
            return "an unknown action";
    }
}

Result<ProposalName> parse_proposal(const std::string& text) {
    constexpr std::string_view kRecovery = "recovery:";
    const bool is_recovery = text.starts_with(kRecovery);
    const std::string rest = is_recovery ? text.substr(kRecovery.size()) : text;
    const std::size_t dot = rest.find('.');
    LATCHKEY_TRY(const std::uint64_t rule,
                 parse_number(rest.substr(0, dot), core::kMaximumRules - 1,
                              "a proposal is RULE or RULE.NUMBER, such as 2, 2.1 or recovery:0.1; "
                              "its rule"));
    ProposalName out;
    out.record = static_cast<std::uint8_t>(rule | (is_recovery ? solana::kRuleRecovery : 0));
    if (dot != std::string::npos) {
        LATCHKEY_TRY(const std::uint64_t number,
                     parse_number(rest.substr(dot + 1), UINT32_MAX, "a proposal's number"));
        out.number = static_cast<std::uint32_t>(number);
    }
    return out;
}

std::string cancel_way_text(const core::CancelWay& way) {
    std::string out = "rule " + solana::record_text(way.rule);
    if (way.is_own) {
        return out + " itself (the proposer takes it back)";
    }
    out += way.parties == 1 ? ", one party" : ", " + std::to_string(way.parties) + " parties";
    if (!way.left) {
        return out;
    }
    out += *way.left == 0 ? ": not alone any more"
                          : ": alone " + std::to_string(*way.left) + " more time" +
                                (*way.left == 1 ? "" : "s");
    if (way.left_renews_at != 0) {
        out += " (counted anew after " + time_text(way.left_renews_at) + ")";
    }
    return out + "; two parties always";
}

Result<Report> list_pending(Context& context, const std::string& wallet) {
    if (!context.is_on_solana()) {
        return on_evm::list_pending(context, wallet);
    }
    LATCHKEY_TRY(const Moment moment, read_moment(context, wallet));
    Report report;
    json::array list;
    const auto frozen = solana::frozen_until(moment.wallet, moment.now);
    if (frozen) {
        report.lines.push_back(context.output().paint(Style::kBad, "frozen") + " until " +
                               time_text(*frozen));
    }
    for (const solana::PendingAction& one : solana::pending_actions(moment.wallet, moment.now)) {
        LATCHKEY_CHECK(add_pending(context.output(), moment, one, report, list));
    }
    if (list.empty()) {
        report.lines.emplace_back("nothing waits");
    }
    report.fields = {{"now", moment.now},
                     {"frozen_until", frozen ? json::value(*frozen) : json::value(nullptr)},
                     {"pending", std::move(list)}};
    return report;
}

Result<Report> apply_proposal(Context& context, const ApplyOptions& options) {
    if (!context.is_on_solana()) {
        return on_evm::apply_proposal(context, options);
    }
    LATCHKEY_CHECK(parse_proposal(options.proposal));
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    LATCHKEY_TRY(const std::vector<Key> keys, load_keys(options.keys));
    LATCHKEY_TRY(const Moment moment, read_moment(context, options.wallet));
    LATCHKEY_TRY(const solana::PendingAction one, find_pending(moment, options.proposal));
    LATCHKEY_CHECK(check_due(moment, one));
    Chain& chain = *moment.chain;
    const solana::WalletHandle& wallet = moment.file.wallet;
    context.output().progress("looking for the proposal …");
    auto found = chain.run(solana::find_proposal(chain.rpc(), wallet, one.record));
    context.output().end_progress();
    LATCHKEY_TRY(const std::optional<solana::FoundProposal> proposal, std::move(found));
    if (!proposal) {
        return fail(ErrorCode::kProposalNotFound,
                    "no transaction that this node has made proposal " +
                        solana::proposal_text(one.record) +
                        "; name a node that keeps more with --rpc");
    }
    LATCHKEY_TRY(const solana::Instruction apply,
                 solana::apply_instruction(wallet, proposal->proposal));
    LATCHKEY_TRY(const std::size_t size,
                 solana::state_size_after_apply(moment.wallet, proposal->proposal.rule,
                                                proposal->proposal.body));
    LATCHKEY_TRY(const std::uint64_t present, chain.run(chain.rpc().get_balance(wallet.state())));
    Submission submission;
    submission.fee_payer = &payer;
    LATCHKEY_CHECK(add_state_rent(chain, wallet, size, present, payer.address(), submission));
    std::vector<solana::Instruction> instructions = submission.before;
    instructions.push_back(apply);
    for (const Key& key : keys) {
        submission.signers.push_back(&key);
    }
    LATCHKEY_TRY(const std::vector<std::string> words, proposal_lines(moment, *proposal));
    LATCHKEY_TRY(Report report, finish(chain, context.output(), instructions, submission,
                                       options.is_dry_run, words));
    report.fields["proposal"] = solana::proposal_text(one.record);
    return report;
}

Result<Report> cancel_proposal(Context& context, const OperationOptions& operation,
                               const std::string& proposal, bool is_ahead) {
    LATCHKEY_TRY(const ProposalName name, parse_proposal(proposal));
    const ChangeMaker make = [&](const ChangeBasis& basis) -> Result<Change> {
        if (is_ahead) {
            LATCHKEY_CHECK(
                check_rule_exists(basis.configuration, name.record, operation.recovery_file));
        }
        const auto [epoch, waits] = basis.memory(name.record);
        if (is_ahead && waits) {
            return fail(ErrorCode::kCommandInput,
                        solana::record_text(name.record) + "." + std::to_string(epoch) +
                            " waits; cancel it without --ahead, then the next one");
        }
        if (!is_ahead && !(waits && name.number.value_or(epoch) == epoch)) {
            return fail(proposal + " does not wait; `latchkey pending` shows what does",
                        core::to_error(Verdict::kNothingWaits));
        }
        if (is_ahead && name.number.value_or(epoch + 1) != epoch + 1) {
            return fail(ErrorCode::kCommandInput,
                        "the next proposal of that rule is number " + std::to_string(epoch + 1));
        }
        return EndOfProposal{name.record, is_ahead ? epoch : epoch - 1};
    };
    return run_change(context, operation, {core::kActionCancel}, make);
}

Result<Report> freeze_wallet(Context& context, const OperationOptions& operation, bool lifts) {
    const ChangeMaker make = [&](const ChangeBasis& /*basis*/) -> Result<Change> {
        return Freezing{lifts};
    };
    LATCHKEY_TRY(
        Report report,
        run_change(context, operation, {core::kActionFreeze, lifts ? std::size_t{2} : 1}, make));
    if (context.is_on_solana() && !operation.is_dry_run && operation.request_file.empty()) {
        LATCHKEY_TRY(const Moment moment, read_moment(context, operation.wallet));
        const auto until = solana::frozen_until(moment.wallet, moment.now);
        report.fields["frozen_until"] = until ? json::value(*until) : json::value(nullptr);
        report.lines.push_back(until ? "frozen until " + time_text(*until) : "not frozen");
    }
    return report;
}

Result<Report> list_history(Context& context, const std::string& wallet) {
    if (!context.is_on_solana()) {
        return on_evm::list_history(context, wallet);
    }
    LATCHKEY_TRY(const WalletFile file, context.wallet(wallet));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(const auto snapshot, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    context.output().progress("reading the wallet's transactions …");
    auto fetched = chain->run(solana::fetch_configurations(chain->rpc(), snapshot));
    context.output().end_progress();
    LATCHKEY_TRY(const std::vector<solana::PastConfiguration> past, std::move(fetched));
    Report report;
    json::array list;
    std::vector<std::string> before;
    for (const solana::PastConfiguration& one : past) {
        const auto lines = description_lines(one.configuration, file.names);
        report.lines.push_back(
            context.output().paint(Style::kHeading, std::to_string(one.sequence)) + "  " +
            origin_text(one));
        report.lines.push_back("   config id " + core::encode_hex(one.id.view()));
        json::object fields{{"sequence", one.sequence},
                            {"config_id", core::encode_hex(one.id.view())},
                            {"kind", !one.transaction                 ? "genesis"
                                     : one.action == solana::kRecover ? "recover"
                                                                      : "policy"},
                            {"was_proposed", one.was_proposed},
                            {"description", json::array(lines.begin(), lines.end())}};
        if (one.transaction) {
            const std::string id = solana::to_base58(one.transaction->id);
            report.lines.push_back("   transaction " + id);
            fields["transaction"] = id;
            fields["slot"] = one.transaction->slot;
            if (one.transaction->time) {
                fields["time"] = *one.transaction->time;
            }
        }
        for (const std::string& line : new_lines(lines, before)) {
            report.lines.push_back("   - " + line);
        }
        for (const std::string& line : new_lines(before, lines)) {
            report.lines.push_back("   + " + line);
        }
        before = lines;
        list.emplace_back(std::move(fields));
    }
    report.lines.push_back(context.output().paint(
        Style::kGood,
        "each id follows from the one before, and the last is the one that this node shows"));
    report.fields = {{"verified", true}, {"configurations", std::move(list)}};
    return report;
}

}  // namespace latchkey::cli
