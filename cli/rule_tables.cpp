// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_tables.hpp"

#include <algorithm>

#include "cli/keys.hpp"
#include "cli/rule_text.hpp"

namespace latchkey::cli {

namespace {

std::uint64_t window_of(const core::Limit& limit, const core::Rule& rule, std::uint64_t now) {
    const std::uint64_t start = rule.times ? rule.times->not_before : 0;
    return limit.period_seconds == 0 || now < start ? 0 : (now - start) / limit.period_seconds;
}

}  // namespace

void LimitTable::add_row(const std::string& name, const core::Rule& rule, std::size_t index,
                         std::uint64_t window, std::uint64_t spent) {
    const core::Limit& limit = rule.limits[index];
    // What was spent in a window that is over does not count any more.
    const std::uint64_t counted = window == window_of(limit, rule, now_) ? spent : 0;
    const std::uint64_t left = limit.per_period - std::min(counted, limit.per_period);
    const std::string period = limit.period_seconds == 0
                                   ? std::string("for ever")
                                   : core::describe_duration(limit.period_seconds);
    rows_.push_back({name, asset_text(limit.asset), asset_amount(limit.asset, limit.per_call),
                     asset_amount(limit.asset, limit.per_period), period,
                     asset_amount(limit.asset, left)});
    fields_.emplace_back(json::object{{"rule", name},
                                      {"asset", asset_text(limit.asset)},
                                      {"per_call", limit.per_call},
                                      {"per_period", limit.per_period},
                                      {"period_seconds", limit.period_seconds},
                                      {"left", left}});
}

Report LimitTable::report() const {
    Report report;
    report.lines = {"no rule has limits"};
    if (!rows_.empty()) {
        std::vector<std::vector<std::string>> all{
            {"rule", "asset", "per call", "per period", "period", "left now"}};
        all.insert(all.end(), rows_.begin(), rows_.end());
        report.lines = format_table(all, {false, false, true, true, true, true});
    }
    report.fields = {{"limits", fields_}};
    return report;
}

std::string session_name(std::size_t place) {
    return "session:" + std::to_string(place);
}

Report signers_report(const core::Configuration& configuration, const core::Names& names) {
    Report report;
    json::array fields;
    const auto& signers = configuration.signers;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        const std::string party = signers[i].same_party ? " (same party as the one before)" : "";
        report.lines.push_back(std::to_string(i) + ": " + signer_text(signers[i]) + party);
        fields.emplace_back(json::object{{"index", i},
                                         {"signer", signer_text(signers[i])},
                                         {"description", core::describe(signers[i], names)},
                                         {"same_party", signers[i].same_party}});
    }
    report.fields = {{"signers", std::move(fields)}};
    return report;
}

}  // namespace latchkey::cli
