// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "chains/solana/client/client_testing.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/tokens.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_lane.hpp"
#include "chains/solana/client/wallet_message.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/wallet/describe.hpp"

namespace latchkey::solana {
namespace {

using core::ErrorCode;
using core::Hash32;
using testing::address_of;
using testing::kDeployment;
using testing::kOwner;
using testing::rule_for;
using testing::TestSigner;

core::Rule limited_rule(std::uint16_t mask) {
    core::Rule rule = rule_for(core::kActionExecute, mask);
    rule.scope = {{to_hash(kSystemProgram), {}}};
    rule.limits = {{Hash32{}, 5, 10, 0}};
    return rule;
}

core::Configuration configuration_of(const std::vector<TestSigner>& signers,
                                     std::vector<core::Rule> rules) {
    core::Configuration out;
    for (const TestSigner& signer : signers) {
        out.signers.push_back(signer.entry());
    }
    out.rules = std::move(rules);
    return out;
}

StateAccount state_of(const WalletHandle& wallet) {
    StateAccount state;
    state.config_id = Hash32(wallet.id().array());
    state.shared = core::to_bytes(wallet.genesis_shared());
    state.counters.resize(count_limits(state.shared).value());
    return state;
}

TEST(Wallet, addresses_follow_from_the_genesis) {
    const WalletHandle wallet =
        WalletHandle::create(configuration_of({TestSigner::passkey(1)}, {rule_for(kOwner, 1)}),
                             kDeployment)
            .value();
    // The genesis in chunks of 32 bytes are the seeds of the state address, without a bump.
    std::vector<ByteView> seeds;
    const ByteView genesis = wallet.genesis();
    for (std::size_t at = 0; at < genesis.size(); at += 32) {
        seeds.push_back(genesis.subspan(at, std::min<std::size_t>(32, genesis.size() - at)));
    }
    EXPECT_EQ(create_program_address(seeds, kDeployment.program).value(), wallet.state());
    const std::vector<ByteView> vault_seeds = {core::as_bytes("vault"), wallet.id().view()};
    EXPECT_EQ(create_program_address(vault_seeds, kDeployment.program).value(), wallet.vault());
    EXPECT_EQ(WalletHandle::from_genesis(genesis, kDeployment)->vault(), wallet.vault());
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 WalletHandle::from_genesis(genesis.first(genesis.size() - 1), kDeployment));
    // Another salt: one of the four addresses of two tries is on the curve sooner or later.
    Bytes other = core::to_bytes(genesis);
    bool is_refused = false;
    for (int salt = 0; salt < 256 && !is_refused; ++salt) {
        other.back() = static_cast<std::uint8_t>(salt);
        const auto tried = WalletHandle::from_genesis(other, kDeployment);
        is_refused = !tried && tried.error().code == ErrorCode::kIdentityOnCurve;
    }
    EXPECT_TRUE(is_refused);
}

TEST(Wallet, a_snapshot_resolves_shared_and_local_rules) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::ed25519(2)};
    const WalletHandle wallet =
        WalletHandle::create(configuration_of(signers, {rule_for(kOwner, 3, 2)}), kDeployment)
            .value();
    const core::LocalRule local = {{TestSigner::p256(9).entry()}, limited_rule(1)};
    const Bytes local_bytes = core::encode(local).value();
    StateAccount state = state_of(wallet);
    const auto empty = WalletSnapshot::from_state(wallet, encode_state(state).value()).value();
    const core::LocalRuleId id = empty.next_local_rule_id(local_bytes);
    state.local_version = 1;
    state.slots = {std::nullopt, LocalSlot{.granting_rule = 0,
                                           .version = 1,
                                           .local_rule_id = Hash32(id.array()),
                                           .counters = {{0, 3}},
                                           .local_rule = local_bytes}};
    const auto snapshot = WalletSnapshot::from_state(wallet, encode_state(state).value());
    ASSERT_OK(snapshot);
    EXPECT_EQ(snapshot->find_local_rule(id).value(), (RuleReference{true, 1}));
    EXPECT_EQ(id, core::local_rule_id_of(wallet.id(), snapshot->config_id(), 1, local_bytes));
    const auto resolved = snapshot->rule({true, 1});
    ASSERT_OK(resolved);
    EXPECT_EQ(resolved->rule, local.rule);
    EXPECT_EQ(resolved->signers, local.signers);
    EXPECT_EQ(resolved->local_rule_id, id);
    EXPECT_EQ(snapshot->rule({})->signers, wallet.genesis_configuration().signers);
    for (const RuleReference& missing :
         {RuleReference{true, 0}, RuleReference{true, 2}, RuleReference{false, 1}}) {
        EXPECT_ERROR(ErrorCode::kRefusedByModel, snapshot->rule(missing));
    }
    EXPECT_ERROR(ErrorCode::kRefusedByModel, WalletSnapshot::in_genesis(wallet).rule({true, 0}));
    EXPECT_ERROR(ErrorCode::kRefusedByModel, snapshot->find_local_rule({}));
    // The transaction nonce of a session is bound to it.
    const auto plan = plan_action(*snapshot, {ExecuteAction{.rule = {true, 1}}, {}, {}});
    ASSERT_OK(plan);
    EXPECT_EQ(std::get<TransactionNonce>(plan->signed_part.nonce).binding,
              make_binding(Hash32(snapshot->config_id().array()), Hash32(id.array())));
}

