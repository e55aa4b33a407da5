// SPDX-License-Identifier: Apache-2.0
// Changes that wait, the guard, and recoveries (docs/spec/authorization.md, section 8).
#include "chains/solana/program/waiting_testing.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Tie;

class RecoveryTest : public WaitingTest {
  protected:
    core::RecoveryCommitment commitment() { return *configuration().recovery; }
    /// What a recovery leads to.
    Bytes recovered(const std::vector<core::Signer>& signers) {
        return core::recovered_shared(part_, commitment(), core::encode_unchecked(signers)).value();
    }
    core::Configuration with_part(const Bytes& part, std::uint16_t guard_hours = kGuardHours) {
        core::Configuration out = configuration();
        out.recovery = core::commitment_of(part, guard_hours);
        return out;
    }
    /// A wallet of the same rules with this guard.
    void guard(std::uint16_t hours) { wallet_.emplace(create(configuration(hours))); }
    /// One party changes nothing at once, so that delays need no guard.
    core::Configuration without_guard() {
        core::Configuration out = configuration(0);
        out.rules[kOpen].actions &= static_cast<std::uint8_t>(~core::kActionPolicy);
        return out;
    }
    /// The signers of `draft` are these bytes.
    static Draft naming(Draft draft, Bytes signers) {
        std::get<RecoverBody>(draft.body).signers = std::move(signers);
        return draft;
    }
};

// Changes of the configuration.

