// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chains/solana/client/client_testing.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana {
namespace {

using core::concat;
using core::ErrorCode;
using core::Hash32;
using core::kActionExecute;
using core::kActionGrant;
using core::kActionMessage;
using core::kActionPolicy;
using testing::address_of;
using testing::kDeployment;
using testing::kOwner;
using testing::rule_for;
using testing::TestSigner;

constexpr std::uint64_t kNow = 1'800'000'000;
constexpr std::uint64_t kWindow = kNow / 256;

const Address kLane = address_of(0xa1);
const Address kOperator = address_of(0xa2);
const Address kFriend = address_of(0xb1);

WalletHandle make_wallet(const std::vector<TestSigner>& signers, std::vector<core::Rule> rules) {
    core::Configuration configuration;
    for (const TestSigner& signer : signers) {
        configuration.signers.push_back(signer.entry());
    }
    configuration.rules = std::move(rules);
    configuration.recovery =
        core::RecoveryCommitment::from(core::crypto::keccak256(core::as_bytes("recovery")));
    configuration.recovery->guard_hours = 0;
    return WalletHandle::create(configuration, kDeployment).value();
}

/// The wallet right after its state was created.
WalletSnapshot with_state(const WalletHandle& wallet) {
    StateAccount state;
    state.config_id = Hash32(wallet.id().array());
    state.shared = core::to_bytes(wallet.genesis_shared());
    state.counters.resize(count_limits(state.shared).value());
    return WalletSnapshot::from_state(wallet, encode_state(state).value()).value();
}

UseLane lane_use() {
    return {.lane = kLane,
            .operator_address = kOperator,
            .window = kWindow,
            .bit = 77,
            .sixteenth = 15};
}

Action transfer_from(const WalletHandle& wallet, const NonceChoice& nonce) {
    ExecuteAction body;
    body.calls = {system::transfer(wallet.vault(), kFriend, 1'000'000'000)};
    return {body, nonce, std::nullopt};
}

std::vector<CollectedApproval> answers(const std::vector<TestSigner>& signers,
                                       const std::vector<std::uint8_t>& approving,
                                       const core::ApprovalHash& hash) {
    std::vector<CollectedApproval> out;
    for (const std::uint8_t one : approving) {
        out.push_back({one, signers[one].approve(hash)});
    }
    return out;
}

std::size_t size_of(const std::vector<Instruction>& instructions, const Address& payer,
                    MessageVersion version, const std::vector<AddressLookupTable>& tables) {
    MessageDraft draft;
    draft.version = version;
    draft.fee_payer = payer;
    draft.instructions = instructions;
    draft.lookup_tables = tables;
    return Transaction::from_draft(draft).value().size();
}

TEST(Plan, a_passkey_transfer_has_the_sizes_that_were_promised) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1, "example.com")};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    const auto plan =
        plan_action(WalletSnapshot::in_genesis(wallet), transfer_from(wallet, lane_use()));
    ASSERT_OK(plan);
    const auto assembled =
        assemble(*plan, answers(signers, {0}, core::approval_hash_of(plan->leaf)));
    ASSERT_OK(assembled);
    const auto instructions = assembled->instructions();
    ASSERT_OK(instructions);
    ASSERT_EQ(instructions->size(), 2U);
    EXPECT_EQ(instructions->at(0).program, kSecp256r1Program);
    // 2 + 14 of offsets, key, signature, authenticatorData and the hash of clientDataJSON.
    EXPECT_EQ(instructions->at(0).data.size(), 16U + 33 + 64 + 37 + 32);
    EXPECT_EQ(instructions->at(1).data.size(), 72U);
    // Counted by hand: signature list 65, header 3, eight addresses 257, blockhash 32, instruction
    // count 1, precompile 186, wallet 81.
    EXPECT_EQ(size_of(*instructions, kOperator, MessageVersion::kLegacy, {}), 625U);
    // Two addresses less, one version byte and 36 bytes of lookups more.
    const AddressLookupTable table = {address_of(0xc1), {kLane, kSystemProgram}};
    EXPECT_EQ(size_of(*instructions, kOperator, MessageVersion::kV0, {table}), 599U);
}

