// SPDX-License-Identifier: Apache-2.0
#include "cli/alarms.hpp"

#include <algorithm>

#include "chains/solana/client/decode.hpp"
#include "cli/commands/waiting.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

namespace json = boost::json;

namespace {

/// What the instruction says, without the wallet's address.
std::vector<std::string> words_of(const solana::Instruction& instruction,
                                  const solana::WalletSnapshot& wallet, const core::Names& names) {
    solana::ExplainContext context;
    context.wallet_program = wallet.wallet().deployment().program;
    context.wallet = &wallet;
    context.signer_names = names;
    std::vector<std::string> out = solana::explain(instruction, context);
    out.erase(out.begin());
    return out;
}

bool can_wait(solana::ActionNumber action) {
    return action == solana::kExecute || action == solana::kGrant || action == solana::kPolicy ||
           action == solana::kRecover || action == solana::kUpgrade;
}

/// What an action that did not wait is called.
Alarm done_at_once(solana::ActionNumber action) {
    switch (action) {
        case solana::kPolicy:
            return {"policy", "the configuration was changed"};
        case solana::kRecover:
            return {"recover", "the wallet was recovered"};
        case solana::kUpgrade:
            return {"upgrade", "a program was upgraded"};
        case solana::kExecute:
            return {"execute", "calls were executed"};
        case solana::kMessage:
            return {"message", "a message was vouched for"};
        default:
            return {"session", "a session was granted or ended"};
    }
}

/// The record of the instruction's rule, if this is what waits there, or waited there last.
const solana::RuleRecord* record_of(const solana::Instruction& instruction,
                                    const solana::WalletSnapshot& now) {
    const auto proposal = solana::read_proposal(instruction);
    const solana::RuleRecord* const record =
        proposal ? now.record(solana::record_name(proposal->rule)) : nullptr;
    if (record == nullptr) {
        return nullptr;
    }
    const auto digest = solana::waiting_digest(now.wallet(), *proposal);
    return digest && *digest == record->digest ? record : nullptr;
}

/// The proposal as it is named: by the state as long as that remembers it, else by the epoch that
/// its approval named, else by its rule alone.
std::string name_of(const solana::SignedPart& part, const solana::RuleRecord* record) {
    if (record != nullptr) {
        return solana::proposal_text(*record);
    }
    const auto numbered = [&](std::uint32_t epoch) {
        return solana::record_text(solana::record_name(part.rule)) + "." +
               std::to_string(std::uint64_t{epoch} + 1);
    };
    if (const auto* policy = std::get_if<solana::PolicyBody>(&part.body)) {
        return numbered(policy->epoch);
    }
    if (const auto* recover = std::get_if<solana::RecoverBody>(&part.body)) {
        return numbered(recover->epoch);
    }
    return solana::record_text(solana::record_name(part.rule));
}

/// `record`: of the rule, if it is known; while the action waits there it says until when.
Alarm proposed(std::uint8_t rule, std::uint8_t action, const solana::RuleRecord* record) {
    Alarm out{"proposal", "rule " + solana::record_text(rule) + " proposed to " +
                              std::string(action_text(action))};
    if (record != nullptr && record->action != 0) {
        out.text += "; from " + core::describe_time(record->earliest) +
                    " on anybody may apply it, unless it is cancelled";
    }
    return out;
}

bool is_everyday(const Alarm& alarm) {
    return alarm.kind == "execute" || alarm.kind == "message" || alarm.kind == "session";
}

bool is_same(const solana::WalletSnapshot& a, const solana::WalletSnapshot& b) {
    if (a.config_id() != b.config_id() || a.state().has_value() != b.state().has_value()) {
        return false;
    }
    return !a.state() || (a.state()->records == b.state()->records &&
                          a.state()->local_version == b.state()->local_version);
}

}  // namespace

AlarmReader::AlarmReader(solana::WalletSnapshot wallet, core::Names names, bool reads_all)
    : known_(std::move(wallet)), names_(std::move(names)), reads_all_(reads_all) {}

bool AlarmReader::is_proposal(const solana::Instruction& instruction,
                              const solana::ApprovedAction& action,
                              const solana::WalletSnapshot& now) const {
    const solana::SignedPart& part = action.signed_part;
    if (part.rule.is_local) {
        return false;
    }
    // A record keeps the digest of what waited last, which settles it.
    if (record_of(instruction, now) != nullptr) {
        return true;
    }
    const auto rule = known_.rule(part.rule);
    if (!rule) {
        // Under a rule that is gone: rather one alarm too many.
        return true;
    }
    std::vector<std::uint8_t> signers;
    for (const solana::Approval& approval : action.approvals) {
        signers.push_back(approval.signer);
    }
    return solana::wait_seconds(known_.configuration(), rule->rule,
                                solana::action_number(part.body),
                                solana::count_parties(*rule, signers)) != 0;
}

