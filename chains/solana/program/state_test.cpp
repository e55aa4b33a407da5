// SPDX-License-Identifier: Apache-2.0
// The state account: create state, grant, revoke, policy; and message, which changes nothing.
#include "chains/solana/program/program_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class StateTest : public ProgramTest {
  protected:
    StateTest()
        : configuration_(open_configuration({world_.add(ed25519_), world_.add(p256_)})),
          forge_(world_.make_wallet(configuration_)) {}

    StateAccount state() { return world_.state_of(forge_).value(); }
    NativeResult send(const Draft& draft) { return world_.send(forge_, draft); }

    static Draft grant(const Bytes& rule) {
        Draft draft;
        draft.from_genesis = false;
        draft.body = GrantBody{rule};
        return draft;
    }
    static Draft grant(const core::LocalRule& rule) { return grant(core::encode_unchecked(rule)); }
    static Draft revoke(const core::Hash32& id) {
        Draft draft;
        draft.from_genesis = false;
        draft.body = RevokeBody{id};
        return draft;
    }
    static Draft message(const core::Hash32& hash) {
        Draft draft;
        draft.body = MessageBody{hash};
        return draft;
    }
    /// A session of one more key that may do anything.
    core::LocalRule session(std::uint32_t seed = 50) {
        return {{world_.add(TestSigner::ed25519(seed))}, rule(core::kActionExecute)};
    }
    Draft by_session(std::uint8_t slot, std::uint64_t lamports = 1) {
        Draft draft = from_state(transfer(lamports));
        draft.rule = {true, slot};
        return draft;
    }
    /// The state account's bytes are what the hosted encoder makes of the values in them.
    void expect_canonical_state() {
        const Bytes& data = account_of(forge_.wallet().state()).data;
        const auto encoded = encode_state(state());
        ASSERT_TRUE(encoded.has_value());
        EXPECT_EQ(*encoded, data);
    }

    core::Configuration configuration_;
    Forge forge_;
};

TEST_F(StateTest, CreateState) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const StateAccount created = state();
    EXPECT_EQ(created.sequence, 0U);
    EXPECT_EQ(created.local_version, 0U);
    EXPECT_EQ(created.config_id.array(), forge_.wallet().wallet_id.array());
    EXPECT_EQ(created.shared, core::encode(configuration_).value());
    EXPECT_TRUE(created.slots.empty());
    expect_canonical_state();
    EXPECT_REFUSED(kStateExists, world_.create_state(forge_));
}

TEST_F(StateTest, CreateStateFromOtherBytes) {
    world_.fund_state(forge_, 1000);
    Instruction good = forge_.create_state();
    Instruction bad = good;
    bad.data.back() ^= 1;
    EXPECT_REFUSED(kStateAddress, world_.send({bad}));
    bad = good;
    bad.data.push_back(0);
    EXPECT_REFUSED(kConfigurationTrailing, world_.send({bad}));
    bad = good;
    bad.data.pop_back();
    EXPECT_REFUSED(kConfigurationTruncated, world_.send({bad}));
    bad = good;
    bad.data[0] = kCreateState;
    EXPECT_REFUSED(kReservedBits, world_.send({bad}));
    bad = good;
    bad.data.resize(600);
    EXPECT_REFUSED(kConfigurationTooLong, world_.send({bad}));
    bad = good;
    bad.accounts.pop_back();
    EXPECT_REFUSED(kAccountIndex, world_.send({bad}));
    EXPECT_ACCEPTED(world_.send({good}));
}

TEST_F(StateTest, CreateStateNeedsItsRent) {
    world_.put(forge_.wallet().state(), 1000);
    EXPECT_RUNTIME_ERROR("InsufficientFundsForRent", world_.send({forge_.create_state()}));
    EXPECT_FALSE(world_.state_of(forge_));
}

