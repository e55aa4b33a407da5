// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rpc.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/client/rpc_codec.hpp"
#include "chains/evm/client/rpc_error.hpp"
#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"
#include "net/blocking.hpp"
#include "net/fakes.hpp"

namespace latchkey::evm {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::run_blocking;
using testing::hex;

const std::string kHash = "0x" + std::string(64, 'a');
const std::string kOtherHash = "0x" + std::string(64, 'b');
const std::string kAddress = "0x" + std::string(40, '1');

/// One node that answers everything with the same result or error.
class Rpc : public ::testing::Test {
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

    json::object reply(const json::value& call, const std::string& text) const {
        json::object out{{"jsonrpc", "2.0"}, {"id", call.at("id")}};
        out[is_error ? "error" : "result"] = json::parse(text);
        return out;
    }

    Result<net::HttpResponse> answer(const net::HttpRequest& request) {
        const json::value sent = json::parse(request.body);
        if (sent.is_array()) {
            json::array replies;
            for (const json::value& one : sent.as_array()) {
                replies.emplace_back(reply(one, results.at(replies.size())));
            }
            return net::HttpResponse{200, {}, json::serialize(replies)};
        }
        method = std::string(sent.at("method").as_string());
        params = sent.at("params");
        return net::HttpResponse{200, {}, json::serialize(reply(sent, result))};
    }

    /// The answer to `task` when the node says this.
    template <typename T>
    Result<T> ask(Task<Result<T>> task, std::string text) {
        is_error = false;
        result = std::move(text);
        return run_blocking(std::move(task));
    }
    template <typename T>
    Result<T> refuse(Task<Result<T>> task, std::string text) {
        is_error = true;
        result = std::move(text);
        return run_blocking(std::move(task));
    }
    void expect_asked(std::string_view name, std::string_view with) const {
        EXPECT_EQ(method, name);
        EXPECT_EQ(params, json::parse(with));
    }

    net::FakeClock clock;
    net::LongestJitter jitter;
    net::ScriptedTransport transport;
    std::unique_ptr<net::JsonRpcClient> json_rpc;
    std::unique_ptr<RpcClient> rpc;
    std::string result;
    /// Of a batch.
    std::vector<std::string> results;
    bool is_error = false;
    std::string method;
    json::value params;
};

Address address() {
    return parse_address(kAddress).value();
}
Hash32 hash() {
    return testing::fixed<Hash32>(kHash);
}

TEST_F(Rpc, numbers) {
    EXPECT_EQ(ask(rpc->get_chain_id(), R"("0x7a69")").value(), 31337U);
    expect_asked("eth_chainId", "[]");
    EXPECT_OK(ask(rpc->check_chain(31337), R"("0x7a69")"));
    EXPECT_ERROR(ErrorCode::kWrongChain, ask(rpc->check_chain(1), R"("0x7a69")"));
    EXPECT_EQ(ask(rpc->get_block_number(), R"("0x0")").value(), 0U);
    EXPECT_EQ(ask(rpc->get_balance(address()), R"("0xde0b6b3a7640000")").value(),
              Uint256(1'000'000'000'000'000'000));
    expect_asked("eth_getBalance", R"([")" + kAddress + R"(","latest"])");
    EXPECT_EQ(ask(rpc->get_transaction_count(address(), BlockTag::kPending), R"("0x5")").value(),
              5U);
    expect_asked("eth_getTransactionCount", R"([")" + kAddress + R"(","pending"])");
    EXPECT_EQ(ask(rpc->get_max_priority_fee_per_gas(), R"("0x1")").value(), Uint256(1));
    for (const std::string text : {"1", "null", R"("1")", R"("0x")", R"("0x01")", R"("0xg")",
                                   R"("0x10000000000000000")", "{}", "[]"}) {
        EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->get_chain_id(), text)) << text;
    }
}

