// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"

namespace latchkey::solana::program::detail {

/// A rule of a shared part: its id, and where its counters are.
struct ListedRule {
    uint8_t id[32];
    uint8_t* counters;
    uint64_t counters_size;
    uint64_t index;
};

/// The rules of a shared part.
struct RuleTable {
    ListedRule rules[core::kMaximumRules];
    ListedRule* end;
};

/// Lists the rules of a shared part whose counters begin at `counters`; returns the end of those.
LATCHKEY_COLD inline uint8_t* list_rules(const uint8_t* shared, uint8_t* counters,
                                         RuleTable* table) {
    const uint64_t signers = (shared[1] & 0x0f) + 1U;
    const uint8_t* at = core::skip_signers(shared + 2, signers);
    ListedRule* listed = table->rules;
    ListedRule* const end = listed + (shared[1] >> 4) + 1;
    table->end = end;
    uint64_t index = 0;
    do {
        core::RuleView rule;
        core::rule_id(shared + 2, signers, at, &rule, listed->id);
        at = rule.end;
        const uint64_t size = rule.limits == nullptr ? 0 : *rule.limits * core::kCounterSize;
        listed->counters = counters;
        listed->counters_size = size;
        listed->index = index++;
        counters += size;
    } while (++listed != end);
    return counters;
}

/// The rule with this id, or null.
LATCHKEY_COLD inline const ListedRule* find_rule(const RuleTable& table, const uint8_t* id) {
    for (const ListedRule* rule = table.rules; rule != table.end; ++rule) {
        if (core::same32(rule->id, id)) {
            return rule;
        }
    }
    return nullptr;
}

/// Room for tables in scratch memory.
LATCHKEY_COLD inline RuleTable* rule_tables() {
    return reinterpret_cast<RuleTable*>(scratch(kScratchTracked));
}

}  // namespace latchkey::solana::program::detail
