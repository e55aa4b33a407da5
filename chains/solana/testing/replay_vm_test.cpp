// SPDX-License-Identifier: Apache-2.0
// Laws 2, 3 and 10 on the real VM: nothing executes twice, elsewhere, or under another
// configuration.
#include <algorithm>

#include "chains/solana/layout/instruction_layout.hpp"
#include "chains/solana/testing/laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

// Law 3: nothing executes twice.

TEST_F(Laws, LaneBitWorksOnce) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(8));
    const Attempt attempt = transfer(wallet, chain().use_lane(200));
    EXPECT_ACCEPTED(chain().send(attempt));
    EXPECT_REFUSED(kNonceUsed, chain().send(attempt));
    chain().advance(256);
    // The nonce's bits then mean another second.
    EXPECT_REFUSED(kDigestMismatch, chain().send(attempt));
    chain().advance(256);
    EXPECT_REFUSED(kDigestMismatch, chain().send(attempt));
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
    // When the new lane takes approvals, the old one's bits mean another second.
    chain().advance(512);
    EXPECT_REFUSED(kDigestMismatch, chain().send(attempt));
    EXPECT_EQ(chain().lamports(somebody()), 2 * kSol);
    EXPECT_ACCEPTED(chain().send(transfer(wallet, chain().use_lane())));
}

TEST_F(Laws, DeadlineOfTheLaneHolds) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(10));
    const Attempt attempt = transfer(wallet, chain().use_lane(20));
    chain().advance(60);
    EXPECT_REFUSED(kDeadlinePassed, chain().send(attempt));
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

// Other lanes, programs and clusters.

TEST_F(Laws, AnotherLaneIsAnotherNonce) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(50));
    const Address payer = chain().payer().address();
    const Address second = lane_address(chain().deployment(), payer, 8).value().address;
    EXPECT_ACCEPTED(chain().send(
        open_funded_lane(chain().deployment(), payer, 8, payer, payer, chain().rent()).value()));
    chain().advance(512);
    const Attempt good = transfer(wallet, chain().use_lane());
    Attempt moved = good;
    moved.wallet_instruction().accounts[2].address = second;
    EXPECT_REFUSED(kDigestMismatch, chain().send(moved));
    // A free bit, window or sixteenth of the same lane does not help either.
    const std::size_t nonce_at = good.instructions[1].data.size() - 2 -
                                 (4 + 1 + 12);  // The transfer's call is 17 bytes long.
    for (const unsigned bit : {0U, 8U, 12U}) {
        Attempt other = good;
        other.data()[nonce_at + bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_REFUSED(kDigestMismatch, chain().send(other));
    }
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, ALaneTakesNoWindowTooEarly) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(51));
    const Address payer = chain().payer().address();
    const Address fresh = lane_address(chain().deployment(), payer, 9).value().address;
    EXPECT_ACCEPTED(chain().send(
        open_funded_lane(chain().deployment(), payer, 9, payer, payer, chain().rent()).value()));
    const auto with_window = [&](std::uint64_t window) {
        const UseLane nonce = {fresh, payer, window, 3, 15};
        return chain().send(transfer(wallet, nonce));
    };
    const std::uint64_t current = chain().now() / 256;
    EXPECT_REFUSED(kLaneWindow, with_window(current));
    EXPECT_REFUSED(kLaneWindow, with_window(current + 1));
    chain().advance(256);
    EXPECT_REFUSED(kLaneWindow, with_window(current + 1));
    EXPECT_ACCEPTED(with_window(current + 2));
    EXPECT_REFUSED(kNonceUsed, with_window(current + 2));
    // The clock steps back behind what the lane has seen.
    chain().advance(600);
    EXPECT_ACCEPTED(with_window(chain().now() / 256));
    Clock clock = chain().svm().get_clock();
    clock.unix_timestamp -= 600;
    chain().svm().set_clock(clock);
    EXPECT_REFUSED(kLaneWindow, with_window(chain().now() / 256));
}