TEST_F(Rpc, code_and_storage) {
    EXPECT_EQ(ask(rpc->get_code(address(), std::uint64_t{255}), R"("0x6001")").value(),
              hex("0x6001"));
    expect_asked("eth_getCode", R"([")" + kAddress + R"(","0xff"])");
    EXPECT_TRUE(ask(rpc->get_code(address()), R"("0x")")->empty());
    EXPECT_EQ(
        ask(rpc->get_storage_at(address(), Uint256(16), hash()), '"' + kOtherHash + '"').value(),
        testing::fixed<Hash32>(kOtherHash));
    expect_asked("eth_getStorageAt",
                 R"([")" + kAddress + R"(","0x10",{"blockHash":")" + kHash + R"("}])");
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->get_code(address()), R"("0x0")"));
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_storage_at(address(), Uint256()), R"("0x00")"));
}

TEST_F(Rpc, several_words) {
    const Hash32 word = testing::fixed<Hash32>(kOtherHash);
    results.assign(40, '"' + kOtherHash + '"');
    const auto ask_for = [&](std::size_t count) {
        is_error = false;
        transport.requests.clear();
        return run_blocking(rpc->get_storage(address(), std::vector<Hash32>(count), hash()));
    };
    EXPECT_EQ(ask_for(0).value(), std::vector<Hash32>());
    EXPECT_TRUE(transport.requests.empty());
    EXPECT_EQ(ask_for(40).value(), std::vector<Hash32>(40, word));
    ASSERT_EQ(transport.requests.size(), 1U);
    const json::value sent = json::parse(transport.requests[0].body);
    EXPECT_EQ(sent.at(0).at("method"), "eth_getStorageAt");
    EXPECT_EQ(sent.at(39).at("params"),
              json::parse(R"([")" + kAddress + R"(","0x0",{"blockHash":")" + kHash + R"("}])"));
    // No node is asked for more at once.
    EXPECT_EQ(ask_for(82).value(), std::vector<Hash32>(82, word));
    EXPECT_EQ(transport.requests.size(), 3U);
    results[7] = R"("0x00")";
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask_for(8));
    EXPECT_OK(ask_for(7));
    is_error = true;
    results.assign(2, R"({"code":-32000,"message":"header not found"})");
    EXPECT_ERROR(ErrorCode::kNodeRejected,
                 run_blocking(rpc->get_storage(address(), std::vector<Hash32>(2), hash())));
}

/// A block as nodes send it, with one member replaced or, by "", removed.
std::string with(const std::string& text, std::string_view name, std::string_view value) {
    json::value out = json::parse(text);
    if (value.empty()) {
        out.as_object().erase(name);
    } else {
        out.as_object()[name] = json::parse(value);
    }
    return json::serialize(out);
}

std::string block_text() {
    return R"({"number":"0x10","hash":")" + kHash + R"(","parentHash":")" + kOtherHash +
           R"(","timestamp":"0x65","gasLimit":"0x1c9c380","gasUsed":"0x0",
             "baseFeePerGas":"0x3b9aca00","more":[]})";
}

TEST_F(Rpc, blocks) {
    const Block block = ask(rpc->get_block(BlockTag::kFinalized), block_text()).value().value();
    expect_asked("eth_getBlockByNumber", R"(["finalized",false])");
    EXPECT_EQ(block, (Block{16, hash(), testing::fixed<Hash32>(kOtherHash), 101, 30'000'000, 0,
                            Uint256(1'000'000'000)}));
    EXPECT_OK(ask(rpc->get_block(hash()), block_text()));
    expect_asked("eth_getBlockByHash", R"([")" + kHash + R"(",false])");
    EXPECT_FALSE(ask(rpc->get_block(std::uint64_t{16}), "null").value());
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->get_block(std::uint64_t{17}), block_text()));
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_block(testing::fixed<Hash32>(kOtherHash)), block_text()));
    EXPECT_FALSE(ask(rpc->get_block(BlockTag::kLatest), with(block_text(), "baseFeePerGas", ""))
                     .value()
                     ->base_fee_per_gas);
    for (const char* name : {"number", "hash", "parentHash", "timestamp", "gasLimit", "gasUsed"}) {
        for (const char* wrong : {"", "null", "7", "\"0x\"", "\"x\"", "{}"}) {
            EXPECT_ERROR(ErrorCode::kNodeMalformed,
                         ask(rpc->get_block(BlockTag::kLatest), with(block_text(), name, wrong)))
                << name << " " << wrong;
        }
    }
    for (const char* wrong : {"[]", "true", "\"0x1\""}) {
        EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->get_block(BlockTag::kLatest), wrong));
    }
}

