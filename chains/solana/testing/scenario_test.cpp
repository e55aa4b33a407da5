// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/tokens.hpp"
#include "chains/solana/client/wallet_message.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana::testing {
namespace {

using core::kActionExecute;
using core::kActionGrant;
using core::kActionMessage;
using core::kActionPolicy;

constexpr std::uint64_t kOwner = kActionExecute | kActionGrant | kActionPolicy | kActionMessage;
constexpr std::uint64_t kSol = 1'000'000'000;

/// One VM for all tests; each begins where the scenario was made.
class ScenarioTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { shared() = std::make_unique<Scenario>(); }
    static void TearDownTestSuite() { shared().reset(); }
    void SetUp() override { scenario().reset(); }

    static Scenario& scenario() { return *shared(); }
    static Address somebody() { return Scenario::address(7); }

  private:
    static std::unique_ptr<Scenario>& shared() {
        static std::unique_ptr<Scenario> instance;
        return instance;
    }
};

TEST_F(ScenarioTest, every_kind_of_signer_transfers_in_genesis_mode) {
    const std::vector<TestSigner> signers = {
        TestSigner::ed25519(1), TestSigner::p256(2),   TestSigner::passkey(3),
        TestSigner::eip712(4),  TestSigner::eip191(5),
    };
    WalletUnderTest wallet(scenario(), signers, {plain_rule(kOwner, 0x1f)});
    wallet.fund(10 * kSol);
    std::uint64_t received = 0;
    const std::vector<Approver> ways = {
        {0, ApprovalMethod::kDefault}, {0, ApprovalMethod::kOffchainMessage},
        {1, ApprovalMethod::kDefault}, {2, ApprovalMethod::kDefault},
        {3, ApprovalMethod::kDefault}, {4, ApprovalMethod::kDefault}};
    for (const Approver& way : ways) {
        const Action action = wallet.transfer(somebody(), kSol, scenario().use_lane());
        EXPECT_ACCEPTED(wallet.send(action, {way}));
        received += kSol;
        EXPECT_EQ(scenario().lamports(somebody()), received);
    }
}

TEST_F(ScenarioTest, every_kind_of_signer_transfers_from_a_state) {
    const std::vector<TestSigner> signers = {
        TestSigner::ed25519(1), TestSigner::p256(2),   TestSigner::passkey(3, "a.example", true),
        TestSigner::eip712(4),  TestSigner::eip191(5),
    };
    WalletUnderTest wallet(scenario(), signers, {plain_rule(kOwner, 0x1f, 2)});
    wallet.fund(100 * kSol);
    ASSERT_TRUE(wallet.create_state().ok);
    std::uint64_t sequence = 0;
    for (std::uint8_t i = 0; i < signers.size(); ++i) {
        for (std::uint8_t j = 0; j < i; ++j) {
            const UseStateNonce nonce = {3, sequence++};
            EXPECT_ACCEPTED(wallet.send(wallet.transfer(somebody(), kSol, nonce), {{j}, {i}}))
                << int{i} << int{j};
        }
    }
    EXPECT_EQ(scenario().lamports(somebody()), sequence * kSol);
    EXPECT_EQ(wallet.now().state()->nonces[3], sequence);
}

TEST_F(ScenarioTest, one_digest_for_several_actions) {
    WalletUnderTest wallet(scenario(), {TestSigner::passkey(1)}, {plain_rule(kOwner, 1)});
    wallet.fund(10 * kSol);
    const Action first = wallet.transfer(somebody(), kSol, scenario().use_lane());
    const Action second = wallet.transfer(somebody(), 2 * kSol, scenario().use_lane());
    const std::vector<Approver> approvers = {{}};
    AttemptOptions options;
    options.other_leaves = {wallet.plan(second, approvers).leaf, core::empty_leaf()};
    EXPECT_ACCEPTED(wallet.send(first, approvers, options));
    options.other_leaves = {wallet.plan(first, approvers).leaf, core::empty_leaf()};
    options.leaf_index = 1;
    EXPECT_ACCEPTED(wallet.send(second, approvers, options));
    EXPECT_EQ(scenario().lamports(somebody()), 3 * kSol);
}

