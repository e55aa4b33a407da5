// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/waiting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/loader.hpp"
#include "chains/solana/client/waiting_testing.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_rent.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::solana {
namespace {

using core::concat;
using core::ErrorCode;
using core::Hash32;
using testing::address_of;
using testing::applied;
using testing::approved;
using testing::GuardedWallet;
using testing::kDay;
using testing::kEarliest;
using testing::key_of;
using testing::policy_to;
using testing::recover_to;
using testing::rule_for;

using Signers = std::vector<std::uint8_t>;

constexpr std::uint64_t kGuard = 13 * kDay;
constexpr std::uint8_t kRecoveryRecord = kRuleRecovery;

RuleRecord record_of(std::uint8_t rule, ActionNumber action, bool guarded = false) {
    RuleRecord out;
    out.rule = rule;
    out.action = static_cast<std::uint8_t>(action);
    out.guarded = guarded;
    out.epoch = 5;
    out.earliest = kEarliest;
    return out;
}

TEST(Parties, keys_of_one_count_once) {
    const GuardedWallet wallet;
    const ResolvedRule rule = wallet.snapshot().rule({}).value();
    EXPECT_EQ(count_parties(rule, Signers{}), 0U);
    EXPECT_EQ(count_parties(rule, Signers{0}), 1U);
    EXPECT_EQ(count_parties(rule, Signers{2}), 1U);
    EXPECT_EQ(count_parties(rule, Signers{1, 2}), 1U);
    EXPECT_EQ(count_parties(rule, Signers{2, 1}), 1U);
    EXPECT_EQ(count_parties(rule, Signers{0, 2}), 2U);
    EXPECT_EQ(count_parties(rule, Signers{2, 0, 1}), 2U);
}

TEST(WaitSeconds, are_those_of_the_specification) {
    const GuardedWallet wallet;
    const core::Configuration& configuration = wallet.configuration();
    const auto wait = [&](std::size_t rule, ActionNumber action, std::size_t parties) {
        return wait_seconds(configuration, configuration.rules[rule], action, parties);
    };
    EXPECT_EQ(wait(0, kPolicy, 2), 0U);
    EXPECT_EQ(wait(0, kPolicy, 1), kGuard);
    // The longer one of delay and guard.
    EXPECT_EQ(wait(3, kPolicy, 2), 11 * kDay);
    EXPECT_EQ(wait(3, kPolicy, 1), kGuard);
    // The guard is for changes only.
    EXPECT_EQ(wait(0, kExecute, 1), 0U);
    EXPECT_EQ(wait(2, kExecute, 1), kDay);
    EXPECT_EQ(wait(2, kExecute, 2), kDay);
    core::Rule waiting = rule_for(0xff, 1);
    waiting.wait = core::Wait{7, core::Tie::kOwner};
    for (const ActionNumber action : {kExecute, kGrant, kRecover, kUpgrade}) {
        EXPECT_EQ(wait_seconds(configuration, waiting, action, 1), 7U) << action;
    }
    for (const ActionNumber action : {kRevoke, kMessage, kCancel, kFreeze, kApply, kCreateState}) {
        EXPECT_EQ(wait_seconds(configuration, waiting, action, 1), 0U) << action;
    }
    // Without a recovery there is no guard.
    core::Configuration alone = configuration;
    alone.recovery.reset();
    EXPECT_EQ(wait_seconds(alone, alone.rules[0], kPolicy, 1), 0U);
    EXPECT_EQ(wait_seconds(alone, alone.rules[3], kPolicy, 1), 11 * kDay);
}

TEST(WaitSeconds, of_a_plan_count_the_parties_that_it_names) {
    const GuardedWallet wallet;
    const WalletSnapshot snapshot = wallet.snapshot();
    const auto wait = [&](std::uint8_t rule, const Signers& signers) {
        std::vector<Approver> approvers;
        for (const std::uint8_t signer : signers) {
            approvers.push_back({signer, ApprovalMethod::kOffchainMessage});
        }
        const PolicyAction action{{false, rule}, wallet.with_phone(9), {}};
        return wait_seconds(snapshot, plan_action(snapshot, {action, {}, {}}, approvers).value());
    };
    EXPECT_EQ(wait(0, {}), 0U) << "its threshold is two parties";
    EXPECT_EQ(wait(3, {}), kGuard);
    EXPECT_EQ(wait(3, {1, 2}), kGuard);
    EXPECT_EQ(wait(3, {0, 2}), 11 * kDay);
}

TEST(Pending, times) {
    GuardedWallet wallet;
    EXPECT_TRUE(pending_actions(WalletSnapshot::in_genesis(wallet.handle), kEarliest).empty());
    RuleRecord done = record_of(2, kExecute);
    done.action = 0;
    wallet.state.records = {record_of(3, kPolicy), done, record_of(kRecoveryRecord, kRecover)};
    const auto pending = pending_actions(wallet.snapshot(), kEarliest);
    ASSERT_EQ(pending.size(), 2U);
    EXPECT_EQ(pending[0].record, wallet.state.records[0]);
    EXPECT_EQ(pending[1].record, wallet.state.records[2]);
    EXPECT_EQ(pending[0].earliest, kEarliest);
    // Inclusive at both ends (section 8 of the model).
    EXPECT_EQ(pending[0].latest, kEarliest + 14 * kDay);
    EXPECT_FALSE(pending[0].is_due(kEarliest - 1));
    EXPECT_TRUE(pending[0].is_due(kEarliest));
    EXPECT_TRUE(pending[0].is_due(kEarliest + 14 * kDay));
    EXPECT_FALSE(pending[0].is_expired(kEarliest + 14 * kDay));
    EXPECT_FALSE(pending[0].is_due(kEarliest + 14 * kDay + 1));
    EXPECT_TRUE(pending[0].is_expired(kEarliest + 14 * kDay + 1));
    // Two parties waited for the rule's delay; that of the guardian's is not in the state.
    EXPECT_EQ(pending[0].proposed_at, kEarliest - 11 * kDay);
    EXPECT_FALSE(pending[1].proposed_at);
    wallet.state.records = {record_of(3, kPolicy, /*guarded=*/true), record_of(2, kExecute)};
    const auto others = pending_actions(wallet.snapshot(), kEarliest);
    EXPECT_EQ(others[0].proposed_at, kEarliest - kGuard);
    EXPECT_EQ(others[1].proposed_at, kEarliest - kDay);
    wallet.state.records = {record_of(2, kExecute)};
    wallet.state.records[0].earliest = 5;
    EXPECT_EQ(pending_actions(wallet.snapshot(), 5)[0].proposed_at, 0U);
}

TEST(Pending, one_partys_change_waits_for_every_recovery) {
    GuardedWallet wallet;
    const auto first = [&] { return pending_actions(wallet.snapshot(), kEarliest).front(); };
    RuleRecord recovery = record_of(kRecoveryRecord, kRecover);
    RuleRecord later = record_of(kRecoveryRecord | 1, kRecover);
    // Cancelled by one party, and not forgotten.
    recovery.action = 0;
    recovery.earliest = kEarliest - 2 * kDay + 1;
    later.earliest = kEarliest - 2 * kDay;
    wallet.state.records = {record_of(3, kPolicy, true), recovery, later};
    EXPECT_EQ(first().earliest, kEarliest + 1);
    EXPECT_TRUE(first().waits_for_recovery);
    EXPECT_FALSE(first().is_due(kEarliest));
    EXPECT_EQ(first().latest, kEarliest + 14 * kDay);
    wallet.state.records[1].earliest -= 1;
    EXPECT_EQ(first().earliest, kEarliest);
    EXPECT_FALSE(first().waits_for_recovery);
    // Forgotten.
    wallet.state.records[1].earliest = 0;
    wallet.state.records[2].earliest = 0;
    EXPECT_FALSE(first().waits_for_recovery);
    // Neither what two parties approved nor a shared rule's proposal is held back or holds back.
    wallet.state.records = {record_of(3, kPolicy), record_of(kRecoveryRecord, kRecover)};
    EXPECT_EQ(first().earliest, kEarliest);
    wallet.state.records = {record_of(3, kPolicy, true), record_of(2, kExecute)};
    EXPECT_FALSE(first().waits_for_recovery);
}

/// "rule: parties, left" of every way.
std::vector<std::string> ways(const PendingAction& pending) {
    std::vector<std::string> out;
    for (const CancelWay& way : pending.ways) {
        out.push_back(
            std::to_string(way.rule) + (way.is_own ? " own" : "") + ": " +
            std::to_string(way.parties) +
            (way.left ? ", " + std::to_string(*way.left) + " left" : "") +
            (way.left_renews_at == 0 ? "" : " until " + std::to_string(way.left_renews_at)));
    }
    return out;
}

TEST(Pending, who_can_cancel) {
    using ::testing::ElementsAre;
    GuardedWallet wallet;
    const auto told = [&](std::uint64_t now) {
        return ways(pending_actions(wallet.snapshot(), now).front());
    };
    // Rules 0 and 4 may cancel; ties go to the owner.
    wallet.state.records = {record_of(2, kExecute)};
    EXPECT_THAT(told(kEarliest), ElementsAre("0: 2", "4: 1"));
    wallet.state.records = {record_of(0, kExecute)};
    EXPECT_THAT(told(kEarliest), ElementsAre("0 own: 2", "4: 1"));
    // Ties go to the recovery: alone only twice in 90 days, which begin with the first.
    RuleRecord recovery = record_of(kRecoveryRecord, kRecover);
    recovery.tie = true;
    recovery.cancels_since = kEarliest;
    const std::uint64_t end = kEarliest + 90 * kDay;
    const auto after = [&](std::uint8_t cancels, std::uint64_t now) {
        recovery.cancels = cancels;
        wallet.state.records = {recovery};
        return told(now);
    };
    const std::string until = " until " + std::to_string(end + 1);
    EXPECT_THAT(after(0, kEarliest), ElementsAre("0: 2", "4: 1, 2 left"));
    EXPECT_THAT(after(1, kEarliest), ElementsAre("0: 2", "4: 1, 1 left" + until));
    EXPECT_THAT(after(2, end), ElementsAre("0: 2", "4: 1, 0 left" + until));
    EXPECT_THAT(after(9, end), ElementsAre("0: 2", "4: 1, 0 left" + until));
    EXPECT_THAT(after(2, end + 1), ElementsAre("0: 2", "4: 1, 2 left"));
    // The proposer takes back what it likes, however often.
    recovery.rule = 4;
    EXPECT_THAT(after(2, kEarliest), ElementsAre("0: 2", "4 own: 1"));
}

TEST(Frozen, until_the_latest_freeze_is_over) {
    GuardedWallet wallet;
    EXPECT_FALSE(frozen_until(WalletSnapshot::in_genesis(wallet.handle), kEarliest));
    wallet.state.records = {record_of(0, kExecute), record_of(4, kExecute)};
    wallet.state.records[0].frozen_at = kEarliest;
    wallet.state.records[1].frozen_at = kEarliest - 5;
    // It was lifted.
    EXPECT_FALSE(frozen_until(wallet.snapshot(), kEarliest));
    wallet.state.was_frozen = true;
    EXPECT_EQ(frozen_until(wallet.snapshot(), kEarliest), kEarliest + 7 * kDay);
    EXPECT_EQ(frozen_until(wallet.snapshot(), kEarliest + 7 * kDay - 1), kEarliest + 7 * kDay);
    EXPECT_FALSE(frozen_until(wallet.snapshot(), kEarliest + 7 * kDay));
}

TEST(StateSize, a_first_record_needs_room) {
    GuardedWallet wallet;
    const auto size = [&](const ActionBody& body, bool waits) {
        return state_size_after(wallet.snapshot(), body, waits).value();
    };
    const std::size_t used = used_state_size(wallet.snapshot()).value();
    const FreezeAction freeze{{false, 4}, false, {}};
    EXPECT_EQ(size(freeze, false), used + 52);
    const ExecuteAction execute{.rule = {false, 2}};
    EXPECT_EQ(size(execute, true), used + 52);
    EXPECT_EQ(size(execute, false), 0U);
    // Of the rule whose proposal it is, not of the rule that cancels.
    const CancelAction cancel{{false, 4}, 2, {}};
    EXPECT_EQ(size(cancel, false), used + 52);
    EXPECT_EQ(size(RecoverAction{wallet.recovery_rule(0), {key_of(8), key_of(9)}, {}}, true),
              used + 52);
    wallet.state.records = {record_of(2, kExecute)};
    EXPECT_EQ(size(execute, true), 0U);
    EXPECT_EQ(size(cancel, false), 0U);
    EXPECT_EQ(size(freeze, false), used + 2 * 52U);
    wallet.state.spare_bytes = 52;
    EXPECT_EQ(size(freeze, false), 0U);
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 state_size_after(WalletSnapshot::in_genesis(wallet.handle), freeze, false));
}

