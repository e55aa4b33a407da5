// SPDX-License-Identifier: Apache-2.0
#include "chains/testing/dice.hpp"

#include <algorithm>
#include <bit>

#include "chains/testing/one_wallet.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::chains::testing {

namespace {

using core::kDay;
using core::kHour;
using solana::testing::TestSigner;

constexpr std::uint8_t kSpends = core::kActionExecute | core::kActionGrant;
constexpr std::uint8_t kStops = core::kActionCancel | core::kActionFreeze;

/// By their places among the people.
enum People : std::size_t {
    kTyped,
    kPasskey,
    kP256,
    kPersonal,
    kEd25519,
    kGuardian,
    kOtherGuardian,
    kNew,
    kNewPasskey,
    kSession,
    kSessionPasskey,
};

core::Signer entry(std::size_t who) {
    return Dice::people()[who].entry();
}

core::Rule plain(std::uint8_t actions, std::uint16_t mask, std::uint8_t threshold = 1) {
    core::Rule out;
    out.actions = actions;
    out.mask = mask;
    out.threshold = threshold;
    return out;
}

bool can_approve(const core::Signer& signer) {
    return signer.kind >= core::kSignerSecp256k1Eip712 && signer.kind <= core::kSignerWebauthn;
}

/// The party of each signer.
std::vector<unsigned> parties_of(const std::vector<core::Signer>& signers) {
    std::vector<unsigned> out;
    unsigned party = 0;
    for (const core::Signer& signer : signers) {
        party += signer.same_party ? 0 : 1;
        out.push_back(party);
    }
    return out;
}

std::uint8_t name_of(const RuleName& rule) {
    return static_cast<std::uint8_t>(
        rule.index | (rule.kind == RuleName::Kind::kRecovery ? core::kRecoveryRule : 0U));
}

const model::Record* find_record(const model::State& state, std::uint8_t rule) {
    const auto found = std::find_if(state.records.begin(), state.records.end(),
                                    [&](const auto& record) { return record.rule == rule; });
    return found == state.records.end() ? nullptr : &*found;
}

}  // namespace

const std::vector<TestSigner>& Dice::people() {
    static const std::vector<TestSigner> all = {
        TestSigner::eip712(8),  TestSigner::passkey(6),  TestSigner::p256(4),
        TestSigner::eip191(9),  TestSigner::ed25519(1),  TestSigner::eip712(10),
        TestSigner::p256(5),    TestSigner::eip712(20),  TestSigner::passkey(22),
        TestSigner::eip191(23), TestSigner::passkey(24),
    };
    return all;
}

// Configurations.

core::Rule Dice::limited_rule() {
    core::Rule out = plain(core::kActionExecute, 0x05);
    out.scope = common_scope();
    // Lamports, and wei: 32 zero bytes are both, so that one budget is the same on both chains.
    core::Limit limit;
    if (choices_.chance(12)) {
        // A token that nobody calls, so that no money is listed.
        limit.asset = out.scope[1].address;
        limit.asset[31] ^= 1;
    }
    constexpr std::uint32_t kPeriods[] = {0, 3600, 60};
    limit.per_call = 500 + choices_.below(3) * 100;
    limit.per_period = limit.per_call + choices_.below(4) * 200;
    limit.period_seconds = kPeriods[choices_.below(3)];
    out.limits = {limit};
    return out;
}

