// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/configuration.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::core {
namespace {

using testing::ed25519_key;
using testing::example_rp_id_hash;
using testing::filled;
using testing::p256_key;
using testing::unhex;

// Written out by hand from the specification: RECOVERY; three signers of two parties (a passkey
// that verifies its user; an ed25519 key and a P-256 key of the same party); rule 0 is 2 of 2
// parties for execute, grant, policy and message; rule 1 is the ed25519 key's, limited. One party
// alone would wait for 216 hours.
constexpr std::string_view kExample =
    "1112"
    "25036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "a379a6f6eeafb9a55e378c118034e2751e682fab9f2d30ab13d2125586ce1947"
    "018a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
    "14037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
    "0f0107"
    "017002"
    "00000000000003e8"
    "00000000000007d0"
    "02"
    "222222222222222222222222222222222222222222222222222222222222222200"
    "333333333333333333333333333333333333333333333333333333333333333302aabb"
    "01"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000005000000000000000a00000e10"
    "00d8"
    "777777777777777777777777777777777777777777777777777777777777";

Configuration example() {
    const Rule all{.actions = kActionExecute | kActionGrant | kActionPolicy | kActionMessage,
                   .threshold = 2,
                   .mask = 0b111,
                   .times = {},
                   .scope = {},
                   .limits = {}};
    const Rule small{
        .actions = kActionExecute,
        .threshold = 1,
        .mask = 0b010,
        .times = Times{1000, 2000},
        .scope = {Target{filled<Hash32>(0x22), {}}, Target{filled<Hash32>(0x33), {0xaa, 0xbb}}},
        .limits = {Limit{Hash32(), 5, 10, 3600}}};
    return Configuration{
        .signers = {Signer::webauthn(p256_key(), example_rp_id_hash(), true),
                    Signer::ed25519(ed25519_key()), Signer::p256(p256_key(2)).with_same_party()},
        .rules = {all, small},
        .recovery = RecoveryCommitment{216, filled<RecoveryCommitment::Hash>(0x77)},
        .lockdown = false};
}

/// One ed25519 signer that may do everything.
Configuration single() {
    return Configuration{.signers = {Signer::ed25519(ed25519_key())},
                         .rules = {Rule{.actions = 0x0f, .times = {}, .scope = {}, .limits = {}}},
                         .recovery = {},
                         .lockdown = false};
}

LocalRule session() {
    return LocalRule{.signers = {Signer::ed25519(ed25519_key(2))},
                     .rule = Rule{.actions = kActionExecute,
                                  .times = Times{1000, 2000},
                                  .scope = {Target{filled<Hash32>(0x22), {}}},
                                  .limits = {}}};
}

Verdict verdict_of(const Configuration& configuration) {
    const Judged<Bytes> bytes = encode(configuration);
    return bytes.has_value() ? Verdict::kAccepted : bytes.error();
}

TEST(Configuration, EncodesTheExample) {
    const Judged<Bytes> bytes = encode(example());
    ASSERT_TRUE(bytes.has_value()) << verdict_name(bytes.error());
    EXPECT_EQ(encode_hex(*bytes), kExample);
}

TEST(Configuration, DecodesTheExample) {
    const Judged<Configuration> decoded = decode_shared(unhex(kExample));
    ASSERT_TRUE(decoded.has_value()) << verdict_name(decoded.error());
    EXPECT_EQ(*decoded, example());
}

TEST(Configuration, MaskHasNoByteForOneSignerAndTwoForNine) {
    EXPECT_EQ(encode_hex(encode(single()).value()), "100001" + encode_hex(ed25519_key()) + "0f00");

    Configuration nine = single();
    nine.signers.clear();
    for (std::uint8_t i = 1; i <= 9; ++i) {
        nine.signers.push_back(Signer::ed25519(ed25519_key(i)));
    }
    nine.rules[0].mask = 0x0180;
    const Bytes bytes = encode(nine).value();
    EXPECT_EQ(encode_hex(ByteView(bytes).last(4)), "0f000180");
    EXPECT_EQ(decode_shared(bytes).value(), nine);
}

TEST(Configuration, EverySignerKindHasItsBytes) {
    const auto address = filled<crypto::EthereumAddress>(0xee);
    // sha256("x") and whatever: an address off the curve, found by trying.
    Hash32 derived = crypto::sha256(as_bytes("derived"));
    while (crypto::is_on_ed25519_curve(derived.view())) {
        derived = crypto::sha256(derived);
    }
    Configuration all = single();
    all.signers = {Signer::ed25519(ed25519_key(), true),
                   Signer::secp256k1_eip712(address),
                   Signer::secp256k1_eip191(filled<crypto::EthereumAddress>(0xef)),
                   Signer::p256(p256_key()),
                   Signer::webauthn(p256_key(2), example_rp_id_hash(), false),
                   Signer::program(filled<Hash32>(0x44), derived),
                   Signer::contract(10, address)};
    const Bytes bytes = encode(all).value();
    EXPECT_EQ(decode_shared(bytes).value(), all);
    EXPECT_EQ(bytes.size(), 2 + 33 + 21 + 21 + 34 + 66 + 65 + 29 + 3U);
    EXPECT_EQ(bytes[2], 0x21);
    EXPECT_EQ(encode_hex(ByteView(bytes).subspan(2 + 33 + 21 + 21 + 34 + 66 + 65, 9)),
              "07000000000000000a");
}

TEST(Configuration, RefusesWhatBytesCannotSay) {
    Configuration bad = single();
    bad.signers.clear();
    EXPECT_EQ(verdict_of(bad), Verdict::kNonCanonical);
    bad = single();
    bad.rules.resize(2, bad.rules[0]);
    EXPECT_EQ(verdict_of(bad), Verdict::kRuleDuplicate);
    bad.rules.resize(17, bad.rules[0]);
    EXPECT_EQ(verdict_of(bad), Verdict::kNonCanonical);
    bad = single();
    bad.rules[0].threshold = 17;
    EXPECT_EQ(verdict_of(bad), Verdict::kRuleThreshold);
    bad.rules[0].threshold = 0;
    EXPECT_EQ(verdict_of(bad), Verdict::kRuleThreshold);
    bad = single();
    bad.rules[0].mask = 3;
    EXPECT_EQ(verdict_of(bad), Verdict::kRuleMask);
    bad = single();
    bad.signers[0].key.pop_back();
    EXPECT_EQ(verdict_of(bad), Verdict::kSignerKey);
    bad.signers[0].kind = static_cast<SignerKind>(9);
    EXPECT_EQ(verdict_of(bad), Verdict::kSignerKind);
    bad = example();
    bad.rules[1].scope[0].prefix.resize(17);
    EXPECT_EQ(verdict_of(bad), Verdict::kRuleScope);
    bad = example();
    bad.rules[1].limits.resize(9);
    EXPECT_EQ(verdict_of(bad), Verdict::kRuleLimits);
}

TEST(Configuration, NormalizeSortsAndKeepsDuplicates) {
    Configuration configuration = example();
    Rule& rule = configuration.rules[1];
    rule.scope = {Target{filled<Hash32>(0x33), {0xaa}}, Target{filled<Hash32>(0x33), {0xff}},
                  Target{filled<Hash32>(0x22), {0x01, 0x02}}, Target{filled<Hash32>(0x22), {0x09}}};
    rule.limits.push_back(Limit{filled<Hash32>(0x11), 1, 1, 0});
    std::reverse(rule.limits.begin(), rule.limits.end());
    EXPECT_EQ(verdict_of(configuration), Verdict::kRuleScope);
    normalize(rule);
    // A shorter prefix sorts first because its length byte stands before it.
    EXPECT_EQ(rule.scope[0].prefix, Bytes({0x09}));
    EXPECT_EQ(verdict_of(configuration), Verdict::kAccepted);
    rule.scope.push_back(rule.scope.back());
    normalize(rule);
    EXPECT_EQ(verdict_of(configuration), Verdict::kRuleScope);
}

struct Refusal {
    std::string_view what;
    /// Replaces `from` in the example's hex, once.
    std::string_view from;
    std::string_view to;
    Verdict verdict;
};

std::string replaced(std::string_view from, std::string_view to) {
    std::string text(kExample);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Configuration, RefusesEachMalformedFieldWithItsVerdict) {
    const Refusal refusals[] = {
        {"version", "111225", "211225", Verdict::kConfigurationVersion},
        {"reserved header bit", "111225", "191225", Verdict::kConfigurationVersion},
        {"LONG_SALT outside a genesis", "111225", "131225", Verdict::kConfigurationVersion},
        {"kind", "25036b", "28036b", Verdict::kSignerKind},
        {"kind 0", "25036b", "20036b", Verdict::kSignerKind},
        {"reserved flag", "25036b", "65036b", Verdict::kSignerFlags},
        {"option of p256", "14037c", "34037c", Verdict::kSignerFlags},
        {"first of no party", "25036b", "35036b", Verdict::kSignerFlags},
        {"off the curve", "25036b17d1f2", "25036b17d1f3", Verdict::kSignerKey},
        {"uncompressed head", "14037c", "14047c", Verdict::kSignerKey},
        {"same point", "037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978",
         "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
         Verdict::kSignerDuplicate},
        {"no action", "0f0107", "000107", Verdict::kRuleActions},
        {"grant alone", "0f0107", "060107", Verdict::kRuleActions},
        {"recover", "0f0107", "1f0107", Verdict::kRuleActions},
        {"message with a delay", "0f0107", "0f810700000001", Verdict::kRuleActions},
        {"no delay", "0f0107", "07810700000000", Verdict::kRuleWait},
        {"no delay but a tie", "0f0107", "07810780000000", Verdict::kRuleWait},
        {"TIE after more than 30 days", "0f0107", "07810780278d01", Verdict::kRuleWait},
        {"more than a year", "0f0107", "07810701e13381", Verdict::kRuleWait},
        {"policy after more than 90 days", "0f0107", "0781070076a701", Verdict::kLockout},
        {"mask empty", "0f0107", "0f0100", Verdict::kRuleMask},
        {"mask too wide", "0f0107", "0f010f", Verdict::kRuleMask},
        {"three of two parties", "0f0107", "0f0207", Verdict::kRuleThreshold},
        {"two keys are one party", "0f0107", "0f0106", Verdict::kRuleThreshold},
        {"times empty", "00000000000003e800000000000007d0", "00000000000007d000000000000007d0",
         Verdict::kRuleTimes},
        {"times say nothing", "00000000000003e800000000000007d0",
         "0000000000000000ffffffffffffffff", Verdict::kRuleTimes},
        {"targets unsorted", "0222222222", "0244222222", Verdict::kRuleScope},
        // A rule that does not end is not looked at: see TooManyTargetsAndLimits.
        {"no target", "07d00222", "07d00022", Verdict::kConfigurationTruncated},
        {"17 targets", "07d00222", "07d01122", Verdict::kConfigurationTruncated},
        {"prefix too long", "3302aabb", "3311aabb", Verdict::kRuleScope},
        {"limits without scope", "017002", "015002", Verdict::kRuleLimits},
        {"limits with grant", "017002", "037002", Verdict::kRuleLimits},
        {"scope for policy", "017002", "053002", Verdict::kRuleScope},
        {"message with times", "017002", "091002", Verdict::kRuleActions},
        {"per call above period", "0000000000000005000000000000000a",
         "000000000000000b000000000000000a", Verdict::kRuleLimits},
        {"no limits", "aabb0100", "aabb0000", Verdict::kRuleLimits},
        {"nine limits", "aabb0100", "aabb0900", Verdict::kConfigurationTruncated},
        {"trailing", "777777777777777777777777777777777777777777777777777777777777",
         "77777777777777777777777777777777777777777777777777777777777700",
         Verdict::kConfigurationTrailing},
        {"a guard of more than 90 days", "00d877", "087177", Verdict::kRuleWait},
        {"nobody changes it", "0f0107", "0b0107", Verdict::kLockout},
    };
    for (const Refusal& refusal : refusals) {
        const Judged<Configuration> decoded =
            decode_shared(unhex(replaced(refusal.from, refusal.to)));
        ASSERT_FALSE(decoded.has_value()) << refusal.what;
        EXPECT_EQ(verdict_name(decoded.error()), verdict_name(refusal.verdict)) << refusal.what;
    }
}

TEST(Configuration, TooManyTargetsAndLimits) {
    Configuration many = example();
    for (std::uint8_t i = 0; i < 14; ++i) {
        many.rules[1].scope.push_back(
            Target{filled<Hash32>(static_cast<std::uint8_t>(0x40 + i)), {}});
    }
    for (std::uint8_t i = 1; i < 8; ++i) {
        many.rules[1].limits.push_back(Limit{filled<Hash32>(i), 1, 1, 0});
    }
    EXPECT_EQ(judge_shared(encode_unchecked(many)), Verdict::kAccepted);
    Configuration targets = many;
    targets.rules[1].scope.push_back(Target{filled<Hash32>(0x60), {}});
    EXPECT_EQ(judge_shared(encode_unchecked(targets)), Verdict::kRuleScope);
    Configuration limits = many;
    limits.rules[1].limits.push_back(Limit{filled<Hash32>(8), 1, 1, 0});
    EXPECT_EQ(judge_shared(encode_unchecked(limits)), Verdict::kRuleLimits);
    // None, where the block says that there are some.
    Bytes bytes = encode(single()).value();
    bytes[36] = kQuorumScope;
    bytes[35] = kActionExecute;
    bytes[0] |= kHeaderLockdown;
    bytes.push_back(0);
    EXPECT_EQ(judge_shared(bytes), Verdict::kRuleScope);
}

TEST(Configuration, EveryPrefixIsTruncated) {
    const Bytes whole = unhex(kExample);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Judged<Configuration> decoded = decode_shared(ByteView(whole).first(size));
        ASSERT_FALSE(decoded.has_value()) << size;
        EXPECT_EQ(decoded.error(), Verdict::kConfigurationTruncated) << size;
    }
}

