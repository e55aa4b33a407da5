// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/model.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <set>

#include "core/wallet/testing.hpp"

namespace latchkey::core::model {
namespace {

using testing::ed25519_key;
using testing::filled;
using testing::p256_key;

const auto kProgram = filled<Hash32>(0x11);
const auto kTarget = filled<Hash32>(0x22);
const auto kToken = filled<Hash32>(0x33);
const auto kLoader = filled<Hash32>(0x44);
const auto kLane = filled<Hash32>(0x55);
const auto kOperator = filled<Hash32>(0x66);
const auto kLaneOwner = filled<Hash32>(0x77);
constexpr std::uint64_t kNow = 1'700'000'000;

/// Rule 0: both parties, everything. Rule 1: the ed25519 key alone, calls and sessions. Rule 2: the
/// ed25519 key alone, limited, for 10,000 seconds from kNow - 1,000.
Configuration configuration() {
    return Configuration{
        .signers = {Signer::ed25519(ed25519_key()), Signer::p256(p256_key()),
                    Signer::webauthn(p256_key(2), Hash32(), true).with_same_party()},
        .rules = {Rule{.actions = 0x0f,
                       .threshold = 2,
                       .mask = 0b111,
                       .times = {},
                       .scope = {},
                       .limits = {}},
                  Rule{.actions = kActionExecute | kActionGrant,
                       .mask = 0b011,
                       .times = {},
                       .scope = {},
                       .limits = {}},
                  Rule{.actions = kActionExecute,
                       .mask = 0b001,
                       .times = Times{kNow - 1000, kNow + 9000},
                       .scope = {Target{kTarget, {}}},
                       .limits = {Limit{Hash32(), 10, 25, 600}, Limit{kToken, 5, 5, 0}}}},
        .recovery = {},
        .lockdown = false};
}

LocalRule session() {
    return LocalRule{.signers = {Signer::ed25519(ed25519_key(9))},
                     .rule = Rule{.actions = kActionExecute,
                                  .times = {},
                                  .scope = {Target{kTarget, {}}},
                                  .limits = {Limit{Hash32(), 3, 4, 0}}}};
}

World fresh_world() {
    World world = make_world(kProgram, encode(Genesis{configuration(), {0}}).value());
    world.reserved_targets = {kLoader};
    return world;
}

World world_with_state() {
    World world = fresh_world();
    EXPECT_EQ(apply(world, CreateState{world.genesis}, kNow), Verdict::kAccepted);
    return world;
}

Approval by_transaction(std::uint8_t signer) {
    Approval approval;
    approval.signer = signer;
    return approval;
}

Approval by_digest(std::uint8_t signer) {
    Approval approval;
    approval.signer = signer;
    approval.evidence = EvidenceKind::kDigest;
    return approval;
}

TransactionNonce bound(const World& world, std::optional<std::size_t> slot = {}) {
    std::optional<LocalRuleId> id;
    if (slot) {
        id = world.state->slots[*slot]->id;
    }
    return TransactionNonce{binding_of(world.state->config_id, id)};
}

/// The ed25519 key alone, under rule 1 of the state.
ApprovedAction simple(const World& world, Body body) {
    ApprovedAction action;
    action.rule = 1;
    action.approvals = {by_transaction(0)};
    action.nonce = bound(world);
    action.body = std::move(body);
    return action;
}

Call plain_call() {
    Call call;
    call.program = kTarget;
    return call;
}

Execute spending(std::uint64_t amount, const Hash32& asset = Hash32()) {
    Call call = plain_call();
    call.outflows = {Outflow{asset, amount}};
    Execute execute;
    execute.calls = {call};
    return execute;
}

ApprovedAction limited(const World& world, Execute execute) {
    ApprovedAction action = simple(world, std::move(execute));
    action.rule = 2;
    return action;
}

TEST(Model, GenesisActsUntilTheConfigurationChanges) {
    World world = fresh_world();
    ApprovedAction action;
    action.from_genesis = true;
    action.rule = 1;
    action.approvals = {by_transaction(0)};
    action.body = Execute{.calls = {plain_call()}};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccepted);
    action.genesis_matches = false;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateAddress);
    action.genesis_matches = true;
    action.rule = 2;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNeeded);
    action.rule = 3;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kUnknownRule);
    action.rule = 1;
    action.body = Grant{};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNeeded);
    action.body = Execute{};
    action.nonce = StateNonce{};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNeeded);

    EXPECT_EQ(apply(world, CreateState{world.genesis}, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, CreateState{world.genesis}, kNow), Verdict::kStateExists);
    action.nonce = TransactionNonce{};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccepted);

    Configuration next = configuration();
    next.rules.pop_back();
    ApprovedAction change = simple(world, Policy{encode(next).value()});
    change.rule = 0;
    change.approvals = {by_transaction(0), by_digest(1)};
    EXPECT_EQ(apply(world, change, kNow), Verdict::kAccepted);
    EXPECT_EQ(world.state->sequence, 1);
    EXPECT_EQ(apply(world, action, kNow), Verdict::kGenesisSuperseded);
    // The same approval a second time: its parent is gone.
    EXPECT_EQ(apply(world, change, kNow), Verdict::kConfigurationChanged);
}