TEST(Plan, the_leaf_is_the_one_of_the_specification) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    const auto plan =
        plan_action(WalletSnapshot::in_genesis(wallet), transfer_from(wallet, lane_use()));
    ASSERT_OK(plan);
    // docs/spec/solana.md, section 5, written out: nonce kind 1, 20 signed bytes, 2 keys; the
    // accounts are state, vault, lane, operator, System program, friend.
    const Bytes shape = {1, 0, 20, 0, 2, 0, 0, 0};
    core::ByteWriter deadline;
    deadline.write_u64_le(kWindow * 256 + 255);
    const std::uint8_t parity = kWindow % 2 == 1 ? 0x08 : 0x00;
    const Bytes signed_part = concat(
        Bytes{0x00, 77, static_cast<std::uint8_t>(0xf0 | parity), 4, 2, 0xc1, 0x45, 12, 2, 0, 0, 0},
        Bytes{0x00, 0xca, 0x9a, 0x3b, 0, 0, 0, 0});
    const Bytes preimage =
        concat(core::as_bytes("Latchkey.execute"), kDeployment.cluster, shape, deadline.bytes(),
               wallet.id(), wallet.id(), kLane, signed_part, kSystemProgram, kFriend);
    EXPECT_EQ(Hash32(plan->leaf.array()), core::crypto::keccak256(preimage));
    ASSERT_EQ(plan->accounts.size(), 6U);
    EXPECT_EQ(plan->accounts[0], readonly(wallet.state()));
    EXPECT_EQ(plan->accounts[1], writable(wallet.vault()));
    EXPECT_EQ(plan->accounts[2], writable(kLane));
    EXPECT_EQ(plan->accounts[3], readonly_signer(kOperator));
    EXPECT_EQ(plan->accounts[4], readonly(kSystemProgram));
    EXPECT_EQ(plan->accounts[5], writable(kFriend));
}

TEST(Plan, accounts_stand_once_but_lane_and_operator_are_passed_again) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    ExecuteAction body;
    body.calls = {
        system::transfer(wallet.vault(), kFriend, 1),
        system::transfer(wallet.vault(), kOperator, 2),
        {kMemoProgram, {readonly(kLane), readonly(kFriend), readonly(wallet.state())}, {}},
        {kFriend, {}, {}}};
    const auto plan = plan_action(WalletSnapshot::in_genesis(wallet), {body, lane_use(), {}});
    ASSERT_OK(plan);
    const std::vector<AccountMeta> expected = {
        readonly(wallet.state()),   writable(wallet.vault()), writable(kLane),
        readonly_signer(kOperator), readonly(kSystemProgram), writable(kFriend),
        writable(kOperator),        readonly(kMemoProgram),   readonly(kLane)};
    EXPECT_EQ(plan->accounts, expected);
    const auto& calls = std::get<ExecuteBody>(plan->signed_part.body).calls;
    ASSERT_EQ(calls.size(), 4U);
    EXPECT_EQ(calls[2].metas[0].account_index, 8);
    EXPECT_EQ(calls[2].metas[1].account_index, 5);
    EXPECT_EQ(calls[2].metas[2].account_index, 0);
    EXPECT_FALSE(calls[2].metas[1].is_writable);
    EXPECT_EQ(calls[3].program_index, 5);
}

TEST(Plan, only_declared_signatures_are_passed_on) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    ExecuteAction body;
    body.calls = {system::create_account(wallet.vault(), kFriend, 1, 0, kSystemProgram)};
    const auto snapshot = WalletSnapshot::in_genesis(wallet);
    EXPECT_ERROR(ErrorCode::kRefusedByModel, plan_action(snapshot, {body, lane_use(), {}}));
    body.forwarded_signers = {kFriend};
    const auto plan = plan_action(snapshot, {body, lane_use(), {}});
    ASSERT_OK(plan);
    EXPECT_EQ(plan->accounts[5], writable_signer(kFriend));
    EXPECT_FALSE(plan->accounts[1].is_signer);
    EXPECT_TRUE(std::get<ExecuteBody>(plan->signed_part.body).calls[0].metas[0].is_signer);
}

/// The verdict that a refusal names.
std::string refusal(const Result<ActionPlan>& plan) {
    return plan ? "accepted" : plan.error().to_string();
}

