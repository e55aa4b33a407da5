// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/story.hpp"

namespace latchkey::vectors {

namespace {

using namespace core::model;
using core::Configuration;
using core::LocalRule;
using core::Rule;
using core::Signer;

constexpr std::uint64_t kSpendingPeriod = 600;

/// One of three wallets, which differ in keys, clock and lane windows.
struct Cast {
    std::string name;
    Configuration configuration;
    Bytes genesis;
    std::uint64_t now = 0;
    Hash32 target;
    Hash32 token;
    Hash32 lane;
    Hash32 lane_owner;
    Hash32 lane_operator;
};

/// Rule 0: both parties, all rights. Rule 1: the ed25519 or the P-256 key, calls and sessions.
/// Rule 2: the ed25519 key alone, limited, from 1,000 seconds ago for 10,000 seconds.
/// Signer 3 is a program, in rule 3.
Cast make_cast(int number) {
    const std::string suffix = " " + std::to_string(number);
    Cast cast;
    cast.name = "wallet" + suffix;
    cast.now = 1'700'000'000 + static_cast<std::uint64_t>(number) * 1'000'003;
    cast.target = hash_of("target" + suffix);
    cast.token = hash_of("token" + suffix);
    cast.lane = hash_of("lane" + suffix);
    cast.lane_owner = hash_of("lane owner" + suffix);
    cast.lane_operator = hash_of("lane operator" + suffix);
    Rule limited = rule_of(core::kActionExecute, 0b0001);
    limited.times = core::Times{cast.now - 1000, cast.now + 9000};
    limited.scope = {core::Target{cast.target, {}}};
    limited.limits = {core::Limit{Hash32(), 10, 25, kSpendingPeriod},
                      core::Limit{cast.token, 5, 5, 0}};
    cast.configuration =
        Configuration{.signers = {Signer::ed25519(ed25519_key("laptop" + suffix)),
                                  Signer::p256(p256_key("server" + suffix)),
                                  passkey("phone" + suffix).with_same_party(),
                                  Signer::program(address(0x55), derived_address())},
                      .rules = {rule_of(0x0f, 0b0111, 2),
                                rule_of(core::kActionExecute | core::kActionGrant, 0b0011), limited,
                                rule_of(core::kActionExecute, 0b1000)}};
    cast.genesis = core::find_salt(cast.configuration, program_id()).value().genesis;
    return cast;
}

LocalRule session_of(const Cast& cast) {
    Rule rule = rule_of(core::kActionExecute);
    rule.scope = {core::Target{cast.target, {}}};
    rule.limits = {core::Limit{Hash32(), 3, 4, 0}};
    return LocalRule{{Signer::ed25519(ed25519_key("session"))}, rule};
}

/// A story about one of the cast.
class Story : public Recorder {
  public:
    explicit Story(const Cast& cast) : Recorder(cast.name, cast.genesis, cast.now), cast_(cast) {}

    const Cast& cast() const { return cast_; }

