// SPDX-License-Identifier: Apache-2.0
// Proposing, applying, cancelling, recovering and freezing (docs/spec/authorization.md, section 8).
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>

#include "core/wallet/model.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::core::model {
namespace {

using testing::ed25519_key;
using testing::filled;

const auto kProgram = filled<Hash32>(0x11);
const auto kTarget = filled<Hash32>(0x22);
const auto kLoader = filled<Hash32>(0x44);
constexpr std::uint64_t kNow = 1'700'000'000;

// Places of the rules below.
constexpr std::uint8_t kBoth = 0;
constexpr std::uint8_t kDaily = 1;
constexpr std::uint8_t kChange = 2;
constexpr std::uint8_t kSlow = 3;
constexpr std::uint8_t kStubborn = 4;
// In the recovery part.
constexpr std::uint8_t kRecoverer = 0;
constexpr std::uint8_t kCustodian = 1;
constexpr std::uint8_t kAlarm = 2;
constexpr std::uint8_t kHeir = 3;

Rule rule_of(std::uint64_t actions, std::uint16_t mask, std::optional<Wait> wait = {},
             std::uint8_t threshold = 1) {
    return Rule{.actions = static_cast<std::uint8_t>(actions),
                .threshold = threshold,
                .mask = mask,
                .wait = wait};
}

std::vector<Rule> operational_rules() {
    return {rule_of(kSharedActions, 0b11, {}, 2),
            rule_of(kActionExecute | kActionMessage | kActionCancel | kActionFreeze | kActionGrant,
                    0b11),
            rule_of(kActionPolicy, 0b11),
            rule_of(kActionExecute | kActionGrant | kActionUpgrade | kActionPolicy | kActionCancel,
                    0b11, Wait{3 * kDay, Tie::kOwner}),
            rule_of(kActionExecute, 0b01, Wait{1 * kDay, Tie::kRecovery})};
}

/// Two guardians: either one recovers after a week and is not stopped by one party, both recover at
/// once, the first one freezes, the second one recovers when nobody objects.
RecoveryPart recovery_part() {
    return {.signers = {Signer::ed25519(ed25519_key(3)), Signer::ed25519(ed25519_key(4))},
            .rules = {rule_of(kActionRecover | kActionCancel, 0b11, Wait{7 * kDay, Tie::kRecovery}),
                      rule_of(kActionRecover | kActionCancel, 0b11, {}, 2),
                      rule_of(kActionFreeze, 0b01),
                      rule_of(kActionRecover, 0b10, Wait{7 * kDay, Tie::kOwner})},
            .after = {.signers = 2, .rules = operational_rules()},
            .salt = filled<RecoveryPart::Salt>(0x5a)};
}

Bytes part_bytes() {
    return encode(recovery_part()).value();
}

Configuration configuration(std::uint16_t guard_hours = 216) {
    return {.signers = {Signer::ed25519(ed25519_key(1)), Signer::ed25519(ed25519_key(2))},
            .rules = operational_rules(),
            .recovery = commitment_of(part_bytes(), guard_hours)};
}

World world_of(const Configuration& first) {
    World world = make_world(kProgram, encode(Genesis{first, {0}}).value());
    world.reserved_targets = {kLoader};
    world.upgradeable_loader = kLoader;
    EXPECT_EQ(apply(world, CreateState{world.genesis}, kNow), Verdict::kAccepted);
    return world;
}

/// Stands for the digest of what the body says.
Hash32 digest_of(const Body& body) {
    Bytes bytes = {action_number(body)};
    if (const auto* execute = std::get_if<Execute>(&body)) {
        bytes.push_back(static_cast<std::uint8_t>(execute->calls.size()));
    } else if (const auto* policy = std::get_if<Policy>(&body)) {
        append(bytes, policy->shared);
        bytes.push_back(static_cast<std::uint8_t>(policy->epoch));
    } else if (const auto* recover = std::get_if<Recover>(&body)) {
        append(bytes, recover->signers);
        bytes.push_back(static_cast<std::uint8_t>(recover->epoch));
    } else if (const auto* grant = std::get_if<Grant>(&body)) {
        append(bytes, grant->local_rule);
    }
    return crypto::sha256(bytes);
}

/// `parties`: bit i: signer i approves.
ApprovedAction act(const World& world, std::uint8_t rule, unsigned parties, Body body) {
    ApprovedAction action;
    action.rule = rule;
    for (std::uint8_t i = 0; i < 2; ++i) {
        if ((parties >> i & 1) != 0) {
            action.approvals.push_back(Approval{.signer = i});
        }
    }
    action.nonce = TransactionNonce{binding_of(world.state->config_id, {})};
    action.waiting_digest = digest_of(body);
    action.body = std::move(body);
    return action;
}

/// The same under a rule of the recovery part.
ApprovedAction rescue(const World& world, std::uint8_t rule, unsigned parties, Body body) {
    ApprovedAction action = act(world, rule, parties, std::move(body));
    action.recovery_part = part_bytes();
    const std::optional<RecoveryCommitment> commitment = commitment_in(world.state->shared);
    const Hash32 parent = commitment ? commitment->bytes() : Hash32();
    action.nonce = TransactionNonce{binding_of(ConfigId(parent.array()), {})};
    return action;
}

/// What anybody does when the time of `action` has come.
ApplyProposal later(const ApprovedAction& action) {
    return {.rule = action.rule,
            .recovery_part = action.recovery_part,
            .waiting_digest = action.waiting_digest,
            .body = action.body};
}

Execute calls(std::size_t count) {
    Execute execute;
    execute.calls.resize(count);
    for (Call& call : execute.calls) {
        call.program = kTarget;
    }
    return execute;
}

const Record* record_of(const World& world, std::uint8_t rule) {
    for (const Record& record : world.state->records) {
        if (record.rule == rule) {
            return &record;
        }
    }
    return nullptr;
}

Bytes new_signers() {
    return encode_unchecked(
        std::vector{Signer::ed25519(ed25519_key(11)), Signer::ed25519(ed25519_key(12))});
}

Bytes other_shared(std::uint16_t guard_hours = 216) {
    Configuration next = configuration(guard_hours);
    next.rules.pop_back();
    return encode(next).value();
}

TEST(Waiting, AProposalIsDoneOnceInItsTime) {
    World world = world_of(configuration());
    ApprovedAction propose = act(world, kSlow, 0b01, calls(1));
    propose.nonce = StateNonce{0, 0};
    ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
    EXPECT_EQ(world.state->nonces[0], 1U) << "the proposal uses up its nonce";
    EXPECT_EQ(*record_of(world, kSlow),
              (Record{.rule = kSlow,
                      .action = 1,
                      .epoch = 1,
                      .earliest = static_cast<std::uint32_t>(kNow + 3 * kDay),
                      .digest = propose.waiting_digest}));

    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay - 1), Verdict::kTooEarly);
    EXPECT_EQ(apply(world, later(propose), kNow), Verdict::kTooEarly);
    EXPECT_EQ(apply(world, later(act(world, kSlow, 0b01, calls(2))), kNow + 3 * kDay),
              Verdict::kOtherProposal);
    EXPECT_EQ(apply(world, later(act(world, kSlow, 0b01, Grant{})), kNow + 3 * kDay),
              Verdict::kNothingWaits);
    EXPECT_EQ(apply(world, later(act(world, kStubborn, 0b01, calls(1))), kNow + 3 * kDay),
              Verdict::kNothingWaits);
    EXPECT_EQ(apply(world, later(act(world, kChange, 0b01, calls(1))), kNow + 3 * kDay),
              Verdict::kActionNotAllowed);
    EXPECT_EQ(apply(world, later(act(world, 9, 0b01, calls(1))), kNow + 3 * kDay),
              Verdict::kUnknownRule);
    World late = world;
    EXPECT_EQ(apply(late, later(propose), kNow + 17 * kDay + 1), Verdict::kProposalExpired);
    EXPECT_EQ(apply(late, later(propose), kNow + 17 * kDay), Verdict::kAccepted);

    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay), Verdict::kAccepted);
    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay), Verdict::kNothingWaits);
    EXPECT_EQ(record_of(world, kSlow)->epoch, 1U);
    // What never waits has nothing that waits.
    EXPECT_EQ(apply(world, later(act(world, kBoth, 0b11, Message{})), kNow),
              Verdict::kNothingWaits);
    EXPECT_EQ(apply(world, later(act(world, kBoth, 0b11, Revoke{})), kNow), Verdict::kNothingWaits);
}