TEST_F(Laws, LanesBelongToTheirOwners) {
    const Address payer = chain().payer().address();
    const TestSigner thief = key(52);
    chain().set_lamports(thief.address(), 10 * kSol);
    const Deployment& deployment = chain().deployment();
    const auto close = [&](const Address& owner) {
        return chain().send(
            {close_lane(deployment, chain().lane(), owner, thief.address()).value()});
    };
    EXPECT_REFUSED(kLaneOwner, close(thief.address()));
    EXPECT_REFUSED(kLaneOwner, chain().send({set_lane_operator(deployment, chain().lane(),
                                                               thief.address(), thief.address())
                                                 .value()}));
    Instruction unsigned_close =
        close_lane(deployment, chain().lane(), payer, thief.address()).value();
    unsigned_close.accounts[1].is_signer = false;
    unsigned_close.accounts[1].is_writable = false;
    // The fee payer is a signer whatever the meta says, so somebody else pays.
    Attempt attempt;
    attempt.fee_payer = thief.address();
    attempt.instructions = {unsigned_close};
    EXPECT_REFUSED(kLaneOwner, chain().send(attempt));
    // Opened for somebody who did not sign; over one that is there; at an address that is not its.
    Instruction open = open_lane(deployment, payer, 10, thief.address()).value();
    open.accounts[1].is_signer = false;
    open.accounts[1].is_writable = false;
    chain().set_lamports(open.accounts[0].address, kSol);
    attempt.instructions = {open};
    EXPECT_REFUSED(kLaneOwner, chain().send(attempt));
    EXPECT_REFUSED(kStateExists, chain().send({open_lane(deployment, payer, 0, payer).value()}));
    // At an account that signs for itself, so that nothing proves the address.
    const TestSigner fresh = key(62);
    Instruction elsewhere = open_lane(deployment, payer, 12, payer).value();
    elsewhere.accounts[0] = writable_signer(fresh.address());
    chain().set_lamports(fresh.address(), kSol);
    EXPECT_REFUSED(kAccountType, chain().send({elsewhere}));
    // The state of a wallet, or an account of nobody, in the place of a lane; lamports that would
    // go to the lane itself; too few accounts.
    const WalletUnderTest stored = with_state(key(63));
    for (const Address& other : {stored.state(), somebody()}) {
        EXPECT_REFUSED(kAccountType,
                       chain().send({close_lane(deployment, other, payer, payer).value()}));
        EXPECT_REFUSED(kAccountType,
                       chain().send({set_lane_operator(deployment, other, payer, payer).value()}));
    }
    EXPECT_REFUSED(
        kAccountType,
        chain().send({close_lane(deployment, chain().lane(), payer, chain().lane()).value()}));
    Instruction less = close_lane(deployment, chain().lane(), payer, payer).value();
    less.accounts.pop_back();
    EXPECT_REFUSED(kAccountIndex, chain().send({less}));
    less = open_lane(deployment, payer, 13, payer).value();
    less.accounts.pop_back();
    EXPECT_REFUSED(kAccountIndex, chain().send({less}));
    Instruction shifted = open_lane(deployment, payer, 11, payer).value();
    shifted.accounts[0].address = open.accounts[0].address;
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", chain().send({shifted}));
    const WalletUnderTest wallet = owned_by(TestSigner::p256(53));
    const Attempt by_payer = transfer(wallet, chain().use_lane());
    // Another operator: the old one's signature is worth nothing from then on.
    EXPECT_ACCEPTED(chain().send(
        {set_lane_operator(deployment, chain().lane(), payer, thief.address()).value()}));
    EXPECT_REFUSED(kLaneOperator, chain().send(by_payer));
    EXPECT_ACCEPTED(close(payer));
}

TEST_F(Laws, AnotherProgramOrClusterIsAnotherWallet) {
    const WalletUnderTest wallet = with_state(TestSigner::p256(54));
    const Attempt good = transfer(wallet, chain().use_lane());
    AttemptOptions by_genesis;
    by_genesis.plan.uses_genesis = true;
    const Attempt in_genesis = transfer(wallet, chain().use_lane(), by_genesis);
    // The same program deployed twice.
    const Address second = Scenario::address(2100);
    Bytes elf = Scenario::program_elf();
    chain().svm().load_program(second.array(), elf);
    Attempt bad = good;
    bad.wallet_instruction().program = second;
    EXPECT_REFUSED(kStateMissing, chain().send(bad));
    bad = in_genesis;
    bad.wallet_instruction().program = second;
    EXPECT_REFUSED(kAccountType, chain().send(bad));
    // The same program built for another cluster, under the same address.
    const core::ByteView cluster = chain().deployment().cluster.view();
    const auto slot = std::search(elf.begin(), elf.end(), cluster.begin(), cluster.end());
    ASSERT_NE(slot, elf.end());
    *slot ^= 1;
    chain().svm().load_program(chain().deployment().program.array(), elf);
    EXPECT_REFUSED(kDigestMismatch, chain().send(good));
    EXPECT_REFUSED(kDigestMismatch, chain().send(in_genesis));
    chain().svm().load_program(chain().deployment().program.array(), Scenario::program_elf());
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
    EXPECT_ACCEPTED(chain().send(in_genesis));
}