TEST(Model, StateIsCreatedOnlyFromItsGenesis) {
    World world = fresh_world();
    EXPECT_EQ(apply(world, CreateState{encode(Genesis{configuration(), {1}}).value()}, kNow),
              Verdict::kStateAddress);
    EXPECT_EQ(apply(world, CreateState{Bytes{0x10}}, kNow), Verdict::kConfigurationTruncated);
    EXPECT_EQ(apply(world, simple(world_with_state(), Execute{}), kNow), Verdict::kStateMissing);
}

TEST(Model, ApprovalsAndParties) {
    World world = world_with_state();
    ApprovedAction action = simple(world, Execute{});
    action.rule = 0;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kThresholdNotMet);
    action.nonce = StateNonce{0, 0};
    action.approvals = {by_digest(1), by_digest(2)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kThresholdNotMet) << "two keys, one party";
    action.approvals = {by_digest(1), by_digest(1)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kApprovalOrder);
    action.approvals = {by_transaction(0), by_digest(3)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kSignerNotInRule);
    action.approvals = {by_transaction(0), by_digest(2)};
    action.approvals[1].flaw = Verdict::kDigestMismatch;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kDigestMismatch);
    action.approvals[1].flaw = Verdict::kAccepted;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNonce) << "replay";
    action.rule = 1;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kStateNonce);
    action.nonce = StateNonce{0, 1};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kSignerNotInRule) << "2 is not in rule 1";
    action.nonce = StateNonce{4, 0};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kNonCanonical);
}

TEST(Model, TransactionSignatures) {
    World world = world_with_state();
    ApprovedAction action = simple(world, Execute{});
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccepted);
    action.is_top_level = false;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kNotTopLevel);
    action.is_top_level = true;
    action.approvals[0].account_writable = true;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kSignerPaysFees);
    action.approvals[0].account_writable = false;
    action.approvals[0].account_signed = false;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kTransactionSignature);
    action.approvals = {by_transaction(1)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kSignerNotUsable);
    action.approvals = {by_digest(1)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kNonceRequired);
}

