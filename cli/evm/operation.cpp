// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/operation.hpp"

#include <algorithm>
#include <map>

#include "chains/evm/wallet/describe.hpp"
#include "chains/evm/wallet/outflow.hpp"
#include "chains/evm/wallet/pending.hpp"
#include "chains/evm/wallet/release.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/evm/wallet/wallet_reader.hpp"
#include "chains/solana/client/waiting.hpp"
#include "cli/evm/amounts.hpp"
#include "cli/evm/request_file.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/quorum.hpp"
#include "signers/entropy.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;

namespace {

/// "lane" alone is a fresh one, so that approvals can be used in any order.
Result<std::optional<std::uint64_t>> parse_lane(const std::string& text) {
    constexpr std::string_view kLane = "lane:";
    if (text == "auto" || text == "state" || text == "sequence") {
        return std::nullopt;
    }
    if (text == "lane") {
        signers::SystemEntropy entropy;
        std::array<std::uint8_t, 8> random{};
        LATCHKEY_CHECK(entropy.fill(random));
        std::uint64_t key = 1;
        for (const std::uint8_t byte : random) {
            key = key << 8U | byte;
        }
        return key | 1U;
    }
    if (text.starts_with(kLane)) {
        LATCHKEY_TRY(const std::uint64_t key,
                     parse_number(text.substr(kLane.size()), UINT64_MAX, "the lane in --nonce"));
        return key == 0 ? std::nullopt : std::optional(key);
    }
    return fail(ErrorCode::kCommandInput,
                "on an EVM chain --nonce is auto (one approval after the other), lane (any order) "
                "or lane:NUMBER");
}

/// Those who can be asked: of a request everybody whom the wallet knows, else the keys at hand.
std::vector<core::Signer> available_signers(const OperationOptions& options,
                                            const wallet::WalletSnapshot& wallet,
                                            const std::vector<Key>& keys,
                                            const std::optional<RecoveryFile>& recovery) {
    if (options.request_file.empty()) {
        return entries_of(keys);
    }
    std::vector<core::Signer> out = wallet.configuration.signers;
    for (const wallet::Session& session : wallet.sessions) {
        out.insert(out.end(), session.rule.signers.begin(), session.rule.signers.end());
    }
    if (recovery) {
        out.insert(out.end(), recovery->part.signers.begin(), recovery->part.signers.end());
    }
    return out;
}

wallet::RuleReference to_reference(const solana::RuleReference& rule) {
    return {rule.is_local, rule.index, rule.recovery_part};
}

Result<wallet::RuleChoice> choose(const OpenWallet& open, const OperationOptions& options,
                                  const OperationNeeds& needs, const std::vector<Key>& keys,
                                  const std::optional<RecoveryFile>& recovery) {
    const auto available = available_signers(options, open.snapshot, keys, recovery);
    wallet::RuleWishes wishes{needs.parties_min, 1, {}};
    if (recovery) {
        wishes.recovery_part = recovery->bytes;
    }
    if (options.request_file.empty() &&
        (needs.actions & (core::kActionPolicy | core::kActionCancel)) != 0) {
        // Two parties are not held back by a guard, and cancel without a budget.
        wishes.parties_wanted = 2;
    }
    Result<wallet::RuleChoice> choice;
    if (options.rule.empty()) {
        choice = wallet::choose_rule(open.snapshot, needs.actions, available, wishes);
    } else {
        LATCHKEY_TRY(const auto named,
                     parse_rule_reference(options.rule, recovery ? &*recovery : nullptr));
        choice = wallet::choose_approvers(open.snapshot, to_reference(named), available, wishes);
    }
    if (!choice) {
        return fail(ErrorCode::kNoUsableRule,
                    "the keys given satisfy no rule that allows this on " +
                        open.node->chain().name + ": " + choice.error().context +
                        "; `latchkey rules` shows the rules; ed25519 keys approve on Solana only");
    }
    return choice;
}

Result<void> refuse_frozen(const wallet::WalletSnapshot& wallet, std::uint8_t actions) {
    constexpr std::uint8_t kGoesOn =
        core::kActionRecover | core::kActionCancel | core::kActionFreeze;
    const auto until = wallet::frozen_until(wallet, wallet.time);
    if ((actions & kGoesOn) == 0 && until) {
        return fail("the wallet is frozen until " + core::describe_time(*until) +
                        "; `latchkey freeze --lift` with two parties ends it",
                    core::to_error(core::Verdict::kFrozen));
    }
    return {};
}

Result<wallet::Terms> choose_terms(OpenWallet& open, const OperationOptions& options,
                                   const wallet::RuleReference& rule, bool is_change) {
    wallet::Terms out;
    if (is_change && !options.valid_for.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "a change has no end of its own: it is good until the wallet's configuration "
                    "is another one; leave --valid-for out");
    }
    if (is_change) {
        return out;
    }
    LATCHKEY_TRY(out.lane, parse_lane(options.nonce));
    if (out.lane && rule.is_session) {
        return fail(ErrorCode::kCommandInput, "a session has its own nonces; leave --nonce out");
    }
    if (!options.valid_for.empty()) {
        LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(options.valid_for));
        LATCHKEY_TRY(const std::uint64_t now, open.node->believe_time(open.snapshot.time));
        out.deadline = now + seconds;
    }
    return out;
}