TEST_F(Rpc, calls_return_data_or_why_they_reverted) {
    CallRequest request;
    request.from = address();
    request.to = address();
    request.value = Uint256(1);
    request.data = hex("0x01");
    request.gas_limit = 21000;
    request.max_fee_per_gas = Uint256(16);
    request.max_priority_fee_per_gas = Uint256(2);
    EXPECT_EQ(ask(rpc->call(request), R"("0x02")").value(), (CallOutcome{false, {2}}));
    expect_asked("eth_call",
                 R"([{"from":")" + kAddress + R"(","to":")" + kAddress +
                     R"(","value":"0x1","input":"0x01","gas":"0x5208","maxFeePerGas":"0x10",
                     "maxPriorityFeePerGas":"0x2"},"latest"])");
    for (const char* error :
         {R"({"code":3,"message":"execution reverted","data":"0xdeadbeef"})",
          R"({"code":-32000,"message":"execution reverted","data":{"data":"0xdeadbeef"}})",
          R"({"code":-32015,"message":"VM execution error.","data":"Reverted 0xdeadbeef"})"}) {
        EXPECT_EQ(refuse(rpc->call(CallRequest()), error).value(),
                  (CallOutcome{true, hex("0xdeadbeef")}))
            << error;
    }
    EXPECT_ERROR(
        ErrorCode::kExecutionReverted,
        refuse(rpc->call(CallRequest()), R"({"code":-32000,"message":"execution reverted"})"));
    EXPECT_ERROR(ErrorCode::kNodeRejected,
                 refuse(rpc->call(CallRequest()), R"({"code":-32602,"message":"missing value"})"));
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->call(CallRequest()), "null"));
    EXPECT_EQ(ask(rpc->estimate_gas(CallRequest()), R"("0x5208")").value(), 21000U);
    const auto function = abi::parse_signature("Error(string)").value();
    const Bytes reason = abi::encode_call(function, abi::Values{"no"}).value();
    const auto refused = refuse(rpc->estimate_gas(CallRequest()),
                                R"({"code":3,"message":"execution reverted: no","data":")" +
                                    core::encode_hex_prefixed(reason) + R"("})");
    EXPECT_ERROR(ErrorCode::kExecutionReverted, refused);
    EXPECT_EQ(refused.error().context, "eth_estimateGas: reverted: no");
}

TEST_F(Rpc, authorizations_are_part_of_a_call) {
    Transaction transaction;
    transaction.to = address();
    transaction.authorizations = {
        SignedAuthorization{{Uint256(1), address(), 2}, 1, Uint256(3), Uint256(4)}};
    EXPECT_OK(ask(rpc->estimate_gas(CallRequest::of(transaction, address())), R"("0x1")"));
    expect_asked("eth_estimateGas",
                 R"([{"from":")" + kAddress + R"(","to":")" + kAddress +
                     R"(","input":"0x","authorizationList":[{"chainId":"0x1","address":")" +
                     kAddress + R"(","nonce":"0x2","yParity":"0x1","r":"0x3","s":"0x4"}]},
                     "latest"])");
}

const std::string kFeeHistory = R"({"oldestBlock":"0x1","baseFeePerGas":["0x1","0x2","0x3"],
    "gasUsedRatio":[0,0.5],"reward":[["0x0"],["0x7"]]})";

TEST_F(Rpc, fee_history) {
    std::vector<double> percentiles{50};
    const auto history = ask(rpc->get_fee_history(2, percentiles), kFeeHistory).value();
    expect_asked("eth_feeHistory", R"(["0x2","latest",[5E1]])");
    EXPECT_EQ(history.base_fees.back(), Uint256(3));
    EXPECT_EQ(history.gas_used_ratios, (std::vector<double>{0, 0.5}));
    EXPECT_EQ(history.priority_fees.at(1).at(0), Uint256(7));
    std::vector<double> none;
    EXPECT_OK(ask(rpc->get_fee_history(2, none), with(kFeeHistory, "reward", "")));
    for (const auto& [name, wrong] : std::initializer_list<std::pair<const char*, const char*>>{
             {"oldestBlock", ""},
             {"baseFeePerGas", ""},
             {"baseFeePerGas", "[]"},
             {"baseFeePerGas", "[1,2,3]"},
             {"baseFeePerGas", R"(["0x1","0x2"])"},
             {"gasUsedRatio", ""},
             {"gasUsedRatio", R"(["0",0])"},
             {"gasUsedRatio", "[-1,0]"},
             {"reward", ""},
             {"reward", R"([["0x0"]])"},
             {"reward", R"([["0x0"],["0x0","0x1"]])"},
             {"reward", R"([["0x0"],"0x0"])"},
         }) {
        EXPECT_ERROR(ErrorCode::kNodeMalformed,
                     ask(rpc->get_fee_history(2, percentiles), with(kFeeHistory, name, wrong)))
            << name << " " << wrong;
    }
}