  private:
    const Cast& cast_;
};

Approval by_account(std::uint8_t signer) {
    return Approval{.signer = signer};
}
Approval by_digest(std::uint8_t signer) {
    return Approval{.signer = signer, .evidence = EvidenceKind::kDigest};
}
Approval by_program(std::uint8_t signer) {
    return Approval{.signer = signer, .evidence = EvidenceKind::kProgram};
}

TransactionNonce bound(const Story& story, std::optional<std::size_t> slot = {}) {
    std::optional<core::LocalRuleId> id;
    if (slot) {
        id = story.state().slots[*slot]->id;
    }
    return TransactionNonce{binding_of(story.state().config_id, id)};
}

Call call_to(const Hash32& program) {
    Call call;
    call.program = program;
    return call;
}

Execute calling(const Story& story) {
    return Execute{.calls = {call_to(story.cast().target)}};
}

Execute spending(const Story& story, std::uint64_t amount, const Hash32& asset = Hash32()) {
    Execute execute = calling(story);
    execute.calls[0].outflows = {Outflow{asset, amount}};
    return execute;
}

/// The ed25519 key under rule 1.
ApprovedAction simple(const Story& story, Body body) {
    ApprovedAction action;
    action.rule = 1;
    action.approvals = {by_account(0)};
    if (story.world().state) {
        action.nonce = bound(story);
    } else {
        action.from_genesis = true;
    }
    action.body = std::move(body);
    return action;
}

/// Both parties under rule 0.
ApprovedAction by_both(const Story& story, Body body) {
    ApprovedAction action = simple(story, std::move(body));
    action.rule = 0;
    action.approvals = {by_account(0), by_digest(1)};
    return action;
}

template <typename Change>
ApprovedAction changed(ApprovedAction action, Change change) {
    change(action);
    return action;
}

json::object genesis_story(const Cast& cast) {
    Story story(cast);
    const ApprovedAction action = simple(story, calling(story));
    story.accept(action);
    story.step(changed(action, [](auto& a) { a.genesis_matches = false; }), Verdict::kStateAddress);
    story.step(changed(action, [](auto& a) { a.rule = 2; }), Verdict::kStateNeeded);
    story.step(changed(action, [](auto& a) { a.rule = 4; }), Verdict::kUnknownRule);
    story.step(changed(action, [](auto& a) { a.approvals = {by_account(4)}; }),
               Verdict::kSignerNotInRule);
    story.step(changed(action, [](auto& a) { a.nonce = StateNonce{}; }), Verdict::kStateNeeded);
    story.step(changed(action, [&](auto& a) { a.body = Grant{{}}; }), Verdict::kStateNeeded);
    story.step(changed(action, [](auto& a) { a.from_genesis = false; }), Verdict::kStateMissing);
    story.step(
        CreateState{core::encode(core::Genesis{cast.configuration, filled(0xee, 16)}).value()},
        Verdict::kStateAddress);
    story.step(CreateState{{}}, Verdict::kConfigurationTruncated);
    story.create_state();
    story.step(CreateState{cast.genesis}, Verdict::kStateExists);
    // While n = 0 the genesis is still the current configuration.
    story.accept(action);
    Configuration next = cast.configuration;
    next.recovery = core::commitment_of(core::encode(full_recovery()).value(), 216);
    const ApprovedAction change = by_both(story, Policy{core::encode(next).value()});
    story.accept(change);
    story.step(action, Verdict::kGenesisSuperseded);
    story.step(change, Verdict::kConfigurationChanged);
    story.accept(simple(story, calling(story)));
    return story.finish("genesis, then state, then another configuration");
}

json::object approval_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const ApprovedAction both =
        changed(by_both(story, calling(story)), [](auto& a) { a.nonce = StateNonce{2, 0}; });
    const auto with = [&](std::vector<Approval> approvals) {
        return changed(both, [&](auto& a) { a.approvals = std::move(approvals); });
    };
    const auto flawed = [&](std::uint8_t signer, Verdict flaw) {
        Approval approval = signer == 0 ? by_account(0) : by_digest(signer);
        approval.flaw = flaw;
        return approval;
    };
    story.step(with({by_account(0)}), Verdict::kThresholdNotMet);
    story.step(with({by_digest(1), by_digest(2)}), Verdict::kThresholdNotMet);
    story.step(with({by_digest(1), by_account(0)}), Verdict::kApprovalOrder);
    story.step(with({by_account(0), by_account(0)}), Verdict::kApprovalOrder);
    story.step(with({by_account(0), by_digest(1), by_program(3)}), Verdict::kSignerNotInRule);
    story.step(with({by_account(0), by_digest(9)}), Verdict::kSignerNotInRule);
    story.step(with({by_account(0), by_account(1)}), Verdict::kSignerNotUsable);
    story.step(with({by_program(0), by_digest(1)}), Verdict::kSignerNotUsable);
    for (const Verdict flaw :
         {Verdict::kKeyMismatch, Verdict::kDigestMismatch, Verdict::kPrecompileMissing,
          Verdict::kPrecompileLayout, Verdict::kClientData, Verdict::kUserPresence,
          Verdict::kUserVerification, Verdict::kRelyingParty, Verdict::kAuthenticatorData}) {
        story.step(with({by_account(0), flawed(2, flaw)}), flaw);
    }
    story.step(with({flawed(0, Verdict::kKeyMismatch), by_digest(2)}), Verdict::kKeyMismatch);
    story.accept(with({by_account(0), by_digest(2)}));
    story.step(with({by_account(0), by_digest(2)}), Verdict::kStateNonce);
    return story.finish("approvals of several parties");
}

json::object account_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const ApprovedAction action = simple(story, calling(story));
    story.accept(action);
    story.step(changed(action, [](auto& a) { a.approvals[0].account_signed = false; }),
               Verdict::kTransactionSignature);
    story.step(changed(action, [](auto& a) { a.approvals[0].account_writable = true; }),
               Verdict::kSignerPaysFees);
    story.step(changed(action, [](auto& a) { a.is_top_level = false; }), Verdict::kNotTopLevel);
    story.step(changed(action, [](auto& a) { a.approvals = {by_digest(1)}; }),
               Verdict::kNonceRequired);
    const ApprovedAction program = changed(action, [](auto& a) {
        a.rule = 3;
        a.approvals = {by_program(3)};
        a.is_top_level = false;
    });
    story.accept(program);
    story.step(changed(program, [](auto& a) { a.approvals[0].account_signed = false; }),
               Verdict::kTransactionSignature);
    story.step(changed(program, [](auto& a) { a.approvals[0].evidence = EvidenceKind::kDigest; }),
               Verdict::kSignerNotUsable);
    return story.finish("accounts as evidence");
}