TEST(Waiting, TheActionsOwnChecksComeWhenItIsDone) {
    World world = world_of(configuration());
    Execute reserved = calls(1);
    reserved.calls[0].program = kProgram;
    const ApprovedAction propose = act(world, kSlow, 0b01, reserved);
    ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay), Verdict::kTargetReserved);
    // And it still waits.
    EXPECT_EQ(record_of(world, kSlow)->action, 1);
    ApprovedAction grant = act(world, kStubborn, 0b01, calls(1));
    grant.approvals.clear();
    EXPECT_EQ(apply(world, grant, kNow), Verdict::kThresholdNotMet);
    grant.approvals = {Approval{.signer = 1}};
    EXPECT_EQ(apply(world, grant, kNow), Verdict::kSignerNotInRule);
}

TEST(Waiting, OneProposalForARule) {
    World world = world_of(configuration());
    const ApprovedAction first = act(world, kSlow, 0b01, calls(1));
    const ApprovedAction second = act(world, kSlow, 0b10, calls(2));
    ASSERT_EQ(apply(world, first, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, second, kNow), Verdict::kAlreadyWaits);
    EXPECT_EQ(apply(world, first, kNow + 1), Verdict::kAlreadyWaits);
    EXPECT_EQ(apply(world, second, kNow + 17 * kDay), Verdict::kAlreadyWaits);
    // Another rule has its own.
    EXPECT_EQ(apply(world, act(world, kStubborn, 0b01, calls(2)), kNow), Verdict::kAccepted);
    // An expired one may be replaced.
    EXPECT_EQ(apply(world, second, kNow + 17 * kDay + 1), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kSlow)->epoch, 2U);
    EXPECT_EQ(apply(world, later(first), kNow + 21 * kDay), Verdict::kOtherProposal);
    EXPECT_EQ(apply(world, later(second), kNow + 21 * kDay), Verdict::kAccepted);
}

TEST(Waiting, TheRulesTimesHoldAgain) {
    Configuration timed = configuration();
    timed.rules[kSlow].times = Times{0, kNow + 3 * kDay + 10};
    World world = world_of(timed);
    const ApprovedAction propose = act(world, kSlow, 0b01, calls(1));
    ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay + 10), Verdict::kRuleExpired);
    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay + 9), Verdict::kAccepted);
}

TEST(Waiting, AGrantThatWaitsIsTheRulesOwn) {
    World world = world_of(configuration());
    const LocalRule session{.signers = {Signer::ed25519(ed25519_key(9))},
                            .rule = rule_of(kActionExecute, 1)};
    const ApprovedAction propose = act(world, kSlow, 0b01, Grant{encode(session).value()});
    ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
    EXPECT_TRUE(world.state->slots.empty());
    ASSERT_EQ(apply(world, later(propose), kNow + 3 * kDay), Verdict::kAccepted);
    EXPECT_EQ(world.state->slots[0]->granting_rule, kSlow);
    // Revoking waits for nothing.
    EXPECT_EQ(apply(world, act(world, kSlow, 0b01, Revoke{world.state->slots[0]->id}), kNow),
              Verdict::kAccepted);
}

TEST(Waiting, TheGenesisKnowsNoWaiting) {
    const Configuration first = configuration();
    World world = make_world(kProgram, encode(Genesis{first, {0}}).value());
    ApprovedAction action;
    action.from_genesis = true;
    action.approvals = {Approval{.signer = 0}};
    action.body = calls(1);
    action.rule = kDaily;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccepted);
    action.rule = kSlow;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNeeded);
    action.rule = kBoth;
    action.approvals.push_back(Approval{.signer = 1});
    for (const Body& body : {Body(Cancel{}), Body(Freeze{}), Body(Recover{}), Body(Upgrade{})}) {
        action.body = body;
        EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNeeded);
    }
    EXPECT_EQ(apply(world, ApplyProposal{.rule = kSlow, .body = calls(1)}, kNow),
              Verdict::kStateMissing);
    action.body = calls(1);
    action.recovery_part = part_bytes();
    EXPECT_EQ(apply(world, action, kNow), Verdict::kReservedBits);
}

