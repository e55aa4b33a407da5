// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/rpc.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/rpc_codec.hpp"
#include "chains/solana/client/vectors/vectors.hpp"
#include "net/blocking.hpp"
#include "net/fakes.hpp"

namespace latchkey::solana {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::run_blocking;
using vectors::named;

/// One node that answers everything with the same result or error.
class Rpc : public testing::Test {
  protected:
    Rpc() {
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url("http://node/").value();
        transport.script = {[this](const net::HttpRequest& request) { return answer(request); }};
        json_rpc =
            net::JsonRpcClient::create(transport, clock, jitter, rpc_transport_options({endpoint}))
                .value();
        rpc = std::make_unique<RpcClient>(*json_rpc, RpcOptions());
    }

    Result<net::HttpResponse> answer(const net::HttpRequest& request) {
        const json::value sent = json::parse(request.body);
        method = sent.at("method").as_string();
        params = sent.at("params");
        json::object reply{{"jsonrpc", "2.0"}, {"id", sent.at("id")}};
        reply[is_error ? "error" : "result"] = json::parse(result);
        return net::HttpResponse{200, {}, json::serialize(reply)};
    }

    json::value expected(std::string_view text) { return json::parse(text); }

    net::FakeClock clock;
    net::LongestJitter jitter;
    net::ScriptedTransport transport;
    std::unique_ptr<net::JsonRpcClient> json_rpc;
    std::unique_ptr<RpcClient> rpc;
    std::string result;
    bool is_error = false;
    std::string method;
    json::value params;
};

Transaction signed_transfer() {
    const auto seed = core::Secret<32>::copy_of(named("payer key").view()).value();
    const auto key = core::crypto::Ed25519PrivateKey::from_seed(seed);
    MessageDraft draft;
    draft.fee_payer = Address(key.public_key().array());
    draft.instructions = {system::transfer(draft.fee_payer, named("to"), 1)};
    Transaction transaction = Transaction::from_draft(draft).value();
    EXPECT_TRUE(transaction.sign(key));
    return transaction;
}

const std::string kTo = to_base58(named("to"));

TEST_F(Rpc, latest_blockhash) {
    result = R"({"context":{"slot":9,"apiVersion":"4.3.1"},"value":{"blockhash":")" + kTo +
             R"(","lastValidBlockHeight":3090}})";
    const auto hash = run_blocking(rpc->get_latest_blockhash({Commitment::kFinalized, 5})).value();
    EXPECT_EQ(method, "getLatestBlockhash");
    EXPECT_EQ(params, expected(R"([{"commitment":"finalized","minContextSlot":5}])"));
    EXPECT_EQ(hash.blockhash, Blockhash(named("to").array()));
    EXPECT_EQ(hash.last_valid_block_height, 3090U);
    EXPECT_EQ(hash.slot, 9U);
}

TEST_F(Rpc, accounts) {
    const std::string account = R"({"lamports":18446744073709551615,"owner":")" + kTo +
                                R"(","executable":true,"data":["AQI=","base64"],
                                "rentEpoch":18446744073709551615,"space":2})";
    result = R"({"context":{"slot":9},"value":)" + account + "}";
    const auto found = run_blocking(rpc->get_account(named("x"))).value().value();
    EXPECT_EQ(params, expected(R"([")" + to_base58(named("x")) +
                               R"(",{"commitment":"confirmed","encoding":"base64"}])"));
    EXPECT_EQ(found, (AccountInfo{~std::uint64_t{0}, named("to"), true, {1, 2}}));
    result = R"({"context":{"slot":9},"value":null})";
    EXPECT_FALSE(run_blocking(rpc->get_account(named("x"))).value());
    result = R"({"context":{"slot":9},"value":[null,)" + account + "]}";
    std::vector<Address> both{named("x"), named("y")};
    const auto list = run_blocking(rpc->get_accounts(both)).value();
    EXPECT_FALSE(list[0]);
    EXPECT_EQ(list[1], found);
    std::vector<Address> three(3);
    EXPECT_EQ(run_blocking(rpc->get_accounts(three)).error().code, ErrorCode::kRpcMalformed);
    result = R"({"context":{"slot":9},"value":7})";
    EXPECT_EQ(run_blocking(rpc->get_balance(named("x"))).value(), 7U);
}

