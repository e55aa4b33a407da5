// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/waiting_testing.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "core/base/result_testing.hpp"
#include "net/blocking.hpp"
#include "net/fakes.hpp"

namespace latchkey::solana {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::run_blocking;
using testing::address_of;
using testing::applied;
using testing::approved;
using testing::GuardedWallet;
using ::testing::HasSubstr;
using testing::kDay;
using testing::kEarliest;
using testing::key_of;
using testing::policy_to;
using testing::recover_to;

const Address kPayer = address_of(0x50);

WalletTransaction transaction_of(std::vector<Instruction> instructions, std::uint64_t slot = 1) {
    WalletTransaction out;
    out.slot = slot;
    out.instructions = std::move(instructions);
    return out;
}

Result<std::vector<PastConfiguration>> replay(const GuardedWallet& wallet,
                                              const std::vector<Instruction>& instructions) {
    std::vector<WalletTransaction> all;
    for (const Instruction& one : instructions) {
        all.push_back(transaction_of({one}, all.size() + 1));
    }
    return replay_configurations(wallet.handle, all);
}

const RuleReference kTogether{false, 0};
const RuleReference kAlone{false, 3};

TEST(Replay, begins_with_the_genesis) {
    const GuardedWallet wallet;
    const auto past = replay(wallet, {});
    ASSERT_OK(past);
    ASSERT_EQ(past->size(), 1U);
    EXPECT_EQ(past->front().sequence, 0U);
    EXPECT_EQ(past->front().id, core::first_config_id(wallet.handle.id()));
    EXPECT_EQ(past->front().configuration, wallet.configuration());
    EXPECT_FALSE(past->front().transaction);
}

TEST(Replay, changes_by_two_parties_are_done_at_once_and_those_by_one_are_proposed) {
    const GuardedWallet wallet;
    const PolicyBody first = policy_to(wallet.with_phone(8));
    const PolicyBody second = policy_to(wallet.with_phone(9), 1);
    const auto past = replay(wallet, {approved(wallet.handle, kTogether, first, {0, 2}),
                                      approved(wallet.handle, kAlone, second, {1, 2}),
                                      applied(wallet.handle, kAlone, second)});
    ASSERT_OK(past);
    ASSERT_EQ(past->size(), 3U);
    const PastConfiguration& one = past->at(1);
    EXPECT_EQ(one.sequence, 1U);
    EXPECT_EQ(one.id, core::next_config_id(wallet.handle.id(), past->at(0).id, first.shared));
    EXPECT_EQ(one.configuration, wallet.with_phone(8));
    EXPECT_EQ(one.action, kPolicy);
    EXPECT_FALSE(one.was_proposed);
    EXPECT_EQ(one.transaction->slot, 1U);
    const PastConfiguration& two = past->at(2);
    EXPECT_EQ(two.sequence, 2U);
    EXPECT_EQ(two.id, core::next_config_id(wallet.handle.id(), one.id, second.shared));
    EXPECT_TRUE(two.was_proposed);
    EXPECT_EQ(two.transaction->slot, 3U) << "the one that applied it";
}

TEST(Replay, whether_a_change_waits_is_said_by_the_configuration_before_it) {
    const GuardedWallet wallet;
    core::Configuration free = wallet.with_phone(8);
    free.recovery.reset();
    free.rules = {testing::rule_for(core::kActionPolicy, 1)};
    free.signers = {key_of(8)};
    core::Configuration last = free;
    last.signers = {key_of(9)};
    // The same approval by one key waits for the guard before, and no more without one.
    const auto past = replay(wallet, {approved(wallet.handle, kAlone, policy_to(last), {0}),
                                      approved(wallet.handle, kTogether, policy_to(free), {0, 1}),
                                      approved(wallet.handle, {false, 0}, policy_to(last), {0})});
    ASSERT_OK(past);
    ASSERT_EQ(past->size(), 3U);
    EXPECT_EQ(past->at(2).configuration, last);
    EXPECT_FALSE(past->at(2).was_proposed);
}

TEST(Replay, recoveries) {
    const GuardedWallet wallet;
    const RuleReference guardian = wallet.recovery_rule(0);
    const RecoverBody recover = recover_to(8, 9, 4);
    core::Configuration next =
        recovered_configuration(wallet.recovery_part, wallet.commitment(), recover.signers).value();
    std::swap(next.signers[0], next.signers[1]);
    const auto past = replay(wallet, {approved(wallet.handle, guardian, recover, {0}),
                                      applied(wallet.handle, guardian, recover),
                                      approved(wallet.handle, kTogether, policy_to(next), {0, 1})});
    ASSERT_OK(past);
    ASSERT_EQ(past->size(), 3U);
    const PastConfiguration& one = past->at(1);
    EXPECT_EQ(one.action, kRecover);
    EXPECT_TRUE(one.was_proposed);
    EXPECT_EQ(one.configuration.signers, (std::vector{key_of(8), key_of(9)}));
    const Bytes shared = core::encode(one.configuration).value();
    EXPECT_EQ(one.id,
              core::recovered_config_id(wallet.handle.id(), wallet.commitment(), 0x80, 4, shared));
    EXPECT_EQ(past->at(2).configuration, next);
    EXPECT_EQ(past->at(2).action, kPolicy);
}

TEST(Replay, other_instructions_change_nothing) {
    const GuardedWallet wallet;
    const WalletHandle& handle = wallet.handle;
    const auto past = replay(
        wallet,
        {create_state(handle).value(), approved(handle, {false, 2}, ExecuteBody{}, {0}),
         applied(handle, {false, 2}, ExecuteBody{}),
         approved(handle, {true, 3}, ExecuteBody{}, {0}),
         approved(handle, kTogether, GrantBody{{1}}, {0, 1}),
         approved(handle, kTogether, MessageBody{}, {0, 1}),
         approved(handle, kTogether, CancelBody{0, 3}, {0, 1}),
         approved(handle, wallet.recovery_rule(1), FreezeBody{}, {0}),
         // Of somebody else's configuration: it says nothing about this one before it is done.
         approved(handle, kAlone, PolicyBody{0, {1, 2, 3}}, {0})});
    ASSERT_OK(past);
    EXPECT_EQ(past->size(), 1U);
}

TEST(Replay, refuses_what_does_not_follow) {
    const GuardedWallet wallet;
    const WalletHandle& handle = wallet.handle;
    core::Configuration alone = wallet.with_phone(8);
    alone.recovery.reset();
    const Instruction no_recovery = approved(handle, kTogether, policy_to(alone), {0, 1});
    const Instruction recover = applied(handle, wallet.recovery_rule(0), recover_to(8, 9));
    EXPECT_OK(replay(wallet, {recover}));
    const auto refused = [&](const std::vector<Instruction>& instructions, const char* part) {
        const auto past = replay(wallet, instructions);
        EXPECT_ERROR(ErrorCode::kRpcMalformed, past);
        EXPECT_THAT(past ? "" : past.error().context, HasSubstr(part));
    };
    refused({no_recovery, recover}, "a configuration that has none");
    refused({applied(handle, {false, 0}, ExecuteBody{}),
             approved(handle, {false, 5}, policy_to(alone), {0, 1})},
            "a rule that the configuration before it has not");
    Instruction broken = recover;
    broken.data.resize(4);
    refused({broken}, "is none of the wallet program");
    // Another recovery part than the configuration's, and a rule that the part does not have.
    core::RecoveryPart other = core::decode_recovery_part(wallet.recovery_part).value();
    other.salt = core::testing::filled<core::RecoveryPart::Salt>(8);
    RuleReference stranger = wallet.recovery_rule(0);
    stranger.recovery_part = core::encode(other).value();
    refused({applied(handle, stranger, recover_to(8, 9))}, "another recovery");
    refused({approved(handle, wallet.recovery_rule(2), recover_to(8, 9), {0})},
            "a rule that the recovery part has not");
    RuleReference cut = wallet.recovery_rule(0);
    cut.recovery_part->pop_back();
    for (const Instruction& one : {applied(handle, kAlone, PolicyBody{0, {1, 2, 3}}),
                                   approved(handle, kTogether, PolicyBody{0, {1, 2, 3}}, {0, 1}),
                                   applied(handle, wallet.recovery_rule(0), recover_to(8, 8)),
                                   approved(handle, cut, recover_to(8, 9), {0})}) {
        EXPECT_ERROR(ErrorCode::kRefusedByModel, replay(wallet, {one}));
    }
}

TEST(Replay, several_changes_in_one_transaction) {
    const GuardedWallet wallet;
    const WalletTransaction both = transaction_of(
        {approved(wallet.handle, kTogether, policy_to(wallet.with_phone(8)), {0, 1}),
         approved(wallet.handle, kTogether, policy_to(wallet.with_phone(9)), {0, 1})});
    const auto past = replay_configurations(wallet.handle, std::vector{both});
    ASSERT_OK(past);
    ASSERT_EQ(past->size(), 3U);
    EXPECT_EQ(past->at(2).configuration, wallet.with_phone(9));
}

core::crypto::Ed25519PrivateKey payer_key() {
    return core::crypto::Ed25519PrivateKey::from_seed(
        core::Secret<32>::copy_of(Bytes(32, 0x50)).value());
}

/// Signed by the payer, whose signature names it; `number` makes it another one.
ExecutedTransaction executed(const std::vector<Instruction>& instructions, std::uint8_t number = 0,
                             const std::vector<AddressLookupTable>& tables = {}) {
    const auto key = payer_key();
    MessageDraft draft;
    draft.fee_payer = Address(key.public_key().array());
    draft.lifetime = core::testing::filled<Blockhash>(number);
    draft.instructions = instructions;
    draft.lookup_tables = tables;
    Transaction transaction = Transaction::from_draft(draft).value();
    EXPECT_OK(transaction.sign(key));
    return {std::move(transaction), 7, 8, {}, 0, {}, {}, {}, {}, {}, {}, {}, {}};
}

CompiledInstruction compiled(std::uint8_t program, std::vector<std::uint8_t> accounts, Bytes data) {
    return {program, std::move(accounts), std::move(data)};
}

TEST(WalletTransactions, have_the_instructions_to_one_wallet_in_the_order_in_which_they_ran) {
    const GuardedWallet wallet;
    const Address program = wallet.handle.deployment().program;
    const Address state = wallet.handle.state();
    const Instruction first = approved(wallet.handle, {}, MessageBody{}, {0});
    const Instruction second = applied(wallet.handle, {false, 2}, ExecuteBody{});
    Instruction of_another_wallet = first;
    of_another_wallet.accounts[0] = writable(address_of(1));
    const Instruction foreign{kMemoProgram, {writable(state)}, {1}};
    const Instruction without_accounts{program, {}, {8}};
    ExecutedTransaction source =
        executed({first, foreign, of_another_wallet, without_accounts, second});
    const auto& addresses = source.transaction.message().addresses;
    const auto index = [&](const Address& address) {
        return static_cast<std::uint8_t>(std::find(addresses.begin(), addresses.end(), address) -
                                         addresses.begin());
    };
    // Called by the memo, and once more by the last one; the other program is not the wallet's.
    source.inner = {{4, compiled(index(program), {index(state)}, {4})},
                    {1, compiled(index(program), {index(state)}, {2})},
                    {1, compiled(index(kMemoProgram), {index(state)}, {9})},
                    {1, compiled(index(program), {index(state), index(program)}, {3})}};
    const auto read = read_wallet_transaction(source, program, state);
    ASSERT_OK(read);
    EXPECT_EQ(read->id, source.transaction.id());
    EXPECT_EQ(read->slot, 7U);
    EXPECT_EQ(read->time, 8);
    EXPECT_EQ(read->fee_payer, source.transaction.message().fee_payer());
    ASSERT_EQ(read->instructions.size(), 5U);
    EXPECT_EQ(read->instructions[0].data, first.data);
    EXPECT_EQ(read->instructions[0].accounts[0], writable(state));
    EXPECT_EQ(read->instructions[1].data, Bytes{2});
    EXPECT_EQ(read->instructions[2].data, Bytes{3});
    EXPECT_EQ(read->instructions[2].accounts[1], readonly(program));
    EXPECT_EQ(read->instructions[3].data, second.data);
    EXPECT_EQ(read->instructions[4].data, Bytes{4});
}

TEST(WalletTransactions, take_addresses_from_lookup_tables) {
    const GuardedWallet wallet;
    const Address program = wallet.handle.deployment().program;
    Instruction instruction = approved(wallet.handle, {}, MessageBody{}, {0},
                                       {readonly(address_of(1)), writable(address_of(2))});
    const AddressLookupTable table{
        address_of(3),
        {wallet.handle.state(), address_of(1), wallet.handle.vault(), address_of(2)}};
    ExecutedTransaction source = executed({instruction}, 0, {table});
    ASSERT_EQ(source.transaction.message().lookups.size(), 1U);
    // As the node tells it.
    const TableLookup lookup = source.transaction.message().lookups[0];
    for (const std::uint8_t one : lookup.writable_indexes) {
        source.loaded_writable.push_back(table.addresses[one]);
    }
    for (const std::uint8_t one : lookup.readonly_indexes) {
        source.loaded_readonly.push_back(table.addresses[one]);
    }
    EXPECT_EQ(source.loaded_writable.size(), 2U);
    const auto read = read_wallet_transaction(source, program, wallet.handle.state());
    ASSERT_OK(read);
    ASSERT_EQ(read->instructions.size(), 1U);
    EXPECT_EQ(read->instructions[0], instruction);
    // A node that leaves one out.
    source.loaded_readonly.pop_back();
    EXPECT_ERROR(ErrorCode::kRpcMalformed,
                 read_wallet_transaction(source, program, wallet.handle.state()));
}

TEST(WalletTransactions, refuse_indexes_beyond_the_accounts) {
    const GuardedWallet wallet;
    const Address program = wallet.handle.deployment().program;
    const Address state = wallet.handle.state();
    ExecutedTransaction source = executed({approved(wallet.handle, {}, MessageBody{}, {0})});
    const auto count = static_cast<std::uint8_t>(source.transaction.message().addresses.size());
    const auto last = static_cast<std::uint8_t>(count - 1);
    source.inner = {{0, compiled(last, {last}, {})}};
    EXPECT_OK(read_wallet_transaction(source, program, state));
    source.inner = {{0, compiled(count, {last}, {})}};
    EXPECT_ERROR(ErrorCode::kRpcMalformed, read_wallet_transaction(source, program, state));
    source.inner = {{0, compiled(last, {0, count}, {})}};
    EXPECT_ERROR(ErrorCode::kRpcMalformed, read_wallet_transaction(source, program, state));
}

/// A node with these transactions, newest first.
class History : public ::testing::Test {
  protected:
    History() {
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url("http://node/").value();
        transport_.script = {[this](const net::HttpRequest& request) { return answer(request); }};
        json_rpc_ = net::JsonRpcClient::create(transport_, clock_, jitter_,
                                               rpc_transport_options({endpoint}))
                        .value();
        rpc_ = std::make_unique<RpcClient>(*json_rpc_, RpcOptions());
    }

