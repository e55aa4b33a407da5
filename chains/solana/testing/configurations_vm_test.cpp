// SPDX-License-Identifier: Apache-2.0
// Laws 6 and 7 on the real VM: no malformed configuration, genesis or session gets into a state,
// and none in which nobody can act.
#include "chains/solana/testing/forge.hpp"
#include "chains/solana/testing/laws_testing.hpp"
#include "chains/solana/testing/native_addresses.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Configuration;
using core::Verdict;

struct BadConfiguration {
    std::string what;
    Verdict verdict;
    std::function<void(Configuration&)> change;
};
struct BadBytes {
    std::string what;
    Verdict verdict;
    std::function<void(Bytes&)> change;
};

class Configurations : public Laws {
  protected:
    /// Three signers of three kinds, each a party; two rules.
    static Configuration good_configuration() {
        Configuration out;
        out.signers = {TestSigner::ed25519(400).entry(), TestSigner::p256(401).entry(),
                       TestSigner::eip712(402).entry()};
        out.rules = {plain_rule(kEverything, 7), limited()};
        return out;
    }
    static core::Rule limited() {
        return limited_rule(3, kSystemProgram, core::Hash32(), kSol, 2 * kSol, 60);
    }
    static WalletUnderTest wallet_of_good() {
        WalletUnderTest wallet(chain(), {key(400), TestSigner::p256(401), TestSigner::eip712(402)},
                               good_configuration());
        wallet.fund(100 * kSol);
        EXPECT_ACCEPTED(wallet.create_state());
        wallet.fund_state(6000);
        return wallet;
    }
    /// The policy change with these bytes, which no client would send. Signed by the transaction.
    static SendResult change_to(const WalletUnderTest& wallet, const Bytes& shared) {
        const Action same = {PolicyAction{{}, wallet.now().configuration()}, UseTransaction{},
                             std::nullopt};
        Attempt attempt = wallet.attempt(same, {{0}});
        attempt.assembled.approved.signed_part.body = PolicyBody{.epoch = 0, .shared = shared};
        attempt.rebuild();
        return chain().send(attempt);
    }
    /// Each of these changes to the good configuration is refused, and nothing has changed.
    template <typename Bad>
    static void refuse_each(const std::vector<Bad>& cases) {
        const WalletUnderTest wallet = wallet_of_good();
        for (const Bad& one : cases) {
            const SendResult result = change_to(wallet, changed(one));
            EXPECT_EQ(unless_verdict(result, one.verdict), "") << one.what;
        }
        EXPECT_EQ(wallet.now().sequence(), 0U);
        EXPECT_ACCEPTED(change(wallet, good_configuration()));
    }
    static Bytes changed(const BadConfiguration& one) {
        Configuration next = good_configuration();
        one.change(next);
        return core::encode_unchecked(next);
    }
    static Bytes changed(const BadBytes& one) {
        Bytes next = core::encode_unchecked(good_configuration());
        one.change(next);
        return next;
    }
    static SendResult grant(const WalletUnderTest& wallet, const Bytes& local, RuleReference rule) {
        const core::LocalRule any = {{TestSigner::ed25519(410).entry()},
                                     limited_rule(1, kSystemProgram, core::Hash32(), 1, 1, 0)};
        Attempt attempt =
            wallet.attempt({GrantAction{{}, any}, UseTransaction{}, std::nullopt}, {{0}});
        attempt.assembled.approved.signed_part.body = GrantBody{local};
        attempt.assembled.approved.signed_part.rule = rule;
        attempt.rebuild();
        return chain().send(attempt);
    }
    static SendResult grant(const WalletUnderTest& wallet, const core::LocalRule& local,
                            RuleReference rule = {}) {
        return grant(wallet, core::encode_unchecked(local), rule);
    }
    /// Owner of a state with a session, for what the grant's verdicts do not tell.
    static core::LocalRule session() {
        return {{TestSigner::ed25519(410).entry()},
                limited_rule(1, kSystemProgram, core::Hash32(), kSol, kSol, 60)};
    }
};