TEST(Guard, OnePartyWaitsAndTwoDoNot) {
    World world = world_of(configuration());
    const ApprovedAction alone = act(world, kChange, 0b01, Policy{other_shared(), 0});
    World together = world;
    ASSERT_EQ(apply(world, alone, kNow), Verdict::kAccepted);
    EXPECT_EQ(world.state->sequence, 0U);
    EXPECT_TRUE(record_of(world, kChange)->guarded);
    EXPECT_EQ(apply(world, later(alone), kNow + 216 * kHour - 1), Verdict::kTooEarly);
    ASSERT_EQ(apply(world, later(alone), kNow + 216 * kHour), Verdict::kAccepted);
    EXPECT_EQ(world.state->sequence, 1U);

    // More parties than the rule asks for count.
    ASSERT_EQ(apply(together, act(together, kChange, 0b11, Policy{other_shared(), 0}), kNow),
              Verdict::kAccepted);
    EXPECT_EQ(together.state->sequence, 1U);
    EXPECT_EQ(together.state->records.size(), 0U) << "its parent is its nonce";
    EXPECT_EQ(together.state->config_id, world.state->config_id);

    // Without a guard one party changes everything at once.
    Configuration open = configuration(0);
    open.rules.resize(kChange + 1);
    World weak = world_of(open);
    ASSERT_EQ(apply(weak, act(weak, kChange, 0b01, Policy{encode(open).value(), 0}), kNow),
              Verdict::kAccepted);
    EXPECT_EQ(weak.state->sequence, 1U);
}

TEST(Guard, TheLongerDelayCounts) {
    Configuration patient = configuration();
    patient.rules[kChange].wait = Wait{10 * kDay, Tie::kOwner};
    World world = world_of(patient);
    const ApprovedAction alone = act(world, kChange, 0b01, Policy{other_shared(), 0});
    ASSERT_EQ(apply(world, alone, kNow), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kChange)->earliest, kNow + 10 * kDay);
    EXPECT_TRUE(record_of(world, kChange)->guarded);
    World other = world_of(patient);
    const ApprovedAction both = act(other, kChange, 0b11, Policy{other_shared(), 0});
    ASSERT_EQ(apply(other, both, kNow), Verdict::kAccepted);
    EXPECT_EQ(record_of(other, kChange)->earliest, kNow + 10 * kDay);
    EXPECT_FALSE(record_of(other, kChange)->guarded);
}

TEST(Guard, WhatIsProposedIsAConfiguration) {
    World world = world_of(configuration());
    EXPECT_EQ(apply(world, act(world, kChange, 0b01, Policy{{0x10}, 0}), kNow),
              Verdict::kConfigurationTruncated);
    for (const std::uint16_t guard : std::initializer_list<std::uint16_t>{48, 71, 2161}) {
        Configuration outrun = configuration(guard);
        const Bytes bytes = encode_unchecked(outrun);
        EXPECT_EQ(apply(world, act(world, kChange, 0b01, Policy{bytes, 0}), kNow),
                  Verdict::kRuleWait)
            << guard;
    }
    EXPECT_EQ(apply(world, act(world, kChange, 0b01, Policy{other_shared(2160), 0}), kNow),
              Verdict::kAccepted);
}

TEST(Epochs, EachApprovalWorksOnce) {
    World world = world_of(configuration());
    EXPECT_EQ(apply(world, act(world, kChange, 0b01, Policy{other_shared(), 1}), kNow),
              Verdict::kEpoch);
    const ApprovedAction first = act(world, kChange, 0b01, Policy{other_shared(), 0});
    ASSERT_EQ(apply(world, first, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, first, kNow), Verdict::kEpoch);
    EXPECT_EQ(apply(world, act(world, kChange, 0b01, Policy{other_shared(), 1}), kNow),
              Verdict::kAlreadyWaits);
    // Two parties, under another rule, whose epoch is its own.
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, Policy{other_shared(), 1}), kNow),
              Verdict::kEpoch);
    EXPECT_EQ(apply(world, act(world, kChange, 0b11, Policy{other_shared(), 0}), kNow),
              Verdict::kEpoch);
    ASSERT_EQ(apply(world, act(world, kChange, 0b11, Policy{other_shared(), 1}), kNow),
              Verdict::kAccepted);
    // The rule is the same one in the new configuration: its epoch goes on, its proposal is gone.
    EXPECT_EQ(record_of(world, kChange)->epoch, 1U);
    EXPECT_EQ(record_of(world, kChange)->action, 0);
    EXPECT_EQ(record_of(world, kChange)->earliest, 0U);
    EXPECT_EQ(apply(world, later(first), kNow + 9 * kDay), Verdict::kNothingWaits);
}

TEST(Records, LiveAsLongAsTheirRules) {
    World world = world_of(configuration());
    ASSERT_EQ(apply(world, act(world, kStubborn, 0b01, calls(1)), kNow), Verdict::kAccepted);
    const ApprovedAction slow = act(world, kSlow, 0b01, calls(1));
    ASSERT_EQ(apply(world, slow, kNow), Verdict::kAccepted);
    ASSERT_EQ(apply(world, rescue(world, kHeir, 0b10, Recover{new_signers(), 0}), kNow),
              Verdict::kAccepted);
    // The stubborn rule goes, the slow one moves to the front.
    Configuration next = configuration();
    next.rules.pop_back();
    std::swap(next.rules[0], next.rules[kSlow]);
    const Bytes shared = encode(next).value();
    World changed = world;
    ASSERT_EQ(apply(changed, act(changed, kBoth, 0b11, Policy{shared, 0}), kNow),
              Verdict::kAccepted);
    ASSERT_EQ(changed.state->records.size(), 2U);
    EXPECT_EQ(changed.state->records[0].rule, 0);
    EXPECT_EQ(changed.state->records[0].action, 1);
    EXPECT_EQ(changed.state->records[1].rule, kRecoveryRule | kHeir);
    EXPECT_EQ(changed.state->records[1].action, 14);
    ApplyProposal moved = later(slow);
    moved.rule = 0;
    EXPECT_EQ(apply(changed, moved, kNow + 3 * kDay), Verdict::kAccepted);

    // Under another commitment, though only its guard is another: nothing is left of what waited,
    // and approvals under the old one stay void when it comes back.
    next.recovery = commitment_of(part_bytes(), 240);
    ASSERT_EQ(apply(world, act(world, kBoth, 0b11, Policy{encode(next).value(), 0}), kNow),
              Verdict::kAccepted);
    const Record& heir = *record_of(world, kRecoveryRule | kHeir);
    EXPECT_EQ(heir.action, 0);
    EXPECT_EQ(heir.earliest, 0U);
    EXPECT_EQ(heir.epoch, 2U);
}