const Dice::Part& Dice::part() {
    constexpr std::size_t kPartsMax = 4;
    if (parts_.size() == kPartsMax || (!parts_.empty() && choices_.chance(40))) {
        return parts_[choices_.below(parts_.size())];
    }
    core::RecoveryPart out;
    out.signers = {entry(kGuardian), entry(kOtherGuardian)};
    const auto tie = choices_.chance(70) ? core::Tie::kRecovery : core::Tie::kOwner;
    core::Rule recover = plain(core::kActionRecover | core::kActionCancel, 0x3);
    recover.wait = core::Wait{static_cast<std::uint32_t>((1 + choices_.below(3)) * kDay), tie};
    core::Rule both = plain(core::kActionRecover | kStops, 0x3, 2);
    if (choices_.chance(50)) {
        both.wait = core::Wait{static_cast<std::uint32_t>(kHour), tie};
    }
    out.rules = {recover, plain(core::kActionFreeze, 0x1), both};
    core::Rule after = plain(kSpends | core::kActionPolicy | kStops, 0x1);
    out.after.rules = {after, plain(core::kActionExecute | core::kActionFreeze, 0x1)};
    out.after.signers = 1;
    if (choices_.chance(30)) {
        out.after.signers = 2;
        out.after.rules[0].mask = 0x3;
    }
    out.salt[0] = static_cast<std::uint8_t>(1 + parts_.size());
    return parts_.emplace_back(Part{out, core::encode_unchecked(out)});
}

core::RecoveryCommitment Dice::commitment() {
    constexpr std::uint16_t kGuards[] = {0, 1, 72, 168, 168};
    const std::uint16_t guard = kGuards[choices_.below(5)];
    return core::commitment_of(part().bytes, guard);
}

/// Makes changes by one party slower than what they could undo.
void Dice::settle(core::Configuration& configuration) {
    std::uint64_t longest = 0;
    for (const core::Rule& rule : configuration.rules) {
        if ((rule.actions & core::kActionPolicy) == 0 && rule.wait) {
            longest = std::max<std::uint64_t>(longest, rule.wait->delay_seconds);
        }
    }
    const std::uint64_t needed = longest + core::kMargin;
    if (longest == 0 || core::guard_seconds(configuration.recovery) >= needed) {
        return;
    }
    for (core::Rule& rule : configuration.rules) {
        const bool is_quick = !rule.wait || rule.wait->delay_seconds < needed;
        if ((rule.actions & core::kActionPolicy) != 0 && rule.threshold == 1 && is_quick) {
            rule.wait = core::Wait{static_cast<std::uint32_t>(needed), core::Tie::kOwner};
        }
    }
}

core::Configuration Dice::try_configuration(std::uint64_t now) {
    core::Configuration out;
    out.signers = {entry(kTyped), entry(kPasskey).with_same_party(), entry(kP256), entry(kPersonal),
                   entry(kEd25519)};
    core::Rule slow = plain(kSpends, 0x06);
    slow.wait = core::Wait{static_cast<std::uint32_t>(choices_.chance(50) ? kHour : 60),
                           choices_.chance(30) ? core::Tie::kRecovery : core::Tie::kOwner};
    core::Rule timed = plain(kSpends, 0x09);
    timed.times =
        core::Times{now + choices_.below(3) * kDay, now + (4 + choices_.below(30)) * kDay};
    out.rules = {plain(kSpends, 0x1f, choices_.chance(25) ? 2 : 1),
                 limited_rule(),
                 slow,
                 plain(core::kActionPolicy | kStops, 0x0f, 2),
                 plain(core::kActionPolicy, 0x08),
                 plain(kStops, 0x04),
                 timed};
    if (choices_.chance(85)) {
        out.recovery = commitment();
    }
    if (choices_.chance(20)) {
        out.rules[4].wait = core::Wait{static_cast<std::uint32_t>(5 * kDay)};
    }
    settle(out);
    return out;
}

core::Configuration Dice::configuration(std::uint64_t now) {
    for (;;) {
        core::Configuration out = try_configuration(now);
        if (core::encode(core::Genesis{out, {0}})) {
            return out;
        }
    }
}