TEST(Plan, refuses_what_the_program_would_refuse) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::ed25519(2),
                                             TestSigner::ed25519(3)};
    core::Rule limited = rule_for(kActionExecute, 2);
    limited.scope = {{to_hash(kSystemProgram), {}}};
    limited.limits = {{Hash32{}, 5, 10, 0}};
    const WalletHandle wallet =
        make_wallet(signers, {rule_for(kOwner, 1), limited, rule_for(kActionMessage, 3, 2)});
    const auto genesis = WalletSnapshot::in_genesis(wallet);
    const auto state = with_state(wallet);
    const auto with_rule = [&](std::uint8_t index, const NonceChoice& nonce) {
        Action action = transfer_from(wallet, nonce);
        std::get<ExecuteAction>(action.body).rule.index = index;
        return action;
    };
    using ::testing::HasSubstr;
    EXPECT_THAT(refusal(plan_action(genesis, with_rule(3, lane_use()))), HasSubstr("UnknownRule"));
    EXPECT_THAT(refusal(plan_action(genesis, with_rule(2, lane_use()))),
                HasSubstr("ActionNotAllowed"));
    EXPECT_THAT(refusal(plan_action(genesis, with_rule(1, lane_use()))), HasSubstr("StateNeeded"));
    EXPECT_THAT(refusal(plan_action(genesis, with_rule(0, UseStateNonce{}))),
                HasSubstr("StateNeeded"));
    const Action grant = {
        GrantAction{{}, {{signers[1].entry()}, rule_for(kActionExecute, 1)}}, lane_use(), {}};
    EXPECT_THAT(refusal(plan_action(genesis, grant)), HasSubstr("StateMissing"));
    EXPECT_THAT(refusal(plan_action(state, grant, {}, {.uses_genesis = true})),
                HasSubstr("StateNeeded"));
    const std::vector<Approver> outsider = {{1, ApprovalMethod::kDefault}};
    EXPECT_THAT(refusal(plan_action(genesis, with_rule(0, lane_use()), outsider)),
                HasSubstr("SignerNotInRule"));
    Action crowd = transfer_from(wallet, lane_use());
    std::get<ExecuteAction>(crowd.body).calls.resize(17);
    EXPECT_THAT(refusal(plan_action(genesis, crowd)), HasSubstr("TooManyCalls"));
    auto& calls = std::get<ExecuteAction>(crowd.body).calls;
    calls.resize(1);
    for (std::uint8_t i = 0; i < 62; ++i) {
        calls[0].accounts.push_back(readonly(address_of(i)));
    }
    EXPECT_THAT(refusal(plan_action(genesis, crowd)), HasSubstr("TooManyAccounts"));
    const std::vector<Approver> session = {{1, ApprovalMethod::kDefault}};
    Action pays = with_rule(1, UseTransaction{});
    std::get<ExecuteAction>(pays.body).calls = {
        system::transfer(wallet.vault(), signers[1].address(), 1)};
    EXPECT_THAT(refusal(plan_action(state, pays, session)), HasSubstr("SignerPaysFees"));
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 plan_action(state, {MessageAction{}, lane_use(), {}}));
}

TEST(Plan, the_state_is_writable_exactly_when_it_changes) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::ed25519(2)};
    core::Rule limited = rule_for(kActionExecute, 2);
    limited.scope = {{to_hash(kSystemProgram), {}}};
    limited.limits = {{Hash32{}, 5, 10, 0}};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1), limited});
    const auto state = with_state(wallet);
    const auto is_writable = [&](const Action& action) {
        return plan_action(state, action).value().accounts[0].is_writable;
    };
    EXPECT_FALSE(is_writable(transfer_from(wallet, lane_use())));
    EXPECT_TRUE(is_writable(transfer_from(wallet, UseStateNonce{1, 0})));
    Action session = transfer_from(wallet, UseTransaction{});
    std::get<ExecuteAction>(session.body).rule.index = 1;
    EXPECT_TRUE(is_writable(session));
    EXPECT_TRUE(is_writable(
        {GrantAction{{}, {{signers[1].entry()}, rule_for(kActionExecute, 1)}}, lane_use(), {}}));
    EXPECT_TRUE(is_writable({RevokeAction{}, lane_use(), {}}));
    EXPECT_TRUE(is_writable({PolicyAction{{}, wallet.genesis_configuration()}, {}, {}}));
    EXPECT_FALSE(is_writable({MessageAction{}, {}, {}}));
}

