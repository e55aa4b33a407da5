// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/demo.hpp"

#include "cli/demo/evm_steps.hpp"
#include "cli/demo/steps.hpp"
#include "cli/text.hpp"

namespace latchkey::cli::demo {

namespace {

using Step = Result<void> (*)(World&);
constexpr std::array<Step, 16> kSteps{
    single_passkey,  two_passkeys,       threshold_by_amount, session_key,
    gas_sponsorship, tokens_and_batches, late_approvals,      treasury,
    attacks,         guardian_recovery,  cancelled_attack,    thief_against_recovery,
    frozen_wallet,   rotated_key,        inheritance,         governed_upgrade};

using EvmStep = Result<void> (*)(EvmWorld&);
constexpr std::array<EvmStep, 15> kEvmSteps{
    single_passkey,  two_passkeys,       threshold_by_amount, session_key,
    gas_sponsorship, tokens_and_batches, late_approvals,      treasury,
    attacks,         guardian_recovery,  cancelled_attack,    thief_against_recovery,
    frozen_wallet,   rotated_key,        inheritance};
/// On Solana and on EVM chains.
constexpr std::array<EvmStep, 2> kEveryChainSteps{one_prompt_everywhere, three_payments_at_once};

std::string count_or_dash(const std::optional<std::uint64_t>& value) {
    return value ? format_count(*value) : std::string("–");
}

std::vector<std::string> row_of(const Measurement& one) {
    const std::optional<std::uint64_t> units =
        one.receipt ? one.receipt->compute_units : std::optional<std::uint64_t>(0);
    return {one.action,
            count_or_dash(units),
            count_or_dash(one.peer.compute_units),
            format_count(one.receipt ? one.receipt->bytes : 0),
            count_or_dash(one.peer.bytes),
            format_count(one.receipt ? one.receipt->fee : 0),
            format_count(one.rent),
            count_or_dash(one.peer.rent),
            one.peer.source};
}

json::value or_null(const std::optional<std::uint64_t>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

json::object fields_of(const Measurement& one) {
    json::object out{{"action", one.action}, {"rent_lamports", one.rent}};
    if (one.receipt) {
        for (const auto& [name, value] : receipt_fields(*one.receipt)) {
            out[name] = value;
        }
    }
    out["peer"] = json::object{{"source", one.peer.source},
                               {"compute_units", or_null(one.peer.compute_units)},
                               {"bytes", or_null(one.peer.bytes)},
                               {"rent_lamports", or_null(one.peer.rent)}};
    return out;
}

std::vector<std::string> row_of(const EvmMeasurement& one) {
    return {one.action,
            format_count(one.receipt.gas),
            count_or_dash(one.peer.gas),
            format_count(one.receipt.bytes),
            count_or_dash(one.peer.bytes),
            one.peer.source};
}

json::object fields_of(const EvmMeasurement& one, const evm::Chain& chain) {
    json::object out = on_evm::receipt_fields(chain, one.receipt);
    out["action"] = one.action;
    out["peer"] = json::object{{"source", one.peer.source},
                               {"gas", or_null(one.peer.gas)},
                               {"calldata_bytes", or_null(one.peer.bytes)}};
    return out;
}

/// The first and the last column are words, the others numbers.
void add_table(const Output& output, const std::vector<std::vector<std::string>>& rows,
               Report& report) {
    std::vector<bool> is_number(rows.front().size(), true);
    is_number.front() = is_number.back() = false;
    report.lines.emplace_back();
    bool is_heading = true;
    for (std::string& line : format_table(rows, is_number)) {
        report.lines.push_back(is_heading ? output.paint(Style::kHeading, line) : std::move(line));
        is_heading = false;
    }
    report.lines.emplace_back();
}

void add_solana(const Output& output, const World& world, Report& report) {
    std::vector<std::vector<std::string>> rows{
        {"on Solana", "CU", "peer", "bytes", "peer", "fee", "rent", "peer", "best peer"}};
    json::array actions;
    for (const Measurement& one : world.measurements()) {
        rows.push_back(row_of(one));
        actions.emplace_back(fields_of(one));
    }
    add_table(output, rows, report);
    report.lines.insert(
        report.lines.end(),
        {"CU: compute units of the whole transaction. Fee and rent in lamports, paid by the "
         "sponsor. Ours: from the confirmed transactions above.",
         "Peers: the cheapest comparable wallet, measured with its own binary on the same VM or as "
         "its makers publish. Their rent at 5,080 lamports a byte."});
    report.fields["actions"] = std::move(actions);
}

void add_evm(const Output& output, EvmWorld& evm, Report& report) {
    std::vector<std::vector<std::string>> rows{
        {"on EVM chains", "gas", "peer", "bytes", "peer", "best peer"}};
    json::array actions;
    for (const EvmMeasurement& one : evm.measurements()) {
        rows.push_back(row_of(one));
        actions.emplace_back(fields_of(one, evm.node().chain()));
    }
    add_table(output, rows, report);
    report.lines.insert(
        report.lines.end(),
        {"Gas of the whole transaction, bytes of its calldata, paid by the relayer. Ours: from the "
         "confirmed transactions above. A wallet's first action, and the first payment to "
         "somebody, cost more than the next.",
         "Peers: the cheapest comparable wallet, measured on the same anvil "
         "(docs/benchmarks.md)."});
    report.fields["evm_actions"] = std::move(actions);
}

void add_next_steps(const Output& output, Report& report) {
    report.lines.insert(
        report.lines.end(),
        {"", output.paint(Style::kHeading, "Try next"),
         "  latchkey dev                                           keep local chains running",
         "  latchkey advise                                        which wallet fits you",
         "  latchkey passkey new phone.json                        a passkey, for development",
         "  latchkey wallet create my.json --signer phone.json     a wallet that it opens",
         "  latchkey wallet fund 1 --wallet my.json --chain local  the same wallet on an EVM chain",
         "  latchkey --help                                        everything else"});
}

}  // namespace

Result<Report> run_demo(const Output& output, const DemoOptions& options) {
    const bool has_solana = options.only != "evm";
    std::unique_ptr<World> world;
    if (has_solana) {
        LATCHKEY_TRY(world, World::make(output, options.rpc_urls, options.program_file));
        for (const Step step : kSteps) {
            LATCHKEY_CHECK(step(*world));
        }
    } else {
        world = World::without_chain(output);
    }
    std::unique_ptr<EvmWorld> evm;
    if (options.only != "solana") {
        output.line();
        LATCHKEY_TRY(evm, EvmWorld::make(*world));
        for (const EvmStep step : kEvmSteps) {
            LATCHKEY_CHECK(step(*evm));
        }
    }
    if (evm && has_solana) {
        for (const EvmStep step : kEveryChainSteps) {
            LATCHKEY_CHECK(step(*evm));
        }
    }
    Report report;
    const unsigned refusals = world->refusals() + (evm ? evm->refusals() : 0);
    report.fields = {{"ok", true}, {"refusals", refusals}};
    if (has_solana) {
        add_solana(output, *world, report);
    }
    if (evm) {
        add_evm(output, *evm, report);
    }
    report.lines.push_back("Refused by the chains as they had to: " + std::to_string(refusals) +
                           " transactions.");
    add_next_steps(output, report);
    return report;
}

}  // namespace latchkey::cli::demo
