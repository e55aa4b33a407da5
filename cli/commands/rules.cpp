// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/rules.hpp"

#include "chains/solana/client/configuration_change.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/change.hpp"
#include "cli/evm/rule_commands.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/rule_tables.hpp"
#include "cli/rule_text.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/describe.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// Clocks of clients and validators differ by some seconds.
constexpr std::uint64_t kClockSlackSeconds = 60;

struct OnChain {
    solana::WalletSnapshot wallet;
    std::uint64_t now = 0;
    core::Names names;
};

Result<OnChain> read_chain(Context& context, const std::string& wallet) {
    LATCHKEY_TRY(const WalletFile file, context.wallet(wallet));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(auto snapshot, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    LATCHKEY_TRY(const std::uint64_t now, chain->run(solana::fetch_time(chain->rpc())));
    return OnChain{std::move(snapshot), now, file.names};
}

Result<core::LocalRule> session_at(const solana::LocalSlot& slot) {
    return core::to_result(core::decode_local_rule(slot.local_rule, core::is_chain_key));
}

/// Every policy change is one configuration after another.
Result<Report> change(
    Context& context, const OperationOptions& operation,
    const std::function<Result<core::Configuration>(const core::Configuration&)>& next) {
    return run_change(context, operation, {core::kActionPolicy},
                      [&](const ChangeBasis& basis) -> Result<Change> {
                          LATCHKEY_TRY(core::Configuration changed, next(basis.configuration));
                          return NewConfiguration{std::move(changed)};
                      });
}

Result<core::LocalRuleId> find_session(const solana::WalletSnapshot& wallet,
                                       const std::string& text) {
    constexpr std::size_t kIdDigits = 64;
    if (text.size() == kIdDigits) {
        return core::decode_hex_as<core::LocalRuleId>(text);
    }
    LATCHKEY_TRY(const std::uint64_t slot, parse_number(text, 15, "a session"));
    const bool is_there = wallet.state() && slot < wallet.state()->slots.size() &&
                          wallet.state()->slots[slot].has_value();
    if (!is_there) {
        return fail(ErrorCode::kCommandInput,
                    "there is no session " + text + "; `latchkey session list` shows them");
    }
    return core::LocalRuleId(wallet.state()->slots[slot]->local_rule_id.array());
}

}  // namespace

Result<Report> list_rules(Context& context, const std::string& wallet) {
    if (!context.is_on_solana()) {
        return on_evm::list_rules(context, wallet);
    }
    LATCHKEY_TRY(const OnChain found, read_chain(context, wallet));
    const core::Configuration& configuration = found.wallet.configuration();
    Report report;
    json::array rules;
    for (std::size_t i = 0; i < configuration.rules.size(); ++i) {
        const std::string text =
            core::describe(configuration.rules[i], configuration.signers, found.names);
        report.lines.push_back(std::to_string(i) + ": " + text);
        rules.emplace_back(json::object{{"rule", std::to_string(i)}, {"description", text}});
    }
    LATCHKEY_TRY(const Report sessions, list_sessions(context, wallet));
    if (!sessions.fields.at("sessions").as_array().empty()) {
        report.lines.insert(report.lines.end(), sessions.lines.begin(), sessions.lines.end());
    }
    report.fields = {{"sequence", found.wallet.sequence()},
                     {"rules", std::move(rules)},
                     {"sessions", sessions.fields.at("sessions")}};
    return report;
}

Result<Report> list_limits(Context& context, const std::string& wallet) {
    if (!context.is_on_solana()) {
        return on_evm::list_limits(context, wallet);
    }
    LATCHKEY_TRY(const OnChain found, read_chain(context, wallet));
    LimitTable table(found.now);
    const std::vector<solana::SpendingCounter> none;
    const auto& counters = found.wallet.state() ? found.wallet.state()->counters : none;
    std::size_t first = 0;
    const auto& rules = found.wallet.configuration().rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        table.add(std::to_string(i), rules[i], counters, first);
        first += rules[i].limits.size();
    }
    const std::size_t slots = found.wallet.state() ? found.wallet.state()->slots.size() : 0;
    for (std::size_t i = 0; i < slots; ++i) {
        const auto& slot = found.wallet.state()->slots[i];
        if (slot) {
            LATCHKEY_TRY(const core::LocalRule session, session_at(*slot));
            table.add(session_name(i), session.rule, slot->counters);
        }
    }
    return table.report();
}