TEST_F(StateTest, StateMissing) {
    for (const Draft& draft : {from_state(transfer(1)), grant(session()), revoke({}),
                               policy(configuration_), from_state(message({}))}) {
        EXPECT_REFUSED(kStateMissing, send(draft));
    }
    // Lamports alone are no state.
    world_.fund_state(forge_, 1000);
    EXPECT_REFUSED(kStateMissing, send(grant(session())));
}

TEST_F(StateTest, OtherAccountsAreNoState) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const NativeAccount good = account_of(forge_.wallet().state());
    const Forged forged = world_.forge(forge_, from_state(transfer(1)));
    NativeAccount lane = good;
    lane.data[0] = 1;
    world_.chain().set_account(forge_.wallet().state(), lane);
    EXPECT_REFUSED(kAccountType, world_.send(forged.instructions));
    EXPECT_REFUSED(kAccountType, send(transfer(1)));
    NativeAccount foreign = good;
    foreign.owner = world_.script();
    world_.chain().set_account(forge_.wallet().state(), foreign);
    EXPECT_REFUSED(kStateMissing, world_.send(forged.instructions));
    world_.chain().set_account(forge_.wallet().state(), good);
    EXPECT_ACCEPTED(world_.send(forged.instructions));
}

TEST_F(StateTest, GenesisNextToState) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    EXPECT_ACCEPTED(send(transfer(1)));
    ASSERT_ACCEPTED(send(policy(configuration_)));
    EXPECT_REFUSED(kGenesisSuperseded, send(transfer(1)));
    EXPECT_REFUSED(kGenesisSuperseded, send(message({})));
    EXPECT_ACCEPTED(send(from_state(transfer(1))));
}

TEST_F(StateTest, GenesisIsNotForActionsOnTheState) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const auto add_head = [](Forged& bad) { bad.data()[0] |= kHeadGenesis; };
    expect_only_change_refused(forge_, grant(session()), Verdict::kStateNeeded, add_head);
    expect_only_change_refused(forge_, revoke(state().slots[0]->local_rule_id),
                               Verdict::kStateNeeded, add_head);
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kStateNeeded, add_head);
}

TEST_F(StateTest, StateNonces) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    for (std::uint8_t key = 0; key < kStateNonceKeys; ++key) {
        EXPECT_REFUSED(kStateNonce, send(from_state(nothing(StateNonce{key, 1}))));
        EXPECT_ACCEPTED(send(from_state(nothing(StateNonce{key, 0}))));
        EXPECT_REFUSED(kStateNonce, send(from_state(nothing(StateNonce{key, 0}))));
        EXPECT_ACCEPTED(send(from_state(nothing(StateNonce{key, 1}))));
    }
    EXPECT_EQ(state().nonces, (std::array<std::uint64_t, 4>{2, 2, 2, 2}));
    expect_only_change_refused(forge_, from_state(nothing(StateNonce{3, 2})),
                               Verdict::kNonCanonical,
                               [](Forged& bad) { bad.data()[bad.data().size() - 9] = 4; });
    EXPECT_REFUSED(kStateNeeded, send(nothing(StateNonce{0, 2})));
    // The last number is never used.
    NativeAccount full = account_of(forge_.wallet().state());
    std::fill(full.data.begin() + 48, full.data.begin() + 56, std::uint8_t{0xff});
    world_.chain().set_account(forge_.wallet().state(), full);
    EXPECT_REFUSED(kStateNonce, send(from_state(nothing(StateNonce{0, ~std::uint64_t{0}}))));
    --full.data[48];
    world_.chain().set_account(forge_.wallet().state(), full);
    EXPECT_ACCEPTED(send(from_state(nothing(StateNonce{0, ~std::uint64_t{1}}))));
    EXPECT_REFUSED(kStateNonce, send(from_state(nothing(StateNonce{0, ~std::uint64_t{0}}))));
}

TEST_F(StateTest, ReadonlyStateKeepsItsNonce) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    Draft draft = from_state(nothing(StateNonce{0, 0}));
    draft.state_writable = false;
    EXPECT_RUNTIME_ERROR("ReadonlyDataModified", send(draft));
    draft.nonce = TransactionNonce{};
    EXPECT_ACCEPTED(send(draft));
}