    Result<net::HttpResponse> answer(const net::HttpRequest& request) {
        const json::value sent = json::parse(request.body);
        const json::array& params = sent.at("params").as_array();
        const json::value result = sent.at("method") == "getTransaction"
                                       ? transaction(std::string(params[0].as_string()))
                                       : signatures(params);
        return net::HttpResponse{
            200,
            {},
            json::serialize(
                json::object{{"jsonrpc", "2.0"}, {"id", sent.at("id")}, {"result", result}})};
    }

    json::value transaction(const std::string& id) {
        asked_.push_back(id);
        const auto found = known_.find(id);
        if (found == known_.end()) {
            return nullptr;
        }
        const ExecutedTransaction& source = found->second;
        const json::array balances(source.transaction.message().addresses.size(), json::value(1));
        json::object out{{"slot", source.slot},
                         {"version", 0},
                         {"transaction", {source.transaction.encode_base64(), "base64"}},
                         {"meta",
                          {{"err", nullptr},
                           {"fee", 5000},
                           {"preBalances", balances},
                           {"postBalances", balances}}}};
        out["blockTime"] = source.block_time ? json::value(*source.block_time) : nullptr;
        return out;
    }

    json::array signatures(const json::array& params) {
        address_ = std::string(params[0].as_string());
        const json::object& options = params[1].as_object();
        const auto limit = options.at("limit").to_number<std::size_t>();
        json::array out;
        bool has_begun = !options.contains("before");
        for (const json::value& one : listed_) {
            const json::value& id = one.at("signature");
            if (options.contains("until") && options.at("until") == id) {
                break;
            }
            if (has_begun && out.size() < limit) {
                out.push_back(one);
            }
            has_begun = has_begun || options.at("before") == id;
        }
        pages_.push_back(out.size());
        return out;
    }

