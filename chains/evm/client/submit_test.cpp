// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/submit.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "net/blocking.hpp"
#include "net/fakes.hpp"

namespace latchkey::evm {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::Milliseconds;
using net::run_blocking;
using testing::hex;
using Stage = SubmitProgress::Stage;
using Outcome = tl::expected<Confirmation, SubmitError>;

constexpr std::uint64_t kStart = 100;
constexpr Milliseconds kBlockTime{1000};
constexpr std::uint64_t kNonce = 3;

std::string quantity(std::uint64_t number) {
    return Uint256(number).to_quantity();
}

/// A node on a chain whose head grows with the fake clock. It forgets or loses what the test tells
/// it to.
class Node {
  public:
    explicit Node(net::FakeClock& clock) : clock_(&clock), start_(clock.now()) {}

    Result<net::HttpResponse> answer(const net::HttpRequest& request) {
        if (is_down) {
            return core::fail(ErrorCode::kConnectFailed, "injected");
        }
        const json::value body = json::parse(request.body);
        json::value out;
        if (body.is_object()) {
            out = reply(body.as_object());
        } else {
            json::array replies;
            for (const json::value& one : body.as_array()) {
                replies.emplace_back(reply(one.as_object()));
            }
            out = std::move(replies);
        }
        if (is_answer_lost && request.body.find("eth_sendRaw") != std::string::npos) {
            return core::fail(ErrorCode::kConnectionLost, "injected");
        }
        return net::HttpResponse{200, {}, json::serialize(out)};
    }

    [[nodiscard]] std::uint64_t head() const {
        return kStart + static_cast<std::uint64_t>((clock_->now() - start_) / kBlockTime);
    }

    /// Blocks from this one on are others as soon as the head is at reorganized_at.
    std::uint64_t reorganized_from = ~std::uint64_t{0};
    std::uint64_t reorganized_at = ~std::uint64_t{0};
    /// In which block a transaction is at the moment, if the node has it.
    std::function<std::optional<std::uint64_t>(const SignedTransaction&)> block_of =
        [](const SignedTransaction&) { return std::nullopt; };
    /// From this head on another transaction has the nonce.
    std::uint64_t taken_at = ~std::uint64_t{0};
    /// From this head to the next but one the pool forgets what it has.
    std::uint64_t dropped_at = ~std::uint64_t{0};
    /// Until this head the node's blocks are others than its receipts say.
    std::uint64_t blocks_differ_until = 0;
    std::string send_error;
    bool is_down = false;
    bool is_answer_lost = false;
    bool reverts = false;
    int sends = 0;
    std::uint64_t base_fee = 100;

  private:
    [[nodiscard]] bool is_reorganized() const { return head() >= reorganized_at; }

    [[nodiscard]] std::string block_hash(std::uint64_t number) const {
        const bool is_other = is_reorganized() && number >= reorganized_from;
        return core::encode_hex_prefixed(
            core::crypto::keccak256(Uint256(number * 2 + (is_other ? 1 : 0)).to_word()));
    }

    [[nodiscard]] bool has_dropped() const {
        return head() >= dropped_at && head() < dropped_at + 2;
    }

    [[nodiscard]] std::optional<std::uint64_t> where(const std::string& hash) const {
        const auto found = pool_.find(hash);
        if (found == pool_.end() || has_dropped()) {
            return std::nullopt;
        }
        const auto block = block_of(found->second);
        return block && *block <= head() ? block : std::nullopt;
    }

