// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/waiting.hpp"
#include "core/authorization/lane.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::solana {

namespace {

using Lines = std::vector<std::string>;

void append_lines(Lines& out, const Lines& more, const std::string& prefix) {
    for (const std::string& line : more) {
        out.push_back(prefix + line);
    }
}

Lines split_lines(const std::string& text) {
    Lines out;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

/// What a policy changes, if the wallet is known.
Lines change_lines(const WalletSnapshot* wallet, const core::Configuration& next,
                   const core::Names& names) {
    const Lines changes =
        wallet == nullptr ? Lines() : core::describe_change(wallet->configuration(), next, names);
    if (changes.empty()) {
        return {};
    }
    Lines out = {"compared with the present one:"};
    append_lines(out, changes, "  ");
    return out;
}

std::string rule_name(const RuleReference& rule) {
    const std::string_view kind = rule.is_local        ? "session "
                                  : rule.recovery_part ? "rule recovery:"
                                                       : "rule ";
    return std::string(kind) + std::to_string(rule.index);
}

std::string rule_name(std::uint8_t record_name) {
    return ((record_name & kRuleRecovery) != 0 ? "rule recovery:" : "rule ") +
           std::to_string(record_name & ~kRuleRecovery);
}

/// What the context's wallet says about a rule.
std::optional<ResolvedRule> known_rule(const RuleReference& rule, const ExplainContext& context) {
    if (context.wallet == nullptr) {
        return std::nullopt;
    }
    const auto found = context.wallet->rule(rule);
    return found ? std::optional<ResolvedRule>(*found) : std::nullopt;
}

/// The same, and what the recovery part says that came along, whoever's it is.
std::optional<ResolvedRule> shown_rule(const RuleReference& rule, const ExplainContext& context) {
    if (auto known = known_rule(rule, context)) {
        return known;
    }
    if (!rule.recovery_part) {
        return std::nullopt;
    }
    const auto part = core::decode_recovery_part(*rule.recovery_part);
    if (!part || rule.index >= part->rules.size()) {
        return std::nullopt;
    }
    return ResolvedRule{part->rules[rule.index], part->signers, {}};
}

/// What chain-agnostic changes have for a nonce.
std::optional<std::uint32_t> epoch_of(const Body& body) {
    if (const auto* policy = std::get_if<PolicyBody>(&body)) {
        return policy->epoch;
    }
    if (const auto* cancel = std::get_if<CancelBody>(&body)) {
        return cancel->epoch;
    }
    if (const auto* freeze = std::get_if<FreezeBody>(&body)) {
        return freeze->epoch;
    }
    const auto* recover = std::get_if<RecoverBody>(&body);
    return recover == nullptr ? std::nullopt : std::optional(recover->epoch);
}

constexpr std::string_view kFreezeText =
    "freeze the wallet: for 7 days it executes, grants, signs and changes nothing";
constexpr std::string_view kLiftText = "end the freeze";

std::string cancel_text(std::uint8_t target, std::uint32_t epoch) {
    return "cancel proposal " + std::to_string(std::uint64_t{epoch} + 1) + " of " +
           rule_name(target);
}

Lines recovered_signers_text(const std::vector<core::Signer>& signers, const core::Names& names) {
    Lines out = {"recover the wallet: its only signers will be"};
    for (const core::Signer& signer : signers) {
        out.push_back("  " + core::describe(signer, names));
    }
    return out;
}

std::string explain_rule(const RuleReference& rule, const ExplainContext& context) {
    const auto known = shown_rule(rule, context);
    return "under " + rule_name(rule) +
           (known ? ": " + core::describe(known->rule, known->signers, context.signer_names) : "");
}

constexpr std::string_view kNoCalls = "no calls: only the nonce is used up";
constexpr std::string_view kNoNewAuthority =
    "only if owners, delegates, close authorities and mints stay";

std::string cap_text(const std::string& account, std::uint64_t outflow, std::uint64_t inflow) {
    std::string out = "only if " + account + " loses at most " + std::to_string(outflow);
    if (inflow != 0) {
        out += " and gains at least " + std::to_string(inflow);
    }
    return out + " of its smallest units";
}

/// One instruction of the wallet program, account by account.
class WalletText {
  public:
    WalletText(const Instruction& instruction, const ExplainContext& context)
        : instruction_(instruction), context_(context) {}

    Lines operator()(const ApprovedAction& action) const {
        const SignedPart& part = action.signed_part;
        Lines out = {headline(part)};
        out.push_back(explain_rule(part.rule, context_));
        for (const Approval& approval : action.approvals) {
            out.push_back(approved_by(approval, part.rule));
        }
        if (action.tree) {
            out.push_back("one of up to " +
                          std::to_string(std::size_t{1} << action.tree->siblings.size()) +
                          " actions approved together");
        }
        out.push_back(nonce(part));
        append_lines(out, std::visit(BodyText{*this, part.rule}, part.body), "");
        return out;
    }
    Lines operator()(const CreateState& create) const {
        return {"create the state " + account(0) + " from a genesis of " +
                std::to_string(create.genesis.size()) + " bytes"};
    }
    Lines operator()(const OpenLane& open) const {
        return {"open lane " + std::to_string(open.index) + " of " + account(1) + " at " +
                account(0) + ", operated by " + account(2)};
    }
    Lines operator()(const CloseLane&) const {
        return {"close the lane " + account(0) + ", its lamports going to " + account(2)};
    }
    Lines operator()(const SetLaneOperator&) const {
        return {"let " + account(2) + " operate the lane " + account(0)};
    }
    Lines operator()(const ApplyAction& apply) const {
        Lines out = {"wallet " + account(0) + ": do what waits under " + rule_name(apply.rule)};
        append_lines(out, std::visit(BodyText{*this, apply.rule}, apply.body), "");
        return out;
    }

  private:
    struct BodyText {
        const WalletText& text;
        const RuleReference& rule;

        Lines operator()(const ExecuteBody& body) const { return text.execute(body); }
        Lines operator()(const GrantBody& body) const {
            const auto local = core::decode_local_rule(body.local_rule, core::is_chain_key);
            return {"grant a session: " +
                    (local ? core::describe(*local, text.context_.signer_names)
                           : "malformed, " + core::encode_hex(body.local_rule))};
        }
        Lines operator()(const RevokeBody& body) const {
            return {"end the session " + core::encode_hex(body.local_rule_id)};
        }
        Lines operator()(const PolicyBody& body) const {
            const auto next = core::decode_shared(body.shared, core::is_chain_key);
            Lines out = {"replace the whole configuration by:"};
            append_lines(out,
                         next ? split_lines(core::describe(*next, text.context_.signer_names))
                              : Lines{"malformed, " + core::encode_hex(body.shared)},
                         "  ");
            if (next) {
                append_lines(
                    out, change_lines(text.context_.wallet, *next, text.context_.signer_names), "");
            }
            return out;
        }
        Lines operator()(const MessageBody& body) const {
            return {"vouch for the message with hash " + core::encode_hex(body.message_hash)};
        }
        Lines operator()(const CancelBody& body) const {
            return {cancel_text(body.target, body.epoch)};
        }
        Lines operator()(const FreezeBody& body) const {
            return {std::string(body.lift ? kLiftText : kFreezeText)};
        }
        Lines operator()(const RecoverBody& body) const {
            const auto signers =
                recovered_signers(rule.recovery_part.value_or(Bytes()), body.signers);
            return signers
                       ? recovered_signers_text(*signers, text.context_.signer_names)
                       : Lines{"recover with malformed signers " + core::encode_hex(body.signers)};
        }
        Lines operator()(const UpgradeBody& body) const {
            Lines out = text.call(body.call);
            out.push_back("only if the buffer's code has the keccak " +
                          core::encode_hex(body.code_hash));
            return out;
        }
    };

    [[nodiscard]] std::string account(std::size_t index) const {
        return index < instruction_.accounts.size()
                   ? name_address(instruction_.accounts[index].address, context_)
                   : "missing account " + std::to_string(index);
    }

    [[nodiscard]] std::string headline(const SignedPart& part) const {
        constexpr std::string_view kVerbs[] = {"execute calls",          "grant a session",
                                               "end a session",          "change the configuration",
                                               "sign a message",         "cancel a proposal",
                                               "freeze or end a freeze", "recover",
                                               "upgrade a program"};
        return "wallet " + account(0) + ": " + std::string(kVerbs[part.body.index()]);
    }

    [[nodiscard]] std::string approved_by(const Approval& approval,
                                          const RuleReference& rule) const {
        std::string out = "approved by signer " + std::to_string(approval.signer);
        if (const auto known = shown_rule(rule, context_);
            known && approval.signer < known->signers.size()) {
            out += ", " + core::describe(known->signers[approval.signer], context_.signer_names);
        }
        if (const auto* host = std::get_if<HostEvidence>(&approval.evidence)) {
            out += ", on the site " + quote_text(host->host);
        } else if (const auto* by = std::get_if<AccountEvidence>(&approval.evidence)) {
            out += ", by the account " + account(by->account_index);
        }
        return out;
    }

    [[nodiscard]] std::string nonce(const SignedPart& part) const {
        if (const auto* lane = std::get_if<LaneNonce>(&part.nonce)) {
            return "once, by bit " + std::to_string(lane->bit) + " of the lane " + account(2) +
                   ", until second " + std::to_string(lane->sixteenth * 16 + 15) + " of its " +
                   (lane->odd_window ? "odd" : "even") + " window of 256 seconds";
        }
        const std::string until =
            part.deadline ? ", until " + core::describe_time(*part.deadline) : "";
        if (const auto* state = std::get_if<StateNonce>(&part.nonce)) {
            return "once, as number " + std::to_string(state->sequence) + " of nonce key " +
                   std::to_string(state->key) + until;
        }
        if (const auto epoch = epoch_of(part.body)) {
            return "once, for epoch " + std::to_string(*epoch);
        }
        return "in this transaction only" + until;
    }

    [[nodiscard]] Lines execute(const ExecuteBody& body) const {
        Lines out;
        for (std::size_t i = 0; i < body.calls.size(); ++i) {
            const std::string prefix = "call " + std::to_string(i + 1) + ": ";
            append_lines(out, call(body.calls[i]), prefix);
        }
        if (body.calls.empty()) {
            out.emplace_back(kNoCalls);
        }
        if (body.caps) {
            append_lines(out, caps(*body.caps), "");
        }
        return out;
    }

    [[nodiscard]] Lines call(const CompactCall& compact) const {
        Instruction inner;
        if (compact.program_index >= instruction_.accounts.size()) {
            return {"a call of missing account " + std::to_string(compact.program_index)};
        }
        inner.program = instruction_.accounts[compact.program_index].address;
        for (const CallMeta& meta : compact.metas) {
            if (meta.account_index >= instruction_.accounts.size()) {
                return {"a call with missing account " + std::to_string(meta.account_index)};
            }
            inner.accounts.push_back({instruction_.accounts[meta.account_index].address,
                                      meta.is_signer, meta.is_writable});
        }
        inner.data = compact.data;
        // Not explain(): a wallet's call of a wallet program needs no recursion, it is refused.
        return {detail::explain_program(inner, context_)};
    }

    [[nodiscard]] Lines caps(const Caps& caps) const {
        Lines out;
        for (const Cap& cap : caps.caps) {
            out.push_back(
                cap_text(account(cap.account_index), cap.maximum_outflow, cap.minimum_inflow));
        }
        if (caps.no_new_authority) {
            out.emplace_back(kNoNewAuthority);
        }
        return out;
    }

    const Instruction& instruction_;
    const ExplainContext& context_;
};

std::string explain_choice(const Action& action) {
    if (const auto* lane = std::get_if<UseLane>(&action.nonce)) {
        const LaneNonce nonce{lane->bit, (lane->window & 1) != 0, lane->sixteenth};
        return "once, by bit " + std::to_string(lane->bit) + " of the lane " +
               to_base58(lane->lane) + ", until " +
               core::describe_time(lane_deadline(nonce, lane->window));
    }
    const std::string until =
        action.deadline ? ", until " + core::describe_time(*action.deadline) : "";
    if (const auto* state = std::get_if<UseStateNonce>(&action.nonce)) {
        return "once, as number " + std::to_string(state->sequence) + " of nonce key " +
               std::to_string(state->key) + until;
    }
    if (std::holds_alternative<PolicyAction>(action.body)) {
        return "on every chain where the wallet has the current configuration, without end";
    }
    if (is_change(action.body)) {
        return rule_of(action.body).recovery_part
                   ? "once on every chain where the wallet has this recovery, without end"
                   : "once on every chain where the wallet has the current configuration, without "
                     "end";
    }
    if (std::holds_alternative<MessageAction>(action.body)) {
        return "for anybody to verify" + until;
    }
    return "in one transaction only" + until;
}

/// How long the action waits, as far as that is known before anybody approves.
std::optional<std::string> explain_wait(const Action& action, const ExplainContext& context) {
    const auto rule = known_rule(rule_of(action.body), context);
    if (!rule || rule->local_rule_id) {
        return std::nullopt;
    }
    const bool is_policy = std::holds_alternative<PolicyAction>(action.body);
    const bool is_proposed = is_policy || std::holds_alternative<ExecuteAction>(action.body) ||
                             std::holds_alternative<GrantAction>(action.body) ||
                             std::holds_alternative<RecoverAction>(action.body) ||
                             std::holds_alternative<UpgradeAction>(action.body);
    if (!is_proposed) {
        return std::nullopt;
    }
    const auto wait = [&](std::size_t parties) {
        return wait_seconds(context.wallet->configuration(), rule->rule,
                            is_policy ? kPolicy : kExecute, parties);
    };
    const std::uint64_t least = wait(2);
    const std::uint64_t most = wait(rule->rule.threshold);
    if (most == 0) {
        return std::nullopt;
    }
    std::string out = "waits " + core::describe_duration(most);
    if (least != most) {
        out += ", unless two parties approve";
        out += least == 0 ? std::string() : ": then " + core::describe_duration(least);
    }
    return out + "; then anybody may apply it within 14 days, unless it is cancelled before";
}

struct ActionText {
    const ExplainContext& context;

    Lines operator()(const ExecuteAction& action) const {
        Lines out;
        for (std::size_t i = 0; i < action.calls.size(); ++i) {
            out.push_back("call " + std::to_string(i + 1) + ": " +
                          detail::explain_program(action.calls[i], context));
        }
        if (action.calls.empty()) {
            out.emplace_back(kNoCalls);
        }
        for (const AddressedCap& cap : action.caps) {
            out.push_back(cap_text(name_address(cap.account, context), cap.maximum_outflow,
                                   cap.minimum_inflow));
        }
        if (action.no_new_authority) {
            out.emplace_back(kNoNewAuthority);
        }
        return out;
    }
    Lines operator()(const GrantAction& action) const {
        return {"grant a session: " + core::describe(action.local_rule, context.signer_names)};
    }
    Lines operator()(const RevokeAction& action) const {
        return {"end the session " + core::encode_hex(action.local_rule_id)};
    }
    Lines operator()(const PolicyAction& action) const {
        Lines out = {"replace the whole configuration by:"};
        append_lines(out, split_lines(core::describe(action.next, context.signer_names)), "  ");
        append_lines(out, change_lines(context.wallet, action.next, context.signer_names), "");
        return out;
    }
    Lines operator()(const MessageAction& action) const {
        return {"vouch for the message with hash " + core::encode_hex(action.message_hash)};
    }
    Lines operator()(const CancelAction& action) const {
        const RuleRecord* const record =
            context.wallet == nullptr ? nullptr : context.wallet->record(action.target);
        const bool waits = record != nullptr && record->action != 0;
        const std::uint32_t present = record == nullptr ? 0 : record->epoch;
        return {cancel_text(action.target, action.epoch.value_or(waits ? present - 1 : present))};
    }
    Lines operator()(const FreezeAction& action) const {
        return {std::string(action.lift ? kLiftText : kFreezeText)};
    }
    Lines operator()(const RecoverAction& action) const {
        return recovered_signers_text(action.signers, context.signer_names);
    }
    Lines operator()(const UpgradeAction& action) const {
        return {"replace the code of the program " + name_address(action.program, context) +
                    " by that in the buffer " + name_address(action.buffer, context),
                "only if the buffer's code has the keccak " + core::encode_hex(action.code_hash)};
    }
};

}  // namespace

std::vector<std::string> explain(const Instruction& instruction, const ExplainContext& context) {
    if (context.wallet_program && instruction.program == *context.wallet_program) {
        if (const auto decoded = decode_instruction(instruction.data)) {
            return std::visit(WalletText(instruction, context), *decoded);
        }
    }
    return {detail::explain_program(instruction, context)};
}

std::vector<std::string> explain(std::span<const Instruction> instructions,
                                 const ExplainContext& context) {
    Lines out;
    for (const Instruction& instruction : instructions) {
        append_lines(out, explain(instruction, context), "");
    }
    return out;
}

Result<std::vector<std::string>> explain(const Message& message,
                                         std::span<const AddressLookupTable> tables,
                                         const ExplainContext& context) {
    LATCHKEY_TRY(const std::vector<Instruction> instructions,
                 decompile_instructions(message, tables));
    Lines out = {"fees are paid by " + name_address(message.fee_payer(), context)};
    if (const auto nonce = durable_nonce(message)) {
        out.push_back("valid until the durable nonce " +
                      name_address(nonce->nonce_account, context) + " advances");
    }
    append_lines(out, explain(instructions, context), "");
    return out;
}

std::vector<std::string> explain(const Action& action, const ExplainContext& context) {
    Lines out = std::visit(ActionText{context}, action.body);
    out.push_back(explain_rule(rule_of(action.body), context));
    if (auto wait = explain_wait(action, context)) {
        out.push_back(*std::move(wait));
    }
    out.push_back(explain_choice(action));
    return out;
}

}  // namespace latchkey::solana