    static Signature numbered(std::uint32_t number) {
        Signature out = core::testing::filled<Signature>(0xab);
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&number), 4, out.begin());
        return out;
    }
    void list(const Signature& id, bool has_failed, std::optional<std::int64_t> time) {
        json::object one{{"signature", to_base58(id)}, {"slot", 1}};
        one["err"] = has_failed ? json::value("AccountNotFound") : json::value(nullptr);
        one["blockTime"] = time ? json::value(*time) : json::value(nullptr);
        listed_.push_back(one);
    }
    /// Older than all before it.
    Signature add(const std::vector<Instruction>& instructions,
                  std::optional<std::int64_t> time = kEarliest) {
        ExecutedTransaction source =
            executed(instructions, static_cast<std::uint8_t>(known_.size()));
        source.block_time = time;
        const Signature id = *source.transaction.id();
        known_.emplace(to_base58(id), std::move(source));
        list(id, false, kEarliest);
        return id;
    }
    /// What the reader finds, newest first.
    std::vector<Signature> read_all(HistoryReader& reader) {
        std::vector<Signature> out;
        for (;;) {
            const auto next = run_blocking(reader.next());
            EXPECT_OK(next);
            if (!next || !*next) {
                return out;
            }
            out.push_back((*next)->id);
        }
    }

    GuardedWallet wallet_;
    std::map<std::string, ExecutedTransaction> known_;
    json::array listed_;
    std::vector<std::string> asked_;
    std::vector<std::size_t> pages_;
    std::string address_;

    net::FakeClock clock_;
    net::LongestJitter jitter_;
    net::ScriptedTransport transport_;
    std::unique_ptr<net::JsonRpcClient> json_rpc_;
    std::unique_ptr<RpcClient> rpc_;
};