// Written out by hand: the passkey executes after an hour (TIE owner), and one day and two days are
// shorter than what one party alone needs to remove that delay.
TEST(Configuration, WaitStandsLastAndIsNotOutrun) {
    Configuration slow = single();
    slow.rules.push_back(Rule{.actions = kActionExecute | kActionCancel | kActionFreeze,
                              .wait = Wait{3600, Tie::kRecovery}});
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    slow.rules[0] = Rule{.actions = kActionPolicy, .wait = Wait{3600 + 48 * 3600 - 1, Tie::kOwner}};
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    slow.rules[0].wait->delay_seconds += 1;
    const Bytes bytes = encode(slow).value();
    EXPECT_EQ(encode_hex(bytes),
              "101001" + encode_hex(ed25519_key()) + "04800002b110" + "c18080000e10");
    EXPECT_EQ(decode_shared(bytes).value(), slow);

    // The guard is such a delay too.
    slow.rules[0].wait.reset();
    slow.recovery = RecoveryCommitment{48, filled<RecoveryCommitment::Hash>(7)};
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    slow.recovery->guard_hours = 49;
    EXPECT_EQ(verdict_of(slow), Verdict::kAccepted);
    // The rule's own delay counts where it is longer, and the guard to the second.
    slow.rules[0].wait = Wait{49 * 3600 + 1, Tie::kOwner};
    slow.rules[1].wait->delay_seconds = 3602;
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    slow.rules[1].wait->delay_seconds = 3601;
    EXPECT_EQ(verdict_of(slow), Verdict::kAccepted);
    slow.rules[0].wait.reset();
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    slow.rules[1].wait->delay_seconds = 3600;
    EXPECT_EQ(verdict_of(slow), Verdict::kAccepted);
    // Two parties need not wait.
    slow.recovery.reset();
    slow.signers.push_back(Signer::ed25519(ed25519_key(2)));
    slow.rules[0].mask = 0b11;
    slow.rules[0].threshold = 2;
    EXPECT_EQ(verdict_of(slow), Verdict::kAccepted);
    // A rule that changes the configuration need not wait for itself.
    slow.rules[1] = Rule{.actions = kActionPolicy, .wait = Wait{5, Tie::kOwner}};
    EXPECT_EQ(verdict_of(slow), Verdict::kAccepted);
    // Behind a scope and a limit.
    slow.rules[1] = Rule{.actions = kActionExecute,
                         .times = Times{1, 2},
                         .scope = {Target{filled<Hash32>(0x22), {}}},
                         .limits = {Limit{Hash32(), 5, 10, 3600}},
                         .wait = Wait{0x01020304, Tie::kOwner}};
    const Bytes limited = encode(slow).value();
    EXPECT_EQ(encode_hex(ByteView(limited).last(8)), "00000e1001020304");
    EXPECT_EQ(decode_shared(limited).value(), slow);
    slow.rules[1].wait->delay_seconds |= 0x80000000;
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    slow.rules[1].wait = Wait{30 * 86400, Tie::kRecovery};
    EXPECT_EQ(verdict_of(slow), Verdict::kAccepted);
    slow.rules[1].wait = Wait{30 * 86400 + 1, Tie::kRecovery};
    EXPECT_EQ(verdict_of(slow), Verdict::kRuleWait);
    // Sessions do not wait.
    LocalRule waiting = session();
    waiting.rule.wait = Wait{1, Tie::kOwner};
    EXPECT_EQ(encode(waiting).error(), Verdict::kRuleWait);
}