TEST(Model, LanesAreUsedOnceAndOnlyNearTheirTime) {
    World world = world_with_state();
    ApprovedAction action = simple(world, Execute{});
    action.approvals = {by_digest(1)};
    // The window after the next one, by then the current one, in its last sixteenth.
    const std::uint64_t then = (kNow / 256 + 2) * 256;
    const auto parity = static_cast<std::uint16_t>((then / 256 % 2) << 11);
    const auto nonce = static_cast<std::uint16_t>(7 | parity | 15 << 12);
    action.nonce = LaneNonce{kLane, kOperator, true, nonce};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccountType);
    EXPECT_EQ(apply(world, OpenLane{kLane, kLaneOwner, kOperator, false}, kNow),
              Verdict::kLaneOwner);
    EXPECT_EQ(apply(world, OpenLane{kLane, kLaneOwner, kOperator, true}, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, OpenLane{kLane, kLaneOwner, kOperator, true}, kNow),
              Verdict::kStateExists);
    EXPECT_EQ(apply(world, action, kNow), Verdict::kLaneWindow);
    EXPECT_EQ(apply(world, action, then), Verdict::kAccepted);
    EXPECT_EQ(apply(world, action, then), Verdict::kNonceUsed);
    action.deadline = then + 10;
    EXPECT_EQ(apply(world, action, then), Verdict::kNonCanonical);
    action.deadline.reset();
    std::get<LaneNonce>(action.nonce).nonce = static_cast<std::uint16_t>(8 | parity);
    EXPECT_EQ(apply(world, action, then + 16), Verdict::kDeadlinePassed);
    std::get<LaneNonce>(action.nonce).operator_signed = false;
    EXPECT_EQ(apply(world, action, then), Verdict::kLaneOperator);
    EXPECT_EQ(apply(world, SetLaneOperator{kLane, kOperator, true, kTarget}, then),
              Verdict::kLaneOwner);
    EXPECT_EQ(apply(world, SetLaneOperator{kLane, kLaneOwner, true, kTarget}, then),
              Verdict::kAccepted);
    std::get<LaneNonce>(action.nonce).operator_signed = true;
    EXPECT_EQ(apply(world, action, then), Verdict::kLaneOperator);
    EXPECT_EQ(apply(world, CloseLane{kLane, kOperator, true}, then), Verdict::kLaneOwner);
    EXPECT_EQ(apply(world, CloseLane{kLane, kLaneOwner, true}, then), Verdict::kAccepted);
    // Opened again, it takes nothing of its earlier life.
    EXPECT_EQ(apply(world, OpenLane{kLane, kLaneOwner, kOperator, true}, then), Verdict::kAccepted);
    std::get<LaneNonce>(action.nonce).nonce = nonce;
    EXPECT_EQ(apply(world, action, then), Verdict::kLaneWindow);
}

TEST(Model, LimitsHoldPerCallAndPerPeriod) {
    World world = world_with_state();
    const auto verdict = [&](Execute execute, std::uint64_t now) {
        return apply(world, limited(world, std::move(execute)), now);
    };
    EXPECT_EQ(verdict(spending(11), kNow), Verdict::kLimitPerCall);
    EXPECT_EQ(verdict(spending(10), kNow), Verdict::kAccepted);
    EXPECT_EQ(verdict(spending(10), kNow), Verdict::kAccepted);
    EXPECT_EQ(verdict(spending(6), kNow), Verdict::kLimitPerPeriod);
    EXPECT_EQ(verdict(spending(5), kNow), Verdict::kAccepted);
    // Windows of 600 seconds from kNow - 1000: the next one begins at kNow + 200.
    EXPECT_EQ(verdict(spending(1), kNow + 199), Verdict::kLimitPerPeriod);
    EXPECT_EQ(verdict(spending(10), kNow + 200), Verdict::kAccepted);
    EXPECT_EQ(verdict(spending(10), kNow + 100), Verdict::kAccepted) << "a clock that steps back";
    EXPECT_EQ(verdict(spending(10), kNow + 100), Verdict::kLimitPerPeriod);
    EXPECT_EQ(verdict(spending(5, kToken), kNow), Verdict::kAccepted);
    EXPECT_EQ(verdict(spending(1, kToken), kNow + 8999), Verdict::kLimitPerPeriod);
    EXPECT_EQ(verdict(spending(1, kTarget), kNow), Verdict::kAssetNotListed);
    EXPECT_EQ(verdict(spending(1), kNow + 9000), Verdict::kRuleExpired);
    EXPECT_EQ(verdict(spending(1), kNow - 1001), Verdict::kRuleNotYetValid);
    Execute two = spending(6);
    two.calls.push_back(two.calls[0]);
    EXPECT_EQ(verdict(two, kNow + 900), Verdict::kLimitPerCall) << "calls add up";
    Execute uncountable = spending(1);
    uncountable.passes_uncountable = true;
    EXPECT_EQ(verdict(uncountable, kNow), Verdict::kUncountable);
}

