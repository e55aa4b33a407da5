// SPDX-License-Identifier: Apache-2.0
// The whole client against anvil: real HTTP, a real EVM, reorganizations.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <chrono>
#include <thread>

#include "chains/evm/client/anvil_process.hpp"
#include "chains/evm/client/nonce_manager.hpp"
#include "chains/evm/client/submit.hpp"
#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"

namespace latchkey::evm {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::Milliseconds;
using testing::hex;
using Stage = SubmitProgress::Stage;
using Outcome = tl::expected<Confirmation, SubmitError>;

constexpr std::uint64_t kChainId = 31337;
constexpr std::uint64_t kTransferGas = 21000;
const Uint256 kGwei(1'000'000'000);

/// A client with an event loop of its own.
class Client {
  public:
    explicit Client(const std::string& url) {
        http_ = net::HttpClient::create(executor_.executor(), {}).value();
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url(url).value();
        json_rpc_ =
            net::JsonRpcClient::create(*http_, clock_, jitter_, rpc_transport_options({endpoint}))
                .value();
        rpc = std::make_unique<RpcClient>(*json_rpc_, RpcOptions());
    }

    template <typename T>
    T run(Task<T> task) {
        return executor_.run(std::move(task));
    }
    /// One of anvil's own methods.
    json::value control(std::string method, json::array params = {}) {
        return run(rpc->request(std::move(method), std::move(params))).value();
    }
    void mine(std::uint64_t blocks) { control("anvil_mine", {Uint256(blocks).to_quantity()}); }
    void set_automine(bool is_on) { control("evm_setAutomine", {is_on}); }

  private:
    net::BlockingExecutor executor_;
    net::SystemClock clock_;
    net::SystemJitter jitter_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<net::JsonRpcClient> json_rpc_;

  public:
    std::unique_ptr<RpcClient> rpc;
};

/// With automatic mining, and one rich account more for every test.
class Anvil : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (const auto program = find_anvil()) {
            const std::vector<std::string> arguments{"--hardfork", "osaka", "--chain-id",
                                                     std::to_string(kChainId)};
            chain_ = std::make_unique<AnvilProcess>(*program, arguments);
        }
    }
    static void TearDownTestSuite() { chain_.reset(); }

    void SetUp() override {
        if (!chain_) {
            GTEST_SKIP() << "anvil is not installed: run `npm ci` in chains/evm/contracts, or set "
                            "LATCHKEY_ANVIL";
        }
        client = std::make_unique<Client>(chain_->url());
        control = std::make_unique<Client>(chain_->url());
        key.emplace(new_key());
        options.poll_interval = Milliseconds(50);
        options.timeout = Milliseconds(20000);
        options.on_progress = [this](const SubmitProgress& progress) {
            stages.push_back(progress.stage);
            if (on_stage) {
                on_stage(progress.stage);
            }
        };
    }

    void TearDown() override {
        if (control) {
            control->control("evm_setIntervalMining", {0});
            control->set_automine(true);
        }
    }

    RpcClient& rpc() { return *client->rpc; }
    template <typename T>
    T run(Task<T> task) {
        return client->run(std::move(task));
    }

    Secp256k1PrivateKey new_key() {
        static std::uint64_t keys = 0;
        const Hash32 scalar = core::crypto::keccak256(Uint256(++keys).to_word());
        auto out = testing::key_of(core::encode_hex_prefixed(scalar));
        control->control("anvil_setBalance",
                         {core::encode_hex_prefixed(out.address()), "0x56bc75e2d63100000"});
        return out;
    }

    /// What a sender does first: nonce, fees, gas.
    Transaction prepare(Address from, std::optional<Address> to, Bytes data = {}) {
        Transaction out;
        out.chain_id = kChainId;
        out.nonce = run(rpc().get_transaction_count(from, BlockTag::kPending)).value();
        const Fees fees = run(fetch_fees(rpc(), FeeOptions())).value();
        out.max_fee_per_gas = fees.max_fee_per_gas;
        out.max_priority_fee_per_gas = fees.max_priority_fee_per_gas;
        out.to = to;
        out.data = std::move(data);
        out.gas_limit = run(rpc().estimate_gas(CallRequest::of(out, from))).value();
        return out;
    }
    SignedTransaction sign(Transaction transaction) {
        return SignedTransaction::sign(std::move(transaction), *key).value();
    }
    SignedTransaction transfer() { return sign(prepare(key->address(), kRecipient)); }

