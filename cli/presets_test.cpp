// SPDX-License-Identifier: Apache-2.0
#include "cli/presets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli {
namespace {

using core::ErrorCode;
using ::testing::HasSubstr;

const auto kSalt = core::testing::filled<core::RecoveryPart::Salt>(7);

core::Signer key(std::uint8_t seed) {
    return core::Signer::ed25519(core::testing::ed25519_key(seed));
}
core::Signer further(std::uint8_t seed) {
    return key(seed).with_same_party();
}

/// What the preset takes, and nothing else.
PresetParts parts_of(PresetKind kind) {
    PresetParts out;
    out.kind = kind;
    const bool is_one = kind == PresetKind::kTwoParties || kind == PresetKind::kOneParty;
    out.signers = is_one ? std::vector{key(1)} : std::vector{key(1), key(2)};
    if (has_recovery(kind)) {
        out.guardians = {key(3)};
    }
    if (kind == PresetKind::kGuarded || kind == PresetKind::kTreasury ||
        kind == PresetKind::kAgent) {
        out.spending = {{core::Target{}}, {core::Limit{{}, 1, 2, 0}}};
    }
    return out;
}

const std::vector<PresetKind> kAll = {PresetKind::kThreeParties, PresetKind::kTwoParties,
                                      PresetKind::kGuarded,      PresetKind::kTreasury,
                                      PresetKind::kAgent,        PresetKind::kOneParty};

void refused(const PresetParts& parts, const char* part) {
    const auto made = make_preset(parts, kSalt);
    EXPECT_ERROR(ErrorCode::kCommandInput, made) << preset_name(parts.kind) << part;
    EXPECT_THAT(made ? "" : made.error().context, HasSubstr(part));
}

TEST(PresetNames, are_read_as_they_are_written) {
    for (const PresetKind kind : kAll) {
        EXPECT_EQ(parse_preset_name(std::string(preset_name(kind))).value(), kind);
    }
    EXPECT_EQ(preset_name(PresetKind::kThreeParties), "three-parties");
    for (const char* wrong : {"", "three", "Guarded", "guarded ", "three-parties\n"}) {
        EXPECT_ERROR(ErrorCode::kCommandInput, parse_preset_name(wrong)) << wrong;
    }
    EXPECT_THAT(parse_preset_name(std::string(99, 'x')).error().context,
                HasSubstr("not \"" + std::string(40, 'x') + "\"; `latchkey advise`"));
}

TEST(Parties, further_keys_stand_behind_the_first) {
    const auto parties = to_parties({key(1), further(2), key(3), key(4), further(5), further(6)});
    ASSERT_EQ(parties.size(), 3U);
    EXPECT_EQ(parties[0].keys.size(), 2U);
    EXPECT_EQ(parties[1].keys, std::vector{key(3)});
    EXPECT_EQ(parties[2].keys.size(), 3U);
    EXPECT_TRUE(to_parties({}).empty());
    // Nobody stands before the first.
    EXPECT_EQ(to_parties({further(1)}).size(), 1U);
}

TEST(MakePreset, makes_what_its_name_says) {
    const auto made = [](const PresetParts& parts) { return make_preset(parts, kSalt).value(); };
    const core::Party one{{key(1)}};
    const core::Party two{{key(2)}};
    const core::Party guardian{{key(3)}};
    const core::Spending small = parts_of(PresetKind::kGuarded).spending;
    EXPECT_EQ(made(parts_of(PresetKind::kThreeParties)),
              core::three_parties(one, two, guardian, kSalt).value());
    EXPECT_EQ(made(parts_of(PresetKind::kTwoParties)),
              core::two_parties(one, guardian, kSalt).value());
    EXPECT_EQ(made(parts_of(PresetKind::kGuarded)),
              core::guarded(one, two, guardian, small, kSalt).value());
    EXPECT_EQ(made(parts_of(PresetKind::kOneParty)), core::one_party(one).value());
    PresetParts treasury = parts_of(PresetKind::kTreasury);
    treasury.threshold = 2;
    EXPECT_EQ(made(treasury), core::treasury({one, two}, 2, small).value());
    PresetParts agent = parts_of(PresetKind::kAgent);
    agent.expires_at = 1'800'000'000;
    EXPECT_EQ(made(agent), core::agent(one, two, small, 1'800'000'000).value());
}

TEST(MakePreset, further_keys_are_no_further_parties) {
    PresetParts parts = parts_of(PresetKind::kThreeParties);
    parts.signers = {key(1), further(4), key(2), further(5)};
    parts.guardians = {key(3), further(6)};
    const auto made = make_preset(parts, kSalt);
    ASSERT_OK(made);
    EXPECT_EQ(made->configuration.signers.size(), 4U);
    EXPECT_TRUE(made->configuration.signers[1].same_party);
    EXPECT_EQ(made->recovery->signers.size(), 2U);
}

TEST(MakePreset, an_heir_is_for_every_one) {
    for (const PresetKind kind : kAll) {
        PresetParts parts = parts_of(kind);
        ASSERT_OK(make_preset(parts, kSalt)) << preset_name(kind);
        EXPECT_EQ(make_preset(parts, kSalt)->recovery.has_value(), has_recovery(kind));
        parts.heir = key(9);
        const auto made = make_preset(parts, kSalt);
        ASSERT_OK(made) << preset_name(kind);
        ASSERT_TRUE(made->recovery);
        EXPECT_EQ(made->recovery->signers.back().key, key(9).key);
        EXPECT_EQ(made->recovery->rules.back().wait->delay_seconds, core::kPresetInheritanceDelay);
    }
}

TEST(MakePreset, refuses_parts_that_it_does_not_have_or_lacks) {
    for (const PresetKind kind : kAll) {
        const std::string name = "the preset " + std::string(preset_name(kind));
        PresetParts parts = parts_of(kind);
        parts.signers.clear();
        refused(parts, (name + " has ").c_str());
        parts = parts_of(kind);
        parts.signers.push_back(key(7));
        if (kind == PresetKind::kTreasury) {
            EXPECT_OK(make_preset(parts, kSalt)) << "any number of members";
        } else {
            refused(parts, "name each with --signer");
        }
        parts = parts_of(kind);
        if (has_recovery(kind)) {
            parts.guardians.clear();
            refused(parts, "name it with --guardian");
            parts.guardians = {key(3), key(4)};
            refused(parts, "has one party that recovers");
        } else {
            parts.guardians = {key(3)};
            refused(parts, "has no guardian; leave out --guardian");
        }
        parts = parts_of(kind);
        if (parts.spending.limits.empty()) {
            parts.spending = parts_of(PresetKind::kAgent).spending;
            refused(parts, "has no limits; leave out --limit");
        } else {
            parts.spending = {};
            refused(parts, "such as --limit SOL=0.1/1/1d");
        }
    }
}

TEST(MakePreset, whoever_recovers_is_no_signer) {
    PresetParts parts = parts_of(PresetKind::kThreeParties);
    parts.guardians = {key(3), further(2)};
    refused(parts, "--guardian names a signer");
    parts.guardians = {key(3), further(4)};
    EXPECT_OK(make_preset(parts, kSalt));
    for (const PresetKind kind : kAll) {
        parts = parts_of(kind);
        parts.heir = parts.signers.front();
        refused(parts, "--heir names a signer");
    }
}

TEST(MakePreset, one_key_in_two_kinds_is_one_key) {
    core::Signer passkey;
    passkey.kind = core::kSignerWebauthn;
    passkey.key.assign(65, 7);
    core::Signer bare;
    bare.kind = core::kSignerP256;
    bare.key.assign(33, 7);
    EXPECT_TRUE(shared_key({passkey}, {bare}));
    EXPECT_TRUE(shared_key({bare}, {key(1), passkey}));
    bare.key.back() = 8;
    EXPECT_FALSE(shared_key({passkey}, {bare}));
    EXPECT_FALSE(shared_key({}, {bare}));
}

TEST(MakePreset, leaves_the_rest_to_the_model) {
    PresetParts parts = parts_of(PresetKind::kThreeParties);
    parts.signers = {key(1), key(1)};
    EXPECT_ERROR(ErrorCode::kRefusedByModel, make_preset(parts, kSalt));
    parts = parts_of(PresetKind::kTreasury);
    for (const std::size_t threshold : {std::size_t{0}, std::size_t{3}, std::size_t{257}}) {
        parts.threshold = threshold;
        EXPECT_ERROR(ErrorCode::kRefusedByModel, make_preset(parts, kSalt)) << threshold;
    }
    parts.threshold = 1;
    parts.signers.clear();
    for (std::uint8_t i = 1; i <= 17; ++i) {
        parts.signers.push_back(key(i));
    }
    EXPECT_ERROR(ErrorCode::kRefusedByModel, make_preset(parts, kSalt));
    parts.threshold = 0;
    parts.signers.pop_back();
    EXPECT_ERROR(ErrorCode::kRefusedByModel, make_preset(parts, kSalt)) << "none is not sixteen";
}

}  // namespace
}  // namespace latchkey::cli
