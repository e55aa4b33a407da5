// SPDX-License-Identifier: Apache-2.0
// Rules that wait: proposing, applying, cancelling and freezing
// (docs/spec/authorization.md, section 8).
#include "chains/solana/program/waiting_testing.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Tie;

// Proposing and applying.

TEST_F(WaitingTest, AnActionWaitsAndIsDoneOnce) {
    const std::uint32_t begin = time();
    const Forged forged = propose(pay(kSlow, 1'000'000));
    EXPECT_EQ(received(), 0U);
    RuleRecord expected;
    expected.rule = kSlow;
    expected.action = kExecute;
    expected.epoch = 1;
    expected.earliest = static_cast<std::uint32_t>(begin + kDay);
    expected.digest = waiting_digest(forge().wallet(), forged);
    EXPECT_EQ(state().records, std::vector<RuleRecord>{expected});
    expect_canonical_state();
    EXPECT_REFUSED(kTooEarly, apply(forged));
    world_.advance(kDay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    world_.advance(1);
    ASSERT_ACCEPTED(apply(forged));
    EXPECT_EQ(received(), 1'000'000U);
    expected.action = 0;
    EXPECT_EQ(state().records, std::vector<RuleRecord>{expected});
    expect_canonical_state();
    EXPECT_REFUSED(kNothingWaits, apply(forged));
}

TEST_F(WaitingTest, ARecordByteForByte) {
    ASSERT_ACCEPTED(send(give(session())));
    const Bytes before = state_bytes();
    const std::size_t local = core::load16(before.data() + kStateLocalOffsetOffset);
    const Forged forged = propose(pay(kTie));
    core::ByteWriter bytes;
    // Rule, action, cancels, TIE; epoch, earliest, begin of the cancel window, last freeze.
    bytes.write_u8(kTie).write_u8(kExecute).write_u8(0).write_u8(1).write_u32_le(1);
    bytes.write_u32_le(static_cast<std::uint32_t>(time() + kDay)).write_u32_le(0).write_u32_le(0);
    bytes.write(waiting_digest(forge().wallet(), forged).view());
    const Bytes written = bytes.take();
    ASSERT_EQ(written.size(), kRecordSize);
    Bytes expected = before;
    expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(local), written.begin(),
                    written.end());
    core::store16(expected.data() + kStateLocalOffsetOffset, local + kRecordSize);
    expected[kStateRecordsOffset] = 1;
    EXPECT_EQ(state_bytes(), expected);
    // The session behind it has moved, and works.
    EXPECT_ACCEPTED(send(by_session(0)));
}

TEST_F(WaitingTest, EveryNonceAndWayOfApproving) {
    const auto run = [&](const Draft& draft) {
        const std::uint64_t before = received();
        const Forged forged = propose(draft);
        EXPECT_EQ(received(), before);
        EXPECT_EQ(record(kSlow).digest, waiting_digest(forge().wallet(), forged));
        world_.advance(kDay);
        EXPECT_ACCEPTED(apply(forged));
        EXPECT_EQ(received(), before + 1);
    };
    run(pay(kSlow));
    run(pay(kSlow, 1, world_.lane_nonce()));
    run(pay(kSlow, 1, world_.lane_nonce(), {1}));
    run(pay(kSlow, 1, world_.lane_nonce(), {2}));
    run(pay(kSlow, 1, sequence(3), {1, 2}));
    Draft tree = pay(kSlow, 1, sequence(3), {1});
    tree.tree_height = 3;
    tree.tree_index = 5;
    run(tree);
    Draft late = pay(kSlow, 1, sequence(1), {2});
    late.deadline = world_.now();
    run(late);
    EXPECT_EQ(state().nonces, (std::array<std::uint64_t, 4>{0, 1, 0, 2}));
    EXPECT_EQ(epoch(kSlow), 7U);
}

TEST_F(WaitingTest, SeveralPasskeysPropose) {
    const TestSigner other = TestSigner::passkey(30);
    core::Configuration next = configuration();
    next.signers = {world_.add(passkey_), world_.add(other), world_.add(ed25519_)};
    ASSERT_ACCEPTED(send(change(next)));
    const Forged forged = propose(pay(kSlow, 1, world_.lane_nonce(), {0, 1}));
    EXPECT_EQ(received(), 0U);
    world_.advance(kDay);
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_EQ(received(), 1U);
}

TEST_F(WaitingTest, AProposalIsApprovedLikeAnything) {
    expect_only_change_refused(forge(), pay(kSlow), Verdict::kTransactionSignature,
                               [](Forged& bad) { bad.wallet().accounts.back().is_signer = false; });
    world_.advance(16 * kDay);
    expect_only_change_refused(forge(), pay(kSlow, 1, world_.lane_nonce(), {1}),
                               Verdict::kDigestMismatch,
                               [](Forged& bad) { bad.data().back() ^= 1; });
    EXPECT_REFUSED(kNonceRequired, send(pay(kSlow, 1, TransactionNonce{}, {1})));
    Draft late = pay(kSlow);
    late.deadline = world_.now() - 1;
    EXPECT_REFUSED(kDeadlinePassed, send(late));
    EXPECT_REFUSED(kActionNotAllowed, send(pay(kSlowPolicy)));
}

TEST_F(WaitingTest, NoncesOfProposalsAreUsedUp) {
    const Forged forged = propose(pay(kSlow, 1, sequence(), {1}));
    EXPECT_REFUSED(kStateNonce, send(forged));
    EXPECT_EQ(state().nonces[0], 1U);
    // What is refused uses up nothing.
    EXPECT_REFUSED(kAlreadyWaits, send(pay(kSlow, 1, sequence(), {1})));
    EXPECT_EQ(state().nonces[0], 1U);
}