TEST(StateSize, changes_that_are_done_grow_it_by_what_is_longer) {
    const GuardedWallet wallet;
    const WalletSnapshot snapshot = wallet.snapshot();
    const std::size_t used = used_state_size(snapshot).value();
    core::Configuration longer = wallet.configuration();
    longer.signers.push_back(key_of(9));
    const PolicyAction policy{{}, longer, {}};
    EXPECT_EQ(state_size_after(snapshot, policy, false).value(), used + 33);
    EXPECT_EQ(state_size_after(snapshot, policy, true).value(), used + 52);
    EXPECT_EQ(state_size_after_apply(snapshot, {}, policy_to(longer)).value(), used + 33);
    const core::LocalRule session{{key_of(9)}, rule_for(core::kActionExecute, 1)};
    const Bytes rule = core::encode(session).value();
    EXPECT_EQ(state_size_after_apply(snapshot, {}, GrantBody{rule}).value(),
              used + local_slot_size(rule).value());
    EXPECT_EQ(state_size_after(snapshot, GrantAction{{}, session}, false).value(),
              used + local_slot_size(rule).value());
    EXPECT_EQ(state_size_after_apply(snapshot, {}, ExecuteBody{}).value(), 0U);
    // Two signers in the place of three: nothing grows but the record.
    EXPECT_EQ(state_size_after_apply(snapshot, wallet.recovery_rule(0), recover_to(8, 9)).value(),
              used);
    EXPECT_EQ(
        state_size_after(snapshot,
                         RecoverAction{wallet.recovery_rule(0), {key_of(8), key_of(9)}, {}}, false)
            .value(),
        used + 52);
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 state_size_after_apply(snapshot, {}, recover_to(8, 9)));
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 state_size_after_apply(snapshot, wallet.recovery_rule(0), recover_to(8, 8)));
}