TEST_F(History, is_read_page_by_page) {
    const Instruction message = approved(wallet_.handle, {}, MessageBody{}, {0});
    std::vector<Signature> expected;
    std::uint32_t number = 0;
    const auto fail_until = [&](std::uint32_t end) {
        for (; number < end; ++number) {
            list(numbered(number), true, 1);
        }
    };
    // The last of a page, the first of the next one, and the oldest.
    fail_until(999);
    expected.push_back(add({message}));
    ++number;
    expected.push_back(add({message}));
    ++number;
    fail_until(1500);
    expected.push_back(add({message}));
    HistoryReader reader(*rpc_, wallet_.handle);
    EXPECT_FALSE(reader.newest());
    EXPECT_EQ(read_all(reader), expected);
    EXPECT_EQ(reader.newest(), numbered(0)) << "it failed, and was seen";
    EXPECT_EQ(address_, to_base58(wallet_.handle.state()));
    EXPECT_EQ(pages_, (std::vector<std::size_t>{1000, 501}));
    EXPECT_EQ(asked_.size(), 3U) << "what failed is not fetched";
    EXPECT_FALSE(run_blocking(reader.next()).value()) << "it stays at the end";
}

TEST_F(History, ends_at_what_was_seen) {
    const Instruction message = approved(wallet_.handle, {}, MessageBody{}, {0});
    const Signature newest = add({message});
    const Signature middle = add({message});
    add({message});
    HistoryReader reader(*rpc_, wallet_.handle, middle);
    EXPECT_EQ(read_all(reader), std::vector{newest});
    HistoryReader again(*rpc_, wallet_.handle, newest);
    EXPECT_TRUE(read_all(again).empty());
    EXPECT_FALSE(again.newest());
}