/// Of another chain, so nobody can use it on this one.
core::Signer contract_signer() {
    std::array<std::uint8_t, 20> address{};
    address[0] = 1;
    return core::Signer::contract(1, core::crypto::EthereumAddress(address));
}

std::vector<BadConfiguration> bad_signers() {
    return {
        {"option on p256", Verdict::kSignerFlags,
         [](Configuration& c) { c.signers[1].option = true; }},
        {"option on secp256k1", Verdict::kSignerFlags,
         [](Configuration& c) { c.signers[2].option = true; }},
        {"no party before the first", Verdict::kSignerFlags,
         [](Configuration& c) { c.signers[0].same_party = true; }},
        {"the same ed25519 key", Verdict::kSignerDuplicate,
         [](Configuration& c) { c.signers[1] = c.signers[0]; }},
        {"the same key as passkey", Verdict::kSignerDuplicate,
         [](Configuration& c) {
             c.signers[2] = c.signers[1];
             c.signers[2].kind = core::kSignerWebauthn;
             c.signers[2].key.resize(65);
         }},
        {"the same address in both envelopes", Verdict::kSignerDuplicate,
         [](Configuration& c) {
             c.signers[1] = c.signers[2];
             c.signers[1].kind = core::kSignerSecp256k1Eip191;
         }},
        {"small order", Verdict::kSignerKey,
         [](Configuration& c) {
             c.signers[0].key.assign(32, 0);
             c.signers[0].key[0] = 1;
         }},
        {"order four", Verdict::kSignerKey,
         [](Configuration& c) { c.signers[0].key.assign(32, 0); }},
        {"zero address", Verdict::kSignerKey,
         [](Configuration& c) { c.signers[2].key.assign(20, 0); }},
        {"compressed point with prefix 4", Verdict::kSignerKey,
         [](Configuration& c) { c.signers[1].key[0] = 4; }},
        {"program signer on the curve", Verdict::kSignerKey,
         [](Configuration& c) {
             c.signers[2] =
                 core::Signer::program(to_hash(Scenario::address(1)),
                                       core::Hash32(TestSigner::ed25519(411).address().array()));
         }},
    };
}

