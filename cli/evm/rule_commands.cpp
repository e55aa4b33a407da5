// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/rule_commands.hpp"

#include <algorithm>

#include "chains/evm/wallet/describe.hpp"
#include "cli/rule_tables.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;

namespace {

/// Clocks of clients and chains differ by some seconds.
constexpr std::uint64_t kClockSlackSeconds = 60;

/// Ids of those that a rule granted and that live, in order.
std::vector<core::LocalRuleId> granted_by(const wallet::WalletSnapshot& wallet, std::uint8_t rule) {
    std::vector<core::LocalRuleId> out;
    for (const wallet::Session& one : wallet.sessions) {
        if (one.granting_rule == rule) {
            out.push_back(one.id);
        }
    }
    return out;
}

Result<const wallet::Session*> find_session(const wallet::WalletSnapshot& wallet,
                                            const std::string& text) {
    constexpr std::size_t kIdDigits = 64;
    if (text.size() == kIdDigits) {
        LATCHKEY_TRY(const auto id, core::decode_hex_as<core::LocalRuleId>(text));
        const auto found = std::find_if(wallet.sessions.begin(), wallet.sessions.end(),
                                        [&](const auto& one) { return one.id == id; });
        if (found != wallet.sessions.end()) {
            return &*found;
        }
    } else {
        LATCHKEY_TRY(const std::uint64_t place, parse_number(text, UINT8_MAX, "a session"));
        if (place < wallet.sessions.size()) {
            return &wallet.sessions[place];
        }
    }
    return fail(ErrorCode::kCommandInput,
                "there is no session " + text + "; `latchkey session list` shows them");
}

}  // namespace

Result<Report> list_rules(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    const core::Configuration& configuration = open.snapshot.configuration;
    const core::Names names = wallet::with_evm_names(open.file.names);
    Report report;
    json::array rules;
    for (std::size_t i = 0; i < configuration.rules.size(); ++i) {
        const std::string text =
            core::describe(configuration.rules[i], configuration.signers, names);
        report.lines.push_back(std::to_string(i) + ": " + text);
        rules.emplace_back(json::object{{"rule", std::to_string(i)}, {"description", text}});
    }
    LATCHKEY_TRY(const Report sessions, on_evm::list_sessions(context, path));
    if (!open.snapshot.sessions.empty()) {
        report.lines.insert(report.lines.end(), sessions.lines.begin(), sessions.lines.end());
    }
    report.fields = {{"sequence", open.snapshot.hot.number},
                     {"rules", std::move(rules)},
                     {"sessions", sessions.fields.at("sessions")}};
    return report;
}

Result<Report> list_limits(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    const wallet::WalletSnapshot& now = open.snapshot;
    LimitTable table(now.time);
    const auto& rules = now.configuration.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        table.add(std::to_string(i), rules[i],
                  i < now.counters.size() ? now.counters[i] : std::vector<core::model::Counter>());
    }
    for (std::size_t i = 0; i < now.sessions.size(); ++i) {
        table.add(session_name(i), now.sessions[i].rule.rule, now.sessions[i].counters);
    }
    return table.report();
}

Result<Report> list_signers(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    return signers_report(open.snapshot.configuration, open.file.names);
}

Result<Report> list_sessions(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    const core::Names names = wallet::with_evm_names(open.file.names);
    Report report;
    json::array sessions;
    for (std::size_t i = 0; i < open.snapshot.sessions.size(); ++i) {
        const wallet::Session& session = open.snapshot.sessions[i];
        const std::string id = core::encode_hex(session.id.view());
        const std::string text = core::describe(session.rule, names);
        report.lines.push_back(session_name(i) + ": " + text);
        report.lines.push_back("  id " + id);
        sessions.emplace_back(json::object{{"session", i}, {"id", id}, {"description", text}});
    }
    if (sessions.empty()) {
        report.lines = {"the wallet has granted no sessions"};
    }
    report.fields = {{"sessions", std::move(sessions)}};
    return report;
}

Result<Report> grant_session(Context& context, const OperationOptions& operation,
                             const core::LocalRule& rule, std::uint64_t seconds) {
    return run_operation(context, operation, {core::kActionGrant},
                         [&](Node& node, const wallet::WalletSnapshot& wallet,
                             const wallet::RuleReference& granting) -> Result<wallet::Body> {
                             LATCHKEY_TRY(const std::uint64_t now, node.believe_time(wallet.time));
                             core::LocalRule timed = rule;
                             timed.rule.times =
                                 core::Times{now - kClockSlackSeconds, now + seconds};
                             LATCHKEY_TRY(core::Bytes bytes, core::to_result(core::encode(timed)));
                             return wallet::Body(wallet::Grant{granted_by(wallet, granting.index),
                                                               std::move(bytes)});
                         });
}

Result<Report> revoke_session(Context& context, const OperationOptions& operation,
                              const std::string& text) {
    // Who may grant may revoke.
    return run_operation(
        context, operation, {core::kActionGrant},
        [&](Node& /*node*/, const wallet::WalletSnapshot& wallet,
            const wallet::RuleReference& /*rule*/) -> Result<wallet::Body> {
            LATCHKEY_TRY(const wallet::Session* const session, find_session(wallet, text));
            const wallet::LocalSource& source = session->source;
            return wallet::Body(
                wallet::Revoke{source.rule_id, source.place, source.others, session->id});
        });
}

}  // namespace latchkey::cli::on_evm
