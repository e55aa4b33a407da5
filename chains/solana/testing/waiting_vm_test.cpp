// SPDX-License-Identifier: Apache-2.0
// Laws 3, 5 and 6 on the real VM: what waits, who may end it, and what a recovery leads to
// (docs/spec/authorization.md, section 8). First the stories that it is for, then the laws.
#include "chains/solana/testing/waiting_laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Configuration;
using core::Verdict;

class Stories : public Waiting {
  protected:
    /// What a thief with the phone wants: himself alone, and no guardians.
    Configuration thiefs() const {
        Configuration out;
        out.signers = {thief_.entry()};
        out.rules = {plain_rule(kEverything, 1)};
        return out;
    }
    void SetUp() override {
        Waiting::SetUp();
        keys_.add(thief_);
        chain().add_key(thief_);
    }

    TestSigner thief_ = TestSigner::ed25519(630);
};

TEST_F(Stories, AGuardianRecoversAfterTheDelay) {
    // Phone and computer are lost.
    const Forged old_phones = forge(pay(kOne));
    const Forged forged = propose(recovery(kGuardian));
    EXPECT_REFUSED(kTooEarly, apply(forged));
    chain().advance(kGuardianDelay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    EXPECT_EQ(state().sequence, 0U);
    chain().advance(1);
    EXPECT_ACCEPTED(apply(forged));
    expect_recovered();
    EXPECT_REFUSED(kConfigurationChanged, send(old_phones));
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    EXPECT_REFUSED(kEpoch, send(forged));
}

TEST_F(Stories, BothGuardiansRecoverAtOnce) {
    EXPECT_ACCEPTED(send(recovery(kGuardians)));
    expect_recovered();
}

TEST_F(Stories, AnAttackIsCancelled) {
    const Forged forged = propose(recovery(kGuardian));
    chain().advance(kGuardianDelay - 60);
    // The owner sees it, and one device is enough.
    EXPECT_ACCEPTED(send(cancel(kGuardian, {kComputer})));
    chain().advance(60);
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_EQ(state().sequence, 0U);
    EXPECT_ACCEPTED(send(pay(kOne)));
    // And changes the guardians, with two devices, at once.
    EXPECT_ACCEPTED(send(change_by_two(with_part(core::encode_unchecked(make_part(2))))));
    EXPECT_REFUSED(kRecoveryPart, send(forged));
}

TEST_F(Stories, AThiefWithThePhoneForNinetyDays) {
    // He wants the wallet for himself; a guardian notices, and he cancels as late as he can.
    const Forged theft = propose(change(thiefs(), kOne, {kPhone}));
    Forged recovers = propose(recovery(kGuardian));
    for (unsigned i = 0; i < 2; ++i) {
        chain().advance(kGuardianDelay - 60);
        EXPECT_ACCEPTED(send(cancel(kGuardian, {kPhone})));
        EXPECT_REFUSED(kNothingWaits, apply(recovers));
        recovers = propose(recovery(kGuardian));
        if (i != 0) {
            EXPECT_REFUSED(kRecoveryUnderWay, apply(theft));
        }
    }
    // The third proposal stands.
    for (const std::uint64_t seconds : {kDay, 3 * kDay, 4 * kDay - 1}) {
        chain().advance(seconds);
        EXPECT_REFUSED(kCancelBudget, send(cancel(kGuardian, {kPhone})));
        EXPECT_REFUSED(kRecoveryUnderWay, apply(theft));
        EXPECT_REFUSED(kTooEarly, apply(recovers));
    }
    chain().advance(1);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(theft));
    EXPECT_ACCEPTED(apply(recovers));
    expect_recovered();
    EXPECT_REFUSED(kNothingWaits, apply(theft));
    EXPECT_REFUSED(kConfigurationChanged, send(theft));
}