TEST_F(RecoveryTest, AChangeWaitsForItsRule) {
    core::Configuration next = without_guard();
    wallet_.emplace(create(next));
    next.rules[kSlow].wait->delay_seconds = 60;
    const Forged forged = propose(change(next, kSlowPolicy, {1}));
    EXPECT_EQ(record(kSlowPolicy).earliest, time() + 4 * kDay);
    EXPECT_FALSE(record(kSlowPolicy).guarded);
    EXPECT_EQ(state().sequence, 0U);
    world_.advance(4 * kDay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    world_.advance(1);
    ASSERT_ACCEPTED(apply(forged));
    EXPECT_EQ(state().shared, core::encode(next).value());
    EXPECT_EQ(state().sequence, 1U);
    EXPECT_EQ(state().config_id.array(),
              core::next_config_id(forge().wallet().wallet_id,
                                   core::ConfigId(forge().wallet().wallet_id.array()),
                                   core::encode(next).value())
                  .array());
    expect_canonical_state();
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    // The record stays, because the rule does.
    EXPECT_EQ(epoch(kSlowPolicy), 1U);
    EXPECT_REFUSED(kConfigurationChanged, send(forged));
}

TEST_F(RecoveryTest, TheGuardHoldsOnePartyBack) {
    // Under a rule without a delay, and under one with a shorter.
    for (const std::uint8_t rule : Bytes{kOpen, kSlowPolicy}) {
        const auto hours = static_cast<std::uint16_t>(kGuardHours + rule);
        guard(hours);
        const Forged forged = propose(change(configuration(), rule, {1}));
        EXPECT_EQ(record(rule).earliest, time() + hours * kHour);
        EXPECT_TRUE(record(rule).guarded);
        EXPECT_EQ(record(rule).action, kPolicy);
        expect_canonical_state();
        world_.advance(hours * kHour - 1);
        EXPECT_REFUSED(kTooEarly, apply(forged));
        world_.advance(1);
        EXPECT_ACCEPTED(apply(forged));
        EXPECT_EQ(state().sequence, 1U);
    }
}

TEST_F(RecoveryTest, ALongerDelayThanTheGuardCounts) {
    guard(4 * 24 - 1);
    propose(change(configuration(), kSlowPolicy, {1}));
    EXPECT_EQ(record(kSlowPolicy).earliest, time() + 4 * kDay);
    EXPECT_TRUE(record(kSlowPolicy).guarded);
}

TEST_F(RecoveryTest, TwoPartiesChangeAtOnce) {
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_EQ(state().sequence, 1U);
    // Under a rule for one of them, too.
    ASSERT_ACCEPTED(send(change(configuration(), kOpen, {0, 2})));
    EXPECT_EQ(state().sequence, 2U);
    EXPECT_TRUE(state().records.empty());
    // A rule's own delay counts for them as well, but not the guard.
    propose(change(configuration(), kSlowPolicy, {0, 1}));
    EXPECT_EQ(record(kSlowPolicy).earliest, time() + 4 * kDay);
    EXPECT_FALSE(record(kSlowPolicy).guarded);
}

TEST_F(RecoveryTest, TwoKeysOfOnePartyAreOneParty) {
    core::Configuration next = configuration();
    next.signers[1].same_party = true;
    ASSERT_ACCEPTED(send(change(next)));
    ASSERT_ACCEPTED(send(change(next, kOpen, {0, 1})));
    EXPECT_EQ(state().sequence, 1U);
    EXPECT_TRUE(record(kOpen).guarded);
}

TEST_F(RecoveryTest, NoGuardNoWaiting) {
    // A delay that one party could remove at once is none.
    core::Configuration next = configuration(0);
    EXPECT_REFUSED(kRuleWait, send(change(next)));
    next.rules[kSlow].wait.reset();
    next.rules[kTie].wait.reset();
    ASSERT_ACCEPTED(send(change(next)));
    ASSERT_ACCEPTED(send(change(next, kOpen, {1})));
    EXPECT_EQ(state().sequence, 2U);
    // Nor without a recovery part.
    next.recovery.reset();
    ASSERT_ACCEPTED(send(change(next, kOpen, {1})));
    ASSERT_ACCEPTED(send(change(next, kOpen, {1})));
    EXPECT_EQ(state().sequence, 4U);
    EXPECT_TRUE(state().records.empty());
}

TEST_F(RecoveryTest, ChangesNameTheEpoch) {
    Draft draft = change(configuration(), kOpen, {1});
    for (const std::uint32_t wrong : {1U, 0x100U, ~0U}) {
        std::get<PolicyBody>(draft.body).epoch = wrong;
        EXPECT_REFUSED(kEpoch, send(draft));
        Draft together = change(configuration());
        std::get<PolicyBody>(together.body).epoch = wrong;
        EXPECT_REFUSED(kEpoch, send(together));
    }
    std::get<PolicyBody>(draft.body).epoch = 0;
    const Forged forged = propose(draft);
    EXPECT_REFUSED(kEpoch, send(forged));
    // Cancelled, it cannot be proposed again.
    ASSERT_ACCEPTED(send(cancel(kOpen, {2})));
    EXPECT_REFUSED(kEpoch, send(forged));
    Forged bad = forged;
    const std::size_t epoch_at = 1 + 1 + 1 + kBindingSize;
    bad.data()[epoch_at] = 1;
    EXPECT_REFUSED(kDigestMismatch, send(bad));
    EXPECT_ACCEPTED(send(change(configuration(), kOpen, {1})));
    EXPECT_EQ(epoch(kOpen), 2U);
    EXPECT_REFUSED(kAlreadyWaits, send(change(configuration(), kOpen, {1})));
}

TEST_F(RecoveryTest, ProposedChangesAreJudgedAtOnce) {
    const auto refused = [&](Verdict verdict,
                             const std::function<void(core::Configuration&)>& spoil) {
        core::Configuration next = configuration();
        spoil(next);
        const NativeResult result = send(change(next, kOpen, {1}));
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    refused(Verdict::kSignerKey,
            [](core::Configuration& bad) { bad.signers[0].key.assign(32, 0); });
    refused(Verdict::kRuleWait,
            [](core::Configuration& bad) { bad.rules[kSlow].wait->delay_seconds = 0; });
    refused(Verdict::kRuleWait, [](core::Configuration& bad) {
        bad.rules[kSlow].wait->delay_seconds = static_cast<std::uint32_t>(5 * kDay + 1);
    });
    refused(Verdict::kRuleWait, [](core::Configuration& bad) {
        bad.rules[kTie].wait->delay_seconds = static_cast<std::uint32_t>(30 * kDay + 1);
    });
    refused(Verdict::kRuleWait, [](core::Configuration& bad) { bad.recovery->guard_hours = 2161; });
    refused(Verdict::kRuleActions,
            [](core::Configuration& bad) { bad.rules[kOpen].actions |= core::kActionRecover; });
    EXPECT_TRUE(state().records.empty());
    EXPECT_ACCEPTED(send(change(configuration(), kOpen, {1})));
    // A rule's own delay counts where it is longer than the guard, by a second.
    core::Configuration next = without_guard();
    next.recovery->guard_hours = 4 * 24;
    next.rules[kSlowPolicy].wait->delay_seconds += 1;
    next.rules[kSlow].wait->delay_seconds = static_cast<std::uint32_t>(2 * kDay + 2);
    EXPECT_REFUSED(kRuleWait, send(change(next)));
    next.rules[kSlow].wait->delay_seconds -= 1;
    EXPECT_ACCEPTED(send(change(next)));
}

TEST_F(RecoveryTest, AChangeEndsOtherChangesThatWait) {
    const Forged first = propose(change(configuration(), kOpen, {1}));
    const Forged second = propose(change(configuration(), kSlowPolicy, {2}));
    const Forged paying = propose(pay(kSlow));
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_EQ(record(kOpen).action, 0U);
    EXPECT_EQ(record(kOpen).earliest, 0U);
    EXPECT_EQ(record(kOpen).epoch, 1U);
    EXPECT_EQ(record(kSlow).action, kExecute);
    expect_canonical_state();
    world_.advance(7 * kDay);
    EXPECT_REFUSED(kNothingWaits, apply(first));
    EXPECT_REFUSED(kNothingWaits, apply(second));
    EXPECT_ACCEPTED(apply(paying));
}

// Recoveries.

TEST_F(RecoveryTest, TwoGuardiansRecoverAtOnce) {
    for (std::uint32_t seed = 50; seed < 53; ++seed) {
        ASSERT_ACCEPTED(send(give(session(seed))));
    }
    ASSERT_ACCEPTED(send(under(kOpen, RevokeBody{state().slots[1]->local_rule_id})));
    ASSERT_ACCEPTED(send(pay(kBudget, 100)));
    propose(pay(kSlow));
    ASSERT_ACCEPTED(send(cancel(kSlow)));
    const std::uint32_t version = state().local_version;
    const Forged forged = world_.forge(forge(), recovery(kGuardians));
    ASSERT_ACCEPTED(send(forged));
    const StateAccount now = state();
    EXPECT_EQ(now.shared, recovered(new_signers()));
    EXPECT_EQ(now.sequence, 1U);
    EXPECT_EQ(now.config_id.array(),
              core::recovered_config_id(forge().wallet().wallet_id, commitment(), 1, 0, now.shared)
                  .array());
    // Every session has ended, and the places can be used again.
    ASSERT_EQ(now.slots.size(), 3U);
    for (const auto& slot : now.slots) {
        EXPECT_FALSE(slot);
    }
    EXPECT_EQ(now.local_version, version + 2);
    EXPECT_REFUSED(kUnknownRule, send(by_session(0)));
    // The budget that the recovery restores was there before: it goes on.
    ASSERT_EQ(now.counters.size(), 1U);
    EXPECT_EQ(now.counters[0].spent, 100U);
    // The records of the old rules are gone.
    ASSERT_EQ(now.records.size(), 1U);
    RuleRecord expected;
    expected.rule = kGuardians;
    expected.epoch = 1;
    EXPECT_EQ(now.records[0], expected);
    expect_canonical_state();
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_ACCEPTED(send(pay(0)));
    EXPECT_ACCEPTED(send(pay(0, 1, sequence(), {1})));
    EXPECT_ACCEPTED(send(give(session(), 0)));
    EXPECT_ACCEPTED(send(by_session(0)));
}

TEST_F(RecoveryTest, OneGuardianWaits) {
    const Forged forged = propose(recovery(kGuardian));
    EXPECT_EQ(state().sequence, 0U);
    RuleRecord expected;
    expected.rule = kGuardian;
    expected.action = kRecover;
    expected.tie = true;
    expected.epoch = 1;
    expected.earliest = static_cast<std::uint32_t>(time() + 5 * kDay);
    expected.digest = waiting_digest(forge().wallet(), forged);
    EXPECT_EQ(record(kGuardian), expected);
    expect_canonical_state();
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_REFUSED(kAlreadyWaits, send(recovery(kGuardian)));
    world_.advance(5 * kDay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    world_.advance(1);
    Instruction bad = apply_of(forged);
    bad.data.back() ^= 1;
    EXPECT_REFUSED(kOtherProposal, world_.send({bad}));
    ASSERT_ACCEPTED(apply(forged));
    EXPECT_EQ(state().shared, recovered(new_signers()));
    EXPECT_EQ(state().config_id.array(),
              core::recovered_config_id(forge().wallet().wallet_id, commitment(), 0, 0,
                                        recovered(new_signers()))
                  .array());
    EXPECT_EQ(epoch(kGuardian), 1U);
    EXPECT_EQ(record(kGuardian).action, 0U);
    expect_canonical_state();
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    EXPECT_REFUSED(kEpoch, send(forged));
    // The next one names the next epoch, and leads to another configId.
    const core::Hash32 before = state().config_id;
    const Forged again = propose(recovery(kGuardian));
    world_.advance(5 * kDay);
    ASSERT_ACCEPTED(apply(again));
    EXPECT_NE(state().config_id, before);
    EXPECT_EQ(state().sequence, 2U);
}

TEST_F(RecoveryTest, ARecoveryIsTheSameWhateverWasBefore) {
    const Forged forged = propose(recovery(kGuardian));
    // A thief of two parties changes what he can.
    core::Configuration other = configuration();
    other.signers[2] = world_.add(TestSigner::ed25519(91));
    other.rules.resize(kSlow);
    ASSERT_ACCEPTED(send(change(other)));
    ASSERT_ACCEPTED(send(change(other)));
    world_.advance(5 * kDay);
    ASSERT_ACCEPTED(apply(forged));
    EXPECT_EQ(state().shared, recovered(new_signers()));
    EXPECT_EQ(state().config_id.array(),
              core::recovered_config_id(forge().wallet().wallet_id, commitment(), 0, 0,
                                        recovered(new_signers()))
                  .array());
}

TEST_F(RecoveryTest, LockdownIsNoHindrance) {
    core::Configuration last = configuration();
    last.rules = {rule(core::kActionExecute, 7)};
    last.lockdown = true;
    ASSERT_ACCEPTED(send(change(last)));
    ASSERT_ACCEPTED(send(recovery(kGuardians)));
    EXPECT_EQ(state().shared, recovered(new_signers()));
}

TEST_F(RecoveryTest, TheHeirWaitsLonger) {
    const Forged forged = propose(recovery(kHeir));
    EXPECT_FALSE(record(kHeir).tie);
    world_.advance(180 * kDay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    ASSERT_ACCEPTED(send(cancel(kHeir, {1})));
    EXPECT_EQ(record(kHeir).earliest, 0U);
    world_.advance(1);
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    const Forged again = propose(recovery(kHeir));
    world_.advance(180 * kDay);
    EXPECT_ACCEPTED(apply(again));
}

TEST_F(RecoveryTest, TheSignersFillTheirPlacesExactly) {
    const Draft good = recovery(kGuardians);
    const Bytes signers = std::get<RecoverBody>(good.body).signers;
    const auto refused = [&](const Bytes& bytes, Verdict verdict) {
        const NativeResult result = send(naming(good, bytes));
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
        EXPECT_EQ(core::recovered_shared(part_, commitment(), bytes).error(), verdict);
    };
    // One more is read as a rule; a rule behind them leaves the last real one over.
    const Bytes third = core::encode_unchecked({eip712_.entry()});
    refused(core::concat(signers, third), Verdict::kConfigurationTruncated);
    const Bytes open = {0xff & ~core::kActionRecover, 0, 1};
    refused(core::concat(signers, open), Verdict::kConfigurationTrailing);
    // One less: the rules are read as signers.
    const Bytes first = core::encode_unchecked({ed25519_.entry()});
    refused(first, Verdict::kSignerKind);
    refused(Bytes{}, Verdict::kSignerKind);
    EXPECT_ACCEPTED(send(good));
}

TEST_F(RecoveryTest, RulesSlippedInAmongTheSigners) {
    // Counts say one signer and one rule. With a rule behind the signer, the real one is left over.
    core::RecoveryPart part = make_part(2);
    part.after.signers = 1;
    part.after.rules = {rule(core::kActionExecute | core::kActionPolicy, 1)};
    const Bytes bytes = core::encode_unchecked(part);
    ASSERT_ACCEPTED(send(change(with_part(bytes))));
    const Bytes one = core::encode_unchecked({ed25519_.entry()});
    Draft draft = under(bytes, 1, RecoverBody{0, core::concat(one, Bytes{5, 0})}, {0, 1});
    EXPECT_REFUSED(kConfigurationTrailing, send(draft));
    std::get<RecoverBody>(draft.body).signers = one;
    EXPECT_ACCEPTED(send(draft));
}

TEST_F(RecoveryTest, ASlippedRuleSwallowsTheRealOnes) {
    // The second slipped rule has a SCOPE that swallows the real rules whole, and the commitment is
    // where it should be: a valid configuration, so only the number of signers tells.
    core::RecoveryPart part = make_part(3);
    part.after.signers = 1;
    core::Rule wide = rule(core::kActionExecute);
    part.after.rules = {rule(core::kActionExecute | core::kActionPolicy), wide};
    const Bytes bytes = core::encode_unchecked(part);
    ASSERT_ACCEPTED(send(change(with_part(bytes))));
    // Real rules: 05 00 01 00. Slipped: 0d 00 (everything), then 01 20 with one target of 32 bytes
    // and a prefix of 4, which are the real rules.
    Bytes slipped = core::encode_unchecked({ed25519_.entry()});
    const Bytes rules = {0x0d, 0x00, 0x01, 0x20, 1};
    slipped.insert(slipped.end(), rules.begin(), rules.end());
    slipped.insert(slipped.end(), 32, 0x55);
    slipped.push_back(4);
    Draft draft = under(bytes, 1, RecoverBody{0, slipped}, {0, 1});
    const Bytes swallowed = core::concat(Bytes{0x11, 0x10}, slipped, Bytes{0x05, 0x00, 0x01, 0x00},
                                         ByteView(state().shared).last(core::kRecoverySize));
    EXPECT_EQ(core::judge_shared(swallowed), Verdict::kAccepted);
    EXPECT_REFUSED(kConfigurationTrailing, send(draft));
    EXPECT_EQ(
        core::recovered_shared(bytes, core::commitment_of(bytes, kGuardHours), slipped).error(),
        Verdict::kConfigurationTrailing);
    std::get<RecoverBody>(draft.body).signers = core::encode_unchecked({ed25519_.entry()});
    EXPECT_ACCEPTED(send(draft));
}

TEST_F(RecoveryTest, NewSignersAreJudged) {
    const auto refused = [&](Verdict verdict, const std::vector<core::Signer>& signers) {
        const NativeResult result = send(recovery(kGuardian, signers, {0}));
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    std::vector<core::Signer> bad = new_signers();
    bad[0].key.assign(32, 0);
    refused(Verdict::kSignerKey, bad);
    bad = new_signers();
    bad[1] = bad[0];
    refused(Verdict::kSignerDuplicate, bad);
    bad = new_signers();
    bad[0].same_party = true;
    refused(Verdict::kSignerFlags, bad);
    std::array<std::uint8_t, 20> elsewhere{};
    elsewhere[0] = 1;
    const core::crypto::EthereumAddress address(elsewhere);
    refused(Verdict::kLockout,
            {core::Signer::contract(1, address), core::Signer::contract(2, address)});
    // Nobody on this chain could use them: too many bytes.
    Draft long_one = naming(recovery(kGuardian), Bytes(core::kMaximumShared + 1, 1));
    EXPECT_REFUSED(kConfigurationTooLong, send(long_one));
    EXPECT_REFUSED(kConfigurationTooLong, send(naming(long_one, Bytes(core::kMaximumShared, 1))));
    EXPECT_TRUE(state().records.empty());
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
}

TEST_F(RecoveryTest, OnlyThePartThatWasCommittedTo) {
    const auto refused = [&](Verdict verdict, const Bytes& part) {
        const NativeResult result =
            send(under(part, 0, recover_to(new_signers(), epoch(kGuardian)), {0}));
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    Bytes bad = part_;
    bad.back() ^= 1;
    refused(Verdict::kRecoveryPart, bad);
    refused(Verdict::kRecoveryPart, core::encode_unchecked(make_part(2)));
    bad = part_;
    bad[2 + 33] ^= 1;
    refused(Verdict::kRecoveryPart, bad);
    bad = part_;
    bad.pop_back();
    refused(Verdict::kRecoveryPart, bad);
    bad = part_;
    bad.push_back(0);
    refused(Verdict::kRecoveryPart, bad);
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
    // Cancel and freeze have no other.
    bad = part_;
    bad.back() ^= 1;
    EXPECT_REFUSED(kRecoveryPart, send(under(bad, 3, FreezeBody{0, false}, {0})));
    EXPECT_REFUSED(kRecoveryPart, send(under(bad, 0, CancelBody{0, kGuardian}, {0})));
    // Nor has apply.
    const Forged forged = world_.forge(forge(), recovery(kGuardian));
    Instruction instruction = apply_of(forged);
    instruction.data[3 + 2 + part_.size() - 1] ^= 1;
    EXPECT_REFUSED(kRecoveryPart, world_.send({instruction}));
    // A configuration without one.
    core::Configuration none = configuration();
    none.recovery.reset();
    none.rules[kSlow].wait.reset();
    none.rules[kTie].wait.reset();
    ASSERT_ACCEPTED(send(change(none)));
    EXPECT_REFUSED(kRecoveryPart, send(recovery(kGuardian)));
}

TEST_F(RecoveryTest, AMalformedPartIsWorthNothing) {
    const auto refused = [&](Verdict verdict, const Bytes& part) {
        ASSERT_ACCEPTED(send(change(with_part(part))));
        const Draft draft = under(part, 0, recover_to(new_signers(), epoch(kGuardian)), {0});
        const NativeResult result = send(draft);
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
        EXPECT_EQ(core::judge_recovery_part(part), verdict);
    };
    core::RecoveryPart bad = make_part();
    bad.rules[0].actions |= core::kActionExecute;
    refused(Verdict::kRuleActions, core::encode_unchecked(bad));
    bad = make_part();
    bad.rules[0].mask = 8;
    refused(Verdict::kRuleMask, core::encode_unchecked(bad));
    bad = make_part();
    bad.rules[0].wait->delay_seconds = static_cast<std::uint32_t>(31 * kDay);
    refused(Verdict::kRuleWait, core::encode_unchecked(bad));
    Bytes bytes = part_;
    bytes[0] = 0x11;
    refused(Verdict::kConfigurationVersion, bytes);
    bytes.assign(17, 0x10);
    ASSERT_ACCEPTED(send(change(with_part(bytes))));
    EXPECT_REFUSED(kConfigurationTruncated,
                   send(approved_by(under(bytes, 0, recover_to({}), {}), {{0, kFormNone, {}}})));
    // Nothing that it restores: counts and one rule.
    bad = make_part();
    bad.after.rules = {rule(core::kActionExecute)};
    bytes = core::encode_unchecked(bad);
    bytes.erase(bytes.end() - core::kRecoverySaltSize - 4, bytes.end() - core::kRecoverySaltSize);
    refused(Verdict::kConfigurationTruncated, bytes);
    // What it restores is judged when it does; until then the longest part is as good as any.
    bytes = part_;
    bytes.insert(bytes.end() - core::kRecoverySaltSize, core::kMaximumRecoveryPart - bytes.size(),
                 0);
    ASSERT_ACCEPTED(send(change(with_part(bytes))));
    EXPECT_ACCEPTED(send(under(bytes, 0, CancelBody{epoch(kGuardian), kGuardian}, {0})));
    bytes.push_back(0);
    refused(Verdict::kConfigurationTooLong, bytes);
    // It can be used when it is right, though a later commitment has another epoch.
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
}

TEST_F(RecoveryTest, RulesOfTheRecoveryPart) {
    const Draft good = recovery(kGuardian);
    const std::size_t rule_at = 1 + 2;
    const auto change_rule = [&](Verdict verdict, std::uint64_t value) {
        Forged bad = world_.forge(forge(), good);
        bad.data()[rule_at] = static_cast<std::uint8_t>(value);
        const NativeResult result = send(bad);
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    change_rule(Verdict::kUnknownRule, kRuleRecovery | 4);
    change_rule(Verdict::kUnknownRule, kRuleRecovery | 15);
    change_rule(Verdict::kUnknownRule, kRuleRecovery | kRuleLocal);
    change_rule(Verdict::kNonCanonical, kRuleRecovery | kRuleDeadline);
    change_rule(Verdict::kReservedBits, kRuleRecovery | kRuleCaps);
    change_rule(Verdict::kSignerNotInRule, kHeir);
    change_rule(Verdict::kThresholdNotMet, kGuardians);
    change_rule(Verdict::kActionNotAllowed, kAlarm);
    Forged bad = world_.forge(forge(), good);
    bad.data()[rule_at + 2] = 0xff;
    EXPECT_REFUSED(kDataTooShort, send(bad));
    bad = world_.forge(forge(), good);
    bad.data().resize(rule_at + 3 + part_.size() - 1);
    EXPECT_REFUSED(kDataTooShort, send(bad));
    bad.data().resize(rule_at);
    EXPECT_REFUSED(kDataTooShort, send(bad));
    // They do nothing else.
    for (const Body& body :
         {Body{ExecuteBody{}}, Body{GrantBody{core::encode_unchecked(session())}},
          Body{PolicyBody{0, core::encode_unchecked(configuration())}}, Body{MessageBody{}}}) {
        bad = world_.forge(forge(), good);
        Forged plain = world_.forge(forge(), under(kOpen, body));
        // The recovery part in front of the nonce of another action.
        Bytes data = plain.data();
        const Bytes part_bytes(
            bad.data().begin() + rule_at + 1,
            bad.data().begin() + rule_at + 3 + static_cast<std::ptrdiff_t>(part_.size()));
        data[rule_at] = kRuleRecovery;
        data.insert(data.begin() + rule_at + 1, part_bytes.begin(), part_bytes.end());
        bad = plain;
        bad.data() = data;
        // The guardian's signature instead of the owner's.
        bad.wallet().accounts.back() = readonly_signer(guardian_.address());
        EXPECT_REFUSED(kActionNotAllowed, send(bad));
    }
    EXPECT_ACCEPTED(send(good));
}

TEST_F(RecoveryTest, RecoveriesAreBoundToTheCommitment) {
    Forged good = world_.forge(forge(), recovery(kGuardians));
    Forged bad = good;
    const std::size_t binding_at =
        good.data().size() - std::get<RecoverBody>(good.approved.signed_part.body).signers.size() -
        kEpochSize - kBindingSize;
    const Binding of_configuration = make_binding(state().config_id, std::nullopt);
    std::copy(of_configuration.begin(), of_configuration.end(),
              bad.data().begin() + static_cast<std::ptrdiff_t>(binding_at));
    EXPECT_REFUSED(kConfigurationChanged, send(bad));
    // Another guard beside the same part is another commitment.
    ASSERT_ACCEPTED(send(change(with_part(part_, kGuardHours + 1))));
    EXPECT_REFUSED(kConfigurationChanged, send(good));
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_ACCEPTED(send(good));
}

TEST_F(RecoveryTest, TimesOfARecoveryRule) {
    core::RecoveryPart part = make_part(4);
    part.rules[0].times = core::Times{world_.now() + kDay, world_.now() + 7 * kDay};
    const Bytes bytes = core::encode_unchecked(part);
    ASSERT_ACCEPTED(send(change(with_part(bytes))));
    const Draft draft = under(bytes, 0, recover_to(new_signers()), {0});
    EXPECT_REFUSED(kRuleNotYetValid, send(draft));
    world_.advance(kDay);
    const Forged forged = propose(draft);
    world_.advance(6 * kDay);
    EXPECT_REFUSED(kRuleExpired, apply(forged));
    world_.chain().set_time(world_.chain().time() - 1);
    EXPECT_ACCEPTED(apply(forged));
}

// Records of the recovery part.

TEST_F(RecoveryTest, ANewCommitmentVoidsWhatWasApproved) {
    const Forged unused = world_.forge(forge(), recovery(kGuardians));
    const Forged guardian = propose(recovery(kGuardian));
    ASSERT_ACCEPTED(send(cancel(kGuardian, {1})));
    const Forged waits = propose(recovery(kGuardian));
    ASSERT_ACCEPTED(send(under(part_, 3, FreezeBody{0, false}, {2})));
    ASSERT_ACCEPTED(send(lift()));
    const StateAccount before = state();
    ASSERT_ACCEPTED(send(change(with_part(core::encode_unchecked(make_part(9))))));
    // What waited is gone, the epochs grow, and the past stays.
    RuleRecord expected = *find_record(before, kGuardian);
    expected.action = 0;
    expected.earliest = 0;
    expected.epoch = 3;
    EXPECT_EQ(expected.cancels, 1U);
    EXPECT_EQ(record(kGuardian), expected);
    expected = *find_record(before, kAlarm);
    expected.epoch = 2;
    EXPECT_NE(expected.frozen_at, 0U);
    EXPECT_EQ(record(kAlarm), expected);
    expect_canonical_state();
    world_.advance(5 * kDay);
    EXPECT_REFUSED(kRecoveryPart, apply(waits));
    // The commitment comes back, and its approvals do not.
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_EQ(epoch(kGuardian), 4U);
    EXPECT_REFUSED(kNothingWaits, apply(waits));
    EXPECT_REFUSED(kEpoch, send(guardian));
    EXPECT_REFUSED(kEpoch, send(waits));
    // But where nothing ever happened there is nothing to remember.
    EXPECT_ACCEPTED(send(unused));
}

TEST_F(RecoveryTest, RecordsOfTheRecoveryPartStay) {
    const Forged waits = propose(recovery(kGuardian));
    const StateAccount before = state();
    // Changes that leave the commitment leave its records.
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_EQ(record(kGuardian), *find_record(before, kGuardian));
    // Recoveries by others, too: what waits goes on.
    ASSERT_ACCEPTED(send(recovery(kGuardians)));
    EXPECT_EQ(record(kGuardian), *find_record(before, kGuardian));
    world_.advance(5 * kDay);
    EXPECT_ACCEPTED(apply(waits));
    EXPECT_EQ(state().sequence, 3U);
    // Without a commitment they stay as well.
    core::Configuration none = configuration();
    none.recovery.reset();
    none.rules[kSlow].wait.reset();
    none.rules[kTie].wait.reset();
    ASSERT_ACCEPTED(send(change(none, 0, {0, 1})));
    EXPECT_EQ(epoch(kGuardian), 2U);
    // Two shared parts without a commitment do not have the same one.
    ASSERT_ACCEPTED(send(change(none, kOpen, {1})));
    EXPECT_EQ(epoch(kGuardian), 3U);
    ASSERT_ACCEPTED(send(change(configuration(), kOpen, {1})));
    EXPECT_EQ(epoch(kGuardian), 4U);
    EXPECT_REFUSED(kEpoch, send(waits));
    expect_canonical_state();
}

// A recovery is not outrun.

TEST_F(RecoveryTest, OnePartysChangeWaitsForTheRecovery) {
    const Forged change_of_one = propose(change(configuration(), kOpen, {1}));
    world_.advance(6 * kDay);
    const Forged recovers = propose(recovery(kGuardian));
    const std::uint64_t earliest = record(kGuardian).earliest;
    world_.advance(kDay);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(change_of_one));
    world_.chain().set_time(static_cast<std::int64_t>(earliest + core::kMargin - 1));
    EXPECT_REFUSED(kRecoveryUnderWay, apply(change_of_one));
    // Two parties, and what was not held back by the guard, do not wait.
    EXPECT_ACCEPTED(send(pay(kOpen)));
    world_.advance(1);
    EXPECT_ACCEPTED(apply(change_of_one));
    EXPECT_ACCEPTED(apply(recovers));
}

TEST_F(RecoveryTest, TwoPartiesAreNotHeldBack) {
    const Forged change_of_two = propose(change(configuration(), kSlowPolicy, {0, 1}));
    propose(recovery(kGuardian));
    world_.advance(4 * kDay);
    EXPECT_ACCEPTED(apply(change_of_two));
    ASSERT_ACCEPTED(send(change(configuration())));
    EXPECT_EQ(state().sequence, 2U);
}

TEST_F(RecoveryTest, WithoutGuardNothingIsHeldBack) {
    wallet_.emplace(create(without_guard()));
    const Forged change_of_one = propose(change(without_guard(), kSlowPolicy, {1}));
    world_.advance(4 * kDay);
    propose(recovery(kGuardian));
    EXPECT_ACCEPTED(apply(change_of_one));
}

TEST_F(RecoveryTest, CancelledByOneItIsStillUnderWay) {
    const Forged change_of_one = propose(change(configuration(), kOpen, {1}));
    world_.advance(6 * kDay);
    propose(recovery(kGuardian));
    ASSERT_ACCEPTED(send(cancel(kGuardian, {0})));
    world_.advance(kDay);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(change_of_one));
    // Not when two parties cancel, even where nothing waits any more.
    const NativeAccount before = account_of(forge().wallet().state());
    ASSERT_ACCEPTED(send(under(kBoth, CancelBody{1, kGuardian}, {0, 1})));
    EXPECT_ACCEPTED(apply(change_of_one));
    // Nor when the guardian withdraws.
    world_.chain().set_account(forge().wallet().state(), before);
    ASSERT_ACCEPTED(send(under(part_, 0, CancelBody{1, kGuardian}, {1})));
    EXPECT_ACCEPTED(apply(change_of_one));
}

TEST_F(RecoveryTest, CancelledWhereTheOwnerWinsItIsOver) {
    const Forged change_of_one = propose(change(configuration(), kOpen, {1}));
    propose(recovery(kHeir));
    world_.advance(7 * kDay);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(change_of_one));
    ASSERT_ACCEPTED(send(cancel(kHeir, {0})));
    EXPECT_ACCEPTED(apply(change_of_one));
}

TEST_F(RecoveryTest, TheLatestRecoveryCounts) {
    const Forged change_of_one = propose(change(configuration(), kOpen, {1}));
    propose(recovery(kHeir));
    propose(recovery(kGuardian));
    ASSERT_ACCEPTED(send(under(kBoth, CancelBody{0, kHeir}, {0, 1})));
    world_.advance(7 * kDay - 1);
    EXPECT_REFUSED(kTooEarly, apply(change_of_one));
    world_.advance(1);
    // Earliest on day 5, and 48 hours more.
    EXPECT_ACCEPTED(apply(change_of_one));
}

TEST_F(RecoveryTest, AnAppliedRecoveryIsUnderWayAWhile) {
    // With a guard of one hour: what one party proposes after a recovery waits for its margin.
    core::Configuration next = configuration(1);
    next.rules[kSlow].wait.reset();
    next.rules[kTie].wait.reset();
    ASSERT_ACCEPTED(send(change(next)));
    const Forged recovers = propose(recovery(kGuardian));
    world_.advance(5 * kDay);
    ASSERT_ACCEPTED(apply(recovers));
    const Forged change_of_one = propose(change(next, 0, {0}));
    world_.advance(core::kMargin - 1);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(change_of_one));
    world_.advance(1);
    EXPECT_ACCEPTED(apply(change_of_one));
}

}  // namespace
}  // namespace latchkey::solana::testing
