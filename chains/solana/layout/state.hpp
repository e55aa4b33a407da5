// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "chains/solana/layout/state_layout.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace latchkey::solana {

using core::Bytes;
using core::ByteView;
using core::Result;

/// How much of a limit is spent.
struct SpendingCounter {
    std::uint64_t window = 0;
    std::uint64_t spent = 0;
    friend bool operator==(const SpendingCounter&, const SpendingCounter&) = default;
};

/// A session rule in a state account.
struct LocalSlot {
    /// The shared rule that granted it.
    std::uint8_t granting_rule = 0;
    /// The state's local version when it was granted.
    std::uint32_t version = 0;
    core::Hash32 local_rule_id;
    std::vector<SpendingCounter> counters;
    /// Canonical bytes.
    Bytes local_rule;
    friend bool operator==(const LocalSlot&, const LocalSlot&) = default;
};

/// What waits under a rule, and what the rule did before. Times are unix seconds.
struct RuleRecord {
    /// Index of the rule; of the recovery part with kRuleRecovery.
    std::uint8_t rule = 0;
    /// Number of the action that waits; 0 if none does.
    std::uint8_t action = 0;
    /// Cancels by one party in the window.
    std::uint8_t cancels = 0;
    /// The rule's TIE, when it last proposed.
    bool tie = false;
    /// One party alone approved what waits, and the guard held it back.
    bool guarded = false;
    std::uint32_t epoch = 0;
    std::uint32_t earliest = 0;
    std::uint32_t cancels_since = 0;
    std::uint32_t frozen_at = 0;
    /// Of what waits; of what waited last when nothing does.
    core::Hash32 digest{};

    friend bool operator==(const RuleRecord&, const RuleRecord&) = default;
};

/// A state account (docs/spec/solana.md, section 2).
struct StateAccount {
    /// It was frozen, and nobody has noticed yet that it is over: see is_frozen.
    bool was_frozen = false;
    std::uint32_t sequence = 0;
    std::uint32_t local_version = 0;
    core::Hash32 config_id;
    std::array<std::uint64_t, kStateNonceKeys> nonces{};
    /// Canonical bytes.
    Bytes shared;
    /// One for each limit of the shared part, in order.
    std::vector<SpendingCounter> counters;
    /// In the order in which they came.
    std::vector<RuleRecord> records;
    /// By slot index; empty ones were revoked and may be used again.
    std::vector<std::optional<LocalSlot>> slots;
    /// Bytes of the account behind all of this, free for growth without new rent.
    std::size_t spare_bytes = 0;

    friend bool operator==(const StateAccount&, const StateAccount&) = default;
};

/// Whether account data is an initialised state; the caller has checked the account's owner.
bool is_initialised_state(ByteView data);

/// Whether a freeze holds.
bool is_frozen(const StateAccount& state, std::uint64_t now);
/// The record of a rule, by its name; null if it has none.
const RuleRecord* find_record(const StateAccount& state, std::uint8_t rule);

/// Errors: kUnsupported (another type or layout of account, an unknown flag of a record),
/// kUnexpectedEnd, kNonCanonical (lengths that do not fit each other, a revoked slot that is not
/// zero, two records of a rule), kOutOfRange (more than 16 slots or 32 records). The shared part
/// and the local rules are only measured: see core::Configuration for their meaning.
Result<StateAccount> decode_state(ByteView data);
/// The account's whole data, spare bytes as zeros. Errors: kOutOfRange, and those of count_limits.
Result<Bytes> encode_state(const StateAccount& state);

/// Bytes of a state account right after its creation. `shared`: the genesis without its salt.
/// Errors: those of count_limits.
Result<std::size_t> new_state_size(ByteView shared);
/// Bytes that a granted local rule takes.
Result<std::size_t> local_slot_size(ByteView local_rule);

}  // namespace latchkey::solana