TEST_F(Stories, AThiefDoesNotOutrunARecoveryThatHeCancelled) {
    // The guardian proposes a day before the theft could be applied; the thief cancels and applies.
    const Forged theft = propose(change(thiefs(), kOne, {kPhone}));
    chain().advance(kGuard - kDay);
    propose(recovery(kGuardian));
    EXPECT_ACCEPTED(send(cancel(kGuardian, {kPhone})));
    chain().advance(kDay);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(theft));
    // 48 hours after it could have been applied, and not a second before.
    chain().advance(kGuardianDelay - kDay + 2 * kDay - 1);
    EXPECT_REFUSED(kRecoveryUnderWay, apply(theft));
    chain().advance(1);
    // Nobody proposed again meanwhile: nobody is watching.
    EXPECT_ACCEPTED(apply(theft));
}

TEST_F(Stories, AGuardianWhoProposesForNinetyDays) {
    // The owner's one device cancels twice.
    for (unsigned i = 0; i < 2; ++i) {
        const Forged forged = propose(recovery(kGuardian));
        chain().advance(7 * kDay);
        EXPECT_ACCEPTED(send(cancel(kGuardian, {kComputer})));
        EXPECT_REFUSED(kEpoch, send(forged));
    }
    Forged third = propose(recovery(kGuardian));
    EXPECT_REFUSED(kCancelBudget, send(cancel(kGuardian, {kComputer})));
    // Two devices cancel for ever.
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_ACCEPTED(send(cancel(kGuardian, {kComputer, kPaperKey})));
        chain().advance(kGuardianDelay);
        EXPECT_REFUSED(kNothingWaits, apply(third));
        third = propose(recovery(kGuardian));
    }
    // Or choose other guardians: what waits is void.
    EXPECT_ACCEPTED(send(change_by_two(with_part(core::encode_unchecked(make_part(2))))));
    chain().advance(kGuardianDelay);
    EXPECT_REFUSED(kRecoveryPart, apply(third));
    // Ninety days after the first cancel one device counts again.
    EXPECT_ACCEPTED(send(change_by_two(configuration())));
    propose(recovery(kGuardian));
    chain().advance(30 * kDay);
    propose(recovery(kGuardian));
    EXPECT_ACCEPTED(send(cancel(kGuardian, {kPhone})));
}

TEST_F(Stories, TwoPartiesAgainstOne) {
    // A thief has the phone; the owner has computer and paper key.
    const Forged theft = propose(change(thiefs(), kOne, {kPhone}));
    const Forged payment = propose(pay(kSavings));
    const Forged later = forge(pay(kOne));
    Configuration next = configuration();
    next.signers[kPhone] = new_phone_.entry();
    EXPECT_ACCEPTED(send(change_by_two(next)));
    EXPECT_EQ(state().sequence, 1U);
    chain().advance(kGuard);
    EXPECT_REFUSED(kNothingWaits, apply(theft));
    EXPECT_REFUSED(kNothingWaits, apply(payment));
    EXPECT_REFUSED(kConfigurationChanged, send(later));
    EXPECT_REFUSED(kConfigurationChanged, send(theft));
    EXPECT_ACCEPTED(send(pay(kOne)));
    EXPECT_EQ(received(), kSol);
}

TEST_F(Stories, OneOfThreeCancelsTheThiefsPayments) {
    for (unsigned i = 0; i < 4; ++i) {
        const Forged payment = propose(pay(kSavings));
        chain().advance(kSavingsDelay);
        EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
        EXPECT_REFUSED(kNothingWaits, apply(payment));
    }
    EXPECT_EQ(received(), 0U);
}

TEST_F(Stories, TheOwnerSleepsForAWeek) {
    const Forged theft = propose(change(thiefs(), kOne, {kPhone}));
    const Forged recovers = propose(recovery(kGuardian));
    chain().advance(7 * kDay);
    EXPECT_REFUSED(kTooEarly, apply(theft));
    EXPECT_REFUSED(kTooEarly, apply(recovers));
    EXPECT_ACCEPTED(send(cancel(kOne, {kComputer})));
    EXPECT_ACCEPTED(send(cancel(kGuardian, {kComputer})));
    chain().advance(kGuard);
    EXPECT_REFUSED(kNothingWaits, apply(theft));
    EXPECT_REFUSED(kNothingWaits, apply(recovers));
    EXPECT_EQ(state().sequence, 0U);
}

