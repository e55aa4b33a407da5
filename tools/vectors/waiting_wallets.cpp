// SPDX-License-Identifier: Apache-2.0
// The part of `wallets` that is about waiting: proposing, applying, cancelling, freezing,
// recovering and upgrading.
#include "core/wallet/identity.hpp"
#include "tools/vectors/story.hpp"

namespace latchkey::vectors {

namespace {

using namespace core::model;
using core::Configuration;
using core::kRecoveryRule;
using core::RecoveryPart;
using core::Rule;
using core::Signer;
using core::Tie;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kGuard = 9 * kDay;

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

/// One of three wallets of two parties, which differ in keys and clock.
struct Cast {
    std::string name;
    std::string suffix;
    std::uint64_t now = 0;
    Configuration configuration{};
    Bytes part{};
    Bytes genesis{};
};

Rule waiting(Rule rule, std::int64_t delay, Tie tie) {
    rule.wait = core::Wait{static_cast<std::uint32_t>(delay), tie};
    return rule;
}

std::vector<Rule> operational_rules() {
    return {rule_of(core::kSharedActions, 0b11, 2),
            rule_of(core::kActionExecute | core::kActionGrant | core::kActionMessage |
                        core::kActionCancel | core::kActionFreeze,
                    0b11),
            rule_of(core::kActionPolicy, 0b11),
            waiting(rule_of(core::kActionExecute | core::kActionGrant | core::kActionUpgrade |
                                core::kActionCancel,
                            0b11),
                    2 * kDay, Tie::kOwner),
            waiting(rule_of(core::kActionExecute, 0b01), kDay, Tie::kRecovery)};
}

Cast make_cast(int number) {
    const std::string suffix = " " + std::to_string(number);
    Cast cast{.name = "guarded wallet" + suffix,
              .suffix = suffix,
              .now = 1'750'000'000 + static_cast<std::uint64_t>(number) * 1'000'003};
    const RecoveryPart part{
        .signers = {Signer::ed25519(ed25519_key("guardian" + suffix)),
                    Signer::ed25519(ed25519_key("heir" + suffix))},
        .rules = {waiting(rule_of(core::kActionRecover | core::kActionCancel, 0b11), 7 * kDay,
                          Tie::kRecovery),
                  rule_of(core::kActionRecover | core::kActionCancel, 0b11, 2),
                  rule_of(core::kActionFreeze, 0b01),
                  waiting(rule_of(core::kActionRecover, 0b10), 7 * kDay, Tie::kOwner)},
        .after = {.signers = 2, .rules = operational_rules()},
        .salt = RecoveryPart::Salt::from(hash_of("salt" + suffix).view().first<16>())};
    cast.part = core::encode(part).value();
    cast.configuration = Configuration{.signers = {Signer::ed25519(ed25519_key("phone" + suffix)),
                                                   Signer::ed25519(ed25519_key("laptop" + suffix))},
                                       .rules = operational_rules(),
                                       .recovery = core::commitment_of(cast.part, kGuard / 3600)};
    cast.genesis = core::find_salt(cast.configuration, program_id()).value().genesis;
    return cast;
}

/// A story that begins with a state.
class Story : public Recorder {
  public:
    explicit Story(const Cast& cast) : Recorder(cast.name, cast.genesis, cast.now), cast_(cast) {
        create_state();
    }

    const Cast& cast() const { return cast_; }

    /// `parties`: bit i: signer i approves.
    ApprovedAction act(std::uint8_t rule, unsigned parties, Body body) const {
        ApprovedAction action;
        action.rule = rule;
        for (std::uint8_t i = 0; i < 2; ++i) {
            if ((parties >> i & 1) != 0) {
                action.approvals.push_back(Approval{.signer = i});
            }
        }
        action.nonce = TransactionNonce{binding_of(state().config_id, {})};
        // What waits is told apart by this; the true digest needs bytes and accounts.
        json::object text = to_json(Action(ApplyProposal{.body = body}));
        action.waiting_digest = hash_of(json::serialize(text));
        action.body = std::move(body);
        return action;
    }

    /// The same under a rule of the recovery part.
    ApprovedAction rescue(std::uint8_t rule, unsigned parties, Body body) const {
        ApprovedAction action = act(rule, parties, std::move(body));
        action.recovery_part = cast_.part;
        const Hash32 parent = cast_.configuration.recovery->bytes();
        action.nonce = TransactionNonce{binding_of(core::ConfigId(parent.array()), {})};
        return action;
    }

    Execute calls(std::size_t count) const {
        Execute execute;
        execute.calls.resize(count);
        for (Call& call : execute.calls) {
            call.program = hash_of("target" + cast_.suffix);
        }
        return execute;
    }

    Upgrade upgrade() const {
        Upgrade upgrade;
        upgrade.call.program = world().upgradeable_loader;
        upgrade.call.data = {3, 0, 0, 0};
        return upgrade;
    }

    /// Without the rule that is stubborn.
    Policy change(std::uint32_t epoch, std::uint16_t guard_hours = kGuard / 3600) const {
        Configuration next = cast_.configuration;
        next.rules.pop_back();
        next.recovery->guard_hours = guard_hours;
        return {core::encode_unchecked(next), epoch};
    }

    Bytes new_signers() const {
        return core::encode_unchecked(
            std::vector{Signer::ed25519(ed25519_key("new phone" + cast_.suffix)),
                        Signer::ed25519(ed25519_key("new laptop" + cast_.suffix))});
    }

  private:
    const Cast& cast_;
};

/// What anybody does when the time of `action` has come.
ApplyProposal later(const ApprovedAction& action) {
    return {.rule = action.rule,
            .recovery_part = action.recovery_part,
            .waiting_digest = action.waiting_digest,
            .body = action.body};
}

template <typename What, typename Change>
What changed(What action, Change change) {
    change(action);
    return action;
}

json::object proposal_story(const Cast& cast) {
    Story story(cast);
    ApprovedAction slow = story.act(kSlow, 0b01, story.calls(1));
    slow.nonce = StateNonce{0, 0};
    story.accept(slow);
    story.step(slow, Verdict::kStateNonce);
    story.step(later(slow), Verdict::kTooEarly);
    story.step(later(slow), Verdict::kTooEarly, 2 * kDay - 1);
    story.step(story.act(kSlow, 0b10, story.calls(2)), Verdict::kAlreadyWaits);
    story.step(story.act(kSlow, 0b10, story.calls(2)), Verdict::kAlreadyWaits, 16 * kDay);
    story.accept(story.act(kStubborn, 0b01, story.calls(2)));
    story.step(later(story.act(kSlow, 0b01, story.calls(2))), Verdict::kOtherProposal, 2 * kDay);
    story.step(later(story.act(kSlow, 0b01, Grant{})), Verdict::kNothingWaits, 2 * kDay);
    story.step(later(story.act(kDaily, 0b01, story.calls(1))), Verdict::kNothingWaits, 2 * kDay);
    story.step(later(story.act(kChange, 0b01, story.calls(1))), Verdict::kActionNotAllowed,
               2 * kDay);
    story.step(later(story.act(9, 0b01, story.calls(1))), Verdict::kUnknownRule, 2 * kDay);
    story.step(later(slow), Verdict::kProposalExpired, 16 * kDay + 1);
    story.accept(later(slow), 16 * kDay);
    story.step(later(slow), Verdict::kNothingWaits, 16 * kDay);
    // An expired proposal may be replaced.
    const ApprovedAction stubborn = story.act(kStubborn, 0b01, story.calls(3));
    story.step(stubborn, Verdict::kAlreadyWaits, 15 * kDay);
    story.accept(stubborn, 15 * kDay + 1);
    story.accept(later(stubborn), 16 * kDay + 1);
    // The action's own checks come when it is done.
    Execute reserved = story.calls(1);
    reserved.calls[0].program = hash_of("loader");
    const ApprovedAction bad = story.act(kSlow, 0b01, reserved);
    story.accept(bad);
    story.step(later(bad), Verdict::kTargetReserved, 2 * kDay);
    return story.finish("proposals");
}

json::object guard_story(const Cast& cast) {
    Story story(cast);
    story.step(story.act(kChange, 0b01, story.change(1)), Verdict::kEpoch);
    story.step(story.act(kChange, 0b01, story.change(0, 71)), Verdict::kRuleWait);
    story.step(story.act(kChange, 0b01, story.change(0, 2161)), Verdict::kRuleWait);
    const ApprovedAction alone = story.act(kChange, 0b01, story.change(0));
    story.accept(alone);
    story.step(alone, Verdict::kEpoch);
    story.step(story.act(kChange, 0b01, story.change(1)), Verdict::kAlreadyWaits);
    story.step(later(alone), Verdict::kTooEarly, kGuard - 1);
    story.accept(later(alone), kGuard);
    require(story.state().sequence == 1, "the change was not applied");
    // Two parties need not wait; what waited under the old configuration is gone.
    Policy next = story.change(1);
    next.shared[0] |= core::kHeaderLockdown;
    const ApprovedAction waits = story.act(kChange, 0b10, next);
    story.accept(waits, kGuard);
    story.accept(story.act(kBoth, 0b11, story.change(0)), kGuard);
    story.step(later(waits), Verdict::kNothingWaits, 2 * kGuard);
    story.step(story.act(kBoth, 0b11, story.change(1)), Verdict::kEpoch, kGuard);
    story.accept(story.act(kChange, 0b11, story.change(2)), kGuard);
    // Another commitment: the epochs of the recovery part grow.
    story.accept(story.rescue(kHeir, 0b10, Recover{story.new_signers(), 0}), kGuard);
    story.accept(story.act(kBoth, 0b11, story.change(0, 240)), kGuard);
    require(story.state().records.back().epoch == 2, "the recovery's epoch stayed");
    story.step(story.rescue(kHeir, 0b10, Recover{story.new_signers(), 0}),
               Verdict::kConfigurationChanged, kGuard);
    story.accept(story.act(kBoth, 0b11, story.change(0)), kGuard);
    story.step(story.rescue(kHeir, 0b10, Recover{story.new_signers(), 1}), Verdict::kEpoch, kGuard);
    story.accept(story.rescue(kHeir, 0b10, Recover{story.new_signers(), 3}), kGuard);
    // And without one, at each change.
    Configuration none = cast.configuration;
    none.rules.resize(kSlow);
    none.recovery.reset();
    for (unsigned i = 0; i < 2; ++i) {
        story.accept(story.act(kBoth, 0b11, Policy{core::encode(none).value(), 0}), kGuard);
        require(story.state().records.back().epoch == 5 + i, "the recovery's epoch stayed");
    }
    story.accept(story.act(kBoth, 0b11, story.change(0)), kGuard);
    story.step(story.rescue(kHeir, 0b10, Recover{story.new_signers(), 6}), Verdict::kEpoch, kGuard);
    story.accept(story.rescue(kHeir, 0b10, Recover{story.new_signers(), 7}), kGuard);
    return story.finish("the guard");
}

json::object cancel_story(const Cast& cast) {
    Story story(cast);
    const auto cancel = [&](std::uint8_t rule, unsigned parties, std::uint32_t epoch,
                            std::uint8_t target) {
        return story.act(rule, parties, Cancel{epoch, target});
    };
    story.step(cancel(kDaily, 0b10, 0, kSlow), Verdict::kNothingWaits);
    const ApprovedAction slow = story.act(kSlow, 0b01, story.calls(1));
    story.accept(slow);
    story.step(cancel(kDaily, 0b10, 1, kSlow), Verdict::kEpoch);
    story.step(cancel(kChange, 0b10, 0, kSlow), Verdict::kActionNotAllowed);
    for (const std::uint8_t target : Bytes{5, 0x10, 0x40, 0x90, 0xff}) {
        story.step(cancel(kBoth, 0b11, 0, target), Verdict::kUnknownRule);
    }
    story.accept(cancel(kDaily, 0b10, 0, kSlow));
    story.step(later(slow), Verdict::kNothingWaits, 2 * kDay);
    story.step(cancel(kDaily, 0b10, 0, kSlow), Verdict::kNothingWaits);
    story.accept(slow);
    story.accept(cancel(kSlow, 0b01, 1, kSlow));
    // Before it is proposed: by the rule itself, or by two parties.
    story.step(cancel(kSlow, 0b01, 3, kSlow), Verdict::kEpoch);
    story.accept(cancel(kSlow, 0b01, 2, kSlow));
    story.step(cancel(kBoth, 0b11, 1, kChange), Verdict::kEpoch);
    story.accept(cancel(kBoth, 0b11, 0, kChange));
    story.step(story.act(kChange, 0b01, story.change(0)), Verdict::kEpoch);
    story.accept(cancel(kBoth, 0b11, 0, kRecoveryRule | 15));

    // Against who wins: twice in 90 days.
    const auto propose = [&] { return story.act(kStubborn, 0b01, story.calls(1)); };
    story.accept(propose());
    story.accept(cancel(kDaily, 0b10, 0, kStubborn), 5);
    story.accept(propose(), 6);
    story.accept(cancel(kDaily, 0b01, 1, kStubborn), 7);
    story.accept(propose(), 8);
    story.step(cancel(kDaily, 0b10, 2, kStubborn), Verdict::kCancelBudget, 9);
    story.step(cancel(kDaily, 0b10, 2, kStubborn), Verdict::kCancelBudget, 90 * kDay + 5);
    story.accept(cancel(kBoth, 0b11, 2, kStubborn), 9);
    story.accept(propose(), 10);
    story.accept(cancel(kDaily, 0b10, 3, kStubborn), 90 * kDay + 6);
    return story.finish("cancelling");
}

json::object recovery_story(const Cast& cast) {
    Story story(cast);
    constexpr std::uint8_t kOwn = kRecoveryRule | kRecoverer;
    const auto recover = [&](std::uint8_t rule, unsigned parties, std::uint32_t epoch) {
        return story.rescue(rule, parties, Recover{story.new_signers(), epoch});
    };
    const ApprovedAction good = recover(kRecoverer, 0b01, 0);
    story.step(changed(good, [](auto& a) { a.recovery_part->back() ^= 1; }),
               Verdict::kRecoveryPart);
    story.step(changed(good, [](auto& a) { a.recovery_part->pop_back(); }), Verdict::kRecoveryPart);
    story.step(changed(good, [](auto& a) { a.recovery_part->clear(); }), Verdict::kRecoveryPart);
    story.step(changed(good, [](auto& a) { a.rule = 4; }), Verdict::kUnknownRule);
    story.step(changed(good, [](auto& a) { a.rule = kAlarm; }), Verdict::kActionNotAllowed);
    story.step(changed(good, [](auto& a) { a.rule = kCustodian; }), Verdict::kThresholdNotMet);
    story.step(changed(good,
                       [&](auto& a) {
                           a.nonce = TransactionNonce{binding_of(story.state().config_id, {})};
                       }),
               Verdict::kConfigurationChanged);
    story.step(changed(good, [](auto& a) { a.nonce = StateNonce{}; }), Verdict::kReservedBits);
    story.step(changed(good, [&](auto& a) { a.deadline = cast.now; }), Verdict::kNonCanonical);
    story.step(changed(good, [](auto& a) { std::get<Recover>(a.body).signers.resize(33); }),
               Verdict::kSignerKind);
    story.step(story.act(kBoth, 0b11, Recover{story.new_signers(), 0}), Verdict::kActionNotAllowed);
    story.step(story.rescue(kCustodian, 0b11, story.change(0)), Verdict::kActionNotAllowed);
    story.accept(good);
    story.step(good, Verdict::kEpoch);
    story.step(recover(kRecoverer, 0b10, 1), Verdict::kAlreadyWaits);
    for (const std::uint8_t target : {kSlow, kRecoverer}) {
        story.step(story.rescue(kRecoverer, 0b01, Cancel{0, target}), Verdict::kCancelNotAllowed);
    }
    story.step(story.rescue(kCustodian, 0b11, Cancel{0, kOwn}), Verdict::kCancelNotAllowed);
    story.accept(story.rescue(kRecoverer, 0b10, Cancel{0, kOwn}));
    story.step(later(good), Verdict::kNothingWaits, 7 * kDay);
    // A thief changes the configuration, and loses it all the same.
    story.accept(story.act(kDaily, 0b01, Grant{core::encode(full_session()).value()}));
    story.accept(story.act(kBoth, 0b11, story.change(0)));
    const ApprovedAction again = recover(kRecoverer, 0b01, 1);
    story.accept(again);
    story.step(later(again), Verdict::kTooEarly, 7 * kDay - 1);
    story.step(changed(later(again), [](auto& a) { a.recovery_part->back() ^= 1; }),
               Verdict::kRecoveryPart, 7 * kDay);
    story.accept(later(again), 7 * kDay);
    require(!story.state().slots[0] && story.state().sequence == 2, "not recovered");
    // At once without delay.
    story.step(recover(kCustodian, 0b01, 0), Verdict::kThresholdNotMet, 7 * kDay);
    story.accept(recover(kCustodian, 0b11, 0), 7 * kDay);
    story.step(recover(kCustodian, 0b11, 0), Verdict::kEpoch, 7 * kDay);
    require(story.state().sequence == 3, "not recovered");
    return story.finish("recovery");
}

json::object race_story(const Cast& cast) {
    Story story(cast);
    const ApprovedAction change = story.act(kChange, 0b01, story.change(0));
    story.accept(change);
    const ApprovedAction heir = story.rescue(kHeir, 0b10, Recover{story.new_signers(), 0});
    story.accept(heir, 8 * kDay);
    story.step(later(change), Verdict::kRecoveryUnderWay, kGuard);
    // Who cancels wins against this one, and its time is forgotten.
    story.accept(story.act(kDaily, 0b01, Cancel{0, kRecoveryRule | kHeir}), kGuard);
    const ApprovedAction recover = story.rescue(kRecoverer, 0b01, Recover{story.new_signers(), 0});
    story.accept(recover, 8 * kDay);
    story.step(later(change), Verdict::kRecoveryUnderWay, kGuard);
    // Not so against this one.
    story.accept(story.act(kDaily, 0b01, Cancel{0, kRecoveryRule | kRecoverer}), kGuard);
    story.step(later(change), Verdict::kRecoveryUnderWay, 17 * kDay - 1);
    story.step(later(change), Verdict::kProposalExpired, kGuard + 14 * kDay + 1);
    story.accept(later(change), 17 * kDay);
    return story.finish("a change by one party and a recovery");
}

json::object freeze_story(const Cast& cast) {
    Story story(cast);
    const ApprovedAction slow = story.act(kSlow, 0b01, story.calls(1));
    story.accept(slow, -2 * kDay);
    story.step(story.act(kDaily, 0b01, Freeze{1, 0}), Verdict::kEpoch);
    story.step(story.act(kChange, 0b01, Freeze{0, 0}), Verdict::kActionNotAllowed);
    story.accept(story.act(kDaily, 0b01, Freeze{0, 0}));
    const Bytes session = core::encode(full_session()).value();
    for (const Body& body : {Body(story.calls(1)), Body(Grant{session}), Body(story.change(0)),
                             Body(Message{}), Body(story.upgrade())}) {
        story.step(story.act(kBoth, 0b11, body), Verdict::kFrozen, 7 * kDay - 1);
    }
    story.step(later(slow), Verdict::kFrozen);
    story.step(story.act(kBoth, 0b11, Revoke{}), Verdict::kUnknownLocalRule);
    ApprovedAction genesis = story.act(kDaily, 0b01, story.calls(1));
    genesis.from_genesis = true;
    genesis.nonce = TransactionNonce{};
    story.step(genesis, Verdict::kStateNeeded);
    // These go on.
    story.accept(story.act(kStubborn, 0b01, story.calls(1)));
    story.accept(story.act(kDaily, 0b10, Cancel{0, kStubborn}));
    story.accept(story.rescue(kRecoverer, 0b10, Recover{story.new_signers(), 0}));
    story.step(story.act(kDaily, 0b01, Freeze{1, 0}), Verdict::kFreezeBudget);
    story.step(story.act(kDaily, 0b10, Freeze{1, 1}), Verdict::kTwoParties);
    story.step(story.rescue(kAlarm, 0b01, Freeze{0, 1}), Verdict::kTwoParties);
    story.step(story.act(kDaily, 0b11, Freeze{1, 2}), Verdict::kNonCanonical);
    story.accept(story.act(kDaily, 0b11, Freeze{1, 1}));
    story.accept(later(slow));
    story.step(story.act(kDaily, 0b01, Freeze{2, 0}), Verdict::kFreezeBudget, 30 * kDay - 1);
    story.accept(story.rescue(kAlarm, 0b01, Freeze{0, 0}), kDay);
    story.step(story.act(kDaily, 0b01, Message{}), Verdict::kFrozen, 8 * kDay - 1);
    ApprovedAction reading = story.act(kDaily, 0b01, Message{});
    reading.state_writable = false;
    story.accept(reading, 8 * kDay);
    require(story.state().was_frozen, "a state that may not be written was");
    story.accept(story.act(kDaily, 0b01, Message{}), 8 * kDay);
    require(!story.state().was_frozen, "the freeze was not forgotten");
    story.accept(story.act(kDaily, 0b01, Freeze{2, 0}), 30 * kDay);
    return story.finish("freezing");
}

json::object upgrade_story(const Cast& cast) {
    Story story(cast);
    const auto with = [&](auto change) {
        return story.act(kBoth, 0b11, changed(story.upgrade(), change));
    };
    story.accept(with([](Upgrade&) {}));
    story.step(with([](Upgrade& u) { u.holds_code = false; }), Verdict::kUpgradeCode);
    story.step(with([](Upgrade& u) { u.call.program = hash_of("loader"); }),
               Verdict::kTargetNotAllowed);
    story.step(with([](Upgrade& u) { u.call.data[0] = 4; }), Verdict::kTargetNotAllowed);
    story.step(with([](Upgrade& u) { u.call.forwards_signer = true; }), Verdict::kSignerForwarded);
    story.step(with([](Upgrade& u) { u.call.changes_vault = true; }), Verdict::kVaultChanged);
    story.step(story.act(kDaily, 0b11, story.upgrade()), Verdict::kActionNotAllowed);
    Execute execute = story.calls(1);
    execute.calls[0].program = story.world().upgradeable_loader;
    story.step(story.act(kBoth, 0b11, execute), Verdict::kTargetReserved);
    const ApprovedAction slow = story.act(kSlow, 0b01, story.upgrade());
    story.accept(slow);
    // The buffer is looked at when it is done.
    story.step(changed(later(slow), [](auto& a) { std::get<Upgrade>(a.body).holds_code = false; }),
               Verdict::kUpgradeCode, 2 * kDay);
    story.accept(later(slow), 2 * kDay);
    return story.finish("upgrades");
}

json::object genesis_story(const Cast& cast) {
    Recorder story(cast.name, cast.genesis, cast.now);
    ApprovedAction action;
    action.from_genesis = true;
    action.approvals = {Approval{.signer = 0}, Approval{.signer = 1}};
    for (const Body& body : {Body(Cancel{}), Body(Freeze{}), Body(Recover{}), Body(Upgrade{})}) {
        action.body = body;
        story.step(action, Verdict::kStateNeeded);
    }
    action.body = Execute{};
    story.accept(action);
    action.rule = kSlow;
    story.step(action, Verdict::kStateNeeded);
    story.step(ApplyProposal{.rule = kSlow, .body = Execute{}}, Verdict::kStateMissing);
    action.rule = kBoth;
    action.recovery_part = cast.part;
    story.step(action, Verdict::kReservedBits);
    return story.finish("what the genesis does not know");
}

}  // namespace

json::array generate_waiting_wallets() {
    using Write = json::object (*)(const Cast&);
    constexpr Write kStories[] = {proposal_story, guard_story,  cancel_story,  recovery_story,
                                  race_story,     freeze_story, upgrade_story, genesis_story};
    json::array out;
    for (int i = 0; i < 3; ++i) {
        const Cast cast = make_cast(i);
        for (const Write story : kStories) {
            out.push_back(story(cast));
        }
    }
    return out;
}

}  // namespace latchkey::vectors
