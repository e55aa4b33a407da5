// SPDX-License-Identifier: Apache-2.0
#include "cli/alarms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chains/solana/client/waiting_testing.hpp"
#include "chains/solana/client/wallet_instructions.hpp"

namespace latchkey::cli {
namespace {

using solana::Body;
using solana::Instruction;
using solana::RuleReference;
using solana::WalletTransaction;
using solana::testing::applied;
using solana::testing::approved;
using solana::testing::GuardedWallet;
using solana::testing::kDay;
using solana::testing::kEarliest;
using solana::testing::policy_to;
using solana::testing::recover_to;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kTime = 1'799'000'000;

class Alarms : public ::testing::Test {
  protected:
    std::vector<Alarm> read_all(const std::vector<Instruction>& instructions,
                                bool reads_all = true) const {
        AlarmReader reader(before_.snapshot(), {}, reads_all);
        WalletTransaction transaction;
        transaction.time = kTime;
        transaction.id = core::testing::filled<solana::Signature>(9);
        transaction.instructions = instructions;
        return reader.read(transaction, now_.snapshot());
    }
    /// The only alarm.
    Alarm read(const Instruction& instruction) const {
        const auto all = read_all({instruction});
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? Alarm{} : all[0];
    }
    Instruction by(const RuleReference& rule, const Body& body,
                   const std::vector<std::uint8_t>& signers) const {
        return approved(now_.handle, rule, body, signers);
    }
    /// What the instruction proposed waits now, as the record's fifth.
    void wait_for(const Instruction& instruction) {
        const auto proposal = solana::read_proposal(instruction);
        solana::RuleRecord record;
        record.rule = solana::record_name(proposal->rule);
        record.action = static_cast<std::uint8_t>(solana::action_number(proposal->body));
        record.epoch = 5;
        record.earliest = kEarliest;
        record.digest = solana::waiting_digest(now_.handle, *proposal).value();
        now_.state.records.push_back(record);
    }

    /// The same wallet before and after.
    GuardedWallet before_;
    GuardedWallet now_;
    const RuleReference together_{false, 0};
    const RuleReference slowly_{false, 2};
    const RuleReference alone_{false, 3};
};

TEST_F(Alarms, what_waits_is_told_with_its_time) {
    const Instruction proposal = by(alone_, policy_to(now_.with_phone(8), 4), {0});
    wait_for(proposal);
    const Alarm alarm = read(proposal);
    EXPECT_EQ(alarm.kind, "proposal");
    EXPECT_EQ(alarm.proposal, "3.5");
    // 1,800,000,000 seconds after 1970.
    EXPECT_EQ(alarm.text,
              "rule 3 proposed to change the configuration; from 2027-01-15 08:00:00 UTC on "
              "anybody may apply it, unless it is cancelled");
    EXPECT_EQ(alarm.time, kTime);
    EXPECT_EQ(alarm.transaction, core::testing::filled<solana::Signature>(9));
    EXPECT_THAT(alarm.details.front(), HasSubstr("under rule 3: "));
    EXPECT_THAT(alarm.details, ::testing::Contains("replace the whole configuration by:"));
}

TEST_F(Alarms, a_proposal_is_one_whatever_became_of_it) {
    // Nothing is left of it in the state, and the rule says that it waited.
    const Alarm execute = read(by(slowly_, solana::ExecuteBody{}, {0}));
    EXPECT_EQ(execute.kind, "proposal");
    EXPECT_EQ(execute.proposal, "2");
    EXPECT_EQ(execute.text, "rule 2 proposed to execute calls");
    const Alarm recover = read(by(now_.recovery_rule(0), recover_to(8, 9, 2), {0}));
    EXPECT_EQ(recover.kind, "proposal");
    EXPECT_EQ(recover.proposal, "recovery:0.3") << "the number after the approval's";
    // Two parties wait for the rule's delay, which the guard has nothing to do with.
    EXPECT_EQ(read(by(alone_, policy_to(now_.with_phone(8)), {0, 1})).kind, "proposal");
    EXPECT_EQ(read(by(together_, policy_to(now_.with_phone(8)), {0, 2})).kind, "policy");
    // Two keys of one party are one party.
    EXPECT_EQ(read(by(together_, policy_to(now_.with_phone(8)), {1, 2})).kind, "proposal");
    // Under a rule that nobody knows any more: rather one alarm too many.
    EXPECT_EQ(read(by({false, 9}, solana::ExecuteBody{}, {0})).kind, "proposal");
}

TEST_F(Alarms, an_earlier_proposal_is_not_taken_for_the_one_that_waits) {
    const Instruction earlier = by(alone_, policy_to(now_.with_phone(8), 3), {0});
    wait_for(by(alone_, policy_to(now_.with_phone(9), 4), {0}));
    const Alarm alarm = read(earlier);
    EXPECT_EQ(alarm.kind, "proposal");
    EXPECT_EQ(alarm.proposal, "3.4");
    EXPECT_EQ(alarm.text, "rule 3 proposed to change the configuration");
    // Calls carry no number, so only their rule is known.
    const Instruction first = by(slowly_, solana::ExecuteBody{}, {0});
    wait_for(approved(now_.handle, slowly_, solana::ExecuteBody{}, {0},
                      {solana::readonly(solana::testing::address_of(1))}));
    EXPECT_EQ(read(first).proposal, "2");
}

TEST_F(Alarms, what_was_proposed_and_cancelled_waits_no_more) {
    const Instruction proposal = by(alone_, policy_to(now_.with_phone(8), 4), {0});
    wait_for(proposal);
    now_.state.records[0].action = 0;
    EXPECT_EQ(read(proposal).proposal, "3.5");
    EXPECT_EQ(read(proposal).text, "rule 3 proposed to change the configuration");
}

TEST_F(Alarms, ends_of_what_waits) {
    const Alarm apply = read(applied(now_.handle, now_.recovery_rule(0), recover_to(8, 9)));
    EXPECT_EQ(apply.kind, "apply");
    EXPECT_EQ(apply.proposal, "recovery:0");
    EXPECT_EQ(apply.text, "what waited under rule recovery:0 was done");
    const Alarm cancel = read(by({false, 4}, solana::CancelBody{4, 0x80}, {0}));
    EXPECT_EQ(cancel.kind, "cancel");
    EXPECT_EQ(cancel.proposal, "recovery:0.5");
    EXPECT_EQ(cancel.text, "proposal recovery:0.5 was cancelled");
    const Alarm last = read(by(together_, solana::CancelBody{0xffffffff, 3}, {0, 1}));
    EXPECT_EQ(last.proposal, "3.4294967296");
}

TEST_F(Alarms, freezes) {
    const Alarm freeze = read(by(now_.recovery_rule(1), solana::FreezeBody{}, {0}));
    EXPECT_EQ(freeze.kind, "freeze");
    EXPECT_EQ(freeze.text, "the wallet was frozen for 7 days");
    EXPECT_EQ(freeze.proposal, "");
    EXPECT_EQ(read(by(together_, solana::FreezeBody{0, true}, {0, 1})).kind, "lift");
}

TEST_F(Alarms, what_did_not_wait) {
    const std::vector<std::pair<Instruction, std::string>> table{
        {by(together_, solana::ExecuteBody{}, {0, 1}), "execute"},
        {by({true, 0}, solana::ExecuteBody{}, {0}), "execute"},
        {by(together_, solana::MessageBody{}, {0, 1}), "message"},
        {by(together_, solana::GrantBody{{1}}, {0, 1}), "session"},
        {by(together_, solana::RevokeBody{}, {0, 1}), "session"},
        {by(together_, policy_to(now_.with_phone(8)), {0, 1}), "policy"},
        {by(together_, solana::UpgradeBody{}, {0, 1}), "upgrade"},
        {by(now_.recovery_rule(1), recover_to(8, 9), {0}), "recover"}};
    for (const auto& [instruction, kind] : table) {
        EXPECT_EQ(read(instruction).kind, kind);
        EXPECT_EQ(read(instruction).proposal, "");
        const bool is_everyday = kind == "execute" || kind == "message" || kind == "session";
        EXPECT_EQ(read_all({instruction}, /*reads_all=*/false).empty(), is_everyday) << kind;
    }
    // Neither of them touches anything that is the wallet's.
    EXPECT_THAT(read_all({solana::create_state(now_.handle).value(),
                          Instruction{now_.handle.deployment().program, {}, {8}}}),
                IsEmpty());
}

TEST_F(Alarms, one_for_each_instruction) {
    const auto all = read_all(
        {by(together_, solana::CancelBody{4, 3}, {0, 1}),
         by(together_, solana::ExecuteBody{}, {0, 1}), by(together_, solana::FreezeBody{}, {0, 1})},
        /*reads_all=*/false);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].kind, "cancel");
    EXPECT_EQ(all[1].kind, "freeze");
    EXPECT_THAT(read_all({}), IsEmpty());
}