TEST(Model, CallsAreCheckedOneByOne) {
    World world = world_with_state();
    const auto verdict = [&](const Call& call, std::uint8_t rule = 1) {
        Execute execute;
        execute.calls = {plain_call(), call};
        ApprovedAction action = simple(world, execute);
        action.rule = rule;
        return apply(world, action, kNow);
    };
    Call call = plain_call();
    EXPECT_EQ(verdict(call), Verdict::kAccepted);
    call.forwards_signer = true;
    EXPECT_EQ(verdict(call), Verdict::kSignerForwarded);
    call = plain_call();
    call.changes_vault = true;
    EXPECT_EQ(verdict(call), Verdict::kVaultChanged);
    call = plain_call();
    call.changes_authority = true;
    EXPECT_EQ(verdict(call), Verdict::kAccepted);
    EXPECT_EQ(verdict(call, 2), Verdict::kAuthorityChanged);
    call = plain_call();
    call.program = kProgram;
    EXPECT_EQ(verdict(call), Verdict::kTargetReserved);
    call.program = kLoader;
    EXPECT_EQ(verdict(call), Verdict::kTargetReserved);
    EXPECT_EQ(verdict(call, 2), Verdict::kTargetNotAllowed);

    Execute many;
    many.calls.assign(17, plain_call());
    EXPECT_EQ(apply(world, simple(world, many), kNow), Verdict::kTooManyCalls);
    Execute capped;
    capped.caps = {Cap{5, 0, 100, 94}};
    EXPECT_EQ(apply(world, simple(world, capped), kNow), Verdict::kCapOutflow);
    capped.caps = {Cap{6, 0, 100, 94}, Cap{0, 3, 100, 102}};
    EXPECT_EQ(apply(world, simple(world, capped), kNow), Verdict::kCapInflow);
    capped.caps[1].after = 103;
    EXPECT_EQ(apply(world, simple(world, capped), kNow), Verdict::kAccepted);
    capped.no_new_authority = true;
    capped.calls = {plain_call()};
    capped.calls[0].changes_authority = true;
    EXPECT_EQ(apply(world, simple(world, capped), kNow), Verdict::kAuthorityChanged);
}