// Written out by hand: two guardians, 1 of 2 recovers after seven days (TIE recovery), the first
// one alone freezes; a recovery names two signers, who may do everything together.
constexpr std::string_view kRecoveryPart =
    "1011"
    "01"
    "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
    "04037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
    "50800380093a80"
    "800001"
    "01"
    "0f0103"
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";

RecoveryPart recovery_part() {
    RecoveryPart part{
        .signers = {Signer::ed25519(ed25519_key()), Signer::p256(p256_key(2))},
        .rules = {Rule{.actions = kActionRecover | kActionCancel,
                       .mask = 0b11,
                       .wait = Wait{7 * 86400, Tie::kRecovery}},
                  Rule{.actions = kActionFreeze, .mask = 0b01}},
        .after = {.signers = 2, .rules = {Rule{.actions = 0x0f, .threshold = 2, .mask = 0b11}}},
        .salt = {}};
    for (std::uint8_t i = 0; i < 16; ++i) {
        part.salt[i] = static_cast<std::uint8_t>(0xa0 + i);
    }
    return part;
}

TEST(RecoveryPart, EncodesAndDecodesTheExample) {
    EXPECT_EQ(encode_hex(encode(recovery_part()).value()), kRecoveryPart);
    EXPECT_EQ(decode_recovery_part(unhex(kRecoveryPart)).value(), recovery_part());
    EXPECT_EQ(judge_recovery_part(unhex(kRecoveryPart)), Verdict::kAccepted);
}