TEST(Cancel, OnePartyEndsWhatItsOwnerWaitsFor) {
    World world = world_of(configuration());
    const ApprovedAction propose = act(world, kSlow, 0b01, calls(1));
    ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b10, Cancel{1, kSlow}), kNow), Verdict::kEpoch);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b10, Cancel{0, kStubborn}), kNow),
              Verdict::kNothingWaits);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b10, Cancel{0, 5}), kNow), Verdict::kUnknownRule);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b10, Cancel{0, 0x10}), kNow), Verdict::kUnknownRule);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b10, Cancel{0, 0x90}), kNow), Verdict::kUnknownRule);
    EXPECT_EQ(apply(world, act(world, kChange, 0b10, Cancel{0, kSlow}), kNow),
              Verdict::kActionNotAllowed);
    const ApprovedAction cancel = act(world, kDaily, 0b10, Cancel{0, kSlow});
    ASSERT_EQ(apply(world, cancel, kNow), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kSlow)->earliest, 0U);
    EXPECT_EQ(record_of(world, kSlow)->cancels, 0);
    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay), Verdict::kNothingWaits);
    EXPECT_EQ(apply(world, cancel, kNow), Verdict::kNothingWaits);
    // As often as it takes.
    for (std::uint32_t epoch = 1; epoch < 5; ++epoch) {
        ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
        ASSERT_EQ(apply(world, act(world, kDaily, 0b10, Cancel{epoch, kSlow}), kNow),
                  Verdict::kAccepted);
    }
}

TEST(Cancel, OnePartyHasTwoAgainstWhoWins) {
    World world = world_of(configuration());
    std::uint32_t epoch = 0;
    const auto propose = [&](std::uint64_t now) {
        const Verdict verdict = apply(world, act(world, kStubborn, 0b01, calls(1)), now);
        ++epoch;
        return verdict;
    };
    const auto cancel = [&](unsigned parties, std::uint64_t now) {
        const std::uint8_t rule = parties == 0b11 ? kBoth : kDaily;
        return apply(world, act(world, rule, parties, Cancel{epoch - 1, kStubborn}), now);
    };
    ASSERT_EQ(propose(kNow), Verdict::kAccepted);
    ASSERT_EQ(cancel(0b10, kNow + 5), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kStubborn)->cancels, 1);
    EXPECT_EQ(record_of(world, kStubborn)->cancels_since, kNow + 5);
    EXPECT_EQ(record_of(world, kStubborn)->earliest, kNow + kDay) << "not forgotten";
    ASSERT_EQ(propose(kNow + 6), Verdict::kAccepted);
    ASSERT_EQ(cancel(0b10, kNow + 7), Verdict::kAccepted);
    ASSERT_EQ(propose(kNow + 8), Verdict::kAccepted);
    EXPECT_EQ(cancel(0b10, kNow + 9), Verdict::kCancelBudget);
    EXPECT_EQ(cancel(0b01, kNow + 9), Verdict::kCancelBudget);
    EXPECT_EQ(cancel(0b10, kNow + 5 + 90 * kDay), Verdict::kCancelBudget);
    // Two parties are not counted.
    World twice = world;
    ASSERT_EQ(cancel(0b11, kNow + 9), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kStubborn)->earliest, 0U);
    // A new window.
    world = twice;
    ASSERT_EQ(cancel(0b10, kNow + 6 + 90 * kDay), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kStubborn)->cancels, 1);
}

TEST(Cancel, TheProposerWithdraws) {
    World world = world_of(configuration());
    const auto recover = rescue(world, kRecoverer, 0b01, Recover{new_signers(), 0});
    ASSERT_EQ(apply(world, recover, kNow), Verdict::kAccepted);
    constexpr std::uint8_t kOwn = kRecoveryRule | kRecoverer;
    EXPECT_EQ(apply(world, rescue(world, kRecoverer, 0b01, Cancel{0, kSlow}), kNow),
              Verdict::kCancelNotAllowed);
    EXPECT_EQ(apply(world, rescue(world, kRecoverer, 0b01, Cancel{0, kRecoverer}), kNow),
              Verdict::kCancelNotAllowed);
    EXPECT_EQ(apply(world, rescue(world, kCustodian, 0b11, Cancel{0, kOwn}), kNow),
              Verdict::kCancelNotAllowed);
    EXPECT_EQ(apply(world, rescue(world, kRecoverer, 0b10, Cancel{0, kOwn}), kNow),
              Verdict::kAccepted);
    EXPECT_EQ(record_of(world, kOwn)->earliest, 0U);
    EXPECT_EQ(record_of(world, kOwn)->cancels, 0);
    // Before it was made on this chain, too.
    EXPECT_EQ(apply(world, rescue(world, kRecoverer, 0b10, Cancel{0, kOwn}), kNow),
              Verdict::kEpoch);
    EXPECT_EQ(apply(world, rescue(world, kRecoverer, 0b10, Cancel{1, kOwn}), kNow),
              Verdict::kAccepted);
    EXPECT_EQ(apply(world, rescue(world, kRecoverer, 0b01, Recover{new_signers(), 1}), kNow),
              Verdict::kEpoch);
}