json::object nonce_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const ApprovedAction action = changed(simple(story, calling(story)), [](auto& a) {
        a.approvals = {by_digest(1)};
        a.nonce = StateNonce{0, 0};
    });
    story.accept(action);
    story.step(action, Verdict::kStateNonce);
    story.step(changed(action, [](auto& a) { a.nonce = StateNonce{0, 2}; }), Verdict::kStateNonce);
    story.step(changed(action, [](auto& a) { a.nonce = StateNonce{4, 0}; }),
               Verdict::kNonCanonical);
    story.accept(changed(action, [](auto& a) { a.nonce = StateNonce{3, 0}; }));
    // Zero calls skip a nonce.
    story.accept(changed(action, [](auto& a) {
        a.nonce = StateNonce{0, 1};
        a.body = Execute{};
    }));
    const auto until = [&](std::int64_t seconds) {
        return changed(simple(story, calling(story)), [&](auto& a) {
            a.deadline = cast.now + static_cast<std::uint64_t>(seconds);
        });
    };
    story.accept(until(0));
    story.step(until(-1), Verdict::kDeadlinePassed);
    story.accept(until(50), 50);
    story.step(until(50), Verdict::kDeadlinePassed, 51);
    story.step(changed(simple(story, calling(story)),
                       [](auto& a) { (*std::get<TransactionNonce>(a.nonce).binding)[15] ^= 1; }),
               Verdict::kConfigurationChanged);
    return story.finish("state nonces, deadlines and bindings");
}

LaneNonce lane_nonce(const Cast& cast, std::uint64_t window, unsigned bit, unsigned sixteenth) {
    return LaneNonce{
        .lane = cast.lane,
        .operator_address = cast.lane_operator,
        .nonce = static_cast<std::uint16_t>(bit | (window & 1) << 11 | sixteenth << 12)};
}

