// SPDX-License-Identifier: Apache-2.0
// The laws on the real VM: each attack is refused with exactly its verdict, and the same
// transaction without the fault passes.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/testing/scenario.hpp"

namespace latchkey::solana::testing {
namespace {

constexpr Address kNativeLoaderProgram = "NativeLoader1111111111111111111111111111111"_address;
constexpr std::uint64_t kSol = 1'000'000'000;
constexpr std::uint64_t kEverything =
    core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;

class Laws : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { shared() = std::make_unique<Scenario>(); }
    static void TearDownTestSuite() { shared().reset(); }
    void SetUp() override {
        chain().reset();
        chain().set_lamports(somebody(), kSol);
    }

    static Scenario& chain() { return *shared(); }
    static Address somebody() { return Scenario::address(1000); }
    static TestSigner key(std::uint32_t seed) {
        const TestSigner signer = TestSigner::ed25519(seed);
        chain().add_key(signer);
        return signer;
    }
    /// A funded wallet of one signer that may do everything.
    static WalletUnderTest owned_by(const TestSigner& signer) {
        WalletUnderTest wallet(chain(), {signer}, {plain_rule(kEverything, 1)});
        wallet.fund(100 * kSol);
        return wallet;
    }
    /// The same with a state account.
    static WalletUnderTest with_state(const TestSigner& signer) {
        WalletUnderTest wallet = owned_by(signer);
        EXPECT_ACCEPTED(wallet.create_state());
        return wallet;
    }
    static Attempt transfer(const WalletUnderTest& wallet, const NonceChoice& nonce,
                            const AttemptOptions& options = {}) {
        return wallet.attempt(wallet.transfer(somebody(), kSol, nonce), {{0}}, options);
    }
    /// Nothing left the wallet.
    static void expect_untouched(const WalletUnderTest& wallet) {
        EXPECT_EQ(chain().lamports(wallet.vault()), 100 * kSol);
    }

  private:
    static std::unique_ptr<Scenario>& shared() {
        static std::unique_ptr<Scenario> instance;
        return instance;
    }
};

// Law 2 and the forged precompile: any byte of what verifies the signature.

TEST_F(Laws, EveryFlippedByteOfThePrecompileIsRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(1));
    const Attempt good = transfer(wallet, chain().use_lane());
    for (std::size_t i = 0; i < good.instructions[good.wallet_index - 1].data.size(); ++i) {
        Attempt bad = good;
        bad.precompile().data[i] ^= 0x01;
        EXPECT_FALSE(chain().send(bad).ok) << "byte " << i;
    }
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, EveryFlippedBitOfTheInstructionIsRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(2));
    const Attempt good = transfer(wallet, chain().use_lane());
    for (std::size_t i = 0; i < 8 * good.instructions[good.wallet_index].data.size(); ++i) {
        Attempt bad = good;
        bad.data()[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
        EXPECT_FALSE(chain().send(bad).ok) << "bit " << i;
    }
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, ForgedPrecompileOffsetsAreRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(3));
    const WalletUnderTest thief = owned_by(TestSigner::passkey(4));
    const Attempt good = transfer(wallet, chain().use_lane());
    const Attempt theirs = transfer(thief, chain().use_lane());
    // The victim's block stays where the program looks; the offsets name the thief's block behind.
    Attempt bad = good;
    Bytes& data = bad.precompile().data;
    const Bytes& forged = theirs.instructions[theirs.wallet_index - 1].data;
    const auto shift = static_cast<std::uint8_t>(data.size() - 16);
    data.insert(data.end(), forged.begin() + 16, forged.end());
    data[2] = static_cast<std::uint8_t>(data[2] + shift);
    data[6] = static_cast<std::uint8_t>(data[6] + shift);
    const auto message = static_cast<std::uint16_t>(data[10] + shift);
    data[10] = static_cast<std::uint8_t>(message);
    data[11] = static_cast<std::uint8_t>(message >> 8);
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, MissingOrMovedPrecompileIsRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(5));
    const Attempt good = transfer(wallet, chain().use_lane());
    Attempt none = good;
    none.instructions.erase(none.instructions.begin());
    none.wallet_index = 0;
    EXPECT_REFUSED(kPrecompileMissing, chain().send(none));
    Attempt moved = good;
    moved.instructions.insert(moved.instructions.begin() + 1,
                              compute_budget::set_unit_limit(100'000));
    moved.wallet_index = 2;
    const SendResult result = chain().send(moved);
    EXPECT_FALSE(result.ok);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, ChallengeMustBeTheDigest) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(6));
    AttemptOptions options;
    options.verifies = false;
    options.passkey_answers[0].client_data_json =
        R"({"type":"webauthn.get","challenge":")" + std::string(64, 'A') +
        R"(","origin":"https://example.com","crossOrigin":false})";
    EXPECT_REFUSED(kClientData, chain().send(transfer(wallet, chain().use_lane(), options)));
    options.passkey_answers[0].client_data_json.reset();
    EXPECT_ACCEPTED(chain().send(transfer(wallet, chain().use_lane(), options)));
}