Result<Report> list_signers(Context& context, const std::string& wallet) {
    if (!context.is_on_solana()) {
        return on_evm::list_signers(context, wallet);
    }
    LATCHKEY_TRY(const OnChain found, read_chain(context, wallet));
    return signers_report(found.wallet.configuration(), found.names);
}

Result<Report> set_rules(Context& context, const OperationOptions& operation,
                         const std::string& config_file) {
    LATCHKEY_TRY(const json::object value, read_json_file(config_file));
    core::Names names;
    LATCHKEY_TRY(const core::Configuration next, parse_configuration(value, config_file, names));
    // Who wants no recovery any more says so.
    const bool keeps_recovery = !value.contains("recovery");
    return change(context, operation,
                  [&](const core::Configuration& now) -> Result<core::Configuration> {
                      core::Configuration out = next;
                      if (keeps_recovery) {
                          out.recovery = now.recovery;
                      }
                      return out;
                  });
}

Result<Report> add_signer(Context& context, const OperationOptions& operation,
                          const std::string& signer, const std::vector<unsigned>& rules) {
    core::Names names;
    LATCHKEY_TRY(const core::Signer entry, parse_signer(signer, names));
    const std::vector<std::size_t> indexes(rules.begin(), rules.end());
    return change(context, operation, [&](const core::Configuration& now) {
        return solana::with_signer(now, entry, indexes);
    });
}

Result<Report> remove_signer(Context& context, const OperationOptions& operation, unsigned signer) {
    return change(context, operation, [&](const core::Configuration& now) {
        return solana::without_signer(now, signer);
    });
}

Result<Report> grant_session(Context& context, const OperationOptions& operation,
                             const SessionGrantOptions& session) {
    core::LocalRule rule;
    core::Names names;
    LATCHKEY_TRY(core::Signer signer, parse_signer(session.signer, names));
    rule.signers = {std::move(signer)};
    rule.rule.actions = core::kActionExecute;
    if (session.limits.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "a session needs a budget, such as --limit SOL=0.1/1/1d");
    }
    for (const std::string& text : session.limits) {
        LATCHKEY_TRY(const core::Limit limit, parse_limit(text));
        rule.rule.limits.push_back(limit);
    }
    LATCHKEY_TRY(rule.rule.scope, parse_scope(session.targets, rule.rule.limits));
    core::normalize(rule.rule);
    LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(session.expires_in));
    if (!context.is_on_solana()) {
        return on_evm::grant_session(context, operation, rule, seconds);
    }
    const ActionMaker make =
        [&](Chain& chain, const solana::WalletSnapshot& /*wallet*/,
            const solana::RuleReference& granting) -> Result<solana::ActionBody> {
        LATCHKEY_TRY(const std::uint64_t now, chain.believed_time());
        rule.rule.times = core::Times{now - kClockSlackSeconds, now + seconds};
        return solana::ActionBody(solana::GrantAction{granting, rule});
    };
    return run_operation(context, operation, core::kActionGrant, make);
}

Result<Report> list_sessions(Context& context, const std::string& wallet) {
    if (!context.is_on_solana()) {
        return on_evm::list_sessions(context, wallet);
    }
    LATCHKEY_TRY(const OnChain found, read_chain(context, wallet));
    Report report;
    json::array sessions;
    const std::size_t slots = found.wallet.state() ? found.wallet.state()->slots.size() : 0;
    for (std::size_t i = 0; i < slots; ++i) {
        const auto& slot = found.wallet.state()->slots[i];
        if (!slot) {
            continue;
        }
        LATCHKEY_TRY(const core::LocalRule session, session_at(*slot));
        const std::string id = core::encode_hex(slot->local_rule_id.view());
        const std::string text = core::describe(session, found.names);
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

Result<Report> revoke_session(Context& context, const OperationOptions& operation,
                              const std::string& session) {
    if (!context.is_on_solana()) {
        return on_evm::revoke_session(context, operation, session);
    }
    const ActionMaker make = [&](Chain& /*chain*/, const solana::WalletSnapshot& wallet,
                                 const solana::RuleReference& rule) -> Result<solana::ActionBody> {
        LATCHKEY_TRY(const core::LocalRuleId id, find_session(wallet, session));
        return solana::ActionBody(solana::RevokeAction{rule, id});
    };
    // Who may grant may revoke.
    return run_operation(context, operation, core::kActionGrant, make);
}

}  // namespace latchkey::cli
