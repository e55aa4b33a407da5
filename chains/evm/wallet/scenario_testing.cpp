// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/scenario_testing.hpp"

#include <random>

#include "chains/evm/wallet/outflow.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm::wallet::testing {

namespace {

using core::Verdict;

constexpr std::uint64_t kStart = 2'000'000'000;
constexpr std::uint64_t kHour = core::kHour;
constexpr std::uint64_t kDay = core::kDay;

/// The rules, by their places.
enum Rules : std::uint8_t { kDaily, kLimited, kSlow, kTwo, kChange, kStop };
/// The signers, by their places.
enum Signers : std::uint8_t { kTyped, kP256, kPasskey, kPersonal };

Address somebody(std::uint8_t byte) {
    Address out;
    std::fill(out.begin(), out.end(), byte);
    return out;
}

std::vector<TestKey> keys() {
    return {address_key("typed"),          p256_key("p256"),          passkey("passkey"),
            address_key("personal", true), address_key("new"),        address_key("guardian"),
            address_key("session"),        passkey("session passkey")};
}

Hash32 target_of(const Address& address) {
    return *encode(Asset{0, address});
}

core::Rule rule(std::uint8_t actions, std::uint16_t mask, std::uint8_t threshold = 1) {
    core::Rule out;
    out.actions = actions;
    out.mask = mask;
    out.threshold = threshold;
    return out;
}

Bytes recovery_part() {
    core::RecoveryPart part;
    part.signers = {keys()[5].entry};
    core::Rule recover = rule(core::kActionRecover | core::kActionCancel, 1);
    recover.wait = core::Wait{2 * kDay, core::Tie::kRecovery};
    part.rules = {recover, rule(core::kActionFreeze, 1)};
    part.after.rules = {rule(
        core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage, 1)};
    part.salt[0] = 7;
    return core::encode(part).value();
}

core::Configuration configuration(const Address& token) {
    core::Configuration out;
    const std::vector<TestKey> all = keys();
    out.signers = {all[0].entry, all[1].entry, all[2].entry, all[3].entry};
    core::Rule limited = rule(core::kActionExecute, 0x1);
    limited.scope = {{target_of(token), {}}, {target_of(somebody(0x77)), {}}};
    limited.limits = {{*encode(Asset{15, Address()}), 5, 8, 3600},
                      {*encode(Asset{0, token}), 1000, 1500, 0}};
    core::normalize(limited);
    core::Rule slow = rule(core::kActionExecute | core::kActionGrant | core::kActionUpgrade, 0x3);
    slow.wait = core::Wait{kHour};
    core::Rule change = rule(core::kActionPolicy, 0x8);
    change.wait = core::Wait{5 * kDay};
    out.rules = {rule(core::kActionExecute | core::kActionGrant | core::kActionMessage, 0xf),
                 limited,
                 slow,
                 rule(core::kActionPolicy | core::kActionCancel | core::kActionFreeze, 0xb, 2),
                 change,
                 rule(core::kActionCancel | core::kActionFreeze, 0x4)};
    out.recovery = core::commitment_of(recovery_part(), 24 * 7);
    return out;
}

Bytes genesis_of(const Address& token) {
    return core::encode(core::Genesis{configuration(token), {3}}).value();
}

Call pay(std::uint64_t milliether, const Address& to = somebody(0x77)) {
    return {to, *multiply(Uint256(milliether), Uint256(1'000'000'000'000'000)), {}};
}

Call token_call(const Address& token, std::string_view selector, std::uint64_t amount) {
    return {token,
            {},
            core::concat(core::decode_hex(selector).value(), Bytes(12), somebody(0x78),
                         Uint256(amount).to_word())};
}
Call transfer(const Address& token, std::uint64_t amount) {
    return token_call(token, "a9059cbb", amount);
}

Execute calls(std::vector<Call> list) {
    return Execute{std::move(list), {}};
}

Bytes session_rule(const Address& token, bool is_limited, std::uint64_t expires_at) {
    core::LocalRule out;
    out.signers = {is_limited ? keys()[7].entry : keys()[6].entry};
    out.rule = rule(core::kActionExecute, 1);
    out.rule.times = core::Times{kStart, expires_at};
    if (is_limited) {
        out.rule.scope = {{target_of(token), {}}};
        out.rule.limits = {{*encode(Asset{2, token}), 3, 5, 600}};
    }
    return core::encode(out).value();
}

/// Everything that is signed of an action, shifted by one use.
ApprovedAction signed_for_later(const Stage& stage, const Body& body) {
    Author later{Deployment{}, stage.author.world.chain, genesis_of(stage.token), keys()};
    later.world = stage.author.world;
    ++later.world.sequence;
    return later.approve(stage.author.shared(kDaily), body, {kTyped});
}

void play_daily(Stage& stage) {
    Author& author = stage.author;
    const Body payment = calls({pay(1)});
    for (const int who : {kTyped, kP256, kPasskey, kPersonal}) {
        stage.step(author.approve(author.shared(kDaily), payment, {who}), Verdict::kAccepted,
                   "each kind of signer pays");
    }
    stage.step(author.approve(author.shared(kDaily),
                              calls({pay(1), transfer(stage.token, 5), pay(0, somebody(9))}),
                              {kTyped, kP256, kPasskey, kPersonal}, {kStart + 5, true, {}}),
               Verdict::kAccepted, "all of them, in time, by one executor");
    stage.step(author.approve(author.shared(kDaily), Execute{{}, {}}, {kTyped}), Verdict::kAccepted,
               "no call at all");
    stage.step(author.approve(author.shared(kDaily), Execute{{pay(1)}, 50'000}, {kTyped}),
               Verdict::kAccepted, "a gas floor");
    for (int i = 0; i < 2; ++i) {
        stage.step(author.approve(author.shared(kDaily), payment, {kTyped}, {{}, false, 9}),
                   Verdict::kAccepted, "another nonce lane");
    }
    // Two leaves under one approval.
    ApprovedAction in_tree = author.approve(author.shared(kDaily), payment, {});
    const Scene scene{author.world.chain, author.world.address, author.world.wallet.wallet_id,
                      author.world.sequence, author.chain.sender};
    const core::Leaf leaf =
        leaf_of(*leaf_for(in_tree.authority, in_tree.terms, in_tree.body, scene)).value();
    const auto tree = *core::ApprovalTree::build(std::vector{core::Leaf(), leaf, core::Leaf()});
    in_tree.approvals.tree = *tree.proof(1);
    author.sign(in_tree.approvals, in_tree.authority, tree.approval_hash(), {kPasskey});
    stage.step(in_tree, Verdict::kAccepted, "a tree of leaves");
    stage.step(in_tree, Verdict::kKeyMismatch, "once is enough");
}

void play_refusals(Stage& stage) {
    Author& author = stage.author;
    const Body payment = calls({pay(1)});
    const auto by = [&](std::uint8_t index, const Body& body, const std::vector<int>& who,
                        const Terms& terms = {}) {
        return author.approve(author.shared(index), body, who, terms);
    };
    stage.step(signed_for_later(stage, payment), Verdict::kKeyMismatch, "a later nonce");
    stage.step(by(kDaily, payment, {}), Verdict::kThresholdNotMet, "nobody approves");
    stage.step(by(6, payment, {kTyped}), Verdict::kUnknownRule, "no such rule");
    stage.step(by(kTwo, payment, {kTyped, kP256}), Verdict::kActionNotAllowed, "another right");
    stage.step(by(kLimited, payment, {kP256}), Verdict::kSignerNotInRule, "a stranger");
    stage.step(by(kDaily, payment, {kTyped}, {kStart - 1, false, {}}), Verdict::kDeadlinePassed,
               "too late");
    stage.step(by(kDaily, calls({pay(0, author.world.address)}), {kTyped}),
               Verdict::kTargetReserved, "the wallet itself");
    stage.step(by(kDaily, calls({pay(0, Address())}), {kTyped}), Verdict::kTargetReserved,
               "nobody");
    ApprovedAction other = by(kDaily, payment, {kTyped});
    std::get<Execute>(other.body).calls[0].value = Uint256(2);
    stage.step(other, Verdict::kKeyMismatch, "another amount");
    other = by(kDaily, payment, {kPasskey});
    std::get<PasskeyApproval>(other.approvals.evidence[0]).flags = 0x01;
    stage.step(other, Verdict::kUserVerification, "nobody verified");
    other = by(kDaily, payment, {kP256});
    std::get<P256Approval>(other.approvals.evidence[0]).y[31] ^= 1;
    stage.step(other, Verdict::kKeyMismatch, "another y");
    other = by(kDaily, payment, {kTyped});
    Bytes genesis = genesis_of(stage.token);
    genesis.back() = 4;
    other.authority.source = GenesisSource{genesis};
    stage.step(other, Verdict::kStateAddress, "another genesis");
    other.authority.source = PolicySource{author.world.wallet.state->shared, {}, {}};
    stage.step(other, Verdict::kConfigurationChanged, "a configuration that never was");
}

void play_limits(Stage& stage) {
    Author& author = stage.author;
    const auto spend = [&](std::vector<Call> list, Verdict expected, const char* what) {
        stage.step(author.approve(author.shared(kLimited), calls(std::move(list)), {kTyped}),
                   expected, what);
    };
    const Address& token = stage.token;
    spend({pay(1), transfer(token, 600)}, Verdict::kAccepted, "within both limits");
    spend({pay(1, somebody(0x55))}, Verdict::kTargetNotAllowed, "another target");
    spend({token_call(somebody(0x77), "a9059cbb", 1)}, Verdict::kAssetNotListed,
          "a token without a limit");
    spend({token_call(token, "70a08231", 1)}, Verdict::kUncountable, "a call not understood");
    spend({pay(3), pay(3)}, Verdict::kLimitPerCall, "too much at once");
    spend({transfer(token, 500), transfer(token, 501)}, Verdict::kLimitPerCall,
          "too many tokens at once");
    spend({token_call(token, "095ea7b3", 900)}, Verdict::kAccepted, "an allowance counts");
    spend({transfer(token, 1)}, Verdict::kLimitPerPeriod, "nothing is left");
    spend({pay(5)}, Verdict::kAccepted, "the other limit has room");
    Call dust = pay(0);
    dust.value = Uint256(1);
    spend({dust}, Verdict::kAccepted, "dust counts as one");
    spend({pay(2)}, Verdict::kLimitPerPeriod, "which was the last but one");
    stage.wait(kHour);
    spend({pay(5)}, Verdict::kAccepted, "a new window");
    spend({transfer(token, 1)}, Verdict::kLimitPerPeriod, "but not for the tokens");
}

void play_sessions(Stage& stage) {
    Author& author = stage.author;
    const auto& now = author.chain.now;
    const Address& token = stage.token;
    const auto list = [&](std::uint8_t index) {
        return model::local_list(author.world,
                                 *core::rule_id_of(author.world.wallet.state->shared, index));
    };
    const auto grant = [&](bool is_limited) {
        return author.approve(author.shared(kDaily),
                              Grant{list(kDaily), session_rule(token, is_limited, kStart + kDay)},
                              {kPasskey});
    };
    stage.step(grant(false), Verdict::kAccepted, "a session");
    ApprovedAction stale = grant(true);
    std::get<Grant>(stale.body).present.clear();
    stage.step(stale, Verdict::kUnknownLocalRule, "of another list");
    stage.step(grant(true), Verdict::kAccepted, "a second session");
    const auto use = [&](std::uint8_t place, const Call& call, Verdict expected, const char* what) {
        stage.step(author.approve(author.session(kDaily, place), calls({call}), {0}), expected,
                   what);
    };
    use(0, pay(1), Verdict::kAccepted, "the session pays");
    use(0, pay(1), Verdict::kAccepted, "and again");
    use(1, pay(1), Verdict::kTargetNotAllowed, "the other may not");
    use(1, transfer(token, 250), Verdict::kAccepted, "three hundred at once");
    use(1, transfer(token, 301), Verdict::kLimitPerCall, "no more");
    use(1, transfer(token, 201), Verdict::kLimitPerPeriod, "two are left");
    use(1, transfer(token, 200), Verdict::kAccepted, "which are spent");
    use(1, token_call(token, "70a08231", 1), Verdict::kUncountable, "not understood");
    stage.wait(600);
    use(1, transfer(token, 300), Verdict::kAccepted, "a new window");
    ApprovedAction misplaced = author.approve(author.session(kDaily, 0), calls({pay(1)}), {0});
    std::get<LocalSource>(misplaced.authority.source).place = 1;
    stage.step(misplaced, Verdict::kUnknownLocalRule, "another place");
    const core::RuleId daily = *core::rule_id_of(author.world.wallet.state->shared, kDaily);
    const auto ids = list(kDaily);
    const ApprovedAction late = author.approve(author.session(kDaily, 0), calls({pay(1)}), {0});
    stage.step(author.approve(author.shared(kDaily), Revoke{daily, 0, {ids[0]}, ids[1]}, {kTyped}),
               Verdict::kUnknownLocalRule, "not there");
    stage.step(author.approve(author.shared(kDaily), Revoke{daily, 0, {ids[1]}, ids[0]}, {kTyped}),
               Verdict::kAccepted, "it ends");
    stage.step(late, Verdict::kUnknownLocalRule, "and is over");
    use(0, transfer(token, 100), Verdict::kAccepted, "the other one moves up");
    stage.wait(kDay);
    use(0, transfer(token, 100), Verdict::kRuleExpired, "until its time is over");
    static_cast<void>(now);
}

void play_waiting(Stage& stage) {
    Author& author = stage.author;
    const Body payment = calls({pay(1)});
    const auto propose = [&](const Body& body) {
        return author.approve(author.shared(kSlow), body, {kTyped});
    };
    const auto apply = [&](const Body& body) { return ApplyAction{author.shared(kSlow), body}; };
    stage.step(apply(payment), Verdict::kNothingWaits, "nothing was proposed");
    stage.step(propose(payment), Verdict::kAccepted, "proposed");
    stage.step(propose(payment), Verdict::kAlreadyWaits, "one at a time");
    stage.step(apply(payment), Verdict::kTooEarly, "it waits");
    stage.wait(kHour);
    stage.step(apply(calls({pay(2)})), Verdict::kOtherProposal, "another one");
    stage.step(apply(Upgrade{}), Verdict::kNothingWaits, "another kind");
    stage.step(apply(payment), Verdict::kAccepted, "done");
    stage.step(apply(payment), Verdict::kNothingWaits, "once");
    stage.step(propose(payment), Verdict::kAccepted, "again");
    const auto cancel = [&](std::uint8_t by, const std::vector<int>& who, std::uint32_t epoch,
                            std::uint8_t target) {
        return author.approve(author.shared(by), Cancel{epoch, target}, who);
    };
    stage.step(cancel(kStop, {kPasskey}, 2, kSlow), Verdict::kEpoch, "of the epoch after");
    stage.step(cancel(kStop, {kPasskey}, 1, kSlow), Verdict::kAccepted, "cancelled");
    stage.step(apply(payment), Verdict::kNothingWaits, "so it is not done");
    stage.step(cancel(kStop, {kPasskey}, 2, kSlow), Verdict::kNothingWaits,
               "one party cancels nothing ahead");
    stage.step(cancel(kTwo, {kTyped, kP256}, 2, kSlow), Verdict::kAccepted, "two do");
    stage.step(cancel(kStop, {kPasskey}, 2, 0x16), Verdict::kUnknownRule, "no such rule");
    stage.step(propose(payment), Verdict::kAccepted, "a third time");
    stage.wait(kHour + 14 * kDay + 1);
    stage.step(apply(payment), Verdict::kProposalExpired, "too late");
    stage.step(propose(payment), Verdict::kAccepted, "it may be replaced");
}

void play_freezing(Stage& stage) {
    Author& author = stage.author;
    const auto freeze = [&](std::uint8_t by, const std::vector<int>& who, std::uint32_t epoch,
                            std::uint8_t lift) {
        return author.approve(author.shared(by), Freeze{epoch, lift}, who);
    };
    const auto payment = [&] {
        return author.approve(author.shared(kDaily), calls({pay(1)}), {kTyped});
    };
    stage.step(freeze(kStop, {kPasskey}, 1, 0), Verdict::kEpoch, "of another epoch");
    stage.step(freeze(kStop, {kPasskey}, 0, 2), Verdict::kNonCanonical, "neither nor");
    stage.step(freeze(kStop, {kPasskey}, 0, 0), Verdict::kAccepted, "frozen");
    stage.step(payment(), Verdict::kFrozen, "nothing moves");
    stage.step(freeze(kStop, {kPasskey}, 1, 0), Verdict::kFreezeBudget, "once in a month");
    stage.step(freeze(kStop, {kPasskey}, 1, 1), Verdict::kTwoParties, "one party lifts nothing");
    stage.step(freeze(kTwo, {kTyped, kPersonal}, 0, 1), Verdict::kAccepted, "two do");
    stage.step(payment(), Verdict::kAccepted, "it moves again");
    stage.wait(31 * kDay);
    stage.step(freeze(kStop, {kPasskey}, 1, 0), Verdict::kAccepted, "a month later");
    stage.wait(7 * kDay - 1);
    stage.step(payment(), Verdict::kFrozen, "for seven days");
    stage.wait(1);
    stage.step(payment(), Verdict::kAccepted, "not longer");
}

Bytes changed(const Stage& stage, std::uint64_t per_call) {
    core::Configuration out = configuration(stage.token);
    out.rules[kLimited].limits[0].per_call = per_call;
    return core::encode(out).value();
}

void play_policy(Stage& stage) {
    Author& author = stage.author;
    const auto change = [&](std::uint8_t by, const std::vector<int>& who, std::uint32_t epoch,
                            const Bytes& shared) {
        return author.approve(author.shared(by), Policy{epoch, shared}, who);
    };
    const Authority before = author.shared(kDaily);
    stage.step(change(kTwo, {kTyped, kP256}, 0, changed(stage, 4)), Verdict::kEpoch, "too early");
    stage.step(change(kTwo, {kTyped, kP256}, 1, Bytes{0x10}), Verdict::kConfigurationTruncated,
               "no configuration");
    core::Configuration locked = configuration(stage.token);
    locked.signers[kTyped] = core::Signer::ed25519(
        core::crypto::Ed25519PrivateKey::from_seed(test_secret("ed25519")).public_key());
    locked.signers[kPersonal] = core::Signer::contract(1, somebody(1));
    stage.step(change(kTwo, {kTyped, kP256}, 1, core::encode_unchecked(locked)), Verdict::kLockout,
               "nobody could change it here");
    stage.step(change(kTwo, {kTyped, kP256}, 1, changed(stage, 4)), Verdict::kAccepted,
               "two parties change it at once");
    stage.step(author.approve(before, calls({pay(1)}), {kTyped}), Verdict::kGenesisSuperseded,
               "the genesis is over");
    stage.step(author.approve(author.shared(kDaily), calls({pay(1)}), {kPasskey}),
               Verdict::kAccepted, "under the new one");
    const Bytes next = changed(stage, 3);
    stage.step(change(kChange, {kPersonal}, 0, next), Verdict::kAccepted, "one party waits");
    stage.wait(5 * kDay);
    stage.step(ApplyAction{author.shared(kChange), Policy{0, next}}, Verdict::kTooEarly,
               "the guard is longer");
    stage.wait(2 * kDay);
    stage.step(ApplyAction{author.shared(kChange), Policy{0, next}}, Verdict::kAccepted, "done");
}

void play_recovery(Stage& stage) {
    Author& author = stage.author;
    const Bytes signers = core::encode_unchecked(std::vector{keys()[4].entry});
    const auto recover = [&](std::uint32_t epoch, const Bytes& named) {
        return author.approve(author.recovery(0), Recover{epoch, named}, {0});
    };
    ApprovedAction other = recover(0, signers);
    other.authority.recovery_part->back() ^= 1;
    stage.step(other, Verdict::kRecoveryPart, "another part");
    stage.step(recover(1, signers), Verdict::kEpoch, "another epoch");
    stage.step(author.approve(author.recovery(1), Recover{0, signers}, {0}),
               Verdict::kActionNotAllowed, "a rule that only freezes");
    stage.step(recover(0, signers), Verdict::kAccepted, "proposed");
    const auto cancel = [&](std::uint32_t epoch) {
        return author.approve(author.shared(kStop), Cancel{epoch, core::kRecoveryRule}, {kPasskey});
    };
    stage.step(cancel(0), Verdict::kAccepted, "cancelled once");
    stage.step(recover(1, signers), Verdict::kAccepted, "again");
    stage.step(cancel(1), Verdict::kAccepted, "cancelled twice");
    stage.step(recover(2, signers), Verdict::kAccepted, "and again");
    stage.step(cancel(2), Verdict::kCancelBudget, "not a third time");
    const Bytes next = changed(stage, 2);
    stage.step(author.approve(author.shared(kChange), Policy{1, next}, {kPersonal}),
               Verdict::kAccepted, "somebody wants to be faster");
    stage.step(author.approve(author.recovery(1), Freeze{0, 0}, {0}), Verdict::kAccepted,
               "the guardian freezes");
    stage.step(ApplyAction{author.recovery(0), Recover{2, signers}}, Verdict::kTooEarly,
               "it waits");
    stage.wait(2 * kDay);
    stage.step(ApplyAction{author.recovery(0), Recover{2, signers}}, Verdict::kAccepted,
               "recovered");
    stage.step(author.approve(author.shared(0), calls({pay(1)}), {0}), Verdict::kFrozen,
               "the guardian's freeze stays");
    stage.wait(5 * kDay);
    stage.step(author.approve(author.shared(0), calls({pay(1)}), {0}), Verdict::kAccepted,
               "the new key pays");
    core::Configuration last;
    last.signers = {keys()[4].entry};
    core::Rule everything =
        rule(core::kActionExecute | core::kActionPolicy | core::kActionUpgrade, 1);
    core::Rule upgrades = rule(core::kActionUpgrade, 1);
    everything.actions = core::kActionExecute | core::kActionPolicy;
    upgrades.wait = core::Wait{kHour};
    last.rules = {everything, upgrades};
    everything.wait = core::Wait{3 * kDay};
    last.rules[0] = everything;
    const Bytes shared = core::encode(last).value();
    stage.step(author.approve(author.shared(0), Policy{0, shared}, {0}), Verdict::kAccepted,
               "the guard holds");
    stage.wait(7 * kDay);
    stage.step(ApplyAction{author.shared(0), Policy{0, shared}}, Verdict::kAccepted, "done");
}

void play_upgrade(Stage& stage) {
    Author& author = stage.author;
    Upgrade upgrade{stage.other_code, stage.other_code_hash};
    Upgrade wrong = upgrade;
    wrong.code_hash[0] ^= 1;
    stage.step(author.approve(author.shared(1), wrong, {0}), Verdict::kAccepted, "any code waits");
    stage.wait(kHour);
    stage.step(ApplyAction{author.shared(1), wrong}, Verdict::kUpgradeCode, "but is looked at");
    stage.step(author.approve(author.shared(1), upgrade, {0}), Verdict::kAlreadyWaits, "first");
    stage.wait(15 * kDay);
    stage.step(author.approve(author.shared(1), upgrade, {0}), Verdict::kAccepted, "the right one");
    stage.wait(kHour);
    stage.step(ApplyAction{author.shared(1), upgrade}, Verdict::kAccepted, "upgraded");
}

/// Chooses the next action.
class Dice {
  public:
    Dice(Stage& stage, std::uint32_t seed) : stage_(stage), engine_(seed) {}

    Action next() {
        if (!proposed_.empty() && below(4) == 0) {
            return proposed_[below(proposed_.size())];
        }
        const Author& author = stage_.author;
        const auto sessions = author.session_places();
        if (sessions != 0 && below(5) == 0) {
            return approve(author.session(kDaily, static_cast<std::uint8_t>(below(sessions))),
                           random_calls());
        }
        if (below(6) == 0) {
            return remember(author.recovery(static_cast<std::uint8_t>(below(3))), recovery_body());
        }
        const auto kind = below(8);
        const auto rule = below(6) == 0 ? static_cast<std::uint8_t>(below(7)) : rule_for(kind);
        return remember(author.shared(rule), shared_body(kind, rule));
    }

    std::uint64_t seconds() {
        constexpr std::uint64_t kWaits[] = {0,   0,     0,     0,        0,        1,
                                            600, kHour, kHour, 2 * kDay, 5 * kDay, 7 * kDay};
        return kWaits[below(std::size(kWaits))];
    }

  private:
    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
    }

    /// One that has the right.
    std::uint8_t rule_for(std::size_t kind) {
        constexpr std::uint8_t kPolicies[] = {kTwo, kChange};
        constexpr std::uint8_t kStops[] = {kTwo, kStop};
        constexpr std::uint8_t kPays[] = {kDaily, kLimited, kSlow};
        return kind == 0                ? kPolicies[below(2)]
               : kind < 3               ? kStops[below(2)]
               : kind == 3 || kind == 4 ? std::uint8_t{kDaily}
                                        : kPays[below(3)];
    }

    /// Bit i: signer i may approve.
    std::uint64_t mask_of(const Authority& authority) const {
        const auto& shared = stage_.author.world.wallet.state->shared;
        if (authority.recovery_part || authority.is_local()) {
            return ~std::uint64_t{0};
        }
        const auto rule = core::find_rule(shared, authority.rule);
        return rule ? rule->mask : ~std::uint64_t{0};
    }

    /// By those who may, mostly.
    ApprovedAction approve(const Authority& authority, const Body& body) {
        std::vector<int> who;
        const std::size_t signers = signers_of(authority).value().size();
        const std::uint64_t mask = below(8) == 0 ? ~std::uint64_t{0} : mask_of(authority);
        for (std::size_t i = 0; i < signers; ++i) {
            if ((mask >> i & 1) != 0 && below(5) != 0) {
                who.push_back(static_cast<int>(i));
            }
        }
        Terms terms;
        const bool has_nonce = action_number(body) <= 3;
        if (has_nonce && below(4) == 0) {
            terms.deadline = stage_.author.chain.now + below(5) - 1;
        }
        terms.has_executor = has_nonce && below(4) == 0;
        if (has_nonce && !authority.is_local() && below(4) == 0) {
            terms.lane = 1 + below(2);
        }
        return stage_.author.approve(authority, body, who, terms);
    }

    ApprovedAction remember(const Authority& authority, const Body& body) {
        proposed_.push_back(ApplyAction{authority, body});
        if (proposed_.size() > 6) {
            proposed_.erase(proposed_.begin());
        }
        if (auto* execute = std::get_if<Execute>(&std::get<ApplyAction>(proposed_.back()).body)) {
            execute->gas.reset();
        }
        return approve(authority, body);
    }

    Body random_calls() {
        const Address& token = stage_.token;
        const Call kCalls[] = {pay(below(6)),
                               pay(1),
                               transfer(token, below(400)),
                               transfer(token, 900),
                               token_call(token, "095ea7b3", 10),
                               token_call(token, "70a08231", 1),
                               pay(0, somebody(0x55)),
                               pay(0, stage_.author.world.address)};
        Execute out;
        for (std::size_t left = below(3); left != 0 || out.calls.empty(); left -= left != 0) {
            // Mostly good ones.
            out.calls.push_back(kCalls[below(below(3) == 0 ? 8 : 5)]);
        }
        return out;
    }

    /// The epoch of a rule, or one beside it.
    std::uint32_t epoch(std::uint8_t name) {
        std::uint32_t out = 0;
        for (const auto& record : stage_.author.world.wallet.state->records) {
            out = record.rule == name ? record.epoch : out;
        }
        const std::size_t other = below(6);
        return other == 0 ? out + 1 : other == 1 && out != 0 ? out - 1 : out;
    }

    Body random_cancel() {
        const auto target = static_cast<std::uint8_t>(below(7) | (below(2) == 0 ? 0x80U : 0U));
        const std::uint32_t now = epoch(target);
        return Cancel{now == 0 || below(3) == 0 ? now : now - 1, target};
    }

    Body recovery_body() {
        switch (below(4)) {
            case 0:
                return Freeze{epoch(0x81), static_cast<std::uint8_t>(below(2))};
            case 1:
                return random_cancel();
            default:
                return Recover{epoch(0x80),
                               core::encode_unchecked(std::vector{keys()[4 + below(2)].entry})};
        }
    }

    Body shared_body(std::size_t kind, std::uint8_t rule) {
        const Author& author = stage_.author;
        const auto& shared = author.world.wallet.state->shared;
        switch (kind) {
            case 0:
                return Policy{epoch(rule), changed(stage_, 1 + below(5))};
            case 1:
                return Freeze{epoch(rule), static_cast<std::uint8_t>(below(2))};
            case 2:
                return random_cancel();
            case 3: {
                const auto list =
                    model::local_list(author.world, *core::rule_id_of(shared, kDaily));
                return Grant{list, session_rule(stage_.token, below(2) == 0, kNoEnd)};
            }
            case 4: {
                const core::RuleId id = *core::rule_id_of(shared, kDaily);
                auto list = model::local_list(author.world, id);
                if (list.empty()) {
                    return Revoke{};
                }
                const std::size_t place = below(list.size());
                const core::LocalRuleId ended = list[place];
                list.erase(list.begin() + static_cast<std::ptrdiff_t>(place));
                return Revoke{id, static_cast<std::uint8_t>(place), list, ended};
            }
            default:
                return random_calls();
        }
    }

    static constexpr std::uint64_t kNoEnd = core::kNever - 1;
    Stage& stage_;
    std::mt19937 engine_;
    std::vector<Action> proposed_{};
};

}  // namespace

Stage::Stage(const Deployment& deployment, std::uint64_t chain, const Address& token_address)
    : author(deployment, chain, genesis_of(token_address), keys()), token(token_address) {
    author.recovery_part = recovery_part();
    author.chain.now = kStart;
    author.chain.sender = somebody(0x99);
    author.chain.code_hash = [this](const Address& at) {
        return at == other_code ? std::optional(other_code_hash) : std::nullopt;
    };
}

void Stage::step(const Action& action, core::Verdict expected, const char* what) {
    SCOPED_TRACE(what);
    before_step(action, expected);
    const core::Verdict verdict = author.run(action);
    EXPECT_EQ(core::verdict_name(verdict), core::verdict_name(expected));
    after_step(action, verdict);
}

void Stage::wait(std::uint64_t seconds) {
    author.chain.now += seconds;
    clock_moved();
}

core::crypto::Secp256k1PrivateKey account_key() {
    return core::crypto::Secp256k1PrivateKey::from_scalar(test_secret("account"),
                                                          core::Secret<32>())
        .value();
}

void play_adoption(Stage& stage, const Deployment& deployment) {
    Author& author = stage.author;
    const auto key = account_key();
    author.become(deployment, key.address());
    const Bytes genesis = genesis_of(stage.token);
    const auto adopt = [&](const Bytes& what, const Bytes& signed_for) {
        const core::WalletId id = account_wallet_id(key.address(), signed_for);
        const auto leaf = leaf_of(AdoptLeaf{author.world.chain, key.address(), id});
        return AdoptAction{what, key.sign(Hash32(core::digest_of(*leaf).array())).value()};
    };
    const Body payment = calls({pay(1)});
    stage.step(author.approve(author.shared(kDaily), payment, {kTyped}), Verdict::kStateAddress,
               "nothing was adopted");
    Bytes other = genesis;
    other.back() ^= 1;
    stage.step(adopt(genesis, other), Verdict::kKeyMismatch, "signed for another genesis");
    Bytes longer = genesis;
    longer.push_back(0);
    stage.step(adopt(longer, longer), Verdict::kConfigurationTrailing, "no genesis");
    stage.step(adopt(genesis, genesis), Verdict::kAccepted, "adopted");
    stage.step(adopt(genesis, genesis), Verdict::kStateExists, "once");
    stage.step(author.approve(author.shared(kDaily), payment, {kTyped}), Verdict::kAccepted,
               "the genesis holds");
    core::Configuration next = configuration(stage.token);
    next.rules[kLimited].limits[0].per_call = 4;
    stage.step(
        author.approve(author.shared(kTwo), Policy{0, core::encode(next).value()}, {kTyped, kP256}),
        Verdict::kAccepted, "until it is changed");
    stage.step(author.approve(author.shared(kDaily), payment, {kPasskey}), Verdict::kAccepted,
               "then the next one does");
    stage.step(adopt(other, other), Verdict::kStateExists, "never again");
}

void play_at_random(Stage& stage, std::uint32_t seed, std::size_t count) {
    Dice dice(stage, seed);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Action action = dice.next();
        model::World copy = stage.author.world;
        const Verdict expected = model::apply(copy, action, stage.author.chain);
        accepted += expected == Verdict::kAccepted ? 1 : 0;
        const std::string what = "seed " + std::to_string(seed) + ", action " + std::to_string(i);
        stage.step(action, expected, what.c_str());
        if (const std::uint64_t seconds = dice.seconds(); seconds != 0) {
            stage.wait(seconds);
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
    // Else the choices are of no use.
    EXPECT_GT(accepted, count / 10);
}

void play_calls(Stage& stage) {
    play_daily(stage);
    play_refusals(stage);
    play_limits(stage);
    play_sessions(stage);
}

void play_changes(Stage& stage) {
    play_waiting(stage);
    play_freezing(stage);
    play_policy(stage);
    play_recovery(stage);
    play_upgrade(stage);
}

}  // namespace latchkey::evm::wallet::testing