TEST_F(StateTest, Binding) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    Draft draft = from_state(transfer(1));
    const Forged before = world_.forge(forge_, draft);
    ASSERT_ACCEPTED(send(policy(configuration_)));
    EXPECT_REFUSED(kConfigurationChanged, world_.send(before.instructions));
    EXPECT_ACCEPTED(send(draft));
    ASSERT_ACCEPTED(send(grant(session())));
    draft = by_session(0);
    draft.nonce = TransactionNonce{make_binding(state().config_id, std::nullopt)};
    EXPECT_REFUSED(kConfigurationChanged, send(draft));
    draft.nonce = TransactionNonce{};
    EXPECT_ACCEPTED(send(draft));
}

TEST_F(StateTest, GrantAndUse) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const core::LocalRule granted = session();
    ASSERT_ACCEPTED(send(grant(granted)));
    StateAccount now = state();
    ASSERT_EQ(now.slots.size(), 1U);
    EXPECT_EQ(now.local_version, 1U);
    EXPECT_EQ(now.slots[0]->version, 1U);
    EXPECT_EQ(now.slots[0]->granting_rule, 0U);
    EXPECT_EQ(now.slots[0]->local_rule, core::encode(granted).value());
    EXPECT_EQ(
        now.slots[0]->local_rule_id.array(),
        core::local_rule_id_of(forge_.wallet().wallet_id, core::ConfigId(now.config_id.array()), 1,
                               now.slots[0]->local_rule)
            .array());
    expect_canonical_state();
    EXPECT_ACCEPTED(send(by_session(0)));
    EXPECT_REFUSED(kUnknownRule, send(by_session(1)));
    // By its owner's transaction signature or a digest; the state's nonces are not for sessions.
    Draft draft = by_session(0);
    draft.nonce = StateNonce{2, 0};
    draft.approvals = {{0, kFormNone, {}}};
    EXPECT_REFUSED(kActionNotAllowed, send(draft));
    EXPECT_EQ(state().nonces[2], 0U);
    draft = transfer(1, world_.lane_nonce());
    draft.from_genesis = false;
    draft.rule = {true, 0};
    EXPECT_ACCEPTED(send(draft));
    // Its owner is not in the shared part.
    draft = from_state(transfer(1));
    draft.approvals = {{1, kFormAccount, {}}};
    EXPECT_REFUSED(kSignerNotUsable, send(draft));
    // A session only executes.
    for (Draft other :
         {grant(session(51)), revoke(now.slots[0]->local_rule_id), from_state(message({}))}) {
        other.rule = {true, 0};
        EXPECT_REFUSED(kActionNotAllowed, send(other));
    }
    const std::size_t rule_at = 1 + 2;
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kActionNotAllowed,
                               [=](Forged& bad) { bad.data()[rule_at] |= kRuleLocal; });
}

TEST_F(StateTest, GrantByDigest) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    Draft draft = approved_by(grant(session()), {{1, {}, {}}});
    EXPECT_REFUSED(kNonceRequired, send(draft));
    draft.nonce = world_.lane_nonce();
    EXPECT_ACCEPTED(send(draft));
    draft = approved_by(revoke(state().slots[0]->local_rule_id), {{1, {}, {}}});
    EXPECT_REFUSED(kNonceRequired, send(draft));
    draft.nonce = StateNonce{0, 0};
    EXPECT_ACCEPTED(send(draft));
    EXPECT_FALSE(state().slots[0]);
}