    json::object reply(const json::object& request) {
        const std::string method(request.at("method").as_string());
        const json::array& params = request.at("params").as_array();
        json::object out{{"jsonrpc", "2.0"}, {"id", request.at("id")}};
        if (method == "eth_sendRawTransaction") {
            send(out, std::string(params.at(0).as_string()));
        } else if (method == "eth_blockNumber") {
            out["result"] = quantity(head());
        } else if (method == "eth_getTransactionCount") {
            bool is_past = head() >= taken_at;
            for (const auto& [hash, transaction] : pool_) {
                is_past = is_past || where(hash);
            }
            out["result"] = quantity(kNonce + (is_past ? 1 : 0));
        } else if (method == "eth_getTransactionByHash") {
            out["result"] = transaction(std::string(params.at(0).as_string()));
        } else if (method == "eth_getTransactionReceipt") {
            out["result"] = receipt(std::string(params.at(0).as_string()));
        } else if (method == "eth_getBlockByNumber") {
            const std::uint64_t number =
                *Uint256::parse_quantity(testing::text(params.at(0)))->to_u64();
            const std::uint64_t differs = head() < blocks_differ_until ? 1 : 0;
            out["result"] = json::object{{"number", quantity(number)},
                                         {"hash", block_hash(number + differs)},
                                         {"parentHash", block_hash(number - 1)},
                                         {"timestamp", "0x1"},
                                         {"gasLimit", "0x1"},
                                         {"gasUsed", "0x1"}};
        } else if (method == "eth_feeHistory") {
            out["result"] = json::object{{"oldestBlock", "0x1"},
                                         {"baseFeePerGas", json::array{"0x1", quantity(base_fee)}},
                                         {"gasUsedRatio", json::array{0.5}},
                                         {"reward", json::parse(R"([["0x2"]])")}};
        } else {
            ADD_FAILURE() << method;
        }
        return out;
    }

    void send(json::object& out, const std::string& raw) {
        ++sends;
        if (!send_error.empty()) {
            out["error"] = json::object{{"code", -32000}, {"message", send_error}};
            return;
        }
        const auto transaction = SignedTransaction::decode(hex(raw)).value();
        const std::string hash = core::encode_hex_prefixed(transaction.hash());
        const bool is_new = pool_.emplace(hash, transaction).second;
        if (is_new || has_dropped()) {
            out["result"] = hash;
        } else {
            out["error"] = json::object{{"code", -32000}, {"message", "already known"}};
        }
    }

    json::value transaction(const std::string& hash) const {
        if (!pool_.contains(hash) || has_dropped()) {
            return nullptr;
        }
        return json::object{{"hash", hash},
                            {"from", "0x" + std::string(40, '1')},
                            {"nonce", quantity(kNonce)},
                            {"value", "0x0"},
                            {"input", "0x"},
                            {"gas", "0x5208"},
                            {"type", "0x2"}};
    }

    json::value receipt(const std::string& hash) const {
        const auto block = where(hash);
        if (!block) {
            return nullptr;
        }
        return json::object{{"transactionHash", hash},
                            {"transactionIndex", "0x0"},
                            {"blockNumber", quantity(*block)},
                            {"blockHash", block_hash(*block)},
                            {"from", "0x" + std::string(40, '1')},
                            {"status", reverts ? "0x0" : "0x1"},
                            {"gasUsed", "0x5208"},
                            {"logs", json::array{}}};
    }

    net::FakeClock* clock_;
    net::TimePoint start_;
    std::map<std::string, SignedTransaction> pool_;
};

/// A client of one node.
struct Connection {
    explicit Connection(net::FakeClock& clock) : node(clock) {
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url("http://node/").value();
        transport.script = {
            [this](const net::HttpRequest& request) { return node.answer(request); }};
        net::JsonRpcOptions options = rpc_transport_options({endpoint});
        options.attempts_max = 1;
        json_rpc = net::JsonRpcClient::create(transport, clock, jitter, options).value();
        rpc = std::make_unique<RpcClient>(*json_rpc, RpcOptions());
    }

    Node node;
    net::LongestJitter jitter;
    net::ScriptedTransport transport;
    std::unique_ptr<net::JsonRpcClient> json_rpc;
    std::unique_ptr<RpcClient> rpc;
};

class Submit : public ::testing::Test {
  protected:
    Submit() {
        options.confirmations = 3;
        options.timeout = Milliseconds(60000);
        options.on_progress = [this](const SubmitProgress& progress) {
            stages.push_back(progress.stage);
            troubles.push_back(progress.trouble);
        };
    }