TEST(Plan, with_a_state_the_binding_replaces_the_genesis) {
    const std::vector<TestSigner> signers = {TestSigner::ed25519(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    const auto plan = plan_action(with_state(wallet), transfer_from(wallet, UseTransaction{}),
                                  std::vector<Approver>{{}});
    ASSERT_OK(plan);
    EXPECT_FALSE(plan->genesis);
    const auto& nonce = std::get<TransactionNonce>(plan->signed_part.nonce);
    ASSERT_TRUE(nonce.binding);
    EXPECT_TRUE(core::equal(*nonce.binding, ByteView(wallet.id().view()).first(16)));
    EXPECT_EQ(plan->accounts[2], readonly_signer(signers[0].address()));
    const auto assembled = assemble(*plan, {});
    ASSERT_OK(assembled);
    EXPECT_TRUE(assembled->precompiles.empty());
    EXPECT_EQ(assembled->approved.approvals, (std::vector<Approval>{{0, AccountEvidence{2}}}));
    // The same with the genesis although there is a state.
    const auto again = plan_action(with_state(wallet), transfer_from(wallet, UseTransaction{}),
                                   std::vector<Approver>{{}}, {.uses_genesis = true});
    ASSERT_OK(again);
    EXPECT_TRUE(again->genesis);
    EXPECT_FALSE(std::get<TransactionNonce>(again->signed_part.nonce).binding);
}

TEST(Plan, policy_has_a_leaf_for_every_chain) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::p256(2)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 3)});
    core::Configuration next = wallet.genesis_configuration();
    // The passkey's point stays, now as a plain key; two points are new.
    next.signers = {
        core::Signer::p256(
            core::crypto::P256PublicKey::from(ByteView(signers[0].entry().key).first(33)).value()),
        TestSigner::passkey(3).entry(), TestSigner::ed25519(4).entry(),
        TestSigner::p256(5).entry()};
    next.rules = {rule_for(kOwner, 0x0f)};
    const auto plan = plan_action(with_state(wallet), {PolicyAction{{}, next}, {}, {}});
    ASSERT_OK(plan);
    EXPECT_EQ(plan->leaf, core::leaf_of(core::ChangeLeaf{
                              .wallet_id = wallet.id(),
                              .parent = Hash32(core::first_config_id(wallet.id()).array()),
                              .action = core::ChangeAction::kPolicy,
                              .rule = 0,
                              .epoch = 0,
                              .content = core::encode(next).value()}));
}

/// Two passkeys, a raw key, both Ethereum envelopes and an ed25519 key, three of which are needed.
struct Council {
    std::vector<TestSigner> signers = {TestSigner::passkey(1), TestSigner::passkey(2),
                                       TestSigner::p256(3),    TestSigner::eip712(4),
                                       TestSigner::eip191(5),  TestSigner::ed25519(6)};
    WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 0x3f, 3)});

    ActionPlan plan(const std::vector<Approver>& approvers) const {
        return plan_action(WalletSnapshot::in_genesis(wallet), transfer_from(wallet, lane_use()),
                           approvers)
            .value();
    }
};

TEST(Plan, requests_say_what_each_kind_signs) {
    const Council council;
    const ActionPlan plan = council.plan({{5, ApprovalMethod::kOffchainMessage}});
    const core::ApprovalHash hash = core::approval_hash_of(plan.leaf);
    const auto requests = signer_requests(plan, hash);
    ASSERT_EQ(requests.size(), 6U);
    const std::vector<std::size_t> sizes = {48, 48, 32, 66, 60, 173};
    for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(requests[i].signer, i);
        EXPECT_EQ(requests[i].entry, council.signers[i].entry());
        EXPECT_EQ(requests[i].message.size(), sizes[i]) << i;
    }
    EXPECT_EQ(requests[2].message, core::to_bytes(core::digest_of(hash).view()));
    EXPECT_TRUE(
        signer_requests(council.plan({{5, ApprovalMethod::kDefault}}), hash)[5].message.empty());
}

/// r, s and recovery id, as the instruction carries them.
RecoverEvidence recover_evidence(const CollectedApproval& approval) {
    const auto& made = std::get<core::crypto::RecoverableSignature>(approval.evidence);
    RecoverEvidence out;
    std::copy(made.signature.begin(), made.signature.end(), out.signature.begin());
    out.signature[64] = made.recovery_id;
    return out;
}