TEST(Model, SessionsLiveUnderTheRuleThatGrantedThem) {
    World world = world_with_state();
    const Bytes rule = encode(session()).value();
    EXPECT_EQ(apply(world, simple(world, Grant{rule}), kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, simple(world, Grant{rule}), kNow), Verdict::kAccepted);
    ASSERT_EQ(world.state->slots.size(), 2U);
    EXPECT_NE(world.state->slots[0]->id, world.state->slots[1]->id);

    ApprovedAction use = simple(world, spending(3));
    use.rule_is_local = true;
    use.rule = 0;
    use.nonce = bound(world, 0);
    EXPECT_EQ(apply(world, use, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, use, kNow), Verdict::kLimitPerPeriod);
    use.rule = 1;
    EXPECT_EQ(apply(world, use, kNow), Verdict::kConfigurationChanged) << "bound to slot 0";
    use.nonce = bound(world, 1);
    EXPECT_EQ(apply(world, use, kNow), Verdict::kAccepted);
    use.rule = 2;
    EXPECT_EQ(apply(world, use, kNow), Verdict::kUnknownRule);

    // A change that keeps rule 1 (elsewhere) keeps what it granted, counters included.
    Configuration next = configuration();
    std::swap(next.rules[1], next.rules[2]);
    ApprovedAction change = simple(world, Policy{encode(next).value()});
    change.rule = 0;
    change.approvals = {by_transaction(0), by_digest(1)};
    EXPECT_EQ(apply(world, change, kNow), Verdict::kAccepted);
    EXPECT_EQ(world.state->slots[0]->granting_rule, 2);
    EXPECT_EQ(world.state->slots[0]->counters[0].spent, 3);

    ApprovedAction revoke = simple(world, Revoke{world.state->slots[1]->id});
    revoke.rule = 2;
    EXPECT_EQ(apply(world, revoke, kNow), Verdict::kAccepted);
    EXPECT_EQ(apply(world, revoke, kNow), Verdict::kUnknownLocalRule);
    EXPECT_FALSE(world.state->slots[1].has_value());

    // One that changes it ends them.
    next.rules[2].mask = 0b001;
    change.body = Policy{encode(next).value()};
    change.nonce = bound(world);
    const std::uint32_t version = world.state->local_version;
    EXPECT_EQ(apply(world, change, kNow), Verdict::kAccepted);
    EXPECT_FALSE(world.state->slots[0].has_value());
    EXPECT_EQ(world.state->local_version, version + 1);
}

TEST(Model, SixteenSessionsAtMostAndNoneThatAllowsMore) {
    World world = world_with_state();
    const Bytes rule = encode(session()).value();
    for (int i = 0; i < 16; ++i) {
        EXPECT_EQ(apply(world, simple(world, Grant{rule}), kNow), Verdict::kAccepted);
    }
    EXPECT_EQ(apply(world, simple(world, Grant{rule}), kNow), Verdict::kTooManyLocalRules);
    EXPECT_EQ(apply(world, simple(world, Revoke{world.state->slots[3]->id}), kNow),
              Verdict::kAccepted);
    EXPECT_EQ(apply(world, simple(world, Grant{rule}), kNow), Verdict::kAccepted);
    EXPECT_TRUE(world.state->slots[3].has_value());
    EXPECT_EQ(apply(world, simple(world, Grant{Bytes{0}}), kNow), Verdict::kConfigurationTruncated);
}

TEST(Model, CountersOfUnchangedRulesGoOn) {
    World world = world_with_state();
    EXPECT_EQ(apply(world, limited(world, spending(10)), kNow), Verdict::kAccepted);
    Configuration next = configuration();
    next.rules.insert(next.rules.begin() + 2, next.rules[2]);
    next.rules[2].limits[0].per_period = 1000;
    ApprovedAction change = simple(world, Policy{encode(next).value()});
    change.rule = 0;
    change.approvals = {by_transaction(0), by_digest(1)};
    EXPECT_EQ(apply(world, change, kNow), Verdict::kAccepted);
    const std::vector<Counter>& counters = world.state->counters;
    ASSERT_EQ(counters.size(), 4U);
    EXPECT_EQ(counters[0], Counter{}) << "a changed rule starts anew";
    EXPECT_EQ(counters[2].spent, 10);
}

TEST(Model, RepeatableActionsTakeNoOtherNonce) {
    World world = world_with_state();
    ApprovedAction action = simple(world, Message{});
    action.rule = 0;
    action.approvals = {by_digest(1), by_digest(2)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kThresholdNotMet);
    action.approvals = {by_transaction(0), by_digest(2)};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kAccepted);
    action.rule = 1;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kActionNotAllowed);
    action.nonce = StateNonce{};
    EXPECT_EQ(apply(world, action, kNow), Verdict::kReservedBits);
    action = simple(world, Policy{});
    action.rule = 0;
    action.deadline = kNow;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kNonCanonical);
    action = simple(world, Execute{});
    action.deadline = kNow - 1;
    EXPECT_EQ(apply(world, action, kNow), Verdict::kDeadlinePassed);
}