TEST(RecoveryPart, EveryPrefixIsTruncated) {
    const Bytes whole = unhex(kRecoveryPart);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Judged<RecoveryPart> decoded = decode_recovery_part(ByteView(whole).first(size));
        ASSERT_FALSE(decoded.has_value()) << size;
        // Up to the counts of what is restored; then its rule takes bytes that are not its own.
        if (size <= 80 + kRecoverySaltSize) {
            EXPECT_EQ(decoded.error(), Verdict::kConfigurationTruncated) << size;
        }
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(decode_recovery_part(longer).has_value());
    // Of what is restored a chain learns by a recovery only.
    EXPECT_EQ(judge_recovery_part(longer), Verdict::kAccepted);
    longer.resize(kMaximumRecoveryPart);
    EXPECT_EQ(judge_recovery_part(longer), Verdict::kAccepted);
    longer.resize(kMaximumRecoveryPart + 1);
    EXPECT_EQ(judge_recovery_part(longer), Verdict::kConfigurationTooLong);
}

TEST(RecoveryPart, RefusesOtherRights) {
    const auto verdict = [](const auto& change) {
        RecoveryPart part = recovery_part();
        change(part);
        const Judged<Bytes> bytes = encode(part);
        return bytes ? Verdict::kAccepted : bytes.error();
    };
    for (const std::uint64_t action :
         {kActionExecute, kActionPolicy, kActionMessage, kActionUpgrade}) {
        EXPECT_EQ(verdict([&](RecoveryPart& part) {
                      part.rules[0].actions |= static_cast<std::uint8_t>(action);
                  }),
                  Verdict::kRuleActions);
    }
    EXPECT_EQ(verdict([](RecoveryPart& part) {
                  part.rules[0].scope = {Target{filled<Hash32>(0x22), {}}};
              }),
              Verdict::kRuleScope);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.rules[0].limits.resize(1); }),
              Verdict::kRuleLimits);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.rules[0].times = Times{5, 5}; }),
              Verdict::kRuleTimes);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.rules[0].times = Times{4, 5}; }),
              Verdict::kAccepted);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.rules[1] = part.rules[0]; }),
              Verdict::kRuleDuplicate);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.signers[1] = part.signers[0]; }),
              Verdict::kSignerDuplicate);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.signers.clear(); }), Verdict::kNonCanonical);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.after.signers = 17; }), Verdict::kNonCanonical);
    // What nobody could change afterwards, and what would be two parties of one.
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.after.rules[0].actions = kActionExecute; }),
              Verdict::kLockout);
    EXPECT_EQ(verdict([](RecoveryPart& part) { part.after.rules[0].threshold = 3; }),
              Verdict::kRuleThreshold);
    Bytes version = unhex(kRecoveryPart);
    version[0] = 0x11;
    EXPECT_EQ(judge_recovery_part(version), Verdict::kConfigurationVersion);
}