TEST(Plan, precompiles_stand_in_order_and_same_sites_are_said_once) {
    const Council council;
    const ActionPlan plan = council.plan({{5, ApprovalMethod::kOffchainMessage}});
    const auto approvals =
        answers(council.signers, {0, 1, 2, 3, 4, 5}, core::approval_hash_of(plan.leaf));
    const auto assembled = assemble(plan, approvals);
    ASSERT_OK(assembled);
    ASSERT_EQ(assembled->precompiles.size(), 2U);
    EXPECT_EQ(assembled->precompiles[0].program, kEd25519Program);
    EXPECT_EQ(assembled->precompiles[1].program, kSecp256r1Program);
    EXPECT_EQ(assembled->precompiles[0].data[0], 1);
    EXPECT_EQ(assembled->precompiles[1].data[0], 3);
    // None of these approvals adds an account.
    EXPECT_EQ(plan.accounts, council.plan({}).accounts);
    const std::vector<Approval> expected = {{0, HostEvidence{"example.com"}},
                                            {1, SameClientDataEvidence{}},
                                            {2, SlotEvidence{}},
                                            {3, recover_evidence(approvals[3])},
                                            {4, recover_evidence(approvals[4])},
                                            {5, SlotEvidence{}}};
    EXPECT_EQ(assembled->approved.approvals, expected);
    // All keys are left out of the genesis.
    for (const SignerEntry& signer : assembled->approved.genesis->signers) {
        EXPECT_TRUE(signer.key.empty());
    }
    const auto instructions = assembled->instructions();
    ASSERT_OK(instructions);
    EXPECT_OK(decode_instruction(instructions->back().data));
}

TEST(Plan, client_data_of_another_form_is_carried_whole) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    const auto plan =
        plan_action(WalletSnapshot::in_genesis(wallet), transfer_from(wallet, lane_use()));
    ASSERT_OK(plan);
    const std::string rest = R"(","origin":"http://localhost:8080","crossOrigin":false})";
    const auto hash = core::approval_hash_of(plan->leaf);
    const auto assembled = assemble(
        *plan, std::vector<CollectedApproval>{{0, signers[0].approve(hash, {.rest = rest})}});
    ASSERT_OK(assembled);
    EXPECT_EQ(assembled->approved.approvals,
              (std::vector<Approval>{{0, ClientDataEvidence{rest}}}));
}

TEST(Plan, secp256k1_signatures_travel_in_the_instruction) {
    const Council council;
    const ActionPlan plan = council.plan({});
    const auto approvals = answers(council.signers, {2, 3, 4}, core::approval_hash_of(plan.leaf));
    const auto assembled = assemble(plan, approvals);
    ASSERT_OK(assembled);
    EXPECT_EQ(assembled->precompiles.size(), 1U);
    EXPECT_EQ(assembled->approved.approvals,
              (std::vector<Approval>{{2, SlotEvidence{}},
                                     {3, recover_evidence(approvals[1])},
                                     {4, recover_evidence(approvals[2])}}));
}

TEST(Plan, refuses_answers_that_do_not_suffice) {
    const Council council;
    const ActionPlan plan = council.plan({});
    const auto hash = core::approval_hash_of(plan.leaf);
    using ::testing::HasSubstr;
    const auto error = [&](const std::vector<CollectedApproval>& approvals) {
        const auto assembled = assemble(plan, approvals);
        return assembled ? "accepted" : assembled.error().to_string();
    };
    EXPECT_EQ(error(answers(council.signers, {0, 2, 3}, hash)), "accepted");
    EXPECT_EQ(error(answers(council.signers, {3, 2, 0}, hash)), "accepted");
    EXPECT_THAT(error({}), HasSubstr("ThresholdNotMet"));
    EXPECT_THAT(error(answers(council.signers, {0, 2}, hash)), HasSubstr("ThresholdNotMet"));
    EXPECT_THAT(error(answers(council.signers, {0, 2, 2, 3}, hash)), HasSubstr("ApprovalOrder"));
    auto wrong = answers(council.signers, {0, 2, 3}, hash);
    wrong[0].signer = 1;
    EXPECT_THAT(error(wrong), HasSubstr("signer 1"));
    wrong = answers(council.signers, {0, 2, 3}, hash);
    wrong[0].signer = 6;
    EXPECT_THAT(error(wrong), HasSubstr("SignerNotInRule"));
    const auto other = core::approval_hash_of(core::empty_leaf());
    EXPECT_ERROR(ErrorCode::kChallengeMismatch,
                 assemble(plan, answers(council.signers, {0, 2, 3}, other)));
    // Without checks everything goes through, for tests of the program.
    EXPECT_OK(assemble(plan, answers(council.signers, {0}, other), {.verifies = false}));
}

