// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/describe.hpp"

#include <gtest/gtest.h>

#include "core/wallet/testing.hpp"

namespace latchkey::core {
namespace {

using testing::ed25519_key;
using testing::example_rp_id_hash;
using testing::filled;
using testing::p256_key;

TEST(Describe, PartiesRightsAndConditions) {
    const Configuration configuration{
        .signers = {Signer::webauthn(p256_key(), example_rp_id_hash(), true),
                    Signer::ed25519(ed25519_key(), true).with_same_party(),
                    Signer::secp256k1_eip191(filled<crypto::EthereumAddress>(0x11))},
        .rules = {Rule{.actions = kActionExecute | kActionGrant | kActionPolicy | kActionMessage,
                       .threshold = 2,
                       .mask = 0b111,
                       .times = {},
                       .scope = {},
                       .limits = {}},
                  Rule{.actions = kActionExecute,
                       .threshold = 1,
                       .mask = 0b100,
                       .times = Times{1700000000, 1800000000},
                       .scope = {Target{Hash32(), {0x02, 0, 0, 0}}},
                       .limits = {Limit{Hash32(), 5, 10, 86400}}}},
        .recovery = {},
        .lockdown = true};
    ASSERT_TRUE(encode(configuration).has_value());
    // 1700000000 and 1800000000 by `date -u -d @1700000000`; base58 of the key by the encoder,
    // which has its own vectors.
    EXPECT_EQ(
        describe(configuration, Names{.relying_parties = {"example.org", "example.com"}}),
        "2 of 2 parties {passkey example.com "
        "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296 (verifies its user) or "
        "ed25519 AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9 (may pay fees); "
        "secp256k1 0x1111111111111111111111111111111111111111 (personal message)} may: "
        "execute any call, grant sessions, change the configuration, sign messages\n"
        "1 of 1 party {secp256k1 0x1111111111111111111111111111111111111111 (personal message)} "
        "may: execute calls to {11111111111111111111111111111111 with data beginning 02000000}; "
        "spending only native asset: at most 5 at once and 10 in 1 day; "
        "from 2023-11-14 22:13:20 UTC; until 2027-01-15 08:00:00 UTC\n"
        "Lockdown: this configuration may be impossible to change, for ever\n");
}

TEST(Describe, UnknownRelyingPartyIsItsHash) {
    EXPECT_EQ(describe(Signer::webauthn(p256_key(), filled<Hash32>(0xab), false)),
              "passkey of the relying party with hash "
              "abababababababababababababababababababababababababababababababab "
              "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
}

TEST(Describe, SurvivesMalformedValues) {
    Signer signer = Signer::ed25519(ed25519_key());
    signer.key.clear();
    EXPECT_EQ(describe(signer), "a signer with a malformed key");
    signer.kind = static_cast<SignerKind>(9);
    EXPECT_EQ(describe(signer), "a signer of an unknown kind");
    const Rule rule{.actions = 1,
                    .threshold = 3,
                    .mask = 0xffff,
                    .times = Times{1, kNever - 1},
                    .scope = {},
                    .limits = {}};
    EXPECT_EQ(describe(rule, {}),
              "3 of 0 parties {} may: execute any call; from 1970-01-01 00:00:01 UTC; until unix "
              "time 18446744073709551614");
}

TEST(Describe, Durations) {
    EXPECT_EQ(describe_duration(0), "0 seconds");
    EXPECT_EQ(describe_duration(1), "1 second");
    EXPECT_EQ(describe_duration(90), "90 seconds");
    EXPECT_EQ(describe_duration(60), "1 minute");
    EXPECT_EQ(describe_duration(36 * 3600), "36 hours");
    EXPECT_EQ(describe_duration(9 * 86400), "9 days");
}

constexpr std::string_view kKey = "ed25519 AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9";

/// One key that may do what `actions` say, after `wait`.
Configuration one_key(std::uint64_t actions, std::optional<Wait> wait = {}) {
    return Configuration{
        .signers = {Signer::ed25519(ed25519_key())},
        .rules = {Rule{.actions = static_cast<std::uint8_t>(actions), .wait = wait}}};
}

TEST(Describe, WhatWaits) {
    Configuration slow =
        one_key(kActionExecute | kActionPolicy | kActionUpgrade, Wait{3 * 86400, Tie::kOwner});
    const std::string who = "1 of 1 party {" + std::string(kKey) + "} may: ";
    EXPECT_EQ(
        describe(slow),
        who +
            "execute any call, change the configuration, upgrade programs; done 3 days after it "
            "is approved, unless somebody cancels it\n"
            "Warning: nobody can cancel what waits, so waiting protects nothing\n");
    slow.rules[0] = Rule{.actions = kActionPolicy | kActionCancel | kActionFreeze,
                         .wait = Wait{3600, Tie::kRecovery}};
    slow.recovery = RecoveryCommitment{216, filled<RecoveryCommitment::Hash>(0xab)};
    EXPECT_EQ(
        describe(slow),
        who +
            "change the configuration, cancel what waits, freeze the wallet for 7 days; done 1 "
            "hour after it is approved (cancelling and freezing at once); one party alone "
            "can cancel it only twice in 90 days\n"
            "Recovery is private until it is used: "
            "abababababababababababababababababababababababababababababab\n"
            "Guard: a change of the configuration that one party alone approves waits 9 days\n");
}

TEST(Describe, OnlyWhatARuleAllowsHappensAtOnce) {
    const std::pair<std::uint64_t, std::string> table[] = {
        {0, "is approved, unless"},
        {kActionCancel, "is approved (cancelling at once), unless"},
        {kActionFreeze, "is approved (freezing at once), unless"},
        {kActionCancel | kActionFreeze, "is approved (cancelling and freezing at once), unless"}};
    for (const auto& [actions, words] : table) {
        const std::string text =
            describe(one_key(kActionPolicy | actions, Wait{3600, Tie::kOwner}));
        EXPECT_NE(text.find(words), std::string::npos) << text;
    }
}

TEST(Describe, RecoveryParts) {
    const RecoveryPart part{
        .signers = {Signer::ed25519(ed25519_key())},
        .rules = {Rule{.actions = kActionRecover, .wait = Wait{7 * 86400, Tie::kRecovery}}},
        .after = {.signers = 2,
                  .rules = {Rule{.actions = kActionExecute, .mask = 0b10},
                            Rule{.actions = kActionPolicy, .threshold = 2, .mask = 0b11}}}};
    EXPECT_EQ(describe(part),
              "1 of 1 party {" + std::string(kKey) +
                  "} may: recover the wallet for new signers; done 7 days after it is approved; "
                  "one party alone can cancel it only twice in 90 days\n"
                  "After a recovery: 1 of 1 party {new signer 2} may: execute any call\n"
                  "After a recovery: 2 of 2 parties {new signer 1; new signer 2} may: change the "
                  "configuration\n");
}

using Warnings = std::vector<std::string>;
const std::string kAtOnce =
    "one party alone can change everything at once, so whoever takes one of its keys owns the "
    "wallet";
const std::string kUncancelled = "nobody can cancel what waits, so waiting protects nothing";

TEST(Warnings, OnePartyAtOnce) {
    EXPECT_EQ(warnings_of(one_key(kActionPolicy)), Warnings{kAtOnce});
    Configuration guarded = one_key(kActionPolicy | kActionCancel);
    EXPECT_EQ(warnings_of(guarded), Warnings{kAtOnce});
    guarded.recovery = RecoveryCommitment{0, {}};
    EXPECT_EQ(warnings_of(guarded), Warnings{kAtOnce});
    guarded.recovery->guard_hours = 1;
    EXPECT_EQ(warnings_of(guarded), Warnings{});
    EXPECT_EQ(warnings_of(one_key(kActionPolicy | kActionCancel, Wait{1, Tie::kOwner})),
              Warnings{});
    EXPECT_EQ(warnings_of(one_key(kActionExecute)), Warnings{});
}

TEST(Warnings, NobodyCancels) {
    EXPECT_EQ(warnings_of(one_key(kActionExecute, Wait{1, Tie::kOwner})), Warnings{kUncancelled});
    EXPECT_EQ(warnings_of(one_key(kActionExecute | kActionCancel, Wait{1, Tie::kOwner})),
              Warnings{});
    Configuration guarded = one_key(kActionPolicy);
    guarded.recovery = RecoveryCommitment{1, {}};
    EXPECT_EQ(warnings_of(guarded), Warnings{kUncancelled});
}

TEST(Warnings, Recovery) {
    Configuration configuration = one_key(kActionPolicy | kActionCancel);
    RecoveryPart part{
        .signers = {Signer::ed25519(ed25519_key(2))},
        .rules = {Rule{.actions = kActionRecover, .wait = Wait{7 * 86400, Tie::kRecovery}}},
        .after = {.signers = 1, .rules = {Rule{.actions = kActionPolicy}}}};
    const auto warnings = [&](std::uint16_t guard_hours) {
        configuration.recovery = commitment_of(encode_unchecked(part), guard_hours);
        return warnings_of(configuration, part);
    };
    EXPECT_EQ(warnings(216), Warnings{});
    EXPECT_EQ(warnings(215),
              Warnings{"one party alone changes the configuration within 215 hours, before a "
                       "recovery of 7 days can stop it; it takes a guard of 9 days"});
    // Two parties who change it need not be outrun.
    configuration.rules[0].threshold = 2;
    EXPECT_EQ(warnings(1), Warnings{});
    configuration.rules[0].threshold = 1;
    // An heir is in no hurry.
    part.rules[0].wait = Wait{91 * 86400, Tie::kOwner};
    EXPECT_EQ(warnings(216), Warnings{});
    part.rules[0].wait->delay_seconds = 90 * 86400;
    EXPECT_EQ(warnings(2160).size(), 1U);
    part.rules[0].wait.reset();
    EXPECT_EQ(warnings(216), Warnings{"a recovery without delay: whoever holds these recovery keys "
                                      "owns the wallet"});
    part.rules[0].wait = Wait{86400, Tie::kOwner};
    configuration.recovery = RecoveryCommitment{216, {}};
    EXPECT_EQ(warnings_of(configuration, part),
              Warnings{"no recovery is possible: the configuration names another recovery part, or "
                       "none"});
    configuration.recovery.reset();
    EXPECT_EQ(warnings_of(configuration, part).back(),
              "one party alone changes the configuration within 0 seconds, before a recovery of 1 "
              "day can stop it; it takes a guard of 3 days");
    part.after.rules[0].actions = kActionExecute;
    EXPECT_EQ(warnings(216),
              Warnings{"no recovery is possible: nobody could ever change this configuration, and "
                       "it does not say lockdown"});
}

TEST(Describe, what_a_change_changes) {
    Configuration before;
    before.signers = {Signer{kSignerSecp256k1Eip712, Bytes(20, 1)}};
    Rule rule;
    rule.actions = kActionExecute | kActionPolicy;
    rule.mask = 1;
    before.rules = {rule};
    EXPECT_TRUE(describe_change(before, before).empty());
    Configuration next = before;
    next.signers.push_back(Signer{kSignerSecp256k1Eip712, Bytes(20, 2)});
    next.rules[0].mask = 3;
    const auto lines = describe_change(before, next);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "+ signer " + describe(next.signers[1]));
    EXPECT_TRUE(lines[1].starts_with("+ 1 of 2 parties {")) << lines[1];
    EXPECT_TRUE(lines[2].starts_with("- 1 of 1 party {")) << lines[2];
}

}  // namespace
}  // namespace latchkey::core