TEST_F(Rpc, many_accounts_are_asked_for_in_parts_that_do_not_go_back) {
    const auto part = [](int slot, int count) {
        json::array nulls;
        nulls.resize(static_cast<std::size_t>(count));
        return json::serialize(json::object{{"context", {{"slot", slot}}}, {"value", nulls}});
    };
    std::vector<json::value> asked;
    transport.script = {[&](const net::HttpRequest& request) {
                            result = part(50, 100);
                            auto out = answer(request);
                            asked.push_back(params);
                            return out;
                        },
                        [&](const net::HttpRequest& request) {
                            result = part(51, 30);
                            auto out = answer(request);
                            asked.push_back(params);
                            return out;
                        }};
    std::vector<Address> addresses(130);
    EXPECT_EQ(run_blocking(rpc->get_accounts(addresses))->size(), 130U);
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_FALSE(asked[0].at(1).as_object().contains("minContextSlot"));
    EXPECT_EQ(asked[1].at(1).at("minContextSlot").to_number<int>(), 50);
}

TEST_F(Rpc, malformed_answers_are_errors) {
    const auto code = [&](auto task) {
        const auto out = run_blocking(std::move(task));
        return out ? ErrorCode::kUnsupported : out.error().code;
    };
    for (const std::string_view text :
         {"null", "5", "{}", R"({"value":null})", R"({"context":{},"value":null})",
          R"({"context":{"slot":-1},"value":null})", R"({"context":{"slot":1.5},"value":null})",
          R"({"context":{"slot":1},"value":5})", R"({"context":{"slot":1},"value":{}})",
          R"({"context":{"slot":1},"value":{"lamports":1,"owner":"x","executable":true,
              "data":["","base64"]}})",
          R"({"context":{"slot":1},"value":{"lamports":-1,"executable":true,
              "owner":"11111111111111111111111111111111","data":["","base64"]}})",
          R"({"context":{"slot":1},"value":{"lamports":1,"executable":1,
              "owner":"11111111111111111111111111111111","data":["","base64"]}})",
          R"({"context":{"slot":1},"value":{"lamports":1,"executable":true,
              "owner":"11111111111111111111111111111111","data":["","base58"]}})",
          R"({"context":{"slot":1},"value":{"lamports":1,"executable":true,
              "owner":"11111111111111111111111111111111","data":["*","base64"]}})",
          R"({"context":{"slot":1},"value":{"lamports":1,"executable":true,
              "owner":"11111111111111111111111111111111","data":"AQ=="}})"}) {
        result = text;
        EXPECT_EQ(code(rpc->get_account(named("x"))), ErrorCode::kRpcMalformed) << text;
    }
    result = R"("5")";
    EXPECT_EQ(code(rpc->get_slot()), ErrorCode::kRpcMalformed);
    EXPECT_EQ(code(rpc->get_genesis_hash()), ErrorCode::kRpcMalformed);
    EXPECT_EQ(code(rpc->get_version()), ErrorCode::kRpcMalformed);
    EXPECT_EQ(code(rpc->get_block_time(1)), ErrorCode::kRpcMalformed);
    EXPECT_EQ(code(rpc->request_airdrop(named("x"), 1)), ErrorCode::kRpcMalformed);
    EXPECT_EQ(code(rpc->get_signatures_for_address(named("x"), 1)), ErrorCode::kRpcMalformed);
}

TEST_F(Rpc, node_errors_are_sentences) {
    is_error = true;
    result = R"({"code":-32011,"message":"Transaction history is not available from this node"})";
    const auto slot = run_blocking(rpc->get_slot());
    EXPECT_EQ(slot.error().code, ErrorCode::kRpcRejected);
    EXPECT_EQ(slot.error().context,
              "getSlot: the node keeps no transaction history; ask another one (error -32011: "
              "Transaction history is not available from this node)");
    result = R"({"code":-32007,"message":"Slot 5 was skipped"})";
    EXPECT_FALSE(run_blocking(rpc->get_block_time(5)).value());
}

TEST_F(Rpc, cluster) {
    result = "\"" + kTo + "\"";
    const Blockhash genesis(named("to").array());
    EXPECT_EQ(run_blocking(rpc->get_genesis_hash()).value(), genesis);
    EXPECT_TRUE(run_blocking(rpc->check_cluster(genesis)));
    EXPECT_EQ(run_blocking(rpc->check_cluster(Blockhash())).error().code, ErrorCode::kWrongCluster);
    result = R"({"solana-core":"4.3.1","feature-set":5})";
    EXPECT_EQ(run_blocking(rpc->get_version()).value(), "4.3.1");
    result = "1700000000";
    EXPECT_EQ(run_blocking(rpc->get_block_time(5)).value(), 1700000000);
}