TEST(Cancel, BeforeItIsProposed) {
    World world = world_of(configuration());
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, Cancel{0, kChange}), kNow),
              Verdict::kNothingWaits);
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, Cancel{1, kChange}), kNow), Verdict::kEpoch);
    ASSERT_EQ(apply(world, act(world, kBoth, 0b11, Cancel{0, kChange}), kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, act(world, kChange, 0b01, Policy{other_shared(), 0}), kNow),
              Verdict::kEpoch);
    // While something waits, the next one cannot be cancelled.
    ASSERT_EQ(apply(world, act(world, kChange, 0b01, Policy{other_shared(), 1}), kNow),
              Verdict::kAccepted);
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, Cancel{2, kChange}), kNow), Verdict::kEpoch);
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, Cancel{1, kChange}), kNow), Verdict::kAccepted);
    // Of a rule whose recovery part nobody showed.
    ASSERT_EQ(apply(world, act(world, kBoth, 0b11, Cancel{0, 0x8f}), kNow), Verdict::kAccepted);
    EXPECT_EQ(record_of(world, 0x8f)->epoch, 1U);
}

TEST(Recover, RestoresTheRulesForNewSigners) {
    World world = world_of(configuration());
    const LocalRule session{.signers = {Signer::ed25519(ed25519_key(9))},
                            .rule = rule_of(kActionExecute, 1)};
    ASSERT_EQ(apply(world, act(world, kDaily, 0b01, Grant{encode(session).value()}), kNow),
              Verdict::kAccepted);
    // A thief changes the configuration meanwhile.
    ASSERT_EQ(apply(world, act(world, kBoth, 0b11, Policy{other_shared(), 0}), kNow),
              Verdict::kAccepted);
    const ApprovedAction recover = rescue(world, kRecoverer, 0b01, Recover{new_signers(), 0});
    ASSERT_EQ(apply(world, recover, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, later(recover), kNow + 7 * kDay - 1), Verdict::kTooEarly);
    const std::uint32_t version = world.state->local_version;
    ASSERT_EQ(apply(world, later(recover), kNow + 7 * kDay), Verdict::kAccepted);
    const State& state = *world.state;
    EXPECT_EQ(
        encode_hex(state.shared),
        encode_hex(
            recovered_shared(part_bytes(), *configuration().recovery, new_signers()).value()));
    EXPECT_EQ(state.sequence, 2U);
    EXPECT_EQ(state.config_id, recovered_config_id(world.wallet_id, *configuration().recovery,
                                                   kRecoverer, 0, state.shared));
    EXPECT_FALSE(state.slots[0].has_value()) << "no session outlives a recovery";
    EXPECT_EQ(state.local_version, version + 1);
    EXPECT_EQ(record_of(world, kRecoveryRule | kRecoverer)->earliest, kNow + 7 * kDay);
    // The same configuration on a chain where nothing had changed.
    World elsewhere = world_of(configuration());
    const ApprovedAction same = rescue(elsewhere, kRecoverer, 0b01, Recover{new_signers(), 0});
    ASSERT_EQ(apply(elsewhere, same, kNow), Verdict::kAccepted);
    ASSERT_EQ(apply(elsewhere, later(same), kNow + 7 * kDay), Verdict::kAccepted);
    EXPECT_EQ(elsewhere.state->config_id, state.config_id);
    EXPECT_EQ(apply(world, recover, kNow + 8 * kDay), Verdict::kEpoch);
}

TEST(Recover, AtOnceWithoutDelay) {
    World world = world_of(configuration());
    const ApprovedAction recover = rescue(world, kCustodian, 0b11, Recover{new_signers(), 0});
    EXPECT_EQ(apply(world, rescue(world, kCustodian, 0b01, Recover{new_signers(), 0}), kNow),
              Verdict::kThresholdNotMet);
    ASSERT_EQ(apply(world, recover, kNow), Verdict::kAccepted);
    EXPECT_EQ(world.state->sequence, 1U);
    EXPECT_EQ(*record_of(world, kRecoveryRule | kCustodian),
              (Record{.rule = kRecoveryRule | kCustodian, .epoch = 1}));
    EXPECT_EQ(apply(world, recover, kNow), Verdict::kEpoch);
}

TEST(Recover, NeedsThePartOfTheCommitment) {
    World world = world_of(configuration());
    const ApprovedAction good = rescue(world, kRecoverer, 0b01, Recover{new_signers(), 0});
    ApprovedAction bad = good;
    bad.recovery_part->back() ^= 1;
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kRecoveryPart);
    bad.recovery_part->clear();
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kRecoveryPart);
    EXPECT_EQ(apply(world, later(bad), kNow), Verdict::kRecoveryPart);
    bad = good;
    bad.rule = 4;
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kUnknownRule);
    bad.rule = kAlarm;
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kActionNotAllowed);
    bad = good;
    bad.rule_is_local = true;
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kUnknownRule);
    bad = good;
    bad.nonce = TransactionNonce{binding_of(world.state->config_id, {})};
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kConfigurationChanged);
    bad = good;
    bad.nonce = StateNonce{};
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kReservedBits);
    bad = good;
    bad.deadline = kNow;
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kNonCanonical);
    bad = good;
    std::get<Recover>(bad.body).signers.pop_back();
    EXPECT_NE(apply(world, bad, kNow), Verdict::kAccepted);
    std::get<Recover>(bad.body).signers.resize(kMaximumShared + 1);
    EXPECT_EQ(apply(world, bad, kNow), Verdict::kConfigurationTooLong);
    // A shared rule recovers nothing, and a recovery rule does nothing else.
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, Recover{new_signers(), 0}), kNow),
              Verdict::kActionNotAllowed);
    EXPECT_EQ(apply(world, rescue(world, kCustodian, 0b11, Policy{other_shared(), 0}), kNow),
              Verdict::kActionNotAllowed);
    EXPECT_EQ(apply(world, good, kNow), Verdict::kAccepted);

    // Its bytes are judged, though the commitment vouches for them.
    RecoveryPart wrong = recovery_part();
    wrong.rules[0].actions = kActionExecute;
    Configuration misled = configuration();
    misled.recovery = commitment_of(encode_unchecked(wrong), 216);
    World other = world_of(misled);
    bad = rescue(other, kRecoverer, 0b01, Recover{new_signers(), 0});
    bad.recovery_part = encode_unchecked(wrong);
    EXPECT_EQ(apply(other, bad, kNow), Verdict::kRuleActions);
    // None at all.
    Configuration without = configuration();
    without.recovery.reset();
    without.rules.resize(kChange + 1);
    other = world_of(without);
    EXPECT_EQ(apply(other, rescue(other, kRecoverer, 0b01, Recover{new_signers(), 0}), kNow),
              Verdict::kRecoveryPart);
}