TEST_F(Stories, ThePaperKeyAlone) {
    Configuration next = configuration();
    next.signers[kPhone] = new_phone_.entry();
    next.signers[kComputer] = new_computer_.entry();
    const Forged forged = propose(change(next, kPaper, {kPaperKey}));
    chain().advance(kPaperDelay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    chain().advance(1);
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_ACCEPTED(send(pay(kOne)));
    // Who found the paper is cancelled by one device.
    const Forged found = propose(change(thiefs(), kPaper, {kPaperKey}));
    EXPECT_ACCEPTED(send(by_digest(cancel(kPaper, {kPhone}))));
    chain().advance(kPaperDelay);
    EXPECT_REFUSED(kNothingWaits, apply(found));
}

TEST_F(Stories, TheHeirAfterHalfAYear) {
    const Forged forged = propose(recovery(kHeir));
    chain().advance(180 * kDay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    chain().advance(1);
    EXPECT_ACCEPTED(apply(forged));
    expect_recovered();
}

TEST_F(Stories, AnOwnerWhoLivesCancelsTheHeirForEver) {
    for (unsigned i = 0; i < 4; ++i) {
        const Forged forged = propose(recovery(kHeir));
        chain().advance(20 * kDay);
        EXPECT_ACCEPTED(send(cancel(kHeir, {kComputer})));
        EXPECT_REFUSED(kNothingWaits, apply(forged));
        EXPECT_REFUSED(kEpoch, send(forged));
        // It holds nothing up afterwards.
        EXPECT_EQ(record(kHeir).earliest, 0U);
    }
}

TEST_F(Stories, AFrozenWallet) {
    const Forged payment = propose(pay(kSavings));
    const Forged theft = propose(change(thiefs(), kOne, {kPhone}));
    EXPECT_ACCEPTED(send(freeze()));
    EXPECT_REFUSED(kFrozen, send(pay(kOne)));
    EXPECT_REFUSED(kFrozen, send(pay_by_digest(kTwo, {kComputer, kPaperKey})));
    EXPECT_REFUSED(kFrozen, send(under(kOne, MessageBody{})));
    EXPECT_REFUSED(kFrozen, send(change_by_two(configuration())));
    EXPECT_REFUSED(kFrozen,
                   send(under(kOne, GrantBody{core::encode_unchecked(core::LocalRule{
                                        {thief_.entry()}, plain_rule(core::kActionExecute, 1)})})));
    Draft in_genesis = pay(kOne);
    in_genesis.from_genesis = true;
    EXPECT_REFUSED(kStateNeeded, send(in_genesis));
    chain().advance(kSavingsDelay);
    EXPECT_REFUSED(kFrozen, apply(payment));
    // Cancelling and recovering go on.
    EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
    EXPECT_ACCEPTED(send(cancel(kOne, {kComputer})));
    EXPECT_REFUSED(kNothingWaits, apply(theft));
    propose(recovery(kGuardian));
    // One party does not lift it, nor freeze again.
    EXPECT_REFUSED(kTwoParties,
                   send(by_digest(under(kOne, FreezeBody{epoch(kOne), true}, {kPhone}))));
    EXPECT_REFUSED(kFreezeBudget, send(freeze(kPhone)));
    EXPECT_ACCEPTED(send(lift()));
    EXPECT_ACCEPTED(send(pay(kOne)));
    EXPECT_REFUSED(kFreezeBudget, send(freeze()));
    chain().advance(28 * kDay);
    EXPECT_ACCEPTED(send(freeze()));
    chain().advance(7 * kDay - 1);
    EXPECT_REFUSED(kFrozen, send(pay(kOne)));
    chain().advance(1);
    EXPECT_ACCEPTED(send(pay(kOne)));
    EXPECT_ACCEPTED(send(in_genesis));
}

TEST_F(Stories, AFrozenWalletIsRecovered) {
    const Forged forged = propose(recovery(kGuardian));
    chain().advance(kGuardianDelay - kDay);
    EXPECT_ACCEPTED(send(freeze()));
    chain().advance(kDay);
    EXPECT_ACCEPTED(apply(forged));
    expect_recovered();
}

TEST_F(Stories, AKeyIsRotatedAtOnceByTwoParties) {
    const Forged old_phones = forge(pay(kOne));
    Configuration next = configuration();
    next.signers[kPhone] = new_phone_.entry();
    EXPECT_ACCEPTED(send(change(next, kOne, {kPhone, kComputer})));
    EXPECT_TRUE(state().records.empty());
    EXPECT_REFUSED(kConfigurationChanged, send(old_phones));
    EXPECT_ACCEPTED(send(pay(kOne)));
    // One alone waits.
    propose(change(configuration(), kOne, {kPhone}));
    EXPECT_EQ(state().sequence, 1U);
}

// Law 5: a delayed action never executes early.

class Delays : public Waiting {};

TEST_F(Delays, NeverBeforeTheirTimeNorLongAfter) {
    struct Case {
        Draft draft;
        std::uint64_t delay;
    };
    const Configuration same = configuration();
    const std::vector<Case> cases = {{pay(kSavings), kSavingsDelay},
                                     {change(same, kOne, {kPhone}), kGuard},
                                     {change(same, kPaper, {kPaperKey}), kPaperDelay},
                                     {recovery(kGuardian), kGuardianDelay},
                                     {recovery(kHeir), 180 * kDay}};
    const std::string begin = chain().svm().snapshot();
    for (const Case& one : cases) {
        for (const bool expires : {false, true}) {
            chain().svm().restore(begin);
            const Forged forged = propose(one.draft);
            EXPECT_REFUSED(kTooEarly, apply(forged));
            chain().advance(one.delay - 1);
            EXPECT_REFUSED(kTooEarly, apply(forged));
            chain().advance(expires ? 14 * kDay + 2 : 1);
            if (expires) {
                EXPECT_REFUSED(kProposalExpired, apply(forged));
            } else {
                EXPECT_ACCEPTED(apply(forged));
                EXPECT_REFUSED(kNothingWaits, apply(forged));
            }
        }
    }
    chain().svm().restore(begin);
    const Forged last = propose(pay(kSavings));
    chain().advance(kSavingsDelay + 14 * kDay);
    EXPECT_ACCEPTED(apply(last));
    chain().svm().drop_snapshot(begin);
}

TEST_F(Delays, OneWaitsForEachRule) {
    const Forged first = propose(pay(kSavings));
    EXPECT_REFUSED(kAlreadyWaits, send(pay(kSavings, {kPaperKey})));
    chain().advance(kSavingsDelay + 14 * kDay);
    EXPECT_REFUSED(kAlreadyWaits, send(pay(kSavings)));
    chain().advance(1);
    Draft other = pay(kSavings);
    std::get<ExecuteBody>(other.body).calls[0] = transfer_call(3, 2, 2 * kSol);
    const Forged second = propose(other);
    EXPECT_REFUSED(kOtherProposal, apply(first));
    chain().advance(kSavingsDelay);
    EXPECT_REFUSED(kOtherProposal, apply(first));
    EXPECT_ACCEPTED(apply(second));
    EXPECT_EQ(received(), 2 * kSol);
}

TEST_F(Delays, NotAfterTheirCancellation) {
    const Forged payment = propose(pay(kSavings));
    const Forged paper = propose(change(configuration(), kPaper, {kPaperKey}));
    const Forged recovers = propose(recovery(kGuardian));
    EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
    EXPECT_ACCEPTED(send(cancel(kPaper, {kComputer})));
    // Guardians withdraw, and cancel nothing else.
    for (const std::uint8_t target : Bytes{kOne, kSavings, kGuardians, kHeir}) {
        EXPECT_REFUSED(kCancelNotAllowed,
                       send(by_digest(under(part_, 0, CancelBody{0, target}, {0}))));
    }
    EXPECT_ACCEPTED(send(by_digest(under(part_, 0, CancelBody{0, kGuardian}, {0}))));
    chain().advance(kPaperDelay);
    for (const Forged& forged : {payment, paper, recovers}) {
        EXPECT_REFUSED(kNothingWaits, apply(forged));
    }
    // What waits can be cancelled once.
    EXPECT_REFUSED(kNothingWaits, send(cancel(kSavings, {kComputer})));
}

TEST_F(Delays, NotAfterTheirRuleChanged) {
    const Forged payment = propose(pay(kSavings));
    Configuration next = configuration();
    next.rules[kSavings].wait->delay_seconds = 60;
    EXPECT_ACCEPTED(send(change_by_two(next)));
    chain().advance(kSavingsDelay);
    EXPECT_REFUSED(kNothingWaits, apply(payment));
    // Another signer is another rule.
    const Forged second = propose(pay(kSavings));
    next.signers[kPaperKey] = new_phone_.entry();
    EXPECT_ACCEPTED(send(change(next, kTwo, {kPhone, kComputer})));
    chain().advance(60);
    EXPECT_REFUSED(kNothingWaits, apply(second));
    // A rule that ends takes what waits with it.
    next.rules[kSavings].times = core::Times{0, chain().now() + 90};
    EXPECT_ACCEPTED(send(change(next, kTwo, {kPhone, kComputer})));
    const Forged third = propose(pay(kSavings));
    chain().advance(90);
    EXPECT_REFUSED(kRuleExpired, apply(third));
    EXPECT_EQ(received(), 0U);
}

TEST_F(Delays, WhatIsAppliedIsWhatWaits) {
    const Forged forged = propose(pay(kSavings));
    chain().advance(kSavingsDelay);
    const Instruction good = apply_of(forged);
    Instruction bad = good;
    bad.accounts[2] = writable(Scenario::address(1001));
    EXPECT_REFUSED(kOtherProposal, chain().send({bad}));
    bad = good;
    bad.data.back() ^= 1;
    EXPECT_REFUSED(kOtherProposal, chain().send({bad}));
    bad = good;
    bad.data[2] |= kRuleCaps;
    EXPECT_REFUSED(kOtherProposal, chain().send({bad}));
    bad = good;
    bad.data[1] = kGrant;
    EXPECT_REFUSED(kNothingWaits, chain().send({bad}));
    bad = good;
    bad.data[2] = kOne;
    EXPECT_REFUSED(kNothingWaits, chain().send({bad}));
    bad = good;
    bad.accounts.push_back(readonly(somebody()));
    EXPECT_REFUSED(kOtherProposal, chain().send({bad}));
    EXPECT_ACCEPTED(chain().send({good}));
    EXPECT_EQ(received(), kSol);
}

TEST_F(Delays, NoOtherRuleIsAFasterWay) {
    // To pay from the savings at once, one party would change the rules: that waits longer.
    Configuration next = configuration();
    next.rules[kSavings].wait->delay_seconds = 1;
    propose(change(next, kOne, {kPhone}));
    EXPECT_GE(record(kOne).earliest, chain().now() + kSavingsDelay + 2 * kDay);
    // And a configuration in which it does not is refused.
    Configuration bad = configuration();
    bad.recovery->guard_hours = (kSavingsDelay + 2 * kDay) / 3600 - 1;
    EXPECT_REFUSED(kRuleWait, send(change_by_two(bad)));
    bad.recovery.reset();
    EXPECT_REFUSED(kRuleWait, send(change_by_two(bad)));
    bad = configuration();
    bad.rules[kSavings].wait->delay_seconds = kGuard - 2 * kDay + 1;
    EXPECT_REFUSED(kRuleWait, send(change_by_two(bad)));
    bad.rules[kSavings].wait->delay_seconds -= 1;
    EXPECT_ACCEPTED(send(change_by_two(bad)));
}

TEST_F(Delays, GuardianRulesHaveNoFastLane) {
    // Wrong part, wrong salt, rules among the signers.
    Draft draft = recovery(kGuardian);
    draft.rule.recovery_part->back() ^= 1;
    EXPECT_REFUSED(kRecoveryPart, send(draft));
    draft = recovery(kGuardian);
    Bytes& signers = std::get<RecoverBody>(draft.body).signers;
    // Everything for both; then a rule whose SCOPE swallows the two real rules.
    for (const std::uint8_t byte : Bytes{core::kActionExecute | core::kActionPolicy, 0, 3,
                                         core::kActionExecute, core::kQuorumScope, 3, 1}) {
        signers.push_back(byte);
    }
    signers.insert(signers.end(), 32, 0x55);
    signers.push_back(6);
    EXPECT_REFUSED(kConfigurationTrailing, send(draft));
    // Nor can a lockdown or an unusable key come out of one.
    std::array<std::uint8_t, 20> elsewhere{};
    elsewhere[0] = 1;
    const core::crypto::EthereumAddress address(elsewhere);
    signers = core::encode_unchecked(
        {core::Signer::contract(1, address), core::Signer::contract(2, address)});
    EXPECT_REFUSED(kLockout, send(draft));
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
}

TEST_F(Delays, RecoveryPartsAreJudged) {
    const Draft good = recovery(kGuardian);
    const auto recover_under = [&](const Bytes& part, std::uint8_t rule) {
        Draft draft = good;
        draft.rule.recovery_part = part;
        draft.rule.index = rule;
        return send(draft);
    };
    // Rules that it does not have.
    for (const std::uint8_t rule : Bytes{3, 15}) {
        EXPECT_REFUSED(kUnknownRule, recover_under(part_, rule));
    }
    EXPECT_ACCEPTED(send(good));
    // What two parties committed to is worth nothing if it is malformed: a rule that may pay.
    core::RecoveryPart bad = make_part();
    bad.rules[0].actions |= core::kActionExecute;
    Bytes part = core::encode_unchecked(bad);
    EXPECT_ACCEPTED(send(change_by_two(with_part(part))));
    EXPECT_REFUSED(kRuleActions, recover_under(part, 0));
    // Or of another version.
    part = part_;
    part[0] = core::kVersionNibble | core::kHeaderRecovery;
    EXPECT_ACCEPTED(send(change_by_two(with_part(part))));
    EXPECT_REFUSED(kConfigurationVersion, recover_under(part, 0));
    // Or without what it restores: counts and one rule.
    bad = make_part();
    bad.after.rules = {plain_rule(core::kActionExecute, 1)};
    part = core::encode_unchecked(bad);
    part.erase(part.end() - core::kRecoverySaltSize - 4, part.end() - core::kRecoverySaltSize);
    EXPECT_ACCEPTED(send(change_by_two(with_part(part))));
    EXPECT_REFUSED(kConfigurationTruncated, recover_under(part, 0));
    EXPECT_ACCEPTED(send(change_by_two(configuration())));
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
}

// Law 3: every approval of an epoch works once, in every later state.

class Epochs : public Waiting {
  protected:
    /// Two changes of two parties: away and back to the same configuration.
    void there_and_back() const {
        Configuration other = configuration();
        other.rules.push_back(plain_rule(core::kActionExecute, 1));
        EXPECT_ACCEPTED(send(change_by_two(other)));
        EXPECT_ACCEPTED(send(change_by_two(configuration())));
    }
    void other_guardians_and_back() const {
        EXPECT_ACCEPTED(send(change_by_two(with_part(core::encode_unchecked(make_part(2))))));
        EXPECT_ACCEPTED(send(change_by_two(configuration())));
    }
    /// Brings the approval up to date where nobody signed.
    SendResult send_rebound(Forged forged) const {
        auto& nonce = std::get<TransactionNonce>(forged.approved.signed_part.nonce);
        const Binding present = make_binding(state().config_id, std::nullopt);
        const Bytes old(nonce.binding->begin(), nonce.binding->end());
        const auto at =
            std::search(forged.data().begin(), forged.data().end(), old.begin(), old.end());
        std::copy(present.begin(), present.end(), at);
        return send(forged);
    }
};

TEST_F(Epochs, ChangesWorkOnce) {
    Configuration next = configuration();
    next.rules.push_back(plain_rule(core::kActionExecute, 2));
    const Forged forged = propose(change(next, kOne, {kComputer}));
    EXPECT_REFUSED(kEpoch, send(forged));
    // Cancelled, expired, while another one waits.
    EXPECT_ACCEPTED(send(cancel(kOne, {kPhone})));
    EXPECT_REFUSED(kEpoch, send(forged));
    const Forged second = propose(change(next, kOne, {kComputer}));
    EXPECT_REFUSED(kEpoch, send(forged));
    chain().advance(kGuard + 14 * kDay + 1);
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_REFUSED(kEpoch, send(second));
    EXPECT_ACCEPTED(send(freeze()));
    EXPECT_REFUSED(kEpoch, send(second));
    chain().advance(7 * kDay);
    // In another configuration, and when it is back.
    there_and_back();
    for (const Forged& one : {forged, second}) {
        EXPECT_REFUSED(kConfigurationChanged, send(one));
        EXPECT_REFUSED(kDigestMismatch, send_rebound(one));
    }
    // What was applied does not come again.
    const Forged third = propose(change(next, kOne, {kComputer}));
    chain().advance(kGuard);
    EXPECT_ACCEPTED(apply(third));
    EXPECT_REFUSED(kConfigurationChanged, send(third));
    EXPECT_ACCEPTED(send(change_by_two(configuration())));
    EXPECT_REFUSED(kConfigurationChanged, send(third));
    EXPECT_REFUSED(kDigestMismatch, send_rebound(third));
    EXPECT_ACCEPTED(send(recovery(kGuardians)));
    EXPECT_REFUSED(kConfigurationChanged, send(third));
}

TEST_F(Epochs, ChangesAtOnceWorkOnce) {
    const Forged forged = forge(change_by_two(configuration()));
    EXPECT_ACCEPTED(send(forged));
    EXPECT_REFUSED(kConfigurationChanged, send(forged));
    EXPECT_REFUSED(kDigestMismatch, send_rebound(forged));
    there_and_back();
    EXPECT_REFUSED(kConfigurationChanged, send(forged));
    EXPECT_EQ(epoch(kTwo), 0U);
}

TEST_F(Epochs, RecoveriesWorkOnce) {
    const Forged forged = propose(recovery(kGuardian));
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_ACCEPTED(send(cancel(kGuardian, {kComputer})));
    EXPECT_REFUSED(kEpoch, send(forged));
    propose(recovery(kGuardian));
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_ACCEPTED(send(freeze()));
    EXPECT_REFUSED(kEpoch, send(forged));
    chain().advance(kGuardianDelay + 14 * kDay + 1);
    EXPECT_REFUSED(kEpoch, send(forged));
    // Other configurations under the same commitment; another commitment, and back.
    there_and_back();
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_ACCEPTED(send(change_by_two(with_part(core::encode_unchecked(make_part(2))))));
    EXPECT_REFUSED(kRecoveryPart, send(forged));
    EXPECT_ACCEPTED(send(change_by_two(configuration())));
    EXPECT_REFUSED(kEpoch, send(forged));
    // After a recovery of others, and after its own.
    const Forged last = propose(recovery(kGuardian));
    const Forged at_once = forge(recovery(kGuardians));
    EXPECT_ACCEPTED(send(at_once));
    EXPECT_REFUSED(kEpoch, send(at_once));
    chain().advance(kGuardianDelay);
    EXPECT_ACCEPTED(apply(last));
    for (const Forged& one : {forged, last, at_once}) {
        EXPECT_REFUSED(kEpoch, send(one));
    }
}

TEST_F(Epochs, WithdrawnRecoveriesAreNeverProposed) {
    // Ended before it was made: by two parties, or by the guardians.
    const Forged forged = forge(recovery(kGuardian));
    EXPECT_ACCEPTED(send(by_digest(under(kTwo, CancelBody{0, kGuardian}, {kPhone, kComputer}))));
    EXPECT_REFUSED(kEpoch, send(forged));
    const Forged second = forge(recovery(kGuardian));
    EXPECT_ACCEPTED(send(by_digest(under(part_, 0, CancelBody{1, kGuardian}, {1}))));
    EXPECT_REFUSED(kEpoch, send(second));
    // One party alone cancels what waits, and nothing else.
    EXPECT_REFUSED(kNothingWaits,
                   send(by_digest(under(kOne, CancelBody{2, kGuardian}, {kComputer}))));
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
}

TEST_F(Epochs, CancelsWorkOnce) {
    propose(recovery(kGuardian));
    const Forged weak = forge(cancel(kGuardian, {kComputer}));
    EXPECT_ACCEPTED(send(weak));
    EXPECT_REFUSED(kNothingWaits, send(weak));
    propose(recovery(kGuardian));
    EXPECT_REFUSED(kEpoch, send(weak));
    const Forged strong = forge(cancel(kGuardian, {kPhone, kComputer}));
    // The epoch to come does not shield it.
    EXPECT_REFUSED(
        kEpoch,
        send(by_digest(under(kTwo, CancelBody{epoch(kGuardian), kGuardian}, {kPhone, kComputer}))));
    EXPECT_ACCEPTED(send(strong));
    EXPECT_REFUSED(kEpoch, send(strong));
    const Forged third = propose(recovery(kGuardian));
    for (const Forged& one : {weak, strong}) {
        EXPECT_REFUSED(kEpoch, send(one));
    }
    const Forged withdrawal =
        forge(by_digest(under(part_, 0, CancelBody{epoch(kGuardian) - 1, kGuardian}, {0})));
    there_and_back();
    for (const Forged& one : {weak, strong}) {
        EXPECT_REFUSED(kConfigurationChanged, send(one));
    }
    EXPECT_ACCEPTED(send(withdrawal));
    EXPECT_REFUSED(kEpoch, send(withdrawal));
    propose(recovery(kGuardian));
    EXPECT_REFUSED(kEpoch, send(withdrawal));
    other_guardians_and_back();
    EXPECT_REFUSED(kEpoch, send(withdrawal));
    EXPECT_REFUSED(kEpoch, send(third));
}

TEST_F(Epochs, CancelsNameARule) {
    // A record of a rule that is not there would be looked up in the next change.
    const auto cancels = [&](std::uint8_t target) {
        return send(by_digest(under(kTwo, CancelBody{0, target}, {kPhone, kComputer})));
    };
    for (const std::uint8_t target : Bytes{kSavings + 1, 0x0f, 0x10, 0x20, 0x40, 0x90, 0xff}) {
        EXPECT_REFUSED(kUnknownRule, cancels(target));
    }
    EXPECT_TRUE(state().records.empty());
    // What the recovery part has, only its bytes could tell.
    EXPECT_ACCEPTED(cancels(kSavings));
    EXPECT_ACCEPTED(cancels(0x8f));
    there_and_back();
}

TEST_F(Epochs, FreezesAndLiftsWorkOnce) {
    const Forged frozen = forge(freeze());
    EXPECT_ACCEPTED(send(frozen));
    EXPECT_REFUSED(kEpoch, send(frozen));
    const Forged lifted = forge(lift());
    EXPECT_ACCEPTED(send(lifted));
    EXPECT_REFUSED(kEpoch, send(lifted));
    EXPECT_REFUSED(kEpoch, send(frozen));
    chain().advance(30 * kDay);
    EXPECT_REFUSED(kEpoch, send(frozen));
    EXPECT_ACCEPTED(send(freeze()));
    EXPECT_REFUSED(kEpoch, send(lifted));
    EXPECT_REFUSED(kEpoch, send(frozen));
    chain().advance(7 * kDay);
    there_and_back();
    EXPECT_REFUSED(kConfigurationChanged, send(frozen));
    EXPECT_REFUSED(kConfigurationChanged, send(lifted));
    EXPECT_REFUSED(kDigestMismatch, send_rebound(frozen));
    // The guardians'.
    const Forged alarm = forge(by_digest(under(part_, 1, FreezeBody{0, false}, {0, 1})));
    EXPECT_ACCEPTED(send(alarm));
    EXPECT_REFUSED(kEpoch, send(alarm));
    chain().advance(30 * kDay);
    EXPECT_REFUSED(kEpoch, send(alarm));
    there_and_back();
    EXPECT_REFUSED(kEpoch, send(alarm));
    other_guardians_and_back();
    EXPECT_REFUSED(kEpoch, send(alarm));
    EXPECT_ACCEPTED(send(pay(kOne)));
}

TEST_F(Epochs, ProposalsUseUpTheirNonces) {
    const Forged forged = propose(pay_by_digest(kSavings, {kComputer}));
    EXPECT_REFUSED(kStateNonce, send(forged));
    chain().advance(kSavingsDelay);
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_REFUSED(kStateNonce, send(forged));
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    EXPECT_EQ(received(), kSol);
}

}  // namespace
}  // namespace latchkey::solana::testing