TEST_F(ScenarioTest, lookup_tables_and_version_1_change_nothing_that_is_signed) {
    WalletUnderTest wallet(scenario(), {TestSigner::passkey(1)}, {plain_rule(kOwner, 1)});
    wallet.fund(10 * kSol);
    const auto fresh = [&] {
        return wallet.attempt(wallet.transfer(somebody(), kSol, scenario().use_lane()), {{}});
    };
    Attempt legacy = fresh();
    EXPECT_EQ(scenario().transaction(legacy).size(), 625U);
    EXPECT_ACCEPTED(scenario().send(legacy));
    Attempt v0 = fresh();
    v0.version = MessageVersion::kV0;
    v0.lookup_tables = {scenario().put_lookup_table(9, {scenario().lane(), kSystemProgram})};
    scenario().advance(1);
    EXPECT_EQ(scenario().transaction(v0).size(), 599U);
    EXPECT_ACCEPTED(scenario().send(v0));
    Attempt v1 = fresh();
    v1.version = MessageVersion::kV1;
    v1.config.compute_unit_limit = 10'000;
    v1.config.loaded_accounts_bytes_limit = 1 << 20;
    EXPECT_ACCEPTED(scenario().send(v1));
    EXPECT_EQ(scenario().lamports(somebody()), 3 * kSol);
}

TEST_F(ScenarioTest, a_session_lives_from_grant_to_revocation) {
    const TestSigner session = TestSigner::ed25519(50);
    WalletUnderTest wallet(scenario(), {TestSigner::passkey(1)}, {plain_rule(kOwner, 1)});
    wallet.fund(10 * kSol);
    scenario().add_key(session);
    ASSERT_TRUE(wallet.create_state().ok);
    const core::LocalRule local = {{session.entry()},
                                   limited_rule(1, kSystemProgram, {}, kSol, 2 * kSol, 3600)};
    const Bytes local_bytes = core::encode(local).value();
    const core::LocalRuleId id = wallet.now().next_local_rule_id(local_bytes);
    const std::size_t size = state_size_after_grant(wallet.now(), local_bytes).value();
    wallet.fund_state(size);
    EXPECT_ACCEPTED(wallet.send({GrantAction{{}, local}, scenario().use_lane(), {}}, {{}}));
    EXPECT_EQ(scenario().account(wallet.state())->data.size(), size);
    const RuleReference rule = wallet.now().find_local_rule(id).value();
    EXPECT_EQ(rule, (RuleReference{true, 0}));

    EXPECT_ACCEPTED(wallet.send(wallet.transfer(somebody(), kSol, UseTransaction{}, rule), {{}}));
    EXPECT_EQ(wallet.now().state()->slots[0]->counters[0].spent, kSol);
    EXPECT_REFUSED(
        kLimitPerCall,
        wallet.send(wallet.transfer(somebody(), kSol + 1, UseTransaction{}, rule), {{}}));

    EXPECT_ACCEPTED(wallet.send({RevokeAction{{}, id}, scenario().use_lane(), {}}, {{}}));
    EXPECT_FALSE(wallet.now().state()->slots[0]);
    EXPECT_EQ(wallet.now().state()->local_version, 2U);
}

TEST_F(ScenarioTest, a_policy_change_is_what_the_client_foresaw) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::p256(2)};
    WalletUnderTest wallet(scenario(), signers, {plain_rule(kOwner, 1)});
    wallet.fund(10 * kSol);
    ASSERT_TRUE(wallet.create_state().ok);
    const TestSigner next_passkey = TestSigner::passkey(3);
    scenario().add_key(next_passkey);
    core::Configuration next = wallet.handle().genesis_configuration();
    next.signers.push_back(next_passkey.entry());
    next.rules = {plain_rule(kOwner, 0x06, 2), limited_rule(1, kSystemProgram, {}, 5, 50, 60)};
    const Bytes shared = core::encode(next).value();
    const core::ConfigId expected =
        core::next_config_id(wallet.handle().id(), wallet.now().config_id(), shared);
    const std::size_t size = state_size_after_policy(wallet.now(), shared).value();
    wallet.fund_state(size);
    EXPECT_ACCEPTED(wallet.send({PolicyAction{{}, next}, UseTransaction{}, {}}, {{}}));
    EXPECT_EQ(wallet.now().config_id(), expected);
    EXPECT_EQ(wallet.now().configuration(), next);
    EXPECT_EQ(scenario().account(wallet.state())->data.size(), size);
    const std::vector<Approver> both = {{1, ApprovalMethod::kDefault},
                                        {2, ApprovalMethod::kDefault}};
    EXPECT_ACCEPTED(wallet.send(wallet.transfer(somebody(), kSol, scenario().use_lane()), both));
}