TEST(Recover, IsNotOutrun) {
    World world = world_of(configuration());
    const ApprovedAction change = act(world, kChange, 0b01, Policy{other_shared(), 0});
    ASSERT_EQ(apply(world, change, kNow), Verdict::kAccepted);
    const ApprovedAction recover = rescue(world, kRecoverer, 0b01, Recover{new_signers(), 0});
    ASSERT_EQ(apply(world, recover, kNow + 8 * kDay), Verdict::kAccepted);
    const std::uint64_t last = kNow + 9 * kDay + 14 * kDay;
    EXPECT_EQ(apply(world, later(change), kNow + 9 * kDay), Verdict::kRecoveryUnderWay);
    EXPECT_EQ(apply(world, later(change), kNow + 17 * kDay - 1), Verdict::kRecoveryUnderWay);
    // One party's cancel against a rule that wins does not help it.
    ASSERT_EQ(apply(world, act(world, kDaily, 0b01, Cancel{0, kRecoveryRule | kRecoverer}),
                    kNow + 8 * kDay),
              Verdict::kAccepted);
    EXPECT_EQ(apply(world, later(change), kNow + 9 * kDay), Verdict::kRecoveryUnderWay);
    World patient = world;
    EXPECT_EQ(apply(patient, later(change), kNow + 17 * kDay), Verdict::kAccepted);
    EXPECT_EQ(apply(world, later(change), last + 1), Verdict::kProposalExpired);
    // Two parties are not held back.
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, Policy{other_shared(), 0}), kNow + 9 * kDay),
              Verdict::kAccepted);

    // Against one that the owner's cancel beats, it helps.
    World yielding = world_of(configuration());
    ASSERT_EQ(apply(yielding, change, kNow), Verdict::kAccepted);
    const ApprovedAction heir = rescue(yielding, kHeir, 0b10, Recover{new_signers(), 0});
    ASSERT_EQ(apply(yielding, heir, kNow + 8 * kDay), Verdict::kAccepted);
    EXPECT_EQ(apply(yielding, later(change), kNow + 9 * kDay), Verdict::kRecoveryUnderWay);
    ASSERT_EQ(apply(yielding, act(yielding, kDaily, 0b01, Cancel{0, kRecoveryRule | kHeir}),
                    kNow + 9 * kDay),
              Verdict::kAccepted);
    EXPECT_EQ(apply(yielding, later(change), kNow + 9 * kDay), Verdict::kAccepted);
}

TEST(Freeze, StopsWhatItStopsForSevenDays) {
    World world = world_of(configuration());
    const ApprovedAction slow = act(world, kSlow, 0b01, calls(1));
    ASSERT_EQ(apply(world, slow, kNow - 3 * kDay), Verdict::kAccepted);
    ASSERT_EQ(apply(world, rescue(world, kAlarm, 0b01, Freeze{0, 0}), kNow), Verdict::kAccepted);
    EXPECT_TRUE(world.state->was_frozen);
    const World frozen = world;
    const auto verdict = [&](const Action& action, std::uint64_t now = kNow) {
        world = frozen;
        return apply(world, action, now);
    };
    const LocalRule session{.signers = {Signer::ed25519(ed25519_key(9))},
                            .rule = rule_of(kActionExecute, 1)};
    const Bytes local = encode(session).value();
    Upgrade upgrade;
    upgrade.call.program = kLoader;
    upgrade.call.data = {3, 0, 0, 0};
    for (const Body& body : {Body(calls(1)), Body(Grant{local}), Body(Policy{other_shared(), 0}),
                             Body(Message{}), Body(upgrade)}) {
        EXPECT_EQ(verdict(act(frozen, kBoth, 0b11, body)), Verdict::kFrozen);
        EXPECT_EQ(verdict(act(frozen, kBoth, 0b11, body), kNow + 7 * kDay), Verdict::kAccepted);
        EXPECT_FALSE(world.state->was_frozen) << "and forgets it";
    }
    EXPECT_EQ(verdict(later(slow)), Verdict::kFrozen);
    EXPECT_EQ(verdict(later(slow), kNow + 7 * kDay - 1), Verdict::kFrozen);
    EXPECT_EQ(verdict(later(slow), kNow + 7 * kDay), Verdict::kAccepted);
    // Proposing, cancelling, recovering and revoking go on, and leave it as it is.
    for (const Action& action : std::initializer_list<Action>{
             act(frozen, kStubborn, 0b01, calls(1)),
             act(frozen, kChange, 0b01, Policy{other_shared(), 0}),
             act(frozen, kDaily, 0b01, Cancel{0, kSlow}),
             rescue(frozen, kRecoverer, 0b01, Recover{new_signers(), 0}),
             rescue(frozen, kCustodian, 0b11, Recover{new_signers(), 0})}) {
        EXPECT_EQ(verdict(action), Verdict::kAccepted);
        EXPECT_TRUE(world.state->was_frozen);
    }
    EXPECT_EQ(verdict(act(frozen, kBoth, 0b11, Revoke{})), Verdict::kUnknownLocalRule);
    // A state that may not be written stays as it is.
    ApprovedAction reading = act(frozen, kBoth, 0b11, Message{});
    reading.state_writable = false;
    EXPECT_EQ(verdict(reading, kNow + 7 * kDay), Verdict::kAccepted);
    EXPECT_TRUE(world.state->was_frozen);
    // The genesis is no way around it.
    ApprovedAction early = act(frozen, kDaily, 0b01, calls(1));
    early.from_genesis = true;
    early.nonce = TransactionNonce{};
    EXPECT_EQ(verdict(early), Verdict::kStateNeeded);
}