json::object lane_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const std::uint64_t window = cast.now / 256 + 2;
    const auto ready = static_cast<std::int64_t>(window * 256 - cast.now);
    const auto using_bit = [&](std::uint64_t in_window, unsigned bit, unsigned sixteenth) {
        return changed(simple(story, calling(story)), [&](auto& a) {
            a.approvals = {by_digest(1)};
            a.nonce = lane_nonce(cast, in_window, bit, sixteenth);
        });
    };
    const OpenLane open{cast.lane, cast.lane_owner, cast.lane_operator, true};
    OpenLane unsigned_open = open;
    unsigned_open.owner_signed = false;
    story.step(using_bit(window, 7, 15), Verdict::kAccountType);
    story.step(unsigned_open, Verdict::kLaneOwner);
    story.accept(open);
    story.step(open, Verdict::kStateExists);
    story.step(using_bit(window - 1, 7, 15), Verdict::kLaneWindow);
    story.step(using_bit(window - 2, 7, 15), Verdict::kLaneWindow);
    story.accept(using_bit(window, 7, 15), ready);
    story.step(using_bit(window, 7, 15), Verdict::kNonceUsed, ready);
    story.step(using_bit(window, 7, 3), Verdict::kNonceUsed, ready);
    story.step(using_bit(window, 8, 0), Verdict::kDeadlinePassed, ready + 16);
    story.accept(using_bit(window + 1, 8, 0), ready + 16);
    story.step(changed(using_bit(window, 9, 15), [](auto& a) { a.deadline = core::kNever; }),
               Verdict::kNonCanonical, ready);
    const auto by_operator = [&](const Hash32& who, bool signs) {
        return changed(using_bit(window, 10, 15), [&](auto& a) {
            std::get<LaneNonce>(a.nonce).operator_address = who;
            std::get<LaneNonce>(a.nonce).operator_signed = signs;
        });
    };
    story.step(by_operator(cast.lane_operator, false), Verdict::kLaneOperator, ready);
    story.step(by_operator(cast.lane_owner, true), Verdict::kLaneOperator, ready);
    story.step(changed(using_bit(window, 11, 15),
                       [](auto& a) {
                           a.approvals = {by_account(0)};
                           a.is_top_level = false;
                       }),
               Verdict::kNotTopLevel, ready);
    story.step(SetLaneOperator{cast.lane, cast.lane_operator, true, cast.target},
               Verdict::kLaneOwner, ready);
    story.accept(SetLaneOperator{cast.lane, cast.lane_owner, true, cast.target}, ready);
    story.step(by_operator(cast.lane_operator, true), Verdict::kLaneOperator, ready);
    story.accept(by_operator(cast.target, true), ready);
    story.step(CloseLane{cast.lane, cast.lane_operator, true}, Verdict::kLaneOwner, ready);
    story.step(CloseLane{cast.lane, cast.lane_owner, false}, Verdict::kLaneOwner, ready);
    story.step(CloseLane{cast.target, cast.lane_owner, true}, Verdict::kAccountType, ready);
    story.accept(CloseLane{cast.lane, cast.lane_owner, true}, ready);
    story.step(SetLaneOperator{cast.lane, cast.lane_owner, true, cast.target},
               Verdict::kAccountType, ready);
    story.accept(open, ready);
    // Nothing of the earlier life, not even unused bits.
    story.step(using_bit(window, 99, 15), Verdict::kLaneWindow, ready);
    return story.finish("a lane's life");
}

json::object limit_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const auto under_limits = [&](Execute execute) {
        return changed(simple(story, std::move(execute)), [](auto& a) { a.rule = 2; });
    };
    const auto spend = [&](std::uint64_t amount, const Hash32& asset = Hash32()) {
        return under_limits(spending(story, amount, asset));
    };
    story.step(spend(11), Verdict::kLimitPerCall);
    story.accept(spend(10));
    story.accept(spend(10));
    story.step(spend(6), Verdict::kLimitPerPeriod);
    story.accept(spend(5));
    story.step(spend(1), Verdict::kLimitPerPeriod);
    // The rule began 1,000 seconds ago, so the third window of 600 begins in 200.
    story.step(spend(1), Verdict::kLimitPerPeriod, 199);
    story.accept(spend(10), 200);
    story.accept(spend(5, cast.token));
    story.step(spend(1, cast.token), Verdict::kLimitPerPeriod, 8999);
    story.step(spend(1, cast.target), Verdict::kAssetNotListed);
    story.step(spend(1), Verdict::kRuleExpired, 9000);
    story.step(spend(1), Verdict::kRuleNotYetValid, -1001);
    Execute twice = spending(story, 6);
    twice.calls.push_back(twice.calls[0]);
    story.step(under_limits(twice), Verdict::kLimitPerCall, 900);
    Execute risky = spending(story, 1);
    risky.passes_uncountable = true;
    story.step(under_limits(risky), Verdict::kUncountable);
    risky.passes_uncountable = false;
    risky.calls[0].changes_authority = true;
    story.step(under_limits(risky), Verdict::kAuthorityChanged);
    risky.calls[0] = call_to(cast.token);
    story.step(under_limits(risky), Verdict::kTargetNotAllowed);

    // The counters of an unchanged rule go on under another configuration.
    Configuration next = cast.configuration;
    std::swap(next.rules[1], next.rules[2]);
    story.accept(by_both(story, Policy{core::encode(next).value()}), 200);
    const ApprovedAction moved = changed(spend(10), [](auto& a) { a.rule = 1; });
    story.accept(moved, 200);
    story.step(moved, Verdict::kLimitPerPeriod, 200);
    // Those of a changed rule begin anew.
    next.rules[1].limits[0].per_period = 26;
    story.accept(by_both(story, Policy{core::encode(next).value()}), 200);
    story.accept(changed(spend(10), [](auto& a) { a.rule = 1; }), 200);
    return story.finish("limits");
}