/// A random action that is mostly right, with now and then one thing wrong.
class RandomActions {
  public:
    explicit RandomActions(std::uint64_t seed) : random_(seed) {}

    /// For the runs that are to fill all slots.
    void set_grants_often(bool grants_often) { grants_often_ = grants_often; }

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }

    Action next(const World& world, std::uint64_t now) {
        if (one_in(15)) {
            return lane_action();
        }
        if (!world.state && one_in(4)) {
            return CreateState{world.genesis};
        }
        return approved(world, now);
    }

  private:
    Action lane_action() {
        switch (below(8)) {
            case 0:
                return CloseLane{kLane, kLaneOwner, !one_in(3)};
            case 1:
                return SetLaneOperator{kLane, one_in(3) ? kTarget : kLaneOwner, true, kOperator};
            default:
                return OpenLane{kLane, kLaneOwner, kOperator, !one_in(5)};
        }
    }

    Execute execute() {
        Execute out;
        for (std::uint64_t i = below(3); i > 0; --i) {
            Call call = plain_call();
            call.program = one_in(40) ? kProgram : one_in(40) ? kLoader : kTarget;
            call.forwards_signer = one_in(80);
            call.changes_vault = one_in(80);
            call.changes_authority = one_in(60);
            for (std::uint64_t j = below(3); j > 0; --j) {
                call.outflows.push_back(Outflow{one_in(30)  ? kTarget
                                                : one_in(3) ? kToken
                                                            : Hash32(),
                                                below(one_in(5) ? 12 : 4)});
            }
            out.calls.push_back(call);
        }
        if (one_in(60)) {
            out.calls.assign(17, plain_call());
        }
        if (one_in(12)) {
            out.caps = {Cap{below(20), below(20), 100, 85 + below(30)}};
        }
        out.no_new_authority = one_in(6);
        out.passes_uncountable = one_in(30);
        return out;
    }

    Body body(const World& world) {
        if (grants_often_ && one_in(3)) {
            return Grant{encode(session()).value()};
        }
        switch (below(12)) {
            case 0: {
                LocalRule rule = session();
                if (one_in(4)) {
                    rule.rule.actions = kActionMessage;
                }
                return Grant{encode_unchecked(rule)};
            }
            case 1: {
                // Rarely of one that is there, so that all slots fill up.
                Revoke revoke{};
                if (world.state) {
                    for (const auto& slot : world.state->slots) {
                        if (slot && one_in(12)) {
                            revoke.id = slot->id;
                        }
                    }
                }
                return revoke;
            }
            case 2: {
                Configuration next = configuration();
                next.rules[2].limits[0].per_period = one_in(2) ? 25 : 30;
                if (one_in(2)) {
                    std::swap(next.rules[1], next.rules[2]);
                }
                if (one_in(6)) {
                    next.rules[0].actions = kActionExecute;
                }
                return Policy{encode_unchecked(next)};
            }
            case 3:
                return Message{};
            default:
                return execute();
        }
    }

    void choose_rule(const World& world, ApprovedAction& action) {
        const bool is_execute = std::holds_alternative<Execute>(action.body);
        if (world.state && is_execute && !world.state->slots.empty() && one_in(3)) {
            action.rule_is_local = true;
            action.rule = static_cast<std::uint8_t>(below(world.state->slots.size() + one_in(4)));
            action.approvals = {by_transaction(0)};
            return;
        }
        if (is_execute || one_in(8)) {
            action.rule = static_cast<std::uint8_t>(below(one_in(20) ? 5 : 3));
            action.approvals = {action.rule == 1 && one_in(2) ? by_digest(1) : by_transaction(0)};
            if (action.rule == 0 && !one_in(4)) {
                action.approvals.push_back(by_digest(2));
            }
            return;
        }
        action.approvals = {by_transaction(0)};
        action.approvals.push_back(by_digest(one_in(2) ? 1 : 2));
    }

    ApprovedAction approved(const World& world, std::uint64_t now) {
        ApprovedAction action;
        action.body = body(world);
        action.from_genesis = world.state ? one_in(40) : !one_in(20);
        action.genesis_matches = !one_in(15);
        choose_rule(world, action);
        const bool repeats = std::holds_alternative<Policy>(action.body) ||
                             std::holds_alternative<Message>(action.body);
        // A signature over the digest needs a nonce, which mostly is the state's.
        const bool is_signed =
            std::any_of(action.approvals.begin(), action.approvals.end(),
                        [](const Approval& one) { return one.evidence == EvidenceKind::kDigest; });
        const std::uint64_t kind = repeats && !one_in(20)   ? 0
                                   : is_signed && one_in(2) ? 2
                                                            : below(3);
        if (kind == 1) {
            const auto window = now / 256 + below(2);
            const std::uint64_t nonce = below(3) | window % 2 << 11 | below(16) << 12;
            action.nonce = LaneNonce{kLane, one_in(40) ? kTarget : kOperator, !one_in(40),
                                     static_cast<std::uint16_t>(nonce)};
        } else if (kind == 2 && world.state) {
            const std::uint64_t key = below(one_in(20) ? 5 : 4);
            const std::uint64_t sequence = key < 4 ? world.state->nonces[key] : 0;
            action.nonce = StateNonce{static_cast<std::uint8_t>(key), sequence + one_in(20)};
        } else if (world.state) {
            const bool slot = action.rule_is_local && action.rule < world.state->slots.size() &&
                              world.state->slots[action.rule];
            action.nonce = bound(world, slot ? std::optional<std::size_t>(action.rule)
                                             : std::optional<std::size_t>());
            if (one_in(40)) {
                (*std::get<TransactionNonce>(action.nonce).binding)[15] ^= 1;
            }
        }
        if (one_in(8)) {
            action.deadline = now + 10 - below(13);
        }
        action.is_top_level = !one_in(40);
        Approval& approval = action.approvals[below(action.approvals.size())];
        approval.account_signed = !one_in(40);
        approval.account_writable = one_in(40);
        if (one_in(40)) {
            approval.signer = static_cast<std::uint8_t>(below(4));
        }
        if (one_in(30)) {
            approval.flaw = one_in(2) ? Verdict::kKeyMismatch : Verdict::kDigestMismatch;
        }
        return action;
    }

    std::mt19937_64 random_;
    bool grants_often_ = false;
};