std::vector<Alarm> AlarmReader::read_one(const solana::Instruction& instruction,
                                         const solana::WalletTransaction& transaction,
                                         const solana::WalletSnapshot& now) {
    const auto decoded = solana::decode_instruction(instruction.data);
    Alarm alarm;
    if (!decoded) {
        // The chain took it, so it did something.
        alarm.kind = "unreadable";
        alarm.text =
            "the wallet obeyed an instruction that cannot be read; look at the transaction, and at "
            "what `latchkey rules` and `latchkey pending` say";
    } else if (const auto* apply = std::get_if<solana::ApplyAction>(&*decoded)) {
        alarm.kind = "apply";
        alarm.proposal = solana::record_text(solana::record_name(apply->rule));
        alarm.text = "what waited under rule " + alarm.proposal + " was done";
    } else if (const auto* action = std::get_if<solana::ApprovedAction>(&*decoded)) {
        const solana::SignedPart& part = action->signed_part;
        const solana::ActionNumber number = solana::action_number(part.body);
        if (const auto* cancel = std::get_if<solana::CancelBody>(&part.body)) {
            alarm.kind = "cancel";
            alarm.proposal = solana::record_text(cancel->target) + "." +
                             std::to_string(std::uint64_t{cancel->epoch} + 1);
            alarm.text = "proposal " + alarm.proposal + " was cancelled";
        } else if (const auto* freeze = std::get_if<solana::FreezeBody>(&part.body)) {
            alarm.kind = freeze->lift ? "lift" : "freeze";
            alarm.text =
                freeze->lift ? "the freeze was lifted" : "the wallet was frozen for 7 days";
        } else if (can_wait(number) && is_proposal(instruction, *action, now)) {
            const solana::RuleRecord* const record = record_of(instruction, now);
            alarm =
                proposed(solana::record_name(part.rule), static_cast<std::uint8_t>(number), record);
            alarm.proposal = name_of(part, record);
        } else {
            alarm = done_at_once(number);
        }
    } else {
        return {};
    }
    if (is_everyday(alarm) && !reads_all_) {
        return {};
    }
    alarm.details = words_of(instruction, known_, names_);
    alarm.time = transaction.time;
    alarm.transaction = transaction.id;
    return {std::move(alarm)};
}

std::vector<Alarm> AlarmReader::read(const solana::WalletTransaction& transaction,
                                     const solana::WalletSnapshot& now) {
    std::vector<Alarm> out;
    if (transaction.unreadable) {
        // It explains nothing: what it did the state tells.
        out.push_back({"unreadable",
                       "a transaction names the wallet, and this program cannot read it",
                       {printable(*transaction.unreadable)},
                       "",
                       transaction.time,
                       transaction.id});
        return out;
    }
    has_read_ = true;
    for (const solana::Instruction& instruction : transaction.instructions) {
        std::vector<Alarm> more = read_one(instruction, transaction, now);
        for (const Alarm& alarm : more) {
            if (alarm.kind == "proposal") {
                told_.insert(alarm.proposal);
            }
        }
        std::move(more.begin(), more.end(), std::back_inserter(out));
    }
    return out;
}

std::vector<Alarm> AlarmReader::unexplained(const solana::WalletSnapshot& now) const {
    std::vector<Alarm> out;
    for (const solana::RuleRecord& record :
         now.state() ? now.state()->records : std::vector<solana::RuleRecord>()) {
        // Rules may have other numbers now; what waits has its digest.
        const bool was_known =
            known_.state() && std::any_of(known_.state()->records.begin(),
                                          known_.state()->records.end(), [&](const auto& one) {
                                              return one.action != 0 && one.digest == record.digest;
                                          });
        if (record.action == 0 || was_known || told_.contains(solana::proposal_text(record))) {
            continue;
        }
        Alarm alarm = proposed(record.rule, record.action, &record);
        alarm.proposal = solana::proposal_text(record);
        alarm.details = {"what exactly, no transaction tells that this node has; the digest is " +
                         core::encode_hex(record.digest.view())};
        out.push_back(std::move(alarm));
    }
    if (out.empty() && !has_read_ && !is_same(known_, now)) {
        out.push_back({"unexplained",
                       "the wallet's state changed, and the node shows no transaction that did it; "
                       "ask another node"});
    }
    return out;
}

void AlarmReader::accept(const solana::WalletSnapshot& now) {
    known_ = now;
    has_read_ = false;
}

std::vector<Alarm> AlarmReader::standing(const solana::WalletSnapshot& wallet,
                                         std::uint64_t now) const {
    std::vector<Alarm> out;
    if (const auto until = solana::frozen_until(wallet, now)) {
        out.push_back(Alarm{"frozen", "the wallet is frozen until " + core::describe_time(*until)});
    }
    for (const solana::PendingAction& one : solana::pending_actions(wallet, now)) {
        if (one.is_expired(now)) {
            continue;
        }
        Alarm alarm{"pending", ""};
        alarm.proposal = solana::proposal_text(one.record);
        alarm.text = "proposal " + alarm.proposal +
                     " waits: " + std::string(action_text(one.record.action)) + ", from " +
                     core::describe_time(one.earliest) + " until " +
                     core::describe_time(one.latest);
        out.push_back(std::move(alarm));
    }
    return out;
}

json::object to_json(const Alarm& alarm) {
    json::object out{{"alarm", alarm.kind},
                     {"text", alarm.text},
                     {"details", json::array(alarm.details.begin(), alarm.details.end())}};
    if (!alarm.proposal.empty()) {
        out["proposal"] = alarm.proposal;
    }
    if (alarm.time) {
        out["time"] = *alarm.time;
    }
    if (alarm.transaction) {
        out["transaction"] = solana::to_base58(*alarm.transaction);
    }
    return out;
}

}  // namespace latchkey::cli