TEST_F(Rpc, sending) {
    const Transaction transaction = signed_transfer();
    result = "\"" + to_base58(*transaction.id()) + "\"";
    EXPECT_EQ(run_blocking(rpc->send(transaction, true)).value(), *transaction.id());
    EXPECT_EQ(params.at(0), json::value(transaction.encode_base64()));
    EXPECT_EQ(params.at(1), expected(R"({"encoding":"base64","skipPreflight":false,
                                         "preflightCommitment":"confirmed","maxRetries":0})"));
    EXPECT_FALSE(transport.requests.back().idempotent);
    EXPECT_TRUE(run_blocking(rpc->send(transaction, false)));
    EXPECT_TRUE(transport.requests.back().idempotent);
    result = "\"" + to_base58(Signature()) + "\"";
    EXPECT_EQ(run_blocking(rpc->send(transaction, true)).error().error.code,
              ErrorCode::kRpcMalformed);
    const auto unsigned_one = Transaction::from_message(transaction.message()).value();
    const auto requests = transport.requests.size();
    EXPECT_EQ(run_blocking(rpc->send(unsigned_one, true)).error().error.code,
              ErrorCode::kMissingSignature);
    EXPECT_EQ(transport.requests.size(), requests);
}

TEST_F(Rpc, a_refused_preflight_says_why) {
    is_error = true;
    result = R"({"code":-32002,"message":"Transaction simulation failed: Error processing",
                 "data":{"accounts":null,"err":{"InstructionError":[0,{"Custom":1}]},
                         "logs":["Program 1111 invoke [1]","failed"],"unitsConsumed":150}})";
    const auto sent = run_blocking(rpc->send(signed_transfer(), true));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().error.code, ErrorCode::kSimulationFailed);
    EXPECT_EQ(sent.error().error.context,
              "instruction 0 (the System program): not enough lamports (error 1)");
    EXPECT_EQ(sent.error().transaction_error->custom_code, 1U);
    EXPECT_EQ(sent.error().logs.size(), 2U);
    result = R"({"code":-32002,"message":"m","data":{"err":[]}})";
    EXPECT_EQ(run_blocking(rpc->send(signed_transfer(), true)).error().error.code,
              ErrorCode::kRpcRejected);
}

TEST_F(Rpc, simulation) {
    result = R"({"context":{"slot":9},"value":{"err":null,"logs":["a","b"],"unitsConsumed":150,
        "loadedAccountsDataSize":206,"accounts":[null],
        "returnData":{"programId":")" +
             kTo + R"(","data":["AQ==","base64"]}}})";
    SimulateOptions options;
    options.accounts = {named("x")};
    options.replace_blockhash = true;
    const auto simulation = run_blocking(rpc->simulate(signed_transfer(), options)).value();
    EXPECT_EQ(params.at(1),
              expected(R"({"encoding":"base64","commitment":"confirmed","sigVerify":false,
                           "replaceRecentBlockhash":true,"accounts":{"encoding":"base64",
                           "addresses":[")" +
                       to_base58(named("x")) + R"("]}})"));
    EXPECT_FALSE(simulation.error);
    EXPECT_EQ(simulation.logs.size(), 2U);
    EXPECT_EQ(simulation.compute_units, 150U);
    EXPECT_EQ(simulation.loaded_accounts_bytes, 206U);
    EXPECT_EQ(simulation.return_data->data, Bytes{1});
    EXPECT_EQ(simulation.accounts.size(), 1U);
    result = R"({"context":{"slot":9},"value":{"err":"AccountNotFound","logs":null,
        "accounts":null}})";
    EXPECT_EQ(run_blocking(rpc->simulate(signed_transfer(), options))->error->name,
              "AccountNotFound");
}

TEST_F(Rpc, statuses) {
    result = R"({"context":{"slot":9},"value":[null,
        {"slot":5,"confirmations":null,"err":null,"status":{"Ok":null},
         "confirmationStatus":"finalized"},
        {"slot":6,"confirmations":1,"err":{"InstructionError":[0,"InvalidSeeds"]},
         "confirmationStatus":"processed"}]})";
    std::vector<Signature> ids(3);
    const auto statuses = run_blocking(rpc->get_signature_statuses(ids, true)).value();
    EXPECT_FALSE(statuses[0]);
    EXPECT_EQ(statuses[1]->commitment, Commitment::kFinalized);
    EXPECT_EQ(statuses[2]->commitment, Commitment::kProcessed);
    EXPECT_EQ(statuses[2]->error->instruction_error, "InvalidSeeds");
    ids.resize(2);
    EXPECT_EQ(run_blocking(rpc->get_signature_statuses(ids, true)).error().code,
              ErrorCode::kRpcMalformed);
}

