// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/presets.hpp"

#include <algorithm>

namespace latchkey::core {

namespace {

constexpr std::uint8_t kEverything =
    kActionExecute | kActionGrant | kActionPolicy | kActionMessage | kActionCancel | kActionFreeze;

/// What one of several parties may do at once without harming the others' say.
constexpr std::uint8_t kDailyUse =
    kActionExecute | kActionGrant | kActionMessage | kActionCancel | kActionFreeze;

/// Appends the party's keys; returns their mask. More than 16 are refused with the configuration.
std::uint16_t add_party(std::vector<Signer>& signers, const Party& party) {
    unsigned mask = 0;
    for (const Signer& key : party.keys) {
        mask |= signers.size() < kMaximumSigners ? 1U << signers.size() : 0;
        signers.push_back(key);
        signers.back().same_party = &key != &party.keys.front();
    }
    return static_cast<std::uint16_t>(mask);
}

Rule rule_of(std::uint64_t actions, std::uint16_t mask, std::size_t threshold = 1) {
    return Rule{.actions = static_cast<std::uint8_t>(actions),
                // What does not fit is above every number of parties.
                .threshold = static_cast<std::uint8_t>(std::min<std::size_t>(threshold, 0xff)),
                .mask = mask};
}

Rule waiting(Rule rule, std::uint32_t delay_seconds, Tie tie) {
    rule.wait = Wait{delay_seconds, tie};
    return rule;
}

Rule paying(std::uint16_t mask, const Spending& spending) {
    Rule rule = rule_of(kActionExecute, mask);
    rule.scope = spending.targets;
    rule.limits = spending.limits;
    normalize(rule);
    return rule;
}

/// One party that recovers after kPresetRecoveryDelay and freezes at once.
RecoveryPart recovery_by(const Party& party, Tie tie, const RecoveryPart::Salt& salt) {
    RecoveryPart part{.salt = salt};
    const std::uint16_t mask = add_party(part.signers, party);
    part.rules = {waiting(rule_of(kActionRecover | kActionCancel, mask), kPresetRecoveryDelay, tie),
                  rule_of(kActionFreeze, mask)};
    return part;
}

/// Puts the part's commitment into the configuration, and judges both.
Judged<Preset> finish(Preset preset, std::uint16_t guard_hours) {
    if (preset.recovery) {
        const Judged<Bytes> part = encode(*preset.recovery);
        if (!part) {
            return refuse(part.error());
        }
        preset.configuration.recovery = commitment_of(*part, guard_hours);
        if (const Verdict bad = judge_recovery(*part, *preset.configuration.recovery);
            bad != Verdict::kAccepted) {
            return refuse(bad);
        }
    }
    if (const Judged<Bytes> shared = encode(preset.configuration); !shared) {
        return refuse(shared.error());
    }
    return preset;
}

/// Two parties with these rules, which a third one restores for two new signers.
Judged<Preset> pair_with_recovery(const Party& first, const Party& second, const Party& recovery,
                                  const RecoveryPart::Salt& salt, const auto& rules_for) {
    Preset preset;
    std::vector<Signer>& signers = preset.configuration.signers;
    const std::uint16_t one = add_party(signers, first);
    const std::uint16_t two = add_party(signers, second);
    preset.configuration.rules = rules_for(one, two);
    preset.recovery = recovery_by(recovery, Tie::kRecovery, salt);
    preset.recovery->after = {.signers = 2, .rules = rules_for(0b01, 0b10)};
    return finish(std::move(preset), kPresetGuardHours);
}

}  // namespace

Judged<Preset> three_parties(const Party& first, const Party& second, const Party& recovery,
                             const RecoveryPart::Salt& salt) {
    const auto rules = [](std::uint16_t one, std::uint16_t two) {
        const auto both = static_cast<std::uint16_t>(one | two);
        return std::vector{rule_of(kActionPolicy | kActionCancel | kActionFreeze, both, 2),
                           rule_of(kDailyUse, both),
                           waiting(rule_of(kActionPolicy, both), kPresetChangeDelay, Tie::kOwner)};
    };
    return pair_with_recovery(first, second, recovery, salt, rules);
}

Judged<Preset> two_parties(const Party& owner, const Party& recovery,
                           const RecoveryPart::Salt& salt) {
    const auto rules = [](std::uint16_t mask) {
        return std::vector{rule_of(kDailyUse, mask), rule_of(kActionPolicy, mask)};
    };
    Preset preset;
    preset.configuration.rules = rules(add_party(preset.configuration.signers, owner));
    preset.recovery = recovery_by(recovery, Tie::kOwner, salt);
    preset.recovery->after = {.signers = 1, .rules = rules(1)};
    return finish(std::move(preset), kPresetGuardHours);
}

Judged<Preset> guarded(const Party& first, const Party& second, const Party& recovery,
                       const Spending& daily, const RecoveryPart::Salt& salt) {
    const auto rules = [&](std::uint16_t one, std::uint16_t two) {
        const auto both = static_cast<std::uint16_t>(one | two);
        return std::vector{rule_of(kEverything, both, 2), paying(both, daily),
                           waiting(rule_of(kActionExecute, both), kPresetPaymentDelay, Tie::kOwner),
                           waiting(rule_of(kActionPolicy, both), kPresetChangeDelay, Tie::kOwner),
                           rule_of(kActionCancel | kActionFreeze, both)};
    };
    return pair_with_recovery(first, second, recovery, salt, rules);
}

Judged<Preset> treasury(const std::vector<Party>& members, std::size_t threshold,
                        const Spending& small) {
    Preset preset;
    std::uint16_t all = 0;
    for (const Party& member : members) {
        all = static_cast<std::uint16_t>(all | add_party(preset.configuration.signers, member));
    }
    preset.configuration.rules = {rule_of(kEverything, all, threshold), paying(all, small)};
    return finish(std::move(preset), 0);
}

Judged<Preset> agent(const Party& owner, const Party& agent, const Spending& allowance,
                     std::uint64_t expires_at) {
    Preset preset;
    const std::uint16_t owners = add_party(preset.configuration.signers, owner);
    Rule allowed = paying(add_party(preset.configuration.signers, agent), allowance);
    if (expires_at != kNever) {
        allowed.times = Times{0, expires_at};
    }
    preset.configuration.rules = {rule_of(kEverything, owners), std::move(allowed)};
    return finish(std::move(preset), 0);
}

Judged<Preset> one_party(const Party& owner) {
    Preset preset;
    const std::uint16_t mask = add_party(preset.configuration.signers, owner);
    preset.configuration.rules = {rule_of(kEverything, mask)};
    return finish(std::move(preset), 0);
}

Judged<Preset> with_inheritance(Preset preset, const Party& heir, const RecoveryPart::Salt& salt) {
    const std::uint16_t guard_hours =
        preset.configuration.recovery ? preset.configuration.recovery->guard_hours : 0;
    if (!preset.recovery) {
        preset.recovery = RecoveryPart{};
        preset.recovery->after = {.signers = 1, .rules = {rule_of(kEverything, 1)}};
    }
    RecoveryPart& part = *preset.recovery;
    part.salt = salt;
    const std::uint16_t mask = add_party(part.signers, heir);
    part.rules.push_back(waiting(rule_of(kActionRecover | kActionCancel, mask),
                                 kPresetInheritanceDelay, Tie::kOwner));
    return finish(std::move(preset), guard_hours);
}

}  // namespace latchkey::core