TEST(RecoveryPart, CommitmentIsGuardAndHash) {
    const Bytes part = unhex(kRecoveryPart);
    const RecoveryCommitment commitment = commitment_of(part, 216);
    EXPECT_EQ(encode_hex(commitment.bytes()),
              "00d8" + encode_hex(ByteView(crypto::keccak256(part).view()).first(30)));
    EXPECT_EQ(RecoveryCommitment::from(commitment.bytes()), commitment);
    Configuration configuration = single();
    configuration.recovery = commitment;
    const Bytes shared = encode(configuration).value();
    EXPECT_EQ(decode_shared(shared).value(), configuration);
    EXPECT_EQ(commitment_in(shared), commitment);
    EXPECT_EQ(commitment_in(encode(single()).value()), std::nullopt);
    EXPECT_EQ(judge_recovery(part, commitment), Verdict::kAccepted);
    Bytes other = part;
    other.back() ^= 1;
    EXPECT_EQ(judge_recovery(other, commitment), Verdict::kRecoveryPart);
    // A delay that this guard is too short for: the recovery would be refused.
    RecoveryPart slow = recovery_part();
    slow.after.rules[0].threshold = 1;
    slow.after.rules.push_back(Rule{.actions = kActionExecute, .wait = Wait{86400, Tie::kOwner}});
    const Bytes slow_bytes = encode(slow).value();
    EXPECT_EQ(judge_recovery(slow_bytes, commitment_of(slow_bytes, 71)), Verdict::kRuleWait);
    EXPECT_EQ(judge_recovery(slow_bytes, commitment_of(slow_bytes, 72)), Verdict::kAccepted);
}