TEST(Wallet, the_first_configuration_is_the_genesis) {
    const WalletHandle wallet =
        WalletHandle::create(configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1)}),
                             kDeployment)
            .value();
    StateAccount state = state_of(wallet);
    ASSERT_OK(WalletSnapshot::from_state(wallet, encode_state(state).value()));
    state.config_id[0] ^= 1;
    EXPECT_ERROR(ErrorCode::kRpcMalformed,
                 WalletSnapshot::from_state(wallet, encode_state(state).value()));
    state = state_of(wallet);
    state.shared =
        core::encode(configuration_of({TestSigner::p256(2)}, {rule_for(kOwner, 1)})).value();
    EXPECT_ERROR(ErrorCode::kRpcMalformed,
                 WalletSnapshot::from_state(wallet, encode_state(state).value()));
    state.sequence = 1;
    EXPECT_OK(WalletSnapshot::from_state(wallet, encode_state(state).value()));
}

// The chain does not ask whether a P-256 key is a point (decision 0011).
TEST(Wallet, keys_that_are_none_do_not_hide_a_wallet) {
    const WalletHandle wallet =
        WalletHandle::create(configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1)}),
                             kDeployment)
            .value();
    core::Signer none = TestSigner::p256(9).entry();
    none.key = Bytes(33, 0);
    none.key[0] = 2;
    none.key[32] = 7;
    const Bytes local = core::encode_unchecked(core::LocalRule{{none}, limited_rule(1)});
    ASSERT_FALSE(core::decode_local_rule(local));
    StateAccount state = state_of(wallet);
    state.local_version = 1;
    state.slots = {LocalSlot{.granting_rule = 0,
                             .version = 1,
                             .local_rule_id = Hash32(),
                             .counters = {{0, 0}},
                             .local_rule = local}};
    state.sequence = 1;
    state.shared =
        core::encode_unchecked(configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1)}));
    const auto snapshot = WalletSnapshot::from_state(wallet, encode_state(state).value());
    ASSERT_OK(snapshot);
    const auto rule = snapshot->rule({true, 0});
    ASSERT_OK(rule);
    EXPECT_NE(core::describe(rule->signers[0]).find("can approve nothing"), std::string::npos);
    EXPECT_EQ(core::describe(TestSigner::p256(9).entry()).find("can approve nothing"),
              std::string::npos);
    core::Configuration spoilt =
        configuration_of({TestSigner::p256(1), TestSigner::ed25519(2)}, {rule_for(kOwner, 1)});
    spoilt.signers.push_back(none);
    spoilt.rules[0].mask |= 4;
    state.shared = core::encode_unchecked(spoilt);
    EXPECT_OK(WalletSnapshot::from_state(wallet, encode_state(state).value()));
}

TEST(Wallet, a_snapshot_refuses_states_with_invalid_configurations) {
    const WalletHandle wallet =
        WalletHandle::create(configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1)}),
                             kDeployment)
            .value();
    StateAccount state = state_of(wallet);
    // An unknown action in the only rule: still measurable, no longer valid.
    state.shared[state.shared.size() - 2] = 0x40;
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 WalletSnapshot::from_state(wallet, encode_state(state).value()));
}