TEST(Freeze, OnceInThirtyDaysAndLiftedByTwo) {
    World world = world_of(configuration());
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, Freeze{1, 0}), kNow), Verdict::kEpoch);
    ASSERT_EQ(apply(world, act(world, kDaily, 0b01, Freeze{0, 0}), kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, Freeze{1, 0}), kNow), Verdict::kFreezeBudget);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, Freeze{1, 1}), kNow), Verdict::kTwoParties);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b10, Freeze{1, 1}), kNow), Verdict::kTwoParties);
    EXPECT_EQ(apply(world, rescue(world, kAlarm, 0b01, Freeze{0, 1}), kNow), Verdict::kTwoParties);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b11, Freeze{1, 2}), kNow), Verdict::kNonCanonical);
    EXPECT_EQ(apply(world, act(world, kChange, 0b11, Freeze{0, 1}), kNow),
              Verdict::kActionNotAllowed);
    ASSERT_EQ(apply(world, act(world, kDaily, 0b11, Freeze{1, 1}), kNow), Verdict::kAccepted);
    EXPECT_FALSE(world.state->was_frozen);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b11, Freeze{1, 1}), kNow), Verdict::kEpoch);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, calls(1)), kNow), Verdict::kAccepted);
    // Lifting is no fresh budget, and each rule has its own.
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, Freeze{2, 0}), kNow + 30 * kDay - 1),
              Verdict::kFreezeBudget);
    World other = world;
    EXPECT_EQ(apply(other, rescue(other, kAlarm, 0b01, Freeze{0, 0}), kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b01, Freeze{2, 0}), kNow + 30 * kDay),
              Verdict::kAccepted);
}

TEST(Upgrades, OneCallToTheCodeThatWasApproved) {
    World world = world_of(configuration());
    Upgrade upgrade;
    upgrade.call.program = kLoader;
    upgrade.call.data = {3, 0, 0, 0};
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, upgrade), kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, act(world, kDaily, 0b11, upgrade), kNow), Verdict::kActionNotAllowed);
    const ApprovedAction propose = act(world, kSlow, 0b01, upgrade);
    ASSERT_EQ(apply(world, propose, kNow), Verdict::kAccepted);
    // The buffer is looked at when it is done.
    ApplyProposal apply_it = later(propose);
    std::get<Upgrade>(apply_it.body).holds_code = false;
    EXPECT_EQ(apply(world, apply_it, kNow + 3 * kDay), Verdict::kUpgradeCode);
    EXPECT_EQ(apply(world, later(propose), kNow + 3 * kDay), Verdict::kAccepted);

    Upgrade bad = upgrade;
    bad.holds_code = false;
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, bad), kNow), Verdict::kUpgradeCode);
    bad = upgrade;
    bad.call.program = kTarget;
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, bad), kNow), Verdict::kTargetNotAllowed);
    bad = upgrade;
    // Closes the buffer instead.
    bad.call.data[0] = 5;
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, bad), kNow), Verdict::kTargetNotAllowed);
    bad = upgrade;
    bad.call.forwards_signer = true;
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, bad), kNow), Verdict::kSignerForwarded);
    // No other way leads to the loader.
    Execute execute = calls(1);
    execute.calls[0].program = kLoader;
    EXPECT_EQ(apply(world, act(world, kBoth, 0b11, execute), kNow), Verdict::kTargetReserved);
}

/// Random actions that are mostly right.
class RandomWaiting {
  public:
    explicit RandomWaiting(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }

    /// By these parties, under the rules of the shared part alone.
    Action by(const World& world, unsigned parties) {
        if (one_in(3) && !proposed_.empty()) {
            return later(proposed_[below(proposed_.size())]);
        }
        const auto rules = static_cast<std::uint8_t>((world.state->shared[1] >> 4) + 1);
        const auto rule = static_cast<std::uint8_t>(one_in(6) ? rules - 1U : below(rules));
        const ApprovedAction action = act(world, rule, parties, body(world, rule));
        // Mostly one that its rule allows.
        World trial = world;
        const Verdict verdict = apply(trial, action, kNow);
        const bool is_pointless =
            verdict == Verdict::kActionNotAllowed || verdict == Verdict::kThresholdNotMet;
        return is_pointless && !one_in(8) ? by(world, parties) : remember(action);
    }

    Action next(const World& world) {
        const auto parties = static_cast<unsigned>(1 + below(3));
        if (!one_in(3)) {
            return by(world, parties);
        }
        const auto rule = static_cast<std::uint8_t>(below(one_in(20) ? 5 : 4));
        ApprovedAction action =
            rescue(world, rule, parties, recovery_body(world, kRecoveryRule | rule));
        if (one_in(20)) {
            action.recovery_part->back() ^= 1;
        }
        return remember(std::move(action));
    }

  private:
    ApprovedAction remember(ApprovedAction action) {
        proposed_.push_back(action);
        if (proposed_.size() > 12) {
            proposed_.erase(proposed_.begin());
        }
        return action;
    }

    std::uint32_t epoch(const World& world, std::uint8_t rule) {
        const Record* const record = record_of(world, rule);
        return (record == nullptr ? 0 : record->epoch) + (one_in(12) ? 1 : 0);
    }

    Cancel cancel(const World& world) {
        std::uint8_t target = static_cast<std::uint8_t>(below(7));
        if (!world.state->records.empty() && !one_in(8)) {
            target = world.state->records[below(world.state->records.size())].rule;
        }
        for (const Record& waiting : world.state->records) {
            target = waiting.action != 0 && waiting.tie && one_in(2) ? waiting.rule : target;
        }
        const Record* const record = record_of(world, target);
        const bool waits = record != nullptr && record->action != 0;
        return {epoch(world, target) - (waits ? 1 : 0), target};
    }

    Body recovery_body(const World& world, std::uint8_t rule) {
        if (rule == (kRecoveryRule | kAlarm)) {
            return Freeze{epoch(world, rule), static_cast<std::uint8_t>(one_in(3))};
        }
        if (one_in(4)) {
            Cancel own = cancel(world);
            own.target = one_in(4) ? own.target : rule;
            return own;
        }
        // So rarely that other things happen in between.
        return one_in(3) ? Body(Recover{new_signers(), epoch(world, rule)})
                         : Body(Freeze{epoch(world, rule), 0});
    }