json::object call_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const auto run = [&](auto change) {
        Execute execute = calling(story);
        execute.calls.push_back(call_to(cast.target));
        change(execute);
        return simple(story, execute);
    };
    story.accept(run([](Execute&) {}));
    story.step(run([](Execute& e) { e.calls[1].forwards_signer = true; }),
               Verdict::kSignerForwarded);
    story.step(run([](Execute& e) { e.calls[1].changes_vault = true; }), Verdict::kVaultChanged);
    story.step(run([](Execute& e) { e.calls[1].program = program_id(); }),
               Verdict::kTargetReserved);
    story.step(run([](Execute& e) { e.calls[1].program = hash_of("loader"); }),
               Verdict::kTargetReserved);
    story.accept(run([&](Execute& e) { e.calls.assign(16, call_to(cast.target)); }));
    story.step(run([&](Execute& e) { e.calls.assign(17, call_to(cast.target)); }),
               Verdict::kTooManyCalls);
    story.accept(run([](Execute& e) { e.calls[1].changes_authority = true; }));
    story.step(run([](Execute& e) {
                   e.calls[1].changes_authority = true;
                   e.no_new_authority = true;
               }),
               Verdict::kAuthorityChanged);
    const auto capped = [&](Cap cap) { return run([&](Execute& e) { e.caps = {cap}; }); };
    story.accept(capped({6, 0, 100, 94}));
    story.step(capped({5, 0, 100, 94}), Verdict::kCapOutflow);
    story.step(capped({0, 0, core::kNever, 0}), Verdict::kCapOutflow);
    story.accept(capped({0, 3, 100, 103}));
    story.step(capped({0, 3, 100, 102}), Verdict::kCapInflow);
    story.step(capped({100, 1, 100, 99}), Verdict::kCapInflow);
    story.step(changed(run([](Execute&) {}), [](auto& a) { a.rule = 4; }), Verdict::kUnknownRule);
    const ApprovedAction message = changed(
        by_both(story, Message{}), [](auto& a) { a.approvals = {by_account(0), by_digest(2)}; });
    story.accept(message);
    story.step(changed(message,
                       [](auto& a) {
                           a.rule = 1;
                           a.approvals = {by_account(0)};
                       }),
               Verdict::kActionNotAllowed);
    story.step(changed(message, [](auto& a) { a.nonce = StateNonce{}; }), Verdict::kReservedBits);
    return story.finish("calls, caps and messages");
}

json::object session_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const Bytes rule = core::encode(session_of(cast)).value();
    const auto grant = [&](const LocalRule& local) {
        return simple(story, Grant{core::encode_unchecked(local)});
    };
    story.accept(grant(session_of(cast)));
    story.accept(grant(session_of(cast)));
    LocalRule bad = session_of(cast);
    bad.rule.actions = core::kActionPolicy;
    story.step(grant(bad), Verdict::kRuleActions);
    story.step(changed(grant(session_of(cast)), [](auto& a) { a.rule = 2; }),
               Verdict::kActionNotAllowed);
    const auto use = [&](std::uint8_t slot, std::uint64_t amount) {
        return changed(simple(story, spending(story, amount)), [&](auto& a) {
            a.rule_is_local = true;
            a.rule = slot;
            a.nonce = bound(story, slot);
        });
    };
    story.accept(use(0, 3));
    story.step(use(0, 2), Verdict::kLimitPerPeriod);
    story.accept(use(0, 1));
    story.step(use(1, 4), Verdict::kLimitPerCall);
    story.step(changed(use(1, 1), [&](auto& a) { a.nonce = bound(story, 0); }),
               Verdict::kConfigurationChanged);
    story.step(changed(use(1, 1), [](auto& a) { a.rule = 2; }), Verdict::kUnknownRule);
    story.step(changed(use(1, 1), [](auto& a) { a.nonce = StateNonce{0, 0}; }),
               Verdict::kActionNotAllowed);
    story.step(changed(use(1, 1), [](auto& a) { a.body = Grant{{}}; }), Verdict::kActionNotAllowed);

    Configuration next = cast.configuration;
    std::swap(next.rules[1], next.rules[3]);
    story.accept(by_both(story, Policy{core::encode(next).value()}));
    story.accept(use(1, 1));
    const ApprovedAction revoke =
        changed(simple(story, Revoke{story.state().slots[0]->id}), [](auto& a) { a.rule = 3; });
    story.accept(revoke);
    story.step(revoke, Verdict::kUnknownLocalRule);
    story.step(changed(revoke, [](auto& a) { a.body = Revoke{}; }), Verdict::kUnknownLocalRule);
    next.rules[3].actions = core::kActionExecute;
    story.accept(by_both(story, Policy{core::encode(next).value()}));
    require(!story.state().slots[1], "the session outlived its rule");
    return story.finish("sessions");
}