TEST_F(StateTest, RevokeAndSlotReuse) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    for (std::uint32_t seed = 50; seed < 53; ++seed) {
        ASSERT_ACCEPTED(send(grant(session(seed))));
    }
    const core::Hash32 second = state().slots[1]->local_rule_id;
    EXPECT_REFUSED(kUnknownLocalRule, send(revoke({})));
    ASSERT_ACCEPTED(send(revoke(second)));
    expect_canonical_state();
    EXPECT_EQ(state().local_version, 4U);
    EXPECT_REFUSED(kUnknownLocalRule, send(revoke(second)));
    EXPECT_REFUSED(kUnknownRule, send(by_session(1)));
    EXPECT_ACCEPTED(send(by_session(2)));
    // The place is used again, the id is new.
    ASSERT_ACCEPTED(send(grant(session(51))));
    expect_canonical_state();
    EXPECT_EQ(state().slots.size(), 3U);
    EXPECT_NE(state().slots[1]->local_rule_id, second);
    EXPECT_REFUSED(kUnknownLocalRule, send(revoke(second)));
    EXPECT_ACCEPTED(send(by_session(1)));
    EXPECT_ACCEPTED(send(by_session(2)));

    Forged forged = world_.forge(forge_, revoke(state().slots[0]->local_rule_id));
    Forged bad = forged;
    bad.data().pop_back();
    EXPECT_REFUSED(kDataTooShort, world_.send(bad.instructions));
    bad = forged;
    bad.data().push_back(0);
    EXPECT_REFUSED(kTrailingBytes, world_.send(bad.instructions));
    EXPECT_ACCEPTED(world_.send(forged.instructions));
}

TEST_F(StateTest, SixteenSessions) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    for (std::uint32_t i = 0; i < core::kMaximumLocalRules; ++i) {
        ASSERT_ACCEPTED(send(grant(session(50 + i))));
        EXPECT_ACCEPTED(send(by_session(static_cast<std::uint8_t>(i))));
    }
    EXPECT_REFUSED(kTooManyLocalRules, send(grant(session(99))));
    ASSERT_ACCEPTED(send(revoke(state().slots[7]->local_rule_id)));
    EXPECT_ACCEPTED(send(grant(session(99))));
    EXPECT_ACCEPTED(send(by_session(7)));
    expect_canonical_state();
}

TEST_F(StateTest, SessionsOfManySizesMoveEachOther) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    std::vector<core::LocalRule> rules;
    for (std::uint32_t i = 0; i < 6; ++i) {
        core::LocalRule local = session(50 + i);
        if (i % 2 == 0) {
            local.signers.push_back(world_.add(TestSigner::p256(60 + i)));
        }
        if (i % 3 == 0) {
            local.rule = limited_rule(kSystemProgram, Address(), 10, 10 + i, 0);
        }
        rules.push_back(local);
        ASSERT_ACCEPTED(send(grant(local)));
    }
    for (const std::uint8_t slot : Bytes{3, 0, 5, 4, 1, 2}) {
        ASSERT_ACCEPTED(send(revoke(state().slots[slot]->local_rule_id)));
        expect_canonical_state();
        ASSERT_ACCEPTED(send(grant(rules[(slot + 2U) % 6])));
        expect_canonical_state();
    }
}

TEST_F(StateTest, GrantedRulesAreChecked) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const auto refused = [&](Verdict verdict, const Bytes& bytes) {
        const NativeResult result = send(grant(bytes));
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    const core::LocalRule good = session();
    core::LocalRule bad = good;
    bad.rule.actions = core::kActionExecute | core::kActionMessage;
    refused(Verdict::kRuleActions, core::encode_unchecked(bad));
    bad = good;
    bad.rule.threshold = 2;
    refused(Verdict::kRuleThreshold, core::encode_unchecked(bad));
    bad = good;
    bad.signers[0].key = Bytes(32);
    refused(Verdict::kSignerKey, core::encode_unchecked(bad));
    // Twice the same key.
    bad = good;
    bad.signers.push_back(bad.signers[0]);
    refused(Verdict::kSignerDuplicate, core::encode_unchecked(bad));
    Bytes bytes = core::encode_unchecked(good);
    bytes.push_back(0);
    refused(Verdict::kConfigurationTrailing, bytes);
    bytes.resize(bytes.size() - 2);
    refused(Verdict::kConfigurationTruncated, bytes);
    bytes = core::encode_unchecked(good);
    bytes[0] |= 0x10;
    refused(Verdict::kNonCanonical, bytes);
    refused(Verdict::kNonCanonical, {0x10});
    refused(Verdict::kConfigurationTruncated, {});
    bytes = core::encode_unchecked(good);
    bytes.resize(core::kMaximumShared);
    refused(Verdict::kConfigurationTrailing, bytes);
    bytes.push_back(0);
    refused(Verdict::kConfigurationTooLong, bytes);
    // A program signer's address must be derived, an ed25519 key a point.
    bad = good;
    bad.signers[0] = core::Signer::program(core::Hash32(world_.script().array()),
                                           core::Hash32(ed25519_.address().array()));
    refused(Verdict::kSignerKey, core::encode_unchecked(bad));
    // A P-256 key off the curve harms nobody.
    bad = good;
    bad.signers[0] = p256_.entry();
    bad.signers[0].key[5] ^= 1;
    EXPECT_ACCEPTED(send(grant(bad)));
}