TEST(ProposalText, names_rule_and_number) {
    EXPECT_EQ(record_text(0), "0");
    EXPECT_EQ(record_text(15), "15");
    EXPECT_EQ(record_text(kRuleRecovery), "recovery:0");
    EXPECT_EQ(record_text(kRuleRecovery | 15), "recovery:15");
    EXPECT_EQ(proposal_text(record_of(2, kExecute)), "2.5");
    RuleRecord last = record_of(kRuleRecovery | 1, kRecover);
    last.epoch = 0xffffffff;
    EXPECT_EQ(proposal_text(last), "recovery:1.4294967295");
}

/// A plan that pays 1 lamport under rule 2, with a lane if one is wanted.
ActionPlan payment(const GuardedWallet& wallet, const NonceChoice& nonce) {
    ExecuteAction body;
    body.rule = {false, 2};
    body.calls = {system::transfer(wallet.handle.vault(), address_of(9), 1)};
    body.no_new_authority = true;
    return plan_action(wallet.snapshot(), {body, nonce, {}}).value();
}

TEST(WaitingDigest, is_the_one_of_the_specification) {
    const GuardedWallet wallet;
    const ActionPlan plan = payment(wallet, UseLane{address_of(1), address_of(2), 3, 9, 1});
    // docs/spec/solana.md, section 5, written out: execute with caps (0x40) and lane (1 << 8), 18
    // bytes of body, two keys behind state, vault, lane and operator.
    const Bytes shape = {0x41, 0x01, 18, 0, 2, 0, 0, 0};
    const Bytes body = {0x80, 4, 2, 0xc1, 0x45, 12, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    const Bytes preimage =
        concat(core::as_bytes("Latchkey.waiting"), wallet.handle.deployment().cluster, shape,
               Bytes(8, 0xff), wallet.handle.id(), wallet.handle.id(), body, kSystemProgram,
               address_of(9));
    EXPECT_EQ(waiting_digest(wallet.handle, plan).value(), core::crypto::keccak256(preimage));
    // Without a lane it is another proposal.
    EXPECT_NE(waiting_digest(wallet.handle, payment(wallet, UseStateNonce{})).value(),
              waiting_digest(wallet.handle, plan).value());
    std::vector<Address> many(65);
    EXPECT_ERROR(ErrorCode::kInputTooLong,
                 waiting_digest(wallet.handle, plan.signed_part.body, true, many));
    const CompactCall bad{.program_index = 64, .metas = {}, .data = {}};
    EXPECT_ERROR(ErrorCode::kOutOfRange,
                 waiting_digest(wallet.handle, ExecuteBody{{}, {bad}}, false, {}));
}

TEST(Proposals, are_read_from_the_instruction_that_proposed_them) {
    const GuardedWallet wallet;
    for (const NonceChoice& nonce :
         {NonceChoice(UseLane{address_of(1), address_of(2), 3, 9, 1}),
          NonceChoice(UseStateNonce{1, 7}), NonceChoice(UseTransaction{})}) {
        const std::vector<Approver> phone = {{0, ApprovalMethod::kDefault}};
        ExecuteAction body;
        body.rule = {false, 2};
        body.calls = {system::transfer(wallet.handle.vault(), address_of(9), 1)};
        const ActionPlan plan = plan_action(wallet.snapshot(), {body, nonce, {}}, phone).value();
        const Instruction instruction = assemble(plan, {})->instructions()->back();
        const auto proposal = read_proposal(instruction);
        ASSERT_TRUE(proposal);
        EXPECT_EQ(proposal->nonce_kind, nonce.index() == 0 ? 0 : nonce.index() == 1 ? 1 : 2);
        EXPECT_EQ(proposal->rule, plan.signed_part.rule);
        EXPECT_EQ(proposal->body, plan.signed_part.body);
        EXPECT_EQ(waiting_digest(wallet.handle, *proposal).value(),
                  waiting_digest(wallet.handle, plan).value());
        // Too few accounts are no proposal of a wallet.
        Instruction cut = instruction;
        cut.accounts.resize(proposal->fixed_accounts);
        EXPECT_TRUE(read_proposal(cut));
        cut.accounts.resize(proposal->fixed_accounts - 1);
        EXPECT_FALSE(read_proposal(cut));
    }
}

TEST(Proposals, other_instructions_propose_nothing) {
    const GuardedWallet wallet;
    const WalletHandle& handle = wallet.handle;
    const Signers both = {0, 1};
    EXPECT_TRUE(read_proposal(approved(handle, {}, policy_to(wallet.configuration()), both)));
    EXPECT_TRUE(read_proposal(approved(handle, wallet.recovery_rule(0), recover_to(8, 9), {0})));
    for (const Body& body :
         {Body(CancelBody{4, 2}), Body(FreezeBody{}), Body(MessageBody{}), Body(RevokeBody{})}) {
        EXPECT_FALSE(read_proposal(approved(handle, {}, body, both))) << body.index();
    }
    EXPECT_FALSE(read_proposal(approved(handle, {true, 0}, ExecuteBody{}, both)));
    EXPECT_FALSE(read_proposal(applied(handle, {}, ExecuteBody{})));
    EXPECT_FALSE(read_proposal(create_state(handle).value()));
    EXPECT_FALSE(read_proposal(
        close_lane(handle.deployment(), address_of(1), address_of(2), address_of(3)).value()));
    Instruction longer = approved(handle, {}, UpgradeBody{}, both);
    EXPECT_TRUE(read_proposal(longer));
    longer.data.push_back(0);
    EXPECT_FALSE(read_proposal(longer));
}

TEST(Apply, repeats_the_proposal_and_passes_on_what_its_calls_need) {
    const GuardedWallet wallet;
    ExecuteAction body;
    body.rule = {false, 2};
    const Address fresh = address_of(7);
    body.calls = {
        system::create_account(wallet.handle.vault(), fresh, 1, 0, kSystemProgram),
        {kMemoProgram, {readonly(address_of(8)), writable_signer(wallet.handle.vault())}, {}}};
    body.forwarded_signers = {fresh};
    const std::vector<Approver> phone = {{0, ApprovalMethod::kDefault}};
    const ActionPlan plan =
        plan_action(wallet.snapshot(), {body, UseTransaction{}, {}}, phone).value();
    const Instruction proposed = assemble(plan, {})->instructions()->back();
    const Proposal proposal = read_proposal(proposed).value();
    const Instruction apply = apply_instruction(wallet.handle, proposal).value();
    EXPECT_EQ(apply.program, wallet.handle.deployment().program);
    EXPECT_EQ(decode_instruction(apply.data).value(),
              WalletInstruction(ApplyAction{0, proposal.rule, proposal.body}));
    // The phone, which only approved, need not sign again.
    const Address phone_address = approving_account(key_of(1));
    EXPECT_EQ(apply.accounts,
              (std::vector<AccountMeta>{writable(wallet.handle.state()),
                                        writable(wallet.handle.vault()), readonly(phone_address),
                                        readonly(kSystemProgram), writable_signer(fresh),
                                        readonly(kMemoProgram), readonly(address_of(8))}));
}

TEST(Apply, of_changes_and_upgrades) {
    const GuardedWallet wallet;
    const auto apply = [&](const Instruction& proposed) {
        return apply_instruction(wallet.handle, read_proposal(proposed).value()).value();
    };
    const RuleReference guardian = wallet.recovery_rule(0);
    EXPECT_EQ(apply(approved(wallet.handle, guardian, recover_to(8, 9), {0})),
              applied(wallet.handle, guardian, recover_to(8, 9)));
    const RuleReference alone{false, 3};
    const PolicyBody policy = policy_to(wallet.with_phone(9));
    EXPECT_EQ(apply(approved(wallet.handle, alone, policy, {0})),
              applied(wallet.handle, alone, policy));
    const UpgradeBody upgrade{{},
                              {.program_index = 2,
                               .metas = {{3, true, false}, {1, false, true}, {62, true, true}},
                               .data = {3, 0, 0, 0}}};
    const std::vector<AccountMeta> further = {readonly(address_of(2)), readonly(address_of(3))};
    EXPECT_EQ(
        apply(approved(wallet.handle, {}, upgrade, {0}, further)).accounts,
        (std::vector<AccountMeta>{writable(wallet.handle.state()), readonly(wallet.handle.vault()),
                                  readonly(address_of(2)), writable(address_of(3))}));
}

TEST(Recovered, names_as_many_signers_as_the_part_restores) {
    const GuardedWallet wallet;
    const Bytes two = recover_to(8, 9).signers;
    EXPECT_EQ(recovered_signers(wallet.recovery_part, two).value(),
              (std::vector{key_of(8), key_of(9)}));
    const auto configuration =
        recovered_configuration(wallet.recovery_part, wallet.commitment(), two);
    ASSERT_OK(configuration);
    EXPECT_EQ(configuration->recovery, wallet.commitment());
    EXPECT_EQ(configuration->signers, (std::vector{key_of(8), key_of(9)}));
    EXPECT_EQ(configuration->rules.size(), 5U);
    const Bytes three = concat(two, core::encode_unchecked(std::vector{key_of(10)}));
    const std::vector<Bytes> wrong = {{},
                                      core::to_bytes(ByteView(two).first(33)),
                                      core::to_bytes(ByteView(two).first(65)),
                                      three,
                                      concat(two, Bytes{0}),
                                      recover_to(8, 8).signers};
    for (const Bytes& signers : wrong) {
        EXPECT_ERROR(ErrorCode::kRefusedByModel, recovered_signers(wallet.recovery_part, signers));
        EXPECT_ERROR(ErrorCode::kRefusedByModel,
                     recovered_configuration(wallet.recovery_part, wallet.commitment(), signers));
    }
    for (std::size_t size = 0; size < wallet.recovery_part.size(); ++size) {
        const ByteView cut = ByteView(wallet.recovery_part).first(size);
        EXPECT_ERROR(ErrorCode::kRefusedByModel, recovered_signers(cut, two)) << size;
    }
}

}  // namespace
}  // namespace latchkey::solana
