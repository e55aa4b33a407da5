// SPDX-License-Identifier: Apache-2.0
#include "cli/change.hpp"

#include <algorithm>

#include "cli/evm/request_file.hpp"
#include "cli/places.hpp"
#include "cli/requests.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace evm_wallet = evm::wallet;

namespace {

struct ToSolana {
    solana::RuleReference rule;

    solana::ActionBody operator()(NewConfiguration change) const {
        return solana::PolicyAction{rule, std::move(change.next), {}};
    }
    solana::ActionBody operator()(NewSigners change) const {
        return solana::RecoverAction{rule, std::move(change.signers), {}};
    }
    solana::ActionBody operator()(const EndOfProposal& change) const {
        return solana::CancelAction{rule, change.target, change.epoch};
    }
    solana::ActionBody operator()(const Freezing& change) const {
        return solana::FreezeAction{rule, change.lifts, {}};
    }
};

struct ToEvm {
    std::uint32_t epoch = 0;

    Result<evm_wallet::Body> operator()(const NewConfiguration& change) const {
        LATCHKEY_TRY(core::Bytes shared, core::to_result(core::encode(change.next)));
        return evm_wallet::Body(evm_wallet::Policy{epoch, std::move(shared)});
    }
    Result<evm_wallet::Body> operator()(const NewSigners& change) const {
        return evm_wallet::Body(evm_wallet::Recover{epoch, core::encode_unchecked(change.signers)});
    }
    Result<evm_wallet::Body> operator()(const EndOfProposal& change) const {
        return evm_wallet::Body(evm_wallet::Cancel{change.epoch, change.target});
    }
    Result<evm_wallet::Body> operator()(const Freezing& change) const {
        return evm_wallet::Body(
            evm_wallet::Freeze{epoch, static_cast<std::uint8_t>(change.lifts ? 1 : 0)});
    }
};

ActionMaker solana_maker(const ChangeMaker& make) {
    return [&make](Chain& /*chain*/, const solana::WalletSnapshot& wallet,
                   const solana::RuleReference& rule) -> Result<solana::ActionBody> {
        const ChangeBasis basis{
            wallet.configuration(), [&](std::uint8_t name) -> ChangeBasis::RuleMemory {
                const solana::RuleRecord* const record = wallet.record(name);
                return record == nullptr
                           ? ChangeBasis::RuleMemory{}
                           : ChangeBasis::RuleMemory{record->epoch, record->action != 0};
            }};
        LATCHKEY_TRY(Change change, make(basis));
        return std::visit(ToSolana{rule}, std::move(change));
    };
}

on_evm::BodyMaker evm_maker(const ChangeMaker& make) {
    return [&make](on_evm::Node& /*node*/, const evm_wallet::WalletSnapshot& wallet,
                   const evm_wallet::RuleReference& rule) -> Result<evm_wallet::Body> {
        const ChangeBasis basis{
            wallet.configuration, [&](std::uint8_t name) -> ChangeBasis::RuleMemory {
                const auto* const record = evm_wallet::find_record(wallet, name);
                return record == nullptr
                           ? ChangeBasis::RuleMemory{}
                           : ChangeBasis::RuleMemory{record->epoch, record->action != 0};
            }};
        LATCHKEY_TRY(const Change change, make(basis));
        return std::visit(ToEvm{evm_wallet::epoch_of(wallet, rule)}, change);
    };
}

/// The change on one of several chains, ready to be approved.
struct Part {
    std::string chain;
    std::variant<ReadyAction, on_evm::ReadyAction> action;

