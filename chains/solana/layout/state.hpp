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

/// A state account (docs/spec/solana.md, section 2).
struct StateAccount {
    std::uint32_t sequence = 0;
    std::uint32_t local_version = 0;
    core::Hash32 config_id;
    std::array<std::uint64_t, kStateNonceKeys> nonces{};
    /// Canonical bytes.
    Bytes shared;
    /// One for each limit of the shared part, in order.
    std::vector<SpendingCounter> counters;
    /// By slot index; empty ones were revoked and may be used again.
    std::vector<std::optional<LocalSlot>> slots;
    /// Bytes of the account behind all of this, free for growth without new rent.
    std::size_t spare_bytes = 0;

    friend bool operator==(const StateAccount&, const StateAccount&) = default;
};

/// Whether account data is an initialised state; the caller has checked the account's owner.
bool is_initialised_state(ByteView data);

/// Errors: kUnsupported (another type or layout of account, waiting sections), kUnexpectedEnd,
/// kNonCanonical (lengths that do not fit each other, a revoked slot that is not zero),
/// kOutOfRange (more than 16 slots). The shared part and the local rules are only measured: see
/// core::Configuration for their meaning.
Result<StateAccount> decode_state(ByteView data);
/// The account's whole data, spare bytes as zeros. Errors: kOutOfRange, and those of count_limits.
Result<Bytes> encode_state(const StateAccount& state);

/// Bytes of a state account right after its creation. `shared`: the genesis without its salt.
/// Errors: those of count_limits.
Result<std::size_t> new_state_size(ByteView shared);
/// Bytes that a granted local rule takes.
Result<std::size_t> local_slot_size(ByteView local_rule);

}  // namespace latchkey::solana