TEST(RecoveryPart, RecoveredSharedHasTheRulesThatWerePutDown) {
    const Bytes part = unhex(kRecoveryPart);
    const RecoveryCommitment commitment = commitment_of(part, 216);
    const std::vector<Signer> signers = {Signer::ed25519(ed25519_key(5)),
                                         Signer::ed25519(ed25519_key(6))};
    const Bytes named = encode_unchecked(signers);
    const Bytes shared = recovered_shared(part, commitment, named).value();
    EXPECT_EQ(decode_shared(shared).value(), (Configuration{.signers = signers,
                                                            .rules = recovery_part().after.rules,
                                                            .recovery = commitment,
                                                            .lockdown = false}));
    // Another number of signers, one party where there must be two, a key that is none.
    EXPECT_EQ(recovered_shared(part, commitment, ByteView(named).first(33)).error(),
              Verdict::kSignerKind);
    EXPECT_EQ(recovered_shared(part, commitment, concat(named, ByteView(named).first(33))).error(),
              Verdict::kConfigurationTruncated);
    std::vector<Signer> one_party = signers;
    one_party[1].same_party = true;
    EXPECT_EQ(recovered_shared(part, commitment, encode_unchecked(one_party)).error(),
              Verdict::kRuleThreshold);
    std::vector<Signer> no_key = signers;
    no_key[0].key = Bytes(32, 2);
    EXPECT_EQ(recovered_shared(part, commitment, encode_unchecked(no_key)).error(),
              Verdict::kSignerKey);
    EXPECT_EQ(recovered_shared(part, commitment, Bytes(kMaximumShared + 1)).error(),
              Verdict::kConfigurationTooLong);
}

TEST(RecoveryPart, NoRuleComesInWithTheSigners) {
    const Bytes part = unhex(kRecoveryPart);
    const RecoveryCommitment commitment = commitment_of(part, 216);
    const Bytes named = encode_unchecked(
        std::vector{Signer::ed25519(ed25519_key(5)), Signer::ed25519(ed25519_key(6))});
    // One party may change everything until the year 2554; the last three bytes of expiresAt are
    // the rule that was put down.
    const Bytes rule = unhex(
        "0410030000000000000000"
        "0000000fff");
    Bytes smuggled = concat(named, rule);
    ASSERT_EQ(judge_shared(concat(unhex("1101"), smuggled, unhex("0f0103"), commitment.bytes())),
              Verdict::kLockout);
    EXPECT_EQ(recovered_shared(part, commitment, smuggled).error(), Verdict::kLockout);
    // With one more rule behind, and two put down, the configuration would be accepted.
    RecoveryPart two = recovery_part();
    two.after.rules.push_back(Rule{.actions = kActionExecute, .mask = 0b01});
    const Bytes two_bytes = encode(two).value();
    const RecoveryCommitment committed = commitment_of(two_bytes, 0);
    smuggled = concat(named, unhex("040003"), unhex("0110030000000000000000"), unhex("0fff"));
    ASSERT_EQ(
        judge_shared(concat(unhex("1111"), smuggled, unhex("0f0103010001"), committed.bytes())),
        Verdict::kAccepted);
    EXPECT_EQ(recovered_shared(two_bytes, committed, smuggled).error(),
              Verdict::kConfigurationTrailing);
}