TEST_F(Laws, AuthenticatorFlagsAndRelyingPartyAreChecked) {
    WalletUnderTest wallet = owned_by(TestSigner::passkey(7, "example.com", true));
    const auto with_flags = [&](std::uint8_t flags) {
        AttemptOptions options;
        options.verifies = false;
        options.passkey_answers[0].flags = flags;
        return chain().send(transfer(wallet, chain().use_lane(), options));
    };
    EXPECT_REFUSED(kUserPresence, with_flags(0x04));
    EXPECT_REFUSED(kUserVerification, with_flags(0x01));
    EXPECT_REFUSED(kAuthenticatorData, with_flags(0x45));
    EXPECT_REFUSED(kAuthenticatorData, with_flags(0x85));
    EXPECT_ACCEPTED(with_flags(0x1d));
    EXPECT_ACCEPTED(wallet.create_state());
    AttemptOptions options;
    options.verifies = false;
    options.passkey_answers[0].relying_party_id_hash = core::Hash32();
    EXPECT_REFUSED(kRelyingParty, chain().send(transfer(wallet, chain().use_lane(), options)));
}

// Law 3: nothing executes twice.

TEST_F(Laws, LaneBitWorksOnce) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(8));
    const Attempt attempt = transfer(wallet, chain().use_lane(200));
    EXPECT_ACCEPTED(chain().send(attempt));
    EXPECT_REFUSED(kNonceUsed, chain().send(attempt));
    chain().advance(256);
    const SendResult later = chain().send(attempt);
    EXPECT_FALSE(later.ok);
    chain().advance(256);
    EXPECT_FALSE(chain().send(attempt).ok);
    EXPECT_EQ(chain().lamports(somebody()), 2 * kSol);
}

TEST_F(Laws, ReopenedLaneDoesNotForget) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(9));
    const Attempt attempt = transfer(wallet, chain().use_lane(250));
    EXPECT_ACCEPTED(chain().send(attempt));
    const Address payer = chain().payer().address();
    EXPECT_ACCEPTED(
        chain().send({close_lane(chain().deployment(), chain().lane(), payer, payer).value()}));
    EXPECT_REFUSED(kAccountType, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(
        open_funded_lane(chain().deployment(), payer, 0, payer, payer, chain().rent()).value()));
    EXPECT_REFUSED(kLaneWindow, chain().send(attempt));
    EXPECT_EQ(chain().lamports(somebody()), 2 * kSol);
}

TEST_F(Laws, DeadlineOfTheLaneHolds) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(10));
    const Attempt attempt = transfer(wallet, chain().use_lane(20));
    chain().advance(60);
    EXPECT_FALSE(chain().send(attempt).ok);
    expect_untouched(wallet);
}

TEST_F(Laws, StateNonceWorksOnceAndInOrder) {
    const WalletUnderTest wallet = with_state(TestSigner::p256(11));
    EXPECT_REFUSED(kStateNonce, chain().send(transfer(wallet, UseStateNonce{2, 1})));
    const Attempt first = transfer(wallet, UseStateNonce{2, 0});
    EXPECT_ACCEPTED(chain().send(first));
    EXPECT_REFUSED(kStateNonce, chain().send(first));
    EXPECT_ACCEPTED(chain().send(transfer(wallet, UseStateNonce{2, 1})));
}