    core::Leaf leaf() const {
        return std::visit([](const auto& one) { return one.plan.leaf; }, action);
    }
    const std::vector<Key>& keys() const {
        const auto* const on_solana = std::get_if<ReadyAction>(&action);
        return on_solana != nullptr ? on_solana->prepared.keys
                                    : std::get<on_evm::ReadyAction>(action).keys;
    }
    const std::vector<core::Signer>& signers() const {
        const auto* const on_solana = std::get_if<ReadyAction>(&action);
        return on_solana != nullptr ? on_solana->plan.rule.signers
                                    : std::get<on_evm::ReadyAction>(action).plan.rule.signers;
    }
    std::vector<std::uint8_t> approvers() const {
        const auto* const on_solana = std::get_if<ReadyAction>(&action);
        if (on_solana == nullptr) {
            return std::get<on_evm::ReadyAction>(action).choice.approvers;
        }
        std::vector<std::uint8_t> out;
        for (const solana::Approver& one : on_solana->plan.approvers) {
            out.push_back(one.signer);
        }
        return out;
    }
    std::vector<std::string> description() const {
        const auto* const on_solana = std::get_if<ReadyAction>(&action);
        return on_solana != nullptr
                   ? describe_action(*on_solana->prepared.planned, on_solana->action,
                                     on_solana->prepared.file.names)
                   : std::get<on_evm::ReadyAction>(action).description;
    }
};

/// "r.json" for the chain local is "r.local.json".
std::string file_for(const std::string& path, const std::string& chain) {
    constexpr std::string_view kEnd = ".json";
    return path.ends_with(kEnd)
               ? path.substr(0, path.size() - kEnd.size()) + "." + chain + std::string(kEnd)
               : path + "." + chain;
}

Result<Part> prepare_part(Context& context, const std::string& chain,
                          const OperationOptions& options, const OperationNeeds& needs,
                          const ChangeMaker& make) {
    if (chain == kSolana) {
        LATCHKEY_TRY(ReadyAction ready,
                     prepare_action(context, options, needs, solana_maker(make)));
        return Part{chain, std::move(ready)};
    }
    LATCHKEY_TRY(on_evm::ReadyAction ready,
                 on_evm::prepare_action(context, chain, options, needs, evm_maker(make)));
    return Part{chain, std::move(ready)};
}

/// Chains at the same configuration may still count proposals differently.
Result<void> check_same_leaf(const std::vector<Part>& parts) {
    for (const Part& part : parts) {
        if (part.leaf() != parts.front().leaf()) {
            return fail(ErrorCode::kChainsDiffer,
                        part.chain + " and " + parts.front().chain +
                            " have the same configuration, but remember different numbers of "
                            "proposals, or other rules were chosen; change each by itself");
        }
    }
    return {};
}

Result<Report> write_requests(const OperationOptions& options, const std::vector<Part>& parts) {
    Report report;
    json::array files;
    for (const Part& part : parts) {
        const std::string file = file_for(options.request_file, part.chain);
        Result<Report> written;
        if (const auto* on_solana = std::get_if<ReadyAction>(&part.action)) {
            const Prepared& prepared = on_solana->prepared;
            LATCHKEY_TRY(const ApprovalRequest request,
                         make_request(*prepared.planned, on_solana->action, prepared.file.names,
                                      prepared.origin));
            written = write_request(file, options.replaces_files, request);
        } else {
            written = on_evm::write_request(file, options.replaces_files,
                                            std::get<on_evm::ReadyAction>(part.action));
        }
        LATCHKEY_CHECK(written);
        files.emplace_back(file);
        report.lines.push_back("wrote " + file);
    }
    report.lines.emplace_back(
        "their digest is the same: each signer signs all of them at once with `latchkey sign`, "
        "and the approval goes to every chain with `latchkey send`");
    report.fields = {{"requests", std::move(files)},
                     {"digest", core::encode_hex(core::digest_of(parts.front().leaf()).view())}};
    return report;
}

Result<Report> send_part(Context& context, const OperationOptions& options, Part& part,
                         const std::vector<core::CollectedApproval>& approvals) {
    if (const auto* on_solana = std::get_if<ReadyAction>(&part.action)) {
        return send_action(context, options, *on_solana, approvals);
    }
    const auto& ready = std::get<on_evm::ReadyAction>(part.action);
    return on_evm::send_action(context, *ready.open.node, ready.open.snapshot.wallet, ready.plan,
                               *ready.payer, approvals, std::nullopt, options.is_dry_run);
}

Result<Report> send_parts(Context& context, const OperationOptions& options,
                          std::vector<Part>& parts,
                          const std::vector<core::CollectedApproval>& approvals) {
    const std::vector<std::string> description = parts.front().description();
    Report report;
    report.lines = description;
    json::array results;
    std::string done;
    std::string failed;
    for (Part& part : parts) {
        const Result<Report> sent = send_part(context, options, part, approvals);
        if (!sent) {
            failed += (failed.empty() ? "" : "; ") + part.chain + ": " + sent.error().to_string();
            continue;
        }
        done += (done.empty() ? "" : ", ") + part.chain;
        report.lines.push_back(context.output().paint(Style::kHeading, part.chain));
        for (const std::string& line : sent->lines) {
            const bool is_known =
                std::find(description.begin(), description.end(), line) != description.end();
            if (!is_known) {
                report.lines.push_back("  " + line);
            }
        }
        json::object fields = sent->fields;
        fields["chain"] = part.chain;
        results.emplace_back(std::move(fields));
    }
    if (!failed.empty()) {
        return fail(ErrorCode::kPartlyDone,
                    (done.empty() ? "nothing was done" : "done on " + done) + ". Not on " + failed +
                        ". Nothing else stands in the way: the same command with --chain and the "
                        "chain that is missing does the rest");
    }
    report.fields = {{"chains", std::move(results)},
                     {"description", json::array(description.begin(), description.end())}};
    return report;
}

}  // namespace

Result<Report> run_change(Context& context, const OperationOptions& options,
                          const OperationNeeds& needs, const ChangeMaker& make) {
    const std::vector<std::string> chains = context.chains();
    if (chains.size() == 1) {
        return chains.front() == kSolana
                   ? run_operation(context, options, needs, solana_maker(make))
                   : on_evm::run_operation(context, options, needs, evm_maker(make));
    }
    LATCHKEY_TRY(const std::vector<WalletPlace> places, fetch_places(context, options.wallet));
    LATCHKEY_CHECK(check_same_place(places));
    OperationNeeds wanted = needs;
    wanted.is_on_evm_too = true;
    std::vector<Part> parts;
    for (const WalletPlace& place : places) {
        LATCHKEY_TRY(Part part, prepare_part(context, place.chain, options, wanted, make));
        parts.push_back(std::move(part));
    }
    LATCHKEY_CHECK(check_same_leaf(parts));
    if (!options.request_file.empty()) {
        return write_requests(options, parts);
    }
    const Part& first = parts.front();
    LATCHKEY_TRY(const auto approvals,
                 on_evm::collect_approvals(first.signers(), first.approvers(),
                                           core::approval_hash_of(first.leaf()), first.keys()));
    return send_parts(context, options, parts, approvals);
}

}  // namespace latchkey::cli