TEST(Configuration, LockdownAllowsWhatNobodyCanChange) {
    Configuration locked = single();
    locked.rules[0].actions = kActionExecute;
    EXPECT_EQ(verdict_of(locked), Verdict::kLockout);
    locked.lockdown = true;
    EXPECT_EQ(verdict_of(locked), Verdict::kAccepted);
    // A rule that expires, or whose threshold needs a signer of another chain, secures nothing.
    Configuration expiring = single();
    expiring.rules[0] =
        Rule{.actions = kActionPolicy, .times = Times{0, 5}, .scope = {}, .limits = {}};
    EXPECT_EQ(verdict_of(expiring), Verdict::kLockout);
    Configuration elsewhere = single();
    elsewhere.signers.push_back(Signer::contract(1, filled<crypto::EthereumAddress>(1)));
    elsewhere.rules[0].mask = 0b11;
    elsewhere.rules[0].threshold = 2;
    EXPECT_EQ(verdict_of(elsewhere), Verdict::kLockout);
    elsewhere.rules[0].threshold = 1;
    EXPECT_EQ(verdict_of(elsewhere), Verdict::kAccepted);
}

TEST(Configuration, DistinctAcrossKindsOfOneCurve) {
    Configuration twice = single();
    twice.rules[0].mask = 0b111;
    const auto address = filled<crypto::EthereumAddress>(0xee);
    twice.signers = {Signer::secp256k1_eip712(address), Signer::ed25519(ed25519_key()),
                     Signer::secp256k1_eip191(address)};
    EXPECT_EQ(verdict_of(twice), Verdict::kSignerDuplicate);
    twice.signers = {Signer::p256(p256_key()), Signer::ed25519(ed25519_key()),
                     Signer::webauthn(p256_key(), example_rp_id_hash(), true)};
    EXPECT_EQ(verdict_of(twice), Verdict::kSignerDuplicate);
    twice.signers = {Signer::contract(1, address), Signer::contract(2, address),
                     Signer::secp256k1_eip191(address)};
    twice.lockdown = true;
    EXPECT_EQ(verdict_of(twice), Verdict::kAccepted);
}

TEST(Configuration, ContractsHaveAChainAndAnAddress) {
    Configuration contract = single();
    contract.lockdown = true;
    const auto address = filled<crypto::EthereumAddress>(0xee);
    contract.signers = {Signer::contract(0, address)};
    EXPECT_EQ(verdict_of(contract), Verdict::kSignerKey);
    contract.signers = {Signer::contract(1, crypto::EthereumAddress())};
    EXPECT_EQ(verdict_of(contract), Verdict::kSignerKey);
    for (const std::uint64_t chain : {std::uint64_t{1}, std::uint64_t{1} << 56}) {
        contract.signers = {Signer::contract(chain, address)};
        EXPECT_EQ(verdict_of(contract), Verdict::kAccepted);
    }
}

TEST(Genesis, SaltFollowsTheFlag) {
    const Bytes shared = encode(single()).value();
    const Bytes one = encode(Genesis{single(), {7}}).value();
    EXPECT_EQ(encode_hex(one), encode_hex(shared) + "07");
    const Bytes sixteen = encode(Genesis{single(), Bytes(16, 9)}).value();
    EXPECT_EQ(sixteen[0], 0x12);
    EXPECT_EQ(sixteen.size(), shared.size() + 16);
    EXPECT_EQ(decode_genesis(one).value(), (Genesis{single(), {7}}));
    EXPECT_EQ(decode_genesis(sixteen).value(), (Genesis{single(), Bytes(16, 9)}));
}

TEST(Genesis, RefusesOtherSaltsAndLengths) {
    const Genesis genesis{single(), {7}};
    EXPECT_EQ(encode(Genesis{single(), {}}).error(), Verdict::kConfigurationTruncated);
    EXPECT_EQ(encode(Genesis{single(), {1, 2}}).error(), Verdict::kConfigurationTrailing);
    EXPECT_EQ(encode(Genesis{single(), Bytes(15)}).error(), Verdict::kConfigurationTrailing);
    Configuration large = single();
    for (std::uint8_t i = 2; i <= 16; ++i) {
        large.signers.push_back(Signer::ed25519(ed25519_key(i)));
    }
    EXPECT_EQ(verdict_of(large), Verdict::kAccepted);
    EXPECT_EQ(encode(Genesis{large, {7}}).error(), Verdict::kConfigurationTooLong);
}

TEST(LocalRule, RoundTrip) {
    const Bytes bytes = encode(session()).value();
    EXPECT_EQ(encode_hex(bytes), "0001" + encode_hex(ed25519_key(2)) +
                                     "0130"
                                     "00000000000003e800000000000007d0"
                                     "01" +
                                     encode_hex(filled<Hash32>(0x22)) + "00");
    EXPECT_EQ(decode_local_rule(bytes).value(), session());
}