/// What became of an action that may have had to wait: read back from the chain.
Result<void> report_waiting(Node& node, const wallet::WalletHandle& handle,
                            const wallet::ActionPlan& plan, const Output& output, Report& report) {
    LATCHKEY_TRY(const auto snapshot, node.run(wallet::fetch_wallet(node.rpc(), handle)));
    const core::Hash32 digest = wallet::waiting_digest(plan.body, handle.chain(), handle.address());
    for (const wallet::PendingAction& one : wallet::pending_actions(snapshot, snapshot.time)) {
        if (one.proposal.record.digest != digest ||
            one.proposal.record.rule != wallet::rule_name(plan.authority)) {
            continue;
        }
        add_proposal(output,
                     solana::record_text(one.proposal.record.rule) + "." +
                         std::to_string(one.proposal.record.epoch),
                     one.earliest, one.latest, " --chain " + node.chain().name, report);
        return {};
    }
    report.fields["waits"] = false;
    return {};
}

/// Whether the action can become a proposal, under a rule that waits or by the guard.
bool can_wait(const wallet::ActionPlan& plan) {
    constexpr std::uint8_t kNever = core::kActionCancel | core::kActionFreeze;
    constexpr std::uint8_t kGuarded = core::kActionPolicy | core::kActionUpgrade;
    const std::uint8_t right = wallet::right_of(plan.body);
    const bool is_revoke = std::holds_alternative<wallet::Revoke>(plan.body);
    return (right & kNever) == 0 && !is_revoke && (plan.rule.rule.wait || (right & kGuarded) != 0);
}

/// What the calls pay, by token, where all of them only pay: zero is the chain's own coin. Absent
/// where a call may bring something in.
std::optional<std::map<evm::Address, evm::Uint256>> payments_of(
    const std::vector<wallet::Call>& calls) {
    std::map<evm::Address, evm::Uint256> out;
    for (const wallet::Call& call : calls) {
        const auto token_call = wallet::read_token_call(call);
        const bool is_transfer =
            token_call && *token_call && (*token_call)->kind == wallet::TokenCall::Kind::kTransfer;
        if (!is_transfer && !call.data.empty()) {
            return std::nullopt;
        }
        const auto add = [&](const evm::Address& asset, const evm::Uint256& amount) {
            evm::Uint256& sum = out[asset];
            sum = evm::add(sum, amount).value_or(evm::Uint256::max());
        };
        add({}, call.value);
        if (is_transfer) {
            add(call.to, (*token_call)->amount);
        }
    }
    return out;
}

/// A chain says only that the call failed. What waits is paid later, from what is there then.
Result<void> check_funds(Node& node, const wallet::WalletHandle& handle,
                         const wallet::ActionPlan& plan) {
    const auto* const execute = std::get_if<wallet::Execute>(&plan.body);
    if (execute == nullptr || plan.rule.rule.wait) {
        return {};
    }
    const auto payments = payments_of(execute->calls);
    if (!payments) {
        return {};
    }
    for (const auto& [token, wanted] : *payments) {
        if (token == evm::Address{}) {
            LATCHKEY_TRY(const evm::Uint256 held,
                         node.run(node.rpc().get_balance(handle.address())));
            if (held < wanted) {
                return fail(ErrorCode::kInsufficientFunds,
                            "the wallet holds " + format_coin(node.chain(), held) + " on " +
                                node.chain().name + ", not the " +
                                format_coin(node.chain(), wanted) + " that are to be paid");
            }
            continue;
        }
        LATCHKEY_TRY(const Token known, fetch_token(node, evm::to_string(token)));
        LATCHKEY_TRY(const evm::Uint256 held, fetch_token_balance(node, known, handle.address()));
        if (held < wanted) {
            return fail(ErrorCode::kInsufficientFunds,
                        "the wallet holds " + wallet::describe_amount(held, known.decimals) +
                            " of the token " + evm::to_string(token) + " on " + node.chain().name +
                            ", not the " + wallet::describe_amount(wanted, known.decimals) +
                            " that are to be paid");
        }
    }
    return {};
}

}  // namespace

