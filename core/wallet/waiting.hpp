// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/wallet/model.hpp"

/// What waits under a wallet's rules, and how it ends (docs/spec/authorization.md, section 8), as
/// far as that is the same on every chain. Times are unix seconds.
namespace latchkey::core {

/// Distinct parties among `approvers`, which are indexes of `signers`.
std::size_t count_parties(std::span<const Signer> signers, std::span<const std::uint8_t> approvers);

/// Whether the guard holds back upgrades as well: those of the wallet's own code.
enum class Guarded : std::uint8_t { kChanges, kChangesAndUpgrades };

/// Whether an action with this number can become a proposal, under a rule that waits or by the
/// guard.
bool can_wait(std::uint8_t action);
/// How long what these parties approve under the rule waits; 0: it is done at once.
/// `action`: its number.
std::uint64_t wait_seconds(const Configuration& configuration, const Rule& rule,
                           std::uint8_t action, std::size_t parties, Guarded guarded);

/// A rule that can end a proposal.
struct CancelWay {
    /// Index of the shared rule.
    std::uint8_t rule = 0;
    /// The proposer takes it back.
    bool is_own = false;
    /// Parties that the rule asks for.
    std::size_t parties = 1;
    /// How often one party alone still can; absent: without limit.
    std::optional<unsigned> left;
    /// From when `left` is whole again; 0 if it is.
    std::uint64_t left_renews_at = 0;
};

/// When a proposal can be applied, and who can end it.
struct PendingTimes {
    /// Absent for rules of the recovery part, whose delay the chain does not know.
    std::optional<std::uint64_t> proposed_at;
    /// When it can be applied; later than the record's own time while a recovery is under way, and
    /// later than `latest` if it never can.
    std::uint64_t earliest = 0;
    /// It can be applied up to this second.
    std::uint64_t latest = 0;
    /// One party's change waits until a recovery is over.
    bool waits_for_recovery = false;
    /// Shared rules; of the recovery part only its owners know.
    std::vector<CancelWay> ways;

    [[nodiscard]] bool is_expired(std::uint64_t now) const { return now > latest; }
    [[nodiscard]] bool is_due(std::uint64_t now) const { return now >= earliest && now <= latest; }
};
/// `records`: all of the wallet; `record`: one under which something waits.
PendingTimes pending_times(const Configuration& configuration,
                           std::span<const model::Record> records, const model::Record& record,
                           Guarded guarded, std::uint64_t now);

}  // namespace latchkey::core