TEST(LocalRule, RefusesOtherActionsAndShapes) {
    LocalRule bad = session();
    bad.rule.actions = kActionExecute | kActionGrant;
    EXPECT_EQ(encode(bad).error(), Verdict::kRuleActions);
    Bytes bytes = encode(session()).value();
    bytes[0] |= 0x10;
    EXPECT_EQ(decode_local_rule(bytes).error(), Verdict::kNonCanonical);
    bytes[0] = 0;
    bytes.push_back(0);
    EXPECT_EQ(decode_local_rule(bytes).error(), Verdict::kConfigurationTrailing);
    EXPECT_EQ(decode_local_rule({}).error(), Verdict::kConfigurationTruncated);
    EXPECT_EQ(decode_local_rule(Bytes{0x10}).error(), Verdict::kNonCanonical);
    bytes.resize(kMaximumShared);
    EXPECT_EQ(decode_local_rule(bytes).error(), Verdict::kConfigurationTrailing);
    bytes.push_back(0);
    EXPECT_EQ(decode_local_rule(bytes).error(), Verdict::kConfigurationTooLong);
}

TEST(LocalRule, GrantNeverAllowsMore) {
    Configuration configuration = single();
    configuration.rules.push_back(Rule{.actions = kActionExecute | kActionGrant,
                                       .times = Times{1000, 2000},
                                       .scope = {Target{filled<Hash32>(0x22), {0xaa}}},
                                       .limits = {}});
    const Bytes shared = encode(configuration).value();
    const auto verdict = [&](const LocalRule& rule, std::size_t granting) {
        return judge_grant(shared, granting, encode(rule).value());
    };
    LocalRule rule = session();
    EXPECT_EQ(verdict(rule, 0), Verdict::kAccepted);
    EXPECT_EQ(verdict(rule, 2), Verdict::kUnknownRule);
    // Every call of the program is more than those that begin with aa.
    EXPECT_EQ(verdict(rule, 1), Verdict::kLocalRuleTooBroad);
    rule.rule.scope[0].prefix = {0xaa, 0xbb};
    EXPECT_EQ(verdict(rule, 1), Verdict::kAccepted);
    rule.rule.times = Times{999, 2000};
    EXPECT_EQ(verdict(rule, 1), Verdict::kLocalRuleTooBroad);
    rule.rule.times = Times{1000, 2001};
    EXPECT_EQ(verdict(rule, 1), Verdict::kLocalRuleTooBroad);
    rule.rule.times.reset();
    EXPECT_EQ(verdict(rule, 1), Verdict::kLocalRuleTooBroad);
    configuration.rules[0].actions = kActionExecute | kActionPolicy;
    EXPECT_EQ(judge_grant(encode(configuration).value(), 0, encode(session()).value()),
              Verdict::kActionNotAllowed);
}

// Whatever a flipped bit leaves acceptable says something else in its one canonical form.
TEST(Configuration, EveryAcceptedBitFlipReencodesIdentically) {
    const Bytes original = unhex(kExample);
    int accepted = 0;
    for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
        Bytes bytes = original;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        if (const Judged<Configuration> decoded = decode_shared(bytes)) {
            ++accepted;
            EXPECT_EQ(encode(*decoded).value(), bytes);
            EXPECT_NE(*decoded, example());
        }
    }
    EXPECT_GT(accepted, 500);
}

RC_GTEST_PROP(Configuration, AnyBytesThatDecodeReencodeIdentically, ()) {
    // Rules behind a valid signer, so that a useful share of the random bytes is accepted.
    Bytes bytes = unhex("14001100");
    bytes.resize(2);
    const auto signer = encode_unchecked(single());
    bytes.insert(bytes.end(), signer.begin() + 2, signer.begin() + 35);
    bytes.push_back(*rc::gen::inRange<std::uint8_t>(1, 16));
    bytes.push_back(*rc::gen::element<std::uint8_t>(0, 0x10, 0x20, 0x60, 0x30, 0x01, 0x80, 0x90));
    append(bytes, *rc::gen::container<Bytes>(rc::gen::inRange<std::uint8_t>(0, 3)));
    const Judged<Configuration> decoded = decode_shared(bytes);
    RC_CLASSIFY(decoded.has_value());
    if (decoded) {
        RC_ASSERT(encode(*decoded).value() == bytes);
    }
}

}  // namespace
}  // namespace latchkey::core