TEST_F(StateTest, GrantsAreNoBroaderThanTheirRule) {
    core::Configuration next = configuration_;
    core::Rule granting = rule(core::kActionExecute | core::kActionGrant);
    granting.scope = {{core::Hash32(kSystemProgram.array()), {2, 0}},
                      {core::Hash32(world_.script().array()), {}}};
    core::normalize(granting);
    granting.times = core::Times{world_.now() - 100, world_.now() + 100};
    next.rules.push_back(granting);
    ASSERT_ACCEPTED(world_.create_state(forge_));
    ASSERT_ACCEPTED(send(policy(next)));
    const auto grant_by_1 = [&](const core::Rule& local) {
        Draft draft = grant(core::LocalRule{{ed25519_.entry()}, local});
        draft.rule.index = 1;
        return send(draft);
    };
    core::Rule local = rule(core::kActionExecute);
    EXPECT_REFUSED(kLocalRuleTooBroad, grant_by_1(local));
    local.times = granting.times;
    EXPECT_REFUSED(kLocalRuleTooBroad, grant_by_1(local));
    local.scope = granting.scope;
    EXPECT_ACCEPTED(grant_by_1(local));
    local.scope = {{core::Hash32(kSystemProgram.array()), {2, 0, 0, 0}}};
    EXPECT_ACCEPTED(grant_by_1(local));
    local.scope = {{core::Hash32(kSystemProgram.array()), {2}}};
    EXPECT_REFUSED(kLocalRuleTooBroad, grant_by_1(local));
    local.scope = {{core::Hash32(kTokenProgram.array()), {2, 0}}};
    EXPECT_REFUSED(kLocalRuleTooBroad, grant_by_1(local));
    local.scope = granting.scope;
    local.times->not_before -= 1;
    EXPECT_REFUSED(kLocalRuleTooBroad, grant_by_1(local));
    local.times = granting.times;
    local.times->expires_at += 1;
    EXPECT_REFUSED(kLocalRuleTooBroad, grant_by_1(local));
    // The granting rule's own time counts when it grants.
    world_.advance(100);
    local.times = granting.times;
    EXPECT_REFUSED(kRuleExpired, grant_by_1(local));
    world_.chain().set_time(world_.chain().time() - 201);
    EXPECT_REFUSED(kRuleNotYetValid, grant_by_1(local));
}

TEST_F(StateTest, SessionsUnderLimits) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    core::LocalRule limited = session();
    limited.rule = limited_rule(kSystemProgram, Address(), 100, 150, 0);
    ASSERT_ACCEPTED(send(grant(limited)));
    EXPECT_REFUSED(kLimitPerCall, send(by_session(0, 101)));
    EXPECT_ACCEPTED(send(by_session(0, 100)));
    EXPECT_REFUSED(kLimitPerPeriod, send(by_session(0, 51)));
    EXPECT_EQ(state().slots[0]->counters[0].spent, 100U);
    // A slot before it moves, and nothing is lost.
    ASSERT_ACCEPTED(send(grant(session(60))));
    EXPECT_ACCEPTED(send(by_session(0, 50)));
    EXPECT_REFUSED(kLimitPerPeriod, send(by_session(0, 1)));
}