Bytes rent_sysvar(std::uint64_t rate, double years) {
    core::ByteWriter writer;
    writer.write_u64_le(rate).write_u64_le(std::bit_cast<std::uint64_t>(years)).write_u8(50);
    return writer.take();
}

TEST(WalletRent, follows_the_sysvar) {
    // The rates of 2024 (3,480 for two years) and of autumn 2026 (SIMD-0437: 5,080 for one).
    EXPECT_EQ(decode_rent(rent_sysvar(3480, 2.0))->minimum_balance(0).value(), 890'880U);
    EXPECT_EQ(decode_rent(rent_sysvar(5080, 1.0))->minimum_balance(584).value(), 712U * 5080);
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_rent(rent_sysvar(3480, 3.0)));
    EXPECT_ERROR(ErrorCode::kInvalidLength, decode_rent(Bytes(16)));
    EXPECT_ERROR(ErrorCode::kOverflow, decode_rent(rent_sysvar(~0ULL, 2.0)));
    EXPECT_ERROR(ErrorCode::kOverflow, Rent{~0ULL}.minimum_balance(1));
    EXPECT_EQ(missing_rent(Rent{10}, 72, 1500).value(), 500U);
    EXPECT_EQ(missing_rent(Rent{10}, 72, 2001).value(), 0U);
}

TEST(WalletRent, state_sizes_before_changes) {
    const WalletHandle wallet =
        WalletHandle::create(
            configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1), limited_rule(1)}),
            kDeployment)
            .value();
    const std::size_t size = 80 + wallet.genesis_shared().size() + 16;
    EXPECT_EQ(state_size(wallet).value(), size);
    const Bytes local =
        core::encode(core::LocalRule{{TestSigner::p256(9).entry()}, limited_rule(1)}).value();
    const std::size_t slot = 40 + 16 + local.size();
    StateAccount state = state_of(wallet);
    const auto snapshot = [&] {
        return WalletSnapshot::from_state(wallet, encode_state(state).value()).value();
    };
    EXPECT_EQ(state_size_after_grant(snapshot(), local).value(), size + slot);
    // An empty slot is used again, and spare bytes are free.
    state.slots = {std::nullopt};
    EXPECT_EQ(state_size_after_grant(snapshot(), local).value(), size + slot);
    state.spare_bytes = slot + 5;
    EXPECT_EQ(state_size_after_grant(snapshot(), local).value(), size + 8 + slot + 5);
    const Bytes longer =
        core::encode(configuration_of({TestSigner::p256(1), TestSigner::p256(2)},
                                      {rule_for(kOwner, 3), limited_rule(1), limited_rule(2)}))
            .value();
    state.spare_bytes = 0;
    EXPECT_EQ(state_size_after_policy(snapshot(), longer).value(), 80 + longer.size() + 32 + 8);
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 state_size_after_grant(WalletSnapshot::in_genesis(wallet), local));
}

TEST(WalletInstructions, create_state_and_lanes) {
    const WalletHandle wallet =
        WalletHandle::create(configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1)}),
                             kDeployment)
            .value();
    const Address payer = address_of(1);
    const auto created = create_funded_state(wallet, payer, Rent{10});
    ASSERT_OK(created);
    ASSERT_EQ(created->size(), 2U);
    EXPECT_EQ(created->at(0), system::transfer(payer, wallet.state(),
                                               10 * (128 + 80 + wallet.genesis_shared().size())));
    EXPECT_EQ(created->at(1).accounts,
              (std::vector<AccountMeta>{writable(wallet.state()), readonly(kSystemProgram)}));
    EXPECT_EQ(created->at(1).data, core::concat(Bytes{0x16}, wallet.genesis()));
    EXPECT_EQ(create_funded_state(wallet, payer, Rent{10}, 1'000'000)->size(), 1U);

    const Address owner = address_of(2);
    const Address fees = address_of(3);
    const ProgramAddress lane = lane_address(kDeployment, owner, 9).value();
    const Bytes index = {9};
    const Bytes bump = {lane.bump};
    const std::vector<ByteView> seeds = {core::as_bytes("lane"), owner.view(), index, bump};
    EXPECT_EQ(create_program_address(seeds, kDeployment.program).value(), lane.address);
    const auto opened = open_funded_lane(kDeployment, owner, 9, fees, payer, Rent{10}, 20);
    ASSERT_OK(opened);
    EXPECT_EQ(opened->at(0), system::transfer(payer, lane.address, 10 * (128 + 584) - 20));
    EXPECT_EQ(opened->at(1).data, (Bytes{7, 9, lane.bump}));
    EXPECT_EQ(opened->at(1).accounts,
              (std::vector<AccountMeta>{writable(lane.address), readonly_signer(owner),
                                        readonly(fees), readonly(kSystemProgram)}));
    EXPECT_EQ(
        close_lane(kDeployment, lane.address, owner, fees)->accounts,
        (std::vector<AccountMeta>{writable(lane.address), readonly_signer(owner), writable(fees)}));
    EXPECT_EQ(set_lane_operator(kDeployment, lane.address, owner, fees)->data, (Bytes{9}));
}