TEST_F(History, takes_the_time_from_the_list_and_leaves_out_what_is_not_the_wallets) {
    const Instruction message = approved(wallet_.handle, {}, MessageBody{}, {0});
    add({system::transfer(kPayer, wallet_.handle.state(), 1)});
    const Signature own = add({message}, std::nullopt);
    HistoryReader reader(*rpc_, wallet_.handle);
    const auto found = run_blocking(reader.next());
    ASSERT_OK(found);
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->id, own);
    EXPECT_EQ((*found)->time, kEarliest);
}

TEST_F(History, a_transaction_that_the_node_lists_and_does_not_have) {
    list(numbered(1), false, 1);
    HistoryReader reader(*rpc_, wallet_.handle);
    const auto next = run_blocking(reader.next());
    EXPECT_ERROR(ErrorCode::kRpcMalformed, next);
    EXPECT_THAT(next.error().context, HasSubstr(to_base58(numbered(1)) + " and does not have it"));
}

TEST_F(History, finds_the_newest_proposal_with_the_records_digest) {
    const PolicyBody policy = policy_to(wallet_.with_phone(8));
    const Instruction proposal = approved(wallet_.handle, kAlone, policy, {0});
    RuleRecord record;
    record.rule = 3;
    record.earliest = kEarliest;
    record.digest = waiting_digest(wallet_.handle, read_proposal(proposal).value()).value();
    const auto find = [&] { return run_blocking(find_proposal(*rpc_, wallet_.handle, record)); };
    EXPECT_FALSE(find().value());
    // The same change under another rule, and another change under the same.
    add({approved(wallet_.handle, kTogether, policy, {0, 1}),
         approved(wallet_.handle, kAlone, policy_to(wallet_.with_phone(9)), {0})});
    add({applied(wallet_.handle, kAlone, policy)});
    EXPECT_FALSE(find().value());
    const Signature expected = add({approved(wallet_.handle, {}, MessageBody{}, {0}), proposal});
    add({proposal});
    const auto found = find();
    ASSERT_OK(found);
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->transaction.id, expected);
    EXPECT_EQ((*found)->proposal.body, Body(policy));
    // No proposal waits longer than 365 days, and 14 days for somebody to apply it.
    record.earliest = kEarliest + 379 * kDay;
    EXPECT_TRUE(find().value());
    record.earliest += 1;
    asked_.clear();
    EXPECT_FALSE(find().value());
    EXPECT_EQ(asked_.size(), 1U) << "nothing older is looked at";
}