TEST_F(StateTest, Growth) {
    // Every byte is paid for before: without it the runtime refuses.
    world_.fund_state(forge_, account_of(forge_.wallet().state()).data.size() + 80 +
                                  core::encode(configuration_)->size());
    ASSERT_ACCEPTED(world_.send({forge_.create_state()}));
    EXPECT_RUNTIME_ERROR("InsufficientFundsForRent", send(grant(session())));
    EXPECT_TRUE(state().slots.empty());
    world_.fund_state(forge_, 1000);
    EXPECT_ACCEPTED(send(grant(session())));
}

TEST_F(StateTest, Policy) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const core::Hash32 before = state().config_id;
    core::Configuration next = configuration_;
    next.rules.push_back(rule(core::kActionExecute, 2));
    ASSERT_ACCEPTED(send(policy(next)));
    EXPECT_EQ(state().sequence, 1U);
    EXPECT_EQ(state().shared, core::encode(next).value());
    EXPECT_EQ(state().config_id.array(),
              core::next_config_id(forge_.wallet().wallet_id, core::ConfigId(before.array()),
                                   core::encode(next).value())
                  .array());
    expect_canonical_state();
    // By a digest, without a nonce: the parent is one.
    Draft draft = approved_by(policy(configuration_), {{1, {}, {}}});
    const Forged forged = world_.forge(forge_, draft);
    ASSERT_ACCEPTED(world_.send(forged.instructions));
    EXPECT_EQ(state().sequence, 2U);
    EXPECT_REFUSED(kConfigurationChanged, world_.send(forged.instructions));
    expect_canonical_state();
}

TEST_F(StateTest, PolicyShrinksAndGrows) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    ASSERT_ACCEPTED(send(grant(session(50))));
    ASSERT_ACCEPTED(send(grant(session(51))));
    core::Configuration big = configuration_;
    for (std::uint32_t i = 0; i < 10; ++i) {
        big.signers.push_back(TestSigner::ed25519(100 + i).entry());
    }
    // The granting rule names the same signers, but its mask has two bytes now.
    for (std::uint32_t i = 0; i < 5; ++i) {
        big.rules.push_back(limited_rule(kSystemProgram, Address(), 10, 10 + i, 0));
    }
    ASSERT_ACCEPTED(send(policy(big)));
    expect_canonical_state();
    EXPECT_EQ(state().counters.size(), 5U);
    EXPECT_ACCEPTED(send(by_session(0)));
    EXPECT_ACCEPTED(send(by_session(1)));
    ASSERT_ACCEPTED(send(policy(configuration_)));
    expect_canonical_state();
    EXPECT_ACCEPTED(send(by_session(1)));
}

TEST_F(StateTest, PolicyKeepsCountersOfUnchangedRules) {
    core::Configuration limited = configuration_;
    limited.rules.push_back(limited_rule(kSystemProgram, Address(), 100, 150, 0));
    limited.rules.push_back(limited_rule(kSystemProgram, Address(), 100, 160, 0));
    ASSERT_ACCEPTED(world_.create_state(forge_));
    ASSERT_ACCEPTED(send(policy(limited)));
    const auto spend = [&](std::uint8_t index, std::uint64_t lamports) {
        Draft draft = from_state(transfer(lamports));
        draft.rule.index = index;
        return send(draft);
    };
    EXPECT_ACCEPTED(spend(1, 100));
    EXPECT_ACCEPTED(spend(2, 70));
    // The other order: the counters go with their rules.
    core::Configuration swapped = limited;
    std::swap(swapped.rules[1], swapped.rules[2]);
    ASSERT_ACCEPTED(send(policy(swapped)));
    EXPECT_EQ(state().counters[0].spent, 70U);
    EXPECT_EQ(state().counters[1].spent, 100U);
    EXPECT_REFUSED(kLimitPerPeriod, spend(1, 91));
    EXPECT_ACCEPTED(spend(1, 90));
    // A changed rule starts again; one that goes and comes back has forgotten.
    swapped.rules[1].limits[0].per_period = 161;
    ASSERT_ACCEPTED(send(policy(swapped)));
    EXPECT_EQ(state().counters[0].spent, 0U);
    EXPECT_EQ(state().counters[1].spent, 100U);
    ASSERT_ACCEPTED(send(policy(configuration_)));
    ASSERT_ACCEPTED(send(policy(limited)));
    EXPECT_EQ(state().counters[0].spent, 0U);
}

