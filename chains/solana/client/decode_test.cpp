// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chains/solana/client/client_testing.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/loader.hpp"
#include "chains/solana/client/plan.hpp"
#include "chains/solana/client/waiting_testing.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana {
namespace {

using testing::address_of;
using ::testing::AllOf;
using testing::applied;
using testing::approved;
using ::testing::ElementsAre;
using testing::GuardedWallet;
using ::testing::HasSubstr;
using testing::key_of;
using testing::kOwner;
using testing::policy_to;
using testing::recover_to;
using ::testing::StartsWith;
using testing::TestSigner;

const Address kAlice = address_of(1);
const Address kBob = address_of(2);
const Address kMint = address_of(3);
const Address kPayer = address_of(4);
const Address kStranger = address_of(5);

ExplainContext named() {
    ExplainContext context;
    context.names = {{kAlice, "Alice"}, {kBob, "Bob"}, {kPayer, "the sponsor"}, {kMint, "M"}};
    context.tokens = {{kMint, {"USDC", 6}}};
    context.token_account_mints = {{kAlice, kMint}};
    return context;
}

std::string one(const Instruction& instruction) {
    const auto lines = explain(instruction, named());
    return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " lines";
}

TEST(Amount, is_exact) {
    EXPECT_EQ(format_amount(1'500'000'000, 9), "1.5");
    EXPECT_EQ(format_amount(1, 9), "0.000000001");
    EXPECT_EQ(format_amount(0, 9), "0");
    EXPECT_EQ(format_amount(0, 0), "0");
    EXPECT_EQ(format_amount(20, 0), "20");
    EXPECT_EQ(format_amount(20'000'000, 6), "20");
    EXPECT_EQ(format_amount(~std::uint64_t{0}, 0), "18446744073709551615");
    EXPECT_EQ(format_amount(10, 1), "1");
    EXPECT_EQ(format_amount(7, 255).size(), 257U);
}

TEST(QuotedText, shows_what_a_terminal_would_obey) {
    EXPECT_EQ(quote_text("a b~"), "\"a b~\"");
    EXPECT_EQ(quote_text("\x1b[2J\"\\\n"), "\"\\x1b[2J\\x22\\x5c\\x0a\"");
    EXPECT_EQ(quote_text("\xc3\xa9"), "\"\\xc3\\xa9\"");
}

TEST(Explain, system) {
    EXPECT_EQ(one(system::transfer(kAlice, kStranger, 1'500'000'000)),
              "transfer 1.5 SOL from Alice to " + to_base58(kStranger));
    EXPECT_EQ(one(system::create_account(kAlice, kBob, 5, 165, kTokenProgram)),
              "create the account Bob of 165 bytes for the program " + to_base58(kTokenProgram) +
                  " with 0.000000005 SOL from Alice");
    EXPECT_EQ(one(system::create_account_allow_prefund(kAlice, kBob, 5, 1, kTokenProgram)),
              "create the account Bob of 1 byte for the program " + to_base58(kTokenProgram) +
                  " with 0.000000005 SOL from Alice");
    EXPECT_EQ(one(system::assign(kAlice, kBob)), "give the account Alice to the program Bob");
    EXPECT_EQ(one(system::allocate(kAlice, 9)), "give the account Alice 9 bytes");
    EXPECT_EQ(one(system::advance_nonce_account(kAlice, kBob)), "advance the durable nonce Alice");
    EXPECT_EQ(one(system::withdraw_nonce_account(kAlice, kBob, kPayer, 1'000'000'000)),
              "withdraw 1 SOL from the nonce account Alice to the sponsor");
    EXPECT_EQ(one(system::initialize_nonce_account(kAlice, kBob)),
              "make Alice a nonce account of Bob");
    EXPECT_EQ(one(system::authorize_nonce_account(kAlice, kBob, kPayer)),
              "hand the nonce account Alice over to the sponsor");
}

TEST(Explain, tokens) {
    EXPECT_EQ(
        one(token::transfer_checked(kTokenProgram, kAlice, kMint, kBob, kPayer, 20'000'000, 6)),
        "transfer 20 USDC from Alice to Bob by the sponsor");
    // A mint that pretends to have other decimals is not called by its name.
    EXPECT_EQ(
        one(token::transfer_checked(kTokenProgram, kAlice, kMint, kBob, kPayer, 20'000'000, 9)),
        "transfer 0.02 of the token M (9 decimals) from Alice to Bob by the sponsor");
    Instruction hooked =
        token::transfer_checked(kToken2022Program, kAlice, kMint, kBob, kPayer, 1, 6);
    hooked.accounts.push_back(readonly(kStranger));
    EXPECT_EQ(
        one(hooked),
        "transfer 0.000001 USDC from Alice to Bob by the sponsor (Token-2022) (with 1 further "
        "accounts)");
    EXPECT_EQ(one(token::transfer(kTokenProgram, kAlice, kBob, kPayer, 500'000)),
              "transfer 0.5 USDC from Alice to Bob by the sponsor");
    EXPECT_EQ(one(token::transfer(kTokenProgram, kBob, kAlice, kPayer, 5)),
              "transfer 5 smallest units of the token of Bob from Bob to Alice by the sponsor");
    EXPECT_EQ(one(token::approve_checked(kTokenProgram, kAlice, kMint, kBob, kPayer, 7'000'000, 6)),
              "allow Bob to spend 7 USDC from Alice");
    EXPECT_EQ(one(token::revoke(kTokenProgram, kAlice, kPayer)), "end the delegation of Alice");
    EXPECT_EQ(one(token::set_authority(kTokenProgram, kAlice, kPayer,
                                       token::AuthorityType::kAccountOwner, kBob)),
              "hand the ownership of Alice over to Bob");
    EXPECT_EQ(one(token::set_authority(kTokenProgram, kMint, kPayer,
                                       token::AuthorityType::kMintTokens, std::nullopt)),
              "give the right to mint of M up for ever");
    EXPECT_EQ(one(token::mint_to_checked(kTokenProgram, kMint, kBob, kPayer, 1'000'000, 6)),
              "mint 1 USDC to Bob");
    EXPECT_EQ(one(token::burn_checked(kTokenProgram, kAlice, kMint, kPayer, 1'000'000, 6)),
              "burn 1 USDC of Alice");
    EXPECT_EQ(one(token::close_account(kTokenProgram, kAlice, kBob, kPayer)),
              "close the token account Alice, its lamports going to Bob");
    EXPECT_EQ(one(token::freeze_account(kTokenProgram, kAlice, kMint, kPayer)), "freeze Alice");
    EXPECT_EQ(one(token::thaw_account(kTokenProgram, kAlice, kMint, kPayer)), "thaw Alice");
    EXPECT_EQ(one(token::sync_native(kTokenProgram, kAlice)),
              "bring the wrapped SOL of Alice up to date");
    EXPECT_EQ(one(token::initialize_account3(kTokenProgram, kAlice, kMint, kBob)),
              "make Alice a token account of Bob for the token M");
    EXPECT_THAT(one(associated_token::create_idempotent(kPayer, kBob, kMint, kTokenProgram)),
                HasSubstr("of Bob for the token M, paid for by the sponsor, unless it is there"));
    EXPECT_THAT(one(associated_token::create(kPayer, kBob, kMint, kTokenProgram)),
                ::testing::EndsWith("paid for by the sponsor"));
}

TEST(Explain, other_programs) {
    EXPECT_EQ(one(compute_budget::set_unit_limit(3000)), "use at most 3000 compute units");
    EXPECT_EQ(one(compute_budget::set_unit_price(7)),
              "pay 7 millionths of a lamport for each requested compute unit");
    EXPECT_EQ(one(compute_budget::request_heap_frame(65536)), "use 65536 bytes of heap");
    EXPECT_EQ(one(compute_budget::set_loaded_accounts_bytes_limit(9)),
              "load at most 9 bytes of accounts");
    EXPECT_EQ(one(memo("two\nlines").value()), "note \"two\\x0alines\"");
    EXPECT_EQ(one({kSecp256r1Program, {}, {1, 0}}), "verify 1 P-256 signature");
    EXPECT_EQ(one({kEd25519Program, {}, {2, 0}}), "verify 2 ed25519 signatures");
    EXPECT_EQ(one(lookup_table::freeze(kAlice, kBob)), "freeze the lookup table Alice for ever");
}

TEST(Explain, anything_else_is_shown_as_it_is) {
    const std::string system = "call the program " + to_base58(kSystemProgram) + " with ";
    // A transfer with a byte too much, an account too many, or cut short.
    Instruction transfer = system::transfer(kAlice, kBob, 1);
    transfer.data.push_back(0);
    EXPECT_EQ(one(transfer), system +
                                 "data 02000000010000000000000000 and the accounts Alice (signer, "
                                 "writable), Bob (writable)");
    transfer = system::transfer(kAlice, kBob, 1);
    transfer.accounts.push_back(readonly(kPayer));
    EXPECT_THAT(one(transfer), StartsWith(system));
    transfer = system::transfer(kAlice, kBob, 1);
    transfer.data.resize(8);
    EXPECT_THAT(one(transfer), StartsWith(system));
    EXPECT_EQ(one({kStranger, {readonly_signer(kAlice)}, {}}),
              "call the program " + to_base58(kStranger) +
                  " with no data and the accounts Alice (signer)");
    EXPECT_EQ(one({kBob, {}, {0xab}}), "call the program Bob with data ab");
    EXPECT_THAT(one({kTokenProgram, {}, {99}}), StartsWith("call the program"));
    EXPECT_THAT(one({kTokenProgram, {}, {}}), StartsWith("call the program"));
    EXPECT_THAT(one({kAssociatedTokenProgram, {}, {1}}), StartsWith("call the program"));
}

class ExplainWallet : public ::testing::Test {
  protected:
    ExplainWallet() {
        core::Configuration configuration;
        configuration.signers = {signer_.entry()};
        core::Rule rule;
        rule.actions = kOwner;
        configuration.rules = {rule};
        handle_ = std::make_unique<WalletHandle>(
            WalletHandle::create(configuration, {kStranger, core::Hash32{}}).value());
        snapshot_ = std::make_unique<WalletSnapshot>(WalletSnapshot::in_genesis(*handle_));
        context_ = named();
        context_.wallet_program = kStranger;
        context_.wallet = snapshot_.get();
        context_.signer_names.relying_parties = {"example.com"};
    }

    Instruction assembled(const Action& action) const {
        const ActionPlan plan = plan_action(*snapshot_, action).value();
        const std::vector<CollectedApproval> approvals = {
            {0, signer_.approve(core::approval_hash_of(plan.leaf))}};
        return assemble(plan, approvals)->instructions()->back();
    }

    TestSigner signer_ = TestSigner::passkey(1, "example.com");
    std::unique_ptr<WalletHandle> handle_;
    std::unique_ptr<WalletSnapshot> snapshot_;
    ExplainContext context_;
};

TEST_F(ExplainWallet, execute_names_rule_signer_nonce_and_every_call) {
    ExecuteAction body;
    body.calls = {system::transfer(handle_->vault(), kBob, 1'500'000'000),
                  {kPayer, {readonly(kAlice)}, {1, 2}}};
    body.caps = {{handle_->vault(), 2'000'000'000, 0}, {kAlice, 0, 5}};
    body.no_new_authority = true;
    const UseLane lane = {kAlice, kPayer, 3, 9, 1};
    const std::string rule = "under rule 0: 1 of 1 party {passkey example.com ";
    const auto lines = explain(assembled({body, lane, {}}), context_);
    EXPECT_THAT(
        lines,
        ElementsAre("wallet the wallet's state: execute calls", StartsWith(rule),
                    ::testing::AllOf(StartsWith("approved by signer 0, passkey example.com "),
                                     ::testing::EndsWith(", on the site \"example.com\"")),
                    "once, by bit 9 of the lane Alice, until second 31 of its odd window of 256 "
                    "seconds",
                    "call 1: transfer 1.5 SOL from the vault to Bob",
                    "call 2: call the program the sponsor with data 0102 and the accounts Alice",
                    "only if the vault loses at most 2000000000 of its smallest units",
                    "only if Alice loses at most 0 and gains at least 5 of its smallest units",
                    "only if owners, delegates, close authorities and mints stay"));
    // Before it is planned the same action reads alike; the deadline is 3 * 256 + 31.
    EXPECT_THAT(
        explain(Action{body, lane, {}}, context_),
        ElementsAre(
            "call 1: transfer 1.5 SOL from the vault to Bob",
            "call 2: call the program the sponsor with data 0102 and the accounts Alice",
            "only if the vault loses at most 2000000000 of its smallest units",
            "only if Alice loses at most 0 and gains at least 5 of its smallest units",
            "only if owners, delegates, close authorities and mints stay", StartsWith(rule),
            "once, by bit 9 of the lane " + to_base58(kAlice) + ", until 1970-01-01 00:13:19 UTC"));
}

TEST_F(ExplainWallet, messages_and_other_actions) {
    const core::Hash32 hash = core::crypto::keccak256(core::as_bytes("hello"));
    const Action message = {MessageAction{{}, hash}, {}, 1'800'000'000};
    EXPECT_THAT(explain(assembled(message), context_),
                ElementsAre("wallet the wallet's state: sign a message", StartsWith("under rule 0"),
                            StartsWith("approved by signer 0"),
                            "in this transaction only, until 2027-01-15 08:00:00 UTC",
                            "vouch for the message with hash "
                            "1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8"));
    EXPECT_THAT(
        explain(Action{PolicyAction{{}, handle_->genesis_configuration()}, {}, {}}, context_),
        ElementsAre("replace the whole configuration by:", StartsWith("  1 of 1 party"),
                    StartsWith("  Warning: one party alone can change everything at once"),
                    StartsWith("under rule 0"),
                    "on every chain where the wallet has the current configuration, "
                    "without end"));
    EXPECT_EQ(explain(create_state(*handle_).value(), context_).front(),
              "create the state the wallet's state from a genesis of " +
                  std::to_string(handle_->genesis().size()) + " bytes");
    const Deployment deployment = handle_->deployment();
    EXPECT_THAT(explain(open_lane(deployment, kAlice, 2, kPayer).value(), context_).front(),
                ::testing::AllOf(StartsWith("open lane 2 of Alice at "),
                                 ::testing::EndsWith(", operated by the sponsor")));
    EXPECT_EQ(explain(close_lane(deployment, kAlice, kBob, kPayer).value(), context_).front(),
              "close the lane Alice, its lamports going to the sponsor");
    EXPECT_EQ(
        explain(set_lane_operator(deployment, kAlice, kBob, kPayer).value(), context_).front(),
        "let the sponsor operate the lane Alice");
}

TEST_F(ExplainWallet, an_instruction_with_missing_accounts_is_not_believed) {
    ExecuteAction body;
    body.calls = {system::transfer(handle_->vault(), kBob, 1)};
    Instruction instruction = assembled({body, UseLane{kAlice, kPayer, 3, 9, 1}, {}});
    instruction.accounts.resize(4);
    EXPECT_EQ(explain(instruction, context_).back(), "call 1: a call of missing account 4");
    instruction.data.back() = 0xff;
    instruction.data.push_back(1);
    EXPECT_THAT(explain(instruction, context_).front(), StartsWith("call the program"));
}

TEST_F(ExplainWallet, whole_messages) {
    MessageDraft draft;
    draft.fee_payer = kPayer;
    draft.instructions = {system::advance_nonce_account(kAlice, kPayer),
                          system::transfer(kPayer, kBob, 1)};
    const Message message = compile_message(draft).value();
    EXPECT_THAT(
        explain(message, {}, context_).value(),
        ElementsAre("fees are paid by the sponsor", "valid until the durable nonce Alice advances",
                    "advance the durable nonce Alice",
                    "transfer 0.000000001 SOL from the sponsor to Bob"));
}

/// What waits, and its end, in words.
class ExplainWaiting : public ::testing::Test {
  protected:
    ExplainWaiting() {
        context_ = named();
        context_.wallet_program = wallet_.handle.deployment().program;
        context_.wallet = &snapshot_;
    }

    std::vector<std::string> words(const Instruction& instruction) const {
        return explain(instruction, context_);
    }
    std::vector<std::string> words(const ActionBody& body) const {
        return explain(Action{body, {}, {}}, context_);
    }

    const GuardedWallet wallet_;
    const WalletSnapshot snapshot_ = wallet_.snapshot();
    ExplainContext context_;
};

TEST_F(ExplainWaiting, cancels_and_freezes) {
    EXPECT_THAT(words(approved(wallet_.handle, {false, 4}, CancelBody{4, 0x80}, {2})),
                ElementsAre("wallet the wallet's state: cancel a proposal",
                            StartsWith("under rule 4: 1 of 2 parties {ed25519 "),
                            StartsWith("approved by signer 2, ed25519 "), "once, for epoch 4",
                            "cancel proposal 5 of rule recovery:0"));
    EXPECT_EQ(words(approved(wallet_.handle, {}, CancelBody{0xffffffff, 15}, {0, 1})).back(),
              "cancel proposal 4294967296 of rule 15");
    const auto freeze =
        words(approved(wallet_.handle, wallet_.recovery_rule(1), FreezeBody{}, {0}));
    EXPECT_EQ(freeze.front(), "wallet the wallet's state: freeze or end a freeze");
    EXPECT_THAT(freeze[1], StartsWith("under rule recovery:1: 1 of 1 party {ed25519 "));
    EXPECT_EQ(freeze.back(),
              "freeze the wallet: for 7 days it executes, grants, signs and changes nothing");
    EXPECT_EQ(words(approved(wallet_.handle, {}, FreezeBody{7, true}, {0, 1})).back(),
              "end the freeze");
    // Before they are planned: the next proposal's number when none waits.
    EXPECT_EQ(words(CancelAction{{false, 4}, 2, {}}).front(), "cancel proposal 1 of rule 2");
    EXPECT_EQ(words(CancelAction{{false, 4}, 2, 8}).front(), "cancel proposal 9 of rule 2");
    EXPECT_EQ(words(FreezeAction{{false, 4}, false, {}}).back(),
              "once on every chain where the wallet has the current configuration, without end");
    EXPECT_EQ(words(FreezeAction{wallet_.recovery_rule(1), false, {}}).back(),
              "once on every chain where the wallet has this recovery, without end");
}

TEST_F(ExplainWaiting, a_cancel_of_what_waits_names_it) {
    GuardedWallet wallet;
    RuleRecord record;
    record.rule = 2;
    record.action = kExecute;
    record.epoch = 5;
    wallet.state.records = {record};
    const WalletSnapshot snapshot = wallet.snapshot();
    context_.wallet = &snapshot;
    EXPECT_EQ(words(CancelAction{{false, 4}, 2, {}}).front(), "cancel proposal 5 of rule 2");
    wallet.state.records[0].action = 0;
    const WalletSnapshot after = wallet.snapshot();
    context_.wallet = &after;
    EXPECT_EQ(words(CancelAction{{false, 4}, 2, {}}).front(), "cancel proposal 6 of rule 2");
}

TEST_F(ExplainWaiting, recoveries) {
    const RuleReference guardian = wallet_.recovery_rule(0);
    const RecoverBody recover = recover_to(8, 9, 3);
    const auto proposed = words(approved(wallet_.handle, guardian, recover, {0}));
    const std::string first = "  " + core::describe(key_of(8));
    const std::string second = "  " + core::describe(key_of(9));
    const std::string rule =
        core::describe(core::decode_recovery_part(wallet_.recovery_part)->rules[0], {key_of(4)});
    EXPECT_THAT(
        proposed,
        ElementsAre("wallet the wallet's state: recover", "under rule recovery:0: " + rule,
                    "approved by signer 0, " + core::describe(key_of(4)), "once, for epoch 3",
                    "recover the wallet: its only signers will be", first, second));
    EXPECT_THAT(words(applied(wallet_.handle, guardian, recover)),
                ElementsAre("wallet the wallet's state: do what waits under rule recovery:0",
                            "recover the wallet: its only signers will be", first, second));
    // A stranger's wallet: the part that came along says who they are.
    context_.wallet = nullptr;
    EXPECT_EQ(words(approved(wallet_.handle, guardian, recover, {0}))[1],
              "under rule recovery:0: " + rule);
    const RecoverBody wrong{3, {0xab}};
    EXPECT_EQ(words(approved(wallet_.handle, guardian, wrong, {0})).back(),
              "recover with malformed signers ab");
    RuleReference cut = guardian;
    cut.recovery_part->pop_back();
    EXPECT_THAT(words(approved(wallet_.handle, cut, recover, {0})).back(),
                StartsWith("recover with malformed signers 01"));
    EXPECT_EQ(words(approved(wallet_.handle, cut, recover, {0}))[1], "under rule recovery:0");
}

TEST_F(ExplainWaiting, upgrades) {
    const UpgradeAction upgrade{{false, 0}, kAlice, kBob, kPayer, {}};
    const std::string hash(64, '0');
    EXPECT_THAT(words(upgrade),
                ElementsAre("replace the code of the program Alice by that in the buffer Bob",
                            "only if the buffer's code has the keccak " + hash,
                            StartsWith("under rule 0"), "in one transaction only"));
    const Instruction call = loader::upgrade(kAlice, kBob, kPayer, wallet_.handle.vault()).value();
    UpgradeBody body;
    body.call = {.program_index = 2,
                 .metas = {{.account_index = 3, .is_writable = true}},
                 .data = call.data};
    const Instruction done = approved(wallet_.handle, {}, body, {0, 1},
                                      {readonly(kUpgradeableLoader), writable(kAlice)});
    EXPECT_EQ(words(done).front(), "wallet the wallet's state: upgrade a program");
    EXPECT_EQ(words(done).back(), "only if the buffer's code has the keccak " + hash);
}

TEST_F(ExplainWaiting, applications_repeat_what_waits) {
    EXPECT_THAT(words(applied(wallet_.handle, {false, 3}, policy_to(wallet_.with_phone(8)))),
                ::testing::Contains("replace the whole configuration by:"));
    EXPECT_THAT(words(applied(wallet_.handle, {false, 3}, PolicyBody{0, {0xab}})),
                ElementsAre("wallet the wallet's state: do what waits under rule 3",
                            "replace the whole configuration by:", "  malformed, ab"));
    EXPECT_THAT(words(applied(wallet_.handle, {false, 2}, ExecuteBody{})),
                ElementsAre("wallet the wallet's state: do what waits under rule 2",
                            "no calls: only the nonce is used up"));
    EXPECT_THAT(words(applied(wallet_.handle, {false, 2}, GrantBody{{0xab}})),
                ElementsAre("wallet the wallet's state: do what waits under rule 2",
                            "grant a session: malformed, ab"));
}

TEST_F(ExplainWaiting, how_long_a_planned_action_waits) {
    const auto wait = [&](const ActionBody& body) {
        for (const std::string& line : words(body)) {
            if (line.starts_with("waits ")) {
                return line.substr(0, line.find("; then anybody"));
            }
        }
        return std::string("at once");
    };
    const core::Configuration next = wallet_.with_phone(8);
    EXPECT_EQ(wait(ExecuteAction{.rule = {false, 2}}), "waits 1 day");
    EXPECT_EQ(wait(ExecuteAction{.rule = {false, 0}}), "at once");
    EXPECT_EQ(wait(PolicyAction{{false, 0}, next, {}}), "at once");
    EXPECT_EQ(wait(PolicyAction{{false, 3}, next, {}}),
              "waits 13 days, unless two parties approve: then 11 days");
    EXPECT_EQ(wait(RecoverAction{wallet_.recovery_rule(0), {key_of(8), key_of(9)}, {}}),
              "waits 9 days");
    EXPECT_EQ(wait(CancelAction{wallet_.recovery_rule(0), 0x80, {}}), "at once");
    EXPECT_EQ(wait(MessageAction{{false, 2}, {}}), "at once");
    EXPECT_EQ(wait(ExecuteAction{.rule = {false, 9}}), "at once") << "a rule that is not there";
}

/// Every action that came with waiting, as an instruction. The first of the pair: its data end with
/// something of any length, so that some of its beginnings are other instructions.
std::vector<std::pair<bool, Instruction>> waiting_instructions(const GuardedWallet& wallet) {
    const RuleReference guardian = wallet.recovery_rule(0);
    const UpgradeBody upgrade{{}, {.program_index = 2, .metas = {{3}}, .data = {3, 0, 0, 0}}};
    return {{false, approved(wallet.handle, {}, CancelBody{4, 2}, {0, 2})},
            {false, approved(wallet.handle, guardian, CancelBody{4, 0x80}, {0})},
            {false, approved(wallet.handle, {}, FreezeBody{4, true}, {0, 2})},
            {false, approved(wallet.handle, wallet.recovery_rule(1), FreezeBody{}, {0})},
            {false, approved(wallet.handle, {}, upgrade, {0, 2})},
            {false, applied(wallet.handle, {}, upgrade)},
            {true, approved(wallet.handle, guardian, recover_to(8, 9), {0})},
            {true, applied(wallet.handle, guardian, recover_to(8, 9))},
            {true, applied(wallet.handle, {false, 3}, policy_to(wallet.with_phone(8)))},
            {true, applied(wallet.handle, {false, 2}, GrantBody{{1, 2, 3}})}};
}

TEST_F(ExplainWaiting, a_part_of_an_instruction_is_not_believed) {
    for (const auto& [is_open, whole] : waiting_instructions(wallet_)) {
        const auto all = words(whole);
        ASSERT_THAT(all.front(), StartsWith("wallet the wallet's state: "));
        for (std::size_t size = 0; size < whole.data.size(); ++size) {
            Instruction part = whole;
            part.data.resize(size);
            const auto decoded = decode_instruction(part.data);
            EXPECT_NE(words(part), all) << size;
            if (decoded) {
                EXPECT_TRUE(is_open) << all.front() << size;
                continue;
            }
            EXPECT_EQ(decoded.error().code, core::ErrorCode::kUnexpectedEnd)
                << all.front() << size << decoded.error().to_string();
            EXPECT_THAT(words(part), ElementsAre(StartsWith("call the program "))) << size;
        }
        Instruction longer = whole;
        longer.data.push_back(0);
        EXPECT_NE(words(longer), all);
        if (!is_open) {
            EXPECT_ERROR(core::ErrorCode::kTrailingBytes, decode_instruction(longer.data));
            EXPECT_THAT(words(longer), ElementsAre(AllOf(StartsWith("call the program "),
                                                         HasSubstr(" with data "))));
        }
    }
}

}  // namespace
}  // namespace latchkey::solana