TEST_F(Laws, OnlyTheOperatorUsesALane) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(12));
    const TestSigner other = key(13);
    chain().set_lamports(other.address(), 10 * kSol);
    Attempt attempt = transfer(wallet, chain().use_lane());
    const Attempt good = attempt;
    attempt.wallet_instruction().accounts[3].address = other.address();
    EXPECT_REFUSED(kLaneOperator, chain().send(attempt));
    attempt = good;
    attempt.wallet_instruction().accounts[2].address = wallet.state();
    EXPECT_REFUSED(kAccountType, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

// Law 2: wallet, configuration, rule.

TEST_F(Laws, ApprovalIsForOneWallet) {
    const TestSigner signer = TestSigner::p256(14);
    WalletUnderTest first = owned_by(signer);
    WalletUnderTest second(chain(), {signer}, {plain_rule(kEverything, 1), plain_rule(1, 1)});
    second.fund(100 * kSol);
    EXPECT_ACCEPTED(first.create_state());
    EXPECT_ACCEPTED(second.create_state());
    Attempt attempt = transfer(first, chain().use_lane());
    const Attempt good = attempt;
    attempt.wallet_instruction().accounts[0].address = second.state();
    attempt.wallet_instruction().accounts[1].address = second.vault();
    EXPECT_REFUSED(kDigestMismatch, chain().send(attempt));
    expect_untouched(second);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, ChangeVoidsEarlierApprovals) {
    const TestSigner owner = key(15);
    WalletUnderTest wallet(chain(), {owner, TestSigner::p256(16)}, {plain_rule(kEverything, 3)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    wallet.fund_state(2000);
    const Attempt by_transaction = transfer(wallet, UseTransaction{});
    const Attempt by_lane =
        wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()), {{1}});
    core::Configuration next = wallet.now().configuration();
    const TestSigner added = TestSigner::p256(17);
    chain().add_key(added);
    next.signers.push_back(added.entry());
    next.rules[0].mask = 7;
    const Action change = {PolicyAction{{}, next}, UseTransaction{}, std::nullopt};
    const Attempt policy = wallet.attempt(change, {{1}});
    EXPECT_ACCEPTED(chain().send(policy));
    EXPECT_EQ(wallet.now().sequence(), 1U);
    EXPECT_REFUSED(kConfigurationChanged, chain().send(by_transaction));
    EXPECT_REFUSED(kDigestMismatch, chain().send(by_lane));
    EXPECT_REFUSED(kConfigurationChanged, chain().send(policy));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(wallet.send(wallet.transfer(somebody(), kSol, chain().use_lane()), {{2}}));
}

TEST_F(Laws, GenesisEndsWithTheFirstChange) {
    const TestSigner owner = key(18);
    WalletUnderTest wallet = with_state(owner);
    AttemptOptions by_genesis;
    by_genesis.plan.uses_genesis = true;
    const Attempt attempt = transfer(wallet, UseTransaction{}, by_genesis);
    EXPECT_ACCEPTED(chain().send(attempt));
    wallet.fund_state(2000);
    core::Configuration next = wallet.now().configuration();
    next.rules.push_back(plain_rule(core::kActionExecute, 1));
    EXPECT_ACCEPTED(wallet.send({PolicyAction{{}, next}, UseTransaction{}, std::nullopt}, {{0}}));
    EXPECT_REFUSED(kGenesisSuperseded, chain().send(attempt));
}

// Law 1: distinct valid parties.

TEST_F(Laws, ThresholdCountsDistinctParties) {
    WalletUnderTest wallet(
        chain(),
        {TestSigner::p256(20), TestSigner::p256(21).with_same_party(), TestSigner::p256(22)},
        {plain_rule(kEverything, 7, 2)});
    wallet.fund(100 * kSol);
    AttemptOptions unchecked;
    unchecked.verifies = false;
    const auto by = [&](const std::vector<Approver>& approvers) {
        return wallet.send(wallet.transfer(somebody(), kSol, chain().use_lane()), approvers,
                           unchecked);
    };
    EXPECT_REFUSED(kThresholdNotMet, by({{0}}));
    EXPECT_REFUSED(kThresholdNotMet, by({{0}, {1}}));
    EXPECT_ACCEPTED(by({{1}, {2}}));
    Attempt twice = wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()),
                                   {{0}, {2}}, unchecked);
    // Signer 0 a second time instead of signer 2.
    for (std::uint8_t& byte : twice.data()) {
        if (byte == (2 | kApprovalLast)) {
            byte = 0 | kApprovalLast;
            break;
        }
    }
    EXPECT_REFUSED(kApprovalOrder, chain().send(twice));
}