constexpr std::uint64_t kNow = 1'800'000'000;
constexpr std::uint32_t kWindow = kNow / 256;

LaneAccount lane_from(std::uint32_t base) {
    LaneAccount lane;
    lane.base_window = base;
    lane.operator_address = address_of(5);
    return lane;
}

TEST(LaneAllocator, deadlines_are_rounded_up_to_sixteenths) {
    LaneAllocator lane(address_of(4), lane_from(kWindow));
    // kNow is the first second of its window.
    const UseLane first = lane.take(kNow, kNow).value();
    EXPECT_EQ(first, (UseLane{address_of(4), address_of(5), kWindow, 0, 0}));
    EXPECT_EQ(lane.take(kNow, kNow + 16)->sixteenth, 1);
    EXPECT_EQ(lane.take(kNow, kNow + 255)->sixteenth, 15);
    const UseLane next = lane.take(kNow, kNow + 256).value();
    EXPECT_EQ(next.window, kWindow + 1);
    EXPECT_EQ(next.sixteenth, 0);
    EXPECT_EQ(LaneAllocator::latest_deadline(kNow), kNow + 511);
    EXPECT_EQ(lane.take(kNow, kNow + 511)->sixteenth, 15);
    EXPECT_ERROR(ErrorCode::kLaneDeadline, lane.take(kNow, kNow + 512));
    EXPECT_ERROR(ErrorCode::kLaneDeadline, lane.take(kNow, kNow - 1));
}

TEST(LaneAllocator, gives_every_free_bit_once) {
    LaneAccount account = lane_from(kWindow);
    account.maps[0].fill(0xff);
    account.maps[0][255] = 0x7e;
    LaneAllocator lane(address_of(4), account, 2040);
    EXPECT_EQ(lane.take(kNow, kNow)->bit, 2040);
    EXPECT_EQ(lane.take(kNow, kNow)->bit, 2047);
    EXPECT_ERROR(ErrorCode::kLaneFull, lane.take(kNow, kNow));
    // The next window is empty, and the chain has not seen what was given away.
    EXPECT_EQ(lane.take(kNow, kNow + 256)->bit, 0);
    lane.refresh(account);
    EXPECT_ERROR(ErrorCode::kLaneFull, lane.take(kNow, kNow));
    EXPECT_EQ(lane.take(kNow, kNow + 256)->bit, 1);
}

TEST(LaneAllocator, a_new_lane_has_to_wait) {
    LaneAllocator lane(address_of(4), lane_from(kWindow + 2));
    EXPECT_EQ(lane.usable_from(), kNow + 256);
    const auto early = lane.take(kNow, kNow);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, ErrorCode::kLaneNotUsableYet);
    EXPECT_THAT(early.error().context, ::testing::HasSubstr("in 256 seconds"));
    // Its first window is the one after the present one.
    const UseLane first = lane.take(kNow + 256, kNow + 260).value();
    EXPECT_EQ(first.window, kWindow + 2);
    EXPECT_EQ(first.sixteenth, 0);
}

