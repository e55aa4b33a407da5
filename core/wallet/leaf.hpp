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

enum class SolanaAction : std::uint8_t { kExecute, kGrant, kRevoke, kMessage, kUpgrade };

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

/// A chain-agnostic action: the same leaf on every chain.
struct ChangeLeaf {
    WalletId wallet_id{};
    /// configId(n), or the recovery commitment when a rule of the recovery part approves.
    Hash32 parent{};
    ChangeAction action = ChangeAction::kPolicy;
    /// Index of the rule that approves; of the recovery part with kRecoveryRule.
    std::uint8_t rule = 0;
    /// Of the approving rule; of a cancel, the one that the proposal was made with.
    std::uint32_t epoch = 0;
    /// policy: the whole new shared part; cancel: the rule whose proposal it is; freeze: 0, or 1 to
    /// lift; recover: the new signers.
    Bytes content{};
};

Leaf leaf_of(const ChangeLeaf& leaf);

/// An action on Solana that waits.
struct WaitingAction {
    /// The cluster's genesis hash.
    Hash32 cluster{};
    /// As the instruction's head has it.
    std::uint8_t action = 1;
    /// The body begins with caps.
    bool has_caps = false;
    /// Lane and operator stood before the accounts.
    bool has_lane = false;
    WalletId wallet_id{};
    /// From behind the nonce and the deadline to the end of the instruction; at most 65,535 bytes.
    Bytes body{};
    /// Keys of the accounts after the fixed ones, as passed; at most 64.
    std::vector<Hash32> account_keys{};
};

/// What the digest of an action that waits hashes, and the digest, which its record keeps. Error:
/// kInputTooLong.
Result<Bytes> waiting_preimage(const WaitingAction& action);
Result<Hash32> waiting_digest_of(const WaitingAction& action);

/// Fills the leaves of a tree that has fewer actions than places.
Leaf empty_leaf();

}  // namespace latchkey::core