TEST_F(StateTest, PolicyEndsSessionsOfChangedRules) {
    core::Configuration two = configuration_;
    two.rules.push_back(rule(core::kActionExecute | core::kActionGrant, 2));
    ASSERT_ACCEPTED(world_.create_state(forge_));
    ASSERT_ACCEPTED(send(policy(two)));
    ASSERT_ACCEPTED(send(grant(session(50))));
    Draft by_second = approved_by(grant(session(51)), {{1, {}, {}}});
    by_second.rule.index = 1;
    by_second.nonce = world_.lane_nonce();
    ASSERT_ACCEPTED(send(by_second));
    ASSERT_ACCEPTED(send(grant(session(52))));
    const std::uint32_t version = state().local_version;
    // Rule 1 goes: its session ends, the others stay where they are. Rule 0 moves to place 1.
    core::Configuration next = configuration_;
    next.rules.insert(next.rules.begin(), rule(core::kActionMessage, 1));
    ASSERT_ACCEPTED(send(policy(next)));
    EXPECT_TRUE(state().slots[0]);
    EXPECT_FALSE(state().slots[1]);
    EXPECT_TRUE(state().slots[2]);
    EXPECT_EQ(state().slots[0]->granting_rule, 1U);
    EXPECT_EQ(state().local_version, version + 1);
    expect_canonical_state();
    EXPECT_ACCEPTED(send(by_session(0)));
    EXPECT_REFUSED(kUnknownRule, send(by_session(1)));
    EXPECT_ACCEPTED(send(by_session(2)));
}

TEST_F(StateTest, PoliciesBringNewKeys) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    core::Configuration next = configuration_;
    next.signers.push_back(world_.add(TestSigner::p256(70)));
    next.signers.push_back(world_.add(TestSigner::passkey(71)));
    EXPECT_ACCEPTED(send(policy(next)));
    // A P-256 key off the curve can approve nothing; one that is no compressed point is refused.
    core::Configuration off = next;
    off.signers[2].key[7] ^= 0x10;
    EXPECT_ACCEPTED(send(policy(off)));
    off.signers[2].key[0] = 4;
    EXPECT_REFUSED(kSignerKey, send(policy(off)));
}

TEST_F(StateTest, PoliciesAreChecked) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const auto refused = [&](Verdict verdict, const core::Configuration& next) {
        const NativeResult result = send(policy(next));
        EXPECT_EQ(verdict_of(result), verdict) << explain_result(result);
    };
    core::Configuration next = configuration_;
    next.rules[0].actions = core::kActionExecute;
    refused(Verdict::kLockout, next);
    next.lockdown = true;
    next.rules[0].actions = core::kActionExecute | core::kActionRecover;
    refused(Verdict::kRuleActions, next);
    next = configuration_;
    next.signers[0].key.assign(32, 0);
    refused(Verdict::kSignerKey, next);
    next = configuration_;
    next.signers[1] = next.signers[0];
    refused(Verdict::kSignerDuplicate, next);
    Draft draft = policy(configuration_);
    auto& shared = std::get<PolicyBody>(draft.body).shared;
    shared.push_back(0);
    EXPECT_REFUSED(kConfigurationTrailing, send(draft));
    shared.resize(shared.size() - 2);
    EXPECT_REFUSED(kConfigurationTruncated, send(draft));
    shared = core::encode_unchecked(configuration_);
    shared[0] |= 2;
    EXPECT_REFUSED(kConfigurationVersion, send(draft));
    // Lockdown is accepted, and final.
    next = configuration_;
    next.rules[0].actions = core::kActionExecute;
    next.lockdown = true;
    ASSERT_ACCEPTED(send(policy(next)));
    EXPECT_REFUSED(kActionNotAllowed, send(policy(configuration_)));
}

