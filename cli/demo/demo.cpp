// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/demo.hpp"

#include "cli/demo/steps.hpp"
#include "cli/text.hpp"

namespace latchkey::cli::demo {

namespace {

using Step = Result<void> (*)(World&);
constexpr std::array<Step, 7> kSteps{single_passkey, two_passkeys,    threshold_by_amount,
                                     session_key,    gas_sponsorship, tokens_and_batches,
                                     treasury};

std::vector<std::string> row_of(const Measurement& one) {
    if (one.is_free) {
        return {one.action, "0", "0", "0", "0", one.peer};
    }
    const Receipt& receipt = one.receipt;
    return {one.action,
            receipt.compute_units ? format_count(*receipt.compute_units) : "?",
            format_count(receipt.bytes),
            format_count(receipt.fee),
            format_count(one.rent),
            one.peer};
}

json::object fields_of(const Measurement& one) {
    json::object out{{"action", one.action}, {"rent_lamports", one.rent}, {"peer", one.peer}};
    if (!one.is_free) {
        for (const auto& [name, value] : receipt_fields(one.receipt)) {
            out[name] = value;
        }
    }
    return out;
}

Report closing_table(const Output& output, const std::vector<Measurement>& measurements) {
    Report report;
    std::vector<std::vector<std::string>> rows{
        {"action", "CU", "bytes", "fee", "rent", "best peer"}};
    json::array actions;
    for (const Measurement& one : measurements) {
        rows.push_back(row_of(one));
        actions.emplace_back(fields_of(one));
    }
    report.lines.emplace_back();
    for (std::string& line : format_table(rows, {false, true, true, true, true, false})) {
        const bool is_heading = report.lines.size() == 1;
        report.lines.push_back(is_heading ? output.paint(Style::kHeading, line) : std::move(line));
    }
    report.lines.insert(
        report.lines.end(),
        {"",
         "CU: compute units of the whole transaction. Fee and rent in lamports, paid by the "
         "sponsor.",
         "Peers: the cheapest comparable wallet; measured with its own binary, or as it publishes. "
         "Their rent at 5,080 lamports a byte.",
         "", output.paint(Style::kHeading, "Try next"),
         "  latchkey dev                         keep a local chain running",
         "  latchkey passkey new phone.json      a passkey in software, for development",
         "  latchkey wallet create my.json --signer phone.json",
         "  latchkey --help                      everything else"});
    report.fields = {{"ok", true}, {"actions", std::move(actions)}};
    return report;
}

}  // namespace

Result<Report> run_demo(const Output& output, const DemoOptions& options) {
    LATCHKEY_TRY(const auto world, World::make(output, options.rpc_urls, options.program_file));
    for (const Step step : kSteps) {
        LATCHKEY_CHECK(step(*world));
    }
    return closing_table(output, world->measurements());
}

}  // namespace latchkey::cli::demo