TEST_F(ScenarioTest, messages_verify_on_chain_and_off_chain_alike) {
    WalletUnderTest wallet(scenario(), {TestSigner::passkey(1), TestSigner::eip191(2)},
                           {plain_rule(kOwner, 3, 2)});
    const core::Hash32 hash = core::crypto::keccak256(core::as_bytes("a message"));
    const Action action = {MessageAction{{}, hash}, UseTransaction{}, scenario().now() + 60};
    const std::vector<Approver> both = {{0, ApprovalMethod::kDefault},
                                        {1, ApprovalMethod::kDefault}};
    for (const bool has_state : {false, true}) {
        const ActionPlan plan = wallet.plan(action, both);
        MessageApproval approval;
        approval.deadline = action.deadline;
        approval.uses_genesis = !has_state;
        approval.approvals = wallet.collect(plan, core::approval_hash_of(plan.leaf));
        EXPECT_OK(verify_message(wallet.now(), hash, approval, scenario().now()));
        const SendResult result = wallet.send(action, both);
        EXPECT_ACCEPTED(result);
        ASSERT_TRUE(result.return_data);
        EXPECT_EQ(result.return_data->data, core::concat(wallet.handle().id(), hash));
        ASSERT_TRUE(wallet.create_state().ok || has_state);
    }
    scenario().advance(61);
    EXPECT_REFUSED(kDeadlinePassed, wallet.send(action, both));
}

TEST_F(ScenarioTest, tokens_reach_a_recipient_without_an_account) {
    WalletUnderTest wallet(scenario(), {TestSigner::passkey(1)}, {plain_rule(kOwner, 1)});
    wallet.fund(10 * kSol);
    const TokenMint mint = {Scenario::address(30), kTokenProgram, 6};
    scenario().put_mint(mint.mint, mint.decimals);
    const Address from = scenario().put_tokens(wallet.vault(), mint.mint, 100);
    EXPECT_EQ(from, vault_token_account(wallet.handle(), mint));
    TokenTransfer transfer = {mint, somebody(), 40, RecipientAccount::kPaidByVault, {}};
    for (int i = 0; i < 2; ++i) {
        const auto calls = token_transfer_calls(wallet.handle(), transfer);
        EXPECT_ACCEPTED(wallet.send(wallet.execute(calls, scenario().use_lane()), {{}}));
    }
    EXPECT_EQ(scenario().token_amount(from), 20U);
    EXPECT_EQ(
        scenario().token_amount(associated_token_address(somebody(), mint.mint, kTokenProgram)),
        80U);
    transfer.amount = 21;
    const auto calls = token_transfer_calls(wallet.handle(), transfer);
    EXPECT_FALSE(wallet.send(wallet.execute(calls, scenario().use_lane()), {{}}).ok);
}

TEST_F(ScenarioTest, lanes_open_wait_change_hands_and_close) {
    const Address owner = scenario().payer().address();
    const TestSigner fees = TestSigner::ed25519(60);
    scenario().add_key(fees);
    scenario().set_lamports(fees.address(), kSol);
    const Deployment& deployment = scenario().deployment();
    const Address lane = lane_address(deployment, owner, 200)->address;
    EXPECT_ACCEPTED(scenario().send(
        open_funded_lane(deployment, owner, 200, owner, owner, scenario().rent()).value()));
    EXPECT_EQ(scenario().lamports(lane), scenario().rent().minimum_balance(584).value());
    const auto account = [&] { return decode_lane(scenario().account(lane)->data).value(); };
    EXPECT_EQ(account().index, 200);
    LaneAllocator allocator(lane, account());
    EXPECT_EQ(allocator.take(scenario().now(), scenario().now() + 10).error().code,
              core::ErrorCode::kLaneNotUsableYet);
    scenario().advance(allocator.usable_from() - scenario().now());

    EXPECT_ACCEPTED(
        scenario().send({set_lane_operator(deployment, lane, owner, fees.address()).value()}));
    allocator.refresh(account());
    WalletUnderTest wallet(scenario(), {TestSigner::passkey(1)}, {plain_rule(kOwner, 1)});
    wallet.fund(10 * kSol);
    const UseLane use = allocator.take(scenario().now(), scenario().now() + 10).value();
    EXPECT_EQ(use.operator_address, fees.address());
    Attempt attempt = wallet.attempt(wallet.transfer(somebody(), kSol, use), {{}});
    attempt.fee_payer = fees.address();
    EXPECT_ACCEPTED(scenario().send(attempt));
    EXPECT_FALSE(account().is_free(use.window, use.bit, scenario().now()));

    const std::uint64_t before = scenario().lamports(somebody());
    EXPECT_ACCEPTED(scenario().send({close_lane(deployment, lane, owner, somebody()).value()}));
    EXPECT_EQ(scenario().lamports(somebody()),
              before + scenario().rent().minimum_balance(584).value());
}

/// Wallets and actions by chance. The generator's sequence is fixed by the standard, so every run
/// tries the same ones.
class Chance {
  public:
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
    bool coin() { return below(2) == 0; }

    /// One to five signers, some of them further keys of the party before.
    std::vector<TestSigner> signers() {
        std::vector<TestSigner> out;
        for (std::uint32_t i = 1 + below(5); i > 0; --i) {
            const TestSigner signer = next_signer();
            out.push_back(!out.empty() && below(4) == 0 ? signer.with_same_party() : signer);
        }
        return out;
    }