/// What the laws say about one step, looked at from outside the model.
void check_step(const World& before, const World& after, const Action& action, Verdict verdict,
                std::uint64_t now) {
    if (verdict != Verdict::kAccepted) {
        EXPECT_EQ(before, after);
        return;
    }
    if (before.state) {
        ASSERT_TRUE(after.state.has_value());
        EXPECT_GE(after.state->sequence, before.state->sequence);
        EXPECT_GE(after.state->local_version, before.state->local_version);
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_GE(after.state->nonces[i], before.state->nonces[i]);
        }
        EXPECT_EQ(after.state->config_id != before.state->config_id,
                  after.state->sequence != before.state->sequence);
    }
    if (const auto* approved = std::get_if<ApprovedAction>(&action)) {
        for (const Approval& approval : approved->approvals) {
            EXPECT_EQ(approval.flaw, Verdict::kAccepted);
        }
        if (!std::holds_alternative<TransactionNonce>(approved->nonce)) {
            World again = after;
            EXPECT_NE(apply(again, action, now), Verdict::kAccepted) << "executed twice";
        }
    }
    if (after.state) {
        EXPECT_EQ(judge_shared(after.state->shared), Verdict::kAccepted);
        for (const auto& slot : after.state->slots) {
            if (slot) {
                EXPECT_EQ(judge_grant(after.state->shared, slot->granting_rule, slot->local_rule),
                          Verdict::kAccepted);
            }
        }
        for (const Counter& counter : after.state->counters) {
            EXPECT_LE(counter.spent, 30U);
        }
    }
}

