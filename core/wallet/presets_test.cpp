// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/presets.hpp"

#include <gtest/gtest.h>

#include "core/wallet/describe.hpp"
#include "core/wallet/identity.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::core {
namespace {

using testing::ed25519_key;
using testing::example_rp_id_hash;
using testing::filled;
using testing::p256_key;

const auto kSalt = filled<RecoveryPart::Salt>(0x5a);

/// A passkey and the phone's own key.
Party phone() {
    return {{Signer::webauthn(p256_key(), example_rp_id_hash(), true),
             Signer::ed25519(ed25519_key(1))}};
}
Party laptop() {
    return {{Signer::ed25519(ed25519_key(2), true)}};
}
Party recovery() {
    return {{Signer::ed25519(ed25519_key(3)), Signer::p256(p256_key(2))}};
}
Party heir() {
    return {{Signer::ed25519(ed25519_key(4))}};
}

/// SOL by the System program, which sorts behind another program.
Spending small() {
    return {.targets = {Target{filled<Hash32>(9), {}}, Target{Hash32(), {2, 0, 0, 0}}},
            .limits = {Limit{Hash32(), 5, 10, 86400}}};
}

struct Can {
    std::string_view what;
    std::uint64_t action;
    /// Bit i: party i approves.
    unsigned parties;
    /// Seconds, or nothing if they may not.
    std::optional<std::uint64_t> after;
};

/// The least time in which these parties do any call (or whatever else `action` is).
std::optional<std::uint64_t> least_wait(const std::vector<Signer>& signers,
                                        const std::vector<Rule>& rules, std::uint64_t guard_hours,
                                        std::uint64_t action, unsigned parties) {
    std::optional<std::uint64_t> least;
    for (const Rule& rule : rules) {
        std::uint64_t approving = 0;
        unsigned party = 0;
        unsigned counted = 0;
        for (std::size_t i = 0; i < signers.size(); ++i) {
            party += i != 0 && !signers[i].same_party ? 1 : 0;
            if ((rule.mask >> i & 1) != 0 && (parties >> party & 1) != 0) {
                approving += counted >> party & 1 ? 0 : 1;
                counted |= 1U << party;
            }
        }
        if ((rule.actions & action) == 0 || !rule.limits.empty() || approving < rule.threshold) {
            continue;
        }
        std::uint64_t delay = rule.wait && action != kActionCancel && action != kActionFreeze
                                  ? rule.wait->delay_seconds
                                  : 0;
        if (action == kActionPolicy && approving < 2) {
            delay = std::max(delay, guard_hours * 3600);
        }
        least = std::min(least.value_or(delay), delay);
    }
    return least;
}

void expect_all(const Preset& preset, const std::vector<Can>& table) {
    const Configuration& shared = preset.configuration;
    const std::uint64_t guard = shared.recovery ? shared.recovery->guard_hours : 0;
    for (const Can& can : table) {
        EXPECT_EQ(least_wait(shared.signers, shared.rules, guard, can.action, can.parties),
                  can.after)
            << can.what;
        if (preset.recovery && shared.signers.size() >= preset.recovery->after.signers) {
            // The same afterwards, with a key for each party.
            const std::vector<Signer> keys(preset.recovery->after.signers);
            EXPECT_EQ(
                least_wait(keys, preset.recovery->after.rules, guard, can.action, can.parties),
                can.after)
                << can.what;
        }
    }
}

void expect_recovery(const Preset& preset, const std::vector<Can>& table) {
    for (const Can& can : table) {
        EXPECT_EQ(least_wait(preset.recovery->signers, preset.recovery->rules, 0, can.action,
                             can.parties),
                  can.after)
            << can.what;
    }
}

/// It has a genesis, the part is that of its commitment, and a recovery leads somewhere.
void expect_sound(const Preset& preset, const std::vector<std::string>& warnings) {
    EXPECT_TRUE(find_salt(preset.configuration, filled<Hash32>(0x11)).has_value());
    if (!preset.recovery) {
        EXPECT_FALSE(preset.configuration.recovery.has_value());
        EXPECT_EQ(warnings_of(preset.configuration), warnings);
        return;
    }
    EXPECT_EQ(warnings_of(preset.configuration, *preset.recovery), warnings);
    const Bytes part = encode(*preset.recovery).value();
    std::vector<Signer> signers;
    for (std::size_t i = 0; i < preset.recovery->after.signers; ++i) {
        signers.push_back(Signer::ed25519(ed25519_key(static_cast<std::uint8_t>(20 + i))));
    }
    const Judged<Bytes> restored =
        recovered_shared(part, *preset.configuration.recovery, encode_unchecked(signers));
    ASSERT_TRUE(restored.has_value()) << verdict_name(restored.error());
    EXPECT_EQ(decode_shared(*restored)->recovery, preset.configuration.recovery);
}

const std::vector<std::string> kOwnedByAKey = {
    "one party alone can change everything at once, so whoever takes one of its keys owns the "
    "wallet"};

TEST(Presets, ThreeParties) {
    const Preset preset = three_parties(phone(), laptop(), recovery(), kSalt).value();
    expect_sound(preset, {});
    expect_all(preset, {{"one pays", kActionExecute, 0b01, 0},
                        {"the other pays", kActionExecute, 0b10, 0},
                        {"sessions", kActionGrant, 0b10, 0},
                        {"messages", kActionMessage, 0b01, 0},
                        {"one cancels", kActionCancel, 0b10, 0},
                        {"one freezes", kActionFreeze, 0b01, 0},
                        {"one changes", kActionPolicy, 0b01, kPresetChangeDelay},
                        {"both change", kActionPolicy, 0b11, 0},
                        {"both lift", kActionFreeze, 0b11, 0},
                        {"nobody recovers here", kActionRecover, 0b11, {}}});
    expect_recovery(preset, {{"recovers", kActionRecover, 0b1, kPresetRecoveryDelay},
                             {"freezes", kActionFreeze, 0b1, 0},
                             {"withdraws", kActionCancel, 0b1, 0}});
    EXPECT_EQ(preset.recovery->rules[0].wait->tie, Tie::kRecovery);
    EXPECT_EQ(preset.configuration.recovery->guard_hours, kPresetGuardHours);
    // The phone's two keys are one party.
    EXPECT_TRUE(preset.configuration.signers[1].same_party);
}

TEST(Presets, TwoParties) {
    const Preset preset = two_parties(phone(), recovery(), kSalt).value();
    expect_sound(preset, {});
    expect_all(preset, {{"pays", kActionExecute, 0b1, 0},
                        {"messages", kActionMessage, 0b1, 0},
                        {"cancels", kActionCancel, 0b1, 0},
                        {"freezes", kActionFreeze, 0b1, 0},
                        {"changes", kActionPolicy, 0b1, kPresetChangeDelay}});
    expect_recovery(preset, {{"recovers", kActionRecover, 0b1, kPresetRecoveryDelay},
                             {"freezes", kActionFreeze, 0b1, 0}});
    EXPECT_EQ(preset.recovery->rules[0].wait->tie, Tie::kOwner);
}

TEST(Presets, Guarded) {
    const Preset preset = guarded(phone(), laptop(), recovery(), small(), kSalt).value();
    expect_sound(preset, {});
    expect_all(preset, {{"one pays much", kActionExecute, 0b10, 1 * kDay},
                        {"both pay much", kActionExecute, 0b11, 0},
                        {"no session by one", kActionGrant, 0b01, {}},
                        {"no message by one", kActionMessage, 0b01, {}},
                        {"messages", kActionMessage, 0b11, 0},
                        {"one cancels", kActionCancel, 0b01, 0},
                        {"one freezes", kActionFreeze, 0b10, 0},
                        {"one changes", kActionPolicy, 0b01, kPresetChangeDelay},
                        {"both change", kActionPolicy, 0b11, 0}});
    expect_recovery(preset, {{"recovers", kActionRecover, 0b1, kPresetRecoveryDelay}});
    EXPECT_EQ(preset.recovery->rules[0].wait->tie, Tie::kRecovery);
    // Within limits at once; the targets are in order.
    const Rule& daily = preset.configuration.rules[1];
    EXPECT_EQ(daily.threshold, 1);
    EXPECT_EQ(daily.limits, small().limits);
    EXPECT_EQ(daily.scope[0].address, Hash32());
    EXPECT_FALSE(daily.wait.has_value());
}

TEST(Presets, Treasury) {
    const Preset preset = treasury({phone(), laptop(), recovery()}, 2, small()).value();
    expect_sound(preset, {});
    expect_all(preset, {{"one", kActionExecute, 0b001, {}},
                        {"two", kActionExecute, 0b101, 0},
                        {"one changes", kActionPolicy, 0b010, {}},
                        {"two change", kActionPolicy, 0b110, 0},
                        {"one freezes", kActionFreeze, 0b010, {}},
                        {"two lift", kActionFreeze, 0b011, 0}});
    EXPECT_EQ(preset.configuration.rules[1].limits, small().limits);
    EXPECT_EQ(preset.configuration.rules[1].threshold, 1);
    EXPECT_EQ(treasury({phone(), laptop()}, 3, small()).error(), Verdict::kRuleThreshold);
    EXPECT_EQ(treasury({phone(), laptop()}, 0, small()).error(), Verdict::kRuleThreshold);
    EXPECT_EQ(treasury({phone(), laptop()}, 258, small()).error(), Verdict::kRuleThreshold);
    EXPECT_EQ(treasury({phone(), phone()}, 1, small()).error(), Verdict::kSignerDuplicate);
    EXPECT_EQ(treasury(std::vector<Party>(17, laptop()), 1, small()).error(),
              Verdict::kNonCanonical);
}

TEST(Presets, Agent) {
    const Preset preset = agent(phone(), laptop(), small(), 1800000000).value();
    expect_sound(preset, kOwnedByAKey);
    expect_all(preset, {{"owner", kActionPolicy, 0b01, 0},
                        {"owner pays", kActionExecute, 0b01, 0},
                        {"agent", kActionExecute, 0b10, {}},
                        {"agent changes", kActionPolicy, 0b10, {}}});
    EXPECT_EQ(preset.configuration.rules[1].times, (Times{0, 1800000000}));
    const Preset lasting = agent(phone(), laptop(), small(), kNever).value();
    EXPECT_FALSE(lasting.configuration.rules[1].times.has_value());
    // Without targets its limits mean nothing.
    EXPECT_EQ(agent(phone(), laptop(), Spending{{}, small().limits}, kNever).error(),
              Verdict::kRuleLimits);
}

TEST(Presets, OneParty) {
    const Preset preset = one_party(phone()).value();
    expect_sound(preset, kOwnedByAKey);
    expect_all(preset, {{"everything", kActionPolicy, 0b1, 0}, {"pays", kActionExecute, 0b1, 0}});
    EXPECT_EQ(one_party(Party{}).error(), Verdict::kNonCanonical);
}

TEST(Presets, Inheritance) {
    const auto other_salt = filled<RecoveryPart::Salt>(0x77);
    const Preset three = three_parties(phone(), laptop(), recovery(), kSalt).value();
    const Preset preset = with_inheritance(three, heir(), other_salt).value();
    expect_sound(preset, {});
    expect_recovery(preset, {{"recovers", kActionRecover, 0b01, kPresetRecoveryDelay},
                             {"inherits", kActionRecover, 0b10, 180 * kDay},
                             {"the heir freezes nothing", kActionFreeze, 0b10, {}}});
    EXPECT_EQ(preset.recovery->rules.back().wait->tie, Tie::kOwner);
    EXPECT_EQ(preset.configuration.recovery->guard_hours, kPresetGuardHours);
    EXPECT_NE(preset.configuration.recovery, three.configuration.recovery);
    EXPECT_EQ(preset.recovery->salt, other_salt);

    const Preset alone = with_inheritance(one_party(phone()).value(), heir(), kSalt).value();
    expect_sound(alone, kOwnedByAKey);
    expect_recovery(alone, {{"inherits", kActionRecover, 0b1, 180 * kDay}});
    EXPECT_EQ(alone.configuration.recovery->guard_hours, 0);
    EXPECT_EQ(with_inheritance(three, recovery(), kSalt).error(), Verdict::kSignerDuplicate);
}

}  // namespace
}  // namespace latchkey::core
