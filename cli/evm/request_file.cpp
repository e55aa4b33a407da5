// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/request_file.hpp"

#include "chains/evm/wallet/describe.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/release.hpp"
#include "chains/evm/wallet/wallet_reader.hpp"
#include "cli/files.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::string_view kFormat = "latchkey request on an EVM chain 1";

wallet::ApprovedAction unapproved(const wallet::ActionPlan& plan) {
    return {plan.authority, plan.terms, plan.body, {}};
}

/// The wallet that the source claims to be of, where it says so; the leaf has it.
bool is_of_wallet(const wallet::Source& source, const core::WalletId& wallet_id) {
    if (const auto* policy = std::get_if<wallet::PolicySource>(&source)) {
        return policy->wallet_id == wallet_id;
    }
    if (const auto* recovery = std::get_if<wallet::RecoverySource>(&source)) {
        return recovery->wallet_id == wallet_id;
    }
    if (const auto* local = std::get_if<wallet::LocalSource>(&source)) {
        return local->wallet_id == wallet_id;
    }
    return true;
}

/// A genesis in the request must be the wallet's own.
bool is_own_genesis(const wallet::Source& source, const core::Bytes& genesis) {
    const auto* const own = std::get_if<wallet::GenesisSource>(&source);
    return own == nullptr || own->genesis == genesis;
}

/// Of the nonce lane that the plan uses, as the chain has it; absent when its session has ended.
Result<std::optional<std::uint64_t>> present_sequence(Node& node, const ApprovalRequest& request) {
    const wallet::ActionPlan& plan = request.plan;
    const auto* const local = std::get_if<wallet::LocalSource>(&plan.authority.source);
    if (local == nullptr) {
        LATCHKEY_TRY(const std::uint64_t out,
                     node.run(wallet::fetch_sequence(node.rpc(), request.handle,
                                                     plan.terms.lane.value_or(0))));
        return out;
    }
    LATCHKEY_TRY(const auto now, node.run(wallet::fetch_wallet(node.rpc(), request.handle)));
    for (const wallet::Session& one : now.sessions) {
        if (one.source.local_rule == local->local_rule && one.source.version == local->version) {
            return one.sequence;
        }
    }
    return std::nullopt;
}

/// The chain computes the number that was approved itself, and finds only that the signatures are
/// for something else.
Result<void> check_sequence(Node& node, const ApprovalRequest& request) {
    if (wallet::is_change(request.plan.body)) {
        return {};
    }
    LATCHKEY_TRY(const auto present, present_sequence(node, request));
    if (present && *present != request.plan.scene.sequence) {
        return fail(
            "it was done already, or another action has taken its number: the request is "
            "for number " +
                std::to_string(request.plan.scene.sequence) + ", the wallet on " +
                node.chain().name + " is at " + std::to_string(*present) +
                "; ask for it anew with --request, and with --nonce lane for approvals "
                "that can be used in any order",
            core::to_error(core::Verdict::kNonceUsed));
    }
    return {};
}

/// The name is the file's word, the number is what is signed: a known chain has its own name, and
/// no other chain may take it.
Result<std::string> check_name(const std::string& name, std::uint64_t chain_id,
                               const std::string& what) {
    const evm::ChainRegistry known = evm::ChainRegistry::builtin();
    if (const auto by_number = known.find(std::to_string(chain_id))) {
        return by_number->name;
    }
    if (known.find(name)) {
        return fail(ErrorCode::kCommandInput, what + " calls chain " + std::to_string(chain_id) +
                                                  " " + printable(name) +
                                                  ", which is another chain");
    }
    return printable(name);
}

}  // namespace

std::vector<std::string> ApprovalRequest::description() const {
    std::vector<std::string> out{"on " + chain + " (chain " + std::to_string(handle.chain()) +
                                 "), wallet " + evm::to_string(handle.address())};
    const auto lines = wallet::describe(unapproved(plan), names);
    out.insert(out.end(), lines.begin(), lines.end());
    if (plan.terms.has_executor) {
        out.push_back("the executor is " + evm::to_string(plan.scene.sender));
    }
    if (!wallet::is_change(plan.body)) {
        const std::string lane =
            plan.terms.lane ? " of lane " + std::to_string(*plan.terms.lane) : "";
        out.push_back("good once, as number " + std::to_string(plan.scene.sequence) + lane);
    }
    return out;
}

bool is_request(const json::object& value) {
    const json::value* const format = value.if_contains("format");
    return format != nullptr && format->is_string() && format->as_string() == kFormat;
}