TEST(Plan, a_digest_needs_a_nonce) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    const auto plan =
        plan_action(WalletSnapshot::in_genesis(wallet), transfer_from(wallet, UseTransaction{}));
    ASSERT_OK(plan);
    const auto approvals = answers(signers, {0}, core::approval_hash_of(plan->leaf));
    const auto assembled = assemble(*plan, approvals);
    ASSERT_FALSE(assembled);
    EXPECT_THAT(assembled.error().to_string(), ::testing::HasSubstr("NonceRequired"));
}

TEST(Plan, keys_of_one_party_count_once) {
    const std::vector<TestSigner> signers = {
        TestSigner::p256(1), TestSigner::p256(2).with_same_party(), TestSigner::p256(3)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 7, 2)});
    const ResolvedRule rule = WalletSnapshot::in_genesis(wallet).rule({}).value();
    EXPECT_ERROR(ErrorCode::kRefusedByModel, check_quorum(rule, std::vector<std::uint8_t>{0, 1}));
    EXPECT_OK(check_quorum(rule, std::vector<std::uint8_t>{0, 2}));
    EXPECT_OK(check_quorum(rule, std::vector<std::uint8_t>{1, 2}));
    EXPECT_OK(check_quorum(rule, std::vector<std::uint8_t>{0, 1, 2}));
}

TEST(Plan, several_actions_under_one_digest) {
    const std::vector<TestSigner> signers = {TestSigner::passkey(1)};
    const WalletHandle wallet = make_wallet(signers, {rule_for(kOwner, 1)});
    const auto snapshot = WalletSnapshot::in_genesis(wallet);
    std::vector<ActionPlan> plans;
    std::vector<core::Leaf> leaves;
    for (std::uint16_t bit = 0; bit < 3; ++bit) {
        UseLane lane = lane_use();
        lane.bit = bit;
        plans.push_back(plan_action(snapshot, transfer_from(wallet, lane)).value());
        leaves.push_back(plans.back().leaf);
    }
    const auto bundle = ApprovalBundle::from(leaves);
    ASSERT_OK(bundle);
    const auto approvals = answers(signers, {0}, bundle->hash());
    for (std::size_t i = 0; i < plans.size(); ++i) {
        AssembleOptions options;
        options.tree = bundle->proof(i).value();
        ASSERT_TRUE(options.tree);
        EXPECT_EQ(options.tree->siblings.size(), 2U);
        EXPECT_OK(assemble(plans[i], approvals, options));
        EXPECT_ERROR(ErrorCode::kChallengeMismatch,
                     assemble(plans[(i + 1) % 3], approvals, options));
    }
    // A key that signs the transaction approves no digest, so a tree would say nothing.
    const std::vector<TestSigner> keys = {TestSigner::ed25519(7)};
    const WalletHandle other = make_wallet(keys, {rule_for(kOwner, 1)});
    const auto plan = plan_action(WalletSnapshot::in_genesis(other),
                                  transfer_from(other, lane_use()), std::vector<Approver>{{}});
    ASSERT_OK(plan);
    EXPECT_OK(assemble(*plan, {}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 assemble(*plan, {}, {.tree = bundle->proof(0).value()}));
    const auto single = ApprovalBundle::from(std::vector<core::Leaf>{leaves[0]});
    ASSERT_OK(single);
    EXPECT_FALSE(single->proof(0).value());
    EXPECT_ERROR(ErrorCode::kOutOfRange, single->proof(1));
    EXPECT_ERROR(ErrorCode::kOutOfRange, ApprovalBundle::from({}));
}

}  // namespace
}  // namespace latchkey::solana
