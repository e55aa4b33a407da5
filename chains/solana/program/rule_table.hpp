// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"

namespace latchkey::solana::program::detail {

/// The rules of a shared part: where each one's counters are and what its id is.
struct RuleTable {
    uint64_t count;
    uint64_t total_limits;
    uint64_t limits[core::kMaximumRules];
    uint64_t first_limit[core::kMaximumRules];
    uint8_t ids[core::kMaximumRules][32];
};

LATCHKEY_COLD inline void list_rules(const uint8_t* shared, RuleTable* table) {
    const uint64_t signers = (shared[1] & 0x0f) + 1U;
    table->count = (shared[1] >> 4) + 1U;
    const uint8_t* at = core::skip_signers(shared + 2, signers);
    uint64_t total = 0;
    for (uint64_t i = 0; i < table->count; ++i) {
        core::RuleView rule;
        core::read_rule_cold(at, signers, &rule);
        table->limits[i] = rule.limits == nullptr ? 0 : *rule.limits;
        table->first_limit[i] = total;
        total += table->limits[i];
        core::rule_id(shared + 2, signers, at, table->ids[i]);
        at = rule.end;
    }
    table->total_limits = total;
}

/// Room for tables in scratch memory.
LATCHKEY_INLINE RuleTable* rule_tables() {
    return reinterpret_cast<RuleTable*>(scratch(kScratchTracked));
}

}  // namespace latchkey::solana::program::detail