    Body body(const World& world, std::uint8_t rule) {
        switch (below(9)) {
            case 0:
            case 1:
                return cancel(world);
            case 2:
                return Freeze{epoch(world, rule), static_cast<std::uint8_t>(one_in(2))};
            case 3: {
                Configuration next = configuration(one_in(8) ? 240 : one_in(8) ? 60 : 216);
                next.signers = decode_shared(world.state->shared)->signers;
                if (one_in(2)) {
                    next.rules.pop_back();
                }
                return Policy{encode_unchecked(next), epoch(world, rule)};
            }
            case 4: {
                Upgrade upgrade;
                upgrade.call.program = kLoader;
                upgrade.call.data = {3, 0, 0, 0};
                upgrade.holds_code = !one_in(3);
                return upgrade;
            }
            case 5:
                return Message{};
            default:
                return calls(below(3));
        }
    }

    std::mt19937_64 random_;
    std::vector<ApprovedAction> proposed_;
};

/// What the laws say about one accepted step, looked at from outside the model.
void check_step(const World& before, const World& after, const Action& action) {
    const bool is_replaced = after.state->sequence != before.state->sequence;
    for (const Record& record : before.state->records) {
        const bool is_recovery = (record.rule & kRecoveryRule) != 0;
        const Record* const now = record_of(after, record.rule);
        if (is_recovery || !is_replaced) {
            ASSERT_NE(now, nullptr);
            EXPECT_GE(now->epoch, record.epoch);
            EXPECT_LE(now->epoch, record.epoch + 1);
        }
    }
    const auto* approved = std::get_if<ApprovedAction>(&action);
    if (approved == nullptr) {
        return;
    }
    if (std::holds_alternative<Policy>(approved->body) ||
        std::holds_alternative<Recover>(approved->body) ||
        std::holds_alternative<Freeze>(approved->body) ||
        std::holds_alternative<Cancel>(approved->body)) {
        World again = after;
        EXPECT_NE(apply(again, action, kNow), Verdict::kAccepted) << "approved once, done twice";
    }
    const std::uint8_t actions = decode_shared(before.state->shared)
                                     ->rules[approved->recovery_part ? 0 : approved->rule]
                                     .actions;
    EXPECT_TRUE(approved->recovery_part || (actions & kActionRecover) == 0);
}

TEST(Waiting, LawsHoldOverRandomActions) {
    RandomWaiting random(20261121);
    std::map<Verdict, int> seen;
    for (int run = 0; run < 200; ++run) {
        World world = world_of(configuration());
        std::uint64_t now = kNow;
        for (int step = 0; step < 150; ++step) {
            now += random.below(random.one_in(8) ? 10 * kDay : 8 * kHour);
            const World before = world;
            const Action action = random.next(world);
            const Verdict verdict = apply(world, action, now);
            ++seen[verdict];
            if (verdict != Verdict::kAccepted) {
                EXPECT_EQ(before, world);
                continue;
            }
            check_step(before, world, action);
            EXPECT_EQ(judge_shared(world.state->shared), Verdict::kAccepted);
        }
    }
    for (const auto& [verdict, count] : seen) {
        std::cout << count << " " << verdict_name(verdict) << "\n";
    }
    for (const Verdict verdict :
         {Verdict::kAccepted, Verdict::kRuleWait, Verdict::kRecoveryPart, Verdict::kNothingWaits,
          Verdict::kAlreadyWaits, Verdict::kTooEarly, Verdict::kProposalExpired,
          Verdict::kOtherProposal, Verdict::kEpoch, Verdict::kCancelBudget,
          Verdict::kCancelNotAllowed, Verdict::kFrozen, Verdict::kFreezeBudget,
          Verdict::kTwoParties, Verdict::kRecoveryUnderWay, Verdict::kUpgradeCode}) {
        EXPECT_GE(seen[verdict], 3) << verdict_name(verdict);
    }
}

// What the guard is for: who holds one party's keys for good, and knows everything, does not keep a
// guardian from recovering the wallet, nor changes the configuration before that, if the guardian
// begins before the guard is over.
TEST(Waiting, AThiefOfOnePartyDoesNotStopARecovery) {
    constexpr std::uint8_t kName = kRecoveryRule | kRecoverer;
    int cancels = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        RandomWaiting random(seed);
        World world = world_of(configuration());
        const std::uint64_t start = kNow + random.below(9 * kDay);
        std::optional<ApprovedAction> recovery;
        std::uint64_t now = kNow;
        const ApprovedAction change = act(world, kChange, 0b01, Policy{other_shared(), 0});
        ASSERT_EQ(apply(world, change, now), Verdict::kAccepted);
        while (world.state->sequence == 0 && now < start + 40 * kDay) {
            now += random.below(4 * kHour);
            for (int i = 0; i < 5; ++i) {
                (void)apply(world, random.by(world, 0b01), now);
            }
            (void)apply(world, later(change), now);
            ASSERT_EQ(world.state->sequence, 0U) << "the thief was faster, seed " << seed;
            const Record* const record = record_of(world, kName);
            if (record != nullptr && record->action != 0) {
                // It also cancels whatever it may.
                const ApprovedAction cancel =
                    act(world, kDaily, 0b01, Cancel{record->epoch - 1, kName});
                if (random.one_in(10) && apply(world, cancel, now) == Verdict::kAccepted) {
                    ++cancels;
                    continue;
                }
                (void)apply(world, later(*recovery), now);
            } else if (now >= start) {
                const std::uint32_t epoch = record == nullptr ? 0 : record->epoch;
                recovery = rescue(world, kRecoverer, 0b10, Recover{new_signers(), epoch});
                ASSERT_EQ(apply(world, *recovery, now), Verdict::kAccepted) << seed;
            }
        }
        EXPECT_EQ(world.state->sequence, 1U) << "nobody recovered, seed " << seed;
        EXPECT_EQ(decode_shared(world.state->shared)->signers[0], Signer::ed25519(ed25519_key(11)));
    }
    EXPECT_GT(cancels, 20);
}

}  // namespace
}  // namespace latchkey::core::model