TEST(Tokens, transfers_move_between_associated_accounts) {
    const WalletHandle wallet =
        WalletHandle::create(configuration_of({TestSigner::p256(1)}, {rule_for(kOwner, 1)}),
                             kDeployment)
            .value();
    const TokenMint mint = {address_of(20), kToken2022Program, 6};
    const Address somebody = address_of(21);
    TokenTransfer transfer = {mint, somebody, 1234, RecipientAccount::kExists, {}};
    const auto simple = token_transfer_calls(wallet, transfer);
    ASSERT_EQ(simple.size(), 1U);
    EXPECT_EQ(simple[0],
              token::transfer_checked(
                  kToken2022Program,
                  associated_token_address(wallet.vault(), mint.mint, kToken2022Program), mint.mint,
                  associated_token_address(somebody, mint.mint, kToken2022Program), wallet.vault(),
                  1234, 6));
    transfer.recipient_account = RecipientAccount::kPaidByVault;
    transfer.hook_accounts = {readonly(address_of(22))};
    const auto funded = token_transfer_calls(wallet, transfer);
    ASSERT_EQ(funded.size(), 2U);
    EXPECT_EQ(funded[0], associated_token::create_idempotent(wallet.vault(), somebody, mint.mint,
                                                             kToken2022Program));
    EXPECT_EQ(funded[1].accounts.back(), readonly(address_of(22)));
    EXPECT_EQ(create_vault_token_account(wallet, somebody, mint).accounts[1].address,
              vault_token_account(wallet, mint));
}

TEST(WalletMessage, every_kind_of_signer_can_vouch) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::p256(2),
                                             TestSigner::eip712(3), TestSigner::eip191(4),
                                             TestSigner::ed25519(5)};
    const WalletHandle wallet =
        WalletHandle::create(configuration_of(signers, {rule_for(kOwner, 0x1f, 2)}), kDeployment)
            .value();
    const auto snapshot = WalletSnapshot::in_genesis(wallet);
    const Hash32 message = core::crypto::keccak256(core::as_bytes("hello"));
    MessageApproval approval;
    approval.uses_genesis = true;
    approval.deadline = kNow;
    const auto hash = core::approval_hash_of(plan_message(snapshot, message, approval)->leaf);
    for (std::uint8_t i = 0; i < 5; ++i) {
        for (std::uint8_t j = 0; j < i; ++j) {
            approval.approvals = {{j, signers[j].approve(hash)}, {i, signers[i].approve(hash)}};
            EXPECT_OK(verify_message(snapshot, message, approval, kNow)) << int{i} << int{j};
        }
    }
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, approval, kNow + 1));
    const Hash32 other = core::crypto::keccak256(core::as_bytes("hallo"));
    EXPECT_FALSE(verify_message(snapshot, other, approval, kNow));
    MessageApproval changed = approval;
    changed.deadline = kNow + 1;
    EXPECT_FALSE(verify_message(snapshot, message, changed, kNow));
    changed = approval;
    changed.approvals.pop_back();
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, changed, kNow));
    changed = approval;
    std::swap(changed.approvals[0], changed.approvals[1]);
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, changed, kNow));
    changed = approval;
    changed.approvals[1].signer = 9;
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, changed, kNow));
    changed = approval;
    changed.rule.index = 1;
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, changed, kNow));
    changed = approval;
    changed.uses_genesis = false;
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, changed, kNow));
    // A wallet with the same keys and another salt does not say it.
    core::Configuration twin = wallet.genesis_configuration();
    twin.lockdown = true;
    const auto elsewhere =
        WalletSnapshot::in_genesis(WalletHandle::create(twin, kDeployment).value());
    EXPECT_FALSE(verify_message(elsewhere, message, approval, kNow));
}

TEST(WalletMessage, one_digest_for_several_messages) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet =
        WalletHandle::create(configuration_of(signers, {rule_for(kOwner, 1)}), kDeployment).value();
    const auto snapshot =
        WalletSnapshot::from_state(wallet, encode_state(state_of(wallet)).value()).value();
    const Hash32 message = core::crypto::keccak256(core::as_bytes("hello"));
    MessageApproval approval;
    const core::Leaf leaf = plan_message(snapshot, message, approval)->leaf;
    const auto bundle =
        ApprovalBundle::from(std::vector<core::Leaf>{core::empty_leaf(), leaf}).value();
    approval.approvals = {{0, signers[0].approve(bundle.hash())}};
    EXPECT_FALSE(verify_message(snapshot, message, approval, kNow));
    approval.tree = bundle.proof(1).value();
    EXPECT_OK(verify_message(snapshot, message, approval, kNow));
    approval.tree->leaf_index = 0;
    EXPECT_FALSE(verify_message(snapshot, message, approval, kNow));
    approval.tree->leaf_index = 2;
    EXPECT_ERROR(ErrorCode::kRefusedByModel, verify_message(snapshot, message, approval, kNow));
}

}  // namespace
}  // namespace latchkey::solana