core::Configuration Dice::changed(core::Configuration next, std::uint64_t now) {
    const std::size_t at = choices_.below(next.rules.size());
    switch (choices_.below(8)) {
        case 0:
            next.rules.erase(next.rules.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        case 1:
            next.recovery = choices_.chance(25) ? std::nullopt : std::optional(commitment());
            break;
        case 2:
            if (!next.rules[at].limits.empty()) {
                next.rules[at].limits[0].per_call -= 1;
            } else {
                next.rules[at].actions ^= core::kActionFreeze;
            }
            break;
        case 3:
            if (next.signers.size() < 7) {
                next.signers.push_back(entry(choices_.chance(50) ? kNew : kNewPasskey));
                next.rules[0].mask |= static_cast<std::uint16_t>(1U << (next.signers.size() - 1));
            }
            break;
        case 4:
            next.rules[at].wait =
                core::Wait{static_cast<std::uint32_t>((1 + choices_.below(30)) * kHour),
                           choices_.chance(50) ? core::Tie::kRecovery : core::Tie::kOwner};
            break;
        case 5:
            // The first configuration's rules come back.
            return try_configuration(now);
        default:
            std::swap(next.rules[at], next.rules[0]);
            if (at == 0) {
                next.rules[0].threshold = 1;
            }
            break;
    }
    if (!choices_.chance(25)) {
        settle(next);
    }
    return next;
}

/// Something that no configuration may say.
void Dice::spoil(core::Configuration& next) {
    core::Rule& rule = next.rules[choices_.below(next.rules.size())];
    switch (choices_.below(7)) {
        case 0:
            rule.threshold = 9;
            break;
        case 1:
            rule.mask = 0;
            break;
        case 2:
            rule.times = core::Times{now_, now_};
            break;
        case 3:
            next.signers.push_back(next.signers.front());
            break;
        case 4:
            next.rules.push_back(rule);
            break;
        case 5:
            // Kind 1 alone may change it: Solana's program would take that, and the EVM could
            // never.
            for (core::Rule& one : next.rules) {
                one.actions &= static_cast<std::uint8_t>(~core::kActionPolicy);
                one.actions |= one.actions == 0 ? core::kActionFreeze : 0;
            }
            break;
        default:
            rule.limits = {{core::Hash32{}, 2, 1, 0}};
            break;
    }
}

// Rules, and who approves.

const Dice::Part* Dice::part_of(const model::State& state) const {
    const auto commitment = core::commitment_in(state.shared);
    const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& known) {
        return commitment &&
               core::commitment_of(known.bytes, commitment->guard_hours) == *commitment;
    });
    return found == parts_.end() ? nullptr : &*found;
}

/// Who recovers and one party that cancels go on until one of them has to stop.
std::optional<Move> Dice::siege(const model::State& state) {
    const Part* const known = part_of(state);
    const auto shared = core::decode_shared(state.shared, core::is_chain_key).value();
    for (const model::Record& record : state.records) {
        if ((record.rule & core::kRecoveryRule) == 0 || !record.tie || known == nullptr) {
            continue;
        }
        const auto index = static_cast<std::uint8_t>(record.rule & ~core::kRecoveryRule);
        Move out;
        if (record.action == 0 && record.cancels != 0 && index < known->part.rules.size()) {
            out.rule = {RuleName::Kind::kRecovery, index, known->bytes};
            const Use use{out.rule, known->part.rules[index], known->part.signers};
            out.who = who(use);
            out.body = recover(state, use);
            return out;
        }
        for (std::size_t i = 0; i < shared.rules.size() && record.action != 0; ++i) {
            const core::Rule& rule = shared.rules[i];
            if ((rule.actions & core::kActionCancel) != 0 && rule.threshold == 1) {
                out.rule.index = static_cast<std::uint8_t>(i);
                out.who = {static_cast<std::uint8_t>(std::countr_zero(rule.mask))};
                out.body = model::Cancel{record.epoch - 1, record.rule};
                return out;
            }
        }
    }
    return std::nullopt;
}