std::string log_text() {
    return R"({"address":")" + kAddress + R"(","topics":[")" + kHash +
           R"("],"data":"0x01","blockNumber":"0x1","blockHash":")" + kHash +
           R"(","transactionHash":")" + kHash +
           R"(","transactionIndex":"0x2","logIndex":"0x3","removed":false})";
}

std::string receipt_text() {
    return R"({"transactionHash":")" + kHash + R"(","transactionIndex":"0x0","blockNumber":"0x1",
        "blockHash":")" +
           kOtherHash + R"(","from":")" + kAddress + R"(","to":null,"contractAddress":")" +
           kAddress +
           R"(","status":"0x1","gasUsed":"0x5208","effectiveGasPrice":"0x2","l1Fee":"0x9",
           "logs":[)" +
           log_text() + "]}";
}

TEST_F(Rpc, receipts_and_logs) {
    const Receipt receipt = ask(rpc->get_receipt(hash()), receipt_text()).value().value();
    EXPECT_EQ(receipt.block_hash, testing::fixed<Hash32>(kOtherHash));
    EXPECT_FALSE(receipt.to);
    EXPECT_EQ(receipt.contract_address, address());
    EXPECT_TRUE(receipt.has_succeeded);
    EXPECT_EQ(receipt.effective_gas_price, Uint256(2));
    EXPECT_EQ(receipt.l1_fee, Uint256(9));
    EXPECT_EQ(receipt.logs.at(0).topics.at(0), hash());
    EXPECT_EQ(receipt.logs.at(0).log_index, 3U);
    EXPECT_FALSE(ask(rpc->get_receipt(hash()), "null").value());
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_receipt(testing::fixed<Hash32>(kOtherHash)), receipt_text()));
    for (const auto& [name, wrong] : std::initializer_list<std::pair<const char*, std::string>>{
             {"transactionHash", ""},
             {"blockHash", "null"},
             {"from", ""},
             {"to", "\"0x00\""},
             {"status", ""},
             {"status", "\"0x2\""},
             {"gasUsed", "\"0x01\""},
             {"effectiveGasPrice", "5"},
             {"logs", ""},
             {"logs", "{}"},
             {"logs", "[" + with(log_text(), "topics", "") + "]"},
             {"logs", "[" + with(log_text(), "topics", "[\"0x00\"]") + "]"},
             {"logs", "[" + with(log_text(), "data", "\"0x0\"") + "]"},
             {"logs", "[" + with(log_text(), "removed", "1") + "]"},
             {"logs", "[" + with(log_text(), "logIndex", "") + "]"},
         }) {
        EXPECT_ERROR(ErrorCode::kNodeMalformed,
                     ask(rpc->get_receipt(hash()), with(receipt_text(), name, wrong)))
            << name << " " << wrong;
    }
    const std::string five = "[\"" + kHash + "\",\"" + kHash + "\",\"" + kHash + "\",\"" + kHash +
                             "\",\"" + kHash + "\"]";
    LogFilter filter;
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_logs(filter), "[" + with(log_text(), "topics", five) + "]"));
    filter.from = std::uint64_t{1};
    filter.addresses = {address()};
    filter.topics = {{}, {hash()}};
    EXPECT_EQ(ask(rpc->get_logs(filter), "[" + log_text() + "]")->size(), 1U);
    expect_asked("eth_getLogs", R"([{"fromBlock":"0x1","toBlock":"latest","address":[")" +
                                    kAddress + R"("],"topics":[null,[")" + kHash + R"("]]}])");
    filter = LogFilter();
    filter.from = hash();
    EXPECT_OK(ask(rpc->get_logs(filter), "[]"));
    expect_asked("eth_getLogs", R"([{"blockHash":")" + kHash + R"("}])");
}