    Outcome submit(SignedTransaction transaction, Resign resign = {}) {
        Nodes nodes;
        nodes.main = &rpc();
        return run(evm::submit(nodes, std::move(transaction), options, std::move(resign)));
    }
    Receipt execute(Transaction transaction) {
        return submit(sign(std::move(transaction))).value().receipt;
    }
    /// A contract that reverts with what it is called with; called with nothing it writes 42 to
    /// slot 0 and logs the topic 7.
    Address make_contract() {
        Transaction creation =
            prepare(key->address(), std::nullopt,
                    hex("0x601c600c600039601c6000f3"
                        "36601157602a600055600760006000a1005b366000600037366000fd"));
        const Receipt receipt = execute(creation);
        EXPECT_EQ(receipt.contract_address, create_address(key->address(), creation.nonce));
        return *receipt.contract_address;
    }

    static inline std::unique_ptr<AnvilProcess> chain_;
    const Address kRecipient = testing::fixed<Address>("0x" + std::string(40, '7'));
    std::unique_ptr<Client> client;
    /// For calls from within a callback.
    std::unique_ptr<Client> control;
    std::optional<Secp256k1PrivateKey> key;
    SubmitOptions options;
    std::vector<Stage> stages;
    std::function<void(Stage)> on_stage;
};

TEST_F(Anvil, chain_and_blocks) {
    EXPECT_OK(run(rpc().check_chain(kChainId)));
    EXPECT_ERROR(ErrorCode::kWrongChain, run(rpc().check_chain(1)));
    control->mine(3);
    const std::uint64_t head = run(rpc().get_block_number()).value();
    const Block latest = run(rpc().get_block(BlockTag::kLatest)).value().value();
    EXPECT_EQ(latest.number, head);
    EXPECT_TRUE(latest.base_fee_per_gas);
    EXPECT_EQ(run(rpc().get_block(latest.hash)).value(), latest);
    const Block parent = run(rpc().get_block(head - 1)).value().value();
    EXPECT_EQ(latest.parent_hash, parent.hash);
    EXPECT_FALSE(run(rpc().get_block(head + 100)).value());
    EXPECT_FALSE(run(rpc().get_block(Hash32())).value());
    std::vector<double> percentiles{25, 75};
    const FeeHistory fees = run(rpc().get_fee_history(3, percentiles)).value();
    EXPECT_EQ(fees.base_fees.size(), 4U);
    EXPECT_OK(run(rpc().get_max_priority_fee_per_gas()));
}

TEST_F(Anvil, a_transfer_of_type_2) {
    Transaction transaction = prepare(key->address(), kRecipient);
    transaction.value = Uint256(123);
    const Uint256 before = run(rpc().get_balance(kRecipient)).value();
    const SignedTransaction sent = sign(transaction);
    const Confirmation confirmation = submit(sent).value();
    EXPECT_EQ(confirmation.receipt.transaction_hash, sent.hash());
    EXPECT_EQ(confirmation.receipt.from, key->address());
    EXPECT_EQ(confirmation.receipt.gas_used, kTransferGas);
    EXPECT_EQ(run(rpc().get_balance(kRecipient)).value(), add(before, Uint256(123)).value());
    TransactionInfo info = run(rpc().get_transaction(sent.hash())).value().value();
    // For a moment after a block anvil answers from its pool.
    for (int attempt = 0; attempt < 200 && !info.block_hash; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        info = run(rpc().get_transaction(sent.hash())).value().value();
    }
    EXPECT_EQ(info.from, sent.sender());
    EXPECT_EQ(info.value, Uint256(123));
    EXPECT_EQ(info.type, 2U);
    EXPECT_EQ(info.block_hash, confirmation.receipt.block_hash);
    // The same bytes once more are the same transaction.
    EXPECT_EQ(submit(sent).value().receipt, confirmation.receipt);
    Transaction legacy = prepare(key->address(), kRecipient);
    legacy.type = TransactionType::kLegacy;
    legacy.max_priority_fee_per_gas = legacy.max_fee_per_gas;
    EXPECT_TRUE(execute(legacy).has_succeeded);
}