    SignedTransaction transaction(std::uint64_t fee = 10) const {
        Transaction out;
        out.chain_id = 1;
        out.nonce = kNonce;
        out.max_fee_per_gas = Uint256(fee);
        out.max_priority_fee_per_gas = Uint256(1);
        out.gas_limit = 21000;
        out.to = Address();
        return SignedTransaction::sign(out, key).value();
    }

    Resign resign() {
        return [this](Transaction next) { return SignedTransaction::sign(std::move(next), key); };
    }

    Outcome run(Resign with = {}) {
        Nodes nodes;
        nodes.main = one.rpc.get();
        nodes.others = {two.rpc.get()};
        return run_blocking(evm::submit(nodes, transaction(), options, std::move(with)));
    }

    ErrorCode error(Resign with = {}) {
        const Outcome outcome = run(std::move(with));
        EXPECT_FALSE(outcome);
        return outcome ? ErrorCode::kUnsupported : outcome.error().error.code;
    }

    /// Included in this block, whatever it offers.
    void include_in(std::uint64_t block) {
        one.node.block_of = [block](const SignedTransaction&) { return block; };
    }

    net::FakeClock clock;
    Connection one{clock};
    Connection two{clock};
    Secp256k1PrivateKey key = testing::key_of("0x" + std::string(64, '3'));
    SubmitOptions options;
    std::vector<Stage> stages;
    std::vector<std::string> troubles;
};

TEST_F(Submit, sends_to_every_node_and_waits_until_it_is_deep_enough) {
    include_in(kStart + 2);
    const Outcome outcome = run();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->receipt.block_number, kStart + 2);
    EXPECT_EQ(outcome->depth, 3U);
    EXPECT_EQ(one.node.head(), kStart + 4);
    EXPECT_EQ(two.node.sends, 1);
    EXPECT_EQ(stages, (std::vector{Stage::kSent, Stage::kIncluded}));
}

TEST_F(Submit, a_revert_is_an_error_with_its_receipt) {
    include_in(kStart);
    one.node.reverts = true;
    const Outcome outcome = run();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kTransactionReverted);
    EXPECT_EQ(outcome.error().receipt->block_number, kStart);
}

TEST_F(Submit, one_node_that_takes_it_is_enough) {
    include_in(kStart + 1);
    two.node.is_down = true;
    EXPECT_TRUE(run());
    EXPECT_EQ(one.node.sends, 1);
    EXPECT_FALSE(troubles.at(0).empty());
}

TEST_F(Submit, refusals_come_back_at_once) {
    for (const auto& [message, code] : std::initializer_list<std::pair<const char*, ErrorCode>>{
             {"insufficient funds for gas * price + value", ErrorCode::kInsufficientFunds},
             {"nonce too low", ErrorCode::kNonceTooLow},
             {"intrinsic gas too low", ErrorCode::kGasLimitRefused},
             {"something else", ErrorCode::kNodeRejected}}) {
        one.node.send_error = two.node.send_error = message;
        EXPECT_EQ(error(), code);
    }
    EXPECT_TRUE(stages.empty());
    EXPECT_EQ(one.node.head(), kStart);
}

TEST_F(Submit, a_refusal_does_not_matter_when_another_node_takes_it) {
    one.node.send_error = "something else";
    options.timeout = Milliseconds(3000);
    EXPECT_EQ(error(), ErrorCode::kTransactionUnconfirmed);
    EXPECT_EQ(stages.front(), Stage::kSent);
}

TEST_F(Submit, a_refusal_is_not_believed_while_another_node_is_away) {
    include_in(kStart);
    one.node.is_down = true;
    two.node.send_error = "something else";
    options.timeout = Milliseconds(3000);
    EXPECT_EQ(error(), ErrorCode::kConnectFailed);
    EXPECT_EQ(two.node.sends, 4);
}

TEST_F(Submit, nodes_that_are_away_are_asked_again) {
    include_in(kStart);
    one.node.is_down = two.node.is_down = true;
    options.timeout = Milliseconds(5000);
    EXPECT_EQ(error(), ErrorCode::kConnectFailed);
    EXPECT_EQ(one.node.head(), kStart + 5);
}