TEST_F(Laws, SignerOutsideTheRuleIsRefused) {
    WalletUnderTest wallet(chain(), {TestSigner::p256(23), TestSigner::p256(24)},
                           {plain_rule(core::kActionExecute, 1), plain_rule(kEverything, 3)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    AttemptOptions unchecked;
    unchecked.verifies = false;
    EXPECT_ACCEPTED(wallet.send(
        wallet.transfer(somebody(), kSol, chain().use_lane(), {.is_local = false, .index = 1}),
        {{1}}, unchecked));
    Attempt attempt = wallet.attempt(
        wallet.transfer(somebody(), kSol, chain().use_lane(), {.is_local = false, .index = 0}),
        {{0}}, unchecked);
    attempt.assembled.approved.approvals[0].signer = 1;
    attempt.rebuild();
    EXPECT_REFUSED(kSignerNotInRule, chain().send(attempt));
}

TEST_F(Laws, SponsorsSignatureIsNoApproval) {
    // The fee payer is also the wallet's only signer: its signature is there whatever it pays for.
    const TestSigner payer = key(19);
    chain().set_lamports(payer.address(), 10 * kSol);
    const WalletUnderTest wallet = owned_by(payer);
    Attempt attempt = transfer(wallet, UseTransaction{});
    const Attempt sponsored = attempt;
    attempt.fee_payer = payer.address();
    EXPECT_REFUSED(kSignerPaysFees, chain().send(attempt));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(sponsored));
}

TEST_F(Laws, AccountThatDidNotSignIsNoApproval) {
    const WalletUnderTest wallet = owned_by(key(25));
    Attempt attempt = transfer(wallet, UseTransaction{});
    for (AccountMeta& meta : attempt.wallet_instruction().accounts) {
        meta.is_signer = false;
    }
    EXPECT_REFUSED(kTransactionSignature, chain().send(attempt));
    expect_untouched(wallet);
}

// Law 8 and inner calls.

TEST_F(Laws, OuterSignaturesAreNotPassedOn) {
    const WalletUnderTest wallet = owned_by(key(26));
    const Address payer = chain().payer().address();
    const std::uint64_t before = chain().lamports(payer);
    // A call that takes the sponsor's money: the sponsor signed the transaction as its fee payer.
    Attempt attempt = wallet.attempt(
        wallet.execute({system::transfer(wallet.vault(), payer, 1)}, UseTransaction{}), {{0}});
    Bytes& data = attempt.data();
    // Call: program, 2 metas, vault, payer, ... : turn it round, payer -> vault, payer as a signer.
    for (std::size_t i = 0; i + 4 < data.size(); ++i) {
        if (data[i] == 2 && data[i + 1] == (1 | kMetaWritable | kMetaSigner)) {
            const std::uint8_t payer_index = data[i + 2] & kMetaIndexMask;
            data[i + 1] = static_cast<std::uint8_t>(payer_index | kMetaWritable | kMetaSigner);
            data[i + 2] = 1 | kMetaWritable;
            break;
        }
    }
    EXPECT_REFUSED(kSignerForwarded, chain().send(attempt));
    EXPECT_GE(chain().lamports(payer) + 20'000, before);
}

TEST_F(Laws, VaultCannotBeReassigned) {
    const WalletUnderTest wallet = owned_by(key(27));
    EXPECT_REFUSED(kVaultChanged,
                   wallet.send(wallet.execute({system::assign(wallet.vault(), kTokenProgram)},
                                              UseTransaction{}),
                               {{0}}));
    EXPECT_REFUSED(kVaultChanged, wallet.send(wallet.execute({system::allocate(wallet.vault(), 10)},
                                                             UseTransaction{}),
                                              {{0}}));
    expect_untouched(wallet);
}

TEST_F(Laws, ProgramAndLoadersAreNoTargets) {
    const WalletUnderTest wallet = owned_by(key(28));
    for (const Address& target :
         {chain().deployment().program, kUpgradeableLoader, kNativeLoaderProgram}) {
        Attempt attempt =
            wallet.attempt(wallet.execute({{somebody(), {}, {1}}}, UseTransaction{}), {{0}});
        for (AccountMeta& meta : attempt.wallet_instruction().accounts) {
            if (meta.address == somebody()) {
                meta.address = target;
            }
        }
        EXPECT_REFUSED(kTargetReserved, chain().send(attempt));
    }
}

TEST_F(Laws, TooManyCallsAreRefused) {
    const WalletUnderTest wallet = owned_by(key(29));
    std::vector<Instruction> calls(16, system::transfer(wallet.vault(), somebody(), 1000));
    EXPECT_ACCEPTED(wallet.send(wallet.execute(calls, UseTransaction{}), {{0}}));
    Attempt attempt = wallet.attempt(wallet.execute(calls, UseTransaction{}), {{0}});
    Bytes& data = attempt.data();
    const Bytes last(data.end() - 17, data.end());
    data.insert(data.end(), last.begin(), last.end());
    EXPECT_REFUSED(kTooManyCalls, chain().send(attempt));
}

// Law 4: limits.

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

// Law 10: nobody blocks a wallet.

TEST_F(Laws, DustDoesNotFreezeAWallet) {
    WalletUnderTest wallet = owned_by(TestSigner::passkey(40));
    chain().set_lamports(wallet.state(), 12'345'678);
    EXPECT_ACCEPTED(chain().send(transfer(wallet, chain().use_lane())));
    EXPECT_ACCEPTED(wallet.create_state());
    EXPECT_REFUSED(kStateExists, wallet.create_state());
    // An approval over the genesis still counts: the configuration is the same.
    EXPECT_ACCEPTED(chain().send(transfer(wallet, chain().use_lane())));
}

TEST_F(Laws, PrefundedLaneCanBeOpened) {
    const Address payer = chain().payer().address();
    const Address lane = lane_address(chain().deployment(), payer, 7).value().address;
    chain().set_lamports(lane, 1'000'000);
    EXPECT_ACCEPTED(chain().send(
        open_funded_lane(chain().deployment(), payer, 7, payer, payer, chain().rent(), 1'000'000)
            .value()));
}

// The top level: behind another program.

class Behind : public Laws {
  protected:
    void SetUp() override {
        Laws::SetUp();
        std::ifstream file(LATCHKEY_PROXY_ELF, std::ios::binary);
        const Bytes elf((std::istreambuf_iterator<char>(file)), {});
        ASSERT_FALSE(elf.empty());
        chain().svm().load_program(proxy().array(), elf);
    }
    static Address proxy() { return Scenario::address(2000); }
    /// The same instruction, called by another program.
    static void wrap(Instruction& instruction, std::uint8_t mode = 0, std::uint8_t bump = 0) {
        instruction.accounts.insert(instruction.accounts.begin(), readonly(instruction.program));
        instruction.program = proxy();
        instruction.data.insert(instruction.data.begin(), {mode, bump});
    }
};

TEST_F(Behind, TransactionSignaturesDoNotCount) {
    const WalletUnderTest wallet = owned_by(key(41));
    Attempt attempt = transfer(wallet, UseTransaction{});
    const Attempt good = attempt;
    wrap(attempt.wallet_instruction());
    EXPECT_REFUSED(kNotTopLevel, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Behind, PrecompilesDoNotCount) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(42));
    Attempt attempt = transfer(wallet, chain().use_lane());
    const Attempt good = attempt;
    wrap(attempt.wallet_instruction());
    EXPECT_REFUSED(kPrecompileMissing, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Behind, RecoveredSignaturesDoNotCount) {
    const WalletUnderTest wallet = owned_by(TestSigner::eip712(43));
    Attempt attempt = transfer(wallet, chain().use_lane());
    const Attempt good = attempt;
    wrap(attempt.wallet_instruction());
    EXPECT_REFUSED(kNotTopLevel, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

}  // namespace
}  // namespace latchkey::solana::testing