TEST_F(Anvil, contracts_storage_logs_and_reverts) {
    const Address contract = make_contract();
    EXPECT_EQ(run(rpc().get_code(contract))->size(), 28U);
    const Receipt receipt = execute(prepare(key->address(), contract));
    ASSERT_EQ(receipt.logs.size(), 1U);
    EXPECT_EQ(receipt.logs[0].topics.at(0), Uint256(7).to_word());
    EXPECT_EQ(run(rpc().get_storage_at(contract, Uint256())).value(), Uint256(42).to_word());
    EXPECT_EQ(run(rpc().get_storage_at(contract, Uint256(), receipt.block_number - 1)).value(),
              Hash32());
    LogFilter filter;
    filter.from = receipt.block_hash;
    filter.addresses = {contract};
    filter.topics = {{Uint256(7).to_word(), Uint256(8).to_word()}};
    EXPECT_EQ(run(rpc().get_logs(filter)).value(), receipt.logs);
    filter.topics = {{Uint256(8).to_word()}};
    EXPECT_TRUE(run(rpc().get_logs(filter))->empty());
    const auto reason = abi::parse_signature("Error(string)").value();
    CallRequest request;
    request.to = contract;
    request.data = abi::encode_call(reason, abi::Values{"no such rule"}).value();
    EXPECT_EQ(run(rpc().call(request)).value(), (CallOutcome{true, request.data}));
    const auto estimate = run(rpc().estimate_gas(request));
    EXPECT_ERROR(ErrorCode::kExecutionReverted, estimate);
    EXPECT_NE(estimate.error().context.find("reverted: no such rule"), std::string::npos);
    Transaction reverts = prepare(key->address(), contract);
    reverts.data = request.data;
    const Outcome outcome = submit(sign(reverts));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kTransactionReverted);
    EXPECT_FALSE(outcome.error().receipt->has_succeeded);
}

TEST_F(Anvil, authorizations_of_type_4_set_and_clear_code) {
    const Address contract = make_contract();
    const auto authority = new_key();
    const auto delegate_to = [&](const Address& target, std::uint64_t nonce) {
        Transaction transaction = prepare(key->address(), authority.address());
        transaction.type = TransactionType::kSetCode;
        transaction.authorizations = {
            sign_authorization({Uint256(kChainId), target, nonce}, authority).value()};
        transaction.gas_limit =
            run(rpc().estimate_gas(CallRequest::of(transaction, key->address()))).value();
        return execute(transaction);
    };
    const Receipt receipt = delegate_to(contract, 0);
    EXPECT_TRUE(receipt.has_succeeded);
    EXPECT_EQ(receipt.logs.size(), 1U);
    // EIP-7702: the delegation indicator.
    const Bytes indicator = core::concat(Bytes{0xef, 0x01, 0x00}, contract);
    EXPECT_EQ(run(rpc().get_code(authority.address())).value(), indicator);
    // A stale nonce is skipped by the chain, and the transaction succeeds.
    EXPECT_TRUE(delegate_to(Address(), 0).has_succeeded);
    EXPECT_EQ(run(rpc().get_code(authority.address())).value(), indicator);
    EXPECT_TRUE(delegate_to(Address(), 1).has_succeeded);
    EXPECT_TRUE(run(rpc().get_code(authority.address()))->empty());
}

TEST_F(Anvil, an_account_that_authorizes_in_its_own_transaction_is_one_nonce_ahead) {
    const Address contract = make_contract();
    Transaction transaction = prepare(key->address(), key->address());
    transaction.type = TransactionType::kSetCode;
    transaction.gas_limit = 200'000;
    transaction.authorizations = {
        sign_authorization({Uint256(), contract, transaction.nonce + 1}, *key).value()};
    EXPECT_TRUE(execute(transaction).has_succeeded);
    EXPECT_EQ(run(rpc().get_code(key->address()))->size(), 23U);
    EXPECT_EQ(run(rpc().get_transaction_count(key->address())).value(), transaction.nonce + 2);
}

TEST_F(Anvil, refusals_are_told_apart) {
    const auto code = [&](const Transaction& transaction) {
        const auto sent = run(rpc().send(sign(transaction)));
        return sent ? ErrorCode::kUnsupported : sent.error().code;
    };
    Transaction good = prepare(key->address(), kRecipient);
    Transaction bad = good;
    bad.value = multiply(kGwei, Uint256(1'000'000'000'000)).value();
    EXPECT_EQ(code(bad), ErrorCode::kInsufficientFunds);
    bad = good;
    bad.gas_limit = 20'000;
    EXPECT_EQ(code(bad), ErrorCode::kGasLimitRefused);
    bad.gas_limit = 1'000'000'000;
    EXPECT_EQ(code(bad), ErrorCode::kGasLimitRefused);
    bad = good;
    bad.max_fee_per_gas = bad.max_priority_fee_per_gas = Uint256(1);
    EXPECT_EQ(code(bad), ErrorCode::kFeeTooLow);
    bad = good;
    bad.chain_id = 1;
    EXPECT_EQ(code(bad), ErrorCode::kNodeRejected);
    control->set_automine(false);
    EXPECT_OK(run(rpc().send(sign(good))));
    EXPECT_EQ(code(good), ErrorCode::kAlreadyKnown);
    bad = good;
    bad.value = Uint256(1);
    EXPECT_EQ(code(bad), ErrorCode::kReplacementUnderpriced);
    control->mine(1);
    EXPECT_EQ(code(bad), ErrorCode::kNonceTooLow);
    const Outcome outcome = submit(sign(bad));
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kNonceTooLow);
}