Result<wallet::WalletHandle> handle_of(const WalletFile& file, const evm::Chain& chain) {
    return wallet::WalletHandle::from_genesis(
        file.wallet.genesis(),
        wallet::released_deployment(solana::to_hash(file.wallet.deployment().program)),
        chain.chain_id);
}

Result<OpenWallet> open_wallet(Context& context, const std::string& path,
                               const std::string& chain) {
    LATCHKEY_TRY(WalletFile file, context.wallet(path));
    LATCHKEY_TRY(Node* const node, context.node(chain));
    LATCHKEY_TRY(const wallet::WalletHandle handle, handle_of(file, node->chain()));
    LATCHKEY_TRY(auto snapshot, node->run(wallet::fetch_wallet(node->rpc(), handle)));
    return OpenWallet{std::move(file), node, std::move(snapshot)};
}

Result<OpenWallet> open_wallet(Context& context, const std::string& path) {
    LATCHKEY_TRY(const std::string chain, context.chain_name());
    return open_wallet(context, path, chain);
}

Result<const Key*> find_gas_payer(const Context& context, const std::string& named,
                                  const std::vector<Key>& keys, std::unique_ptr<Key>& own) {
    const std::string& text = named.empty() ? context.config().gas_payer : named;
    if (!text.empty()) {
        LATCHKEY_TRY(Key key, load_key(text));
        if (key.account_signer == nullptr) {
            return fail(ErrorCode::kCommandInput, "--gas-payer must be a secp256k1 key");
        }
        own = std::make_unique<Key>(std::move(key));
        return own.get();
    }
    for (const Key& key : keys) {
        if (key.account_signer != nullptr) {
            return &key;
        }
    }
    return fail(ErrorCode::kCommandInput,
                "nobody pays for gas; name a secp256k1 key with --gas-payer (it only pays, it "
                "approves nothing)");
}

Result<std::vector<core::CollectedApproval>> collect_approvals(
    const std::vector<core::Signer>& signers, const std::vector<std::uint8_t>& approvers,
    const core::ApprovalHash& hash, const std::vector<Key>& keys) {
    std::vector<core::CollectedApproval> out;
    for (const std::uint8_t index : approvers) {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& one) {
            return core::is_same_key(one.entry(), signers.at(index));
        });
        if (key == keys.end()) {
            return fail(ErrorCode::kNoUsableRule,
                        "the key of signer " + std::to_string(index) + " is not at hand");
        }
        LATCHKEY_TRY(core::Evidence evidence, key->signer->approve(hash));
        out.push_back({index, std::move(evidence)});
    }
    return out;
}

Result<ReadyAction> prepare_action(Context& context, const std::string& chain,
                                   const OperationOptions& options, const OperationNeeds& needs,
                                   const BodyMaker& make) {
    const bool is_request = !options.request_file.empty();
    const auto& texts = options.keys.empty() ? context.config().keys : options.keys;
    if (texts.empty() && !is_request) {
        return fail(ErrorCode::kCommandInput,
                    "no key is named; give --key FILE, or ask signers elsewhere with --request");
    }
    LATCHKEY_CHECK(parse_lane(options.nonce));
    std::optional<RecoveryFile> recovery;
    if (!options.recovery_file.empty()) {
        LATCHKEY_TRY(recovery, read_recovery_file(options.recovery_file));
    }
    LATCHKEY_TRY(std::vector<Key> keys, load_keys(texts));
    LATCHKEY_TRY(OpenWallet open, open_wallet(context, options.wallet, chain));
    ReadyAction out{std::move(open), std::move(keys), nullptr, nullptr, {}, {}, {}};
    if (!is_request) {
        LATCHKEY_TRY(out.payer,
                     find_gas_payer(context, options.gas_payer, out.keys, out.own_payer));
    }
    LATCHKEY_TRY(out.choice, choose(out.open, options, needs, out.keys, recovery));
    if (!is_request) {
        LATCHKEY_CHECK(refuse_frozen(out.open.snapshot, needs.actions));
    }
    LATCHKEY_TRY(wallet::Body body, make(*out.open.node, out.open.snapshot, out.choice.rule));
    LATCHKEY_TRY(const wallet::Terms terms,
                 choose_terms(out.open, options, out.choice.rule, wallet::is_change(body)));
    std::uint64_t sequence = 0;
    if (terms.lane) {
        Node& node = *out.open.node;
        LATCHKEY_TRY(sequence, node.run(wallet::fetch_sequence(node.rpc(), out.open.snapshot.wallet,
                                                               *terms.lane)));
    }
    LATCHKEY_TRY(out.plan, wallet::plan_action(out.open.snapshot, out.choice.rule, std::move(body),
                                               terms, sequence));
    const wallet::ApprovedAction shown{out.plan.authority, out.plan.terms, out.plan.body, {}};
    out.description = wallet::describe(shown, out.open.file.names);
    return out;
}