TEST_F(Rpc, transactions) {
    const std::string text =
        R"({"hash":")" + kHash + R"(","from":")" + kAddress +
        R"(","to":null,"nonce":"0x1","value":"0x2","input":"0x03","gas":"0x4","type":"0x2",
        "blockNumber":null,"blockHash":null})";
    const TransactionInfo info = ask(rpc->get_transaction(hash()), text).value().value();
    expect_asked("eth_getTransactionByHash", R"([")" + kHash + R"("])");
    EXPECT_EQ(info, (TransactionInfo{hash(),
                                     address(),
                                     std::nullopt,
                                     1,
                                     Uint256(2),
                                     {3},
                                     4,
                                     2,
                                     std::nullopt,
                                     std::nullopt}));
    EXPECT_FALSE(ask(rpc->get_transaction(hash()), "null").value());
    const auto mined = with(with(text, "blockNumber", "\"0x1\""), "blockHash", '"' + kHash + '"');
    EXPECT_EQ(ask(rpc->get_transaction(hash()), mined).value()->block_hash, hash());
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_transaction(hash()), with(text, "blockNumber", "\"0x1\"")));
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_transaction(testing::fixed<Hash32>(kOtherHash)), text));
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 ask(rpc->get_transaction(hash()), with(text, "nonce", "")));
}

SignedTransaction sample() {
    return SignedTransaction::decode(
               hex(testing::text(testing::viem_cases("transactions").at(1).at("raw"))))
        .value();
}

TEST_F(Rpc, sending_is_judged_by_the_hash) {
    const SignedTransaction transaction = sample();
    EXPECT_OK(
        ask(rpc->send(transaction), '"' + core::encode_hex_prefixed(transaction.hash()) + '"'));
    expect_asked("eth_sendRawTransaction",
                 R"([")" + core::encode_hex_prefixed(transaction.raw()) + R"("])");
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->send(transaction), '"' + kHash + '"'));
    EXPECT_ERROR(ErrorCode::kNodeMalformed, ask(rpc->send(transaction), "null"));
    EXPECT_ERROR(ErrorCode::kNonceTooLow,
                 refuse(rpc->send(transaction),
                        R"({"code":-32000,"message":"nonce too low: next nonce 5, tx nonce 4"})"));
}

TEST_F(Rpc, standing_comes_in_one_request) {
    results = {R"("0x14")", R"("0x2")", "null", "null", receipt_text()};
    const std::vector<Hash32> hashes{testing::fixed<Hash32>(kOtherHash), hash()};
    const auto standing = run_blocking(rpc->get_standing(address(), hashes)).value();
    EXPECT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(standing.head, 20U);
    EXPECT_EQ(standing.next_nonce, 2U);
    EXPECT_FALSE(standing.is_known);
    EXPECT_FALSE(standing.receipts.at(0));
    EXPECT_EQ(standing.receipts.at(1)->transaction_hash, hash());
    const std::vector<Hash32> swapped{hash(), testing::fixed<Hash32>(kOtherHash)};
    EXPECT_ERROR(ErrorCode::kNodeMalformed, run_blocking(rpc->get_standing(address(), swapped)));
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 run_blocking(rpc->get_standing(address(), std::vector<Hash32>())));
    is_error = true;
    results.assign(5, R"({"code":-32601,"message":"no such method"})");
    EXPECT_ERROR(ErrorCode::kNodeRejected, run_blocking(rpc->get_standing(address(), hashes)));
}