std::vector<BadConfiguration> bad_rules() {
    const auto rule = [](auto set) { return [set](Configuration& c) { set(c.rules[0]); }; };
    const auto limited = [](auto set) { return [set](Configuration& c) { set(c.rules[1]); }; };
    return {
        {"no action", Verdict::kRuleActions, rule([](core::Rule& r) { r.actions = 0; })},
        {"grant alone", Verdict::kRuleActions,
         rule([](core::Rule& r) { r.actions = core::kActionGrant | core::kActionPolicy; })},
        {"message with times", Verdict::kRuleActions,
         rule([](core::Rule& r) { r.times = core::Times{1, 2}; })},
        {"recover", Verdict::kRuleActions,
         rule([](core::Rule& r) { r.actions |= core::kActionRecover; })},
        {"recover alone", Verdict::kRuleActions,
         rule([](core::Rule& r) { r.actions = core::kActionRecover; })},
        {"message that waits", Verdict::kRuleActions,
         rule([](core::Rule& r) { r.wait = core::Wait{60}; })},
        {"scope for upgrade", Verdict::kRuleScope, limited([](core::Rule& r) {
             r.actions |= core::kActionUpgrade;
             r.limits.clear();
         })},
        {"limits and cancel", Verdict::kRuleScope,
         limited([](core::Rule& r) { r.actions |= core::kActionCancel; })},
        {"more than all parties", Verdict::kRuleThreshold,
         rule([](core::Rule& r) { r.threshold = 4; })},
        {"more than the mask's parties", Verdict::kRuleThreshold,
         limited([](core::Rule& r) { r.threshold = 3; })},
        {"keys of one party", Verdict::kRuleThreshold,
         [](Configuration& c) {
             c.signers[1].same_party = true;
             c.rules[1].threshold = 2;
         }},
        {"empty mask", Verdict::kRuleMask, rule([](core::Rule& r) { r.mask = 0; })},
        {"signer 3 of 3", Verdict::kRuleMask, rule([](core::Rule& r) { r.mask = 15; })},
        {"signer 7 of 3", Verdict::kRuleMask, limited([](core::Rule& r) { r.mask = 0x81; })},
        {"times that never hold", Verdict::kRuleTimes,
         limited([](core::Rule& r) { r.times = core::Times{5, 5}; })},
        {"times in reverse", Verdict::kRuleTimes,
         limited([](core::Rule& r) { r.times = core::Times{6, 5}; })},
        {"times that always hold", Verdict::kRuleTimes,
         limited([](core::Rule& r) { r.times = core::Times{0, core::kNever}; })},
        {"scope for policy", Verdict::kRuleScope, rule([](core::Rule& r) {
             r.actions = core::kActionExecute | core::kActionPolicy;
             r.scope = {{core::Hash32(), {}}};
         })},
        {"a target twice", Verdict::kRuleScope,
         limited([](core::Rule& r) { r.scope.push_back(r.scope[0]); })},
        {"targets in descending order", Verdict::kRuleScope, limited([](core::Rule& r) {
             r.scope = {{to_hash(kTokenProgram), {}}, {core::Hash32(), {}}};
         })},
        {"limits without scope", Verdict::kRuleLimits,
         limited([](core::Rule& r) { r.scope.clear(); })},
        {"limits and grant", Verdict::kRuleLimits,
         limited([](core::Rule& r) { r.actions |= core::kActionGrant; })},
        {"an asset twice", Verdict::kRuleLimits,
         limited([](core::Rule& r) { r.limits.push_back(r.limits[0]); })},
        {"more at once than in all", Verdict::kRuleLimits,
         limited([](core::Rule& r) { r.limits[0].per_call = r.limits[0].per_period + 1; })},
        {"the same rule twice", Verdict::kRuleDuplicate,
         [](Configuration& c) { c.rules.push_back(c.rules[0]); }},
        {"the same limited rule twice", Verdict::kRuleDuplicate,
         [](Configuration& c) { c.rules.push_back(c.rules[1]); }},
        {"the last rule as the first", Verdict::kRuleDuplicate,
         [](Configuration& c) {
             c.rules.push_back(plain_rule(core::kActionMessage, 2));
             c.rules.push_back(c.rules[0]);
         }},
        {"no policy rule", Verdict::kLockout,
         rule([](core::Rule& r) { r.actions = core::kActionExecute; })},
        {"a policy rule that ends", Verdict::kLockout, rule([](core::Rule& r) {
             r.actions = core::kActionExecute | core::kActionPolicy;
             r.times = core::Times{0, 1'900'000'000};
         })},
        {"a policy rule of signers of another chain", Verdict::kLockout,
         [](Configuration& c) {
             c.signers[2] = contract_signer();
             c.rules[0].mask = 4;
         }},
        {"a threshold that needs them", Verdict::kLockout,
         [](Configuration& c) {
             c.signers[2] = contract_signer();
             c.rules[0].threshold = 3;
         }},
    };
}

/// Delays and guards. The good configuration's policy rule waits for nothing.
std::vector<BadConfiguration> bad_waits() {
    const auto waits = [](std::uint64_t seconds, core::Tie tie = core::Tie::kOwner) {
        return [=](Configuration& c) {
            c.rules[0].actions = core::kActionExecute | core::kActionPolicy;
            c.rules[0].wait = core::Wait{static_cast<std::uint32_t>(seconds), tie};
        };
    };
    const auto limited_waits = [](std::uint64_t seconds, std::uint64_t guard_hours) {
        return [=](Configuration& c) {
            c.rules[1].wait = core::Wait{static_cast<std::uint32_t>(seconds)};
            if (guard_hours != 0) {
                c.recovery.emplace();
                c.recovery->guard_hours = static_cast<std::uint16_t>(guard_hours);
            }
        };
    };
    using core::kDay;
    return {
        {"no delay", Verdict::kRuleWait, waits(0)},
        {"more than a year", Verdict::kRuleWait, waits(365 * kDay + 1)},
        {"no delay, who proposes wins", Verdict::kRuleWait, waits(0, core::Tie::kRecovery)},
        {"more than 30 days, who proposes wins", Verdict::kRuleWait,
         waits(30 * kDay + 1, core::Tie::kRecovery)},
        {"a guard of more than 90 days", Verdict::kRuleWait, limited_waits(1, 2161)},
        {"a delay that one party can remove at once", Verdict::kRuleWait, limited_waits(1, 0)},
        {"a guard that is no longer than the delay", Verdict::kRuleWait, limited_waits(kDay, 24)},
        {"a guard that is 47 hours longer", Verdict::kRuleWait, limited_waits(kDay, 24 + 47)},
        {"a policy delay that is no longer", Verdict::kRuleWait,
         [=](Configuration& c) {
             waits(3 * kDay - 1)(c);
             limited_waits(kDay, 0)(c);
         }},
        {"a policy rule of more than 90 days", Verdict::kLockout, waits(90 * kDay + 1)},
        {"a policy rule of a year", Verdict::kLockout, waits(365 * kDay)},
    };
}

std::vector<BadBytes> bad_bytes() {
    return {
        {"model version 0", Verdict::kConfigurationVersion, [](Bytes& b) { b[0] ^= 0x10; }},
        {"model version 2", Verdict::kConfigurationVersion, [](Bytes& b) { b[0] ^= 0x30; }},
        {"reserved flag", Verdict::kConfigurationVersion, [](Bytes& b) { b[0] |= 8; }},
        {"long salt outside a genesis", Verdict::kConfigurationVersion,
         [](Bytes& b) { b[0] |= 2; }},
        {"kind 0", Verdict::kSignerKind, [](Bytes& b) { b[2] = 0; }},
        {"kind 8", Verdict::kSignerKind, [](Bytes& b) { b[2] = 8; }},
        {"kind 15", Verdict::kSignerKind, [](Bytes& b) { b[2] = 15; }},
        {"bit 0x40 of a signer", Verdict::kSignerFlags, [](Bytes& b) { b[2] |= 0x40; }},
        {"bit 0x80 of a signer", Verdict::kSignerFlags, [](Bytes& b) { b[2] |= 0x80; }},
        {"a byte behind", Verdict::kConfigurationTrailing, [](Bytes& b) { b.push_back(0); }},
        {"a salt behind", Verdict::kConfigurationTrailing,
         [](Bytes& b) { b.insert(b.end(), 16, 7); }},
        {"one byte less", Verdict::kConfigurationTruncated, [](Bytes& b) { b.pop_back(); }},
        {"one rule more than there is", Verdict::kConfigurationTruncated,
         [](Bytes& b) { b[1] += 0x10; }},
        {"nothing", Verdict::kConfigurationTruncated, [](Bytes& b) { b.clear(); }},
        {"half a key", Verdict::kConfigurationTruncated, [](Bytes& b) { b.resize(2 + 17); }},
        {"no commitment", Verdict::kConfigurationTruncated,
         [](Bytes& b) { b[0] |= core::kHeaderRecovery; }},
        {"a commitment without its end", Verdict::kConfigurationTruncated,
         [](Bytes& b) {
             b[0] |= core::kHeaderRecovery;
             b.insert(b.end(), core::kRecoverySize - 1, 0);
         }},
    };
}

TEST_F(Configurations, MalformedSignersAreRefused) {
    refuse_each(bad_signers());
}

TEST_F(Configurations, MalformedRulesAreRefused) {
    refuse_each(bad_rules());
}

TEST_F(Configurations, DelaysThatSomethingElseOutrunsAreRefused) {
    refuse_each(bad_waits());
    const auto fresh = [] {
        chain().reset();
        return wallet_of_good();
    };
    // At their limits they are fine.
    Configuration next = good_configuration();
    next.rules[1].wait = core::Wait{static_cast<std::uint32_t>(core::kDay)};
    next.recovery.emplace();
    next.recovery->guard_hours = 24 + 48;
    EXPECT_ACCEPTED(change(fresh(), next));
    next = good_configuration();
    next.rules[0].actions = core::kActionExecute | core::kActionPolicy;
    next.rules[0].wait =
        core::Wait{static_cast<std::uint32_t>(30 * core::kDay), core::Tie::kRecovery};
    next.rules[1].wait = core::Wait{static_cast<std::uint32_t>(28 * core::kDay)};
    EXPECT_ACCEPTED(change(fresh(), next));
    // What two parties can do at once is their own affair.
    next = good_configuration();
    next.rules[0].threshold = 2;
    next.rules[1].wait = core::Wait{static_cast<std::uint32_t>(365 * core::kDay)};
    EXPECT_ACCEPTED(change(fresh(), next));
}

TEST_F(Configurations, NoLockoutByDelay) {
    const auto fresh = [] {
        chain().reset();
        return wallet_of_good();
    };
    Configuration next = good_configuration();
    next.rules[0].actions = core::kActionExecute | core::kActionPolicy;
    next.rules[0].wait = core::Wait{static_cast<std::uint32_t>(90 * core::kDay)};
    EXPECT_ACCEPTED(change(fresh(), next));
    // A longer one beside another way, or said to be meant.
    next.rules[0].wait->delay_seconds += 1;
    EXPECT_REFUSED(kLockout, change_to(fresh(), core::encode_unchecked(next)));
    Configuration other = next;
    other.rules.push_back(plain_rule(core::kActionPolicy, 7, 3));
    EXPECT_ACCEPTED(change_to(fresh(), core::encode_unchecked(other)));
    next.lockdown = true;
    EXPECT_ACCEPTED(change_to(fresh(), core::encode_unchecked(next)));
}

TEST_F(Configurations, MalformedBytesAreRefused) {
    refuse_each(bad_bytes());
}

TEST_F(Configurations, NewKeysHaveTheFormOfTheirKind) {
    const WalletUnderTest wallet = wallet_of_good();
    Configuration next = good_configuration();
    next.signers[2] = TestSigner::p256(403).entry();
    const Bytes good = core::encode_unchecked(next);
    next.signers[2].key[0] = 4;
    EXPECT_REFUSED(kSignerKey, change_to(wallet, core::encode_unchecked(next)));
    next.signers[2].key[0] = 0;
    EXPECT_REFUSED(kSignerKey, change_to(wallet, core::encode_unchecked(next)));
    EXPECT_ACCEPTED(change_to(wallet, good));
}

TEST_F(Configurations, LockdownIsASayingOfItsOwn) {
    const WalletUnderTest wallet = wallet_of_good();
    Configuration next = good_configuration();
    next.rules[0].actions = core::kActionExecute;
    EXPECT_REFUSED(kLockout, change_to(wallet, core::encode_unchecked(next)));
    Attempt back = wallet.attempt(
        {PolicyAction{{}, good_configuration()}, UseTransaction{}, std::nullopt}, {{0}});
    next.lockdown = true;
    EXPECT_ACCEPTED(change_to(wallet, core::encode_unchecked(next)));
    // And it is final.
    back.assembled.approved.signed_part.nonce = TransactionNonce{
        make_binding(core::Hash32(wallet.now().config_id().array()), std::nullopt)};
    back.rebuild();
    EXPECT_REFUSED(kActionNotAllowed, chain().send(back));
}

TEST_F(Configurations, MalformedSessionsAreRefused) {
    const WalletUnderTest wallet = wallet_of_good();
    const auto with = [&](auto set) {
        core::LocalRule local = session();
        set(local);
        return grant(wallet, local);
    };
    EXPECT_REFUSED(kRuleActions, with([](auto& l) { l.rule.actions |= core::kActionGrant; }));
    EXPECT_REFUSED(kRuleActions, with([](auto& l) { l.rule.actions |= core::kActionPolicy; }));
    EXPECT_REFUSED(kRuleThreshold, with([](auto& l) { l.rule.threshold = 2; }));
    EXPECT_REFUSED(kRuleMask, with([](auto& l) {
                       l.signers.push_back(TestSigner::p256(412).entry());
                       l.rule.mask = 5;
                   }));
    EXPECT_REFUSED(kRuleTimes, with([](auto& l) { l.rule.times = core::Times{9, 8}; }));
    EXPECT_REFUSED(kRuleLimits, with([](auto& l) { l.rule.scope.clear(); }));
    EXPECT_REFUSED(kRuleLimits, with([](auto& l) { l.rule.limits[0].per_call *= 2; }));
    EXPECT_REFUSED(kSignerKey, with([](auto& l) { l.signers[0].key.assign(32, 0); }));
    EXPECT_REFUSED(kSignerDuplicate, with([](auto& l) { l.signers.push_back(l.signers[0]); }));
    EXPECT_REFUSED(kSignerFlags, with([](auto& l) { l.signers[0].same_party = true; }));
    EXPECT_REFUSED(kRuleWait, with([](auto& l) { l.rule.wait = core::Wait{60}; }));
    Bytes bytes = core::encode_unchecked(session());
    bytes.push_back(0);
    EXPECT_REFUSED(kConfigurationTrailing, grant(wallet, bytes, {}));
    bytes.resize(bytes.size() - 2);
    EXPECT_REFUSED(kConfigurationTruncated, grant(wallet, bytes, {}));
    EXPECT_REFUSED(kConfigurationTruncated, grant(wallet, Bytes{}, {}));
    bytes = core::encode_unchecked(session());
    bytes[0] |= 0x10;
    EXPECT_REFUSED(kNonCanonical, grant(wallet, bytes, {}));
    bytes = core::encode_unchecked(session());
    bytes[1] = 9;
    EXPECT_REFUSED(kSignerKind, grant(wallet, bytes, {}));
    EXPECT_TRUE(wallet.now().state()->slots.empty());
    EXPECT_ACCEPTED(grant(wallet, session()));
}

TEST_F(Configurations, SessionsAllowNoMoreThanTheirGrantor) {
    WalletUnderTest wallet = with_room(key(404));
    Configuration next = wallet.now().configuration();
    core::Rule granting = plain_rule(core::kActionExecute | core::kActionGrant, 1);
    granting.scope = {{to_hash(kSystemProgram), {2, 0, 0, 0}}};
    const std::uint64_t now = chain().now();
    granting.times = core::Times{now - 10, now + 1000};
    next.rules.push_back(granting);
    EXPECT_ACCEPTED(change(wallet, next));
    core::LocalRule local = session();
    local.rule.scope = granting.scope;
    local.rule.times = granting.times;
    const auto granted = [&](auto set) {
        core::LocalRule changed = local;
        set(changed.rule);
        return grant(wallet, changed, {false, 1});
    };
    EXPECT_REFUSED(kLocalRuleTooBroad, granted([](auto& r) { r.times.reset(); }));
    EXPECT_REFUSED(kLocalRuleTooBroad, granted([](auto& r) { r.times->expires_at += 1; }));
    EXPECT_REFUSED(kLocalRuleTooBroad, granted([](auto& r) { r.times->not_before -= 1; }));
    EXPECT_REFUSED(kLocalRuleTooBroad, granted([](auto& r) { r.scope[0].prefix.pop_back(); }));
    EXPECT_REFUSED(kLocalRuleTooBroad,
                   granted([](auto& r) { r.scope[0].address = to_hash(kTokenProgram); }));
    EXPECT_REFUSED(kLocalRuleTooBroad, granted([](auto& r) {
                       r.scope.clear();
                       r.limits.clear();
                   }));
    // A rule that may execute and not grant, and one that is not there.
    EXPECT_REFUSED(kUnknownRule, grant(wallet, local, {false, 2}));
    EXPECT_ACCEPTED(granted([](auto&) {}));
    chain().advance(1000);
    EXPECT_REFUSED(kRuleExpired, granted([](auto&) {}));
}

TEST_F(Configurations, SeventeenthSessionAndUnknownSessions) {
    const WalletUnderTest wallet = wallet_of_good();
    for (std::uint32_t i = 0; i < 16; ++i) {
        core::LocalRule local = session();
        local.signers = {TestSigner::ed25519(420 + i).entry()};
        EXPECT_ACCEPTED(grant(wallet, local));
    }
    EXPECT_REFUSED(kTooManyLocalRules, grant(wallet, session()));
    const auto revoke = [&](const core::LocalRuleId& id) {
        return wallet.send({RevokeAction{{}, id}, UseTransaction{}, std::nullopt}, {{0}});
    };
    core::LocalRuleId id = session_id(wallet, 3);
    id[31] ^= 1;
    EXPECT_REFUSED(kUnknownLocalRule, revoke(id));
    id[31] ^= 1;
    EXPECT_ACCEPTED(revoke(id));
    EXPECT_REFUSED(kUnknownLocalRule, revoke(id));
    EXPECT_ACCEPTED(grant(wallet, session()));
    EXPECT_REFUSED(kTooManyLocalRules, grant(wallet, session()));
}

TEST_F(Configurations, GenesisIsJudgedBeforeItBecomesState) {
    // Every genesis here is at the address that belongs to its own bytes: only its content is
    // wrong.
    const auto created = [&](Bytes genesis) {
        const Address program = chain().deployment().program;
        std::optional<Address> state;
        // The last byte is the salt.
        for (;; ++genesis.back()) {
            std::vector<core::ByteView> seeds;
            for (std::size_t at = 0; at < genesis.size(); at += 32) {
                seeds.push_back(core::ByteView(genesis).subspan(
                    at, std::min<std::size_t>(32, genesis.size() - at)));
            }
            state = derive_address(seeds, program);
            if (state) {
                break;
            }
        }
        chain().set_lamports(*state, kSol);
        Bytes data = {static_cast<std::uint8_t>(kCreateState | kHeadGenesis)};
        core::append(data, genesis);
        return chain().send({{program, {writable(*state), readonly(kSystemProgram)}, data}});
    };
    const auto genesis_of = [](const Configuration& configuration) {
        return core::encode_unchecked(core::Genesis{configuration, {0}});
    };
    for (const BadConfiguration& one : bad_rules()) {
        Configuration bad = good_configuration();
        one.change(bad);
        EXPECT_EQ(unless_verdict(created(genesis_of(bad)), one.verdict), "") << one.what;
    }
    for (const BadBytes& one : bad_bytes()) {
        Bytes bytes = core::encode_unchecked(good_configuration());
        one.change(bytes);
        if (one.verdict == Verdict::kConfigurationTrailing || bytes.empty() ||
            one.what == "long salt outside a genesis" || one.what == "one byte less") {
            continue;
        }
        bytes.push_back(0);
        EXPECT_EQ(unless_verdict(created(bytes), one.verdict), "") << one.what;
    }
    // Two salts; half a long one.
    Bytes bytes = genesis_of(good_configuration());
    bytes.push_back(0);
    EXPECT_REFUSED(kConfigurationTrailing, created(bytes));
    bytes[0] |= 2;
    EXPECT_REFUSED(kConfigurationTruncated, created(bytes));
    EXPECT_ACCEPTED(created(genesis_of(good_configuration())));
}

TEST_F(Configurations, GenesisAboveItsSizeIsRefused) {
    Configuration large = good_configuration();
    while (core::encode_unchecked(core::Genesis{large, {0}}).size() <= 480) {
        large.rules.push_back(limited());
        large.rules.back().limits[0].per_period += large.rules.size();
    }
    Bytes data = {static_cast<std::uint8_t>(kCreateState | kHeadGenesis)};
    core::append(data, core::encode_unchecked(core::Genesis{large, {0}}));
    WalletUnderTest wallet = owned_by(key(405));
    chain().set_lamports(wallet.state(), kSol);
    const auto created = [&](const Bytes& bytes) {
        return chain().send({{chain().deployment().program,
                              {writable(wallet.state()), readonly(kSystemProgram)},
                              bytes}});
    };
    EXPECT_REFUSED(kConfigurationTooLong, created(data));
    data.resize(1 + 481);
    EXPECT_REFUSED(kConfigurationTooLong, created(data));
    // Somebody else's genesis is not this address's.
    Bytes others = {static_cast<std::uint8_t>(kCreateState | kHeadGenesis)};
    core::append(others, owned_by(key(406)).handle().genesis());
    EXPECT_REFUSED(kStateAddress, created(others));
    EXPECT_ACCEPTED(wallet.create_state());
}

}  // namespace
}  // namespace latchkey::solana::testing
