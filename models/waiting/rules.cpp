// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/rules.hpp"

namespace latchkey::waiting_model {

Times make_times(int ticks_per_day) {
    const auto days = [&](int count) { return static_cast<Ticks>(count * ticks_per_day); };
    Times times;
    times.ticks_per_day = ticks_per_day;
    times.margin = days(2);
    times.expiry = days(14);
    times.cancel_window = days(90);
    times.freeze_length = days(7);
    times.freeze_interval = days(30);
    return times;
}

std::vector<RuleName> Configuration::names() const {
    std::vector<RuleName> all;
    for (size_t i = 0; i < shared.size(); ++i) {
        all.push_back(static_cast<RuleName>(i));
    }
    for (size_t i = 0; i < recovery.size(); ++i) {
        all.push_back(static_cast<RuleName>(kRecoveryRule + i));
    }
    return all;
}

bool Configuration::is_same_as(const Configuration& other) const {
    return shared == other.shared && recovery == other.recovery && guard == other.guard &&
           commitment == other.commitment;
}

std::vector<Rule> with_parties(std::vector<Rule> rules,
                               const std::vector<std::pair<Parties, Parties>>& replaced) {
    for (Rule& rule : rules) {
        Parties who = rule.who;
        for (const auto& [from, to] : replaced) {
            if ((rule.who & from) != 0) {
                who = static_cast<Parties>((who & ~from) | to);
            }
        }
        rule.who = who;
    }
    return rules;
}

}  // namespace latchkey::waiting_model