// What the nodes say, from their sources.
TEST(NodeError, messages_of_the_nodes_are_understood) {
    struct Case {
        std::string_view message;
        ErrorCode code;
    };
    for (const Case& one : {
             // go-ethereum core/txpool/errors.go and core/error.go; reth says the same.
             Case{"already known", ErrorCode::kAlreadyKnown},
             Case{"nonce too low: next nonce 5, tx nonce 4", ErrorCode::kNonceTooLow},
             Case{"nonce too high", ErrorCode::kNonceTooHigh},
             Case{"replacement transaction underpriced", ErrorCode::kReplacementUnderpriced},
             Case{"transaction underpriced: gas tip cap 0, minimum needed 1",
                  ErrorCode::kFeeTooLow},
             Case{"max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1, baseFee:"
                  " 7",
                  ErrorCode::kFeeTooLow},
             Case{"insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1",
                  ErrorCode::kInsufficientFunds},
             Case{"intrinsic gas too low: gas 1, minimum needed 21000",
                  ErrorCode::kGasLimitRefused},
             Case{"exceeds block gas limit", ErrorCode::kGasLimitRefused},
             Case{"gas required exceeds allowance (21000)", ErrorCode::kGasLimitRefused},
             Case{"execution reverted: no", ErrorCode::kExecutionReverted},
             // Nethermind, AcceptTxResult.
             Case{"AlreadyKnown", ErrorCode::kAlreadyKnown},
             Case{"OldNonce, Current nonce: 2, nonce of rejected tx: 1", ErrorCode::kNonceTooLow},
             Case{"ReplacementNotAllowed, existing", ErrorCode::kReplacementUnderpriced},
             Case{"FeeTooLow, MaxFeePerGas too low", ErrorCode::kFeeTooLow},
             Case{"InsufficientFunds, Account balance: 0", ErrorCode::kInsufficientFunds},
             // Besu, TransactionInvalidReason.
             Case{"Known transaction", ErrorCode::kAlreadyKnown},
             Case{"Nonce too low", ErrorCode::kNonceTooLow},
             Case{"Replacement transaction underpriced", ErrorCode::kReplacementUnderpriced},
             Case{"Upfront cost exceeds account balance", ErrorCode::kInsufficientFunds},
             // anvil.
             Case{"transaction already imported", ErrorCode::kAlreadyKnown},
             Case{"Insufficient funds for gas * price + value", ErrorCode::kInsufficientFunds},
             // One phrase within another.
             Case{"execution reverted: insufficient funds", ErrorCode::kExecutionReverted},
             Case{"unknown transaction type", ErrorCode::kNodeRejected},
             Case{"max priority fee per gas too low", ErrorCode::kFeeTooLow},
             Case{"the method does not exist", ErrorCode::kNodeRejected},
             Case{"", ErrorCode::kNodeRejected},
         }) {
        net::JsonRpcError error;
        error.code = -32000;
        error.message = std::string(one.message);
        EXPECT_EQ(classify_node_error(error), one.code) << one.message;
        EXPECT_FALSE(revert_data(error));
    }
}

TEST(NodeError, words_of_a_node_are_shortened_and_printable) {
    net::JsonRpcError error;
    error.code = -32000;
    error.message = "\x1b[31m" + std::string(1000, 'x');
    const core::Error out = explain_node_error("eth_call", error);
    EXPECT_TRUE(out.context.starts_with("eth_call: ?[31mxxx"));
    EXPECT_LT(out.context.size(), 400U);
    error.message = "execution reverted";
    error.data = json::parse(R"({"data":5})");
    EXPECT_FALSE(revert_data(error));
    error.data = "0xzz";
    EXPECT_FALSE(revert_data(error));
}

TEST_F(Rpc, limits_send_the_call_to_another_endpoint) {
    net::JsonRpcEndpoint first;
    first.url = net::parse_url("http://first/").value();
    net::JsonRpcEndpoint second;
    second.url = net::parse_url("http://second/").value();
    json_rpc =
        net::JsonRpcClient::create(transport, clock, jitter, rpc_transport_options({first, second}))
            .value();
    transport.script = {[this](const net::HttpRequest& request) {
        is_error = request.url.host == "first";
        result = is_error ? R"({"code":-32005,"message":"limit exceeded"})" : R"("0x1")";
        return answer(request);
    }};
    RpcClient client(*json_rpc, RpcOptions());
    EXPECT_EQ(run_blocking(client.get_chain_id()).value(), 1U);
    EXPECT_EQ(transport.requests.size(), 2U);
}

}  // namespace
}  // namespace latchkey::evm
