// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/waiting.hpp"

#include <algorithm>

namespace latchkey::core {

namespace {

constexpr std::uint8_t kExecuteNumber = 1;
constexpr std::uint8_t kGrantNumber = 2;
constexpr auto kPolicyNumber = static_cast<std::uint8_t>(ChangeAction::kPolicy);
constexpr auto kRecoverNumber = static_cast<std::uint8_t>(ChangeAction::kRecover);
constexpr std::uint8_t kUpgradeNumber = 15;

/// 48 hours after the latest time of any proposal of the recovery part; 0 if there was none.
std::uint64_t recovery_horizon(std::span<const model::Record> records) {
    std::uint64_t latest = 0;
    for (const model::Record& record : records) {
        if ((record.rule & kRecoveryRule) != 0 && record.earliest != 0) {
            latest = std::max(latest, std::uint64_t{record.earliest} + kMargin);
        }
    }
    return latest;
}

/// What one party alone has left against the record's proposals.
void count_budget(const model::Record& record, std::uint64_t now, CancelWay& way) {
    if (!record.tie) {
        return;
    }
    const std::uint64_t ends = std::uint64_t{record.cancels_since} + kCancelWindow;
    const bool is_open = record.cancels > 0 && now <= ends;
    const std::uint64_t used = is_open ? record.cancels : 0;
    way.left = static_cast<unsigned>(kCancelBudget - std::min<std::uint64_t>(used, kCancelBudget));
    way.left_renews_at = is_open ? ends + 1 : 0;
}

std::vector<CancelWay> cancel_ways(const Configuration& configuration, const model::Record& record,
                                   std::uint64_t now) {
    std::vector<CancelWay> out;
    for (std::size_t i = 0; i < configuration.rules.size(); ++i) {
        const Rule& rule = configuration.rules[i];
        if ((rule.actions & kActionCancel) == 0) {
            continue;
        }
        CancelWay way;
        way.rule = static_cast<std::uint8_t>(i);
        way.is_own = way.rule == record.rule;
        way.parties = rule.threshold;
        if (!way.is_own && way.parties < 2) {
            count_budget(record, now, way);
        }
        out.push_back(way);
    }
    return out;
}

}  // namespace

std::size_t count_parties(std::span<const Signer> signers,
                          std::span<const std::uint8_t> approvers) {
    std::vector<std::size_t> parties;
    for (std::size_t signer : approvers) {
        while (signer > 0 && signer < signers.size() && signers[signer].same_party) {
            --signer;
        }
        if (std::find(parties.begin(), parties.end(), signer) == parties.end()) {
            parties.push_back(signer);
        }
    }
    return parties.size();
}

bool can_wait(std::uint8_t action) {
    return action == kExecuteNumber || action == kGrantNumber || action == kPolicyNumber ||
           action == kRecoverNumber || action == kUpgradeNumber;
}

std::uint64_t wait_seconds(const Configuration& configuration, const Rule& rule,
                           std::uint8_t action, std::size_t parties, Guarded guarded) {
    if (!can_wait(action)) {
        return 0;
    }
    const std::uint64_t delay = rule.wait ? rule.wait->delay_seconds : 0;
    const bool is_guarded = action == kPolicyNumber ||
                            (action == kUpgradeNumber && guarded == Guarded::kChangesAndUpgrades);
    return is_guarded && parties < 2 ? std::max(delay, guard_seconds(configuration.recovery))
                                     : delay;
}

PendingTimes pending_times(const Configuration& configuration,
                           std::span<const model::Record> records, const model::Record& record,
                           Guarded guarded, std::uint64_t now) {
    PendingTimes out;
    out.earliest = record.earliest;
    out.latest = std::uint64_t{record.earliest} + kProposalLife;
    if (record.guarded) {
        const std::uint64_t horizon = recovery_horizon(records);
        out.waits_for_recovery = horizon > out.earliest;
        out.earliest = std::max(out.earliest, horizon);
    }
    if (record.rule < configuration.rules.size()) {
        const std::size_t parties = record.guarded ? 1 : 2;
        const std::uint64_t wait = wait_seconds(configuration, configuration.rules[record.rule],
                                                record.action, parties, guarded);
        out.proposed_at = record.earliest - std::min<std::uint64_t>(wait, record.earliest);
    }
    out.ways = cancel_ways(configuration, record, now);
    return out;
}

}  // namespace latchkey::core