TEST_F(WaitingTest, OneProposalOfARule) {
    const Forged first = propose(pay(kSlow));
    EXPECT_REFUSED(kAlreadyWaits, send(pay(kSlow, 2)));
    EXPECT_REFUSED(kAlreadyWaits, send(give(session(), kSlow)));
    // Another rule has its own.
    const Forged other = propose(pay(kTie, 2));
    world_.advance(kDay);
    EXPECT_ACCEPTED(apply(other));
    EXPECT_ACCEPTED(apply(first));
    EXPECT_EQ(received(), 3U);
    propose(pay(kSlow, 2));
    EXPECT_EQ(epoch(kSlow), 2U);
}

TEST_F(WaitingTest, FourteenDaysToApply) {
    const Forged forged = propose(pay(kSlow));
    world_.advance(kDay + core::kProposalLife);
    EXPECT_REFUSED(kAlreadyWaits, send(pay(kSlow, 2)));
    const NativeAccount before = account_of(forge().wallet().state());
    world_.advance(1);
    EXPECT_REFUSED(kProposalExpired, apply(forged));
    // In the last second it could be.
    world_.chain().set_time(world_.chain().time() - 1);
    EXPECT_ACCEPTED(apply(forged));
    world_.chain().set_account(forge().wallet().state(), before);
    // Another one takes its place.
    world_.advance(1);
    const Forged second = propose(pay(kSlow, 2));
    EXPECT_EQ(epoch(kSlow), 2U);
    EXPECT_EQ(state().records.size(), 1U);
    world_.advance(kDay);
    EXPECT_REFUSED(kOtherProposal, apply(forged));
    EXPECT_ACCEPTED(apply(second));
}

