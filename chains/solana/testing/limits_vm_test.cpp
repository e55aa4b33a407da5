// SPDX-License-Identifier: Apache-2.0
// Law 4 on the real VM: limits and caps.

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/layout/instruction_layout.hpp"
#include "chains/solana/testing/laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class Limits : public Laws {
  protected:
    static core::Rule sol_rule() {
        return limited_rule(1, kSystemProgram, core::Hash32(), 2 * kSol, 5 * kSol, 86'400);
    }
};

TEST_F(Limits, PerCallAndPerPeriod) {
    WalletUnderTest wallet(chain(), {key(30)}, {sol_rule(), plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const auto send = [&](std::uint64_t lamports) {
        return wallet.send(wallet.transfer(somebody(), lamports, UseTransaction{}), {{0}});
    };
    EXPECT_REFUSED(kLimitPerCall, send(2 * kSol + 1));
    EXPECT_ACCEPTED(send(2 * kSol));
    EXPECT_ACCEPTED(send(2 * kSol));
    EXPECT_REFUSED(kLimitPerPeriod, send(kSol + 1));
    EXPECT_ACCEPTED(send(kSol));
    EXPECT_REFUSED(kLimitPerPeriod, send(1));
    chain().advance(86'400);
    EXPECT_ACCEPTED(send(2 * kSol));
}

TEST_F(Limits, PoliciesDoNotRefreshABudget) {
    WalletUnderTest wallet(chain(), {key(31)}, {sol_rule(), plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    wallet.fund_state(2000);
    const auto send = [&] {
        return wallet.send(wallet.transfer(somebody(), 2 * kSol, UseTransaction{}), {{0}});
    };
    EXPECT_ACCEPTED(send());
    EXPECT_ACCEPTED(send());
    core::Configuration next = wallet.now().configuration();
    next.rules.push_back(plain_rule(core::kActionMessage, 1));
    EXPECT_ACCEPTED(wallet.send(
        {PolicyAction{{.is_local = false, .index = 1}, next}, UseTransaction{}, std::nullopt},
        {{0}}));
    EXPECT_REFUSED(kLimitPerPeriod, send());
}

TEST_F(Limits, TargetsOutsideTheScopeAreRefused) {
    WalletUnderTest wallet(chain(), {key(32)}, {sol_rule(), plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    EXPECT_REFUSED(
        kTargetNotAllowed,
        wallet.send(wallet.execute({{kMemoProgram, {}, {'h', 'i'}}}, UseTransaction{}), {{0}}));
}

TEST_F(Limits, TokensAreCountedAndAuthoritiesStay) {
    const Address mint = Scenario::address(50);
    chain().put_mint(mint, 6);
    core::Rule rule = limited_rule(1, kTokenProgram, to_hash(mint), 100, 150, 0);
    WalletUnderTest wallet(chain(), {key(33)}, {rule, plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const Address ours = chain().put_tokens(wallet.vault(), mint, 1000);
    const Address theirs = chain().put_tokens(somebody(), mint, 0);
    const auto call = [&](const Instruction& instruction) {
        return wallet.send(wallet.execute({instruction}, UseTransaction{}), {{0}});
    };
    const auto pay = [&](std::uint64_t amount) {
        return call(
            token::transfer_checked(kTokenProgram, ours, mint, theirs, wallet.vault(), amount, 6));
    };
    EXPECT_REFUSED(kLimitPerCall, pay(101));
    EXPECT_ACCEPTED(pay(100));
    EXPECT_REFUSED(kLimitPerPeriod, pay(51));
    EXPECT_ACCEPTED(pay(50));
    EXPECT_REFUSED(kLimitPerPeriod, pay(1));
    EXPECT_EQ(chain().token_amount(theirs), 150U);
    EXPECT_REFUSED(
        kAuthorityChanged,
        call(token::approve_checked(kTokenProgram, ours, mint, somebody(), wallet.vault(), 1, 6)));
    EXPECT_REFUSED(kAuthorityChanged,
                   call(token::set_authority(kTokenProgram, ours, wallet.vault(),
                                             token::AuthorityType::kAccountOwner, somebody())));
    EXPECT_REFUSED(kAuthorityChanged,
                   call(token::set_authority(kTokenProgram, ours, wallet.vault(),
                                             token::AuthorityType::kCloseAccount, somebody())));
}

TEST_F(Limits, UnlistedAssetIsRefused) {
    const Address mint = Scenario::address(51);
    const Address other = Scenario::address(52);
    chain().put_mint(mint, 6);
    chain().put_mint(other, 6);
    WalletUnderTest wallet(
        chain(), {key(34)},
        {limited_rule(1, kTokenProgram, to_hash(mint), 100, 100, 0), plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const Address ours = chain().put_tokens(wallet.vault(), other, 1000);
    const Address theirs = chain().put_tokens(somebody(), other, 0);
    EXPECT_REFUSED(
        kAssetNotListed,
        wallet.send(wallet.execute({token::transfer_checked(kTokenProgram, ours, other, theirs,
                                                            wallet.vault(), 1, 6)},
                                   UseTransaction{}),
                    {{0}}));
    // Closing an empty account gives its rent away.
    const Address empty = chain().put_tokens(wallet.vault(), mint, 0);
    EXPECT_REFUSED(
        kAssetNotListed,
        wallet.send(
            wallet.execute({token::close_account(kTokenProgram, empty, somebody(), wallet.vault())},
                           UseTransaction{}),
            {{0}}));
}

TEST_F(Limits, SessionEndsWithItsRevocationAndItsGrantor) {
    WalletUnderTest wallet = with_state(key(35));
    wallet.fund_state(3000);
    core::LocalRule local;
    local.signers = {key(36).entry()};
    local.rule = sol_rule();
    const auto grant = [&] {
        return wallet.send({GrantAction{{}, local}, UseTransaction{}, std::nullopt}, {{0}});
    };
    const RuleReference session = {.is_local = true, .index = 0};
    const auto spend = [&] {
        return wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}, session), {{0}});
    };
    EXPECT_ACCEPTED(grant());
    const Attempt under_first = spend();
    EXPECT_ACCEPTED(chain().send(under_first));
    const core::LocalRuleId id = *wallet.now().rule(session).value().local_rule_id;
    EXPECT_ACCEPTED(wallet.send({RevokeAction{{}, id}, UseTransaction{}, std::nullopt}, {{0}}));
    EXPECT_REFUSED(kUnknownRule, chain().send(under_first));
    EXPECT_ACCEPTED(grant());
    EXPECT_REFUSED(kConfigurationChanged, chain().send(under_first));
    EXPECT_ACCEPTED(chain().send(spend()));
    // The granting rule goes: so does the session.
    core::Configuration next = wallet.now().configuration();
    next.rules[0].actions = core::kActionExecute | core::kActionPolicy;
    EXPECT_ACCEPTED(wallet.send({PolicyAction{{}, next}, UseTransaction{}, std::nullopt}, {{0}}));
    EXPECT_FALSE(wallet.now().rule(session).has_value());
}

TEST_F(Limits, CapsHold) {
    const WalletUnderTest wallet = owned_by(key(37));
    const auto with_cap = [&](std::uint64_t out) {
        ExecuteAction body;
        body.calls = {system::transfer(wallet.vault(), somebody(), kSol)};
        body.caps = {{wallet.vault(), out, 0}};
        return wallet.send({body, UseTransaction{}, std::nullopt}, {{0}});
    };
    EXPECT_REFUSED(kCapOutflow, with_cap(kSol - 1));
    EXPECT_ACCEPTED(with_cap(kSol));
    ExecuteAction body;
    body.calls = {system::transfer(wallet.vault(), somebody(), kSol)};
    body.caps = {{wallet.vault(), kSol, 1}};
    EXPECT_REFUSED(kCapInflow, wallet.send({body, UseTransaction{}, std::nullopt}, {{0}}));
}

TEST_F(Limits, WindowsAreFixedAndTwoInAPeriodAreTheMost) {
    WalletUnderTest wallet(chain(), {key(800)}, {sol_rule(), plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const auto send = [&](std::uint64_t lamports) {
        return wallet.send(wallet.transfer(somebody(), lamports, UseTransaction{}), {{0}});
    };
    // The last second of a window, then the first one of the next.
    chain().advance(86'400 - chain().now() % 86'400 - 1);
    const std::uint64_t before = chain().lamports(somebody());
    for (const int window : {0, 1}) {
        EXPECT_ACCEPTED(send(2 * kSol)) << window;
        EXPECT_ACCEPTED(send(2 * kSol));
        EXPECT_ACCEPTED(send(kSol));
        EXPECT_REFUSED(kLimitPerPeriod, send(1));
        chain().advance(1);
    }
    EXPECT_REFUSED(kLimitPerPeriod, send(1));
    // Until the whole period is over nothing more leaves.
    chain().advance(86'400 - 3);
    EXPECT_REFUSED(kLimitPerPeriod, send(1));
    EXPECT_EQ(chain().lamports(somebody()) - before, 10 * kSol);
    chain().advance(2);
    EXPECT_ACCEPTED(send(kSol));
    // A clock that steps back opens no window again.
    Clock clock = chain().svm().get_clock();
    clock.unix_timestamp -= 86'400;
    chain().svm().set_clock(clock);
    EXPECT_ACCEPTED(send(2 * kSol));
    EXPECT_ACCEPTED(send(2 * kSol));
    EXPECT_REFUSED(kLimitPerPeriod, send(1));
}

TEST_F(Limits, AnEmptyLimitDenies) {
    core::Rule nothing = sol_rule();
    nothing.limits = {{core::Hash32(), 0, 0, 0}};
    core::Rule unlisted = sol_rule();
    unlisted.limits = {{to_hash(Scenario::address(801)), 5, 5, 0}};
    WalletUnderTest wallet(chain(), {key(802)}, {plain_rule(kEverything, 1), nothing, unlisted});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const auto by = [&](std::uint8_t rule, std::uint64_t lamports) {
        return wallet.send(wallet.transfer(somebody(), lamports, UseTransaction{}, {false, rule}),
                           {{0}});
    };
    EXPECT_REFUSED(kLimitPerCall, by(1, 1));
    EXPECT_REFUSED(kAssetNotListed, by(2, 1));
    EXPECT_ACCEPTED(by(1, 0));
    EXPECT_ACCEPTED(by(2, 0));
    expect_untouched(wallet);
}

TEST_F(Limits, ARoundTripWithinOneActionIsCountedOnTheWayOut) {
    // The money comes back in the same action: it has still left.
    const Address script = Scenario::address(803);
    load(script, LATCHKEY_SCRIPT_ELF);
    core::Rule rule = sol_rule();
    rule.scope.push_back({to_hash(script), {}});
    core::normalize(rule);
    WalletUnderTest wallet(chain(), {key(804)}, {rule, plain_rule(kEverything, 1)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    // A purse of the script program, which may move its lamports back.
    const Address purse = Scenario::address(805);
    chain().put_account(purse, {kSol, script.array(), {}, false});
    const auto back = [&](std::uint64_t lamports) {
        return Instruction{script,
                           {writable(purse), writable(wallet.vault())},
                           ScriptBuilder().move(0, 1, lamports).take()};
    };
    const Instruction out = system::transfer(wallet.vault(), purse, kSol + 1);
    EXPECT_REFUSED(kLimitPerCall, call(wallet, {out, back(kSol + 1), out}));
    EXPECT_ACCEPTED(call(wallet, {out, back(kSol + 1)}));
    EXPECT_EQ(chain().lamports(wallet.vault()), 100 * kSol);
    EXPECT_EQ(wallet.now().state()->counters[0].spent, kSol + 1);
}

TEST_F(Limits, ASessionIsHeldToAllOfItsTerms) {
    WalletUnderTest wallet = with_room(key(806));
    const TestSigner agent = key(807);
    core::LocalRule local = {{agent.entry()}, sol_rule()};
    const std::uint64_t now = chain().now();
    local.rule.times = core::Times{now, now + 500};
    EXPECT_ACCEPTED(wallet.send({GrantAction{{}, local}, UseTransaction{}, std::nullopt}, {{0}}));
    const RuleReference session = {.is_local = true, .index = 0};
    const auto spend = [&](std::uint64_t lamports) {
        return wallet.send(wallet.transfer(somebody(), lamports, UseTransaction{}, session), {{0}});
    };
    EXPECT_REFUSED(kLimitPerCall, spend(2 * kSol + 1));
    EXPECT_REFUSED(kTargetNotAllowed, call(wallet, {memo("hi").value()}, session));
    EXPECT_REFUSED(kTargetNotAllowed,
                   call(wallet, {{kUpgradeableLoader, {}, {3, 0, 0, 0}}}, session));
    // Its rule is for calls alone, whatever it calls itself.
    const auto as_session = [&](const ActionBody& body) {
        Attempt attempt = wallet.attempt({body, UseTransaction{}, std::nullopt}, {{0}});
        attempt.assembled.approved.signed_part.rule = session;
        attempt.rebuild();
        for (AccountMeta& meta : attempt.wallet_instruction().accounts) {
            if (meta.is_signer) {
                meta.address = agent.address();
            }
        }
        return chain().send(attempt);
    };
    EXPECT_REFUSED(kActionNotAllowed, as_session(GrantAction{{}, local}));
    EXPECT_REFUSED(kActionNotAllowed, as_session(MessageAction{}));
    EXPECT_REFUSED(kActionNotAllowed, as_session(RevokeAction{{}, session_id(wallet, 0)}));
    Attempt policy = wallet.attempt(
        {PolicyAction{{}, wallet.now().configuration()}, UseTransaction{}, std::nullopt}, {{0}});
    // Head, approval, its account, rule.
    policy.data()[3] = kRuleLocal;
    EXPECT_REFUSED(kActionNotAllowed, chain().send(policy));
    // Nor can it use up the nonces that wait for others.
    Attempt nonce =
        wallet.attempt(wallet.transfer(somebody(), 1, UseTransaction{}, session), {{0}});
    nonce.assembled.approved.signed_part.nonce = StateNonce{0, 0};
    nonce.rebuild();
    EXPECT_REFUSED(kActionNotAllowed, chain().send(nonce));
    // A slot that does not exist, and the owner's key in the agent's place.
    EXPECT_REFUSED(kUnknownRule, [&] {
        Attempt attempt =
            wallet.attempt(wallet.transfer(somebody(), 1, UseTransaction{}, session), {{0}});
        attempt.assembled.approved.signed_part.rule.index = 1;
        attempt.rebuild();
        return chain().send(attempt);
    }());
    EXPECT_REFUSED(kKeyMismatch, [&] {
        Attempt attempt =
            wallet.attempt(wallet.transfer(somebody(), 1, UseTransaction{}, session), {{0}});
        for (AccountMeta& meta : attempt.wallet_instruction().accounts) {
            if (meta.is_signer) {
                meta.address = key(806).address();
            }
        }
        return chain().send(attempt);
    }());
    expect_untouched(wallet);
    EXPECT_ACCEPTED(spend(2 * kSol));
    chain().advance(499);
    EXPECT_ACCEPTED(spend(2 * kSol));
    chain().advance(1);
    EXPECT_REFUSED(kRuleExpired, spend(1));
}

TEST_F(Limits, ASessionIsOneWalletsOnly) {
    const TestSigner agent = key(808);
    const core::LocalRule local = {{agent.entry()}, sol_rule()};
    const auto granted = [&](std::uint32_t owner) {
        WalletUnderTest wallet = with_room(key(owner));
        EXPECT_ACCEPTED(
            wallet.send({GrantAction{{}, local}, UseTransaction{}, std::nullopt}, {{0}}));
        return wallet;
    };
    const WalletUnderTest first = granted(809);
    const WalletUnderTest second = granted(810);
    Attempt attempt = first.attempt(
        first.transfer(somebody(), kSol, UseTransaction{}, {.is_local = true, .index = 0}), {{0}});
    const Attempt good = attempt;
    attempt.wallet_instruction().accounts[0].address = second.state();
    attempt.wallet_instruction().accounts[1].address = second.vault();
    EXPECT_REFUSED(kConfigurationChanged, chain().send(attempt));
    expect_untouched(second);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Limits, CapsCannotBeBeatenByOtherAccounts) {
    const WalletUnderTest wallet = with_state(key(811));
    const auto attempt = [&](const std::vector<AddressedCap>& caps) {
        ExecuteAction body;
        body.calls = {system::transfer(wallet.vault(), somebody(), kSol)};
        body.caps = caps;
        return wallet.attempt({body, UseTransaction{}, std::nullopt}, {{0}});
    };
    // Account 1 is proved to be the vault although no call needs that.
    Attempt bad = attempt({{wallet.vault(), kSol, 0}});
    bad.wallet_instruction().accounts[1].address = Scenario::address(812);
    EXPECT_REFUSED(kAccountType, chain().send(bad));
    // The state in the vault's place in a cap; somebody else's account.
    bad = attempt({{wallet.vault(), kSol, 0}});
    const std::size_t cap_at = 4 + 16 + 1;
    ASSERT_EQ(bad.data()[cap_at], 1);
    bad.data()[cap_at] = 0;
    EXPECT_REFUSED(kUncountable, chain().send(bad));
    // Two caps on one account: both hold.
    EXPECT_REFUSED(
        kCapOutflow,
        chain().send(attempt({{wallet.vault(), 2 * kSol, 0}, {wallet.vault(), kSol - 1, 0}})));
    EXPECT_REFUSED(
        kCapInflow,
        chain().send(attempt({{wallet.vault(), 2 * kSol, 0}, {wallet.vault(), kSol, 1}})));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(attempt({{wallet.vault(), kSol, 0}})));
}

TEST_F(Limits, LimitsNeedTheStateThatCountsThem) {
    WalletUnderTest wallet(chain(), {key(813)}, {plain_rule(kEverything, 1), sol_rule()});
    wallet.fund(100 * kSol);
    Attempt attempt = wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{0}});
    const Attempt good = attempt;
    attempt.assembled.approved.signed_part.rule.index = 1;
    attempt.rebuild();
    EXPECT_REFUSED(kStateNeeded, chain().send(attempt));
    // So do grants, changes and long-lived nonces.
    attempt = good;
    attempt.data()[0] = static_cast<std::uint8_t>((attempt.data()[0] & 0xf0) | kGrant);
    EXPECT_REFUSED(kStateNeeded, chain().send(attempt));
    attempt = good;
    attempt.data()[0] = static_cast<std::uint8_t>((attempt.data()[0] & 0xf0) | kPolicy);
    EXPECT_REFUSED(kStateNeeded, chain().send(attempt));
    attempt = good;
    attempt.data()[0] |= 0x40;
    EXPECT_REFUSED(kStateNeeded, chain().send(attempt));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
    EXPECT_ACCEPTED(wallet.create_state());
    EXPECT_ACCEPTED(
        wallet.send(wallet.transfer(somebody(), kSol, UseTransaction{}, {false, 1}), {{0}}));
}

}  // namespace
}  // namespace latchkey::solana::testing