/// What an accepted action under a session spent of SOL, added up apart from the model's counters.
void count_session(const World& before, const Action& action,
                   std::map<LocalRuleId, std::uint64_t>& spent) {
    const auto* approved = std::get_if<ApprovedAction>(&action);
    const auto* execute = approved == nullptr ? nullptr : std::get_if<Execute>(&approved->body);
    if (execute == nullptr || !approved->rule_is_local) {
        return;
    }
    std::uint64_t& sum = spent[before.state->slots[approved->rule]->id];
    for (const Call& call : execute->calls) {
        for (const Outflow& outflow : call.outflows) {
            sum += outflow.amount;
        }
    }
    EXPECT_LE(sum, 4U) << "a session's budget for ever";
}

TEST(Model, LawsHoldOverRandomActions) {
    RandomActions random(20240229);
    std::map<Verdict, int> seen;
    std::size_t sessions = 0;
    int steps = 0;
    for (int run = 0; run < 200; ++run) {
        World world = fresh_world();
        std::map<LocalRuleId, std::uint64_t> spent;
        std::uint64_t now = kNow - 900;
        random.set_grants_often(run % 8 == 0);
        for (int step = 0; step < 150; ++step, ++steps) {
            now += random.below(random.one_in(10) ? 500 : 60);
            const World before = world;
            const Action action = random.next(world, now);
            const Verdict verdict = apply(world, action, now);
            ++seen[verdict];
            check_step(before, world, action, verdict, now);
            if (verdict == Verdict::kAccepted) {
                count_session(before, action, spent);
            }
        }
        sessions += spent.size();
    }
    for (const auto& [verdict, count] : seen) {
        std::cout << count << " " << verdict_name(verdict) << "\n";
    }
    EXPECT_GE(seen[Verdict::kAccepted] * 10, steps * 3) << "too few actions are accepted";
    EXPECT_GE(sessions, 100U) << "too few sessions were used";
    // Everything that the model can answer to these actions.
    for (const Verdict verdict :
         {Verdict::kReservedBits,     Verdict::kTooManyCalls,     Verdict::kNonCanonical,
          Verdict::kRuleActions,      Verdict::kLockout,          Verdict::kTooManyLocalRules,
          Verdict::kUnknownLocalRule, Verdict::kStateAddress,     Verdict::kGenesisSuperseded,
          Verdict::kStateMissing,     Verdict::kStateExists,      Verdict::kStateNeeded,
          Verdict::kAccountType,      Verdict::kVaultChanged,     Verdict::kApprovalOrder,
          Verdict::kSignerNotInRule,  Verdict::kThresholdNotMet,  Verdict::kTransactionSignature,
          Verdict::kNotTopLevel,      Verdict::kSignerPaysFees,   Verdict::kKeyMismatch,
          Verdict::kDigestMismatch,   Verdict::kSignerNotUsable,  Verdict::kNonceRequired,
          Verdict::kUnknownRule,      Verdict::kActionNotAllowed, Verdict::kRuleExpired,
          Verdict::kTargetNotAllowed, Verdict::kTargetReserved,   Verdict::kConfigurationChanged,
          Verdict::kDeadlinePassed,   Verdict::kLaneWindow,       Verdict::kNonceUsed,
          Verdict::kLaneOperator,     Verdict::kStateNonce,       Verdict::kLaneOwner,
          Verdict::kLimitPerCall,     Verdict::kLimitPerPeriod,   Verdict::kAssetNotListed,
          Verdict::kAuthorityChanged, Verdict::kUncountable,      Verdict::kCapOutflow,
          Verdict::kCapInflow,        Verdict::kSignerForwarded}) {
        EXPECT_GE(seen[verdict], 3) << verdict_name(verdict);
    }
}

}  // namespace
}  // namespace latchkey::core::model