json::object many_sessions_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    const Bytes rule = core::encode(session_of(cast)).value();
    for (int i = 0; i < 16; ++i) {
        story.accept(simple(story, Grant{rule}));
    }
    story.step(simple(story, Grant{rule}), Verdict::kTooManyLocalRules);
    story.accept(simple(story, Revoke{story.state().slots[5]->id}));
    story.accept(simple(story, Grant{rule}));
    return story.finish("sixteen sessions");
}

json::object policy_story(const Cast& cast) {
    Story story(cast);
    story.create_state();
    Configuration next = cast.configuration;
    next.rules[0].actions = core::kActionExecute;
    const auto change = [&](const Configuration& configuration) {
        return by_both(story, Policy{core::encode_unchecked(configuration)});
    };
    story.step(change(next), Verdict::kLockout);
    next.lockdown = true;
    const ApprovedAction last = change(next);
    story.step(changed(last, [&](auto& a) { a.deadline = cast.now; }), Verdict::kNonCanonical);
    story.step(changed(last, [](auto& a) { a.nonce = StateNonce{}; }), Verdict::kReservedBits);
    story.step(changed(last, [](auto& a) { a.approvals = {by_account(0)}; }),
               Verdict::kThresholdNotMet);
    story.accept(last);
    next.lockdown = false;
    story.step(change(next), Verdict::kActionNotAllowed);
    return story.finish("a policy that nobody can change");
}

}  // namespace

json::array generate_wallets() {
    using Write = json::object (*)(const Cast&);
    constexpr Write kStories[] = {genesis_story,       approval_story, account_story, nonce_story,
                                  lane_story,          limit_story,    call_story,    session_story,
                                  many_sessions_story, policy_story};
    json::array out;
    for (int i = 0; i < 3; ++i) {
        const Cast cast = make_cast(i);
        for (const Write story : kStories) {
            out.push_back(story(cast));
        }
    }
    for (json::value& story : generate_waiting_wallets()) {
        out.push_back(std::move(story));
    }
    return out;
}

void run_wallet(const json::object& vector, Findings& findings) {
    World world = make_world(fixed_at<Hash32>(vector, "programId"), bytes_at(vector, "genesis"));
    findings.that("the genesis is valid", core::judge_genesis(world.genesis) == Verdict::kAccepted);
    for (const json::value& target : array_at(vector, "reservedTargets")) {
        world.reserved_targets.push_back(fixed_of<Hash32>(target));
    }
    world.upgradeable_loader = fixed_at<Hash32>(vector, "upgradeableLoader");
    std::size_t number = 0;
    for (const json::value& value : array_at(vector, "steps")) {
        const json::object& step = value.as_object();
        const Action action = action_from(object_at(step, "action"));
        findings.equal("the action read back", step.at("action"), to_json(action));
        findings.equal("the verdict of step " + std::to_string(number++), step.at("verdict"),
                       number_of(apply(world, action, u64_at(step, "now"))));
    }
    findings.equal("the state", vector.at("state"), to_json(world.state));
    findings.equal("the lanes", vector.at("lanes"), to_json(world.lanes));
}

}  // namespace latchkey::vectors