std::uint8_t Dice::right() {
    constexpr std::uint8_t kRights[] = {core::kActionExecute, core::kActionGrant,
                                        core::kActionPolicy,  core::kActionCancel,
                                        core::kActionFreeze,  core::kActionRecover};
    constexpr std::uint64_t kWeights[] = {34, 12, 18, 16, 8, 12};
    std::uint64_t left = choices_.below(100);
    std::size_t i = 0;
    while (left >= kWeights[i]) {
        left -= kWeights[i++];
    }
    return kRights[i];
}

Dice::Use Dice::use(const model::State& state, std::uint8_t right) {
    std::vector<Use> all;
    const auto add = [&](RuleName name, const std::vector<core::Signer>& signers,
                         const core::Rule& rule) {
        if ((rule.actions & right) != 0 || choices_.chance(2)) {
            // Budgets are used up by many actions of one rule.
            all.insert(all.end(), rule.limits.empty() ? 1 : 3, Use{std::move(name), rule, signers});
        }
    };
    const auto shared = core::decode_shared(state.shared, core::is_chain_key).value();
    for (std::size_t i = 0; i < shared.rules.size(); ++i) {
        add({RuleName::Kind::kShared, static_cast<std::uint8_t>(i), {}}, shared.signers,
            shared.rules[i]);
    }
    const Part* known = part_of(state);
    if (core::commitment_in(state.shared) && choices_.chance(4)) {
        // Perhaps of another configuration. Where there is none, no approval can name one.
        known = &parts_[choices_.below(parts_.size())];
    }
    const bool may_recover = right >= core::kActionRecover;
    if (known != nullptr && may_recover) {
        for (std::size_t i = 0; i < known->part.rules.size(); ++i) {
            add({RuleName::Kind::kRecovery, static_cast<std::uint8_t>(i), known->bytes},
                known->part.signers, known->part.rules[i]);
        }
    }
    if (right == core::kActionExecute) {
        for (std::size_t i = 0; i < state.slots.size(); ++i) {
            if (state.slots[i]) {
                const auto local =
                    core::decode_local_rule(state.slots[i]->local_rule, core::is_chain_key);
                add({RuleName::Kind::kSession, static_cast<std::uint8_t>(i), {}}, local->signers,
                    local->rule);
            }
        }
    }
    if (all.empty()) {
        return {{}, shared.rules[0], shared.signers};
    }
    Use out = all[choices_.below(all.size())];
    if (out.name.kind != RuleName::Kind::kSession && choices_.chance(1)) {
        out.name.index = static_cast<std::uint8_t>(choices_.below(16));
    }
    return out;
}

std::vector<std::uint8_t> Dice::who(const Use& use) {
    const std::vector<unsigned> parties = parties_of(use.signers);
    std::vector<std::uint8_t> able;
    std::vector<std::uint8_t> others;
    for (std::size_t i = 0; i < use.signers.size(); ++i) {
        if (can_approve(use.signers[i])) {
            ((use.rule.mask >> i & 1U) != 0 ? able : others)
                .push_back(static_cast<std::uint8_t>(i));
        }
    }
    for (std::size_t i = able.size(); i > 1; --i) {
        std::swap(able[i - 1], able[choices_.below(i)]);
    }
    // One party too few now and then, with all of its keys; or more than is asked for.
    std::size_t wanted = use.rule.threshold;
    wanted -= choices_.chance(8) ? 1 : 0;
    wanted += choices_.chance(30) ? 1 : 0;
    std::vector<unsigned> counted;
    std::vector<std::uint8_t> out;
    for (const std::uint8_t i : able) {
        const bool is_counted =
            std::find(counted.begin(), counted.end(), parties[i]) != counted.end();
        if (is_counted ? choices_.chance(40) : counted.size() < wanted) {
            out.push_back(i);
            counted.push_back(parties[i]);
        }
    }
    if (!others.empty() && choices_.chance(4)) {
        out.push_back(others[choices_.below(others.size())]);
    }
    if (out.empty() && !able.empty()) {
        out.push_back(able.front());
    }
    std::sort(out.begin(), out.end());
    return out;
}