    /// All of them, in any of their ways.
    std::vector<Approver> approvers(const std::vector<TestSigner>& signers) {
        std::vector<Approver> out;
        for (std::uint8_t i = 0; i < signers.size(); ++i) {
            const core::SignerKind kind = signers[i].entry().kind;
            ApprovalMethod method = ApprovalMethod::kDefault;
            if (kind == core::kSignerEd25519 && coin()) {
                method = ApprovalMethod::kOffchainMessage;
            }
            out.push_back({i, method});
        }
        return out;
    }

    /// Up to two transfers of at least 1 SOL, perhaps a memo and caps.
    ExecuteAction calls(const Address& vault, const Address& to, std::uint64_t* lamports) {
        ExecuteAction out;
        for (std::uint32_t i = below(3); i > 0; --i) {
            const std::uint64_t amount = kSol + below(1000);
            out.calls.push_back(system::transfer(vault, to, amount));
            *lamports += amount;
        }
        if (coin()) {
            out.calls.push_back(memo(std::string(below(200), 'm')).value());
        }
        if (below(3) == 0) {
            out.caps = {{vault, 3 * kSol, 0}};
            out.no_new_authority = coin();
        }
        return out;
    }

  private:
    TestSigner next_signer() {
        const std::uint32_t seed = ++seed_;
        switch (below(5)) {
            case 0:
                return TestSigner::ed25519(seed);
            case 1:
                return TestSigner::p256(seed);
            case 2:
                return TestSigner::passkey(seed, coin() ? "a.example" : "b.example", coin());
            case 3:
                return TestSigner::eip712(seed);
            default:
                return TestSigner::eip191(seed);
        }
    }

    std::mt19937 random_{20270115};
    std::uint32_t seed_ = 5000;
};

std::uint8_t count_parties(const std::vector<TestSigner>& signers) {
    const auto parties = std::count_if(signers.begin(), signers.end(), [](const TestSigner& one) {
        return !one.entry().same_party;
    });
    return static_cast<std::uint8_t>(parties);
}

/// Whether anybody approves by more than signing the transaction.
bool signs_digest(const std::vector<TestSigner>& signers, const std::vector<Approver>& approvers) {
    return std::any_of(approvers.begin(), approvers.end(), [&](const Approver& approver) {
        return signers[approver.signer].entry().kind != core::kSignerEd25519 ||
               approver.method == ApprovalMethod::kOffchainMessage;
    });
}

/// Whatever client and signers agree on, the program accepts: in genesis mode or from a state, with
/// lanes, state nonces, trees, caps and calls.
TEST_F(ScenarioTest, random_plans_are_accepted) {
    constexpr int kWallets = 150;
    Chance chance;
    std::uint64_t received = 0;
    for (int round = 0; round < kWallets; ++round) {
        const std::vector<TestSigner> signers = chance.signers();
        const auto mask = static_cast<std::uint16_t>((1U << signers.size()) - 1);
        const auto threshold = static_cast<std::uint8_t>(1 + chance.below(count_parties(signers)));
        WalletUnderTest wallet(scenario(), signers, {plain_rule(kOwner, mask, threshold)},
                               chance.coin());
        wallet.fund(10 * kSol);
        const bool has_state = chance.coin();
        ASSERT_TRUE(!has_state || wallet.create_state().ok);

        const std::vector<Approver> approvers = chance.approvers(signers);
        NonceChoice nonce = scenario().use_lane(chance.below(300));
        AttemptOptions options;
        if (has_state && chance.coin()) {
            nonce = UseStateNonce{static_cast<std::uint8_t>(chance.below(4)), 0};
        } else {
            options.plan.uses_genesis = chance.coin();
        }
        if (signs_digest(signers, approvers) && chance.coin()) {
            options.other_leaves.resize(1 + chance.below(200), core::empty_leaf());
            options.leaf_index =
                chance.below(static_cast<std::uint32_t>(options.other_leaves.size()));
        }
        if (chance.coin()) {
            options.before = {system::transfer(scenario().payer().address(), somebody(), 1)};
            ++received;
        }
        const ExecuteAction body = chance.calls(wallet.vault(), somebody(), &received);
        Attempt attempt = wallet.attempt({body, nonce, {}}, approvers, options);
        // Five signatures and 200 bytes of memo do not fit a packet.
        attempt.version = MessageVersion::kV1;
        attempt.config.compute_unit_limit = 400'000;
        attempt.config.loaded_accounts_bytes_limit = 1 << 21;
        EXPECT_ACCEPTED(scenario().send(attempt)) << "round " << round;
        EXPECT_EQ(scenario().lamports(somebody()), received) << "round " << round;
    }
}

}  // namespace
}  // namespace latchkey::solana::testing