/// The wallet as `past` leaves it.
WalletSnapshot snapshot_after(const GuardedWallet& wallet, const PastConfiguration& last) {
    StateAccount state = wallet.state;
    state.sequence = last.sequence;
    state.config_id = core::Hash32(last.id.array());
    state.shared = core::encode(last.configuration).value();
    state.counters.resize(count_limits(state.shared).value());
    return WalletSnapshot::from_state(wallet.handle, encode_state(state).value()).value();
}

TEST_F(History, leads_to_the_states_configuration) {
    const Instruction first =
        approved(wallet_.handle, kTogether, policy_to(wallet_.with_phone(8)), {0, 1});
    const RecoverBody keys = recover_to(10, 11, 2);
    const Instruction recover = applied(wallet_.handle, wallet_.recovery_rule(0), keys);
    const auto past = replay(wallet_, {first, recover});
    ASSERT_OK(past);
    const WalletSnapshot now = snapshot_after(wallet_, past->back());
    const auto fetch = [&] { return run_blocking(fetch_configurations(*rpc_, now)); };
    EXPECT_ERROR(ErrorCode::kRpcMalformed, fetch()) << "nothing is known";
    add({recover});
    // A recovery has the same id whatever came before it, so the number tells what is missing.
    EXPECT_ERROR(ErrorCode::kRpcMalformed, fetch());
    add({first});
    const auto fetched = fetch();
    ASSERT_OK(fetched);
    ASSERT_EQ(fetched->size(), 3U);
    EXPECT_EQ(fetched->back().id, now.config_id());
    EXPECT_EQ(fetched->back().action, kRecover);
    const auto others =
        run_blocking(fetch_configurations(*rpc_, WalletSnapshot::in_genesis(wallet_.handle)));
    EXPECT_ERROR(ErrorCode::kRpcMalformed, others);
    EXPECT_THAT(others.error().context, HasSubstr("ask a node that keeps all of them"));
}

}  // namespace
}  // namespace latchkey::solana