Result<Report> submit(Context& context, Node& node, const wallet::WalletHandle& handle,
                      const Key& payer, core::Bytes calldata, bool is_dry_run) {
    const Output& output = context.output();
    const evm::Address from = payer.account_signer->address();
    LATCHKEY_TRY(const core::Bytes code, node.run(node.rpc().get_code(handle.address())));
    Report report;
    report.fields["chain"] = node.chain().name;
    if (code.empty()) {
        // The factory's calldata is the wallet's id.
        const Outgoing making{handle.deployment().factory, {}, core::to_bytes(handle.id())};
        LATCHKEY_CHECK(node.simulate(from, making));
        if (is_dry_run) {
            report.fields["simulated"] = false;
            report.lines = {"the wallet's contract is not on " + node.chain().name +
                            " yet: it is made with the first transaction, which cannot be "
                            "simulated before; nothing was sent"};
            return report;
        }
        LATCHKEY_TRY(const Receipt made, node.send(output, payer, making));
        report.fields["made"] = receipt_fields(node.chain(), made);
        report.lines.push_back("the wallet's contract was made");
        report.lines.push_back(receipt_line(output, node.chain(), made));
    }
    const Outgoing outgoing{handle.address(), {}, std::move(calldata)};
    if (is_dry_run) {
        LATCHKEY_CHECK(node.simulate(from, outgoing));
        report.fields["simulated"] = true;
        report.fields["calldata_bytes"] = outgoing.data.size();
        report.lines.push_back(output.paint(Style::kGood, "would succeed") + ": " +
                               format_count(outgoing.data.size()) +
                               " bytes of calldata; nothing was sent");
        return report;
    }
    LATCHKEY_TRY(const Receipt receipt, node.send(output, payer, outgoing));
    for (const auto& [name, value] : receipt_fields(node.chain(), receipt)) {
        report.fields[name] = value;
    }
    report.lines.push_back(output.paint(Style::kGood, "confirmed") + " on " + node.chain().name);
    report.lines.push_back(receipt_line(output, node.chain(), receipt));
    return report;
}

Result<Report> send_action(Context& context, Node& node, const wallet::WalletHandle& handle,
                           const wallet::ActionPlan& plan, const Key& payer,
                           const std::vector<core::CollectedApproval>& approvals,
                           const std::optional<core::TreeProof>& tree, bool is_dry_run) {
    LATCHKEY_TRY(const wallet::ApprovedAction approved, wallet::assemble(plan, approvals, tree));
    LATCHKEY_CHECK(check_funds(node, handle, plan));
    LATCHKEY_TRY(core::Bytes calldata, wallet::encode_calldata(wallet::Action(approved)));
    LATCHKEY_TRY(Report report,
                 submit(context, node, handle, payer, std::move(calldata), is_dry_run));
    if (!is_dry_run && can_wait(plan)) {
        LATCHKEY_CHECK(report_waiting(node, handle, plan, context.output(), report));
    }
    return report;
}

Result<Report> run_operation(Context& context, const OperationOptions& options,
                             const OperationNeeds& needs, const BodyMaker& make) {
    LATCHKEY_TRY(const std::string chain, context.chain_name());
    LATCHKEY_TRY(ReadyAction ready, prepare_action(context, chain, options, needs, make));
    if (!options.request_file.empty()) {
        return write_request(options.request_file, options.replaces_files, ready);
    }
    LATCHKEY_TRY(const auto approvals,
                 collect_approvals(ready.plan.rule.signers, ready.choice.approvers,
                                   core::approval_hash_of(ready.plan.leaf), ready.keys));
    LATCHKEY_TRY(Report report,
                 send_action(context, *ready.open.node, ready.open.snapshot.wallet, ready.plan,
                             *ready.payer, approvals, std::nullopt, options.is_dry_run));
    report.fields["description"] = json::array(ready.description.begin(), ready.description.end());
    report.lines.insert(report.lines.begin(), ready.description.begin(), ready.description.end());
    return report;
}

}  // namespace latchkey::cli::on_evm