TEST_F(Rpc, executed_transactions) {
    const Transaction transaction = signed_transfer();
    const auto with = [&](std::string_view balances) {
        result = R"({"slot":5,"blockTime":1700000000,"version":0,"transaction":[")" +
                 transaction.encode_base64() +
                 R"(","base64"],"meta":{"err":null,"fee":5000,"computeUnitsConsumed":150,
                 "logMessages":["a"],"preBalances":)" +
                 std::string(balances) +
                 R"(,"postBalances":[4,2,1],"loadedAddresses":{"writable":[],"readonly":[]}}})";
        return run_blocking(rpc->get_transaction(*transaction.id()));
    };
    const auto executed = with("[5,1,1]").value().value();
    EXPECT_EQ(executed.transaction, transaction);
    EXPECT_EQ(executed.fee, 5000U);
    EXPECT_EQ(executed.block_time, 1700000000);
    EXPECT_EQ(executed.balances_after, (std::vector<std::uint64_t>{4, 2, 1}));
    EXPECT_EQ(params.at(1).at("maxSupportedTransactionVersion").to_number<int>(), 1);
    EXPECT_EQ(with("[5,1]").error().code, ErrorCode::kRpcMalformed) << "a balance is missing";
    EXPECT_EQ(run_blocking(rpc->get_transaction(Signature())).error().code,
              ErrorCode::kRpcMalformed);
    result = "null";
    EXPECT_FALSE(run_blocking(rpc->get_transaction(*transaction.id())).value());
}

TEST_F(Rpc, token_accounts_must_be_the_owners) {
    Bytes data(165);
    const Address mint = named("mint");
    std::copy(mint.begin(), mint.end(), data.begin());
    const Address owner = named("owner");
    std::copy(owner.begin(), owner.end(), data.begin() + 32);
    data[64] = 9;
    data[108] = 1;
    result = R"({"context":{"slot":9},"value":[{"pubkey":")" + kTo +
             R"(","account":{"lamports":1,"owner":")" + to_base58(kTokenProgram) +
             R"(","executable":false,"data":[")" + core::encode_base64(data) + R"(","base64"]}}]})";
    const auto accounts =
        run_blocking(rpc->get_token_accounts_by_owner(owner, kTokenProgram)).value();
    ASSERT_EQ(accounts.size(), 1U);
    EXPECT_EQ(accounts[0].address, named("to"));
    EXPECT_EQ(accounts[0].state.amount, 9U);
    EXPECT_EQ(params.at(1), expected(R"({"programId":")" + to_base58(kTokenProgram) + "\"}"));
    EXPECT_EQ(run_blocking(rpc->get_token_accounts_of_mint(named("x"), named("mint"))).error().code,
              ErrorCode::kRpcMalformed);
}

TEST_F(Rpc, system_accounts_must_have_the_right_owner) {
    const auto with = [&](const Address& owner) {
        result = R"({"context":{"slot":9},"value":{"lamports":1,"executable":false,"owner":")" +
                 to_base58(owner) + R"(","data":[")" + core::encode_base64(Bytes(40, 1)) +
                 R"(","base64"]}})";
    };
    with("Sysvar1111111111111111111111111111111111111"_address);
    EXPECT_EQ(run_blocking(rpc->get_clock())->slot, 0x0101010101010101U);
    with(kSystemProgram);
    EXPECT_EQ(run_blocking(rpc->get_clock()).error().code, ErrorCode::kRpcMalformed);
    EXPECT_EQ(run_blocking(rpc->get_lookup_table(named("x"))).error().code,
              ErrorCode::kRpcMalformed);
    EXPECT_FALSE(run_blocking(rpc->get_nonce(named("x"))));
}

TEST_F(Rpc, fees_and_history) {
    result = R"({"context":{"slot":9},"value":5000})";
    const auto fee = run_blocking(rpc->get_fee(signed_transfer()));
    EXPECT_EQ(fee.value(), 5000U);
    result = R"({"context":{"slot":9},"value":null})";
    EXPECT_FALSE(run_blocking(rpc->get_fee(signed_transfer())).value());
    result = R"([{"slot":5,"prioritizationFee":7}])";
    std::vector<Address> writable{named("x")};
    EXPECT_EQ(run_blocking(rpc->get_recent_prioritization_fees(writable))
                  ->front()
                  .micro_lamports_per_unit,
              7U);
    EXPECT_EQ(params, expected(R"([[")" + to_base58(named("x")) + R"("]])"));
    result = R"([{"signature":")" + to_base58(Signature()) +
             R"(","slot":5,"err":null,"memo":"[2] hi","blockTime":7,
             "confirmationStatus":"finalized"}])";
    const auto infos =
        run_blocking(rpc->get_signatures_for_address(named("x"), 10, Signature())).value();
    EXPECT_EQ(infos[0].memo, "[2] hi");
    EXPECT_EQ(params.at(1).at("before"), json::value(to_base58(Signature())));
    EXPECT_FALSE(params.at(1).as_object().contains("until"));
}

}  // namespace
}  // namespace latchkey::solana