// Deadlines beside the other nonces, and state nonces that are void.

TEST_F(Laws, DeadlinesOfEveryNonceHold) {
    const WalletUnderTest wallet = with_state(key(55));
    const auto with = [&](const NonceChoice& nonce, std::uint64_t deadline) {
        Action action = wallet.transfer(somebody(), kSol, nonce);
        action.deadline = deadline;
        return wallet.attempt(action, {{0}});
    };
    const std::uint64_t now = chain().now();
    EXPECT_REFUSED(kDeadlinePassed, chain().send(with(UseTransaction{}, now - 1)));
    EXPECT_REFUSED(kDeadlinePassed, chain().send(with(UseStateNonce{0, 0}, now - 1)));
    EXPECT_ACCEPTED(chain().send(with(UseTransaction{}, now)));
    const Attempt later = with(UseStateNonce{0, 0}, now + 5);
    EXPECT_ACCEPTED(chain().send(later));
    const Attempt expired = with(UseStateNonce{0, 1}, now + 5);
    chain().advance(6);
    EXPECT_REFUSED(kDeadlinePassed, chain().send(expired));
    EXPECT_EQ(wallet.now().state()->nonces[0], 1U);
}

TEST_F(Laws, SkippedStateNoncesAreVoid) {
    const WalletUnderTest wallet = with_state(TestSigner::p256(56));
    const Attempt waiting = transfer(wallet, UseStateNonce{1, 0});
    EXPECT_ACCEPTED(wallet.send(wallet.execute({}, UseStateNonce{1, 0}), {{0}}));
    EXPECT_REFUSED(kStateNonce, chain().send(waiting));
    // Another key with the same sequence is another nonce.
    Attempt shifted = waiting;
    const std::size_t key_at = waiting.instructions[1].data.size() - (4 + 1 + 12) - 9;
    ASSERT_EQ(shifted.data()[key_at], 1);
    shifted.data()[key_at] = 2;
    EXPECT_REFUSED(kDigestMismatch, chain().send(shifted));
    EXPECT_EQ(wallet.now().state()->nonces[2], 0U);
    expect_untouched(wallet);
    // The nonces of a read-only state cannot be used.
    Attempt readonly_state = transfer(wallet, UseStateNonce{1, 1});
    readonly_state.wallet_instruction().accounts[0].is_writable = false;
    EXPECT_RUNTIME_ERROR("ReadonlyDataModified", chain().send(readonly_state));
    EXPECT_ACCEPTED(chain().send(transfer(wallet, UseStateNonce{1, 1})));
}

// Configurations, messages and sessions once more.

TEST_F(Laws, AChangeIsForItsParentOnly) {
    const WalletUnderTest wallet = with_room(TestSigner::p256(57));
    core::Configuration first = wallet.now().configuration();
    first.rules.push_back(plain_rule(core::kActionMessage, 1));
    const Action to_first = {PolicyAction{{}, first}, UseTransaction{}, std::nullopt};
    const Action back = {PolicyAction{{}, wallet.now().configuration()}, UseTransaction{},
                         std::nullopt};
    const Attempt change = wallet.attempt(to_first, {{0}});
    EXPECT_ACCEPTED(chain().send(change));
    EXPECT_ACCEPTED(wallet.send(back, {{0}}));
    // The shared part is again what it was when the change was signed; its history is not.
    EXPECT_REFUSED(kConfigurationChanged, chain().send(change));
    Attempt rebound = change;
    const Binding now = make_binding(core::Hash32(wallet.now().config_id().array()), std::nullopt);
    const auto& shared = std::get<PolicyBody>(change.assembled.approved.signed_part.body).shared;
    std::copy(now.begin(), now.end(),
              rebound.data().end() -
                  static_cast<std::ptrdiff_t>(shared.size() + kEpochSize + now.size()));
    EXPECT_REFUSED(kDigestMismatch, chain().send(rebound));
    EXPECT_EQ(wallet.now().sequence(), 2U);
    EXPECT_ACCEPTED(wallet.send(to_first, {{0}}));
}

