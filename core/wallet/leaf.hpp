// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/wallet/identity.hpp"

/// Leaves: one action on one chain (docs/spec/authorization.md, section 4; docs/spec/solana.md,
/// section 5).
namespace latchkey::core {

/// The hash of one action: what an approval tree holds, and what a digest wraps.
using Leaf = FixedBytes<32, struct LeafTag>;

enum class SolanaAction : std::uint8_t { kExecute, kGrant, kRevoke, kMessage };

/// Where the nonce of an approval lives.
enum class NonceKind : std::uint8_t { kTransaction = 0, kLane = 1, kStateSequence = 2 };

/// Everything that an approval of an action on Solana is bound to.
struct SolanaLeaf {
    SolanaAction action = SolanaAction::kExecute;
    /// The cluster's genesis hash.
    Hash32 cluster{};
    NonceKind nonce_kind = NonceKind::kTransaction;
    /// Unix seconds; kNever where there is none. With a lane, the deadline that its nonce means.
    std::uint64_t deadline = kNever;
    WalletId wallet_id{};
    ConfigId config_id{};
    /// Set when a local rule approves.
    std::optional<LocalRuleId> local_rule_id{};
    /// The lane account; set exactly for NonceKind::kLane.
    std::optional<Hash32> lane{};
    /// From the rule byte to the end of the instruction; at most 65,535 bytes.
    Bytes signed_region{};
    /// Keys of the accounts after the fixed ones, as passed; at most 64.
    std::vector<Hash32> account_keys{};
};

/// What the leaf hashes. Errors: kInvalidArgument (lane and nonce kind disagree), kInputTooLong.
Result<Bytes> leaf_preimage(const SolanaLeaf& leaf);
/// Errors as above.
Result<Leaf> leaf_of(const SolanaLeaf& leaf);

/// A change of the shared part: the same leaf on every chain.
struct PolicyLeaf {
    WalletId wallet_id{};
    /// configId(n).
    ConfigId parent{};
    /// n + 1.
    std::uint64_t sequence = 1;
    /// Index of the shared rule that approves.
    std::uint8_t rule = 0;
    /// The whole new shared part.
    Bytes shared{};
};

Leaf leaf_of(const PolicyLeaf& leaf);

/// Fills the leaves of a tree that has fewer actions than places.
Leaf empty_leaf();

}  // namespace latchkey::core
