// SPDX-License-Identifier: Apache-2.0
#include "cli/catch_up.hpp"

#include <algorithm>

#include "chains/evm/wallet/events.hpp"
#include "chains/evm/wallet/history.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/evm/operation.hpp"
#include "cli/operation.hpp"
#include "cli/places.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace evm_wallet = evm::wallet;

namespace {

/// A change as it was approved: its leaf and evidence are good on every chain.
struct PastChange {
    std::uint32_t number = 0;
    evm_wallet::ApprovedAction action;
    std::vector<core::CollectedApproval> approvals;
    core::Leaf leaf;
};

tl::unexpected<core::Error> no_approval(std::uint32_t number, const std::string& why) {
    return fail(ErrorCode::kUnsupported,
                "the approval of configuration " + std::to_string(number) +
                    " cannot be taken from the chain: " + why +
                    "; send its request and approvals again with `latchkey send`, or approve the "
                    "change anew");
}

Result<evm_wallet::Action> decode_transaction(on_evm::Node& node,
                                              const evm_wallet::WalletHandle& handle,
                                              const core::Hash32& id, std::uint32_t number) {
    LATCHKEY_TRY(const auto transaction, node.run(node.rpc().get_transaction(id)));
    if (!transaction || transaction->to != handle.address()) {
        return no_approval(number, transaction ? "it came through another contract"
                                               : "the node does not have its transaction");
    }
    return evm_wallet::decode_calldata(transaction->data, transaction->from);
}

/// Whether an event proposed this body.
bool is_proposal_of(const evm::Log& log, const evm_wallet::ApplyAction& applied,
                    const core::Hash32& digest) {
    const auto event = evm_wallet::decode_event(log);
    const auto* const proposed =
        event && *event ? std::get_if<evm_wallet::Proposed>(&**event) : nullptr;
    return proposed != nullptr && proposed->digest == digest &&
           proposed->rule == evm_wallet::rule_name(applied.authority);
}

/// The transaction that proposed what this one did.
Result<core::Hash32> find_proposal(on_evm::Node& node, const evm_wallet::WalletHandle& handle,
                                   const evm_wallet::ApplyAction& applied, std::uint32_t number) {
    evm::LogFilter filter;
    filter.from = evm::BlockTag::kEarliest;
    filter.addresses = {handle.address()};
    filter.topics = {evm_wallet::topics_of<evm_wallet::Proposed>()};
    LATCHKEY_TRY(const auto logs, node.run(node.rpc().get_logs(filter)));
    const core::Hash32 digest =
        evm_wallet::waiting_digest(applied.body, handle.chain(), handle.address());
    const auto found = std::find_if(logs.rbegin(), logs.rend(), [&](const evm::Log& one) {
        return is_proposal_of(one, applied, digest);
    });
    return found != logs.rend() ? Result<core::Hash32>(found->transaction_hash)
                                : no_approval(number, "no event tells who proposed it");
}

Result<PastChange> read_change(on_evm::Node& node, const evm_wallet::WalletHandle& handle,
                               const evm_wallet::PastConfiguration& past) {
    LATCHKEY_TRY(evm_wallet::Action action,
                 decode_transaction(node, handle, *past.transaction, past.number));
    if (const auto* const applied = std::get_if<evm_wallet::ApplyAction>(&action)) {
        LATCHKEY_TRY(const core::Hash32 id, find_proposal(node, handle, *applied, past.number));
        LATCHKEY_TRY(action, decode_transaction(node, handle, id, past.number));
    }
    auto* const approved = std::get_if<evm_wallet::ApprovedAction>(&action);
    if (approved == nullptr || !evm_wallet::leads_to(*approved, past, handle.chain())) {
        return no_approval(past.number, "its transaction does something else");
    }
    const evm_wallet::Scene scene{handle.chain(), handle.address(), handle.id(), 0, {}};
    LATCHKEY_TRY(const auto plan, evm_wallet::plan_action(approved->authority, approved->terms,
                                                          approved->body, scene));
    PastChange out{past.number, *approved, {}, plan.leaf};
    core::ApprovalHash hash = core::approval_hash_of(plan.leaf);
    if (approved->approvals.tree) {
        LATCHKEY_TRY(hash,
                     core::to_result(core::approval_hash_of(plan.leaf, *approved->approvals.tree)));
    }
    auto evidence = approved->approvals.evidence.begin();
    for (std::size_t i = 0; i < plan.rule.signers.size(); ++i) {
        if (((approved->approvals.approvers >> i) & 1U) != 0) {
            LATCHKEY_TRY(core::Evidence one,
                         evm_wallet::evidence_of(plan.rule.signers[i], hash, *evidence++));
            out.approvals.push_back({static_cast<std::uint8_t>(i), std::move(one)});
        }
    }
    return out;
}

tl::unexpected<core::Error> other_way(const std::string& chain, const std::string& from) {
    return fail(ErrorCode::kChainsDiffer, chain + " is not behind " + from +
                                              ": it has a configuration that " + from +
                                              " never had, or a later one");
}

/// The configurations behind the one with this id, oldest first.
Result<std::vector<evm_wallet::PastConfiguration>> missing_after(
    const evm_wallet::WalletSnapshot& source, const core::ConfigId& present,
    const std::string& chain, const std::string& from) {
    const auto at = std::find_if(source.past.begin(), source.past.end(),
                                 [&](const auto& one) { return one.id == present; });
    if (at == source.past.end()) {
        return other_way(chain, from);
    }
    return std::vector<evm_wallet::PastConfiguration>(at + 1, source.past.end());
}

/// The same rule, and the same leaf: else the chain would refuse it.
Result<void> check_leaf(const core::Leaf& leaf, const PastChange& change) {
    if (leaf != change.leaf) {
        return fail(ErrorCode::kChainsDiffer,
                    "the approval of configuration " + std::to_string(change.number) +
                        " is for other numbers of proposals than this chain has; approve it anew");
    }
    return {};
}

Result<Report> repeat_on_evm(Context& context, const std::string& chain,
                             const CatchUpOptions& options, const PastChange& change,
                             const Key& payer) {
    LATCHKEY_TRY(const on_evm::OpenWallet open,
                 on_evm::open_wallet(context, options.wallet, chain));
    const evm_wallet::RuleReference rule{false, change.action.authority.rule,
                                         change.action.authority.recovery_part};
    LATCHKEY_TRY(const auto plan, evm_wallet::plan_action(open.snapshot, rule, change.action.body));
    LATCHKEY_CHECK(check_leaf(plan.leaf, change));
    return on_evm::send_action(context, *open.node, open.snapshot.wallet, plan, payer,
                               change.approvals, change.action.approvals.tree, options.is_dry_run);
}

Result<solana::ActionBody> to_solana(const PastChange& change) {
    const solana::RuleReference rule{false, change.action.authority.rule,
                                     change.action.authority.recovery_part};
    if (const auto* const policy = std::get_if<evm_wallet::Policy>(&change.action.body)) {
        LATCHKEY_TRY(core::Configuration next,
                     core::to_result(core::decode_shared(policy->shared, core::is_chain_key)));
        return solana::ActionBody(solana::PolicyAction{rule, std::move(next), policy->epoch});
    }
    const auto& recover = std::get<evm_wallet::Recover>(change.action.body);
    LATCHKEY_TRY(auto signers, solana::recovered_signers(*rule.recovery_part, recover.signers));
    return solana::ActionBody(solana::RecoverAction{rule, std::move(signers), recover.epoch});
}

Result<Report> repeat_on_solana(Context& context, const CatchUpOptions& options,
                                const PastChange& change, const Key& payer) {
    LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(const auto on_chain, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    solana::WalletSnapshot planned = on_chain;
    if (!planned.state()) {
        // The change needs the state, whose rent the fee payer pays.
        LATCHKEY_TRY(planned, solana::snapshot_after_creation(file.wallet));
    }
    LATCHKEY_TRY(solana::ActionBody body, to_solana(change));
    const solana::Action action{std::move(body), solana::UseTransaction{}, std::nullopt};
    LATCHKEY_TRY(const auto plan, solana::plan_action(planned, action));
    LATCHKEY_CHECK(check_leaf(plan.leaf, change));
    Submission submission;
    submission.fee_payer = &payer;
    const ApprovedOnSolana approved{plan,
                                    on_chain,
                                    planned,
                                    change.approvals,
                                    change.action.approvals.tree,
                                    describe_action(planned, action, file.names),
                                    options.wallet};
    return send_approved(*chain, context.output(), approved, std::move(submission),
                         options.is_dry_run);
}

/// Who pays on the chain.
Result<Key> load_payer(const Context& context, const std::string& chain,
                       const CatchUpOptions& options) {
    if (chain == kSolana) {
        return load_fee_payer(context, options.fee_payer);
    }
    std::unique_ptr<Key> own;
    LATCHKEY_CHECK(on_evm::find_gas_payer(context, options.gas_payer, {}, own));
    return std::move(*own);
}

/// True when more is missing but has to wait for a proposal here.
Result<bool> repeat(Context& context, const std::string& chain, const CatchUpOptions& options,
                    const PastChange& change, Report& report) {
    LATCHKEY_TRY(const Key payer, load_payer(context, chain, options));
    LATCHKEY_TRY(const Report sent, chain == kSolana
                                        ? repeat_on_solana(context, options, change, payer)
                                        : repeat_on_evm(context, chain, options, change, payer));
    report.lines.push_back(chain + ": configuration " + std::to_string(change.number));
    for (const std::string& line : sent.lines) {
        report.lines.push_back("  " + line);
    }
    const json::value* const waits = sent.fields.if_contains("waits");
    return waits != nullptr && waits->is_bool() && waits->as_bool();
}

Result<void> catch_up_on(Context& context, const std::string& chain, const CatchUpOptions& options,
                         const on_evm::OpenWallet& source, Report& report, json::array& results) {
    LATCHKEY_TRY(const WalletPlace present, fetch_place(context, chain, options.wallet));
    LATCHKEY_TRY(const auto missing,
                 missing_after(source.snapshot, present.id, chain, options.from));
    std::size_t repeated = 0;
    bool waits = false;
    for (const evm_wallet::PastConfiguration& one : missing) {
        LATCHKEY_TRY(const PastChange change,
                     read_change(*source.node, source.snapshot.wallet, one));
        LATCHKEY_TRY(waits, repeat(context, chain, options, change, report));
        repeated += waits ? 0 : 1;
        if (waits || options.is_dry_run) {
            break;
        }
    }
    if (missing.empty()) {
        report.lines.push_back(chain + " has all of it");
    } else if (waits) {
        report.lines.push_back(chain + " waits; catch up again when it has been applied there");
    }
    results.emplace_back(json::object{
        {"chain", chain}, {"missing", missing.size()}, {"repeated", repeated}, {"waits", waits}});
    return {};
}

}  // namespace

Result<Report> catch_up(Context& context, const CatchUpOptions& options) {
    if (options.from == kSolana) {
        return fail(ErrorCode::kCommandInput,
                    "--from is an EVM chain: approvals are read from its transactions. What only "
                    "Solana has is sent again with its request and approvals by `latchkey send`");
    }
    LATCHKEY_TRY(const on_evm::OpenWallet source,
                 on_evm::open_wallet(context, options.wallet, options.from));
    Report report;
    json::array results;
    for (const std::string& chain : context.chains()) {
        LATCHKEY_CHECK(catch_up_on(context, chain, options, source, report, results));
    }
    report.fields = {{"chains", std::move(results)}};
    return report;
}

}  // namespace latchkey::cli