TEST_F(Submit, a_lost_answer_is_not_a_refusal) {
    include_in(kStart + 1);
    one.node.is_answer_lost = two.node.is_answer_lost = true;
    EXPECT_TRUE(run());
    EXPECT_EQ(stages.front(), Stage::kSent);
}

TEST_F(Submit, sent_before_and_included_is_no_error) {
    include_in(kStart);
    EXPECT_TRUE(run());
    one.node.send_error = two.node.send_error = "nonce too low";
    EXPECT_TRUE(run());
}

TEST_F(Submit, sent_before_and_too_cheap_by_now_is_no_error) {
    options.timeout = Milliseconds(5000);
    EXPECT_EQ(error(), ErrorCode::kTransactionUnconfirmed);
    one.node.send_error = two.node.send_error = "max fee per gas less than block base fee";
    include_in(kStart + 7);
    EXPECT_TRUE(run());
}

TEST_F(Submit, is_sent_again_while_it_waits) {
    include_in(kStart + 40);
    EXPECT_TRUE(run());
    EXPECT_EQ(stages,
              (std::vector{Stage::kSent, Stage::kResent, Stage::kResent, Stage::kIncluded}));
    EXPECT_EQ(two.node.sends, 3);
}

TEST_F(Submit, is_sent_at_once_when_the_pool_dropped_it) {
    include_in(kStart + 10);
    one.node.dropped_at = kStart + 3;
    EXPECT_TRUE(run());
    EXPECT_EQ(stages,
              (std::vector{Stage::kSent, Stage::kDropped, Stage::kResent, Stage::kIncluded}));
}

TEST_F(Submit, a_block_that_is_gone_does_not_count) {
    one.node.reorganized_at = kStart + 3;
    one.node.reorganized_from = kStart + 2;
    one.node.block_of = [this](const SignedTransaction&) -> std::optional<std::uint64_t> {
        const std::uint64_t head = one.node.head();
        return head < kStart + 3 ? kStart + 2 : kStart + 6;
    };
    const Outcome outcome = run();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->receipt.block_number, kStart + 6);
    EXPECT_EQ(stages, (std::vector{Stage::kSent, Stage::kIncluded, Stage::kReorganized,
                                   Stage::kResent, Stage::kIncluded}));
}

TEST_F(Submit, a_receipt_of_a_block_that_the_chain_does_not_have_does_not_count) {
    include_in(kStart);
    options.confirmations = 1;
    one.node.blocks_differ_until = kStart + 2;
    EXPECT_TRUE(run());
    EXPECT_EQ(one.node.head(), kStart + 2);
    EXPECT_EQ(stages[1], Stage::kReorganized);
}

TEST_F(Submit, another_transaction_with_the_nonce_is_final_when_it_is_deep) {
    one.node.taken_at = kStart + 5;
    EXPECT_EQ(error(), ErrorCode::kTransactionReplaced);
    EXPECT_EQ(one.node.head(), kStart + 7);
}

TEST_F(Submit, fees_are_raised_until_a_block_takes_it) {
    options.replace_after = Milliseconds(4000);
    one.node.base_fee = 5;
    // 10, 12, 14: an eighth more each time, rounded up.
    one.node.block_of = [](const SignedTransaction& sent) -> std::optional<std::uint64_t> {
        return sent.transaction().max_fee_per_gas >= Uint256(14) ? std::optional(kStart + 9)
                                                                 : std::nullopt;
    };
    const Outcome outcome = run(resign());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(stages, (std::vector{Stage::kSent, Stage::kFeesRaised, Stage::kFeesRaised,
                                   Stage::kIncluded}));
    EXPECT_NE(outcome->receipt.transaction_hash, transaction().hash());
    EXPECT_EQ(two.node.sends, 3);
}

TEST_F(Submit, the_first_one_may_be_included_after_its_replacement_was_sent) {
    options.replace_after = Milliseconds(2000);
    options.replacements_max = 1;
    const Hash32 first = transaction().hash();
    one.node.block_of = [&](const SignedTransaction& sent) -> std::optional<std::uint64_t> {
        return sent.hash() == first ? std::optional(kStart + 5) : std::nullopt;
    };
    const Outcome outcome = run(resign());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->receipt.transaction_hash, first);
    EXPECT_EQ(std::count(stages.begin(), stages.end(), Stage::kFeesRaised), 1);
}

