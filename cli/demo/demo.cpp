// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/demo.hpp"

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

Report closing_table(const Output& output, const World& world) {
    Report report;
    std::vector<std::vector<std::string>> rows{
        {"action", "CU", "peer", "bytes", "peer", "fee", "rent", "peer", "best peer"}};
    json::array actions;
    for (const Measurement& one : world.measurements()) {
        rows.push_back(row_of(one));
        actions.emplace_back(fields_of(one));
    }
    report.lines.emplace_back();
    const std::vector<bool> aligned{false, true, true, true, true, true, true, true, false};
    for (std::string& line : format_table(rows, aligned)) {
        const bool is_heading = report.lines.size() == 1;
        report.lines.push_back(is_heading ? output.paint(Style::kHeading, line) : std::move(line));
    }
    report.lines.insert(
        report.lines.end(),
        {"",
         "CU: compute units of the whole transaction. Fee and rent in lamports, paid by the "
         "sponsor. Ours: from the confirmed transactions above.",
         "Peers: the cheapest comparable wallet, measured with its own binary on the same VM or as "
         "its makers publish. Their rent at 5,080 lamports a byte.",
         "Refused by the chain as it had to: " + std::to_string(world.refusals()) +
             " transactions."});
    report.fields = {{"ok", true}, {"actions", std::move(actions)}, {"refusals", world.refusals()}};
    return report;
}

void add_next_steps(const Output& output, Report& report) {
    report.lines.insert(
        report.lines.end(),
        {"", output.paint(Style::kHeading, "Try next"),
         "  latchkey dev                                         keep a local chain running",
         "  latchkey advise                                      which wallet fits you",
         "  latchkey passkey new phone.json                      a passkey, for development",
         "  latchkey wallet create my.json --signer phone.json   a wallet that it opens",
         "  latchkey --help                                      everything else"});
}

}  // namespace

Result<Report> run_demo(const Output& output, const DemoOptions& options) {
    LATCHKEY_TRY(const auto world, World::make(output, options.rpc_urls, options.program_file));
    for (const Step step : kSteps) {
        LATCHKEY_CHECK(step(*world));
    }
    Report report = closing_table(output, *world);
    add_next_steps(output, report);
    return report;
}

}  // namespace latchkey::cli::demo