// Bodies.

std::uint32_t Dice::epoch(const model::State& state, std::uint8_t rule) {
    const model::Record* const record = find_record(state, rule);
    const std::uint32_t epoch = record == nullptr ? 0 : record->epoch;
    return choices_.chance(5) ? epoch + (choices_.chance(50) ? 1U : ~0U) : epoch;
}

Body Dice::pay(const core::Rule& rule) {
    Pay out;
    for (std::uint64_t left = choices_.below(3); left != 0 || out.payments.empty();
         left -= left != 0 ? 1 : 0) {
        std::uint64_t amount = choices_.below(8) * 100;
        if (!rule.limits.empty() && choices_.chance(60)) {
            amount = rule.limits[0].per_call - 200 * choices_.below(3);
            amount += choices_.chance(10) ? 1 : 0;
        }
        const auto payee = choices_.chance(rule.scope.empty() ? 15 : 6)
                               ? (choices_.chance(70) ? Payee::kOther : Payee::kReserved)
                               : Payee::kSomebody;
        out.payments.push_back({payee, payee == Payee::kSomebody ? amount : 0});
    }
    return out;
}

Bytes Dice::session(const core::Rule& rule, std::uint64_t now) {
    core::LocalRule out;
    out.signers = {entry(choices_.chance(50) ? kSession : kSessionPasskey)};
    out.rule = plain(core::kActionExecute, 1);
    if (rule.times && !choices_.chance(15)) {
        out.rule.times = rule.times;
    } else if (choices_.chance(40)) {
        out.rule.times = core::Times{now - 10, now + 1 + choices_.below(4 * kDay)};
    }
    if (choices_.chance(60)) {
        const core::Rule limited = limited_rule();
        out.rule.scope = limited.scope;
        if (choices_.chance(70)) {
            out.rule.limits = limited.limits;
        }
    }
    if (choices_.chance(4)) {
        out.rule.threshold = 3;
    }
    return core::encode_unchecked(out);
}

Body Dice::policy(const model::State& state, const Use& use, std::uint64_t now) {
    now_ = now;
    core::Configuration next =
        changed(core::decode_shared(state.shared, core::is_chain_key).value(), now);
    if (choices_.chance(12) && !next.rules.empty()) {
        spoil(next);
    }
    Bytes shared = core::encode_unchecked(next);
    if (!shared_parts_.empty() && choices_.chance(10)) {
        // Back to what was once asked for.
        shared = shared_parts_[choices_.below(shared_parts_.size())];
    } else {
        shared_parts_.push_back(shared);
    }
    return model::Policy{std::move(shared), epoch(state, name_of(use.name))};
}

Body Dice::cancel(const model::State& state, const Use& use) {
    std::vector<model::Record> waiting;
    for (const model::Record& record : state.records) {
        const bool is_own = record.rule == name_of(use.name);
        if (record.action != 0 && (use.name.kind == RuleName::Kind::kShared || is_own)) {
            waiting.push_back(record);
        }
    }
    if (!waiting.empty() && !choices_.chance(15)) {
        const model::Record& record = waiting[choices_.below(waiting.size())];
        return model::Cancel{record.epoch - (choices_.chance(5) ? 0 : 1), record.rule};
    }
    std::uint8_t target = name_of(use.name);
    if (choices_.chance(40)) {
        target = static_cast<std::uint8_t>(choices_.below(8) |
                                           (choices_.chance(40) ? core::kRecoveryRule : 0U));
    }
    return model::Cancel{epoch(state, target), target};
}