TEST_F(Alarms, what_cannot_be_read_is_not_passed_over) {
    Instruction broken = by(together_, policy_to(now_.with_phone(8)), {0, 1});
    broken.data.clear();
    const auto all = read_all({broken}, /*reads_all=*/false);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].kind, "unreadable");
    EXPECT_THAT(all[0].text, HasSubstr("cannot be read"));
    EXPECT_EQ(all[0].time, kTime);
}

TEST_F(Alarms, what_stands_when_the_watch_begins) {
    const AlarmReader reader(before_.snapshot(), {}, false);
    EXPECT_THAT(reader.standing(now_.snapshot(), kEarliest), IsEmpty());
    wait_for(by(slowly_, solana::ExecuteBody{}, {0}));
    wait_for(by(now_.recovery_rule(0), recover_to(8, 9), {0}));
    now_.state.records[1].earliest = kEarliest + 1;
    now_.state.records[0].frozen_at = kEarliest;
    now_.state.was_frozen = true;
    const auto all = reader.standing(now_.snapshot(), kEarliest);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].kind, "frozen");
    EXPECT_EQ(all[0].text, "the wallet is frozen until 2027-01-22 08:00:00 UTC");
    EXPECT_EQ(all[1].kind, "pending");
    EXPECT_EQ(all[1].proposal, "2.5");
    EXPECT_EQ(all[1].text,
              "proposal 2.5 waits: execute calls, from 2027-01-15 08:00:00 UTC until 2027-01-29 "
              "08:00:00 UTC");
    EXPECT_EQ(all[2].proposal, "recovery:0.5");
    // What expired is nobody's concern any more, and the freeze is over.
    const auto later = reader.standing(now_.snapshot(), kEarliest + 14 * kDay + 1);
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(later[0].proposal, "recovery:0.5");
}

TEST_F(Alarms, for_programs) {
    Alarm alarm{"cancel", "it was", {"a", "b"}, "3.4", kTime, solana::Signature()};
    EXPECT_EQ(to_json(alarm),
              (boost::json::object{{"alarm", "cancel"},
                                   {"text", "it was"},
                                   {"details", {"a", "b"}},
                                   {"proposal", "3.4"},
                                   {"time", kTime},
                                   {"transaction", solana::to_base58(solana::Signature())}}));
    EXPECT_EQ(to_json(Alarm{"blind", "dark"}),
              (boost::json::object{
                  {"alarm", "blind"}, {"text", "dark"}, {"details", boost::json::array()}}));
}

}  // namespace
}  // namespace latchkey::cli