TEST_F(Anvil, waits_for_as_many_blocks_as_asked_for) {
    options.confirmations = 4;
    on_stage = [&](Stage stage) {
        if (stage == Stage::kIncluded) {
            control->mine(5);
        }
    };
    const Outcome outcome = submit(transfer());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->depth, 6U);
}

TEST_F(Anvil, a_transaction_that_is_too_cheap_is_replaced) {
    control->set_automine(false);
    Transaction cheap = prepare(key->address(), kRecipient);
    on_stage = [&](Stage stage) {
        if (stage == Stage::kSent) {
            const Uint256 high = scale_up(cheap.max_fee_per_gas, 3, 1).value();
            control->control("anvil_setNextBlockBaseFeePerGas", {high.to_quantity()});
            control->control("evm_setIntervalMining", {1});
        }
    };
    options.replace_after = Milliseconds(1500);
    const Outcome outcome = submit(sign(cheap), [&](Transaction next) {
        return SignedTransaction::sign(std::move(next), *key);
    });
    ASSERT_TRUE(outcome) << outcome.error().error.to_string();
    EXPECT_NE(outcome->receipt.transaction_hash, sign(cheap).hash());
    EXPECT_NE(std::find(stages.begin(), stages.end(), Stage::kFeesRaised), stages.end());
    // Let the base fee fall again.
    control->control("anvil_setNextBlockBaseFeePerGas", {kGwei.to_quantity()});
}

TEST_F(Anvil, a_reorganization_is_noticed_and_repaired) {
    options.confirmations = 3;
    int inclusions = 0;
    on_stage = [&](Stage stage) {
        if (stage != Stage::kIncluded) {
            return;
        }
        if (++inclusions == 1) {
            // The last two blocks are replaced by empty ones.
            control->mine(1);
            control->control("anvil_reorg", {2, json::array{}});
        } else {
            control->mine(3);
        }
    };
    const SignedTransaction sent = transfer();
    const Outcome outcome = submit(sent);
    ASSERT_TRUE(outcome) << outcome.error().error.to_string();
    EXPECT_EQ(inclusions, 2);
    EXPECT_NE(std::find(stages.begin(), stages.end(), Stage::kReorganized), stages.end());
    const Block block = run(rpc().get_block(outcome->receipt.block_number)).value().value();
    EXPECT_EQ(block.hash, outcome->receipt.block_hash);
}

TEST_F(Anvil, another_transaction_that_takes_the_nonce_is_noticed) {
    control->set_automine(false);
    const Transaction first = prepare(key->address(), kRecipient);
    options.confirmations = 2;
    on_stage = [&](Stage stage) {
        if (stage == Stage::kSent) {
            Transaction other = first;
            other.to = key->address();
            other.max_fee_per_gas = scale_up(first.max_fee_per_gas, 2, 1).value();
            other.max_priority_fee_per_gas =
                add(scale_up(first.max_priority_fee_per_gas, 2, 1).value(), Uint256(1)).value();
            EXPECT_OK(control->run(control->rpc->send(sign(other))));
            control->control("evm_setIntervalMining", {1});
        }
    };
    const Outcome outcome = submit(sign(first));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().error.code, ErrorCode::kTransactionReplaced);
}

TEST_F(Anvil, nonces_follow_the_chain) {
    control->set_automine(false);
    const auto count = [&](BlockTag at) {
        return run(rpc().get_transaction_count(key->address(), at)).value();
    };
    NonceManager nonces(count(BlockTag::kPending));
    Transaction transaction = prepare(key->address(), kRecipient);
    for (int i = 0; i < 3; ++i) {
        transaction.nonce = nonces.reserve().value();
        EXPECT_OK(run(rpc().send(sign(transaction))));
        nonces.sent(transaction.nonce);
    }
    EXPECT_EQ(nonces.resync(count(BlockTag::kLatest), count(BlockTag::kPending)),
              NonceManager::Resync());
    control->mine(1);
    const auto done = nonces.resync(count(BlockTag::kLatest), count(BlockTag::kPending));
    EXPECT_EQ(done.finished, (std::vector<std::uint64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace latchkey::evm