TEST_F(StateTest, PolicyHasNoOtherNonce) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kReservedBits,
                               [](Forged& bad) { bad.data()[0] |= kNonceState << 5; });
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kReservedBits,
                               [](Forged& bad) { bad.data()[0] |= 0x60; });
    const std::size_t rule_at = 1 + 2;
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kNonCanonical,
                               [=](Forged& bad) { bad.data()[rule_at] |= kRuleDeadline; });
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kReservedBits,
                               [=](Forged& bad) { bad.data()[rule_at] |= kRuleCaps; });
    // The binding stands where the recovery part would be.
    expect_only_change_refused(forge_, policy(configuration_), Verdict::kDataTooShort,
                               [=](Forged& bad) {
                                   bad.data()[rule_at] |= kRuleRecovery;
                                   bad.data()[rule_at + 1] = 0xff;
                                   bad.data()[rule_at + 2] = 0xff;
                               });
}

TEST_F(StateTest, PolicyWithinATree) {
    ASSERT_ACCEPTED(world_.create_state(forge_));
    Draft draft = approved_by(policy(configuration_), {{1, {}, {}}});
    draft.tree_height = 4;
    draft.tree_index = 11;
    EXPECT_ACCEPTED(send(draft));
}

TEST_F(StateTest, Message) {
    const core::Hash32 hash = core::Hash32(to_.array());
    const auto expect_answer = [&](const NativeResult& result) {
        ASSERT_ACCEPTED(result);
        ASSERT_TRUE(result.return_data);
        EXPECT_EQ(result.return_data->first, world_.program());
        EXPECT_EQ(result.return_data->second,
                  core::concat(forge_.wallet().wallet_id.view(), hash.view()));
    };
    expect_answer(send(message(hash)));
    expect_answer(send(approved_by(message(hash), {{1, {}, {}}})));
    // Again and again: it changes nothing.
    const Forged forged = world_.forge(forge_, approved_by(message(hash), {{1, {}, {}}}));
    expect_answer(world_.send(forged.instructions));
    expect_answer(world_.send(forged.instructions));
    ASSERT_ACCEPTED(world_.create_state(forge_));
    expect_answer(send(from_state(message(hash))));
    expect_answer(send(from_state(approved_by(message(hash), {{1, {}, {}}}))));
    Draft draft = message(hash);
    draft.deadline = world_.now() - 1;
    EXPECT_REFUSED(kDeadlinePassed, send(draft));
    draft.deadline = world_.now();
    expect_answer(send(draft));
    expect_only_change_refused(forge_, message(hash), Verdict::kTrailingBytes,
                               [](Forged& longer) { longer.data().push_back(0); });
    expect_only_change_refused(forge_, message(hash), Verdict::kDataTooShort,
                               [](Forged& shorter) { shorter.data().pop_back(); });
    expect_only_change_refused(forge_, message(hash), Verdict::kReservedBits,
                               [](Forged& lane) { lane.data()[0] |= kNonceLane << 5; });
}

TEST_F(StateTest, MessageNeedsARuleWithoutConditions) {
    // Only a genesis can hold such a rule: nobody has validated it.
    core::Configuration odd = configuration_;
    odd.rules[0].times = core::Times{0, world_.now() + 5};
    const Bytes genesis = core::encode_unchecked(core::Genesis{odd, {7}});
    const core::Hash32 program(world_.program().array());
    const core::WalletId id = core::wallet_id_of(genesis, program);
    const Forge forge({world_.program(), local_cluster(), genesis, id,
                       Address(core::vault_of(id, program).array())},
                      world_.keyring());
    EXPECT_REFUSED(kActionNotAllowed, world_.send(forge, message({})));
    EXPECT_ACCEPTED(world_.send(forge, nothing()));
}

}  // namespace
}  // namespace latchkey::solana::testing