TEST_F(WaitingTest, ApplyRepeatsTheWholeAction) {
    const Forged forged = propose(pay(kSlow));
    world_.advance(kDay);
    const Instruction good = apply_of(forged);
    const auto refused = [&](Verdict verdict, const std::function<void(Instruction&)>& spoil) {
        Instruction bad = good;
        spoil(bad);
        const NativeResult result = world_.send({bad});
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    // Body: another byte, one more, one less.
    for (std::size_t at = 3; at < good.data.size(); ++at) {
        refused(Verdict::kOtherProposal, [=](Instruction& bad) { bad.data[at] ^= 1; });
    }
    refused(Verdict::kOtherProposal, [](Instruction& bad) { bad.data.push_back(0); });
    refused(Verdict::kOtherProposal, [](Instruction& bad) { bad.data.pop_back(); });
    // Accounts: another, one more, one less, another order.
    refused(Verdict::kOtherProposal,
            [](Instruction& bad) { bad.accounts[2].address = test_address(78); });
    refused(Verdict::kOtherProposal,
            [&](Instruction& bad) { bad.accounts.push_back(readonly(to_)); });
    refused(Verdict::kOtherProposal, [](Instruction& bad) { bad.accounts.pop_back(); });
    refused(Verdict::kOtherProposal,
            [](Instruction& bad) { std::swap(bad.accounts[3], bad.accounts[4]); });
    // Another action of the rule, other flags, another rule.
    refused(Verdict::kNothingWaits, [](Instruction& bad) { bad.data[1] = kGrant; });
    refused(Verdict::kNothingWaits, [](Instruction& bad) { bad.data[1] = kUpgrade; });
    refused(Verdict::kOtherProposal, [](Instruction& bad) { bad.data[2] |= kRuleCaps; });
    refused(Verdict::kNothingWaits, [](Instruction& bad) { bad.data[2] = kTie; });
    refused(Verdict::kNothingWaits, [](Instruction& bad) { bad.data[2] = kBoth; });
    EXPECT_ACCEPTED(world_.send({good}));
}

TEST_F(WaitingTest, ApplyHasOneForm) {
    ASSERT_ACCEPTED(send(give(session())));
    const Forged forged = propose(pay(kSlow));
    world_.advance(kDay);
    const Instruction good = apply_of(forged);
    const auto refused = [&](Verdict verdict, const std::function<void(Instruction&)>& spoil) {
        Instruction bad = good;
        spoil(bad);
        const NativeResult result = world_.send({bad});
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    const auto with_head = [&](Verdict verdict, std::uint64_t bits) {
        refused(verdict, [=](Instruction& bad) {
            bad.data[0] = static_cast<std::uint8_t>(bad.data[0] | bits);
        });
    };
    with_head(Verdict::kReservedBits, kHeadGenesis);
    with_head(Verdict::kReservedBits, kHeadTree);
    with_head(Verdict::kReservedBits, kHeadNonceMask);
    // Numbers without an action.
    for (const std::uint8_t action : Bytes{0, 6, 7, 8, 9, 10, kApply, 16, 0x11, 0xff}) {
        refused(Verdict::kUnknownAction, [=](Instruction& bad) { bad.data[1] = action; });
    }
    // Actions that never wait.
    const auto never = [&](ActionNumber action, std::uint8_t rule, std::size_t size) {
        refused(Verdict::kNothingWaits, [=](Instruction& bad) {
            bad.data.resize(3 + size);
            bad.data[1] = static_cast<std::uint8_t>(action);
            bad.data[2] = rule;
        });
    };
    never(kRevoke, kOpen, 32);
    never(kMessage, kOpen, 32);
    never(kCancel, kWatch, 5);
    never(kFreeze, kWatch, 5);
    // The rule.
    refused(Verdict::kReservedBits, [](Instruction& bad) { bad.data[2] |= kRuleDeadline; });
    refused(Verdict::kReservedBits, [](Instruction& bad) {
        bad.data[1] = kPolicy;
        bad.data[2] = kSlowPolicy | kRuleCaps;
    });
    refused(Verdict::kUnknownRule, [](Instruction& bad) { bad.data[2] = 7; });
    refused(Verdict::kUnknownRule, [](Instruction& bad) { bad.data[2] = kRuleLocal | 1; });
    refused(Verdict::kNothingWaits, [](Instruction& bad) { bad.data[2] = kRuleLocal; });
    refused(Verdict::kActionNotAllowed, [](Instruction& bad) { bad.data[2] = kWatch; });
    refused(Verdict::kActionNotAllowed, [](Instruction& bad) { bad.data[2] = kSlowPolicy; });
    // Ends too early.
    refused(Verdict::kDataTooShort, [](Instruction& bad) { bad.data.resize(2); });
    refused(Verdict::kDataTooShort, [](Instruction& bad) {
        bad.data.resize(6);
        bad.data[1] = kPolicy;
        bad.data[2] = kSlowPolicy;
    });
    EXPECT_ACCEPTED(world_.send({good}));
}

TEST_F(WaitingTest, ChangesAreAppliedWithoutALane) {
    const Forged forged = propose(change(configuration(), kSlowPolicy, {0}));
    world_.advance(7 * kDay);
    for (const std::uint64_t kind : {kNonceLane, kNonceState}) {
        Instruction bad = apply_of(forged);
        bad.data[0] = static_cast<std::uint8_t>(bad.data[0] | kind << kHeadNonceShift);
        EXPECT_REFUSED(kReservedBits, world_.send({bad}));
    }
    EXPECT_ACCEPTED(apply(forged));
}

TEST_F(WaitingTest, LanesProposalsHaveTheirAccountsInTheSamePlaces) {
    const Forged forged = propose(pay(kSlow, 1, world_.lane_nonce(), {1}));
    world_.advance(kDay);
    Instruction instruction = apply_of(forged);
    // Nobody uses the lane: whatever stands there, only the places count.
    instruction.accounts[2] = readonly(test_address(79));
    instruction.accounts[3] = readonly(test_address(80));
    Instruction short_one = instruction;
    short_one.accounts.resize(3);
    EXPECT_REFUSED(kAccountIndex, world_.send({short_one}));
    EXPECT_ACCEPTED(world_.send({instruction}));
    EXPECT_EQ(received(), 1U);
}

TEST_F(WaitingTest, PlacesOfAccountsDoNotShift) {
    // As a transaction or a state nonce has them: pay `to_`, by the program at place 5.
    Draft draft = pay(kSlow, 1, sequence(), {1});
    const Address thief = test_address(81);
    draft.accounts = {writable(thief), readonly(kSystemProgram), writable(to_),
                      readonly(kSystemProgram)};
    draft.body = ExecuteBody{std::nullopt, {transfer_call(5, 4, 1'000'000)}};
    world_.put(thief, world_.chain().minimum_balance(0));
    const Forged forged = propose(draft);
    world_.advance(kDay);
    // With two accounts in front of them, place 4 would be the first of these.
    Instruction bad = apply_of(forged);
    bad.data[0] = kApply | kNonceLane << kHeadNonceShift;
    bad.accounts.insert(bad.accounts.begin() + 2, 2, readonly(test_address(82)));
    EXPECT_REFUSED(kOtherProposal, world_.send({bad}));
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_EQ(received(), 1'000'000U);
}

TEST_F(WaitingTest, AnybodyAppliesForOneWallet) {
    const Forged forged = propose(pay(kSlow));
    world_.advance(kDay);
    Instruction instruction = apply_of(forged);
    const Address mine = instruction.accounts[0].address;
    // The same configuration under another salt, with the same history.
    core::Configuration sibling = configuration();
    sibling.rules[kSlow].wait->delay_seconds += 1;
    const Forge other = create(sibling);
    Instruction bad = instruction;
    bad.accounts[0].address = other.wallet().state();
    bad.accounts[1].address = other.wallet().vault;
    EXPECT_REFUSED(kNothingWaits, world_.send({bad}));
    // A state of somebody else's making.
    NativeAccount copy = account_of(mine);
    copy.owner = world_.script();
    world_.chain().set_account(test_address(83), copy);
    bad = instruction;
    bad.accounts[0].address = test_address(83);
    EXPECT_REFUSED(kStateMissing, world_.send({bad}));
    bad = instruction;
    bad.accounts[0].is_writable = false;
    EXPECT_RUNTIME_ERROR("ReadonlyDataModified", world_.send({bad}));
    // Another account in the vault's place is nobody's to sign for.
    bad = instruction;
    bad.accounts[1] = writable(world_.payer().address());
    EXPECT_REFUSED(kSignerForwarded, world_.send({bad}));
    EXPECT_ACCEPTED(world_.send({instruction}));
}

TEST_F(WaitingTest, CapsWaitAsWell) {
    Draft draft = pay(kSlow, 500);
    std::get<ExecuteBody>(draft.body).caps = Caps{false, {{1, 400, 0}}};
    const Forged forged = propose(draft);
    EXPECT_EQ(record(kSlow).digest, waiting_digest(forge().wallet(), forged));
    world_.advance(kDay);
    Instruction bad = apply_of(forged);
    bad.data[2] &= static_cast<std::uint8_t>(~kRuleCaps);
    EXPECT_REFUSED(kOtherProposal, world_.send({bad}));
    EXPECT_REFUSED(kCapOutflow, apply(forged));
    // It waits on, until it is withdrawn.
    EXPECT_EQ(record(kSlow).action, kExecute);
    ASSERT_ACCEPTED(send(cancel(kSlow)));
    std::get<ExecuteBody>(draft.body).caps->caps[0].maximum_outflow = 500;
    const Forged enough = propose(draft);
    world_.advance(kDay);
    EXPECT_ACCEPTED(apply(enough));
    EXPECT_EQ(received(), 500U);
}

TEST_F(WaitingTest, SessionsAfterADelay) {
    const Forged forged = propose(give(session(), kSlow));
    EXPECT_TRUE(state().slots.empty());
    EXPECT_REFUSED(kTooEarly, apply(forged));
    world_.advance(kDay);
    ASSERT_ACCEPTED(apply(forged));
    ASSERT_EQ(state().slots.size(), 1U);
    EXPECT_EQ(state().slots[0]->granting_rule, kSlow);
    EXPECT_EQ(state().local_version, 1U);
    expect_canonical_state();
    EXPECT_ACCEPTED(send(by_session(0)));
    // It is judged when it is given.
    core::LocalRule bad = session();
    bad.rule.actions = core::kActionMessage;
    const Forged other = propose(give(bad, kSlow));
    world_.advance(kDay);
    EXPECT_REFUSED(kRuleActions, apply(other));
}

TEST_F(WaitingTest, RevokingNeverWaits) {
    ASSERT_ACCEPTED(send(give(session())));
    EXPECT_ACCEPTED(send(under(kSlow, RevokeBody{state().slots[0]->local_rule_id})));
    EXPECT_TRUE(state().records.empty());
}

TEST_F(WaitingTest, BudgetsAreSpentWhenItIsDone) {
    core::Configuration next = configuration();
    next.rules[kBudget] = waiting(budget(), kDay);
    ASSERT_ACCEPTED(send(change(next)));
    const Forged too_much = propose(pay(kBudget, 101));
    world_.advance(kDay);
    EXPECT_REFUSED(kLimitPerCall, apply(too_much));
    ASSERT_ACCEPTED(send(cancel(kBudget)));
    for (const std::uint64_t spent : {90U, 150U}) {
        const Forged forged = propose(pay(kBudget, spent == 90 ? 90 : 60));
        world_.advance(kDay);
        ASSERT_ACCEPTED(apply(forged));
        EXPECT_EQ(state().counters[0].spent, spent);
    }
    const Forged last = propose(pay(kBudget, 1));
    world_.advance(kDay);
    EXPECT_REFUSED(kLimitPerPeriod, apply(last));
}

TEST_F(WaitingTest, TheRuleMustStillHold) {
    core::Configuration next = configuration();
    next.rules[kSlow].times = core::Times{world_.now(), world_.now() + 2 * kDay};
    ASSERT_ACCEPTED(send(change(next)));
    const Forged forged = propose(pay(kSlow));
    world_.advance(2 * kDay);
    EXPECT_REFUSED(kRuleExpired, apply(forged));
    EXPECT_REFUSED(kRuleExpired, send(pay(kSlow)));
    world_.chain().set_time(world_.chain().time() - 1);
    EXPECT_ACCEPTED(apply(forged));
    world_.chain().set_time(world_.chain().time() - 2 * 86'400);
    EXPECT_REFUSED(kRuleNotYetValid, apply(forged));
}

TEST_F(WaitingTest, ProposalsGoWithTheirRule) {
    const Forged forged = propose(pay(kSlow));
    const Forged tied = propose(pay(kTie, 2));
    ASSERT_ACCEPTED(send(under(kBoth, CancelBody{0, kWatch}, {0, 1})));
    // Rules change places: records follow them, and lose nothing.
    core::Configuration next = configuration();
    std::swap(next.rules[kSlow], next.rules[kOpen]);
    const StateAccount before = state();
    ASSERT_ACCEPTED(send(change(next)));
    expect_canonical_state();
    ASSERT_EQ(state().records.size(), 3U);
    RuleRecord moved = before.records[0];
    moved.rule = kOpen;
    EXPECT_EQ(state().records[0], moved);
    EXPECT_EQ(state().records[1], before.records[1]);
    EXPECT_EQ(state().records[2], before.records[2]);
    world_.advance(kDay);
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    Instruction follows = apply_of(forged);
    follows.data[2] = kOpen;
    EXPECT_ACCEPTED(world_.send({follows}));
    // A rule that was changed has no past.
    next.rules[kTie].wait->delay_seconds += 1;
    ASSERT_ACCEPTED(send(change(next)));
    EXPECT_EQ(state().records.size(), 2U);
    EXPECT_REFUSED(kNothingWaits, apply(tied));
    EXPECT_EQ(epoch(kTie), 0U);
    expect_canonical_state();
}

TEST_F(WaitingTest, RecordsArePaidForBefore) {
    world_.fund_state(forge(), state_bytes().size());
    EXPECT_RUNTIME_ERROR("InsufficientFundsForRent", send(pay(kSlow)));
    EXPECT_RUNTIME_ERROR("InsufficientFundsForRent", send(freeze()));
    EXPECT_RUNTIME_ERROR("InsufficientFundsForRent", send(recovery(kGuardian)));
    world_.fund_state(forge(), state_bytes().size() + kRecordSize);
    const std::size_t size = state_bytes().size();
    ASSERT_ACCEPTED(send(pay(kSlow)));
    EXPECT_EQ(state_bytes().size(), size + kRecordSize);
    Draft draft = pay(kTie);
    draft.state_writable = false;
    EXPECT_RUNTIME_ERROR("ReadonlyDataModified", send(draft));
}

TEST_F(WaitingTest, ThirtyTwoRecords) {
    core::Configuration next = configuration();
    while (next.rules.size() < 16) {
        next.rules.push_back(
            waiting(rule(core::kActionExecute, 7), next.rules.size(), Tie::kOwner));
    }
    ASSERT_ACCEPTED(send(change(next)));
    ASSERT_ACCEPTED(send(give(session())));
    for (std::uint8_t target = 0; target < 16; ++target) {
        const std::uint8_t names[] = {target, static_cast<std::uint8_t>(0x80 | target)};
        for (const std::uint8_t name : names) {
            const std::uint32_t known = epoch(name);
            ASSERT_ACCEPTED(send(under(kBoth, CancelBody{known, name}, {0, 1})));
            EXPECT_EQ(epoch(name), known + 1);
            expect_canonical_state();
        }
    }
    EXPECT_EQ(state().records.size(), kMaximumRecords);
    EXPECT_ACCEPTED(send(by_session(0)));
    next.rules.resize(8);
    ASSERT_ACCEPTED(send(change(next)));
    EXPECT_EQ(state().records.size(), 8U + 16U);
    expect_canonical_state();
    EXPECT_ACCEPTED(send(by_session(0)));
}

// In a genesis.

TEST_F(WaitingTest, AGenesisKnowsNoWaiting) {
    const Forge fresh = world_.make_wallet([&] {
        core::Configuration out = configuration();
        out.rules[kSlow].wait->delay_seconds += 7;
        return out;
    }());
    const auto send_fresh = [&](Draft draft) {
        draft.from_genesis = true;
        return world_.send(fresh, draft);
    };
    EXPECT_REFUSED(kStateNeeded, send_fresh(pay(kSlow)));
    EXPECT_REFUSED(kStateNeeded, send_fresh(pay(kTie, 1, world_.lane_nonce(), {1})));
    EXPECT_ACCEPTED(send_fresh(pay(kOpen)));
    // What needs the state says so.
    for (const Draft& draft :
         {cancel(kSlow), freeze(), recovery(kGuardian),
          under(kSlow, UpgradeBody{core::Hash32(), compact_call(2, {}, {})})}) {
        EXPECT_REFUSED(kStateMissing, world_.send(fresh, draft));
        Forged forged = world_.forge(fresh, draft);
        forged.data()[0] |= kHeadGenesis;
        EXPECT_REFUSED(kStateNeeded, world_.send(forged.instructions));
    }
    EXPECT_REFUSED(kStateMissing, world_.send({apply_of(world_.forge(fresh, pay(kSlow)))}));
}

TEST_F(WaitingTest, ASoleSignersGenesisNeither) {
    core::Configuration sole;
    sole.signers = {ed25519_.entry()};
    sole.rules = {waiting(rule(core::kActionExecute | core::kActionPolicy), kDay)};
    const Forge forge = world_.make_wallet(sole);
    EXPECT_REFUSED(kStateNeeded, world_.send(forge, transfer(1)));
    sole.signers = {world_.add(passkey_)};
    const Forge passkey = world_.make_wallet(sole);
    EXPECT_REFUSED(kStateNeeded, world_.send(passkey, transfer(1, world_.lane_nonce())));
    sole.rules[0].wait.reset();
    EXPECT_ACCEPTED(world_.send(world_.make_wallet(sole), transfer(1, world_.lane_nonce())));
}

// Cancelling.

TEST_F(WaitingTest, OnePartyCancelsWhereWhoCancelsWins) {
    for (unsigned i = 0; i < 5; ++i) {
        const Forged forged = propose(pay(kSlow));
        world_.advance(kDay);
        ASSERT_ACCEPTED(send(cancel(kSlow, {1})));
        const RuleRecord left = record(kSlow);
        EXPECT_EQ(left.action, 0U);
        EXPECT_EQ(left.earliest, 0U);
        EXPECT_EQ(left.cancels, 0U);
        EXPECT_EQ(left.epoch, i + 1);
        EXPECT_REFUSED(kNothingWaits, apply(forged));
    }
    expect_canonical_state();
}

TEST_F(WaitingTest, CancelsNameTheProposal) {
    propose(pay(kSlow));
    const Draft right = cancel(kSlow, {1});
    for (const std::uint32_t wrong : {1U, 2U, ~0U}) {
        Draft bad = right;
        std::get<CancelBody>(bad.body).epoch = wrong;
        EXPECT_REFUSED(kEpoch, send(bad));
        // Two parties as well: else whoever proposes could make his proposal uncancellable.
        bad = cancel(kSlow, {0, 1});
        std::get<CancelBody>(bad.body).epoch = wrong;
        EXPECT_REFUSED(kEpoch, send(bad));
    }
    expect_only_change_refused(forge(), right, Verdict::kDigestMismatch,
                               [](Forged& bad) { bad.data().back() = kTie; });
    // What was cancelled is: the same approval has nothing left to cancel.
    EXPECT_REFUSED(kNothingWaits, send(right));
    propose(pay(kSlow, 2));
    EXPECT_REFUSED(kEpoch, send(right));
    EXPECT_ACCEPTED(send(cancel(kSlow, {1})));
}

TEST_F(WaitingTest, OnePartyCancelsWhatWaitsOnly) {
    EXPECT_REFUSED(kNothingWaits, send(under(kWatch, CancelBody{0, kSlow})));
    EXPECT_TRUE(state().records.empty());
    const Forged forged = propose(pay(kSlow));
    world_.advance(kDay);
    ASSERT_ACCEPTED(apply(forged));
    EXPECT_REFUSED(kNothingWaits, send(under(kWatch, CancelBody{0, kSlow})));
    EXPECT_REFUSED(kNothingWaits, send(under(kWatch, CancelBody{1, kSlow})));
}

TEST_F(WaitingTest, TwoPartiesCancelAlways) {
    for (unsigned i = 0; i < 4; ++i) {
        const Forged forged = propose(pay(kTie));
        world_.advance(kDay);
        // Under a rule for one party, too: it is the parties that count.
        const Draft draft = i % 2 == 0 ? cancel(kTie, {0, 1})
                                       : under(kWatch, CancelBody{epoch(kTie) - 1, kTie}, {1, 2});
        ASSERT_ACCEPTED(send(draft));
        EXPECT_EQ(record(kTie).earliest, 0U);
        EXPECT_EQ(record(kTie).cancels, 0U);
        EXPECT_REFUSED(kNothingWaits, apply(forged));
    }
}

TEST_F(WaitingTest, SomeoneWithdraws) {
    for (unsigned i = 0; i < 4; ++i) {
        const Forged forged = propose(pay(kTie));
        world_.advance(kDay);
        ASSERT_ACCEPTED(send(under(kTie, CancelBody{i, kTie}, {2})));
        EXPECT_EQ(record(kTie).earliest, 0U);
        EXPECT_EQ(record(kTie).cancels, 0U);
        EXPECT_REFUSED(kNothingWaits, apply(forged));
    }
    // Not under another rule.
    propose(pay(kTie));
    ASSERT_ACCEPTED(send(under(kSlow, CancelBody{4, kTie}, {2})));
    EXPECT_EQ(record(kTie).cancels, 1U);
    EXPECT_NE(record(kTie).earliest, 0U);
    EXPECT_REFUSED(kActionNotAllowed, send(under(kOpen, CancelBody{5, kTie})));
}

TEST_F(WaitingTest, OnePartyCancelsTwiceWhereWhoProposesWins) {
    propose(pay(kTie));
    const std::uint32_t earliest = record(kTie).earliest;
    const std::uint32_t since = time();
    ASSERT_ACCEPTED(send(cancel(kTie, {1})));
    RuleRecord left = record(kTie);
    EXPECT_EQ(left.cancels, 1U);
    EXPECT_EQ(left.cancels_since, since);
    EXPECT_EQ(left.earliest, earliest);
    EXPECT_TRUE(left.tie);
    expect_canonical_state();
    world_.advance(10 * kDay);
    propose(pay(kTie));
    // Whichever party it is.
    ASSERT_ACCEPTED(send(cancel(kTie, {2})));
    left = record(kTie);
    EXPECT_EQ(left.cancels, 2U);
    EXPECT_EQ(left.cancels_since, since);
    const Forged third = propose(pay(kTie));
    EXPECT_REFUSED(kCancelBudget, send(cancel(kTie, {0})));
    EXPECT_REFUSED(kCancelBudget, send(cancel(kTie, {1})));
    // Another rule has its own budget.
    propose(pay(kSlow));
    EXPECT_ACCEPTED(send(cancel(kSlow, {1})));
    world_.advance(kDay);
    EXPECT_ACCEPTED(apply(third));
}

TEST_F(WaitingTest, TheWindowOfCancels) {
    const std::uint32_t since = time();
    for (unsigned i = 0; i < 2; ++i) {
        propose(pay(kTie));
        ASSERT_ACCEPTED(send(cancel(kTie)));
    }
    world_.chain().set_time(since + static_cast<std::int64_t>(core::kCancelWindow));
    propose(pay(kTie));
    EXPECT_REFUSED(kCancelBudget, send(cancel(kTie)));
    world_.advance(1);
    ASSERT_ACCEPTED(send(cancel(kTie)));
    EXPECT_EQ(record(kTie).cancels, 1U);
    EXPECT_EQ(record(kTie).cancels_since, time());
    // Two more in this window, not three; and both can end what one alone cannot.
    propose(pay(kTie));
    ASSERT_ACCEPTED(send(cancel(kTie)));
    propose(pay(kTie));
    EXPECT_REFUSED(kCancelBudget, send(cancel(kTie)));
    ASSERT_ACCEPTED(send(cancel(kTie, {0, 1})));
    EXPECT_EQ(record(kTie).cancels, 2U);
}

TEST_F(WaitingTest, ProposalsThatWereNeverMade) {
    // Two parties, or the proposers themselves, end an approval that is on its way.
    const Forged signed_before = world_.forge(forge(), change(configuration(), kSlowPolicy, {1}));
    const Draft together = under(kBoth, CancelBody{0, kSlowPolicy}, {0, 1});
    ASSERT_ACCEPTED(send(together));
    EXPECT_EQ(epoch(kSlowPolicy), 1U);
    EXPECT_REFUSED(kEpoch, send(signed_before));
    EXPECT_REFUSED(kEpoch, send(together));
    ASSERT_ACCEPTED(send(under(kSlow, CancelBody{0, kSlow})));
    EXPECT_EQ(epoch(kSlow), 1U);
    EXPECT_REFUSED(kEpoch, send(under(kSlow, CancelBody{0, kSlow})));
    EXPECT_REFUSED(kEpoch, send(under(kSlow, CancelBody{2, kSlow})));
    // A new one can be made.
    EXPECT_ACCEPTED(send(change(configuration(), kSlowPolicy, {1})));
    EXPECT_ACCEPTED(send(pay(kSlow)));
    expect_canonical_state();
}

TEST_F(WaitingTest, RecoveryRulesCancelTheirOwn) {
    for (const std::uint8_t target : Bytes{kBoth, kSlow, kGuardians, kHeir, 0x8f, 0x40, 0xff}) {
        EXPECT_REFUSED(kCancelNotAllowed, send(under(part_, 0, CancelBody{0, target})));
        EXPECT_REFUSED(
            kCancelNotAllowed,
            send(
                under(part_, 1, CancelBody{0, target == kGuardians ? kGuardian : target}, {0, 1})));
    }
    // Theirs, before it is made and after.
    const Forged signed_before = world_.forge(forge(), recovery(kGuardian));
    ASSERT_ACCEPTED(send(under(part_, 0, CancelBody{0, kGuardian}, {1})));
    EXPECT_REFUSED(kEpoch, send(signed_before));
    const Forged forged = propose(recovery(kGuardian));
    ASSERT_ACCEPTED(send(under(part_, 0, CancelBody{1, kGuardian}, {1})));
    EXPECT_EQ(record(kGuardian).earliest, 0U);
    EXPECT_EQ(record(kGuardian).cancels, 0U);
    world_.advance(5 * kDay);
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    EXPECT_REFUSED(kActionNotAllowed, send(under(part_, 3, CancelBody{2, kAlarm})));
}

TEST_F(WaitingTest, TargetsThatAreNoRules) {
    for (const std::uint8_t target : Bytes{7, 15, 16, 0x20, 0x40, 0x90, 0xc0, 0xff}) {
        EXPECT_REFUSED(kUnknownRule, send(under(kBoth, CancelBody{0, target}, {0, 1})));
        EXPECT_REFUSED(kUnknownRule, send(under(kWatch, CancelBody{0, target})));
    }
    EXPECT_ACCEPTED(send(under(kBoth, CancelBody{0, kBudget}, {0, 1})));
}

TEST_F(WaitingTest, BodiesOfOneLength) {
    propose(pay(kSlow));
    for (const Draft& draft : {cancel(kSlow), freeze()}) {
        expect_only_change_refused(forge(), draft, Verdict::kDataTooShort,
                                   [](Forged& bad) { bad.data().pop_back(); });
        world_.advance(31 * kDay);
        propose(pay(kSlow));
    }
    for (const Draft& draft : {cancel(kSlow), freeze()}) {
        expect_only_change_refused(forge(), draft, Verdict::kTrailingBytes,
                                   [](Forged& bad) { bad.data().push_back(0); });
    }
    // Without the epoch, or a part of it.
    for (const std::size_t size : {2U, 4U, 5U}) {
        propose(pay(kSlow));
        expect_only_change_refused(
            forge(), cancel(kSlow), Verdict::kDataTooShort,
            [=](Forged& bad) { bad.data().resize(bad.data().size() - size); });
    }
}

TEST_F(WaitingTest, ChangesHaveNoOtherNonce) {
    propose(pay(kSlow));
    const std::vector<std::function<Draft()>> drafts = {[&] { return cancel(kSlow); },
                                                        [&] { return freeze(); },
                                                        [&] { return recovery(kGuardian); }};
    for (const auto& draft : drafts) {
        for (const std::uint64_t kind : {kNonceLane, kNonceState, std::uint64_t{3}}) {
            Forged bad = world_.forge(forge(), draft());
            bad.data()[0] = static_cast<std::uint8_t>(bad.data()[0] | kind << kHeadNonceShift);
            EXPECT_REFUSED(kReservedBits, world_.send(bad.instructions));
        }
        const std::size_t rule_at = 1 + 2;
        Forged bad = world_.forge(forge(), draft());
        bad.data()[rule_at] |= kRuleDeadline;
        EXPECT_REFUSED(kNonCanonical, world_.send(bad.instructions));
        bad = world_.forge(forge(), draft());
        bad.data()[rule_at] |= kRuleCaps;
        EXPECT_REFUSED(kReservedBits, world_.send(bad.instructions));
        EXPECT_ACCEPTED(send(draft()));
    }
}

// Freezing.

TEST_F(WaitingTest, AFreezeStopsWhatLeavesTheWallet) {
    const Forged waiting_pay = propose(pay(kSlow));
    ASSERT_ACCEPTED(send(give(session())));
    ASSERT_ACCEPTED(send(freeze(kWatch, {1})));
    EXPECT_TRUE(state().was_frozen);
    EXPECT_EQ(record(kWatch).frozen_at, time());
    EXPECT_EQ(epoch(kWatch), 1U);
    expect_canonical_state();
    // Every way of executing, under every kind of rule.
    EXPECT_REFUSED(kFrozen, send(pay(kOpen)));
    EXPECT_REFUSED(kFrozen, send(pay(kOpen, 1, world_.lane_nonce(), {1})));
    EXPECT_REFUSED(kFrozen, send(pay(kBoth, 1, sequence(), {0, 1})));
    EXPECT_REFUSED(kFrozen, send(pay(kBudget)));
    EXPECT_REFUSED(kFrozen, send(by_session(0)));
    EXPECT_REFUSED(kFrozen, send(from_state(under(kOpen, ExecuteBody{}))));
    EXPECT_REFUSED(kFrozen, send(give(session(51))));
    EXPECT_REFUSED(kFrozen, send(change(configuration())));
    EXPECT_REFUSED(kFrozen, send(under(kOpen, MessageBody{})));
    Draft upgrade = under(kBoth, UpgradeBody{{}, compact_call(2, {}, {})}, {0, 1});
    upgrade.nonce = sequence();
    EXPECT_REFUSED(kFrozen, send(upgrade));
    world_.advance(kDay);
    EXPECT_REFUSED(kFrozen, apply(waiting_pay));
    // What a thief could not use goes on.
    const core::Hash32 session_id = state().slots[0]->local_rule_id;
    EXPECT_ACCEPTED(send(under(kOpen, RevokeBody{session_id})));
    EXPECT_ACCEPTED(send(pay(kTie)));
    EXPECT_ACCEPTED(send(cancel(kTie)));
    EXPECT_ACCEPTED(send(recovery(kGuardian)));
    // When it is over, all is as it was.
    world_.advance(6 * kDay - 1);
    EXPECT_REFUSED(kFrozen, apply(waiting_pay));
    world_.advance(1);
    EXPECT_ACCEPTED(apply(waiting_pay));
    EXPECT_FALSE(state().was_frozen);
}

TEST_F(WaitingTest, WaitingChangesAreFrozenToo) {
    const Forged forged = propose(change(configuration(), kSlowPolicy, {0}));
    world_.advance(3 * kDay);
    ASSERT_ACCEPTED(send(freeze()));
    world_.advance(core::kFreezeLength - 1);
    EXPECT_REFUSED(kFrozen, apply(forged));
    world_.advance(1);
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_EQ(state().sequence, 1U);
}

TEST_F(WaitingTest, ARecoveryAndAFreeze) {
    const Forged forged = propose(recovery(kGuardian));
    world_.advance(5 * kDay);
    ASSERT_ACCEPTED(send(freeze()));
    const NativeAccount frozen = account_of(forge().wallet().state());
    // A recovery is not stopped, and takes the rule that froze, and its freeze, with it.
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_EQ(state().sequence, 1U);
    EXPECT_EQ(state().records.size(), 1U);
    EXPECT_ACCEPTED(send(pay(0)));
    // What the recovery part froze stays so.
    world_.chain().set_account(forge().wallet().state(), frozen);
    ASSERT_ACCEPTED(send(under(part_, 3, FreezeBody{0, false}, {2})));
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_REFUSED(kFrozen, send(pay(0)));
    world_.advance(core::kFreezeLength);
    EXPECT_ACCEPTED(send(pay(0)));
}

TEST_F(WaitingTest, SevenDays) {
    ASSERT_ACCEPTED(send(freeze()));
    world_.advance(core::kFreezeLength - 1);
    EXPECT_REFUSED(kFrozen, send(pay(kOpen)));
    world_.advance(1);
    // Who only reads the state leaves it as it is.
    Draft reading = pay(kOpen);
    reading.state_writable = false;
    EXPECT_ACCEPTED(send(reading));
    EXPECT_TRUE(state().was_frozen);
    EXPECT_FALSE(is_frozen(state(), world_.now()));
    EXPECT_ACCEPTED(send(pay(kOpen)));
    EXPECT_FALSE(state().was_frozen);
    expect_canonical_state();
}

TEST_F(WaitingTest, AGenesisDoesNotKnowOfAFreeze) {
    const Draft by_genesis = [&] {
        Draft draft = pay(kOpen);
        draft.from_genesis = true;
        return draft;
    }();
    EXPECT_ACCEPTED(send(by_genesis));
    ASSERT_ACCEPTED(send(freeze()));
    EXPECT_REFUSED(kStateNeeded, send(by_genesis));
    Draft message = under(kOpen, MessageBody{});
    message.from_genesis = true;
    EXPECT_REFUSED(kStateNeeded, send(message));
    // Nor that it is over, until the state says so.
    world_.advance(core::kFreezeLength);
    EXPECT_REFUSED(kStateNeeded, send(by_genesis));
    ASSERT_ACCEPTED(send(pay(kOpen)));
    EXPECT_ACCEPTED(send(by_genesis));
    EXPECT_ACCEPTED(send(message));
}

TEST_F(WaitingTest, ARuleFreezesOnceInThirtyDays) {
    const std::uint32_t begin = time();
    ASSERT_ACCEPTED(send(freeze()));
    world_.advance(core::kFreezeInterval - 1);
    EXPECT_REFUSED(kFreezeBudget, send(freeze()));
    EXPECT_REFUSED(kFreezeBudget, send(freeze(kWatch, {0, 1})));
    EXPECT_EQ(epoch(kWatch), 1U);
    world_.advance(1);
    ASSERT_ACCEPTED(send(freeze()));
    EXPECT_EQ(record(kWatch).frozen_at, begin + core::kFreezeInterval);
    // Another rule may, even while it is frozen: the time counts from the last one.
    world_.advance(5 * kDay);
    ASSERT_ACCEPTED(send(freeze(kOpen)));
    world_.advance(core::kFreezeLength - 1);
    EXPECT_REFUSED(kFrozen, send(pay(kOpen)));
    world_.advance(1);
    EXPECT_ACCEPTED(send(pay(kOpen)));
}

TEST_F(WaitingTest, FreezesWorkOnce) {
    const Forged forged = world_.forge(forge(), freeze(kWatch, {1}));
    ASSERT_ACCEPTED(send(forged));
    EXPECT_REFUSED(kEpoch, send(forged));
    world_.advance(core::kFreezeInterval);
    EXPECT_REFUSED(kEpoch, send(forged));
    ASSERT_ACCEPTED(send(pay(kOpen)));
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_ACCEPTED(send(freeze(kWatch, {1})));
    Draft ahead = freeze(kOpen, {1});
    std::get<FreezeBody>(ahead.body).epoch = 1;
    EXPECT_REFUSED(kEpoch, send(ahead));
}

TEST_F(WaitingTest, TwoPartiesLiftAFreeze) {
    ASSERT_ACCEPTED(send(freeze()));
    for (const std::uint8_t signer : Bytes{0, 1, 2}) {
        EXPECT_REFUSED(kTwoParties, send(under(kWatch, FreezeBody{epoch(kWatch), true}, {signer})));
    }
    const Forged forged = world_.forge(forge(), lift());
    ASSERT_ACCEPTED(send(forged));
    EXPECT_FALSE(state().was_frozen);
    EXPECT_ACCEPTED(send(pay(kOpen)));
    // Its time still counts against the rule that froze.
    EXPECT_REFUSED(kFreezeBudget, send(freeze()));
    ASSERT_ACCEPTED(send(freeze(kOpen)));
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_REFUSED(kFrozen, send(pay(kOpen)));
    // Under the rule that froze as well, if two approve.
    EXPECT_ACCEPTED(send(under(kWatch, FreezeBody{epoch(kWatch), true}, {1, 2})));
    EXPECT_ACCEPTED(send(pay(kOpen)));
    expect_canonical_state();
}

TEST_F(WaitingTest, LiftIsZeroOrOne) {
    for (const std::uint8_t value : Bytes{2, 3, 0x80, 0xff}) {
        Forged bad = world_.forge(forge(), lift());
        bad.data().back() = value;
        // The digest is of these bytes: signed for them, it is the value that is wrong.
        EXPECT_REFUSED(kDigestMismatch, send(bad));
        Draft draft = under(kWatch, FreezeBody{epoch(kWatch), true});
        bad = world_.forge(forge(), draft);
        bad.data().back() = value;
        EXPECT_REFUSED(kNonCanonical, send(bad));
    }
    EXPECT_ACCEPTED(send(lift()));
}

TEST_F(WaitingTest, RecoveryRulesFreezeAndLift) {
    const Forged forged = world_.forge(forge(), under(part_, 3, FreezeBody{0, false}, {2}));
    ASSERT_ACCEPTED(send(forged));
    EXPECT_EQ(record(kAlarm).frozen_at, time());
    EXPECT_REFUSED(kEpoch, send(forged));
    EXPECT_REFUSED(kFrozen, send(pay(kOpen)));
    EXPECT_REFUSED(kTwoParties, send(under(part_, 3, FreezeBody{1, true}, {2})));
    EXPECT_ACCEPTED(send(under(part_, 1, FreezeBody{0, true}, {0, 1})));
    EXPECT_ACCEPTED(send(pay(kOpen)));
    EXPECT_REFUSED(kActionNotAllowed, send(under(part_, 2, FreezeBody{0, false}, {2})));
    EXPECT_REFUSED(kFreezeBudget, send(under(part_, 3, FreezeBody{1, false}, {1})));
}

TEST_F(WaitingTest, AFreezeVoidsNoProposal) {
    const Forged forged = propose(pay(kTie));
    const std::uint32_t earliest = record(kTie).earliest;
    ASSERT_ACCEPTED(send(freeze()));
    EXPECT_EQ(record(kTie).earliest, earliest);
    world_.advance(core::kFreezeLength);
    EXPECT_ACCEPTED(apply(forged));
}

}  // namespace
}  // namespace latchkey::solana::testing