TEST_F(Submit, the_cap_of_the_fees_is_respected) {
    options.replace_after = Milliseconds(2000);
    options.fees.max_fee_cap = Uint256(11);
    options.timeout = Milliseconds(10000);
    const Outcome outcome = run(resign());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kTransactionUnconfirmed);
    EXPECT_NE(outcome.error().error.context.find("LK-6301"), std::string::npos);
    EXPECT_EQ(std::count(stages.begin(), stages.end(), Stage::kFeesRaised), 0);
}

TEST_F(Submit, a_price_above_the_cap_does_not_forbid_a_replacement_below) {
    options.replace_after = Milliseconds(2000);
    options.fees.max_fee_cap = Uint256(13);
    one.node.base_fee = 1000;
    one.node.block_of = [](const SignedTransaction& sent) -> std::optional<std::uint64_t> {
        return sent.transaction().max_fee_per_gas == Uint256(13) ? std::optional(kStart + 4)
                                                                 : std::nullopt;
    };
    EXPECT_TRUE(run(resign()));
}

TEST_F(Submit, legacy_transactions_are_not_replaced) {
    options.replace_after = Milliseconds(2000);
    options.timeout = Milliseconds(10000);
    Transaction legacy = transaction().transaction();
    legacy.type = TransactionType::kLegacy;
    legacy.max_priority_fee_per_gas = legacy.max_fee_per_gas;
    Nodes nodes;
    nodes.main = one.rpc.get();
    const Outcome outcome = run_blocking(
        evm::submit(nodes, SignedTransaction::sign(legacy, key).value(), options, resign()));
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kTransactionUnconfirmed);
    EXPECT_EQ(one.node.sends, 1);
}

TEST_F(Submit, a_signer_that_signs_something_else_is_not_obeyed) {
    options.replace_after = Milliseconds(2000);
    options.timeout = Milliseconds(10000);
    const Resign other = [this](Transaction next) {
        next.value = Uint256(1);
        return SignedTransaction::sign(std::move(next), key);
    };
    EXPECT_EQ(error(other), ErrorCode::kTransactionUnconfirmed);
    EXPECT_EQ(one.node.sends, 1);
}

TEST_F(Submit, time_up_is_not_the_end_of_the_transaction) {
    options.timeout = Milliseconds(5000);
    const Outcome waiting = run();
    EXPECT_EQ(waiting.error().error.code, ErrorCode::kTransactionUnconfirmed);
    EXPECT_NE(waiting.error().error.context.find("may still be included"), std::string::npos);
    include_in(kStart + 5);
    options.confirmations = 100;
    const std::vector<Hash32> hashes{transaction().hash()};
    auto follow = [&] {
        return run_blocking(await_confirmation(*one.rpc, key.address(), kNonce, hashes, options));
    };
    const Outcome shallow = follow();
    EXPECT_NE(shallow.error().error.context.find("not deep enough"), std::string::npos);
    options.confirmations = 3;
    const int sends = one.node.sends;
    EXPECT_TRUE(follow());
    EXPECT_EQ(one.node.sends, sends);
    const Outcome nothing = run_blocking(
        await_confirmation(*one.rpc, key.address(), kNonce, std::vector<Hash32>(), options));
    EXPECT_EQ(nothing.error().error.code, ErrorCode::kInvalidArgument);
}

TEST_F(Submit, trouble_while_polling_is_no_end) {
    include_in(kStart + 1);
    options.poll_interval = Milliseconds(2000);
    options.on_progress = [this](const SubmitProgress& progress) {
        stages.push_back(progress.stage);
        one.node.is_down = progress.stage == Stage::kSent;
    };
    options.timeout = Milliseconds(4000);
    EXPECT_EQ(error(), ErrorCode::kTransactionUnconfirmed);
}

}  // namespace
}  // namespace latchkey::evm