Result<json::object> encode_request(const ApprovalRequest& request) {
    const wallet::WalletHandle& handle = request.handle;
    LATCHKEY_TRY(const core::Bytes action,
                 wallet::encode_long_form(wallet::Action(unapproved(request.plan))));
    const auto description = request.description();
    const auto& parties = request.names.relying_parties;
    return json::object{{"format", kFormat},
                        {"chain", request.chain},
                        {"chain_id", handle.chain()},
                        {"program", core::encode_hex(handle.deployment().program.view())},
                        {"genesis", core::encode_hex(handle.genesis())},
                        {"sequence", request.plan.scene.sequence},
                        {"sender", evm::to_string(request.plan.scene.sender)},
                        {"action", core::encode_hex(action)},
                        {"digest", core::encode_hex(request.digest().view())},
                        {"relying_parties", json::array(parties.begin(), parties.end())},
                        {"description", json::array(description.begin(), description.end())}};
}

Result<Report> write_request(const std::string& file, bool replaces_files,
                             const ReadyAction& ready) {
    const ApprovalRequest request{ready.open.node->chain().name, ready.open.snapshot.wallet,
                                  ready.plan, ready.open.file.names};
    LATCHKEY_TRY(const json::object value, encode_request(request));
    LATCHKEY_CHECK(write_json_file(file, value, replaces_files));
    Report report;
    report.lines = request.description();
    report.fields = {{"request", file},
                     {"digest", value.at("digest")},
                     {"description", value.at("description")}};
    report.lines.push_back("wrote " + file + "; each signer runs `latchkey sign " + file +
                           " --key KEY --out APPROVAL`, then `latchkey send " + file +
                           " --approvals APPROVAL...`");
    return report;
}

Result<ApprovalRequest> decode_request(const json::object& value, const std::string& what) {
    LATCHKEY_TRY(const std::string chain, text_member(value, "chain", what));
    LATCHKEY_TRY(const std::uint64_t chain_id, number_member(value, "chain_id", what));
    LATCHKEY_TRY(const core::Bytes program_bytes, hex_member(value, "program", what));
    LATCHKEY_TRY(const core::Bytes genesis, hex_member(value, "genesis", what));
    LATCHKEY_TRY(const std::uint64_t sequence, number_member(value, "sequence", what));
    LATCHKEY_TRY(const std::string sender, text_member(value, "sender", what));
    LATCHKEY_TRY(const core::Bytes action, hex_member(value, "action", what));
    LATCHKEY_TRY(const core::Bytes digest, hex_member(value, "digest", what));
    const auto program = core::Hash32::from(core::ByteView(program_bytes));
    auto decoded = wallet::decode_long_form(action);
    const auto sender_address = evm::parse_address(sender);
    const auto* const approved = decoded ? std::get_if<wallet::ApprovedAction>(&*decoded) : nullptr;
    if (!program || approved == nullptr || !sender_address || approved->approvals.approvers != 0) {
        return fail(ErrorCode::kCommandInput, what + " is not a request that can be read");
    }
    LATCHKEY_TRY(wallet::WalletHandle handle,
                 wallet::WalletHandle::from_genesis(genesis, wallet::released_deployment(*program),
                                                    chain_id));
    if (!is_of_wallet(approved->authority.source, handle.id()) ||
        !is_own_genesis(approved->authority.source, genesis)) {
        return fail(ErrorCode::kCommandInput, what + " mixes two wallets");
    }
    const wallet::Scene scene{chain_id, handle.address(), handle.id(), sequence, *sender_address};
    LATCHKEY_TRY(wallet::ActionPlan plan,
                 wallet::plan_action(approved->authority, approved->terms, approved->body, scene));
    LATCHKEY_TRY(std::string name, check_name(chain, chain_id, what));
    ApprovalRequest out{std::move(name), std::move(handle), std::move(plan), {}};
    if (core::to_bytes(out.digest()) != digest) {
        return fail(ErrorCode::kCommandInput,
                    what + " was changed: its digest is not that of its action");
    }
    LATCHKEY_TRY(const json::array parties, array_member(value, "relying_parties", what));
    for (const json::value& one : parties) {
        if (one.is_string()) {
            out.names.relying_parties.emplace_back(one.as_string());
        }
    }
    return out;
}

Result<Report> send_request(Context& context, const ApprovalRequest& request, const Key& payer,
                            const std::vector<core::CollectedApproval>& approvals,
                            const std::optional<core::TreeProof>& tree, bool is_dry_run) {
    // The name is whatever the settings of whoever asked say; the number is what is signed.
    LATCHKEY_TRY(Node* const node, context.node(std::to_string(request.handle.chain())));
    LATCHKEY_CHECK(check_sequence(*node, request));
    LATCHKEY_TRY(Report report, send_action(context, *node, request.handle, request.plan, payer,
                                            approvals, tree, is_dry_run));
    const auto description = request.description();
    report.fields["description"] = json::array(description.begin(), description.end());
    report.lines.insert(report.lines.begin(), description.begin(), description.end());
    return report;
}

}  // namespace latchkey::cli::on_evm