TEST_F(Laws, GenesisNeverReturns) {
    WalletUnderTest wallet = with_room(key(58));
    AttemptOptions by_genesis;
    by_genesis.plan.uses_genesis = true;
    const Attempt old = transfer(wallet, UseTransaction{}, by_genesis);
    core::Configuration next = wallet.now().configuration();
    next.rules.push_back(plain_rule(core::kActionMessage, 1));
    EXPECT_ACCEPTED(change(wallet, next));
    next.rules.pop_back();
    EXPECT_ACCEPTED(change(wallet, next));
    EXPECT_REFUSED(kGenesisSuperseded, chain().send(old));
    EXPECT_REFUSED(kStateExists, wallet.create_state());
    // Without its rent an account of the chain disappears; here the runtime keeps it.
    EXPECT_EQ(wallet.now().sequence(), 2U);
    EXPECT_ACCEPTED(chain().send(transfer(wallet, UseTransaction{})));
}

TEST_F(Laws, MessagesAreForOneWalletAndOneHash) {
    const TestSigner signer = TestSigner::passkey(59);
    const WalletUnderTest wallet = with_room(signer);
    WalletUnderTest other(chain(), {signer}, {plain_rule(kEverything, 1), plain_rule(1, 1)});
    other.fund(100 * kSol);
    EXPECT_ACCEPTED(other.create_state());
    core::Hash32 hash;
    std::fill(hash.begin(), hash.end(), std::uint8_t{7});
    const Attempt good =
        wallet.attempt({MessageAction{{}, hash}, UseTransaction{}, std::nullopt}, {{0}});
    Attempt bad = good;
    bad.data().back() ^= 1;
    EXPECT_REFUSED(kClientData, chain().send(bad));
    bad = good;
    bad.wallet_instruction().accounts[0].address = other.state();
    bad.wallet_instruction().accounts[1].address = other.vault();
    EXPECT_REFUSED(kConfigurationChanged, chain().send(bad));
    // What vouches for a message moves no money.
    bad = good;
    bad.data()[0] = static_cast<std::uint8_t>((bad.data()[0] & 0xf0) | kExecute);
    EXPECT_REFUSED(kNonceRequired, chain().send(bad));
    const SendResult result = chain().send(good);
    EXPECT_ACCEPTED(result);
    ASSERT_TRUE(result.return_data.has_value());
    const Address state = wallet.state();
    Bytes expected(state.view().begin(), state.view().end());
    core::append(expected, hash.view());
    EXPECT_EQ(result.return_data->data, expected);
    EXPECT_EQ(result.return_data->program, chain().deployment().program.array());
    core::Configuration next = wallet.now().configuration();
    next.rules.push_back(plain_rule(core::kActionExecute, 1));
    EXPECT_ACCEPTED(change(wallet, next));
    EXPECT_REFUSED(kConfigurationChanged, chain().send(good));
}

TEST_F(Laws, GrantsAndRevocationsAreUsedOnce) {
    const WalletUnderTest wallet = with_room(TestSigner::p256(60));
    const core::LocalRule local = {{TestSigner::ed25519(61).entry()},
                                   limited_rule(1, kSystemProgram, core::Hash32(), 1, 1, 0)};
    const Attempt grant =
        wallet.attempt({GrantAction{{}, local}, UseStateNonce{0, 0}, std::nullopt}, {{0}});
    EXPECT_ACCEPTED(chain().send(grant));
    EXPECT_REFUSED(kStateNonce, chain().send(grant));
    const core::LocalRuleId id = session_id(wallet, 0);
    const Attempt revoke =
        wallet.attempt({RevokeAction{{}, id}, chain().use_lane(), std::nullopt}, {{0}});
    EXPECT_ACCEPTED(chain().send(revoke));
    EXPECT_REFUSED(kNonceUsed, chain().send(revoke));
    EXPECT_REFUSED(kStateNonce, chain().send(grant));
    // One is not the other: revoke's approval under grant's number.
    Attempt as_grant =
        wallet.attempt({RevokeAction{{}, id}, chain().use_lane(), std::nullopt}, {{0}});
    as_grant.data()[0] = static_cast<std::uint8_t>((as_grant.data()[0] & 0xf0) | kGrant);
    EXPECT_REFUSED(kDigestMismatch, chain().send(as_grant));
    EXPECT_FALSE(wallet.now().state()->slots[0].has_value());
}

}  // namespace
}  // namespace latchkey::solana::testing