Body Dice::recover(const model::State& state, const Use& use) {
    const Part* const known = part_of(state);
    std::vector<core::Signer> signers = {entry(choices_.chance(50) ? kNew : kNewPasskey)};
    if (known != nullptr && known->part.after.signers == 2) {
        signers.push_back(entry(kTyped));
    }
    if (choices_.chance(5)) {
        signers.push_back(entry(kPersonal));
    }
    return model::Recover{core::encode_unchecked(signers), epoch(state, name_of(use.name))};
}

Body Dice::body(const model::State& state, const Use& use, std::uint8_t right, std::uint64_t now) {
    switch (right) {
        case core::kActionExecute:
            return pay(use.rule);
        case core::kActionGrant: {
            std::vector<core::LocalRuleId> live;
            for (const auto& slot : state.slots) {
                if (slot) {
                    live.push_back(slot->id);
                }
            }
            if (choices_.chance(25 + 5 * static_cast<unsigned>(live.size()))) {
                core::LocalRuleId unknown;
                unknown[0] = 1;
                return model::Revoke{live.empty() || choices_.chance(8)
                                         ? unknown
                                         : live[choices_.below(live.size())]};
            }
            return model::Grant{session(use.rule, now)};
        }
        case core::kActionPolicy:
            return policy(state, use, now);
        case core::kActionCancel:
            return cancel(state, use);
        case core::kActionFreeze:
            return model::Freeze{
                epoch(state, name_of(use.name)),
                static_cast<std::uint8_t>(choices_.chance(state.was_frozen ? 70 : 12) ? 1 : 0)};
        default:
            return recover(state, use);
    }
}

Move Dice::move(const model::State& state, std::uint64_t now) {
    if (choices_.chance(20)) {
        if (const auto next = siege(state)) {
            return *next;
        }
    }
    const std::uint8_t wanted = right();
    const Use chosen = use(state, wanted);
    Move out;
    out.rule = chosen.name;
    out.who = who(chosen);
    out.body = body(state, chosen, wanted, now);
    const bool has_nonce = !is_change(out.body) && out.rule.kind != RuleName::Kind::kSession;
    if (has_nonce && choices_.chance(20)) {
        out.deadline = now + choices_.below(4) - 1;
    }
    if (has_nonce && choices_.chance(25)) {
        out.lane = static_cast<std::uint8_t>(1 + choices_.below(3));
    }
    if (!out.who.empty() && choices_.chance(8)) {
        out.flaw = static_cast<Flaw>(1 + choices_.below(3));
    }
    return out;
}

// Clocks.

std::uint64_t Dice::next_time(const model::State& state, std::uint64_t now) {
    std::vector<std::uint64_t> events;
    const auto add = [&](std::uint64_t begin, std::uint64_t length) {
        if (begin != 0 && begin + length + 1 > now) {
            events.push_back(begin + length);
        }
    };
    for (const model::Record& record : state.records) {
        if (record.action != 0) {
            // Often, so that more is applied than expires.
            for (unsigned i = 0; i < 4; ++i) {
                add(record.earliest, 0);
            }
            add(record.earliest, core::kProposalLife);
        }
        if ((record.rule & core::kRecoveryRule) != 0) {
            add(record.earliest, core::kMargin);
        }
        if (record.cancels == core::kCancelBudget) {
            add(record.cancels_since, core::kCancelWindow);
        }
        add(record.frozen_at, core::kFreezeLength);
        add(record.frozen_at, core::kFreezeInterval);
    }
    if (!events.empty() && choices_.chance(22)) {
        constexpr std::int64_t kBeside[] = {-1, 0, 0, 0, 1};
        const std::uint64_t event = events[choices_.below(events.size())];
        return std::max(now, event + static_cast<std::uint64_t>(kBeside[choices_.below(5)]));
    }
    constexpr std::uint64_t kWaits[] = {0, 0, 0, 0, 0, 1, 60, 600, kHour, kHour, 2 * kDay};
    return now + kWaits[choices_.below(std::size(kWaits))];
}

}  // namespace latchkey::chains::testing
